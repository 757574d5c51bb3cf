"""Restatement: a month that was exported on several dates, and what moved between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kpilib.exports import read_team
from kpilib.exports.receipt import Receipt
from kpilib.exports.restated import OTHER_DATE
from kpilib.grading import grade
from kpilib.outcomes import Outcomes
from kpilib.readings import measure
from kpilib.scoring import score

_ROUNDING = 1e-4  # relative change of a reading that is the rounding of its export, no move


@dataclass(frozen=True, eq=False)
class Restatement:
    """A month by the exports of another date, beside the one that counts.

    Attributes
    ----------
    then : date
        Day of the exports that do not count.
    now : tuple of date
        Days of those that do, by the scheme's as-of day.
    readings : DataFrame
        Readings that moved, those that cost or earn most points first: person, role, indicator,
        value_then, value, points_then, points.
    grades : DataFrame
        Index ``person``, those whose score moved by a hundredth or more: team, score_then,
        grade_then, score, grade.
    """

    then: date
    now: tuple[date, ...]
    readings: pd.DataFrame
    grades: pd.DataFrame

    @property
    def regraded(self) -> pd.DataFrame:
        """The people whose grade would be another."""
        one, other = self.grades["grade_then"], self.grades["grade"]
        return self.grades[one.ne(other) & (one.notna() | other.notna())]


def dates_left(receipt: Receipt) -> tuple[date, ...]:
    """Return the days of exports that were set aside because those of another day count."""
    aside = receipt.set_aside
    files = aside.loc[aside["reason"] == OTHER_DATE, "file"]
    days = receipt.files.loc[receipt.files["file"].isin(files), "as_of"].dropna()
    return tuple(day.date() for day in sorted(set(days)))


def restatements(outcomes: Outcomes) -> tuple[Restatement, ...]:
    """Score a month by its exports of every other date; both stay in the folder.

    Parameters
    ----------
    outcomes : Outcomes
        The month by the exports that the scheme's as-of day chooses.

    Returns
    -------
    tuple of Restatement
        One for each other date, latest first; none where a month was exported once, and no file
        is read then.
    """
    month, scheme = outcomes.grades.scores.readings.month, outcomes.scheme
    used = month.receipt.files.query("used > 0")["as_of"].dropna()
    now = tuple(day.date() for day in sorted(set(used)))
    found = []
    for then in reversed(dates_left(month.receipt)):
        other = read_team(month.data, month.month, as_of_day=scheme.as_of_day, as_of=then)
        grades = grade(score(measure(other, scheme)))
        readings = _moved(grades.scores.points, outcomes.grades.scores.points)
        table = outcomes.as_computed.table[["team", "score", "grade"]].join(
            grades.table[["score", "grade"]].add_suffix("_then")
        )
        differs = _differs(table["score_then"].round(2), table["score"].round(2))
        columns = ["team", "score_then", "grade_then", "score", "grade"]
        found.append(Restatement(then, now, readings, table.loc[differs, columns]))
    return tuple(found)


def _moved(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return the readings of one table that differ from those of another."""
    keys = ["person", "role", "indicator"]
    both = now.merge(then, on=keys, how="left", suffixes=("", "_then"))
    same = np.isclose(both["value_then"], both["value"], rtol=_ROUNDING, atol=0)
    both = both[_differs(both["value_then"], both["value"]) & ~same]
    size = (both["points"] - both["points_then"]).abs().fillna(np.inf)
    order = size.sort_values(ascending=False, kind="stable").index
    columns = [*keys, "value_then", "value", "points_then", "points"]
    return both.loc[order, columns].reset_index(drop=True)


def _differs(one: pd.Series, other: pd.Series) -> pd.Series:
    """Say where two columns differ; unknown in both is no difference."""
    return one.ne(other) & (one.notna() | other.notna())
