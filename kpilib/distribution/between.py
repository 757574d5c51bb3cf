"""Do groups differ? Kruskal-Wallis over all, and pairs by an effect size that words can say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from kpilib.distribution.shares import LEAST, By, people_in
from kpilib.grading import Grades
from kpilib.intervals import t_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEVEL: Final = 0.05
# From which absolute value on a delta is small, medium and large (Romano et al. 2006).
SIZES: Final = {"small": 0.147, "medium": 0.33, "large": 0.474}


@dataclass(frozen=True, eq=False)
class Differences:
    """How the scores of groups differ.

    Attributes
    ----------
    n : Series
        People of each group that is large enough, in the order of the scheme.
    left_out : tuple of str
        Groups of fewer than five.
    h, p : float
        Kruskal-Wallis: statistic, and probability of one as large where no group differs; NaN
        with fewer than two groups.
    pairs : DataFrame
        One row per pair: ``a`` and ``b``, the one with the higher scores first; ``delta``
        (Cliff's: how much likelier somebody of ``a`` stands above somebody of ``b`` than below)
        with its 95% interval ``low`` to ``high``, ``p`` (Mann-Whitney), ``adjusted`` (Holm, over
        all pairs), ``size`` (``none``, ``small``, ``medium``, ``large``) and ``differs``.
    """

    n: pd.Series
    left_out: tuple[str, ...]
    h: float
    p: float
    pairs: pd.DataFrame

    @property
    def apart(self) -> pd.DataFrame:
        """The pairs that differ beyond chance, the furthest apart first."""
        found = self.pairs[self.pairs["differs"]]
        return found.sort_values("delta", ascending=False, kind="stable")


def differences(grades: Grades, by: By = "team") -> Differences:
    """Compare the scores of groups.

    Mann-Whitney is the pairwise test because it and Cliff's delta say the same thing on two
    scales: ``delta = 2U/(mn) - 1``. A pair differs where Kruskal-Wallis finds any difference and
    the pair's own probability, corrected by Holm, is below 5%.

    Parameters
    ----------
    grades : Grades
        One month.
    by : {"team", "role"}
        Groups; those of fewer than five people are left out.

    References
    ----------
    .. [1] Kruskal, W. H., Wallis, W. A. (1952), Use of ranks in one-criterion variance analysis,
       JASA 47, 583-621.
    .. [2] Mann, H. B., Whitney, D. R. (1947), Annals of Mathematical Statistics 18, 50-60.
    .. [3] Holm, S. (1979), A simple sequentially rejective multiple test procedure,
       Scandinavian Journal of Statistics 6, 65-70.
    .. [4] Romano, J., Kromrey, J. D., Coraggio, J., Skowronek, J. (2006), Appropriate statistics
       for ordinal level data, Florida Association of Institutional Research: sizes of delta.
    """
    people = people_in(grades, by)
    people = people.assign(score=people["person"].map(grades.table["score"].astype(float)))
    held = {
        str(g): part["score"].dropna().to_numpy() for g, part in people.groupby("group", sort=False)
    }
    large = {group: scores for group, scores in held.items() if len(scores) >= LEAST}
    small = tuple(group for group, scores in held.items() if 0 < len(scores) < LEAST)
    h, p = _kruskal(list(large.values()))
    rows = [_pair(a, b, large) for a, b in combinations(large, 2)]
    columns = ["a", "b", "delta", "low", "high", "p"]
    pairs = pd.DataFrame(rows, columns=columns)
    pairs["adjusted"] = holm(pairs["p"].tolist())
    pairs["size"] = [size_of(delta) for delta in pairs["delta"]]
    pairs["differs"] = (pairs["adjusted"] < LEVEL) & (p < LEVEL)
    n = pd.Series({group: len(scores) for group, scores in large.items()}, name="n", dtype=int)
    return Differences(n, small, h, p, pairs)


def _kruskal(samples: list[NDArray[np.float64]]) -> tuple[float, float]:
    from scipy import stats

    if len(samples) < 2:
        return math.nan, math.nan
    if len(np.unique(np.concatenate(samples))) == 1:
        return 0.0, 1.0  # everybody ties
    found = stats.kruskal(*samples)
    return float(found.statistic), float(found.pvalue)


def _pair(a: str, b: str, of: dict[str, NDArray[np.float64]]) -> tuple[object, ...]:
    from scipy import stats

    if cliffs_delta(of[a], of[b])[0] < 0:
        a, b = b, a
    p = 1.0
    if len(np.unique(np.concatenate([of[a], of[b]]))) > 1:
        p = float(stats.mannwhitneyu(of[a], of[b]).pvalue)
    return (a, b, *cliffs_delta(of[a], of[b]), p)


def cliffs_delta(a: ArrayLike, b: ArrayLike) -> tuple[float, float, float]:
    """Return how much likelier a value of ``a`` is above one of ``b`` than below, and its interval.

    Parameters
    ----------
    a, b : array_like
        At least two values each.

    Returns
    -------
    (float, float, float)
        Delta, -1 to 1, and the ends of its 95% interval; where nobody overlaps there is none.

    References
    ----------
    .. [1] Cliff, N. (1993), Dominance statistics: ordinal analyses to answer ordinal questions,
       Psychological Bulletin 114, 494-509.
    .. [2] Feng, D., Cliff, N. (2004), Monte Carlo evaluation of ordinal d with improved
       confidence interval, Journal of Modern Applied Statistical Methods 3, 322-332.
    """
    over = np.sign(np.subtract.outer(np.asarray(a, dtype=float), np.asarray(b, dtype=float)))
    m, n = over.shape
    d = float(over.mean())
    if abs(d) == 1:
        return d, math.nan, math.nan
    rows, columns = over.mean(axis=1) - d, over.mean(axis=0) - d
    spread = float((over - d).var() * m * n)
    square = (n**2 * (rows**2).sum() + m**2 * (columns**2).sum() - spread) / (
        m * n * (m - 1) * (n - 1)
    )
    square = max(square, (1 - d**2) / (m * n - 1))
    times = t_quantile(m + n - 2)
    part = times**2 * square
    half = times * math.sqrt(square) * math.sqrt((1 - d**2) ** 2 + part)
    below = 1 - d**2 + part
    return d, max((d - d**3 - half) / below, -1.0), min((d - d**3 + half) / below, 1.0)


def holm(chances: Sequence[float]) -> list[float]:
    """Correct probabilities for their number, by Holm's step-down method.

    >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    found, highest = [0.0] * len(chances), 0.0
    for place, i in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        highest = max(highest, min(1.0, (len(chances) - place) * chances[i]))
        found[i] = highest
    return found


def size_of(delta: float) -> str:
    """Name the size of an effect; ``none`` below a small one."""
    reached = [name for name, least in SIZES.items() if abs(delta) >= least]
    return reached[-1] if reached else "none"
