"""Points, weights and cuts as arrays: checked once, and the one row sum of every analysis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpilib.errors import KpiError

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Cuts = Sequence[float] | pd.DataFrame
Edge = Literal["upper_closed", "lower_closed"]

EDGES = ("upper_closed", "lower_closed")
SUM_SLACK = 1e-9  # weights written with nine decimals may miss 1 by this much
# A total this near a cut, as a share of the farthest item's distance from it, stands on the cut:
# at 100 points apart it is half of the sixth decimal, the place to which totals are rounded.
TOUCH = 5e-9
FLAT = 1e-10  # differences this small beside the numbers are rounding, not people
NOISE = 1e-14  # what adding a dozen products may leave of the largest number among them


@dataclass(frozen=True, eq=False)
class Case:
    """People, indicators, points and weights that fit together.

    Parameters
    ----------
    people, indicators : Index
        Rows and columns of the points.
    points : array, shape (n_people, n_indicators)
        0 where ``applies`` is false.
    applies : array of bool, shape (n_people, n_indicators)
        False where the item is not applicable to the person.
    weights : array, shape (n_indicators,)
        At least 0, sum 1, in the order of ``indicators``.
    """

    people: pd.Index[Any]
    indicators: pd.Index[Any]
    points: Array
    applies: Flags
    weights: Array


def read_case(points: pd.DataFrame, weights: pd.Series[float]) -> Case:
    """Check points and weights against each other; empty cells are not applicable."""
    values = read_points(points)
    numbers = read_weights(weights, points.columns)
    applies = ~np.isnan(values)
    idle = ~np.any(applies & (numbers > 0), axis=1)
    if idle.any():
        raise KpiError(
            "points",
            f"{count(idle.sum(), 'person has', 'people have')} no applicable item with a weight "
            f"above 0, so no total: {some(points.index[idle])}.",
            "leave these people out, or weight an item that applies to them.",
        )
    return Case(points.index, points.columns, np.where(applies, values, 0.0), applies, numbers)


def read_points(points: pd.DataFrame) -> Array:
    """Return points as floats, NaN where not applicable, after checking labels and numbers."""
    if 0 in points.shape:
        raise KpiError(
            "points",
            f"the table has {points.shape[0]} people and {points.shape[1]} indicators.",
            "give at least one of each.",
        )
    for axis, labels in (("index", points.index), ("columns", points.columns)):
        if not labels.is_unique:
            twice = some(labels[labels.duplicated()].unique())
            raise KpiError(
                f"points, {axis}", f"labels stand there twice: {twice}.", "keep one of each."
            )
    for key, column in points.items():
        if not pd.api.types.is_numeric_dtype(column):
            raise KpiError(
                f"points, column {key!r}",
                f"it holds {column.dtype}, not numbers.",
                "turn it into numbers first, empty where the item does not apply.",
            )
    values = points.to_numpy(dtype=np.float64, na_value=np.nan)
    endless = np.isinf(values).any(axis=1)
    if endless.any():
        raise KpiError(
            "points",
            f"infinite points for {some(points.index[endless])}.",
            "cap them, or leave the cell empty where the item does not apply.",
        )
    return values


def read_weights(weights: pd.Series[float], indicators: pd.Index[Any]) -> Array:
    """Return weights in the order of the indicators, after checking names, signs and sum."""
    absent = indicators.difference(weights.index, sort=False)
    strange = weights.index.difference(indicators, sort=False)
    if len(absent) or len(strange) or not weights.index.is_unique:
        twice = weights.index[weights.index.duplicated()].unique()
        faults = (
            ("no weight for", absent),
            ("not an indicator:", strange),
            ("weighted twice:", twice),
        )
        raise KpiError(
            "weights",
            "; ".join(f"{fault} {some(keys)}" for fault, keys in faults if len(keys)) + ".",
            f"give one weight to each of {some(indicators, len(indicators))}.",
        )
    numbers = np.asarray(weights.reindex(indicators), dtype=np.float64)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0))
    if wrong.any():
        found = ", ".join(
            f"{key} {value:g}" for key, value in zip(indicators[wrong], numbers[wrong], strict=True)
        )
        raise KpiError(
            "weights", f"not a number of at least 0: {found}.", "give each a weight from 0 to 1."
        )
    total = float(numbers.sum())
    if abs(total - 1) > SUM_SLACK:
        raise KpiError(
            "weights",
            f"they sum to {total:.10g}, not 1.",
            f"change them by {1 - total:+.10g} in all, or divide each by the sum.",
        )
    return numbers


def read_cuts(cuts: Cuts, people: pd.Index[Any]) -> Array:
    """Return cuts as one increasing row per person, shape (n_people, n_cuts)."""
    if isinstance(cuts, pd.DataFrame):
        absent = people.difference(cuts.index, sort=False)
        if len(absent) or not cuts.index.is_unique:
            raise KpiError(
                "cuts, index",
                f"no single row for {some(absent) if len(absent) else 'each person'}.",
                "give one row of cuts per person of the points.",
            )
        table = cuts.reindex(people).to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        row = np.asarray(cuts, dtype=np.float64)
        table = np.tile(row.reshape(1, -1), (len(people), 1))
    if table.shape[1] == 0:
        raise KpiError("cuts", "there is none.", "give at least one number between two grades.")
    wrong = ~np.isfinite(table).all(axis=1)
    if wrong.any():
        raise KpiError(
            "cuts",
            f"not all are finite numbers: {_listed(table[wrong][0])}.",
            "give a number for each cut.",
        )
    wrong = (np.diff(table, axis=1) <= 0).any(axis=1)
    if wrong.any():
        raise KpiError(
            "cuts",
            f"they do not increase: {_listed(table[wrong][0])}.",
            "list the cuts from the lowest to the highest, each once.",
        )
    return table


def read_edge(edge: str) -> Edge:
    """Return the edge policy, after checking that there is one of this name."""
    if edge == "upper_closed":
        return "upper_closed"
    if edge == "lower_closed":
        return "lower_closed"
    raise KpiError(
        "edge",
        f"there is no policy {edge!r}.",
        f"choose one of {', '.join(EDGES)}; for rounded totals move the cuts instead.",
    )


def read_concentration(concentration: float) -> float:
    """Return the concentration of a Dirichlet distribution, after checking it."""
    if not (math.isfinite(concentration) and concentration > 0):
        raise KpiError(
            "concentration",
            f"{concentration:g} is not a number above 0.",
            "give for example 50, or None for weights that are all equally likely.",
        )
    return concentration


def row_sum(table: Array) -> Array:
    """Sum over the last axis, item by item.

    Not a matrix product: the last bit of one depends on the row's place, so two equal people
    could part at a cut.
    """
    total: Array = np.zeros(table.shape[:-1])
    for item in range(table.shape[-1]):
        total = total + table[..., item]
    return total


def mass(case: Case, weights: Array | None = None) -> Array:
    """Return the weight of each person's applicable items, shape (n_people,)."""
    return row_sum(np.where(case.applies, case.weights if weights is None else weights, 0.0))


def totals(case: Case, weights: Array | None = None) -> Array:
    """Return each person's total; NaN where the weight of the applicable items is 0.

    Parameters
    ----------
    case : Case
        Points and, unless others are given, weights.
    weights : array, shape (n_indicators,) or (n_people, n_indicators), optional
        Weights to use instead, at least 0.

    Returns
    -------
    array, shape (n_people,)
        Not rounded.
    """
    held = np.where(case.applies, case.weights if weights is None else weights, 0.0)
    whole = row_sum(held)
    with np.errstate(invalid="ignore"):
        share = held / whole[:, np.newaxis]
    return row_sum(case.points * share)


def gaps(case: Case, limits: Array) -> Array:
    """Return points minus one limit per person, 0 where not applicable: the linear form.

    A person's total exceeds the limit exactly when the weighted sum of these gaps exceeds 0,
    whatever the weights of the items that do not apply.
    """
    return np.where(case.applies, case.points - limits[:, np.newaxis], 0.0)


def touch(case: Case, limits: Array) -> Array:
    """Return how near to the limit a total stands on it, given rounding; shape (n_people,)."""
    reach = np.abs(gaps(case, limits)).max(axis=1)
    size = np.maximum(np.abs(case.points).max(axis=1), np.abs(limits))
    return np.asarray(np.maximum(TOUCH * reach, NOISE * size), dtype=np.float64)


def is_touching(case: Case, total: Array, limits: Array) -> Flags:
    """Tell whose total stands on the limit, given rounding; shapes (n_people,)."""
    near: Flags = np.abs(total - limits) <= touch(case, limits)
    return near


def is_above(case: Case, total: Array, limits: Array, edge: Edge) -> Flags:
    """Tell which cuts each total has passed, shape (n_people, n_cuts).

    With closed upper edges a person is above a cut when the total is larger than it; with
    closed lower edges, when it is as large.
    """
    passed = np.empty(limits.shape, dtype=np.bool_)
    for cut in range(limits.shape[1]):
        limit = limits[:, cut]
        on_it = is_touching(case, total, limit)
        passed[:, cut] = np.where(on_it, edge == "lower_closed", total > limit)
    return passed


def ranks(total: Array) -> Array:
    """Return ranks of finite totals, 1 the best, ties sharing their mean."""
    size = float(np.abs(total).max())
    steps = np.rint(total / (size * TOUCH)) if size > 0 else total
    _, place, heads = np.unique(-steps, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(heads) - (heads - 1) / 2)[place], dtype=np.float64)


def is_flat(values: Array) -> bool:
    """Tell whether numbers do not differ, given rounding."""
    return bool(np.ptp(values) <= FLAT * np.abs(values).max())


def two_rows_each(people: pd.Index[Any], ends: tuple[str, str], name: str) -> pd.MultiIndex:
    """Return row labels: each person twice, once with each end."""
    labels: list[Any] = [people, list(ends)]
    return pd.MultiIndex.from_product(labels, names=[people.name or "person", name])


def some(labels: Iterable[object], most: int = 5) -> str:
    """List at most a few labels in a text."""
    listed = [str(label) for label in labels]
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")


def count(number: int, one: str, many: str) -> str:
    """Say a number with the singular or the plural after it."""
    return f"{number} {one if number == 1 else many}"


def _listed(row: Array) -> str:
    return ", ".join(f"{value:g}" for value in row)
