"""Restatement: two exports of a month are both kept, and what moved between them is said."""

from __future__ import annotations

from datetime import date

import pytest

from kpilib.errors import KpiError
from kpilib.exports import read_team
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.pieces.restatement import show_restatements
from kpilib.readings import measure
from kpilib.restatement import restatements
from kpilib.scoring import score
from tests.exports_made import PERSON, WORK, Folder
from tests.heard import Heard
from tests.months import scheme_with

SCHEME = scheme_with({"director": ("completion_rate", "works_published")})
CREDIT = {"kind": "work", "name": WORK["作品名称"], "at": WORK["发布时间"], "role": "编导"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Folder:
    """Make a team whose one work was seen to the end by more people five days later."""
    second = PERSON | {"person": "p002", "name": "顾南乔", "role": "编导"}
    made = Folder(tmp_path_factory.mktemp("team"), PERSON, second)
    made.own("credits", "credits.csv", *(CREDIT | {"person": p, "share": 0.5} for p in ("p001",)))
    shown = {"播放量": "20000", "完播率": "0.200000"}
    made.xlsx("creator_works", "2025-06-10/x.xlsx", WORK | shown)
    made.xlsx("creator_works", "2025-06-15/x.xlsx", WORK | {"完播率": "0.990000"})
    return made


def outcomes_of(folder: Folder, **changes):
    scheme = SCHEME.revise(**changes) if changes else SCHEME
    month = read_team(folder.root, "2025-05", as_of_day=scheme.as_of_day)
    return settle(grade(score(measure(month, scheme))))


def test_both_exports_are_kept_and_the_as_of_day_decides(folder):
    outcomes = outcomes_of(folder)
    receipt = outcomes.grades.scores.readings.month.receipt
    rows = receipt.files.set_index("file")[["as_of", "rows_in", "used", "set_aside"]]
    assert rows.loc["exports/2025-05/2025-06-10/x.xlsx"].tolist()[1:] == [1, 0, 1]
    assert rows.loc["exports/2025-05/2025-06-15/x.xlsx"].tolist()[1:] == [1, 1, 0]
    (found,) = restatements(outcomes)
    assert (found.then, found.now) == (date(2025, 6, 10), (date(2025, 6, 15),))
    (other,) = restatements(outcomes_of(folder, as_of_day=10))
    assert (other.then, other.now) == (date(2025, 6, 15), (date(2025, 6, 10),))


def test_readings_and_grades_then_and_now(folder):
    """Completion 20% then and 99% now; one work in 31 days is 7/31 a week on both days."""
    (found,) = restatements(outcomes_of(folder))
    (moved,) = found.readings.to_dict("records")
    assert (moved["person"], moved["indicator"]) == ("p001", "completion_rate")
    assert (moved["value_then"], moved["value"]) == pytest.approx((0.2, 0.99))
    assert (moved["points_then"], moved["points"]) == pytest.approx((20, 99))
    (row,) = found.grades.reset_index().to_dict("records")
    assert (row["person"], row["grade_then"], row["grade"]) == ("p001", "C", "B")
    both = 7 / 31  # target 1
    assert row["score_then"] == pytest.approx(50 * (0.2 + both))
    assert row["score"] == pytest.approx(50 * (0.99 + both))
    assert len(found.regraded) == len(found.grades)


def test_by_the_other_day_the_same_moves_the_other_way(folder):
    (one,) = restatements(outcomes_of(folder))
    (other,) = restatements(outcomes_of(folder, as_of_day=10))
    assert other.grades["score"].tolist() == one.grades["score_then"].tolist()
    assert other.grades["score_then"].tolist() == one.grades["score"].tolist()


def test_a_month_exported_once_has_no_restatement_and_no_section(tmp_path):
    made = Folder(tmp_path)
    made.xlsx("creator_works", "2025-06-10/x.xlsx", WORK)
    made.own("credits", "credits.csv", CREDIT | {"person": "p001", "share": 1})
    outcomes = outcomes_of(made)
    assert restatements(outcomes) == ()
    page = Heard()
    show_restatements(page, outcomes)
    assert page.said == ""
    findings = outcomes.grades.scores.readings.month.receipt.findings.set_index("kind")
    assert findings.loc["as_of_early", "problem"] == (
        "taken before the as-of day 2025-06-15: 1 of 1 files."
    )


def test_a_decision_about_what_only_the_export_that_counts_has_is_none_on_the_other_day(tmp_path):
    """Nor is it a fault there: the line is right, and must stay in."""
    made = Folder(tmp_path)
    later = WORK | {"作品名称": "后来的", "发布时间": "2025-05-20 10:00:00"}
    made.xlsx("creator_works", "2025-06-10/x.xlsx", WORK | {"完播率": "0.200000"})
    made.xlsx("creator_works", "2025-06-15/x.xlsx", WORK | {"完播率": "0.990000"}, later)
    credits = ({"kind": "work", "name": w["作品名称"], "at": w["发布时间"]} for w in (WORK, later))
    made.own("credits", "credits.csv", *(each | {"person": "p001", "share": 1} for each in credits))
    decided = {"decided_by": "p009", "decided": "2025-06-16", "reason": "刷量"}
    entry = {"kind": "work", "name": "后来的", "at": later["发布时间"]} | decided
    made.own("exclusions", "exclusions.csv", entry)
    outcomes = outcomes_of(made)
    assert outcomes.grades.scores.readings.month.receipt.excluded["rows"].tolist() == [1]
    (found,) = restatements(outcomes)
    moved = found.readings.set_index("indicator")
    values = moved.loc["completion_rate", ["value_then", "value"]].tolist()
    assert values == pytest.approx([0.2, 0.99])
    assert "works_published" not in moved.index


def test_a_decision_that_names_nothing_is_a_fault_on_the_day_that_counts(tmp_path):
    made = Folder(tmp_path)
    made.xlsx("creator_works", "2025-06-10/x.xlsx", WORK)
    made.xlsx("creator_works", "2025-06-15/x.xlsx", WORK)
    decided = {"decided_by": "p009", "decided": "2025-06-16", "reason": "刷量"}
    entry = {"kind": "work", "name": "没有的", "at": "2025-05-20 10:00:00"} | decided
    made.own("exclusions", "exclusions.csv", entry)
    with pytest.raises(KpiError, match="no work '没有的' of 2025-05-20 10:00:00 is in use"):
        read_team(made.root, "2025-05")
    then = read_team(made.root, "2025-05", as_of=date(2025, 6, 10))
    assert then.receipt.excluded.empty


@pytest.mark.parametrize(
    ("lang", "audience", "lead"),
    [
        (
            "en",
            "hr",
            "The month was exported on 10 June 2025 too. The exports of 15 June 2025 count, by "
            "the scheme's as-of day; by those of 10 June 2025 1 reading and 1 score would be "
            "other, and 1 grade. Both stay in the folder.",
        ),
        (
            "zh",
            "hr",
            "该月在2025年6月10日也导出过。按方案的数据截止日，以2025年6月15日的导出为准；若以"
            "2025年6月10日的导出为准，有1项数据、1人得分和1人等级会不同。两次导出都保留在文件夹中。",
        ),
        ("en", "leadership", "1 reading and fewer than 5 scores would be other"),
    ],
)
def test_the_page_says_what_moved(folder, lang, audience, lead):
    outcomes = outcomes_of(folder)
    page = Heard(lang=lang, audience=audience)
    page.know(outcomes)
    show_restatements(page, outcomes)
    assert lead in page.said
    assert ("20.00%" in page.said or "20.0%" in page.said) is (audience == "hr")
    assert ("沈知微" in page.said) is (audience == "hr")
