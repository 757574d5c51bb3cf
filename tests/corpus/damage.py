"""What happens to exports on their way: each damage is a function of headers and rows."""

from __future__ import annotations

import unicodedata

from kpilib.exports import formats
from tests.exports_made import SHAPES, Made

NUMBERS = ("count", "yuan", "rate", "seconds", "minutes", "hours", "date", "number")
_WIDE = {sign: sign + 0xFEE0 for sign in range(0x21, 0x7F)}


def good(key: str, rows: int = 2) -> Made:
    """Return rows of a format, under what its platform writes between them and the header."""
    made = SHAPES[key](rows)
    notes: list[list[object]] = [
        ["说明", *[""] * (len(made.headers) - 1)] for _ in range(formats()[key].skip)
    ]
    return Made(made.headers, notes + made.rows)


def cell(made: Made, header: str, value: object, row: int = -1) -> Made:
    """Put a value into one cell, by default of the last row."""
    rows = [list(cells) for cells in made.rows]
    rows[row][made.headers.index(header)] = value
    return Made(made.headers, rows)


def column(made: Made, header: str, *values: object) -> Made:
    """Put values into the last rows of a column."""
    for place, value in enumerate(values):
        made = cell(made, header, value, place - len(values))
    return made


def renamed(made: Made, old: str, new: str) -> Made:
    """Give a column another header."""
    return Made([new if header == old else header for header in made.headers], made.rows)


def without(made: Made, *headers: str) -> Made:
    """Leave columns out."""
    kept = [place for place, header in enumerate(made.headers) if header not in headers]
    return Made([made.headers[k] for k in kept], [[row[k] for k in kept] for row in made.rows])


def backwards(made: Made) -> Made:
    """Put the last column first."""
    return Made(made.headers[::-1], [list(row)[::-1] for row in made.rows])


def again(made: Made, **cells: object) -> Made:
    """Repeat the last row, with other cells where they are given."""
    row = [cells.get(h, c) for h, c in zip(made.headers, made.rows[-1], strict=True)]
    return Made(made.headers, [*made.rows, row])


def row(made: Made, **cells: object) -> Made:
    """Add a row that has only these cells."""
    return Made(made.headers, [*made.rows, [cells.get(h, "") for h in made.headers]])


def padded(made: Made) -> Made:
    """Pad headers and cells with blanks and tabs, as the shop does."""
    pad = [[f"\t{value} " for value in cells] for cells in made.rows]
    return Made([f" {header}\t" for header in made.headers], pad)


def wide(key: str, made: Made) -> Made:
    """Write headers and numbers in full-width characters."""
    kinds = {name: column.kind for name, column in formats()[key].columns.items()}
    numbers = [kinds.get(header, "").startswith(NUMBERS) for header in made.headers]
    rows = [
        [_widened(str(v)) if number else v for v, number in zip(cells, numbers, strict=True)]
        for cells in made.rows
    ]
    return Made([_widened(header) for header in made.headers], rows)


def _widened(text: str) -> str:
    wide = text.translate(_WIDE)
    assert unicodedata.normalize("NFKC", wide) == unicodedata.normalize("NFKC", text)
    return wide
