"""People near another grade: at a cut, at the border of a quota, or by the edge policy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades, grade, pools
from kpilib.scheme import Bands, Edge, Quota

EDGES: tuple[Edge, ...] = get_args(Edge)
ON_CUT = 1e-9  # scores are rounded to 6 places; within this they stand on the cut


@dataclass(frozen=True, eq=False)
class Near:
    """Who stands near another grade.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, nearest first: ``score``, ``grade``, ``gap`` (above the border is
        positive), ``cut`` and ``neighbour``, the grade on the other side. By quota the cut is
        the score of the first person on the other side.
    counts : DataFrame
        Index ``cut``: the two grades of a border, best first; one column per distance in
        points, counting the people who stand that near or nearer.
    n : int
        Graded people.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    n: int

    def within(self, points: float) -> int:
        """Count the people within so many points of another grade."""
        return int((self.table["gap"].abs() <= points + ON_CUT).sum())


def near_cuts(grades: Grades, within: Sequence[float] = (1, 2, 5)) -> Near:
    """Find the people whose score lies within some points of another grade.

    By fixed cuts the distance is to the cut; by quota to the score of the first person of the
    pool who has the other grade.
    """
    grades = grades.as_computed  # a distance is to the cut of the computed grade
    known = grades.table[grades.table["status"] == "ok"]
    if isinstance(grades.scheme.grading, Quota):
        table = _by_quota(grades, known, grades.scheme.grading)
    else:
        table = _by_cuts(known, grades.scheme.grading)
    order, away = grades.order, table["gap"].abs()
    place = {name: i for i, name in enumerate(order)}
    ends = table[["grade", "neighbour"]].replace(place).to_numpy(dtype=int).reshape(-1, 2)
    upper, lower = ends.min(axis=1), ends.max(axis=1)
    pairs = sorted(
        {(i, i + 1) for i in range(len(order) - 1)} | set(zip(upper, lower, strict=True))
    )
    side = [pairs.index(pair) for pair in zip(upper, lower, strict=True)]
    counts = pd.DataFrame(
        {d: np.bincount(np.array(side, dtype=int)[away <= d + ON_CUT], minlength=len(pairs))
         for d in within},
        index=pd.Index([f"{order[i]} | {order[j]}" for i, j in pairs], name="cut"),
    )  # fmt: skip
    inside = table[away <= max(within) + ON_CUT]
    rank = inside["gap"].abs().sort_values(kind="stable").index
    return Near(inside.loc[rank], counts, len(known))


def _by_cuts(known: pd.DataFrame, grading: Bands) -> pd.DataFrame:
    """Return everybody with the nearest cut and the grade beyond it."""
    table = known[["score", "grade", "gap"]].copy()
    table["cut"] = (table["score"] - table["gap"]).round(6)
    # Whether the nearest cut is the grade's lower one: the sign of a gap of 0 does not tell.
    below = np.isclose(table["cut"], known["lower"].astype(float))
    place = table["grade"].map({name: i for i, name in enumerate(grading.grades)})
    beyond = place + np.where(below, 1, -1)
    return table.assign(neighbour=[grading.grades[int(i)] for i in beyond])


def _by_quota(grades: Grades, known: pd.DataFrame, grading: Quota) -> pd.DataFrame:
    """Return everybody with the nearest person of the next grade up or down in the pool."""
    teams = grades.scores.table.loc[known.index, "team"]
    rows = []
    for _, pool in known.groupby(pools(teams, grading.pool_below)):
        held = [name for name in grading.grades if (pool["grade"] == name).any()]
        worst = pool.groupby("grade")["score"].min()
        best = pool.groupby("grade")["score"].max()
        for better, worse in pairwise(held):
            up = pool[pool["grade"] == worse].assign(cut=worst[better], neighbour=better)
            down = pool[pool["grade"] == better].assign(cut=best[worse], neighbour=worse)
            rows += [up, down]
    if not rows:
        return known[["score", "grade", "gap"]].iloc[:0].assign(cut=0.0, neighbour="")
    every = pd.concat(rows)
    every["gap"] = (every["score"] - every["cut"]).astype(float).round(6)
    every["away"] = every["gap"].abs()
    nearest = every.sort_values("away", kind="stable").groupby(level=0).head(1)
    table = nearest.loc[known.index[known.index.isin(nearest.index)]]
    return table[["score", "grade", "gap", "cut", "neighbour"]]


def ties(grades: Grades) -> pd.DataFrame:
    """Return the people who stand exactly on a cut, or part from an equal by the tie-break.

    Returns
    -------
    DataFrame
        Index ``person``: ``score``, ``grade``, ``neighbour``.
    """
    near = near_cuts(grades, within=(0,))
    return near.table[["score", "grade", "neighbour"]]


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
    """Grade the same scores under each of the four edge policies.

    Raises
    ------
    KpiError
        If the scheme grades by quota: there a cut is another person, not a number.
    """
    grading = grades.scheme.grading
    if not isinstance(grading, Bands):
        raise KpiError(
            f"scheme {grades.scheme.name!r}, grading",
            "edge policies need fixed cuts, and this scheme grades by quota.",
            "use a scheme whose grading is `bands`.",
        )
    known = grades.table["status"] == "ok"
    under = {edge: _graded_with(grades, grading, edge).loc[known] for edge in EDGES}
    every = pd.DataFrame(under)
    counts = every.apply(lambda column: column.value_counts()).T
    counts = counts.reindex(index=list(EDGES), columns=list(grading.grades))
    differ = every.ne(every[grading.edge], axis=0).any(axis=1)
    table = every[differ].copy()
    # An empty frame would take in all rows of a longer column.
    table.insert(0, "score", grades.table.loc[table.index, "score"])
    return EdgeCases(table, counts.fillna(0).astype(int).rename_axis("edge"), grading.edge)


def _graded_with(grades: Grades, grading: Bands, edge: Edge) -> pd.Series:
    revised = grades.scheme.revise(grading={**grading.model_dump(), "edge": edge})
    return grade(grades.scores, revised).table["grade"]
