"""Decisions on grades: checked, applied in one place, and shown beside what was computed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kpilib.appraisal import appraise, of_team
from kpilib.audience import view
from kpilib.calibration import LEAST_SHIFT, MARGIN, meeting
from kpilib.calibrations import calibrated
from kpilib.certainty import certainty
from kpilib.distribution import near_cuts
from kpilib.errors import KpiError
from kpilib.exports import read_team
from kpilib.grading import grade
from kpilib.labels import Labels
from kpilib.outcomes import settle
from kpilib.pieces.calibration import show_decisions
from kpilib.readings import measure
from kpilib.review import review
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from kpilib.texts import lookup
from kpilib.workbook.people import book_of
from tests.heard import Heard
from tests.months import table_of

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
HEAD = "month,person,from,to,who,why,when"
B_MARCH = "2025-03,p006,C,B,p001,账号迁移两周,2025-04-18"
B_MAY = "2025-05,p050,A,B,p033,与并列者差距不到一分,2025-06-18"
KEPT = "2025-05,p055,A,A,p033,复核后维持,2025-06-18"


@pytest.fixture(scope="module")
def month():
    return read_team(SAMPLE, "2025-05")


@pytest.fixture(scope="module")
def computed(month):
    return grade(score(measure(month, read_scheme("published"))))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of two months of the sample with a file of decisions."""
    data = tmp_path_factory.mktemp("decided")
    for name in ("people.csv", "credits.csv", "plans.csv"):
        shutil.copy(SAMPLE / name, data / name)
    for part in ("exports/2025-03", "exports/2025-05"):
        shutil.copytree(SAMPLE / part, data / part)
    for part in ("ratings", "tasks"):
        shutil.copytree(SAMPLE / part, data / part)
    (data / "calibrations.csv").write_text("\n".join([HEAD, B_MARCH, B_MAY, KEPT]), "utf-8")
    return data


@pytest.fixture(scope="module")
def decided(folder):
    return appraise(folder, "2025-05")


def with_lines(computed, *lines: dict):
    """Return grades whose month has these decisions."""
    base = {"month": "2025-05", "decided_by": "p033", "reason": "why"}
    made = table_of("calibrations", [base | line for line in lines])
    made["decided"] = pd.Timestamp("2025-06-18")
    readings = computed.scores.readings
    month = replace(readings.month, tables={**readings.month.tables, "calibrations": made})
    scores = replace(computed.scores, readings=replace(readings, month=month))
    return replace(computed, scores=scores)


def line(person="p050", old="A", new="B", **more):
    return {"person": person, "grade_from": old, "grade_to": new, **more}


# ---- the file ----------------------------------------------------------------------------------


def test_a_decision_changes_the_grade_and_keeps_what_was_computed(decided, computed):
    table = decided.grades.table
    assert table.loc["p050", ["grade", "computed"]].tolist() == ["B", "A"]
    assert table.loc["p055", ["grade", "computed"]].tolist() == ["A", "A"]
    others = table.drop(index="p050")
    assert (others["grade"].fillna("") == others["computed"].fillna("")).all()
    assert table["computed"].equals(computed.table["grade"].rename("computed"))
    assert table["score"].equals(computed.table["score"])
    held = decided.grades.calibrations.loc["p050"]
    assert held[["decided_by", "reason", "decided"]].tolist() == [
        "p033", "与并列者差距不到一分", "2025-06-18"]  # fmt: skip


def test_what_follows_stands_on_the_decided_grade(decided):
    """March's C became a B, so there is no improvement month in May; pay follows the score."""
    notes = decided.notes[decided.notes["person"] == "p006"]
    assert notes["kind"].tolist() == ["plan"]
    undecided = appraise_plain()
    was = undecided.notes[undecided.notes["person"] == "p006"]["kind"]
    assert sorted(was) == ["not_improved", "plan"]
    assert decided.table.loc["p050", "pay"] == undecided.table.loc["p050", "pay"]
    assert "computed" not in undecided.table
    assert decided.table.loc["p050", ["grade", "computed"]].tolist() == ["B", "A"]


_PLAIN = {}


def appraise_plain():
    """Return the sample as it is, without decisions: March and May."""
    if not _PLAIN:
        rules = read_scheme("published")
        grades = [
            grade(score(measure(read_team(SAMPLE, m), rules))) for m in ("2025-03", "2025-05")
        ]
        _PLAIN["it"] = settle(grades[1], grades[:1])
    return _PLAIN["it"]


def test_without_decisions_grades_are_the_same_object(computed):
    assert calibrated(computed) is computed
    assert computed.as_computed is computed


def test_analyses_redo_computed_grades(decided, computed):
    """A distance to a cut, and what weights change, is of the computed grade."""
    assert near_cuts(decided.grades).table.equals(near_cuts(computed).table)
    assert decided.as_computed.table["grade"].equals(decided.table["computed"].rename("grade"))
    assert certainty(decided).table.loc["p050", ["grade", "neighbour"]].tolist() == ["A", "B"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            [line("p0050")],
            "row 2, person p0050: is none of the 57 people of 2025-05. To mend: did you mean p050? "
            "give an id of people.csv.",
        ),
        (
            [line(new="D")],
            "row 2, person p050: to 'D' is no grade of scheme 'published'. To mend: write one of "
            "A+, A, B, C; a decision under another scheme names it in `scheme`.",
        ),
        (
            [line(old="M")],
            "row 2, person p050: from 'M' is no grade of scheme 'published'. To mend: write one of "
            "A+, A, B, C; a decision under another scheme names it in `scheme`.",
        ),
        (
            [line(old="B", new="C")],
            "row 2, person p050: from B, but the grade computed for 2025-05 is A: what was decided "
            "on is not what stands. To mend: decide anew and write the computed grade, or take the "
            "line out; a decision under another scheme names it in `scheme`.",
        ),
        (
            [line("p053")],
            "row 2, person p053: has no computed grade in 2025-05: there is nothing to calibrate. "
            "To mend: settle the reading that is not known, or take the line out.",
        ),
        (
            [line(), line(scheme="published")],
            "row 3: rows 2 and 3 both decide on p050 in 2025-05. To mend: keep one of them.",
        ),
    ],
)
def test_a_decision_that_does_not_hold_is_refused(computed, lines, said):
    with pytest.raises(KpiError) as caught:
        calibrated(with_lines(computed, *lines))
    assert str(caught.value) == f"calibrations.csv, {said}"


def test_all_faults_stand_in_one_error(computed):
    with pytest.raises(KpiError) as caught:
        calibrated(with_lines(computed, line("nobody"), line(new="D")))
    assert str(caught.value).startswith("calibrations.csv: 2 faults:\n- calibrations.csv, row 2,")


def test_a_line_of_another_scheme_waits_for_it(computed):
    grades = calibrated(with_lines(computed, line(scheme="mature"), line("p055", "A", "A+")))
    assert grades.table.loc[["p050", "p055"], "grade"].tolist() == ["A", "A+"]
    assert grades.calibrations.index.tolist() == ["p055"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"{HEAD}\n2025-05,p050,A,B,p033,,2025-06-18\n",
            "calibrations.csv, row 2, column why: the cell is empty, and the row means nothing "
            "without it. To mend: fill the cell, or take the row out if it is no data.",
        ),
        (
            f"{HEAD}\n{B_MAY}\n2025-05,p050,A,C,p033,anders,2025-06-18\n",
            "calibrations.csv, row 2 and calibrations.csv, row 3: month 2025-05, person p050, "
            "scheme nothing stands there twice with other values: grade_to B and C; reason. "
            "To mend: keep the row that is right and take the other out.",
        ),
        (
            f"{HEAD}\n2026-05,p050,A,B,p033,why,2025-06-18\n",
            "calibrations.csv, row 2, column month: there is no folder exports/2026-05, so this "
            "decides on nothing. To mend: correct the month, or take the line out.",
        ),
    ],
    ids=["no reason", "twice", "no such month"],
)
def test_a_reason_is_compulsory_and_nobody_is_decided_on_twice(folder, tmp_path, text, said):
    for name in ("people.csv", "credits.csv", "plans.csv"):
        shutil.copy(folder / name, tmp_path / name)
    (tmp_path / "exports" / "2025-05").mkdir(parents=True)
    kept = next((SAMPLE / "exports" / "2025-05").rglob("客服表现*.xlsx"))
    shutil.copy(kept, tmp_path / "exports" / "2025-05" / kept.name)
    (tmp_path / "calibrations.csv").write_text(text, "utf-8")
    with pytest.raises(KpiError) as caught:
        read_team(tmp_path, "2025-05")
    assert str(caught.value) == said


def test_decisions_go_with_the_team(decided):
    assert of_team(decided, "live").grades.calibrations.index.tolist() == ["p050", "p055"]
    assert of_team(decided, "video").grades.calibrations.empty


# ---- where it is shown and kept ----------------------------------------------------------------


def test_a_page_says_under_a_table_whose_grade_was_calibrated(decided):
    """Whatever the table shows of the person's grade; not where a column says it already."""
    labels = Labels(lookup("en"), view("analyst"))
    labels.learn(decided)
    table = decided.table[["score", "grade"]]
    assert labels.decided(table) == [("p050", "A", "B")]
    assert labels.decided(table.reset_index().assign(grade="no grade")) == []
    assert labels.decided(table.drop(index="p050")) == []
    assert labels.decided(decided.table[["grade", "computed"]]) == []
    plain = Labels(lookup("en"), view("analyst"))
    plain.learn(appraise_plain())
    assert plain.decided(table) == []


def test_the_workbook_and_the_review_show_computed_grades_only_where_some_were_calibrated(decided):
    t = lookup("en")
    for outcomes, there in ((decided, True), (appraise_plain(), False)):
        assert ("computed" in book_of(outcomes, t).people.keys) == there
        assert ("computed" in review(outcomes).results) == there


# ---- the meeting -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seen(computed):
    return meeting(settle(computed))


def test_who_is_to_be_talked_about_has_the_reason_it_says(seen, computed):
    people = seen.people
    assert set(people.index) == set(computed.table.index[computed.table["status"] == "ok"])
    near = near_cuts(computed, (MARGIN,)).table.index
    assert set(people.index[people["why"].map(lambda w: "near" in w)]) == set(near)
    doubtful = people["why"].map(lambda w: "doubtful" in w)
    assert (people.loc[doubtful, "own"] < 0.9).all()
    assert (people.loc[~doubtful, "own"] >= 0.9).all()
    counts = people["why"].map(len)
    assert counts.is_monotonic_decreasing
    assert len(seen.first) == (counts > 1).sum()
    assert len(seen.then) == (counts == 1).sum()
    assert seen.numbers["first"] == len(seen.first)


def test_what_a_lenient_rater_makes_of_a_total_is_what_undoing_the_correction_gives(seen):
    """With all other leniency left as it is, put back the marked rater's; points say the rest."""
    views = seen.outcomes.grades.scores.readings.views
    row = seen.people.loc["p009"]
    assert row["raters"] == ("p010",)
    assert abs(row["shift"]) >= LEAST_SHIFT
    effect = seen.leniency.raters.loc["p010", "effect"]
    marks = seen.outcomes.grades.scores.readings.month.tables["ratings"]
    mine = marks[(marks["ratee"] == "p009") & (marks["relation"] == "peer")]
    shift = 0.0
    for _, group in mine.groupby("item"):
        has = (group["rater"] == "p010").any()
        shift += 25 * has * effect / len(group) / 2 / 3  # half of the mean, a third of the total
    assert row["shift"] == pytest.approx(shift, abs=1e-6)
    assert views.taken["p010"] == pytest.approx(effect, abs=0.005)


def test_decided_people_leave_the_list_and_stand_in_before_and_after(decided, seen):
    after = meeting(decided)
    gone = set(seen.first.index) - set(after.first.index)
    assert gone == {"p050", "p055"}
    assert after.numbers["decided"], after.numbers["changed"] == (2, 1)
    before, now = (after.teams.loc[("live", when)] for when in ("computed", "calibrated"))
    assert (now - before).to_dict() == {"A+": 0, "A": -1, "B": 1, "C": 0}
    assert [entry.split(",")[1] for entry in after.entries] == list(after.first.index)
    assert all(entry.endswith(",,,,") for entry in after.entries)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lines_to_complete_stand_beside_the_name_and_never_before_leadership(seen, decided, lang):
    """The file takes the id; who reads the page knows people by name, or sees none of them."""
    people = seen.outcomes.table
    name = people.loc[seen.first.index[0], "name"]
    told = {}
    for audience in ("hr", "analyst", "leadership"):
        page = Heard("calibration", lang=lang, audience=audience)
        page.know(seen.outcomes)
        show_decisions(page, seen)
        show_decisions(page, meeting(decided))
        told[audience] = page.said
    lines = [row for row in told["hr"].split("<tr>") if seen.entries[0] in row]
    assert len(lines) == 2
    assert all(f">{name}<" in line for line in lines)
    assert seen.entries[0] in told["analyst"]
    assert name not in told["analyst"]
    named = [who for who in (*people["name"], *people.index) if who in told["leadership"]]
    assert named == []


def test_a_month_without_ratings_has_a_meeting_too(computed):
    readings = computed.scores.readings
    tables = {**readings.month.tables, "ratings": table_of("ratings", [])}
    month = replace(readings.month, tables=tables)
    again = grade(score(measure(month, read_scheme("published"))))
    held = meeting(settle(again))
    assert held.leniency.why == "few"
    assert held.managers.empty
    assert held.selves.empty
    assert not held.people["why"].map(lambda w: {"lenient", "harsh", "far"} & set(w)).any()
