"""What each work, session or task adds to the readings of every seat that it counts for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.attribution import Rows
from kpilib.catalogue import Definition
from kpilib.counting import COMPANY, seat_frame
from kpilib.engine import open_engine
from kpilib.formula import Aggregate, Formula, Ratio
from kpilib.matching import groups
from kpilib.scheme import Scheme
from kpilib.sql import DIALECTS, to_row_parts

# Rows that are alike within a group: the orders of one session are drawn together.
_DRAWN_TOGETHER = {"orders": ("account", "day")}
# Tables whose sums are sums over single works or sessions, so that other ones could have come.
_SUMMED = ("works", "sessions", "orders")
_SIDES = frozenset(("sum", "count"))


@dataclass(frozen=True, eq=False)
class Parts:
    """What the units of one table (works, sessions, ...) add to readings.

    Attributes
    ----------
    units : int
        Units that are drawn: rows, or the session that orders belong to.
    seat, indicator : array of int, array of str, shape (n_readings,)
        Which reading: the seat's number (`COMPANY` for a shared one) and the indicator.
    first : array of int, shape (n_readings,)
        Where each reading's entries begin.
    unit : array of int, shape (n_entries,)
    y, x : array, shape (n_entries,)
        What the unit adds to numerator and denominator of the reading.
    """

    units: int
    seat: NDArray[np.int64]
    indicator: NDArray[Any]
    first: NDArray[np.int64]
    unit: NDArray[np.int64]
    y: NDArray[np.float64]
    x: NDArray[np.float64]

    @property
    def entries(self) -> NDArray[np.int64]:
        """Units of each reading."""
        return np.diff(np.append(self.first, len(self.unit)))

    def sums(self, part: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum entries by reading; along the last axis."""
        if not len(self.first):
            return np.zeros((*part.shape[:-1], 0))
        total: NDArray[np.float64] = np.add.reduceat(part, self.first, axis=-1)
        return total


def parts_of(rows: Rows, scheme: Scheme) -> Iterator[Parts]:
    """Yield what the units of each table add to readings, table by table.

    Only readings that are a ratio of sums over rows, or a sum over works, sessions or orders.

    Parameters
    ----------
    rows : Rows
        Rows by seat.
    scheme : Scheme
        Its indicators.
    """
    for table, rules in _ratios(scheme).items():
        held = rows.month.tables.get(table)
        link = rows.links.get(table)
        if held is None or link is None or not len(held):
            continue
        if any(r.shared and r.key in rules for role in scheme.roles for r in role.indicators):
            everything = np.arange(len(held))
            company = pd.DataFrame({"seat": COMPANY, "position": everything, "share": 1.0})
            link = pd.concat([link, company], ignore_index=True)
        if len(link):
            yield _parts(rows, table, link, rules, scheme)


def _ratios(scheme: Scheme) -> dict[str, dict[str, tuple[Definition, Ratio]]]:
    found: dict[str, dict[str, tuple[Definition, Ratio]]] = {}
    for role in scheme.roles:
        for rule in role.indicators:
            ratio = drawn_ratio(rule.definition)
            if ratio is not None:
                found.setdefault(rule.definition.table, {})[rule.key] = (rule.definition, ratio)
    return found


def drawn_ratio(definition: Definition) -> Ratio | None:
    """Return the ratio of sums over rows that an indicator is drawn by, or None.

    A sum over works, sessions or orders is drawn as their number times their mean.
    """
    formula = definition.parsed
    if formula is None:
        return None
    ratio = formula.ratio
    if ratio is None and definition.table in _SUMMED:
        ratio = _as_mean(formula)
    elif definition.interval == "none":
        return None
    if ratio is None or not {ratio.numerator.name, ratio.denominator.name} <= _SIDES:
        return None
    return ratio


def _as_mean(formula: Formula) -> Ratio | None:
    if len(formula.aggregates) != 1 or formula.names:
        return None
    (only,) = formula.aggregates
    return Ratio(only, Aggregate("count", (), only.where)) if only.name == "sum" else None


def _parts(
    rows: Rows,
    table: str,
    link: pd.DataFrame,
    rules: Mapping[str, tuple[Definition, Ratio]],
    scheme: Scheme,
) -> Parts:
    engine = open_engine(rows=len(link))
    frame, kinds = seat_frame(rows, table, link, [definition for definition, _ in rules.values()])
    frame["entry"] = np.arange(len(frame))
    name, quote = f"{table}_parts", DIALECTS[engine.dialect].quote
    engine.register(name, frame, {**kinds, "entry": "key"})
    cells = ["entry"]
    for key, (definition, ratio) in rules.items():
        assert definition.parsed is not None  # else it would have no ratio
        for side, sql in zip(
            "yx", to_row_parts(definition.parsed, ratio, engine.dialect), strict=True
        ):
            cells.append(f"CAST({sql} AS DOUBLE) AS {quote}{key}.{side}{quote}")
    days = {
        day: at
        for day, at in rows.calendar.parameters.items()
        if any(day in d.parsed.names for d, _ in rules.values() if d.parsed is not None)
    }
    made = (
        engine.run(f"SELECT {', '.join(cells)} FROM {name}", days).set_index("entry").sort_index()
    )
    return _sorted(made, link, _units(rows.month.tables[table], table), _seats(rows, rules, scheme))


def _seats(rows: Rows, keys: Iterable[str], scheme: Scheme) -> dict[str, list[int]]:
    """Return the seats whose role is measured by each indicator; `COMPANY` for a shared one."""
    found: dict[str, list[int]] = {key: [] for key in keys}
    for role in scheme.roles:
        seats = rows.seats.index[rows.seats["role"] == role.key].tolist()
        for rule in role.indicators:
            if rule.key in found:
                found[rule.key] += [COMPANY] if rule.shared else seats
    return found


def _units(held: pd.DataFrame, table: str) -> NDArray[np.int64]:
    """Give each row the number of its unit; a row without a key is a unit of its own."""
    keys = _DRAWN_TOGETHER.get(table)
    own = np.arange(len(held), dtype=np.int64)
    if keys is None:
        return own
    found = groups([held[key] for key in keys])
    return np.unique(np.where(found >= 0, found, -1 - own), return_inverse=True)[1]


def _sorted(
    made: pd.DataFrame,
    link: pd.DataFrame,
    unit_of: NDArray[np.int64],
    seats: Mapping[str, list[int]],
) -> Parts:
    """Lay the entries out reading by reading, those of one unit added up."""
    seat, unit = link["seat"].to_numpy(), unit_of[link["position"].to_numpy()]
    laid = []
    for place, (key, wanted) in enumerate(seats.items()):
        y, x = (made[f"{key}.{side}"].to_numpy(dtype=float, na_value=np.nan) for side in "yx")
        used = np.flatnonzero(~(np.isnan(y) | np.isnan(x)) & np.isin(seat, wanted))
        laid.append((seat[used], np.full(len(used), place), unit[used], y[used], x[used]))
    columns = [np.concatenate(column) for column in zip(*laid, strict=True)]
    order = np.lexsort(columns[2::-1])
    s, k, u, y, x = (column[order] for column in columns)
    new = np.r_[True, (np.diff(s) != 0) | (np.diff(k) != 0) | (np.diff(u) != 0)][: len(s)]
    start = np.flatnonzero(new)
    y, x = (np.add.reduceat(part, start) if len(start) else part for part in (y, x))
    s, k, u = s[start], k[start], u[start]
    begins = np.r_[True, (np.diff(s) != 0) | (np.diff(k) != 0)][: len(s)]
    first = np.flatnonzero(begins)
    units = int(unit_of.max()) + 1 if len(unit_of) else 0
    return Parts(units, s[first], np.array(list(seats), dtype=object)[k[first]], first, u, y, x)
