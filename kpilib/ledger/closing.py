"""Closing: what a month came to is frozen; after that it can only be amended."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

import pandas as pd

from kpilib import provenance
from kpilib.errors import KpiError
from kpilib.ledger.canonical import sha256
from kpilib.ledger.comments import comments_bytes, sworn
from kpilib.ledger.files import locked
from kpilib.ledger.forgotten import read_forgotten
from kpilib.ledger.manifest import (
    COMMENTS,
    MANIFEST,
    SEALS,
    Frozen,
    Manifest,
    Seal,
    closed_months,
    folder_of,
    read_amendments,
    read_manifest,
    read_seals,
    sealed,
    seals_bytes,
)
from kpilib.ledger.tables import Content, contents_of
from kpilib.ledger.verifying import verify
from kpilib.outcomes import Outcomes
from kpilib.output import keep_names, put, put_new

_DIGITS: Final = 16  # of a file's hash that stand in its name
_COMPUTES: Final = ("pandas", "numpy", "duckdb", "pydantic")

#: Returns the ids of those who may still object to a month's result, or have not signed it.
Open = Callable[[Outcomes], Sequence[str]]


@dataclass(frozen=True)
class Closed:
    """A month that was just closed: where it stands, its seal, and how much is frozen."""

    month: str
    folder: Path
    seal: str
    files: int
    people: int


def close(
    outcomes: Outcomes, still_open: Open | None = None, *, now: datetime | None = None
) -> Closed:
    """Close a month: freeze what it stands on and what it came to.

    Whatever ends the process, there is then a whole closed month or none: the manifest, written
    last and in one step, is what makes it closed.

    Parameters
    ----------
    outcomes : Outcomes
        The month, of all teams.
    still_open : callable, optional
        Takes the outcomes; returns who may still object. Without it signatures are not looked
        at, and the manifest says that they are kept elsewhere.
    now : datetime, optional
        The time of closing; the present by default.

    Raises
    ------
    KpiError
        If the month is closed, out of turn, too young, or open to objection; if a person's id
        is the name; if an earlier closed month was changed; or if another command writes.
    """
    month = outcomes.month
    data = outcomes.grades.scores.readings.month.data
    now = now or datetime.now(UTC)
    if not (data / "people.csv").is_file():
        raise KpiError(
            f"closing {month}",
            "its readings came from no team's folder.",
            "close what `appraise` returns for a folder with people.csv.",
        )
    with locked(data / "closed"):
        _sound(data, month)
        _in_turn(data, month, [grades.month for grades in outcomes.before])
        _due(month, outcomes.as_of, now.date())
        _settled(month, still_open(outcomes) if still_open is not None else ())
        _by_id(data, month, outcomes.table["name"])
        return _frozen(outcomes, data, now, signed=still_open is not None)


def _sound(data: Path, month: str) -> None:
    """Refuse to add to a chain that is broken."""
    faults = verify(data).faults
    if faults:
        raise KpiError(
            f"closing {month}",
            "a month that was closed before is not as it was: "
            + "; ".join(fault.where for fault in faults[:5])
            + ".",
            "restore these files from a copy; `kpi verify` says what is wrong with each.",
        )


def _in_turn(data: Path, month: str, before: Sequence[str]) -> None:
    closed = closed_months(data)
    if month in closed:
        since = read_manifest(data, month)[0].closed[:10]
        raise KpiError(
            f"closing {month}",
            f"it is closed, since {since}; a closed month never changes.",
            "correct it with `kpi amend`, which keeps what stood.",
        )
    if not closed:
        return  # the first month to be closed may be any
    if month < closed[-1]:
        raise KpiError(
            f"closing {month}",
            f"{closed[-1]} is closed already, and an earlier month cannot follow it.",
            "leave it open: its figures are made anew from its exports.",
        )
    skipped = [each for each in before if closed[-1] < each < month]
    if skipped:
        raise KpiError(
            f"closing {month}",
            f"{skipped[0]} comes first: it is not closed yet.",
            f"close {skipped[0]}, then {month}.",
        )


def _due(month: str, as_of: date, today: date) -> None:
    if today < as_of:
        raise KpiError(
            f"closing {month}",
            f"its figures are those of {as_of}, and today is {today}.",
            f"close it on {as_of} or later.",
        )


def _settled(month: str, people: Sequence[str]) -> None:
    if people:
        n, shown = len(people), ", ".join(sorted(people)[:5])
        raise KpiError(
            f"closing {month}",
            f"{n} {'result is' if n == 1 else 'results are'} not final: {shown}"
            + (f" and {n - 5} more" if n > 5 else "")
            + ". Each may still be signed, objected to or appealed.",
            "close when signoff.csv has a final state for everybody.",
        )


def _by_id(data: Path, month: str, names: pd.Series) -> None:
    """Refuse ids that are names, for they could never be forgotten."""
    known = read_forgotten(data).people
    n = sum(person == name and person not in known for person, name in names.items())
    if n:
        raise KpiError(
            f"closing {month}",
            f"{n} {'person has the' if n == 1 else 'people have their'} name for an id in "
            "people.csv; a closed month holds ids for ever.",
            "give ids that say nothing of the person, such as p001.",
        )


def _frozen(outcomes: Outcomes, data: Path, now: datetime, *, signed: bool) -> Closed:
    month = outcomes.month
    folder = folder_of(data, month)
    folder.mkdir(exist_ok=True)
    _emptied(folder)
    words, tables = sworn(outcomes)
    held = contents_of(outcomes, tables)
    files = {name: _put(folder, name, content) for name, content in held.items()}
    if words:
        put(folder / COMMENTS, comments_bytes(words), private=True)
    manifest = _manifest(outcomes, data, now, files)
    added = {
        "words": tuple(each.sha256 for each in words),
        "signed": "signoff.csv" if signed else "elsewhere",
    }
    content, seal = sealed(manifest.model_copy(update=added))
    try:
        put_new(folder / MANIFEST, content)
    except FileExistsError as error:
        raise KpiError(
            f"closing {month}", "it was closed meanwhile.", "look at it with `kpi verify`."
        ) from error
    keep_names(folder.parent)
    remember(data)
    return Closed(month, folder, seal, len(files), len(outcomes.table))


def _emptied(folder: Path) -> None:
    """Take away what a killed closing left behind; nothing else may lie there."""
    for place in sorted(folder.iterdir()):
        if not (_ours(place) or place.name == COMMENTS):
            raise KpiError(
                f"closed/{folder.name}/{place.name}",
                "no closing wrote this file.",
                "move it elsewhere; this folder is for closed months only.",
            )
        place.unlink()


def _ours(place: Path) -> bool:
    stem, _, digits = place.stem.rpartition("-")
    return bool(stem) and digits == sha256(place.read_bytes())[:_DIGITS]


def _put(folder: Path, name: str, content: Content) -> Frozen:
    digest = sha256(content.content)
    stem, _, kind = name.rpartition(".")
    file = f"{stem}-{digest[:_DIGITS]}.{kind}"
    put(folder / file, content.content, private=content.private)
    return Frozen(
        file=file, sha256=digest, columns=tuple(content.columns.items()), private=content.private
    )


def _manifest(outcomes: Outcomes, data: Path, now: datetime, files: dict[str, Frozen]) -> Manifest:
    closed = closed_months(data)
    versions = {name: metadata.version(name) for name in _COMPUTES}
    versions |= {"kpilib": provenance.version(), "python": platform.python_version()}
    if commit := provenance.commit():
        versions["commit"] = commit
    seals = [seal for seal in seals_there(data) if seal.file != MANIFEST]
    return Manifest(
        month=outcomes.month,
        closed=now.isoformat(timespec="seconds"),
        before=_seal(data, closed[-1]) if closed else None,
        amended=tuple(seals),
        scheme=outcomes.scheme.name,
        rules=outcomes.scheme.hash,
        versions=versions,
        files=files,
    )


def _seal(data: Path, month: str) -> Seal:
    return Seal(month=month, file=MANIFEST, sha256=read_manifest(data, month)[1])


def seals_there(data: Path) -> list[Seal]:
    """Return the seal of every manifest and amendment that is there, by month and number."""
    found = []
    for month in closed_months(data):
        found.append(_seal(data, month))
        for amendment, seal, *_ in read_amendments(data, month):
            found.append(
                Seal(month=month, file=f"amendment-{amendment.number:03}.json", sha256=seal)
            )
    return found


def remember(data: Path) -> None:
    """Add the newest seals to the list by which the loss of a last one is found."""
    listed = read_seals(data)
    new = [seal for seal in seals_there(data) if seal not in listed]
    if new:
        put(data / "closed" / SEALS, seals_bytes([*listed, *new]))
