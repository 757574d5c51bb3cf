"""Totals of people under many weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import Array, count, read_points, some

Draws = pd.DataFrame | npt.NDArray[Any]
Ids = npt.NDArray[np.int64]

AGGREGATIONS = ("arithmetic", "geometric")
SMALL = 1 << 18  # multiplications; OpenBLAS does so many in the thread that asks
SUM_SLACK = 1e-6  # stored draws may have been written with few decimals


def draw_totals(
    points: pd.DataFrame, draws: Draws, *, aggregation: str = "arithmetic"
) -> pd.DataFrame:
    """Return each person's total under each draw of weights.

    A matrix product over people that differ, so equal people get equal totals to the last bit. An
    item that does not apply gives its weight to the person's others. Geometric totals are the
    same product on the logarithms of the points.

    Parameters
    ----------
    points : DataFrame, shape (n_people, n_indicators)
        As in `kpilib.sensitivity.tolerance`; above 0 for geometric totals.
    draws : DataFrame or array, shape (n_draws, n_indicators)
        Weights, at least 0, rows sum to 1: of `weight_draws`, stored, or typed. A DataFrame is
        matched by its columns, an array by its order.
    aggregation : {"arithmetic", "geometric"}
        Weighted mean, or the product of the points to the power of their weights.

    Returns
    -------
    DataFrame, shape (n_draws, n_people)
        Not rounded. ``attrs`` carries ``n`` and the ``seed`` of draws that have one.

    Raises
    ------
    KpiError
        If draws and points do not fit, or a person has no weighted item in some draw.
    """
    values = read_values(points, aggregation)
    table = read_draws(draws, points.columns)
    unique, member = distinct(values)
    total = product(unique, table)
    check_totals(total, points.index, member)
    if aggregation == "geometric":
        total = np.exp(total)
    found = pd.DataFrame(
        total[:, member], index=pd.RangeIndex(len(table), name="draw"), columns=points.index
    )
    if isinstance(draws, pd.DataFrame):
        found.attrs = {"seed": draws.attrs.get("seed"), "n": len(table)}
    return found


def read_values(points: pd.DataFrame, aggregation: str) -> Array:
    """Return points, or their logarithms, after checking them; NaN where not applicable."""
    if aggregation not in AGGREGATIONS:
        raise KpiError(
            "aggregation",
            f"there is no aggregation {aggregation!r}.",
            f"choose one of {', '.join(AGGREGATIONS)}.",
        )
    values = read_points(points)
    if aggregation == "arithmetic":
        return values
    low = np.any(values <= 0, axis=1)
    if low.any():
        raise KpiError(
            "points",
            f"{count(low.sum(), 'person has', 'people have')} points of 0 or less, which a "
            f"geometric total cannot take: {some(points.index[low])}.",
            "floor the points above 0 first, and say so on the page.",
        )
    return np.asarray(np.log(values), dtype=np.float64)


def read_draws(draws: Draws, indicators: pd.Index[Any]) -> Array:
    """Return draws in the order of the indicators, after checking names, signs and sums."""
    if isinstance(draws, pd.DataFrame):
        absent = indicators.difference(draws.columns, sort=False)
        strange = draws.columns.difference(indicators, sort=False)
        if len(absent) or len(strange) or not draws.columns.is_unique:
            raise KpiError(
                "draws",
                f"columns {some(draws.columns)} are not the indicators "
                f"{some(indicators, len(indicators))}.",
                "give one column of weights per indicator, under the same name.",
            )
        draws = draws[indicators].to_numpy()
    table = np.ascontiguousarray(draws, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(indicators) or not len(table):
        raise KpiError(
            "draws",
            f"their shape is {table.shape}, for {len(indicators)} indicators.",
            "give one row per draw and one column per indicator.",
        )
    wrong = ~(table >= 0).all(axis=1) | ~(np.abs(table.sum(axis=1) - 1) <= SUM_SLACK)
    if wrong.any():
        raise KpiError(
            "draws",
            f"{count(wrong.sum(), 'row is', 'rows are')} not weights of at least 0 with sum 1, "
            f"first row {int(np.argmax(wrong))}.",
            "divide each row by its sum, and leave out rows with numbers below 0.",
        )
    return table


def distinct(values: Array) -> tuple[Array, Ids]:
    """Return the people that differ, and for each person which of them it is."""
    marked = np.where(np.isnan(values), np.inf, values)  # np.unique finds no two NaN equal
    unique, member = np.unique(marked, axis=0, return_inverse=True)
    unique = np.where(np.isinf(unique), np.nan, unique)
    return np.asarray(unique, dtype=np.float64), np.asarray(member, dtype=np.int64).ravel()


def distinct_people(points: pd.DataFrame, aggregation: str) -> tuple[Array, Ids, Ids]:
    """Return the people that differ, which of them each person is, and how many each stands for."""
    values, member = distinct(read_values(points, aggregation))
    return values, member, np.bincount(member, minlength=len(values))


def product(values: Array, draws: Array) -> Array:
    """Return weighted means, shape (n_draws, n_people); NaN where no weighted item applies."""
    applies = ~np.isnan(values)
    if applies.all():
        return _multiplied(draws, values)
    mass = _multiplied(draws, applies.astype(np.float64))
    summed = _multiplied(draws, np.where(applies, values, 0.0))
    total: Array = np.divide(summed, mass, out=np.full(summed.shape, np.nan), where=mass > 0)
    return total


def _multiplied(draws: Array, values: Array) -> Array:
    """Return ``draws @ values.T``, a few rows at a time.

    Larger products are shared out among threads, which depend on the machine for the last bit and
    on each other for time, when two pages are made at once.
    """
    turned = np.ascontiguousarray(values.T)
    total = np.empty((len(draws), len(values)))
    rows = max(1, SMALL // values.size)
    for start in range(0, len(draws), rows):
        np.matmul(draws[start : start + rows], turned, out=total[start : start + rows])
    return total


def check_totals(total: Array, people: pd.Index[Any], member: Ids) -> None:
    """Refuse draws under which somebody has no total."""
    none = np.isnan(total)
    if none.any():
        idle = np.asarray(none.any(axis=0))[member]
        raise KpiError(
            "draws",
            f"{count(idle.sum(), 'person has', 'people have')} no weighted item in some draw, "
            f"so no total: {some(people[idle])}.",
            "leave these people out, or draw weights above 0 for an item that applies to them.",
        )
