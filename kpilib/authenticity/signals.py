"""Signals: ratios of a row that are far from what is usual for its account at that reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kpilib.authenticity.limits import Limits
from kpilib.authenticity.robust import Array, Mask, modified_z, usual_at

Kind = Literal["count", "rate", "mean"]

COLUMNS = ("position", "signal", "parts", "unit", "value", "usual", "z")


@dataclass(frozen=True)
class Ratio:
    """One ratio of a row.

    Attributes
    ----------
    key : str
        Its name.
    top, base : str
        Columns. The log of top / base is what is compared.
    parts : frozenset of str
        Whose chance the ratio is, given how often the work was played or the room was seen: two
        ratios are independent only where they have no part in common. A work that is liked
        unusually often has odd likes per play and odd comments per like: that is one oddity.
    kind : {"count", "rate", "mean"}
        ``count``: of top in base. ``rate``: top is a share of base, so its odds are compared.
        ``mean``: top is a mean over base.
    unit : str
        Of the value on a page: ``rate``, ``seconds``, ``ratio`` or ``yuan``.
    """

    key: str
    top: str
    base: str
    parts: frozenset[str]
    kind: Kind = "count"
    unit: str = "rate"


def _ratio(key: str, top: str, base: str, kind: Kind = "count", unit: str = "rate") -> Ratio:
    reach = {"plays", "viewers"}
    return Ratio(key, top, base, frozenset({top, base} - reach), kind, unit)


# table -> the column that says how far a row reached, the account's columns, and its ratios
REACH: Mapping[str, str] = {"works": "plays", "sessions": "viewers"}
RATIOS: Mapping[str, tuple[Ratio, ...]] = {
    "works": (
        _ratio("likes_per_play", "likes", "plays"),
        _ratio("comments_per_like", "comments", "likes"),
        _ratio("completion", "completion", "plays", "rate"),
        _ratio("followers_per_play", "follower_gain", "plays"),
        _ratio("visits_per_play", "profile_visits", "plays"),
    ),
    "sessions": (
        _ratio("comments_per_viewer", "comments", "viewers", unit="ratio"),
        _ratio("likes_per_viewer", "likes", "viewers", unit="ratio"),
        _ratio("followers_per_viewer", "follower_gain", "viewers"),
        _ratio("buyers_per_viewer", "pay_users", "viewers"),
        _ratio("watch_time", "avg_watch_s", "viewers", "mean", "seconds"),
        _ratio("orders_per_buyer", "pay_orders", "pay_users", unit="ratio"),
    ),
}


def found(rows: list[list[object]]) -> pd.DataFrame:
    """Return signals as a table: position, signal, parts, unit, value, usual, z."""
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def odd_ratios(
    rows: pd.DataFrame, table: str, measured_by: pd.Series, limits: Limits
) -> pd.DataFrame:
    """Find the ratios of one account's rows that are out of line.

    Parameters
    ----------
    rows : DataFrame
        Rows of one account: those to screen, and those of earlier months to measure by.
    table : str
        ``works`` or ``sessions``.
    measured_by : Series of bool
        Rows that are screened; the others are only measured by.
    limits : Limits
        How far is out of line.

    Returns
    -------
    DataFrame
        position (index of the row), signal, parts, unit, value, usual (at that reach), z. A
        ratio that fewer than ``limits.rows`` rows have is left out.

    Notes
    -----
    For works and rooms alike, ratios fall or rise with reach: a work that reaches strangers is
    liked less often. So each is held against Theil's line on the log of the reach, and the
    modified z-score [1]_ is that of the rest.

    References
    ----------
    .. [1] Iglewicz & Hoaglin (1993), *How to Detect and Handle Outliers*, p. 11-12.
    """
    out: list[list[object]] = []
    reach = _numbers(rows, REACH[table])
    screened = measured_by.to_numpy(dtype=bool)
    for ratio in RATIOS[table]:
        top, base = _numbers(rows, ratio.top), _numbers(rows, ratio.base)
        y = _log(ratio.kind, top, base)
        y[~(reach > 0)] = np.nan
        known = ~np.isnan(y)
        if known.sum() < limits.rows:
            continue
        usual = usual_at(np.log(np.where(known, reach, 1.0)), y, known, limits.slope)
        z = modified_z(y - usual)
        far = np.abs(y - usual) >= np.log(limits.factor)
        odd = screened & known & (np.abs(z) > limits.z) & far
        odd &= _enough(ratio.kind, top, base, usual, limits.least)
        for place in np.flatnonzero(odd).tolist():
            value = top[place] if ratio.kind != "count" else top[place] / base[place]
            shown = (
                1 / (1 + np.exp(-usual[place])) if ratio.kind == "rate" else np.exp(usual[place])
            )
            cells = [ratio.key, ratio.parts, ratio.unit, float(value), float(shown)]
            out.append([rows.index[place], *cells, float(z[place])])
    return found(out)


def _numbers(rows: pd.DataFrame, column: str) -> Array:
    return rows[column].to_numpy(dtype=float, na_value=np.nan)


def _log(kind: Kind, top: Array, base: Array) -> Array:
    """Return the log of a ratio; half a case is added, so that none is no minus infinity [1].

    [1] Haldane (1956), Annals of Human Genetics 20, 309-311; Anscombe (1956), Biometrika 43.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "mean":
            return np.where((top > 0) & (base > 0), np.log(top), np.nan)
        if kind == "rate":
            cases = top * base
            y = np.log(cases + 0.5) - np.log(base - cases + 0.5)
        else:
            y = np.log(top.clip(min=0) + 0.5) - np.log(base + 0.5)
    return np.where((base > 0) & np.isfinite(y), y, np.nan)


def _enough(kind: Kind, top: Array, base: Array, usual: Array, least: int) -> Mask:
    """Say where the oddity is large enough as a count to be no accident of small numbers."""
    if kind == "mean":
        return base >= least
    share = 1 / (1 + np.exp(-usual)) if kind == "rate" else np.exp(usual)
    cases = top * base if kind == "rate" else top
    return np.abs(cases - share * base) >= least


def odd_days(days: pd.DataFrame, measured_by: pd.Series, limits: Limits) -> pd.DataFrame:
    """Find the days on which one account gained or lost followers by a jump.

    Parameters
    ----------
    days : DataFrame
        Days of one account, in order: ``day`` and ``followers_total``; growth is known where
        the day before is there.
    measured_by : Series of bool
        Days that are screened; the others are only measured by.
    limits : Limits
        How far is out of line.

    Returns
    -------
    DataFrame
        As `odd_ratios`; value and usual are the day's relative growth.
    """
    total = _numbers(days, "followers_total")
    followed = np.r_[False, np.diff(days["day"].to_numpy("datetime64[D]")).astype(int) == 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.log(total) - np.log(np.r_[np.nan, total[:-1]])
    growth[~followed | ~np.isfinite(growth)] = np.nan
    if (~np.isnan(growth)).sum() < limits.rows:
        return found([])
    usual, z = float(np.nanmedian(growth)), modified_z(growth)
    odd = measured_by.to_numpy(dtype=bool) & (np.abs(z) > limits.z)
    odd &= np.abs(np.expm1(growth - usual)) >= limits.jump
    odd &= np.abs(total - np.r_[np.nan, total[:-1]] * np.exp(usual)) >= limits.least
    same = ("follower_jump", frozenset({"follower_gain"}), "rate")
    rows: list[list[object]] = [
        [days.index[i], *same, float(np.expm1(growth[i])), float(np.expm1(usual)), float(z[i])]
        for i in np.flatnonzero(odd).tolist()
    ]
    return found(rows)
