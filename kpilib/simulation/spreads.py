"""What uncertain weights do to grades and to the payroll."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.sensitivity.inputs import (
    Array,
    Case,
    Cuts,
    Edge,
    Flags,
    read_case,
    read_cuts,
    read_edge,
    touch,
)
from kpilib.simulation.places import block_totals
from kpilib.simulation.stated import per_draw
from kpilib.simulation.totals import Draws, check_totals, distinct_people, product, read_draws


def grade_shift(
    points: pd.DataFrame,
    weights: pd.Series[float],
    cuts: Cuts,
    draws: Draws,
    *,
    edge: str = "upper_closed",
) -> pd.Series[float]:
    """Return the share of people whose grade is another than in force, for each draw.

    Parameters
    ----------
    points, weights, draws
        As in `rank_shift`.
    cuts, edge
        As in `kpilib.sensitivity.grade_odds`.

    Returns
    -------
    Series, shape (n_draws,)
        0 to 1; ``attrs`` as in `rank_shift`.

    Raises
    ------
    KpiError
        If draws, points, weights and cuts do not fit together.
    """
    case = read_case(points, weights)
    policy = read_edge(edge)
    limits = tested_cuts(case, read_cuts(cuts, case.people), policy)
    values, member, _ = distinct_people(points, "arithmetic")
    table = read_draws(draws, points.columns)
    now = passed(product(values, case.weights[np.newaxis])[:, member], limits, policy)
    moved = np.empty(len(table))
    for rows, total in block_totals(values, table):
        check_totals(total, points.index, member)
        other = np.zeros((len(total), len(member)), dtype=np.bool_)
        for above, before in zip(passed(total[:, member], limits, policy), now, strict=True):
            other |= above != before
        moved[rows] = other.mean(axis=1)
    return per_draw(moved, "grade_shift", draws)


def payroll_spread(
    points: pd.DataFrame,
    weights: pd.Series[float],
    cuts: Cuts,
    pay: pd.DataFrame | pd.Series[float],
    draws: Draws,
    *,
    edge: str = "upper_closed",
) -> pd.Series[float]:
    """Return the payroll under each draw of weights.

    Parameters
    ----------
    points, weights, cuts, draws, edge
        As in `grade_shift`.
    pay : DataFrame, shape (n_people, n_cuts + 1), or Series
        What each person is paid in each band, the lowest band first; or, where pay goes with the
        total and not with the grade, what each is paid for one point. In yuan, or any money.

    Returns
    -------
    Series, shape (n_draws,)
        Sum over people. ``attrs`` as in `rank_shift`, and ``in_force``: the payroll under the
        weights in force.

    Raises
    ------
    KpiError
        If pay has not one number per person (and band), or the others do not fit together.
    """
    case = read_case(points, weights)
    policy = read_edge(edge)
    limits = read_cuts(cuts, case.people)
    rule = read_pay(pay, case.people, limits.shape[1])
    tested = tested_cuts(case, limits, policy)
    values, member, _ = distinct_people(points, "arithmetic")
    table = read_draws(draws, points.columns)

    def payroll(total: Array) -> Array:
        each = total[:, member]
        return rule.payroll(each, passed(each, tested, policy))

    spread = np.empty(len(table))
    for rows, total in block_totals(values, table):
        check_totals(total, points.index, member)
        spread[rows] = payroll(total)
    result = per_draw(spread, "payroll", draws)
    result.attrs["in_force"] = float(payroll(product(values, case.weights[np.newaxis]))[0])
    return result


class PayRule(NamedTuple):
    """What people are paid: in the lowest band together, per cut passed, and per point."""

    base: float
    steps: Array  # (n_cuts, n_people)
    rate: Array  # (n_people,)

    def payroll(self, totals: Array, above: list[Flags]) -> Array:
        """Return the payroll of each draw, from everybody's totals and the cuts they passed."""
        paid: Array = self.base + totals @ self.rate
        for passed_now, step in zip(above, self.steps, strict=True):
            paid = paid + passed_now @ step
        return paid


def read_pay(pay: pd.DataFrame | pd.Series[float], people: pd.Index[Any], cuts: int) -> PayRule:
    """Return pay per band or per point as one rule, after checking that everybody has some."""
    by_point = isinstance(pay, pd.Series)
    table = pay.to_frame() if isinstance(pay, pd.Series) else pay
    absent = people.difference(table.index, sort=False)
    bands = 1 if by_point else cuts + 1
    if len(absent) or not table.index.is_unique or table.shape[1] != bands:
        raise KpiError(
            "pay",
            f"it has {table.shape[0]} rows and {table.shape[1]} columns, for {len(people)} people "
            f"and {cuts + 1} bands.",
            "give one row per person and one column per band, the lowest band first; or a Series "
            "of what each is paid for one point.",
        )
    paid = table.reindex(people).to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(paid).all():
        raise KpiError("pay", "not all are finite numbers.", "give what each person is paid.")
    if by_point:
        return PayRule(0.0, np.zeros((cuts, len(people))), paid[:, 0])
    return PayRule(float(paid[:, 0].sum()), np.diff(paid, axis=1).T, np.zeros(len(people)))


def tested_cuts(case: Case, limits: Array, edge: Edge) -> Array:
    """Move cuts by what rounding may leave, so that a total on a cut falls to its policy's side."""
    moved = np.empty_like(limits)
    for cut in range(limits.shape[1]):
        slack = touch(case, limits[:, cut])
        moved[:, cut] = limits[:, cut] + (slack if edge == "upper_closed" else -slack)
    return moved


def passed(total: Array, limits: Array, edge: Edge) -> list[Flags]:
    """Tell for each cut which totals have passed it, each of shape (n_draws, n_people)."""
    if edge == "upper_closed":
        return [total > limit for limit in limits.T]
    return [total >= limit for limit in limits.T]
