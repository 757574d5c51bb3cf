"""Weights drawn at random, evenly spread."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import Array, read_concentration, read_weights

MOST_DIMENSIONS = 1024  # of a Sobol sequence; parameters that sum to more are drawn plainly
WHOLE = 1e-9  # a Dirichlet parameter this near a whole number is one


def weight_draws(
    weights: pd.Series[float],
    concentration: float | None = None,
    n: int = 8192,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw weights: uniform on the simplex, or Dirichlet around the ones in force.

    Points of a Sobol sequence, scrambled [1]_ [2]_, become exponential numbers through
    ``-log(1 - u)``; divided by their sum they are uniform on the simplex, and summed in groups
    they are Dirichlet with whole parameters [3]_. Where ``concentration * weights`` is not whole,
    (or sums to more than 1024),
    the draws are plain pseudo-random Dirichlet. With nested weights (roles in a team, indicators
    in a role) each level is drawn by itself, and a weight is the product down the levels.

    Parameters
    ----------
    weights : Series
        At least 0, sum 1. A MultiIndex names the levels, for example (role, indicator).
    concentration : float, optional
        None: all weights are equally likely. Else the parameters are ``concentration`` times the
        weights of each level, which sum to 1; the larger, the nearer to ``weights``.
    n : int
        Number of draws; a power of 2 spreads them best.
    seed : int
        Fixes the draws; 0 is a seed like any other.

    Returns
    -------
    DataFrame, shape (n, n_indicators)
        Rows sum to 1. ``attrs`` carries ``seed``, ``n`` and ``concentration``.

    Raises
    ------
    KpiError
        If the weights do not sum to 1, or ``n`` or the concentration is not above 0.

    References
    ----------
    .. [1] A. B. Owen (1998), Scrambling Sobol' and Niederreiter-Xing points, Journal of Complexity
       14, 466-489, doi:10.1006/jcom.1998.0487.
    .. [2] J. Matousek (1998), On the L2-discrepancy for anchored boxes, Journal of Complexity 14,
       527-556, doi:10.1006/jcom.1998.0489: the linear scrambling that scipy does.
    .. [3] L. Devroye (1986), *Non-Uniform Random Variate Generation*, chapters V and XI.
    """
    read_weights(weights, weights.index)
    if not (isinstance(n, int | np.integer) and n > 0):
        raise KpiError("n", f"{n!r} is no number of draws.", "give a whole number above 0.")
    if concentration is not None:
        read_concentration(concentration)
    shares, owner = _levels(weights)
    parts = [_parameters(share, concentration) for share in shares]
    drawn = _dirichlets(parts, int(n), seed)
    table = np.ones((int(n), len(weights)))
    for part, places in zip(drawn, owner, strict=True):
        for column, leaves in enumerate(places):
            table[:, leaves] *= part[:, [column]]
    draws = pd.DataFrame(table, columns=weights.index, index=pd.RangeIndex(int(n), name="draw"))
    draws.attrs = {"seed": seed, "n": int(n), "concentration": concentration}
    return draws


def uniform_points(n: int, dimensions: int, seed: int) -> Array:
    """Return n scrambled Sobol points in [0, 1), shape (n, dimensions)."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
    exponent = max(0, math.ceil(math.log2(n)))
    return np.asarray(sequence.random_base2(exponent)[:n], dtype=np.float64)


def _levels(weights: pd.Series[float]) -> tuple[list[Array], list[list[Array]]]:
    """Return the weights of every level and branch, and the leaves below each of them."""
    numbers = weights.to_numpy(dtype=np.float64)
    shares: list[Array] = []
    leaves: list[list[Any]] = []

    def descend(rows: Any, level: int) -> None:  # noqa: ANN401 - rows of the tree, as integers
        last = level == weights.index.nlevels - 1
        labels = weights.index.get_level_values(level)[rows]
        groups = (
            [rows[[i]] for i in range(len(rows))]
            if last
            else [rows[labels == label] for label in labels.unique()]
        )
        mass = np.array([numbers[group].sum() for group in groups])
        whole = mass.sum()
        shares.append(mass / whole if whole > 0 else np.full(len(mass), 1 / len(mass)))
        leaves.append(groups)
        if not last:
            for group in groups:
                descend(group, level + 1)

    descend(np.arange(len(weights)), 0)
    return shares, leaves


def _parameters(shares: Array, concentration: float | None) -> Array:
    return np.ones(len(shares)) if concentration is None else concentration * shares


def _dirichlets(parts: list[Array], n: int, seed: int) -> list[Array]:
    """Draw every part's Dirichlet: from one Sobol sequence if all parameters are whole."""
    whole = [np.rint(part) for part in parts]
    few = sum(near.sum() for near in whole) <= MOST_DIMENSIONS
    if few and all(
        (np.abs(part - near) <= WHOLE).all() for part, near in zip(parts, whole, strict=True)
    ):
        return _from_sobol([near.astype(np.int64) for near in whole], n, seed)
    rng = np.random.default_rng(seed)
    drawn = []
    for part in parts:
        table = np.zeros((n, len(part)))
        table[:, part > 0] = rng.dirichlet(part[part > 0], n)
        drawn.append(table)
    return drawn


def _from_sobol(parts: list[Any], n: int, seed: int) -> list[Array]:
    """Turn Sobol points into exponential numbers, sum them by parameter, divide by the sum."""
    points = uniform_points(n, int(sum(part.sum() for part in parts)), seed)
    spans = np.maximum(-np.log1p(-points), np.finfo(np.float64).tiny)
    drawn, start = [], 0
    for part in parts:
        gamma = np.zeros((n, len(part)))
        for column, number in enumerate(part):
            gamma[:, column] = spans[:, start : start + number].sum(axis=1)
            start += number
        drawn.append(gamma / gamma.sum(axis=1, keepdims=True))
    return drawn
