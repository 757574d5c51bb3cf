"""One sheet: a title, a note, a header that stays in sight, and lines of harmless cells."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from kpilib.texts.numerals import is_unknown
from kpilib.workbook.formulas import FIRST, Place

NARROWEST, WIDEST, LONG = 8, 46, 30  # in characters
LONGEST = 32_767  # of a cell's text, in Excel

# What a spreadsheet program might take for a formula when a text is typed again or exported.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_TITLE, _NOTE, _HEAD = Font(bold=True, size=14), Font(italic=True, color="6B7280"), Font(bold=True)
_SHADE, _GIVEN = PatternFill("solid", fgColor="E8EDF3"), Font(color="1D4ED8")
_TOP, _WRAPPED = Alignment(vertical="top"), Alignment(wrap_text=True, vertical="top")
_TOTAL = Border(top=Side(style="thin"))


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    Parameters
    ----------
    key : str
        Name, for places and for the text of its header.
    held : sequence
        What the cells hold, or what their formulas give.
    form : str or sequence of str
        Number format, of all cells or of each.
    formula : callable, optional
        Makes the formula of a row.
    given : bool
        A figure that may be changed to see what follows; shown in blue.
    summed : bool
        Its sum stands below, of the lines in sight.
    """

    key: str
    held: Sequence[Any]
    form: str | Sequence[str] = "General"
    formula: Callable[[int], str] | None = None
    given: bool = False
    summed: bool = False


@dataclass(frozen=True)
class Sheet:
    """What one sheet holds.

    Parameters
    ----------
    place : Place
        Its name, columns and size.
    title, note : str
        Lines above the table.
    columns : sequence of Column
        In the order of the place's keys.
    heads : sequence of str
        Text over each column.
    total : str
        Word before the sums.
    kept : int
        Columns that stay in sight when one scrolls to the right.
    """

    place: Place
    title: str
    note: str
    columns: Sequence[Column]
    heads: Sequence[str]
    total: str = ""
    kept: int = 1


def fill(sheet: Worksheet, content: Sheet) -> dict[str, float | str]:
    """Write a sheet; return what each of its formulas gives.

    Parameters
    ----------
    sheet : Worksheet
        An empty one.
    content : Sheet
        What it is to hold.
    """
    results: dict[str, float | str] = {}
    put_text(sheet["A1"], content.title).font = _TITLE
    put_text(sheet["A2"], content.note).font = _NOTE
    for i, (column, head) in enumerate(zip(content.columns, content.heads, strict=True), start=1):
        top = put_text(sheet.cell(FIRST - 1, i), head)
        top.font, top.fill = _HEAD, _SHADE
        top.alignment = _WRAPPED
        _fill_column(sheet, i, column, results)
        if column.summed and len(column.held):
            _sum_below(sheet, i, column, content, results)
        width = _width(head, column.held)
        sheet.column_dimensions[top.column_letter].width = width
    _lay_out(sheet, content)
    return results


def _fill_column(sheet: Worksheet, i: int, column: Column, results: dict[str, float | str]) -> None:
    """Write the cells of one column."""
    forms = [column.form] * len(column.held) if isinstance(column.form, str) else column.form
    for row, (value, form) in enumerate(zip(column.held, forms, strict=True), start=FIRST):
        cell = sheet.cell(row, i)
        cell.alignment = _TOP
        if column.formula is not None:
            cell.value = f"={column.formula(row)}"
            results[cell.coordinate] = "" if is_empty(value) else _result(value)
        elif not is_empty(value):
            put(cell, value)
            if isinstance(value, str) and _cells(value) > LONG:
                cell.alignment = _WRAPPED
        cell.number_format = form
        if column.given:
            cell.font = _GIVEN


def _sum_below(
    sheet: Worksheet, i: int, column: Column, content: Sheet, results: dict[str, float | str]
) -> None:
    """Write the sum of a column's lines in sight."""
    last = content.place.last
    put_text(sheet.cell(last + 1, 1), content.total).font = _HEAD
    cell = sheet.cell(last + 1, i)
    letter = cell.column_letter
    cell.value = f"=SUBTOTAL(109,${letter}${FIRST}:${letter}${last})"
    cell.font, cell.border = _HEAD, _TOTAL
    cell.number_format = column.form if isinstance(column.form, str) else column.form[0]
    numbers = [float(v) for v in column.held if not is_empty(v)]
    results[cell.coordinate] = round(math.fsum(numbers), 6)


def _lay_out(sheet: Worksheet, content: Sheet) -> None:
    """Keep the header in sight, offer filters, and fit the width of an A4 page."""
    last = sheet.cell(FIRST, len(content.columns)).column_letter
    sheet.freeze_panes = sheet.cell(FIRST, content.kept + 1)
    sheet.auto_filter.ref = f"A{FIRST - 1}:{last}{content.place.last}"
    sheet.print_title_rows = f"{FIRST - 1}:{FIRST - 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0


def put(cell: Cell, value: object) -> Cell:
    """Write a value: text as text, numbers and days as what they are."""
    if isinstance(value, str):
        return put_text(cell, value)
    if isinstance(value, dt.date):
        cell.value = pd.Timestamp(value).to_pydatetime()
        return cell
    cell.value = _result(value)
    return cell


def put_text(cell: Cell, text: str) -> Cell:
    """Write a text that can never be a formula, whatever it begins with.

    Characters that a workbook cannot hold are shown as a replacement mark, and line ends are
    made alike.
    """
    plain = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))
    cell.value = plain.replace("\r", "\n")[:LONGEST]
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(_RISKY)
    return cell


def is_empty(value: object) -> bool:
    """Whether a value is unknown, so that its cell stays empty."""
    return value == "" or is_unknown(value)


def _result(value: Any) -> float | str:  # noqa: ANN401 - a number of any library, or a text
    if isinstance(value, str):
        return value
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _width(head: str, values: Sequence[object]) -> int:
    """Return a width that fits the texts of a column; long ones wrap."""
    words = max((_cells(word) for word in head.split()), default=0)
    texts = [_cells(value) for value in values if isinstance(value, str)]
    return min(WIDEST, max(NARROWEST, words, *texts, 0) + 3)


def _cells(text: str) -> int:
    """Count the columns a text fills; a Chinese character fills two."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
