"""Columns: many cells of one kind to an array, quickly where all of them are plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kpilib.errors import KpiError
from kpilib.exports import cells
from kpilib.exports.cells import Figure
from kpilib.exports.formats import Column
from kpilib.exports.packed import Packed, Parts, distinct
from kpilib.exports.rates import rate
from kpilib.exports.times import SECONDS, duration, moment, month

_NUMBER = re.compile(cells.NUMBER, re.ASCII)
_EXACT_DIGITS, _LONG_ID, _FEW_IDS = 15, 17, 3
_DAY, _SECOND = len("2025-05-31"), len("2025-05-31 20:15:00")
_CLOCK = b"0123456789-: \0"
# a spreadsheet's number shows itself by a point or an exponent, a text kept from it by the others
_ODD_IN_IDS = ".eE=\"'"
_SAMPLE = 1000  # cells; where few of these differ, each of all that do is read once
_OLDEST = np.datetime64("1900-01-01", "us")
_TEXTS = frozenset({"text", "id", "month", "yes_no"})
_TIMES = frozenset({"datetime", "date"})
_ONE_BY_ONE = frozenset({"rate_percent", "rate_basis", "duration_text", "score"})

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Parsed:
    """A column of values, with bounds where some cell was a range or rounded.

    Attributes
    ----------
    values : ndarray
        float64 (NaN = unknown), datetime64[us] (NaT = unknown) or object (None = unknown).
    low, high : ndarray or None
        Bounds, only if some cell was not exact.
    faults : tuple of (int, KpiError)
        Cells that could not be read, by position; with any of them, all values are unknown.
    """

    values: Array
    low: Array | None = None
    high: Array | None = None
    faults: tuple[tuple[int, KpiError], ...] = ()


def parse(texts: Sequence[str], column: Column, missing: Sequence[str] = cells.MISSING) -> Parsed:
    """Read the cells of one column.

    Parameters
    ----------
    texts : sequence of str
        Cells, stripped.
    column : Column
        Kind of the cells and what is allowed in them.
    missing : sequence of str
        Cells that mean "unknown".

    Returns
    -------
    Parsed
        As many values as cells; what could not be read stands in ``faults``.
    """
    marks = frozenset(missing)
    if column.kind == "id" and (rounded := _rounded(texts)):
        return Parsed(np.full(len(texts), np.nan), faults=rounded)
    few = len(texts) > _SAMPLE and len(set(texts[:_SAMPLE])) <= _SAMPLE // 2
    values: list[Array] = []
    for part in texts.parts if isinstance(texts, Parts) else (texts,):
        found = _few(part, column, marks) if few else _plain(part, column, marks)
        if found is None:
            return _one_by_one(texts, column, missing)
        values.append(found)
    return Parsed(values[0] if len(values) == 1 else np.concatenate(values))


def _few(texts: Sequence[str], column: Column, marks: frozenset[str]) -> Array | None:
    """Read each of the cells that differ once; what is said of all of them holds of each."""
    some, which = distinct(texts)
    values = _plain(some, column, marks)
    return None if values is None else values[which]


def _rounded(texts: Sequence[str]) -> tuple[tuple[int, KpiError], ...]:
    """Return faults where a spreadsheet has cut all long ids to the digits that it can hold.

    It keeps 15 digits and writes zeros for the rest. That three different ids of 17 digits and
    more all end so by chance is rarer than one in a million.
    """
    long: dict[str, int] = {}
    for place, text in enumerate(texts):
        if len(text) >= _LONG_ID and text.isdecimal():
            if text[_EXACT_DIGITS:].strip("0"):
                return ()
            long.setdefault(text, place)
    if len(long) < _FEW_IDS:
        return ()
    return tuple((place, cells.lost(text)) for text, place in long.items())


def joined(parts: Sequence[Parsed]) -> Parsed:
    """Put columns one under the other; exact values are their own bounds."""
    values = np.concatenate([part.values for part in parts])
    faults = tuple(fault for part in parts for fault in part.faults)
    if all(part.low is None for part in parts):
        return Parsed(values, faults=faults)
    low = np.concatenate([part.values if part.low is None else part.low for part in parts])
    high = np.concatenate([part.values if part.high is None else part.high for part in parts])
    return Parsed(values, low, high, faults)


def _plain(texts: Sequence[str], column: Column, marks: frozenset[str]) -> Array | None:
    """Read all cells at once, or return None if one of them needs a closer look."""
    if column.kind in _TEXTS:
        return _plain_texts(list(texts), column, marks)
    if column.kind in _ONE_BY_ONE or column.unit:
        return None
    packed = texts if isinstance(texts, Packed) else Packed.of(texts)
    if packed is None:
        return None
    unknown = packed.are(marks)
    known = packed.at(~unknown) if unknown.any() else packed
    values = _plain_times(known, column) if column.kind in _TIMES else _plain_numbers(known, column)
    if values is None or known is packed:
        return values
    spread = _unknown(len(packed), column)
    spread[~unknown] = values
    return spread


def _unknown(number: int, column: Column) -> Array:
    time = column.kind in _TIMES
    return np.full(number, np.datetime64("NaT", "us") if time else np.nan)


def _plain_texts(texts: Sequence[str], column: Column, marks: frozenset[str]) -> Array | None:
    if column.kind == "text":
        if column.within and not set(texts) <= marks | set(column.within):
            return None
    elif column.kind == "id":
        every = "".join(texts)
        if any(sign in every for sign in _ODD_IN_IDS):
            return None
    else:
        return None
    values = np.empty(len(texts), dtype=object)
    known = marks.isdisjoint(texts)
    values[:] = texts if known else [None if text in marks else text for text in texts]
    return values


def _plain_times(packed: Packed, column: Column) -> Array | None:
    lengths = np.strings.str_len(packed.cells)
    every = packed.cells.tobytes()
    if not np.all((lengths == _DAY) | (lengths == _SECOND)) or every.translate(None, _CLOCK):
        return None
    if every.count(b"-") != 2 * len(packed):  # ten digits alone would be a year
        return None
    try:
        times: Array = packed.cells.astype("datetime64[us]")
    except ValueError:
        return None
    if np.any(times < _OLDEST):  # a sign was taken for a negative year
        return None
    return _days(times) if column.kind == "date" else times


def _days(times: Array) -> Array:
    return times.astype("datetime64[D]").astype(times.dtype)


def _plain_numbers(packed: Packed, column: Column) -> Array | None:
    if not all(map(_NUMBER.fullmatch, packed.shapes())):
        return None
    values = np.fromstring(packed.lines().translate(None, b","), dtype=float, sep="\n")
    return _checked(values, column)


def _checked(values: Array, column: Column) -> Array | None:
    """Return the values in their unit, or None if one of them needs a closer look."""
    known = values[~np.isnan(values)]
    kind = column.kind
    lowest = -cells.LARGEST if column.signed or kind == "number" else 0
    highest = 1 if kind == "rate_fraction" else cells.LARGEST
    if known.size and not (lowest <= known.min() and known.max() <= highest):
        return None
    if kind == "count" and not np.array_equal(known, np.floor(known)):
        return None
    if kind == "rate_percent_header":
        return np.round(values / 100, 12)
    scale = SECONDS.get(kind, 1)
    return values if scale == 1 else np.round(values * scale, 9)


def _one_by_one(texts: Sequence[str], column: Column, missing: Sequence[str]) -> Parsed:
    """Read cell by cell, each distinct text once; slow, for columns that hold odd cells."""
    read = _reader(column, missing)
    seen: dict[str, Any] = {}
    for text in set(texts):
        try:
            seen[text] = read(text)
        except KpiError as error:
            seen[text] = error
    results = [seen[text] for text in texts]
    faults = tuple((i, r) for i, r in enumerate(results) if isinstance(r, KpiError))
    if faults:
        return Parsed(_unknown(len(texts), column), faults=faults)
    if column.kind in _TEXTS:
        values = np.empty(len(results), dtype=object)
        values[:] = results
        return Parsed(values)
    if column.kind in _TIMES:
        times = np.array(results, dtype="datetime64[us]")
        return Parsed(_days(times) if column.kind == "date" else times)
    figures = np.array(results, dtype=float).reshape(-1, 3)
    value, low, high = figures.T
    exact = not np.any(low < high)
    return Parsed(value) if exact else Parsed(value, low, high)


def _reader(column: Column, missing: Sequence[str]) -> Callable[[str], Any]:
    """Return the function that reads one cell of this kind."""
    kind = column.kind
    if kind.startswith("rate_"):
        rated = kind.removeprefix("rate_")
        return lambda text: rate(text, rated, signed=column.signed, missing=missing)
    if kind in SECONDS or kind == "duration_text":
        unit = "" if kind == "duration_text" else kind
        return lambda text: Figure(*[duration(text, unit, missing=missing)] * 3)
    if kind in ("count", "yuan"):
        amount = cells.count if kind == "count" else cells.money
        return lambda text: amount(text, column.unit, signed=column.signed, missing=missing)
    if kind in _TIMES:
        return lambda text: moment(text, serial=column.serial, order=column.order, missing=missing)
    if kind == "text":
        return lambda text: None if text in missing else cells.one_of(text, column.within)
    plain: dict[str, Callable[..., Any]] = {
        "number": cells.number,
        "score": cells.score,
        "yes_no": cells.yes_no,
        "id": cells.identifier,
        "month": month,
    }
    one = plain[kind]
    return lambda text: one(text, missing=missing)
