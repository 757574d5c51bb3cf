"""How far the platforms' rounding may move a formula: the exact bounds over all true figures."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.catalogue import Definition
from kpilib.engine import Engine
from kpilib.formula import Aggregate, Formula, Ratio
from kpilib.intervals import Interval
from kpilib.sql import DIALECTS, to_row_parts

Numbers = NDArray[np.float64]
Bounds = Mapping[str, tuple[Numbers, Numbers]]

_SIDES = frozenset(("sum", "count"))
_MOST = 6  # rounded columns in one formula; each doubles the corners of a row
_STEPS = 60  # far more than the iteration needs: it closes in faster than Newton's
_CENTS = {"yuan": 100}


def rounded_columns(source: pd.DataFrame, kinds: Mapping[str, str]) -> Bounds:
    """Return the columns that a platform rounded somewhere, with bounds of every row.

    Parameters
    ----------
    source : DataFrame
        A table as it was read: ``x_low`` and ``x_high`` stand beside an ``x`` with such cells.
    kinds : mapping of str to str
        Columns that are needed, and what they hold.

    Returns
    -------
    mapping of str to (ndarray, ndarray)
        Bounds outward to what the kind of column can hold; an exact value is its own bounds.
    """
    found = {}
    for column, kind in kinds.items():
        if f"{column}_low" not in source:
            continue
        value = source[column].to_numpy(dtype=float, na_value=np.nan)
        low, high = (
            np.where(np.isnan(value) | np.isnan(end), value, end)
            for end in (
                source[f"{column}_{side}"].to_numpy(dtype=float) for side in ("low", "high")
            )
        )
        if np.any(low < high):
            parts = _CENTS.get(kind, 1)
            exact = low == high
            found[column] = (
                np.where(exact, value, np.floor(low * parts) / parts),
                np.where(exact, value, np.ceil(high * parts) / parts),
            )
    return found


def rounding_bounds(
    frame: pd.DataFrame,
    kinds: Mapping[str, str],
    bounds: Bounds,
    definitions: Mapping[str, Definition],
    days: Mapping[str, str],
    engine: Engine,
    name: str,
) -> dict[tuple[int, str], Interval]:
    """Return the least and the greatest value of each formula that its rounded rows allow.

    Every true figure lies within half of its last digit shown. A formula is a ratio of sums over
    rows (or a sum), so its extremes stand where each row is at a corner of its own box, and the
    row's best corner at a level r is the one with the greatest y - r x: Dinkelbach's iteration
    finds the extreme exactly.

    Parameters
    ----------
    frame : DataFrame
        Rows with ``seat``, ``days`` and the columns of the formulas.
    kinds : mapping of str to str
        What the columns hold.
    bounds : mapping
        See `rounded_columns`; aligned with ``frame``.
    definitions : mapping of str to Definition
        Indicators by key.
    days : mapping of str to str
        The days that formulas speak of.
    engine : Engine
        What runs the formulas.
    name : str
        Name for the rows in the engine.

    Returns
    -------
    dict of (int, str) to (float, float)
        By seat and indicator, only where the rounding may move it. Formulas that are no ratio and
        no sum of rows, as a median, are not in it.

    References
    ----------
    .. [1] Dinkelbach (1967), On nonlinear fractional programming, *Management Science* 13(7).
    """
    found: dict[tuple[int, str], Interval] = {}
    for key, definition in definitions.items():
        formula = definition.parsed
        if formula is None:
            continue
        mine = {c: bounds[c] for c in sorted(formula.columns & bounds.keys())}
        ratio = _as_ratio(formula)
        if not mine or len(mine) > _MOST or ratio is None:
            continue
        corners = _corners(frame, mine)
        engine.register(name, corners, {**kinds, "place": "key"})
        used = {day: at for day, at in days.items() if day in formula.names}
        made = engine.run(_parts_query(name, formula, ratio, engine.dialect), used)
        made = made.sort_values("place", ignore_index=True)
        extremes = _extremes(corners, made, is_sum=formula.ratio is None)
        for seat, (low, high) in extremes.items():
            if low < high:
                found[seat, key] = (low + ratio.shift, high + ratio.shift)
    return found


def widened(interval: Interval, value: float, rounding: Interval) -> Interval:
    """Return an interval moved outward by what rounding may have done to its value."""
    low, high = (value if np.isnan(end) else end for end in interval)
    return low - max(0.0, value - rounding[0]), high + max(0.0, rounding[1] - value)


def _as_ratio(formula: Formula) -> Ratio | None:
    """See a formula as a ratio of sums of rows; a plain sum is one over their number."""
    ratio = formula.ratio
    if ratio is None and isinstance(formula.tree, ast.Call):
        (only,) = formula.aggregates
        ratio = Ratio(only, Aggregate("count", (), only.where))
    if ratio is None or not {ratio.numerator.name, ratio.denominator.name} <= _SIDES:
        return None
    return ratio


def _corners(frame: pd.DataFrame, bounds: Bounds) -> pd.DataFrame:
    """Repeat each rounded row once for every corner of its box; ``entry`` says which row it was."""
    moved = np.zeros(len(frame), dtype=bool)
    for low, high in bounds.values():
        moved |= low < high
    entry = np.arange(len(frame))
    parts = [frame[~moved].assign(entry=entry[~moved])]
    for ends in product((0, 1), repeat=len(bounds)):
        chosen = {c: pair[end][moved] for end, (c, pair) in zip(ends, bounds.items(), strict=True)}
        parts.append(frame[moved].assign(**chosen, entry=entry[moved]))
    made = pd.concat(parts, ignore_index=True)
    return made.assign(place=np.arange(len(made)))


def _parts_query(name: str, formula: Formula, ratio: Ratio, dialect: str) -> str:
    quote = DIALECTS[dialect].quote
    sides = zip("yx", to_row_parts(formula, ratio, dialect), strict=True)
    cells = [f"CAST({sql} AS DOUBLE) AS {quote}{side}{quote}" for side, sql in sides]
    return f"SELECT place, {', '.join(cells)} FROM {name}"


def _extremes(corners: pd.DataFrame, made: pd.DataFrame, *, is_sum: bool) -> dict[int, Interval]:
    """Return the least and the greatest value of each seat."""
    y, x = (np.nan_to_num(made[side].to_numpy(dtype=float, na_value=np.nan)) for side in "yx")
    entry, seat = corners["entry"].to_numpy(), corners["seat"].to_numpy()
    found = {}
    for one in np.unique(seat):
        mine = seat == one
        rows = np.unique(entry[mine], return_inverse=True)[1]
        ends = [_extreme(rows, sign * y[mine], x[mine], is_sum=is_sum) for sign in (-1, 1)]
        found[int(one)] = (-ends[0], ends[1])
    return found


def _extreme(rows: NDArray[np.int64], y: Numbers, x: Numbers, *, is_sum: bool) -> float:
    """Return the greatest sum of y (over the sum of x) with one corner of every row."""
    order = np.argsort(rows, kind="stable")
    first = np.flatnonzero(np.diff(rows[order], prepend=-1))
    level, chosen = 0.0, order[first]
    if not is_sum:
        if not x[chosen].sum() > 0:
            return float("nan")
        level = y[chosen].sum() / x[chosen].sum()
    for _ in range(_STEPS):
        gain = y - level * x
        ranked = np.lexsort((-gain, rows))
        chosen = ranked[first]
        if is_sum:
            return float(y[chosen].sum())
        below = x[chosen].sum()
        if not below > 0:
            return float("nan")
        best = float(y[chosen].sum() / below)
        if not best > level:
            break
        level = best
    return level
