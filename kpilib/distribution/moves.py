"""Who moved between two gradings, and grades over months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades


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
