"""Files damaged at random: nothing but a `KpiError` comes of them, and no row is lost.

`make fuzz` runs the same with many more cases and new ones each time.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kpilib.errors import KpiError
from kpilib.exports import Month, formats, read_team
from tests.corpus import MONTH
from tests.corpus.cells import READ, REFUSED
from tests.corpus.damage import good
from tests.exports_made import SHAPES, Folder, Made, as_bytes
from tests.two_ways import by_columns

KEYS = sorted(key for key in SHAPES if formats()[key].place is None)
# what a cell of some column may hold, anywhere
CELLS = sorted(
    {str(cell) for cells in READ.values() for cell in cells}
    | {cell for group in REFUSED.values() for cells in group.values() for cell in cells}
    | {
        "合计",
        "店铺汇总值",
        "平均值",
        "\x00",
        "\ufeff",
        "\r",
        '"',
        ",",
        "\t",
        "9" * 400,
        "-0",
        "1e400",
    }
)
HEADERS = sorted({header for key in KEYS for header in formats()[key].known})
cells = st.one_of(st.sampled_from(CELLS), st.text(max_size=12))


def read_of(path: str, raw: bytes) -> Month | KpiError:
    """Read a folder that holds this file, or return why it was refused."""
    with TemporaryDirectory() as root:
        Folder(Path(root)).text(f"{MONTH}/{path}", raw)
        try:
            return read_team(root, "2025-05")
        except KpiError as error:
            return error


def files_of(path: str, raw: bytes) -> pd.DataFrame | None:
    """Read a folder that holds this file; return its receipt, or None if it was refused."""
    month = read_of(path, raw)
    if path.endswith((".csv", ".tsv")):
        with by_columns():
            same(month, read_of(path, raw))
    if isinstance(month, KpiError):
        assert month.where
        assert month.problem.endswith((".", "\n"))
        assert month.remedy.endswith((".", '"'))
        return None
    files = month.receipt.files
    assert (files["rows_in"] == files["used"] + files["set_aside"]).all()
    return files[files["file"] != "people.csv"]


def same(one: Month | KpiError, other: Month | KpiError) -> None:
    """Hold that the same came of a file whichever way it was read."""
    if isinstance(one, KpiError) or isinstance(other, KpiError):
        assert str(one) == str(other)
        return
    for table, rows in one.tables.items():
        assert len(rows) == len(other.tables[table])
        if len(rows):
            assert_frame_equal(rows, other.tables[table])
    assert_frame_equal(one.receipt.files, other.receipt.files)
    assert_frame_equal(one.receipt.set_aside, other.receipt.set_aside)
    assert list(map(str, one.receipt.findings)) == list(map(str, other.receipt.findings))


@st.composite
def tables(draw) -> Made:
    """Return a good file in which some cells and headers were changed, rows moved or repeated."""
    made = good(draw(st.sampled_from(KEYS)), draw(st.integers(1, 4)))
    headers, rows = list(made.headers), [list(row) for row in made.rows]
    for _ in range(draw(st.integers(0, 4))):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(cells)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        place = draw(st.integers(0, len(headers) - 1))
        headers[place] = draw(st.one_of(st.sampled_from(HEADERS), cells))
    rows += draw(st.lists(st.sampled_from(rows), max_size=2))
    return Made(headers, draw(st.permutations(rows)))


@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_changed_cells_are_read_or_refused_and_every_row_is_counted(made, encoding):
    raw = as_bytes(made, "csv", encoding=encoding) if _encodes(made, encoding) else b""
    files = files_of("x.csv", raw)
    if files is not None:
        assert files["rows_in"].sum() == len(made.rows)


def _encodes(made: Made, encoding: str) -> bool:
    """Whether every cell can be written; surrogates cannot."""
    try:
        str(made).encode(encoding)
        as_bytes(made, "csv", encoding=encoding)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _whole(key: str, ending: str) -> bytes:
    """Return a good file, the same each time: a workbook written anew carries another second."""
    return as_bytes(good(key), ending)


@st.composite
def broken(draw, endings=("csv", "tsv", "xlsx", "json")) -> tuple[str, bytes]:
    """Return a good file in which some bytes were changed, left out, put in or cut off."""
    ending = draw(st.sampled_from(endings))
    raw = bytearray(_whole(draw(st.sampled_from(KEYS)), ending))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[place : place + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    if draw(st.integers(0, 9)) == 0:
        del raw[draw(st.integers(0, len(raw))) :]
    return ending, bytes(raw)


@given(broken())
def test_changed_bytes_are_read_or_refused(case):
    ending, raw = case
    files_of(f"x.{ending}", raw)


@given(broken(endings=["xls"]))
@settings(max_examples=max(8, settings.default.max_examples // 10))  # each starts a process
def test_changed_bytes_of_an_old_workbook_are_read_or_refused(case):
    files_of("x.xls", case[1])


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), cells),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from(HEADERS), st.text(max_size=5)), inner, max_size=4
        ),
    ),
    max_leaves=20,
)


@given(values)
def test_any_json_is_read_or_refused(value):
    files_of("x.json", json.dumps(value).encode())
