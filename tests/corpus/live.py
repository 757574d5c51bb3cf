"""The good live overview as text and as workbooks, what is put into them, and how refusals end."""

from __future__ import annotations

import struct

from tests.corpus import MONTH, Case
from tests.corpus.damage import good
from tests.corpus.parts import letters, packed, parts, row, rows_of, sheet, text
from tests.exports_made import as_bytes
from tests.xls_made import _bound, _compound, _record, compound_of_little, xls

LIVE = "compass_live_daily"
GOOD = good(LIVE)
CSV = as_bytes(GOOD, "csv")
TEXT = CSV.decode()
ROWS = rows_of(GOOD)
BOOK = packed(parts(sheet(ROWS)))
XLS = xls([GOOD.headers, *GOOD.rows])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FAR = row(1048576, text("XFD1048576", "x"))
DAMAGED = (
    "{file}: the workbook cannot be opened: half-written, damaged or under a password. "
    "To mend: download it again from the platform."
)
AGAIN = "To mend: download it again from the platform."
LACKING = (
    "To mend: download it again from the platform with all its columns; if the platform has "
    "renamed one, enter it in kpilib/exports/formats.yaml."
)
LIES = "To mend: download it again, or save it as what its name says."
EMPTY = "To mend: delete the empty rows and columns around the data, or download it again."
FORMULAS = (
    "{file}: xl/worksheets/sheet1.xml holds formulas, which kpilib never works out. To mend: "
    "download it again: a platform writes values; or paste your own as values."
)
NUL = (
    "{file}: the text holds NUL characters: it is damaged, or UTF-16. "
    "To mend: save it as csv in UTF-8, or download it again."
)
NO_HEADER = "{file}: no header of a known format stands in the first five rows. " + LACKING
CORNER = "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. " + EMPTY
NO_BOOK = (
    "{file}: this archive is no xlsx workbook. "
    "To mend: unpack it, and put the files that are in it here."
)
LONG = (
    "{file}: a row of more than 1,048,576 characters: this is no table, or a quote is open. "
    "To mend: download it again from the platform."
)


def case(name: str, ending: str, raw: bytes, text: str | None = None, **more: object) -> Case:
    path = f"{MONTH}/x.{ending}"
    return Case(f"{LIVE}: {name}", LIVE, lambda: raw, path, text=text, **more)  # type: ignore[arg-type]


def with_cells(cells: str, **more: object) -> bytes:
    """Return the good workbook with more rows in its XML."""
    return packed(parts(sheet(ROWS + cells), **more))  # type: ignore[arg-type]


def sharing(words: str, cells: str) -> bytes:
    """Return the good workbook with a text that cells may share."""
    made = parts(sheet(ROWS + cells))
    relations = "xl/_rels/workbook.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    more = f'<Relationship Id="rId2" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    made[relations] = made[relations].replace("</Relationships>", more)
    return packed({**made, "xl/sharedStrings.xml": f"<sst><si><t>{words}</t></si></sst>"})


def old(*sheets: list[bytes], table: bytes = b"", little: bool = False) -> bytes:
    """Return an old workbook of raw records; ``table`` holds the texts that its cells share."""
    begin = struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)
    bodies = [_record(0x0809, begin) + b"".join(s) + _record(0x000A, b"") for s in sheets]
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    place = len(start) + len(bodies) * len(_bound(0, "S0")) + len(table) + 4
    bounds = []
    for number, body in enumerate(bodies):
        bounds.append(_bound(place, f"S{number}"))
        place += len(body)
    made = compound_of_little if little else _compound
    return made(b"".join([start, *bounds, table, _record(0x000A, b""), *bodies]))


def number(line: int, column: int, value: float = 1.0) -> bytes:
    return _record(0x0203, struct.pack("<HHHd", line, column, 0, value))


def shared(*texts: str) -> bytes:
    """Return the record of texts that cells may share."""
    items = [struct.pack("<HB", len(text), 0) + text.encode("latin-1") for text in texts]
    return _record(0x00FC, struct.pack("<II", len(texts), len(texts)) + b"".join(items))


def sharer(line: int, column: int) -> bytes:
    """Return a cell that names the first of the shared texts."""
    return _record(0x00FD, struct.pack("<HHHI", line, column, 0, 0))


def error(line: int, column: int) -> bytes:
    """Return a cell that holds #DIV/0!."""
    return _record(0x0205, struct.pack("<HHHBB", line, column, 0, 7, 1))


def truth(line: int, column: int) -> bytes:
    """Return a cell that holds TRUE."""
    return _record(0x0205, struct.pack("<HHHBB", line, column, 0, 1, 0))


def failed(line: int, column: int) -> bytes:
    """Return a formula that came to #DIV/0!."""
    came_to = struct.pack("<BBBBHH", 2, 0, 7, 0, 0, 0xFFFF)
    return _record(0x0006, struct.pack("<HHH", line, column, 0) + came_to + bytes(8))


HUGE = _record(0x0200, struct.pack("<IIHHH", 0, 2**32 - 1, 0, 2**16 - 1, 0))
SHARED = "".join(
    row(n, *(f'<c r="{letters(k)}{n}" t="s"><v>0</v></c>' for k in range(40)))
    for n in range(5, 3000)
)
