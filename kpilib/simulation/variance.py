"""What the doubt about grades comes from: weights, cuts, cap, edge policy or method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

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
    read_concentration,
    read_cuts,
    read_edge,
    some,
)
from kpilib.simulation.indices import variance_indices
from kpilib.simulation.places import blocks
from kpilib.simulation.rankings import mean_shift, ranks_in_force
from kpilib.simulation.spreads import PayRule, passed, read_pay, tested_cuts
from kpilib.simulation.totals import AGGREGATIONS, Ids, distinct, product, read_values


def variance_shares(
    points: pd.DataFrame,
    weights: pd.Series[float],
    cuts: Cuts,
    *,
    pay: pd.DataFrame | pd.Series[float] | None = None,
    concentration: float | None = None,
    cut_shift: float = 0.0,
    caps: Sequence[float] = (),
    other_cuts: Sequence[Cuts] = (),
    aggregations: Sequence[str] = ("arithmetic",),
    floor: float | None = None,
    edge: str = "upper_closed",
    n: int = 1024,
    seed: int = 0,
) -> pd.DataFrame:
    """Return which assumptions the results hang on, as shares of their variance.

    Every assumption is drawn by itself: each weight (all of them then divided by their sum), a
    common shift of the cuts, the cap, the edge policy, the aggregation. The first-order share is
    what one assumption explains alone, the total share what it explains with all that it acts
    with. Estimators of Saltelli et al. [1]_ and Jansen [2]_ on scrambled Sobol points, outputs
    centred first, so that their level does not matter; bootstrap intervals of 95 %.

    Parameters
    ----------
    points, weights, cuts
        As in `kpilib.sensitivity.tolerance`; together with ``aggregations[0]`` and ``edge`` they
        are the scheme in force, with which every draw is compared.
    pay : DataFrame or Series, optional
        As in `payroll_spread`; without it there is no payroll among the outputs.
    concentration : float, optional
        None: all weights are equally likely. Else each weight is drawn from a gamma distribution
        with this many times the weight as its shape, which makes them Dirichlet around ``weights``.
    cut_shift : float
        The cuts move together by up to so many points, down or up; 0: they do not.
    caps : sequence of float
        Other caps, beside the points as they are: points above are cut to them.
    other_cuts : sequence of cuts
        Cuts as other edge policies would have them (rounding a total half up moves each cut by
        half a point), beside ``cuts``.
    aggregations : sequence of {"arithmetic", "geometric"}
        The first is in force. Geometric totals need points above 0.
    floor : float, optional
        Points below count as this in geometric totals; None: such points are an error.
    edge : {"upper_closed", "lower_closed"}
        As in `kpilib.sensitivity.grade_odds`.
    n : int
        Base draws, best a power of 2; the model is run ``n * (n_factors + 2)`` times.
    seed : int
        Fixes draws and resamples; 0 is a seed like any other.

    Returns
    -------
    DataFrame
        Rows (``output``, ``factor``): outputs ``grade_shift`` (share of people whose grade moves),
        ``rank_shift`` (mean absolute change of rank) and ``payroll``; factors the indicators, then
        ``cuts``, ``cap``, ``edge`` and ``aggregation`` where they vary. Columns ``first``,
        ``first_low``, ``first_high``, ``total``, ``total_low``, ``total_high``; NaN where an
        output never varies. ``attrs`` carries ``seed``, ``n``, ``runs``, and by output the
        ``mean`` and the ``standard_error`` of the mean.

    Raises
    ------
    KpiError
        If an alternative is no number or name, an indicator is named like another factor, or the
        points, weights, cuts and pay do not fit together.

    References
    ----------
    .. [1] A. Saltelli, P. Annoni, I. Azzini, F. Campolongo, M. Ratto, S. Tarantola (2010), Variance
       based sensitivity analysis of model output, Computer Physics Communications 181, 259-270,
       doi:10.1016/j.cpc.2009.09.018.
    .. [2] M. J. W. Jansen (1999), Analysis of variance designs for model output, Computer Physics
       Communications 117, 35-43, doi:10.1016/S0010-4655(98)00154-4.
    .. [3] M. Saisana, A. Saltelli, S. Tarantola (2005), Uncertainty and sensitivity analysis
       techniques as tools for the quality assessment of composite indicators, Journal of the Royal
       Statistical Society A 168, 307-323, doi:10.1111/j.1467-985X.2005.00350.x.
    """
    case = read_case(points, weights)
    every = [read_cuts(each, case.people) for each in (cuts, *other_cuts)]
    if len({limits.shape[1] for limits in every}) > 1:
        raise KpiError(
            "other_cuts",
            f"there are {', '.join(str(limits.shape[1]) for limits in every)} cuts.",
            "give each alternative as many cuts as there are in force.",
        )
    if not (math.isfinite(cut_shift) and cut_shift >= 0):
        raise KpiError(
            "cut_shift",
            f"{cut_shift:g} is no distance.",
            "give by how many points the cuts may move, 0 for not at all.",
        )
    policy = read_edge(edge)
    model = _Model(
        case,
        _shape(case, concentration),
        _methods(points, caps, aggregations, floor),
        [tested_cuts(case, limits, policy) for limits in every],
        policy,
        cut_shift,
        None if pay is None else read_pay(pay, case.people, every[0].shape[1]),
    )
    return variance_indices(model.run, model.factors, model.outputs, n, seed)


class _Method(NamedTuple):
    """Points of all people under one cap, as they are or as logarithms."""

    points: Array
    geometric: bool


class _Sizes(NamedTuple):
    """How many alternatives there are of each kind."""

    cap: int
    edge: int
    aggregation: int


@dataclass(eq=False)
class _Model:
    """Outputs for factors in [0, 1): the weights, then what varies of the rest."""

    case: Case
    shape: Array | None  # of the gamma distributions of the weights; None: exponential
    methods: list[list[_Method]]  # by cap, by aggregation
    cuts: list[Array]  # by edge policy
    edge: Edge
    cut_shift: float
    pay: PayRule | None
    member: Ids = field(init=False)
    first: Ids = field(init=False)  # a person for each distinct one
    heads: Ids = field(init=False)
    start: Array = field(init=False)
    now: list[Flags] = field(init=False)

    def __post_init__(self) -> None:
        """Compute what every draw is compared with: grades and ranks in force."""
        _, self.member = distinct(np.where(self.case.applies, self.case.points, np.nan))
        _, self.first, self.heads = np.unique(self.member, return_index=True, return_counts=True)
        values, weights = self.methods[0][0].points[self.first], self.case.weights
        self.start = ranks_in_force(values, self.heads, weights)
        none = np.zeros(1, dtype=np.int64)
        self.now = self._passed(self._totals(weights[np.newaxis], none, none), np.zeros(1), none)

    @property
    def sizes(self) -> _Sizes:
        """How many alternatives there are of each kind."""
        return _Sizes(len(self.methods), len(self.cuts), len(self.methods[0]))

    @property
    def factors(self) -> list[str]:
        """Names of what varies, in the order of the columns that `run` takes."""
        others = ["cuts"] if self.cut_shift else []
        others += [name for name, size in self.sizes._asdict().items() if size > 1]
        names = [str(key) for key in self.case.indicators]
        taken = [name for name in names if name in others]
        if taken:
            raise KpiError(
                "points, columns",
                f"{some(taken)} is also the name of another factor.",
                "give the indicator another name.",
            )
        return [*names, *others]

    @property
    def outputs(self) -> list[str]:
        """Names of the columns that `run` gives."""
        return ["grade_shift", "rank_shift", *([] if self.pay is None else ["payroll"])]

    def run(self, drawn: Array) -> Array:
        """Return the outputs of each row of factors, shape (n_rows, n_outputs)."""
        out = np.empty((len(drawn), len(self.outputs)))
        for rows in blocks(drawn, len(self.member)):
            out[rows] = self._block(drawn[rows])
        return out

    def _block(self, drawn: Array) -> Array:
        weights = _gamma_weights(drawn[:, : len(self.case.weights)], self.shape)
        rest = iter(drawn[:, len(self.case.weights) :].T)
        shift = self.cut_shift * (2 * next(rest) - 1) if self.cut_shift else np.zeros(len(drawn))
        chosen = np.zeros((len(drawn), len(self.sizes)), dtype=np.int64)
        for kind, size in enumerate(self.sizes):
            if size > 1:
                chosen[:, kind] = next(rest) * size
        cap, edge, aggregation = chosen.T
        total = self._totals(weights, cap, aggregation)
        above = self._passed(total, shift, edge)
        moved = above[0] != self.now[0]
        for other, now in zip(above[1:], self.now[1:], strict=True):
            moved |= other != now
        columns = [moved.mean(axis=1), mean_shift(total, self.heads, self.start)]
        if self.pay is not None:
            columns.append(self.pay.payroll(total[:, self.member], above))
        return np.column_stack(columns)

    def _totals(self, weights: Array, cap: Ids, aggregation: Ids) -> Array:
        """Return totals of the distinct people, shape (n_rows, n_distinct)."""
        total = np.empty((len(weights), len(self.first)))
        for place, alternatives in enumerate(self.methods):
            for other, method in enumerate(alternatives):
                rows = (cap == place) & (aggregation == other)
                if rows.any():
                    summed = product(method.points[self.first], weights[rows])
                    total[rows] = np.exp(summed, out=summed) if method.geometric else summed
        return total

    def _passed(self, total: Array, shift: Array, edge: Ids) -> list[Flags]:
        """Tell for each cut who has passed it; moving the cuts up is moving the totals down."""
        level = total - shift[:, np.newaxis]
        if len(self.first) < len(self.member):
            level = level[:, self.member]
        if len(self.cuts) == 1:
            return passed(level, self.cuts[0], self.edge)
        above = [np.empty(level.shape, dtype=np.bool_) for _ in self.cuts[0].T]
        for place, limits in enumerate(self.cuts):
            rows = edge == place
            for one, part in zip(above, passed(level[rows], limits, self.edge), strict=True):
                one[rows] = part
        return above


def _gamma_weights(drawn: Array, shape: Array | None) -> Array:
    """Turn one factor per weight into weights: gamma numbers of these shapes over their sum."""
    least = np.finfo(np.float64).tiny
    if shape is None:
        parts = np.maximum(-np.log1p(-drawn), least)
    else:
        from scipy.special import gammaincinv

        parts = np.zeros_like(drawn)
        held = shape > 0
        parts[:, held] = np.maximum(gammaincinv(shape[held], drawn[:, held]), least)
    return np.asarray(parts / parts.sum(axis=1, keepdims=True), dtype=np.float64)


def _shape(case: Case, concentration: float | None) -> Array | None:
    if concentration is None:
        return None
    return np.asarray(read_concentration(concentration) * case.weights, dtype=np.float64)


def _methods(
    points: pd.DataFrame, caps: Sequence[float], aggregations: Sequence[str], floor: float | None
) -> list[list[_Method]]:
    """Return points under each cap and aggregation, the ones in force first."""
    wrong = [cap for cap in caps if not math.isfinite(cap)]
    if wrong:
        raise KpiError("caps", f"{wrong[0]:g} is no cap.", "give finite points, for example 100.")
    if not aggregations:
        raise KpiError(
            "aggregations",
            "there is none.",
            f"name the one in force first, of {', '.join(AGGREGATIONS)}.",
        )
    capped = [points, *(points.clip(upper=cap) for cap in caps)]
    return [
        [_Method(_values(table, name, floor), name == "geometric") for name in aggregations]
        for table in capped
    ]


def _values(points: pd.DataFrame, aggregation: str, floor: float | None) -> Array:
    floored = points if aggregation == "arithmetic" or floor is None else points.clip(lower=floor)
    return read_values(floored, aggregation)
