"""Old Excel workbooks (.xls) made in a test: no library that writes them is needed.

Records as in [MS-XLS] (BOF, BoundSheet8, Label, Number, EOF), in a compound file as in [MS-CFB].
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALLEST = 4096  # a shorter stream would belong into the mini stream


def xls(*sheets: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook; numbers become number cells, all else text."""
    names = [f"Sheet{number}" for number in range(1, len(sheets) + 1)]
    bodies = [_sheet(rows) for rows in sheets]
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    lengths = [len(_bound(0, name)) for name in names]
    place = len(start) + sum(lengths) + 4
    bounds = []
    for name, body in zip(names, bodies, strict=True):
        bounds.append(_bound(place, name))
        place += len(body)
    return _compound(b"".join([start, *bounds, _record(0x000A, b""), *bodies]))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bound(place: int, name: str) -> bytes:
    text = name.encode("utf-16-le")
    return _record(0x0085, struct.pack("<IHBB", place, 0, len(name), 1) + text)


def _sheet(rows: Sequence[Sequence[object]]) -> bytes:
    parts = [_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))]
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            head = struct.pack("<HHH", number, place, 0)
            if isinstance(cell, (int, float)):
                parts.append(_record(0x0203, head + struct.pack("<d", cell)))
            else:
                text = str(cell)
                body = struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")
                parts.append(_record(0x0204, head + body))
    return b"".join([*parts, _record(0x000A, b"")])


def _compound(stream: bytes) -> bytes:
    """Return a compound file that holds one stream, ``Workbook``."""
    padded = stream.ljust(max(_SMALLEST, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    own = len(padded) // _SECTOR
    tables = 1
    while tables * 128 < own + 1 + tables:
        tables += 1
    assert tables <= 109, "larger than a test needs"
    first = tables + 1  # the tables, then the directory, then the stream
    chain = [_FAT] * tables + [_END] + [*range(first + 1, first + own), _END]
    chain += [_FREE] * (tables * 128 - len(chain))
    table = struct.pack(f"<{len(chain)}I", *chain)
    directory = _entry("Root Entry", 5, 1, _END, 0)
    directory += _entry("Workbook", 2, _FREE, first, len(padded))
    directory = directory.ljust(_SECTOR, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, tables, tables, 0, _SMALLEST, _END, 0, _END, 0)
    head += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    return head + table + directory + padded


def compound_of_little(stream: bytes) -> bytes:
    """Return a compound file whose stream is shorter than others: it stands in pieces of 64 bytes.

    The pieces lie backwards in the stream of the root, as they may.
    """
    assert len(stream) < _SMALLEST
    pieces = [stream[k : k + 64].ljust(64, b"\0") for k in range(0, len(stream), 64)]
    last, within = len(pieces) - 1, b"".join(reversed(pieces))
    own = -(-len(within) // _SECTOR)
    chain = [_FAT, _END, _END, *range(4, 3 + own), _END]
    table = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    small = struct.pack("<128I", _END, *range(last), *[_FREE] * (127 - last))
    directory = _entry("Root Entry", 5, 1, 3, len(within))
    directory += _entry("Workbook", 2, _FREE, last, len(stream))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, _SMALLEST, 2, 1, _END, 0)
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    body = directory.ljust(_SECTOR, b"\0") + small + within.ljust(own * _SECTOR, b"\0")
    return head + table + body


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    body = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    body += struct.pack("<III", _FREE, _FREE, child) + b"\0" * 36
    return body + struct.pack("<IQ", start, size)
