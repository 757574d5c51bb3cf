"""The whole line in one call: a month's exports, and the months before, become outcomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kpilib.errors import KpiError
from kpilib.exports import read_team
from kpilib.grading import Grades, grade
from kpilib.outcomes import Outcomes, settle
from kpilib.readings import Readings, measure
from kpilib.scheme import Scheme, read_scheme
from kpilib.scoring import Scores, score


def months_on_disk(data: str | Path) -> list[str]:
    """Return the months that a team's folder has exports for, oldest first.

    Raises
    ------
    KpiError
        If the folder has no exports at all.
    """
    found = sorted(
        path.name
        for path in (Path(data) / "exports").glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]")
        if path.is_dir()
    )
    if not found:
        raise KpiError(
            str(data),
            "has no exports: no folder such as exports/2025-05.",
            "put the month's export files there, or name another folder with --data.",
        )
    return found


def appraise(
    data: str | Path, month: str, scheme: Scheme | str | Path = "published", *, team: str = ""
) -> Outcomes:
    """Read, measure, score, grade and settle a month, and the months before it for history.

    Parameters
    ----------
    data : path
        A team's folder.
    month : str
        Month to appraise, ``YYYY-MM``.
    scheme : Scheme, or a file or name of one, default "published"
        Rules in force; the earlier months are read under the same rules.
    team : str, default all
        Keep only this team's people, after everything was computed for all.
    """
    rules = scheme if isinstance(scheme, Scheme) else read_scheme(scheme)
    months = months_on_disk(data)
    if month not in months:
        raise KpiError(
            f"{data}, month {month!r}", "has no exports.", f"take one of {months}, or add it."
        )
    grades: list[Grades] = []
    for each in months:
        if each <= month:
            grades.append(_graded(data, each, rules, grades[-1] if grades else None))
    outcomes = settle(grades[-1], grades[:-1])
    return of_team(outcomes, team) if team else outcomes


def _graded(data: str | Path, month: str, scheme: Scheme, before: Grades | None) -> Grades:
    scores = score(measure(read_team(data, month, as_of_day=scheme.as_of_day), scheme))
    return grade(scores, before=before)


def of_team(outcomes: Outcomes, team: str) -> Outcomes:
    """Keep one team's people in every result, as they were computed for all.

    Raises
    ------
    KpiError
        If nobody is in that team.
    """
    teams = outcomes.table["team"]
    if team not in set(teams):
        raise KpiError(f"team {team!r}", "has nobody in it.", f"take one of {sorted(set(teams))}.")
    people = set(teams.index[teams == team])
    return Outcomes(
        outcomes.table.loc[outcomes.table.index.isin(people)],
        outcomes.notes[outcomes.notes["person"].isin(people)],
        _grades_of(outcomes.grades, people),
        tuple(_grades_of(grades, people) for grades in outcomes.before),
    )


def _grades_of(grades: Grades, people: set[str]) -> Grades:
    table = grades.table.loc[grades.table.index.isin(people)]
    return replace(grades, table=table, scores=_scores_of(grades.scores, people))


def _scores_of(scores: Scores, people: set[str]) -> Scores:
    return Scores(
        scores.points[scores.points["person"].isin(people)],
        scores.role_totals[scores.role_totals["person"].isin(people)],
        scores.table.loc[scores.table.index.isin(people)],
        _readings_of(scores.readings, people),
    )


def _readings_of(readings: Readings, people: set[str]) -> Readings:
    return replace(
        readings,
        table=readings.table[readings.table["person"].isin(people)],
        seats=readings.seats[readings.seats["person"].isin(people)],
    )
