"""A forced distribution beside fixed cuts: who is moved by the quota alone, and by how little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades, grade, pools
from kpilib.scheme import Bands, Quota, Scheme, read_scheme

MONTHS: Final = 6  # a half-year
KNOWN: Final = 3  # months of a half-year that must be known for a mean


@dataclass(frozen=True, eq=False)
class Forced:
    """The same scores by fixed cuts and by quota. Two scales: both are shown, none converted.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, nearest first: ``team``, ``pool``, ``score``, ``by_cuts``,
        ``by_quota``, ``steps`` (places up by the quota, down negative, where both scales are
        read place by place; NaN where they have other numbers of grades), ``away`` (points to
        the nearest person of the pool on the other side of the quota's border, in the direction
        of the step; NaN without one) and ``tied`` (an equal score got another level).
    cross : DataFrame
        People by grade (rows) and level (columns).
    cuts, quota : tuple of str
        The two scales, best first.
    """

    table: pd.DataFrame
    cross: pd.DataFrame
    cuts: tuple[str, ...]
    quota: tuple[str, ...]

    @property
    def moved(self) -> pd.DataFrame:
        """The people who stand higher or lower by quota, those nearest to the border first."""
        return self.table[self.table["steps"].fillna(0) != 0]

    @property
    def up(self) -> int:
        """People who stand higher by quota than by the cuts."""
        return int((self.table["steps"] > 0).sum())

    @property
    def down(self) -> int:
        """People who stand lower by quota than by the cuts."""
        return int((self.table["steps"] < 0).sum())


def rules_beside(scheme: Scheme, other: str) -> tuple[Scheme, Scheme] | None:
    """Return the scheme with cuts and the one with a quota, from one in force and another.

    Parameters
    ----------
    scheme : Scheme
        In force.
    other : str
        Name or file of a scheme that grades the other way; None comes back where the text is
        empty or both grade by cuts. Where both grade by quota, the published cuts are taken.
    """
    if not other:
        return None
    beside = read_scheme(other)
    if isinstance(scheme.grading, Quota):
        fixed = beside if isinstance(beside.grading, Bands) else read_scheme("published")
        return fixed, scheme
    return (scheme, beside) if isinstance(beside.grading, Quota) else None


def forced(grades: Grades, cuts: Scheme, quota: Scheme, before: Grades | None = None) -> Forced:
    """Grade the same scores by fixed cuts and by quota.

    Parameters
    ----------
    grades : Grades
        Scores of a whole company: small teams are ranked in one pool.
    cuts, quota : Scheme
        Whose gradings to use.
    before : Grades, optional
        The period before under the quota, for its fractions.

    Raises
    ------
    KpiError
        If the schemes do not grade by cuts and by quota.
    """
    if not isinstance(cuts.grading, Bands) or not isinstance(quota.grading, Quota):
        raise KpiError(
            f"forced distribution, schemes {cuts.name!r} and {quota.name!r}",
            "one must grade by cuts and the other by quota.",
            "give a scheme whose grading is `bands`, then one whose grading is `quota`.",
        )
    fixed, shared = grade(grades.scores, cuts).table, grade(grades.scores, quota, before).table
    known = shared.index[shared["grade"].notna()]
    teams = grades.scores.table.loc[known, "team"]
    table = pd.DataFrame(
        {
            "team": teams,
            "pool": pools(teams, quota.grading.pool_below),
            "score": shared.loc[known, "score"].astype(float),
            "by_cuts": fixed.loc[known, "grade"],
            "by_quota": shared.loc[known, "grade"],
            "tied": shared.loc[known, "tied"],
        }
    ).rename_axis("person")
    scales = cuts.grading.grades, quota.grading.grades
    table["steps"] = _steps(table, *scales)
    table["away"] = _away(table, scales[1])
    cross = pd.crosstab(table["by_cuts"], table["by_quota"])
    cross = cross.reindex(index=list(scales[0]), columns=list(scales[1]), fill_value=0)
    order = table["away"].sort_values(kind="stable").index
    columns = ["team", "pool", "score", "by_cuts", "by_quota", "steps", "away", "tied"]
    return Forced(table.loc[order, columns], cross, *scales)


def owed(months: Sequence[Grades], quota: Scheme) -> Grades | None:
    """Grade earlier periods by a quota, oldest first, for the fractions that they leave.

    None where the quota carries nothing over, or there is no earlier period.
    """
    last = None
    if isinstance(quota.grading, Quota) and quota.grading.carry_over:
        for period in months:
            last = grade(period.scores, quota, last)
    return last


def _steps(table: pd.DataFrame, cuts: tuple[str, ...], quota: tuple[str, ...]) -> pd.Series:
    if len(cuts) != len(quota):
        return pd.Series(np.nan, table.index)
    places = [
        table[column].map({name: i for i, name in enumerate(scale)}).astype(float)
        for column, scale in (("by_cuts", cuts), ("by_quota", quota))
    ]
    return places[0] - places[1]


def _away(table: pd.DataFrame, levels: tuple[str, ...]) -> pd.Series:
    """Return the points to the nearest of the pool beyond the border that the step crossed."""
    place = table["by_quota"].map({name: i for i, name in enumerate(levels)}).astype(int)
    found = pd.Series(np.nan, table.index)
    for _, members in table.groupby("pool").groups.items():
        score, level = table.loc[members, "score"].to_numpy(), place.loc[members].to_numpy()
        steps = table.loc[members, "steps"].fillna(0).to_numpy()
        for i in np.flatnonzero(steps):
            beyond = score[level < level[i]] if steps[i] < 0 else score[level > level[i]]
            if len(beyond):  # equal scores kept together may leave nobody there
                found[members[int(i)]] = float(np.abs(beyond - score[i]).min())
    return found.round(6)


def half_year(months: Sequence[Grades], least: int = KNOWN, reviews: Sequence[int] = ()) -> Grades:
    """Grade the mean score of the last six months, each month weighing the same.

    Parameters
    ----------
    months : sequence of Grades
        Oldest first, of one scheme; the last six count.
    least : int
        Months with a known score that a person needs; others have no score for the half-year.
    reviews : sequence of int
        Months of the year in which a review opens a new half-year, such as 3 and 9: only the
        months since then count. None for any six months in a row.

    Returns
    -------
    Grades
        By the rules of the last month, with people and teams as they stand there. Its scores
        hold totals only, no points.

    Raises
    ------
    KpiError
        If there is no month.
    """
    if not months:
        raise KpiError("half-year", "holds no month.", "give at least one month's grades.")
    held, last = list(months)[-MONTHS:], months[-1]
    opened = [i for i, each in enumerate(held) if int(each.month[5:]) in reviews]
    held = held[opened[-1] :] if opened else held
    table = last.scores.table.copy()
    known = pd.Series(0, index=table.index)
    for column in ("total", "bonus", "score"):
        months_of = pd.DataFrame({i: g.scores.table[column] for i, g in enumerate(held)})
        months_of = months_of.reindex(table.index).astype(float)
        table[column], known = months_of.mean(axis=1).round(6), months_of.notna().sum(axis=1)
    enough = known >= least
    numbers = ["total", "bonus", "score"]
    table[numbers] = table[numbers].where(enough)
    table["status"] = table["status"].where(table["status"] == "no_score", "unknown")
    table["status"] = table["status"].mask(enough, "ok")
    scores = replace(
        last.scores,
        table=table,
        points=last.scores.points.iloc[:0],
        role_totals=last.scores.role_totals.iloc[:0],
    )
    return grade(scores, last.scheme)
