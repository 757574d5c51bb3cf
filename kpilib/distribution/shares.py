"""Grades counted by group, with intervals, and beside a guideline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades
from kpilib.intervals import wilson

By = Literal["all", "team", "role"]
LEAST = 5  # a share of fewer people than this says nothing


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
    people = people_in(grades, by)
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


def surplus(shares: GradeShares) -> pd.DataFrame:
    """Return by how many people each group holds more of a grade than its part of the wish.

    The surpluses of groups that do not overlap sum to that of all people, so they say which
    groups explain a difference from the guideline.

    Parameters
    ----------
    shares : GradeShares
        By group, with a guideline.

    Returns
    -------
    DataFrame, shape (n_groups, n_grades)
        People; negative where there are fewer than wished.
    """
    wished = shares.table.drop_duplicates("grade").set_index("grade")["wished"]
    grades = list(shares.counts.columns)
    due = np.outer(shares.n.to_numpy(dtype=float), wished[grades].to_numpy(dtype=float))
    return (shares.counts - due).round(9)


def people_in(grades: Grades, by: By) -> pd.DataFrame:
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


def read_guideline(text: str, order: Sequence[str]) -> dict[str, float] | None:
    """Read wished shares in percent: ``A+ 10, A 30, B 50, C 10``; None where the text is empty.

    Raises
    ------
    KpiError
        If a part is no grade with a number, or the shares do not cover all grades once.
    """
    parts = [part.split() for part in text.split(",") if part.strip()]
    if not parts:
        return None
    try:
        wished = {grade: float(share) / 100 for grade, share in parts}
    except ValueError:
        raise KpiError(
            "guideline",
            f"cannot be read: {text!r}.",
            f"write a grade and its percentage, such as {order[0]} 10, for each grade.",
        ) from None
    return _guideline(wished, order)


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
    intervals = pd.DataFrame(ends, table.index, ["low", "high"], dtype=float)
    table[["low", "high"]] = intervals.where(enough)
    if wished is not None:
        table["wished"] = table["grade"].map(wished)
        table["difference"] = table["share"] - table["wished"]
        table["outside"] = (table["wished"] < table["low"]) | (table["wished"] > table["high"])
    return table
