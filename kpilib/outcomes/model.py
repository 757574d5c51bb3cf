"""What follows from a month's grades, with what it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

import pandas as pd

from kpilib.grading import Grades
from kpilib.scheme import Scheme

#: Columns of the table that hold money of single people; files keep them apart, for their owner.
PRIVATE: Final = ("base_pay", "pay", "late")


@dataclass(frozen=True, eq=False)
class Kept:
    """A closed month in short: what a page says of it.

    Attributes
    ----------
    month, closed, seal, rules : str
        The month, when it was closed, the hash over it, the hash of the scheme then in force.
    pay : Series
        Performance pay by person as closed and amended, yuan as Decimal or None.
    amendments : DataFrame
        ``number``, ``person``, ``field``, ``was``, ``now``, ``by``, ``at``, ``why`` (None where
        the reason was forgotten with the person).
    """

    month: str
    closed: str
    seal: str
    rules: str
    pay: pd.Series
    amendments: pd.DataFrame

    def of(self, people: set[str]) -> Kept:
        """Keep what is said of some people."""
        return replace(
            self,
            pay=self.pay[self.pay.index.isin(people)],
            amendments=self.amendments[self.amendments["person"].isin(people)],
        )


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What follows from one month's grades and the months before.

    Attributes
    ----------
    table : DataFrame
        Index ``person``: ``name``, ``team``, ``roles``, ``base_pay``, ``total``, ``bonus``,
        ``score``, ``status``, ``grade``, ``gap``, ``pay`` (yuan as Decimal, None where the
        score is unknown or the scheme gives none), ``score_before`` and ``grade_before`` (of
        the month before, where it is on disk). Where people calibrated grades, ``computed``: the
        grade that the scheme makes of the score. Where the scheme carries late returns, ``late``:
        yuan that the month before is paid less, already in ``pay``.
    notes : DataFrame
        One row per consequence: ``person``, ``kind``, ``rule`` (field of the scheme),
        ``months`` (tuple of the months it stands on), ``due`` (month or None), ``count``.
        Kinds: ``plan`` (training and an improvement plan), ``improved``, ``not_improved`` and
        ``plan_open`` (how the improvement month went), ``other_post`` (plans did not help: a
        talk about another post), ``promotion`` (a streak), ``raise_first``, ``talk`` (with
        evidence), ``hit`` (may ask for resources), ``late_returns`` (of the month before),
        ``open_reading`` (settle it before pay).
    grades : Grades
        This month's.
    before : tuple of Grades
        The earlier months', oldest first.
    kept : mapping of str to Kept
        The months among these that are closed: they were read as closed, the others made anew.
    """

    table: pd.DataFrame
    notes: pd.DataFrame
    grades: Grades
    before: tuple[Grades, ...]
    kept: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def month(self) -> str:
        """Month that was appraised, ``YYYY-MM``."""
        return self.grades.month

    @property
    def scheme(self) -> Scheme:
        """Scheme whose rules were used."""
        return self.grades.scheme

    @property
    def as_computed(self) -> Outcomes:
        """The month with the grades that the scheme makes of the scores, for what redoes them.

        Pay and notes stay as they are: they follow the grades in force.
        """
        if self.grades.calibrations.empty:
            return self
        table = self.table.assign(grade=self.table["computed"])
        return replace(self, table=table, grades=self.grades.as_computed)

    @property
    def as_of(self) -> date:
        """Day whose figures count: the scheme's, of the month that follows."""
        after = pd.Period(self.month, "M") + 1
        return after.start_time.date().replace(day=self.scheme.as_of_day)

    @cached_property
    def known(self) -> pd.Index:
        """People with a known score."""
        return self.grades.scores.known

    @cached_property
    def payroll(self) -> Decimal:
        """Sum of the performance pay of everybody with a known score, in yuan."""
        return sum(self.table["pay"].dropna(), Decimal(0))

    @property
    def nobody(self) -> tuple[str, dict[str, int]] | None:
        """Text that says why nobody is graded and what to do, and its counts; None otherwise.

        An unknown reading is to be settled; roles without indicators have no score by design, and
        who was away (``idle``) has none because nothing that the scheme counts occurred.
        """
        status = self.table["status"]
        if (status == "ok").any():
            return None
        scored = {role.key for role in self.scheme.roles if role.indicators}
        idle = (status == "no_score") & self.table["roles"].map(lambda held: bool(scored & {*held}))
        lacking = {"unknown": int((status == "unknown").sum()), "no_score": 0}
        lacking["idle"] = int(idle.sum())
        lacking["no_score"] = len(status) - sum(lacking.values())
        counts = {name: n for name, n in lacking.items() if n}
        return f"nobody.{'_and_'.join(counts) or 'no_score'}", counts or {"no_score": 0}

    @property
    def before_closed(self) -> tuple[str, ...]:
        """The months before this one that were read as closed, oldest first."""
        return tuple(g.month for g in self.before if g.month in self.kept)

    def history(self, column: str = "grade") -> pd.DataFrame:
        """Return ``grade`` or ``score`` by person (rows) and month (columns, oldest first)."""
        months = {grades.month: grades.table[column] for grades in (*self.before, self.grades)}
        return pd.DataFrame(months).reindex(self.table.index)
