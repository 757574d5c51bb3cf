"""What each weight does to a month: whose grade, which pay, and how much it really matters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from kpilib import sensitivity
from kpilib.certainty import edge_of, scored_roles
from kpilib.errors import KpiError
from kpilib.scheme import Bands
from kpilib.scoring import weighted_total

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes

STEP = 0.10  # ten points of weight
LEAST = 5  # people that a role needs for a correlation to say anything


def tornado(outcomes: Outcomes, step: float = STEP) -> pd.DataFrame:
    """Move one weight at a time, the others in proportion: whose grade and which pay moves.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    step : float
        Share of weight that each indicator gives up or gains, as far as it can.

    Returns
    -------
    DataFrame
        One row per role and indicator: ``n`` (people of the role), ``weight``, ``changed_less``
        and ``changed_more`` (people whose grade changes), ``pay_less`` and ``pay_more`` (change
        of the payroll in yuan; NaN where pay does not follow the score alone).
    """
    scores, grading = outcomes.grades.scores, outcomes.scheme.grading
    assert isinstance(grading, Bands)
    follows = 1.0 if outcomes.scheme.pay.plain else math.nan
    rows = []
    for role in scored_roles(outcomes):
        points, weights, cuts = scores.matrix(role)
        share = scores.role_totals.query("role == @role").set_index("person")["time_share"]
        base = outcomes.table.loc[points.index, "base_pay"].astype(float)
        base = base * share[points.index]
        before = weighted_total(points, weights)
        effect = sensitivity.one_at_a_time(
            points, weights, cuts, [-step, step], edge=edge_of(grading)
        )
        stepped = sensitivity.stepped_weights(weights, [-step, step])
        for key in weights.index:
            row: dict[str, object] = {"role": role, "n": len(points), "indicator": key}
            row["weight"] = weights[key]
            for name, by in (("less", -step), ("more", step)):
                after = weighted_total(points, stepped.loc[(key, by)])
                row[f"changed_{name}"] = int(effect.loc[(key, by), "changed"])
                row[f"pay_{name}"] = float((base * (after - before)).sum() / 100) * follows
            rows.append(row)
    effects = [f"{what}_{way}" for way in ("less", "more") for what in ("changed", "pay")]
    return pd.DataFrame(rows, columns=["role", "n", "indicator", "weight", *effects])


def leave_one_out(outcomes: Outcomes) -> pd.DataFrame:
    """Drop one indicator at a time, its weight shared by the others: whose grade changes.

    Returns
    -------
    DataFrame
        One row per role and indicator: ``n``, ``weight``, ``up``, ``down`` (people) and
        ``rank_shift`` (mean absolute change of rank within the role).
    """
    grading = outcomes.scheme.grading
    assert isinstance(grading, Bands)
    rows = []
    for role in scored_roles(outcomes):
        points, weights, cuts = outcomes.grades.scores.matrix(role)
        effect = sensitivity.leave_one_out(points, weights, cuts, edge=edge_of(grading))
        part = effect[["up", "down", "rank_shift"]].assign(role=role, n=len(points), weight=weights)
        rows.append(part.rename_axis("indicator").reset_index())
    columns = ["role", "n", "indicator", "weight", "up", "down", "rank_shift"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def importance(outcomes: Outcomes, least: int = LEAST) -> pd.DataFrame:
    """Set each indicator's real importance beside its weight, in roles with enough people.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    least : int, default 5
        People that a role needs.

    Returns
    -------
    DataFrame
        One row per role and indicator: ``n``, ``weight``, ``importance`` (squared correlation
        with the role's total, as a share of their sum over the role's indicators).
    """
    rows = []
    for role in scored_roles(outcomes):
        points, weights, _ = outcomes.grades.scores.matrix(role)
        if len(points) < least or (points.notna().sum() < least).any():
            continue
        table = sensitivity.importance(points, weights)
        part = table[["weight"]].assign(
            role=role, n=len(points), importance=table["linear"] / table["linear"].sum()
        )
        rows.append(part.reset_index())
    columns = ["role", "indicator", "n", "weight", "importance"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def wished_weights(outcomes: Outcomes, least: int = LEAST) -> pd.DataFrame:
    """Find the weights under which each indicator matters as much as its weight now says.

    Returns
    -------
    DataFrame
        One row per role and indicator: ``weight``, ``needed`` (the nearest possible weight
        where the wish is out of reach) and ``reached`` (whether it is). A role with too few
        people, or with an item that does not apply to somebody, is left out.
    """
    rows = []
    for role in scored_roles(outcomes):
        points, weights, _ = outcomes.grades.scores.matrix(role)
        if len(points) < least or points.isna().any(axis=None):
            continue
        try:
            needed, reached = sensitivity.weights_for_importance(points, weights), True
        except sensitivity.OutOfReachError as error:
            needed, reached = error.nearest, False
        except KpiError:
            continue  # people do not differ enough on an indicator to say anything
        part = pd.DataFrame({"weight": weights, "needed": needed}).assign(
            role=role, reached=reached
        )
        rows.append(part.rename_axis("indicator").reset_index())
    columns = ["role", "indicator", "weight", "needed", "reached"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def certified_boxes(outcomes: Outcomes) -> pd.DataFrame:
    """Say per role how far all its weights may move before the first grade does, and whose.

    Returns
    -------
    DataFrame
        One row per role and indicator: ``n`` (people of the role), ``tolerance`` (of the role:
        the least of its people's; infinite where no change of up to 100% moves a grade),
        ``weight``, ``low`` and ``high`` (the sides of the box: inside it, with the same sum, no
        weights change a grade) and ``people`` (tuple of ids whose grade is the first to move).
    """
    rows = []
    for role in scored_roles(outcomes):
        points, weights, cuts = outcomes.grades.scores.matrix(role)
        each = sensitivity.tolerance(points, weights, cuts)
        least = float(each.min())
        binds = tuple(map(str, each.index[each <= least])) if least <= 1 else ()
        part = pd.DataFrame({"weight": weights}).assign(
            role=role,
            n=len(points),
            tolerance=least,
            low=weights * max(0.0, 1 - least),
            high=(weights * (1 + least)).clip(upper=1.0),
        )
        part["people"] = pd.Series([binds] * len(weights), part.index, dtype=object)
        rows.append(part.rename_axis("indicator").reset_index())
    columns = ["role", "n", "tolerance", "indicator", "weight", "low", "high", "people"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)
