"""Tables: sheets of text to canonical columns, with what follows from a row alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.exports.cells import shown
from kpilib.exports.columns import Parsed, joined, parse
from kpilib.exports.formats import Column, Format, formats
from kpilib.exports.packed import concatenated
from kpilib.exports.sheets import Sheet

_TEXT_KINDS = frozenset({"text", "id", "month"})
_PLACE = ("file", "row", "source")  # of a row, not its content


@dataclass(frozen=True, eq=False)
class Source:
    """A sheet with what the folders above it say: the account, and the day of the export."""

    sheet: Sheet
    account: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, eq=False)
class Draft:
    """All rows of one table, with the reason why some are not used.

    Attributes
    ----------
    frame : DataFrame
        Canonical columns and what else the formats name; ``file``, ``row`` and ``source`` (place
        in ``sources``).
    reasons : ndarray of object
        Empty for a row that is used.
    sources : tuple of Source
        Where the rows come from.
    """

    frame: pd.DataFrame
    reasons: np.ndarray[Any, Any]
    sources: tuple[Source, ...]

    @cached_property
    def used(self) -> pd.DataFrame:
        """Rows that are used."""
        open_rows = self.reasons == ""
        return self.frame if open_rows.all() else self.frame[open_rows]

    def set_aside(self, mask: np.ndarray[Any, Any], reason: str) -> Draft:
        """Return the draft with more rows set aside; an earlier reason stays."""
        if not mask.any():
            return self
        reasons = self.reasons.copy()
        reasons[mask & (reasons == "")] = reason
        return replace(self, reasons=reasons)


def draft_table(table: str, sources: Sequence[Source], faults: list[KpiError]) -> Draft:
    """Parse every sheet of one table.

    Parameters
    ----------
    table : str
        Name of the table.
    sources : sequence of Source
        Its sheets, of one format or several; none gives an empty table with its columns.
    faults : list of KpiError
        Takes what could not be read: the first cell of each file and column.

    Returns
    -------
    Draft
        All rows, none of them set aside.
    """
    if not sources:
        return _no_draft(table)
    parts: list[tuple[list[Source], pd.DataFrame]] = []
    for fmt in formats().values():
        if fmt.table == table:  # also without a sheet: its columns belong to the table
            mine = [source for source in sources if source.sheet.format is fmt]
            parts.append(
                (mine, _frame(fmt, mine, faults) if mine else _no_rows(fmt.key).copy(deep=False))
            )
    frame, ordered = _stacked(parts)
    return Draft(frame, np.full(len(frame), "", dtype=object), ordered)


@lru_cache(maxsize=256)
def _no_draft(table: str) -> Draft:
    """Return the draft of a table without a sheet, one for all months: nobody writes into it."""
    return Draft(no_sheets(table), np.full(0, "", dtype=object), ())


@lru_cache(maxsize=256)
def _no_rows(key: str) -> pd.DataFrame:
    """Return the columns of a format without a row; most tables of most months are empty."""
    return _frame(formats()[key], (), [])


@lru_cache(maxsize=256)
def no_sheets(table: str) -> pd.DataFrame:
    """Return the columns of a table without a row."""
    mine = [f.key for f in formats().values() if f.table == table]
    parts: list[tuple[list[Source], pd.DataFrame]] = [
        ([], _no_rows(key).copy(deep=False)) for key in mine
    ]
    return _stacked(parts)[0]


def _stacked(
    parts: Sequence[tuple[list[Source], pd.DataFrame]],
) -> tuple[pd.DataFrame, tuple[Source, ...]]:
    """Put the formats of a table one under the other; each knows its sheets by their place."""
    ordered = tuple(chain.from_iterable(mine for mine, _ in parts))
    offset = 0
    for mine, frame in parts:
        frame["source"] += offset
        offset += len(mine)
    given = [frame for mine, frame in parts if mine] or [frame for _, frame in parts]
    frame = given[0] if len(given) == 1 else pd.concat(given, ignore_index=True)
    for _, part in parts:
        for name in [name for name in part.columns if name not in frame]:
            frame[name] = part[name].iloc[:0].reindex(frame.index)
    return frame, ordered


def _frame(fmt: Format, sources: Sequence[Source], faults: list[KpiError]) -> pd.DataFrame:
    data: dict[str, Any] = {}
    for name in fmt.spellings:
        data |= _column(name, sources, fmt, faults)
    lengths = [len(source.sheet.rows) for source in sources]
    which = np.repeat(np.arange(len(sources)), lengths)

    def spread(of: Callable[[Source], str | None]) -> pd.Series:
        values = np.array([of(source) for source in sources], dtype=object)
        return pd.Series(values[which] if len(values) else values, dtype="str")

    for name, text in fmt.says.items():
        data[name] = spread(lambda _, text=text: text or None)  # type: ignore[misc]
    if fmt.titled is not None:
        data[fmt.titled] = spread(lambda source: source.sheet.title)
    if fmt.needs_account:
        folder = spread(lambda source: source.account)
        data["account"] = data["account"].fillna(folder) if "account" in data else folder
    if fmt.partial:
        data["metric"] = spread(lambda source: _metric(source.sheet))
    if fmt.buyer:
        buyers = chain.from_iterable(_buyers(source.sheet) for source in sources)
        data["buyer"] = pd.Series(list(buyers), dtype="str")
    data["file"] = spread(lambda source: source.sheet.file)
    data["row"] = np.fromiter(chain.from_iterable(s.sheet.rows for s in sources), np.int64)
    data["source"] = which
    return _derived(pd.DataFrame(data, copy=False), fmt, sources)  # the arrays are its own


def _column(
    name: str, sources: Sequence[Source], fmt: Format, faults: list[KpiError]
) -> dict[str, Any]:
    """Parse one column of all sheets; where a sheet lacks it, it is unknown.

    Sheets whose headers say that it is read in the same way are parsed at once.
    """
    usual = fmt.named[name]
    options = [header for header, _ in fmt.spellings[name]]
    parts: list[tuple[Column, str, list[Source]]] = []
    for source in sources:
        own = source.sheet.header.columns
        header = next((option for option in options if option in own), usual[0])
        column = own.get(header, parts[-1][0] if parts else usual[1])
        if not parts or parts[-1][:2] != (column, header):
            parts.append((column, header, []))
        parts[-1][2].append(source)
    if not parts:
        parts.append((usual[1], usual[0], []))
    done = [_parsed(column, header, some, fmt, faults) for column, header, some in parts]
    found = done[0] if len(done) == 1 else joined(done)
    values: Any = found.values  # noqa: PD011 (not a frame)
    if usual[1].kind in _TEXT_KINDS:
        values = pd.Series(values, dtype="str")
    elif usual[1].kind == "yes_no":
        values = pd.Series(values, dtype="boolean")
    data = {name: values}
    if found.low is not None:
        data |= {f"{name}_low": found.low, f"{name}_high": found.high}
    return data


def _parsed(
    column: Column, header: str, sources: Sequence[Source], fmt: Format, faults: list[KpiError]
) -> Parsed:
    texts = concatenated([_cells(source.sheet, header) for source in sources])
    parsed = parse(texts, column, fmt.missing)
    faults += _located(parsed.faults, texts, header, column, sources)
    return parsed


def _cells(sheet: Sheet, header: str) -> Sequence[str]:
    """Return a column's cells; one that a sheet lacks is unknown in each of its rows."""
    if header in sheet.columns:
        return sheet.columns[header]
    return [sheet.format.missing[0]] * len(sheet.rows)


def _located(
    found: Sequence[tuple[int, KpiError]],
    texts: Sequence[str],
    header: str,
    column: Column,
    sources: Sequence[Source],
) -> list[KpiError]:
    """Return one error for each sheet that has faults: its first cell, and how many more."""
    errors, start = [], 0
    for source in sources if found else ():
        sheet, end = source.sheet, start + len(source.sheet.rows)
        mine = [(place, error) for place, error in found if start <= place < end]
        if mine:
            place, error = mine[0]
            cell = "" if column.secret else f", cell {shown(texts[place])}"
            where = f"{sheet.file}, row {sheet.rows[place - start]}, column {header}{cell}"
            more = len(mine) - 1
            also = f" So {'is' if more == 1 else 'are'} {more} more in this column." if more else ""
            errors.append(KpiError(where, error.problem + also, error.remedy))
        start = end
    return errors


def _metric(sheet: Sheet) -> str:
    """Name what a file of some metrics holds."""
    fmt = sheet.format
    keys = {header for name in fmt.unique for header, _ in fmt.spellings.get(name, ())}
    return " + ".join(header for header in sheet.columns if header not in keys)


def _buyers(sheet: Sheet) -> list[str | None]:
    return sheet.buyers if sheet.buyers is not None else [None] * len(sheet.rows)


def _derived(frame: pd.DataFrame, fmt: Format, sources: Sequence[Source]) -> pd.DataFrame:
    """Add the columns that follow from a row alone."""
    for name, column in fmt.days.items():
        frame[name] = frame[column].dt.normalize()
    for name, (column, text) in fmt.contains.items():
        frame[name] = frame[column].str.contains(text, regex=False).astype("boolean")
    if fmt.refunded:
        name = "aftersale" if "aftersale" in frame else "status"
        header = fmt.named[name][0]
        lacking = [place for place, s in enumerate(sources) if header not in s.sheet.header.places]
        known = frame[name].isna() | frame[name].isin((*fmt.refunded, *fmt.not_refunded))
        known &= ~frame["source"].isin(lacking)
        frame["returned"] = frame[name].isin(fmt.refunded).astype("boolean").where(known)
    if fmt.table == "orders":
        frame["day"] = frame["paid"].dt.normalize()
    if fmt.table == "tasks":
        frame["hours"] = (frame["delivered"] - frame["submitted"]).dt.total_seconds() / 3600
    return frame


def content(frame: pd.DataFrame) -> list[str]:
    """Return the columns that say what a row holds, not where it stands."""
    return [name for name in frame.columns if name not in _PLACE]


def secrets(sources: Sequence[Source]) -> Mapping[str, bool]:
    """Return canonical column -> whether its cells are kept out of messages."""
    named = chain.from_iterable(s.sheet.format.named.items() for s in sources)
    return {name: column.secret for name, (_, column) in named}
