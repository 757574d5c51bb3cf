"""Readings: one value per person, role and indicator, with its doubt, its status and its source."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from kpilib.attribution import Rows, attribute
from kpilib.catalogue import RATINGS
from kpilib.counting import count
from kpilib.engine import Engine, open_engine
from kpilib.errors import KpiError
from kpilib.exports.receipt import Month, Receipt, findings_frame, frame
from kpilib.ratings import Views, views_of
from kpilib.scheme import Role, Rule, Scheme
from kpilib.seats import COLUMNS as SEAT_COLUMNS
from kpilib.statuses import Maker, Reading

COLUMNS = ("person", "role", "indicator", *Reading._fields, "source")


@dataclass(frozen=True, eq=False)
class Readings:
    """All readings of one month.

    Attributes
    ----------
    table : DataFrame
        One row per seat and indicator of its role: person, role, indicator, value (in the
        indicator's unit), n (cases of a share, else rows, or raters), low, high (95% interval,
        wider by what the platform rounded; or NaN), status (``ok``, ``not_applicable``,
        ``unknown``), reason (a key of `REASONS`, empty if ok), detail, dropped (rows left out for
        an unknown value), source.
    seats : DataFrame
        person, name, team, role, account, base_pay, joined, left, days, time_share.
    month : Month
        What was read.
    scheme : Scheme
        Whose indicators these are.
    findings : DataFrame
        What did not fit when rows were given to seats; as in a receipt.
    views : Views, optional
        How people were rated, and what was taken off for leniency; none for ready readings.
    """

    table: pd.DataFrame
    seats: pd.DataFrame
    month: Month
    scheme: Scheme
    findings: pd.DataFrame
    attributed: Rows | None = field(default=None, repr=False)
    views: Views | None = field(default=None, repr=False)

    @cached_property
    def items(self) -> list[tuple[str, str]]:
        """Role and indicator of each row of ``table``."""
        columns = (self.table[name].tolist() for name in ("role", "indicator"))
        return list(zip(*columns, strict=True))

    def rows(self, person: str, role: str, indicator: str) -> pd.DataFrame:
        """Return the rows of the exports that a reading was made from.

        Parameters
        ----------
        person, role, indicator : str
            As in ``table``.

        Returns
        -------
        DataFrame
            Rows of the indicator's table, with ``share``, ``file`` and ``row``; all rows for a
            shared indicator; none for readings that came ready. Ratings also have ``taken``:
            what is taken off the mark for the rater's leniency.
        """
        rule = _rule(self.scheme.role(role), indicator)
        table = rule.definition.table
        if self.attributed is None or table not in self.month.tables:
            return pd.DataFrame()
        if rule.shared:
            return self.month.tables[table].assign(share=1.0)
        rows = self.attributed.of(table, person, role)
        if not rule.definition.judged or self.views is None:
            return rows
        rows = rows[self.views.counts(rows, rule.definition)].reset_index(drop=True)
        taken = rows["rater"].map(self.views.taken).fillna(0.0)
        return rows.assign(taken=taken.where(rows["rater"] != rows["ratee"], 0.0))

    def hits(self, above_plays: float) -> pd.DataFrame:
        """Return the works with more plays than a limit, once for each credit.

        Returns
        -------
        DataFrame
            work (number), title, plays, person, share; empty for readings that came ready.
        """
        if self.attributed is None:
            return frame([], ["work", "title", "plays", "person", "share"])
        return self.attributed.hits(above_plays)


def measure(month: Month, scheme: Scheme, engine: Engine | None = None) -> Readings:
    """Measure everybody by the indicators of their roles.

    A reading without rows is not applicable; one whose value, column, plan or export is absent is
    unknown. Judged indicators are the 360 mean by the scheme's rules; see `kpilib.ratings`.

    Parameters
    ----------
    month : Month
        What was read.
    scheme : Scheme
        Roles and their indicators.
    engine : Engine, optional
        What runs the formulas; DuckDB by default.

    Returns
    -------
    Readings
        One row per seat and indicator.

    Raises
    ------
    KpiError
        If somebody's role is unknown, or a value does not fit its column.

    References
    ----------
    .. [1] Intervals: see `kpilib.intervals`.
    """
    rows = attribute(month, scheme)
    if engine is None:
        engine = open_engine(rows=max(map(len, month.tables.values())))
    counted = count(rows, scheme, engine)
    views = views_of(month.tables[RATINGS], scheme.ratings)
    maker = Maker(rows, counted, views)
    records = [
        (seat.person, seat.role, rule.key, *maker.reading(i, str(seat.person), rule), source)
        for i, seat in zip(rows.seats.index, rows.seats.itertuples(), strict=True)
        for rule in scheme.role(str(seat.role)).indicators
        for source in [maker.source(i, rule)]
    ]
    table = pd.DataFrame(records, columns=list(COLUMNS))
    return Readings(table, rows.seats, month, scheme, rows.findings, rows, views)


def from_frame(
    values: pd.DataFrame,
    scheme: Scheme,
    seats: pd.DataFrame | None = None,
    *,
    month: str = "",
    missing: Literal["unknown", "not_applicable"] = "unknown",
) -> Readings:
    """Take readings that another tool made, with the same checks.

    Parameters
    ----------
    values : DataFrame
        Index ``person``, or ``person`` and ``role``; one column per indicator of the roles, in
        its unit. Not changed.
    scheme : Scheme
        Roles and their indicators.
    seats : DataFrame, optional
        ``person`` and ``role`` (key), and any of the other columns of `Readings.seats`. By
        default the index of ``values``; without roles there, the scheme must have one role only.
    month : str
        ``YYYY-MM``; outcomes need it.
    missing : {'unknown', 'not_applicable'}
        What an empty cell means.

    Returns
    -------
    Readings
        Without intervals and source rows.

    Raises
    ------
    KpiError
        If people or columns are absent, unknown or stand twice, or a value is no finite number.
    """
    table = _ready(values)
    listed = _ready_seats(table, scheme, seats)
    rules = {role.key: role.indicators for role in scheme.roles}
    _columns_known(table, {rule.key for key in listed["role"] for rule in rules[key]})
    by_role = table.index.nlevels == 2
    numbers = table.to_dict("index")
    records = []
    for person, role in zip(listed["person"], listed["role"], strict=True):
        place = (person, role) if by_role else person
        if place not in numbers:
            raise KpiError(
                "ready readings", f"there is no row for {person}.", "add it, or leave out the seat."
            )
        for rule in rules[role]:
            reading = Reading(numbers[place][rule.key])
            if math.isnan(reading.value):
                reading = Reading(status=missing, reason="not_given")
            records.append((person, role, rule.key, *reading, ""))
    receipt = Receipt(
        frame([], ["file", "rows_in", "used", "set_aside"]),
        frame([], ["file", "reason", "rows"]),
        frame([], ["file", "column"]),
        frame([], ["file", "column"]),
        findings_frame([]),
    )
    made = pd.DataFrame(records, columns=list(COLUMNS))
    return Readings(made, listed, Month(Path(), month, {}, receipt), scheme, findings_frame([]))


def _ready(values: pd.DataFrame) -> pd.DataFrame:
    """Check people and numbers of a ready table."""
    if values.index.has_duplicates:
        twice = values.index[values.index.duplicated()].unique()[:5]
        raise KpiError(
            "ready readings",
            f"more than one row for {', '.join(map(str, twice))}.",
            "keep one row for each person (and role).",
        )
    for column in values.columns:
        try:
            numbers = values[column].to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError):
            numbers = np.array([np.inf])
        if np.isinf(numbers).any():
            raise KpiError(
                f"ready readings, column {column!r}",
                "a value is no finite number.",
                "write numbers, and leave a cell empty where there is none.",
            )
    return values.astype(float)


def _ready_seats(table: pd.DataFrame, scheme: Scheme, seats: pd.DataFrame | None) -> pd.DataFrame:
    """Fill the seats of ready readings with what a seat needs."""
    if seats is None:
        seats = table.index.to_frame(index=False)
        seats.columns = pd.Index(["person", "role"][: seats.shape[1]])
    if "role" not in seats:
        if len(scheme.roles) != 1:
            raise KpiError(
                "ready readings",
                f"no role is given, and the scheme has {len(scheme.roles)}.",
                "give seats with person and role, or an index of person and role.",
            )
        seats = seats.assign(role=scheme.roles[0].key)
    roles = [scheme.role(str(key)) for key in seats["role"]]
    share = 1 / seats.groupby("person")["person"].transform("size")
    defaults: dict[str, Any] = {
        "name": seats["person"],
        "team": pd.Series([role.team for role in roles], seats.index, dtype=object),
        "account": None,
        "base_pay": np.nan,
        "joined": pd.NaT,
        "left": pd.NaT,
        "days": np.nan,
        "time_share": share,
    }
    filled = seats.copy()
    for column in defaults.keys() - set(seats.columns):
        filled[column] = defaults[column]
    return filled[list(SEAT_COLUMNS)].reset_index(drop=True)


def _columns_known(table: pd.DataFrame, wanted: set[str]) -> None:
    """Hold the columns of a ready table against the indicators that are needed."""
    for key in sorted(wanted - set(table.columns)):
        near = difflib.get_close_matches(key, [str(c) for c in table.columns], n=1)
        raise KpiError(
            "ready readings",
            f"no column {key!r}" + (f"; the nearest is {near[0]!r}." if near else "."),
            "give one column for each indicator of the seats' roles.",
        )


def _rule(role: Role, indicator: str) -> Rule:
    for rule in role.indicators:
        if rule.key == indicator:
            return rule
    keys = [rule.key for rule in role.indicators]
    near = difflib.get_close_matches(indicator, keys, n=1)
    raise KpiError(
        f"role {role.key!r}",
        f"has no indicator {indicator!r}" + (f"; the nearest is {near[0]!r}." if near else "."),
        f"use one of: {', '.join(keys)}." if keys else "choose a role with indicators.",
    )
