"""Findings about roles, their weights, and what the weights reward (G1, G2, G3, G14, G15)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kpilib.lint.findings import Finding, indicator_at
from kpilib.scheme import Role, Scheme

LIGHT, HEAVY = 0.05, 0.60  # an indicator below or above hardly counts, or is nearly all


def weight_findings(scheme: Scheme) -> Iterator[Finding]:
    """Yield what is to be said of roles and weights."""
    scored = [role for role in scheme.roles if role.indicators]
    yield from _assumed(scheme, scored)
    for team in dict.fromkeys(role.team for role in scheme.roles):
        yield from _team(scheme, team, [role for role in scored if role.team == team])
    yield from _names(scheme)
    for role in scored:
        yield from _sizes(role)
        yield from _exposure(role)
    yield from _shared(scored)


def _assumed(scheme: Scheme, scored: list[Role]) -> Iterator[Finding]:
    """Say who made the weights inside the roles (G1)."""
    marked = [r for r in scored if any("weight" in rule.assumed for rule in r.indicators)]
    if not marked:
        return
    values = {"n": len(marked), "roles": tuple(role.title for role in marked)}
    if scheme.stage is None:
        yield Finding("G1", "note", "weights_assumed", "roles", values)
    else:
        place, title = f"stages.{scheme.stage}.profile", scheme.stages[scheme.stage].title
        yield Finding("G1", "note", "weights_profile", place, {**values, "stage": title})


def _team(scheme: Scheme, team: str, scored: list[Role]) -> Iterator[Finding]:
    """Add up the roles' shares of their team's score (G2)."""
    title = scheme.teams.get(team, team)
    printed = [role.weight for role in scored if role.weight is not None]
    if scored and not printed:
        yield Finding("G2", "note", "role_weights_none", "roles", {"team": title})
        return
    for role in scored:
        if role.weight is None:
            about = {"team": title, "role": role.title}
            yield Finding("G2", "warning", "role_weight_absent", f"roles.{role.key}", about)
    whole = math.fsum(printed)
    if not printed or math.isclose(whole, 1, abs_tol=1e-9):
        return
    values: dict[str, object] = {"team": title, "sum": whole}
    if whole > 1:
        text = "role_weights_over"
    else:
        text = f"role_weights_{scheme.role_weights}"
        values["gap"] = 1 - whole
    yield Finding("G2", "warning", text, "roles", values)


def _names(scheme: Scheme) -> Iterator[Finding]:
    """Find roles that nobody is scored in, and names that lead to no or two roles (G3)."""
    unscored = tuple(role.title for role in scheme.roles if not role.indicators)
    if unscored:
        values = {"n": len(unscored), "roles": unscored}
        yield Finding("G3", "warning", "roles_unscored", "roles", values)
    bare = tuple(role.title for role in scheme.roles if not role.aliases)
    if bare:
        yield Finding("G3", "note", "alias_none", "roles", {"n": len(bare), "roles": bare})
    held: dict[str, set[str]] = {}
    for role in scheme.roles:
        for name in role.names:
            held.setdefault(name, set()).add(role.team)
    for name in sorted(name for name, teams in held.items() if len(teams) > 1):
        yield Finding("G3", "note", "alias_shared", "roles", {"name": name})


def _sizes(role: Role) -> Iterator[Finding]:
    """Find indicators that count for nothing, for hardly anything, or for nearly all."""
    for rule in role.indicators:
        at = f"{indicator_at(role.key, rule)}.weight"
        values: dict[str, object] = {"indicator": rule.definition.title, "role": role.title}
        if rule.weight == 0:
            yield Finding("weight", "warning", "weight_zero", at, values)
        elif rule.weight > 1 - 1e-9:
            yield Finding("weight", "warning", "weight_only", at, values)
        elif rule.weight > HEAVY:
            about = {**values, "weight": rule.weight}
            yield Finding("weight", "warning", "weight_heavy", at, about)
        elif rule.weight < LIGHT:
            about = {**values, "weight": rule.weight}
            yield Finding("weight", "note", "weight_light", at, about)


def _shared(scored: list[Role]) -> Iterator[Finding]:
    """Look for indicators that two teams share (G14)."""
    teams: dict[str, set[str]] = {}
    titles = {}
    for role in scored:
        for rule in role.indicators:
            if rule.shared:
                teams.setdefault(rule.key, set()).add(role.team)
                titles[rule.key] = rule.definition.title
    if not teams:
        yield Finding("G14", "warning", "shared_none", "roles", {})
    for key, held in teams.items():
        if len(held) == 1:
            yield Finding("G14", "warning", "shared_alone", "roles", {"indicator": titles[key]})


def _exposure(role: Role) -> Iterator[Finding]:
    """Find exposure above half of a role; plays alone mislead, conversion must join (G15)."""
    share = {
        dimension: math.fsum(
            rule.weight for rule in role.indicators if rule.definition.dimension == dimension
        )
        for dimension in ("exposure", "conversion")
    }
    if share["exposure"] <= 0.5 + 1e-9:
        return
    values: dict[str, object] = {"role": role.title, "exposure": share["exposure"]}
    text = "exposure_alone"
    if share["conversion"] > 0:
        text, values["conversion"] = "exposure_heavy", share["conversion"]
    yield Finding("G15", "warning", text, f"roles.{role.key}.indicators", values)
