"""How far two rankings, or two gradings, agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


def kendall(one: pd.Series, other: pd.Series) -> float:
    """Return Kendall's tau-b; NaN below 2 people, or where one side is all equal."""
    from scipy.stats import kendalltau  # costs half a second to import

    if len(one) < 2 or one.nunique() < 2 or other.nunique() < 2:
        return float("nan")
    return float(kendalltau(one, other).statistic)


def kappa(table: pd.DataFrame | NDArray[np.int64]) -> float:
    """Return Cohen's kappa with squared weights: agreement beyond chance, far misses count more.

    Parameters
    ----------
    table : DataFrame or array, shape (n_grades, n_grades)
        People by grade before and after, both in the same order.

    Returns
    -------
    float
        1 where all agree, 0 for what chance would give; NaN where all people have one grade
        in both, so that chance alone explains everything.

    References
    ----------
    .. [1] Cohen (1968), "Weighted kappa", Psychological Bulletin 70, 213-220.
    """
    counts = np.asarray(table, dtype=float)
    places = np.arange(len(counts))
    apart = (places[:, None] - places) ** 2
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(counts.sum(), 1)
    chance = float((apart * expected).sum())
    return 1 - float((apart * counts).sum()) / chance if chance else float("nan")
