"""An old .xls workbook as lines of JSON: a program of its own, run by ``kpilib.exports.workbooks``.

The reader takes as much memory as a sheet's own, forgeable, size asks for, and ends the process
when there is none; .xls cannot be measured beforehand as .xlsx is. So it runs apart, under a
limit, and what it cannot read ends this process and no other. It imports nothing of kpilib.

For a cell that holds an error the reader gives an empty one, so the records are looked at as well:
[MS-CFB] says how a file holds the workbook's stream, [MS-XLS] 2.4 what its records are.
"""

from __future__ import annotations

import io
import json
import re
import struct
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

MEMORY, SECONDS = 2**32, 120
TOO_WIDE, TOO_LONG, ERRORS = 3, 4, 5  # what this program returns; else 0, or it was ended
_CELLS = 10**7  # of all sheets; a sheet has at most 65,536 rows
_WRITTEN = 2**28  # bytes; a text that many cells share is written for each of them
_NONE = 0xFFFFFFFA  # the first number that is no sector's
_BOUND, _END, _FORMULA, _BOOL_OR_ERROR = 0x0085, 0x000A, 0x0006, 0x0205
_SUSPECT = re.compile(rb"\x05\x02\x08\0.{7}\x01|\x06\0.{8}\x02.{5}\xff\xff", re.DOTALL)


def limited() -> None:
    """Ask the system to end this process before it takes too much; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def told(cell: object) -> list[Any]:
    """Return what JSON has no word for as a list: kind and text."""
    match cell:
        case datetime() | date() | time():
            return [type(cell).__name__, cell.isoformat()]
        case timedelta():
            return ["timedelta", cell.total_seconds()]
    raise TypeError(type(cell))


def stream(raw: bytes) -> bytes:
    """Return the stream of a compound file that holds the workbook."""
    size = 1 << int.from_bytes(raw[30:32], "little")
    small = 1 << int.from_bytes(raw[32:34], "little")

    def sector(number: int) -> bytes:
        return raw[(number + 1) * size : (number + 2) * size]

    tables = list(struct.unpack_from("<109I", raw, 76))
    more = int.from_bytes(raw[68:72], "little")
    while more < _NONE and len(tables) * size < len(raw):
        *listed, more = _numbers(sector(more))
        tables += listed
    following = [n for table in tables if table < _NONE for n in _numbers(sector(table))]

    def chained(first: int) -> bytes:
        return b"".join(map(sector, _chain(first, following)))

    folder = chained(int.from_bytes(raw[48:52], "little"))
    entries = dict(map(_entry, (folder[k : k + 128] for k in range(0, len(folder) - 127, 128))))
    first, length = entries.get("Workbook") or entries["Book"]
    if length >= int.from_bytes(raw[56:60], "little"):
        return chained(first)[:length]
    within = chained(entries["Root Entry"][0])
    after = _numbers(chained(int.from_bytes(raw[60:64], "little")))
    return b"".join(within[k * small : (k + 1) * small] for k in _chain(first, after))[:length]


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _chain(first: int, following: list[int] | tuple[int, ...]) -> Iterator[int]:
    """Yield the sectors of a stream; one that came round again would never end."""
    for _ in following:
        if first >= _NONE:
            return
        yield first
        first = following[first]


def _entry(raw: bytes) -> tuple[str, tuple[int, int]]:
    """Return the name of a stream, its first sector and its length."""
    length = max(int.from_bytes(raw[64:66], "little") - 2, 0)
    return raw[:length].decode("utf-16-le", "replace"), struct.unpack_from("<II", raw, 116)


def holds_errors(book: bytes) -> bool:
    """Whether a cell of a sheet holds an error, or a formula that came to one."""
    if not _SUSPECT.search(book):  # few workbooks are looked at record by record
        return False
    bounds = (body for kind, body in _records(book, 0) if kind == _BOUND)
    starts = {int.from_bytes(body[:4], "little") for body in bounds}
    return any(_is_error(*record) for start in starts for record in _records(book, start))


def _records(book: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of each record up to the end of a sheet, or of what precedes them."""
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        if kind == _END:
            return
        yield kind, book[place + 4 : place + 4 + length]
        place += 4 + length


def _is_error(kind: int, body: bytes) -> bool:
    if kind == _BOOL_OR_ERROR:
        return body[7:8] == b"\1"
    return kind == _FORMULA and body[6:7] == b"\2" and body[12:14] == b"\xff\xff"


def main(path: str) -> int:
    """Write names and heights of all sheets on a line, and each of their rows on one after it."""
    limited()
    raw = Path(path).read_bytes()
    if holds_errors(stream(raw)):
        return ERRORS
    with CalamineWorkbook.from_filelike(io.BytesIO(raw)) as book:
        ends = [(name, book.get_sheet_by_name(name).end or (-1, -1)) for name in book.sheet_names]
        if sum((row + 1) * (column + 1) for _, (row, column) in ends) > _CELLS:
            return TOO_WIDE
        heights = [(name, row + 1) for name, (row, _) in ends]
        written = _write(heights)
        for name, height in heights:
            for row in book.get_sheet_by_name(name).iter_rows() if height else ():
                written += _write(row)
                if written > _WRITTEN:
                    return TOO_LONG
    return 0


def _write(values: object) -> int:
    line = json.dumps(values, default=told, ensure_ascii=False, separators=(",", ":")) + "\n"
    return sys.stdout.buffer.write(line.encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
