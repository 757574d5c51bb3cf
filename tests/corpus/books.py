"""Workbooks that are damaged, forged or larger than they say."""

from __future__ import annotations

from tests.corpus.live import (
    AGAIN,
    BOOK,
    DAMAGED,
    EMPTY,
    FAR,
    FORMULAS,
    HUGE,
    NO_HEADER,
    OLE,
    ROWS,
    SHARED,
    XLS,
    case,
    error,
    failed,
    number,
    old,
    shared,
    sharer,
    sharing,
    truth,
    with_cells,
)
from tests.corpus.parts import packed, parts, row, sheet, text

ERRORS = (
    "holds errors of a spreadsheet, such as #REF! or #DIV/0!. To mend: download it again; work on "
    "a copy of an export."
)
NOT_WHOLE = "holds a cell or row that is not whole. " + AGAIN
CASES = [
    case("put together part by part", "xlsx", BOOK),
    case(
        "with macros, which stay unread",
        "xlsm",
        packed({**parts(sheet(ROWS)), "xl/vbaProject.bin": "x" * 99}),
    ),
    case("half of it", "xlsx", BOOK[: len(BOOK) // 2], DAMAGED),
    case("its end cut off", "xlsx", BOOK[:-30], DAMAGED),
    case("bytes changed within", "xlsx", BOOK[:700] + b"\xff" * 40 + BOOK[740:], DAMAGED),
    case(
        "one cell at the far corner",
        "xlsx",
        with_cells(FAR),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + EMPTY
        ),
    ),
    case(
        "the far corner in single quotes",
        "xlsx",
        with_cells(FAR.replace('"', "'")),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + EMPTY
        ),
    ),
    case(
        "the far corner in small letters",
        "xlsx",
        with_cells(FAR.replace("XFD", "xfd")),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + EMPTY
        ),
    ),
    case(
        "the far corner with blanks",
        "xlsx",
        with_cells(FAR.replace("r=", "r = ")),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + EMPTY
        ),
    ),
    case(
        "the far corner behind another attribute",
        "xlsx",
        with_cells(FAR.replace("<c ", '<c s="0" ')),
        (
            "{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 145 of them. "
            + EMPTY
        ),
    ),
    case(
        "the far corner in another part",
        "xlsx",
        with_cells(FAR, target="elsewhere/a.bin"),
        ("{file}: xl/elsewhere/a.bin spans 17179869184 cells and fills 145 of them. " + EMPTY),
    ),
    case(
        "the far corner under a prefix",
        "xlsx",
        packed(parts(sheet(FAR.replace("<", "<x:").replace("<x:/", "</x:"), prefix="x"))),
        ("{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 1 of them. " + EMPTY),
    ),
    case(
        "a place that no sheet has",
        "xlsx",
        with_cells(row(10**12, text(f"ZZZZZZ{10**12}", "x"))),
        (
            "{file}: xl/worksheets/sheet1.xml spans 321272406000000000000 cells and fills 145 "
            "of them. " + EMPTY
        ),
    ),
    case(
        "a sheet in UTF-16",
        "xlsx",
        packed(parts(sheet(ROWS)) | {"xl/worksheets/sheet1.xml": sheet(ROWS).encode("utf-16")}),
        ("{file}: xl/worksheets/sheet1.xml is damaged, or UTF-16. " + AGAIN),
    ),  # type: ignore[dict-item]
    case(
        "an entity",
        "xlsx",
        packed(parts(sheet(ROWS, head='<!DOCTYPE x [<!ENTITY a "b">]>'))),
        (
            "{file}: xl/worksheets/sheet1.xml declares entities, which no platform's workbook "
            "does. " + AGAIN
        ),
    ),
    case(
        "an entity from a file",
        "xlsx",
        packed(parts(sheet(ROWS, head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'))),
        (
            "{file}: xl/worksheets/sheet1.xml declares entities, which no platform's workbook "
            "does. " + AGAIN
        ),
    ),
    case(
        "a shared text copied 120,000 times",
        "xlsx",
        sharing("x" * 30_000, SHARED),
        ("{file}: the workbook's cells hold 3.3 GiB of text. " + AGAIN),
    ),
    case(
        "a shared text copied 120,000 times, behind a tag of no meaning",
        "xlsx",
        sharing("x" * 30_000, SHARED.replace("<v>", "<x/><v>")),
        ("{file}: the workbook's cells hold 3.3 GiB of text. " + AGAIN),
    ),
    case(
        "1,200,000 shared texts that no cell names",
        "xlsx",
        sharing("</t></si>" + "<si/>" * 1_200_000 + "<si><t>", ""),
        ("{file}: the workbook keeps more than 1,000,144 texts for its cells. " + AGAIN),
    ),
    case(
        "1,200,000 shared texts under a prefix",
        "xlsx",
        sharing("</t></si>" + "<x:si/>" * 1_200_000 + "<si><t>", ""),
        ("{file}: the workbook keeps more than 1,000,144 texts for its cells. " + AGAIN),
    ),
    case(
        "100,000 shared texts that no cell names",
        "xlsx",
        sharing("</t></si>" + "<si/>" * 100_000 + "<si><t>", ""),
    ),
    case(
        "a comment among the shared texts",
        "xlsx",
        sharing("a<!-- <si> -->", ""),
        (
            "{file}: xl/sharedStrings.xml holds a comment, which no platform's workbook does. "
            + AGAIN
        ),
    ),
    case(
        "the far corner behind a sign that seems to end its tag",
        "xlsx",
        with_cells(FAR.replace("<c ", '<c x=">" ')),
        ("{file}: xl/worksheets/sheet1.xml " + NOT_WHOLE),
    ),
    case(
        "20,000 cells without an end",
        "xlsx",
        with_cells("<c " * 20_000),
        ("{file}: xl/worksheets/sheet1.xml " + NOT_WHOLE),
    ),
    case(
        "a picture in which a cell seems to begin",
        "xlsx",
        packed({**parts(sheet(ROWS)), "xl/media/image1.png": b"<c \0<ro\0"}),
    ),  # type: ignore[dict-item]
    case(
        "a size forged smaller",
        "xlsx",
        packed(parts(sheet(ROWS)), stated={"xl/worksheets/sheet1.xml": 2000}),
        ("{file}: xl/worksheets/sheet1.xml is not as large as the archive says. " + AGAIN),
    ),
    case(
        "a part of 64 MiB of blanks",
        "xlsx",
        packed({**parts(sheet(ROWS)), "xl/theme.xml": b" " * (2**26 + 1)}),
        ("{file}: xl/theme.xml unpacks to 1029 times its size. " + EMPTY),
    ),  # type: ignore[dict-item]
    case(
        "5,000 sheets of one part",
        "xlsx",
        packed(parts(sheet(ROWS), sheets=5000)),
        ("{file}: the workbook has 5000 sheets. " + AGAIN),
    ),
    case("a formula", "xlsx", with_cells(row(4, '<c r="A4"><f>1+1</f></c>')), (FORMULAS)),
    case(
        "a formula with its value",
        "xlsx",
        with_cells(row(4, '<c r="A4"><f>1+1</f><v>2</v></c>')),
        (FORMULAS),
    ),
    case(
        "a shared formula behind its value",
        "xlsx",
        with_cells(row(4, '<c r="A4"><v>2</v><f t="shared">1+1</f></c>')),
        (FORMULAS),
    ),
    case(
        "an error of a spreadsheet",
        "xlsx",
        with_cells(row(4, '<c r="A4" t="e"><v>#REF!</v></c>')),
        ("{file}: xl/worksheets/sheet1.xml " + ERRORS),
    ),
    case(
        "an error in single quotes",
        "xlsx",
        with_cells(row(4, "<c t = 'e' r='A4'><v>#REF!</v></c>")),
        ("{file}: xl/worksheets/sheet1.xml " + ERRORS),
    ),
    case(
        "a text like an error's mark",
        "xlsx",
        with_cells(row(4, text("A4", '<c t="e"'))),
        aside={"note among the rows": 1},
    ),
    case(
        "rows out of their order",
        "xlsx",
        with_cells(row(6, text("A6", "x")) + row(5, text("A5", "x"))),
        ("{file}: xl/worksheets/sheet1.xml has rows out of their order. " + AGAIN),
    ),
    case(
        "a NUL in a part",
        "xlsx",
        with_cells("\0"),
        ("{file}: xl/worksheets/sheet1.xml is damaged, or UTF-16. " + AGAIN),
    ),
    case(
        "a shared text that is not there",
        "xlsx",
        with_cells(row(4, '<c r="A4" t="s"><v>99</v></c>')),
        DAMAGED,
    ),
    case(
        "no sheet with a cell",
        "xlsx",
        packed(parts(sheet(""))),
        ("{file}: the workbook is empty. " + AGAIN),
    ),
    case(
        "under a password",
        "xlsx",
        OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
        ("{file}: the workbook is under a password. To mend: save it without one."),
    ),
    case("an old workbook, half of it", "xls", XLS[: len(XLS) // 2], DAMAGED),
    case("an old workbook of noise", "xls", OLE + bytes(range(256)) * 8, DAMAGED),
    case("an old workbook that asks for all memory", "xls", old([HUGE, number(0, 0)]), DAMAGED),
    case(
        "an old workbook with a cell at the far corner",
        "xls",
        old([number(0, 0), number(65535, 160)]),
        ("{file}: the sheets of the workbook span more than 10,000,000 cells. " + EMPTY),
    ),
    case(
        "an old workbook with an error",
        "xls",
        old([number(0, 0), error(1, 1)]),
        ("{file}: the workbook " + ERRORS),
    ),
    case(
        "an old workbook that is short, with an error",
        "xls",
        old([number(0, 0), error(1, 1), *[number(n, 0) for n in range(2, 99)]], little=True),
        ("{file}: the workbook " + ERRORS),
    ),
    case("an old workbook that is short", "xls", old([number(0, 0)], little=True), NO_HEADER),
    case(
        "an old workbook with a formula that came to an error",
        "xls",
        old([number(0, 0)], [failed(1, 1)]),
        ("{file}: the workbook " + ERRORS),
    ),
    case(
        "an old workbook with TRUE, and a number whose bytes look like an error",
        "xls",
        old([truth(0, 0), number(517, 8, 4097.0)]),
        NO_HEADER,
    ),
    case(
        "an old workbook whose cells share a long text",
        "xls",
        old([sharer(n // 200, n % 200) for n in range(6000)], table=shared("\x01" * 8000)),
        ("{file}: the workbook's cells hold more than 256 MiB of text. " + AGAIN),
    ),
    case("an archive behind the head of an old workbook", "xls", OLE + with_cells(FAR), DAMAGED),
]
