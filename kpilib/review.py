"""What HR has to do after a month: counts, changes, people near a cut, and the work list."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd

from kpilib.distribution import near_cuts
from kpilib.outcomes import Outcomes, settle
from kpilib.scheme import Quota
from kpilib.scorecard import contributions

TASKS = (
    "open_reading",
    "late_returns",
    "plan",
    "plan_open",
    "not_improved",
    "other_post",
    "talk",
    "improved",
    "promotion",
    "raise_first",
    "hit",
)  # in the order in which HR takes them up: what holds pay back, then what has a date


@dataclass(frozen=True, eq=False)
class Review:
    """A month at a glance.

    Attributes
    ----------
    grades : DataFrame
        Index ``grade`` (best first): ``n``, ``before`` (the month before; NaN without one).
    tasks : DataFrame
        The work list, one row per person and consequence, in the order of :data:`TASKS`:
        ``kind``, ``person``, ``team``, ``role``, ``score``, ``grade``, ``rule``, ``months``,
        ``due``.
    moved : DataFrame
        People whose grade changed since the month before: ``person``, ``team``,
        ``grade_before``, ``grade``, ``score_before``, ``score``, ``change`` (points) and
        ``indicator`` (the item whose contribution moved most in that direction, with
        ``by``, its points of the total).
    near : DataFrame
        Graded people within ``margin`` points of a cut, nearest first: ``person``, ``team``,
        ``score``, ``grade``, ``gap``, ``neighbour`` (the grade beyond it).
    people, graded, unknown, no_score : int
        Head counts.
    payroll, payroll_before : Decimal
        Performance pay in yuan of the people with a known score, now and in the month before
        (by the same rules; None without one).
    """

    outcomes: Outcomes
    grades: pd.DataFrame
    tasks: pd.DataFrame
    moved: pd.DataFrame
    near: pd.DataFrame
    margin: float
    payroll_before: Decimal | None

    @property
    def payroll(self) -> Decimal:
        """Performance pay of the month, in yuan."""
        return self.outcomes.payroll

    @property
    def tone(self) -> Literal["calm", "watch", "act"]:
        """How the page opens: with work, with a warning that nobody is graded, or calmly."""
        return "act" if len(self.tasks) else "watch" if self.outcomes.nobody else "calm"

    @property
    def paid(self) -> Decimal | None:
        """The payroll as a figure to show; None where nobody is graded, which is no pay of 0."""
        return None if self.outcomes.nobody else self.payroll

    @property
    def people(self) -> int:
        """Everybody in the month."""
        return len(self.outcomes.table)

    @property
    def graded(self) -> int:
        """People with a grade."""
        return int(self.outcomes.table["grade"].notna().sum())

    @property
    def unknown(self) -> int:
        """People whose total is unknown because a reading is."""
        return int((self.outcomes.table["status"] == "unknown").sum())

    @property
    def no_score(self) -> int:
        """People in roles for which the scheme has no indicators, or without any reading."""
        return int((self.outcomes.table["status"] == "no_score").sum())

    @property
    def moves(self) -> dict[str, int]:
        """People whose grade rose, fell and stayed, of those graded in both months."""
        order = {grade: i for i, grade in enumerate(self.outcomes.grades.order)}
        both = self.outcomes.table.dropna(subset=["grade", "grade_before"])
        steps = both["grade_before"].map(order) - both["grade"].map(order)
        return {
            "up": int((steps > 0).sum()),
            "down": int((steps < 0).sum()),
            "same": int((steps == 0).sum()),
        }

    def moves_told(self, *, people: bool) -> tuple[str, dict[str, int]]:
        """Return the text about who moved, and its values; who is not graded twice could not.

        Who may see no small group reads one number: up, down and the rest add up to all.
        """
        moves = self.moves
        if not any(moves.values()):
            return "changed.first", {}
        if not people:
            return "changed.leaders", {"changed": moves["up"] + moves["down"]}
        return "changed.lead", moves

    @property
    def change(self) -> float:
        """Relative change of the payroll against the month before; NaN without one."""
        if not self.payroll_before:
            return math.nan
        return float(self.payroll / self.payroll_before) - 1

    @property
    def results(self) -> pd.DataFrame:
        """Everybody's result: team, roles, total, bonus, score, grade, base pay and pay.

        Where grades were calibrated, ``computed`` stands beside ``grade``.
        """
        columns = ["team", "roles", "total", "bonus", "score", "grade", "computed", "base_pay"]
        table = self.outcomes.table
        return table[[column for column in (*columns, "pay") if column in table]]

    def count(self, kind: str) -> int:
        """Count the people in the work list under one kind of task."""
        return int((self.tasks["kind"] == kind).sum())

    def words(self, *, people: bool) -> tuple[str, Mapping[str, object]]:
        """Return the key of the verdict's text and its figures.

        Without a month before there is nothing to compare. Who may not see single people gets
        no count of plans either: it is the count of the lowest grade, and would give away the
        hidden ones. Where nobody is graded, that is the verdict.
        """
        if self.outcomes.nobody:
            return self.outcomes.nobody
        numbers: dict[str, object] = {
            "tasks": len(self.tasks),
            "graded": self.graded,
            "n": self.people,
            "payroll": self.payroll,
            "near": len(self.near),
            "margin": self.margin,
        }
        key = "verdict" if people else "leaders"
        if people:
            kinds = {"plans": "plan", "open": "open_reading", "promotion": "promotion"}
            numbers |= {name: self.count(kind) for name, kind in kinds.items()}
        if not self.payroll_before:
            return f"{key}_first", numbers
        return key, numbers | {"change": self.change}

    def most_common(self, shown: pd.Series) -> dict[str, object]:
        """Return the most common grade, and the counts that may be shown, for a figure's words.

        Parameters
        ----------
        shown : Series
            Count by grade, hidden where the audience may not see it.
        """
        n = self.grades["n"]
        counts = [f"{grade} {count}" for grade, count in shown.items() if isinstance(count, int)]
        return {"grade": n.idxmax(), "most": n.max(), "n": n.sum(), "counts": counts}

    @property
    def agenda(self) -> pd.DataFrame:
        """The work list in brief: ``kind``, ``n``, ``person`` (all ids) and ``due``."""
        groups = self.tasks.groupby("kind", sort=False)
        table = groups.agg(n=("person", "nunique"), person=("person", tuple), due=("due", "first"))
        return table.reset_index()


def review(outcomes: Outcomes, margin: float = 2.0) -> Review:
    """Look over a month.

    Parameters
    ----------
    outcomes : Outcomes
        The month, with the months before.
    margin : float, default 2
        Distance to a cut, in points, that counts as near.
    """
    return Review(
        outcomes,
        _counted(outcomes),
        _tasks(outcomes),
        _moved(outcomes),
        _near(outcomes, margin),
        margin,
        _payroll_before(outcomes),
    )


def _counted(outcomes: Outcomes) -> pd.DataFrame:
    order = pd.Index(outcomes.grades.order, name="grade")
    table = pd.DataFrame({"n": outcomes.table["grade"].value_counts().reindex(order).fillna(0)})
    table["before"] = math.nan
    if outcomes.before:
        before = outcomes.table["grade_before"].value_counts().reindex(order).fillna(0)
        table["before"] = before
    return table.astype({"n": int})


def _tasks(outcomes: Outcomes) -> pd.DataFrame:
    people = outcomes.table[["team", "roles", "score", "grade"]]
    tasks = outcomes.notes.join(people, on="person")
    tasks["role"] = tasks["roles"].map(lambda roles: roles[0])
    rank = tasks["kind"].map(TASKS.index)
    tasks = tasks.assign(rank=rank).sort_values(["rank", "score"], kind="stable")
    columns = ["kind", "person", "team", "role", "score", "grade", "rule", "months", "due", "count"]
    return tasks[columns].reset_index(drop=True)


def _moved(outcomes: Outcomes) -> pd.DataFrame:
    table = outcomes.table
    both = table["grade"].notna() & table["grade_before"].notna()
    moved = table[both & (table["grade"] != table["grade_before"])].reset_index()
    moved["change"] = (moved["score"] - moved["score_before"].astype(float)).round(6)
    items = contributions(outcomes)[["person", "indicator", "change"]].dropna()
    rows = zip(moved["person"], moved["change"], strict=True)
    drivers = [_driver(items, person, change) for person, change in rows]
    moved[["indicator", "by"]] = pd.DataFrame(drivers, moved.index, ["indicator", "by"])
    order = moved["change"].abs().sort_values(ascending=False, kind="stable").index
    columns = ["person", "team", "grade_before", "grade", "score_before", "score", "change"]
    return moved.loc[order, [*columns, "indicator", "by"]].reset_index(drop=True)


def _driver(items: pd.DataFrame, person: str, change: float) -> tuple[str | None, float]:
    """Return the item that moved a total most in the direction in which it moved."""
    mine = items[items["person"] == person].set_index("indicator")["change"] * np.sign(change)
    if mine.empty or mine.max() <= 0:
        return None, math.nan
    return str(mine.idxmax()), float(mine.max() * np.sign(change))


def _near(outcomes: Outcomes, margin: float) -> pd.DataFrame:
    columns = ["person", "team", "score", "grade", "gap", "neighbour"]
    if isinstance(outcomes.scheme.grading, Quota):
        return pd.DataFrame(columns=columns)  # a quota's cut is another person, not a number
    near = near_cuts(outcomes.grades, (margin,)).table
    return near.join(outcomes.table["team"]).reset_index()[columns]


def _payroll_before(outcomes: Outcomes) -> Decimal | None:
    if outcomes.table["score_before"].isna().all():
        return None
    last = outcomes.before[-1]
    if last.month in outcomes.kept:
        paid = outcomes.kept[last.month].pay  # what was paid, not what it would be today
        return sum(paid.dropna(), Decimal(0))
    return settle(last, outcomes.before[:-1]).payroll
