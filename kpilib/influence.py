"""What each weight does to a month: whose grade, which pay, and how much it really matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kpilib import sensitivity
from kpilib.certainty import CONCENTRATION, edge_of, scored_roles
from kpilib.errors import KpiError
from kpilib.scheme import Bands
from kpilib.scoring import effective_cuts, weighted_total

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes
    from kpilib.scoring import Scores

STEP = 0.10  # ten points of weight
LEAST = 5  # people that a role needs for a correlation to say anything
CUT_SHIFT = 2.0  # points by which cuts may stand elsewhere, when doubt is shared out
OTHER_CAP = 100.0  # the cap without which nobody can make up for one item by another
FLOOR = 1.0  # points below count as this in a geometric total, which takes none of 0
OF = "/"  # between a role and an indicator of it


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
        One row per role and indicator: ``weight``, ``changed_less`` and ``changed_more`` (people
        whose grade changes), ``pay_less`` and ``pay_more`` (change of the payroll in yuan).
    """
    scores, grading = outcomes.grades.scores, outcomes.scheme.grading
    assert isinstance(grading, Bands)
    rows = []
    for role in scored_roles(outcomes):
        points, weights, cuts = scores.matrix(role)
        base = outcomes.table.loc[points.index, "base_pay"].astype(float)
        base = base * _time(scores, role)[points.index]
        before = weighted_total(points, weights)
        effect = sensitivity.one_at_a_time(
            points, weights, cuts, [-step, step], edge=edge_of(grading)
        )
        stepped = sensitivity.stepped_weights(weights, [-step, step])
        for key in weights.index:
            row: dict[str, object] = {"role": role, "indicator": key, "weight": weights[key]}
            for name, by in (("less", -step), ("more", step)):
                after = weighted_total(points, stepped.loc[(key, by)])
                row[f"changed_{name}"] = int(effect.loc[(key, by), "changed"])
                row[f"pay_{name}"] = float((base * (after - before)).sum() / 100)
            rows.append(row)
    return pd.DataFrame(rows)


def leave_one_out(outcomes: Outcomes) -> pd.DataFrame:
    """Drop one indicator at a time, its weight shared by the others: whose grade changes.

    Returns
    -------
    DataFrame
        One row per role and indicator: ``weight``, ``up``, ``down`` (people) and ``rank_shift``
        (mean absolute change of rank within the role).
    """
    grading = outcomes.scheme.grading
    assert isinstance(grading, Bands)
    rows = []
    for role in scored_roles(outcomes):
        points, weights, cuts = outcomes.grades.scores.matrix(role)
        effect = sensitivity.leave_one_out(points, weights, cuts, edge=edge_of(grading))
        part = effect[["up", "down", "rank_shift"]].assign(role=role, weight=weights)
        rows.append(part.rename_axis("indicator").reset_index())
    return pd.concat(rows, ignore_index=True)[
        ["role", "indicator", "weight", "up", "down", "rank_shift"]
    ]


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


def variance_shares(
    outcomes: Outcomes,
    concentration: float = CONCENTRATION,
    cut_shift: float = CUT_SHIFT,
    cap: float = OTHER_CAP,
    n: int = 1024,
    seed: int = 0,
) -> pd.DataFrame:
    """Say which of the scheme's choices the grades and the payroll hang on, for all roles at once.

    Everybody in every role stands in one table whose columns are the indicators of each role:
    those of other roles do not apply, so each role's weights are drawn around its own.

    Parameters
    ----------
    outcomes : Outcomes
        A month graded by bands.
    concentration : float
        How firmly the weights of a role are believed, as in `certainty`.
    cut_shift : float
        Points by which the cuts may stand lower or higher, together.
    cap : float
        The other cap on the points of an indicator.
    n, seed : int
        As in `simulation.variance_shares`, where the method is.

    Returns
    -------
    DataFrame
        Rows (``output``, ``factor``) of `simulation.variance_shares` with its columns and
        ``attrs``, a factor that is a weight named by ``role`` and ``indicator`` (None for the
        others). Outputs: ``grade_shift``, ``rank_shift``, ``payroll`` (pay in proportion to the
        score).
    """
    from kpilib import simulation

    grading = outcomes.scheme.grading
    assert isinstance(grading, Bands)
    points, weights, cuts, time = _all_roles(outcomes)
    shares = simulation.variance_shares(
        points,
        weights,
        cuts,
        pay=_base_of(outcomes, points.index) * time / 100,
        concentration=concentration * len(scored_roles(outcomes)),
        cut_shift=cut_shift,
        caps=(cap,),
        other_cuts=[cuts.add(step / time, axis=0) for step in _other_edges(grading)],
        aggregations=("arithmetic", "geometric"),
        floor=FLOOR,
        edge=edge_of(grading),
        n=n,
        seed=seed,
    )
    found = shares.reset_index()
    parts = found["factor"].str.partition(OF)
    found["role"] = parts[0].where(parts[2] != "", None)
    found["indicator"] = parts[2].where(parts[2] != "", None)
    found.attrs = shares.attrs
    return found


def _all_roles(
    outcomes: Outcomes,
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame, pd.Series]:
    """Return points, weights, cuts and shares of time of everybody in every role at once."""
    scores, roles = outcomes.grades.scores, scored_roles(outcomes)
    points, weights, cuts, time = [], [], [], []
    for role in roles:
        own_points, own_weights, own_cuts = scores.matrix(role)
        rows = [f"{person}{OF}{role}" for person in own_points.index]
        columns = [f"{role}{OF}{key}" for key in own_weights.index]
        points.append(own_points.set_axis(rows).set_axis(columns, axis=1))
        weights.append((own_weights / own_weights.sum() / len(roles)).set_axis(columns))
        cuts.append(own_cuts.set_axis(rows))
        time.append(_time(scores, role)[own_points.index].set_axis(rows))
    return pd.concat(points), pd.concat(weights), pd.concat(cuts), pd.concat(time)


def _time(scores: Scores, role: str) -> pd.Series:
    return scores.role_totals.query("role == @role").set_index("person")["time_share"]


def _base_of(outcomes: Outcomes, rows: pd.Index) -> pd.Series:
    """Return the base pay, in yuan, of the people of these rows."""
    people = [str(row).partition(OF)[0] for row in rows]
    return outcomes.table.loc[people, "base_pay"].astype(float).set_axis(rows)


def _other_edges(grading: Bands) -> list[float]:
    """Return by how many points the other edge policies move the cuts, those that can be used.

    A total on the very cut aside, which a draw never hits, who owns the edge makes no difference.
    """
    whole = all(cut % 1 == 0 for cut in grading.cuts)
    edges = ("upper_closed", "rounded", "floored") if whole else ("upper_closed",)
    steps = {
        effective_cuts(Bands(edge=edge, bands=grading.bands))[0] - effective_cuts(grading)[0]
        for edge in edges
    }
    return sorted(steps - {0.0})
