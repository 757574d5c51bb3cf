"""One reading: its value, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from kpilib.attribution import Rows
from kpilib.catalogue import Definition
from kpilib.counting import COMPANY, Counted
from kpilib.exports.formats import formats
from kpilib.ratings import Views
from kpilib.scheme import Rule

Status = Literal["ok", "not_applicable", "unknown"]

#: Why a reading has no value; ``detail`` names the column, or what was looked for.
REASONS = {
    "no_rows": "nothing of the kind occurred in the month",
    "nothing_counted": "rows exist, but none that this indicator counts",
    "no_ratings": "nobody whose marks count has rated",
    "no_export": "no export of this table was given",
    "no_column": "the export lacks a column",
    "unknown_values": "the export shows no value where one is needed",
    "day_missing": "the export lacks a day that is needed",
    "no_plan": "plans.csv has no target above 0 for the person and month",
    "not_given": "the table of ready readings has no value",
}


class Reading(NamedTuple):
    """What is known of one indicator of one seat; the fields are columns of `Readings.table`."""

    value: float = math.nan
    n: int = 0
    low: float = math.nan
    high: float = math.nan
    status: Status = "ok"
    reason: str = ""
    detail: str = ""
    dropped: int = 0


_NONE = np.array([], dtype="int64")


class Maker:
    """Makes readings of one month; holds what all of them look up."""

    def __init__(
        self, rows: Rows, counted: Mapping[tuple[int, str], Counted], views: Views
    ) -> None:
        self.rows, self.counted, self.views = rows, counted, views
        self.tables = rows.month.tables
        read = {formats()[f].table for f in rows.month.receipt.files["format"] if f in formats()}
        self.given = {table for table, frame in self.tables.items() if len(frame) or table in read}
        plans = self.tables["plans"]
        plans = plans[plans["month"] == rows.month.month]
        self.plans = {
            (p, k): float(t)
            for p, k, t in zip(plans["person"], plans["indicator"], plans["target"], strict=True)
        }
        self._sources: dict[tuple[int, str], str] = {}
        self._files: dict[str, tuple[np.ndarray[Any, Any], Any]] = {}

    def reading(self, seat: int, person: str, rule: Rule) -> Reading:
        """Make one reading."""
        definition = rule.definition
        if definition.table not in self.given:
            return _unknown("no_export", definition.table)
        if definition.judged:
            return self._judged(person, definition)
        number = COMPANY if rule.shared else seat
        found = self.counted.get((number, rule.key))
        reading = self._status(definition, number, found)
        return self._planned(reading, person, rule.key) if definition.plan else reading

    def _judged(self, person: str, definition: Definition) -> Reading:
        view = self.views.of(person, definition)
        if view is None:
            return Reading(status="not_applicable", reason="no_ratings")
        return Reading(view.value, view.n)

    def _status(self, definition: Definition, seat: int, found: Counted | None) -> Reading:
        daily = definition.table == "account_days"  # has every day: a gap is a gap of the export
        if found is None:
            if daily:
                return _unknown("no_export", definition.table)
            return Reading(status="not_applicable", reason="no_rows")
        formula = definition.parsed
        assert formula is not None
        nothing = math.isnan(found.value) or found.n == 0
        if found.dropped and (nothing or not formula.spares_rows):
            reason, detail = self._missing(definition, seat)
            return _unknown(reason, detail)._replace(dropped=found.dropped)
        if math.isnan(found.value):
            if daily:
                return _unknown("day_missing")
            return Reading(status="not_applicable", reason="nothing_counted")
        return Reading(found.value, found.n, found.low, found.high, dropped=found.dropped)

    def _missing(self, definition: Definition, seat: int) -> tuple[str, str]:
        """Tell an absent column from absent cells, and name it."""
        assert definition.parsed is not None
        table = self.tables[definition.table]
        rows = table.iloc[self._positions(definition.table, seat)]
        whole = table[table["file"].isin(rows["file"])]  # '--' in one row is no absent column
        columns = sorted(definition.parsed.columns & set(rows.columns))
        absent = [c for c in columns if whole[c].isna().all()]
        if absent:
            return "no_column", ", ".join(absent)
        return "unknown_values", ", ".join(c for c in columns if rows[c].isna().any())

    def _planned(self, reading: Reading, person: str, key: str) -> Reading:
        if reading.status != "ok":
            return reading
        target = self.plans.get((person, key), math.nan)
        if not target > 0:
            return _unknown("no_plan")
        value, low, high = (part / target for part in (reading.value, reading.low, reading.high))
        return reading._replace(value=value, low=low, high=high)

    def _positions(self, table: str, seat: int) -> np.ndarray[Any, Any]:
        if seat == COMPANY:
            return np.arange(len(self.tables[table]))
        return self.rows.positions.get(table, {}).get(seat, _NONE)

    def source(self, seat: int, rule: Rule) -> str:
        """Say which table, how many rows of it, and which files a reading comes from."""
        table = rule.definition.table
        if table not in self.tables:
            return ""
        place = (COMPANY if rule.shared else seat, table)
        if place not in self._sources:
            if table not in self._files:
                self._files[table] = pd.factorize(self.tables[table]["file"].to_numpy(dtype=object))
            codes, files = self._files[table]
            position = self._positions(table, place[0])
            cells = [str(files[code]) for code in np.unique(codes[position])]
            self._sources[place] = _cited(table, len(position), cells)
        return self._sources[place]


def _unknown(reason: str, detail: str = "") -> Reading:
    return Reading(status="unknown", reason=reason, detail=detail)


def _cited(table: str, n: int, cells: list[str]) -> str:
    """Cite a table, its rows and at most three files; a cell may name several."""
    files = sorted({file for cell in cells for file in cell.split(" + ")})
    more = [f"+{len(files) - 3}"] if len(files) > 3 else []
    listed = "; ".join([*files[:3], *more])
    return f"{table} ({n}): {listed}" if files else f"{table} (0)"
