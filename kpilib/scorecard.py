"""One person's month, item by item: redone on a calculator, and what one point would take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.outcomes import Outcomes
from kpilib.scheme import Rule
from kpilib.scoring import Scores, most_points, reading_for


@dataclass(frozen=True, eq=False)
class Scorecard:
    """How one person's score came about.

    Attributes
    ----------
    person : str
        Whose it is.
    items : DataFrame
        One row per role and indicator: ``role``, ``indicator``, ``value``, ``low``, ``high``,
        ``n``, ``status``, ``reason``, ``source``, ``target``, ``points``, ``weight``,
        ``applied`` (x time share: sums to 1 over the person), ``contribution``, ``lost``
        (points of the total short of 100 in this item), ``change`` (of the contribution
        against the month before), ``gain`` (most that the item could still add) and ``needs``
        (the reading that adds one point to the total; NaN where the item cannot).
    summary : Series
        The person's row of ``Outcomes.table``.
    history : DataFrame
        ``score`` and ``grade`` by month.
    """

    person: str
    items: pd.DataFrame
    summary: pd.Series
    history: pd.DataFrame


def scorecard(outcomes: Outcomes, person: str) -> Scorecard:
    """Lay out one person's month.

    Raises
    ------
    KpiError
        If there is no such person.
    """
    if person not in outcomes.table.index:
        raise KpiError(
            f"scorecard, person {person!r}",
            f"is none of the {len(outcomes.table)} people of {outcomes.month}.",
            "give an id of people.csv, and the team that the person is in, or no team.",
        )
    return next(scorecards(outcomes, [person]))


def scorecards(outcomes: Outcomes, people: Iterable[str] | None = None) -> Iterator[Scorecard]:
    """Lay out the month of several people, of everybody by default, in the order of the table."""
    items = contributions(outcomes)
    by_person = dict(list(items.groupby("person", sort=False)))
    none = items.iloc[:0]
    history = {column: outcomes.history(column) for column in ("score", "grade")}
    for person in outcomes.table.index if people is None else people:
        own = by_person.get(person, none).reset_index(drop=True)
        past = pd.DataFrame({column: table.loc[person] for column, table in history.items()})
        row = pd.Series(outcomes.table.loc[[person]].to_dict("records")[0], name=person)
        yield Scorecard(person, own, row, past)


def contributions(outcomes: Outcomes) -> pd.DataFrame:
    """Return every item of everybody, as :class:`Scorecard` describes ``items``."""
    now = _weighed(outcomes.grades.scores)
    if outcomes.table["score_before"].notna().any():
        past = _weighed(outcomes.before[-1].scores)
        earned = past.set_index(["person", "role", "indicator"])["contribution"]
        found = earned.reindex(pd.MultiIndex.from_frame(now[["person", "role", "indicator"]]))
        now["change"] = now["contribution"] - found.to_numpy()
    else:
        now["change"] = np.nan
    now["lost"] = 100 * now["applied"] - now["contribution"]
    rules = {(r.key, i.key): i for r in outcomes.scheme.roles for i in r.indicators}
    rows = zip(now["role"], now["indicator"], now["points"], now["applied"], strict=True)
    steps = [_one_point(rules[role, key], points, share) for role, key, points, share in rows]
    now[["gain", "needs"]] = pd.DataFrame(steps, index=now.index, columns=["gain", "needs"])
    return now


def _weighed(scores: Scores) -> pd.DataFrame:
    """Join points with their readings, and weigh each role by its share of the person's time."""
    keys = ["person", "role", "indicator"]
    held = scores.readings.table[[*keys, "n", "low", "high", "reason", "source"]]
    time = scores.role_totals[["person", "role", "time_share"]]
    items = scores.points.merge(held, on=keys, how="left").merge(time, on=keys[:2], how="left")
    for column in ("applied", "contribution"):
        items[column] *= items["time_share"]
    return items


def _one_point(rule: Rule, points: float, applied: float) -> tuple[float, float]:
    """Return the most that an item can add to the total, and the reading that adds one point."""
    if math.isnan(points) or math.isnan(applied) or applied == 0:
        return math.nan, math.nan
    gain = applied * (most_points(rule) - points)
    return gain, reading_for(rule, points + 1 / applied) if gain >= 1 else math.nan
