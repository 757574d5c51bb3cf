"""A reading becomes points by the method of its rule, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from kpilib.errors import KpiError
from kpilib.scheme import Deduct, Judged, Ratio, Rule, Steps, Switch

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def points_of(rule: Rule, values: ArrayLike) -> NDArray[np.float64]:
    """Turn readings of one indicator into points by the method of its rule.

    Parameters
    ----------
    rule : Rule
        Method, target and direction.
    values : array_like
        Readings in the indicator's unit; NaN stays NaN.

    Raises
    ------
    KpiError
        If the method needs a target and the scheme gives none.
    """
    value = np.asarray(values, dtype=float)
    method, higher = rule.method, rule.definition.direction == "higher"
    if isinstance(method, Judged):
        scores = [anchor.score for anchor in method.anchors]
        earned = np.interp(value, scores, [anchor.points for anchor in method.anchors])
        return np.asarray(earned, dtype=float)
    if isinstance(method, Steps):
        return _stepped(method, value, higher=higher)
    target = _target(rule)
    if isinstance(method, Ratio):
        ratio = value / target if higher else 2 - value / target
        return (100 * ratio).clip(method.floor, method.cap)
    short = target - value if higher else value - target
    if isinstance(method, Deduct):
        # A hair's breadth of binary rounding is no started unit.
        started = np.ceil((short / method.unit).clip(0) - 1e-9)
        return (100 - method.points * started).clip(method.floor, 100)
    assert isinstance(method, Switch)
    return np.where(np.isnan(value), np.nan, np.where(short <= 0, method.met, method.missed))


def most_points(rule: Rule) -> float:
    """Return the most points that an indicator can earn: those of its best possible reading.

    A share of 100% may miss the cap, and so does 0 of what is to be small where the cap is above
    200; nobody is promised points that no reading earns.

    Raises
    ------
    KpiError
        If the method needs a target and the scheme gives none.
    """
    low, high = rule.definition.bounds
    best = high if rule.definition.direction == "higher" else max(low, 0.0)
    return float(points_of(rule, [best])[0])


def _stepped(method: Steps, value: NDArray[np.float64], *, higher: bool) -> NDArray[np.float64]:
    reached = [value >= s.at if higher else value <= s.at for s in method.table]
    points = np.select(reached, [s.points for s in method.table], method.otherwise)
    return np.where(np.isnan(value), np.nan, points)


def reading_for(rule: Rule, points: float) -> float:
    """Return the reading that just earns some points; NaN where no reading does.

    The inverse of :func:`points_of`, for the question "what would one more point take".
    """
    method, higher = rule.method, rule.definition.direction == "higher"
    if isinstance(method, Judged):
        earned = [anchor.points for anchor in method.anchors]
        reached = earned[0] <= points <= earned[-1]
        scores = [anchor.score for anchor in method.anchors]
        return float(np.interp(points, earned, scores)) if reached else math.nan
    if isinstance(method, Steps):
        return next((s.at for s in reversed(method.table) if s.points >= points), math.nan)
    target = _target(rule)
    if isinstance(method, Ratio):
        if not method.floor < points <= method.cap:
            return math.nan
        return target * (points / 100 if higher else 2 - points / 100)
    if isinstance(method, Deduct):
        if points > 100:
            return math.nan
        short = math.floor((100 - points) / method.points + 1e-9) * method.unit
        return target - short if higher else target + short
    return target if points <= method.met else math.nan


def _target(rule: Rule) -> float:
    if rule.target is None:
        raise KpiError(
            f"scheme, indicator {rule.key!r}",
            f"has no target, and {rule.method.kind!r} needs one.",
            "give it a target in the scheme file; `kpi lint` lists all that lack one.",
        )
    return rule.target
