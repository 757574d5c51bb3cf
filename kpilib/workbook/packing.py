"""A workbook as bytes: the same for the same content, with results beside their formulas.

openpyxl stamps the present time into a file, and leaves the results of formulas empty until a
spreadsheet program computes them; a preview on a phone would show nothing. Both are mended in
the finished package.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from openpyxl import Workbook

MOMENT = (2000, 1, 1, 0, 0, 0)  # any fixed time; the month and the hash of the scheme tell more

Results = Mapping[str, float | str]  # by cell, "F5"

_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)><f>(.*?)</f><v ?/></c>', re.DOTALL)
_STAMP = re.compile(r"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


def packed(book: Workbook, results: Mapping[str, Results]) -> bytes:
    """Return the bytes of a workbook.

    Parameters
    ----------
    book : Workbook
        As openpyxl holds it.
    results : mapping of sheet name to mapping of cell to result
        What each formula gives, for programs that only show.
    """
    made = io.BytesIO()
    book.save(made)
    sheets = {
        f"xl/worksheets/sheet{i}.xml": results.get(name, {})
        for i, name in enumerate(book.sheetnames, start=1)
    }
    out = io.BytesIO()
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(out, "w") as after:
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename in sheets:
                content = _with_results(content, sheets[entry.filename])
            elif entry.filename == "docProps/core.xml":
                stamp = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*MOMENT)
                content = _STAMP.sub(rf"\g<1>{stamp}\g<3>", content.decode()).encode()
            info = zipfile.ZipInfo(entry.filename, MOMENT)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            info.create_system = 3
            after.writestr(info, content)
    return out.getvalue()


def _with_results(content: bytes, results: Results) -> bytes:
    """Put a result beside each formula of a sheet."""

    def filled(match: re.Match[str]) -> str:
        cell, attributes, formula = match.groups()
        result = results[cell]
        if isinstance(result, str):
            return f'<c r="{cell}"{attributes} t="str"><f>{formula}</f><v>{escape(result)}</v></c>'
        return f'<c r="{cell}"{attributes}><f>{formula}</f><v>{result!r}</v></c>'

    return _FORMULA.sub(filled, content.decode()).encode()
