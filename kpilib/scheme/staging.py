"""A scheme as a stage weighs it, and what files say about a stage that they take over."""

from __future__ import annotations

import math
from typing import Any

from kpilib.catalogue import Catalogue, read_catalogue
from kpilib.errors import KpiError
from kpilib.scheme.blending import blended
from kpilib.scheme.model import Scheme, Stage, checked
from kpilib.scheme.rules import Role, Rule

Place = tuple[str, str]  # an indicator of a scheme: role and key


def staged(scheme: Scheme, stage: str, catalogue: Catalogue | None = None) -> Scheme:
    """Return the scheme as a stage weighs it: a complete, checked scheme.

    The profile's weight of a dimension is split evenly among a role's indicators of that
    dimension; what the role does not hold is left out, and the rest sums to 1 again. A role
    that holds none of the profile's dimensions keeps its weights. A scheme that stands in a
    stage already leaves it first: what that stage added goes, and its weights with it.
    """
    if stage not in scheme.stages:
        raise KpiError(
            f"scheme {scheme.name!r}, stage",
            f"no stage {stage!r}.",
            f"take one of {sorted(scheme.stages)}, or describe it under stages.",
        )
    book = catalogue or read_catalogue()
    roles = [_staged_role(role, stage, scheme.stages[stage], book) for role in scheme.roles]
    return blended(scheme.revise(roles=roles, stage=stage))


def _staged_role(role: Role, name: str, stage: Stage, book: Catalogue) -> dict[str, Any]:
    adds = {extra.key: extra for extra in stage.adds if extra.role == role.key}
    kept = [r for r in role.indicators if r.added_by is None or r.key in adds]
    rules = [rule.model_dump() | _own_weight(rule) for rule in kept]
    held = {rule.key for rule in kept}
    for extra in adds.values():
        if extra.key not in held:
            rule = extra.model_dump(exclude={"role"})
            definition = book[extra.key].model_dump()
            rules.append({**rule, "definition": definition, "added_by": name, "weight": 0.0})
    dimensions = [rule["definition"]["dimension"] for rule in rules]
    shares = [stage.profile.get(d, 0) / dimensions.count(d) for d in dimensions]
    total = math.fsum(shares)
    if total == 0:
        own = [rule for rule in rules if rule.get("added_by") is None]
        return {**role.model_dump(), "indicators": own}
    for rule, share in zip(rules, shares, strict=True):
        if rule.get("added_by") is None:
            rule["unstaged"] = rule["weight"]
        rule["weight"] = share / total
        rule["assumed"] = tuple(sorted({*rule["assumed"], "weight"}))
    return {**role.model_dump(), "indicators": rules}


def _own_weight(rule: Rule) -> dict[str, Any]:
    """Return the weight that a rule has outside of any stage."""
    return {} if rule.unstaged is None else {"weight": rule.unstaged, "unstaged": None}


def reweighed(scheme: Scheme, written: dict[Place, float], where: str) -> Scheme:
    """Lay weights that a file gives over those of the stage; the sums are checked again."""
    roles = [role.model_dump() for role in scheme.roles]
    for role in roles:
        for rule in role["indicators"]:
            weight = written.get((role["key"], rule["key"]))
            if weight is not None:
                rule["weight"] = weight
                rule["assumed"] = tuple(mark for mark in rule["assumed"] if mark != "weight")
    return checked({**scheme.model_dump(), "roles": roles}, where)


def without_weights(data: dict[str, Any], roles: set[str]) -> dict[str, Any]:
    """Take the weights out of some roles: those written come back when the stage has weighed."""
    held = data.get("roles")
    if not isinstance(held, list):
        return data

    def bare(role: object) -> object:
        rules = role.get("indicators") if isinstance(role, dict) else None
        if not isinstance(role, dict) or str(role.get("key")) not in roles:
            return role
        if not isinstance(rules, list):
            return role
        kept = [
            {k: v for k, v in rule.items() if k != "weight"} if isinstance(rule, dict) else rule
            for rule in rules
        ]
        return {**role, "indicators": kept}

    return {**data, "roles": [bare(role) for role in held]}


def items_of(data: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the indicators of a file by role and key, as far as it is sound."""
    found = {}
    for _, role in entries(data.get("roles")):
        if isinstance(role, dict):
            for _, rule in entries(role.get("indicators")):
                if isinstance(rule, dict):
                    found[str(role.get("key")), str(rule.get("key"))] = rule
    return found


def with_added(data: dict[str, Any], own: frozenset[Place]) -> dict[str, Any]:
    """Complete what a file changes about an indicator that only its stage brings.

    ``{key: plays, target: 3000000}`` in a file that extends the start-up scheme changes the
    stage's indicator; it has no method and no marks of its own.

    Parameters
    ----------
    data : dict
        A file, merged with what it extends.
    own : frozenset of (role, key)
        Indicators held before the stage was taken over.
    """
    stages, stage = data.get("stages"), data.get("stage")
    profile = stages.get(stage) if isinstance(stages, dict) else None
    if (
        not isinstance(stages, dict)
        or not isinstance(profile, dict)
        or not isinstance(data.get("roles"), list)
    ):
        return data
    adds = {
        (str(extra.get("role")), str(extra.get("key"))): extra
        for _, extra in entries(profile.get("adds"))
        if isinstance(extra, dict)
    }
    changed = {place: adds[place] for place in items_of(data) if place in adds.keys() - own}
    if not changed:
        return data
    # They leave the roles for the stage's own list, from where `staged` brings them back.
    laid = [
        {**extra, **items_of(data)[place]} if (place := _place(extra)) in changed else extra
        for extra in profile["adds"]
    ]
    roles = [
        {**role, "indicators": [r for r in role["indicators"] if _place(r, role) not in changed]}
        if isinstance(role, dict) and isinstance(role.get("indicators"), list)
        else role
        for role in data["roles"]
    ]
    assert isinstance(stages, dict)  # asked above
    return {**data, "roles": roles, "stages": {**stages, stage: {**profile, "adds": laid}}}


def _place(item: object, role: dict[str, Any] | None = None) -> tuple[str, str]:
    """Return role and key of an indicator, or of what a stage adds."""
    if not isinstance(item, dict):
        return "", ""
    return str((role or {}).get("key", item.get("role"))), str(item.get("key"))


def entries(part: object) -> list[tuple[Any, Any]]:
    """Return the entries of a mapping or a list; none of what is neither."""
    if isinstance(part, dict):
        return list(part.items())
    return list(enumerate(part)) if isinstance(part, list) else []
