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
from typing import Any, BinaryIO

import numpy as np

from kpilib.errors import KpiError
from kpilib.exports.extents import END_OF_NAME, Bytes, Extent, Places, measure

_LARGEST = 2**32  # bytes of all parts once unpacked; a million order lines take less
_RATIO = 300  # unpacked for each packed byte; sheets of equal rows reach a tenth of it
_HARMLESS = 2**26  # bytes that may be packed however well
_PARTS = 2000
_SPARSE = 50  # cells of the rectangle for each one that is there
_SMALL = 10**6  # a rectangle of so many cells is harmless however empty
_CELLS = 10**8  # a million order lines of 75 columns are fewer
_COPIED = 2**31  # bytes of shared texts once each cell has its own
_SPARE = 10**6  # shared texts that no cell names are harmless
_BLOCK = 2**20
_SHARED = re.compile(
    rb"""<(?:\w+:)?c\s(?>[^<>]*?\bt\s*=\s*["']s["'])[^<>]*>\s*<(?:\w+:)?v>(\d+)<"""
)
_SHARES = re.compile(rb"""\bt\s*=\s*["']s["']""")
_TEXT = re.compile(rb"<(?:\w+:)?si[\s>/]")
_REMEDY = "delete the empty rows and columns around the data, or download it again."
_AGAIN = "download it again from the platform."
WITH_ERRORS = "holds errors of a spreadsheet, such as #REF! or #DIV/0!."
FROM_A_COPY = "download it again; work on a copy of an export."


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
        extents = {part.filename: _extent(archive, part, file) for part in listed(archive, file)}
        found = {name: extent for name, extent in extents.items() if extent.cells}
        not_copied_too_often(archive, found, file)
        return found


def listed(archive: zipfile.ZipFile, file: str) -> list[zipfile.ZipInfo]:
    """Return the parts of an archive, or refuse what its own list of contents tells is none."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names or "content.xml" in names:
        problem = "this archive is no xlsx workbook."
        raise KpiError(file, problem, "unpack it, and put the files that are in it here.")
    if len(parts) > _PARTS:
        raise KpiError(file, f"the workbook has {len(parts)} parts.", _AGAIN)
    _not_too_large(parts, file)
    return parts


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
    for block in _whole_tags(unpacked(archive, part, file), part.filename, file):
        if b"\0" in block and part.filename.endswith((".xml", ".rels")):
            raise KpiError(file, f"{part.filename} is damaged, or UTF-16.", _AGAIN)
        measure(block, extent)
    fault = fault_of(extent)
    if fault is not None:
        problem, remedy = fault
        raise KpiError(file, f"{part.filename} {problem}", remedy)
    return extent


def fault_of(extent: Extent) -> tuple[str, str] | None:
    """Return what is wrong with a part and how to mend it, if anything is."""
    if extent.declares:
        return "declares entities, which no platform's workbook does.", _AGAIN
    if extent.broken and extent.sheet:
        return "holds a cell or row that is not whole.", _AGAIN
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


def unpacked(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str, step: int = _BLOCK
) -> Iterator[bytes]:
    """Unpack a part as far as it goes, whatever size the archive's list of contents states."""
    stated, size = part.file_size, 0
    whole = copy.copy(part)
    whole.file_size = _LARGEST + 1  # else the reading would end where the list says
    with archive.open(whole) as stream:
        while block := stream.read(step):
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


def not_copied_too_often(
    archive: zipfile.ZipFile, extents: Mapping[str, Extent], file: str
) -> None:
    """Refuse shared texts that fill the memory, by their number or once each cell has its own."""
    cells = sum(extent.cells for extent in extents.values())
    for part in archive.infolist():
        if not part.filename.lower().endswith("sharedstrings.xml"):
            continue
        lengths = _lengths(archive, part, _SPARE + cells, file)
        longest = int(lengths.max(initial=0))
        if longest * cells < _COPIED:
            continue
        copied = 0
        for name in extents:
            for block in _whole_tags(unpacked(archive, archive.getinfo(name), file), name, file):
                named = np.array(_SHARED.findall(block), dtype=np.int64)
                copied += int(lengths[named[named < lengths.size]].sum())
                copied += longest * (len(_SHARES.findall(block)) - len(named))  # names who knows
        if copied > _COPIED:
            problem = f"the workbook's cells hold {copied / 2**30:.1f} GiB of text."
            raise KpiError(file, problem, _AGAIN)


def _lengths(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int, file: str
) -> np.ndarray[Any, Any]:
    """Return the bytes that each shared text takes, its tags counted too.

    Most texts are named by some cell; a few may be left of rows that somebody has deleted.
    """
    found, count, place = [], 0, 0
    for block in _whole_tags(unpacked(archive, part, file), part.filename, file):
        if b"<!--" in block:  # in which texts would be counted that are none
            problem = f"{part.filename} holds a comment, which no platform's workbook does."
            raise KpiError(file, problem, _AGAIN)
        starts = _texts(block)
        count += len(starts)
        if count > most:
            problem = f"the workbook keeps more than {most:,} texts for its cells."
            raise KpiError(file, problem, _AGAIN)
        found.append(starts + place)
        place += len(block)
    return np.diff(np.concatenate([*found, [place]]))


def _texts(block: bytes) -> Places:
    """Return where the shared texts of a block begin."""
    if b":si" in block:
        return np.array([match.start() for match in _TEXT.finditer(block)], dtype=np.int64)
    signs: Bytes = np.frombuffer(block + bytes(3), dtype=np.uint8)
    starts = np.flatnonzero(signs == ord("<"))
    starts = starts[(signs[starts + 1] == ord("s")) & (signs[starts + 2] == ord("i"))]
    named: Places = starts[END_OF_NAME[signs[starts + 3]]]
    return named
