"""Grades under draws of the readings: the probability of each grade, and what cannot be told."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from kpilib.certainty import FIRM
from kpilib.doubt.draws import Draws, draws_of
from kpilib.errors import KpiError
from kpilib.grading import Grades, places_of, pools
from kpilib.scheme import Geometric, Quota
from kpilib.scoring import PLACES, points_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.int64]

DRAWS: Final = 2000  # a probability is then known to within 0.011 (one standard error)


@dataclass(frozen=True, eq=False)
class Doubt:
    """What the doubt of the readings leaves of a month's grades.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, most doubtful first: ``team``, ``score``, ``grade``, ``low`` and
        ``high`` (the middle 95% of the drawn scores), ``own`` (probability of the grade given),
        ``rival`` (the likeliest other grade; None where there is none) and ``rival_odds``,
        ``item`` (the indicator whose doubt moves the score most; None where nothing does).
    odds : DataFrame
        Index ``person``, one column per grade, best first: probability of each grade.
    crossings : DataFrame
        Index ``cut``, the two grades of a border: ``up`` and ``down``, people expected on the
        other side of the border if the month were drawn again, and ``expected``, both.
    items : DataFrame
        One row per ``role`` and ``indicator`` that somebody was scored by: ``kind`` (how it was
        drawn, see `kpilib.doubt.draws`; ``certain`` where nothing says how sure it is),
        ``drawn`` and ``certain``: readings.
    draws, seed : int
        As asked for.
    """

    table: pd.DataFrame
    odds: pd.DataFrame
    crossings: pd.DataFrame
    items: pd.DataFrame
    draws: int
    seed: int

    @property
    def expected(self) -> float:
        """People expected to get another grade if the month were drawn again."""
        return float((1 - self.table["own"]).sum())

    @property
    def untold(self) -> pd.DataFrame:
        """The people whose grade cannot be told from another one: less than 90% sure."""
        return self.table[self.table["own"] < FIRM]

    @property
    def confused(self) -> pd.Series:
        """How many of them by pair of grades, best first: ``A | B``."""
        order = list(self.odds.columns)
        held = self.untold[["grade", "rival"]].dropna()
        pairs = [sorted(pair, key=order.index) for pair in held.to_numpy().tolist()]
        counts = pd.Series([f"{a} | {b}" for a, b in pairs], dtype=object).value_counts()
        names = [f"{a} | {b}" for i, a in enumerate(order) for b in order[i + 1 :]]
        return counts.reindex([name for name in names if name in counts.index]).rename("n")


def doubt(grades: Grades, draws: int = DRAWS, seed: int = 20250501) -> Doubt:
    """Draw the month's readings many times over, and see which grades come out.

    Points, weights, bonus, targets and cuts stay as they are; only readings are drawn (see
    `kpilib.doubt.draws`). Judged items and others without an interval count as certain, so the
    doubt shown is the least there is.

    Parameters
    ----------
    grades : Grades
        A month, by bands or by quota; by quota everybody is ranked anew in each draw.
    draws : int
        At least 100.
    seed : int
        The same seed gives the same answer.

    Raises
    ------
    KpiError
        If there are too few draws.

    References
    ----------
    .. [1] Efron, B., Tibshirani, R. (1993), An Introduction to the Bootstrap, ch. 13: percentiles.
    """
    if draws < 100:
        raise KpiError("doubt, draws", f"{draws} are too few.", "ask for 100 or more.")
    grades = grades.as_computed
    known = grades.scores.known
    made = draws_of(grades.scores.readings)
    line = _Line(grades, made, known)
    scores = np.empty((draws, len(known)))
    noise, start = np.zeros(len(line.rows)), 0
    for block in made.blocks(draws, seed):
        scores[start : start + len(block)], square = line.scores(block)
        noise, start = noise + square, start + len(block)
    place = _places(grades, known, scores)
    return _told(grades, known, scores, place, (line.items(noise), made.kind), seed)


class _Line:
    """From drawn readings to drawn scores: what changes against the score that was given."""

    def __init__(self, grades: Grades, made: Draws, known: pd.Index) -> None:
        scores = grades.scores
        points = scores.points.reset_index(drop=True)
        seats = scores.role_totals.set_index(["person", "role"])
        points["applied"] = points["applied"].astype(float).fillna(0.0)
        used = (made.kind != "certain") & (points["applied"] > 0) & points["person"].isin(known)
        # Sorted by seat, so that sums over a seat's items are sums over neighbours.
        points = points[used].sort_values(["person", "role"], kind="stable")
        self.rows = points.index.to_numpy()
        self._points = points
        pairs = pd.MultiIndex.from_frame(points[["person", "role"]])
        new = ~pairs.duplicated()
        self._first = np.flatnonzero(new)
        mine = seats.loc[pairs[new]]
        self._share = mine["time_share"].to_numpy(dtype=float)
        self._total = mine["total"].to_numpy(dtype=float)
        self._person = known.get_indexer(pairs[new].get_level_values("person"))
        self._given = grades.table.loc[known, "score"].to_numpy(dtype=float)
        totals = scores.scheme.totals
        self._floor = totals.floor if isinstance(totals, Geometric) else None
        groups = points.reset_index(drop=True).groupby(["role", "indicator"], sort=False).indices
        rules = {(r.key, i.key): i for r in scores.scheme.roles for i in r.indicators}
        self._groups = [(rules[pair], columns) for pair, columns in groups.items()]

    def scores(self, block: Array) -> tuple[Array, Array]:
        """Return drawn scores (block, people), and each row's sum of squared moves."""
        change = np.zeros((len(block), len(self.rows)))
        for rule, columns in self._groups:
            change[:, columns] = points_of(rule, block[:, self.rows[columns]])
        given = self._points["points"].to_numpy(dtype=float)
        if self._floor is not None:
            change, given = (np.log(np.maximum(part, self._floor)) for part in (change, given))
        change = (change - given) * self._points["applied"].to_numpy()
        found = np.tile(self._given, (len(block), 1))
        if len(self._first):
            moved = np.add.reduceat(change, self._first, axis=1)
            if self._floor is not None:
                moved = self._total * np.expm1(moved)
            for seat, person in enumerate(self._person):  # somebody may have two
                found[:, person] += self._share[seat] * moved[:, seat]
        return found.round(PLACES), (change**2).sum(axis=0)

    def items(self, noise: Array) -> pd.Series:
        """Return by person the indicator whose draws moved the score most."""
        seat = np.repeat(self._share, np.diff(np.append(self._first, len(self.rows))))
        table = self._points[["person", "indicator"]].assign(moved=noise * seat**2)
        table = table[table["moved"] > 0].sort_values("moved", ascending=False, kind="stable")
        most = table.drop_duplicates("person")
        return pd.Series(most["indicator"].to_numpy(), index=most["person"], dtype=object)


def _places(grades: Grades, known: pd.Index, scores: Array) -> Places:
    """Return the place of each drawn score on the scale, 0 for the best grade."""
    grading = grades.scheme.grading
    if not isinstance(grading, Quota):
        return places_of(scores, grading)
    rank = {name: i for i, name in enumerate(grading.grades)}
    given = grades.table.loc[known, "grade"].map(rank).to_numpy(dtype=np.int64)
    people = grades.scores.table.loc[known]
    found = np.empty(scores.shape, dtype=np.int64)
    teams = pools(people["team"], grading.pool_below).to_numpy()
    for members in people.groupby(teams).indices.values():
        # As in grading: by score, then the total without bonus, then the id.
        ids, totals = people.index[members], people["total"].to_numpy(dtype=float)[members]
        order = members[np.lexsort((ids, -totals))]
        ranked = np.argsort(-scores[:, order], axis=1, kind="stable")
        levels = np.broadcast_to(np.sort(given[members]), ranked.shape)
        part = np.empty(ranked.shape, dtype=np.int64)
        np.put_along_axis(part, ranked, levels, axis=1)
        found[:, order] = part
    return found


def _told(
    grades: Grades,
    known: pd.Index,
    scores: Array,
    place: Places,
    made: tuple[pd.Series, NDArray[np.object_]],
    seed: int,
) -> Doubt:
    order = list(grades.order)
    rank = {name: i for i, name in enumerate(order)}
    given = grades.table.loc[known, "grade"].map(rank).to_numpy(dtype=np.int64)
    counts = np.stack([(place == i).sum(axis=0) for i in range(len(order))], axis=1)
    odds = pd.DataFrame(counts / len(place), index=known, columns=order)
    table = grades.table.loc[known, ["score", "grade"]].copy()
    table.insert(0, "team", grades.scores.table.loc[known, "team"])
    ends = np.quantile(scores, (0.025, 0.975), axis=0) if len(known) else np.zeros((2, 0))
    table["low"], table["high"] = ends
    others = odds.to_numpy(copy=True)
    here = np.arange(len(known))
    table["own"] = others[here, given]
    others[here, given] = -1.0
    rival = others.argmax(axis=1) if len(known) else here
    table["rival_odds"] = others[here, rival].clip(min=0)
    named = pd.Series([order[i] for i in rival], index=known, dtype=object)
    table["rival"] = named.where(table["rival_odds"] > 0, None)
    table["item"] = made[0].reindex(known).astype(object).where(lambda item: item.notna(), None)
    sorting = table["own"].sort_values(kind="stable").index
    columns = ["team", "score", "grade", "low", "high", "own", "rival", "rival_odds", "item"]
    return Doubt(
        table.loc[sorting, columns],
        odds.loc[sorting],
        _crossings(order, given, place),
        _items(grades, known, made[1]),
        len(place),
        seed,
    )


def _crossings(order: list[str], given: Places, place: Places) -> pd.DataFrame:
    rows = {}
    for i, (better, worse) in enumerate(pairwise(order)):
        above, drawn = given <= i, place <= i
        up, down = (drawn & ~above).sum() / len(place), (~drawn & above).sum() / len(place)
        rows[f"{better} | {worse}"] = {"up": up, "down": down, "expected": up + down}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cut")


def _items(grades: Grades, known: pd.Index, kind: NDArray[np.object_]) -> pd.DataFrame:
    """Count the readings of each item by how they were drawn."""
    points = grades.scores.points.assign(kind=kind)
    points = points[(points["applied"] > 0) & points["person"].isin(known)]
    rows = []
    for (role, key), part in points.groupby(["role", "indicator"], sort=False):
        drawn = part.loc[part["kind"] != "certain", "kind"]
        way = drawn.mode().iloc[0] if len(drawn) else "certain"
        rows.append((role, key, way, len(drawn), len(part) - len(drawn)))
    return pd.DataFrame(rows, columns=["role", "indicator", "kind", "drawn", "certain"])
