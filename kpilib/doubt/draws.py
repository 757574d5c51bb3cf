"""Readings as they might have come out: draws by works and sessions, by cases, by intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from kpilib.counting import COMPANY
from kpilib.doubt.rows import Parts, parts_of
from kpilib.intervals import Z, t_quantile

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from kpilib.catalogue import Definition
    from kpilib.readings import Readings

    Array = NDArray[np.float64]

Kind = Literal["units", "cases", "interval", "certain"]

MANY: Final = 300_000  # entries of a table from which its intervals serve: they are narrow by then
_CELLS: Final = 4_000_000  # numbers held at once


@dataclass(frozen=True, eq=False)
class Table:
    """How the readings of one table are drawn together.

    Attributes
    ----------
    parts : Parts
        What its units add.
    cases : array of bool, shape (n_readings,)
        Shares of single cases: half a case is added on either side.
    row, of : array of int
        Rows of the readings' table, and which reading of ``parts`` each is drawn by.
    value, ratio, stretch : array
        Of each row: the reading, its ratio of sums, and what the draws' distance from it is
        multiplied by.
    low, high : array
        What each row's reading can be at all.
    """

    parts: Parts
    cases: NDArray[np.bool_]
    row: NDArray[np.int64]
    of: NDArray[np.int64]
    value: Array
    ratio: Array
    stretch: Array
    low: Array
    high: Array

    def draw(self, rng: Generator, n: int) -> Array:
        """Draw each row's reading ``n`` times; shape (n, n_rows)."""
        parts = self.parts
        weight = rng.standard_exponential((n, parts.units))[:, parts.unit]
        y, x = parts.sums(weight * parts.y), parts.sums(weight * parts.x)
        if self.cases.any():
            half = rng.standard_gamma(0.5, (2, n, int(self.cases.sum())))
            y[:, self.cases] += half[0]
            x[:, self.cases] += half.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = (y / x)[:, self.of]
        moved = self.ratio + self.stretch * (found - self.ratio)
        scale = np.where(self.ratio != 0, self.value / np.where(self.ratio != 0, self.ratio, 1), 1)
        return np.clip(moved * scale, self.low, self.high)


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of all readings of a month.

    Attributes
    ----------
    kind : array of str, shape (n_rows,)
        How each row of the readings' table is drawn: ``units`` (with the works, sessions or
        tasks it stands on), ``cases`` (so many cases of so many), ``interval`` (the reading's
        own) or ``certain``.
    value : array, shape (n_rows,)
        Readings.
    tables : tuple of Table
        Rows drawn with their units.
    alone : DataFrame
        Rows drawn by themselves: ``row``, ``a`` and ``b`` of a Beta, or ``spread`` of a normal
        distribution, ``low`` and ``high``.
    """

    kind: NDArray[np.object_]
    value: Array
    tables: tuple[Table, ...]
    alone: pd.DataFrame

    def blocks(self, n: int, seed: int) -> Iterator[Array]:
        """Yield draws of all readings, shape (block, n_rows), ``n`` draws in all.

        Parameters
        ----------
        n : int
            Draws.
        seed : int
            The same seed gives the same draws.
        """
        rng = np.random.default_rng(seed)
        widest = max([len(self.value), *(len(t.parts.unit) for t in self.tables), 1])
        step = max(16, _CELLS // widest)
        for start in range(0, n, step):
            yield self._block(rng, min(step, n - start))

    def _block(self, rng: Generator, n: int) -> Array:
        made = np.repeat(self.value[None, :], n, axis=0)  # np.tile of no reading is read-only
        for table in self.tables:
            made[:, table.row] = table.draw(rng, n)
        share = self.alone["spread"].isna().to_numpy()
        beta, normal = self.alone[share], self.alone[~share]
        made[:, beta["row"]] = rng.beta(beta["a"], beta["b"], (n, len(beta)))
        drawn = rng.normal(self.value[normal["row"]], normal["spread"], (n, len(normal)))
        made[:, normal["row"]] = np.clip(drawn, normal["low"], normal["high"])
        return made


def draws_of(readings: Readings) -> Draws:
    """Say how each reading of a month is drawn.

    Readings that are ratios of sums over works, sessions, orders or tasks are drawn by the
    Bayesian bootstrap: each work or session gets one exponential weight, shared by all readings
    and people that it counts for, so that what stands on the same works moves together. A share
    of single cases gets half a case more on either side: its draws are then exactly
    Beta(k + 1/2, n - k + 1/2). Other draws are stretched about the reading so that their
    variance is that of the ratio estimator, with n - 1 degrees of freedom. Orders of one session
    are drawn together, for they are alike. What has no rows is drawn from its own interval:
    shares by the same Beta, others by a normal distribution. All else is certain.

    Parameters
    ----------
    readings : Readings
        A month; those with status ``ok`` are drawn.

    References
    ----------
    .. [1] Rubin, D. B. (1981), The Bayesian bootstrap, Annals of Statistics 9, 130-134.
    .. [2] Efron, B., Tibshirani, R. (1993), An Introduction to the Bootstrap, ch. 8 and 10.
    .. [3] Brown, L. D., Cai, T. T., DasGupta, A. (2001), Interval estimation for a binomial
       proportion, Statistical Science 16, 101-133: the prior with half a case on either side.
    .. [4] Cochran, W. G. (1977), Sampling Techniques, 3rd ed., Wiley, ch. 6.
    """
    table = readings.table.reset_index(drop=True)
    rules = {(r.key, i.key): i for r in readings.scheme.roles for i in r.indicators}
    placed = [rules[pair] for pair in zip(table["role"], table["indicator"], strict=True)]
    definitions = [rule.definition for rule in placed]
    kind = np.full(len(table), "certain", dtype=object)
    value = table["value"].to_numpy(dtype=float)
    seats = _seat_numbers(readings, table, [rule.shared for rule in placed])
    ok = (table["status"] == "ok").to_numpy(dtype=bool)
    tables: list[Table] = []
    alone: list[dict[str, float]] = []
    rows = readings.attributed
    for parts in parts_of(rows, readings.scheme) if rows is not None else ():
        if len(parts.unit) <= MANY:
            made, single = _table(parts, seats, ok, value, definitions)
            kind[made.row] = np.where(made.cases[made.of], "cases", "units")
            kind[[int(one["row"]) for one in single]] = "cases"
            tables.append(made)
            alone += single
    known = table[["value", "n", "low", "high"]].to_numpy(dtype=float)
    for row in np.flatnonzero(ok & (kind == "certain") & ~np.isnan(known).any(axis=1)):
        found = _alone(int(row), known[row], definitions[row])
        kind[row] = "cases" if "a" in found else "interval"
        alone.append(found)
    columns = ["row", "a", "b", "spread", "low", "high"]
    frame = pd.DataFrame(alone, columns=columns).astype({"row": "int64"})
    return Draws(kind, value, tuple(tables), frame)


def _seat_numbers(readings: Readings, table: pd.DataFrame, shared: list[bool]) -> list[int]:
    """Return the seat's number of each reading, as in the rows by seat."""
    held = readings.seats
    numbers = dict(zip(zip(held["person"], held["role"], strict=True), held.index, strict=True))
    pairs = zip(table["person"], table["role"], strict=True)
    return [
        COMPANY if whole else int(numbers.get(pair, -2))
        for pair, whole in zip(pairs, shared, strict=True)
    ]


def _table(
    parts: Parts,
    seats: list[int],
    ok: NDArray[np.bool_],
    value: Array,
    definitions: list[Definition],
) -> tuple[Table, list[dict[str, float]]]:
    """Match a table's readings with rows, and part those that need a Beta of their own."""
    y, x = parts.sums(parts.y), parts.sums(parts.x)
    units = parts.sums((parts.x != 0).astype(float))
    single = parts.sums((parts.x > 1).astype(float)) == 0
    place = {
        pair: i for i, pair in enumerate(zip(parts.seat.tolist(), parts.indicator, strict=True))
    }
    row, of, alone = [], [], []
    cases = np.zeros(len(y), dtype=bool)
    for i, (seat, definition) in enumerate(zip(seats, definitions, strict=True)):
        j = place.get((seat, definition.key))
        if j is None or not ok[i] or x[j] <= 0:
            continue
        share = definition.interval == "wilson"
        cases[j] = share and single[j]
        if share and not single[j] and (units[j] < 2 or y[j] in (0, x[j])):
            alone.append({"row": i, "a": y[j] + 0.5, "b": x[j] - y[j] + 0.5})
        elif units[j] >= 2 or cases[j]:
            row.append(i)
            of.append(j)
    at, by = np.array(row, dtype=np.int64), np.array(of, dtype=np.int64)
    n = units[by]
    stretch = np.where(cases[by], 1.0, np.sqrt((n + 1) / np.maximum(n - 1, 1)))
    ends = np.array([_held(definitions[i], value[i]) for i in row]).reshape(-1, 2)
    ratio = y[by] / x[by] if len(by) else np.zeros(0)
    made = Table(parts, cases, at, by, value[at], ratio, stretch, ends[:, 0], ends[:, 1])
    return made, alone


def _held(definition: Definition, value: float) -> tuple[float, float]:
    """Return what a reading can be at all, by its unit."""
    low = 0.0 if value >= 0 else -np.inf
    whole = definition.unit == "rate" and not definition.plan and 0 <= value <= 1
    return low, 1.0 if whole else np.inf


def _alone(row: int, known: Array, definition: Definition) -> dict[str, float]:
    """Return the distribution of a reading that is known by its interval only."""
    value, n, low, high = known.tolist()
    if definition.interval == "wilson" and n > 0 and 0 <= value <= 1:
        return {"row": row, "a": value * n + 0.5, "b": (1 - value) * n + 0.5}
    ends = _held(definition, value)
    times = t_quantile(int(n) - 1) if n >= 2 else Z
    spread = max(high - value, value - low) / times
    return {"row": row, "spread": spread, "low": ends[0], "high": ends[1]}
