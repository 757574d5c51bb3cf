"""Every refusal says where, what and how to mend it; the whole text is compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpilib import sensitivity
from kpilib.errors import KpiError

POINTS = pd.DataFrame(
    {"a": [90.0, 70.0, 60.0, 85.0], "b": [50.0, 80.0, 95.0, 40.0], "c": [60.0, 75.0, 50.0, 99.0]},
    index=["p1", "p2", "p3", "p4"],
)
WEIGHTS = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
CUTS = [60, 80]


def without(*people):
    """Nothing applies to these people."""
    points = POINTS.copy()
    points.loc[list(people)] = np.nan
    return points


def text(function, *arguments, **options):
    with pytest.raises(KpiError) as error:
        getattr(sensitivity, function)(*arguments, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("weights", "wanted"),
    [
        (
            {"a": 0.5, "b": 0.3, "c": 0.1},
            "weights: they sum to 0.9, not 1. To mend: change them by +0.1 in all, or divide each "
            "by the sum.",
        ),
        (
            {"a": 0.5, "b": 0.7, "c": -0.2},
            "weights: not a number of at least 0: c -0.2. To mend: give each a weight from 0 to 1.",
        ),
        (
            {"a": 0.5, "b": np.nan, "c": 0.5},
            "weights: not a number of at least 0: b nan. To mend: give each a weight from 0 to 1.",
        ),
        (
            {"a": 0.5, "B": 0.3, "c": 0.2},
            "weights: no weight for b; not an indicator: B. To mend: give one weight to each of "
            "a, b, c.",
        ),
    ],
)
def test_weights_that_do_not_fit(weights, wanted):
    """Every function checks them in the same place; `tolerance` stands for all."""
    assert text("tolerance", POINTS, pd.Series(weights), CUTS) == wanted


def test_weight_given_twice():
    """Which of two weights counts would be a guess."""
    twice = pd.Series([0.5, 0.3, 0.1, 0.1], index=["a", "b", "c", "c"])
    assert text("worst_case", POINTS, twice, 0.1) == (
        "weights: weighted twice: c. To mend: give one weight to each of a, b, c."
    )


@pytest.mark.parametrize(
    ("cuts", "wanted"),
    [
        (
            [60, 60],
            "cuts: they do not increase: 60, 60. To mend: list the cuts from the lowest to the "
            "highest, each once.",
        ),
        (
            [60, np.nan],
            "cuts: not all are finite numbers: 60, nan. To mend: give a number for each cut.",
        ),
        ([], "cuts: there is none. To mend: give at least one number between two grades."),
        (
            pd.DataFrame({"low": [1.0, 2, 3]}, index=["p1", "p2", "p3"]),
            "cuts, index: no single row for p4. To mend: give one row of cuts per person of the "
            "points.",
        ),
        (
            pd.DataFrame({"low": [1.0, 2, 3, 4, 5]}, index=["p1", "p2", "p3", "p4", "p4"]),
            "cuts, index: no single row for each person. To mend: give one row of cuts per person "
            "of the points.",
        ),
    ],
)
def test_cuts_that_do_not_fit(cuts, wanted):
    """In all functions that take cuts."""
    assert text("tolerance", POINTS, WEIGHTS, cuts) == wanted
    assert text("smallest_transfer", POINTS, WEIGHTS, cuts) == wanted
    assert text("grade_odds", POINTS, WEIGHTS, cuts) == wanted
    assert text("one_at_a_time", POINTS, WEIGHTS, cuts, [0.1]) == wanted
    assert text("leave_one_out", POINTS, WEIGHTS, cuts) == wanted


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        (
            POINTS.assign(a=np.inf),
            "points: infinite points for p1, p2, p3, p4. To mend: cap them, or leave the cell "
            "empty where the item does not apply.",
        ),
        (
            POINTS.assign(b=["x", "y", "z", "w"]),
            "points, column 'b': it holds str, not numbers. To mend: turn it into numbers first, "
            "empty where the item does not apply.",
        ),
        (
            without("p2", "p3"),
            "points: 2 people have no applicable item with a weight above 0, so no total: p2, p3. "
            "To mend: leave these people out, or weight an item that applies to them.",
        ),
        (
            POINTS.iloc[:0],
            "points: the table has 0 people and 3 indicators. To mend: give at least one of each.",
        ),
        (
            POINTS.rename(index={"p2": "p1"}),
            "points, index: labels stand there twice: p1. To mend: keep one of each.",
        ),
        (
            POINTS.rename(columns={"b": "a"}),
            "points, columns: labels stand there twice: a. To mend: keep one of each.",
        ),
    ],
)
def test_points_that_do_not_fit(points, wanted):
    """At most five people are named."""
    assert text("tolerance", points, WEIGHTS, CUTS) == wanted


def test_only_five_people_are_named():
    """More are counted."""
    points = pd.DataFrame({"a": [np.inf] * 7}, index=[f"p{i}" for i in range(7)])
    assert text("tolerance", points, pd.Series({"a": 1.0}), CUTS) == (
        "points: infinite points for p0, p1, p2, p3, p4 and 2 more. To mend: cap them, or leave "
        "the cell empty where the item does not apply."
    )


def test_one_person_without_an_item_is_one():
    """Singular, as it should be."""
    assert text("grade_odds", without("p2"), WEIGHTS, CUTS) == (
        "points: 1 person has no applicable item with a weight above 0, so no total: p2. To mend: "
        "leave these people out, or weight an item that applies to them."
    )


@pytest.mark.parametrize(
    ("sizes", "wanted"),
    [
        (
            [2, 3],
            "sizes: they sum to 5, more than the 4 people. To mend: give head counts that sum to "
            "at most the number of people.",
        ),
        (
            [2, 0],
            "sizes: not all are whole numbers of at least 1: 2, 0. To mend: give the head count of "
            "each group, best first.",
        ),
        (
            [1.5],
            "sizes: not all are whole numbers of at least 1: 1.5. To mend: give the head count of "
            "each group, best first.",
        ),
        (
            [],
            "sizes: not all are whole numbers of at least 1: none. To mend: give the head count of "
            "each group, best first.",
        ),
    ],
)
def test_sizes_that_do_not_fit(sizes, wanted):
    """Head counts, best first."""
    assert text("tolerance_quota", POINTS, WEIGHTS, sizes) == wanted


@pytest.mark.parametrize("radius", [-0.1, np.nan, np.inf])
def test_radius_that_is_none(radius):
    """A share of each weight, from 0."""
    assert text("worst_case", POINTS, WEIGHTS, radius) == (
        f"radius: {radius:g} is no share of a weight. To mend: give a finite number of at least 0, "
        "for example 0.1 for a tenth of every weight."
    )


@pytest.mark.parametrize("concentration", [0, -5, np.nan])
def test_concentration_that_is_none(concentration):
    """In all three functions that take it."""
    wanted = (
        f"concentration: {concentration:g} is not a number above 0. To mend: give for example 50, "
        "or None for weights that are all equally likely."
    )
    assert text("grade_odds", POINTS, WEIGHTS, CUTS, concentration) == wanted
    assert text("outrank_odds", POINTS, WEIGHTS, concentration) == wanted
    assert text("expected_rank", POINTS, WEIGHTS, concentration) == wanted


def test_concentration_that_is_too_firm():
    """The exact odds would take minutes; draws take no longer than for any other."""
    assert text("grade_odds", POINTS, WEIGHTS, CUTS, 1e4) == (
        "concentration: 10000 asks for 10000 items in all, more than 2000. To mend: lower it, or "
        "draw weights with kpilib.simulation.weight_draws."
    )


def test_concentration_that_leaves_a_person_without_an_item():
    """0.5 / 0.3 / 0.2 times 1.6 rounds to 1, 0 and 0."""
    points = POINTS.copy()
    points.loc["p3", "a"] = np.nan
    assert text("grade_odds", points, WEIGHTS, CUTS, 1.6) == (
        "concentration: 1.6 times the weights rounds to 0 on every item that applies to 1 person: "
        "p3. To mend: raise it, or give None for weights that are all equally likely."
    )


@pytest.mark.parametrize("steps", [[], [0.1, 1.5], [np.nan]])
def test_steps_that_are_none(steps):
    """Shares of the whole."""
    found = ", ".join(f"{step:g}" for step in steps)
    wanted = (
        f"steps: not all are numbers from -1 to 1: {found}. To mend: give changes of a weight as "
        "shares of the whole, for example [-0.05, 0.05]."
    )
    assert text("one_at_a_time", POINTS, WEIGHTS, CUTS, steps) == wanted
    assert text("stepped_weights", WEIGHTS, steps) == wanted


@pytest.mark.parametrize(
    ("function", "more"),
    [
        ("smallest_transfer", []),
        ("grade_odds", []),
        ("one_at_a_time", [[0.1]]),
        ("leave_one_out", []),
    ],
)
def test_edge_policy_that_is_none(function, more):
    """Rounding policies are other cuts."""
    assert text(function, POINTS, WEIGHTS, CUTS, *more, edge="rounded") == (
        "edge: there is no policy 'rounded'. To mend: choose one of upper_closed, lower_closed; "
        "for rounded totals move the cuts instead."
    )


def test_norm_that_is_none():
    """Two are known."""
    assert text("smallest_transfer", POINTS, WEIGHTS, CUTS, "linf") == (
        "norm: there is no norm 'linf'. To mend: choose one of l1, l2."
    )


def test_too_few_people_for_a_correlation():
    """Two people always correlate fully."""
    points = POINTS.copy()
    points.loc[["p1", "p2"], "b"] = np.nan
    assert text("importance", points, WEIGHTS) == (
        "points: too few people for a correlation: b to 2. To mend: take at least 3 people to whom "
        "the indicator applies, or leave it out."
    )


def test_totals_that_are_all_equal():
    """Nothing to explain."""
    points = pd.DataFrame({"a": [60.0, 80, 70], "b": [80.0, 60, 70]})
    assert text("importance", points, pd.Series({"a": 0.5, "b": 0.5})) == (
        "points: the totals of all 3 people are equal, so nothing explains them. To mend: take "
        "more people, or a month in which they differ."
    )


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        (
            POINTS.mask(POINTS > 98),
            "points: empty cells for 1 person: p4. To mend: leave these people out: the closed "
            "form needs every cell.",
        ),
        (
            POINTS.iloc[:3],
            "points: too few people for a covariance: 3 for 3 indicators. To mend: take at least 4 "
            "people, or fewer indicators.",
        ),
        (
            POINTS.assign(b=70.0),
            "points: people do not differ on b. To mend: leave these indicators out: no weight "
            "gives them importance.",
        ),
        (
            POINTS.assign(c=POINTS["a"] + 2 * POINTS["b"]),
            "points: each of a, b, c follows from the others, so many weights give the same "
            "totals. To mend: leave one of them out.",
        ),
    ],
)
def test_points_without_a_closed_form(points, wanted):
    """The covariance has to be known and to have an inverse."""
    assert text("weights_for_importance", points, WEIGHTS) == wanted


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        (
            {"a": 0.5, "b": 0.5},
            "importance: it names a, b. To mend: give one number to each of a, b, c.",
        ),
        (
            {"a": 0.5, "b": -0.1, "c": 0.6},
            "importance: they must be numbers of at least 0, one of them above it, not 0.5, -0.1, "
            "0.6. To mend: give each indicator its wished share, for example 0.25.",
        ),
        (
            {"a": 0.0, "b": 0.0, "c": 0.0},
            "importance: they must be numbers of at least 0, one of them above it, not 0, 0, 0. To "
            "mend: give each indicator its wished share, for example 0.25.",
        ),
    ],
)
def test_wishes_that_do_not_fit(wish, wanted):
    """One number per indicator."""
    assert text("weights_for_importance", POINTS, pd.Series(wish)) == wanted


def test_a_gap_needs_an_importance_for_each_weight():
    """And one that says something about the indicator to which the others are compared."""
    wanted = "To mend: give one number of at least 0 to each of a, b, c, above 0 for a."
    assert text("importance_gap", WEIGHTS, pd.Series({"a": 0.5, "b": 0.2})) == (
        f"importance: it has no number for c. {wanted}"
    )
    assert text("importance_gap", WEIGHTS, pd.Series({"a": 0.0, "b": 0.2, "c": 0.1})) == (
        f"importance: it is 0 for a, of the largest weight. {wanted}"
    )
