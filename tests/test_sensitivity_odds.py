"""Odds of grades and places: against exact fractions, other formulas and brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.sensitivity import expected_rank, grade_odds, outrank_odds
from tests.strategies import weighted_points

CUTS = [60.0, 80.0, 100.0]
KEYS = list("abcdefghijkl")


def one(points, keys=None):
    columns = keys or KEYS[: len(points)]
    return pd.DataFrame([points], index=["p0"], columns=columns, dtype=float)


def equal(points):
    return pd.Series(1 / points.shape[1], index=points.columns)


def exact_share(gaps):
    """Share of the simplex on which the weighted sum of gaps exceeds 0, in exact fractions.

    An independent route: the divided difference of max(0, x)^(n-1), with derivatives where
    values repeat (Hermite and Genocchi).
    """
    gaps = sorted(Fraction(gap) for gap in gaps)
    n = len(gaps)
    table = {}
    for width in range(n):
        for start in range(n - width):
            low, high = gaps[start], gaps[start + width]
            if low == high:
                derivative = comb(n - 1, width) * (low ** (n - 1 - width) if low > 0 else 0)
                table[start, width] = Fraction(derivative)
            else:
                step = table[start + 1, width - 1] - table[start, width - 1]
                table[start, width] = step / (high - low)
    return table[0, n - 1]


@given(st.lists(st.integers(0, 120), min_size=2, max_size=12), st.integers(1, 119))
def test_odds_are_exact_fractions(points, cut):
    """Uniform weights: equal to the divided difference in rational arithmetic."""
    if len(set(points)) == 1 and points[0] == cut:
        return  # not a matter of volume: see the edge policy
    table = one(points)
    found = grade_odds(table, equal(table), [cut]).loc["p0", 1]
    assert found == pytest.approx(float(exact_share([p - cut for p in points])), rel=1e-12, abs=0)


@given(
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 6)), min_size=2, max_size=5),
    st.integers(1, 119),
)
def test_odds_around_the_weights_are_exact_fractions(items, cut):
    """Dirichlet with whole parameters: each item repeated so many times."""
    points, parameters = zip(*items, strict=True)
    if set(points) == {cut}:
        return
    table = one(points)
    whole = sum(parameters)
    weights = pd.Series(np.array(parameters) / whole, index=table.columns)
    found = grade_odds(table, weights, [cut], concentration=whole).loc["p0", 1]
    repeated = [p - cut for p, times in items for _ in range(times)]
    assert found == pytest.approx(float(exact_share(repeated)), rel=1e-11, abs=0)


def test_odds_by_hand():
    """Two items: a length. Three: one corner cut off a triangle. Four: a tetrahedron's corner."""
    assert grade_odds(one([60, 90]), equal(one([60, 90])), [80]).loc["p0"].tolist() == (
        pytest.approx([2 / 3, 1 / 3])
    )
    three = one([100, 60, 40])
    assert grade_odds(three, equal(three), [80]).loc["p0", 1] == pytest.approx(20 / 40 * 20 / 60)
    four = one([110, 50, 50, 80])
    corner = (10 / 60) ** 2 * (10 / 30)
    assert grade_odds(four, equal(four), [100]).loc["p0", 1] == pytest.approx(corner)


def test_odds_of_two_items_are_a_beta_distribution():
    """With two items the first weight is Beta(a, b), whose tail is a known function."""
    from scipy.stats import beta

    table = one([100, 40])
    weights = pd.Series({"a": 0.7, "b": 0.3})
    found = grade_odds(table, weights, [76], concentration=30).loc["p0", 1]
    assert found == pytest.approx(beta(21, 9).sf(36 / 60), rel=1e-12)


@pytest.mark.parametrize("concentration", [None, 40])
def test_odds_are_what_brute_force_draws_approach(concentration):
    """40 people, some items not applicable: within five standard errors of 200,000 draws."""
    rng = np.random.default_rng(12)
    points = pd.DataFrame(rng.uniform(0, 120, (40, 5)), columns=KEYS[:5])
    points = points.mask(rng.random(points.shape) < 0.2)
    points.iloc[:, 0] = points.iloc[:, 0].fillna(55.0)
    weights = pd.Series([0.3, 0.1, 0.25, 0.15, 0.2], index=KEYS[:5])
    shape = np.ones(5) if concentration is None else np.rint(concentration * weights)
    draws = rng.dirichlet(shape, 200_000)
    found = grade_odds(points, weights, CUTS, concentration)
    assert found.columns.tolist() == [0, 1, 2, 3]
    assert found.sum(axis=1).to_numpy() == pytest.approx(1)
    for person, row in points.iterrows():
        held = row.notna().to_numpy()
        total = draws[:, held] @ row.to_numpy()[held] / draws[:, held].sum(axis=1)
        share = np.bincount(np.searchsorted(CUTS, total), minlength=4) / len(draws)
        error = np.sqrt(np.maximum(share * (1 - share), 1e-5) / len(draws))
        assert (np.abs(found.loc[person].to_numpy() - share) < 5 * error).all()


def test_rare_grades_keep_their_digits():
    """A chance of 1e-30 is right to twelve digits: nothing cancels in the recursion."""
    points = [101.0, *[0.0] * 14]
    table = one(points, [f"k{i}" for i in range(15)])
    found = grade_odds(table, equal(table), [100]).loc["p0", 1]
    assert found == pytest.approx((1 / 101) ** 14, rel=1e-12)


def test_points_that_nearly_tie_do_no_harm():
    """Items 1e-13 apart give the odds of equal ones; the alternating formula would return noise."""
    near = one([90, 90 + 1e-13, 90 - 1e-13, 40, 40 + 1e-13])
    same = one([90, 90, 90, 40, 40])
    odds = [grade_odds(table, equal(table), [70]).loc["p0", 1] for table in (near, same)]
    assert odds[0] == pytest.approx(odds[1], abs=1e-13)
    assert odds[1] == pytest.approx(float(exact_share([20, 20, 20, -30, -30])), rel=1e-13)


def test_points_that_all_equal_the_cut_follow_the_edge_policy():
    """The one case in which a tie has a probability above 0."""
    table = one([80, 80, np.nan])
    assert grade_odds(table, equal(table), [80]).loc["p0"].tolist() == [1, 0]
    assert grade_odds(table, equal(table), [80], edge="lower_closed").loc["p0"].tolist() == [0, 1]
    some = one([80, 80, 90])
    closed = [grade_odds(some, equal(some), [80], edge=e) for e in ("upper_closed", "lower_closed")]
    assert closed[0].equals(closed[1])
    assert closed[0].loc["p0"].tolist() == [0, 1]


def test_parameters_are_rounded_to_the_nearest():
    """Ten times .26 and .74 are Dirichlet(3, 7)."""
    table = one([100, 40])
    weights = pd.Series({"a": 0.26, "b": 0.74})
    found = grade_odds(table, weights, [70], 10).loc["p0", 1]
    assert found == pytest.approx(float(exact_share([30] * 3 + [-30] * 7)))


def test_equal_people_have_equal_ranks_among_many():
    """Thirty copies between sixty others; and in another order everybody keeps the same bits."""
    rng = np.random.default_rng(14)
    points = pd.DataFrame(rng.uniform(0, 120, (60, 6)), columns=KEYS[:6])
    mixed = pd.concat([points, points.iloc[:30].set_axis(range(100, 130))])
    mixed = mixed.sample(frac=1, random_state=5)
    ranks = expected_rank(mixed, equal(points))
    assert (ranks[range(30)].to_numpy() == ranks[range(100, 130)].to_numpy()).all()
    turned = expected_rank(mixed.sample(frac=1, random_state=6), equal(points))
    assert turned.loc[mixed.index].equals(ranks)


def test_items_without_weight_count_only_when_all_weights_are_likely():
    """Dirichlet(round(c w)) leaves out an item whose parameter is 0."""
    table = one([60, 90, 0])
    weights = pd.Series({"a": 0.5, "b": 0.5, "c": 0.0})
    assert grade_odds(table, weights, [80], 2).loc["p0", 1] == pytest.approx(1 / 3)
    assert grade_odds(table, weights, [80]).loc["p0", 1] == pytest.approx(1 / 27)


def test_outrank_odds_are_grade_odds_of_the_difference():
    """P(i above j) is a fraction; a pair and its reverse sum to 1."""
    points = pd.DataFrame(
        [[90, 50, 70], [60, 80, 65], [60, 80, 65], [10, 20, 30]],
        index=list("wxyz"),
        columns=KEYS[:3],
        dtype=float,
    )
    odds = outrank_odds(points, equal(points))
    for i, j in combinations("wxyz", 2):
        gap = (points.loc[i] - points.loc[j]).astype(int).tolist()
        if any(gap):
            assert odds.loc[i, j] == pytest.approx(float(exact_share(gap)), rel=1e-14)
            assert odds.loc[i, j] + odds.loc[j, i] == pytest.approx(1, abs=1e-15)
    assert odds.loc["x", "y"] == odds.loc["y", "x"] == 0  # equal: neither is above
    assert np.diag(odds).tolist() == [0] * 4
    assert odds.loc["w", "z"] == 1


def test_expected_rank_is_the_mean_rank_of_brute_force():
    """One plus the odds of the others, ties halved; and the ranks sum to n (n + 1) / 2."""
    rng = np.random.default_rng(13)
    points = pd.DataFrame(rng.uniform(0, 120, (12, 4)), columns=KEYS[:4])
    points.loc[12] = points.loc[3]
    weights = pd.Series([0.4, 0.3, 0.2, 0.1], index=KEYS[:4])
    found = expected_rank(points, weights, 20)
    draws = rng.dirichlet([8, 6, 4, 2], 100_000)
    total = pd.DataFrame(draws @ points.to_numpy().T).round(9)
    mean = total.rank(axis=1, ascending=False).mean()
    assert found.to_numpy() == pytest.approx(mean.to_numpy(), abs=0.05)
    assert found.sum() == pytest.approx(13 * 14 / 2, abs=1e-9)
    assert found[3] == found[12]
    assert found.name == "expected_rank"


@given(weighted_points(people=(2, 6), indicators=(1, 5)), st.sampled_from([None, 30]))
def test_equal_people_get_equal_odds_and_inputs_stay(case, concentration):
    """A copy of a person gets the same bits, whoever stands between; inputs are not changed."""
    points, _ = case
    points = points.fillna(50.0)
    weights = equal(points)
    doubled = pd.concat([points, points.iloc[[0]].set_axis(["copy"])])
    before = doubled.copy()
    first = points.index[0]
    odds = grade_odds(doubled, weights, CUTS, concentration)
    assert odds.loc[first].equals(odds.loc["copy"])
    pairs = outrank_odds(doubled, weights, concentration)
    others = points.index[1:]
    assert pairs.loc[first, others].equals(pairs.loc["copy", others])
    assert pairs.loc[others, first].equals(pairs.loc[others, "copy"].rename(first))
    ranks = expected_rank(doubled, weights, concentration)
    assert ranks[first] == ranks["copy"]
    pd.testing.assert_frame_equal(doubled, before)


@given(weighted_points(people=(1, 6), indicators=(1, 6)), st.randoms())
def test_permuting_people_and_indicators_permutes_odds(case, random):
    """To the last bit for grades: each person's items are sorted before anything is computed."""
    points, weights = case
    people = random.sample(list(points.index), len(points))
    keys = random.sample(list(points.columns), points.shape[1])
    odds = grade_odds(points, weights, CUTS)
    assert grade_odds(points.loc[people, keys], weights, CUTS).loc[points.index].equals(odds)
    filled = points.fillna(40.0)
    pairs = outrank_odds(filled, weights)
    turned = outrank_odds(filled.loc[people, keys], weights).loc[points.index, points.index]
    assert turned.to_numpy() == pytest.approx(pairs.to_numpy(), abs=1e-13)


@given(weighted_points(people=(1, 4), indicators=(1, 6)))
def test_a_higher_cut_is_never_likelier_to_be_passed(case):
    """Odds lie in 0 to 1 and sum to 1; raising every point never lowers the chance of a band."""
    points, weights = case
    odds = grade_odds(points, weights, CUTS)
    assert ((odds >= 0) & (odds <= 1)).all(axis=None)
    assert odds.sum(axis=1).to_numpy() == pytest.approx(1)
    better = grade_odds(points + 5, weights, CUTS)
    for lower, higher in pairwise(range(4)):
        assert (
            better.loc[:, higher:].sum(axis=1) >= odds.loc[:, higher:].sum(axis=1) - 1e-12
        ).all()
        assert lower < higher


def test_different_items_have_no_exact_pair_odds():
    """Said plainly, with the way out; people with the same items missing are compared exactly."""
    points = pd.DataFrame({"a": [90.0, 60, 70], "b": [50.0, 80, 60], "c": [np.nan, np.nan, 30]})
    points.index = ["p0", "p1", "p2"]
    with pytest.raises(KpiError) as error:
        expected_rank(points, equal(points))
    assert str(error.value) == (
        "points: other items apply to 1 person than to the rest (p2), so the exact odds of a pair "
        "are not known. To mend: draw them with kpilib.simulation.rank_odds, or compare only "
        "people with the same items."
    )
    odds = outrank_odds(points.iloc[:2], equal(points))
    assert odds.loc["p0", "p1"] == pytest.approx(float(exact_share([30, -30])))
    weightless = pd.Series({"a": 0.5, "b": 0.5, "c": 0.0})
    assert expected_rank(points, weightless, 10).sum() == pytest.approx(6)
