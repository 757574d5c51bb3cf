"""People as groups of five and more: all that a page for leadership may calculate with.

The what-if page recalculates at each move, in the reader's browser, so whatever it calculates
with lies open in its source. Which form of the data is fit for that?

- *Points of each person, without names and shuffled*, give every count exactly. But then every
  hidden cell can be counted too: from what gives exact grades, anybody can work out that there
  is one C among six hosts, and what that person's points are. A colleague who knows one reading
  (works and live rooms are public) knows the row; a share of the payroll beside it is a salary.
  Rounding changes nothing in that.
- *A count that is exact and follows a slider* is no better, whatever stands in the source: the
  weight at which it steps is a line through somebody's points, and the sliders and cuts can be
  moved until all of them are known.

So exact counts and hidden cells exclude each other. The page gets, for each role, only what a
printed table for leadership may hold, all of it about at least five people: the head count,
mean and spread of the points of each indicator, one number that says how alike the indicators
run (it is solved from the spread of the totals), and the role's share of the payroll. The module
makes normally distributed stand-ins with exactly these means and spreads; nothing in them comes
from one person, for nothing of one person is there. Mean scores under any weights are exact (to
the rounding of the means); the payroll is, as far as pay and points are unrelated within a role;
head counts are estimates, called so on the page, and not shown below five.

Mean and spread are two equations, so they tell two numbers, if all the others are known. Points
at the floor or the cap are as good as known, and so are those of a method that gives few
different points. An indicator is therefore given by itself only if it applies to five people of
the group, its method runs through all points, and at least three different points lie between
floor and cap (:func:`_told`); else it is left out, and its weight goes to the others. What a team
shares says nothing of one person. Bonus points are few and whole: all groups get one mean, if at
least three people have any.

Differences are looked after: a role is split by team only if each part has five people; the
page is made for the whole company only, never for a team beside it; and it counts the same
people as the other pages do (who has two roles counts in both), so that no single person is
the difference between two of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib.audience import SMALL
from kpilib.errors import KpiError
from kpilib.scheme import Geometric, Judged, Ratio
from kpilib.scoring import most_points, weighted_total

if TYPE_CHECKING:
    from kpilib.labels import Labels
    from kpilib.scheme import Rule
    from kpilib.tuning import Trial

_MOST_ALIKE = 0.95  # beyond, stand-ins would all lie on a line
_EQUATIONS = 2  # mean and spread: they tell two numbers, if all the others are known


@dataclass(frozen=True, eq=False)
class Groups:
    """What may be known of the people of a month without knowing any of them.

    Attributes
    ----------
    table : DataFrame
        One row per group and indicator: ``role``, ``team`` (empty where the group takes in
        several), ``indicator``, ``weight`` (in force), ``n``, ``mean`` and ``spread`` (standard
        deviation) of the points, to one decimal; NaN where they would say too much.
    about : DataFrame
        One row per group: ``role``, ``team``, ``n``, ``likeness`` (correlation of any two
        indicators) and ``pay`` (share of the payroll of all groups).
    left_out : tuple of str
        Roles in which fewer than five people have a score, or no indicator can be given.
    bonus : float
        Mean bonus of all these people; 0 where fewer than three have any.
    """

    table: pd.DataFrame
    about: pd.DataFrame
    left_out: tuple[str, ...]
    bonus: float

    def rows(self, tried: Trial, labels: Labels) -> list[dict[str, Any]]:
        """Return the groups as a tuner takes them."""
        place = {role: i for i, role in enumerate(tried.weights)}
        out = []
        rows: list[dict[Any, Any]] = self.about.to_dict("records")
        for row in rows:
            role, team = str(row["role"]), str(row["team"])
            own = self.table[(self.table["role"] == role) & (self.table["team"] == team)]
            title = labels.of("role", role)
            if team and (self.about["role"] == role).sum() > 1:
                title = f"{title} · {labels.of('team', team)}"
            items = {
                name: [None if math.isnan(x) else x for x in own[name]]
                for name in ("mean", "spread")
            }
            known = {"role": place[role], "title": title, "bonus": self.bonus}
            out.append({**row, **items, **known})
        return out


def groups_of(tried: Trial) -> Groups:
    """Gather the people of a month into groups of five and more; see the module for why so.

    An item that does not apply to somebody, or whose reading is not known, is taken at the
    person's own total: that is what its weight moves to.

    Raises
    ------
    KpiError
        If totals are geometric: means of points do not tell them.
    """
    if isinstance(tried.scheme.totals, Geometric):
        raise KpiError(
            f"tuner of groups, scheme {tried.scheme.name!r}",
            "totals are geometric, and means of points do not tell them.",
            "take a scheme whose totals are arithmetic, or the tuner for HR or analysts.",
        )
    scores = tried.outcomes.grades.scores
    seats = scores.role_totals.query("status == 'ok'")
    seats = seats[seats["person"].isin(scores.known)].set_index("person")
    seats["team"] = scores.table["team"].reindex(seats.index)
    tables, about, left_out = [], [], []
    bonus: list[float] = []
    for role in tried.weights:
        mine = seats[seats["role"] == role]
        described = [_described(tried, role, team, part) for team, part in _parts(mine)]
        small = any(one["n"] < SMALL or table["mean"].isna().all() for table, one in described)
        if small or not described:
            left_out.append(role)
            continue
        tables += [table for table, _ in described]
        about += [one for _, one in described]
        bonus += scores.table.loc[mine.index, "bonus"].astype(float).tolist()
    columns = ["role", "team", "indicator", "weight", "n", "mean", "spread"]
    if not about:
        return Groups(pd.DataFrame(columns=columns), pd.DataFrame(), tuple(left_out), 0.0)
    groups = pd.DataFrame(about)
    groups["pay"] = (groups["pay"] / groups["pay"].sum()).round(4) if groups["pay"].sum() else 0.0
    some = sum(points > 0 for points in bonus) > _EQUATIONS
    return Groups(
        pd.concat(tables, ignore_index=True)[columns],
        groups,
        tuple(left_out),
        round(math.fsum(bonus) / len(bonus), 1) if some else 0.0,
    )


def _parts(seats: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Split a role by team where every part has five people; else keep it whole."""
    parts = [(str(team), part) for team, part in seats.groupby("team", sort=True)]
    if len(parts) < 2 or min(len(part) for _, part in parts) >= SMALL:
        return parts
    return [("", seats)]


def _described(
    tried: Trial, role: str, team: str, seats: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return means and spreads of one group's indicators, and what is known of it as a whole."""
    weights = pd.Series(tried.weights[role], dtype=float)
    wide = tried.points_of(role, seats.index)
    rules = tried.scheme.role(role).indicators
    told = pd.Series({rule.key: _told(rule, wide[rule.key].dropna()) for rule in rules})
    points = wide.apply(lambda column: column.fillna(seats["total"]))
    spread = points.std(ddof=0)
    shown = [rule.key for rule in rules if told[rule.key]]
    totals = weighted_total(points[shown], weights[shown])
    table = pd.DataFrame(
        {
            "role": role,
            "team": team,
            "indicator": list(weights.index),
            "weight": weights.to_numpy(),
            "n": len(points),
            "mean": points.mean().round(1).where(told).to_numpy(),
            "spread": spread.round(1).where(told).to_numpy(),
        }
    )
    whole = float(weights[shown].sum()) or 1.0
    return table, {
        "role": role,
        "team": team,
        "n": len(points),
        "likeness": _likeness((weights * spread)[shown] / whole, float(np.std(totals))),
        "pay": _pay(tried, seats),
    }


def _told(rule: Rule, points: pd.Series) -> bool:
    """Tell whether a group's mean and spread of these points leave every person's own open."""
    if len(points) < SMALL:
        return False
    if rule.shared:
        return True
    match rule.method:
        case Ratio(floor=floor):
            lowest = floor
        case Judged(anchors=anchors):
            lowest = anchors[0].points
        case _:
            return False
    between = points[(points > lowest) & (points < most_points(rule))]
    return between.nunique() > _EQUATIONS


def _pay(tried: Trial, seats: pd.DataFrame) -> float:
    people = tried.outcomes.table.loc[seats.index]
    if not tried.scheme.pay.plain:
        return 0.0  # pay does not follow the score alone: no payroll is compared
    paid = seats["total"] + people["bonus"].astype(float) * tried.bonus_counts("pay")
    return float((people["base_pay"].astype(float) * seats["time_share"] * paid).sum())


def _likeness(parts: pd.Series, spread: float) -> float:
    """Return the one correlation that gives a weighted sum its spread, as far as there is one."""
    alone, together = float((parts**2).sum()), float(parts.sum()) ** 2
    if math.isclose(alone, together) or len(parts) < 2:
        return 0.0
    likeness = (spread**2 - alone) / (together - alone)
    return round(min(max(likeness, -0.9 / (len(parts) - 1)), _MOST_ALIKE), 2)
