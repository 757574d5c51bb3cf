"""The made-up company: the same from one seed, real in its formats, and every case really there."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from kpilib import sample
from kpilib.appraisal import months_on_disk
from kpilib.errors import KpiError
from kpilib.exports import formats, read_team
from kpilib.sample import company, form, writers

SHIPPED = Path(__file__).parents[1] / "data" / "sample"
MAY = "2025-05"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    return sample.write(tmp_path_factory.mktemp("rebuilt") / "sample")


@pytest.fixture(scope="module")
def by_month(may):
    return {grades.month: grades for grades in (*may.before, may.grades)}


def contents(folder: Path) -> dict[str, object]:
    """Decode the contents of every file: the members of a workbook, the bytes of anything else."""
    found: dict[str, object] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found[name] = {member: book.read(member) for member in book.namelist()}
        else:
            found[name] = path.read_bytes()
    return found


def exported(month: str, pattern: str, account: str = "") -> Path:
    """Find the one exported file of a month that fits a pattern."""
    (found,) = (SHIPPED / "exports" / month).glob(f"*/{account}/{pattern}")
    return found


def sheet(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def order_lines(month: str) -> pd.DataFrame:
    path = exported(month, "fxg_export_*3012.csv")
    return pd.read_csv(path, encoding="gbk", dtype=str, keep_default_na=False)


# --- one seed, one folder ------------------------------------------------------------------------


def test_the_shipped_folder_is_what_the_seed_gives(rebuilt):
    shipped, again = contents(SHIPPED), contents(rebuilt)
    assert shipped.keys() == again.keys()
    assert [name for name in shipped if shipped[name] != again[name]] == []


def test_seed_zero_is_a_seed_and_writing_again_replaces_what_was_written(tmp_path):
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "2019-01.csv").write_text("left over", encoding="utf-8")
    (tmp_path / "people.csv").write_text("left over", encoding="utf-8")
    zero = contents(sample.write(tmp_path, seed=0))
    assert "tasks/2019-01.csv" not in zero
    assert b"left over" not in zero["people.csv"]
    assert zero["people.csv"] != (SHIPPED / "people.csv").read_bytes()


def test_workbooks_carry_no_hour_and_no_version_of_their_writer(tmp_path):
    writers.xlsx(tmp_path / "a.xlsx", ("=1+1",), [("=2+2",)])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert {entry.date_time for entry in book.infolist()} == {(2025, 6, 15, 9, 0, 0)}
        stamps = re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", book.read("docProps/core.xml"))
        assert b"penpyxl" not in book.read("docProps/app.xml")
    assert set(stamps) == {b"2025-06-15T09:00:00Z"}
    assert sheet(tmp_path / "a.xlsx") == [["=1+1"], ["=2+2"]]


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(KpiError) as caught:
        sample.write(tmp_path)
    assert str(caught.value) == (
        f"folder {tmp_path}: it holds files, but no people.csv: it is no data folder of ours. "
        "To mend: give an empty folder, or one that an earlier sample was written to."
    )
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_it_is_small_enough_to_ship():
    sizes = [path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()]
    assert sum(sizes) < 8e6
    assert len(sizes) < 250
    for month in company.MONTHS:
        assert 800 <= len(order_lines(month)) <= 1300


# --- the platforms' formats ----------------------------------------------------------------------


def test_orders_are_75_columns_of_gbk_with_commas_dashes_and_tabs():
    lines = order_lines(MAY)
    assert tuple(lines.columns) == formats()["shop_orders"].headers
    assert lines["主订单编号"].str.fullmatch(r"\d{19}\t").all()
    assert lines["订单应付金额"].str.fullmatch(r"[\d,]+\.\d\d").all()
    assert lines["订单应付金额"].str.contains(",").any()
    assert (lines["售后状态"] == "-").any()
    assert (lines["支付完成时间"] == "-").any()


def test_no_buyer_could_be_a_real_person():
    for month in company.MONTHS:
        lines = order_lines(month)
        assert lines["收件人"].str.fullmatch(r"\w\*\*").all()
        assert lines["收件人手机号"].str.fullmatch(r"100\d{8}\t").all()
        assert set(lines["详细地址"]) == {"****"}


def test_work_lists_hold_text_only_with_fractions_and_a_private_work():
    header, *rows = sheet(exported(MAY, "作品列表.xlsx", "晨光厨房"))
    assert tuple(header) == formats()["creator_works"].headers
    assert {type(cell) for row in rows for cell in row} == {str}
    places = header.index("完播率"), header.index("审核状态")
    shown = {row[places[1]]: row[places[0]] for row in rows}
    assert re.fullmatch(r"0\.\d{6}", str(shown["公开"]))
    assert shown["私密"] == "-"


def test_april_lists_have_the_cover_click_rate_in_the_middle():
    header, *_ = sheet(exported("2025-04", "作品列表.xlsx", "晨光厨房"))
    assert header[3:6] == ["审核状态", "封面点击率", "播放量"]


def test_daily_files_hold_one_metric_each_and_some_days_lose_followers():
    found = {}
    for path in exported(MAY, "作品列表.xlsx", "七号工具间").parent.glob("data*.xlsx"):
        header, *rows = sheet(path)
        found[header[1]] = [row[1] for row in rows]
    assert set(found) == {"播放量", "封面点击率", "净增粉丝", "取关粉丝", "总粉丝量"}
    assert all(re.fullmatch(r"\d+\.\d\d%", str(cell)) for cell in found["封面点击率"])
    assert min(found["净增粉丝"]) < 0
    assert np.diff(found["总粉丝量"]).tolist() == found["净增粉丝"][1:]


def test_the_service_desk_has_its_totals_and_averages_among_the_people():
    header, *rows = sheet(exported(MAY, "客服表现_*.xlsx"))
    desk = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert desk["店铺汇总值"]["有效评价数"] == sum(
        row["有效评价数"] for name, row in desk.items() if not str(name).startswith("店铺")
    )
    assert desk["店铺汇总值"]["全天3分钟回复率"] == "--"
    assert re.fullmatch(r"\d\d\.\d%", str(desk["店铺平均值"]["全天3分钟回复率"]))
    assert re.fullmatch(r"\d分\d{1,2}秒", str(desk["小晨"]["全天平响时长"]))


@pytest.mark.parametrize("month", company.MONTHS)
def test_the_shop_and_the_live_overview_tell_the_same_story(month):
    tables = read_team(SHIPPED, month).tables
    sold = tables["orders"].groupby(["account", "day"])["amount"].sum()
    shown = tables["sessions"].set_index(["account", "day"])["gmv"]
    both = pd.concat([sold, shown], axis=1).fillna(0)
    assert both["amount"].round(2).tolist() == both["gmv"].round(2).tolist()
    spent = tables["ads"].groupby(["account", "day"])["cost"].sum()
    booked = tables["sessions"].set_index(["account", "day"])["ad_cost"]
    assert booked[booked > 0].round(2).to_dict() == spent.round(2).to_dict()


def test_every_file_is_recognised_and_what_is_set_aside_has_its_reason():
    receipt = read_team(SHIPPED, MAY).receipt
    assert set(receipt.files["format"]) <= set(formats())
    assert receipt.unknown_columns.empty
    assert set(receipt.set_aside["reason"]) == {
        "averages row",
        "cancelled before it was paid",
        "outside the month",
        "totals row",
    }


# --- the company ---------------------------------------------------------------------------------


def test_sixty_people_in_three_teams_hold_all_twelve_roles(may):
    seats = may.grades.scores.readings.seats
    people = pd.read_csv(SHIPPED / "people.csv", dtype=str)
    assert 55 <= people["person"].nunique() <= 62
    assert set(people["team"]) == {"video", "studio", "live"}
    assert set(seats["role"]) == set(company.ITEMS) | {
        "camera_operator",
        "live_manager",
        "assistant",
        "copywriter",
    }
    assert months_on_disk(SHIPPED) == list(company.MONTHS)


def test_plays_are_heavy_tailed():
    plays = pd.concat(
        [read_team(SHIPPED, month).tables["works"]["plays"].dropna() for month in company.MONTHS]
    ).sort_values(ascending=False)
    assert plays.head(round(len(plays) / 20)).sum() > 0.4 * plays.sum()
    assert plays.mean() > 2 * plays.median()


def test_spring_festival_empties_the_rooms():
    viewers = read_team(SHIPPED, "2025-01").tables["sessions"].groupby("day")["viewers"].sum()
    assert viewers["2025-01-26":"2025-01-31"].mean() < 0.7 * viewers[:"2025-01-20"].mean()


def test_grades_persist_but_move(by_month):
    april, may = (by_month[m].table[["score", "grade"]].dropna() for m in ("2025-04", MAY))
    both = april.index.intersection(may.index)
    ranks = [table.loc[both, "score"].rank() for table in (april, may)]
    assert 0.4 < ranks[0].corr(ranks[1]) < 0.95
    assert 10 <= (april.loc[both, "grade"] != may.loc[both, "grade"]).sum() <= 30


def test_all_grades_occur_in_a_sound_shape(may):
    shares = may.table["grade"].value_counts(normalize=True)
    assert 0.04 <= shares["A+"] <= 0.12
    assert 0.30 <= shares["A"] <= 0.45
    assert 0.30 <= shares["B"] <= 0.45
    assert 0.08 <= shares["C"] <= 0.18


# --- the cases -----------------------------------------------------------------------------------


def test_a_newcomer_and_two_leavers(may, by_month):
    seats = may.grades.scores.readings.seats.set_index("person")
    assert seats.loc["p013", "days"] == 20
    assert seats.loc["p041", "days"] == 16
    assert may.table.loc[["p013", "p041"], "status"].tolist() == ["ok", "ok"]
    assert "p013" not in by_month["2025-04"].table.index
    assert by_month["2025-04"].table.loc["p018", "status"] == "ok"
    assert "p018" not in may.table.index


def test_a_person_in_two_roles_is_weighed_by_time(may):
    roles = may.grades.scores.role_totals.set_index(["person", "role"]).loc["p024"]
    assert roles["time_share"].to_dict() == {"director": 0.6, "editor": 0.4}
    total = 0.6 * roles.loc["director", "total"] + 0.4 * roles.loc["editor", "total"]
    assert may.table.loc["p024", "total"] == pytest.approx(total, abs=1e-6)


def test_on_sick_leave_nothing_is_credited():
    credits = read_team(SHIPPED, MAY).tables["credits"].query("person == 'p005'")
    days = credits["at"].dt.normalize().unique()
    assert not [day for day in days if "2025-05-06" <= str(day)[:10] <= "2025-05-25"]
    assert len([day for day in days if str(day)[:7] == MAY]) > 3


def test_an_item_that_did_not_occur_moves_its_weight(may):
    points = may.grades.scores.points.query("person == 'p045'").set_index("indicator")
    assert points.loc["campaign_delivery", "status"] == "not_applicable"
    assert points["applied"].dropna().tolist() == pytest.approx([0.5, 0.5])
    assert may.table.loc["p045", "status"] == "ok"


def test_a_reading_shown_as_dashes_is_unknown_and_so_is_the_total(may):
    points = may.grades.scores.points.query("person == 'p053'").set_index("indicator")
    assert points.loc["response_time", "status"] == "unknown"
    assert may.table.loc["p053", "status"] == "unknown"
    assert may.table.index[may.table["status"] == "unknown"].tolist() == ["p053"]


@pytest.mark.parametrize(
    ("month", "columns", "indicator", "people"),
    [
        ("2025-01", ["完播率"], "completion_rate", ["p003", "p004"]),
        ("2025-02", ["净增粉丝", "总粉丝量"], "follower_growth", ["p020"]),
    ],
)
def test_an_export_without_a_column_leaves_its_readings_unknown(
    by_month, month, columns, indicator, people
):
    scores = by_month[month].scores
    unknown = scores.points.query("status == 'unknown'")
    assert sorted(unknown["person"]) == people
    assert set(unknown["indicator"]) == {indicator}
    assert scores.table.loc[people, "status"].tolist() == ["unknown"] * len(people)
    absent = read_team(SHIPPED, month).receipt.absent["column"].tolist()
    assert absent == columns


def test_brushed_works_stand_out_and_carry_two_grades(may):
    works = read_team(SHIPPED, MAY).tables["works"].dropna(subset=["plays"])
    ratio = works["likes"] / works["plays"]
    brushed = works[ratio > 0.3]
    assert len(brushed) == 3
    assert set(brushed["account"]) == {"七号工具间"}
    own = works[works["account"] == "七号工具间"].drop(brushed.index)
    assert brushed["plays"].min() > 1.8 * own["plays"].max()
    assert brushed["comments"].max() < 15
    assert ratio.drop(brushed.index).max() < 0.1
    # The director's A+ rests on the bonus of these works; the actor's points sit at the cap.
    assert may.table.loc["p023", "grade"] == "A+"
    assert may.table.loc["p023", "score"] - may.table.loc["p023", "bonus"] < 100.5
    points = may.grades.scores.points.query("person == 'p032'").set_index("indicator")["points"]
    assert points["interaction_rate"] == 120
    assert points.drop("interaction_rate").max() < 80
    lead = may.grades.scores.points.query("person == 'p020'").set_index("indicator")["points"]
    assert lead["hit_rate"] == 120
    assert lead["lead_conversion"] < 40


def test_a_true_hit_earns_its_makers_a_shared_bonus(may):
    works = read_team(SHIPPED, MAY).tables["works"]
    hit = works.query("account == '山野露营册' and plays > 1_000_000")
    assert len(hit) == 1
    credits = read_team(SHIPPED, MAY).tables["credits"]
    makers = credits[credits["name"].isin(hit["title"]) & credits["at"].isin(hit["published"])]
    assert makers["share"].sum() == pytest.approx(1)
    graded = may.table.loc[[p for p in makers["person"] if p in may.table.index], "bonus"]
    assert graded.max() == pytest.approx(0.8)


def test_two_works_have_no_credits(may):
    findings = may.grades.scores.readings.findings
    assert findings.query("kind == 'uncredited'")["rows"].tolist() == [2]


def test_one_rater_is_lenient_and_one_is_harsh():
    ratings = pd.concat(
        read_team(SHIPPED, month).tables["ratings"].assign(month=month) for month in company.MONTHS
    )
    peers = ratings[ratings["relation"] == "peer"]
    cell = [peers[key] for key in ("month", "ratee", "item")]
    ordinary = peers["score"].where(~peers["rater"].isin(["p010", "p027"]))
    lean = peers["score"] - ordinary.groupby(cell).transform("mean")
    mean = lean.groupby(peers["rater"]).mean()
    assert mean["p010"] > 0.7
    assert mean["p027"] < -0.8
    assert mean.drop(["p010", "p027"]).abs().max() < 0.3


def test_actors_are_rated_by_users_and_everybody_rated_also_rates_themselves():
    ratings = read_team(SHIPPED, MAY).tables["ratings"]
    screen = ratings[ratings["item"] == "screen_performance"]
    assert set(screen["relation"]) == {"user"}
    assert set(screen["rater"].str[0]) == {"u"}
    assert set(ratings.query("relation == 'self'")["ratee"]) == set(ratings["ratee"])


def test_two_people_tie_exactly_at_a_cut_and_others_stand_just_beside_one(may):
    table = may.table
    assert table.loc[["p048", "p049"], "score"].tolist() == [80, 80]
    assert table.loc[["p048", "p049"], "grade"].tolist() == ["B", "B"]
    assert 80 < table.loc["p050", "score"] < 80.5
    assert table.loc["p050", "grade"] == "A"
    assert table.loc["p055", "score"] == 100
    assert table.loc["p055", "grade"] == "A"
    assert 59.7 < table.loc["p056", "score"] < 60
    assert table.loc["p056", "grade"] == "C"


def test_three_a_plus_in_a_row_after_an_a(may):
    history = may.history().loc["p034"].tolist()
    assert history[2:] == ["A", "A+", "A+", "A+"]
    notes = may.notes.query("kind == 'promotion'")
    assert notes["person"].tolist() == ["p034"]
    assert notes["months"].tolist() == [("2025-03", "2025-04", "2025-05")]


def test_the_c_of_march_is_judged_in_may(may):
    notes = may.notes.set_index("person")["kind"]
    march = may.history()["2025-03"]
    assert march[["p006", "p026"]].tolist() == ["C", "C"]
    assert "improved" in notes.loc[["p026"]].tolist()
    assert "not_improved" in notes.loc[["p006"]].tolist()


def test_names_are_as_odd_as_real_lists_have_them(may):
    names = may.table["name"]
    assert [c in "".join(names) for c in "㛃堃喆"] == [True, True, True]
    assert names["p028"] == "<b>测试</b>员甲"
    assert names["p039"] == "=1+2测试员"
    titles = read_team(SHIPPED, MAY).tables["works"]["title"]
    assert titles.str.startswith("=").sum() == 1


def test_roles_are_also_written_in_other_words(may):
    seats = may.grades.scores.readings.seats.set_index("person")["role"]
    written = pd.read_csv(SHIPPED / "people.csv").set_index("person")["role"]
    assert (written["p012"], seats["p012"]) == ("剪辑", "editor")
    assert (written["p047"], seats["p047"]) == ("运营专员", "live_operations")


def test_two_works_of_a_month_may_share_a_title_but_not_the_second():
    works = read_team(SHIPPED, MAY).tables["works"]
    assert works.duplicated(["account", "title"]).any()
    assert not works.duplicated(["account", "title", "published"]).any()


def test_attainment_becomes_a_reading_in_either_direction():
    assert form.level("completion_rate", 80) == pytest.approx(0.32)
    assert form.level("response_time", 80) == pytest.approx(72)
    assert form.level("response_time", 120) == pytest.approx(48)
