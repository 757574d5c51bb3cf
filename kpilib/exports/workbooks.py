"""Workbooks: the cells of every sheet, after a look at whether they fit in memory."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from kpilib.errors import KpiError
from kpilib.exports.archives import FROM_A_COPY, WITH_ERRORS, checked
from kpilib.exports.old_workbook import ERRORS, TOO_LONG, TOO_WIDE

AGAIN = "download it again from the platform."
_SHEETS = 100
_SECONDS = 180  # for one old workbook
_PROGRAM = Path(__file__).with_name("old_workbook.py")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DAMAGE = (
    *(CalamineError, zipfile.BadZipFile, zlib.error, struct.error, json.JSONDecodeError),
    *(ArithmeticError, EOFError, LookupError, OSError, RuntimeError, ValueError),
)
_KINDS: Mapping[str, Callable[[Any], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


@dataclass(frozen=True, eq=False)
class Page:
    """One sheet of a workbook: its name, its rows, to be read once, and how many sheets there are.

    Attributes
    ----------
    name : str
        Of the sheet.
    height : int
        Number of rows.
    among : int
        Sheets of the workbook that are not empty.
    rows : iterator of lists
        From the first row on.
    """

    name: str
    height: int
    among: int
    rows: Iterator[list[Any]]


def pages(path: Path | None, handle: BinaryIO, file: str, kind: str) -> Iterator[Page]:
    """Read every sheet of a workbook that is not empty, one after the other.

    Parameters
    ----------
    path : Path or None
        The workbook; none of an xlsx that is only held.
    handle : binary file
        The same, open.
    file : str
        Its name, for messages.
    kind : {"xlsx", "xls"}
        What it is.

    Yields
    ------
    Page
        Cells from the first row on. No formula is worked out: an xlsx that holds one is refused;
        of an xls, whose cells do not tell, the value that was saved is read.

    Raises
    ------
    KpiError
        If the workbook is damaged, empty, or would unpack to more than memory holds.
    """
    some = False
    with in_words(file):
        for page in _xls(path, file) if path and kind == "xls" else _xlsx(path, handle, file):
            head = list(islice(page.rows, 1000))
            if any(any(cell != "" for cell in row) for row in head) or page.height > len(head):
                some = True
                yield replace(page, rows=_chained(head, page.rows, file))
    if not some:
        raise KpiError(file, "the workbook is empty.", AGAIN)


def _chained(head: list[list[Any]], rest: Iterator[list[Any]], file: str) -> Iterator[list[Any]]:
    yield from head
    with in_words(file):
        yield from rest


@contextmanager
def in_words(file: str) -> Iterator[None]:
    """Say in words whatever a reader makes of a damaged workbook."""
    try:
        yield
    except KpiError:
        raise
    except BaseException as error:
        # a panic of the reader, which is no Exception; it comes from a damaged file alike
        if isinstance(error, _DAMAGE) or type(error).__name__ == "PanicException":
            raise damaged(file) from error
        raise


def damaged(file: str) -> KpiError:
    """Return the error for a workbook that cannot be opened."""
    problem = "the workbook cannot be opened: half-written, damaged or under a password."
    return KpiError(file, problem, AGAIN)


def _xlsx(path: Path | None, handle: BinaryIO, file: str) -> Iterator[Page]:
    extents = checked(handle, file)
    with _opened(path, handle) as book:
        if len(book.sheet_names) > min(_SHEETS, max(len(extents), 1) + _SHEETS // 10):
            raise KpiError(file, f"the workbook has {len(book.sheet_names)} sheets.", AGAIN)
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.end is not None:
                yield Page(name, sheet.end[0] + 1, len(extents), sheet.iter_rows())


def _opened(path: Path | None, handle: BinaryIO) -> CalamineWorkbook:
    """Open a workbook by its name, or hold it where it has none, or none in Unicode.

    Names that Windows packed in GBK come so out of an archive on Linux.
    """
    if path is not None:
        with suppress(UnicodeEncodeError):
            os.fspath(path).encode()
            return CalamineWorkbook.from_path(os.fspath(path))
    handle.seek(0)
    return CalamineWorkbook.from_filelike(handle)


def under_password(path: Path) -> bool:
    """Whether a compound file is a new workbook that was saved under a password."""
    with path.open("rb") as handle:
        return _ENCRYPTED in handle.read(2**24)


def _xls(path: Path, file: str) -> Iterator[Page]:
    """Read an old workbook in a process of its own, which may end without harm.

    What it writes may be a thousand times the workbook, so it waits on the disk, not in memory.
    """
    command = [sys.executable, "-I", str(_PROGRAM), os.fspath(path)]
    with tempfile.TemporaryFile() as lines:
        try:
            done = subprocess.run(
                command, stdout=lines, stderr=subprocess.DEVNULL, check=False, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise damaged(file) from error
        if done.returncode:
            raise _told_by(done.returncode, file)
        lines.seek(0)
        sheets = json.loads(lines.readline())
        among = sum(height > 0 for _, height in sheets)
        for name, height in sheets:
            rows = islice(lines, height)
            yield Page(name, height, among, map(_cells, rows))
            deque(rows, maxlen=0)  # of a sheet that nobody read


def _told_by(code: int, file: str) -> KpiError:
    """Return the error that the process for old workbooks ended with."""
    if code == TOO_WIDE:
        problem = "the sheets of the workbook span more than 10,000,000 cells."
        remedy = "delete the empty rows and columns around the data, or download it again."
        return KpiError(file, problem, remedy)
    if code == TOO_LONG:
        return KpiError(file, "the workbook's cells hold more than 256 MiB of text.", AGAIN)
    if code == ERRORS:
        return KpiError(file, f"the workbook {WITH_ERRORS}", FROM_A_COPY)
    return damaged(file)


def _cells(line: bytes) -> list[Any]:
    """Return a row's cells; what JSON has no word for came as a list: kind and value."""
    return [_KINDS[c[0]](c[1]) if isinstance(c, list) else c for c in json.loads(line)]
