"""Grades counted, compared and doubted: what grading made, never a new score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades, grade
from kpilib.intervals import wilson
from kpilib.scheme import Bands, Edge

By = Literal["all", "team", "role"]
EDGES: tuple[Edge, ...] = get_args(Edge)
LEAST = 5  # a share of fewer people than this says nothing
ON_CUT = 1e-9  # scores are rounded to 6 places; within this they stand on the cut


@dataclass(frozen=True, eq=False)
class GradeShares:
    """How many people of each group got each grade.

    Attributes
    ----------
    by : {"all", "team", "role"}
        What a group is. By role, a person with two roles counts in both.
    counts : DataFrame, shape (n_groups, n_grades)
        People by group and grade, best grade first.
    n : Series
        Graded people of each group.
    ungraded : Series
        People of each group without a known score.
    table : DataFrame
        One row per group and grade: ``count``, ``n``, ``share`` with its interval ``low`` to
        ``high`` (all three NaN below 5 people), and with a guideline ``wished``,
        ``difference`` (share less wish) and ``outside`` (the wish lies outside the interval).
    """

    by: By
    counts: pd.DataFrame
    n: pd.Series
    ungraded: pd.Series
    table: pd.DataFrame


def grade_shares(
    grades: Grades, by: By = "all", wished: Mapping[str, float] | None = None
) -> GradeShares:
    """Count grades by group, with shares, their intervals, and a guideline if there is one.

    Parameters
    ----------
    grades : Grades
        One month.
    by : {"all", "team", "role"}
        Groups. Roles that the scheme does not score have nobody graded, and are left out.
    wished : mapping of grade to share, optional
        The guideline; sums to 1.

    Raises
    ------
    KpiError
        If there is no such grouping, or the guideline is not one share for each grade.
    """
    people = _people(grades, by)
    guideline = None if wished is None else _guideline(wished, grades.order)
    graded = people.dropna(subset="grade")
    order = list(dict.fromkeys(graded["group"]))
    counts = pd.crosstab(graded["group"], graded["grade"])
    counts = counts.reindex(index=order, columns=list(grades.order), fill_value=0)
    counts = counts.rename_axis(index="group", columns="grade")
    n = counts.sum(axis=1).rename("n")
    lacking = people.loc[people["grade"].isna(), "group"].value_counts()
    ungraded = lacking.reindex(order, fill_value=0).rename("ungraded").rename_axis("group")
    return GradeShares(by, counts, n, ungraded, _share_table(counts, n, guideline))


def _people(grades: Grades, by: By) -> pd.DataFrame:
    """Return one row per person and group, groups in the order of the scheme."""
    table, scheme = grades.table, grades.scheme
    if by == "all":
        groups = pd.DataFrame({"person": table.index, "group": "all"})
    elif by == "team":
        groups = grades.scores.table["team"].rename("group").reset_index()
        order = list(scheme.teams)
    elif by == "role":
        seats = grades.scores.role_totals
        scored = seats.loc[seats["status"] != "no_score", ["person", "role"]]
        groups = scored.rename(columns={"role": "group"})
        order = [role.key for role in scheme.roles]
    else:
        raise KpiError("by", f"no grouping {by!r}.", f"take one of {', '.join(get_args(By))}.")
    if by != "all":
        rank = {key: place for place, key in enumerate(order)}
        groups = groups.sort_values("group", key=lambda g: g.map(rank), kind="stable")
    return groups.assign(grade=groups["person"].map(table["grade"])).reset_index(drop=True)


def _guideline(wished: Mapping[str, float], order: Sequence[str]) -> dict[str, float]:
    total = math.fsum(wished.values())
    if set(wished) != set(order) or not math.isclose(total, 1, abs_tol=1e-9):
        raise KpiError(
            "guideline",
            f"holds {dict(wished)}, which sum to {total:g}.",
            f"give one share for each of {', '.join(order)}, 1 in all.",
        )
    return {name: float(wished[name]) for name in order}


def _share_table(
    counts: pd.DataFrame, n: pd.Series, wished: Mapping[str, float] | None
) -> pd.DataFrame:
    table = counts.reset_index().melt(id_vars="group", var_name="grade", value_name="count")
    place = {group: i for i, group in enumerate(counts.index)}
    table = table.sort_values("group", key=lambda g: g.map(place), kind="stable")
    table = table.reset_index(drop=True)
    table["n"] = table["group"].map(n)
    enough = table["n"] >= LEAST
    ends = [wilson(k, n) for k, n in zip(table["count"], table["n"], strict=True)]
    table["share"] = (table["count"] / table["n"]).where(enough)
    table[["low", "high"]] = pd.DataFrame(ends, index=table.index).where(enough)
    if wished is not None:
        table["wished"] = table["grade"].map(wished)
        table["difference"] = table["share"] - table["wished"]
        table["outside"] = (table["wished"] < table["low"]) | (table["wished"] > table["high"])
    return table


@dataclass(frozen=True, eq=False)
class Near:
    """Who stands near a cut.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, nearest first: ``score``, ``grade``, ``gap`` (above the cut is
        positive), ``cut`` and ``neighbour``, the grade on the other side.
    counts : DataFrame
        Index: the two grades of a cut, best cut first; one column per distance in points,
        counting the people who stand that near or nearer.
    n : int
        Graded people.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    n: int


def near_cuts(grades: Grades, within: Sequence[float] = (1, 2, 5)) -> Near:
    """Find the people whose score lies within some points of a cut.

    Raises
    ------
    KpiError
        If the scheme grades by quota: there a cut is another person, not a number.
    """
    grading = _bands(grades, "people near a cut")
    table = grades.table.loc[grades.table["status"] == "ok", ["score", "grade", "gap"]].copy()
    place = table["grade"].map({name: i for i, name in enumerate(grading.grades)})
    # A person at or above the nearest cut has it below; the grade decides, not the sign of 0.
    cut = table["score"] - table["gap"]
    is_lower = np.isclose(cut, grades.table.loc[table.index, "lower"])
    other = place + np.where(is_lower, 1, -1)
    table["cut"] = cut.round(6)
    table["neighbour"] = [grading.grades[int(i)] for i in other]
    upper = np.where(is_lower, place, other).astype(int)
    sides = [f"{grading.grades[i]} | {grading.grades[i + 1]}" for i in range(len(grading.cuts))]
    counts = pd.DataFrame(
        {
            d: np.bincount(upper[table["gap"].abs() <= d + ON_CUT], minlength=len(sides))
            for d in within
        },
        index=pd.Index(sides, name="cut"),
    )
    order = table["gap"].abs().sort_values(kind="stable").index
    inside = table.loc[order].query("abs(gap) <= @reach", local_dict={"reach": max(within)})
    return Near(inside, counts, len(table))


def ties(grades: Grades) -> pd.DataFrame:
    """Return the people who stand exactly on a cut: ``score``, ``grade``, ``neighbour``."""
    near = near_cuts(grades, within=(0,))
    return near.table[["score", "grade", "neighbour"]]


def _bands(grades: Grades, what: str) -> Bands:
    grading = grades.scheme.grading
    if isinstance(grading, Bands):
        return grading
    raise KpiError(
        f"scheme {grades.scheme.name!r}, grading",
        f"{what} need fixed cuts, and this scheme grades by quota.",
        "use a scheme whose grading is `bands`.",
    )


@dataclass(frozen=True, eq=False)
class EdgeCases:
    """What each policy for the edge of a grade makes of the same scores (opening G6).

    Attributes
    ----------
    table : DataFrame
        Index ``person``, only where the policies differ: ``score`` and one grade per policy.
    counts : DataFrame
        Index policy, one column per grade: people.
    used : str
        The scheme's own policy.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    used: Edge


def edge_cases(grades: Grades) -> EdgeCases:
    """Grade the same scores under each of the four edge policies."""
    grading = _bands(grades, "edge policies")
    known = grades.table["status"] == "ok"
    under = {edge: _graded_with(grades, grading, edge).loc[known] for edge in EDGES}
    every = pd.DataFrame(under)
    counts = every.apply(lambda column: column.value_counts()).T
    counts = counts.reindex(index=list(EDGES), columns=list(grading.grades))
    differ = every.ne(every[grading.edge], axis=0).any(axis=1)
    table = every[differ].copy()
    table.insert(0, "score", grades.table["score"])
    return EdgeCases(table, counts.fillna(0).astype(int).rename_axis("edge"), grading.edge)


def _graded_with(grades: Grades, grading: Bands, edge: Edge) -> pd.Series:
    revised = grades.scheme.revise(grading={**grading.model_dump(), "edge": edge})
    return grade(grades.scores, revised).table["grade"]


@dataclass(frozen=True, eq=False)
class Migration:
    """Who moved between two gradings of the same scale.

    Attributes
    ----------
    table : DataFrame, shape (n_grades, n_grades)
        People by grade before (rows) and after (columns), best grade first.
    moves : DataFrame
        Index ``person``, those with a grade in both: ``grade_before``, ``grade``, ``before``
        and ``score`` (points), ``change`` (points) and ``steps`` (grades up, down negative).
    came, left : tuple of str
        People with a grade only after, or only before.
    """

    table: pd.DataFrame
    moves: pd.DataFrame
    came: tuple[str, ...]
    left: tuple[str, ...]

    def movers(self, most: int | None = None) -> pd.DataFrame:
        """Return the people whose grade changed, those whose score moved furthest first."""
        moved = self.moves[self.moves["steps"] != 0]
        order = moved["change"].abs().sort_values(ascending=False, kind="stable").index
        return moved.loc[order[:most]]

    @property
    def up(self) -> int:
        """People with a better grade after."""
        return int((self.moves["steps"] > 0).sum())

    @property
    def down(self) -> int:
        """People with a worse grade after."""
        return int((self.moves["steps"] < 0).sum())

    @property
    def same(self) -> int:
        """People who kept their grade."""
        return int((self.moves["steps"] == 0).sum())


def migration(before: Grades, after: Grades) -> Migration:
    """Compare two gradings: two months, or one month under two schemes.

    Raises
    ------
    KpiError
        If the two have other grades: scales are never converted silently (opening G10).
    """
    if before.order != after.order:
        raise KpiError(
            "migration",
            f"grades {', '.join(before.order)} and {', '.join(after.order)} are two scales.",
            "compare gradings of one scale.",
        )
    old = before.table.dropna(subset="grade")[["grade", "score"]]
    new = after.table.dropna(subset="grade")[["grade", "score"]]
    moves = old.set_axis(["grade_before", "before"], axis=1).join(new, how="inner")
    place = {name: i for i, name in enumerate(after.order)}
    moves["change"] = (moves["score"] - moves["before"]).round(6)
    moves["steps"] = moves["grade_before"].map(place).astype(int) - moves["grade"].map(
        place
    ).astype(int)
    scale = list(after.order)
    table = pd.crosstab(moves["grade_before"], moves["grade"])
    table = table.reindex(index=scale, columns=scale, fill_value=0)
    columns = ["grade_before", "grade", "before", "score", "change", "steps"]
    return Migration(
        table.rename_axis(index="grade_before", columns="grade"),
        moves[columns],
        tuple(new.index.difference(old.index, sort=False)),
        tuple(old.index.difference(new.index, sort=False)),
    )


@dataclass(frozen=True, eq=False)
class History:
    """Grades over months.

    Attributes
    ----------
    counts : DataFrame
        Index ``month``, one column per grade: people.
    grades, scores : DataFrame
        Index ``person``, one column per month.
    """

    counts: pd.DataFrame
    grades: pd.DataFrame
    scores: pd.DataFrame


def history(months: Mapping[str, Grades]) -> History:
    """Lay months of one scale side by side, in the order given."""
    scales = {grades.order for grades in months.values()}
    if len(scales) != 1:
        raise KpiError(
            "history",
            f"{len(months)} months hold {len(scales)} scales of grades.",
            "give at least one month, all graded on one scale.",
        )
    grades = pd.DataFrame({month: held.table["grade"] for month, held in months.items()})
    scores = pd.DataFrame({month: held.table["score"] for month, held in months.items()})
    counts = grades.apply(lambda column: column.value_counts()).T
    counts = counts.reindex(index=list(months), columns=list(scales.pop()))
    counts = counts.fillna(0).astype(int).rename_axis(index="month", columns="grade")
    return History(counts, grades.rename_axis("person"), scores.rename_axis("person"))


def lanes(grades: Grades, by: By = "role", width: float = 1.6) -> pd.DataFrame:
    """Lay people out for a strip of dots: near scores of one group go to different lanes.

    Parameters
    ----------
    grades : Grades
        One month.
    by : {"all", "team", "role"}
        Groups: rows of the strip.
    width : float
        Points that two dots of one lane are apart at least, while there are lanes.

    Returns
    -------
    DataFrame
        ``person``, ``group``, ``score``, ``grade`` and ``lane`` (-1 to 1).
    """
    table = _people(grades, by).dropna(subset="grade")
    table["score"] = table["person"].map(grades.table["score"])
    order = (0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0)
    chosen: dict[object, float] = {}
    for _, group in table.sort_values("score", kind="stable").groupby("group", sort=False):
        last = dict.fromkeys(order, -np.inf)
        for row, at in group["score"].items():
            free = (lane for lane in order if at - last[lane] >= width)
            lane = next(free, min(last, key=lambda held: last[held]))
            last[lane] = at
            chosen[row] = lane
    return table.assign(lane=pd.Series(chosen, dtype=float))


def score_ranges(grades: Grades, least: int = LEAST) -> pd.DataFrame:
    """Count people by range of scores, every range with at least ``least`` of them.

    Ranges end between the cuts (at 45, 55, ... for cuts at whole tens), so that they and the
    grades' counts together give no smaller group away.

    Returns
    -------
    DataFrame
        ``low`` (not itself inside), ``high``, NaN where the range is open, and ``n``; lowest
        first; no row where there are too few people.
    """
    scores = grades.table["score"].dropna()
    cuts = grades.scheme.grading.cuts if isinstance(grades.scheme.grading, Bands) else ()
    ends = [edge for edge in np.arange(5.0, 125.0, 10.0) if edge not in cuts]
    rows: list[tuple[float, float, int]] = []
    low, below = math.nan, 0
    for high in ends:
        n = int((scores <= high).sum()) - below
        if n >= least and len(scores) - below - n >= least:
            rows.append((low, high, n))
            low, below = high, below + n
    rest = len(scores) - below
    if rest >= least:
        rows.append((low, math.nan, rest))
    return pd.DataFrame(rows, columns=["low", "high", "n"])
