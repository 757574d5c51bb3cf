"""Plain sheets give what the reader of workbooks gives; whatever is odd is left to that reader."""

from __future__ import annotations

import io
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.exports import archives, files, plain_sheets, read_team, shapes
from kpilib.exports.coded import Coded, numbers_behind
from kpilib.exports.plain_sheets import PlainRows
from kpilib.exports.shapes import OddError, Shape, shared_texts
from kpilib.exports.taking import stripped
from kpilib.exports.workbooks import in_words, pages
from tests.corpus import MONTH
from tests.corpus.live import FORMULAS, LIVE
from tests.corpus.parts import SHEET, letters, packed, parts, row, rows_of, sheet, text
from tests.exports_made import SHAPES, Folder, as_bytes, workbook

PRESERVE = ' xml:space="preserve"'
PRESERVED = f"<si><t{PRESERVE}>{{}}</t></si>"
SHARED = "xl/sharedStrings.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
# as they stand in XML
TEXTS = [
    *(
        "a",
        "7",
        "中文",
        " x ",
        "\n",
        "a\nb",
        "\t",
        "",
        "😀",
        "\u3000全\xa0",
        "\x0b",
        "\x85",
        '"',
        "'",
    ),
    *("&amp;", " &lt;b&gt; ", "&quot;&apos;", "&#10;", "a&#xa;", "&#x9;b", "&#xA0;", "&#34;&#39;"),
    *(
        "a&#13;&#10;b",
        "&amp;amp;",
        "&amp;lt;c&gt;",
        ">",
        "]]>",
        "_x",
        "x_x00G0_",
        "t=s",
        "TRUE",
        "-",
    ),
]
NUMBERS = ["0", "-0", "5.0", "0.10", "1E-7", "6.917529027641082E18", "12345678901234567", "1e300"]
HEADS = [
    "",
    '<dimension ref="A1"/>',
    '<sheetPr><outlinePr summaryBelow="1" /></sheetPr><dimension ref="A1:C9" /><sheetViews>'
    '<sheetView workbookViewId="0"/></sheetViews>\r\n<cols><col min="1" max="2" width="9"/></cols>',
]
TAILS = ["", '<pageMargins left="0.7"/>', '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>']
ROW_ATTRIBUTES = ["", ' spans="1:3"', ' ht="15.75" customHeight="1"', ' x14ac:dyDescent="0.2"']


def cell(place: str, kind: str, inner: str) -> str:
    """Return a cell as some program writes it."""
    return {
        "inline": f'<c r="{place}" t="inlineStr"><is><t>{inner}</t></is></c>',
        "kept": f'<c r="{place}" s="1" t="inlineStr"><is><t{PRESERVE}>{inner}</t></is></c>',
        "str": f'<c r="{place}" s="12" t="str"><v>{inner}</v></c>',
        "shared": f'<c r="{place}" t="s"><v>{inner}</v></c>',
        "number": f'<c r="{place}"><v>{inner}</v></c>',
        "n": f'<c r="{place}" t="n"><v>{inner}</v></c>',
        "empty": f'<c r="{place}" s="2"/>',
        "spaced": f'<c r="{place}" t="n" />',
        "closed": f'<c r="{place}"></c>',
        "missing": "",
    }[kind]


VALUED = ["inline", "kept", "str", "shared", "number", "n"]
EMPTY = ["empty", "spaced", "closed", "missing"]


@st.composite
def rows(draw, full: bool) -> tuple[str, list[str]]:
    """Return rows and shared texts; if ``full``, the first row and the last column are filled."""
    shared = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4))
    width = draw(st.integers(1, 4))
    usual = [draw(st.sampled_from(VALUED)) for _ in range(width)]
    written, number = [], 1
    between = draw(st.sampled_from(["", "\n"]))
    for line in range(draw(st.integers(1, 9))):
        cells = []
        for place in range(width):
            kind = usual[place]
            if draw(st.integers(0, 3)) == 0:
                kind = draw(st.sampled_from([*VALUED, *EMPTY]))
            if full and (line == 0 or place == width - 1) and kind in EMPTY:
                kind = "inline"
            inner = draw(st.sampled_from(NUMBERS if kind in {"number", "n"} else TEXTS))
            if kind == "shared":
                inner = str(draw(st.integers(0, len(shared) - 1)))
            elif full and place == width - 1:
                inner = inner or "z"
            if line == place == 0:  # a sheet of blanks is refused
                kind, inner = "inline", "h"
            cells.append(cell(f"{letters(place)}{number}", kind, inner))
        attributes = draw(st.sampled_from(ROW_ATTRIBUTES))
        written.append(f'<row r="{number}"{attributes}>{between}{"".join(cells)}</row>{between}')
        number += 1 if full or draw(st.integers(0, 9)) else 2
    if full and shared:  # an empty text of those shared may stand in the last cell
        shared = [words or "y" for words in shared]
    return "".join(written), shared


def members(
    cells: str,
    shared: list[str] | None = None,
    *,
    head: str = "",
    tail: str = "",
    item: str = "<si><t>{}</t></si>",
) -> dict[str, str]:
    """Return the parts of a workbook of these rows, with what stands above and under them."""
    made = parts(sheet(cells))
    around = made[SHEET].replace("<sheetData>", f"{head}<sheetData>")
    made[SHEET] = around.replace("</sheetData>", f"</sheetData>{tail}")
    if shared is not None:
        more = f'<Relationship Id="rId2" Type="{KIND}" Target="sharedStrings.xml"/>'
        made[RELATIONS] = made[RELATIONS].replace("</Relationships>", f"{more}</Relationships>")
        made[SHARED] = f"<sst>{''.join(item.format(words) for words in shared)}</sst>"
    return made


def book(cells: str, shared: list[str] | None = None, **more: str) -> bytes:
    """Return the same, packed."""
    return packed(members(cells, shared, **more))


def by_reader(raw: bytes) -> list[list[str]] | str:
    """Return what the reader of workbooks gives, as text, or its refusal."""
    try:
        page = next(pages(None, io.BytesIO(raw), "x.xlsx", "xlsx"))
        return list(map(stripped, page.rows))
    except KpiError as error:
        return str(error)


def plainly(raw: bytes, block: int = 2**18, head: int = 0) -> list[list[str]] | None:
    """Return the rows of a plain sheet, the first few one by one; None if it is not plain."""
    found: list[list[str]] = []
    try:
        with in_words("x.xlsx"):
            plain = PlainRows(io.BytesIO(raw), "x.xlsx", block)
        found += [next(plain) for _ in range(head)]
        for piece in plain.pieces(0):
            whole = [piece[place] for place in range(len(piece))]
            if not isinstance(piece, list):
                width = len(whole[0])
                assert whole == list(map(list, zip(*map(piece.column, range(width)), strict=True)))
            found += whole
    except (KpiError, StopIteration):
        return None
    return list(map(stripped, found))


around = st.tuples(st.sampled_from(HEADS), st.sampled_from(TAILS))
items = st.sampled_from(
    [
        "<si><t>{}</t></si>",
        PRESERVED + "\n",
        '<si><t>{}</t><phoneticPr fontId="1" type="noConversion"/></si>',
    ]
)


@given(rows(full=True), around, items, st.sampled_from([2**18, 300, 7]), st.integers(0, 1))
@example((row(1, text("A1", "x"), text("B1", "y")), ["q"]), ("", ""), "<si><t>{}</t></si>", 7, 1)
def test_a_plain_sheet_is_read_as_the_reader_of_workbooks_reads_it(made, around, item, block, head):
    cells, shared = made
    raw = book(cells, shared, head=around[0], tail=around[1], item=item)
    wanted = by_reader(raw)
    assert isinstance(wanted, list)
    assert plainly(raw, block, head) == wanted


@given(rows(full=False), st.sampled_from([2**18, 300, 7]))
def test_a_sheet_with_gaps_and_blanks_is_read_the_same_or_left(made, block):
    raw = book(*made)
    assert plainly(raw, block) in (None, by_reader(raw))


@st.composite
def naming(draw) -> tuple[str, list[str], bool]:
    """Return rows whose cells name shared texts, these, and whether nothing else is among them."""
    shared = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=12))
    shared[0] = "h"  # a sheet of blanks is refused
    width, height = draw(st.integers(1, 4)), draw(st.integers(2, 12))
    gap = draw(st.sampled_from([None, *range(width - 1)]))  # a column without a value
    other = draw(st.sampled_from([None, None, *range(1, height)]))  # a row of another kind
    style = draw(st.sampled_from(["", ' s="7"']))
    attributes = draw(st.sampled_from(ROW_ATTRIBUTES))
    written = []
    for line in range(height):
        cells = [
            f'<c r="{letters(place)}{line + 1}"{style} t="s">'
            f"<v>{draw(st.integers(0, len(shared) - 1)) if line or place else 0}</v></c>"
            for place in range(width)
        ]
        if gap is not None:
            cells[gap] = draw(st.sampled_from(["", f'<c r="{letters(gap)}{line + 1}" s="2"/>']))
        if line == other:
            place = draw(st.integers(0, width - 1))
            kind = draw(st.sampled_from([*VALUED[:3], *EMPTY]))
            cells[place] = cell(f"{letters(place)}{line + 1}", kind, "x")
        written.append(f'<row r="{line + 1}"{attributes}>{"".join(cells)}</row>')
    return "".join(written), shared, other is None and gap != 0 and all(shared)


@given(naming(), st.sampled_from([2**18, 100, 7]), st.integers(0, 1))
def test_cells_that_all_name_texts_are_read_as_the_reader_of_workbooks_reads_them(
    made, block, head
):
    cells, shared, usual = made
    raw, met = book(cells, shared), []

    class Met(Coded):
        def __init__(self, *args):
            met.append(True)
            super().__init__(*args)

    with patch.object(shapes, "Coded", Met):
        found = plainly(raw, block, head)
    wanted = by_reader(raw)
    assert found == wanted if usual else found in (None, wanted)
    assert met or block != 7 or not usual or 's="2"' in cells


@given(st.lists(st.tuples(st.integers(0, 999_999_999), st.booleans()), max_size=30))
def test_numbers_behind_a_tag_are_those_that_stand_there(numbers):
    text = "".join(f"<{'v' if yes else 'w'}>{number}</v>" for number, yes in numbers)
    found = numbers_behind(b"<v>", f"{text} ".encode())
    assert found.tolist() == [number for number, yes in numbers if yes]


@pytest.mark.parametrize("name", ["2", "999999999"])
@pytest.mark.parametrize("line", [1, 2, 3])
def test_a_name_of_no_text_leaves_the_sheet_to_the_reader_of_workbooks(name, line):
    names = ["0", "0", "1", "0", "0"]
    cells = [f'<c r="A{n}" t="s"><v>{v}</v></c>' for n, v in enumerate(names, start=1)]
    whole = "".join(row(n, one) for n, one in enumerate(cells, start=1))
    assert plainly(book(whole, ["q", "z"]), 7) == [["q"], ["q"], ["z"], ["q"], ["q"]]
    cells[line] = f'<c r="A{line + 1}" t="s"><v>{name}</v></c>'
    whole = "".join(row(n, one) for n, one in enumerate(cells, start=1))
    assert plainly(book(whole, ["q", "z"]), 7) is None


@pytest.mark.parametrize("number", ["1", "3", "02", "0", "20000000"])
def test_named_rows_out_of_their_places_leave_the_sheet_to_the_reader_of_workbooks(number):
    rows = [row(1, '<c r="A1" t="s"><v>0</v></c>'), row(2, '<c r="A2" t="s"><v>0</v></c>')]
    assert plainly(book("".join(rows), ["q"]), 7) == [["q"], ["q"]]
    moved = rows[1].replace('"2"', f'"{number}"').replace("A2", f"A{number}")
    assert plainly(book(rows[0] + moved, ["q"]), 7) is None


SNIPPETS = [
    *("<", ">", "/", '"', "'", "=", "&", ";", " ", "\n", "\r", "\0", "x:", "r", "s", "t", "1", "0"),
    *("<row>", "</row>", '<row r="2">', '<c r="A2">', "</c>", "<v>", "</v>", "<f>1</f>", "<is>"),
    *("<t>", "</t>", "<t/>", "<si>", "</si>", "<si/>", "<!--", "-->", "<![CDATA[", "]]>", "<?x?>"),
    *(' r="1"', ' r="B1"', ' t="s"', ' t="e"', ' t="b"', ' s="1"', ' t="str"', ' t="inlineStr"'),
    *(
        "</sheetData>",
        "<sheetData>",
        "<sheetData/>",
        "<mergeCells/>",
        "<dimension/>",
        "<r>",
        "</r>",
    ),
]


@st.composite
def damaged(draw) -> bytes:
    """Return a plain workbook in whose XML a few signs or tags were put in or left out."""
    cells, shared = draw(rows(full=True))
    head, tail = draw(around)
    made = members(cells, shared, head=head, tail=tail, item=draw(items))
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from([SHEET, SHEET, SHEET, SHARED, RELATIONS, "xl/workbook.xml"]))
        place = draw(st.integers(0, len(made[name])))
        gone = draw(st.sampled_from([0, 0, 1, 4, 9]))
        put = draw(st.sampled_from(["", *SNIPPETS]))
        made[name] = made[name][:place] + put + made[name][place + gone :]
    return packed(made)


@given(damaged(), st.sampled_from([2**18, 300]))
def test_a_damaged_sheet_is_read_the_same_or_left(raw, block):
    assert plainly(raw, block) in (None, by_reader(raw))


FIRST = row(1, text("A1", "a"), text("B1", "b"))
SECOND = '<row r="2">{}<c r="B2" t="inlineStr"><is><t>d</t></is></c></row>'
ODD = {  # in a cell that anyone else reads, or refuses, in his own way
    "a number with a style": '<c r="A2" s="1"><v>45000</v></c>',
    "a truth": '<c r="A2" t="b"><v>1</v></c>',
    "an error": '<c r="A2" t="e"><v>#REF!</v></c>',
    "a date": '<c r="A2" t="d"><v>2025-05-01</v></c>',
    "a formula": '<c r="A2"><f>1+1</f><v>2</v></c>',
    "a formula's text": '<c r="A2" t="str"><f>B1</f><v>b</v></c>',
    "no number": '<c r="A2"><v>x</v></c>',
    "a number of blanks": '<c r="A2"><v> 1</v></c>',
    "a number without digits": '<c r="A2"><v></v></c>',
    "single quotes": "<c r='A2' t='inlineStr'><is><t>x</t></is></c>",
    "another order": '<c t="inlineStr" r="A2"><is><t>x</t></is></c>',
    "no place": '<c t="inlineStr"><is><t>x</t></is></c>',
    "another row's place": '<c r="A3" t="inlineStr"><is><t>x</t></is></c>',
    "a small letter": '<c r="a2" t="inlineStr"><is><t>x</t></is></c>',
    "a place of Arabic digits": '<c r="A٢" t="inlineStr"><is><t>x</t></is></c>',
    "a column twice": text("A2", "x") + text("A2", "y"),
    "columns out of their order": text("B2", "x") + text("A2", "y"),
    "a text in parts": '<c r="A2" t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r></is></c>',
    "two texts": '<c r="A2" t="inlineStr"><is><t>x</t><t>y</t></is></c>',
    "a comment": '<c r="A2" t="inlineStr"><is><t>x<!-- y --></t></is></c>',
    "a comment between cells": "<!-- y -->",
    "raw signs": '<c r="A2" t="inlineStr"><is><t><![CDATA[x]]></t></is></c>',
    "an escaped sign": text("A2", "a_x000D_b"),
    "another reference": '<c r="A2" t="inlineStr"><is><t>&#x4e2d;</t></is></c>',
    "an unknown reference": '<c r="A2" t="inlineStr"><is><t>&nbsp;</t></is></c>',
    "a lone &": '<c r="A2" t="inlineStr"><is><t>a & b</t></is></c>',
    "a carriage return": '<c r="A2" t="inlineStr"><is><t>a\r\nb</t></is></c>',
    "a NUL": '<c r="A2" t="inlineStr"><is><t>a\0b</t></is></c>',
    "a shared text that is not there": '<c r="A2" t="s"><v>1</v></c>',
    "a shared text by another number": '<c r="A2" t="s"><v>-1</v></c>',
    "a prefix": '<x:c r="A2" t="inlineStr"><x:is><x:t>x</x:t></x:is></x:c>',
    "a number of Arabic digits": '<c r="A2"><v>٢</v></c>',
    "words between cells": "words",
}


def second(cells: str, first: str = FIRST) -> bytes:
    return book(first + SECOND.format(cells), ["q"])


def test_the_second_row_is_plain_without_what_is_odd():
    assert plainly(second(""), 7) == [["a", "b"], ["", "d"]]
    assert plainly(second(text("A2", "x")), 7) == [["a", "b"], ["x", "d"]]


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_cell_leaves_the_sheet_to_the_reader_of_workbooks(odd):
    assert plainly(second(odd), 7) is None


PLACED = {  # rows that stand where no plain ones do
    "a row too many": FIRST + row(3, text("A3", "x")),
    "no first row": row(2, text("A2", "x")),
    "nothing in the first column": row(1, text("B1", "x")) + row(2, text("B2", "y")),
    "rows out of order": row(2, text("A2", "x")) + row(1, text("A1", "x")),
    "a row twice": FIRST + FIRST,
    "a row with two numbers": FIRST.replace('r="1"', 'r="1" r="1"', 1),
    "a row without a number": FIRST.replace(' r="1"', "", 1),
    "a blank row at the end": FIRST + row(2, '<c r="A2"/>'),
    "a blank first row alone": row(1),
    "a row that is closed": FIRST + '<row r="2"/>',
    "a row without an end": FIRST + '<row r="2">',
    "a row after the last": FIRST + "</sheetData><sheetData>" + row(2, text("A2", "x")),
    "no row": "",
    "a column beyond all": FIRST + row(2, text("ZZ2", "x")),
    "a column far beyond all": FIRST + row(2, text("XFD2", "x")),
}


@pytest.mark.parametrize("cells", PLACED.values(), ids=PLACED)
@pytest.mark.parametrize("block", [2**18, 7])
def test_rows_in_odd_places_leave_the_sheet_to_the_reader_of_workbooks(cells, block):
    assert plainly(book(cells), block) is None


BOOKS = {
    "a formula above": book(FIRST, head="<f>1</f>"),
    "a row above": book(
        FIRST, head='<sheetData><row r="9"><c r="A9"><v>1</v></c></row></sheetData>'
    ),
    "a dimension of nothing": book(FIRST, head="<dimension/>"),
    "an open comment above": book(FIRST, head="<!-- "),
    "a declaration above": packed(parts(sheet(FIRST, head='<!DOCTYPE x [<!ENTITY a "b">]>'))),
    "a row under a prefix, under all": book(FIRST, tail='<x:row r="2"><x:c r="A2"/></x:row>'),
    "an odd merged range": book(FIRST, tail='<mergeCells><mergeCell ref="x"/></mergeCells>'),
    "shared texts in parts": book(FIRST, ["<r>q</r>"]),
    "a shared text under a prefix": book(
        FIRST, ["q"], item="<x:si><t>b</t></x:si><si><t>{}</t></si>"
    ),
    "a broken tag behind a shared text": book(
        FIRST, ["q"], item='<si><t>{}</t><phoneticPr fontId="1 type="noConversion"/></si>'
    ),
    "a comment among shared texts": book(FIRST, ["q<!-- -->"]),
    "another part with cells": packed({**parts(sheet(FIRST)), "xl/x.bin": '<c r="A1"/>'}),
    "another sheet's part": packed({**parts(sheet(FIRST)), "xl/worksheets/x.xml": sheet("")}),
    "another sheet that is meant": packed(
        {**parts(sheet("")), SHEET: sheet(FIRST)}
        | {RELATIONS: parts("", target="x.xml")[RELATIONS], "xl/x.xml": sheet("")}
    ),
    "a part named twice": packed({**parts(sheet(FIRST)), SHEET.upper(): sheet(FIRST)}),
    "a sheet listed twice": packed(parts(sheet(FIRST), sheets=2)),
    "two sheets": workbook([["a"]], [["b"]]),
    "no styles that can be read": packed({**parts(sheet(FIRST)), "xl/styles.xml": "<styleSheet"}),
    "no archive": b"PK\x03\x04",
}


@pytest.mark.parametrize("raw", BOOKS.values(), ids=BOOKS)
def test_an_odd_workbook_is_left_to_the_reader_of_workbooks(raw):
    assert plainly(book(FIRST)) == [["a", "b"]]
    assert plainly(raw) is None


def test_a_row_wider_than_those_that_have_gone_leaves_the_sheet_to_the_reader_of_workbooks():
    raw = book(FIRST + row(2, text("A2", "x"), text("C2", "y")))
    assert plainly(raw) == by_reader(raw) == [["a", "b", ""], ["x", "", "y"]]
    assert plainly(raw, 7) is None


def test_all_of_a_block_must_match():
    with pytest.raises(OddError):
        Shape([]).cut(FIRST + "<row>")
    with pytest.raises(OddError):
        shared_texts("<si><t>a</t></si><si>")


def live(rows: int, odd: str = "") -> bytes:
    """Return the live overview with so many rows, and something odd after them."""
    return book(rows_of(SHAPES[LIVE](rows)) + odd)


def test_an_odd_row_after_thousands_of_plain_ones_has_all_read_anew(tmp_path):
    folder = Folder(tmp_path)
    number = 1500 + 2
    folder.text(f"{MONTH}/x.xlsx", live(1500, row(number, f'<c r="A{number}" t="b"><v>1</v></c>')))
    with patch.object(files, "pages", wraps=files.pages) as reader:
        month = read_team(tmp_path, "2025-05")
    assert reader.call_count == 1
    assert "note among the rows" in month.receipt.set_aside["reason"].tolist()
    assert month.receipt.files.set_index("file")["rows_in"][f"{MONTH}/x.xlsx"] == 1500 + 1


def test_a_formula_after_thousands_of_plain_rows_is_refused_in_the_usual_words(tmp_path):
    folder = Folder(tmp_path)
    folder.text(f"{MONTH}/x.xlsx", live(1500, row(1502, '<c r="A1502"><f>1+1</f><v>2</v></c>')))
    with pytest.raises(KpiError) as caught:
        read_team(tmp_path, "2025-05")
    assert str(caught.value) == FORMULAS.replace("{file}", f"{MONTH}/x.xlsx")


@pytest.mark.parametrize("raw", [live(28), as_bytes(SHAPES[LIVE](28), "xlsx")])
def test_plain_workbooks_need_the_reader_of_workbooks_for_one_row_only(tmp_path, raw):
    tables = []
    for name, body in (("a/x.xlsx", raw), ("b/x.csv", as_bytes(SHAPES[LIVE](28), "csv"))):
        folder = Folder(tmp_path / name[0])
        folder.text(f"{MONTH}/{name[2:]}", body)
        with patch.object(files, "pages", side_effect=AssertionError):
            tables.append(read_team(folder.root, "2025-05").tables["sessions"])
    assert len(tables[0]) == 28
    assert tables[0].drop(columns="file").equals(tables[1].drop(columns="file"))


@pytest.mark.parametrize(
    ("cells", "shared"),
    [
        (row(1, text("A1", "x" * 2**23)), None),  # longer than any row
        (row(1, text("A1", "x")) + " " * 2**23, None),
        ("".join(row(n, text(f"DA{n}", "x")) for n in range(1, 10**4)), None),  # spans too much
        (row(1, '<c r="A1" t="s"><v>0</v></c>'), ["x" * 2**23]),
    ],
)
def test_what_is_larger_than_any_export_is_left_to_the_reader_of_workbooks(cells, shared):
    assert plainly(book(cells, shared)) is None


def test_a_wide_sheet_is_plain_if_enough_of_its_cells_are_there():
    wide = "".join(row(n, *(text(f"{letters(k)}{n}", "x") for k in range(60))) for n in (1, 2, 3))
    with patch.object(archives, "_SMALL", 10):
        assert plainly(book(wide)) == [["x"] * 60] * 3
        assert plainly(book(wide + row(4, text("A4", "x")))) is not None
        assert plainly(book("".join(row(n, text(f"BH{n}", "x")) for n in range(1, 9)))) is None


@pytest.mark.parametrize("limit", ["_ROWS", "_TEXTS", "_LARGEST", "_BESIDE"])
def test_a_workbook_above_a_limit_is_left_to_the_reader_of_workbooks(limit):
    raw = book(FIRST + row(2, '<c r="A2" t="s"><v>1</v></c>', text("B2", "d")), ["q", "r"])
    assert plainly(raw) == [["a", "b"], ["r", "d"]]
    with patch.object(plain_sheets, limit, 1):
        assert plainly(raw) is None


def test_a_shared_text_is_held_once_however_many_cells_name_it():
    cells = "".join(row(n, f'<c r="A{n}" t="s"><v>{n % 2}</v></c>') for n in range(1, 50))
    raw = book(cells + row(50, text("A50", "z")), [" long ", "short"], item=PRESERVED)
    (piece,) = PlainRows(io.BytesIO(raw), "x.xlsx").pieces(1)
    found = stripped([piece[place][0] for place in range(49)])
    assert found == ["short", "long"] * 24 + ["short"]
    assert len(set(map(id, found))) == 2


def test_shared_texts_that_would_fill_the_memory_are_left_to_the_reader_of_workbooks():
    named = "".join(row(n, f'<c r="A{n}" t="s"><v>0</v></c>') for n in range(1, 3000))
    assert plainly(book(named, ["x" * 999])) is not None
    assert plainly(book(named, ["x" * 10**6])) is None


def test_as_many_shared_texts_as_the_reader_of_workbooks_refuses_are_left_to_it():
    raw = book(FIRST, ["q"] * 1_000_010)
    assert "keeps more than" in str(by_reader(raw))
    assert plainly(raw) is None
