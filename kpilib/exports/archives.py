"""Archives: whether a workbook fits in memory and is what it says, before anything opens it.

A reader of workbooks lays a sheet out as a rectangle and copies a shared text into every cell that
names it, so that a file of a few kilobytes can ask for more memory than there is. Each part is
therefore unpacked once, in blocks, and counted; nothing is kept.
"""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from kpilib.errors import KpiError

_LARGEST = 2**32  # bytes of all parts once unpacked; a million order lines take less
_RATIO = 300  # unpacked for each packed byte; sheets of equal rows reach a tenth of it
_HARMLESS = 2**26  # bytes that may be packed however well
_PARTS = 2000
_SPARSE = 50  # cells of the rectangle for each one that is there
_SMALL = 10**6  # a rectangle of so many cells is harmless however empty
_CELLS = 10**8  # a million order lines of 75 columns are fewer
_COPIED = 2**31  # bytes of shared texts once each cell has its own
_BLOCK = 2**20
_LONGEST_PLACE = 16  # characters; a sheet ends at XFD1048576
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_SHARED = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>(\d+)<""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*\s)?t\s*=\s*["']e["']""")
_FORMULA = re.compile(rb"<(?:[a-z]+:)?f[\s>/]")
_PREFIXED = re.compile(rb"<\w+:(?:c|row)[\s>/]")
_PREFIXED_CELL = re.compile(rb"<\w+:c[\s>/]")
_TEXT = re.compile(rb"<(?:\w+:)?si[\s>/]")
_END_OF_NAME = np.isin(np.arange(256), list(b" \t\r\n>/"))
_REMEDY = "delete the empty rows and columns around the data, or download it again."
_AGAIN = "download it again from the platform."
WITH_ERRORS = "holds errors of a spreadsheet, such as #REF! or #DIV/0!."
FROM_A_COPY = "download it again; work on a copy of an export."

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


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
    """

    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    formulas: bool = False
    declares: bool = False
    errors: bool = False
    unordered: bool = False


def checked(handle: BinaryIO, file: str) -> dict[str, Extent]:
    """Refuse an archive that is no workbook, or would not fit in memory.

    Parameters
    ----------
    handle : binary file
        The workbook.
    file : str
        Its name, for messages.

    Returns
    -------
    dict of str to Extent
        What each part that holds cells holds.

    Raises
    ------
    KpiError
        If a part is not what a platform writes.
    """
    with zipfile.ZipFile(handle) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "xl/workbook.xml" not in names or "content.xml" in names:
            problem = "this archive is no xlsx workbook."
            raise KpiError(file, problem, "unpack it, and put the files that are in it here.")
        if len(parts) > _PARTS:
            raise KpiError(file, f"the workbook has {len(parts)} parts.", _AGAIN)
        _not_too_large(parts, file)
        extents = {part.filename: _extent(archive, part, file) for part in parts}
        found = {name: extent for name, extent in extents.items() if extent.cells}
        _not_copied_too_often(archive, found, file)
        return found


def _not_too_large(parts: list[zipfile.ZipInfo], file: str) -> None:
    """Refuse what its own list of contents calls too large."""
    for part in parts:
        if part.flag_bits & 1:
            raise KpiError(file, "the workbook is under a password.", "save it without one.")
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > _HARMLESS and ratio > _RATIO:
            problem = f"{part.filename} unpacks to {ratio:.0f} times its size."
            raise KpiError(file, problem, _REMEDY)
    total = sum(part.file_size for part in parts)
    if total > _LARGEST:
        raise KpiError(file, f"the workbook unpacks to {total / 2**30:.1f} GiB.", _REMEDY)


def _extent(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> Extent:
    """Unpack one part in blocks, and measure it."""
    extent = Extent()
    for block in _whole_tags(_blocks(archive, part, file), part.filename, file):
        if b"\0" in block and part.filename.endswith((".xml", ".rels")):
            raise KpiError(file, f"{part.filename} is damaged, or UTF-16.", _AGAIN)
        _measure(block, extent)
    fault = _fault(extent)
    if fault is not None:
        problem, remedy = fault
        raise KpiError(file, f"{part.filename} {problem}", remedy)
    return extent


def _fault(extent: Extent) -> tuple[str, str] | None:
    """Return what is wrong with a part and how to mend it, if anything is."""
    if extent.declares:
        return "declares entities, which no platform's workbook does.", _AGAIN
    area = extent.last_row * extent.last_column
    if area > max(_SMALL, min(_CELLS, _SPARSE * extent.cells)):
        return f"spans {area} cells and fills {extent.cells} of them.", _REMEDY
    if not extent.cells:
        return None
    if extent.formulas:
        remedy = "download it again: a platform writes values; or paste your own as values."
        return "holds formulas, which kpilib never works out.", remedy
    if extent.errors:
        return WITH_ERRORS, FROM_A_COPY
    return ("has rows out of their order.", _AGAIN) if extent.unordered else None


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """Unpack a part as far as it goes, whatever size the archive's list of contents states."""
    stated, size = part.file_size, 0
    whole = copy.copy(part)
    whole.file_size = _LARGEST + 1  # else the reading would end where the list says
    with archive.open(whole) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > stated:
                break
            yield block
    if size != stated:
        problem = f"{part.filename} is not as large as the archive says."
        raise KpiError(file, problem, _AGAIN)


def _whole_tags(blocks: Iterable[bytes], name: str, file: str) -> Iterator[bytes]:
    """Cut blocks anew so that each begins with a tag and no cell stands in two of them."""
    rest = b""
    for block in blocks:
        text = rest + block
        end = text.rfind(b"<c")
        end = end if end > 0 else text.rfind(b"<")
        if end <= 0:
            end = 0
            if len(text) > 16 * _BLOCK:
                raise KpiError(file, f"{name} holds a text longer than any cell's.", _AGAIN)
        if end:
            yield text[:end]
        rest = text[end:]
    yield rest


def _measure(block: bytes, extent: Extent) -> None:
    """Add the cells of a block.

    Cells are nearly always written as ``<c r="AB12"``, which NumPy finds and reads all at once;
    whatever else XML allows is read tag by tag.
    """
    signs: Bytes = np.frombuffer(block + bytes(_LONGEST_PLACE + 8), dtype=np.uint8)
    sign, after = signs[:-1], signs[1:]
    opened, colon = sign == ord("<"), sign == ord(":")
    cell, row = after == ord("c"), after == ord("r")
    tags = np.flatnonzero(opened & cell)
    tags = tags[_END_OF_NAME[signs[tags + 2]]]
    rows = np.flatnonzero(opened & row)
    odd = rows[signs[rows + 2] == ord("o")].tolist()
    if (colon & (cell | row)).any():
        odd += [match.start() for match in _PREFIXED.finditer(block)]
        extent.cells += len(_PREFIXED_CELL.findall(block))
    extent.formulas |= bool(((opened | colon) & (after == ord("f"))).any()) and bool(
        _FORMULA.search(block)
    )
    if (opened & (after == ord("!"))).any():
        extent.declares |= b"<!DOCTYPE" in block or b"<!ENTITY" in block
    if b'"e"' in block or b"'e'" in block:
        extent.errors |= _ERROR.search(block) is not None
    extent.cells += len(tags)
    plain = np.ones(len(tags), dtype=bool)
    for place, wanted in enumerate(b' r="', start=2):
        plain &= signs[tags + place] == wanted
    _reach(signs, tags[plain] + 6, extent)
    for start in odd + tags[~plain].tolist():
        match = _PLACE.search(block, start, block.find(b">", start))
        if match is not None:
            extent.last_row = max(extent.last_row, int(match[2]))
            extent.last_column = max(extent.last_column, _column(match[1]))


def _reach(signs: Bytes, starts: np.ndarray[Any, Any], extent: Extent) -> None:
    """Read the places that begin there, as ``AB12``, and keep the farthest row and column."""
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
    if len(starts):
        extent.unordered |= bool((row[1:] < row[:-1]).any()) or int(row[0]) < extent.last_row
        extent.last_row = max(extent.last_row, int(row.max()))
        extent.last_column = max(extent.last_column, int(column.max()))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _not_copied_too_often(
    archive: zipfile.ZipFile, extents: Mapping[str, Extent], file: str
) -> None:
    """Refuse shared texts that fill the memory once every cell that names them has its own."""
    cells = sum(extent.cells for extent in extents.values())
    for part in archive.infolist():
        if not part.filename.lower().endswith("sharedstrings.xml"):
            continue
        lengths = _lengths(archive, part, file)
        if not lengths.size or int(lengths.max()) * cells < _COPIED:
            continue
        copied = 0
        for name in extents:
            for block in _whole_tags(_blocks(archive, archive.getinfo(name), file), name, file):
                named = np.array(_SHARED.findall(block), dtype=np.int64)
                copied += int(lengths[named[named < lengths.size]].sum())
        if copied > _COPIED:
            problem = f"the workbook's cells hold {copied / 2**30:.1f} GiB of text."
            raise KpiError(file, problem, _AGAIN)


def _lengths(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> np.ndarray[Any, Any]:
    """Return the bytes that each shared text takes, its tags counted too."""
    starts, place = [], 0
    for block in _whole_tags(_blocks(archive, part, file), part.filename, file):
        starts += [place + match.start() for match in _TEXT.finditer(block)]
        place += len(block)
    return np.diff(np.array([*starts, place]))
