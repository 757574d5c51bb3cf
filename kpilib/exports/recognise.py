"""Recognition: which format a file has, by its headers and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kpilib.errors import KpiError
from kpilib.exports.formats import Format, formats, normal_header

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
    unknown : tuple of str
        Headers that the format does not know, as the file writes them.
    absent : tuple of str
        Headers that the format reads and the file lacks.
    """

    format: Format
    row: int
    places: Mapping[str, int]
    unknown: tuple[str, ...]
    absent: tuple[str, ...]


@lru_cache(maxsize=64)
def _spellings(key: str) -> Mapping[str, str]:
    """Return every normalised header of a format -> the format's own spelling of it."""
    fmt = formats()[key]
    names = {normal_header(header): header for header in fmt.known}
    for header, column in fmt.columns.items():
        names |= {normal_header(alias): header for alias in column.aliases}
    return names


@lru_cache(maxsize=1)
def _signatures() -> Mapping[str, frozenset[str]]:
    return {key: frozenset(fmt.signature) for key, fmt in formats().items()}


def _fits(cells: Iterable[str], fmt: Format) -> bool:
    """Whether a row holds a format's signature (and nothing else, for an exact one)."""
    names = _spellings(fmt.key)
    found = [names.get(cell) for cell in cells if cell]
    if not _signatures()[fmt.key].issubset(found):
        return False
    if fmt.one_of and sum(header in fmt.one_of for header in found) != 1:
        return False
    return not (fmt.exact and None in found)


@lru_cache(maxsize=256)
def _matches(row: tuple[str, ...]) -> tuple[Format, ...]:
    cells = tuple(normal_header(cell) for cell in row)
    return tuple(fmt for fmt in formats().values() if _fits(cells, fmt))


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
        found = _matches(tuple(row))
        if not found:
            continue
        if len(found) > 1:
            titles = ", ".join(fmt.title for fmt in found)
            raise KpiError(where, f"the headers fit more than one format: {titles}.", _REMEDY)
        if found[0].refused:
            problem = f"this is {found[0].title}, which kpilib does not read."
            raise KpiError(where, problem, "take it out of the folder of this month.")
        return _header(found[0], place, tuple(row), where)
    raise UnknownFormatError(where, _nearest(rows[:HEADER_ROWS]), _REMEDY)


def _header(fmt: Format, place: int, row: tuple[str, ...], where: str) -> Header:
    names = _spellings(fmt.key)
    places: dict[str, int] = {}
    unknown: list[str] = []
    for position, cell in enumerate(row):
        header = names.get(normal_header(cell))
        if header is None:
            unknown += [cell.strip()] if cell.strip() else []
        elif header in places and header in fmt.columns:
            problem = f"the column {header} stands there twice."
            raise KpiError(f"{where}, row {place + 1}", problem, "delete one of them.")
        else:
            places[header] = position
    wanted = (header for header in fmt.headers if header in fmt.columns)
    absent = tuple(h for h in wanted if h not in places and fmt.columns[h].kind != "private")
    return Header(fmt, place, places, tuple(unknown), absent)


def _nearest(rows: Sequence[Sequence[str]]) -> str:
    """Say which known format is nearest to the best of the rows, and how they differ."""
    best: tuple[float, Format | None, Sequence[str]] = (0.0, None, ())
    for row in rows:
        cells = {normal_header(cell) for cell in row} - {""}
        for fmt in formats().values():
            names = _spellings(fmt.key)
            common = len(cells & names.keys())
            wanted = len(fmt.headers) + bool(fmt.one_of)
            share = common / (len(cells) + wanted - common) if common else 0.0
            if share > best[0]:
                best = (share, fmt, row)
    if best[1] is None:
        return "no header of a known format stands in the first five rows."
    fmt, names = best[1], _spellings(best[1].key)
    found = {names.get(normal_header(cell)) for cell in best[2]}
    lacks = [header for header in fmt.signature if header not in found]
    if fmt.one_of and not found & set(fmt.one_of):
        lacks.append(" / ".join(fmt.one_of))
    strange = [
        cell.strip() for cell in best[2] if cell.strip() and normal_header(cell) not in names
    ]
    parts = [f"no known format has these columns; the nearest is {fmt.title}"]
    parts += [f"it would need {_listed(lacks)}"] if lacks else []
    parts += [f"it does not know {_listed(strange)}"] if strange else []
    return "; ".join(parts) + "."


def _listed(headers: Sequence[str]) -> str:
    shown = ", ".join(headers[:_SHOWN])
    more = len(headers) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
