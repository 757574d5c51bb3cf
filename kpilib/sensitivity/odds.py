"""Exact odds of grades and of places when the weights are uncertain."""

from __future__ import annotations

import math

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
    count,
    gaps,
    read_case,
    read_concentration,
    read_cuts,
    read_edge,
    some,
)

BLOCK = 1 << 14  # pairs looked at together
ALIKE = 400  # planes cut together that have nearly as many items above
CELLS = 1 << 17  # items of all planes cut at once: 1 MiB, what stays in the processor's cache
MOST = 2000  # items, repeats counted; the work grows with their square


def grade_odds(
    points: pd.DataFrame,
    weights: pd.Series[float],
    cuts: Cuts,
    concentration: float | None = None,
    *,
    edge: str = "upper_closed",
) -> pd.DataFrame:
    """Return the probability of each band when the weights are uncertain. Exact, no sampling.

    The weights of a person above a cut are the part of a simplex on one side of a plane; its
    share follows from the recursion of Varsi [1]_ and Ali [2]_, here in the form that only takes
    means of numbers between 0 and 1, so no digits cancel. A Dirichlet distribution with whole
    parameters is uniform on a larger simplex, with each item repeated.

    Parameters
    ----------
    points, weights, cuts
        As in `tolerance`.
    concentration : float, optional
        None: all weights are equally likely, whatever ``weights`` says. Else weights follow
        Dirichlet(round(concentration * weights)); the larger, the nearer to ``weights``. An item
        whose parameter rounds to 0 has no weight.
    edge : {"upper_closed", "lower_closed"}
        Whether a total exactly at a cut belongs below it or above. It matters only for a person
        whose points all equal the cut; otherwise a tie has probability 0.

    Returns
    -------
    DataFrame, shape (n_people, n_cuts + 1)
        Columns ``band`` 0 (below every cut) to n_cuts; rows sum to 1.

    Raises
    ------
    KpiError
        If the concentration is not above 0, above about 2,000 or leaves a person without an item,
        or if the points, weights and cuts do not fit together.

    References
    ----------
    .. [1] G. Varsi (1973), The multidimensional content of the frustum of the simplex, Pacific
       Journal of Mathematics 46, 303-314, doi:10.2140/pjm.1973.46.303.
    .. [2] M. M. Ali (1973), Content of the frustum of a simplex, Pacific Journal of Mathematics
       48, 313-322, doi:10.2140/pjm.1973.48.313.

    Examples
    --------
    With two items at 60 and 90 points, a total above 80 takes a weight above 2/3 on the second.

    >>> points = pd.DataFrame({"plays": [60], "quality": [90]}, index=["p1"])
    >>> odds = grade_odds(points, pd.Series({"plays": 0.5, "quality": 0.5}), [80])
    >>> odds.loc["p1"].round(4).tolist()
    [0.6667, 0.3333]
    """
    case = read_case(points, weights)
    limits = read_cuts(cuts, case.people)
    policy = read_edge(edge)
    repeats = _repeats(case, concentration)
    ladder = [np.ones(len(case.people))]
    for cut in range(limits.shape[1]):
        ladder.append(_share_above(gaps(case, limits[:, cut]), repeats, policy))
    above = np.column_stack([*ladder, np.zeros(len(case.people))])
    odds = np.maximum(above[:, :-1] - above[:, 1:], 0.0)
    return pd.DataFrame(odds, index=case.people, columns=pd.RangeIndex(odds.shape[1], name="band"))


def outrank_odds(
    points: pd.DataFrame, weights: pd.Series[float], concentration: float | None = None
) -> pd.DataFrame:
    """Return the probability that each person stands above each other. Exact, no sampling.

    The pairwise winning index of stochastic multicriteria acceptability analysis [1]_, by the
    recursion of `grade_odds` on the differences of two people's points.

    Parameters
    ----------
    points, weights, concentration
        As in `grade_odds`, but the same items must apply to everybody: else the difference of
        two totals is not linear in the weights.

    Returns
    -------
    DataFrame, shape (n_people, n_people)
        Row above column. A pair and its reverse sum to 1, for equal people to 0: neither is
        above the other. 0 on the diagonal.

    Raises
    ------
    KpiError
        As `grade_odds`, and if different items apply to different people.

    References
    ----------
    .. [1] R. Lahdelma, P. Salminen (2001), SMAA-2: stochastic multicriteria acceptability analysis
       for group decision making, Operations Research 49, 444-454,
       doi:10.1287/opre.49.3.444.11220.
    """
    case = read_case(points, weights)
    repeats = _repeats(case, concentration)
    _same_items(case, repeats)
    upper, lower = np.triu_indices(len(case.people), 1)
    odds = np.zeros((len(case.people), len(case.people)))
    for start in range(0, len(upper), BLOCK):
        above, below = upper[start : start + BLOCK], lower[start : start + BLOCK]
        gap = case.points[above] - case.points[below]
        sign = _orientation(gap)
        share = _share_above(gap * sign[:, np.newaxis], repeats, "upper_closed")
        odds[above, below] = np.where(sign > 0, share, np.where(sign < 0, 1 - share, 0.0))
        odds[below, above] = np.where(sign > 0, 1 - share, np.where(sign < 0, share, 0.0))
    return pd.DataFrame(odds, index=case.people, columns=case.people)


def expected_rank(
    points: pd.DataFrame, weights: pd.Series[float], concentration: float | None = None
) -> pd.Series[float]:
    """Return each person's mean rank when the weights are uncertain. Exact, no sampling.

    One plus the odds of each other person to stand above; equal people share their ranks.

    Parameters
    ----------
    points, weights, concentration
        As in `outrank_odds`.

    Returns
    -------
    Series
        1 (always the best) to n_people.

    Raises
    ------
    KpiError
        As `outrank_odds`.
    """
    odds = outrank_odds(points, weights, concentration)
    table = odds.to_numpy()
    # fsum rounds once, so nobody's rank depends on the order in which people stand.
    ties = ((table == 0) & (table.T == 0)).sum(axis=0) - 1
    above = [math.fsum(column) for column in table.T.tolist()]
    return pd.Series(1 + np.array(above) + ties / 2, index=odds.index, name="expected_rank")


def _repeats(case: Case, concentration: float | None) -> Whole:
    """Return the Dirichlet parameter of each item, after checking that each person keeps one."""
    if concentration is None:
        return np.ones(len(case.weights), dtype=np.int64)
    repeats: Whole = np.rint(read_concentration(concentration) * case.weights).astype(np.int64)
    if repeats.sum() > MOST:
        raise KpiError(
            "concentration",
            f"{concentration:g} asks for {repeats.sum()} items in all, more than {MOST}.",
            "lower it, or draw weights with kpilib.simulation.weight_draws.",
        )
    idle = ~np.any(case.applies & (repeats > 0), axis=1)
    if idle.any():
        raise KpiError(
            "concentration",
            f"{concentration:g} times the weights rounds to 0 on every item that applies to "
            f"{count(idle.sum(), 'person', 'people')}: {some(case.people[idle])}.",
            "raise it, or give None for weights that are all equally likely.",
        )
    return repeats


def _same_items(case: Case, repeats: Whole) -> None:
    """Refuse people to whom other items apply than to the rest."""
    patterns, which, size = np.unique(
        case.applies & (repeats > 0), axis=0, return_inverse=True, return_counts=True
    )
    if len(patterns) == 1:
        return
    other = which.ravel() != np.argmax(size)
    raise KpiError(
        "points",
        f"other items apply to {count(other.sum(), 'person', 'people')} than to the rest "
        f"({some(case.people[other])}), so the exact odds of a pair are not known.",
        "draw them with kpilib.simulation.rank_odds, or compare only people with the same items.",
    )


def _orientation(gap: Array) -> Array:
    """Return the sign of each row's first difference, so that a pair and its reverse agree."""
    sign: Array = np.zeros(len(gap))
    for item in range(gap.shape[1]):
        sign = np.where(sign == 0, np.sign(gap[:, item]), sign)
    return sign


def _share_above(gap: Array, repeats: Whole, edge: Edge) -> Array:
    """Return the share of the simplex on which the weighted sum of each row of gaps exceeds 0."""
    items = np.sort(np.repeat(gap, repeats, axis=1), axis=1).T[::-1]
    width = max(1, CELLS // len(items))
    shares = [
        _frustum(np.ascontiguousarray(items[:, start : start + width]), edge)
        for start in range(0, items.shape[1], width)
    ]
    return np.concatenate(shares)


def shares_above(gap: Array, repeats: Whole, edge: Edge) -> Array:
    """Return the share of each row's own simplex on which the sum of its gaps exceeds 0.

    Parameters
    ----------
    gap, repeats : array, shape (n_planes, n_items)
        Gaps, and how often each item stands in the simplex of its row.
    """
    # Rows whose gaps all have one sign need no recursion: the whole simplex, or none of it.
    counted = repeats > 0
    low = np.where(counted, gap, np.inf).min(axis=1)
    high = np.where(counted, gap, -np.inf).max(axis=1)
    share = np.where(low > 0, 1.0, 0.0)
    share = np.where((low == 0) & ((high > 0) | (edge == "lower_closed")), 1.0, share)
    cut = np.flatnonzero((low < 0) & (high > 0))
    repeated = repeats[cut]
    places = np.arange(int(repeated.sum(axis=1).max(initial=0)))
    items = np.zeros((len(cut), len(places)))
    held = places < repeated.sum(axis=1)[:, np.newaxis]
    items[held] = np.repeat(gap[cut].ravel(), repeated.ravel())
    # Falling; the zeros of shorter rows come to stand between those above and below.
    items = -np.sort(-items, axis=1)
    # Planes with as many items above are cut together: what is worked out is how many by how many.
    alike = np.argsort((items > 0).sum(axis=1), kind="stable")
    width = max(1, min(ALIKE, CELLS // max(len(places), 1)))
    for start in range(0, len(cut), width):
        some = alike[start : start + width]
        share[cut[some]] = _frustum(np.ascontiguousarray(items[some].T), edge)
    return share


def _frustum(items: Array, edge: Edge) -> Array:
    """Return the share per column of falling values, shape (n_items, n_planes).

    With values x_1 >= ... > 0 above and -y_1 <= ... < 0 below, and P(i, j) the share for the
    first i above and the first j below, ``P(i, j) = (x_i P(i, j-1) + y_j P(i-1, j)) /
    (x_i + y_j)``, ``P(i, 0) = 1``, ``P(0, j) = 0``. Values at 0 change nothing: with y_j = 0 the
    mean is P(i, j-1). All pairs with the same i + j are computed at once, for all columns.
    """
    up, down = np.maximum(items, 0.0), np.maximum(-items[::-1], 0.0)
    above: Whole = (items > 0).sum(axis=0)
    most, least = int(above.max()), int(above.min())
    shares = np.zeros((most + 1, items.shape[1]))
    parts, sums = np.empty_like(up[:most]), np.empty_like(up[:most])
    with np.errstate(invalid="ignore"):  # 0 / 0 only past a column's last x: not read
        for both in range(1, len(items) + 1):
            # No column has more above than the most, nor more below than the least leaves.
            first, last = max(1, both - len(items) + least), min(both - 1, most)
            x, y = up[first - 1 : last], down[both - 1 - last : both - first][::-1]
            part, whole = parts[: len(x)], sums[: len(x)]
            np.multiply(x, shares[first : last + 1], out=part)
            np.multiply(y, shares[first - 1 : last], out=whole)
            part += whole
            np.divide(part, np.add(x, y, out=whole), out=shares[first : last + 1])
            if both <= most:
                shares[both] = 1.0
    share = np.take_along_axis(shares, above[np.newaxis], axis=0)[0]
    level: Flags = (items == 0).all(axis=0)
    return np.where(level & (edge == "lower_closed"), 1.0, share)
