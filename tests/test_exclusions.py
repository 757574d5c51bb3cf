"""Exclusions: only a named decision takes rows out, it is counted, shown, and can be undone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.exclusions import month_with, month_without, screened, side_by_side
from kpilib.exports import read_team
from kpilib.exports.decisions import EXCLUDED
from kpilib.exports.receipt import OTHER_SHEET
from kpilib.exports.restated import FULLER, OTHER_DATE
from kpilib.exports.rules import CANCELLED, OUTSIDE, REPEATED, UNDATED, UNPAID
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.pieces.authenticity import remind, show_screening
from kpilib.readings import measure
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from kpilib.texts import lookup
from tests.exports_made import ORDER, PERSON, SESSION, WORK, Folder
from tests.heard import Heard
from tests.months import month_of

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
DAY = "2025-06-15"
ENTRY = {
    "kind": "work",
    "name": WORK["作品名称"],
    "at": WORK["发布时间"],
    "decided_by": "严守拙",
    "decided": "2025-06-17",
    "reason": "平台确认刷量",
}
OTHER = WORK | {"作品名称": "第二个作品"}


@pytest.fixture
def folder(tmp_path) -> Folder:
    made = Folder(tmp_path, PERSON, PERSON | {"person": "p002", "account": "乙号"})
    made.xlsx("creator_works", f"{DAY}/晨光厨房/x.xlsx", WORK, OTHER)
    made.csv("compass_live_daily", f"{DAY}/s.csv", SESSION, SESSION | {"日期": "2025-05-02"})
    lines = [ORDER | {"子订单编号": str(n)} for n in range(2)]
    later = {"主订单编号": "7", "子订单编号": "7", "支付完成时间": "2025-05-02 18:05:25"}
    made.csv("shop_orders", f"{DAY}/o.csv", *lines, ORDER | later)
    return made


def decide(folder: Folder, *entries: dict, account: bool = False) -> None:
    headers = ["kind", "name", "at", *(["account"] if account else [])]
    headers += ["decided_by", "decided", "reason"]
    lines = [",".join(headers), *(",".join(e.get(h, "") for h in headers) for e in entries)]
    folder.text("exclusions.csv", "\n".join(lines) + "\n")


def read(folder: Folder):
    return read_team(folder.root, "2025-05")


def refusal(folder: Folder) -> str:
    with pytest.raises(KpiError) as caught:
        read(folder)
    return str(caught.value)


# ---- the file ---------------------------------------------------------------------------------


def test_without_decisions_nothing_is_excluded_and_nothing_is_said(folder):
    month = read(folder)
    assert len(month.tables["works"]) == 2
    assert month.receipt.excluded.empty
    assert "exclusions.csv" not in set(month.receipt.findings["where"])


def test_an_excluded_work_is_set_aside_by_that_reason_and_kept_apart(folder):
    decide(folder, ENTRY)
    month = read(folder)
    assert month.tables["works"]["title"].tolist() == ["第二个作品"]
    assert month.excluded["works"]["title"].tolist() == [WORK["作品名称"]]
    assert list(month.excluded["works"]) == list(month.tables["works"])
    aside = month.receipt.set_aside.to_numpy().tolist()
    assert [f"exports/2025-05/{DAY}/晨光厨房/x.xlsx", "excluded by a decision", 1] in aside
    files = month.receipt.files.set_index("file")
    cells = files.loc[f"exports/2025-05/{DAY}/晨光厨房/x.xlsx", ["rows_in", "used", "set_aside"]]
    assert cells.tolist() == [2, 1, 1]
    assert files.loc["exclusions.csv", ["rows_in", "used"]].tolist() == [1, 1]
    (said,) = month.receipt.excluded.to_dict("records")
    assert (said["decided_by"], said["reason"], said["rows"]) == ("严守拙", "平台确认刷量", 1)
    assert (said["at"], said["decided"]) == (
        pd.Timestamp("2025-05-03 18:17:25"),
        pd.Timestamp("2025-06-17"),
    )


def test_an_excluded_room_takes_its_orders_of_that_day_with_it(folder):
    decide(folder, ENTRY | {"kind": "session", "name": "晨光好物间", "at": "2025-05-01"})
    month = read(folder)
    assert month.tables["sessions"]["day"].tolist() == [pd.Timestamp(2025, 5, 2)]
    assert month.tables["orders"]["order_id"].tolist() == ["7"]
    assert month.receipt.excluded["rows"].tolist() == [3]


def test_an_order_is_excluded_with_all_of_its_lines(folder):
    name = ORDER["主订单编号"]
    decide(folder, ENTRY | {"kind": "order", "name": name, "at": "2025-05-01"})
    month = read(folder)
    assert month.tables["orders"]["order_id"].tolist() == ["7"]
    assert len(month.excluded["orders"]) == 2
    assert len(month.tables["sessions"]) == 2


def test_a_decision_about_another_month_waits_for_that_month(folder):
    (folder.root / "exports/2025-04").mkdir()
    decide(folder, ENTRY | {"at": "2025-04-03 18:17:25"})
    month = read(folder)
    assert len(month.tables["works"]) == 2
    assert ["exclusions.csv", "outside the month", 1] in month.receipt.set_aside.to_numpy().tolist()


EMPTY = "the cell is empty, and the row means nothing without it."
FILL = "To mend: fill the cell, or take the row out if it is no data."
COPY = "To mend: copy name, time and account as the export has them, or take the line out."


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"reason": ""}, f"exclusions.csv, row 2, column reason: {EMPTY} {FILL}"),
        ({"decided_by": ""}, f"exclusions.csv, row 2, column decided_by: {EMPTY} {FILL}"),
        ({"decided": ""}, f"exclusions.csv, row 2, column decided: {EMPTY} {FILL}"),
        ({"at": ""}, f"exclusions.csv, row 2, column at: {EMPTY} {FILL}"),
        (
            {"at": "2025-05-03 18:17"},
            "exclusions.csv, row 2: no work '炸锅鸡翅的五个误区' of 2025-05-03 18:17:00 is in use; "
            f"there is one of 2025-05-03 18:17:25, account 晨光厨房. {COPY}",
        ),
        (
            {"name": "没有的作品"},
            "exclusions.csv, row 2: no work '没有的作品' of 2025-05-03 18:17:25 is in use. " + COPY,
        ),
        (
            {"at": "2052-05-03 18:17:25"},
            "exclusions.csv, row 2, column at: there is no folder exports/2052-05, so this names "
            "no row. To mend: correct the day, or take the line out.",
        ),
    ],
)
def test_a_decision_that_is_not_whole_or_names_no_row_is_refused(folder, change, text):
    decide(folder, ENTRY | change)
    assert refusal(folder) == text


def test_all_faults_of_the_file_stand_in_one_error(folder):
    decide(folder, ENTRY | {"name": "甲"}, ENTRY | {"name": "乙"})
    text = refusal(folder)
    assert text.startswith("exports/2025-05: 2 faults:\n- exclusions.csv, row 2: no work '甲'")
    assert "\n- exclusions.csv, row 3: no work '乙'" in text


def test_a_work_that_two_accounts_published_at_once_needs_its_account(folder):
    folder.xlsx("creator_works", f"{DAY}/乙号/x.xlsx", WORK)
    decide(folder, ENTRY)
    assert refusal(folder) == (
        "exclusions.csv, row 2: 2 works have this name and time, of 乙号, 晨光厨房. To mend: add "
        "the column account and say which of them."
    )
    decide(folder, ENTRY | {"account": "乙号"}, account=True)
    assert read(folder).excluded["works"]["account"].tolist() == ["乙号"]


def test_two_decisions_about_one_row_contradict_each_other(folder):
    decide(folder, ENTRY, ENTRY | {"reason": "误标"})
    text = refusal(folder)
    assert text.startswith("exclusions.csv, row 2 and exclusions.csv, row 3: kind work, name ")
    assert "严守拙" not in text
    assert "误标" not in text


# ---- side by side -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decided(may, tmp_path_factory):
    """Exclude every brushed work of the made-up company."""
    root = tmp_path_factory.mktemp("company")
    shutil.copytree(SAMPLE, root / "data")
    entries = side_by_side(may, screened(may)).entries
    entries = entries.assign(decided_by="严守拙", decided="2025-06-17", reason="平台确认刷量")
    entries.to_csv(root / "data/exclusions.csv", index=False)
    month = read_team(root / "data", "2025-05")
    return settle(grade(score(measure(month, read_scheme("published")))), may.before)


def test_flagged_works_are_worth_two_grades(may):
    beside = side_by_side(may, screened(may))
    assert (beside.flagged, beside.decided, beside.moved) == (3, 0, 2)
    grades = beside.table[["grade_with", "grade_without", "grade"]].loc[["p023", "p032"]]
    assert grades.to_numpy().tolist() == [["A+", "A", "A+"], ["A", "B", "A"]]
    assert beside.entries["name"].nunique() == 3


def test_grades_without_are_those_of_a_folder_that_excludes_the_rows(may, decided):
    """Two ways to the same scores: tables in memory, and files read with exclusions.csv."""
    one, other = side_by_side(may, screened(may)), side_by_side(decided, screened(decided))
    assert decided.table["score"].loc[one.table.index].tolist() == pytest.approx(
        one.table["score_without"].tolist()
    )
    assert (other.flagged, other.decided, len(other.entries)) == (3, 3, 0)
    columns = ["score_with", "grade_with", "score_without", "grade_without"]
    pd.testing.assert_frame_equal(one.table[columns], other.table[columns])
    assert other.table["grade"].tolist() == other.table["grade_without"].tolist()


def test_taking_out_and_putting_back_gives_the_month_again(may):
    month = may.grades.scores.readings.month
    out = month_without(month, screened(may).flags)
    assert len(out.tables["works"]) == len(month.tables["works"]) - 3
    back = month_with(out).tables["works"].sort_values(["file", "row"], ignore_index=True)
    before = month.tables["works"].sort_values(["file", "row"], ignore_index=True)
    pd.testing.assert_frame_equal(back, before)


def test_a_flagged_room_is_taken_out_with_its_orders():
    day = [pd.Timestamp(2025, 5, n) for n in (1, 2)]
    month = month_of(
        sessions=[{"account": "甲房", "day": d} for d in day],
        orders=[{"account": "甲房", "day": d, "order_id": str(n)} for n, d in enumerate(day)],
    )
    flags = pd.DataFrame({"table": ["sessions"], "position": [0], "excluded": [False]})
    out = month_without(month, flags)
    assert out.tables["sessions"]["day"].tolist() == day[1:]
    assert out.tables["orders"]["order_id"].tolist() == ["1"]
    assert out.excluded["orders"]["order_id"].tolist() == ["0"]


def test_of_one_team_only_its_accounts_are_shown(may):
    from kpilib.appraisal import of_team

    assert len(screened(of_team(may, "studio")).flags) == 3
    seen = screened(of_team(may, "video"))
    assert seen.flags.empty
    assert set(seen.screened["account"]) == {"晨光厨房", "柚子巷食堂"}


# ---- pages ------------------------------------------------------------------------------------


def heard(outcomes, lang="en", audience="hr") -> str:
    page = Heard(lang=lang, audience=audience)
    page.know(outcomes)
    seen = screened(outcomes)
    remind(page, seen)
    show_screening(page, outcomes, seen)
    page.footer(outcomes, month="2025-05")
    return page.said


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("audience", ["hr", "analyst", "leadership"])
def test_every_page_says_how_many_rows_are_excluded_and_only_hr_by_whom(decided, lang, audience):
    page = Heard(lang=lang, audience=audience)
    page.footer(decided, month="2025-05")
    said = page.said
    counts = {
        "en": "3 rows by 3 decisions of people (exclusions.csv)",
        "zh": "按3项决定剔除3行（exclusions.csv）",
    }
    assert counts[lang] in said
    assert ("严守拙" in said) is (audience == "hr")
    assert ("平台确认刷量" in said) is (audience == "hr")


def test_leadership_is_told_numbers_and_no_single_work(may):
    said = heard(may, audience="leadership")
    assert "<strong>3 rows are flagged</strong> among 211 works" in said
    assert "<table" not in said
    assert "电钻" not in said


def test_analysts_see_the_works_and_no_name_of_a_person(may):
    said = heard(may, audience="analyst")
    assert said.count("电钻选购｜新手也能一次成功 #日常") == 2  # flag with its evidence, entry
    assert "任远山" not in said
    assert "p023" in said


def test_hr_sees_evidence_grades_and_what_to_write(may):
    said = heard(may)
    assert "3 flagged rows wait for a decision" in said
    for cell in ("likes per play 44.56% (usual 3.29%)", "2025-05-12 09:34:26"):
        assert cell in said
    assert "6 scores would differ from what every row gives, 2 of them by a grade" in said
    assert "no row by a decision of people (exclusions.csv)" in said


def test_where_nothing_is_flagged_one_sentence_says_what_was_screened(may):
    from kpilib.appraisal import of_team

    said = heard(of_team(may, "video"))
    assert (
        "Screened for bought figures: 82 works, 0 days of live rooms, 62 days of accounts and 0 "
        "order lines. Nothing is flagged."
    ) in said
    assert "wait" not in said


def test_every_finding_and_every_reason_has_words_in_both_languages():
    """A finding without words would stand on a Chinese page in English."""
    package = Path(__file__).parents[1] / "kpilib"
    files = [*(package / "exports").glob("*.py"), package / "strays.py"]
    source = "\n".join(path.read_text("utf-8") for path in files)
    kinds = set(re.findall(r'Finding\(\s*"(\w+)"', source))
    kinds |= {"as_of_unknown", "as_of_early", "as_of_late", "two_roles", "role_shares", "joined"}
    kinds |= {"left", "unknown_person", "not_employed", "role_not_held", "role_unsaid"}
    reasons = {REPEATED, OTHER_DATE, OUTSIDE, UNDATED, UNPAID, CANCELLED, EXCLUDED, OTHER_SHEET}
    reasons |= {FULLER}
    keys = {f"doubts.{kind}{part}" for kind in kinds for part in ("", "_remedy")}
    keys |= {f"doubts.aside.{reason.replace(' ', '_')}" for reason in reasons}
    assert len(kinds) > 20
    for lang in ("en", "zh"):
        assert [key for key in sorted(keys) if not lookup(lang).has(key)] == []
