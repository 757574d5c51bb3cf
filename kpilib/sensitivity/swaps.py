"""How far may all weights move before two people change places? Quotas and whole orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.boxes import spread
from kpilib.sensitivity.inputs import (
    Array,
    Case,
    Whole,
    gaps,
    is_touching,
    mass,
    read_case,
    totals,
)
from kpilib.sensitivity.meeting import first_meeting

CHUNK = 4096  # pairs looked at together; past the first chunks the bound rules out the rest


class Swap(NamedTuple):
    """The first two people to change places, and the radius at which they do."""

    radius: float
    upper: int
    lower: int


def tolerance_quota(
    points: pd.DataFrame, weights: pd.Series[float], sizes: Sequence[int]
) -> pd.DataFrame:
    """Return how far all weights may move before a forced distribution changes its groups.

    At each boundary the best so many people stand against the rest; the group changes when the
    first pair across it draws level. For two people with the same items that radius is the
    tolerance of the difference of their points, with the cut at 0; for people with different
    items it is searched, see `kpilib.sensitivity.meeting`.

    Parameters
    ----------
    points, weights
        As in `tolerance`.
    sizes : sequence of int
        Head counts of the groups, best first, each at least 1. They may leave a last group out:
        the rest of the people.

    Returns
    -------
    DataFrame
        Per boundary ``people`` (head count above it): ``radius`` (0 for a tie across it, infinite
        beyond 1) and the binding pair, ``upper`` and ``lower`` (None where nothing binds). Equal
        people, whom no weights part, do not count.

    Raises
    ------
    KpiError
        If the sizes do not fit the people, or the points and weights do not fit each other.
    """
    case = read_case(points, weights)
    total = totals(case)
    order = np.argsort(-total, kind="stable")
    rows = []
    for heads in _boundaries(sizes, len(order)):
        upper, lower = np.meshgrid(order[:heads], order[heads:], indexing="ij")
        swap = _first_swap(case, total, upper.ravel(), lower.ravel())
        found = np.isfinite(swap.radius)
        pair = [case.people[swap.upper], case.people[swap.lower]] if found else [None, None]
        rows.append([swap.radius, *pair])
    boundaries = pd.Index(_boundaries(sizes, len(order)), name="people")
    return pd.DataFrame(rows, index=boundaries, columns=["radius", "upper", "lower"])


def tolerance_order(points: pd.DataFrame, weights: pd.Series[float]) -> float:
    """Return how far all weights may move before anybody's rank changes.

    Only neighbours need a look: wherever two people draw level, so has each neighbour between
    them, or passed.

    Parameters
    ----------
    points, weights
        As in `tolerance`.

    Returns
    -------
    float
        0 (a tie between different people) to 1, infinite beyond. Equal people do not count.

    Raises
    ------
    KpiError
        If the points and weights do not fit each other.
    """
    case = read_case(points, weights)
    total = totals(case)
    # Equal people stand side by side, so that each of them meets the same neighbours.
    order = np.lexsort((*case.points.T, *case.applies.T, -total))
    return _first_swap(case, total, order[:-1], order[1:]).radius


def _boundaries(sizes: Sequence[int], people: int) -> list[int]:
    """Return the head counts above each boundary, after checking the sizes."""
    whole = [int(size) for size in sizes if size == int(size) and size >= 1]
    if not whole or len(whole) < len(sizes):
        raise KpiError(
            "sizes",
            f"not all are whole numbers of at least 1: {', '.join(map(str, sizes)) or 'none'}.",
            "give the head count of each group, best first.",
        )
    heads = np.cumsum(whole).tolist()
    if heads[-1] > people:
        raise KpiError(
            "sizes",
            f"they sum to {heads[-1]}, more than the {people} people.",
            "give head counts that sum to at most the number of people.",
        )
    return [number for number in heads if number < people]


def _first_swap(case: Case, total: Array, upper: Whole, lower: Whole) -> Swap:
    """Return the pair that draws level in the smallest box, among pairs upper over lower."""
    differ = np.any(case.points[upper] != case.points[lower], axis=1)
    differ |= np.any(case.applies[upper] != case.applies[lower], axis=1)
    upper, lower = upper[differ], lower[differ]
    bound = _least_radius(case, total, upper, lower)
    order = np.argsort(bound, kind="stable")
    order = order[bound[order] <= 1]
    upper, lower, bound = upper[order], lower[order], bound[order]
    same = (case.applies[upper] == case.applies[lower]).all(axis=1)
    best = _among_same(case, upper[same], lower[same], bound[same])
    mixed = ~same & (bound < best.radius)
    if not mixed.any():
        return best
    met = first_meeting(case, upper[mixed], lower[mixed], min(best.radius, 1.0))
    return (
        best if met is None else Swap(met[0], int(upper[mixed][met[1]]), int(lower[mixed][met[1]]))
    )


def _least_radius(case: Case, total: Array, upper: Whole, lower: Whole) -> Array:
    """Return a radius below which a pair cannot meet: how far each total moves, added up."""
    applied = mass(case)
    reach = spread(gaps(case, total), case.weights) / applied
    room = np.maximum(total[upper] - total[lower], 0.0)
    moves = reach[upper] + reach[lower]
    whole = np.all(case.applies, axis=1)
    # Where items do not apply, the weight that does may shrink by the radius itself.
    slack = np.where(whole[upper] & whole[lower], 0.0, room)
    bound: Array = np.divide(room, moves + slack, out=np.full(len(room), np.inf), where=moves > 0)
    return bound


def _among_same(case: Case, upper: Whole, lower: Whole, bound: Array) -> Swap:
    """Return the first swap among pairs with the same items, listed by their lower bound."""
    best = Swap(np.inf, -1, -1)
    for start in range(0, len(upper), CHUNK):
        if bound[start] > best.radius:
            break
        above, below = upper[start : start + CHUNK], lower[start : start + CHUNK]
        radius = _pair_radius(case, above, below)
        first = int(np.argmin(radius))
        if radius[first] < best.radius:
            best = Swap(float(radius[first]), int(above[first]), int(below[first]))
    return best


def _pair_radius(case: Case, upper: Whole, lower: Whole) -> Array:
    """Return the radius at which two people with the same items draw level; infinite beyond 1."""
    gap = case.points[upper] - case.points[lower]  # 0 where the item does not apply
    level = np.zeros(len(gap))
    pair = Case(pd.RangeIndex(len(gap)), case.indicators, gap, case.applies[upper], case.weights)
    ahead = totals(pair)
    room = np.where(is_touching(pair, ahead, level), 0.0, np.abs(ahead) * mass(pair))
    reach = spread(gap, case.weights)
    radius = np.divide(room, reach, out=np.full(len(room), np.inf), where=reach > 0)
    counted = pair.applies & (case.weights > 0)
    one_side = (~counted | (gap > 0)).all(axis=1)
    return np.where(one_side | (radius > 1), np.inf, radius)
