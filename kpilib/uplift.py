"""What a campaign did: a metric in its live sessions against comparable ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpilib.errors import KpiError

WINDOW = 56  # days before a campaign in which sessions are looked for to compare with
LEAST_PLACEBOS = 10  # fewer dates say nothing about how rare a change is
POWER = 0.8  # with which the least uplift that can be told is told
RARE = 0.1  # share of placebo dates from which on a change is nothing special

# metric -> what is summed over what; a ratio of sums, as every rate of the kit
METRICS = {"dwell_time": ("avg_watch_s", True), "conversion": ("pay_users", False)}

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Uplift:
    """Change of each metric in each campaign.

    Attributes
    ----------
    table : DataFrame
        One row per ``campaign`` and ``metric`` (``dwell_time`` in seconds, ``conversion``):
        ``days`` and ``comparable`` (days with sessions in and before it), ``before`` and
        ``during`` (the metric there), ``uplift`` (relative change; where other rooms ran no
        campaign, less theirs: difference in differences; NaN where it was 0 before), ``controls``
        (how many such rooms), ``low`` and ``high`` (95% interval; NaN where there are too few days
        for one, or the metric was 0 in the campaign),
        ``placebos`` and ``rarer`` (dates tried on days without a campaign, and the share of
        them, the campaign included, with a change as large), ``detectable`` (the least relative
        uplift that would be told four times in five) and ``told`` (the interval leaves out 0
        and the change is known to be rare; never without placebo dates enough).
    window : int
        Days looked back.
    draws, seed : int
        Resamples of days, and what fixes them.
    """

    table: pd.DataFrame
    window: int
    draws: int
    seed: int


def uplift(
    sessions: pd.DataFrame,
    campaigns: pd.DataFrame,
    *,
    window: int = WINDOW,
    draws: int = 2000,
    seed: int = 0,
) -> Uplift:
    """Compare a campaign's live sessions with comparable ones of the same rooms.

    Comparable are sessions on the same days of the week within ``window`` days before the
    campaign, outside any campaign. The change is a ratio of two ratios of sums, on the log scale.
    Where rooms without any campaign in all that time exist, their change is taken off it
    (difference in differences) [1]_. Days are resampled whole, with all their rooms, for rooms
    of one day are alike (cluster bootstrap) [2]_; the variances of the days in and before the
    campaign are made unbiased and added, with Student's t at Welch's degrees of freedom [3]_,
    for campaigns have few days. Runs of comparable days take the campaign's place in turn
    (placebo dates) [4]_. The least uplift that can be told follows from the standard error [5]_.

    Parameters
    ----------
    sessions : DataFrame
        One row per live room and day, of this month and those before: ``account``, ``day``,
        ``viewers``, ``avg_watch_s``, ``pay_users``. A row that lacks one of a metric's figures is
        left out of that metric.
    campaigns : DataFrame
        ``campaign``, ``account`` (one row for each room of it), ``first``, ``last`` (days).
    window : int
        At least 7.
    draws : int
        Resamples.
    seed : int
        0 is a seed like any other.

    Returns
    -------
    Uplift
        Campaigns without any session, or without a comparable one, have NaN.

    Raises
    ------
    KpiError
        If a campaign ends before it begins, or has rooms with other days.

    References
    ----------
    .. [1] O. Ashenfelter, D. Card (1985), Using the longitudinal structure of earnings to estimate
       the effect of training programs, Review of Economics and Statistics 67, 648-660.
    .. [2] A. C. Davison, D. V. Hinkley (1997), *Bootstrap Methods and their Application*,
       section 3.8; C. A. Field, A. H. Welsh (2007), Bootstrapping clustered data, JRSS B 69.
    .. [3] B. L. Welch (1947), The generalization of "Student's" problem when several different
       population variances are involved, Biometrika 34, 28-35.
    .. [4] A. Abadie, A. Diamond, J. Hainmueller (2010), Synthetic control methods for comparative
       case studies, JASA 105, 493-505: placebo studies.
    .. [5] H. S. Bloom (1995), Minimum detectable effects, Evaluation Review 19, 547-556.
    """
    if window < 7:
        raise KpiError("window", f"{window} days hold no week.", "give at least 7, best 56.")
    rows = []
    for name, part in campaigns.groupby("campaign", sort=False):
        first, last = _days_of(str(name), part)
        for metric in METRICS:
            daily = _daily(sessions, campaigns, part, metric, (first, last, window))
            rows.append({"campaign": name, "metric": metric, **_estimated(daily, draws, seed)})
    return Uplift(pd.DataFrame(rows), window, draws, seed)


@dataclass(frozen=True, eq=False)
class _Daily:
    """Sums per day, columns numerator and denominator; controls are NaN where there are none."""

    during: Array  # (days, 2): the campaign's rooms
    before: Array
    during_others: Array
    before_others: Array
    controls: int


def _days_of(name: str, part: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    days = part[["first", "last"]].drop_duplicates()
    where = f"campaigns.csv, campaign {name!r}"
    if len(days) > 1:
        raise KpiError(
            where, "its rooms have other days.", "give all of its rows the same first and last."
        )
    first, last = days.iloc[0]
    if last < first:
        raise KpiError(where, f"ends on {last:%Y-%m-%d}, before it begins.", "mend its days.")
    return first, last


def _daily(
    sessions: pd.DataFrame,
    campaigns: pd.DataFrame,
    part: pd.DataFrame,
    metric: str,
    span: tuple[pd.Timestamp, pd.Timestamp, int],
) -> _Daily:
    first, last, window = span
    start = first - pd.Timedelta(days=window)
    column, averaged = METRICS[metric]
    known = sessions.dropna(subset=["viewers", column])
    known = known[known["day"].between(start, last) & (known["viewers"] > 0)]
    weight = known["viewers"].astype(float)
    value = known[column].astype(float)
    known = known.assign(over=weight * value if averaged else value, under=weight)
    mine = known["account"].isin(part["account"])
    inside = known["day"] >= first
    weekdays = set(pd.date_range(first, last).day_of_week)
    comparable = ~inside & known["day"].dt.day_of_week.isin(weekdays) & ~_in_any(known, campaigns)
    near = campaigns[(campaigns["last"] >= start) & (campaigns["first"] <= last)]
    others = ~known["account"].isin(near["account"])
    sums = [_by_day(known[mine & inside]), _by_day(known[mine & comparable])]
    theirs = [
        _by_day(known[others & when]).reindex(days.index)
        for when, days in ((inside, sums[0]), (comparable, sums[1]))
    ]
    controls = int(known.loc[others, "account"].nunique())
    # The log of 0 is nothing to take off: rooms where nobody ever bought say nothing of change.
    if any(len(part) == 0 or not part["over"].sum() > 0 for part in theirs):
        controls = 0
    parts = [part.to_numpy(dtype=float) for part in (*sums, *theirs)]
    return _Daily(parts[0], parts[1], parts[2], parts[3], controls)


def _in_any(sessions: pd.DataFrame, campaigns: pd.DataFrame) -> pd.Series:
    """Tell which sessions fall on any campaign of their room."""
    inside = pd.Series(False, index=sessions.index)
    for row in campaigns.to_dict("records"):
        here = sessions["account"] == row["account"]
        inside |= here & (sessions["day"] >= row["first"]) & (sessions["day"] <= row["last"])
    return inside


def _by_day(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby("day")[["over", "under"]].sum().sort_index()


def _estimated(daily: _Daily, draws: int, seed: int) -> dict[str, Any]:
    n, m = len(daily.during), len(daily.before)
    found: dict[str, Any] = {
        "days": n,
        "comparable": m,
        "controls": daily.controls,
        "before": math.exp(_log_rate(daily.before)) if m else math.nan,
        "during": math.exp(_log_rate(daily.during)) if n else math.nan,
        **dict.fromkeys(("uplift", "low", "high", "rarer", "detectable"), math.nan),
        "placebos": 0,
        "told": False,
    }
    if not n or not m:
        return found
    change = _change(daily.during, daily.during_others, daily) - _change(
        daily.before, daily.before_others, daily
    )
    if math.isnan(change) or change == math.inf:
        return found  # it was 0 before: no number is a change of that
    found["uplift"] = math.expm1(change)
    tried = _placebos(daily)
    found["placebos"] = len(tried)
    if len(tried) >= LEAST_PLACEBOS:
        found["rarer"] = float((1 + (np.abs(tried) >= abs(change)).sum()) / (1 + len(tried)))
    error, freedom = _error(daily, draws, seed)
    if math.isfinite(error):
        half = _t(0.975, freedom) * error
        found["low"], found["high"] = math.expm1(change - half), math.expm1(change + half)
        found["detectable"] = math.expm1((_t(0.975, freedom) + _t(POWER, freedom)) * error)
        sure = found["low"] > 0 or found["high"] < 0
        found["told"] = bool(sure and found["rarer"] <= RARE)  # NaN is not
    elif len(tried) >= LEAST_PLACEBOS:  # one day: only other single days say how days differ
        freedom = len(tried) - 1
        spread = float(np.std(tried[np.isfinite(tried)], ddof=1))
        found["detectable"] = math.expm1((_t(0.975, freedom) + _t(POWER, freedom)) * spread)
    return found


def _log_rate(sums: Array) -> float:
    """Return the log of the ratio of sums over days; -inf where nothing came of it."""
    over, under = sums.sum(axis=0)
    return float(np.log(over / under)) if over > 0 else -math.inf


def _change(days: Array, others: Array, daily: _Daily) -> float:
    """Return the log rate of some days, less that of the rooms without a campaign."""
    own = _log_rate(days)
    return own - _log_rate(others[~np.isnan(others[:, 1])]) if daily.controls else own


def _placebos(daily: _Daily) -> Array:
    """Return the change at every run of comparable days as long as the campaign.

    A run in which nobody bought changed without bound, and counts as such.
    """
    length, m = len(daily.during), len(daily.before)
    found = []
    for start in range(m - length + 1):
        inside = np.zeros(m, dtype=np.bool_)
        inside[start : start + length] = True
        if inside.all():
            continue
        parts = [
            _change(daily.before[rows], daily.before_others[rows], daily)
            for rows in (inside, ~inside)
        ]
        found.append(parts[0] - parts[1])
    tried: Array = np.array(found, dtype=np.float64)
    return np.asarray(tried[~np.isnan(tried)], dtype=np.float64)


def _error(daily: _Daily, draws: int, seed: int) -> tuple[float, float]:
    """Return standard error and degrees of freedom of the change; NaN where there is none."""
    n, m = len(daily.during), len(daily.before)
    if n < 2 or m < 2:
        return math.nan, math.nan
    rng = np.random.default_rng(seed)
    inside = _spread(daily.during, daily.during_others, daily, draws, rng) * n / (n - 1)
    before = _spread(daily.before, daily.before_others, daily, draws, rng) * m / (m - 1)
    whole = inside + before
    if not (math.isfinite(whole) and whole > 0):
        return math.nan, math.nan
    return math.sqrt(whole), whole**2 / (inside**2 / (n - 1) + before**2 / (m - 1))


def _spread(
    days: Array, others: Array, daily: _Daily, draws: int, rng: np.random.Generator
) -> float:
    """Return the variance of the log rate when days are drawn again, with all their rooms."""
    each = np.full(len(days), 1 / len(days))
    times = rng.multinomial(len(days), each, size=draws).astype(np.float64)
    logs = _log_rates(times @ days)
    if daily.controls:
        logs = np.asarray(logs - _log_rates(times @ np.nan_to_num(others)))
    known = logs[np.isfinite(logs)]
    return float(np.var(known)) if len(known) else math.nan  # 0 on every day has no log


def _log_rates(sums: Any) -> Array:  # noqa: ANN401 - a product of arrays
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(sums[:, 0] / sums[:, 1]), dtype=np.float64)


def _t(level: float, freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, level))


def sessions_of(months: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the sessions of several months together; a room's day stands in one month only."""
    columns = ["account", "day", "viewers", "avg_watch_s", "pay_users"]
    return pd.concat([month[columns] for month in months], ignore_index=True)
