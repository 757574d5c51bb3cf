"""Rules: which rows of a table count in a month, and what to doubt about the others."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.exports.formats import Format
from kpilib.exports.sheets import Sheet
from kpilib.exports.tables import Draft, content, secrets

OUTSIDE, UNDATED = "outside the month", "no date"
UNPAID, CANCELLED = "not paid", "cancelled before it was paid"
REPEATED = "the same row again"
RIGHT_ONE = "keep the row that is right and take the other out."
WHOLE_MONTH = (
    "neither file says of which days it is. If they are parts of the month, export the month as "
    "one file; else keep the one that is right."
)
_CLOSED_STATES = ("已关闭", "已取消")
_SHOWN = 5


def filled(draft: Draft, fmt: Format, faults: list[KpiError]) -> None:
    """Note rows in which a column that is needed is empty.

    Parameters
    ----------
    draft : Draft
        Rows of one table.
    fmt : Format
        Says which columns are needed.
    faults : list of KpiError
        Takes one error for each such column: its first row, and how many more.
    """
    own = [place for place, s in enumerate(draft.sources) if s.sheet.format is fmt]
    mine = draft.frame["source"].isin(own).to_numpy()
    for name in fmt.required:
        blank = draft.frame[name].isna().to_numpy() & mine
        if not blank.any():
            continue
        empty = draft.frame[blank]
        row, more = empty.iloc[0], len(empty) - 1
        also = f" So is it in {more} more." if more else ""
        header = fmt.named[name][0]
        where = f"{row['file']}, row {row['row']}, column {header}"
        remedy = "fill the cell, or take the row out if it is no data."
        faults.append(
            KpiError(
                where, f"the cell is empty, and the row means nothing without it.{also}", remedy
            )
        )


def in_month(draft: Draft, column: str, month: str) -> Draft:
    """Set aside rows that have no date, or one outside the month.

    Parameters
    ----------
    draft : Draft
        Rows of one table.
    column : str
        The column that places a row in a month: a time, or text YYYY-MM.
    month : str
        YYYY-MM.

    Returns
    -------
    Draft
        Orders without a time of payment are set aside as unpaid or cancelled.
    """
    frame = draft.frame
    loose = np.array([without_dates(source.sheet, column) for source in draft.sources], dtype=bool)
    of_month = loose[frame["source"].to_numpy()]  # the folder's month is all there is
    undated = frame[column].isna().to_numpy() & ~of_month
    if column == "paid":
        given_up = frame["cancel_reason"].notna() | frame["state"].isin(_CLOSED_STATES)
        draft = draft.set_aside(undated & given_up.to_numpy(), CANCELLED)
        draft = draft.set_aside(undated, UNPAID)
    else:
        draft = draft.set_aside(undated, UNDATED)
    if frame[column].dtype.kind != "M":
        return draft.set_aside((frame[column] != month).to_numpy(dtype=bool) & ~of_month, OUTSIDE)
    start = np.datetime64(month, "M")
    months = frame[column].to_numpy().astype("datetime64[M]")
    return draft.set_aside((months != start) & ~of_month, OUTSIDE)


def without_dates(sheet: Sheet, column: str) -> bool:
    """Whether a sheet has no dates, and may lack them."""
    options = sheet.format.spellings.get(column, ())
    return sheet.format.undated and not any(header in sheet.columns for header, _ in options)


def sums_up(sheet: Sheet) -> bool:
    """Whether the rows of a sheet sum up days that it does not state."""
    fmt = sheet.format
    return fmt.sums or (fmt.month is not None and without_dates(sheet, fmt.month))


def without_repeats(draft: Draft, keys: Sequence[str], faults: list[KpiError]) -> Draft:
    """Set aside rows that stand there again; the same key with other values is a fault.

    Parameters
    ----------
    draft : Draft
        Rows of one table.
    keys : sequence of str
        Columns that may stand once.
    faults : list of KpiError
        Takes the first pair of rows that differ.

    Returns
    -------
    Draft
        The first of equal rows stays.
    """
    used = draft.used
    twice = used[used.duplicated(list(keys), keep=False)]
    if twice.empty:
        return draft
    again = twice.duplicated(content(twice), keep="first")
    rest = twice[~again]
    differing = rest[rest.duplicated(list(keys), keep=False)]
    if not differing.empty:
        faults.append(_contradiction(differing, keys, draft))
    mask = np.zeros(len(draft.frame), dtype=bool)
    mask[twice.index[again]] = True
    return draft.set_aside(mask, REPEATED)


def agreeing(draft: Draft, keys: Sequence[str], faults: list[KpiError]) -> None:
    """Note where files of some metrics each give one metric of the same key twice, and differ.

    Parameters
    ----------
    draft : Draft
        Rows of a table whose files are joined.
    keys : sequence of str
        What makes one row.
    faults : list of KpiError
        Takes the first pair of rows that differ, for each column.
    """
    used = draft.used
    for name in [name for name in content(used) if name not in (*keys, "metric")]:
        known = used[[*keys, name, "file", "row", "source"]].dropna(subset=[name])
        differ = known.groupby(list(keys), dropna=False)[name].transform("nunique") > 1
        if differ.any():
            rows = known[differ].drop_duplicates([*keys, name])
            faults.append(_contradiction(rows, keys, draft))


def _contradiction(rows: pd.DataFrame, keys: Sequence[str], draft: Draft) -> KpiError:
    groups = [group for _, group in rows.groupby(list(keys), dropna=False, sort=False)]
    one, other = groups[0].iloc[0], groups[0].iloc[1]
    hidden = secrets(draft.sources)
    said = []
    for name in content(rows):
        if name not in keys and _shown(one[name]) != _shown(other[name]):
            pair = "" if hidden.get(name) else f" {_shown(one[name])} and {_shown(other[name])}"
            said.append(f"{name}{pair}")
    key = ", ".join(f"{name} {_shown(one[name])}" for name in keys)
    more = len(groups) - 1
    also = f" So do {more} more." if more else ""
    where = f"{one['file']}, row {one['row']} and {other['file']}, row {other['row']}"
    problem = f"{key} stands there twice with other values: {'; '.join(said[:_SHOWN])}.{also}"
    parts = one["file"] != other["file"] and all(
        sums_up(draft.sources[row["source"]].sheet) for row in (one, other)
    )
    return KpiError(where, problem, WHOLE_MONTH if parts else RIGHT_ONE)


def _shown(value: object) -> str:
    """Return a cell as an error shows it; equal texts mean equal cells."""
    if value is pd.NA or value != value:  # NaN, NaT and NA are not equal to themselves
        return "nothing"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def bought_before(frame: pd.DataFrame, earlier: AbstractSet[str]) -> pd.Series:
    """Tell for each order whether its buyer has paid for one on an earlier day.

    Parameters
    ----------
    frame : DataFrame
        Orders with ``buyer`` and ``day``, also those paid outside the month.
    earlier : set of str
        Buyers of the months before.

    Returns
    -------
    Series of boolean
        NA where the buyer is not known.
    """
    first = frame.groupby("buyer")["day"].transform("min")
    repeat = (frame["day"] > first) | frame["buyer"].isin(earlier)
    return repeat.astype("boolean").mask(frame["buyer"].isna())
