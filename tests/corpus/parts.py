"""Workbooks put together part by part, as no program writes them: for what an attacker may send."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from tests.exports_made import Made

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
SHEET = "xl/worksheets/sheet1.xml"


def parts(sheet: str, *, target: str = "worksheets/sheet1.xml", sheets: int = 1) -> dict[str, str]:
    """Return the parts of a workbook that has this sheet; ``sheets`` times, if so many name it."""
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, sheets + 1)
    )
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="{target}"/>'
        "</Relationships>",
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        f"xl/{target}": sheet,
    }


def sheet(cells: str, head: str = _XML, prefix: str = "") -> str:
    """Return the XML of a sheet around its rows."""
    name, space = (f"{prefix}:", f"xmlns:{prefix}") if prefix else ("", "xmlns")
    return (
        f'{head}<{name}worksheet {space}="{_MAIN}"><{name}sheetData>{cells}</{name}sheetData>'
        f"</{name}worksheet>"
    )


def row(number: int, *cells: str) -> str:
    """Return the XML of a row around its cells."""
    return f'<row r="{number}">{"".join(cells)}</row>'


def text(place: str, words: object) -> str:
    """Return the XML of a cell of text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(words))}</t></is></c>'


def letters(place: int) -> str:
    """Return the letters of a column, from 0."""
    return ("" if place < 26 else letters(place // 26 - 1)) + chr(ord("A") + place % 26)


def rows_of(made: Made) -> str:
    """Return the XML of a file's header and rows."""
    return "".join(
        row(n, *(text(f"{letters(place)}{n}", cell) for place, cell in enumerate(cells)))
        for n, cells in enumerate([made.headers, *made.rows], start=1)
    )


def packed(members: Mapping[str, str | bytes], *, stated: Mapping[str, int] | None = None) -> bytes:
    """Return an archive of parts; ``stated`` forges the sizes that its contents claim."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    raw = bytearray(out.getvalue())
    for name, size in (stated or {}).items():
        place = raw.rindex(b"PK\x01\x02", 0, raw.rindex(name.encode()))
        raw[place + 24 : place + 28] = struct.pack("<I", size)
    return bytes(raw)
