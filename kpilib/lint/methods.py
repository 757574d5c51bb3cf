"""Findings about targets and how readings earn points (G4, G5, G12, cliffs)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kpilib.lint.findings import Amount, Finding, indicator_at
from kpilib.scheme import Bands, Deduct, Judged, Ratio, Role, Rule, Scheme, Steps, Switch
from kpilib.scoring import most_points

_LESS_IS_ODD = ("exposure", "conversion")
_MORE_IS_ODD = ("cost",)


def method_findings(scheme: Scheme, cliff: float) -> Iterator[Finding]:
    """Yield what is to be said of targets and methods.

    Parameters
    ----------
    scheme : Scheme
        Looked at.
    cliff : float
        Points that may be lost by a hair's breadth before it is said.
    """
    held = [(role, rule) for role in scheme.roles for rule in role.indicators]
    rules = [rule for _, rule in held]
    yield from _assumed(rules)
    yield from _less_is_better(rules)
    yield from _windows(scheme, rules)
    for role, rule in held:
        values: dict[str, object] = {"indicator": rule.definition.title, "role": role.title}
        at = indicator_at(role.key, rule)
        yield from _direction(rule, at, values)
        yield from _range(rule, at, values)
        if _needs_target(rule) and rule.target is None:
            yield Finding("G4", "error", "target_absent", f"{at}.target", values)
            continue
        yield from _cap(rule, at, values)
        yield from _cliffs(scheme, role, rule, at, cliff)


def _needs_target(rule: Rule) -> bool:
    return isinstance(rule.method, Ratio | Deduct | Switch)


def _titles(rules: Sequence[Rule]) -> dict[str, object]:
    """Return how many different indicators there are, and their titles."""
    titles = {rule.key: rule.definition.title for rule in rules}
    return {"n": len(titles), "indicators": tuple(titles.values())}


def _assumed(rules: Sequence[Rule]) -> Iterator[Finding]:
    """List the targets (G4) and what else a file marks as not given by its source."""
    texts = {
        "target": ("G4", "targets_assumed"),
        "method": ("assumed", "methods_assumed"),
        "indicator": ("assumed", "indicators_assumed"),
    }
    for mark, (code, text) in texts.items():
        marked = [rule for rule in rules if mark in rule.assumed]
        if marked:
            yield Finding(code, "note", text, "roles", _titles(marked))


def _less_is_better(rules: Sequence[Rule]) -> Iterator[Finding]:
    lower = [rule for rule in rules if rule.definition.direction == "lower"]
    if lower:
        yield Finding("G5", "note", "less_is_better", "catalogue", _titles(lower))


def _direction(rule: Rule, at: str, values: dict[str, object]) -> Iterator[Finding]:
    """Doubt a direction that does not fit what the indicator is about (G5)."""
    definition = rule.definition
    odd = _LESS_IS_ODD if definition.direction == "lower" else _MORE_IS_ODD
    late = definition.direction == "higher" and definition.unit == "hours"
    if definition.dimension in odd or late:
        yield Finding("G5", "warning", f"direction_{definition.direction}", at, values)


def _windows(scheme: Scheme, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Say for how long works of the month's first and last day gather plays (G12).

    Sums and shares of works above a mark grow with a work's age; ratios of sums hardly do.
    """
    growing = [
        rule
        for rule in rules
        if (rule.definition.unit == "count" or rule.definition.interval == "wilson")
        and rule.definition.table == "works"
        and rule.definition.parsed is not None
        and rule.definition.parsed.columns & _GATHERED
    ]
    age = {"first": 30 + scheme.as_of_day, "last": scheme.as_of_day}
    if growing:
        about = {"indicators": _titles(growing)["indicators"], **age}
        yield Finding("G12", "note", "windows", "as_of_day", about)
    elif scheme.bonus is not None:
        yield Finding("G12", "note", "windows_bonus", "as_of_day", age)


def _range(rule: Rule, at: str, values: dict[str, object]) -> Iterator[Finding]:
    """Find targets, intervals and anchors that no reading, or every reading, reaches."""
    low, high = rule.definition.bounds
    unit = rule.definition.unit
    if rule.target is not None:
        about = {**values, "target": Amount(rule.target, unit)}
        if not low <= rule.target <= high:
            known = unit if unit in ("rate", "score") else "zero"
            yield Finding("range", "error", f"target_beyond_{known}", f"{at}.target", about)
        elif unit == "rate" and rule.target > 1:
            yield Finding("range", "warning", "target_above_whole", f"{at}.target", about)
    if isinstance(rule.method, Steps):
        for step in rule.method.table:
            if not low <= step.at <= high:
                about = {**values, "step": Amount(step.at, unit)}
                yield Finding("range", "warning", "step_beyond", f"{at}.method.table", about)
    if isinstance(rule.method, Judged):
        first, last = rule.method.anchors[0].score, rule.method.anchors[-1].score
        if unit != "score":
            yield Finding("range", "warning", "judged_unit", f"{at}.method", values)
        elif first > low or last < high:
            about = {**values, "first": first, "last": last}
            yield Finding("range", "note", "anchors_short", f"{at}.method.anchors", about)


def _cap(rule: Rule, at: str, values: dict[str, object]) -> Iterator[Finding]:
    """Find a cap that even the best reading misses: 0 of what is to be small, 100% of a share."""
    if not isinstance(rule.method, Ratio):
        return
    most = most_points(rule)
    if most < rule.method.cap - 1e-9:
        about = {**values, "cap": rule.method.cap, "most": most}
        yield Finding("cap", "note", "cap_unreached", f"{at}.method", about)


class Cliff(NamedTuple):
    """Points lost by a hair's breadth, and the reading at which they are."""

    points: float
    at: float


def steepest(rule: Rule) -> Cliff | None:
    """Return the largest jump of a method's points; None where points run straight."""
    method = rule.method
    if isinstance(method, Steps):
        earned = [*(step.points for step in method.table), method.otherwise]
        jumps = [
            Cliff(better - worse, step.at)
            for step, better, worse in zip(method.table, earned, earned[1:], strict=False)
        ]
        return max(jumps, key=lambda jump: jump.points)
    if rule.target is None:
        return None
    if isinstance(method, Deduct):
        return Cliff(min(method.points, 100 - method.floor), rule.target)
    if isinstance(method, Switch):
        return Cliff(method.met - method.missed, rule.target)
    return None


def _cliffs(scheme: Scheme, role: Role, rule: Rule, at: str, least: float) -> Iterator[Finding]:
    jump = steepest(rule)
    if jump is None or jump.points <= least or rule.weight == 0:
        return
    values: dict[str, object] = {
        "indicator": rule.definition.title,
        "role": role.title,
        "at": Amount(jump.at, rule.definition.unit),
        "points": jump.points,
        "total": jump.points * rule.weight,
    }
    if isinstance(scheme.grading, Bands):
        values["grades"] = cuts_within(scheme.grading.cuts, jump.points * rule.weight)
        yield Finding("cliff", "warning", "cliff", f"{at}.method", values)
    else:
        yield Finding("cliff", "warning", "cliff_ranked", f"{at}.method", values)


def cuts_within(cuts: Sequence[float], width: float) -> int:
    """Return how many cuts a move of some width can cross at most.

    >>> cuts_within((100, 80, 60), 20), cuts_within((100, 80, 60), 20.1)
    (1, 2)
    """
    rising = sorted(cuts)
    most = 1
    for i, low in enumerate(rising):
        most = max(most, sum(low <= cut < low + width - 1e-9 for cut in rising[i:]))
    return most


_GATHERED = frozenset(
    ("plays", "likes", "shares", "comments", "collects", "profile_visits", "follower_gain")
)
