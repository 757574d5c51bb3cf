"""Pay, plans, streaks: worked by hand from the scheme's text."""

from __future__ import annotations

import math
from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import performance_pay, settle
from kpilib.outcomes.pay import pay_of
from kpilib.scheme import Pay, read_scheme
from kpilib.scoring import score
from tests.company import NO_HITS, readings_of

PLANNER = ("creative_ctr", "page_conversion")


def month(name, totals, *, hits=NO_HITS, scheme="published", status=None):
    """Return grades of planners whose click rate and page conversion both earn the total."""
    values = {
        who: {"planner": {"creative_ctr": 0.0008 * total, "page_conversion": 0.0005 * total}}
        for who, total in totals.items()
    }
    made = readings_of(read_scheme(scheme), values, hits=hits, month=name, status=status)
    return grade(score(made))


def kinds(outcomes):
    return list(outcomes.notes[["person", "kind", "months", "due"]].itertuples(index=False))


def test_eighty_nine_points_earn_eighty_nine_percent():
    outcomes = settle(month("2025-05", {"a": 89}))
    assert outcomes.table.loc["a", "pay"] == Decimal("890.00")
    assert outcomes.payroll == Decimal("890.00")


@pytest.mark.parametrize(
    ("base", "percent", "rule", "pay"),
    [
        (3333.33, 83.333333, Pay(), "2777.77"),
        (1000, 100.0005, Pay(), "1000.01"),  # half a cent goes up
        (1000, 30, Pay(floor=50), "500.00"),
        (1000, 118, Pay(cap=110), "1100.00"),
        (0, 90, Pay(), "0.00"),
    ],
)
def test_pay_is_rounded_to_the_cent_half_up(base, percent, rule, pay):
    assert performance_pay(base, percent, rule) == Decimal(pay)


def test_an_unknown_score_is_not_paid_as_zero():
    unknown = {("b", "creative_ctr"): "unknown"}
    outcomes = settle(month("2025-05", {"a": 90, "b": 90}, status=unknown))
    assert outcomes.table.loc["b", "pay"] is None
    assert outcomes.payroll == Decimal("900.00")
    assert kinds(outcomes) == [("b", "open_reading", ("2025-05",), None)]


def test_a_missing_base_pay_is_named():
    grades = month("2025-05", {"a": 89})
    grades.scores.table["base_pay"] = float("nan")
    with pytest.raises(KpiError) as error:
        settle(grades)
    assert str(error.value) == (
        "people.csv, person a: has a score but no base pay. "
        "To mend: fill base_pay (yuan; 0 where there is none)."
    )


def test_a_c_starts_a_plan_for_the_first_full_month_after_signing():
    """A C of March is known in mid April and signed: its plan's month is May (opening G11)."""
    march = month("2025-03", {"a": 55, "b": 50, "c": 90})
    assert ("a", "plan", ("2025-03",), "2025-05") in kinds(settle(march))
    april = month("2025-04", {"a": 70, "b": 55, "c": 90})
    may = month("2025-05", {"a": 75, "b": 58, "c": 90})
    assert kinds(settle(may, [march, april])) == [
        ("b", "plan", ("2025-05",), "2025-07"),
        ("a", "improved", ("2025-03", "2025-05"), None),
        ("b", "not_improved", ("2025-03", "2025-05"), None),
    ]


def test_a_streak_counts_months_in_a_row_only():
    """Three A+ in a row lead to promotion or bonus; a gap or another grade starts anew."""
    past = [
        month("2025-01", {"a": 105, "b": 105, "c": 105}),
        month("2025-03", {"a": 105, "b": 105, "c": 105}),
        month("2025-04", {"a": 105, "b": 99, "c": 105}),
    ]
    found = settle(month("2025-05", {"a": 105, "b": 105, "c": 95}), past)
    assert kinds(found) == [("a", "promotion", ("2025-03", "2025-04", "2025-05"), None)]
    found = settle(month("2025-05", {"a": 105}), [past[0], past[2]])
    assert kinds(found) == []


def test_two_low_levels_within_four_half_years_call_for_a_talk():
    totals = {f"p{i:02d}": 100 - i for i in range(10)}
    halves = ("2023-09", "2024-03", "2024-09")
    past = [month(name, totals, scheme="bytedance") for name in halves]
    found = settle(month("2025-03", totals, scheme="bytedance"), past[:1])
    assert ("p09", "talk", ("2023-09", "2025-03"), None) in kinds(found)
    same_half = month("2025-01", totals, scheme="bytedance")
    found = settle(month("2025-03", totals, scheme="bytedance"), [same_half])
    assert "talk" not in set(found.notes["kind"])
    turned = dict(zip(totals, reversed(totals.values()), strict=True))
    others = [month(name, turned, scheme="bytedance") for name in (*halves[1:], "2025-03")]
    found = settle(month("2025-09", totals, scheme="bytedance"), [past[0], *others])
    assert "talk" not in set(found.notes["kind"])


def test_makers_of_hits_may_ask_for_resources():
    hits = pd.DataFrame({"work": ["w", "v"], "person": ["a", "a"], "share": [1.0, 1.0]})
    outcomes = settle(month("2025-05", {"a": 90}, hits=hits))
    assert outcomes.table.loc["a", "score"] == 94.0
    note = outcomes.notes.iloc[0]
    assert (note["person"], note["kind"], note["count"]) == ("a", "hit", 2)


def test_the_month_before_stands_beside_only_if_it_is_the_month_before():
    april, may = month("2025-04", {"a": 70}), month("2025-05", {"a": 90, "b": 90})
    table = settle(may, [april]).table
    assert table["grade_before"].tolist()[0] == "B"
    assert pd.isna(table.loc["b", "grade_before"])
    assert settle(may, [month("2025-03", {"a": 70})]).table["score_before"].isna().all()


def test_months_that_do_not_rise_are_refused():
    april, may = month("2025-04", {"a": 70}), month("2025-05", {"a": 90})
    with pytest.raises(KpiError) as error:
        settle(april, [may])
    assert str(error.value) == (
        "settle, months: the months run ['2025-05', '2025-04']. To mend: give each earlier "
        "month once, oldest first, all before the month settled."
    )


def test_history_has_one_column_a_month():
    april, may = month("2025-04", {"a": 70}), month("2025-05", {"a": 90})
    history = settle(may, [april]).history()
    assert history.columns.tolist() == ["2025-04", "2025-05"]
    assert history.loc["a"].tolist() == ["B", "A"]


_CENTS = st.integers(0, 10**7).map(lambda cents: cents / 100)
_MILLIONTHS = st.integers(0, 130 * 10**6).map(lambda millionths: millionths / 10**6)
_LIMITS = [{}, {"floor": 60}, {"cap": 100}, {"floor": 50, "cap": 110}, {"cap": 1 / 3}]
_UNKNOWN = (1000.0, math.nan)


@given(st.lists(st.tuples(_CENTS, _MILLIONTHS), min_size=1, max_size=20), st.sampled_from(_LIMITS))
@example([(2000.01, 89.555), (33.33, 77.777777), (0.01, 50.0), (100.1, 2.5)], {})
@example([(2000.01, 120.5), (999.99, 20.25), (1000.0, 89.555)], {"floor": 50, "cap": 110})
def test_a_month_pays_what_one_person_s_pay_says(pairs, limits):
    """Whole numbers for a whole month give the cent that the exact fraction gives."""
    pays_alike([_UNKNOWN, *pairs], limits)


@pytest.mark.parametrize(
    "odd",
    [(1000.005, 100.0), (2e6, 89.0000004), (0.1 + 0.2, 60.0), (1e13, 100.0), (9e12, 129.999999)],
)
@pytest.mark.parametrize("limits", _LIMITS)
def test_a_month_with_more_digits_than_whole_numbers_hold_is_paid_by_fractions(odd, limits):
    pays_alike([_UNKNOWN, (2000.01, 89.555), odd], limits)


def pays_alike(pairs, limits):
    """Hold the pay of a month against that of each person."""
    rule = Pay(**limits)
    bases, percents = zip(*pairs, strict=True)
    wanted = [performance_pay(b, p, rule) for b, p in zip(bases, percents, strict=True)]
    held = read_scheme("published").revise(pay=limits)
    table = pd.DataFrame({"base_pay": bases, "score": percents, "total": 0.0})
    grades = SimpleNamespace(scheme=held, scores=SimpleNamespace(table=table))
    paid = pay_of(grades)
    assert paid.tolist() == wanted
    assert paid.map(str).tolist() == [str(pay) for pay in wanted]
