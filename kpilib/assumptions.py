"""What a month hangs on: which of the scheme's choices its grades and payroll vary with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kpilib import simulation
from kpilib.certainty import CONCENTRATION, edge_of, scored_roles
from kpilib.errors import KpiError
from kpilib.scheme import Bands, Geometric
from kpilib.scoring import effective_cuts

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes
    from kpilib.scoring import Scores

CUT_SHIFT = 2.0  # points by which the cuts may stand elsewhere
OTHER_CAP = 100.0  # the cap without which nobody makes up for one item by another
FLOOR = Geometric(kind="geometric").floor  # below, points count as this: such totals take no 0
OF = "/"  # between a role and an indicator of it, or a person and a role


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


def payroll_range(
    outcomes: Outcomes, concentration: float = CONCENTRATION, n: int = 4096, seed: int = 0
) -> pd.Series:
    """Draw the payroll under weights that are believed but not certain, of all roles at once.

    Returns
    -------
    Series
        The payroll of each draw in yuan, pay in proportion to the score, bonuses as they are;
        ``attrs`` as `simulation.payroll_spread` has them.
    """
    points, weights, cuts, time = _all_roles(outcomes)
    tree = weights.set_axis(pd.MultiIndex.from_tuples([key.split(OF) for key in weights.index]))
    draws = simulation.weight_draws(tree, concentration, n, seed)
    flat = draws.set_axis(weights.index, axis=1)
    rate = _base_of(outcomes, points.index) * time / 100
    spread = simulation.payroll_spread(points, weights, cuts, rate, flat, edge="upper_closed")
    rest = float(outcomes.payroll) - spread.attrs["in_force"]
    result: pd.Series = spread + rest  # bonuses, and what rounding to the cent leaves
    result.attrs = {**spread.attrs, "in_force": float(outcomes.payroll)}
    return result


def _all_roles(
    outcomes: Outcomes,
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame, pd.Series]:
    """Return points, weights, cuts and shares of time of everybody in every role at once."""
    scores, roles = outcomes.grades.scores, scored_roles(outcomes)
    if not roles:
        raise KpiError(
            f"assumptions, month {outcomes.month}",
            "nobody has a score, so there is nothing that could vary.",
            "settle the open readings first; the monthly review lists them.",
        )
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
