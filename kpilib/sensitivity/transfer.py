"""The least weight that must move for a grade to change."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import (
    Array,
    Case,
    Cuts,
    Edge,
    Flags,
    Whole,
    gaps,
    is_above,
    is_touching,
    read_case,
    read_cuts,
    read_edge,
    row_sum,
    totals,
    two_rows_each,
)

FARTHEST = 2.0**53  # of the multiplier; beyond it the weights themselves are lost in rounding
BISECTIONS = 100  # of the multiplier; the set of items left at 0 is settled long before


def smallest_transfer(
    points: pd.DataFrame,
    weights: pd.Series[float],
    cuts: Cuts,
    norm: Literal["l1", "l2"] = "l1",
    *,
    edge: str = "upper_closed",
) -> pd.DataFrame:
    """Return the smallest change of weights that brings each person to the neighbouring grades.

    With ``l1`` weight moves from the best items to the worst one (or from the worst to the best):
    each point of weight then moves the total most, the greedy answer to a linear programme [1]_;
    half of the distance is the weight moved. With ``l2`` the new weights are the projection of the
    old ones on the cut [2]_. New weights are at least 0 and sum to 1; on them the total stands at
    the cut, and any further step passes it.

    Parameters
    ----------
    points, weights, cuts
        As in `tolerance`. The weight of an item that does not apply stays with ``l1``; with ``l2``
        it may move too, where that is shorter.
    norm : {"l1", "l2"}
        Sum of the absolute changes, or their Euclidean length.
    edge : {"upper_closed", "lower_closed"}
        Whether a total exactly at a cut belongs below it (it must be larger to pass) or above.

    Returns
    -------
    DataFrame
        Two rows per person, ``lower`` and ``upper`` (the cut below and the cut above the total);
        columns ``cut``, ``distance`` and the new weight of each indicator. All NaN but the cut
        where no weights reach it; the cut NaN too where there is no such cut.

    Raises
    ------
    KpiError
        If the norm or edge is unknown, or the points, weights and cuts do not fit together.

    References
    ----------
    .. [1] G. B. Dantzig (1957), Discrete-variable extremum problems, Operations Research 5,
       266-288, doi:10.1287/opre.5.2.266.
    .. [2] S. Boyd, L. Vandenberghe (2004), *Convex Optimization*, section 5.5.3: the conditions
       of Karush, Kuhn and Tucker, solved for the multipliers.
    """
    case = read_case(points, weights)
    limits = read_cuts(cuts, case.people)
    policy = read_edge(edge)
    if norm not in ("l1", "l2"):
        raise KpiError("norm", f"there is no norm {norm!r}.", "choose one of l1, l2.")
    total = totals(case)
    passed = is_above(case, total, limits, policy).sum(axis=1)
    sides = [
        _toward(case, total, limits, passed - 1, -1.0, norm, policy),
        _toward(case, total, limits, passed, 1.0, norm, policy),
    ]
    rows = two_rows_each(case.people, ("lower", "upper"), "side")
    values = np.stack(sides, axis=1).reshape(len(rows), -1)
    table = pd.DataFrame(values[:, 2:], index=rows, columns=case.indicators)
    table.insert(0, "distance", values[:, 1])
    table.insert(0, "cut", values[:, 0])
    return table


def _toward(
    case: Case, total: Array, limits: Array, cut: Whole, sign: float, norm: str, edge: Edge
) -> Array:
    """Return cut, distance and new weights per person, toward the cut above (1) or below (-1)."""
    last = limits.shape[1] - 1
    there = (cut >= 0) & (cut <= last)
    limit = np.take_along_axis(limits, np.clip(cut, 0, last)[:, np.newaxis], axis=1)[:, 0]
    worth = sign * gaps(case, limit)  # the weighted sum must rise to 0
    within = there & _in_reach(case, worth, strictly=(sign > 0) == (edge == "upper_closed"))
    held = np.tile(case.weights, (len(total), 1))
    moves = within & ~is_touching(case, total, limit)
    step = _greedy if norm == "l1" else _projected
    held[moves] = step(worth[moves], case.weights, case.applies[moves])
    change = np.abs(held - case.weights)
    distance = row_sum(change) if norm == "l1" else np.sqrt(row_sum(change**2))
    out = np.column_stack([limit, distance, held])
    out[~within, 1:] = np.nan
    out[~there, 0] = np.nan
    return out


def _in_reach(case: Case, worth: Array, *, strictly: bool) -> Flags:
    """Tell for whom some weights bring the sum of worth above 0, or at least (not strictly) to it.

    Some applicable item must lie beyond the cut, or at it.
    """
    best = np.where(case.applies, worth, -np.inf).max(axis=1)
    within: Flags = best > 0 if strictly else best >= 0
    return within


def _greedy(worth: Array, weights: Array, applies: Flags) -> Array:
    """Move weight from the least worthy items to the worthiest until the sum of worth is 0."""
    # Of two items at 0 the one that applies comes last: only there does weight keep a total.
    order: Whole = np.lexsort((applies, worth), axis=1)
    ranked = np.take_along_axis(worth, order, axis=1)
    held = weights[order]
    gain = ranked[:, -1:] - ranked  # of one unit of weight moved to the worthiest
    lack = -row_sum(held * ranked)
    before = np.cumsum(held * gain, axis=1) - held * gain
    wanted = np.maximum(lack[:, np.newaxis] - before, 0.0)
    moved = np.divide(wanted, gain, out=np.zeros_like(gain), where=gain > 0)
    moved = np.minimum(moved, held)
    held = held - moved
    held[:, -1] += row_sum(moved)
    out = np.empty_like(worth)
    np.put_along_axis(out, order, held, axis=1)
    return out


def _projected(worth: Array, weights: Array, _applies: Flags) -> Array:
    """Project the weights on those whose sum of worth is 0, within the simplex.

    The solution is ``max(0, w + mu * worth - lam)``; the sum of worth grows with mu, so mu is
    bisected, and the items left above 0 then give mu and lam in closed form.
    """
    size = np.abs(worth).max(axis=1, keepdims=True)
    unit = worth / size
    low, high = np.zeros((len(unit), 1)), np.ones((len(unit), 1))
    short = _is_short(unit, weights, high)
    while short.any() and high.max() < FARTHEST:
        high = np.where(short, 2 * high, high)
        short = _is_short(unit, weights, high)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        short = _is_short(unit, weights, middle)
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return _closed_form(unit, weights, _onto_simplex(weights + high * unit))


def _is_short(unit: Array, weights: Array, mu: Array) -> Flags:
    """Tell where the weights that belong to mu still leave the sum of worth below 0."""
    short: Flags = row_sum(unit * _onto_simplex(weights + mu * unit))[:, np.newaxis] < 0
    return short


def _closed_form(unit: Array, weights: Array, near: Array) -> Array:
    """Solve the two linear conditions on the items left above 0; keep the bisected where tied."""
    left = near > 0
    number = row_sum(left.astype(np.float64))
    sum_u, sum_uu = row_sum(left * unit), row_sum(left * unit**2)
    sum_w, sum_uw = row_sum(left * weights), row_sum(left * unit * weights)
    spare = float(weights.sum())
    determinant = number * sum_uu - sum_u**2
    clear = determinant > 1e-9 * number * sum_uu
    safe = np.where(clear, determinant, 1.0)
    mu = (sum_u * (sum_w - spare) - number * sum_uw) / safe
    lam = (sum_w - spare + mu * sum_u) / number
    solved = np.where(left, weights + mu[:, np.newaxis] * unit - lam[:, np.newaxis], 0.0)
    good = clear & (solved >= 0).all(axis=1)
    return np.where(good[:, np.newaxis], solved, near)


def _onto_simplex(table: Array) -> Array:
    """Project each row on the weights: at least 0, sum 1 (Held, Wolfe & Crowder 1974)."""
    ranked = -np.sort(-table, axis=1)
    over = np.cumsum(ranked, axis=1) - 1
    number = np.arange(1, table.shape[1] + 1)
    last = (ranked * number > over).sum(axis=1, keepdims=True) - 1
    level = np.take_along_axis(over, last, axis=1) / (last + 1)
    nearest: Array = np.maximum(table - level, 0.0)
    return nearest
