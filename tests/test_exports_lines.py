"""The quick splitting of csv gives what Python's csv module gives, row by row and in columns."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.exports.lines import Plain, Rows, plain

# 乗 is 81 5C in GBK, 亅 81 7C: bytes that look like a backslash and a bar
SIGNS = [
    "a",
    "1",
    ".",
    "-",
    " ",
    "\t",
    "|",
    "\\",
    "乗",
    "亅",
    "京",
    ",",
    '"',
    '""',
    "\r\n",
    "\n",
    "'",
]
cells = st.lists(st.sampled_from(SIGNS), max_size=4).map("".join)
plain_cells = st.lists(st.sampled_from(SIGNS[:11]), max_size=4).map("".join)


@st.composite
def written(draw) -> tuple[bytes, int]:
    """Return csv as a program writes it, some of it damaged, and the width of its first row."""
    width = draw(st.integers(1, 4))
    ragged = st.integers(1, 4) if draw(st.booleans()) else st.just(width)
    some = st.one_of(plain_cells, cells) if draw(st.booleans()) else plain_cells
    rows = draw(st.lists(ragged.flatmap(lambda n: st.lists(some, min_size=n, max_size=n))))
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n", "\n", "\r"]))
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(rows)
    raw = bytearray(text.getvalue().encode("gb18030"))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        place = draw(st.integers(0, len(raw)))
        raw[place : place + draw(st.integers(0, 1))] = draw(
            st.sampled_from([b'"', b",", b"\n", b"\r", b""])
        )
    return bytes(raw), width


def by_csv(raw: bytes) -> list[list[str]] | str:
    """Return what the csv module makes of it, or its error."""
    lines = io.StringIO(raw.decode("latin-1"), newline="").readlines()
    try:
        return list(csv.reader(lines, strict=True))
    except csv.Error as error:
        return f"x.csv: this is not whole csv ({error})."


def in_pieces(raw: bytes, width: int, block: int, head: int) -> list[list[str]] | str:
    """Return the same from pieces, after so many rows that were taken one by one."""
    rows = Rows(io.BytesIO(raw), ",", "x.csv", block)
    found: list[list[str]] = []
    try:
        for _ in range(head):
            if (row := next(rows, None)) is not None:
                found.append(row)
        for piece in rows.pieces(width):
            whole = [piece[place] for place in range(len(piece))]
            if isinstance(piece, Plain):
                assert whole == list(map(list, zip(*map(piece.column, range(width)), strict=True)))
            found += whole
    except KpiError as error:
        return f"{error.where}: {error.problem}"
    return found


@given(written(), st.sampled_from([1, 16, 64, 2**19]), st.integers(0, 2))
@example((b'a,b\r\n"1,2",3\r\n', 2), 1, 0)
@example((b'a"b,"c\n"d,e"\n', 2), 2**19, 0)
def test_pieces_are_what_the_csv_module_reads(made, block, head):
    raw, width = made
    assert in_pieces(raw, width, block, head) == by_csv(raw)


@pytest.mark.parametrize(
    ("block", "rows"),
    [
        (b"a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        (b'"a","b,c"\r\n,\r\n', [["a", "b,c"], ["", ""]]),
        (b'"",""\n', [["", ""]]),
        (b"\x81\x5c,\x81\x7c\n", [["\x81\\", "\x81|"]]),
        (b'a,b"\n', None),
        (b'a,"b""c"\n', None),
        (b'"a\nb",c\n', None),
        (b'x"a",b\n', None),
        (b"a,b,c\nd\n", None),
        (b"a,b\n\n", None),
        (b"a,b\nc,d", None),
        (b"a," + b"1" * csv.field_size_limit() + b"\n", None),
    ],
)
def test_only_a_block_of_one_reading_is_split_at_once(block, rows):
    found = plain(block, ",", 2)
    assert rows == (None if found is None else [found[place] for place in range(len(found))])
