"""The least weight that must move: against linear and quadratic programmes, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from kpilib.scoring import weighted_total
from kpilib.sensitivity import smallest_transfer
from kpilib.sensitivity.inputs import read_case, totals
from tests.strategies import weighted_points

CUTS = [60.0, 80.0, 100.0]
KEYS = list("abcdefgh")


def random_case(rng, people, indicators, missing=0.0):
    points = rng.uniform(0, 120, (people, indicators))
    points[rng.random(points.shape) < missing] = np.nan
    points[np.isnan(points).all(axis=1), 0] = 50.0
    table = pd.DataFrame(points, index=[f"p{i}" for i in range(people)], columns=KEYS[:indicators])
    return table, pd.Series(rng.dirichlet(np.ones(indicators)), index=table.columns)


def least_l1(gap, weights):
    """Least sum of absolute changes that brings ``gap @ weights`` to 0, by linear programming."""
    k = len(gap)
    found = linprog(
        np.r_[np.zeros(k), np.ones(k)],
        A_ub=np.vstack([np.c_[np.eye(k), -np.eye(k)], np.c_[-np.eye(k), -np.eye(k)]]),
        b_ub=np.r_[weights, -weights],
        A_eq=[np.r_[gap, np.zeros(k)], np.r_[np.ones(k), np.zeros(k)]],
        b_eq=[0.0, 1.0],
        method="highs-ds",
    )
    return found.fun if found.status == 0 else np.nan


def least_l2(gap, weights):
    """Least Euclidean change that brings ``gap @ weights`` to 0, by SLSQP from the simplex."""
    conditions = [
        {"type": "eq", "fun": lambda w: w @ gap / 100, "jac": lambda w: gap / 100},
        {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones_like(w)},
    ]
    found = minimize(
        lambda w: ((w - weights) ** 2).sum(),
        weights,
        jac=lambda w: 2 * (w - weights),
        constraints=conditions,
        bounds=[(0, 1)] * len(gap),
        method="SLSQP",
        options={"ftol": 1e-16, "maxiter": 500},
    )
    assert found.success
    return np.sqrt(found.fun)


def sides(points, weights):
    """Give each person, side, cut beside the total, the gap to it and whether it can be met."""
    total = totals(read_case(points, weights))
    for (person, row), now in zip(points.iterrows(), total, strict=True):
        below = [cut for cut in CUTS if cut < now]
        above = [cut for cut in CUTS if cut >= now]
        for side, cut in (("lower", below[-1:]), ("upper", above[:1])):
            value = cut[0] if cut else np.nan
            gap = (row - value).fillna(0.0).to_numpy() if cut else None
            known = row.dropna()
            met = bool(cut) and (
                (known < value).any() if side == "lower" else (known > value).any()
            )
            yield person, side, value, gap, met


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize(("norm", "least"), [("l1", least_l1), ("l2", least_l2)])
def test_transfer_is_the_optimum(norm, least, missing):
    """Distances equal a linear programme (l1) and sequential quadratic programming (l2)."""
    rng = np.random.default_rng(2)
    reached = 0
    for _ in range(8):
        points, weights = random_case(rng, 4, int(rng.integers(2, 7)), missing)
        found = smallest_transfer(points, weights, CUTS, norm)
        for person, side, cut, gap, met in sides(points, weights):
            row = found.loc[(person, side)]
            assert row["cut"] == pytest.approx(cut, nan_ok=True)
            if not met:
                assert row.drop("cut").isna().all()
                continue
            reached += 1
            wanted = least(gap, weights.to_numpy())
            tolerance = {"rel": 1e-9} if norm == "l1" else {"rel": 1e-5, "abs": 1e-7}
            assert row["distance"] == pytest.approx(wanted, **tolerance)
    assert reached > 20


@given(weighted_points(people=(1, 5), indicators=(2, 6)), st.sampled_from(["l1", "l2"]))
def test_new_weights_are_weights_and_put_the_total_on_the_cut(case, norm):
    """At least 0, sum 1, at the stated distance; a step further and the total is past the cut."""
    points, weights = case
    found = smallest_transfer(points, weights, CUTS, norm)
    for (person, side), row in found[found["distance"].notna()].iterrows():
        held = row[list(weights.index)].to_numpy(dtype=float)
        assert (held >= 0).all()
        assert held.sum() == pytest.approx(1, abs=1e-9)
        change = held - weights.to_numpy()
        size = np.abs(change).sum() if norm == "l1" else np.sqrt((change**2).sum())
        assert row["distance"] == pytest.approx(size, abs=1e-12)
        one = read_case(points.loc[[person]], weights)
        gap = np.where(one.applies, one.points - row["cut"], 0.0)[0]
        assert gap @ held == pytest.approx(0, abs=1e-7)
        further = weights.to_numpy() + 1.001 * change
        if (further >= 0).all() and abs(gap @ weights.to_numpy()) > 1e-6:
            assert (gap @ further > 0) == (side == "upper")


def test_transfer_by_hand():
    """From 78 up to 80 with 90 and 70 points: 2 / 20 = a tenth of the weight moves, a change of .2.

    Down to 75, 3 / 20 moves. In both norms, for with two items there is one way only.
    """
    points = pd.DataFrame({"a": [90.0], "b": [70.0]}, index=["p0"])
    weights = pd.Series({"a": 0.4, "b": 0.6})
    found = smallest_transfer(points, weights, [75, 80])
    assert found.index.tolist() == [("p0", "lower"), ("p0", "upper")]
    assert found.loc[("p0", "upper")].tolist() == pytest.approx([80, 0.2, 0.5, 0.5])
    assert found.loc[("p0", "lower")].tolist() == pytest.approx([75, 0.3, 0.25, 0.75])
    euclid = smallest_transfer(points, weights, [75, 80], "l2")
    assert euclid["distance"].tolist() == pytest.approx([0.15 * 2**0.5, 0.1 * 2**0.5])


def test_weight_moves_from_the_worst_items_first():
    """Up from 60 to 80: all of a (0.2 of weight, 30 points up) and 0.25 of b reach d."""
    points = pd.DataFrame([[40.0, 50.0, 60.0, 90.0]], index=["p0"], columns=list("abcd"))
    weights = pd.Series([0.2, 0.3, 0.2, 0.3], index=list("abcd"))
    now = 8 + 15 + 12 + 27
    moved = 0.2 + (80 - now - 0.2 * 50) / 40
    row = smallest_transfer(points, weights, [80]).loc[("p0", "upper")]
    assert row.tolist() == pytest.approx([80, 2 * moved, 0, 0.5 - moved, 0.2, 0.3 + moved])


def test_the_weight_of_an_item_that_does_not_apply():
    """Only a (90) and b (70) apply, with gaps 5 and -15 to 85, and 0 for c.

    In sums, a tenth of the weight moves from b to a: 0.2 (5 - 15) + 0.1 x 20 = 0. In length it is
    shorter to take from c as well: the change is mu (gap - mean gap), with mean -10 / 3 and
    mu = 2 / (5 (25 / 3) + 15 (35 / 3)) = 2 / (650 / 3).
    """
    points = pd.DataFrame({"a": [90.0], "b": [70.0], "c": [np.nan]}, index=["p0"])
    weights = pd.Series({"a": 0.2, "b": 0.2, "c": 0.6})
    row = smallest_transfer(points, weights, [85]).loc[("p0", "upper")]
    assert row.tolist() == pytest.approx([85, 0.2, 0.3, 0.1, 0.6])
    row = smallest_transfer(points, weights, [85], "l2").loc[("p0", "upper")]
    change = [step * 6 / 650 for step in (25 / 3, -35 / 3, 10 / 3)]
    length = sum(step**2 for step in change) ** 0.5
    assert row.tolist() == pytest.approx(
        [85, length, 0.2 + change[0], 0.2 + change[1], 0.6 + change[2]]
    )


def test_there_is_no_cut_above_the_best_band_nor_below_the_lowest():
    """The row is there all the same, with nothing in it."""
    points = pd.DataFrame({"a": [110.0, 10.0], "b": [105.0, 20.0]}, index=["top", "low"])
    found = smallest_transfer(points, pd.Series({"a": 0.5, "b": 0.5}), CUTS)
    assert found.loc[("top", "upper")].isna().all()
    assert found.loc[("low", "lower")].isna().all()
    assert found.loc[("top", "lower"), "cut"] == 100
    assert np.isnan(found.loc[("top", "lower"), "distance"])  # all points lie above 100


def test_a_cut_that_points_only_touch_counts_by_the_edge_policy():
    """80 is the best item: the total reaches 80, which passes the cut only with closed lower edges.

    And the other way round from above.
    """
    weights = pd.Series({"a": 0.5, "b": 0.5})
    below = pd.DataFrame({"a": [80.0], "b": [60.0]}, index=["p0"])
    above = pd.DataFrame({"a": [80.0], "b": [90.0]}, index=["p0"])
    for norm, all_of_it in (("l1", 1.0), ("l2", 0.5**0.5)):
        for points, side, edge in (
            (below, "upper", "lower_closed"),
            (above, "lower", "upper_closed"),
        ):
            row = smallest_transfer(points, weights, [80], norm, edge=edge).loc[("p0", side)]
            assert row.tolist() == pytest.approx([80, all_of_it, 1, 0])
        strict = smallest_transfer(below, weights, [80], norm).loc[("p0", "upper")]
        assert strict.drop("cut").isna().all()
        strict = smallest_transfer(above, weights, [80], norm, edge="lower_closed")
        assert strict.loc[("p0", "lower")].drop("cut").isna().all()


def test_a_total_on_the_cut_is_at_distance_0_from_the_other_side():
    """85, 80 and 75 total 79.99999999999999 in binary; with closed upper edges 80 lies above."""
    points = pd.DataFrame([[85.0, 80.0, 75.0]], index=["p0"], columns=list("abc"))
    weights = pd.Series([0.35, 0.30, 0.35], index=list("abc"))
    upper = smallest_transfer(points, weights, CUTS).loc[("p0", "upper")]
    assert upper.tolist() == [80, 0, 0.35, 0.30, 0.35]
    lower = smallest_transfer(points, weights, CUTS, edge="lower_closed").loc[("p0", "lower")]
    assert lower.tolist() == [80, 0, 0.35, 0.30, 0.35]


def test_weight_goes_to_an_item_that_applies():
    """Gaps to 80 are 0 for a and for c, which does not apply: weight on c keeps no total."""
    points = pd.DataFrame({"a": [80.0], "b": [60.0], "c": [np.nan]}, index=["p0"])
    weights = pd.Series({"a": 0.2, "b": 0.5, "c": 0.3})
    for keys in ("abc", "cba"):
        row = smallest_transfer(points[list(keys)], weights, [80], edge="lower_closed")
        assert row.loc[("p0", "upper"), ["distance", "a", "b", "c"]].tolist() == pytest.approx(
            [1.0, 0.7, 0.0, 0.3]
        )


def test_a_total_within_the_rounding_of_scoring_is_on_the_cut():
    """80.00000004 is 80 once rounded to 6 places, as totals are before they meet a cut."""
    points = pd.DataFrame({"a": [100.0], "b": [60.0]}, index=["p0"])
    weights = pd.Series({"a": 0.5 + 1e-9, "b": 0.5 - 1e-9})
    assert weighted_total(points, weights).tolist() == [80.0]
    found = smallest_transfer(points, weights, CUTS)["cut"]
    assert found.tolist() == [60, 80]


@given(weighted_points(people=(1, 5), indicators=(1, 5)), st.sampled_from(["l1", "l2"]))
def test_equal_people_get_equal_rows_and_inputs_stay(case, norm):
    """A copy of a person, and the people in another order, get the same bits."""
    points, weights = case
    doubled = pd.concat([points, points.iloc[[0]].set_axis(["copy"])])
    before = doubled.copy()
    found = smallest_transfer(doubled, weights, CUTS, norm)
    assert found.loc[points.index[0]].equals(found.loc["copy"])
    turned = smallest_transfer(doubled.iloc[::-1], weights, CUTS, norm)
    assert turned.loc[found.index].equals(found)
    pd.testing.assert_frame_equal(doubled, before)


def test_distances_do_not_depend_on_the_order_of_indicators_or_the_scale():
    """Columns in another order, and points and cuts on another scale, keep the distance."""
    points, weights = random_case(np.random.default_rng(4), 6, 6, 0.2)
    for norm in ("l1", "l2"):
        found = smallest_transfer(points, weights, CUTS, norm)["distance"]
        turned = smallest_transfer(points[points.columns[::-1]], weights, CUTS, norm)["distance"]
        scaled = smallest_transfer(
            points * 1e6 - 5e6, weights, [cut * 1e6 - 5e6 for cut in CUTS], norm
        )["distance"]
        assert turned.to_numpy() == pytest.approx(found.to_numpy(), abs=1e-9, nan_ok=True)
        assert scaled.to_numpy() == pytest.approx(found.to_numpy(), abs=1e-9, nan_ok=True)
