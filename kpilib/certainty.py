"""How sure a month's grades are: the exact answers of `sensitivity`, role by role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib import sensitivity
from kpilib.errors import KpiError
from kpilib.scheme import Bands
from kpilib.scoring import weighted_total

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes

CONCENTRATION = 48  # of the weights believed: about 6 points of spread on a weight of a quarter
HANGS = 0.05  # a grade that less than this share of weight can change hangs on it
FIRM = 0.90  # odds from which on a grade is called firm


@dataclass(frozen=True, eq=False)
class Certainty:
    """What it would take to change each grade by the weights alone.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, most at risk first: ``team``, ``role``, ``score``, ``grade``;
        ``tolerance`` (largest relative change of all weights at once that leaves the grade;
        infinite beyond 100%); the smallest transfer that changes the grade: ``moved`` (share of
        weight, NaN where none does), ``source`` and ``receiver`` (the indicators that give and
        take most of it; None for a total on the cut, where any change will do) and ``neighbour``
        (the grade it leads to). Who has two roles stands with the one that is nearer to a
        change, the other held.
    odds : DataFrame
        Index ``person``, one column per grade, best first: probability of each grade when the
        weights are Dirichlet around the scheme's (``concentration``).
    worst : DataFrame
        Index ``person``: ``low`` and ``high``, the scores that weights within ``radius`` of the
        scheme's can give.
    roles : tuple of str
        Roles looked at; a role nobody is scored in is left out.
    concentration, radius : float
        As above.
    outcomes : Outcomes
        The month.
    """

    table: pd.DataFrame
    odds: pd.DataFrame
    worst: pd.DataFrame
    roles: tuple[str, ...]
    concentration: float
    radius: float
    outcomes: Outcomes

    def within(self, share: float) -> int:
        """Count the grades that hang on less than a share of weight."""
        return int((self.table["moved"] < share).sum())

    @property
    def by_team(self) -> pd.DataFrame:
        """Per ``team``: ``n`` graded, ``hanging`` (on less than 5 points of weight), ``firm``.

        A grade is firm that no weights change, or that has odds above 90%.
        """
        firm = self.table["moved"].isna() | (self.odds.max(axis=1) > FIRM)
        flags = self.table.assign(n=1, hanging=self.table["moved"] < HANGS, firm=firm)
        return flags.groupby("team", sort=False)[["n", "hanging", "firm"]].sum().reset_index()

    @property
    def payroll_bound(self) -> float:
        """Largest relative change of the payroll by weights within ``radius``.

        A bound: each person's worst case is taken, though all people of a role share weights.
        """
        table = self.outcomes.table.loc[self.worst.index]
        base = table["base_pay"].astype(float)
        reach = self.worst.sub(table["score"].astype(float), axis=0).abs()
        least = base.mul(reach["low"]).sum(), base.mul(reach["high"]).sum()
        whole = base.mul(table["score"].astype(float)).sum()
        return float(max(least) / whole) if whole else float("nan")


def certainty(
    outcomes: Outcomes, concentration: float = CONCENTRATION, radius: float = 0.10
) -> Certainty:
    """Work out how sure the grades of a month are against other weights.

    Parameters
    ----------
    outcomes : Outcomes
        A month graded by bands.
    concentration : float
        How firmly the weights are believed: Dirichlet(round(concentration x weights)).
    radius : float
        Relative change of every weight for the worst case.

    Raises
    ------
    KpiError
        If the month is graded by quota: there a cut is another person, not a number.
    """
    grading = outcomes.scheme.grading
    if not isinstance(grading, Bands):
        raise KpiError(
            f"certainty, scheme {outcomes.scheme.name!r}",
            "grades by quota have no cuts in points.",
            "take a scheme that grades by bands; sensitivity.tolerance_quota answers for quotas.",
        )
    outcomes = outcomes.as_computed  # weights change what is computed, not what was decided
    roles = scored_roles(outcomes)
    parts = [_of_role(outcomes, role, concentration, radius) for role in roles]
    parts = parts or [_of_nobody(grading)]
    table, odds, worst = (pd.concat(part) for part in zip(*parts, strict=True))
    first = table.reset_index()["person"].duplicated().to_numpy()
    if first.any():  # two roles: the one that is nearer to a change speaks for the person
        order = np.argsort(table["tolerance"].to_numpy(), kind="stable")
        table, odds, worst = (frame.iloc[order] for frame in (table, odds, worst))
        first = table.index.duplicated()
        table, odds, worst = (frame[~first] for frame in (table, odds, worst))
    order = table.sort_values(["moved", "tolerance"], kind="stable").index
    return Certainty(
        table.loc[order], odds.loc[order], worst.loc[order], roles, concentration, radius, outcomes
    )


def _of_nobody(grading: Bands) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the three tables without a row."""
    nobody = pd.Index([], dtype=object, name="person")
    words = ["team", "grade", "role", "source", "receiver", "neighbour"]
    table = pd.DataFrame(index=nobody, columns=words, dtype=object)
    numbers = (
        pd.DataFrame(index=nobody, columns=list(columns), dtype=float)
        for columns in (("score", "tolerance", "moved"), grading.grades, ("low", "high"))
    )
    measured, odds, worst = numbers
    return table.join(measured), odds, worst


def edge_of(grading: Bands) -> str:
    """Name the edge as it stands on the effective cuts: rounding makes the lower edge closed."""
    return "upper_closed" if grading.edge == "upper_closed" else "lower_closed"


def _of_role(
    outcomes: Outcomes, role: str, concentration: float, radius: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    grading = outcomes.scheme.grading
    assert isinstance(grading, Bands)
    scores = outcomes.grades.scores
    points, weights, cuts = scores.linear(role)
    edge = edge_of(grading)
    table = outcomes.table.loc[points.index, ["team", "score", "grade"]].assign(role=role)
    table["tolerance"] = sensitivity.tolerance(points, weights, cuts)
    transfer = sensitivity.smallest_transfer(points, weights, cuts, edge=edge)
    table = table.join(_nearest(transfer, weights, table["grade"], grading.grades))
    odds = sensitivity.grade_odds(points, weights, cuts, concentration, edge=edge)
    odds = odds.iloc[:, ::-1].set_axis(list(grading.grades), axis=1)
    share = scores.role_totals.query("role == @role").set_index("person")["time_share"]
    totals = weighted_total(points, weights)
    ends = sensitivity.worst_case(points, weights, radius)["total"].unstack()
    ends = ends.rename(columns={"lowest": "low", "highest": "high"})[["low", "high"]]
    ends, totals = ends.apply(scores.in_points), scores.in_points(totals)
    reach = ends.sub(totals, axis=0).mul(share.loc[points.index], axis=0)
    worst = reach.add(table["score"].astype(float), axis=0)
    return table, odds, worst


def _nearest(
    transfer: pd.DataFrame, weights: pd.Series, grade: pd.Series, grades: tuple[str, ...]
) -> pd.DataFrame:
    """Take the nearer of the two neighbouring cuts, and say which weights move."""
    distance = transfer["distance"].unstack()
    side = distance.fillna(np.inf).idxmin(axis=1)
    out = pd.DataFrame({"moved": distance.min(axis=1) / 2})
    new = transfer[list(weights.index)]
    chosen = new.loc[list(zip(side.index, side, strict=True))].droplevel("side")
    change = chosen - weights
    known = out["moved"] > 0  # on the cut any change will do, so no item is named
    out["source"] = change.fillna(0).idxmin(axis=1).astype(object).where(known, None)
    out["receiver"] = change.fillna(0).idxmax(axis=1).astype(object).where(known, None)
    place = grade.map({name: i for i, name in enumerate(grades)})
    beside = place + np.where(side.loc[place.index] == "lower", 1, -1)
    other = [grades[i] if 0 <= i < len(grades) else None for i in beside]
    reached = out["moved"].notna()
    out["neighbour"] = pd.Series(other, place.index, dtype=object).where(reached, None)
    return out


def scored_roles(outcomes: Outcomes) -> tuple[str, ...]:
    """Return the roles in which somebody has a score, in the order of the scheme."""
    held = set(outcomes.grades.scores.role_totals.query("status == 'ok'")["role"])
    return tuple(role.key for role in outcomes.scheme.roles if role.key in held)
