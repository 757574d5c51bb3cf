"""How far all weights may move: against linear programmes, random boxes and worked cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize_scalar

from kpilib.scoring import weighted_total
from kpilib.sensitivity import tolerance, tolerance_order, tolerance_quota, worst_case
from kpilib.sensitivity.inputs import read_case, totals
from kpilib.sensitivity.meeting import _Search
from tests.strategies import weighted_points

CUTS = [60.0, 80.0, 100.0]


def table_of(rows, keys="abcdefghijkl", ids=None):
    people = ids or [f"p{i}" for i in range(len(rows))]
    return pd.DataFrame(rows, index=people, columns=list(keys[: len(rows[0])]), dtype=float)


def random_case(rng, people, indicators, missing=0.0, scale=1.0, shift=0.0):
    points = rng.uniform(0, 120, (people, indicators)) * scale + shift
    if missing:
        points[rng.random(points.shape) < missing] = np.nan
        points[np.isnan(points).all(axis=1), 0] = 50 * scale + shift
    table = table_of(points.tolist())
    return table, pd.Series(rng.dirichlet(np.ones(indicators)), index=table.columns)


def least_box(conditions, weights):
    """Smallest radius at which conditions (rows: sum of row times weights <= 0) hold, or inf.

    A linear programme in the weights and the radius.
    """
    k = len(weights)
    box = np.vstack([np.c_[np.eye(k), -weights], np.c_[-np.eye(k), -weights]])
    upper = np.vstack([box, np.c_[np.atleast_2d(conditions), np.zeros(len(conditions))]])
    limits = np.r_[weights, -weights, np.zeros(len(conditions))]
    found = linprog(
        np.r_[np.zeros(k), 1.0],
        A_ub=upper,
        b_ub=limits,
        A_eq=[np.r_[np.ones(k), 0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * k + [(0, 1)],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return found.fun if found.status == 0 else np.inf


def nearest_cut_box(row, weights, cuts):
    """Smallest box in which one person's total meets a cut, by linear programmes."""
    applies = ~np.isnan(row)
    total = (row[applies] * weights[applies]).sum() / weights[applies].sum()
    found = [np.inf]
    for cut in cuts:
        gap = np.where(applies, np.nan_to_num(row) - cut, 0.0)
        if (gap[applies] > 0).all() or (gap[applies] < 0).all():
            continue  # no mean of the points is the cut
        found.append(least_box([gap if total > cut else -gap], weights))
    return min(found)


@pytest.mark.parametrize("missing", [0.0, 0.25])
@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1e-7, 3.0), (1e6, -4e7)])
def test_tolerance_is_the_linear_programme(missing, scale, shift):
    """The closed form equals the linear programme that defines it, on points of any size."""
    rng = np.random.default_rng(7)
    for _ in range(12):
        points, weights = random_case(rng, 4, int(rng.integers(2, 8)), missing)
        found = tolerance(points * scale + shift, weights, [cut * scale + shift for cut in CUTS])
        wanted = [nearest_cut_box(row, weights.to_numpy(), CUTS) for row in points.to_numpy()]
        assert found.to_numpy() == pytest.approx(wanted, rel=1e-9 if shift == 0 else 1e-6)


def test_tolerance_by_hand():
    """Totals 78 and 73 under cuts at 80 and 100: |78 - 80| / (0.4 x 20) = 0.25; 75 is the most."""
    points = table_of([[90, 70], [70, 75]])
    found = tolerance(points, pd.Series({"b": 0.6, "a": 0.4}), [80, 100])
    assert found.to_dict() == {"p0": 0.25, "p1": np.inf}
    assert found.name == "tolerance"


def test_tolerance_counts_an_item_that_does_not_apply_as_the_cut():
    """Half of the weight lies on an item that does not apply; the sum binds all three weights.

    The total is 85. The person comes down to 80 when 90 (weight 1/4) falls and 80 rises: only at
    0, unless the cut is 84, where 0.25 (1 - r) 6 = 0.25 (1 + r) 4 gives r = 0.2.
    """
    points = table_of([[90, 80, np.nan]])
    weights = pd.Series({"a": 0.25, "b": 0.25, "c": 0.5})
    assert tolerance(points, weights, [84])["p0"] == pytest.approx(0.2)
    assert tolerance(points, weights, [80])["p0"] == 1.0
    assert tolerance(points, weights, [79])["p0"] == np.inf


def test_tolerance_takes_cuts_of_each_person():
    """A bonus of 5 is a cut lower by 5, for its person only; rows are matched by name."""
    points = table_of([[90, 70], [90, 70]])
    weights = pd.Series({"a": 0.5, "b": 0.5})
    cuts = pd.DataFrame({"low": [82.0, 77.0]}, index=["p1", "p0"])
    assert tolerance(points, weights, cuts).tolist() == [pytest.approx(0.3), pytest.approx(0.2)]


@pytest.mark.parametrize("edge_case", [[80, 80, 80], [85, 80, 75]])
def test_tolerance_at_a_cut_is_0_unless_nothing_moves_the_total(edge_case):
    """A total on the cut is lost to any change; equal points stay on it under all weights."""
    points, weights = table_of([edge_case]), pd.Series([0.35, 0.3, 0.35], index=list("abc"))
    assert tolerance(points, weights, [80])["p0"] == (0.0 if edge_case[0] == 85 else np.inf)


@given(weighted_points(people=(1, 5), indicators=(2, 6)), st.integers(0, 2**32 - 1))
def test_no_weights_inside_the_certified_box_flip_a_grade(case, seed):
    """A random set of weights within the tolerance leaves the person on the side of each cut."""
    points, weights = case
    radius = tolerance(points, weights, CUTS)
    rng = np.random.default_rng(seed)
    for person, size in radius.items():
        draws = weights_in_box(rng, weights.to_numpy(), min(size, 1.0) * (1 - 1e-6), 2000)
        row = points.loc[[person]]
        now = totals(read_case(row, weights))[0]
        total = many_totals(row.to_numpy()[0], draws)
        for cut in CUTS:
            if abs(now - cut) > 1e-6:
                assert (((total > cut) == (now > cut)) | np.isnan(total)).all()


def test_no_weights_inside_the_certified_box_flip_anybody_in_1e5_sets():
    """100,000 sets in each person's own box, half of them at its corners."""
    rng = np.random.default_rng(3)
    points, weights = random_case(rng, 20, 8, 0.15)
    for person, size in tolerance(points, weights, CUTS).items():
        radius = min(size, 1.0) * (1 - 1e-9)
        draws = weights_in_box(rng, weights.to_numpy(), radius, 100_000)
        row = points.loc[person].to_numpy()
        now = many_totals(row, weights.to_numpy()[np.newaxis])[0]
        total = many_totals(row, draws)
        assert all(((total > cut) == (now > cut)).all() for cut in CUTS)


@given(weighted_points(people=(1, 5), indicators=(2, 6)))
def test_the_worst_case_just_outside_the_box_flips_the_grade(case):
    """The extreme weights of a box 1 % larger bring the total past the cut."""
    points, weights = case
    radius = tolerance(points, weights, CUTS)
    for person, size in radius[(radius > 0) & (radius < 0.99)].items():
        row = points.loc[[person]]
        now = totals(read_case(row, weights))[0]
        ends = worst_case(row, weights, size * 1.01)
        assume(abs(ends["total"] - now).max() > 1e-6)
        assert any(
            (ends.loc[(person, "lowest"), "total"] < cut < now)
            or (now < cut < ends.loc[(person, "highest"), "total"])
            for cut in CUTS
        )


def weights_in_box(rng, weights, radius, n):
    """Draw weights in the box with the sum kept: half inside, half as far out as that allows."""
    moves = rng.uniform(-1, 1, (n, len(weights)))
    moves[n // 2 :] = np.sign(moves[n // 2 :])
    change = moves * weights
    # Take the surplus back in proportion to the room each weight has in that direction.
    surplus = change.sum(axis=1, keepdims=True)
    room = weights + np.sign(surplus) * change
    change -= surplus * room / np.maximum(room.sum(axis=1, keepdims=True), 1e-300)
    assert np.abs(change).max(initial=0) <= weights.max() * (1 + 1e-9)
    return weights + radius * change


def many_totals(row, draws):
    applies = ~np.isnan(row)
    mass = draws[:, applies].sum(axis=1)
    return (draws[:, applies] @ row[applies]) / np.where(mass > 0, mass, np.nan)


@pytest.mark.parametrize("missing", [0.0, 0.25])
@pytest.mark.parametrize("radius", [0.0, 0.1, 0.6, 1.0, 1.7])
def test_worst_case_is_the_linear_programme(missing, radius):
    """Ends equal a linear-fractional programme (Charnes, Cooper), and their weights give them."""
    rng = np.random.default_rng(11)
    for _ in range(5):
        points, weights = random_case(rng, 3, int(rng.integers(2, 7)), missing)
        found = worst_case(points, weights, radius)
        for person, row in points.iterrows():
            for end, sign in (("lowest", 1), ("highest", -1)):
                wanted = extreme_ratio(row.to_numpy(), weights.to_numpy(), radius, sign)
                got = found.loc[(person, end)]
                assert got["total"] == pytest.approx(wanted, rel=1e-9)
                held = got.drop("total").to_numpy()
                assert many_totals(row.to_numpy(), held[np.newaxis])[0] == pytest.approx(wanted)
                assert held.sum() == pytest.approx(1)
                w = weights.to_numpy()
                assert (held >= np.maximum(w * (1 - radius), 0) - 1e-12).all()
                assert (held <= w * (1 + radius) + 1e-12).all()


def extreme_ratio(row, weights, radius, sign):
    """Lowest (sign 1) or highest (-1) total in the box, by Charnes and Cooper's programme."""
    k, applies = len(row), (~np.isnan(row)).astype(float)
    low, high = np.maximum(weights * (1 - radius), 0), weights * (1 + radius)
    found = linprog(
        sign * np.r_[np.nan_to_num(row) * applies, 0.0],
        A_ub=np.vstack([np.c_[np.eye(k), -high], np.c_[-np.eye(k), low]]),
        b_ub=np.zeros(2 * k),
        A_eq=[np.r_[applies, 0.0], np.r_[np.ones(k), -1.0]],
        b_eq=[1.0, 0.0],
        method="highs-ds",
    )
    return sign * found.fun


def quota_pairs(points, weights):
    """Smallest radius at which each pair with the same items draws level, by linear programmes."""
    values, w = points.to_numpy(), weights.to_numpy()
    total = np.array([many_totals(row, w[np.newaxis])[0] for row in values])
    radius = {}
    for i in range(len(values)):
        for j in range(len(values)):
            if total[i] > total[j]:
                gap = np.nan_to_num(values[i] - values[j])
                radius[i, j] = np.inf if (gap[w > 0] > 0).all() else least_box([gap], w)
    return total, radius


def test_tolerance_quota_is_the_first_pair_across_the_boundary():
    """Every pair is tried by linear programming; the binding pair is the smallest."""
    rng = np.random.default_rng(5)
    for _ in range(6):
        points, weights = random_case(rng, 7, 4)
        total, radius = quota_pairs(points, weights)
        order = np.argsort(-total)
        found = tolerance_quota(points, weights, [2, 3, 2])
        assert found.index.tolist() == [2, 5]
        for heads, row in found.iterrows():
            across = {(i, j): radius[i, j] for i in order[:heads] for j in order[heads:]}
            best = min(across, key=across.get)
            assert row["radius"] == pytest.approx(across[best], rel=1e-9)
            if np.isfinite(row["radius"]):
                assert [row["upper"], row["lower"]] == [points.index[place] for place in best]


def test_tolerance_order_is_the_first_pair_of_all():
    """Neighbours suffice: the smallest of all pairs is among them."""
    rng = np.random.default_rng(6)
    for _ in range(6):
        points, weights = random_case(rng, 6, 4)
        _, radius = quota_pairs(points, weights)
        assert tolerance_order(points, weights) == pytest.approx(min(radius.values()), rel=1e-9)


def test_people_with_different_items_meet_where_linear_programmes_say():
    """The score between them is scanned, then minimised over, each try a linear programme."""
    rng = np.random.default_rng(8)
    checked = 0
    for _ in range(10):
        points, weights = random_case(rng, 2, 5, 0.3)
        if points.isna().iloc[0].equals(points.isna().iloc[1]):
            continue
        values, w = points.to_numpy(), weights.to_numpy()
        total = [many_totals(row, w[np.newaxis])[0] for row in values]
        upper, lower = values[np.argsort(total)[::-1]]
        found = tolerance_order(points, weights)
        wanted = least_meeting(upper, lower, w)
        if wanted > 0.999:
            assert found == np.inf or found > 0.998
            continue
        checked += 1
        assert found <= wanted * (1 + 1e-8)
        assert found == pytest.approx(wanted, rel=1e-6)
    assert checked >= 4


def least_meeting(upper, lower, weights):
    """Smallest box in which two people draw level: the score between them scanned, then refined."""
    scan = np.linspace(np.nanmin([upper, lower]), np.nanmax([upper, lower]), 50)
    best = int(np.argmin([meeting_box(upper, lower, weights, score) for score in scan]))
    return minimize_scalar(
        lambda score: min(meeting_box(upper, lower, weights, score), 9.0),
        bounds=(scan[max(best - 1, 0)], scan[min(best + 1, 49)]),
        method="bounded",
        options={"xatol": 1e-9},
    ).fun


def meeting_box(upper, lower, weights, score):
    over = np.where(np.isnan(upper), 0.0, np.nan_to_num(upper) - score)
    under = np.where(np.isnan(lower), 0.0, score - np.nan_to_num(lower))
    return least_box([over, under], weights)


def test_no_weights_inside_the_certified_order_change_it_with_different_items():
    """Random weights inside the tolerance of the order keep it, though some items do not apply."""
    rng = np.random.default_rng(9)
    for _ in range(4):
        points, weights = random_case(rng, 4, 6, 0.2)
        radius = min(tolerance_order(points, weights), 1.0) * (1 - 1e-5)
        draws = weights_in_box(rng, weights.to_numpy(), radius, 20_000)
        total = np.stack([many_totals(row, draws) for row in points.to_numpy()])
        now = totals(read_case(points, weights))
        order = np.argsort(-now)
        assert (np.diff(total[order], axis=0) < 0).all()


def test_a_person_ahead_on_every_item_that_applies_is_never_met():
    """Not even by moving all of the weight to the item that applies to neither."""
    weights = pd.Series([0.25, 0.25, 0.5], index=list("abc"))
    points = table_of([[90, 80, np.nan], [70, 60, np.nan]])
    assert tolerance_order(points, weights) == np.inf


def test_equal_people_bind_nothing_and_ties_bind_at_once():
    """No weights part equal people, so they do not count; two that merely tie part at once."""
    weights = pd.Series([0.5, 0.5], index=list("ab"))
    equal = table_of([[90, 80], [90, 80], [50, 60]])
    assert tolerance_quota(equal, weights, [1, 2]).to_dict("list") == {
        "radius": [np.inf],
        "upper": [None],
        "lower": [None],
    }
    assert tolerance_order(equal, weights) == np.inf
    tied = table_of([[90, 80], [80, 90], [50, 60]])
    assert tolerance_quota(tied, weights, [1, 2]).loc[1].tolist() == [0.0, "p0", "p1"]
    assert tolerance_order(tied, weights) == 0.0


@given(weighted_points(people=(2, 7), indicators=(1, 5)), st.randoms())
def test_permuting_people_or_indicators_permutes_results(case, random):
    """Nobody's result depends on who else stands where, nor on the order of the columns."""
    points, weights = case
    people = random.sample(list(points.index), len(points))
    keys = random.sample(list(points.columns), points.shape[1])
    shuffled = points.loc[people, keys]
    radius, other = tolerance(points, weights, CUTS), tolerance(shuffled, weights, CUTS)
    assert other.index.tolist() == people
    assert other.reindex(points.index).to_numpy() == pytest.approx(radius.to_numpy(), abs=1e-12)
    assert tolerance(points.loc[people], weights, CUTS).reindex(points.index).equals(radius)
    ends, others = worst_case(points, weights, 0.3), worst_case(shuffled, weights, 0.3)
    assert others.loc[ends.index, "total"].to_numpy() == pytest.approx(ends["total"].to_numpy())


def test_a_range_of_scores_with_one_box_is_left_at_once(monkeypatch):
    """From 55.2 to 58.7 each score asks for the same box; that took half a million intervals."""
    points = pd.DataFrame(
        {"a": [50, 50], "b": [100, 73.32727369690737], "c": [50, np.nan]},
        index=["up", "low"],
    )
    weights = pd.Series({"a": 0.4441, "b": 0.1586, "c": 0.3973})
    seen, radius = [], _Search.radius

    def counted(self, pair, *scores):
        seen.append(len(pair))
        return radius(self, pair, *scores)

    monkeypatch.setattr(_Search, "radius", counted)
    found = tolerance_quota(points, weights, [1])["radius"].to_numpy()
    rows = (points.loc[name].to_numpy() for name in ("up", "low"))
    assert found == pytest.approx([least_meeting(*rows, weights.to_numpy())], rel=1e-6)
    assert max(seen) < 100


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_permuting_people_or_indicators_leaves_orders_and_quotas(missing):
    """The same radius and the same pair, in whatever order people and indicators stand."""
    rng = np.random.default_rng(10)
    points, weights = random_case(rng, 6, 5, missing)
    shuffled = points.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    order = tolerance_order(points, weights)
    assert tolerance_order(shuffled, weights) == pytest.approx(order, rel=1e-6)
    quota, other = (tolerance_quota(table, weights, [2, 2]) for table in (points, shuffled))
    assert other["radius"].tolist() == pytest.approx(quota["radius"].tolist(), rel=1e-6)
    assert other[["upper", "lower"]].equals(quota[["upper", "lower"]])


@given(weighted_points(people=(1, 4), indicators=(1, 5)))
def test_equal_people_get_equal_results_and_inputs_stay(case):
    """A copy of a person gets the same bits; points and weights are not changed."""
    points, weights = case
    doubled = pd.concat([points, points.iloc[[0]].set_axis(["copy"])])
    before, held = doubled.copy(), weights.copy()
    radius = tolerance(doubled, weights, CUTS)
    assert radius.iloc[0] == radius["copy"]
    ends = worst_case(doubled, weights, 0.4)
    assert ends.loc[points.index[0]].equals(ends.loc["copy"])
    tolerance_quota(doubled, weights, [1])
    pd.testing.assert_frame_equal(doubled, before)
    pd.testing.assert_series_equal(weights, held)


@given(weighted_points(people=(1, 6), indicators=(1, 6)))
def test_totals_are_those_of_scoring(case):
    """The array kernel of the analyses gives the totals of the one place that makes them."""
    points, weights = case
    total = totals(read_case(points, weights))
    wanted = weighted_total(points, weights)
    assert total == pytest.approx(wanted.to_numpy(), abs=6e-7)
