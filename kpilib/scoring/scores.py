"""Points, totals and scores of one month, and how analyses see them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.scheme import Bands, Geometric, Scheme
from kpilib.scoring.totals import effective_cuts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kpilib.readings import Readings


@dataclass(frozen=True, eq=False)
class Seats:
    """People in roles as rows of arrays, whatever the role: for analyses of a whole company.

    Attributes
    ----------
    person, role : array, shape (n_seats,)
        Whose seat it is.
    share : array, shape (n_seats,)
        The role's share of the person's time.
    points, weights : array, shape (n_seats, most indicators of a role)
        In the order of the role's indicators; NaN where an item does not apply, or the role has
        no more, whose weight is 0.
    cuts : array, shape (n_seats, n_cuts)
        What the role's total must pass, lowest first; no columns for a quota.
    """

    person: NDArray[np.object_]
    role: NDArray[np.object_]
    share: NDArray[np.float64]
    points: NDArray[np.float64]
    weights: NDArray[np.float64]
    cuts: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scores:
    """Points, totals and scores of one month, with the readings that they come from.

    Attributes
    ----------
    points : DataFrame
        One row per person, role and indicator: ``value``, ``status``, ``target``, ``points``
        (0 to cap), ``weight`` (of the scheme), ``applied`` (renormalised over what applies;
        NaN where the item does not) and ``contribution`` (points x applied; NaN where totals
        are geometric, for a product has no parts that add up).
    role_totals : DataFrame
        One row per person and role: ``total``, ``status`` and ``time_share`` (over the roles
        that have a score; sums to 1 per person, NaN for a role without one).
    table : DataFrame
        Index ``person``: ``name``, ``team``, ``roles``, ``base_pay``, ``total`` (of the KPIs),
        ``bonus``, ``score`` (total + bonus) and ``status``: ``ok``, ``unknown`` (a reading is
        not known, so the total is not) or ``no_score`` (nothing that the scheme scores).
    readings : Readings
        What was scored, and the scheme.
    """

    points: pd.DataFrame
    role_totals: pd.DataFrame
    table: pd.DataFrame
    readings: Readings

    @property
    def scheme(self) -> Scheme:
        """Scheme whose rules made the points."""
        return self.readings.scheme

    @cached_property
    def known(self) -> pd.Index:
        """People with a known score."""
        known: pd.Index = self.table.index[self.table["status"].to_numpy(dtype=object) == "ok"]
        return known

    def matrix(self, role: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        """Return a role as analyses want it: points, weights, and cuts on the role's total.

        Returns
        -------
        points : DataFrame, shape (n_people, n_indicators)
            People of the role with a known score; NaN where an item does not apply.
        weights : Series
            The scheme's weights of the role, by indicator.
        cuts : DataFrame, shape (n_people, n_cuts)
            Lowest first: what the role's total must pass for the person to pass each cut,
            once the bonus and the person's other roles are counted. No columns for a quota.

        Raises
        ------
        KpiError
            If totals are geometric: then they are no sums of points by weight.
        """
        if isinstance(self.scheme.totals, Geometric):
            raise KpiError(
                f"scheme {self.scheme.name!r}, totals",
                "are geometric, so they are no sums of points by weight, as is asked for here.",
                "compare the scheme as a variant, or take one whose totals are arithmetic.",
            )
        return self._table_of(role)

    def linear(self, role: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        """Return a role on the scale on which its totals are sums by weight.

        That is :meth:`matrix`, or, where totals are geometric, the logs of points and cuts. What
        is said of weights alone (tolerance, transfer, odds) is the same on both scales; what is
        said in points needs :meth:`in_points`.
        """
        points, weights, cuts = self._table_of(role)
        if not isinstance(self.scheme.totals, Geometric):
            return points, weights, cuts
        logs, scale = self.on_line(points.to_numpy(dtype=float), cuts.to_numpy(dtype=float))
        return (
            pd.DataFrame(logs, points.index, points.columns),
            weights,
            pd.DataFrame(scale, cuts.index, cuts.columns),
        )

    def on_line(
        self, points: NDArray[np.float64], needed: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return points and cuts on the scale on which totals are sums by weight."""
        totals = self.scheme.totals
        if not isinstance(totals, Geometric):
            return points, needed
        # No total is below the floor, so a cut under it is passed by any weights.
        under = math.log(totals.floor) - 1 - np.arange(needed.shape[1])[::-1]
        over = np.log(np.maximum(needed, totals.floor))
        scale = np.where(needed >= totals.floor, over, under)
        return np.log(points.clip(min=totals.floor)), scale

    def in_points(self, totals: pd.Series) -> pd.Series:
        """Return totals of :meth:`linear` in points."""
        return totals.map(math.exp) if isinstance(self.scheme.totals, Geometric) else totals

    def _table_of(self, role: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        weights = pd.Series(self.scheme.role(role).weights, dtype=float)
        seats = self.seats
        rows = np.flatnonzero(seats.role == role)
        people = pd.Index(seats.person[rows], name="person")
        points = seats.points[rows, : len(weights)]
        return (
            pd.DataFrame(points, people, weights.index.rename("indicator")),
            weights,
            pd.DataFrame(seats.cuts[rows], people),
        )

    @cached_property
    def seats(self) -> Seats:
        """People in their roles, those with a known score, one below the other."""
        held = self.role_totals
        row = self.table.index.get_indexer(pd.Index(held["person"]))
        status = self.table["status"].to_numpy(dtype=object)[row]
        ok = (status == "ok") & (row >= 0) & (held["status"].to_numpy(dtype=object) == "ok")
        person, role = (held[name].to_numpy(dtype=object)[ok] for name in ("person", "role"))
        share, total = (held[name].to_numpy(dtype=float)[ok] for name in ("time_share", "total"))
        score = self.table["score" if self._bonus_grades else "total"].to_numpy(dtype=float)
        rest = score[row[ok]] - share * total
        grading = self.scheme.grading
        cuts = effective_cuts(grading)[::-1] if isinstance(grading, Bands) else ()
        needed = [(cut - rest) / share for cut in cuts]
        empty = np.empty((len(person), 0))
        return Seats(
            person,
            role,
            share,
            *self._items(list(zip(person, role, strict=True))),
            np.column_stack(needed) if needed else empty,
        )

    def _items(
        self, seats: list[tuple[str, str]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return points and weights of seats, a row each, in the order of their role's items."""
        held = {role.key: role.weights for role in self.scheme.roles}
        most = max(map(len, held.values()), default=0)
        column = {(r, key): i for r, items in held.items() for i, key in enumerate(items)}
        padded = {r: [*items.values(), *[0.0] * (most - len(items))] for r, items in held.items()}
        by = np.array([padded[role] for _, role in seats], dtype=float).reshape(len(seats), most)
        row = {seat: i for i, seat in enumerate(seats)}
        person, role, key = (self.points[n].tolist() for n in ("person", "role", "indicator"))
        places = [row.get(seat, -1) for seat in zip(person, role, strict=True)]
        columns = [column[item] for item in zip(role, key, strict=True)]
        points = np.full((len(seats) + 1, most), np.nan)  # the last takes what is of no seat here
        points[places, columns] = self.points["points"].to_numpy(dtype=float)
        return points[:-1], by

    @property
    def _bonus_grades(self) -> bool:
        return self.scheme.bonus is not None and "grade" in self.scheme.bonus.counts_for
