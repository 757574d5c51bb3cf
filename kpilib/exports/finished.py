"""Finished tables: the rows that count, in canonical columns, and who paid in another month."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.exports.columns import parse
from kpilib.exports.formats import formats, table_columns
from kpilib.exports.sheets import Sheet
from kpilib.exports.tables import Draft, no_sheets


def finished(draft: Draft, table: str, reason: str = "") -> pd.DataFrame:
    """Return the rows that are used, in the table's columns and order.

    Parameters
    ----------
    draft : Draft
        Rows with their reasons.
    table : str
        Name of the table.
    reason : str
        Instead of the rows that are used, those set aside for this reason.

    Returns
    -------
    DataFrame
        Canonical columns; ``x_low`` and ``x_high`` where some ``x`` is rounded or a range (the
        value of a range is NaN); ``file`` and ``row``.
    """
    if not draft.sources:
        return _empty_table(table).copy(deep=False)
    return _finished(draft.frame[draft.reasons == reason] if reason else draft.used, table)


@lru_cache(maxsize=256)
def _empty_table(table: str) -> pd.DataFrame:
    frame = no_sheets(table)
    if table == "orders":  # the only column that another room adds
        frame = frame.assign(repeat=pd.array([], dtype="boolean"))
    return _finished(frame, table)


def _finished(used: pd.DataFrame, table: str) -> pd.DataFrame:
    keys = next((f.unique for f in formats().values() if f.table == table and f.partial), None)
    if keys is not None:
        used = _one_row(used, keys)
    wanted = table_columns()[table]
    bounds = [f"{name}_{end}" for name in wanted for end in ("low", "high")]
    columns = [*wanted, *(name for name in bounds if name in used), "file", "row"]
    return used[columns].reset_index(drop=True)


def _one_row(used: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Join files of some metrics each; ``file`` names all of them, ``row`` is the first's."""
    by_key = used.drop(columns=["metric", "source"]).groupby(list(keys), sort=True)
    rows = by_key.first()
    rows["file"] = by_key["file"].agg(" + ".join)
    return rows.reset_index()


@lru_cache(maxsize=256)
def payments(sheet: Sheet) -> tuple[tuple[str, np.datetime64], ...]:
    """Return buyer and time of payment of a sheet's paid orders.

    Raises
    ------
    KpiError
        If the sheet does not tell: a buyer who is not seen there would seem new.
    """
    if sheet.buyers is None:
        remedy = f"export it again with {' and '.join(sheet.format.buyer)}."
        raise KpiError(sheet.file, "no column names the buyers.", remedy)
    own = sheet.header.columns
    header = next(name for name, _ in sheet.format.spellings["paid"] if name in own)
    texts = sheet.columns[header]
    parsed = parse(texts, own[header], sheet.format.missing)
    for place, error in parsed.faults[:1]:
        where = f"{sheet.file}, row {sheet.rows[place]}, column {header}, cell {texts[place]!r}"
        raise KpiError(where, error.problem, error.remedy)
    pairs = zip(sheet.buyers, parsed.values, strict=True)
    return tuple((b, paid) for b, paid in pairs if b is not None and not np.isnat(paid))
