"""Files: the bytes on disk to sheets of text, cut to the columns that are read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from kpilib.errors import KpiError
from kpilib.exports import delimited
from kpilib.exports.answers import tables_of
from kpilib.exports.delimited import Decoder, split
from kpilib.exports.pieces import Resumed
from kpilib.exports.plain_sheets import plain_page
from kpilib.exports.recognise import HEADER_ROWS, UnknownFormatError, recognise
from kpilib.exports.sheets import Sheet
from kpilib.exports.stacks import cut_all
from kpilib.exports.taking import as_text
from kpilib.exports.workbooks import Page, pages, under_password

_ENDINGS = {"xlsx": (".xlsx", ".xlsm"), "xls": (".xls",), "text": (".csv", ".tsv", ".txt", ".json")}
_MAGIC = {
    b"PK\x03\x04": "xlsx",
    b"PK\x05\x06": "an empty archive",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite": "a database",
}
_LITTER = frozenset({"thumbs.db", "desktop.ini"})
_DEEPEST = 20  # folders; a path of many more is too long for the system
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


def walk(data: Path, folder: Path, faults: list[KpiError]) -> list[Found]:
    """List the files under a folder, in the order of their names.

    Parameters
    ----------
    data : Path
        The data folder, resolved; nothing outside of it is read.
    folder : Path
        The folder to list.
    faults : list of KpiError
        Takes links that lead out of the data folder, and folders that cannot be listed.

    Returns
    -------
    list of Found
        Every file but the hidden ones.
    """
    if error := stray(data, folder):
        faults.append(error)
        return []
    return sorted(_walk(data, folder, (), faults, set()), key=lambda found: found.file)


def _walk(
    data: Path, folder: Path, above: tuple[str, ...], faults: list[KpiError], linked: set[Path]
) -> Iterator[Found]:
    """Yield the files; a folder that links lead to is walked once, or rings would have no end."""
    try:
        entries = _listed(folder)
    except OSError as denied:
        where = folder.relative_to(data).as_posix()
        problem = f"this folder cannot be opened ({denied.strerror or denied})."
        faults.append(KpiError(where, problem, "allow reading it, or take it out."))
        return
    for entry in entries:
        path = Path(entry.path)
        link = entry.is_symlink()
        if link and (error := stray_link(data, path)):
            faults.append(error)
        elif not entry.is_dir():
            yield Found(path, path.relative_to(data).as_posix(), above)
        elif error := _too_often(data, path, len(above), linked if link else set()):
            faults.append(error)
        else:
            yield from _walk(data, path, (*above, entry.name), faults, linked)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    """Return what stands in a folder, but for what is hidden."""
    with os.scandir(folder) as entries:
        shown = [e for e in entries if not e.name.startswith(".")]
    return sorted((e for e in shown if e.name.lower() not in _LITTER), key=lambda e: e.name)


def _too_often(data: Path, folder: Path, depth: int, linked: set[Path]) -> KpiError | None:
    """Return what is wrong with a folder deep within others, or linked to once more."""
    where = folder.relative_to(data).as_posix()
    if depth >= _DEEPEST:
        problem = f"folders within folders, more than {_DEEPEST} deep."
        return KpiError(where, problem, "put the files into folders above.")
    target = folder.resolve()
    if target in linked:
        problem = "another link leads to the same folder."
        return KpiError(where, problem, "keep one of them.")
    linked.add(target)
    return None


def stray(data: Path, path: Path) -> KpiError | None:
    """Return what is wrong with a link on the way from the data folder to a file or folder."""
    steps = [step for step in (*reversed(path.parents), path) if step.is_relative_to(data)]
    errors = (stray_link(data, step) for step in steps[1:] if step.is_symlink())
    return next((error for error in errors if error is not None), None)


def stray_link(data: Path, path: Path) -> KpiError | None:
    """Return what is wrong with a link out of the data folder, or into a folder above itself."""
    where = path.relative_to(data).as_posix()
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return KpiError(where, "this link leads nowhere.", "copy the file itself here.")
    if target.is_relative_to(data) and not path.parent.is_relative_to(target):
        return None
    problem = "this link leads out of the data folder or back into itself."
    return KpiError(where, problem, "copy the file itself here.")


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
def _opened(path: Path, file: str, mtime: int, size: int) -> Opened:
    kind = _kind(path, file)
    with path.open("rb") as handle:
        if kind == "text":
            opened = _text(handle, file, path.suffix.lower())
        else:
            opened = _workbook(path, handle, file, kind)
        now = os.fstat(handle.fileno())
    if (now.st_mtime_ns, now.st_size) != (mtime, size):
        problem = "the file changed while it was read: it is still being written."
        raise KpiError(file, problem, "wait until the download is complete, then read again.")
    return opened


def _kind(path: Path, file: str) -> str:
    """Return what a file holds, or refuse one that is no table or no such as its name says."""
    if not path.is_file():
        raise KpiError(file, "this is no ordinary file.", "put the exported file itself here.")
    with path.open("rb") as handle:
        start = handle.read(1024)
    if not start:
        raise KpiError(file, "the file is empty.", _AGAIN)
    ending = path.suffix.lower()
    if ending not in {end for ends in _ENDINGS.values() for end in ends}:
        raise KpiError(
            file,
            f"kpilib does not read {ending or 'such'} files.",
            "give xlsx, xls, csv, tsv or json.",
        )
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "text")
    if kind == "xls" and under_password(path):
        raise KpiError(file, "the workbook is under a password.", "save it without one.")
    if kind == "text" and ending not in _ENDINGS["text"]:
        delimited.no_markup(start, file)
    if ending not in _ENDINGS.get(kind, ()):
        problem = f"named {ending}, but it holds {kind}."
        raise KpiError(file, problem, "download it again, or save it as what its name says.")
    return kind


def _text(handle: BinaryIO, file: str, ending: str) -> Opened:
    """Recognise and cut a text file, split at commas, or at tabs if its header is known so."""
    look = delimited.look(handle, file)
    if ending == ".json":
        tables = tables_of(delimited.whole(handle, look, file), file)
        pages = [Page(name, len(rows), len(tables), iter(rows)) for name, rows in tables]
        return _sheets(pages, file, look.encoding, look.sha256, titled=True)
    refusals: list[tuple[int, KpiError]] = []
    decode = Decoder(look.encoding, file)
    for delimiter in (",", "\t"):
        head: list[list[str]] = []
        rows = split(handle, look.encoding, delimiter, file)
        try:
            for row in islice(rows, HEADER_ROWS):
                head.append(decode(row))
            header = recognise(head, file)
        except KpiError as error:
            refusals.append((max(map(len, head), default=0), error))
            continue
        rows = split(handle, look.encoding, delimiter, file)
        sheets = cut_all(rows, header, file, look.encoding, look.sha256, decode)
        return Opened(sheets, look.encoding, look.sha256)
    delimited.refuse_damaged(handle, look, file)
    raise max(refusals, key=lambda refusal: refusal[0])[1]


def _workbook(path: Path, handle: BinaryIO, file: str, kind: str) -> Opened:
    sha256 = hashlib.file_digest(handle, "sha256").hexdigest()  # type: ignore[arg-type]
    if kind == "xlsx":
        with suppress(KpiError):  # at whatever is odd or wrong, however late, all is read anew
            return _sheets([plain_page(handle, file)], file, kind, sha256)
    return _sheets(pages(path, handle, file, kind), file, kind, sha256)


def _sheets(
    pages: Iterable[Page], file: str, encoding: str, sha256: str, *, titled: bool = False
) -> Opened:
    """Recognise and cut every sheet of a workbook, or every table of a json file."""
    read: list[Sheet] = []
    left: list[tuple[int, KpiError]] = []
    for page in pages:
        head = list(islice(page.rows, HEADER_ROWS))
        where = f"{file}#{page.name}" if page.among > 1 else file
        try:
            header = recognise([[as_text(cell) for cell in row] for row in head], where)
        except UnknownFormatError as error:
            left.append((page.height, error))
        else:
            title = page.name if titled else None
            rows = Resumed(head, page.rows)
            read += cut_all(rows, header, where, encoding, sha256, title=title)
    if not read:
        raise left[0][1]
    return Opened(tuple(read), encoding, sha256, tuple(left))
