"""Forgetting a leaver: the name goes out of the team's own files; the id stays everywhere.

Names stand in people.csv; closed months hold ids, so no chain breaks. What people wrote may hold
a name too: there it becomes the id, and words about the person beside closed months are erased.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from kpilib.errors import KpiError
from kpilib.ledger.canonical import json_bytes, sha256
from kpilib.ledger.comments import comments_bytes, read_comments
from kpilib.ledger.files import locked
from kpilib.ledger.forgotten import FORGOTTEN, Forgotten, forgotten_bytes, read_forgotten
from kpilib.ledger.manifest import (
    COMMENTS,
    Commitment,
    amendment_name,
    closed_months,
    folder_of,
    read_amendments,
)
from kpilib.ledger.verifying import verify
from kpilib.output import PARTIAL, put

PEOPLE: Final = "people.csv"
_EXPORT_KEYS: Final = "credits.csv"  # its names of works must go on matching the exports
_ABOUT: Final = ("ratee", "rater")
_Cells = Callable[[dict[str, str]], dict[str, str]]


@dataclass(frozen=True)
class Forgot:
    """What forgetting a person changed: files by their place; none if all was done before."""

    person: str
    files: tuple[str, ...]


def forget(data: str | Path, person: str, *, today: date | None = None) -> Forgot:
    """Take the name of a person who has left out of a team's folder.

    In people.csv the name becomes the id. In other files that the team writes (ratings,
    calibrations, signatures, interviews) comments on the person are emptied, and the name
    becomes the id wherever else it stands. Beside closed months words about the person, or
    with the name, are erased; the months themselves hold ids and are not touched. Exports stay
    as the platforms gave them, and so does credits.csv, which matches them by titles.

    Whatever ends the process, doing it again does the rest: people.csv, which tells the name,
    is written last.

    Parameters
    ----------
    data : path
        A team's folder.
    person : str
        Id of people.csv.
    today : date, optional
        The day; by default the present one.

    Raises
    ------
    KpiError
        If there is no such person, or the person has not left; if a closed month was changed;
        or if another command writes.
    """
    root, day = Path(data), today or date.today()
    with locked(root / "closed"):
        name = _name_of_leaver(root, person, day)
        if name == person:
            return Forgot(person, ())
        faults = verify(root).faults
        if faults:
            raise KpiError(
                f"forgetting {person}",
                "a closed month is not as it was: " + "; ".join(f.where for f in faults[:5]) + ".",
                "restore these files from a copy; `kpi verify` says what is wrong with each.",
            )
        for pattern in (f"{PARTIAL}*", f"[irt]*/**/{PARTIAL}*"):  # interviews, ratings, tasks
            for partial in root.glob(pattern):
                partial.unlink()
        changes = dict(_changes(root, person, name))
        _remember(root, person, day, changes)
        for place, content in changes.items():
            put(root / place, content, private=True)
        return Forgot(person, tuple(changes))


def _name_of_leaver(root: Path, person: str, day: date) -> str:
    """Return the name of a person who has left."""
    rows = [row for row in _rows(root / PEOPLE)[0] if row.get("person", "").strip() == person]
    if not rows:
        raise KpiError(f"forgetting {person!r}", "is nobody of people.csv.", "give an id of it.")
    if not all(row.get("left", "").strip() and row["left"].strip() < str(day) for row in rows):
        raise KpiError(
            f"forgetting {person}",
            f"has not left: people.csv has no day before {day} under left.",
            "write the day there first; who works here keeps the name.",
        )
    return rows[0].get("name", "").strip() or person


def _changes(root: Path, person: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield every file that is to be written anew, people.csv last."""
    without = _without(name, person, _names(root))

    def words(row: dict[str, str]) -> dict[str, str]:
        about = person in [row.get(column) for column in _ABOUT]
        told = {k: without(v) for k, v in row.items()}
        return told | ({"comment": ""} if about and told.get("comment") else {})

    tables = [*root.glob("*.csv"), *root.glob("ratings/*.csv"), *root.glob("tasks/*.csv")]
    for place in sorted(tables):
        if place.name not in {PEOPLE, _EXPORT_KEYS}:
            yield from _rewritten(root, place, words)
    for place in sorted(root.glob("interviews/**/*.y*ml")):
        text = place.read_text(encoding="utf-8")
        if without(text) != text:
            yield place.relative_to(root).as_posix(), without(text).encode()
    for month in closed_months(root):
        yield from _beside_closed(root, month, person, name)

    def named(row: dict[str, str]) -> dict[str, str]:
        mine = row.get("person", "").strip() == person
        return row | ({"name": person} | dict.fromkeys({"alias"} & row.keys(), "") if mine else {})

    yield from _rewritten(root, root / PEOPLE, named)


def _names(root: Path) -> list[str]:
    return [row.get("name", "").strip() for row in _rows(root / PEOPLE)[0]]


def _without(name: str, person: str, names: list[str]) -> Callable[[str], str]:
    """Return what replaces a name by the id, but not inside a longer name of somebody else."""
    longer = sorted({n for n in names if name in n and n != name}, key=len, reverse=True)
    found = re.compile("|".join(re.escape(n) for n in [*longer, name]))
    return lambda text: found.sub(lambda m: person if m[0] == name else m[0], text)


def _beside_closed(root: Path, month: str, person: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Erase words about the person, or with the name, that stand beside a closed month."""

    def kept(words: Commitment) -> Commitment:
        mine = words.person == person or name in (words.text or "")
        return words.erased(person) if mine and words.text is not None else words

    folder = folder_of(root, month)
    held = read_comments(root, month)
    if [kept(words) for words in held] != held:
        where = (folder / COMMENTS).relative_to(root).as_posix()
        yield where, comments_bytes(kept(words) for words in held)
    for amendment, _, why, by in read_amendments(root, month):
        if (kept(why), kept(by)) != (why, by):
            place = folder / amendment_name(amendment.number)
            said = json.loads(place.read_bytes())
            said |= {"why": kept(why).model_dump(), "by": kept(by).model_dump()}
            yield place.relative_to(root).as_posix(), json_bytes(said)


def _remember(root: Path, person: str, day: date, changes: dict[str, bytes]) -> None:
    """Note whom and which files it concerns, before any of them is written."""
    known = read_forgotten(root)
    files = [
        (place, sha256((root / place).read_bytes()), sha256(content))
        for place, content in changes.items()
        if place.startswith(("ratings/", "tasks/"))
    ]
    new = Forgotten(
        {person: str(day)} | known.people,
        (*known.files, *(each for each in files if each not in known.files)),
    )
    put(root / "closed" / FORGOTTEN, forgotten_bytes(new))


def _rewritten(root: Path, place: Path, change: _Cells) -> Iterator[tuple[str, bytes]]:
    """Yield a table with its rows changed, in its own encoding, if that changes any."""
    rows, head, form = _rows(place)
    changed = [change(row) for row in rows]
    if changed == rows:
        return
    out = io.StringIO()
    end = "\r\n" if form.crlf else "\n"
    writer = csv.DictWriter(out, head, delimiter=form.delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(changed)
    yield place.relative_to(root).as_posix(), out.getvalue().encode(form.encoding)


@dataclass(frozen=True)
class _Form:
    encoding: str
    delimiter: str
    crlf: bool


def _rows(place: Path) -> tuple[list[dict[str, str]], list[str], _Form]:
    """Read a table that the team wrote: rows, header, and how it is written."""
    raw = place.read_bytes()
    marked = raw.startswith(b"\xef\xbb\xbf")
    for encoding in ("utf-8-sig",) if marked else ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise KpiError(place.name, "the text is not UTF-8.", "save it as csv in UTF-8.")
    first = text.partition("\n")[0]
    form = _Form(encoding, "\t" if "\t" in first and "," not in first else ",", "\r\n" in text)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter)
    head, *lines = [line for line in table if line] or [[]]
    width = len(head)
    if any(len(line) > width for line in lines) or len(set(head)) < width:
        raise KpiError(
            place.name, "a row is longer than the header, or a column stands twice.", "mend it."
        )
    rows = [dict(zip(head, [*line, *[""] * (width - len(line))], strict=True)) for line in lines]
    return rows, head, form
