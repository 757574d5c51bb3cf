"""What uncertain weights do to ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import Array, read_case
from kpilib.simulation.places import block_totals, middle_ranks, places
from kpilib.simulation.stated import largest_error, origin, per_draw
from kpilib.simulation.totals import (
    Draws,
    Ids,
    check_totals,
    distinct_people,
    product,
    read_draws,
)


def rank_odds(
    points: pd.DataFrame, draws: Draws, *, aggregation: str = "arithmetic"
) -> pd.DataFrame:
    """Return how often each person takes each rank: rank acceptability.

    Stochastic multicriteria acceptability analysis [1]_. People who draw level share the ranks
    they take up, so rows and columns sum to 1 and equal people have equal odds.

    Parameters
    ----------
    points : DataFrame, shape (n_people, n_indicators)
        As in `kpilib.sensitivity.tolerance`.
    draws : DataFrame or array, shape (n_draws, n_indicators)
        Weights, as in `draw_totals`.
    aggregation : {"arithmetic", "geometric"}
        As in `draw_totals`.

    Returns
    -------
    DataFrame, shape (n_people, n_people)
        Columns ``rank`` from 1, the best. ``attrs`` carries ``seed`` (None for draws without
        one), ``n`` and ``standard_error``, the largest of any cell for independent draws; evenly
        spread draws err less.

    Raises
    ------
    KpiError
        If draws and points do not fit, or a person has no weighted item in some draw.

    References
    ----------
    .. [1] R. Lahdelma, P. Salminen (2001), SMAA-2: stochastic multicriteria acceptability analysis
       for group decision making, Operations Research 49, 444-454,
       doi:10.1287/opre.49.3.444.11220.
    """
    values, member, heads = distinct_people(points, aggregation)
    table = read_draws(draws, points.columns)
    n = len(member)
    alone = np.zeros((len(heads), n), dtype=np.int64)
    shared = np.zeros((len(heads), n + 1))
    for _, total in block_totals(values, table):
        check_totals(total, points.index, member)
        seen = places(total, heads)
        if seen.before.ndim == 1:
            cells = seen.person * n + seen.before
            alone += np.bincount(cells.ravel(), minlength=alone.size).reshape(alone.shape)
        else:
            _spread(shared, seen.person, seen.before, seen.length)
    counts = alone + np.cumsum(shared, axis=1)[:, :n]
    odds = np.maximum(counts, 0.0)[member] / len(table)
    ranks = pd.RangeIndex(1, n + 1, name="rank")
    result = pd.DataFrame(odds, index=points.index, columns=ranks)
    result.attrs = origin(draws, len(table), largest_error(odds, len(table)))
    return result


def central_weights(
    points: pd.DataFrame, draws: Draws, *, top: int = 1, aggregation: str = "arithmetic"
) -> pd.DataFrame:
    """Return the mean of the weights under which each person is among the best.

    The central weight vector of SMAA [1]_: the preferences that speak for a person.

    Parameters
    ----------
    points, draws, aggregation
        As in `rank_odds`.
    top : int
        How many places count as the best; people who draw level at the last share it.

    Returns
    -------
    DataFrame
        Per person ``share``, how often that happens, and the mean weight of each indicator; NaN
        where it never does. ``attrs`` as in `rank_odds`, the error that of ``share``.

    Raises
    ------
    KpiError
        As `rank_odds`, and if ``top`` is no whole number from 1 to the number of people.

    References
    ----------
    .. [1] R. Lahdelma, P. Salminen (2001), see `rank_odds`.
    """
    values, member, heads = distinct_people(points, aggregation)
    table = read_draws(draws, points.columns)
    if top != int(top) or not 1 <= top <= len(member):
        raise KpiError(
            "top",
            f"{top} is no number of places for {len(member)} people.",
            f"give a whole number from 1 to {len(member)}.",
        )
    held = np.zeros(len(heads))
    summed = np.zeros((len(heads), table.shape[1]))
    for rows, total in block_totals(values, table):
        check_totals(total, points.index, member)
        seen = places(total, heads)
        within = np.clip((top - seen.before) / seen.length, 0.0, 1.0)
        favour = np.zeros_like(total)
        np.put_along_axis(favour, seen.person, np.broadcast_to(within, total.shape), axis=1)
        held += favour.sum(axis=0)
        summed += favour.T @ table[rows]
    mean = np.divide(
        summed, held[:, np.newaxis], out=np.full_like(summed, np.nan), where=held[:, np.newaxis] > 0
    )
    result = pd.DataFrame(mean[member], index=points.index, columns=points.columns)
    share = held[member] / len(table)
    result.insert(0, "share", share)
    result.attrs = origin(draws, len(table), largest_error(share, len(table)))
    return result


def rank_shift(
    points: pd.DataFrame,
    weights: pd.Series[float],
    draws: Draws,
    *,
    aggregation: str = "arithmetic",
) -> pd.Series[float]:
    """Return how far ranks move on average from those in force, for each draw.

    Parameters
    ----------
    points, draws, aggregation
        As in `rank_odds`.
    weights : Series
        The weights in force.

    Returns
    -------
    Series, shape (n_draws,)
        Mean over people of the absolute change of rank, people level sharing their mean rank.
        ``attrs`` carries ``seed``, ``n`` and ``standard_error`` of the mean over draws.

    Raises
    ------
    KpiError
        If draws, points and weights do not fit together.
    """
    case = read_case(points, weights)
    values, member, heads = distinct_people(points, aggregation)
    table = read_draws(draws, points.columns)
    start = ranks_in_force(values, heads, case.weights)
    shift = np.empty(len(table))
    for rows, total in block_totals(values, table):
        check_totals(total, points.index, member)
        shift[rows] = mean_shift(total, heads, start)
    return per_draw(shift, "rank_shift", draws)


def ranks_in_force(values: Array, heads: Ids, weights: Array) -> Array:
    """Return each distinct person's mean rank under the weights in force."""
    seen = places(product(values, weights[np.newaxis]), heads)
    ranks = np.empty(len(heads))
    ranks[seen.person[0]] = np.broadcast_to(middle_ranks(seen), seen.person.shape)[0]
    return ranks


def mean_shift(total: Array, heads: Ids, start: Array) -> Array:
    """Return the mean absolute change of rank from ``start``, for each row of totals."""
    seen = places(total, heads)
    shift = np.abs(start[seen.person] - middle_ranks(seen))
    if seen.before.ndim > 1:
        shift *= heads[seen.person]
    return np.asarray(shift.sum(axis=1) / heads.sum(), dtype=np.float64)


def _spread(shared: Array, person: Ids, before: Ids, length: Ids) -> None:
    """Add each person's equal share of the ranks of a run, as steps along the ranks."""
    width = shared.shape[1]
    share = (1.0 / length).ravel()
    for place, sign in ((before, 1.0), (before + length, -1.0)):
        cells = (person * width + place).ravel()
        shared += sign * np.bincount(cells, share, minlength=shared.size).reshape(shared.shape)
