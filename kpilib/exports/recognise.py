"""Recognition: which format a file has, by its headers and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kpilib.errors import KpiError
from kpilib.exports.formats import Column, Format, formats
from kpilib.exports.headers import normal_header, split_unit

HEADER_ROWS = 5  # some exports put a notice or a title above the header
_SHOWN = 6
_REMEDY = (
    "download it again from the platform with all its columns; "
    "if the platform has renamed one, enter it in kpilib/exports/formats.yaml."
)


class UnknownFormatError(KpiError):
    """No format fits a sheet; in a workbook, another sheet may hold the data."""


@dataclass(frozen=True)
class Header:
    """Where a sheet's header stands and what its columns are.

    Attributes
    ----------
    format : Format
        The format recognised.
    row : int
        Position of the header row, from 0.
    places : mapping of str to int
        The format's own spelling of a header -> position of its column.
    columns : mapping of str to Column
        Header -> how its cells are read here: a unit in the file's own header goes before the
        format's.
    unknown : tuple of str
        Headers that the format does not know, as the file writes them.
    absent : tuple of str
        Headers that the format reads and the file lacks.
    """

    format: Format
    row: int
    places: Mapping[str, int]
    columns: Mapping[str, Column]
    unknown: tuple[str, ...]
    absent: tuple[str, ...]


@lru_cache(maxsize=128)
def _spellings(key: str) -> Mapping[str, str]:
    """Return every normalised header of a format -> the format's own spelling of it.

    A header may also come with another unit, or without one: its name alone is a spelling too,
    where no other header has it.
    """
    fmt = formats()[key]
    names = {normal_header(header): header for header in fmt.known}
    for header, column in fmt.columns.items():
        names |= {normal_header(alias): header for alias in column.aliases}
    for name, header in list(names.items()):
        names.setdefault(split_unit(name)[0], header)
    return names


def _known(key: str, name: str) -> str | None:
    """Return the format's spelling of a normalised header, or None."""
    names = _spellings(key)
    return names.get(name) or names.get(split_unit(name)[0])


def _lacks(cells: Iterable[str], fmt: Format) -> list[frozenset[str]] | None:
    """Return what of a format's signature a row lacks, or None if it is another file anyhow."""
    found = [_known(fmt.key, cell) for cell in cells if cell]
    if any(normal_header(header) in cells for header in fmt.without):
        return None
    if fmt.one_of and sum(header in fmt.one_of for header in found) != 1:
        return None
    if fmt.exact and None in found:
        return None
    return [choice for choice in fmt.choices if choice.isdisjoint(found)]


@lru_cache(maxsize=1024)
def matches(row: tuple[str, ...]) -> tuple[Format, ...]:
    """Return the formats whose header this row may be; those that lack nothing go first."""
    cells = tuple(normal_header(cell) for cell in row)
    fits: dict[int, list[Format]] = {}
    for fmt in formats().values():
        lacks = _lacks(cells, fmt)
        if lacks is not None and len(lacks) <= fmt.lacking:
            fits.setdefault(len(lacks), []).append(fmt)
    return tuple(fits[min(fits)]) if fits else ()


def recognise(rows: Sequence[Sequence[str]], where: str) -> Header:
    """Find the header among the first five rows, and the format by its signature.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first rows of a sheet, as text.
    where : str
        The file, for messages.

    Returns
    -------
    Header
        Format and places of its columns.

    Raises
    ------
    UnknownFormatError
        If no format fits.
    KpiError
        If more than one does, the file is another platform's, or a column that is
        read stands there twice.
    """
    for place, row in enumerate(rows[:HEADER_ROWS]):
        found = matches(tuple(row))
        if not found:
            continue
        if len(found) > 1:
            each = "; ".join(f"{fmt.name} ({_listed(_words(fmt))})" for fmt in found)
            raise KpiError(where, f"the headers fit more than one format: {each}.", _REMEDY)
        if found[0].refused:
            raise KpiError(where, f"this is {found[0].name}, {found[0].because}.", found[0].remedy)
        return _header(found[0], place, tuple(row), where)
    raise UnknownFormatError(where, _nearest(rows[:HEADER_ROWS]), _REMEDY)


def _header(fmt: Format, place: int, row: tuple[str, ...], where: str) -> Header:
    places: dict[str, int] = {}
    columns: dict[str, Column] = {}
    unknown: list[str] = []
    here = f"{where}, row {place + 1}"
    for position, cell in enumerate(row):
        header = _known(fmt.key, normal_header(cell))
        if header is None:
            unknown += [cell.strip()] if cell.strip() else []
        elif header in places and header in fmt.columns:
            raise KpiError(here, f"the column {header} stands there twice.", "delete one of them.")
        else:
            places[header] = position
            if header in fmt.columns:
                columns[header] = _under(fmt.columns[header], header, cell, here)
    for options in fmt.spellings.values():
        for header, _ in [option for option in options if option[0] in places][1:]:
            del columns[header]  # it stays a place: a totals row may show itself there
    _needed(fmt, places, where)
    wanted = [options for name, options in fmt.spellings.items() if name in fmt.expected]
    absent = tuple(options[0][0] for options in wanted if not any(h in places for h, _ in options))
    return Header(fmt, place, places, columns, tuple(unknown), absent)


def _under(column: Column, header: str, cell: str, here: str) -> Column:
    """Return the column as the file's own header says it is to be read."""
    stated = split_unit(normal_header(cell))[1]
    read = column.under(stated, split_unit(normal_header(header))[1])
    if read is None:
        problem = f"the header {cell.strip()} states a unit that {header} cannot have."
        raise KpiError(here, problem, "download it again from the platform.")
    return read


def _needed(fmt: Format, places: Mapping[str, int], where: str) -> None:
    """Refuse a file without a column that its rows mean nothing without."""
    lacks = {
        name: fmt.spellings[name][0][0]
        for name in fmt.needed
        if name in fmt.spellings and not any(h in places for h, _ in fmt.spellings[name])
    }
    if lacks:
        said = _listed(list(lacks.values()))
        problem = f"this is {fmt.name} without {said}; its rows mean nothing without it."
        asked = lacks.keys() <= set(fmt.asked)
        remedy = _beside(lacks.values()) if asked else "export it again with this column."
        raise KpiError(where, problem, remedy)


def _beside(headers: Iterable[str]) -> str:
    """Say where to write what an answer lacks because it was part of the question."""
    names = ", ".join(f'"{header}": "…"' for header in headers)
    said = "it was asked for, and the answer does not repeat it: write it beside the whole answer"
    return f'{said}, {{{names}, "data": …}}.'


def _nearest(rows: Sequence[Sequence[str]]) -> str:
    """Say which known format is nearest to the best of the rows, and how they differ."""
    best: tuple[float, Format | None, Sequence[str]] = (0.0, None, ())
    for row in rows:
        cells = {normal_header(cell) for cell in row} - {""}
        for fmt in formats().values():
            common = sum(_known(fmt.key, cell) is not None for cell in cells)
            wanted = len(fmt.headers) + bool(fmt.one_of)
            share = common / (len(cells) + wanted - common) if common else 0.0
            if share > best[0]:
                best = (share, fmt, row)
    if best[1] is None:
        return "no header of a known format stands in the first five rows."
    return _difference(best[1], best[2])


def _difference(fmt: Format, row: Sequence[str]) -> str:
    found = {_known(fmt.key, normal_header(cell)) for cell in row if cell.strip()}
    lacks = [
        word for word, choice in zip(_words(fmt), fmt.choices, strict=True) if not choice & found
    ]
    if fmt.one_of and not found & set(fmt.one_of):
        lacks.append(" / ".join(fmt.one_of))
    many = [header for header in fmt.one_of if header in found]
    strange = [
        cell.strip()
        for cell in row
        if cell.strip() and _known(fmt.key, normal_header(cell)) is None
    ]
    parts = [f"no known format has these columns; the nearest is {fmt.name}"]
    parts += [f"it would need {_listed(lacks)}"] if lacks else []
    parts += [f"it would hold only one of {_listed(many)}"] if len(many) > 1 else []
    parts += [f"it does not know {_listed(strange)}"] if strange else []
    return "; ".join(parts) + "."


def _words(fmt: Format) -> list[str]:
    """Return a signature as a person reads it."""
    return [" / ".join(item.split("|")) for item in fmt.signature]


def _listed(headers: Sequence[str]) -> str:
    shown = ", ".join(headers[:_SHOWN])
    more = len(headers) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
