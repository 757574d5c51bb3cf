"""What a variant is measured by: each figure worked by hand or counted another way."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from kpilib.audience import HIDDEN, view
from kpilib.certainty import certainty
from kpilib.contrast import outcomes_under
from kpilib.errors import KpiError
from kpilib.pieces.one_table import hidden_of, in_blocks, one_table, shown_grades
from kpilib.texts import lookup
from kpilib.variants import compare, facts_of, reasons
from kpilib.variants.measures import role_means, team_means
from kpilib.variants.rules import RULES, differing, mixed
from tests.test_variants import FOUR, ROW, compared, managers, schemes


def test_one_more_best_grade_is_the_mean_of_the_five_nearest():
    """95, 90, 85, 80, 75 and 70 on a base of 1,000: 50, 100, 150, 200, 250 yuan, 150 on average."""
    points = {f"p{i}": (score,) * 3 for i, score in enumerate((110, 95, 90, 85, 80, 75, 70))}
    found = compared(("thirds", "quota"), points).table.loc["next_best"]
    assert found["thirds"] == pytest.approx(150)
    assert math.isnan(found["quota"])
    assert math.isnan(compared(("thirds",), FOUR).table.loc["next_best", "thirds"])  # three below


def test_moves_by_more_than_one_grade_are_counted_apart():
    """Thirds of 120, 120 and 0 are 80, a B; leads alone are 0, a C; 60, 60, 120: 80, B to A+."""
    found = compared(("thirds", "leads"), {"a": (120, 120, 0), "b": (60, 60, 120), "c": FOUR["d"]})
    assert found.table.loc[["up", "down", "far"], "leads"].tolist() == [1, 1, 1]


def test_reach_asks_methods_and_bonus():
    """Points capped at 100 and no bonus: nobody passes 100."""
    base = schemes()[0]
    data = base.model_dump()
    for rule in data["roles"][0]["indicators"]:
        rule["method"] = {"kind": "ratio", "cap": 100}
    capped = base.revise(roles=data["roles"], name="capped")
    assert facts_of(capped).reaching == {"operations_manager"}  # the bonus of a hit helps
    assert facts_of(capped.revise(bonus=None)).reaching == frozenset()
    readings = managers(base, FOUR)
    found = compare(readings, [base, capped.revise(bonus=None)])
    assert found.table.loc["reach"].tolist() == [1, 0]


def test_firm_grades_are_those_of_certainty():
    base = schemes()[0]
    held = outcomes_under(managers(base, FOUR), base)
    sure = certainty(held)
    table = compare(held, [base]).table["thirds"]
    assert table["holds"] == (sure.table["tolerance"] > 0.10).mean()
    assert table["firm"] == (sure.odds.max(axis=1) > 0.90).mean()
    assert compared(("quota",)).table.loc[["holds", "firm"], "quota"].isna().all()


def test_a_firm_grade_bears_more_than_a_tenth():
    """Nine people, some of whom bear 5 to 10% and some 10 to 20%, as certainty has it."""
    base = schemes()[0]
    points = {f"p{i}": (82 + i, 62 + 3 * i, 98) for i in range(9)}
    sure = certainty(outcomes_under(managers(base, points), base)).table["tolerance"]
    assert sure.between(0.05, 0.10).any()
    assert sure.between(0.10, 0.20).any()
    held = compare(managers(base, points), [base]).table.loc["holds", "thirds"]
    assert held == (sure > 0.10).mean()


@pytest.mark.parametrize("n", [4, 5])
def test_a_mean_of_a_role_or_a_team_needs_five_people(n):
    base = schemes()[0]
    held = outcomes_under(managers(base, {f"p{i}": (100, 90, 80 + i) for i in range(n)}), base)
    assert len(team_means(held)) == len(role_means(held)) == (1 if n == 5 else 0)


PLACES = {"A+": 0, "A": 1, "B": 2, "C": 3}


@settings(max_examples=15)
@given(st.lists(ROW, min_size=2, max_size=12))
def test_agreement_is_that_of_plain_sums(rows):
    """Cohen (1968): 1 - observed over expected squared distance, person by person; tau by scipy."""
    found = compared(("thirds", "leads"), {f"p{i}": row for i, row in enumerate(rows)})
    grades = found.people().map(PLACES.get).to_numpy()
    apart = [(Fraction(int(a)) - int(b)) ** 2 for a, b in grades]
    chance = [(Fraction(int(a)) - int(b)) ** 2 for a in grades[:, 0] for b in grades[:, 1]]
    kappa = found.table.loc["kappa", "leads"]
    if not sum(chance):
        assert math.isnan(kappa)
    else:
        exact = 1 - Fraction(sum(apart), len(apart)) / Fraction(sum(chance), len(chance))
        assert kappa == pytest.approx(float(exact))
    one, other = (found.outcomes[name].table["score"] for name in ("thirds", "leads"))
    if min(map(np.ptp, (one, other))) > 0:
        assert found.table.loc["kendall", "leads"] == pytest.approx(
            kendalltau(one, other).statistic
        )


# --- rule by rule


def changed():
    """Return thirds, and a scheme that differs from it in weights, targets, bonus, cuts and pay."""
    base, leads, lower, _ = schemes()
    data = leads.model_dump()
    data["roles"][0]["indicators"][2]["target"] *= 1.25
    data["roles"][0]["indicators"][0]["weight"] = 0.25
    data["roles"][0]["indicators"][2]["weight"] = 0.75
    other = leads.revise(roles=data["roles"], grading=lower.grading, pay={"floor": 70}, bonus=None)
    return base, other.revise(name="other")


def test_the_rules_that_differ_are_named_in_their_order():
    base, other = changed()
    assert differing(base, other) == ("weights", "targets", "bonus", "cuts", "pay")
    assert differing(base, base.revise(name="same", title={"en": "x", "zh": "x"})) == ()
    geometric = base.revise(totals={"kind": "geometric"})
    assert differing(base, geometric) == ("totals",)
    whole = mixed(base, other, frozenset(RULES))
    assert (whole.grading, whole.pay, whole.bonus) == (other.grading, other.pay, other.bonus)
    assert whole.role("operations_manager").weights == other.role("operations_manager").weights
    with pytest.raises(KpiError) as caught:
        reasons(managers(base, FOUR), base, base.revise(name="again"))
    assert str(caught.value) == (
        "schemes 'thirds' and 'again': differ in nothing that grades or pay hang on. "
        "To mend: compare two schemes that do."
    )


@settings(max_examples=3)
@given(st.lists(ROW, min_size=1, max_size=6))
def test_the_parts_of_each_rule_sum_to_the_change(rows):
    base, other = changed()
    readings = managers(base, {f"p{i}": row for i, row in enumerate(rows)})
    why = reasons(readings, base, other)
    ends = [outcomes_under(readings, scheme) for scheme in (base, other)]
    whole = ends[1].payroll - ends[0].payroll
    assert sum(why.steps["payroll"]) == whole  # to the cent, exactly
    assert sum(why.shares["payroll"]) == whole
    change = ends[1].table["score"] - ends[0].table["score"]
    parts = why.people.drop(columns="total").sum(axis=1)
    assert parts.to_dict() == pytest.approx(change.to_dict(), abs=1e-9)
    assert why.steps["score"].sum() == pytest.approx(change.mean(), abs=1e-9)
    steps = [PLACES[a] - PLACES[b] for a, b in zip(*(e.table["grade"] for e in ends), strict=True)]
    assert why.shares["grade"].sum() == pytest.approx(sum(steps), abs=1e-9)
    assert why.bridge()["reached"].iloc[-1] == pytest.approx(why.ends()[1])
    assert set(why.movers().index) == {
        p for p, s in zip(ends[0].table.index, steps, strict=True) if s
    }


def test_a_shapley_value_is_the_mean_over_all_orders():
    """Two rules, 120 orders of five: each order laid over the same readings by hand."""
    base, other = changed()
    readings = managers(base, {"a": (120, 60, 30)})
    why = reasons(readings, base, other)
    rules = why.rules
    found = dict.fromkeys(rules, 0.0)

    @cache
    def at(taken):
        return outcomes_under(readings, mixed(base, other, taken)).table["score"]["a"]

    for order in permutations(rules):
        before = at(frozenset())
        for i, rule in enumerate(order):
            after = at(frozenset(order[: i + 1]))
            found[rule] += (after - before) / 120
            before = after
    assert why.people.loc["a", list(rules)].to_dict() == pytest.approx(found, abs=1e-9)


# --- what leadership may see


def crowd(counts):
    """Return people who have a grade under thirds and another under leads: {(grade, grade): n}."""
    at = {"A+": 110, "A": 90, "B": 70, "C": 40}
    points, i = {}, 0
    for (old, new), n in counts.items():
        leads = at[new]
        rest = (3 * at[old] - leads) / 2
        for _ in range(n):
            points[f"p{i:03d}"] = (rest, rest, leads)
            i += 1
    return points


PAIRS = [(a, b) for a in PLACES for b in PLACES if abs(PLACES[a] - PLACES[b]) <= 1]


@settings(max_examples=10)
@given(st.lists(st.integers(0, 9), min_size=len(PAIRS), max_size=len(PAIRS)).filter(any))
def test_what_leadership_sees_cannot_be_solved_for_what_it_does_not(numbers):
    """Figures shown are equations in the cells of the migration table; none hidden follows."""
    found = compared(("thirds", "leads"), crowd(dict(zip(PAIRS, numbers, strict=True))))
    seen, cells = view("leadership"), 16
    grid = np.arange(cells).reshape(4, 4)
    step = grid % 4 - grid // 4  # columns are worse grades to the right

    def row(flags):
        return np.asarray(flags, dtype=float).ravel()

    facts = {
        "up": row(step < 0), "down": row(step > 0), "far": row(abs(step) > 1),
        "kappa": row(step**2),  # with both margins known, kappa tells the squared steps
    }  # fmt: skip
    grades = shown_grades(found, seen)
    for name, axis in (("thirds", 0), ("leads", 1)):
        for i, grade in enumerate(PLACES):
            flags = np.zeros((4, 4))
            flags[(i, slice(None)) if axis == 0 else (slice(None), i)] = 1
            facts[name, grade] = row(flags)
    away = hidden_of(found, "leads") & set(facts)
    away |= {(n, g) for n in grades.index for g in PLACES if grades.loc[n, g] is HIDDEN}
    shown = np.array([facts[key] for key in facts if key not in away] + [np.ones(cells)])
    rank = np.linalg.matrix_rank(shown)
    values = {name: found.table.loc[name, "leads"] for name in ("up", "down", "far")}
    counts = found.own_grades()
    for key in facts:
        value = counts.loc[key] if isinstance(key, tuple) else values.get(key, 0)
        if 0 < value < 5:
            assert key in away
            assert np.linalg.matrix_rank(np.vstack([shown, facts[key]])) == rank + 1


def texts(lang="en"):
    t = lookup(lang)
    return t, lambda key, **values: t(f"scheme_variants.{key}", **values)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("audience", ["hr", "leadership"])
def test_the_table_says_each_figure_once(lang, audience):
    t, text = texts(lang)
    table = one_table(compared(), t, view(audience), text, str)
    assert table.index.is_unique
    assert table.columns.tolist() == list(compared().titles(lang).values())
    assert all(
        cell is None or cell is HIDDEN or isinstance(cell, str) for cell in table.to_numpy().ravel()
    )
    pay = table.loc[text("table.payroll")]
    assert pay.tolist() == ["3,350", "3,450", "3,350", "3,350"]
    small = table.loc[text("table.up")].tolist()
    assert small == ([None, "1", "2", None] if audience == "hr" else [None, HIDDEN, HIDDEN, None])


def test_wide_tables_are_parted_evenly():
    table = pd.DataFrame(np.zeros((1, 9)))
    assert [block.shape[1] for block in in_blocks(table, 4)] == [3, 3, 3]
    assert [block.shape[1] for block in in_blocks(table.iloc[:, :4], 4)] == [4]
