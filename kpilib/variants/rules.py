"""Which rules two schemes differ in, and schemes that take some rules of each."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Final

from kpilib.scheme import Scheme
from kpilib.scheme.model import checked

# In the order in which they are laid over one another: from reading to pay.
RULES: Final = ("weights", "targets", "totals", "bonus", "cuts", "pay")
SCORING: Final = frozenset(RULES[:4])  # what scores hang on

_FIELDS: Final = {
    "weights": ("unknown", "ratings", "as_of_day"),
    "totals": ("totals",),
    "bonus": ("bonus",),
    "cuts": ("grading", "streak", "raise_first", "improvement", "talk"),
    "pay": ("pay",),
}


def differing(before: Scheme, after: Scheme) -> tuple[str, ...]:
    """Return the rules in which two schemes differ, in their order.

    ``weights`` are the indicators held, their weights and whose rows count; ``targets`` are
    targets and methods with their caps. Pay that hangs on grades cannot be told apart from cuts
    where the grades differ: then both are ``cuts``.
    """
    plain = _taken(before, after, frozenset())
    found = [rule for rule in RULES if _taken(before, after, {rule}) != plain]
    if _joined(before, after) and "pay" in found:
        found = [rule for rule in RULES if rule != "pay" and rule in {*found, "cuts"}]
    return tuple(found)


def mixed(before: Scheme, after: Scheme, taken: Set[str]) -> Scheme:
    """Return the scheme that takes some rules of the second and the others of the first."""
    if _joined(before, after) and "cuts" in taken:
        taken = {*taken, "pay"}
    if not taken:
        return before
    return checked(_taken(before, after, taken), f"{before.name} with {', '.join(sorted(taken))}")


def _joined(before: Scheme, after: Scheme) -> bool:
    on_grades = before.pay.basis != "score" or after.pay.basis != "score"
    return on_grades and before.grading.grades != after.grading.grades


def _taken(before: Scheme, after: Scheme, taken: Set[str]) -> dict[str, Any]:
    first, second = before.model_dump(), after.model_dump()
    made = {**first, "stages": {}, "stage": None, "name": "mixed"}
    for rule, fields in _FIELDS.items():
        for field in fields:
            made[field] = (second if rule in taken else first)[field]
    items = {
        (role["key"], rule["key"]): rule
        for data in ((first, second) if "targets" in taken else (second, first))
        for role in data["roles"]
        for rule in role["indicators"]
    }  # the scheme whose targets are taken comes last; an item of one alone brings its own
    held = second if "weights" in taken else first
    made["roles"] = [
        {
            **role,
            "weight": None,
            "indicators": [_rule(role["key"], r, items) for r in role["indicators"]],
        }
        for role in held["roles"]
    ]
    return made


def _rule(role: str, rule: dict[str, Any], items: dict[tuple[str, str], Any]) -> dict[str, Any]:
    by = items[role, rule["key"]]
    kept = {"added_by": None, "unstaged": None, "assumed": ()}
    return {**rule, **kept, "target": by["target"], "method": by["method"]}
