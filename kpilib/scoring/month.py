"""One month's readings become points, totals and scores of people."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.scheme import Geometric, Scheme
from kpilib.scoring.points import points_of
from kpilib.scoring.scores import Scores
from kpilib.scoring.totals import PLACES, totals_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kpilib.readings import Readings


@dataclass(frozen=True, eq=False)
class _Grid:
    """Where each reading stands: seats below each other, the items of their roles in order.

    Attributes
    ----------
    roles : array of int, shape (n_seats,)
        Place of each seat's role in the scheme.
    seat, item : array of int, shape (n_readings,)
        Row and column of each reading.
    """

    roles: NDArray[np.intp]
    seat: NDArray[np.intp]
    item: NDArray[np.intp]


def score(readings: Readings) -> Scores:
    """Score each person's readings by the readings' scheme.

    An item that did not occur gives its weight to the person's other items. A reading that is
    not known makes the total unknown, unless the scheme says ``unknown: renormalise``. A role
    without indicators has no score; two roles are weighted by time.

    Raises
    ------
    KpiError
        If the scheme gives an indicator of somebody's role no target.
    """
    grid = _grid(readings)
    points = _points(readings, grid)
    role_totals = _role_totals(points, readings, grid)
    return Scores(points, role_totals, _people(role_totals, readings), readings)


def _grid(readings: Readings) -> _Grid:
    roles = {role.key: i for i, role in enumerate(readings.scheme.roles)}
    items = {
        (role.key, rule.key): i
        for role in readings.scheme.roles
        for i, rule in enumerate(role.indicators)
    }
    seats = [readings.seats[name].tolist() for name in ("person", "role")]
    row = {seat: i for i, seat in enumerate(zip(*seats, strict=True))}
    person, role, key = (readings.table[n].tolist() for n in ("person", "role", "indicator"))
    return _Grid(
        np.array([roles[role] for role in seats[1]], dtype=np.intp),
        np.array([row[seat] for seat in zip(person, role, strict=True)], dtype=np.intp),
        np.array([items[item] for item in zip(role, key, strict=True)], dtype=np.intp),
    )


def _points(readings: Readings, grid: _Grid) -> pd.DataFrame:
    table = readings.table[["person", "role", "indicator", "value", "status"]]
    scheme, ok = readings.scheme, (table["status"] == "ok").to_numpy(dtype=bool)
    values = np.where(ok, table["value"].to_numpy(dtype=float), np.nan)
    target, points, weight = (np.full(len(table), np.nan) for _ in range(3))
    place = grid.roles[grid.seat] * _widest(scheme) + grid.item
    order = np.argsort(place, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(place[order])) + 1) if len(order) else ():
        rule = scheme.roles[grid.roles[grid.seat[rows[0]]]].indicators[grid.item[rows[0]]]
        target[rows] = np.nan if rule.target is None else rule.target
        points[rows] = points_of(rule, values[rows])
        weight[rows] = rule.weight
    if scheme.unknown == "refuse":
        ok = ok | (table["status"] == "unknown").to_numpy(dtype=bool)
    held = pd.Series(np.where(ok, weight, np.nan))
    whole = held.groupby(grid.seat).transform("sum").to_numpy()
    applied = held.to_numpy() / np.where(whole > 0, whole, np.nan)
    summed = not isinstance(scheme.totals, Geometric)
    return table.assign(
        target=target,
        points=points,
        weight=weight,
        applied=applied,
        contribution=points * applied if summed else np.nan,
    )


def _widest(scheme: Scheme) -> int:
    return max((len(role.indicators) for role in scheme.roles), default=0)


def _role_totals(points: pd.DataFrame, readings: Readings, grid: _Grid) -> pd.DataFrame:
    scheme = readings.scheme
    earned = np.full((len(grid.roles), _widest(scheme)), np.nan)
    earned[grid.seat, grid.item] = points["points"].to_numpy()
    total = np.full(len(grid.roles), np.nan)
    for place in np.unique(grid.roles):
        weights = list(scheme.roles[place].weights.values())
        mine = grid.roles == place
        total[mine] = totals_of(earned[mine, : len(weights)].tolist(), weights, scheme.totals)
    status = np.where(np.isnan(total), "no_score", "ok").astype(object)
    if scheme.unknown == "refuse":
        unknown = grid.seat[(points["status"] == "unknown").to_numpy(dtype=bool)]
        total[unknown], status[unknown] = np.nan, "unknown"
    seats = readings.seats[["person", "role", "time_share"]].reset_index(drop=True)
    share = seats["time_share"].where(status != "no_score")
    share /= share.groupby(seats["person"]).transform("sum")
    return seats.assign(total=total, status=status.tolist(), time_share=share)[
        ["person", "role", "time_share", "total", "status"]
    ]


def _people(role_totals: pd.DataFrame, readings: Readings) -> pd.DataFrame:
    seats = readings.seats[["person", "name", "team", "base_pay"]]
    if seats.isna().any(axis=None):
        people = seats.groupby("person", sort=False).first()  # what one seat lacks, another tells
    else:
        people = seats.drop_duplicates("person").set_index("person")
    person, role, status = (role_totals[n].tolist() for n in ("person", "role", "status"))
    parts = (role_totals["total"] * role_totals["time_share"]).tolist()
    seats_of: dict[str, list[int]] = defaultdict(list)
    for seat, who in enumerate(person):
        seats_of[who].append(seat)
    held = [seats_of[who] for who in people.index.tolist()]
    said = [_status([status[seat] for seat in mine]) for mine in held]
    made = [
        round(math.fsum([parts[seat] for seat in mine if status[seat] == "ok"]), PLACES)
        if known == "ok"
        else math.nan
        for mine, known in zip(held, said, strict=True)
    ]
    names = [tuple([role[seat] for seat in mine]) for mine in held]
    total = pd.Series(made, people.index, dtype=float)
    bonus = _bonus(readings).reindex(people.index).fillna(0.0).where(total.notna())
    score = (total + bonus).round(PLACES)
    roles = pd.Series(names, people.index, dtype=object)
    people = people.assign(roles=roles, total=total, bonus=bonus, score=score, status=said)
    return people[["name", "team", "roles", "base_pay", "total", "bonus", "score", "status"]]


def _status(seats: list[str]) -> str:
    """Return a person's status from that of each seat: one that is not known leaves all unknown."""
    return "unknown" if "unknown" in seats else "ok" if "ok" in seats else "no_score"


def _bonus(readings: Readings) -> pd.Series:
    """Bonus points per person: each hit's points, shared by the credits of the work."""
    rule = readings.scheme.bonus
    none = pd.Series(dtype=float)
    if rule is None:
        return none
    hits = readings.hits(rule.above_plays)
    if hits.empty:
        return none
    share = hits["share"] / hits.groupby("work")["share"].transform("sum")
    return (rule.points * share).groupby(hits["person"]).sum().clip(upper=rule.cap).round(PLACES)
