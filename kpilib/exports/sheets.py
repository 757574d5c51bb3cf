"""Sheets: rows of a recognised file cut to the columns that are read, every row accounted for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from kpilib.errors import KpiError
from kpilib.exports.cells import LARGEST
from kpilib.exports.formats import Format
from kpilib.exports.recognise import Header

BLANK, ABOVE, UNDER = "blank row", "row above the header", "description row under the header"
_VISIBLE_DIGITS = 7  # of a phone number: fewer, and different buyers look alike


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of an export: the columns that are read, as text, and what is left out.

    Attributes
    ----------
    file : str
        Path under the data folder; with ``#name`` where a workbook holds several sheets.
    encoding, sha256 : str
        Of the file.
    header : Header
        Format and columns.
    columns : mapping of str to list of str
        The format's spelling of a header -> its cells, stripped.
    rows : sequence of int
        Row number of each cell in the file, from 1.
    aside : mapping of str to int
        Rows left out, by reason.
    special : tuple of (str, mapping)
        Totals and averages rows: reason, and cells by header.
    buyers : list of (str or None), or None
        Pseudonyms, where the sheet names buyers; the names themselves are not kept.
    """

    file: str
    encoding: str
    sha256: str
    header: Header
    columns: Mapping[str, list[str]]
    rows: Sequence[int]
    aside: Mapping[str, int]
    special: tuple[tuple[str, Mapping[str, str]], ...]
    buyers: list[str | None] | None

    @property
    def format(self) -> Format:
        """Format of the sheet."""
        return self.header.format


def cut(
    rows: Sequence[Sequence[Any]], header: Header, file: str, encoding: str, sha256: str
) -> Sheet:
    """Cut a sheet to the columns that are read, and count every row that is none.

    Parameters
    ----------
    rows : sequence of sequences
        All rows, the header's too: text, or the cells of a workbook.
    header : Header
        What was recognised.
    file, encoding, sha256 : str
        Of the file.

    Returns
    -------
    Sheet
        Columns as text.

    Raises
    ------
    KpiError
        If a row of a text file has fewer or more cells than its header.
    """
    fmt, first = header.format, header.row + 1 + header.format.skip
    width = max(header.places.values()) + 1
    aside: Counter[str] = Counter()
    aside[ABOVE] += sum(map(_filled, rows[: header.row]))
    aside[BLANK] += header.row - aside[ABOVE]
    aside[UNDER] += len(rows[header.row + 1 : first])
    marks = [
        (header.places[name], name, reasons)
        for name, reasons in fmt.special_rows.items()
        if name in header.places
    ]
    special: list[tuple[str, Mapping[str, str]]] = []
    kept: list[Sequence[Any]] = []
    numbers: list[int] = []
    for number, row in enumerate(rows[first:], start=first + 1):
        reason = _special(row, marks)
        if reason is not None:
            aside[reason] += 1
            special.append((reason, _cells(row, header)))
        elif not _filled(row):
            aside[BLANK] += 1
        else:
            kept.append(row)
            numbers.append(number)
    if encoding not in ("xlsx", "xls"):
        _same_width(kept, numbers, width, len(rows[header.row]), file)
    read = [name for name in fmt.columns if name in header.places]
    columns = {
        name: [as_text(row[header.places[name]]).strip() for row in kept]
        for name in read
        if fmt.columns[name].kind != "private"
    }
    aside = +aside
    buyers = _buyers(kept, header)
    return Sheet(file, encoding, sha256, header, columns, numbers, aside, tuple(special), buyers)


def as_text(cell: object) -> str:
    """Return a cell as text; a workbook's number above 2^53 keeps its exponent.

    >>> as_text(34606.0), as_text(0.366807), as_text(6.917529027641082e18)
    ('34606', '0.366807', '6.917529027641082e+18')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        whole = float(cell).is_integer() and abs(cell) <= LARGEST
        return str(int(cell)) if whole else repr(float(cell))
    if isinstance(cell, datetime):
        rounded = cell + timedelta(microseconds=500_000)
        return rounded.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    assert isinstance(cell, timedelta), f"a workbook's cell of type {type(cell)}"
    minutes, seconds = divmod(round(cell.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def _filled(row: Sequence[Any]) -> bool:
    return any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in row)


def _special(row: Sequence[Any], marks: Sequence[tuple[int, str, Mapping[str, str]]]) -> str | None:
    """Return the reason why a row is no person, work or day, if it is none."""
    for place, _, reasons in marks:
        if place < len(row) and isinstance(row[place], str):
            reason = reasons.get(row[place].strip())
            if reason is not None:
                return reason
    return None


def _cells(row: Sequence[Any], header: Header) -> dict[str, str]:
    return {
        name: as_text(row[place]).strip()
        for name, place in header.places.items()
        if place < len(row)
    }


def _same_width(
    rows: Sequence[Sequence[Any]], numbers: Sequence[int], least: int, most: int, file: str
) -> None:
    """Refuse rows of a text file whose cells cannot be matched with the header."""
    if {most}.issuperset(map(len, rows)):
        return
    for row, number in zip(rows, numbers, strict=True):
        if len(row) < least or _filled(row[most:]):
            problem = f"{len(row)} cells in this row, {most} in the header."
            remedy = "put cells that hold a comma in quotes; download a half-written file again."
            raise KpiError(f"{file}, row {number}", problem, remedy)


def _buyers(rows: Sequence[Sequence[Any]], header: Header) -> list[str | None] | None:
    """Return a pseudonym for each row's buyer; None where the cells do not tell buyers apart."""
    wanted = header.format.buyer
    if not wanted or not set(wanted) <= header.places.keys():
        return None
    places = [header.places[name] for name in wanted]
    missing = frozenset(header.format.missing)
    return [_pseudonym([as_text(row[p]).strip() for p in places], missing) for row in rows]


def _pseudonym(parts: list[str], missing: frozenset[str]) -> str | None:
    if not missing.isdisjoint(parts) or sum(map(str.isdigit, parts[-1])) < _VISIBLE_DIGITS:
        return None
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
