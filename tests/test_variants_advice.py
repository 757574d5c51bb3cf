"""Advice by declared criteria, and whether it holds in other months: worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.variants import MEASURES, advise, backtest, read_criteria
from kpilib.variants.advice import dominated
from kpilib.variants.criteria import Criteria, Limit, Wish
from tests.test_variants import FOUR, managers, schemes


def table_of(**rows):
    """Return a comparison whose one table holds these rows: {variant: {measure: value}}."""
    table = pd.DataFrame(0.0, index=list(MEASURES), columns=list(rows))
    for name, values in rows.items():
        for measure, value in values.items():
            table.loc[measure, name] = value
    return SimpleNamespace(table=table, first=next(iter(rows)))


def test_criteria_are_read_as_a_reader_writes_them():
    found = read_criteria("firm 0.05, gap_roles", "payroll_change <= 0.03,far<=2")
    assert found == Criteria(
        (Wish("firm", 0.05), Wish("gap_roles", MEASURES["gap_roles"].close)),
        (Limit("payroll_change", "<=", 0.03), Limit("far", "<=", 2.0)),
    )
    assert read_criteria("firm 0.05, gap_roles", "payroll_change ≤ 0.03, far≤2") == found


@pytest.mark.parametrize(
    ("wishes", "limits", "said"),
    [
        ("frim", "", "criteria, 'frim': is no measure of the table. To mend: did you mean 'firm'?"),
        ("", "", "criteria: the wishes are []. To mend: name at least one measure, and each once."),
        ("firm, firm 1", "", "criteria: the wishes are ['firm', 'firm']. To mend: name at "
         "least one measure, and each once."),
        ("firm x", "", "criteria, 'firm x': 'x' is no number. To mend: write 0.03 for 3%."),
        ("firm", "payroll_change 3%", "limits, 'payroll_change 3%': is no comparison. To mend: "
         "write for example payroll_change <= 0.03."),
    ],
)  # fmt: skip
def test_criteria_that_cannot_be_read_are_named(wishes, limits, said):
    with pytest.raises(KpiError) as caught:
        read_criteria(wishes, limits)
    assert str(caught.value) == said


def test_what_has_no_better_and_worse_is_no_wish():
    with pytest.raises(KpiError) as caught:
        read_criteria("mean")
    assert str(caught.value).startswith(
        "criteria, 'mean': neither more nor less of it is better. To mend: take one of ['reach', "
    )


HELD = {
    "now": {"firm": 0.80, "gap_roles": 10.0, "payroll_change": math.nan},
    "fair": {"firm": 0.79, "gap_roles": 6.0, "payroll_change": 0.01},
    "firm": {"firm": 0.90, "gap_roles": 12.0, "payroll_change": 0.02},
    "dear": {"firm": 0.99, "gap_roles": 1.0, "payroll_change": 0.08},
    "other": {"firm": math.nan, "gap_roles": 3.0, "payroll_change": 0.0},
}


def advised(wishes, limits=""):
    return advise(table_of(**HELD), read_criteria(wishes, limits))


def test_limits_first_then_wishes_in_their_order():
    """Dear costs 8%; other says nothing of firm; firm leads by 10 points, fair by its gap."""
    found = advise(
        table_of(**HELD), read_criteria("firm 0.03, gap_roles 1", "payroll_change <= 0.05")
    )
    assert found.chosen == "firm"
    assert found.ranking == ("firm", "fair", "now")
    assert {name: [c.measure for c in limits] for name, limits in found.broken.items()} == {
        "dear": ["payroll_change"]
    }
    assert found.unsaid == {"other": ("firm",)}
    assert (found.decided, found.rivals, found.alike) == ("firm", ("now", "fair"), ())
    assert found.otherwise == {"gap_roles": "fair"}
    assert found.dominated == {"now": ("dear",), "fair": ("dear",), "firm": ("dear",)}


def test_a_difference_declared_as_none_does_not_decide():
    found = advise(
        table_of(**HELD), read_criteria("firm 0.2, gap_roles 1", "payroll_change <= 0.05")
    )
    assert (found.chosen, found.decided, found.rivals) == ("fair", "gap_roles", ("now", "firm"))
    alike = advised("firm 0.2", "payroll_change <= 0.05")
    assert (alike.chosen, alike.decided, alike.alike) == ("now", None, ("fair", "firm"))


def test_where_nothing_keeps_the_limits_nothing_is_advised():
    found = advise(table_of(**HELD), read_criteria("firm", "firm >= 1"))
    assert (found.chosen, found.ranking, found.otherwise) == (None, (), {})
    assert set(found.broken) == set(HELD)


def test_the_first_is_measured_against_itself():
    """It changes no pay, moves nobody and agrees with itself."""
    found = advise(table_of(**HELD), read_criteria("kappa", "payroll_change <= 0, down <= 0"))
    assert found.held.loc["now", ["kappa", "payroll_change", "down"]].tolist() == [1, 0, 0]


def without(measure, *names, held=HELD):
    """Return the variants with no answer to a measure, all of them or those named."""
    return {
        name: {**values, measure: math.nan} if name in (names or held) else values
        for name, values in held.items()
    }


def test_a_wish_that_no_variant_answers_is_set_aside():
    """It tells none from another: the others decide as if it had not been declared."""
    found = advise(table_of(**without("gap_teams")), read_criteria("gap_teams, firm 0.03"))
    plain = advised("firm 0.03")
    assert found.aside == ("gap_teams",)
    assert (found.ranking, found.unsaid, found.decided) == (
        plain.ranking,
        plain.unsaid,
        plain.decided,
    )
    assert [wish.measure for wish in found.wishes] == ["firm"]
    assert (plain.aside, plain.chosen) == ((), "dear")


def test_a_limit_that_no_variant_answers_is_set_aside():
    """That the first moves nobody against itself is no answer."""
    found = advise(table_of(**without("far")), read_criteria("firm", "far <= 3"))
    assert (found.aside, found.broken, found.chosen) == (("far",), {}, "dear")


def test_what_some_variants_answer_puts_the_others_out():
    held = without("far", "firm", "dear")
    found = advise(table_of(**held), read_criteria("gap_roles", "far <= 3"))
    assert found.aside == ()
    assert set(found.broken) == {"firm", "dear"}
    assert (found.breaking, found.unanswered) == ((), ("far",))
    assert found.chosen == "other"


def test_without_a_wish_that_is_answered_nothing_is_advised():
    """The order in which schemes were named is no reason to take the first."""
    found = advise(table_of(**without("firm")), read_criteria("firm", "payroll_change <= 0.03"))
    assert (found.aside, found.wishes, found.chosen, found.ranking) == (("firm",), (), None, ())
    assert found.breaking == ("dear",)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=7))
def test_nobody_dominated_is_ever_chosen_without_slack(rows):
    """Brute force over pairs; a lexicographic choice without slack stands on the frontier."""
    held = {f"v{i}": {"firm": a, "gap_roles": b} for i, (a, b) in enumerate(rows)}
    found = advise(table_of(**held), read_criteria("firm 0, gap_roles 0"))
    best = max(rows, key=lambda row: (row[0], -row[1]))
    assert rows[int(found.chosen[1:])] == best
    wanted = {
        f"v{i}"
        for i, (a, b) in enumerate(rows)
        if any(c >= a and d <= b and (c, d) != (a, b) for c, d in rows)
    }
    assert set(found.dominated) == wanted
    assert found.chosen not in wanted
    assert sorted(found.ranking) == sorted(held)


def test_dominance_needs_no_slack():
    values = pd.DataFrame({"firm": [0.5, 0.5001]}, index=["a", "b"])
    assert dominated(values, [Wish("firm", 0.03)]) == {"a": ("b",)}


def months():
    base = schemes()[0]
    swapped = {who: FOUR[other] for who, other in zip("abcd", "badc", strict=True)}
    made = {}
    for month, points in (("2025-03", FOUR), ("2025-04", swapped), ("2025-05", FOUR)):
        readings = managers(base, points)
        made[month] = replace(readings, month=replace(readings.month, month=month))
    return made


def test_the_same_criteria_in_every_month():
    base, leads, _, quota = schemes()
    criteria = read_criteria("payroll 0")
    found = backtest(months(), [base, leads, quota], criteria, "2025-05")
    assert found.advice.chosen == "thirds"
    assert (found.same, found.others, found.left_out) == (2, 2, ())
    assert found.places()["2025-04"].to_dict() == {"thirds": 1, "leads": 3, "quota": 2}
    assert found.agreement().to_dict() == pytest.approx({"2025-03": 1, "2025-04": 1})
    steady = found.stability().loc["thirds"]
    assert steady["kept"] == 0  # a and b, c and d change places every month
    assert steady[["payroll_low", "payroll_high"]].tolist() == [3350, 3350]
    assert steady["order"] == pytest.approx(1 / 3)  # of six pairs two turn round
    with pytest.raises(KpiError) as caught:
        backtest(months(), [base], criteria, "2025-06")
    assert str(caught.value) == (
        "month '2025-06': is not among those read. "
        "To mend: take one of ['2025-03', '2025-04', '2025-05']."
    )


def test_where_none_is_chosen_none_comes_first_elsewhere():
    """None in May is not the same as none in April."""
    base, leads, _, quota = schemes()
    found = backtest(months(), [base, leads, quota], read_criteria("payroll", "n > 9"), "2025-05")
    assert (found.advice.chosen, found.same, found.others) == (None, 0, 2)


def test_a_month_that_a_variant_cannot_be_computed_for_is_left_out():
    base, leads, *_ = schemes()
    held = months()
    table = held["2025-04"].table
    held["2025-04"] = replace(held["2025-04"], table=table[table["indicator"] != "lead_conversion"])
    found = backtest(held, [base, leads], read_criteria("payroll"), "2025-05")
    assert found.left_out == ("2025-04",)
    assert list(found.comparisons) == ["2025-03", "2025-05"]
    alone = backtest(
        {"2025-05": held["2025-05"]}, [base, leads], read_criteria("payroll"), "2025-05"
    )
    assert (alone.others, alone.same) == (0, 0)
    assert np.isnan(alone.stability()["kept"]).all()
