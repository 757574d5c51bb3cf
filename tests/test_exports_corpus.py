"""The corpus: every damaged file is read right or refused in the words that it states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.exports import Month, formats, read_team
from tests.corpus import (
    MONTH,
    Case,
    books,
    cells,
    everywhere,
    headers,
    json_files,
    names,
    places,
    rows,
    texts,
    totals,
)
from tests.corpus.damage import good
from tests.exports_made import Folder, as_bytes
from tests.two_ways import by_columns

CASES: list[Case] = [
    case
    for part in (everywhere, cells, headers, totals, rows, texts, names, books, json_files, places)
    for case in part.CASES
]


@lru_cache(maxsize=64)
def _good_table(key: str) -> pd.DataFrame:
    """Return what the good file of a format is read as."""
    with TemporaryDirectory() as root:
        folder = Folder(Path(root))
        folder.text(f"{MONTH}/x.csv", as_bytes(good(key), "csv"))
        return _table(read_team(root, "2025-05"), key)


def _table(month: Month, key: str) -> pd.DataFrame:
    table = month.tables[formats()[key].table or ""]
    return table.drop(columns=["file", "row"])


def _aside(month: Month, key: str) -> dict[str, int]:
    """Return rows set aside, without those that stand in every good file of the format."""
    counts = Counter(month.receipt.set_aside.groupby("reason")["rows"].sum().to_dict())
    skip = formats()[key].skip
    return dict(counts - Counter({"description row under the header": skip}))


def _wanted(case: Case) -> dict[str, list[object]]:
    """Return the columns that a case's table must have: the good file's, but for what it says."""
    table = _good_table(case.key)[: case.keep]
    columns = {name: table[name].tolist() for name in table}
    for name, value in case.last.items():
        before = columns.get(name, columns.get(name.removesuffix("_low").removesuffix("_high")))
        assert before is not None
        columns[name] = [*before[:-1], value]
    return columns | {name: list(cells) for name, cells in case.values.items()}  # noqa: PD011


def _plain(values: Iterable[object]) -> list[object]:
    """Return cells as what two tables are compared by."""
    known = [None if pd.isna(value) else value for value in values]  # type: ignore[call-overload]
    return [value.isoformat() if isinstance(value, pd.Timestamp) else value for value in known]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case, tmp_path):
    _holds(case, tmp_path)


TEXTS = [case for case in CASES if case.path.endswith((".csv", ".tsv"))]


@pytest.mark.parametrize("case", TEXTS, ids=[case.name for case in TEXTS])
def test_case_by_columns(case, tmp_path):
    with by_columns():
        _holds(case, tmp_path)


def _holds(case: Case, tmp_path: Path) -> None:
    """Read a case's file, and hold what comes of it against what must."""
    folder = Folder(tmp_path)
    for path, raw in {**case.beside, case.path: case.raw}.items():
        folder.text(path, raw())
    if case.text is not None:
        with pytest.raises(KpiError) as caught:
            read_team(tmp_path, "2025-05")
        assert str(caught.value) == case.text.replace("{file}", case.path)
        return
    month = read_team(tmp_path, "2025-05")
    table, wanted = _table(month, case.key), _wanted(case)
    found = {name: _plain(table[name]) for name in table}
    assert found == {name: _plain(values) for name, values in wanted.items()}
    assert _aside(month, case.key) == dict(case.aside)
    files = month.receipt.files
    assert (files["rows_in"] == files["used"] + files["set_aside"]).all()


def test_the_corpus_is_large_and_holds_every_format():
    read = {key for key, fmt in formats().items() if fmt.place is None and not fmt.refused}
    assert {case.key for case in CASES} >= read - {"shop_main_orders"}
    known = [case.name for case in CASES]
    assert len(known) == len(set(known)) >= 200


@pytest.mark.parametrize("key", ["creator_works", "compass_live_daily", "shop_orders"])
def test_the_rows_of_a_good_file_come_as_columns(key, tmp_path):
    folder = Folder(tmp_path)
    folder.text(f"{MONTH}/x.csv", as_bytes(good(key), "csv"))
    with by_columns() as met:
        month = read_team(tmp_path, "2025-05")
    assert met == [True, True]  # the people come so too
    pd.testing.assert_frame_equal(_table(month, key), _good_table(key))
