"""How far may all weights move? Boxes around the weights within which every grade holds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import (
    Array,
    Case,
    Cuts,
    gaps,
    is_above,
    is_touching,
    mass,
    read_case,
    read_cuts,
    row_sum,
    totals,
    two_rows_each,
)


def tolerance(points: pd.DataFrame, weights: pd.Series[float], cuts: Cuts) -> pd.Series[float]:
    """Return how far all weights may move at once before a person's grade can change.

    The tolerance is the largest rho such that no weights within ``w * (1 - rho)`` to
    ``w * (1 + rho)``, of the same sum, bring the person's total to a cut. By the duality of
    linear programming [1]_ it is ``|s - t| / sum(w |p - m|)``, ``s`` the total, ``t`` the nearest
    cut and ``m`` the weighted median of the points; an item that does not apply counts as if
    its points were the cut. Exact, no sampling.

    Parameters
    ----------
    points : DataFrame, shape (n_people, n_indicators)
        Any finite numbers; an empty cell is not applicable. Not changed.
    weights : Series
        One weight per column of ``points``; at least 0, sum 1.
    cuts : sequence of float, or DataFrame
        Increasing. A DataFrame has one row of cuts per person (for example less the bonus).

    Returns
    -------
    Series
        Per person, 0 (the total is at a cut) to 1; infinite where no change of up to 100 % of
        every weight moves the grade.

    Raises
    ------
    KpiError
        If weights, points or cuts do not fit together.

    References
    ----------
    .. [1] D. Bertsimas, J. N. Tsitsiklis (1997), *Introduction to Linear Optimization*,
       chapter 4: the dual of a knapsack over a box is a weighted median.

    Examples
    --------
    Two items, totals 78 and 73, cuts at 80 and 100: a quarter more of the better item lifts the
    first person over the cut, nothing does so for the second.

    >>> points = pd.DataFrame({"plays": [90, 70], "quality": [70, 75]}, index=["p1", "p2"])
    >>> tolerance(points, pd.Series({"plays": 0.4, "quality": 0.6}), [80, 100]).tolist()
    [0.25, inf]
    """
    case = read_case(points, weights)
    nearest = radii(case, read_cuts(cuts, case.people))
    return pd.Series(nearest, index=case.people, name="tolerance")


def radii(case: Case, limits: Array) -> Array:
    """Return the tolerance of each person; the case may hold weights of each by itself."""
    total = totals(case)
    passed = is_above(case, total, limits, "upper_closed").sum(axis=1)
    nearest = np.full(len(total), np.inf)
    last = limits.shape[1] - 1
    for beside in (passed - 1, passed):
        limit = np.take_along_axis(limits, np.clip(beside, 0, last)[:, np.newaxis], axis=1)[:, 0]
        there = (beside >= 0) & (beside <= last)
        nearest = np.where(there, np.minimum(nearest, _radius(case, total, limit)), nearest)
    return nearest


def worst_case(points: pd.DataFrame, weights: pd.Series[float], radius: float) -> pd.DataFrame:
    """Return the lowest and highest total within a box of weights, and the weights that give them.

    Within the box each weight moves by at most ``radius`` times itself (never below 0) and the
    sum stays. Weight goes to the best items first, a continuous knapsack [1]_; where items do
    not apply, the total is a ratio and the step is repeated from its result [2]_ until nothing
    is gained.

    Parameters
    ----------
    points, weights
        As in `tolerance`.
    radius : float
        At least 0; 0.1 means that every weight may move by a tenth of itself.

    Returns
    -------
    DataFrame
        Two rows per person, ``lowest`` and ``highest``; columns ``total`` and the weight of each
        indicator.

    Raises
    ------
    KpiError
        If the radius is negative or not finite, or the points and weights do not fit.

    References
    ----------
    .. [1] G. B. Dantzig (1957), Discrete-variable extremum problems, Operations Research 5,
       266-288, doi:10.1287/opre.5.2.266.
    .. [2] W. Dinkelbach (1967), On nonlinear fractional programming, Management Science 13,
       492-498, doi:10.1287/mnsc.13.7.492.
    """
    case = read_case(points, weights)
    if not (math.isfinite(radius) and radius >= 0):
        raise KpiError(
            "radius",
            f"{radius:g} is no share of a weight.",
            "give a finite number of at least 0, for example 0.1 for a tenth of every weight.",
        )
    ends = [_extreme(case, radius, sign) for sign in (-1.0, 1.0)]
    total = np.column_stack([end[0] for end in ends]).ravel()
    moved = np.stack([end[1] for end in ends], axis=1).reshape(-1, len(case.indicators))
    rows = two_rows_each(case.people, ("lowest", "highest"), "end")
    table = pd.DataFrame(moved, index=rows, columns=case.indicators)
    table.insert(0, "total", total)
    return table


def spread(values: Array, weights: Array) -> Array:
    """Return ``min over m of sum(w |v - m|)`` per row of values, shape (n_rows,).

    It is the most by which ``sum(w v)`` can change when every weight moves by up to 100 % of
    itself and their sum stays.
    """
    order = np.argsort(values, axis=1, kind="stable")
    sorted_by = np.take_along_axis(np.broadcast_to(weights, values.shape), order, axis=1)
    running = np.cumsum(sorted_by, axis=1)
    middle = (running < 0.5 * running[:, -1:]).sum(axis=1)
    at = np.take_along_axis(order, middle[:, np.newaxis], axis=1)
    median = np.take_along_axis(values, at, axis=1)
    return row_sum(weights * np.abs(values - median))


def _radius(case: Case, total: Array, limit: Array) -> Array:
    """Return the box radius at which each total reaches its limit; infinite beyond 1."""
    gap = gaps(case, limit)
    room = np.where(is_touching(case, total, limit), 0.0, np.abs(total - limit) * mass(case))
    reach = spread(gap, case.weights)
    radius = np.divide(room, reach, out=np.full(len(room), np.inf), where=reach > 0)
    counted = case.applies & (case.weights > 0)
    # All items on one side of the cut: no weights bring the total there, though the linear form
    # reaches 0 when items that do not apply could take all the weight.
    one_side = (~counted | (gap > 0)).all(axis=1) | (~counted | (gap < 0)).all(axis=1)
    return np.where(one_side | (radius > 1), np.inf, radius)


def _extreme(case: Case, radius: float, sign: float) -> tuple[Array, Array]:
    """Return the highest (sign 1) or lowest (sign -1) totals in the box, and their weights."""
    low = case.weights * max(0.0, 1 - radius)
    high = case.weights * (1 + radius)
    spare = float(case.weights.sum() - low.sum())
    best = totals(case)
    held = np.tile(case.weights, (len(best), 1))
    better = np.ones(len(best), dtype=np.bool_)
    while better.any():
        trial = _filled(sign * gaps(case, best), low, high, spare)
        reached = totals(case, trial)
        better = sign * (reached - best) > 0  # False where no weight is left on what applies
        best = np.where(better, reached, best)
        held = np.where(better[:, np.newaxis], trial, held)
    return best, held


def _filled(worth: Array, low: Array, high: Array, spare: float) -> Array:
    """Give each item its least weight, then share what is spare, the worthiest item first."""
    order = np.argsort(-worth, axis=1, kind="stable")
    room = (high - low)[order]
    before = np.cumsum(room, axis=1) - room
    given = np.clip(spare - before, 0.0, room)
    weights = np.empty_like(worth)
    np.put_along_axis(weights, order, low[order] + given, axis=1)
    return weights
