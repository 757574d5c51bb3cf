"""Formulas run over the rows of each seat: one query for each table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kpilib.attribution import Rows
from kpilib.catalogue import Definition, read_catalogue
from kpilib.engine import Engine
from kpilib.intervals import UNKNOWN, Interval, ratio_of_sums, wilson
from kpilib.rounding import rounded_columns, rounding_bounds, widened
from kpilib.scheme import Scheme
from kpilib.sql import DIALECTS, to_columns

COMPANY = -1  # the seat of a shared indicator: every row of the table, once


class Counted(NamedTuple):
    """What a formula makes of one seat's rows.

    Attributes
    ----------
    rows : int
        Rows of the seat in the table.
    value : float
        NaN where there is nothing to sum or to divide by.
    n : int
        Cases of a Wilson share; else rows that the formula used.
    dropped : int
        Rows left out for an unknown value.
    low, high : float
        95% interval, widened by what the platform rounded; or NaN.
    """

    rows: int
    value: float
    n: int
    dropped: int
    low: float
    high: float


def count(rows: Rows, scheme: Scheme, engine: Engine) -> dict[tuple[int, str], Counted]:
    """Compute every counted indicator of a scheme for every seat that has rows for it.

    Parameters
    ----------
    rows : Rows
        Rows by seat.
    scheme : Scheme
        Whose indicators to compute.
    engine : Engine
        What runs the queries; one for each table.

    Returns
    -------
    dict of (int, str) to Counted
        By seat number (`COMPANY` for shared indicators) and indicator.
    """
    found: dict[tuple[int, str], Counted] = {}
    for table, definitions in _by_table(scheme).items():
        if table in rows.month.tables and len(rows.month.tables[table]):
            found |= _counted(rows, table, definitions, scheme, engine)
    return found


def _by_table(scheme: Scheme) -> dict[str, dict[str, Definition]]:
    found: dict[str, dict[str, Definition]] = {}
    for role in scheme.roles:
        for rule in role.indicators:
            if not rule.definition.judged:
                found.setdefault(rule.definition.table, {})[rule.key] = rule.definition
    return found


def _counted(
    rows: Rows, table: str, definitions: Mapping[str, Definition], scheme: Scheme, engine: Engine
) -> dict[tuple[int, str], Counted]:
    """Register one table with its seats, run its query, and make the intervals."""
    link = rows.links[table]
    if any(r.shared and r.key in definitions for role in scheme.roles for r in role.indicators):
        everything = np.arange(len(rows.month.tables[table]))
        company = pd.DataFrame({"seat": COMPANY, "position": everything, "share": 1.0})
        link = pd.concat([link, company], ignore_index=True)
    if not len(link):
        return {}
    frame, kinds = seat_frame(rows, table, link, definitions.values())
    name = f"{table}_by_seat"
    engine.register(name, frame, kinds)
    result = engine.run(*_query(name, definitions, rows.calendar.parameters, engine.dialect))
    rounding = _rounding(rows, table, link, (frame, kinds), definitions, engine)
    columns = list(result.columns)
    found: dict[tuple[int, str], Counted] = {}
    for row in result.to_numpy(dtype=float, na_value=math.nan).tolist():
        record = dict(zip(columns, row, strict=True))
        for key, definition in definitions.items():
            one, place = _one(definition, key, record), (int(record["seat"]), key)
            found[place] = _widened(one, definition, rounding[place]) if place in rounding else one
    return found


def _rounding(
    rows: Rows,
    table: str,
    link: pd.DataFrame,
    held: tuple[pd.DataFrame, Mapping[str, str]],
    definitions: Mapping[str, Definition],
    engine: Engine,
) -> dict[tuple[int, str], Interval]:
    """Return how far the platform's rounding may move each reading; nothing where all is exact."""
    (frame, kinds), position = held, link["position"].to_numpy()
    bounds = rounded_columns(rows.month.tables[table], kinds)
    if not bounds:
        return {}
    bounds = {c: (low[position], high[position]) for c, (low, high) in bounds.items()}
    days = rows.calendar.parameters
    name = f"{table}_at_corners"
    return rounding_bounds(frame, kinds, bounds, definitions, days, engine, name)


def _widened(one: Counted, definition: Definition, rounding: Interval) -> Counted:
    """Give a reading's interval room for what the platform rounded."""
    if math.isnan(one.value) or math.isnan(rounding[0]):
        return one
    low, high = widened((one.low, one.high), one.value, rounding)
    if definition.unit == "rate" and definition.interval != "none" and one.value <= 1:
        low, high = max(low, 0.0), min(high, 1.0)
    return one._replace(low=low, high=high)


def _query(
    name: str, definitions: Mapping[str, Definition], days: Mapping[str, str], dialect: str
) -> tuple[str, dict[str, str]]:
    """Write the one SELECT of a table, and the days that it speaks of."""
    quote = DIALECTS[dialect].quote
    cells: dict[str, str] = {}
    columns = [f"COUNT(*) AS {quote}rows{quote}"]
    used: set[str] = set()
    for key, definition in definitions.items():
        formula = definition.parsed
        assert formula is not None  # judged indicators do not come here
        used |= formula.names
        columns += [
            f"{sql} AS {quote}{key}.{part}{quote}"
            for part, sql in to_columns(formula, definition.interval, dialect, cells).items()
        ]
    inner = ["seat", "days", *(f"{sql} AS {cell}" for sql, cell in cells.items())]
    return (
        f"SELECT seat, {', '.join(columns)} FROM (SELECT {', '.join(inner)} FROM {name}) AS "
        "per_row GROUP BY seat",
        {day: at for day, at in days.items() if day in used},
    )


def seat_frame(
    rows: Rows, table: str, link: pd.DataFrame, definitions: Iterable[Definition]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Take the rows and columns that the formulas need, and say what kind each column is."""
    source = rows.month.tables[table]
    wanted = frozenset().union(*(d.parsed.columns for d in definitions if d.parsed is not None))
    kinds: dict[str, str] = {c: k for c, k in read_catalogue().tables[table].items() if c in wanted}
    position, seat = link["position"].to_numpy(), link["seat"].to_numpy()
    days = np.append(rows.seats["days"].to_numpy(dtype="int64"), rows.calendar.days)
    data: dict[str, Any] = {"seat": seat, "days": days[seat]}  # the last is the company's
    for column in kinds:
        data[column] = link["share"] if column == "share" else source[column].array[position]
    return pd.DataFrame(data, copy=False), {"seat": "key", "days": "key"} | kinds


def _one(definition: Definition, key: str, record: Mapping[str, float]) -> Counted:
    """Read one seat's result of one formula and make its interval."""
    value, dropped = float(record[f"{key}.value"]), int(record[f"{key}.dropped"])
    n, interval = int(record[f"{key}.n"]), UNKNOWN
    if definition.interval == "wilson":
        cases = float(record[f"{key}.cases"])
        n = 0 if math.isnan(cases) else round(cases)
        interval = wilson(float(record[f"{key}.k"]), cases)
    elif definition.interval == "cluster":
        sums = tuple(float(record[f"{key}.{part}"]) for part in ("y", "x", "yy", "xy", "xx"))
        assert len(sums) == 5
        interval = _held(definition, value, ratio_of_sums(n, sums))
    return Counted(int(record["rows"]), value, n, dropped, *interval)


def _held(definition: Definition, value: float, interval: Interval) -> Interval:
    """Move an interval by the formula's shift and hold it within what is possible."""
    ratio = definition.parsed.ratio if definition.parsed is not None else None
    assert ratio is not None  # the catalogue refuses a cluster interval without a ratio
    low, high = (limit + ratio.shift for limit in interval)
    if math.isnan(low) or math.isnan(value):
        return UNKNOWN
    if value >= ratio.shift:  # a ratio of counts, times or money does not fall below 0
        low = max(low, ratio.shift)
    if definition.unit == "rate" and ratio.shift == 0 and value <= 1:
        high = min(high, 1.0)
    return low, high
