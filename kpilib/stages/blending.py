"""Schemes between two stages: weights mixed, everything else alike."""

from __future__ import annotations

from typing import Any

from kpilib.errors import KpiError
from kpilib.scheme import Role, Rule, Scheme


def blend(start: Scheme, end: Scheme, t: float) -> Scheme:
    """Return the scheme whose weights are (1 - t) of the start's and t of the end's.

    An indicator that only one side holds is in the blend with its share of weight.

    Parameters
    ----------
    start, end : Scheme
        Two schemes that differ in nothing but the indicators held and their weights.
    t : float
        0 gives ``start`` back, 1 gives ``end``.

    Raises
    ------
    KpiError
        If t is outside 0 to 1, or the two differ in more than weights.
    """
    if not 0 <= t <= 1:
        raise KpiError("blend", f"t is {t:g}.", "take t from 0 (start) to 1 (end).")
    only_weights_differ(start, end)
    if t in (0, 1):
        return end if t else start
    roles = [_mixed(role, end.role(role.key), t) for role in start.roles]
    title = {
        "en": f"{start.title.en} to {end.title.en}, {t:.0%}",
        "zh": f"{start.title.zh}至{end.title.zh}，{t:.0%}",
    }
    return start.revise(name="blend", title=title, roles=roles, stage=None)


def _mixed(start: Role, end: Role, t: float) -> dict[str, Any]:
    rules = {rule.key: rule for rule in (*end.indicators, *start.indicators)}
    order = dict.fromkeys(rule.key for rule in (*start.indicators, *end.indicators))
    mixed = [
        {
            **rules[key].model_dump(),
            "weight": (1 - t) * start.weights.get(key, 0) + t * end.weights.get(key, 0),
        }
        for key in order
    ]
    return {**start.model_dump(), "indicators": mixed}


def only_weights_differ(start: Scheme, end: Scheme) -> None:
    """Refuse two schemes that differ in more than the indicators held and their weights."""
    differ = [
        field
        for field in ("grading", "bonus", "pay", "unknown", "totals", "ratings")
        if getattr(start, field) != getattr(end, field)
    ]
    if [role.key for role in start.roles] != [role.key for role in end.roles]:
        differ.append("roles")
    else:
        for role in start.roles:
            rules = {rule.key: rule for rule in end.role(role.key).indicators}
            differ += [
                f"{role.key}.{rule.key}"
                for rule in role.indicators
                if rule.key in rules and _scored_otherwise(rule, rules[rule.key])
            ]
    if differ:
        raise KpiError(
            f"schemes {start.name!r} and {end.name!r}",
            f"differ in more than weights: {', '.join(differ)}.",
            "compare them as variants, or make both stages of one scheme.",
        )


def _scored_otherwise(one: Rule, other: Rule) -> bool:
    return bool(
        (one.target, one.method, one.definition) != (other.target, other.method, other.definition)
    )
