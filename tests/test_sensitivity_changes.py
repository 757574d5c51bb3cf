"""One weight at a time, by hand and by doing it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.sensitivity import (
    critical_changes,
    leave_one_out,
    one_at_a_time,
    stepped_weights,
)
from kpilib.sensitivity.inputs import read_case, totals
from tests.strategies import weighted_points

CUTS = [60.0, 80.0, 100.0]


def test_stepped_weights_by_hand():
    """0.5, 0.3 and 0.2: the others give way in proportion; a step past 0 or 1 stops there."""
    weights = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
    found = stepped_weights(weights, [-0.1, 0.6])
    assert found.index.names == ["indicator", "step"]
    assert found.loc[("a", -0.1)].tolist() == pytest.approx([0.4, 0.36, 0.24])
    assert found.loc[("a", 0.6)].tolist() == [1, 0, 0]
    assert found.loc[("c", 0.6)].tolist() == pytest.approx([0.125, 0.075, 0.8])
    assert stepped_weights(weights, [-0.3]).loc[("c", -0.3)].tolist() == pytest.approx(
        [0.625, 0.375, 0]
    )


def test_a_weight_of_1_has_nothing_beside_it_to_give_way():
    """Nothing can take its weight in proportion, so it stays."""
    found = stepped_weights(pd.Series({"a": 1.0, "b": 0.0}), [-0.5, 0.5])
    assert found.loc["a"].to_numpy().tolist() == [[1, 0], [1, 0]]
    assert found.loc[("b", 0.5)].tolist() == [0.5, 0.5]


@given(weighted_points(people=(1, 2), indicators=(1, 6)), st.lists(st.floats(-1, 1), min_size=1))
def test_steps_never_leave_the_simplex(case, steps):
    """Every row is weights of at least 0 with sum 1, and the others keep their proportions."""
    _, weights = case
    found = stepped_weights(weights, steps)
    assert (found >= 0).all(axis=None)
    assert found.sum(axis=1).to_numpy() == pytest.approx(1)
    for place, (moved, row) in enumerate(zip(found.to_numpy(), found.index, strict=True)):
        item = weights.index.get_loc(row[0])
        others = np.delete(weights.to_numpy(), item)
        assert np.outer(np.delete(moved, item), others) == pytest.approx(
            np.outer(others, np.delete(moved, item)), abs=1e-12
        )
        if len(others):
            assert moved[item] == min(max(weights.iloc[item] + steps[place % len(steps)], 0), 1)


def test_tornado_by_hand():
    """Ten points of weight from a to b: 84 falls to 82, 78 rises to 80.5, over the cut; ranks stay.

    The third person has only item a, whose weight does not matter to them.
    """
    points = pd.DataFrame(
        {"a": [90.0, 70.5, 85.0], "b": [70.0, 95.5, np.nan]}, index=["p0", "p1", "p2"]
    )
    weights = pd.Series({"a": 0.7, "b": 0.3})
    found = one_at_a_time(points, weights, [80], [-0.1]).loc[("a", -0.1)]
    assert found.to_dict() == pytest.approx(
        {
            "weight": 0.6,
            "up": 1,
            "down": 0,
            "changed": 1,
            "lost": 0,
            "rank_shift": 0,
            "max_rank_shift": 0,
            "total_shift": 2.5,
        }
    )
    assert one_at_a_time(points, weights, [80], [0.3]).loc[("b", 0.3), "down"] == 1


def test_people_left_without_an_item_are_lost():
    """Dropping b leaves p1 with nothing; p0 and p2 are compared with each other only."""
    points = pd.DataFrame(
        {"a": [90.0, np.nan, 50.0], "b": [30.0, 99.0, 80.0]}, index=["p0", "p1", "p2"]
    )
    found = leave_one_out(points, pd.Series({"a": 0.4, "b": 0.6}), CUTS)
    # totals 54 and 68 become 90 and 50: up two bands from the lowest, down from the second
    assert found.loc["b"].to_dict() == {
        "up": 1,
        "down": 1,
        "changed": 2,
        "lost": 1,
        "rank_shift": 1,
        "max_rank_shift": 1,
        "total_shift": pytest.approx(36),
    }
    alone = leave_one_out(points[["b"]], pd.Series({"b": 1.0}), CUTS).loc["b"]
    assert alone["lost"] == 3
    assert alone[["rank_shift", "max_rank_shift", "total_shift"]].isna().all()


def test_dropping_an_indicator_is_stepping_its_weight_to_0():
    """The two analyses agree wherever they ask the same."""
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.uniform(0, 120, (30, 4)), columns=list("abcd"))
    weights = pd.Series([0.4, 0.3, 0.2, 0.1], index=list("abcd"))
    dropped = leave_one_out(points, weights, CUTS)
    stepped = one_at_a_time(points, weights, CUTS, [-1]).droplevel("step").drop(columns="weight")
    pd.testing.assert_frame_equal(dropped, stepped, rtol=1e-9)
    assert dropped["changed"].sum() > 0


def test_ranks_and_bands_of_the_tornado_are_counted_afresh():
    """Brute force in plain Python: totals, bands and mean ranks of each trial."""
    rng = np.random.default_rng(2)
    points = pd.DataFrame(rng.uniform(0, 120, (15, 3)), columns=list("abc"))
    points.loc[15] = points.loc[0]
    weights = pd.Series([0.5, 0.3, 0.2], index=list("abc"))

    def state(held):
        total = [sum(p * w for p, w in zip(row, held, strict=True)) for row in points.to_numpy()]
        place = [
            sum(t > s + 1e-9 for t in total) + (sum(abs(t - s) <= 1e-9 for t in total) + 1) / 2
            for s in total
        ]
        return total, place, [sum(t > cut for cut in CUTS) for t in total]

    total, place, band = state(weights)
    for step, row in one_at_a_time(points, weights, CUTS, [-0.15, 0.25]).iterrows():
        other = state(stepped_weights(weights, [step[1]]).loc[step])
        shift = [abs(a - b) for a, b in zip(place, other[1], strict=True)]
        assert row["rank_shift"] == pytest.approx(sum(shift) / 16)
        assert row["max_rank_shift"] == max(shift)
        assert row["up"] == sum(b > a for a, b in zip(band, other[2], strict=True))
        assert row["down"] == sum(b < a for a, b in zip(band, other[2], strict=True))
        moved = max(abs(a - b) for a, b in zip(total, other[0], strict=True))
        assert row["total_shift"] == pytest.approx(moved)


def test_a_total_on_the_cut_changes_grade_by_the_edge_policy():
    """85, 80 and 75 total 80 (79.99999999999999 in binary): any rise passes a closed upper edge."""
    points = pd.DataFrame([[85.0, 80.0, 75.0]], index=["p0"], columns=list("abc"))
    weights = pd.Series([0.35, 0.30, 0.35], index=list("abc"))
    for edge, up, down in (("upper_closed", 1, 0), ("lower_closed", 0, 1)):
        found = one_at_a_time(points, weights, [80], [-0.05, 0.05], edge=edge)
        assert found.loc[("a", 0.05), "up"] == up
        assert found.loc[("a", -0.05), "down"] == down
        assert found.loc["b"][["up", "down"]].to_numpy().tolist() == [[0, 0], [0, 0]]
        assert leave_one_out(points, weights, [80], edge=edge).loc["a", "down"] == down


@given(weighted_points(people=(2, 5), indicators=(1, 5)))
def test_at_a_critical_change_the_pair_is_level(case):
    """In both conventions, and whichever items apply: totals are equal after the change."""
    points, weights = case
    found = critical_changes(points, weights)
    for (first, second), row in found.iterrows():
        pair = points.loc[[first, second]]
        for key in weights.index[row["delta"].notna().to_numpy()]:
            delta = row[("delta", key)]
            assert delta <= weights[key] + 1e-12
            moved = weights.copy()
            moved[key] = max(moved[key] - delta, 0.0)
            if moved.sum() < 1e-9 or (pair.notna().to_numpy() @ moved.to_numpy() < 1e-6).any():
                continue
            one, other = totals(read_case(pair, weights), moved.to_numpy())
            assert one == pytest.approx(other, abs=1e-6)
            if np.isfinite(row[("renormalised", key)]) and abs(1 - delta) > 1e-6:
                fall = row[("renormalised", key)]
                rest = moved / moved.sum()
                assert rest[key] == pytest.approx(weights[key] - fall, abs=1e-9)


@given(weighted_points(people=(2, 4), indicators=(1, 4)))
def test_where_there_is_no_critical_change_none_is_found_by_trying(case):
    """A grid over the weights of one indicator: no change of sign where the table is empty."""
    points, weights = case
    found = critical_changes(points, weights)["delta"]
    grid = np.r_[np.linspace(0, 1, 21), 1.5, 2, 4, 8]
    for (first, second), row in found.iterrows():
        pair = read_case(points.loc[[first, second]], weights)
        for key in weights.index[row.isna().to_numpy()]:
            item = weights.index.get_loc(key)
            ahead = []
            for held in grid:
                trial = weights.to_numpy().copy()
                trial[item] = held
                one, other = totals(pair, trial)
                ahead.append(one - other)
            ahead = np.array(ahead)[~np.isnan(ahead)]
            assert (ahead >= -1e-9).all() or (ahead <= 1e-9).all()


@given(weighted_points(people=(2, 5), indicators=(2, 4)))
def test_inputs_stay_and_equal_people_have_equal_rows(case):
    """A copy of a person has the same critical changes against everyone else."""
    points, weights = case
    doubled = pd.concat([points, points.iloc[[-1]].set_axis(["copy"])])
    before, held = doubled.copy(), weights.copy()
    found = critical_changes(doubled, weights)
    first, last = points.index[0], points.index[-1]
    if first != last:
        assert found.loc[(first, last)].equals(found.loc[(first, "copy")].rename((first, last)))
    one_at_a_time(doubled, weights, CUTS, [0.1])
    leave_one_out(doubled, weights, CUTS)
    pd.testing.assert_frame_equal(doubled, before)
    pd.testing.assert_series_equal(weights, held)
