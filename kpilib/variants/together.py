"""Many schemes on the same readings, each thing computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kpilib.appraisal import of_team
from kpilib.contrast import under
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.scoring import score

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes
    from kpilib.readings import Readings
    from kpilib.scheme import Scheme
    from kpilib.scoring import Scores


def outcomes_of_all(
    readings: Readings, schemes: Sequence[Scheme], team: str = ""
) -> tuple[dict[str, Outcomes], dict[str, str]]:
    """Score, grade and settle the same readings under several schemes, by their names.

    Schemes that differ in cuts, pay or a team's score alone share one scoring; the second
    mapping says which: equal texts for schemes that score alike. Those that differ in a team's
    score alone share everything else too.
    """
    wide = widened(readings, schemes)
    scored: dict[str, Scores] = {}
    settled: dict[str, Outcomes] = {}
    found, keys = {}, {}
    for scheme in schemes:
        key = keys[scheme.name] = _scoring(scheme)
        if key not in scored:
            scored[key] = score(under(wide, scheme))
        scores = scored[key]
        held = replace(scores, readings=replace(scores.readings, scheme=scheme))
        if (whole := key + _settling(scheme)) not in settled:
            settled[whole] = settle(grade(held))
        outcomes = settled[whole]
        if outcomes.scheme is not scheme:
            outcomes = replace(
                outcomes, grades=replace(outcomes.grades, scores=held, scheme=scheme)
            )
        found[scheme.name] = of_team(outcomes, team) if team else outcomes
    return found, keys


def widened(readings: Readings, schemes: Sequence[Scheme]) -> Readings:
    """Return the readings with all indicators of some schemes, measured in one go.

    Where two schemes count an indicator otherwise, the readings stay as they are, and each
    scheme that needs others is measured by itself.
    """
    roles = {role.key: role.model_dump() for role in readings.scheme.roles}
    held: dict[tuple[str, str], Any] = {
        (role.key, rule.key): (rule.definition, rule.shared)
        for role in readings.scheme.roles
        for rule in role.indicators
    }
    for scheme in schemes:
        for role in scheme.roles:
            for rule in role.indicators:
                item, counted = (role.key, rule.key), (rule.definition, rule.shared)
                if item not in held:
                    held[item] = counted
                    mine = roles.setdefault(role.key, {**role.model_dump(), "indicators": []})
                    mine["indicators"] = [*mine["indicators"], rule.model_dump()]
                elif held[item] != counted:
                    return readings
    for role_data in roles.values():
        n = len(role_data["indicators"])
        role_data["indicators"] = [{**r, "weight": 1 / n} for r in role_data["indicators"]]
    wide = readings.scheme.revise(roles=list(roles.values()), stages={}, stage=None)
    try:
        return under(readings, wide)
    except KpiError:
        return readings  # said for the scheme that asks for what is not there


def _scoring(scheme: Scheme) -> str:
    """Return what scores hang on, as text: equal for schemes that score alike."""
    roles = {"__all__": {"key", "team", "aliases", "credit", "indicators"}}
    whole = dict.fromkeys(("totals", "bonus", "unknown", "ratings"), True)
    return scheme.model_dump_json(include={**whole, "roles": roles})


def _settling(scheme: Scheme) -> str:
    """Return what grades, pay and notes hang on beside scores, as text."""
    words = {"name", "title", "source", "assumed", "teams", "signing"}
    return scheme.model_dump_json(exclude={*words, "roles", "stages", "stage", "role_weights"})
