"""One month's readings become points, totals and scores of people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
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
    people, roles : array of int, shape (n_seats,)
        Whose seat it is, people counted as they first appear; place of its role in the scheme.
    seat, item : array of int, shape (n_readings,)
        Row and column of each reading.
    """

    people: NDArray[np.intp]
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
    return Scores(points, role_totals, _people(role_totals, readings, grid), readings)


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
        pd.factorize(readings.seats["person"])[0],
        np.array([roles[role] for role in seats[1]], dtype=np.intp),
        np.array([row[seat] for seat in zip(person, role, strict=True)], dtype=np.intp),
        np.array([items[item] for item in zip(role, key, strict=True)], dtype=np.intp),
    )


def _points(readings: Readings, grid: _Grid) -> pd.DataFrame:
    table, scheme = readings.table, readings.scheme
    ok = (table["status"] == "ok").to_numpy(dtype=bool)
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
    columns = {n: table[n] for n in ("person", "role", "indicator", "value", "status")}
    made = {
        "target": target,
        "points": points,
        "weight": weight,
        "applied": applied,
        "contribution": points * applied if summed else np.nan,
    }
    return pd.DataFrame({**columns, **made}, table.index)


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
    share = readings.seats["time_share"].to_numpy(dtype=float, na_value=np.nan)
    share = np.where(status == "no_score", np.nan, share)
    whole = np.bincount(grid.people, np.nan_to_num(share))[grid.people]
    share = np.divide(share, whole, out=np.full(len(share), np.nan), where=whole > 0)
    seats = readings.seats[["person", "role"]].reset_index(drop=True)
    made = {"time_share": share, "total": total, "status": status.tolist()}
    return pd.DataFrame({"person": seats["person"], "role": seats["role"], **made})


def _people(role_totals: pd.DataFrame, readings: Readings, grid: _Grid) -> pd.DataFrame:
    people = _named(readings, grid)
    order = np.argsort(grid.people, kind="stable")
    ends = [0, *np.bincount(grid.people, minlength=len(people)).cumsum().tolist()]
    status = role_totals["status"].to_numpy(dtype=object)
    ok, unknown = (np.bincount(grid.people, status == s) > 0 for s in ("ok", "unknown"))
    ok &= ~unknown  # one seat that is not known leaves all unknown
    parts = (role_totals["total"] * role_totals["time_share"]).to_numpy(dtype=float)
    parts = np.where(status == "ok", parts, 0.0)[order].tolist()
    sums = [round(math.fsum(parts[start:end]), PLACES) for start, end in pairwise(ends)]
    total = np.where(ok, sums, np.nan)
    earned = _bonus(readings)
    bonus = np.zeros(len(people))
    if len(earned):
        bonus = earned.reindex(people.index).fillna(0.0).to_numpy(dtype=float)
    bonus = np.where(ok, bonus, np.nan)
    role = role_totals["role"].to_numpy(dtype=object)[order].tolist()
    held = (tuple(role[start:end]) for start, end in pairwise(ends))
    once: dict[tuple[str, ...], tuple[str, ...]] = {}  # most people share their roles with others
    roles = [once.setdefault(mine, mine) for mine in held]
    made = {
        "name": people["name"],
        "team": people["team"],
        "roles": pd.Series(roles, people.index, dtype=object),
        "base_pay": people["base_pay"],
        "total": total,
        "bonus": bonus,
        "score": np.round(total + bonus, PLACES),
        "status": np.where(ok, "ok", np.where(unknown, "unknown", "no_score")).tolist(),
    }
    return pd.DataFrame(made, people.index)


def _named(readings: Readings, grid: _Grid) -> pd.DataFrame:
    """Return what is known of people whatever they score: what one seat lacks, another tells."""
    seats = readings.seats[["person", "name", "team", "base_pay"]]
    if any(seats[name].hasnans for name in seats.columns):
        return seats.groupby("person", sort=False).first()
    first = np.unique(grid.people, return_index=True)[1]
    return (seats if len(first) == len(seats) else seats.iloc[first]).set_index("person")


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
