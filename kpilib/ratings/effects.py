"""Crossed random effects of ratings: who is rated, who rates, and on which item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from kpilib.errors import KpiError
from kpilib.ratings.equations import Codes, Panel, Vector

NORMAL_95 = 1.959963984540054
GRADIENT = 1e-7  # per mark: where the search for the likelihood's top may stop
MOST = 1e3  # marks without any noise would send a ratio to infinity
NONE = 1e-4  # a ratio of standard deviations below this is no effect at all


@dataclass(frozen=True, eq=False)
class Effects:
    """What ratings are made of.

    Attributes
    ----------
    mean : float
        Mean level of all marks (generalised least squares), in marks.
    variances : Series
        REML estimate by factor, and ``residual``; in squared marks.
    table : DataFrame
        Index ``factor`` and ``level``: ``n`` (marks), ``effect`` (BLUP, in marks), ``error``
        (square root of its prediction error variance), ``low`` and ``high`` (95%).
    log_likelihood : float
        Restricted log-likelihood at the estimate.
    n : int
        Marks used.
    """

    mean: float
    variances: pd.Series
    table: pd.DataFrame
    log_likelihood: float
    n: int

    def of(self, factor: str) -> pd.DataFrame:
        """Return the effects of one factor, by level."""
        chosen = self.table.index.get_level_values("factor") == factor
        return self.table[chosen].droplevel("factor")

    @property
    def icc(self) -> dict[str, float]:
        """Intraclass correlations of Shrout and Fleiss (1979), from the variances.

        With raters among the factors ICC(2,1) and ICC(3,1), else ICC(1,1). On a complete table
        they are those of the analysis of variance (`kpilib.ratings.agreement`), wherever that
        one's variances are not negative; they also hold where not everybody rated everybody.
        """
        v = {str(factor): float(variance) for factor, variance in self.variances.items()}
        whole = sum(v.values())
        if "rater" not in v:
            return {"icc1": v["ratee"] / whole}
        return {"icc2": v["ratee"] / whole, "icc3": v["ratee"] / (whole - v["rater"])}


def fit(ratings: pd.DataFrame, factors: Sequence[str] = ("ratee", "rater")) -> Effects:
    """Estimate score ~ mean + random effects of crossed factors + residual, by REML.

    Parameters
    ----------
    ratings : DataFrame
        One row per mark: ``score`` (finite) and a column for each factor. Not changed.
    factors : sequence of str, default ratee and rater
        Columns whose levels have random effects; each crossed with the others in any pattern.

    Returns
    -------
    Effects
        Intervals are BLUP +- 1.96 x error. The error comes from the inverse of the mixed model
        equations at the estimated variances, whose own uncertainty is not in it.

    Raises
    ------
    KpiError
        If a factor has fewer than two levels, or marks are as many as levels or fewer, so that
        nothing is left to tell noise from effects; or all marks are equal.

    Notes
    -----
    Henderson's equations are solved for u = theta v with v standard normal (so that a variance
    of 0 is no special case), sparse, with the factor of most levels eliminated first; its block
    is diagonal. The likelihood is profiled over the residual variance and climbed with its exact
    gradient and the average of observed and expected information, within a trust region.

    References
    ----------
    .. [1] Henderson (1975), Best linear unbiased estimation and prediction under a selection
       model, Biometrics 31, 423-447.
    .. [2] Patterson & Thompson (1971), Biometrika 58, 545-554: restricted likelihood.
    .. [3] Gilmour, Thompson & Cullis (1995), Average information REML, Biometrics 51, 1440-1450.
    """
    codes, levels = _coded(ratings, factors)
    score = ratings["score"].to_numpy(dtype=float)
    if np.ptp(score) == 0:
        raise KpiError(
            "rater effects",
            f"all {len(score)} marks are {score[0]:g}: there is nothing to explain.",
            "take marks that differ.",
        )
    order = sorted(range(len(factors)), key=lambda k: -len(levels[k]))
    panel = Panel(score - score.mean(), [codes[k] for k in order], [len(levels[k]) for k in order])
    theta = _climbed(panel)
    top = panel.at(theta)
    parts = []
    for place, k in enumerate(order):
        effect, error = top.effect(place)
        counts = np.bincount(codes[k], minlength=len(levels[k]))
        index = pd.MultiIndex.from_product([[factors[k]], levels[k]], names=["factor", "level"])
        parts.append(pd.DataFrame({"n": counts, "effect": effect, "error": error}, index))
    table = pd.concat([parts[order.index(k)] for k in range(len(factors))])
    table["low"] = table["effect"] - NORMAL_95 * table["error"]
    table["high"] = table["effect"] + NORMAL_95 * table["error"]
    ratio = np.square(theta)[[order.index(k) for k in range(len(factors))]]
    found = pd.Series([*(ratio * top.residual), top.residual], [*factors, "residual"])
    mean = float(score.mean() + top.solution[1][-1])
    return Effects(mean, found.rename("variance"), table, -top.deviance / 2, len(score))


def _coded(ratings: pd.DataFrame, factors: Sequence[str]) -> tuple[list[Codes], list[pd.Index]]:
    """Return the number of each mark's level, and the levels in order, by factor."""
    pairs = [pd.factorize(ratings[factor], sort=True) for factor in factors]
    levels = [pd.Index(found) for _, found in pairs]
    counts = ", ".join(f"{len(held)} of {name}" for name, held in zip(factors, levels, strict=True))
    if len(ratings) <= sum(map(len, levels)) - len(levels) + 1 or min(map(len, levels)) < 2:
        raise KpiError(
            "rater effects",
            f"{len(ratings)} marks cannot part the effects of {counts} from noise.",
            "take more marks, or fewer factors; each needs two levels at least.",
        )
    return [codes for codes, _ in pairs], levels


def _climbed(panel: Panel) -> Vector:
    """Return the ratios of standard deviations (factor to residual) at the likelihood's top."""
    found = minimize(
        lambda theta: panel.at(theta).deviance if np.abs(theta).max() < MOST else np.inf,
        np.full(len(panel.sizes), 0.7),
        jac=lambda theta: panel.at(theta).gradient,
        hess=lambda theta: panel.at(theta).information,
        method="trust-exact",
        options={"gtol": GRADIENT * panel.n, "initial_trust_radius": 0.5, "max_trust_radius": 20.0},
    )
    theta = np.abs(found.x)
    return np.where(theta < NONE, 0.0, theta)
