"""Readings become points, points become totals; the one place where a total is made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.scheme import Bands, Deduct, Judged, Ratio, Rule, Scheme, Steps, Switch

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from kpilib.readings import Readings

PLACES = 6  # a total is rounded once, to these places, before it meets a cut


@dataclass(frozen=True, eq=False)
class Scores:
    """Points, totals and scores of one month, with the readings that they come from.

    Attributes
    ----------
    points : DataFrame
        One row per person, role and indicator: ``value``, ``status``, ``target``, ``points``
        (0 to cap), ``weight`` (of the scheme), ``applied`` (renormalised over what applies;
        NaN where the item does not) and ``contribution`` (points x applied).
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
        """
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


def points_of(rule: Rule, values: ArrayLike) -> NDArray[np.float64]:
    """Turn readings of one indicator into points by the method of its rule.

    Parameters
    ----------
    rule : Rule
        Method, target and direction.
    values : array_like
        Readings in the indicator's unit; NaN stays NaN.

    Raises
    ------
    KpiError
        If the method needs a target and the scheme gives none.
    """
    value = np.asarray(values, dtype=float)
    method, higher = rule.method, rule.definition.direction == "higher"
    if isinstance(method, Judged):
        scores = [anchor.score for anchor in method.anchors]
        earned = np.interp(value, scores, [anchor.points for anchor in method.anchors])
        return np.asarray(earned, dtype=float)
    if isinstance(method, Steps):
        return _stepped(method, value, higher=higher)
    target = _target(rule)
    if isinstance(method, Ratio):
        ratio = value / target if higher else 2 - value / target
        return (100 * ratio).clip(method.floor, method.cap)
    short = target - value if higher else value - target
    if isinstance(method, Deduct):
        # A hair's breadth of binary rounding is no started unit.
        started = np.ceil((short / method.unit).clip(0) - 1e-9)
        return (100 - method.points * started).clip(method.floor, 100)
    assert isinstance(method, Switch)
    return np.where(np.isnan(value), np.nan, np.where(short <= 0, method.met, method.missed))


def _stepped(method: Steps, value: NDArray[np.float64], *, higher: bool) -> NDArray[np.float64]:
    reached = [value >= s.at if higher else value <= s.at for s in method.table]
    points = np.select(reached, [s.points for s in method.table], method.otherwise)
    return np.where(np.isnan(value), np.nan, points)


def reading_for(rule: Rule, points: float) -> float:
    """Return the reading that just earns some points; NaN where no reading does.

    The inverse of :func:`points_of`, for the question "what would one more point take".
    """
    method, higher = rule.method, rule.definition.direction == "higher"
    if isinstance(method, Judged):
        earned = [anchor.points for anchor in method.anchors]
        reached = earned[0] <= points <= earned[-1]
        scores = [anchor.score for anchor in method.anchors]
        return float(np.interp(points, earned, scores)) if reached else math.nan
    if isinstance(method, Steps):
        return next((s.at for s in reversed(method.table) if s.points >= points), math.nan)
    target = _target(rule)
    if isinstance(method, Ratio):
        if not method.floor < points <= method.cap:
            return math.nan
        return target * (points / 100 if higher else 2 - points / 100)
    if isinstance(method, Deduct):
        if points > 100:
            return math.nan
        short = math.floor((100 - points) / method.points + 1e-9) * method.unit
        return target - short if higher else target + short
    return target if points <= method.met else math.nan


def _target(rule: Rule) -> float:
    if rule.target is None:
        raise KpiError(
            f"scheme, indicator {rule.key!r}",
            f"has no target, and {rule.method.kind!r} needs one.",
            "give it a target in the scheme file; `kpi lint` lists all that lack one.",
        )
    return rule.target


def weighted_total(points: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Sum points by weight; the one place where a total is made.

    Row by row and exactly rounded (``math.fsum``), not a matrix product: the last bit of one
    depends on the row's place, so two equal people could part at a band's edge. Hence also
    the rounding to 6 places, once.

    Parameters
    ----------
    points : DataFrame, shape (n_people, n_indicators)
        Points; NaN is an item that does not apply, whose weight moves to the person's others.
    weights : Series
        One weight for each column; they need not sum to 1.

    Returns
    -------
    Series
        Total of each person; NaN where no item with a weight applies.

    Raises
    ------
    KpiError
        If columns and weights are not for the same indicators.
    """
    if set(points.columns) != set(weights.index):
        odd = sorted(set(points.columns) ^ set(weights.index), key=str)
        raise KpiError(
            "weighted total",
            f"points and weights are not for the same indicators: {odd}.",
            "give each column of points one weight of the same name.",
        )
    by = weights.reindex(points.columns).tolist()
    rows = points.to_numpy(dtype=float, na_value=np.nan).tolist()
    totals = [_total(row, by) for row in rows]
    return pd.Series(totals, index=points.index, name="total", dtype=float)


def _total(points: list[float], weights: list[float]) -> float:
    pairs = [(p, w) for p, w in zip(points, weights, strict=True) if not math.isnan(p)]
    whole = math.fsum(w for _, w in pairs)
    return round(math.fsum(p * w for p, w in pairs) / whole, PLACES) if whole > 0 else math.nan


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
    parts = []
    for (role, key), part in table.groupby(["role", "indicator"], sort=False):
        rules = readings.scheme.role(str(role)).indicators
        rule = next(rule for rule in rules if rule.key == key)
        earned = points_of(rule, part["value"].where(part["status"] == "ok"))
        parts.append(part.assign(target=rule.target, points=earned, weight=rule.weight))
    if not parts:
        return table.assign(target=[], points=[], weight=[], applied=[], contribution=[])
    points = pd.concat(parts).sort_index()
    applies = points["status"] == "ok"
    if readings.scheme.unknown == "refuse":
        applies |= points["status"] == "unknown"
    weight = points["weight"].where(applies)
    whole = weight.groupby([points["person"], points["role"]]).transform("sum")
    points["applied"] = weight / whole.where(whole > 0)
    return points.assign(contribution=points["points"] * points["applied"])


def _role_totals(points: pd.DataFrame, readings: Readings) -> pd.DataFrame:
    rows = []
    for role, part in points.groupby("role", sort=False):
        weights = pd.Series(readings.scheme.role(str(role)).weights, dtype=float)
        wide = part.pivot(index="person", columns="indicator", values="points")
        rows.append(weighted_total(wide, weights).reset_index().assign(role=role))
    seats = readings.seats[["person", "role", "time_share"]]
    totals = pd.concat(rows) if rows else pd.DataFrame(columns=["person", "role", "total"])
    table = seats.merge(totals, on=["person", "role"], how="left")
    if readings.scheme.unknown == "refuse":
        unknown = points.loc[points["status"] == "unknown", ["person", "role"]].drop_duplicates()
        is_unknown = _pairs(table).isin(_pairs(unknown))
        table["total"] = table["total"].mask(is_unknown)
    else:
        is_unknown = pd.Series(False, index=table.index)
    table["status"] = np.select(
        [is_unknown, table["total"].notna()], ["unknown", "ok"], default="no_score"
    )
    share = table["time_share"].where(table["status"] != "no_score")
    table["time_share"] = share / share.groupby(table["person"]).transform("sum")
    return table


def _pairs(table: pd.DataFrame) -> pd.Series:
    return pd.Series(list(zip(table["person"], table["role"], strict=True)), index=table.index)


def _people(role_totals: pd.DataFrame, readings: Readings) -> pd.DataFrame:
    seats = readings.seats.groupby("person", sort=False)
    people = seats[["name", "team", "base_pay"]].first()
    people["roles"] = seats["role"].agg(tuple)
    parts = (role_totals["total"] * role_totals["time_share"]).groupby(role_totals["person"])
    scored = role_totals[role_totals["status"] != "no_score"]
    unknown = scored.loc[scored["status"] == "unknown", "person"].unique()
    people["total"] = parts.agg(lambda part: round(math.fsum(part.dropna()), PLACES))
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


def team_scores(scores: Scores) -> pd.DataFrame:
    """Score each team from its roles' mean totals and the roles' weights (opening G2).

    ``normalise`` lets the roles that the team has sum to 1; ``leave_unassigned`` keeps what
    the scheme's printed weights leave open out of the score, so that a team at 100 points in
    every role of a scheme printing 90% scores 90.

    Returns
    -------
    DataFrame
        One row per team and scored role: ``people``, ``mean`` (of known totals), ``weight``
        (printed), ``applied``, ``team_score`` (the same on each row of a team).
    """
    scheme = scores.scheme
    kinds = {role.key: (role.team, role.weight) for role in scheme.roles}
    ok = scores.role_totals.query("status == 'ok'")
    ok = ok.assign(team=ok["person"].map(scores.table["team"]))
    table = ok.groupby(["team", "role"])["total"].agg(people="size", mean="mean").reset_index()
    table["weight"] = table["role"].map(lambda key: kinds[key][1]).astype(float)
    table = table.dropna(subset="weight")
    printed = {
        team: math.fsum(role.weight or 0 for role in scheme.roles if role.team == team)
        for team in {role.team for role in scheme.roles}
    }
    whole = table.groupby("team")["weight"].transform("sum")
    table["applied"] = table["weight"] / whole
    if scheme.role_weights == "leave_unassigned":
        table["applied"] *= table["role"].map(lambda key: min(1.0, printed[kinds[key][0]]))
    parts = table["mean"] * table["applied"]
    table["team_score"] = parts.groupby(table["team"]).transform("sum").round(PLACES)
    return table.reset_index(drop=True)
