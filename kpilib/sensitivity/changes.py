"""One weight at a time: tornado, critical changes, an indicator left out."""

from __future__ import annotations

from collections.abc import Sequence

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
    is_above,
    mass,
    ranks,
    read_case,
    read_cuts,
    read_edge,
    read_weights,
    totals,
)


def stepped_weights(weights: pd.Series[float], steps: Sequence[float]) -> pd.DataFrame:
    """Return the weights after each indicator's weight alone is moved by each step.

    The others give way in proportion, so the sum stays 1. A step past 0 or 1 stops there; a
    weight of 1, beside which nothing can give way in proportion, does not move.

    Parameters
    ----------
    weights : Series
        At least 0, sum 1.
    steps : sequence of float
        Changes of a weight, as shares of the whole: 0.05 is five points of weight.

    Returns
    -------
    DataFrame
        Rows (``indicator``, ``step``), columns the indicators; may serve as draws in
        `kpilib.simulation`.

    Raises
    ------
    KpiError
        If the weights do not sum to 1, or a step is not a number from -1 to 1.
    """
    start = read_weights(weights, weights.index)
    wanted = np.asarray(steps, dtype=np.float64).ravel()
    if not len(wanted) or not (np.abs(wanted) <= 1).all():
        raise KpiError(
            "steps",
            f"not all are numbers from -1 to 1: {', '.join(f'{step:g}' for step in wanted)}.",
            "give changes of a weight as shares of the whole, for example [-0.05, 0.05].",
        )
    rows = [_moved(start, item, step) for item in range(len(start)) for step in wanted]
    index = pd.MultiIndex.from_product([weights.index, wanted], names=["indicator", "step"])
    return pd.DataFrame(np.array(rows), index=index, columns=weights.index)


def one_at_a_time(
    points: pd.DataFrame,
    weights: pd.Series[float],
    cuts: Cuts,
    steps: Sequence[float],
    *,
    edge: str = "upper_closed",
) -> pd.DataFrame:
    """Return what happens when one weight moves and the others give way in proportion.

    Parameters
    ----------
    points, weights, cuts
        As in `tolerance`.
    steps : sequence of float
        As in `stepped_weights`.
    edge : {"upper_closed", "lower_closed"}
        Whether a total exactly at a cut belongs below it or above.

    Returns
    -------
    DataFrame
        Rows (``indicator``, ``step``); columns ``weight`` (after the step), ``up`` and ``down``
        (people whose grade rises and falls), ``changed`` (their sum), ``lost`` (people left
        without a weighted item: they have no total and count nowhere else), ``rank_shift`` (mean
        over people of the absolute change of rank), ``max_rank_shift``, ``total_shift`` (largest
        absolute change of a total).

    Raises
    ------
    KpiError
        If the steps, points, weights and cuts do not fit together.
    """
    case = read_case(points, weights)
    limits = read_cuts(cuts, case.people)
    policy = read_edge(edge)
    moved = stepped_weights(weights.reindex(case.indicators), steps)
    table = moved.to_numpy()
    rows = [_effect(case, limits, policy, trial) for trial in table]
    out = pd.DataFrame(rows, index=moved.index)
    item = np.repeat(np.arange(len(case.weights)), len(steps))
    out.insert(0, "weight", table[np.arange(len(table)), item])
    return out


def leave_one_out(
    points: pd.DataFrame, weights: pd.Series[float], cuts: Cuts, *, edge: str = "upper_closed"
) -> pd.DataFrame:
    """Return what happens when one indicator is dropped and the others share its weight.

    Parameters
    ----------
    points, weights, cuts, edge
        As in `one_at_a_time`.

    Returns
    -------
    DataFrame
        Per indicator the columns of `one_at_a_time` but ``weight``. People whose only weighted
        item is dropped are ``lost``; they count in no other column.

    Raises
    ------
    KpiError
        If the points, weights and cuts do not fit together.
    """
    case = read_case(points, weights)
    limits = read_cuts(cuts, case.people)
    policy = read_edge(edge)
    rows = []
    for item in range(len(case.weights)):
        rest = case.weights.copy()
        rest[item] = 0.0
        rows.append(_effect(case, limits, policy, rest))
    return pd.DataFrame(rows, index=case.indicators.rename("indicator"))


def critical_changes(points: pd.DataFrame, weights: pd.Series[float]) -> pd.DataFrame:
    """Return the change of one weight that brings two people level, for each pair and indicator.

    Triantaphyllou and Sanchez [1]_: weight k moves alone from ``w_k`` to ``w_k - delta``, with
    ``delta = (P_j - P_i) / (a_jk - a_ik)``; dividing by the new sum afterwards changes no order,
    so the same point is reached when the others give way in proportion, by another change:
    ``delta * (1 - w_k) / (1 - delta)``. Where different items apply to the two people, the
    condition is a quadratic equation, and the smaller feasible change counts.

    Parameters
    ----------
    points, weights
        As in `tolerance`.

    Returns
    -------
    DataFrame
        Rows (``first``, ``second``), each pair of people once; columns (``delta``, ``percent`` or
        ``renormalised``, indicator). ``percent`` is delta as a percentage of the weight;
        ``renormalised`` the fall of the weight when the others give way in proportion. A negative
        change is a rise. NaN where no weight of at least 0 does it, and a percentage of 0.

    Raises
    ------
    KpiError
        If the points and weights do not fit each other.

    References
    ----------
    .. [1] E. Triantaphyllou, A. Sanchez (1997), A sensitivity analysis approach for some
       deterministic multi-criteria decision-making methods, Decision Sciences 28, 151-194,
       doi:10.1111/j.1540-5915.1997.tb01306.x.
    """
    case = read_case(points, weights)
    first, second = np.triu_indices(len(case.people), 1)
    delta = _level_change(case, first, second)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100 * delta / case.weights
        renormalised = delta * (1 - case.weights) / (1 - delta)
    parts = {"delta": delta, "percent": percent, "renormalised": renormalised}
    names = pd.MultiIndex.from_product([parts, case.indicators], names=["change", "indicator"])
    pairs = pd.MultiIndex.from_arrays(
        [case.people[first], case.people[second]], names=["first", "second"]
    )
    table = np.column_stack(list(parts.values()))
    return pd.DataFrame(np.where(np.isfinite(table), table, np.nan), index=pairs, columns=names)


def _moved(weights: Array, item: int, step: float) -> Array:
    """Return the weights with one moved, as far as it goes, and the others in proportion."""
    others = float(np.delete(weights, item).sum())
    if others <= 0:
        return weights
    target = min(max(weights[item] + step, 0.0), 1.0)
    moved = weights * ((1 - target) / others)
    moved[item] = target
    return np.asarray(moved, dtype=np.float64)


def _effect(case: Case, limits: Array, edge: Edge, weights: Array) -> dict[str, float]:
    """Compare grades, ranks and totals under other weights with those in force."""
    kept = mass(case, weights) > 0
    if not kept.any():
        none = dict.fromkeys(("rank_shift", "max_rank_shift", "total_shift"), np.nan)
        return {"up": 0, "down": 0, "changed": 0, "lost": len(kept), **none}
    part = case if kept.all() else _part(case, kept)
    before, after = totals(part), totals(part, weights)
    old = is_above(part, before, limits[kept], edge).sum(axis=1)
    new = is_above(part, after, limits[kept], edge).sum(axis=1)
    shift = np.abs(ranks(after) - ranks(before))
    return {
        "up": int((new > old).sum()),
        "down": int((new < old).sum()),
        "changed": int((new != old).sum()),
        "lost": int((~kept).sum()),
        "rank_shift": float(shift.mean()),
        "max_rank_shift": float(shift.max()),
        "total_shift": float(np.abs(after - before).max()),
    }


def _part(case: Case, kept: Flags) -> Case:
    """Return the case of some of the people."""
    people, points, applies = case.people[kept], case.points[kept], case.applies[kept]
    return Case(people, case.indicators, points, applies, case.weights)


def _level_change(case: Case, first: Whole, second: Whole) -> Array:
    """Return the fall of each weight that brings each pair level, shape (n_pairs, n_indicators).

    With N and D a person's weighted points and weight, and a the points of item k (0, like its
    mark, where it does not apply), the pair is level when
    ``(N_i - delta a_i) (D_j - delta m_j) = (N_j - delta a_j) (D_i - delta m_i)``.
    """
    whole = mass(case)
    summed = totals(case) * whole
    a_i, a_j = case.points[first], case.points[second]
    m_i, m_j = case.applies[first].astype(float), case.applies[second].astype(float)
    n_i, n_j = summed[first, np.newaxis], summed[second, np.newaxis]
    d_i, d_j = whole[first, np.newaxis], whole[second, np.newaxis]
    same = (m_i == m_j).all(axis=1, keepdims=True)
    square = np.where(same, 0.0, m_j * a_i - m_i * a_j)
    linear = np.where(same, a_j - a_i, n_j * m_i + a_j * d_i - n_i * m_j - a_i * d_j)
    level = np.where(same, n_i - n_j, n_i * d_j - n_j * d_i)
    # Not the textbook formula: where the square's factor is 0 or tiny, this form stays exact.
    with np.errstate(divide="ignore", invalid="ignore"):
        root = -0.5 * (linear + np.copysign(np.sqrt(linear**2 - 4 * square * level), linear))
        roots = np.stack([level / root, root / square])
    most = np.minimum(np.where(m_i > 0, d_i, np.inf), np.where(m_j > 0, d_j, np.inf))
    return _nearest_feasible(roots, case.weights, most)


def _nearest_feasible(roots: Array, weights: Array, most: Array) -> Array:
    """Return the root nearest to 0 that leaves a weight of at least 0 and something to weigh."""
    slack = 1e-12
    fine = np.isfinite(roots) & (roots <= weights + slack) & (roots < most)
    size = np.where(fine, np.abs(roots), np.inf)
    nearer = np.take_along_axis(roots, size.argmin(axis=0)[np.newaxis], axis=0)[0]
    return np.where(np.isfinite(size.min(axis=0)), nearer, np.nan)
