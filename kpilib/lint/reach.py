"""Which totals a role can reach: exact, from methods, caps, floors and weights.

What one indicator can earn is a set of intervals (a ratio) and single points (an interval
table, a switch); what the total can be is their weighted sum, set by set.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kpilib.scheme import Arithmetic, Bands, Deduct, Geometric, Judged, Ratio, Role, Rule, Steps
from kpilib.scoring import PLACES, effective_cuts, points_of

# Intervals of points or totals, lowest first: shape (n, 2); a single value begins where it ends.
Reach = NDArray[np.float64]

MANY = 2000  # above so many pieces, gaps narrower than COARSE are closed
COARSE = 0.01
_OF_LOGS = 3  # places of a total that comes back from logs kept to six


def reach_of_rule(rule: Rule) -> Reach:
    """Return the points that an indicator can earn.

    Raises
    ------
    KpiError
        If its method needs a target and it has none.
    """
    low, high = rule.definition.bounds
    ends = points_of(rule, [low, high])
    method = rule.method
    if isinstance(method, Ratio | Judged):
        return np.array([[ends.min(), ends.max()]])
    readings = [low, high]
    if isinstance(method, Steps):
        readings += [step.at for step in method.table]
    elif isinstance(method, Deduct):
        readings += _started(rule, method)
    else:
        readings += [rule.target] if rule.target is not None else []
    earned = np.unique(points_of(rule, np.clip(readings, low, high)))
    return np.column_stack([earned, earned])


def _started(rule: Rule, method: Deduct) -> list[float]:
    """Return a reading for each number of units that can be short of the target."""
    assert rule.target is not None  # points_of has refused it
    units = math.ceil((100 - method.floor) / method.points)
    toward = -1 if rule.definition.direction == "higher" else 1
    return [rule.target + toward * method.unit * i for i in range(min(units, MANY) + 1)]


def reach_of_role(
    role: Role, bonus: float = 0.0, totals: Arithmetic | Geometric | None = None
) -> Reach:
    """Return the totals that a role can reach where every item applies.

    Parameters
    ----------
    role : Role
        At least one indicator.
    bonus : float, default 0
        Largest bonus; as works are shared by credits, any part of it can come about.
    totals : Arithmetic or Geometric, default Arithmetic
        How the scheme makes a total; a geometric one is the sum of logs, and back.

    Returns
    -------
    array, shape (n, 2)
        Intervals, lowest first, rounded as totals are.
    """
    total = np.zeros((1, 2))
    for rule in role.indicators:
        reach = reach_of_rule(rule)
        if isinstance(totals, Geometric):
            reach = np.log(reach.clip(min=totals.floor))
        total = _sum(total, rule.weight * reach)
    if isinstance(totals, Geometric):
        total = np.exp(total).round(_OF_LOGS)
    if bonus:
        total = _sum(total, np.array([[0.0, bonus]]))
    return total


def _sum(a: Reach, b: Reach) -> Reach:
    every = (a[:, None, :] + b[None, :, :]).reshape(-1, 2).round(PLACES)
    joined = _joined(every, 0.0)
    return joined if len(joined) <= MANY else _joined(joined, COARSE)


def _joined(pieces: Reach, gap: float) -> Reach:
    """Join intervals that overlap, touch, or leave no more than a gap between them."""
    ordered = pieces[np.lexsort((pieces[:, 1], pieces[:, 0]))]
    ends = np.maximum.accumulate(ordered[:, 1])
    begins = np.r_[True, ordered[1:, 0] > ends[:-1] + gap]
    last = np.r_[begins[1:], True]
    return np.column_stack([ordered[begins, 0], ends[last]])


def grades_within(reach: Reach, grading: Bands) -> list[str]:
    """Return the grades that some reachable total gets, best first."""
    cuts = effective_cuts(grading)
    strict = grading.edge == "upper_closed"
    uppers, lowers = (math.inf, *cuts), (*cuts, -math.inf)
    return [
        grade
        for grade, lower, upper in zip(grading.grades, lowers, uppers, strict=True)
        if _meets(reach, lower, upper, strict=strict)
    ]


def _meets(reach: Reach, lower: float, upper: float, *, strict: bool) -> bool:
    """Whether any total lies in (lower, upper], or in [lower, upper) where not strict."""
    low, high = reach[:, 0], reach[:, 1]
    if strict:
        return bool(((high > lower + 1e-9) & (low <= upper + 1e-9)).any())
    return bool(((high >= lower - 1e-9) & (low < upper - 1e-9)).any())


def piled_on(reach: Reach, cuts: Sequence[float]) -> list[float]:
    """Return the cuts on which totals pile up: all at a cap or floor, or a total made of steps."""
    low, high = reach[:, 0], reach[:, 1]
    alone = np.r_[low.min(), high.max(), low[low == high]]
    return [cut for cut in cuts if (np.abs(alone - cut) < 1e-6).any()]
