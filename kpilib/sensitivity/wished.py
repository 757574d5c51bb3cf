"""Weights that would give the indicators the importance one wishes for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import Array, count, is_flat, read_points, some


class OutOfReachError(KpiError):
    """Wished importance that no weights of at least 0 reach; carries the nearest that they do.

    Attributes
    ----------
    nearest : Series
        Weights of at least 0, sum 1, whose total correlates most with the total of the weights
        that would be needed, some of them negative.
    """

    nearest: pd.Series[float]


def weights_for_importance(points: pd.DataFrame, importance: pd.Series[float]) -> pd.Series[float]:
    """Return the weights whose totals give each indicator its wished importance.

    Importance is the squared correlation with the total. In closed form [1]_ the weights are
    proportional to the inverse covariance of the points times ``sqrt(importance) * sd``; they are
    unique, so a negative one proves that no weights of at least 0 reach the wish.

    Parameters
    ----------
    points : DataFrame, shape (n_people, n_indicators)
        Without empty cells, more people than indicators. Not changed.
    importance : Series
        Wished importance per column of ``points``, at least 0, on any scale: only ratios count.

    Returns
    -------
    Series
        Weights of at least 0, sum 1.

    Raises
    ------
    OutOfReachError
        A `KpiError` that names the indicators in the way and carries ``nearest``.
    KpiError
        If a cell is empty, people are too few, or an indicator says nothing of its own.

    References
    ----------
    .. [1] P. Paruolo, M. Saisana, A. Saltelli (2013), Ratings and rankings: voodoo or science?,
       Journal of the Royal Statistical Society A 176, 609-634, section 3.4,
       doi:10.1111/j.1467-985X.2012.01059.x.
    .. [2] C. L. Lawson, R. J. Hanson (1974), *Solving Least Squares Problems*, chapter 23: the
       nearest weights, by non-negative least squares.
    """
    values = _complete(points)
    wish = _read_wish(importance, points.columns)
    scale = values.std(axis=0, ddof=1)
    correlation = np.corrcoef(values, rowvar=False).reshape(values.shape[1], -1)
    _own_information(correlation, points.columns)
    # On the scale of one standard deviation per indicator; divided by it at the end.
    exact = np.asarray(np.linalg.solve(correlation, np.sqrt(wish)), dtype=np.float64)
    weights = exact / scale
    if (weights >= -1e-12 * np.abs(weights).max()).all():
        weights = np.maximum(weights, 0.0)
        return pd.Series(weights / weights.sum(), index=points.columns, name="weight")
    below = points.columns[weights < 0]
    error = OutOfReachError(
        "importance",
        f"no weights of at least 0 reach it: {some(below)} would need less than 0.",
        "wish more importance for these indicators or less for those they go with; the nearest "
        "weights stand in the attribute nearest.",
    )
    near = _nearest(correlation, exact) / scale
    error.nearest = pd.Series(near / near.sum(), index=points.columns, name="weight")
    raise error


def _complete(points: pd.DataFrame) -> Array:
    """Return points as floats, after checking that every cell is filled and people suffice."""
    values = read_points(points)
    empty = np.any(np.isnan(values), axis=1)
    if empty.any():
        raise KpiError(
            "points",
            f"empty cells for {count(empty.sum(), 'person', 'people')}: "
            f"{some(points.index[empty])}.",
            "leave these people out: the closed form needs every cell.",
        )
    people, indicators = values.shape
    if people <= indicators:
        raise KpiError(
            "points",
            f"too few people for a covariance: {people} for {indicators} indicators.",
            f"take at least {indicators + 1} people, or fewer indicators.",
        )
    flat = [key for key, column in zip(points.columns, values.T, strict=True) if is_flat(column)]
    if flat:
        raise KpiError(
            "points",
            f"people do not differ on {some(flat)}.",
            "leave these indicators out: no weight gives them importance.",
        )
    return values


def _read_wish(importance: pd.Series[float], indicators: pd.Index[Any]) -> Array:
    """Return the wished importance in the order of the indicators, after checking it."""
    if not importance.index.is_unique or set(importance.index) != set(indicators):
        raise KpiError(
            "importance",
            f"it names {some(importance.index)}.",
            f"give one number to each of {some(indicators, len(indicators))}.",
        )
    wish = np.asarray(importance.reindex(indicators), dtype=np.float64)
    if not (np.isfinite(wish) & (wish >= 0)).all() or not wish.any():
        raise KpiError(
            "importance",
            "they must be numbers of at least 0, one of them above it, not "
            f"{', '.join(f'{number:g}' for number in wish)}.",
            "give each indicator its wished share, for example 0.25.",
        )
    return wish


def _own_information(correlation: Array, indicators: pd.Index[Any]) -> None:
    """Refuse indicators of which one follows from the others."""
    size, turn = np.linalg.eigh(correlation)
    if size[0] > 1e-10:
        return
    tied = indicators[np.abs(turn[:, 0]) > 1e-6]
    raise KpiError(
        "points",
        f"each of {some(tied)} follows from the others, so many weights give the same totals.",
        "leave one of them out.",
    )


def _nearest(correlation: Array, exact: Array) -> Array:
    """Return the coefficients of at least 0 whose total lies nearest to that of ``exact``."""
    from scipy.optimize import nnls

    root = np.linalg.cholesky(correlation).T
    near, _ = nnls(root, root @ exact)
    return np.asarray(near, dtype=np.float64)
