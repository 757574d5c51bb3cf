"""The same people and readings under two schemes: what stages and variants both stand on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.appraisal import of_team
from kpilib.distribution import Migration, migration
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import Outcomes, settle
from kpilib.readings import Readings, measure
from kpilib.scoring import Scores, score

if TYPE_CHECKING:
    from kpilib.scheme import Scheme


def under(readings: Readings, scheme: Scheme) -> Readings:
    """Return the same people's readings for another scheme.

    Readings that are there are used as they are; a scheme that counts something else, or
    counts it otherwise, is measured on the same exports.

    Parameters
    ----------
    readings : Readings
        Of a whole company, so that a quota is shared out over everybody.
    scheme : Scheme
        Rules to read by.

    Raises
    ------
    KpiError
        If an indicator was never read and there are no exports to read it from.
    """
    held = set(zip(readings.table["role"], readings.table["indicator"], strict=True))
    roles = set(readings.seats["role"])
    wanted = {(role.key, rule.key) for role in scheme.roles for rule in role.indicators}
    lacking = sorted((role, key) for role, key in wanted - held if role in roles)
    if not lacking and _same_sources(readings.scheme, scheme):
        pairs = zip(readings.table["role"], readings.table["indicator"], strict=True)
        keep = [pair in wanted for pair in pairs]
        return replace(readings, table=readings.table[keep], scheme=scheme)
    if not readings.month.tables:
        named = ", ".join(f"{role}.{key}" for role, key in lacking) or "its sources"
        raise KpiError(
            f"scheme {scheme.name!r}",
            f"needs what these readings do not hold: {named}.",
            "add the readings to the table, or start from the month's exports.",
        )
    again = measure(readings.month, scheme)
    people = set(readings.seats["person"])
    return replace(
        again,
        table=again.table[again.table["person"].isin(people)],
        seats=again.seats[again.seats["person"].isin(people)],
    )


def _same_sources(one: Scheme, other: Scheme) -> bool:
    """Whether both would read the same rows of the same exports for what both hold."""
    first = {role.key: role for role in one.roles}
    for role in other.roles:
        was = first.get(role.key)
        if was is None or (was.credit, was.aliases, was.team) != (
            role.credit,
            role.aliases,
            role.team,
        ):
            return False
        counted = {rule.key: (rule.definition, rule.shared) for rule in was.indicators}
        for rule in role.indicators:
            now = (rule.definition, rule.shared)
            if counted.get(rule.key, now) != now:
                return False
    return True


def outcomes_under(readings: Readings, scheme: Scheme, team: str = "") -> Outcomes:
    """Score, grade and settle the same readings under a scheme; keep one team if named."""
    outcomes = settle(grade(score(under(readings, scheme))))
    return of_team(outcomes, team) if team else outcomes


@dataclass(frozen=True, eq=False)
class Contrast:
    """What changes for the same people from one scheme to another.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, those with a score in both: ``team``, ``roles``, ``before``, ``score``,
        ``change`` (points), ``rank_before``, ``rank`` (1 is best, ties share the mean),
        ``grade_before``, ``grade``, ``pay_before``, ``pay`` and ``pay_change`` (yuan).
    migration : Migration or None
        Grade by grade; None where the two scales differ, which are never converted.
    rank_shift : float
        Mean absolute change of rank.
    kendall : float
        Kendall's tau-b of the scores; NaN below 2 people, or where one side is all equal.
    kappa : float
        Cohen's kappa of the grades, squared weights; NaN where the scales differ.
    payroll_before, payroll : Decimal
        Yuan, over the people of ``table``.
    """

    table: pd.DataFrame
    migration: Migration | None
    rank_shift: float
    kendall: float
    kappa: float
    payroll_before: Decimal
    payroll: Decimal

    @property
    def n(self) -> int:
        """People with a score in both."""
        return len(self.table)

    @property
    def payroll_change(self) -> float:
        """Relative change of the payroll; NaN where there was none."""
        if not self.payroll_before:
            return float("nan")
        return float(self.payroll / self.payroll_before) - 1


def contrast(before: Outcomes, after: Outcomes) -> Contrast:
    """Compare one month's outcomes of the same people under two schemes."""
    old, new = before.table, after.table.query("status == 'ok'")
    old = old[old["status"] == "ok"]
    both = new.index[new.index.isin(old.index)]
    old, new = old.loc[both], new.loc[both]
    table = new[["team", "roles"]].assign(
        before=old["score"], score=new["score"], change=(new["score"] - old["score"]).round(6)
    )
    table["rank_before"] = old["score"].rank(ascending=False)
    table["rank"] = new["score"].rank(ascending=False)
    table["grade_before"], table["grade"] = old["grade"], new["grade"]
    table["pay_before"], table["pay"] = old["pay"], new["pay"]
    table["pay_change"] = new["pay"] - old["pay"]
    one_scale = before.grades.order == after.grades.order
    moved = migration(before.grades, after.grades) if one_scale else None
    return Contrast(
        table,
        moved,
        float((table["rank"] - table["rank_before"]).abs().mean()) if len(table) else np.nan,
        kendall(table["before"], table["score"]),
        kappa(moved.table) if moved is not None else float("nan"),
        sum(old["pay"].dropna(), Decimal(0)),
        sum(new["pay"].dropna(), Decimal(0)),
    )


def kendall(one: pd.Series, other: pd.Series) -> float:
    """Return Kendall's tau-b; NaN below 2 people, or where one side is all equal."""
    from scipy.stats import kendalltau  # costs half a second to import

    if len(one) < 2 or one.nunique() < 2 or other.nunique() < 2:
        return float("nan")
    return float(kendalltau(one, other).statistic)


def kappa(table: pd.DataFrame) -> float:
    """Return Cohen's kappa with squared weights: agreement beyond chance, far misses count more.

    Parameters
    ----------
    table : DataFrame, shape (n_grades, n_grades)
        People by grade before and after, both in the same order.

    Returns
    -------
    float
        1 where all agree, 0 for what chance would give; NaN where all people have one grade
        in both, so that chance alone explains everything.

    References
    ----------
    .. [1] Cohen (1968), "Weighted kappa", Psychological Bulletin 70, 213-220.
    """
    counts = table.to_numpy(dtype=float)
    places = np.arange(len(counts))
    apart = (places[:, None] - places) ** 2
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(counts.sum(), 1)
    chance = float((apart * expected).sum())
    return 1 - float((apart * counts).sum()) / chance if chance else float("nan")


def decompose(before: Scores, after: Scores) -> pd.DataFrame:
    """Split the change of each person's score into its indicators; the parts sum to the change.

    With v the applied weight (times the role's share of time) and p the points, an
    indicator's part is the sum of

    - ``by_weight`` = (v1 - v0) ((p0 + p1) / 2 - m): more weight on what a person does better
      than m, the mean of the person's two totals, adds; and
    - ``by_points`` = (v0 + v1) / 2 (p1 - p0): another target or method.

    Weights sum to 1 on both sides, so m cancels in the sum. Both are Shapley values of the two
    steps (weights first or points first), and turning the comparison round turns their signs.

    Returns
    -------
    DataFrame
        One row per person, role and indicator, people with a score in both: ``points_before``,
        ``points``, ``weight_before``, ``weight``, ``by_weight``, ``by_points``, ``effect``.
        The bonus is a row ``bonus`` without role, where it changes.
    """
    known = [s.table.index[s.table["status"] == "ok"] for s in (before, after)]
    people = known[0].intersection(known[1], sort=False)
    keys = ["person", "role", "indicator"]
    old, new = (_weighed(s, people).set_index(keys) for s in (before, after))
    table = old.add_suffix("_before").join(new, how="outer", sort=False)
    table[["weight_before", "weight"]] = table[["weight_before", "weight"]].fillna(0.0)
    held = table["points_before"].fillna(table["points"])
    p1 = table["points"].fillna(table["points_before"])
    totals = (before.table["total"] + after.table["total"]) / 2
    middle = totals.reindex(table.index.get_level_values("person")).to_numpy()
    table["points_before"], table["points"] = held, p1
    shift = table["weight"] - table["weight_before"]
    table["by_weight"] = shift * ((held + p1) / 2 - middle)
    table["by_points"] = (table["weight"] + table["weight_before"]) / 2 * (p1 - held)
    parts = pd.concat([table.reset_index(), _bonus_parts(before, after, people)])
    parts["effect"] = parts["by_weight"] + parts["by_points"]
    rank = {person: place for place, person in enumerate(people)}
    columns = ["points_before", "points", "weight_before", "weight", "by_weight", "by_points"]
    parts = parts.sort_values("person", key=lambda p: p.map(rank), kind="stable")
    return parts[[*keys, *columns, "effect"]].reset_index(drop=True)


def _weighed(scores: Scores, people: pd.Index) -> pd.DataFrame:
    """Return points and weights in the person's score: applied weight x share of time."""
    points = scores.points[scores.points["person"].isin(people) & scores.points["points"].notna()]
    shares = scores.role_totals.set_index(["person", "role"])["time_share"]
    pairs = pd.MultiIndex.from_frame(points[["person", "role"]])
    weight = points["applied"] * shares.reindex(pairs).to_numpy()
    return points[["person", "role", "indicator", "points"]].assign(weight=weight)


def _bonus_parts(before: Scores, after: Scores, people: pd.Index) -> pd.DataFrame:
    change = (after.table["bonus"] - before.table["bonus"]).reindex(people)
    change = change[change != 0]
    return pd.DataFrame(
        {
            "person": change.index,
            "role": "",
            "indicator": "bonus",
            "by_weight": 0.0,
            "by_points": change.to_numpy(),
        }
    )
