"""Cells and files: how a value is written, and files that are the same each time they are made."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Cell = str | int | float | None

_STAMPS = {
    "docProps/core.xml": {rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": b"2025-06-15T09:00:00Z"},
    "docProps/app.xml": {rb"(?<=<Application>)[^<]*": b"Microsoft Excel"},
}


def xlsx(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write one sheet; the same rows give the same bytes.

    openpyxl stamps the hour of writing into the document and into its zip entries, and its own
    version beside it; all are set to fixed values. Text stays text, also where it starts with an
    equals sign.
    """
    from openpyxl import Workbook  # slow to import, and only this writer needs it

    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for number, values in enumerate((header, *rows), start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    raw = io.BytesIO()
    book.save(raw)
    _settle(raw, path)


def _settle(raw: io.BytesIO, path: Path) -> None:
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w") as out:
        for name in source.namelist():
            body = source.read(name)
            for pattern, fixed in _STAMPS.get(name, {}).items():
                body = re.sub(pattern, fixed, body)
            entry = zipfile.ZipInfo(name, (2025, 6, 15, 9, 0, 0))
            out.writestr(entry, body, zipfile.ZIP_DEFLATED, 9)


def text(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], encoding: str = "utf-8"
) -> None:
    """Write a csv file with the platform's line ends."""
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n" if encoding != "utf-8" else "\n")
        writer.writerow(header)
        writer.writerows(rows)


def filled(header: Sequence[str], values: Mapping[str, Cell], nothing: Cell) -> list[Cell]:
    """Put values under their headers; the rest holds ``nothing``."""
    assert not values.keys() - set(header), values.keys() - set(header)
    return [values.get(name, nothing) for name in header]


def moment(at: np.datetime64 | None) -> str:
    """Write a time as the platforms do; none is empty."""
    return "" if at is None else str(at.astype("datetime64[s]")).replace("T", " ")


def duration(seconds: int | None) -> str:
    """Write a duration as the platforms do: ``2分30秒``; unknown is two dashes."""
    if seconds is None:
        return "--"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}分{rest}秒" if minutes else f"{rest}秒"


def plain(value: Any) -> Cell:  # noqa: ANN401  (whatever a row holds)
    """Write a value as a person would type it: days without hours, whole sums without a point."""
    if value is None:
        return ""
    if isinstance(value, np.datetime64):
        return str(value) if value.dtype == "datetime64[D]" else moment(value)
    return f"{value:.0f}" if isinstance(value, float) and value >= 10 else str(value)
