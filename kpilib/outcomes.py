"""Grades and the months before become pay, plans and notes; each names its rule and months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades
from kpilib.scheme import Pay, Scheme

CENT = Decimal("0.01")


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What follows from one month's grades and the months before.

    Attributes
    ----------
    table : DataFrame
        Index ``person``: ``name``, ``team``, ``roles``, ``base_pay``, ``total``, ``bonus``,
        ``score``, ``status``, ``grade``, ``gap``, ``pay`` (yuan as Decimal, None where the
        score is unknown or the scheme gives none), ``score_before`` and ``grade_before`` (of
        the month before, where it is on disk).
    notes : DataFrame
        One row per consequence: ``person``, ``kind``, ``rule`` (field of the scheme),
        ``months`` (tuple of the months it stands on), ``due`` (month or None), ``count``.
        Kinds: ``plan`` (training and an improvement plan), ``improved`` and ``not_improved``
        (how the improvement month went), ``promotion`` (a streak), ``talk`` (with evidence),
        ``hit`` (may ask for resources), ``open_reading`` (settle it before pay).
    grades : Grades
        This month's.
    before : tuple of Grades
        The earlier months', oldest first.
    """

    table: pd.DataFrame
    notes: pd.DataFrame
    grades: Grades
    before: tuple[Grades, ...]

    @property
    def month(self) -> str:
        """Month that was appraised, ``YYYY-MM``."""
        return self.grades.month

    @property
    def scheme(self) -> Scheme:
        """Scheme whose rules were used."""
        return self.grades.scheme

    @property
    def payroll(self) -> Decimal:
        """Sum of the performance pay of everybody with a known score, in yuan."""
        return sum(self.table["pay"].dropna(), Decimal(0))

    def history(self, column: str = "grade") -> pd.DataFrame:
        """Return ``grade`` or ``score`` by person (rows) and month (columns, oldest first)."""
        months = {grades.month: grades.table[column] for grades in (*self.before, self.grades)}
        return pd.DataFrame(months).reindex(self.table.index)


def settle(grades: Grades, before: Sequence[Grades] = ()) -> Outcomes:
    """Draw the consequences of a month's grades.

    Parameters
    ----------
    grades : Grades
        The month's grades.
    before : sequence of Grades, default none
        Earlier months under the same scheme, oldest first; streaks and improvement months
        read them.

    Raises
    ------
    KpiError
        If the months do not rise, or a base pay is not a number.
    """
    months = [g.month for g in (*before, grades)]
    if months != sorted(set(months)):
        raise KpiError(
            "settle, months",
            f"the months run {months}.",
            "give each earlier month once, oldest first, all before the month settled.",
        )
    table = grades.scores.table.join(grades.table[["grade", "gap"]])
    table["pay"] = _pay(table, grades.scheme)
    last = before[-1].table if before and before[-1].month == _shifted(months[-1], -1) else None
    for column in ("score", "grade"):
        found = last[column] if last is not None else pd.Series(dtype=object)
        table[f"{column}_before"] = found.reindex(table.index)
    return Outcomes(table, _notes(grades, tuple(before)), grades, tuple(before))


def _pay(table: pd.DataFrame, scheme: Scheme) -> pd.Series:
    counts = scheme.bonus is not None and "pay" in scheme.bonus.counts_for
    percent = table["score"] if counts else table["total"]
    rows = zip(table.index, table["base_pay"], percent, strict=True)
    pay = [performance_pay(base, part, scheme.pay, str(who)) for who, base, part in rows]
    return pd.Series(pay, index=table.index, dtype=object)


def performance_pay(
    base: float | str, percent: float, rule: Pay, person: str = "?"
) -> Decimal | None:
    """Return base x score %, rounded half up to the cent; None where the score is unknown.

    >>> performance_pay(2000, 89, Pay())
    Decimal('1780.00')
    """
    if np.isnan(percent):
        return None
    if pd.isna(base):
        raise KpiError(
            f"people.csv, person {person}",
            "has a score but no base pay.",
            "fill base_pay (yuan; 0 where there is none).",
        )
    bounded = max(Decimal(str(percent)), Decimal(str(rule.floor)))
    if rule.cap is not None:
        bounded = min(bounded, Decimal(str(rule.cap)))
    return (Decimal(str(base)) * bounded / 100).quantize(CENT, ROUND_HALF_UP)


def _notes(grades: Grades, before: tuple[Grades, ...]) -> pd.DataFrame:
    rows = [
        *_plans(grades, before),
        *_streaks(grades, before),
        *_talks(grades, before),
        *_hits(grades),
        *_unknown(grades),
    ]
    columns = ["person", "kind", "rule", "months", "due", "count"]
    return pd.DataFrame(rows, columns=columns, dtype=object).astype({"count": int})


_Note = tuple[str, str, str, tuple[str, ...], str | None, int]


def _plans(grades: Grades, before: tuple[Grades, ...]) -> list[_Note]:
    """Plan for a low grade now; what became of a plan whose month this is."""
    rule = grades.scheme.improvement
    if rule is None:
        return []
    now, month = grades.table["grade"], grades.month
    due = _shifted(month, rule.after_months)
    notes: list[_Note] = [
        (who, "plan", "improvement", (month,), due, 1) for who in now.index[now == rule.grade]
    ]
    started = next((g for g in before if _shifted(g.month, rule.after_months) == month), None)
    if started is None:
        return notes
    low = started.table["grade"]
    for who in low.index[low == rule.grade].intersection(now.index[now.notna()]):
        kind = "not_improved" if now[who] == rule.grade else "improved"
        notes.append((who, kind, "improvement", (started.month, month), None, 1))
    return notes


def _streaks(grades: Grades, before: tuple[Grades, ...]) -> list[_Note]:
    rule = grades.scheme.streak
    if rule is None:
        return []
    notes: list[_Note] = []
    past = {g.month: g.table["grade"] for g in before}
    for who in grades.table.index[grades.table["grade"] == rule.grade]:
        months = [grades.month]
        while past.get(_shifted(months[0], -1), pd.Series(dtype=object)).get(who) == rule.grade:
            months.insert(0, _shifted(months[0], -1))
        if len(months) >= rule.months:
            notes.append((who, "promotion", "streak", tuple(months), None, len(months)))
    return notes


def _talks(grades: Grades, before: tuple[Grades, ...]) -> list[_Note]:
    rule = grades.scheme.talk
    if rule is None:
        return []
    notes: list[_Note] = []
    window = (*before, grades)[-rule.within :]
    for who in grades.table.index[grades.table["grade"] == rule.grade]:
        months = tuple(g.month for g in window if g.table["grade"].get(who) == rule.grade)
        if len(months) >= rule.times:
            notes.append((who, "talk", "talk", months, None, len(months)))
    return notes


def _hits(grades: Grades) -> list[_Note]:
    rule = grades.scheme.bonus
    if rule is None:
        return []
    count = grades.scores.readings.hits(rule.above_plays).groupby("person")["work"].nunique()
    return [
        (str(who), "hit", "bonus", (grades.month,), None, int(n))
        for who, n in count.items()
        if who in grades.table.index
    ]


def _unknown(grades: Grades) -> list[_Note]:
    points = grades.scores.points
    open_items = points[points["status"] == "unknown"].groupby("person")["indicator"].size()
    people = grades.table.index[grades.table["status"] == "unknown"]
    return [
        (who, "open_reading", "unknown", (grades.month,), None, open_items[who]) for who in people
    ]


def _shifted(month: str, by: int) -> str:
    return str(pd.Period(month, "M") + by)
