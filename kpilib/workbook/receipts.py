"""The sheets of the receipt: files, rows set aside, and what to doubt."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from kpilib.readings import Readings
from kpilib.texts import Texts, slots
from kpilib.workbook.cells import Column

FILES = ("file", "format", "encoding", "as_of", "rows_in", "used", "set_aside", "sha256")
ASIDE = ("file", "reason", "rows")
FINDINGS = ("where", "finding", "rows", "remedy")
WHOLE, DAY = "#,##0", "yyyy-mm-dd"


def file_columns(files: pd.DataFrame) -> list[Column]:
    """Return one line per file: rows in, used and set aside, and its hash."""
    forms = {"as_of": DAY, "rows_in": WHOLE, "used": WHOLE, "set_aside": WHOLE}
    return [
        Column(key, _cells(files[key]), forms.get(key, "@"), summed=forms.get(key) == WHOLE)
        for key in FILES
    ]


def aside_columns(aside: pd.DataFrame) -> list[Column]:
    """Return one line per file and reason: rows that were not used."""
    return [
        Column("file", _cells(aside["file"]), "@"),
        Column("reason", _cells(aside["reason"]), "@"),
        Column("rows", _cells(aside["rows"]), WHOLE, summed=True),
    ]


def findings_of(readings: Readings, t: Texts) -> pd.DataFrame:
    """Put what was found about exports and people into the words of a language."""
    tables = (readings.month.receipt.findings, readings.findings)
    found = [_told(row, t) for table in tables for row in table.to_dict("records")]
    return pd.DataFrame(found, columns=list(FINDINGS))


def finding_columns(found: pd.DataFrame) -> list[Column]:
    """Return one line per finding."""
    return [Column(key, _cells(found[key]), WHOLE if key == "rows" else "@") for key in FINDINGS]


def _told(row: Mapping[Hashable, Any], t: Texts) -> tuple[object, ...]:
    """Say one finding; in the reader's own words where the language has none for its kind."""
    key, remedy = f"doubts.{row['kind']}", f"doubts.{row['kind']}_remedy"
    values = {**row.get("values", {}), "rows": row["rows"]}
    said = []
    for name, plain in ((key, row["problem"]), (remedy, row["remedy"])):
        known = t.has(name) and slots(t.raw(name)) <= values.keys()
        said.append(t(name, **{s: values[s] for s in slots(t.raw(name))}) if known else plain)
    return row["where"], said[0], row["rows"], said[1]


def _cells(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column]
