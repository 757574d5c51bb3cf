"""The same readings, scored, graded and settled under another scheme."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kpilib.appraisal import of_team
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import Outcomes, settle
from kpilib.readings import Readings, measure
from kpilib.scoring import score

if TYPE_CHECKING:
    from kpilib.scheme import Scheme


def under(readings: Readings, scheme: Scheme) -> Readings:
    """Return the same people's readings for another scheme.

    Readings that are there are used as they are; a scheme that counts something else, or
    counts it otherwise, is measured on the same exports.

    Parameters
    ----------
    readings : Readings
        Of a whole company, so that a quota is shared out over everybody.
    scheme : Scheme
        Rules to read by.

    Raises
    ------
    KpiError
        If an indicator was never read and there are no exports to read it from.
    """
    held, roles = readings.items, set(readings.seats["role"].tolist())
    wanted = {(role.key, rule.key) for role in scheme.roles for rule in role.indicators}
    lacking = sorted((role, key) for role, key in wanted.difference(held) if role in roles)
    if not lacking and _same_sources(readings.scheme, scheme):
        keep = [item in wanted for item in held]
        return replace(readings, table=readings.table[keep], scheme=scheme)
    if not readings.month.tables:
        named = ", ".join(f"{role}.{key}" for role, key in lacking) or "its sources"
        raise KpiError(
            f"scheme {scheme.name!r}",
            f"needs what these readings do not hold: {named}.",
            "add the readings to the table, or start from the month's exports.",
        )
    again = measure(readings.month, scheme)
    people = set(readings.seats["person"])
    return replace(
        again,
        table=again.table[again.table["person"].isin(people)],
        seats=again.seats[again.seats["person"].isin(people)],
    )


def _same_sources(one: Scheme, other: Scheme) -> bool:
    """Whether both would read the same rows of the same exports for what both hold."""
    if one.ratings != other.ratings:
        return False
    first = {role.key: role for role in one.roles}
    for role in other.roles:
        was = first.get(role.key)
        if was is None or (was.credit, was.aliases, was.team) != (
            role.credit,
            role.aliases,
            role.team,
        ):
            return False
        counted = {rule.key: (rule.definition, rule.shared) for rule in was.indicators}
        for rule in role.indicators:
            now = (rule.definition, rule.shared)
            if counted.get(rule.key, now) != now:
                return False
    return True


def outcomes_under(readings: Readings, scheme: Scheme, team: str = "") -> Outcomes:
    """Score, grade and settle the same readings under a scheme; keep one team if named."""
    outcomes = settle(grade(score(under(readings, scheme))))
    return of_team(outcomes, team) if team else outcomes
