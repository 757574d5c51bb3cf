"""How much each indicator really decides about the total, beside the weight it was given."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import Array, Case, is_flat, read_case, read_weights, some, totals

FEWEST = 3  # two people always correlate fully
KNOTS = 10
PENALTIES = np.logspace(-6, 6, 49)  # from almost free to almost straight, times the data's own


def importance(points: pd.DataFrame, weights: pd.Series[float]) -> pd.DataFrame:
    """Return each indicator's importance for the total beside its weight.

    Importance is the main effect of Paruolo, Saisana and Saltelli [1]_: the share of the variance
    of the totals that goes if one indicator is held fixed, ``V(E(total | points)) / V(total)``.
    With a straight line for the mean it is the squared correlation; the nonlinear one takes a
    cubic smoothing spline with few knots [2]_, its smoothness chosen by generalised cross
    validation [3]_. Indicators that go together share importance: the column does not sum to 1.

    Parameters
    ----------
    points, weights
        As in `tolerance`; for each indicator, people to whom it does not apply are left out.

    Returns
    -------
    DataFrame
        Per indicator ``weight``, ``linear``, ``nonlinear`` (0 to 1), and ``linear_ratio`` and
        ``nonlinear_ratio``: the importance as a share of the column's sum, divided by the weight;
        1 where an indicator matters as much as its weight says, NaN for a weight of 0. An
        indicator on which people do not differ has importance 0.

    Raises
    ------
    KpiError
        If an indicator applies to fewer than 3 people, all totals are equal, or the points and
        weights do not fit each other.

    References
    ----------
    .. [1] P. Paruolo, M. Saisana, A. Saltelli (2013), Ratings and rankings: voodoo or science?,
       Journal of the Royal Statistical Society A 176, 609-634,
       doi:10.1111/j.1467-985X.2012.01059.x.
    .. [2] D. Ruppert, M. P. Wand, R. J. Carroll (2003), *Semiparametric Regression*, Cambridge,
       doi:10.1017/CBO9780511755453.
    .. [3] P. Craven, G. Wahba (1978), Smoothing noisy data with spline functions, Numerische
       Mathematik 31, 377-403, doi:10.1007/BF01404567.
    """
    case = read_case(points, weights)
    _enough_people(case)
    total = totals(case)
    if is_flat(total):
        raise KpiError(
            "points",
            f"the totals of all {len(total)} people are equal, so nothing explains them.",
            "take more people, or a month in which they differ.",
        )
    linear, nonlinear = np.zeros((2, len(case.weights)))
    for item in range(len(case.weights)):
        held = case.applies[:, item]
        x, y = case.points[held, item], total[held]
        if not is_flat(x) and not is_flat(y):
            linear[item] = np.corrcoef(x, y)[0, 1] ** 2
            nonlinear[item] = _main_effect(x, y)
    table = {"weight": case.weights, "linear": linear, "nonlinear": nonlinear}
    for name in ("linear", "nonlinear"):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = table[name] / table[name].sum() / case.weights
        table[f"{name}_ratio"] = np.where(case.weights > 0, ratio, np.nan)
    return pd.DataFrame(table, index=case.indicators.rename("indicator"))


def importance_gap(weights: pd.Series[float], importance: pd.Series[float]) -> float:
    """Return how far importance departs from the weights: the d_m of Paruolo et al. (2013).

    The largest absolute difference between weights and importance, each taken relative to the
    indicator of the largest weight (of several, the one of the largest importance).

    Parameters
    ----------
    weights, importance : Series
        Over the same indicators; a column of `importance` will do.

    Returns
    -------
    float
        0 where importance is exactly what the weights say.

    Raises
    ------
    KpiError
        If an indicator has no importance, or the one compared with has importance 0.
    """
    given = read_weights(weights, weights.index)
    shares = np.asarray(importance.reindex(weights.index), dtype=np.float64)
    reference = int(np.lexsort((shares, given))[-1])
    name = weights.index[reference]
    remedy = (
        f"give one number of at least 0 to each of {some(weights.index, len(weights))}, "
        f"above 0 for {name}."
    )
    absent = np.isnan(shares)
    if absent.any():
        raise KpiError("importance", f"it has no number for {some(weights.index[absent])}.", remedy)
    if shares[reference] <= 0:
        raise KpiError("importance", f"it is 0 for {name}, of the largest weight.", remedy)
    gap = given / given[reference] - shares / shares[reference]
    return float(np.abs(gap).max())


def _enough_people(case: Case) -> None:
    number = case.applies.sum(axis=0)
    few = number < FEWEST
    if few.any():
        found = ", ".join(
            f"{key} to {held}" for key, held in zip(case.indicators[few], number[few], strict=True)
        )
        raise KpiError(
            "points",
            f"too few people for a correlation: {found}.",
            f"take at least {FEWEST} people to whom the indicator applies, or leave it out.",
        )


def _main_effect(x: Array, y: Array) -> float:
    """Return the share of the variance of y that a smooth curve in x explains."""
    z = (x - x.mean()) / x.std()
    y = y - y.mean()
    straight = np.column_stack([np.ones_like(z), z])
    curved = _curves(z)
    line, _ = np.linalg.qr(straight)
    # What the curves add to the line, turned so that one penalty shrinks each direction alone.
    left, size, _ = np.linalg.svd(curved - line @ (line.T @ curved), full_matrices=False)
    projected = left.T @ y
    base = line @ (line.T @ y)
    best, fitted = np.inf, base
    for penalty in [np.inf, *(PENALTIES * len(y))]:
        shrink = size**2 / (size**2 + penalty) if np.isfinite(penalty) else np.zeros_like(size)
        fit = base + left @ (shrink * projected)
        freedom = 2 + shrink.sum()
        if freedom > len(y) - 1:
            continue
        score = ((y - fit) ** 2).mean() / (1 - freedom / len(y)) ** 2
        if score < best * (1 - 1e-9):  # of equals the smoothest, tried first
            best, fitted = score, fit
    return float(min(fitted.var() / y.var(), 1.0))


def _curves(z: Array) -> Array:
    """Return cubic radial curves about knots at the quantiles, scaled to share one penalty."""
    places = np.unique(z)
    inner = max(1, min(KNOTS, len(places) - 2, len(z) // 4))
    knots = np.unique(np.quantile(places, np.linspace(0, 1, inner + 2)[1:-1]))
    root, values = np.linalg.eigh(np.abs(knots[:, np.newaxis] - knots) ** 3)
    size = np.abs(root)
    kept = size > 1e-9 * max(size.max(), 1e-300)
    if not kept.any():  # a single knot, whose distance to itself is 0
        return np.asarray(np.abs(z[:, np.newaxis] - knots) ** 3)
    turn = values[:, kept] / np.sqrt(size[kept])
    return np.asarray((np.abs(z[:, np.newaxis] - knots) ** 3) @ turn)
