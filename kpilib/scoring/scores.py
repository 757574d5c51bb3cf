"""One month's readings become points, totals and scores of people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.scheme import Bands, Geometric, Scheme
from kpilib.scoring.points import points_of
from kpilib.scoring.totals import PLACES, effective_cuts, totals_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kpilib.readings import Readings


@dataclass(frozen=True, eq=False)
class Seats:
    """People in roles as rows of arrays, whatever the role: for analyses of a whole company.

    Attributes
    ----------
    person, role : array, shape (n_seats,)
        Whose seat it is.
    share : array, shape (n_seats,)
        The role's share of the person's time.
    points, weights : array, shape (n_seats, most indicators of a role)
        In the order of the role's indicators; NaN where an item does not apply, or the role has
        no more, whose weight is 0.
    cuts : array, shape (n_seats, n_cuts)
        What the role's total must pass, lowest first; no columns for a quota.
    """

    person: NDArray[np.object_]
    role: NDArray[np.object_]
    share: NDArray[np.float64]
    points: NDArray[np.float64]
    weights: NDArray[np.float64]
    cuts: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scores:
    """Points, totals and scores of one month, with the readings that they come from.

    Attributes
    ----------
    points : DataFrame
        One row per person, role and indicator: ``value``, ``status``, ``target``, ``points``
        (0 to cap), ``weight`` (of the scheme), ``applied`` (renormalised over what applies;
        NaN where the item does not) and ``contribution`` (points x applied; NaN where totals
        are geometric, for a product has no parts that add up).
    role_totals : DataFrame
        One row per person and role: ``total``, ``status`` and ``time_share`` (over the roles
        that have a score; sums to 1 per person, NaN for a role without one).
    table : DataFrame
        Index ``person``: ``name``, ``team``, ``roles``, ``base_pay``, ``total`` (of the KPIs),
        ``bonus``, ``score`` (total + bonus) and ``status``: ``ok``, ``unknown`` (a reading is
        not known, so the total is not) or ``no_score`` (nothing that the scheme scores).
    readings : Readings
        What was scored, and the scheme.
    """

    points: pd.DataFrame
    role_totals: pd.DataFrame
    table: pd.DataFrame
    readings: Readings

    @property
    def scheme(self) -> Scheme:
        """Scheme whose rules made the points."""
        return self.readings.scheme

    def matrix(self, role: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        """Return a role as analyses want it: points, weights, and cuts on the role's total.

        Returns
        -------
        points : DataFrame, shape (n_people, n_indicators)
            People of the role with a known score; NaN where an item does not apply.
        weights : Series
            The scheme's weights of the role, by indicator.
        cuts : DataFrame, shape (n_people, n_cuts)
            Lowest first: what the role's total must pass for the person to pass each cut,
            once the bonus and the person's other roles are counted. No columns for a quota.

        Raises
        ------
        KpiError
            If totals are geometric: then they are no sums of points by weight.
        """
        if isinstance(self.scheme.totals, Geometric):
            raise KpiError(
                f"scheme {self.scheme.name!r}, totals",
                "are geometric, so they are no sums of points by weight, as is asked for here.",
                "compare the scheme as a variant, or take one whose totals are arithmetic.",
            )
        return self._table_of(role)

    def linear(self, role: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        """Return a role on the scale on which its totals are sums by weight.

        That is :meth:`matrix`, or, where totals are geometric, the logs of points and cuts. What
        is said of weights alone (tolerance, transfer, odds) is the same on both scales; what is
        said in points needs :meth:`in_points`.
        """
        points, weights, cuts = self._table_of(role)
        if not isinstance(self.scheme.totals, Geometric):
            return points, weights, cuts
        logs, scale = self.on_line(points.to_numpy(dtype=float), cuts.to_numpy(dtype=float))
        return (
            pd.DataFrame(logs, points.index, points.columns),
            weights,
            pd.DataFrame(scale, cuts.index, cuts.columns),
        )

    def on_line(
        self, points: NDArray[np.float64], needed: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return points and cuts on the scale on which totals are sums by weight."""
        totals = self.scheme.totals
        if not isinstance(totals, Geometric):
            return points, needed
        # No total is below the floor, so a cut under it is passed by any weights.
        under = math.log(totals.floor) - 1 - np.arange(needed.shape[1])[::-1]
        over = np.log(np.maximum(needed, totals.floor))
        scale = np.where(needed >= totals.floor, over, under)
        return np.log(points.clip(min=totals.floor)), scale

    def in_points(self, totals: pd.Series) -> pd.Series:
        """Return totals of :meth:`linear` in points."""
        return totals.map(math.exp) if isinstance(self.scheme.totals, Geometric) else totals

    def _table_of(self, role: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        weights = pd.Series(self.scheme.role(role).weights, dtype=float)
        seats = self.seats
        rows = np.flatnonzero(seats.role == role)
        people = pd.Index(seats.person[rows], name="person")
        points = seats.points[rows, : len(weights)]
        return (
            pd.DataFrame(points, people, weights.index.rename("indicator")),
            weights,
            pd.DataFrame(seats.cuts[rows], people),
        )

    @cached_property
    def seats(self) -> Seats:
        """People in their roles, those with a known score, one below the other."""
        held = self.role_totals
        ok = self.table["status"] == "ok"
        held = held[(held["status"] == "ok") & held["person"].map(ok)]
        person, role = (held[name].to_numpy(dtype=object) for name in ("person", "role"))
        share = held["time_share"].to_numpy(dtype=float)
        score = self.table["score" if self._bonus_grades else "total"].reindex(person)
        rest = score.to_numpy(dtype=float) - share * held["total"].to_numpy(dtype=float)
        grading = self.scheme.grading
        cuts = effective_cuts(grading)[::-1] if isinstance(grading, Bands) else ()
        needed = [(cut - rest) / share for cut in cuts]
        empty = np.empty((len(person), 0))
        return Seats(
            person,
            role,
            share,
            *self._items(list(zip(person, role, strict=True))),
            np.column_stack(needed) if needed else empty,
        )

    def _items(
        self, seats: list[tuple[str, str]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return points and weights of seats, a row each, in the order of their role's items."""
        roles = {role.key: list(role.weights) for role in self.scheme.roles}
        weights = {role.key: list(role.weights.values()) for role in self.scheme.roles}
        most = max((len(items) for items in roles.values()), default=0)
        column = {(r, key): i for r, items in roles.items() for i, key in enumerate(items)}
        row = {seat: i for i, seat in enumerate(seats)}
        points, by = np.full((len(seats), most), np.nan), np.zeros((len(seats), most))
        for (_, role), i in row.items():
            by[i, : len(weights[role])] = weights[role]
        table = self.points
        columns = (table[name].tolist() for name in ("person", "role", "indicator", "points"))
        for person, role, key, earned in zip(*columns, strict=True):
            if (person, role) in row:
                points[row[person, role], column[role, key]] = earned
        return points, by

    @property
    def _bonus_grades(self) -> bool:
        return self.scheme.bonus is not None and "grade" in self.scheme.bonus.counts_for


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
    points = _points(readings)
    role_totals = _role_totals(points, readings)
    return Scores(points, role_totals, _people(role_totals, readings), readings)


def _points(readings: Readings) -> pd.DataFrame:
    table = readings.table[["person", "role", "indicator", "value", "status"]].copy()
    scheme = readings.scheme
    rules = {(role.key, rule.key): rule for role in scheme.roles for rule in role.indicators}
    values = table["value"].where(table["status"] == "ok").to_numpy(dtype=float)
    target, points, weight = (np.full(len(table), np.nan) for _ in range(3))
    person, role, item = (pd.factorize(table[name]) for name in ("person", "role", "indicator"))
    place = role[0] * len(item[1]) + item[0]
    order = np.argsort(place, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(place[order])) + 1) if len(order) else ():
        rule = rules[role[1][role[0][rows[0]]], item[1][item[0][rows[0]]]]
        target[rows] = np.nan if rule.target is None else rule.target
        points[rows] = points_of(rule, values[rows])
        weight[rows] = rule.weight
    table = table.assign(target=target, points=points, weight=weight)
    applies = table["status"] == "ok"
    if scheme.unknown == "refuse":
        applies |= table["status"] == "unknown"
    held = table["weight"].where(applies)
    seat = person[0] * len(role[1]) + role[0]
    whole = held.groupby(seat).transform("sum")
    applied = held / whole.where(whole > 0)
    summed = not isinstance(scheme.totals, Geometric)
    parts = table["points"] * applied if summed else np.nan
    return table.assign(applied=applied, contribution=parts)


def _role_totals(points: pd.DataFrame, readings: Readings) -> pd.DataFrame:
    seats = readings.seats[["person", "role", "time_share"]].reset_index(drop=True)
    names = ("person", "role", "indicator", "points")
    people, roles, keys, earned = (points[name].tolist() for name in names)
    by = {role.key: role.weights for role in readings.scheme.roles}
    place = {role: {key: i for i, key in enumerate(by[role])} for role in set(roles)}
    rows: dict[str, dict[str, list[float]]] = {role: {} for role in place}
    for person, role, key, got in zip(people, roles, keys, earned, strict=True):
        row = rows[role].setdefault(person, [math.nan] * len(place[role]))
        row[place[role][key]] = got
    found = {
        (who, role): total
        for role, held in rows.items()
        for who, total in zip(
            held,
            totals_of([*held.values()], [*by[role].values()], readings.scheme.totals),
            strict=True,
        )
    }
    pairs = list(zip(seats["person"].tolist(), seats["role"].tolist(), strict=True))
    unknown: set[tuple[str, str]] = set()
    if readings.scheme.unknown == "refuse":
        items = zip(people, roles, points["status"].tolist(), strict=True)
        unknown = {(who, role) for who, role, status in items if status == "unknown"}
    total = [math.nan if pair in unknown else found.get(pair, math.nan) for pair in pairs]
    status = [
        "unknown" if pair in unknown else "ok" if made == made else "no_score"  # NaN is not itself
        for pair, made in zip(pairs, total, strict=True)
    ]
    table = seats.assign(total=np.array(total, dtype=float), status=status)
    share = table["time_share"].where(table["status"] != "no_score")
    table["time_share"] = share / share.groupby(table["person"]).transform("sum")
    return table


def _people(role_totals: pd.DataFrame, readings: Readings) -> pd.DataFrame:
    seats = readings.seats[["person", "name", "team", "base_pay"]]
    if seats.isna().any(axis=None):
        people = seats.groupby("person", sort=False).first()  # what one seat lacks, another tells
    else:
        people = seats.drop_duplicates("person").set_index("person")
    roles: dict[str, list[str]] = {}
    pairs = zip(readings.seats["person"].tolist(), readings.seats["role"].tolist(), strict=True)
    for person, role in pairs:
        roles.setdefault(person, []).append(role)
    ids = people.index.tolist()
    people["roles"] = pd.Series([tuple(roles[who]) for who in ids], people.index, dtype=object)
    parts: dict[str, list[float]] = {}
    unknown = set()
    products = (role_totals["total"] * role_totals["time_share"]).tolist()
    seat = (role_totals["person"].tolist(), role_totals["status"].tolist(), products)
    for person, status, part in zip(*seat, strict=True):
        if status != "no_score":
            parts.setdefault(person, [])
        if status == "unknown":
            unknown.add(person)
        if part == part:  # NaN is not itself
            parts.setdefault(person, []).append(part)
    said = ["unknown" if who in unknown else "ok" if who in parts else "no_score" for who in ids]
    ok = np.array([status == "ok" for status in said], dtype=bool)
    total = [round(math.fsum(parts.get(who, ())), PLACES) for who in ids]
    people["total"] = np.where(ok, total, np.nan)
    people["bonus"] = _bonus(readings).reindex(people.index).fillna(0.0).where(ok)
    people["score"] = (people["total"] + people["bonus"]).round(PLACES)
    people["status"] = said
    return people[["name", "team", "roles", "base_pay", "total", "bonus", "score", "status"]]


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
