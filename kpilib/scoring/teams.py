"""A team's score, from its roles' mean totals and the roles' weights."""

from __future__ import annotations

import math

import pandas as pd

from kpilib.scoring.scores import Scores
from kpilib.scoring.totals import PLACES


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
    ok = scores.role_totals[scores.role_totals["status"] == "ok"]
    ok = ok.assign(team=ok["person"].map(scores.table["team"]))
    groups = ok.groupby(["team", "role"])["total"]
    table = pd.DataFrame({"people": groups.size(), "mean": groups.mean()}).reset_index()
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
