"""The one place where a total is made of points and weights, and the cuts that it meets."""

from __future__ import annotations

import math
from operator import mul

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.scheme import Arithmetic, Bands, Geometric

PLACES = 6  # a total is rounded once, to these places, before it meets a cut


def weighted_total(
    points: pd.DataFrame, weights: pd.Series, totals: Arithmetic | Geometric | None = None
) -> pd.Series:
    """Make totals of points by weight; the one place where a total is made.

    Row by row and exactly rounded (``math.fsum``), not a matrix product: the last bit of one
    depends on the row's place, so two equal people could part at a band's edge. Hence also
    the rounding to 6 places, once.

    Parameters
    ----------
    points : DataFrame, shape (n_people, n_indicators)
        Points; NaN is an item that does not apply, whose weight moves to the person's others.
    weights : Series
        One weight for each column; they need not sum to 1.
    totals : Arithmetic or Geometric, default Arithmetic
        The weighted mean of the points, or their weighted geometric mean with points below the
        floor counted as the floor.

    Returns
    -------
    Series
        Total of each person; NaN where no item with a weight applies.

    Raises
    ------
    KpiError
        If columns and weights are not for the same indicators.

    References
    ----------
    .. [1] OECD/JRC (2008), *Handbook on Constructing Composite Indicators*, section 6: linear
       and geometric aggregation.
    """
    if set(points.columns) != set(weights.index):
        odd = sorted(set(points.columns) ^ set(weights.index), key=str)
        raise KpiError(
            "weighted total",
            f"points and weights are not for the same indicators: {odd}.",
            "give each column of points one weight of the same name.",
        )
    by = weights.reindex(points.columns).tolist()
    cells = points.to_numpy(dtype=float, na_value=np.nan)
    made = totals_of(cells.tolist(), by, totals)
    return pd.Series(made, index=points.index, name="total", dtype=float)


def totals_of(
    rows: list[list[float]], weights: list[float], totals: Arithmetic | Geometric | None
) -> list[float]:
    """Return the total of each row of points, as :func:`weighted_total` says."""
    if isinstance(totals, Geometric):
        return [_product(row, weights, totals.floor) for row in rows]
    whole, made = math.fsum(weights), []
    for row in rows:
        summed = math.fsum(map(mul, row, weights))
        # NaN is not itself: then an item does not apply
        every = summed == summed and whole > 0
        made.append(round(summed / whole, PLACES) if every else _total(row, weights))
    return made


def _total(points: list[float], weights: list[float]) -> float:
    """Return the weighted mean of the items that apply."""
    pairs = [(p, w) for p, w in zip(points, weights, strict=True) if p == p]  # NaN is not itself
    whole = math.fsum([w for _, w in pairs])
    return round(math.fsum([p * w for p, w in pairs]) / whole, PLACES) if whole > 0 else math.nan


def _product(points: list[float], weights: list[float], floor: float) -> float:
    """Return the weighted geometric mean: the logs' weighted mean, and back."""
    pairs = [(max(p, floor), w) for p, w in zip(points, weights, strict=True) if p == p]
    whole = math.fsum([w for _, w in pairs])
    if whole <= 0:
        return math.nan
    return round(math.exp(math.fsum([math.log(p) * w for p, w in pairs]) / whole), PLACES)


def effective_cuts(grading: Bands) -> tuple[float, ...]:
    """Return the totals at which a grade really begins, highest first.

    Rounding a total half up moves every cut by half a point, flooring it by a whole one.
    """
    shift = {"rounded": 0.5, "floored": 1.0}.get(grading.edge, 0.0)
    return tuple(cut + shift for cut in grading.cuts)
