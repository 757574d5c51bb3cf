"""Totals become grades: by fixed bands, or by quota (forced distribution)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib.scheme import Bands, Quota, Rounding, Scheme
from kpilib.scoring import Scores, effective_cuts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: The columns of a decision on a grade: from, to, by whom, why, when, and where it is written.
NO_CALIBRATIONS = pd.DataFrame(
    columns=["grade_from", "grade_to", "decided_by", "reason", "decided", "file", "row"],
    index=pd.Index([], name="person"),
)


@dataclass(frozen=True, eq=False)
class Grades:
    """The grade of each person, and how far it is from the next.

    Attributes
    ----------
    table : DataFrame
        Index ``person``: ``score`` (what was graded), ``grade`` (None without a known score),
        ``computed`` (what the scheme makes of the score; the same unless it was calibrated),
        ``lower`` and ``upper`` (where the grade begins and ends; NaN where it is open or by
        quota), ``gap`` (signed distance in points to the nearest cut), ``status``, and
        ``tied`` (by quota: an equal score got another grade by the declared tie-break).
    scores : Scores
        What was graded.
    scheme : Scheme
        Scheme whose grading was used.
    carried : mapping of str to tuple of float
        By quota: for each pool, what each grade is owed of people after this period (sums to 0).
    calibrations : DataFrame
        Index ``person``, the columns of :data:`NO_CALIBRATIONS`: what people decided; see
        :func:`kpilib.calibrations.calibrated`.
    """

    table: pd.DataFrame
    scores: Scores
    scheme: Scheme
    carried: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    calibrations: pd.DataFrame = field(default_factory=lambda: NO_CALIBRATIONS)

    @property
    def order(self) -> tuple[str, ...]:
        """Grades of the scheme, best first."""
        return self.scheme.grading.grades

    @property
    def as_computed(self) -> Grades:
        """The grades that the scheme makes of the scores, whatever was decided since."""
        if self.calibrations.empty:
            return self
        table = self.table.assign(grade=self.table["computed"])
        return replace(self, table=table, calibrations=NO_CALIBRATIONS)

    @property
    def month(self) -> str:
        """Month that was appraised, ``YYYY-MM``."""
        return self.scores.readings.month.month


def grade(scores: Scores, scheme: Scheme | None = None, before: Grades | None = None) -> Grades:
    """Grade each person's score; an unknown score gets no grade, never one by default.

    Parameters
    ----------
    scores : Scores
        Scores of a whole company (a quota pools small teams).
    scheme : Scheme, optional
        Scheme whose grading counts; that of the scores by default.
    before : Grades, optional
        The period before, whose fractions a quota with ``carry_over`` takes on.
    """
    scheme = scheme or scores.scheme
    people = scores.table
    counts = scheme.bonus is not None and "grade" in scheme.bonus.counts_for
    graded = people["score"] if counts else people["total"]
    known = (people["status"] == "ok").to_numpy(dtype=bool)
    grading, carried = scheme.grading, dict(before.carried) if before is not None else {}
    if isinstance(grading, Bands):
        given = _by_bands(graded.to_numpy(dtype=float)[known], grading)
    else:
        given = _by_quota(people.loc[known].assign(score=graded[known]), grading, carried)
    none = {"grade": None, "lower": np.nan, "upper": np.nan, "gap": np.nan, "tied": False}
    found = {name: np.full(len(people), value) for name, value in none.items()}
    for name, values in given.items():
        found[name][known] = values
    grades = pd.Series(found["grade"], people.index, dtype=object)
    table = pd.DataFrame(
        {
            "score": graded,
            "grade": grades,
            "computed": grades,
            **{name: found[name] for name in ("lower", "upper", "gap")},
            "status": people["status"],
            "tied": found["tied"],
        }
    )
    return Grades(table, scores, scheme, carried)


def band_of(scores: Sequence[float] | pd.Series, grading: Bands) -> list[str]:
    """Return the grade of each known score under the bands' edge policy."""
    names = grading.grades
    return [names[place] for place in places_of(scores, grading).tolist()]


def places_of(scores: ArrayLike, grading: Bands) -> NDArray[np.int64]:
    """Return the place of each known score on the scale, 0 for the best grade.

    Scores within 1e-9 of a cut are taken as on it: they were rounded to 6 places before.
    """
    values = np.asarray(scores, dtype=float)
    assert not np.isnan(values).any(), "an unknown score has no grade"
    place = np.zeros(values.shape, dtype=np.int64)
    for cut in effective_cuts(grading):
        if grading.edge == "upper_closed":
            place += ~(values > cut + 1e-9)
        else:
            place += ~(values >= cut - 1e-9)
    return place


def _by_bands(scores: NDArray[np.float64], grading: Bands) -> dict[str, NDArray[Any]]:
    cuts = np.array(effective_cuts(grading))
    place = places_of(scores, grading)
    away = scores[:, None] - cuts
    nearest = np.abs(away).argmin(axis=1)
    return {
        "grade": np.array(grading.grades, dtype=object)[place],
        "lower": np.append(cuts, np.nan)[place],
        "upper": np.append(np.nan, cuts)[place],
        "gap": away[np.arange(len(scores)), nearest],
    }


def apportion(
    n: int,
    shares: Sequence[float],
    rounding: Rounding = "largest_remainder",
    owed: Sequence[float] = (),
) -> list[int]:
    """Share ``n`` people out over grades, best first; the counts sum to n.

    Parameters
    ----------
    n : int
        People.
    shares : sequence of float
        Wished share of each grade; sum to 1.
    rounding : {"largest_remainder", "cumulative"}
        Hamilton's method, or each border between grades rounded by itself, from the top. Equal
        remainders and halves go to the middle of the scale, so that a tie makes neither a best
        nor a worst grade.
    owed : sequence of float, default none
        What earlier periods owe each grade; sums to 0.

    References
    ----------
    .. [1] Balinski & Young (2001), *Fair Representation*, 2nd ed., chapter 3.

    >>> apportion(7, [0.1, 0.3, 0.5, 0.1])
    [1, 2, 3, 1]
    >>> apportion(14, [0.1, 0.3, 0.5, 0.1]), apportion(14, [0.1, 0.3, 0.5, 0.1], "cumulative")
    ([2, 4, 7, 1], [1, 5, 7, 1])
    """
    exact = [
        n * share + more for share, more in zip(shares, owed or [0.0] * len(shares), strict=True)
    ]
    return _from_the_top(n, exact) if rounding == "cumulative" else _by_remainder(n, exact)


def _by_remainder(n: int, exact: list[float]) -> list[int]:
    counts = [max(0, math.floor(part + 1e-9)) for part in exact]
    middle = (len(exact) - 1) / 2

    def claim(i: int) -> tuple[float, float, int]:
        return -round(exact[i] - counts[i], 9), abs(i - middle), i

    while sum(counts) < n:
        counts[min(range(len(exact)), key=claim)] += 1
    while sum(counts) > n:  # only where a grade had more than its due before
        counts[max((i for i, held in enumerate(counts) if held), key=claim)] -= 1
    return counts


def _from_the_top(n: int, exact: list[float]) -> list[int]:
    borders, above = [0], 0.0
    for i, part in enumerate(exact[:-1]):
        above += part
        upper = i <= (len(exact) - 2) / 2
        near = math.ceil(above - 0.5 - 1e-9) if upper else math.floor(above + 0.5 + 1e-9)
        borders.append(min(max(near, borders[-1]), n))
    return [int(count) for count in np.diff([*borders, n])]


def pools(teams: pd.Series, smallest: int) -> pd.Series:
    """Say in which pool each person is ranked: the team, or one pool of all small teams.

    Where that pool is itself too small, it joins the largest team.
    """
    size = teams.map(teams.value_counts())
    pool = teams.where(size >= smallest, "+")
    small = int((pool == "+").sum())
    if 0 < small < smallest and (pool != "+").any():
        pool = pool.replace("+", pool[pool != "+"].mode().iloc[0])
    return pool


def _by_quota(
    people: pd.DataFrame, grading: Quota, carried: dict[str, tuple[float, ...]]
) -> dict[str, NDArray[Any]]:
    """Rank each pool by score, then total without bonus, then id, and share the grades out.

    What is owed to each grade of a pool afterwards is put into ``carried``.
    """
    shares = [level.share for level in grading.levels]
    level = np.zeros(len(people), dtype=np.intp)
    tied = np.zeros(len(people), dtype=bool)
    order = people[["score", "total"]].assign(id=people.index, row=np.arange(len(people)))
    order = order.sort_values(["score", "total", "id"], ascending=[False, False, True])
    for pool, members in order.groupby(pools(people["team"], grading.pool_below).loc[order.index]):
        owed = carried.get(str(pool), ()) if grading.carry_over else ()
        counts = apportion(len(members), shares, grading.rounding, owed)
        place = pd.Series(np.repeat(np.arange(len(counts)), counts), members.index)
        alike = place.groupby(members["score"])
        best, worst = alike.transform("min"), alike.transform("max")
        if grading.ties != "parted":
            place = best = worst = best if grading.ties == "better" else worst
        if grading.carry_over:
            got = np.bincount(place, minlength=len(shares))
            due = len(members) * np.array(shares) + (owed or 0.0)
            carried[str(pool)] = tuple((due - got).round(9).tolist())
        level[members["row"]] = place
        tied[members["row"]] = best != worst
    return {"grade": np.array(grading.grades, dtype=object)[level], "tied": tied}
