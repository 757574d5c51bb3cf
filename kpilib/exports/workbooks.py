"""Workbooks: the cells of every sheet, after a look at whether they fit in memory."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from kpilib.errors import KpiError

_LARGEST = 2**30  # bytes of one part once unpacked; a million order lines take half of it
_SPARSE = 50  # cells of the rectangle for each one that is there
_SMALL = 10**6  # a rectangle of so many cells is harmless however empty
_PLACE = re.compile(rb'\br="([A-Z]*)(\d+)"')  # of a row or of a cell
_CHUNK = 2**22
_OVERLAP = 64  # a place cut at the end of one chunk stands whole in the next


def rows_by_sheet(raw: bytes, file: str, kind: str) -> list[tuple[str, list[list[Any]]]]:
    """Read every sheet of a workbook that is not empty; formulas are never evaluated.

    Parameters
    ----------
    raw : bytes
        The workbook.
    file : str
        Its name, for messages.
    kind : {"xlsx", "xls"}
        What it is.

    Returns
    -------
    list of (str, list of rows)
        Name and cells, from the first row on.

    Raises
    ------
    KpiError
        If the workbook is damaged, empty, or would unpack to more than memory holds.
    """
    again = "download it again from the platform."
    try:
        if kind == "xlsx":
            _fits(raw, file)
        with CalamineWorkbook.from_filelike(io.BytesIO(raw)) as book:
            sheets = [
                (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in book.sheet_names
            ]
    except KpiError:
        raise
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        problem = "the workbook cannot be opened: half-written, damaged or under a password."
        raise KpiError(file, problem, again) from error
    sheets = [(name, rows) for name, rows in sheets if any(any(row) for row in rows)]
    if not sheets:
        raise KpiError(file, "the workbook is empty.", again)
    return sheets


def _fits(raw: bytes, file: str) -> None:
    """Refuse what unpacks to far more than it holds: readers lay a sheet out as a rectangle."""
    remedy = "delete the empty rows and columns around the data, or download it again."
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for part in archive.infolist():
            if part.file_size > _LARGEST:
                problem = f"{part.filename} unpacks to {part.file_size / 2**30:.1f} GiB."
                raise KpiError(file, problem, remedy)
            if not part.filename.startswith("xl/worksheets/"):
                continue
            there, area = _rectangle(archive.read(part))
            if area > max(_SMALL, _SPARSE * there):
                problem = f"{part.filename} spans {area} cells and fills {there} of them."
                raise KpiError(file, problem, remedy)


def _rectangle(sheet: bytes) -> tuple[int, int]:
    """Return how many cells a sheet's XML holds, and how many the rectangle around them has."""
    last_row = last_column = 0
    for start in range(0, len(sheet), _CHUNK):
        places = _PLACE.findall(sheet[start : start + _CHUNK + _OVERLAP])
        last_row = max(last_row, *(int(row) for row in {row for _, row in places}), 0)
        last_column = max(last_column, *map(_column, {letters for letters, _ in places}), 0)
    return sheet.count(b"<c ") + sheet.count(b"<c>"), last_row * last_column


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
