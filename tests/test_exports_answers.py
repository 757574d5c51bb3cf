"""Answers: the json of a platform, whatever it is wrapped in, with ids to the last digit."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.exports import read_team
from kpilib.exports.answers import tables_of
from tests.exports_made import Folder

ITEM = "7301234567890123457"  # no double holds it
PLAYS = [{"date": "2025-05-01", "play": 120}, {"date": "2025-05-02", "play": 90}]
ENVELOPE = {"error_code": 0, "description": ""}
EXTRA = {"error_code": 0, "now": 1700000000, "logid": "2025"}


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def put(folder: Folder, answer, name: str = "x.json", encoding: str = "utf-8") -> str:
    raw = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return folder.text(f"exports/2025-05/{name}", raw, encoding)


def read(folder: Folder):
    return read_team(folder.root, "2025-05")


def refusal(text: str) -> str:
    with pytest.raises(KpiError) as caught:
        tables_of(text, "a.json")
    return str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"item_id": int(ITEM), "data": {**ENVELOPE, "result_list": PLAYS}, "extra": EXTRA},
        {"data": {**ENVELOPE, "item_id": ITEM, "result_list": PLAYS}, "err_no": 0, "err_msg": ""},
        [
            {"item_id": ITEM, "data": {"result_list": PLAYS[:1]}},
            {"item_id": ITEM, "data": {"result_list": PLAYS[1:]}},
        ],
        {"result_list": [{"item_id": ITEM, **day} for day in PLAYS]},
    ],
)
def test_the_days_of_a_work_are_read_from_any_envelope(folder, answer):
    put(folder, answer)
    days = read(folder).tables["open_item_days"]
    assert days["item_id"].tolist() == [ITEM, ITEM]
    assert days["plays"].tolist() == [120, 90]
    assert days[["likes", "comments", "shares"]].isna().all(axis=None)


def test_answers_of_one_metric_are_joined_by_day(folder):
    likes = [{"date": day["date"], "like": "7"} for day in PLAYS]  # counts may arrive as text
    put(folder, {"item_id": ITEM, "data": {"result_list": PLAYS}}, "a.json")
    put(folder, {"item_id": ITEM, "data": {"result_list": likes}}, "b.json")
    days = read(folder).tables["open_item_days"]
    assert days["plays"].tolist() == [120, 90]
    assert days["likes"].tolist() == [7, 7]


def test_the_days_of_no_work_are_refused(folder):
    file = put(folder, {"data": {"result_list": PLAYS}})
    with pytest.raises(KpiError) as caught:
        read(folder)
    assert str(caught.value) == (
        f"{file}: this is 抖音开放平台 作品日数据 (接口) without item_id; its rows mean nothing "
        "without it. To mend: it was asked for, and the answer does not repeat it: write it "
        'beside the whole answer, {"item_id": "…", "data": …}.'
    )


COUNTS = {"total_play": 34606, "total_like": 703, "total_comment": 92, "total_share": 129}
STAR = {
    "spread": {"play": 1203344, "like": 20311},
    "creative": {"finish_rate": 3521, "five_s_play_rate": 5512},
    "cost_effectiveness": {"cpm": 1496, "price": 1800000},
}


@pytest.mark.parametrize(
    ("said", "table", "name", "rows"),
    [
        ({"result_list": [{"date": "2025-05-01", "share": 9}]}, "open_item_days", "item_id", 1),
        ({"result": COUNTS | {"avg_play_duration": 4.5}}, "open_items", "item_id", 1),
        (STAR, "star_orders", "order_id", 1),
    ],
)
def test_an_answer_that_lacks_what_was_asked_for_is_read_as_its_remedy_says(
    folder, said, table, name, rows
):
    answer = {"data": {**ENVELOPE, **said}, "extra": EXTRA, "err_no": 0}
    put(folder, answer)
    with pytest.raises(KpiError) as caught:
        read(folder)
    remedy = str(caught.value).partition("To mend: ")[2]
    shape = remedy[remedy.index("{") : remedy.rindex("}") + 1]
    assert json.loads(shape.replace('data": …', 'data": {}')) == {name: "…", "data": {}}
    put(folder, shape.replace('"…"', f'"{ITEM}"').replace("…", json.dumps(answer)))
    assert read(folder).tables[table][name].tolist() == [ITEM] * rows


def test_a_work_is_one_row(folder):
    counts = {"total_play": 34606, "total_like": 703, "total_comment": 92, "total_share": 129}
    put(
        folder,
        {"item_id": ITEM, "data": {**ENVELOPE, "result": counts | {"avg_play_duration": 4.586155}}},
    )
    (item,) = read(folder).tables["open_items"].to_dict("records")
    assert (item["item_id"], item["plays"], item["avg_play_s"]) == (ITEM, 34606, 4.586155)


def test_user_days_come_with_either_name_of_the_day(folder):
    put(
        folder,
        {"list": [{"p_date": "20250501", "new_play": "12", "total_fans": "34460"}]},
        "a.json",
    )
    put(folder, {"data": {"result_list": [{"date": "2025-05-02", "new_share": "200"}]}}, "b.json")
    days = read(folder).tables["open_days"]
    assert days["day"].dt.day.tolist() == [1, 2]
    assert days["plays"].fillna(-1).tolist() == [12, -1]
    assert days["shares"].fillna(-1).tolist() == [-1, 200]


def test_each_division_of_the_fans_carries_its_name(folder):
    ages = [{"item": "18-23", "value": 120}, {"item": "24-30", "value": 80}]
    genders = [{"item": "1", "value": 150}]
    put(folder, {"data": {"age_distributions": ages, "gender_distributions": genders}})
    lists = {"age_distributions": ages, "gender_distributions": genders}
    fans = read(folder).tables["fans"]
    assert fans["dimension"].tolist() == ["age_distributions"] * 2 + ["gender_distributions"]
    assert fans["value"].tolist() == [120, 80, 150]
    put(folder, {"data": {**ENVELOPE, "fans_data": {"all_fans_num": 200, **lists}}})
    assert read(folder).tables["fans"]["value"].tolist() == [120, 80, 150]


def test_the_star_report_is_read_in_its_own_units(folder):
    report = {
        "spread": {"play": 1203344, "like": 20311},
        "creative": {"finish_rate": 3521, "five_s_play_rate": 5512},
        "cost_effectiveness": {"cpm": 1496, "price": 1800000},
        "comment": {"neg_rate": 210, "high_frequency_words": ["好吃", "贵"]},
    }
    put(folder, {"order_id": int(ITEM), "data": report})
    (order,) = read(folder).tables["star_orders"].to_dict("records")
    assert order["order_id"] == ITEM
    assert (order["completion"], order["completion_5s"]) == (0.3521, 0.5512)
    assert (order["cost_per_1000_plays"], order["price"]) == (14.96, 18000)


def test_words_of_comments_given_as_objects_take_no_rate_from_the_star_report(folder):
    words = [{"word": "好吃", "count": 31}, {"word": "贵", "count": 8}]
    rates = {"neg_rate": 210, "neu_rate": 6120, "pos_rate": 3670}
    report = {**STAR, "comment": {**rates, "high_frequency_words": words}}
    put(folder, {"order_id": ITEM, "data": report})
    (order,) = read(folder).tables["star_orders"].to_dict("records")
    assert [order[n] for n in ("negative", "neutral", "positive")] == [0.021, 0.612, 0.367]


def test_an_object_beside_figures_is_part_of_their_row_and_one_by_itself_wraps_its_own():
    days = [{"date": "2025-05-01"}]
    part = {"id": 1, "x": {"a": 2, "y": {"b": 3, "days": days}, "z": {"days": days}}}
    row = ["1", "2", "3", "2025-05-01"]
    assert tables_of(json.dumps(part), "a.json") == [
        ("days", [["id", "x.a", "x.y.b", "date"], row, row])
    ]
    whole = {"data": {"work": {"item_id": 7, "days": days}}}
    assert tables_of(json.dumps(whole), "a.json") == [
        ("days", [["item_id", "date"], ["7", "2025-05-01"]])
    ]


def test_a_fraction_among_hundredths_of_a_percent_is_refused(folder):
    report = {
        "spread": {"play": 1},
        "creative": {"finish_rate": 0.3521},
        "cost_effectiveness": {"cpm": 1},
    }
    file = put(folder, {"order_id": ITEM, "data": report})
    with pytest.raises(KpiError) as caught:
        read(folder)
    assert str(caught.value) == (
        f"{file}, row 2, column creative.finish_rate, cell '0.3521': hundredths of a percent are "
        "whole: two scales are mixed. To mend: give the whole column in whole hundredths of a "
        "percent, as it was first downloaded."
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_is_decoded_like_other_text(folder, encoding):
    put(folder, {"data": {"list": [{"item": "男性", "value": 5}]}}, encoding=encoding)
    assert read(folder).tables["fans"]["item"].tolist() == ["男性"]


def test_a_list_of_no_known_format_stands_beside_one_that_is(folder):
    file = put(folder, {"data": {"list": [{"item": "a", "value": 5}], "ads": [{"x": 1}, {"x": 2}]}})
    month = read(folder)
    assert len(month.tables["fans"]) == 1
    rows = month.receipt.set_aside.set_index("file")["reason"].to_dict()
    assert rows[f"{file}#ads"] == "sheet of no known format"


def test_an_answer_that_is_an_error_is_no_data():
    answer = {"data": {"error_code": 28001003, "description": "access_token invalid"}, "extra": {}}
    assert refusal(json.dumps(answer)) == (
        "a.json: the platform answered with an error instead of data: 28001003 (access_token "
        "invalid). To mend: ask it again; renew the access if it says so."
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "this is not whole json (Expecting property name"),
        ('{"a": NaN}', "this is not whole json (NaN is no number)."),
        ('{"a": 1, "a": 2}', "this is not whole json ('a' stands twice in one object)."),
        ("[" * 100_000, "this json is nested too deeply."),
        ("{}", "this json holds no list of rows, and no figures."),
        ('{"data": {"result_list": []}}', "this json holds no list of rows, and no figures."),
        ("3", "this json holds no list of rows, and no figures."),
    ],
)
def test_what_holds_no_data_is_refused(text, problem):
    assert refusal(text).startswith(f"a.json: {problem}")


def test_more_tables_than_any_answer_holds_are_refused():
    many = json.dumps({f"t{n}": [{"a": 1}] for n in range(101)})
    assert refusal(many) == (
        "a.json: this json holds more than 100 tables. "
        "To mend: save each answer of the platform by itself."
    )


TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(TREES)
def test_no_json_raises_anything_but_a_kpi_error(tree):
    try:
        tables = tables_of(json.dumps(tree), "a.json")
    except KpiError:
        return
    for _, rows in tables:
        assert len(set(map(len, rows))) == 1
        assert all(isinstance(cell, str) for row in rows for cell in row)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(), min_size=1), min_size=1))
def test_every_number_of_a_list_stands_in_its_row(rows):
    ((_, table),) = tables_of(json.dumps({"data": {"list": rows}}), "a.json")
    header, *lines = table
    assert [{h: int(c) for h, c in zip(header, line, strict=True) if c} for line in lines] == rows
