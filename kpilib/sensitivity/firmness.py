"""How firm grades are, for people of all roles at once: tolerance and odds of the own grade."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.sensitivity.boxes import radii
from kpilib.sensitivity.inputs import (
    Array,
    Case,
    Whole,
    gaps,
    is_above,
    read_concentration,
    read_edge,
    totals,
)
from kpilib.sensitivity.odds import shares_above


def firmness(
    points: Array, weights: Array, cuts: Array, concentration: float, *, edge: str
) -> tuple[Array, Array]:
    """Return each person's tolerance, and the odds of the grade held, each by own weights.

    The same numbers as :func:`tolerance` and :func:`grade_odds` give role by role, for a whole
    company at once.

    Parameters
    ----------
    points, weights : array, shape (n_people, n_items)
        NaN where an item does not apply; the weights of a row sum to 1, 0 for items that the
        person's role does not have.
    cuts : array, shape (n_people, n_cuts)
        Increasing.
    concentration : float
        Weights are Dirichlet(round(concentration x weights)) around those in force.
    edge : {"upper_closed", "lower_closed"}
        Whether a total exactly at a cut belongs below it or above.

    Returns
    -------
    tolerance, odds : array, shape (n_people,)
        As in :func:`tolerance`; 0 to 1.
    """
    applies = ~np.isnan(points)
    people = pd.RangeIndex(len(points))
    items = pd.RangeIndex(points.shape[1])
    case = Case(people, items, np.where(applies, points, 0.0), applies, weights)
    policy = read_edge(edge)
    repeats: Whole = np.rint(read_concentration(concentration) * weights).astype(np.int64)
    passed = is_above(case, totals(case), cuts, policy).sum(axis=1)
    odds = np.ones(len(points))
    for beside, sign in ((passed - 1, 1.0), (passed, -1.0)):
        rows = np.flatnonzero((beside >= 0) & (beside < cuts.shape[1]))
        if not len(rows):
            continue
        part = Case(people[rows], items, case.points[rows], applies[rows], weights[rows])
        gap = gaps(part, cuts[rows, beside[rows]])
        above = shares_above(gap, repeats[rows], policy)
        odds[rows] += above - 1 if sign > 0 else -above
    return radii(case, cuts), np.maximum(odds, 0.0)
