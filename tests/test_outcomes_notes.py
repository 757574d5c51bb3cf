"""Plans, raises, talks and requests: what follows, by which rule, on which months."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kpilib.grading import grade
from kpilib.outcomes import resource_requests, settle
from kpilib.scheme import Scheme, read_scheme
from kpilib.scoring import score
from tests.company import readings_of
from tests.test_outcomes import kinds, month


def graded(name, totals, **rules):
    """Return a month under the published scheme with some rules of its own."""
    scheme = read_scheme("published").revise(**rules)
    values = {
        who: {"planner": {"creative_ctr": 0.0008 * t, "page_conversion": 0.0005 * t}}
        for who, t in totals.items()
    }
    return grade(score(readings_of(scheme, values, month=name)))


def test_every_note_names_a_field_of_the_scheme_and_its_months():
    rules = {"raise_first": {"grades": ["A+"]}, "improvement": {"grade": "C", "plans": 1}}
    past = [graded(f"2025-0{m}", {"a": 105, "b": 50}, **rules) for m in (1, 2, 3, 4)]
    notes = settle(graded("2025-05", {"a": 105, "b": 50}, **rules), past).notes
    assert set(notes["kind"]) == {"plan", "not_improved", "other_post", "promotion", "raise_first"}
    for note in notes.itertuples():
        assert note.rule.partition(".")[0] in Scheme.model_fields
        assert note.months
        assert note.months[-1] == "2025-05"


def test_the_plan_begins_in_the_first_full_month_after_the_day_of_signing():
    """Signed on 30 April or on 2 May: the plan is for May, or for June."""
    march = month("2025-03", {"a": 50, "b": 50, "c": 50})
    signed = {("2025-03", "a"): date(2025, 4, 30), ("2025-03", "b"): date(2025, 5, 2)}
    due = {n[0]: n[3] for n in kinds(settle(march, signed=signed))}
    assert due == {"a": "2025-05", "b": "2025-06", "c": "2025-05"}
    april = month("2025-04", {"a": 90, "b": 90, "c": 90})
    may = month("2025-05", {"a": 90, "b": 90, "c": 50})
    assert [n[:3] for n in kinds(settle(may, [march, april], signed=signed))] == [
        ("c", "plan", ("2025-05",)),
        ("a", "improved", ("2025-03", "2025-05")),
        ("c", "not_improved", ("2025-03", "2025-05")),
    ]
    june = month("2025-06", {"a": 50, "b": 70, "c": 90})
    assert [n[:3] for n in kinds(settle(june, [march, april, may], signed=signed))] == [
        ("a", "plan", ("2025-06",)),
        ("b", "improved", ("2025-03", "2025-06")),
    ]


def test_a_plan_whose_month_has_no_grade_stays_open():
    march = month("2025-03", {"a": 50, "b": 50})
    unknown = {("a", "creative_ctr"): "unknown"}
    may = month("2025-05", {"a": 90}, status=unknown)
    assert [n[:3] for n in kinds(settle(may, [march]))] == [
        ("a", "plan_open", ("2025-03", "2025-05")),
        ("a", "open_reading", ("2025-05",)),
    ]


def test_after_so_many_plans_that_did_not_help_another_post_is_talked_about():
    rules = {"improvement": {"grade": "C", "after_months": 2, "plans": 2}}
    totals = [{"a": 50, "b": 50}, {"a": 90, "b": 90}, {"a": 50, "b": 70}, {"a": 90, "b": 50}]
    past = [graded(f"2025-0{i}", each, **rules) for i, each in enumerate(totals, start=1)]
    found = settle(graded("2025-05", {"a": 50, "b": 50}, **rules), past)
    other = found.notes.query("kind == 'other_post'")
    assert other[["person", "rule", "months", "count"]].to_numpy().tolist() == [
        ["a", "improvement.plans", ("2025-01", "2025-03", "2025-05"), 2]
    ]
    march = settle(past[2], past[:2]).notes
    assert set(march["kind"]) == {"plan", "not_improved", "improved"}  # one plan did not help
    once = {"improvement": {"grade": "C", "after_months": 2, "plans": 1}}
    past = [graded(f"2025-0{i}", each, **once) for i, each in enumerate(totals, start=1)]
    march = settle(past[2], past[:2]).notes.query("kind == 'other_post'")
    assert march["person"].tolist() == ["a"]
    assert "other_post" not in set(settle(month("2025-03", totals[2]), past[:2]).notes["kind"])


def test_who_comes_first_for_a_raise_stands_in_the_order_of_grades():
    rules = {"raise_first": {"grades": ["A+", "A"]}}
    found = settle(graded("2025-05", {"a": 90, "b": 105, "c": 70}, **rules)).notes
    assert found[["person", "kind", "rule", "count"]].to_numpy().tolist() == [
        ["b", "raise_first", "raise_first", 1],
        ["a", "raise_first", "raise_first", 2],
    ]


def test_two_low_half_years_within_four_call_for_a_talk():
    """A half-year counts by its last grade; a low month inside it does not."""
    talk = {"grade": "C", "times": 2, "within": 4, "period": "half_year"}
    rules = {"talk": talk, "improvement": None}

    def low(*pairs):
        return [graded(name, {"a": total}, **rules) for name, total in pairs]

    past = low(("2024-03", 50), ("2024-06", 50), ("2024-09", 50), ("2024-12", 90), ("2025-03", 50))
    found = settle(low(("2025-06", 50))[0], past).notes
    assert found[["person", "kind", "months", "count"]].to_numpy().tolist() == [
        ["a", "talk", ("2024-06", "2025-06"), 2]
    ]
    long_ago = low(("2023-06", 50), ("2024-09", 50), ("2024-12", 90))
    assert "talk" not in set(settle(low(("2025-06", 50))[0], long_ago).notes["kind"])
    better = low(("2024-06", 50))
    assert "talk" not in set(settle(low(("2025-06", 70))[0], better).notes["kind"])


def test_the_sheet_of_requests_lists_hits_and_their_makers():
    hits = pd.DataFrame(
        {
            "work": [1, 2, 2, 3],
            "title": ["v", "w", "w", "x"],
            "plays": [1_200_000.0, 3_000_000.0, 3_000_000.0, 2_000_000.0],
            "person": ["a", "b", "a", "z"],
            "share": [1.0, 0.4, 0.6, 1.0],
        }
    )
    sheet = resource_requests(settle(month("2025-05", {"a": 90, "b": 90}, hits=hits)))
    assert sheet.to_numpy().tolist() == [
        ["a", "live", "w", 3_000_000.0, 0.6],
        ["b", "live", "w", 3_000_000.0, 0.4],
        ["a", "live", "v", 1_200_000.0, 1.0],
    ]
    assert resource_requests(settle(month("2025-05", {"a": 90}))).empty
