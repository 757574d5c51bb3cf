"""How well raters agree: the intraclass correlations of a complete table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kpilib.errors import KpiError


@dataclass(frozen=True)
class Agreement:
    """Six intraclass correlations, and what they are made of.

    Attributes
    ----------
    icc1, icc2, icc3 : float
        Of one mark: ICC(1,1), each person judged by other raters; ICC(2,1), agreement of raters
        drawn from many; ICC(3,1), consistency of these raters, their levels aside.
    icc1k, icc2k, icc3k : float
        Of the mean of all raters: ICC(1,k), ICC(2,k), ICC(3,k).
    people, raters : int
        Size of the table.
    f, p : float
        F of the people in the two-way table, and its probability if people did not differ.
    """

    icc1: float
    icc2: float
    icc3: float
    icc1k: float
    icc2k: float
    icc3k: float
    people: int
    raters: int
    f: float
    p: float


def agreement(table: pd.DataFrame) -> Agreement:
    """Work out the intraclass correlations of people by raters.

    Parameters
    ----------
    table : DataFrame, shape (n_people, n_raters)
        One mark in every cell. Not changed.

    Raises
    ------
    KpiError
        If a cell is empty, or there are fewer than two people or raters.

    References
    ----------
    .. [1] Shrout & Fleiss (1979), Intraclass correlations: uses in assessing rater reliability,
       Psychological Bulletin 86, 420-428.
    """
    marks = table.to_numpy(dtype=float)
    n, k = marks.shape
    if n < 2 or k < 2 or not np.isfinite(marks).all():
        raise KpiError(
            "agreement of raters",
            f"the table of {n} people by {k} raters has empty cells, or fewer than two of either.",
            "give people whom the same raters have all rated; for other tables use `fit`.",
        )
    centred = marks - marks.mean()
    between = k * np.square(centred.mean(axis=1)).sum() / (n - 1)
    judges = n * np.square(centred.mean(axis=0)).sum() / (k - 1)
    left = centred - centred.mean(axis=1, keepdims=True) - centred.mean(axis=0)
    error = np.square(left).sum() / ((n - 1) * (k - 1))
    within = (np.square(left).sum() + judges * (k - 1)) / (n * (k - 1))
    f = between / error
    return Agreement(
        icc1=(between - within) / (between + (k - 1) * within),
        icc2=(between - error) / (between + (k - 1) * error + k * (judges - error) / n),
        icc3=(between - error) / (between + (k - 1) * error),
        icc1k=(between - within) / between,
        icc2k=(between - error) / (between + (judges - error) / n),
        icc3k=(between - error) / between,
        people=n,
        raters=k,
        f=float(f),
        p=float(stats.f.sf(f, n - 1, (n - 1) * (k - 1))),
    )
