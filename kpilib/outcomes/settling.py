"""A month's grades, and the months before, become outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades
from kpilib.outcomes.model import Kept, Outcomes
from kpilib.outcomes.notes import notes_of
from kpilib.outcomes.pay import pay_of
from kpilib.outcomes.periods import shifted


def settle(
    grades: Grades,
    before: Sequence[Grades] = (),
    *,
    signed: Mapping[tuple[str, str], date] | None = None,
    late: Grades | None = None,
    kept: Mapping[str, Kept] | None = None,
) -> Outcomes:
    """Draw the consequences of a month's grades.

    Parameters
    ----------
    grades : Grades
        The month's grades.
    before : sequence of Grades, default none
        Earlier months under the same scheme, oldest first; streaks and improvement months
        read them.
    signed : mapping of (month, person) to date, optional
        When results were signed; a plan's month is the first full one after it. Where the day
        is not known, the scheme's ``improvement.after_months`` counts.
    late : Grades, optional
        The month before, made anew with the orders that were returned since; counts where the
        scheme carries late returns.
    kept : mapping of str to Kept, optional
        The months among these that are closed.

    Raises
    ------
    KpiError
        If the months do not rise, a base pay is not a number, or a pool cannot be shared.
    """
    months = [g.month for g in (*before, grades)]
    if months != sorted(set(months)):
        raise KpiError(
            "settle, months",
            f"the months run {months}.",
            "give each earlier month once, oldest first, all before the month settled.",
        )
    shown = ["grade", "gap"] if grades.calibrations.empty else ["grade", "computed", "gap"]
    table = grades.scores.table.assign(**{name: grades.table[name] for name in shown})
    table["pay"] = pay_of(grades)
    last = before[-1] if before and before[-1].month == shifted(months[-1], -1) else None
    if grades.scheme.pay.late_returns == "carry":
        table["late"] = _late(table["pay"], last, late)
        pairs = zip(table["pay"], table["late"], strict=True)
        paid = [None if due is None else due + change for due, change in pairs]
        table["pay"] = pd.Series(paid, table.index, dtype=object)
    for column in ("score", "grade"):
        found = last.table[column] if last is not None else pd.Series(dtype=object)
        table[f"{column}_before"] = found.reindex(table.index)
    notes = notes_of(grades, tuple(before), signed or {}, table.get("late"))
    return Outcomes(table, notes, grades, tuple(before), kept or {})


def _late(pay: pd.Series, last: Grades | None, late: Grades | None) -> pd.Series:
    """Return what late returns change in this month's pay; nobody's falls below 0 by it."""
    none = Decimal("0.00")
    changes: dict[str, Decimal] = {}
    if last is not None and late is not None:
        was, now = pay_of(last), pay_of(late)
        both = was.index[was.notna()].intersection(now.index[now.notna()])
        changes = {str(who): now[who] - was[who] for who in both}
    amounts = [
        None if due is None else max(changes.get(str(who), none), -due) for who, due in pay.items()
    ]
    return pd.Series(amounts, pay.index, dtype=object)
