"""Sobol indices of any model: shares of the variance of its outputs, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import Array
from kpilib.simulation.draws import uniform_points

RESAMPLES = 200  # of the bootstrap behind each interval
TAILS = (2.5, 97.5)  # percent: intervals of 95 %
COLUMNS = ("first", "first_low", "first_high", "total", "total_low", "total_high")


def variance_indices(
    model: Callable[[Array], Array],
    factors: Sequence[str],
    outputs: Sequence[str],
    n: int = 1024,
    seed: int = 0,
) -> pd.DataFrame:
    """Return Sobol indices of a model's outputs.

    The first-order index is the share of an output's variance that one factor explains alone
    [1]_, the total index the share that it explains with all it acts with [2]_. Outputs are
    centred before the products are formed, so their level moves no index.

    Parameters
    ----------
    model : callable
        Takes factors in [0, 1), shape (n_rows, n_factors), independent and uniform; gives
        outputs, shape (n_rows, n_outputs).
    factors, outputs : sequence of str
        Their names.
    n : int
        Base draws, at least 2, best a power of 2; the model sees ``n * (n_factors + 2)`` rows.
    seed : int
        Fixes draws and resamples; 0 is a seed like any other.

    Returns
    -------
    DataFrame
        Rows (``output``, ``factor``); columns ``first``, ``first_low``, ``first_high``, ``total``,
        ``total_low``, ``total_high``: the estimate and its bootstrap interval of 95 %. NaN where an
        output never varies. ``attrs`` carries ``seed``, ``n``, ``runs``, and by output the ``mean``
        and the ``standard_error`` of the mean.

    Raises
    ------
    KpiError
        If ``n`` is no whole number of at least 2.

    References
    ----------
    .. [1] A. Saltelli, P. Annoni, I. Azzini, F. Campolongo, M. Ratto, S. Tarantola (2010), Variance
       based sensitivity analysis of model output, Computer Physics Communications 181, 259-270,
       table 2 (b), doi:10.1016/j.cpc.2009.09.018.
    .. [2] M. J. W. Jansen (1999), Analysis of variance designs for model output, Computer Physics
       Communications 117, 35-43, doi:10.1016/S0010-4655(98)00154-4.
    """
    if not (isinstance(n, int | np.integer) and n > 1):
        raise KpiError(
            "n", f"{n!r} draws have no variance.", "give a whole number from 2, best 1024."
        )
    size = len(factors)
    points = uniform_points(int(n), 2 * size, seed)
    first, second = points[:, :size], points[:, size:]
    a, b = model(first), model(second)
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    a, b = a - centre, b - centre
    alone = np.empty((size, *a.shape))
    whole = np.empty((size, *a.shape))
    for factor in range(size):
        mixed = first.copy()
        mixed[:, factor] = second[:, factor]
        moved = model(mixed) - centre
        alone[factor] = b * (moved - a)
        whole[factor] = (moved - a) ** 2 / 2
    steady = np.ptp(np.vstack([a, b]), axis=0) <= 1e-12 * np.maximum(np.abs(centre), 1e-300)
    table = _with_intervals(alone, whole, a, b, np.random.default_rng(seed))
    table[:, :, steady] = np.nan
    names = pd.MultiIndex.from_product([outputs, factors], names=["output", "factor"])
    result = pd.DataFrame(
        np.moveaxis(table, (2, 1, 0), (0, 1, 2)).reshape(len(names), len(COLUMNS)),
        index=names,
        columns=list(COLUMNS),
    )
    error = np.vstack([a, b]).std(axis=0, ddof=1) / np.sqrt(2 * n)
    result.attrs = {
        "seed": seed,
        "n": int(n),
        "runs": int(n) * (size + 2),
        "mean": dict(zip(outputs, centre.tolist(), strict=True)),
        "standard_error": dict(zip(outputs, error.tolist(), strict=True)),
    }
    return result


def _with_intervals(
    alone: Array, whole: Array, a: Array, b: Array, rng: np.random.Generator
) -> Array:
    """Return estimates and intervals, shape (6, n_factors, n_outputs).

    A resample of the base draws is a row of how often each is taken, so all resamples are one
    matrix product. The first row takes each draw once: the estimate itself.
    """
    n = len(a)
    taken = rng.multinomial(n, np.full(n, 1 / n), RESAMPLES)
    share = np.vstack([np.ones(n), taken]) / n
    mean = share @ ((a + b) / 2)
    variance = share @ ((a**2 + b**2) / 2) - mean**2
    parts = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for terms in (alone, whole):
            index = np.stack([share @ term for term in terms]) / variance
            low, high = np.percentile(index[:, 1:], TAILS, axis=1)
            parts += [index[:, 0], low, high]
    return np.stack(parts)
