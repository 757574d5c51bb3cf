"""Totals become grades: by fixed bands, or by quota (forced distribution)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpilib.scheme import Bands, Quota, Scheme
from kpilib.scoring import Scores, effective_cuts


@dataclass(frozen=True, eq=False)
class Grades:
    """The grade of each person, and how far it is from the next.

    Attributes
    ----------
    table : DataFrame
        Index ``person``: ``score`` (what was graded), ``grade`` (None without a known score),
        ``lower`` and ``upper`` (where the grade begins and ends; NaN where it is open or by
        quota), ``gap`` (signed distance in points to the nearest cut), ``status``, and
        ``tied`` (by quota: an equal score got another grade by the declared tie-break).
    scores : Scores
        What was graded.
    scheme : Scheme
        Scheme whose grading was used.
    """

    table: pd.DataFrame
    scores: Scores
    scheme: Scheme

    @property
    def order(self) -> tuple[str, ...]:
        """Grades of the scheme, best first."""
        return self.scheme.grading.grades

    @property
    def month(self) -> str:
        """Month that was appraised, ``YYYY-MM``."""
        return self.scores.readings.month.month


def grade(scores: Scores, scheme: Scheme | None = None) -> Grades:
    """Grade each person's score; an unknown score gets no grade, never one by default.

    Parameters
    ----------
    scores : Scores
        Scores of a whole company (a quota pools small teams).
    scheme : Scheme, optional
        Scheme whose grading counts; that of the scores by default.
    """
    scheme = scheme or scores.scheme
    people = scores.table
    counts = scheme.bonus is not None and "grade" in scheme.bonus.counts_for
    graded = people["score"] if counts else people["total"]
    table = pd.DataFrame({"score": graded, "status": people["status"]})
    known = table["status"] == "ok"
    grading = scheme.grading
    if isinstance(grading, Bands):
        table = table.join(_by_bands(table.loc[known, "score"], grading)).assign(tied=False)
    else:
        ranked = people.loc[known].assign(score=table["score"])
        table = table.join(_by_quota(ranked, grading))
        table["tied"] = table["tied"].eq(True)
    table["grade"] = table["grade"].astype(object).where(known, None)
    columns = ["score", "grade", "lower", "upper", "gap", "status", "tied"]
    return Grades(table[columns], scores, scheme)


def band_of(scores: Sequence[float] | pd.Series, grading: Bands) -> list[str]:
    """Return the grade of each known score under the bands' edge policy.

    Scores within 1e-9 of a cut are taken as on it: they were rounded to 6 places before.
    """
    strict = grading.edge == "upper_closed"
    found = []
    for value in scores:
        assert not math.isnan(value), "an unknown score has no grade"
        reached = (
            value > cut + 1e-9 if strict else value >= cut - 1e-9 for cut in effective_cuts(grading)
        )
        place = next((i for i, above in enumerate(reached) if above), len(grading.cuts))
        found.append(grading.grades[place])
    return found


def _by_bands(scores: pd.Series, grading: Bands) -> pd.DataFrame:
    grades = band_of(scores, grading)
    cuts = np.array(effective_cuts(grading))
    place = [grading.grades.index(name) for name in grades]
    lower = [cuts[i] if i < len(cuts) else math.nan for i in place]
    upper = [cuts[i - 1] if i else math.nan for i in place]
    away = scores.to_numpy(dtype=float)[:, None] - cuts
    nearest = np.abs(away).argmin(axis=1)
    gap = away[np.arange(len(scores)), nearest]
    frame = pd.DataFrame({"grade": grades, "lower": lower, "upper": upper}, index=scores.index)
    return frame.assign(gap=gap)


def apportion(n: int, shares: Sequence[float]) -> list[int]:
    """Share ``n`` people out by largest remainder (Hamilton's method); the counts sum to n.

    Equal remainders go to the middle of the list first, so that a tie makes neither a best
    nor a worst grade.

    References
    ----------
    .. [1] Balinski & Young (2001), *Fair Representation*, 2nd ed., chapter 3.

    >>> apportion(7, [0.1, 0.3, 0.5, 0.1])
    [1, 2, 3, 1]
    """
    exact = [n * share for share in shares]
    counts = [math.floor(part + 1e-9) for part in exact]
    middle = (len(shares) - 1) / 2

    def claim(i: int) -> tuple[float, float, int]:
        return -round(exact[i] - counts[i], 9), abs(i - middle), i

    for i in sorted(range(len(shares)), key=claim)[: n - sum(counts)]:
        counts[i] += 1
    return counts


def pools(teams: pd.Series, smallest: int) -> pd.Series:
    """Say in which pool each person is ranked: the team, or one pool of all small teams.

    Where that pool is itself too small, it joins the largest team.
    """
    size = teams.map(teams.value_counts())
    pool = teams.where(size >= smallest, "+")
    small = int((pool == "+").sum())
    if 0 < small < smallest and (pool != "+").any():
        pool = pool.replace("+", pool[pool != "+"].mode().iloc[0])
    return pool


def _by_quota(people: pd.DataFrame, grading: Quota) -> pd.DataFrame:
    """Rank each pool by score, then total without bonus, then id, and share the grades out."""
    shares = [level.share for level in grading.levels]
    parts = []
    for _, pool in people.groupby(pools(people["team"], grading.pool_below)):
        order = pool.assign(id=pool.index).sort_values(
            ["score", "total", "id"], ascending=[False, False, True]
        )
        counts = apportion(len(order), shares)
        names = np.repeat(np.array(grading.grades, dtype=object), counts)
        frame = pd.DataFrame({"grade": names, "score": order["score"]}, index=order.index)
        several = frame.groupby("score")["grade"].transform("nunique") > 1
        parts.append(frame[["grade"]].assign(tied=several))
    empty = pd.DataFrame({"grade": [], "tied": []})
    return (pd.concat(parts) if parts else empty).assign(lower=np.nan, upper=np.nan, gap=np.nan)
