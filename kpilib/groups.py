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
mean and spread of the points of each indicator, the mean bonus, one number that says how alike
the indicators run (it is solved from the spread of the scores), and the role's share of the
payroll. The module makes normally distributed stand-ins with exactly these means and spreads;
nothing in them comes from one person, for nothing of one person is there. Mean scores under any
weights are exact (to the rounding of the means); the payroll is, as far as pay and points are
unrelated within a role; head counts are estimates, called so on the page, and not shown below
five. On two months of the made-up company, over 300 random sets of weights each, the number of
people who change grade was missed by 1.1 on average among 38 people.

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

if TYPE_CHECKING:
    from kpilib.labels import Labels
    from kpilib.tuning import Trial

_MOST_ALIKE = 0.95  # beyond, stand-ins would all lie on a line


@dataclass(frozen=True, eq=False)
class Groups:
    """What may be known of the people of a month without knowing any of them.

    Attributes
    ----------
    table : DataFrame
        One row per group and indicator: ``role``, ``team`` (empty where the group takes in
        several), ``indicator``, ``weight`` (in force), ``n``, ``mean`` and ``spread`` (standard
        deviation) of the points, to one decimal.
    about : DataFrame
        One row per group: ``role``, ``team``, ``n``, ``likeness`` (correlation of any two
        indicators), ``bonus`` (mean) and ``pay`` (share of the payroll of all groups).
    left_out : tuple of str
        Roles in which fewer than five people have a score.
    """

    table: pd.DataFrame
    about: pd.DataFrame
    left_out: tuple[str, ...]

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
            items = {name: own[name].tolist() for name in ("mean", "spread")}
            out.append({**row, **items, "role": place[role], "title": title})
        return out


def groups_of(tried: Trial) -> Groups:
    """Gather the people of a month into groups of five and more; see the module for why so.

    An item that does not apply to somebody, or whose reading is not known, is taken at the
    person's own total: that is what its weight moves to.
    """
    scores = tried.outcomes.grades.scores
    known = scores.table.index[scores.table["status"] == "ok"]
    seats = scores.role_totals.query("status == 'ok'")
    seats = seats[seats["person"].isin(known)].set_index("person")
    seats["team"] = scores.table["team"].reindex(seats.index)
    tables, about, left_out = [], [], []
    for role in tried.weights:
        mine = seats[seats["role"] == role]
        if len(mine) < SMALL:
            left_out.append(role)
            continue
        for team, part in _parts(mine):
            points = _points(tried, role, part["total"])
            table, one = _described(tried, role, points, part)
            tables.append(table.assign(role=role, team=team))
            about.append({"role": role, "team": team, **one})
    columns = ["role", "team", "indicator", "weight", "n", "mean", "spread"]
    if not about:
        return Groups(pd.DataFrame(columns=columns), pd.DataFrame(), tuple(left_out))
    groups = pd.DataFrame(about)
    groups["pay"] = (groups["pay"] / groups["pay"].sum()).round(4) if groups["pay"].sum() else 0.0
    return Groups(pd.concat(tables, ignore_index=True)[columns], groups, tuple(left_out))


def _parts(seats: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Split a role by team where every part has five people; else keep it whole."""
    parts = [(str(team), part) for team, part in seats.groupby("team", sort=True)]
    if len(parts) == 1 or min(len(part) for _, part in parts) >= SMALL:
        return parts
    return [("", seats)]


def _points(tried: Trial, role: str, totals: pd.Series) -> pd.DataFrame:
    rows = tried.scores.points.query("role == @role")
    wide = rows.pivot(index="person", columns="indicator", values="points")
    wide = wide.reindex(index=totals.index, columns=list(tried.weights[role]))
    return pd.DataFrame({key: column.fillna(totals) for key, column in wide.items()})


def _described(
    tried: Trial, role: str, points: pd.DataFrame, seats: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Any]]:
    people = tried.outcomes.table.loc[points.index]
    weights = pd.Series(tried.weights[role], dtype=float)
    spread = points.std(ddof=0)
    bonus = people["bonus"].astype(float)
    score = seats["total"] + bonus * tried.bonus_counts("grade")
    paid = seats["total"] + bonus * tried.bonus_counts("pay")
    pay = people["base_pay"].astype(float) * seats["time_share"] * paid
    table = pd.DataFrame(
        {
            "indicator": list(weights.index),
            "weight": weights.to_numpy(),
            "n": len(points),
            "mean": points.mean().round(1).to_numpy(),
            "spread": spread.round(1).to_numpy(),
        }
    )
    return table, {
        "n": len(points),
        "likeness": _likeness(weights * spread, float(np.std(score))),
        "bonus": round(float(bonus.mean()), 1),
        "pay": float(pay.sum()),
    }


def _likeness(parts: pd.Series, spread: float) -> float:
    """Return the one correlation that gives a weighted sum its spread, as far as there is one."""
    alone, together = float((parts**2).sum()), float(parts.sum()) ** 2
    if math.isclose(alone, together) or len(parts) < 2:
        return 0.0
    likeness = (spread**2 - alone) / (together - alone)
    return round(min(max(likeness, -0.9 / (len(parts) - 1)), _MOST_ALIKE), 2)
