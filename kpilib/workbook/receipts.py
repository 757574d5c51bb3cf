"""The sheets of the receipt: files, rows set aside, and what to doubt."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.exports.listing import title_of
from kpilib.readings import Readings
from kpilib.texts import Texts
from kpilib.texts.findings import aside, told
from kpilib.workbook.cells import Column

FILES = ("file", "format", "encoding", "as_of", "rows_in", "used", "set_aside", "sha256")
ASIDE = ("file", "reason", "rows")
FINDINGS = ("where", "finding", "rows", "remedy")
WHOLE, DAY = "#,##0", "yyyy-mm-dd"


def file_columns(files: pd.DataFrame, t: Texts) -> list[Column]:
    """Return one line per file: rows in, used and set aside, and its hash."""
    files = files.assign(format=[title_of(str(key), t.lang) for key in files["format"]])
    forms = {"as_of": DAY, "rows_in": WHOLE, "used": WHOLE, "set_aside": WHOLE}
    return [
        Column(key, _cells(files[key]), forms.get(key, "@"), summed=forms.get(key) == WHOLE)
        for key in FILES
    ]


def aside_columns(left: pd.DataFrame, t: Texts) -> list[Column]:
    """Return one line per file and reason: rows that were not used."""
    return [
        Column("file", _cells(left["file"]), "@"),
        Column("reason", [aside(str(reason), t) for reason in left["reason"]], "@"),
        Column("rows", _cells(left["rows"]), WHOLE, summed=True),
    ]


def findings_of(readings: Readings, t: Texts) -> pd.DataFrame:
    """Put what was found about exports and people into the words of a language."""
    tables = (readings.month.receipt.findings, readings.findings)
    found = [told(row, t) for table in tables for row in table.to_dict("records")]
    return pd.DataFrame(found, columns=list(FINDINGS))


def finding_columns(found: pd.DataFrame) -> list[Column]:
    """Return one line per finding."""
    return [Column(key, _cells(found[key]), WHOLE if key == "rows" else "@") for key in FINDINGS]


def _cells(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column]
