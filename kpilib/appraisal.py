"""The whole line in one call: a month's exports, and the months before, become outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from kpilib.calibrations import calibrated, with_decisions
from kpilib.errors import KpiError
from kpilib.exports import read_team, table_columns
from kpilib.exports.receipt import Month
from kpilib.grading import Grades, grade
from kpilib.ledger import closed_months, read_closed
from kpilib.ledger.manifest import read_manifest
from kpilib.outcomes import Kept, Outcomes, settle, with_late_returns
from kpilib.readings import Readings, measure
from kpilib.scheme import Scheme, read_scheme
from kpilib.scoring import Scores, score

_SIGNED = ("signed", "final")  # states of signoff.csv after which a plan's month can be set


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
    data: str | Path,
    month: str,
    scheme: Scheme | str | Path = "published",
    *,
    team: str = "",
) -> Outcomes:
    """Read, measure, score, grade and settle a month, and the months before it for history.

    What is closed under the same scheme is read as it was closed and amended, the month itself
    included; everything else is made anew. ``Outcomes.kept`` says which is which.

    Parameters
    ----------
    data : path
        A team's folder.
    month : str
        Month to appraise, ``YYYY-MM``.
    scheme : Scheme, or a file or name of one, default "published"
        Rules in force; the earlier months are read under the same rules. A month closed under
        a scheme of that name counts; for a scheme given as such, one closed under these rules.
    team : str, default all
        Keep only this team's people, after everything was computed for all.
    """
    rules = scheme if isinstance(scheme, Scheme) else read_scheme(scheme)
    months = months_on_disk(data)
    if month not in months:
        raise KpiError(
            f"{data}, month {month!r}", "has no exports.", f"take one of {months}, or add it."
        )
    closed = _closed(Path(data), rules, by_name=not isinstance(scheme, Scheme))
    grades: list[Grades] = []
    kept: dict[str, Kept] = {}
    for each in sorted({*months, *closed}):
        if each > month:
            break
        if each in closed:
            frozen = read_closed(data, each, tuple(grades))
            kept[each] = frozen.kept
            outcomes = frozen.amended
            grades.append(_with_tables(outcomes.grades))
        else:
            grades.append(_graded(data, each, rules, grades[-1] if grades else None))
    if month in closed:
        outcomes = replace(_with_rows(outcomes, data), kept=kept)
    else:
        late = _late(data, grades, rules)
        signed = _signed(grades)
        outcomes = settle(grades[-1], grades[:-1], signed=signed, late=late, kept=kept)
    return of_team(outcomes, team) if team else outcomes


def _closed(data: Path, rules: Scheme, *, by_name: bool) -> set[str]:
    """Return the months that are closed under these rules, or under a scheme of this name."""
    return {
        month
        for month in closed_months(data)
        for manifest, _ in [read_manifest(data, month)]
        if manifest.rules == rules.hash or (by_name and manifest.scheme == rules.name)
    }


def _signed(grades: Sequence[Grades]) -> dict[tuple[str, str], date]:
    """Return when each month's results were signed or decided, as far as signoff.csv says."""
    days: dict[tuple[str, str], date] = {}
    for each in grades:
        entries = each.scores.readings.month.tables.get("signoff")
        if entries is None:
            continue
        done = entries[entries["state"].isin(_SIGNED)]
        for person, when in zip(done["person"], done["when"], strict=True):
            days[each.month, str(person)] = when.date()
    return days


class _OnDemand(Mapping[str, pd.DataFrame]):
    """Tables of a closed month: the exports are read when somebody first asks for one."""

    def __init__(self, frozen: Month) -> None:
        self._frozen = frozen
        self._read: Mapping[str, pd.DataFrame] | None = None

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return what was frozen, or else what the exports say today; empty without them."""
        if name in self._frozen.tables:
            return self._frozen.tables[name]
        if self._read is None:
            month, data = self._frozen.month, self._frozen.data
            there = (data / "exports" / month).is_dir()
            self._read = read_team(data, month).tables if there else {}
        return self._read.get(name, pd.DataFrame(columns=table_columns()[name]))

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the tables."""
        return iter(table_columns())

    def __len__(self) -> int:
        """Count the tables."""
        return len(table_columns())


def _with_tables(grades: Grades) -> Grades:
    """Let the exports of a closed month be asked for: what was sold when is no result."""
    scores = grades.scores
    month = replace(scores.readings.month, tables=_OnDemand(scores.readings.month))
    readings = replace(scores.readings, month=month)
    return replace(grades, scores=replace(scores, readings=readings))


def _with_rows(outcomes: Outcomes, data: str | Path) -> Outcomes:
    """Put the rows of the exports beside a closed month, so that it can be walked back to them."""
    rules, scores = outcomes.scheme, outcomes.grades.scores
    live = measure(read_team(data, outcomes.month, as_of_day=rules.as_of_day), rules)
    readings = replace(live, table=scores.readings.table, seats=scores.readings.seats)
    grades = replace(outcomes.grades, scores=replace(scores, readings=readings))
    return replace(outcomes, grades=grades)


def _graded(data: str | Path, month: str, scheme: Scheme, before: Grades | None) -> Grades:
    scores = score(measure(read_team(data, month, as_of_day=scheme.as_of_day), scheme))
    return calibrated(grade(scores, before=before))


def _late(data: str | Path, grades: Sequence[Grades], rules: Scheme) -> Grades | None:
    """Grade the month before again with what was returned since, where the scheme carries it."""
    if rules.pay.late_returns == "leave" or len(grades) < 2:
        return None
    last, now = grades[-2], grades[-1]
    earlier = read_team(data, last.month, as_of_day=last.scheme.as_of_day)
    month = with_late_returns(earlier, now.scores.readings.month)
    if month is None:
        return None
    again = grade(score(measure(month, last.scheme)), before=grades[-3] if grades[2:] else None)
    return with_decisions(again, last.calibrations)


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
    return replace(
        outcomes,
        table=outcomes.table.loc[outcomes.table.index.isin(people)],
        notes=outcomes.notes[outcomes.notes["person"].isin(people)],
        grades=_grades_of(outcomes.grades, people),
        before=tuple(_grades_of(grades, people) for grades in outcomes.before),
        kept={month: kept.of(people) for month, kept in outcomes.kept.items()},
    )


def _grades_of(grades: Grades, people: set[str]) -> Grades:
    table, decided = (t.loc[t.index.isin(people)] for t in (grades.table, grades.calibrations))
    scores = _scores_of(grades.scores, people)
    return replace(grades, table=table, scores=scores, calibrations=decided)


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
