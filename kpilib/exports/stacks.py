"""Stacks: several titled tables in one sheet, each cut by its own header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from kpilib.errors import KpiError
from kpilib.exports.recognise import HEADER_ROWS, Header, matches, recognise
from kpilib.exports.sheets import UNDER_ALL, Sheet, cut
from kpilib.exports.taking import stripped

# of a stack, which is held whole; such lists have some hundreds of rows
_LONGEST, _LARGEST = 200_000, 5_000_000  # rows, cells


def cut_all(
    rows: Iterable[Sequence[Any]],
    header: Header,
    file: str,
    encoding: str,
    sha256: str,
    read: Callable[[Sequence[Any]], list[str]] = stripped,
    title: str | None = None,
) -> tuple[Sheet, ...]:
    """Cut a sheet into its tables: one, or those of a stack.

    Parameters
    ----------
    rows : iterable of sequences
        All rows of the sheet.
    header : Header
        What was recognised first.
    file, encoding, sha256 : str
        Of the file.
    read : callable, optional
        Makes stripped text of raw cells; that of a workbook's cells by default.
    title : str, optional
        What the file itself calls the table.

    Returns
    -------
    tuple of Sheet
        In a stack, ``file`` is followed by ``#`` and the table's title.

    Raises
    ------
    KpiError
        If a row does not fit its header, or a title stands above no known header.
    """
    if not header.format.stacked:
        return (cut(rows, header, file, encoding, sha256, read, title=title),)
    texts = _held(map(read, rows), file)
    starts = _starts(texts, header.row, file)
    ends = [*starts[1:], len(texts)]
    names = _names([_title(texts, start) for start in starts])
    sheets = []
    for start, end, name in zip(starts, ends, names, strict=True):
        where = file if len(starts) == 1 else f"{file}#{name}"
        part, notes = _without_notes(texts[start:end])
        found = recognise(part[:HEADER_ROWS], where)
        sheet = cut(part, found, where, encoding, sha256, _same, title=name or None, above=start)
        aside = Counter(sheet.aside) + Counter({UNDER_ALL: notes})
        sheets.append(replace(sheet, aside=aside))
    return tuple(sheets)


def _held(rows: Iterable[list[str]], file: str) -> list[list[str]]:
    """Return all rows, or refuse more of them, or of their cells, than a stack has."""
    texts: list[list[str]] = []
    cells = 0
    for row in rows:
        texts.append(row)
        cells += len(row)
        for found, most, what in ((len(texts), _LONGEST, "rows"), (cells, _LARGEST, "cells")):
            if found > most:
                problem = f"more than {most:,} {what} in a sheet of titled tables."
                raise KpiError(file, problem, "download each table by itself.")
    return texts


def _same(cells: Sequence[Any]) -> list[str]:
    return list(cells)


def _single(row: Sequence[str]) -> bool:
    """Whether one cell of a row is filled, as in the line of a title or a note."""
    return sum(map(bool, row)) == 1


def _starts(texts: Sequence[Sequence[str]], first: int, file: str) -> list[int]:
    """Return where each table begins: at its title, or at its header where it has none."""
    starts, title = [0], None
    for place, row in enumerate(texts[first + 1 :], start=first + 1):
        if not any(row):
            continue
        if matches(tuple(row)):
            starts.append(place if title is None else title)
            title = None
        elif _single(row):
            title = place if title is None else title
        elif title is not None:
            name = next(filter(None, texts[title]))
            problem = f"under the line {name!r} stands no header of a known format."
            remedy = "download each table by itself, or take this one out."
            raise KpiError(f"{file}, row {title + 1}", problem, remedy)
    return starts


def _title(texts: Sequence[Sequence[str]], start: int) -> str:
    """Return the last line of one cell above a table's header."""
    found = ""
    for row in texts[start:]:
        if matches(tuple(row)):
            break
        found = next(filter(None, row)) if _single(row) else found
    return found


def _names(titles: Sequence[str]) -> list[str]:
    """Return the titles, numbered where there is none or the same stands twice."""
    repeated = Counter(titles)
    if len(titles) == 1:
        return list(titles)
    names: list[str] = []
    last = 0
    for place, title in enumerate(titles, start=1):
        if title and repeated[title] == 1:
            names.append(title)
            continue
        last = max(last + 1, place)
        while f"{title or 'table'} {last}" in repeated:  # the title of another
            last += 1
        names.append(f"{title or 'table'} {last}")
    return names


def _without_notes(rows: Sequence[Sequence[str]]) -> tuple[Sequence[Sequence[str]], int]:
    """Part a table from the notes under it; return how many rows they are."""
    end = len(rows)
    while end > 1 and sum(map(bool, rows[end - 1])) <= 1:
        end -= 1
    return rows[:end], len(rows) - end
