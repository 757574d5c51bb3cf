"""Files that are damaged, forged, locked or another thing than their name says."""

from __future__ import annotations

import json
import struct

from tests.corpus import MONTH, Case
from tests.corpus.damage import good
from tests.corpus.parts import letters, packed, parts, row, rows_of, sheet, text
from tests.exports_made import as_bytes
from tests.xls_made import _bound, _compound, _record, xls

LIVE = "compass_live_daily"
_GOOD = good(LIVE)
_CSV = as_bytes(_GOOD, "csv")
_TEXT = _CSV.decode()
_ROWS = rows_of(_GOOD)
_BOOK = packed(parts(sheet(_ROWS)))
_XLS = xls([_GOOD.headers, *_GOOD.rows])
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FAR = row(1048576, text("XFD1048576", "x"))
_DAMAGED = (
    "{file}: the workbook cannot be opened: half-written, damaged or under a password. "
    "To mend: download it again from the platform."
)
_AGAIN = "To mend: download it again from the platform."
_LACKING = (
    "To mend: download it again from the platform with all its columns; if the platform has "
    "renamed one, enter it in kpilib/exports/formats.yaml."
)
_LIES = "To mend: download it again, or save it as what its name says."
_EMPTY = "To mend: delete the empty rows and columns around the data, or download it again."
_FORMULAS = (
    "{file}: xl/worksheets/sheet1.xml holds formulas, which kpilib never works out. To mend: "
    "download it again: a platform writes values; or paste your own as values."
)
_NUL = (
    "{file}: the text holds NUL characters: it is damaged, or UTF-16. "
    "To mend: save it as csv in UTF-8, or download it again."
)
_NO_HEADER = "{file}: no header of a known format stands in the first five rows. " + _LACKING
_CORNER = (
    "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. " + _EMPTY
)
_NO_BOOK = (
    "{file}: this archive is no xlsx workbook. "
    "To mend: unpack it, and put the files that are in it here."
)
_LONG = (
    "{file}: a row of more than 1,048,576 characters: this is no table, or a quote is open. "
    "To mend: download it again from the platform."
)


def _case(name: str, ending: str, raw: bytes, text: str | None = None, **more: object) -> Case:
    path = f"{MONTH}/x.{ending}"
    return Case(f"{LIVE}: {name}", LIVE, lambda: raw, path, text=text, **more)  # type: ignore[arg-type]


def _with(cells: str, **more: object) -> bytes:
    """Return the good workbook with more rows in its XML."""
    return packed(parts(sheet(_ROWS + cells), **more))  # type: ignore[arg-type]


def _shared(words: str, cells: str) -> bytes:
    """Return the good workbook with a text that cells may share."""
    made = parts(sheet(_ROWS + cells))
    relations = "xl/_rels/workbook.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    more = f'<Relationship Id="rId2" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    made[relations] = made[relations].replace("</Relationships>", more)
    return packed({**made, "xl/sharedStrings.xml": f"<sst><si><t>{words}</t></si></sst>"})


def _old(*sheets: list[bytes]) -> bytes:
    """Return an old workbook of raw records."""
    begin = struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)
    bodies = [_record(0x0809, begin) + b"".join(s) + _record(0x000A, b"") for s in sheets]
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    place = len(start) + len(bodies) * len(_bound(0, "S0")) + 4
    bounds = []
    for number, body in enumerate(bodies):
        bounds.append(_bound(place, f"S{number}"))
        place += len(body)
    return _compound(b"".join([start, *bounds, _record(0x000A, b""), *bodies]))


def _number(line: int, column: int) -> bytes:
    return _record(0x0203, struct.pack("<HHHd", line, column, 0, 1.0))


_HUGE = _record(0x0200, struct.pack("<IIHHH", 0, 2**32 - 1, 0, 2**16 - 1, 0))
_SHARED = "".join(
    row(n, *(f'<c r="{letters(k)}{n}" t="s"><v>0</v></c>' for k in range(40)))
    for n in range(5, 3000)
)

TEXTS = [
    _case("line ends of old Macs", "csv", _CSV.replace(b"\r\n", b"\r")),
    _case("line ends of Unix", "csv", _CSV.replace(b"\r\n", b"\n")),
    _case("mixed line ends", "csv", _CSV.replace(b"\r\n", b"\n", 1)),
    _case("no line end at the end", "csv", _CSV.rstrip()),
    _case(
        "every cell in quotes",
        "csv",
        "\n".join('"' + line.replace(",", '","') + '"' for line in _TEXT.splitlines()).encode(),
    ),
    _case("tabs, and named txt", "txt", as_bytes(_GOOD, "tsv")),
    _case("tabs, and named csv", "csv", as_bytes(_GOOD, "tsv")),
    _case("an ending in capitals", "CSV", _CSV),
    _case(
        "semicolons",
        "csv",
        _CSV.replace(b",", b";"),
        ("{file}: no header of a known format stands in the first five rows. " + _LACKING),
    ),
    _case("trailing commas", "csv", _CSV.replace(b"\r\n", b",,\r\n")),
    _case("blank lines at the end", "csv", _CSV + b"\r\n\r\n", aside={"blank row": 2}),
    _case(
        "cut off within a row",
        "csv",
        _CSV[:-60],
        (
            "{file}, row 3: 32 cells in this row, 48 in the header. To mend: put cells that "
            "hold a comma in quotes; download a half-written file again."
        ),
    ),
    _case(
        "cut off within the header",
        "csv",
        _CSV[:300],
        (
            "{file}: no known format has these columns; the nearest is 抖店罗盘 "
            "直播概览数据（日）; it "
            "would need 直播间观看人数, 直播间观看人次; it does not know 成交金额(订单. " + _LACKING
        ),
    ),
    _case(
        "cut off within a character",
        "csv",
        _CSV[: _CSV.rindex("晨".encode()) + 1],
        (
            "{file}: the text is UTF-8 as far as byte 1,112, where it is damaged or breaks "
            "off. " + _AGAIN
        ),
    ),
    _case(
        "cut off within quotes",
        "csv",
        _CSV + '"晨光'.encode(),
        ("{file}: this is not whole csv (unexpected end of data). " + _AGAIN),
    ),
    _case(
        "a quote that opens and never ends",
        "csv",
        _CSV + b'"' + b"a\n" * 100_000,
        ("{file}: this is not whole csv (field larger than field limit (131072)). " + _AGAIN),
    ),
    _case(
        "a quote within a cell",
        "csv",
        _CSV.replace("晨光好物间".encode(), '晨光"好物间'.encode()),
        values={"account": ['晨光"好物间'] * 2},
    ),
    _case("a NUL", "csv", _CSV + b"\0", (_NUL)),
    _case("UTF-16", "csv", _TEXT.encode("utf-16"), (_NUL)),
    _case("UTF-32", "csv", _TEXT.encode("utf-32"), (_NUL)),
    _case(
        "Big5 bytes",
        "csv",
        "直播間名稱,日期\n".encode("big5"),
        ("{file}: no header of a known format stands in the first five rows. " + _LACKING),
    ),
    _case(
        "a stray byte",
        "csv",
        _CSV[:-30] + b"\xff" + _CSV[-30:],
        (
            "{file}: the text is UTF-8 as far as byte 1,268, where it is damaged or breaks "
            "off. " + _AGAIN
        ),
    ),
    _case(
        "a BOM and a stray byte",
        "csv",
        b"\xef\xbb\xbf" + _CSV[:-30] + b"\xff" + _CSV[-30:],
        (
            "{file}: the text is UTF-8 as far as byte 1,271, where it is damaged or breaks "
            "off. " + _AGAIN
        ),
    ),
    _case("a line without an end", "csv", b"x" * 9_000_000, _LONG),
    _case("a line of commas without an end", "csv", _CSV + b"," * 9_000_000, _LONG),
    _case("a row of quoted lines without an end", "csv", b'"\n",' * 1_000_000, _LONG),
    _case(
        "a cell of 200,000 letters",
        "csv",
        _CSV + b"a" * 200_000 + b"\n",
        ("{file}: this is not whole csv (field larger than field limit (131072)). " + _AGAIN),
    ),
    _case(
        "a row with a comma too many",
        "csv",
        _CSV.replace("晨光好物间".encode(), "晨光,好物间".encode()),
        (
            "{file}, row 2: 49 cells in this row, 48 in the header. To mend: put cells that "
            "hold a comma in quotes; download a half-written file again."
        ),
    ),
    _case("empty", "csv", b"", ("{file}: the file is empty. " + _AGAIN)),
    _case(
        "a BOM only",
        "csv",
        b"\xef\xbb\xbf",
        ("{file}: no header of a known format stands in the first five rows. " + _LACKING),
    ),
    _case(
        "blank lines only",
        "csv",
        b"\n\n\n",
        ("{file}: no header of a known format stands in the first five rows. " + _LACKING),
    ),
]
NAMES = [
    _case("xlsx named csv", "csv", _BOOK, ("{file}: named .csv, but it holds xlsx. " + _LIES)),
    _case("xlsx named xls", "xls", _BOOK, ("{file}: named .xls, but it holds xlsx. " + _LIES)),
    _case("csv named xlsx", "xlsx", _CSV, ("{file}: named .xlsx, but it holds text. " + _LIES)),
    _case("csv named xls", "xls", _CSV, ("{file}: named .xls, but it holds text. " + _LIES)),
    _case(
        "csv named json",
        "json",
        _CSV,
        ("{file}: this is not whole json (Expecting value: line 1 column 1 (char 0)). " + _AGAIN),
    ),
    _case("xls named xlsx", "xlsx", _XLS, ("{file}: named .xlsx, but it holds xls. " + _LIES)),
    _case(
        "a web page named csv",
        "csv",
        b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>login</body></html>",
        (
            "{file}: this is a web page or another marked-up text, not a table. To mend: log "
            "in to the platform and download the export again."
        ),
    ),
    _case(
        "a web page named xls",
        "xls",
        b"<html><table><tr><td>1</td></tr></table></html>",
        (
            "{file}: this is a web page or another marked-up text, not a table. To mend: log "
            "in to the platform and download the export again."
        ),
    ),
    _case(
        "a PDF named xlsx",
        "xlsx",
        b"%PDF-1.7 ...",
        ("{file}: named .xlsx, but it holds a PDF. " + _LIES),
    ),
    _case(
        "a picture named csv",
        "csv",
        b"\x89PNG\r\n\x1a\n....",
        ("{file}: named .csv, but it holds a picture. " + _LIES),
    ),
    _case(
        "a gzip archive named csv",
        "csv",
        b"\x1f\x8b\x08\0....",
        ("{file}: named .csv, but it holds a gzip archive. " + _LIES),
    ),
    _case(
        "an archive of csv files",
        "zip",
        packed({"x.csv": _CSV}),
        ("{file}: kpilib does not read .zip files. To mend: give xlsx, xls, csv, tsv or json."),
    ),
    _case("an archive of csv files named xlsx", "xlsx", packed({"x.csv": _CSV}), (_NO_BOOK)),
    _case(
        "an empty archive named xlsx",
        "xlsx",
        b"PK\x05\x06" + bytes(18),
        ("{file}: named .xlsx, but it holds an empty archive. " + _LIES),
    ),
    _case(
        "an ods named xlsx",
        "xlsx",
        packed({**parts(sheet(_ROWS)), "content.xml": "<x/>"}),
        (_NO_BOOK),
    ),
    _case("a binary workbook named xlsx", "xlsx", packed({"xl/workbook.bin": "x"}), (_NO_BOOK)),
    _case(
        "no ending",
        "",
        _CSV,
        ("{file}: kpilib does not read such files. To mend: give xlsx, xls, csv, tsv or json."),
    ),
    _case(
        "a download not finished",
        "xlsx.crdownload",
        _BOOK,
        ("{file}: an unfinished download. " + _AGAIN),
    ),
    _case("a temporary file", "csv.tmp", _CSV, ("{file}: an unfinished download. " + _AGAIN)),
]
BOOKS = [
    _case("put together part by part", "xlsx", _BOOK),
    _case(
        "with macros, which stay unread",
        "xlsm",
        packed({**parts(sheet(_ROWS)), "xl/vbaProject.bin": "x" * 99}),
    ),
    _case("half of it", "xlsx", _BOOK[: len(_BOOK) // 2], _DAMAGED),
    _case("its end cut off", "xlsx", _BOOK[:-30], _DAMAGED),
    _case("bytes changed within", "xlsx", _BOOK[:700] + b"\xff" * 40 + _BOOK[740:], _DAMAGED),
    _case(
        "one cell at the far corner",
        "xlsx",
        _with(_FAR),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + _EMPTY
        ),
    ),
    _case(
        "the far corner in single quotes",
        "xlsx",
        _with(_FAR.replace('"', "'")),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + _EMPTY
        ),
    ),
    _case(
        "the far corner in small letters",
        "xlsx",
        _with(_FAR.replace("XFD", "xfd")),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + _EMPTY
        ),
    ),
    _case(
        "the far corner with blanks",
        "xlsx",
        _with(_FAR.replace("r=", "r = ")),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + _EMPTY
        ),
    ),
    _case(
        "the far corner behind another attribute",
        "xlsx",
        _with(_FAR.replace("<c ", '<c s="0" ')),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + _EMPTY
        ),
    ),
    _case(
        "the far corner in another part",
        "xlsx",
        _with(_FAR, target="elsewhere/a.bin"),
        ("{file}: xl/elsewhere/a.bin spans 17179869184 cells and fills 145 of them. " + _EMPTY),
    ),
    _case(
        "the far corner under a prefix",
        "xlsx",
        packed(parts(sheet(_FAR.replace("<", "<x:").replace("<x:/", "</x:"), prefix="x"))),
        ("{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 1 of them. " + _EMPTY),
    ),
    _case(
        "a place that no sheet has",
        "xlsx",
        _with(row(10**12, text(f"ZZZZZZ{10**12}", "x"))),
        (
            "{file}: xl/worksheets/sheet1.xml spans 321272406000000000000 cells and fills 145 "
            "of them. " + _EMPTY
        ),
    ),
    _case(
        "a sheet in UTF-16",
        "xlsx",
        packed(parts(sheet(_ROWS)) | {"xl/worksheets/sheet1.xml": sheet(_ROWS).encode("utf-16")}),
        ("{file}: xl/worksheets/sheet1.xml is damaged, or UTF-16. " + _AGAIN),
    ),  # type: ignore[dict-item]
    _case(
        "an entity",
        "xlsx",
        packed(parts(sheet(_ROWS, head='<!DOCTYPE x [<!ENTITY a "b">]>'))),
        (
            "{file}: xl/worksheets/sheet1.xml declares entities, which no platform's workbook "
            "does. " + _AGAIN
        ),
    ),
    _case(
        "an entity from a file",
        "xlsx",
        packed(parts(sheet(_ROWS, head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'))),
        (
            "{file}: xl/worksheets/sheet1.xml declares entities, which no platform's workbook "
            "does. " + _AGAIN
        ),
    ),
    _case(
        "a shared text copied 120,000 times",
        "xlsx",
        _shared("x" * 30_000, _SHARED),
        ("{file}: the workbook's cells hold 3.3 GiB of text. " + _AGAIN),
    ),
    _case(
        "a size forged smaller",
        "xlsx",
        packed(parts(sheet(_ROWS)), stated={"xl/worksheets/sheet1.xml": 2000}),
        ("{file}: xl/worksheets/sheet1.xml is not as large as the archive says. " + _AGAIN),
    ),
    _case(
        "a part of 64 MiB of blanks",
        "xlsx",
        packed({**parts(sheet(_ROWS)), "xl/theme.xml": b" " * (2**26 + 1)}),
        ("{file}: xl/theme.xml unpacks to 1029 times its size. " + _EMPTY),
    ),  # type: ignore[dict-item]
    _case(
        "5,000 sheets of one part",
        "xlsx",
        packed(parts(sheet(_ROWS), sheets=5000)),
        ("{file}: the workbook has 5000 sheets. " + _AGAIN),
    ),
    _case("a formula", "xlsx", _with(row(4, '<c r="A4"><f>1+1</f></c>')), (_FORMULAS)),
    _case(
        "a formula with its value",
        "xlsx",
        _with(row(4, '<c r="A4"><f>1+1</f><v>2</v></c>')),
        (_FORMULAS),
    ),
    _case(
        "a shared formula behind its value",
        "xlsx",
        _with(row(4, '<c r="A4"><v>2</v><f t="shared">1+1</f></c>')),
        (_FORMULAS),
    ),
    _case(
        "an error of a spreadsheet",
        "xlsx",
        _with(row(4, '<c r="A4" t="e"><v>#REF!</v></c>')),
        (
            "{file}: xl/worksheets/sheet1.xml holds errors of a spreadsheet, such as #REF! or "
            "#DIV/0!. To mend: download it again; work on a copy of an export."
        ),
    ),
    _case(
        "rows out of their order",
        "xlsx",
        _with(row(6, text("A6", "x")) + row(5, text("A5", "x"))),
        ("{file}: xl/worksheets/sheet1.xml has rows out of their order. " + _AGAIN),
    ),
    _case(
        "a NUL in a part",
        "xlsx",
        _with("\0"),
        ("{file}: xl/worksheets/sheet1.xml is damaged, or UTF-16. " + _AGAIN),
    ),
    _case(
        "a shared text that is not there",
        "xlsx",
        _with(row(4, '<c r="A4" t="s"><v>99</v></c>')),
        _DAMAGED,
    ),
    _case(
        "no sheet with a cell",
        "xlsx",
        packed(parts(sheet(""))),
        ("{file}: the workbook is empty. " + _AGAIN),
    ),
    _case(
        "under a password",
        "xlsx",
        _OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
        ("{file}: the workbook is under a password. To mend: save it without one."),
    ),
    _case("an old workbook, half of it", "xls", _XLS[: len(_XLS) // 2], _DAMAGED),
    _case("an old workbook of noise", "xls", _OLE + bytes(range(256)) * 8, _DAMAGED),
    _case(
        "an old workbook that asks for all memory", "xls", _old([_HUGE, _number(0, 0)]), _DAMAGED
    ),
    _case(
        "an old workbook with a cell at the far corner",
        "xls",
        _old([_number(0, 0), _number(65535, 255)]),
        ("{file}: the sheets of the workbook span more than 10,000,000 cells. " + _EMPTY),
    ),
    _case("an archive behind the head of an old workbook", "xls", _OLE + _with(_FAR), _DAMAGED),
]


def _answer(name: str, raw: bytes, text: str) -> Case:
    key = "open_items"
    return Case(f"{key}: {name}", key, lambda: raw, f"{MONTH}/x.json", text=text)


_ITEM = as_bytes(good("open_items"), "json")
_KEYS = json.dumps({"data": {"list": [{f"k{n}": 1} for n in range(2000)]}}).encode()
_ABOVE = json.dumps({**{f"k{n}": 1 for n in range(2000)}, "list": [{"play": 1}] * 2000}).encode()
JSON = [
    _answer(
        "cut off",
        _ITEM[:-20],
        (
            "{file}: this is not whole json (Unterminated string starting at: line 1 column "
            "295 (char 294)). " + _AGAIN
        ),
    ),
    _answer(
        "nested 100,000 deep", b"[" * 100_000, ("{file}: this json is nested too deeply. " + _AGAIN)
    ),
    _answer(
        "NaN",
        _ITEM.replace(b"34606", b"NaN"),
        ("{file}: this is not whole json (NaN is no number). " + _AGAIN),
    ),
    _answer(
        "a name twice in one object",
        b'{"data": {"list": [{"a": 1, "a": 2}]}}',
        ("{file}: this is not whole json ('a' stands twice in one object). " + _AGAIN),
    ),
    _answer(
        "every row with a name of its own",
        _KEYS,
        (
            "{file}: this json holds more than 300 columns in a table. To mend: save each "
            "answer of the platform by itself."
        ),
    ),
    _answer(
        "2,000 names above every row",
        _ABOVE,
        (
            "{file}: this json holds more than 300 figures in a row. To mend: save each "
            "answer of the platform by itself."
        ),
    ),
    _answer(
        "an error instead of data",
        b'{"data": {"error_code": 28001003, "description": "access_token"}}',
        (
            "{file}: the platform answered with an error instead of data: 28001003 "
            "(access_token). To mend: ask it again; renew the access if it says so."
        ),
    ),
    _answer(
        "a number",
        b"7",
        (
            "{file}: this json holds no list of rows, and no figures. To mend: save the whole "
            "answer of the platform, or leave it out."
        ),
    ),
    _answer(
        "no row",
        b'{"data": {"list": []}}',
        (
            "{file}: this json holds no list of rows, and no figures. To mend: save the whole "
            "answer of the platform, or leave it out."
        ),
    ),
    _answer(
        "a count that is no number",
        _ITEM.replace(b"34606", b'"many"'),
        (
            "{file}, row 2, column total_play, cell 'many': this is not a count. So is 1 more "
            "in this column. To mend: write plain digits, or 1.2万, 1.2w, 1.05亿, 3.4k, "
            "7.5w~10w or 10w+."
        ),
    ),
    _answer(
        "an id that was rounded",
        _ITEM.replace(b'"73012345678901', b'7.3012345678901e18, "x": "'),
        (
            "{file}, row 2, column item_id, cell '7.3012345678901e18': an id that came as a "
            "number above 2^53: its last digits are lost. So is 1 more in this column. To "
            "mend: download the export again; in a spreadsheet, format this column as text "
            "first."
        ),
    ),
]

CASES = [*TEXTS, *NAMES, *BOOKS, *JSON]
