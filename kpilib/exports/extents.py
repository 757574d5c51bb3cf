"""Extents: what a part of a workbook holds, measured block by block as it is unpacked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

_LONGEST_PLACE = 16  # characters; a sheet ends at XFD1048576
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_TAG = re.compile(rb"""<[^<>"']*+(?:"[^<>"]*+"[^<>"']*+|'[^<>']*+'[^<>"']*+)*+>""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*\s)?t\s*=\s*["']e["']""")
_FORMULA = re.compile(rb"<(?:[a-z]+:)?f[\s>/]")
_PREFIXED = re.compile(rb"<\w+:(?:c|row)[\s>/]")
_PREFIXED_CELL = re.compile(rb"<\w+:c[\s>/]")
END_OF_NAME = np.isin(np.arange(256), list(b" \t\r\n>/"))

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.intp]]


@dataclass
class Extent:
    """How far the cells of a part reach, and how many there are.

    Attributes
    ----------
    cells, last_row, last_column : int
        Cells that are there, and the corner of the rectangle around them.
    formulas, declares : bool
        Whether a cell holds a formula, and whether the part declares entities.
    errors, unordered : bool
        Whether a cell holds a spreadsheet's error, and whether rows stand out of their order:
        readers give an empty cell for the one, and lose rows by the other.
    sheet, broken : bool
        Whether the part says that it is a sheet, and whether the tag of a cell or row has no end,
        or signs within it that no program writes: bytes of a picture may look like one.
    """

    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    formulas: bool = False
    declares: bool = False
    errors: bool = False
    unordered: bool = False
    sheet: bool = False
    broken: bool = False


def measure(block: bytes, extent: Extent) -> None:
    """Add the cells of a block.

    Cells are nearly always written as ``<c r="AB12"``, which NumPy finds and reads all at once;
    whatever else XML allows is read tag by tag.
    """
    signs: Bytes = np.frombuffer(block + bytes(_LONGEST_PLACE + 8), dtype=np.uint8)
    sign, after = signs[:-1], signs[1:]
    opened, cell, row = sign == ord("<"), after == ord("c"), after == ord("r")
    tags, rows = np.flatnonzero(opened & cell), np.flatnonzero(opened & row)
    tags = tags[END_OF_NAME[signs[tags + 2]]]
    rows = rows[signs[rows + 2] == ord("o")]
    odd: list[int] = []
    if b":" in block and ((sign == ord(":")) & (cell | row)).any():
        odd += [match.start() for match in _PREFIXED.finditer(block)]
        extent.cells += len(_PREFIXED_CELL.findall(block))
    if (opened & (after == ord("f"))).any() or (b":" in block and b":f" in block):
        extent.formulas |= _FORMULA.search(block) is not None
    if (opened & (after == ord("!"))).any():
        extent.declares |= b"<!DOCTYPE" in block or b"<!ENTITY" in block
    if (((sign == ord('"')) | (sign == ord("'"))) & (after == ord("e"))).any():
        extent.errors |= _ERROR.search(block) is not None
    extent.sheet = extent.sheet or b"sheetData" in block
    extent.cells += len(tags)
    plain, whole = _placed_first(signs, tags + len("<c")), _placed_first(signs, rows + len("<row"))
    extent.unordered |= _reach(signs, tags[plain] + len('<c r="'), extent)
    _reach(signs, rows[whole] + len('<row r="'), extent)  # rows without cells may stand anywhere
    for start in odd + tags[~plain].tolist() + rows[~whole].tolist():
        _reach_of_tag(block, start, extent)


def _placed_first(signs: Bytes, starts: Places) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether tags go on with their place, as nearly all do."""
    plain = np.ones(len(starts), dtype=bool)
    for step, wanted in enumerate(b' r="'):
        plain &= signs[starts + step] == wanted
    return plain


def _reach_of_tag(block: bytes, start: int, extent: Extent) -> None:
    """Read the place of a cell or row however XML lets it be written."""
    tag = _TAG.match(block, start)
    if tag is None:  # readers part over where it ends, and so over where the cell stands
        extent.broken = True
        return
    match = _PLACE.search(tag[0])
    if match is not None:
        extent.last_row = max(extent.last_row, int(match[2]))
        extent.last_column = max(extent.last_column, _column(match[1]))


def _reach(signs: Bytes, starts: Places, extent: Extent) -> bool:
    """Read the places that begin there, as ``AB12``, and keep the farthest row and column.

    Returns whether they go back to a row above.
    """
    if not len(starts):
        return False
    row = np.zeros(len(starts), dtype=np.int64)
    column = np.zeros(len(starts), dtype=np.int64)
    inside = np.ones(len(starts), dtype=bool)
    for step in range(_LONGEST_PLACE):
        sign = signs[starts + step]
        inside &= sign != ord('"')
        if not inside.any():
            break
        letter = sign >= ord("A")
        row = np.where(inside & ~letter, row * 10 + (sign - ord("0")), row)
        column = np.where(inside & letter, column * 26 + (sign & 31), column)
    back = bool((row[1:] < row[:-1]).any()) or int(row[0]) < extent.last_row
    extent.last_row = max(extent.last_row, int(row.max()))
    extent.last_column = max(extent.last_column, int(column.max()))
    return back


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
