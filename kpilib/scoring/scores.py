"""One month's readings become points, totals and scores of people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.scheme import Bands, Geometric, Scheme
from kpilib.scoring.points import points_of
from kpilib.scoring.totals import PLACES, weighted_total

if TYPE_CHECKING:
    from kpilib.readings import Readings


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
        totals = self.scheme.totals
        if not isinstance(totals, Geometric):
            return points, weights, cuts
        needed = cuts.to_numpy(dtype=float)
        # No total is below the floor, so a cut under it is passed by any weights.
        under = math.log(totals.floor) - 1 - np.arange(needed.shape[1])[::-1]
        over = np.log(np.maximum(needed, totals.floor))
        scale = np.where(needed >= totals.floor, over, under)
        logs = np.log(points.to_numpy(dtype=float).clip(min=totals.floor))
        return (
            pd.DataFrame(logs, points.index, points.columns),
            weights,
            pd.DataFrame(scale, cuts.index, cuts.columns),
        )

    def in_points(self, totals: pd.Series) -> pd.Series:
        """Return totals of :meth:`linear` in points."""
        return totals.map(math.exp) if isinstance(self.scheme.totals, Geometric) else totals

    def _table_of(self, role: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        weights = pd.Series(self.scheme.role(role).weights, dtype=float)
        mine = self.role_totals.query("role == @role and status == 'ok'").set_index("person")
        known = self.table.loc[mine.index]
        mine = mine[known["status"] == "ok"]
        wide = self.points.query("role == @role").pivot(
            index="person", columns="indicator", values="points"
        )
        points = wide.reindex(index=mine.index, columns=weights.index)
        grading = self.scheme.grading
        cuts = effective_cuts(grading)[::-1] if isinstance(grading, Bands) else ()
        rest = known["score"].loc[mine.index] if self._bonus_grades else known["total"]
        rest = rest.loc[mine.index] - mine["time_share"] * mine["total"]
        needed = {i: (cut - rest) / mine["time_share"] for i, cut in enumerate(cuts)}
        return points, weights, pd.DataFrame(needed, index=mine.index)

    @property
    def _bonus_grades(self) -> bool:
        return self.scheme.bonus is not None and "grade" in self.scheme.bonus.counts_for


def effective_cuts(grading: Bands) -> tuple[float, ...]:
    """Return the totals at which a grade really begins, highest first.

    Rounding a total half up moves every cut by half a point, flooring it by a whole one.
    """
    shift = {"rounded": 0.5, "floored": 1.0}.get(grading.edge, 0.0)
    return tuple(cut + shift for cut in grading.cuts)


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
    for place, rows in table.groupby(["role", "indicator"], sort=False).indices.items():
        rule = rules[place]  # type: ignore[index]  # a pair, by the two keys above
        target[rows] = np.nan if rule.target is None else rule.target
        points[rows] = points_of(rule, values[rows])
        weight[rows] = rule.weight
    table = table.assign(target=target, points=points, weight=weight)
    applies = table["status"] == "ok"
    if scheme.unknown == "refuse":
        applies |= table["status"] == "unknown"
    held = table["weight"].where(applies)
    seat = table.groupby(["person", "role"], sort=False).ngroup()
    whole = held.groupby(seat).transform("sum")
    applied = held / whole.where(whole > 0)
    summed = not isinstance(scheme.totals, Geometric)
    parts = table["points"] * applied if summed else np.nan
    return table.assign(applied=applied, contribution=parts)


def _role_totals(points: pd.DataFrame, readings: Readings) -> pd.DataFrame:
    seats = readings.seats[["person", "role", "time_share"]].reset_index(drop=True)
    found: dict[tuple[object, object], float] = {}
    for role, part in points.groupby("role", sort=False):
        weights = pd.Series(readings.scheme.role(str(role)).weights, dtype=float)
        totals = weighted_total(_wide(part), weights, readings.scheme.totals)
        found.update(zip([(who, role) for who in totals.index], totals, strict=True))
    pairs = list(zip(seats["person"], seats["role"], strict=True))
    table = seats.assign(total=pd.Series([found.get(p, np.nan) for p in pairs], dtype=float))
    if readings.scheme.unknown == "refuse":
        open_items = points[points["status"] == "unknown"]
        unknown = set(zip(open_items["person"], open_items["role"], strict=True))
        is_unknown = np.array([pair in unknown for pair in pairs], dtype=bool)
        table["total"] = table["total"].mask(is_unknown)
    else:
        is_unknown = np.zeros(len(table), dtype=bool)
    table["status"] = np.select(
        [is_unknown, table["total"].notna()], ["unknown", "ok"], default="no_score"
    )
    share = table["time_share"].where(table["status"] != "no_score")
    table["time_share"] = share / share.groupby(table["person"]).transform("sum")
    return table


def _wide(part: pd.DataFrame) -> pd.DataFrame:
    """Return one role's points, people by indicators; as `pivot` does, in a tenth of its time."""
    rows, people = pd.factorize(part["person"])
    columns, keys = pd.factorize(part["indicator"])
    cells = np.full((len(people), len(keys)), np.nan)
    cells[rows, columns] = part["points"]
    return pd.DataFrame(cells, index=people, columns=keys)


def _people(role_totals: pd.DataFrame, readings: Readings) -> pd.DataFrame:
    seats = readings.seats.groupby("person", sort=False)
    people = seats[["name", "team", "base_pay"]].first()
    roles: dict[str, list[str]] = {}
    for person, role in zip(readings.seats["person"], readings.seats["role"], strict=True):
        roles.setdefault(person, []).append(role)
    people["roles"] = pd.Series({who: tuple(held) for who, held in roles.items()}, dtype=object)
    parts: dict[str, list[float]] = {}
    products = role_totals["total"] * role_totals["time_share"]
    for person, part in zip(role_totals["person"], products, strict=True):
        if part == part:  # NaN is not itself
            parts.setdefault(person, []).append(part)
    scored = role_totals[role_totals["status"] != "no_score"]
    unknown = scored.loc[scored["status"] == "unknown", "person"].unique()
    total = [round(math.fsum(parts.get(who, ())), PLACES) for who in people.index]
    people["total"] = pd.Series(total, index=people.index, dtype=float)
    ok = people.index.isin(scored["person"]) & ~people.index.isin(unknown)
    people["total"] = people["total"].where(ok)
    people["bonus"] = _bonus(readings).reindex(people.index).fillna(0.0).where(ok)
    people["score"] = (people["total"] + people["bonus"]).round(PLACES)
    people["status"] = np.select(
        [people.index.isin(unknown), ok], ["unknown", "ok"], default="no_score"
    )
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
