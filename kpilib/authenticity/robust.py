"""Robust measures of one column: how far each value is from what is usual."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_MAD_TO_SD = 0.6745  # 0.75 quantile of the standard normal: E(MAD) of a normal sample, in sd
_AD_TO_SD = 1.253314  # sqrt(pi / 2): sd of a normal sample over its mean absolute deviation
_FULL = 400  # rows from which on the line is drawn through a part of them: pairs grow as squares
_SPREAD = 5.0  # percentiles left at each end of the line, beyond which it is held level


def modified_z(values: Array) -> Array:
    """Return modified z-scores: 0.6745 (x - median) / MAD.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where unknown; those stay NaN.

    Returns
    -------
    ndarray, shape (n,)
        Where more than half of the values are equal, MAD is 0; then (x - median) over 1.253314
        times the mean absolute deviation [2]_, and 0 where that is 0 too: all are equal.

    References
    ----------
    .. [1] Iglewicz & Hoaglin (1993), *How to Detect and Handle Outliers*, p. 11; NIST/SEMATECH
       e-Handbook of Statistical Methods, 1.3.5.17.
    .. [2] IBM SPSS Modeler Algorithms Guide, "Anomaly detection": the same with 1.253314 x mean
       absolute deviation where MAD is 0.

    Examples
    --------
    >>> modified_z(np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])).round(1)[-2:]
    array([25.9, 26.3])
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return values.copy()
    away = values - np.median(known)
    sizes = np.abs(away[~np.isnan(values)])
    mad = float(np.median(sizes))
    if mad > 0:
        return _MAD_TO_SD * away / mad
    mean = float(np.mean(sizes))
    return away / (_AD_TO_SD * mean) if mean > 0 else away


def usual_at(x: Array, y: Array, base: Mask, steepest: float) -> Array:
    """Return the y that is usual at each x: Theil's line, held level beyond its data.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Rows to say it for; ``x`` is known wherever ``y`` is.
    base : ndarray of bool, shape (n,)
        Rows that the line is drawn through, those with a known ``y``.
    steepest : float
        Largest slope believed, in size.

    Returns
    -------
    ndarray, shape (n,)
        Up to 29% of wild rows do not move the line far. Beyond the 5th and 95th percentile of x
        it is held level: the reach of a hit is no reason to believe a line far out.

    References
    ----------
    .. [1] Theil (1950), "A rank-invariant method of linear and polynomial regression analysis";
       Sen (1968), *JASA* 63, 1379-1389: slope = median of the slopes of all pairs.
    """
    use = np.flatnonzero(base & ~np.isnan(y))
    low, high = np.percentile(x[use], (_SPREAD, 100 - _SPREAD))
    held = x.clip(low, high)
    order = use[np.argsort(x[use], kind="stable")]
    if len(order) > _FULL:
        order = order[np.linspace(0, len(order) - 1, _FULL).astype(int)]
    i, j = np.triu_indices(len(order), 1)
    run, rise = x[order][j] - x[order][i], y[order][j] - y[order][i]
    apart = run > 0
    slope = float(np.median(rise[apart] / run[apart])) if apart.any() else 0.0
    slope = min(max(slope, -steepest), steepest)
    level = float(np.median(y[use] - slope * held[use]))
    return level + slope * held
