"""Two sources of one metric: the platform's own figure against a third party's, as intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpilib.authenticity.limits import Limits

KEYS = ("account", "at", "metric")
CLAIM = ("table", *KEYS, "source", "low", "high", "file", "row")
COLUMNS = (*CLAIM, "ours", "apart")


def claims(
    rows: pd.DataFrame, source: str, metrics: Mapping[str, str], table: str, at: str
) -> pd.DataFrame:
    """Put a third party's table into the form that is compared.

    Parameters
    ----------
    rows : DataFrame
        ``account``, a column that says when, ``file``, ``row``, and per metric its value; where
        there are ``x_low`` and ``x_high``, the value is a range or was rounded.
    source : str
        Name of the third party.
    metrics : mapping of str to str
        Column of ``rows`` -> the metric that it states.
    table : str
        Our table that has the same figures.
    at : str
        Column that says when: a day, or a month as text.

    Returns
    -------
    DataFrame
        One line per row and metric: table, account, at, metric, source, low, high (equal where
        one number was given), file, row. Unknown values are left out.
    """
    parts = []
    for column, metric in metrics.items():
        value = rows[column].astype(float)
        low, high = (
            rows[f"{column}_{end}"].astype(float).fillna(value)
            if f"{column}_{end}" in rows
            else value
            for end in ("low", "high")
        )
        part = rows[["account", "file", "row"]].assign(
            table=table, at=rows[at], metric=metric, source=source, low=low, high=high
        )
        parts.append(part[part["low"].notna() & part["high"].notna()])
    return pd.concat(parts, ignore_index=True)[list(CLAIM)]


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Hold our figures against a third party's.

    Parameters
    ----------
    ours : DataFrame
        ``account``, ``at``, ``metric`` and ``value``, each key once.
    theirs : DataFrame
        As `claims` gives it.
    limits : Limits
        Its ``sources`` is the part by which the two may differ.

    Returns
    -------
    DataFrame
        One line per claim that we have a figure for: the claim, ``ours``, and ``apart``: by
        which part of the nearest end of the range ours is outside of it, with its sign; 0 within.
        Only what is above ``limits.sources`` in size is a disagreement.

    Notes
    -----
    A range such as ``7.5w~10w`` says no more than its ends, so everything within it agrees; so
    does everything within the rounding of ``1.2w``.
    """
    both = theirs.merge(ours, on=list(KEYS), how="inner").rename(columns={"value": "ours"})
    both = both[both["ours"].notna()]
    low, high, own = (both[name].to_numpy(dtype=float) for name in ("low", "high", "ours"))
    with np.errstate(divide="ignore", invalid="ignore"):
        below, above = own / low - 1, own / high - 1
    apart = np.where(own < low, below, np.where(own > high, above, 0.0))
    return both.assign(apart=apart)[list(COLUMNS)].reset_index(drop=True)


def disagreeing(compared: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Return the comparisons that are beyond the tolerance."""
    return compared[compared["apart"].abs() > limits.sources].reset_index(drop=True)
