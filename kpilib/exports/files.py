"""Files: the bytes on disk to sheets of text, cut to the columns that are read."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from kpilib.errors import KpiError
from kpilib.exports.answers import tables_of
from kpilib.exports.recognise import HEADER_ROWS, Header, UnknownFormatError, recognise
from kpilib.exports.sheets import Sheet, as_text
from kpilib.exports.stacks import cut_all
from kpilib.exports.workbooks import rows_by_sheet

_ENDINGS = {"xlsx": (".xlsx", ".xlsm"), "xls": (".xls",), "text": (".csv", ".tsv", ".txt", ".json")}
_LITTER = frozenset({"thumbs.db", "desktop.ini"})
_UNFINISHED = (".crdownload", ".part", ".download", ".tmp")
_AGAIN = "download it again from the platform."


@dataclass(frozen=True)
class Found:
    """A file of a month's folder, and what the folders above it say."""

    path: Path
    file: str
    folders: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Opened:
    """A file opened: its sheets, and what of a workbook no format fits.

    Attributes
    ----------
    sheets : tuple of Sheet
        One for each sheet of a known format.
    encoding, sha256 : str
        Of the file.
    left : tuple of (int, KpiError)
        Sheets of no known format beside others: rows, and why.
    """

    sheets: tuple[Sheet, ...]
    encoding: str
    sha256: str
    left: tuple[tuple[int, KpiError], ...] = ()


def walk(data: Path, folder: Path) -> list[Found]:
    """List the files under a folder, in the order of their names.

    Parameters
    ----------
    data : Path
        The data folder, resolved; nothing outside of it is read.
    folder : Path
        The folder to list.

    Returns
    -------
    list of Found
        Every file but the hidden ones.

    Raises
    ------
    KpiError
        If a link leads out of the data folder.
    """
    return sorted(_walk(data, folder, ()), key=lambda found: found.file)


def _walk(data: Path, folder: Path, above: tuple[str, ...]) -> Iterator[Found]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in _LITTER:
                continue
            path = Path(entry.path)
            if entry.is_symlink():
                stays_inside(data, path)
            if entry.is_dir():
                yield from _walk(data, path, (*above, entry.name))
            else:
                yield Found(path, path.relative_to(data).as_posix(), above)


def stays_inside(data: Path, path: Path) -> None:
    """Refuse a link that leads out of the data folder, or into a folder above itself."""
    where = path.relative_to(data).as_posix()
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise KpiError(where, "this link leads nowhere.", "copy the file itself here.") from error
    if not target.is_relative_to(data) or path.parent.is_relative_to(target):
        problem = "this link leads out of the data folder or back into itself."
        raise KpiError(where, problem, "copy the file itself here.")


def open_file(found: Found) -> Opened:
    """Open a file, recognise its sheets and cut them to what is read.

    Parameters
    ----------
    found : Found
        The file. The result is kept in the process as long as size and time stay the same.

    Returns
    -------
    Opened
        Its sheets.

    Raises
    ------
    KpiError
        If the file cannot be read whole.
    """
    name = found.path.name.lower()
    if name.startswith("~$"):
        problem = "a workbook is open in another program, so it may not be saved whole."
        raise KpiError(found.file, problem, "save and close it; delete this file if it stays.")
    if name.endswith(_UNFINISHED):
        raise KpiError(found.file, "an unfinished download.", _AGAIN)
    try:
        stat = found.path.stat()
        return _opened(found.path, found.file, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        problem = f"the file cannot be opened ({error.strerror or error})."
        raise KpiError(found.file, problem, "close it elsewhere and allow reading it.") from error


@lru_cache(maxsize=4096)
def _opened(path: Path, file: str, _mtime: int, _size: int) -> Opened:
    raw = path.read_bytes()
    if not raw:
        raise KpiError(file, "the file is empty.", _AGAIN)
    kind = (
        "xlsx" if raw[:4] == b"PK\x03\x04" else "xls" if raw[:4] == b"\xd0\xcf\x11\xe0" else "text"
    )
    ending = path.suffix.lower()
    if ending not in {end for ends in _ENDINGS.values() for end in ends}:
        raise KpiError(
            file,
            f"kpilib does not read {ending or 'such'} files.",
            "give xlsx, xls, csv, tsv or json.",
        )
    if ending not in _ENDINGS[kind]:
        problem = f"named {ending}, but it holds {'text' if kind == 'text' else kind}."
        raise KpiError(file, problem, "download it again, or save it as what its name says.")
    sha256 = hashlib.sha256(raw).hexdigest()
    if kind != "text":
        return _sheets(rows_by_sheet(raw, file, kind), file, kind, sha256)
    text, encoding = _decoded(raw, file)
    if ending == ".json":
        return _sheets(tables_of(text, file), file, encoding, sha256, titled=True)
    rows, header = _text_rows(text, file)
    return Opened(cut_all(rows, header, file, encoding, sha256), encoding, sha256)


def _decoded(raw: bytes, file: str) -> tuple[str, str]:
    """Decode strictly: UTF-8 with or without BOM, or else GB18030."""
    if b"\0" in raw:
        problem = "the text holds NUL characters: it is damaged, or UTF-16."
        raise KpiError(file, problem, "save it as csv in UTF-8, or download it again.")
    marked = raw.startswith(b"\xef\xbb\xbf")
    tries = ["utf-8-sig"] if marked else ["utf-8", "gb18030"]
    for encoding in tries:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise KpiError(file, f"the text is not {' or '.join(tries)}.", "save it as csv in UTF-8.")


def _text_rows(text: str, file: str) -> tuple[list[list[str]], Header]:
    """Split text at commas, or at tabs if only so the header is recognised."""
    refusals: list[tuple[int, KpiError]] = []
    for delimiter in (",", "\t"):
        try:
            head = list(islice(_csv(text, delimiter), HEADER_ROWS))
            header = recognise(head, file)
            return list(_csv(text, delimiter)), header
        except csv.Error as error:
            problem = f"this is not whole csv ({error})."
            raise KpiError(file, problem, _AGAIN) from error
        except KpiError as error:
            refusals.append((max(map(len, head), default=0), error))
    raise max(refusals, key=lambda refusal: refusal[0])[1]


def _csv(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _sheets(
    sheets: Sequence[tuple[str, Sequence[Sequence[Any]]]],
    file: str,
    encoding: str,
    sha256: str,
    *,
    titled: bool = False,
) -> Opened:
    """Recognise and cut every sheet of a workbook, or every table of a json file."""
    read: list[Sheet] = []
    left: list[tuple[int, KpiError]] = []
    for name, rows in sheets:
        where = f"{file}#{name}" if len(sheets) > 1 else file
        head = [[as_text(cell) for cell in row] for row in rows[:HEADER_ROWS]]
        try:
            header = recognise(head, where)
        except UnknownFormatError as error:
            left.append((len(rows), error))
        else:
            title = name if titled else None
            read += cut_all(rows, header, where, encoding, sha256, title=title)
    if not read:
        raise left[0][1]
    return Opened(tuple(read), encoding, sha256, tuple(left))
