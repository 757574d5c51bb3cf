"""Exports of the same on several dates, or fuller and less full: each row counts once."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kpilib.errors import KpiError
from kpilib.exports import formats, read_team
from tests.exports_made import ORDER, PERSON, SERVICE, SESSION, WORK, Folder, Made, made

ACCOUNT = "晨光厨房"


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def read(folder: Folder, **kwargs):
    return read_team(folder.root, "2025-05", **kwargs)


def aside(month) -> dict[str, int]:
    return month.receipt.set_aside.groupby("reason")["rows"].sum().to_dict()


def elsewhere(month) -> list[tuple[str, int, int]]:
    """Return file, rows and all rows of the findings about rows that only another day's has."""
    found = month.receipt.findings.query("kind == 'as_of_only'").to_dict("records")
    return [(each["where"], each["rows"], each["values"]["of"]) for each in found]


def test_a_shop_exported_on_another_day_is_kept_and_doubted(folder):
    """No column of the orders names the shop: the export of one cannot stand for another's."""
    file = folder.csv("shop_orders", "2025-06-14/a.csv", ORDER)
    folder.csv("shop_orders", "2025-06-15/b.csv", ORDER | {"子订单编号": "6925050100000005999"})
    month = read(folder)
    assert len(month.tables["orders"]) == 2
    assert aside(month) == {}
    found = month.receipt.findings.set_index("kind").loc["as_of_only"]
    assert found["where"] == file
    assert found["problem"] == (
        "1 of 2 rows stand only in exports of another day than the rest; they count as these show "
        "them."
    )
    assert found["remedy"] == (
        "take the file out, if the platform withdrew them since; if not, export the whole month "
        "again on 2025-06-15."
    )


@pytest.mark.parametrize("key", ["feige_service", "shop_aftersales", "shop_funds", "feigua_hosts"])
def test_rows_of_tables_that_name_no_account_are_kept_too(folder, key):
    both = made(key, 2)
    folder.put("2025-06-14/a.csv", Made(both.headers, both.rows[:1]))
    folder.put("2025-06-15/b.csv", Made(both.headers, both.rows[1:]))
    month = read(folder)
    assert len(month.tables[formats()[key].table or ""]) == 2
    assert elsewhere(month) == [("exports/2025-05/2025-06-14/a.csv", 1, 2)]


def weeks(folder, *places, key="feige_service", **changes):
    """Write one agent's weeks, each with other figures, and return the files' names."""
    rows = [SERVICE | {"接待会话量": str(200 + n), "有效评价数": str(180 - n)} | changes
            for n in range(len(places))]  # fmt: skip
    return [folder.xlsx(key, place, row) for place, row in zip(places, rows, strict=True)]


WEEKS = ("2025-05-08/a.xlsx", "2025-05-15/b.xlsx", "2025-05-22/c.xlsx", "2025-06-01/d.xlsx")


@pytest.mark.parametrize("places", [WEEKS[:2], WEEKS, ("a.xlsx", "2025-06-15/b.xlsx")])
def test_weeks_of_the_service_desk_in_folders_of_days_are_never_dropped_in_silence(folder, places):
    """No file of it says of which days it is: the last may be the month again, or its last week."""
    *others, last = weeks(folder, *places)
    month = read(folder)
    assert month.tables["service"]["conversations"].tolist() == [200 + len(others)]
    found = month.receipt.findings.set_index("kind").loc["unlike"]
    assert (found["where"], found["rows"]) == (", ".join(others), len(others))
    assert found["problem"] == (
        f"{len(others)} row(s) say otherwise in {last}, which alone counts; no file says of which "
        "days it is."
    )
    assert found["remedy"] == (
        "if they are parts of the month, such as weeks, only the last one counts: export the month "
        "as one file; if they are the same month exported again, leave it so."
    )


@pytest.mark.parametrize("n", [2, 4])
def test_weeks_of_the_service_desk_side_by_side_are_refused_with_what_to_do(folder, n):
    one, other = weeks(folder, *(f"2025-06-15/{name}.xlsx" for name in "abcd"[:n]))[:2]
    with pytest.raises(KpiError) as refused:
        read(folder)
    assert str(refused.value) == (
        f"{one}, row 2 and {other}, row 2: agent 小晨 stands there twice with other values: "
        "conversations 200 and 201; reviews 180 and 179. To mend: neither file says of which days "
        "it is. If they are parts of the month, export the month as one file; else keep the one "
        "that is right."
    )


def test_one_name_twice_in_one_file_is_no_matter_of_weeks(folder):
    folder.xlsx("feige_service", "2025-06-15/a.xlsx", SERVICE, SERVICE | {"接待会话量": "861"})
    with pytest.raises(KpiError, match="keep the row that is right and take the other out"):
        read(folder)


@pytest.mark.parametrize(
    "places", [("2025-06-14/a.xlsx", "2025-06-15/b.xlsx"), ("a.xlsx", "b.xlsx")]
)
def test_the_same_figures_exported_again_are_no_doubt(folder, places):
    for place in places:
        folder.xlsx("feige_service", place, SERVICE)
    month = read(folder)
    assert len(month.tables["service"]) == 1
    assert "unlike" not in set(month.receipt.findings["kind"])


@pytest.mark.parametrize("key", ["feigua_hosts", "feigua_controllers", "qianchuan_live"])
def test_parts_of_a_month_without_dates_are_told_for_every_such_export(folder, key):
    """A ranking of a week, or an overview without its days, looks like one of the month."""
    later = made(key, 1)
    place = later.headers.index("日期") if "日期" in later.headers else None
    keep = [n for n in range(len(later.headers)) if n != place]
    headers = [later.headers[n] for n in keep]
    cells = [later.rows[0][n] for n in keep]
    changed = [f"{cell}1" if str(cell).isdigit() else cell for cell in cells]
    folder.put("2025-05-15/a.csv", Made(headers, [changed]))
    folder.put("2025-06-15/b.csv", Made(headers, [cells]))
    found = read(folder).receipt.findings
    assert found.query("kind == 'unlike'")["where"].tolist() == ["exports/2025-05/2025-05-15/a.csv"]


def test_a_list_that_states_its_dates_is_exported_again_without_a_doubt(folder):
    folder.xlsx("creator_works", "2025-06-10/x.xlsx", WORK | {"播放量": "1"})
    folder.xlsx("creator_works", "2025-06-15/x.xlsx", WORK)
    assert "unlike" not in set(read(folder).receipt.findings["kind"])


def test_a_day_exported_each_day_is_a_month(folder):
    for day in (1, 2, 3):
        row = SESSION | {"日期": f"2025-05-0{day}"}
        folder.csv("compass_live_daily", f"2025-05-0{day + 1}/x.csv", row)
    month = read(folder)
    assert month.tables["sessions"]["day"].dt.day.tolist() == [1, 2, 3]
    ((_, rows, of),) = elsewhere(month)
    assert (rows, of) == (2, 3)


def test_the_halves_of_a_month_meet_and_the_day_in_both_is_the_later_exports(folder):
    days = [Made(["日期", "播放量"], [[f"2025-05-{d:02d}", str(n)] for d in which])
            for n, which in ((5, range(1, 17)), (6, range(16, 32)))]  # fmt: skip
    folder.put("2025-05-16/a.csv", days[0])
    folder.put("2025-06-15/a.csv", days[1])
    month = read(folder)
    assert month.tables["account_days"]["plays"].tolist() == [5] * 15 + [6] * 16
    assert aside(month) == {"another as-of date is read": 1}
    assert elsewhere(month) == [("exports/2025-05/2025-05-16/a.csv", 15, 31)]


def test_a_work_that_the_later_list_lacks_is_kept_and_doubted(folder):
    gone = WORK | {"作品名称": "删掉的", "发布时间": "2025-05-04 10:00:00"}
    folder.xlsx("creator_works", "2025-06-10/x.xlsx", WORK | {"播放量": "1"}, gone)
    folder.xlsx("creator_works", "2025-06-15/x.xlsx", WORK)
    month = read(folder)
    assert sorted(month.tables["works"]["title"]) == sorted([gone["作品名称"], WORK["作品名称"]])
    assert 1 not in month.tables["works"]["plays"].tolist()
    assert aside(month) == {"another as-of date is read": 1}
    assert elsewhere(month) == [("exports/2025-05/2025-06-10/x.xlsx", 1, 2)]


def test_a_work_under_another_title_is_the_same_if_it_came_out_at_the_same_moment(folder):
    folder.xlsx("creator_works", "2025-06-10/x.xlsx", WORK | {"作品名称": "旧标题"})
    folder.xlsx("creator_works", "2025-06-15/x.xlsx", WORK)
    month = read(folder)
    assert month.tables["works"]["title"].tolist() == [WORK["作品名称"]]
    assert aside(month) == {"another as-of date is read": 1}


def test_works_of_one_day_without_a_time_are_told_apart_by_their_titles(folder):
    day = {"发布时间": "2025-05-03"}
    folder.xlsx("creator_works", "2025-06-10/x.xlsx", WORK | day | {"作品名称": "另一个"})
    folder.xlsx("creator_works", "2025-06-15/x.xlsx", WORK | day)
    assert len(read(folder).tables["works"]) == 2


def test_two_works_of_one_moment_are_told_apart_by_their_titles(folder):
    two = [WORK | {"作品名称": title} for title in ("甲", "乙")]
    folder.xlsx("creator_works", "2025-06-10/x.xlsx", *two)
    folder.xlsx("creator_works", "2025-06-15/x.xlsx", WORK | {"作品名称": "丙"})
    assert len(read(folder).tables["works"]) == 3


def test_an_order_that_is_unpaid_in_the_export_that_counts_is_not_paid(folder):
    folder.csv("shop_orders", "2025-06-10/x.csv", ORDER)
    folder.csv("shop_orders", "2025-06-15/x.csv", ORDER | {"支付完成时间": "-"})
    month = read(folder)
    assert month.tables["orders"].empty
    assert aside(month) == {"another as-of date is read": 1, "not paid": 1}


def test_a_month_in_one_line_is_not_added_to_its_days(folder):
    overview = made("qianchuan_live", 2)
    whole = Made(overview.headers[1:], [overview.rows[0][1:]])
    folder.put("2025-06-10/x.csv", whole)
    folder.put("2025-06-15/x.csv", overview)
    month = read(folder)
    assert month.tables["ad_overviews"]["day"].notna().all()
    assert aside(month) == {"another as-of date is read": 1}


def test_a_room_without_its_start_restates_nothing(folder):
    later = made("compass_rooms", 1, **{"开播时间": "-"})
    headers = [header for header in later.headers if header != "开播时间"]
    folder.put("2025-06-10/x.csv", made("compass_rooms", 1, headers))
    folder.put("2025-06-15/x.csv", later)
    month = read(folder)
    assert month.tables["rooms"]["file"].tolist() == ["exports/2025-05/2025-06-10/x.csv"]
    assert aside(month) == {"no date": 1}


def test_an_audience_of_another_day_is_read_whole_or_not_at_all(folder):
    for day, items in (("10", ("18-23", "24-30")), ("15", ("24-30",))):
        rows = [{"item": item, "value": 1} for item in items]
        folder.text(f"exports/2025-05/2025-06-{day}/x.json", json.dumps({"data": {"list": rows}}))
    month = read(folder)
    assert month.tables["fans"]["item"].tolist() == ["24-30"]
    assert aside(month) == {"another as-of date is read": 2}


def test_seen_from_a_day_what_only_a_later_export_of_the_same_has_did_not_count(folder):
    """Of what had been exported by then; what had not been is read from the later export."""
    later = WORK | {"作品名称": "后来", "发布时间": "2025-05-04 10:00:00"}
    folder.own("people", "people.csv", PERSON, PERSON | {"person": "p2", "account": "七号工具间"})
    folder.xlsx("creator_works", "2025-06-10/晨光厨房/x.xlsx", WORK | {"播放量": "1"})
    folder.xlsx("creator_works", "2025-06-15/晨光厨房/x.xlsx", WORK, later)
    folder.xlsx("creator_works", "2025-06-15/七号工具间/x.xlsx", WORK)
    then = read(folder, as_of=date(2025, 6, 10))
    assert then.tables["works"].set_index("account")["plays"].to_dict() == {
        "晨光厨房": 1, "七号工具间": 34606,
    }  # fmt: skip
    assert aside(then) == {"another as-of date is read": 2}
    assert len(read(folder).tables["works"]) == 3


# --- a fuller export and a second one


def test_works_that_the_full_list_lacks_are_read_from_the_view(folder):
    """The list may begin later than the view, or hold one genre of works."""
    folder.put("a.xlsx", made("creator_works", 2))
    file = folder.put("b.xlsx", made("creator_video_view", 3))
    month = read(folder)
    works = month.tables["works"]
    assert works["likes"].notna().tolist() == [True, True, False]
    assert works["plays"].tolist() == [34606] * 3
    assert month.receipt.set_aside.to_numpy().tolist() == [
        [file, "a fuller export of the same is read", 2]
    ]


def test_the_view_calls_a_work_of_the_same_moment_by_another_title(folder):
    folder.put("a.xlsx", made("creator_works", 1))
    folder.put("b.xlsx", made("creator_video_view", 1, **{"视频名称": "短"}))
    month = read(folder)
    assert month.tables["works"]["likes"].tolist() == [703]
    assert aside(month) == {"a fuller export of the same is read": 1}


def test_plans_count_on_days_without_a_report_of_materials(folder):
    material = made("oceanengine_materials", 1, **{"时间-天": "2025-05-01"})
    plans = made("oceanengine_plans", 1)
    at = plans.headers.index("时间-天")
    days = [[*plans.rows[0][:at], f"2025-05-0{n}", *plans.rows[0][at + 1 :]] for n in (1, 2, 3)]
    folder.put("a.csv", material)
    file = folder.put("b.csv", Made(plans.headers, days))
    month = read(folder)
    assert month.tables["ads"]["day"].dt.day.tolist() == [1, 2, 3]
    assert month.receipt.set_aside.to_numpy().tolist() == [
        [file, "a fuller export of the same is read", 1]
    ]


def test_plans_that_spend_more_than_the_materials_of_their_day_are_doubted(folder):
    """A plan may run without a material, as one for a live room: its spend is in neither line."""
    day = {"时间-天": "2025-05-01"}
    folder.put("a.csv", made("oceanengine_materials", 1, **day, 消耗="100.00"))
    file = folder.put("b.csv", made("oceanengine_plans", 2, **day, 消耗="80.00"))
    found = read(folder).receipt.findings.set_index("kind").loc["second_more"]
    assert (found["where"], found["rows"]) == (file, 2)
    assert found["problem"] == (
        "it states more cost than the fuller export that is read instead: 160 against 100, where "
        "it is more."
    )
    assert found["remedy"] == "look for what the fuller export lacks, and export that again."
    folder.put("b.csv", made("oceanengine_plans", 2, **day, 消耗="50.40"))  # rounded by the way
    assert "second_more" not in read(folder).receipt.findings["kind"].tolist()


def test_another_platforms_materials_do_not_stand_for_plans(folder):
    """Qianchuan's spend is another than Oceanengine's, of the same account and day too."""
    day = {"日期": "2025-05-01"}
    folder.put("a.csv", made("oceanengine_plans", 1, **{"时间-天": "2025-05-01"}))
    folder.put("b.csv", made("qianchuan_materials", 1, **day))
    month = read(folder)
    assert month.tables["ads"]["material_id"].notna().tolist() == [False, True]
    assert aside(month) == {}
