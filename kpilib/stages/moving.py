"""A plan for moving from one stage to the other, so that few grades change by weights alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kpilib.errors import KpiError

if TYPE_CHECKING:
    from kpilib.stages.path import StagePath

PLACES = 4  # of a step's t: weights are set to a hundredth of a percent


@dataclass(frozen=True, eq=False)
class Plan:
    """Steps from start (t = 0) toward the end (t = 1), one a month.

    Attributes
    ----------
    steps : DataFrame
        Index ``month`` (1, 2, ...): ``start`` and ``t`` (where the month begins and may go to),
        ``step``, ``limit`` (the exact t at which one person too many would change; 1 where none
        would) and ``people`` (who change grade on the way, as a tuple of ids).
    most : int
        People whose grade may change in one month.
    months : int
        Months wanted.
    least : int
        Fewest people a month with whom the end is reached in these months.
    """

    steps: pd.DataFrame
    most: int
    months: int
    least: int

    @property
    def reached(self) -> float:
        """How far the plan gets."""
        return float(self.steps["t"].iloc[-1]) if len(self.steps) else 0.0

    @property
    def first(self) -> float:
        """The largest first step."""
        return float(self.steps["t"].iloc[0]) if len(self.steps) else 0.0


def plan(path: StagePath, months: int, most: int = 0) -> Plan:
    """Take the largest step each month that changes the grades of at most some people.

    Grades change at the t of the path and nowhere else, so the farthest t is that of the first
    change of one person too many. To go as far as one may each month reaches the end in the
    fewest months: a plan that is ahead can always do what one behind does. A step stops short of
    its limit by less than 0.0001, for on it that person's grade may change already.

    Parameters
    ----------
    path : StagePath
        Every change, exactly, on one month's readings; next month's will be others.
    months : int
        How many steps.
    most : int, default 0
        People whose grade a step may change.

    Raises
    ------
    KpiError
        If there is no month, or fewer than nobody may change.
    """
    if months < 1 or most < 0:
        raise KpiError(
            "plan",
            f"{months} months with {most} people each.",
            "take 1 month and 0 people at least.",
        )
    firsts = _by_t(path)
    least = next(x for x in range(path.n + 1) if _steps(firsts, months, x)[-1][2] >= 1)
    rows = _steps(firsts, months, most)
    table = pd.DataFrame(
        [(s, t, t - s, limit, people) for s, limit, t, people in rows],
        columns=["start", "t", "step", "limit", "people"],
        index=pd.RangeIndex(1, len(rows) + 1, name="month"),
    )
    return Plan(table, most, months, least)


_Change = tuple[float, str]
_Step = tuple[float, float, float, tuple[str, ...]]


def _by_t(path: StagePath) -> list[_Change]:
    changes = path.changes.sort_values("t", kind="stable")
    return list(zip(changes["t"].tolist(), changes["person"].tolist(), strict=True))


def _steps(changes: list[_Change], months: int, most: int) -> list[_Step]:
    rows: list[_Step] = []
    at = 0.0
    for _ in range(months):
        limit, t = _farthest(changes, at, most)
        people = dict.fromkeys(who for when, who in changes if _within(when, at, t))
        rows.append((at, limit, t, tuple(people)))
        if t >= 1 or t <= at:  # there, or before a change that may not come about
            break
        at = t
    return rows


def _within(when: float, start: float, end: float) -> bool:
    """Whether a change comes about between two settings; at 0 it does with the first step."""
    return (start < when <= end) or (when == 0 == start < end)


def _farthest(changes: list[_Change], at: float, most: int) -> tuple[float, float]:
    """Return the t at which one person too many changes, and the last setting before it."""
    changed: set[str] = set()
    for when, who in changes:
        if when < at or (when == at != 0):
            continue
        changed.add(who)
        if len(changed) > most:
            below = math.floor(when * 10**PLACES) / 10**PLACES
            if below >= when:
                below = round(below - 10.0**-PLACES, PLACES)
            return when, max(below, at)
    return 1.0, 1.0


def equal_steps(path: StagePath, months: int) -> pd.DataFrame:
    """Return what even steps would do: index ``month``; ``t`` and ``n``, people who change."""
    changes = _by_t(path)
    rows = []
    for month in range(1, months + 1):
        start, end = (month - 1) / months, month / months
        rows.append((end, len({who for when, who in changes if _within(when, start, end)})))
    index = pd.RangeIndex(1, months + 1, name="month")
    return pd.DataFrame(rows, columns=["t", "n"], index=index)
