"""Draws of weights: even, seeded, replayable; against exact odds and known variance shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib import simulation
from kpilib.errors import KpiError
from kpilib.scoring import weighted_total
from kpilib.sensitivity import expected_rank, grade_odds, stepped_weights
from kpilib.simulation import (
    central_weights,
    draw_totals,
    grade_shift,
    payroll_spread,
    rank_odds,
    rank_shift,
    variance_indices,
    variance_shares,
    weight_draws,
)
from tests.strategies import weighted_points

CUTS = [60.0, 80.0, 100.0]
WEIGHTS = pd.Series({"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1})


def points_of(people=12, seed=1, low=20.0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.uniform(low, 120, (people, 4)).round(1), columns=list("abcd"))
    return table.set_axis([f"p{i}" for i in range(people)])


def pay_of(points, bands=(0.8, 1.0, 1.1, 1.3)):
    base = 4000 + 100 * np.arange(len(points))
    return pd.DataFrame(np.outer(base, bands), index=points.index)


# --- draws


@pytest.mark.parametrize("concentration", [None, 10, 33.3])
def test_draws_are_weights_with_the_moments_of_their_distribution(concentration):
    """Means and variances of a Dirichlet distribution; rows sum to 1."""
    draws = weight_draws(WEIGHTS, concentration, n=8192)
    assert draws.shape == (8192, 4)
    assert (draws >= 0).all(axis=None)
    assert draws.sum(axis=1).to_numpy() == pytest.approx(1)
    shape = np.ones(4) if concentration is None else concentration * WEIGHTS.to_numpy()
    mean = shape / shape.sum()
    variance = mean * (1 - mean) / (shape.sum() + 1)
    even = concentration != 33.3  # plain draws err like 1 / sqrt(n)
    assert draws.mean().to_numpy() == pytest.approx(mean, abs=5e-4 if even else 5e-3)
    assert draws.var().to_numpy() == pytest.approx(variance, rel=0.01 if even else 0.06)
    assert draws.attrs == {"seed": 0, "n": 8192, "concentration": concentration}


@pytest.mark.parametrize("concentration", [None, 10, 33.3])
def test_seeds_fix_draws_and_0_is_a_seed(concentration):
    """The same seed gives the same draws, another one others; 0 is no request for chance."""
    first = weight_draws(WEIGHTS, concentration, n=64)
    assert weight_draws(WEIGHTS, concentration, n=64, seed=0).equals(first)
    assert not weight_draws(WEIGHTS, concentration, n=64, seed=1).equals(first)


def test_even_draws_err_less_than_chance():
    """Exact grade odds are met ten times as near as independent draws would on average."""
    points = points_of(30)
    exact = grade_odds(points, WEIGHTS, CUTS)[3]
    total = draw_totals(points, weight_draws(WEIGHTS, n=8192))
    away = (total.gt(100).mean() - exact).abs()
    chance = np.sqrt(exact * (1 - exact) / 8192)
    assert away.sum() < chance.sum() / 4


def test_a_number_of_draws_that_is_no_power_of_2_takes_the_first_of_them():
    """As many as asked for."""
    few, many = weight_draws(WEIGHTS, n=100), weight_draws(WEIGHTS, n=128)
    assert few.equals(many.iloc[:100])


def test_nested_weights_multiply_down_the_levels():
    """Role weights in a team are uniform, and so are those of the indicators in each role."""
    index = pd.MultiIndex.from_tuples(
        [("host", "gmv"), ("editor", "time"), ("host", "watch"), ("editor", "mark")]
    )
    weights = pd.Series([0.42, 0.2, 0.18, 0.2], index=index)
    draws = weight_draws(weights, n=4096)
    assert draws.columns.equals(index)
    roles = draws.T.groupby(level=0).sum().T
    assert roles.sum(axis=1).to_numpy() == pytest.approx(1)
    assert roles["host"].mean() == pytest.approx(0.5, abs=1e-3)
    assert roles["host"].var() == pytest.approx(1 / 12, rel=0.01)
    inner = draws[("host", "gmv")] / roles["host"]
    assert inner.var() == pytest.approx(1 / 12, rel=0.01)
    assert abs(np.corrcoef(inner, roles["host"])[0, 1]) < 0.01
    firm = weight_draws(weights, 500, n=4096)
    assert firm.mean().to_numpy() == pytest.approx(weights.to_numpy(), abs=2e-3)
    shares = firm.T.groupby(level=0).sum().T
    assert shares["host"].var() == pytest.approx(0.6 * 0.4 / 501, rel=0.03)
    ratio = firm[("host", "gmv")] / shares["host"]
    assert ratio.var() == pytest.approx(0.7 * 0.3 / 501, rel=0.03)


def test_a_weight_of_0_stays_0_around_the_weights():
    """Parameter 0 draws nothing, plain or even."""
    weights = pd.Series({"a": 0.5, "b": 0.5, "c": 0.0})
    for concentration in (10, 7.3):
        draws = weight_draws(weights, concentration, n=32)
        assert (draws["c"] == 0).all()
        assert draws.sum(axis=1).to_numpy() == pytest.approx(1)


# --- totals


@given(weighted_points(people=(1, 5), indicators=(1, 5)))
def test_totals_of_draws_are_those_of_scoring(case):
    """Whatever applies to whom; the weights in force are one draw among others."""
    points, weights = case
    total = draw_totals(points, weights.to_numpy()[np.newaxis])
    wanted = weighted_total(points, weights)
    assert total.loc[0].to_numpy() == pytest.approx(wanted.to_numpy(), abs=6e-7)


def test_geometric_totals_are_products_of_powers():
    """90^0.4 60^0.3 30^0.3, and 90^(4/7) 60^(3/7) where the third item does not apply."""
    points = pd.DataFrame([[90.0, 60, 30], [90, 60, np.nan]], columns=list("abc"))
    found = draw_totals(points, np.array([[0.4, 0.3, 0.3]]), aggregation="geometric").loc[0]
    assert found.tolist() == pytest.approx(
        [90**0.4 * 60**0.3 * 30**0.3, 90 ** (4 / 7) * 60 ** (3 / 7)]
    )


def test_stored_draws_are_replayed():
    """A table read back from text, or its bare array, gives the same odds."""
    points, draws = points_of(), weight_draws(WEIGHTS, n=256)
    turned = draws[["d", "b", "a", "c"]]
    odds = rank_odds(points, draws)
    assert rank_odds(points, turned).equals(odds)
    bare = rank_odds(points, draws.to_numpy())
    assert bare.equals(odds)
    assert bare.attrs["seed"] is None
    assert odds.attrs["seed"] == 0


# --- ranks


def brute_ranks(points, draws):
    """Odds of ranks in plain Python: equals share the ranks they take up."""
    odds = np.zeros((len(points), len(points)))
    for row in draws:
        total = [
            sum(w * p for w, p in zip(row, person, strict=True) if p == p)
            / sum(w for w, p in zip(row, person, strict=True) if p == p)
            for person in points.to_numpy()
        ]
        for i, mine in enumerate(total):
            better = sum(other > mine + 1e-9 for other in total)
            level = sum(abs(other - mine) <= 1e-9 for other in total)
            odds[i, better : better + level] += 1 / level
    return odds / len(draws)


@given(weighted_points(people=(1, 7), indicators=(2, 4)), st.integers(0, 9))
def test_rank_odds_are_a_plain_count(case, seed):
    """Random tables, items that do not apply and equal people among them."""
    points, weights = case
    points = pd.concat([points, points.iloc[[0]].set_axis(["copy"])])
    draws = weight_draws(weights, n=16, seed=seed)
    found = rank_odds(points, draws)
    assert found.columns.tolist() == list(range(1, len(points) + 1))
    assert found.to_numpy() == pytest.approx(brute_ranks(points, draws.to_numpy()), abs=1e-9)
    assert found.loc[points.index[0]].equals(found.loc["copy"].rename(points.index[0]))


def test_people_who_tie_in_stored_draws_share_ranks():
    """85, 80, 75 and 80, 80, 80 tie at .35, .30, .35, whatever binary makes of the sum."""
    points = pd.DataFrame(
        [[85.0, 80, 75], [80, 80, 80], [10, 10, 10]], index=["x", "y", "z"], columns=list("abc")
    )
    draws = np.array([[0.35, 0.30, 0.35], [0.5, 0.3, 0.2]])
    odds = rank_odds(points, draws)
    assert odds.to_numpy().tolist() == [[0.75, 0.25, 0], [0.25, 0.75, 0], [0, 0, 1]]
    shift = rank_shift(points, pd.Series([0.35, 0.30, 0.35], index=list("abc")), draws)
    assert shift.tolist() == pytest.approx([0, 1 / 3])


def test_mean_ranks_approach_the_exact_ones():
    """Expected ranks, exact, against the drawn odds; the stated error covers what is left."""
    points = points_of(25)
    odds = rank_odds(points, weight_draws(WEIGHTS, n=8192))
    mean = (odds * odds.columns).sum(axis=1)
    assert mean.to_numpy() == pytest.approx(expected_rank(points, WEIGHTS).to_numpy(), abs=0.02)
    assert odds.sum(axis=1).to_numpy() == pytest.approx(1)
    assert odds.sum(axis=0).to_numpy() == pytest.approx(1)
    largest = np.sqrt((odds * (1 - odds)).to_numpy().max() / 8192)
    assert odds.attrs == {"seed": 0, "n": 8192, "standard_error": pytest.approx(largest)}


def test_permuting_people_and_indicators_permutes_rank_odds():
    """To the last bit: people are put in one order before anything is multiplied."""
    points, draws = points_of(20), weight_draws(WEIGHTS, n=512)
    odds = rank_odds(points, draws)
    shuffled = points.sample(frac=1, random_state=3)
    assert rank_odds(shuffled, draws).loc[points.index].equals(odds)
    turned = rank_odds(points[["d", "a", "c", "b"]], draws)
    assert turned.to_numpy() == pytest.approx(odds.to_numpy(), abs=1e-12)


def test_geometric_rank_odds_differ_where_one_item_is_poor():
    """Points 100 and 10 equal 55 and 55 in the sum, not in the product."""
    points = pd.DataFrame({"a": [100.0, 54.0], "b": [10.0, 54.0]}, index=["uneven", "even"])
    draws = np.array([[0.5, 0.5]])
    assert rank_odds(points, draws).loc["uneven", 1] == 1
    assert rank_odds(points, draws, aggregation="geometric").loc["even", 1] == 1


def test_central_weights_are_the_mean_of_those_that_favour():
    """Of three draws, two put x first; with both places counted, all do."""
    points = pd.DataFrame({"a": [100.0, 0.0], "b": [0.0, 60.0]}, index=["x", "y"])
    draws = np.array([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]])
    found = central_weights(points, draws)
    assert found.loc["x"].tolist() == pytest.approx([2 / 3, 0.7, 0.3])
    assert found.loc["y"].tolist() == pytest.approx([1 / 3, 0.1, 0.9])
    both = central_weights(points, draws, top=2)
    assert both.loc["y"].tolist() == pytest.approx([1, 0.5, 0.5])
    never = central_weights(points, draws[:1])
    assert never.loc["y", "share"] == 0
    assert never.loc["y", ["a", "b"]].isna().all()
    assert found.attrs == {"seed": None, "n": 3, "standard_error": pytest.approx((2 / 27) ** 0.5)}


def test_people_level_at_the_last_place_share_it():
    """Two equal people over one first place: each is first half of the time."""
    points = pd.DataFrame({"a": [90.0, 90.0, 10.0]}, index=["x", "y", "z"])
    found = central_weights(points, np.array([[1.0]]))
    assert found["share"].tolist() == [0.5, 0.5, 0]
    assert found.loc["x", "a"] == 1


def test_rank_shift_is_a_plain_count():
    """Mean absolute change of mean ranks, by pandas; 0 under the weights in force."""
    points = pd.concat([points_of(9), points_of(9).iloc[[2, 5]].set_axis(["c2", "c5"])])
    draws = weight_draws(WEIGHTS, n=64)
    found = rank_shift(points, WEIGHTS, draws)
    ranks = draw_totals(points, draws).round(9).rank(axis=1, ascending=False)
    now = (points @ WEIGHTS).round(9).rank(ascending=False)
    assert found.to_numpy() == pytest.approx((ranks - now).abs().mean(axis=1).to_numpy())
    assert rank_shift(points, WEIGHTS, WEIGHTS.to_numpy()[np.newaxis]).tolist() == [0]
    assert found.attrs["standard_error"] == pytest.approx(found.std() / 8)


# --- grades and pay


def test_grades_and_payroll_are_plain_counts():
    """Bands in plain Python, pay looked up; the steps of a tornado serve as draws."""
    points = points_of(15)
    points.loc["p3", "b"] = np.nan
    pay = pay_of(points)
    draws = stepped_weights(WEIGHTS, [-0.1, 0.1])
    moved = grade_shift(points, WEIGHTS, CUTS, draws)
    payroll = payroll_spread(points, WEIGHTS, CUTS, pay, draws)

    def bands(held):
        return [sum(total > cut for cut in CUTS) for total in weighted_total(points, held)]

    now = bands(WEIGHTS)
    for place, row in enumerate(draws.index):
        found = bands(draws.loc[row])
        assert moved[place] == pytest.approx(np.mean(np.array(found) != now))
        paid = sum(pay.iloc[i, band] for i, band in enumerate(found))
        assert payroll[place] == pytest.approx(paid)
    assert payroll.attrs["in_force"] == pytest.approx(
        sum(pay.iloc[i, band] for i, band in enumerate(now))
    )
    assert payroll.attrs["n"] == 8
    assert moved.max() > 0


def test_a_total_on_the_cut_is_paid_by_the_edge_policy():
    """79.99999999999999 is 80: below with closed upper edges, above with closed lower ones."""
    points = pd.DataFrame([[85.0, 80.0, 75.0]], index=["p0"], columns=list("abc"))
    weights = pd.Series([0.35, 0.30, 0.35], index=list("abc"))
    pay = pd.DataFrame([[1.0, 2.0]], index=["p0"])
    held = weights.to_numpy()[np.newaxis]
    for edge, paid in (("upper_closed", 1), ("lower_closed", 2)):
        found = payroll_spread(points, weights, [80], pay, held, edge=edge)
        assert found.tolist() == [paid]
        assert found.attrs["in_force"] == paid
        assert grade_shift(points, weights, [80], held, edge=edge).tolist() == [0]


def test_points_of_0_on_a_cut_of_0_follow_the_edge_policy():
    """Where no rounding can be, the policy alone decides."""
    points, pay = pd.DataFrame({"a": [0.0]}), pd.DataFrame([[1.0, 2.0]])
    for edge, paid in (("upper_closed", 1), ("lower_closed", 2)):
        held = np.array([[1.0]])
        found = payroll_spread(points, pd.Series({"a": 1.0}), [0], pay, held, edge=edge)
        assert found.tolist() == [paid]


def test_cuts_of_each_person_and_bonus():
    """A cut lower for one person pays that person alone."""
    points = pd.DataFrame({"a": [70.0, 70.0]}, index=["x", "y"])
    cuts = pd.DataFrame({"low": [65.0, 75.0]}, index=["y", "x"])
    pay = pd.DataFrame({"no": [1.0, 10.0], "yes": [2.0, 20.0]}, index=["x", "y"])
    found = payroll_spread(points, pd.Series({"a": 1.0}), cuts, pay, np.array([[1.0]]))
    assert found.tolist() == [21]


# --- shares of variance


def ishigami(drawn):
    """Ishigami and Homma (1990), with a = 7 and b = 0.1; and the same plus a thousand."""
    x = np.pi * (2 * drawn - 1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return np.column_stack([y, y + 1000, np.zeros(len(y))])


def test_indices_of_the_ishigami_function():
    """Known in closed form: first 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437.

    See A. Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, section 4.
    """
    found = variance_indices(ishigami, ["x1", "x2", "x3"], ["y", "raised", "still"], n=4096)
    v1, v2, v13 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.01 * np.pi**8 * 8 / 225
    whole = v1 + v2 + v13
    y = found.loc["y"]
    assert y["first"].tolist() == pytest.approx([v1 / whole, v2 / whole, 0], abs=0.01)
    total = [(v1 + v13) / whole, v2 / whole, v13 / whole]
    assert y["total"].tolist() == pytest.approx(total, abs=0.01)
    for kind, wanted in (("first", [v1 / whole, v2 / whole, 0]), ("total", total)):
        assert (y[f"{kind}_low"] < wanted).all()
        assert (y[f"{kind}_high"] > wanted).all()
    assert found.loc["raised"].to_numpy() == pytest.approx(y.to_numpy(), abs=1e-9)
    assert found.loc["still"].isna().all(axis=None)
    assert found.attrs["runs"] == 4096 * 5
    assert found.attrs["mean"]["y"] == pytest.approx(3.5, abs=0.01)
    assert found.attrs["seed"] == 0


def everything(points, **more):
    options = {
        "pay": pay_of(points),
        "cut_shift": 2.0,
        "caps": [100.0],
        "other_cuts": [[60.5, 80.5, 100.5]],
        "aggregations": ["arithmetic", "geometric"],
        "n": 64,
    }
    return variance_shares(points, WEIGHTS, CUTS, **{**options, **more})


def test_variance_shares_name_every_factor_and_output():
    """Factors that do not vary are no rows; first never exceeds total by more than their doubt."""
    points = points_of(40)
    found = everything(points)
    factors = ["a", "b", "c", "d", "cuts", "cap", "edge", "aggregation"]
    assert found.index.get_level_values("factor")[:8].tolist() == factors
    outputs = ["grade_shift", "rank_shift", "payroll"]
    assert found.index.get_level_values("output").unique().tolist() == outputs
    assert found.attrs["n"] == 64
    assert found.attrs["runs"] == 64 * 10
    plain = variance_shares(points, WEIGHTS, CUTS, n=8)
    assert plain.index.tolist() == [
        (output, key) for output in outputs[:2] for key in ("a", "b", "c", "d")
    ]
    assert (found["first_low"] <= found["total_high"]).all()
    assert (found["total_low"] <= found["total"]).all()
    assert (found["total"] <= found["total_high"]).all()


def test_ranks_do_not_hang_on_cuts():
    """Neither the shift of the cuts nor the edge policy moves a rank; both move grades."""
    found = everything(points_of(40))
    for factor in ("cuts", "edge"):
        assert found.loc[("rank_shift", factor), ["first", "total"]].tolist() == [0, 0]
        assert found.loc[("grade_shift", factor), "total"] > 0


def test_a_constant_on_the_pay_moves_no_index():
    """The outputs are centred: everybody's bonus of a million changes no share."""
    points = points_of(20)
    found, raised = everything(points), everything(points, pay=pay_of(points) + 1e6)
    assert raised.to_numpy() == pytest.approx(found.to_numpy(), abs=1e-6, nan_ok=True)


def test_seed_0_is_a_seed_of_variance_shares():
    """The same draws and the same resamples; another seed gives others."""
    points = points_of(10)
    first = everything(points)
    assert everything(points, seed=0).equals(first)
    assert not everything(points, seed=5).equals(first)


def test_variance_shares_of_the_model_in_plain_python():
    """Every output of every run, recomputed one by one through the public analyses."""
    points = points_of(11, low=30.0)
    points.loc["p4", "c"] = np.nan
    points = pd.concat([points, points.iloc[[0]].set_axis(["copy"])])
    pay = pay_of(points)
    seen = []
    original = simulation.variance.variance_indices

    def record(model, factors, outputs, n, seed):
        drawn = np.random.default_rng(0).random((24, len(factors)))
        seen.append((drawn, model(drawn)))
        return original(model, factors, outputs, n, seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation.variance, "variance_indices", record)
        everything(points, n=2, pay=pay, concentration=None)
    now = weighted_total(points, WEIGHTS)
    held = [sum(total > cut for cut in CUTS) for total in now]
    for drawn, out in zip(*seen[0], strict=True):
        weights = -np.log1p(-drawn[:4])
        table = points.clip(upper=100) if drawn[5] >= 0.5 else points
        method = "geometric" if drawn[7] >= 0.5 else "arithmetic"
        total = draw_totals(table, (weights / weights.sum())[np.newaxis], aggregation=method).loc[0]
        shift = 2 * (2 * drawn[4] - 1) + (0.5 if drawn[6] >= 0.5 else 0)
        bands = [sum(each > cut + shift for cut in CUTS) for each in total]
        assert out[0] == pytest.approx(np.mean(np.array(bands) != held))
        ranks = total.round(9).rank(ascending=False) - now.rank(ascending=False)
        assert out[1] == pytest.approx(ranks.abs().mean())
        assert out[2] == pytest.approx(sum(pay.iloc[i, band] for i, band in enumerate(bands)))


def test_weights_around_those_in_force_move_less():
    """The firmer the weights are believed, the fewer grades move; Dirichlet moments hold."""
    points = points_of(40)
    loose, firm = (
        variance_shares(points, WEIGHTS, CUTS, concentration=c, n=128) for c in (10, 1000)
    )
    assert firm.attrs["mean"]["grade_shift"] < loose.attrs["mean"]["grade_shift"] / 3
    shape = simulation.variance._gamma_weights(
        simulation.draws.uniform_points(4096, 4, 0), 20 * WEIGHTS.to_numpy()
    )
    assert shape.mean(axis=0) == pytest.approx(WEIGHTS.to_numpy(), abs=1e-3)
    assert shape.var(axis=0) == pytest.approx(WEIGHTS * (1 - WEIGHTS) / 21, rel=0.03)


def test_inputs_are_not_changed():
    """Points, weights, pay and draws stay as they were."""
    points, pay = points_of(), pay_of(points_of())
    draws = weight_draws(WEIGHTS, n=32)
    before = [table.copy() for table in (points, pay, draws)]
    rank_odds(points, draws)
    central_weights(points, draws)
    payroll_spread(points, WEIGHTS, CUTS, pay, draws)
    everything(points, pay=pay)
    for table, copy in zip((points, pay, draws), before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


# --- refusals


def text(function, *arguments, **options):
    with pytest.raises(KpiError) as error:
        function(*arguments, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("draws", "wanted"),
    [
        (
            np.array([[0.5, 0.5]]),
            "draws: their shape is (1, 2), for 4 indicators. To mend: give one row per draw and "
            "one column per indicator.",
        ),
        (
            np.array([[0.4, 0.3, 0.2, 0.1], [0.4, 0.4, 0.4, 0.4], [1.2, 0.0, 0.0, -0.2]]),
            "draws: 2 rows are not weights of at least 0 with sum 1, first row 1. To mend: divide "
            "each row by its sum, and leave out rows with numbers below 0.",
        ),
        (
            pd.DataFrame([[0.4, 0.3, 0.2, 0.1]], columns=list("abcx")),
            "draws: columns a, b, c, x are not the indicators a, b, c, d. To mend: give one column "
            "of weights per indicator, under the same name.",
        ),
    ],
)
def test_draws_that_do_not_fit(draws, wanted):
    """In every function that takes draws."""
    points = points_of()
    assert text(draw_totals, points, draws) == wanted
    assert text(rank_odds, points, draws) == wanted
    assert text(central_weights, points, draws) == wanted
    assert text(rank_shift, points, WEIGHTS, draws) == wanted
    assert text(grade_shift, points, WEIGHTS, CUTS, draws) == wanted
    assert text(payroll_spread, points, WEIGHTS, CUTS, pay_of(points), draws) == wanted


def test_draws_that_leave_somebody_without_a_total():
    """All of the weight on an item that does not apply."""
    points = points_of(3)
    points.loc["p1", "a"] = np.nan
    draws = np.array([[0.4, 0.3, 0.2, 0.1], [1.0, 0, 0, 0]])
    wanted = (
        "draws: 1 person has no weighted item in some draw, so no total: p1. To mend: leave these "
        "people out, or draw weights above 0 for an item that applies to them."
    )
    assert text(rank_odds, points, draws) == wanted
    assert text(draw_totals, points, draws) == wanted
    assert text(grade_shift, points, WEIGHTS, CUTS, draws) == wanted


@pytest.mark.parametrize("n", [0, -1, 2.5])
def test_numbers_of_draws_that_are_none(n):
    """Whole, above 0; and a variance needs two."""
    assert text(weight_draws, WEIGHTS, n=n) == (
        f"n: {n!r} is no number of draws. To mend: give a whole number above 0."
    )
    assert text(variance_shares, points_of(), WEIGHTS, CUTS, n=n) == (
        f"n: {n!r} draws have no variance. To mend: give a whole number from 2, best 1024."
    )


@pytest.mark.parametrize("concentration", [0, -1, np.inf])
def test_concentrations_that_are_none(concentration):
    """As in the exact functions."""
    wanted = (
        f"concentration: {concentration:g} is not a number above 0. To mend: give for example 50, "
        "or None for weights that are all equally likely."
    )
    assert text(weight_draws, WEIGHTS, concentration) == wanted
    assert text(variance_shares, points_of(), WEIGHTS, CUTS, concentration=concentration) == wanted


def test_weights_that_do_not_sum_to_1_are_not_drawn_around():
    """The same check as in the exact functions."""
    assert text(weight_draws, WEIGHTS * 0.9) == (
        "weights: they sum to 0.9, not 1. To mend: change them by +0.1 in all, or divide each by "
        "the sum."
    )


def test_geometric_totals_need_points_above_0():
    """A logarithm of 0 would sink a person for good."""
    points = points_of(3)
    points.loc[["p0", "p2"], "a"] = [0.0, -1.0]
    wanted = (
        "points: 2 people have points of 0 or less, which a geometric total cannot take: p0, p2. "
        "To mend: floor the points above 0 first, and say so on the page."
    )
    assert text(rank_odds, points, np.full((1, 4), 0.25), aggregation="geometric") == wanted
    assert text(everything, points) == wanted


def test_names_that_are_none():
    """Aggregations are two; an edge policy of rounding is other cuts."""
    wanted = (
        "aggregation: there is no aggregation 'harmonic'. To mend: choose one of arithmetic, "
        "geometric."
    )
    draws = np.full((1, 4), 0.25)
    assert text(rank_odds, points_of(), draws, aggregation="harmonic") == wanted
    assert text(everything, points_of(), aggregations=["harmonic"]) == wanted
    assert text(everything, points_of(), aggregations=[]) == (
        "aggregations: there is none. To mend: name the one in force first, of arithmetic, "
        "geometric."
    )
    edge = (
        "edge: there is no policy 'floored'. To mend: choose one of upper_closed, lower_closed; "
        "for rounded totals move the cuts instead."
    )
    assert text(grade_shift, points_of(), WEIGHTS, CUTS, draws, edge="floored") == edge
    assert text(everything, points_of(), edge="floored") == edge


def test_alternatives_that_do_not_fit():
    """Each factor is checked before anything is drawn."""
    points = points_of(3)
    assert text(everything, points, caps=[np.nan]) == (
        "caps: nan is no cap. To mend: give finite points, for example 100."
    )
    assert text(everything, points, cut_shift=-1.0) == (
        "cut_shift: -1 is no distance. To mend: give by how many points the cuts may move, 0 for "
        "not at all."
    )
    assert text(everything, points, other_cuts=[[60, 80]]) == (
        "other_cuts: there are 3, 2 cuts. To mend: give each alternative as many cuts as there are "
        "in force."
    )
    named = points.rename(columns={"a": "cap"})
    weights = WEIGHTS.rename({"a": "cap"})
    assert text(variance_shares, named, weights, CUTS, caps=[100.0]) == (
        "points, columns: cap is also the name of another factor. To mend: give the indicator "
        "another name."
    )
    assert variance_shares(named, weights, CUTS, n=4).index[0] == ("grade_shift", "cap")


def test_pay_by_the_point_is_rate_times_total():
    """The payroll of each draw, summed by hand; in the variance shares, run by run."""
    points = points_of(7)
    rate = pd.Series([10.0, 20, 0, 5.5, 1, 2, 3], index=points.index)
    draws = weight_draws(WEIGHTS, n=8)
    found = payroll_spread(points, WEIGHTS, CUTS, rate, draws)
    wanted = [
        sum(rate.iloc[i] * total.iloc[i] for i in range(7))
        for total in (weighted_total(points, row) for _, row in draws.iterrows())
    ]
    assert found.tolist() == pytest.approx(wanted, rel=1e-6)
    shares = variance_shares(points, WEIGHTS, CUTS, pay=rate, n=64)
    flat = variance_shares(points * 0 + 50, WEIGHTS, CUTS, pay=rate, n=64)
    assert shares.loc["payroll", "total"].sum() > 0.9
    assert flat.loc["payroll"].isna().all(axis=None), "everybody totals 50 under any weights"


def test_a_floor_lets_zeros_into_geometric_totals():
    """Points below the floor count as the floor in geometric totals, and only there."""
    points = points_of(20)
    zero = points.assign(a=points["a"].where(points["a"] > points["a"].median(), 0.0))
    both = {"aggregations": ("arithmetic", "geometric"), "n": 32}
    with pytest.raises(KpiError, match="points of 0 or less"):
        variance_shares(zero, WEIGHTS, CUTS, **both)
    low, lower = (variance_shares(zero, WEIGHTS, CUTS, floor=f, **both) for f in (20.0, 1.0))
    assert not low.equals(lower)
    plain = {"aggregations": ("arithmetic",), "n": 32}
    assert variance_shares(zero, WEIGHTS, CUTS, floor=20.0, **plain).equals(
        variance_shares(zero, WEIGHTS, CUTS, **plain)
    )


def test_pay_that_does_not_fit():
    """One row per person, one column per band."""
    points = points_of(3)
    draws = np.full((1, 4), 0.25)
    wanted = (
        "pay: it has 3 rows and 3 columns, for 3 people and 4 bands. To mend: give one row per "
        "person and one column per band, the lowest band first; or a Series of what each is paid "
        "for one point."
    )
    assert text(payroll_spread, points, WEIGHTS, CUTS, pay_of(points).iloc[:, :3], draws) == wanted
    holes = pay_of(points)
    holes.iloc[1, 1] = np.nan
    assert text(payroll_spread, points, WEIGHTS, CUTS, holes, draws) == (
        "pay: not all are finite numbers. To mend: give what each person is paid."
    )


@pytest.mark.parametrize("top", [0, 4, 1.5])
def test_places_that_are_none(top):
    """From 1 to everybody."""
    assert text(central_weights, points_of(3), np.full((1, 4), 0.25), top=top) == (
        f"top: {top} is no number of places for 3 people. To mend: give a whole number from 1 to 3."
    )
