"""Objectives beside grades: OKR completion has weight 0, and what it would do with one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import band_of
from kpilib.intervals import Z
from kpilib.scheme import Bands
from kpilib.scoring import PLACES, weighted_total

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes

SHARES = (0.10, 0.20)
LEAST = 10  # people that a rank correlation needs to say anything


@dataclass(frozen=True, eq=False)
class OkrBesideKpi:
    """Objectives of a month beside its grades.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, in the order of the month: ``objectives`` (number), ``completion``
        (their mean, 0 to 1 and more), ``contribution`` (tuple of notes), ``score``, ``grade``.
        Only people with an objective.
    n : int
        People with a completion and a score.
    rank_correlation, low, high : float
        Spearman's, with a 95% interval; NaN below 10 people or where all stand alike.
    changes : DataFrame
        One row per ``share`` that completion would have and ``person`` whose grade it would
        change: ``grade``, ``grade_with``. Empty for grades by quota, which depend on everybody.
    counts : DataFrame
        Index ``share``: ``up``, ``down`` and ``n`` (people with a completion and a score).
    """

    table: pd.DataFrame
    n: int
    rank_correlation: float
    low: float
    high: float
    changes: pd.DataFrame
    counts: pd.DataFrame


def beside(outcomes: Outcomes, okr: pd.DataFrame, shares: Sequence[float] = SHARES) -> OkrBesideKpi:
    """Set objectives beside the grades of a month; no grade and no pay changes by it.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    okr : DataFrame
        One row per objective: ``person``, ``objective``, ``completion`` (a fraction; NaN where
        nobody has said), ``contribution`` (a note, or None).
    shares : sequence of float
        Shares of the total that completion is tried with, 0 to 1; 100% complete is 100 points.

    Returns
    -------
    OkrBesideKpi

    Raises
    ------
    KpiError
        If an objective names a person whom the month does not know, or a share is none.

    References
    ----------
    .. [1] C. Spearman (1904), The proof and measurement of association between two things,
       American Journal of Psychology 15, 72-101.
    .. [2] D. G. Bonett, T. A. Wright (2000), Sample size requirements for estimating Pearson,
       Kendall and Spearman correlations, Psychometrika 65, 23-28: the interval, by Fisher's z
       with variance (1 + r^2 / 2) / (n - 3).
    """
    strange = sorted(set(okr["person"]) - set(outcomes.table.index))
    if strange:
        raise KpiError(
            "okr.csv, person",
            f"nobody of the month is {', '.join(strange[:5])}.",
            "take ids of people.csv who were there in the month.",
        )
    wrong = [share for share in shares if not 0 <= share <= 1]
    if wrong:
        raise KpiError("shares", f"{wrong[0]:g} is no share.", "give shares from 0 to 1.")
    table = _by_person(okr).join(outcomes.table[["score", "grade", "total", "bonus"]])
    table = table.loc[[person for person in outcomes.table.index if person in table.index]]
    known = table.dropna(subset=["completion", "score"])
    correlation, low, high = _spearman(known)
    changes, counts = _tried(known, outcomes, shares)
    shown = ["objectives", "completion", "contribution", "score", "grade"]
    return OkrBesideKpi(table[shown], len(known), correlation, low, high, changes, counts)


def _by_person(okr: pd.DataFrame) -> pd.DataFrame:
    people = okr.groupby("person", sort=False)
    table = pd.DataFrame({"objectives": people.size(), "completion": people["completion"].mean()})
    table["contribution"] = pd.Series(
        {person: tuple(own["contribution"].dropna()) for person, own in people}, dtype=object
    )
    return table


def _spearman(known: pd.DataFrame) -> tuple[float, float, float]:
    n = len(known)
    ranks = known[["completion", "score"]].astype(float).rank()
    if n < LEAST or (ranks.nunique() < 2).any():
        return math.nan, math.nan, math.nan
    r = float(ranks["completion"].corr(ranks["score"]))
    if abs(r) >= 1:
        return r, r, r
    half = Z * math.sqrt((1 + r * r / 2) / (n - 3))
    return r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def _tried(
    known: pd.DataFrame, outcomes: Outcomes, shares: Sequence[float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Grade anew with completion as one more item of the total, at each share."""
    columns = ["share", "person", "grade", "grade_with"]
    grading = outcomes.scheme.grading
    if not isinstance(grading, Bands):
        return pd.DataFrame(columns=columns), pd.DataFrame(columns=["up", "down", "n"])
    place = {grade: number for number, grade in enumerate(grading.grades)}
    counted = outcomes.scheme.bonus is not None and "grade" in outcomes.scheme.bonus.counts_for
    bonus = known["bonus"].astype(float) if counted else 0.0
    points = pd.DataFrame(
        {"kpi": known["total"].astype(float), "okr": 100 * known["completion"].astype(float)}
    )
    now = pd.Series(band_of((points["kpi"] + bonus).round(PLACES), grading), known.index)
    rows, counts = [], {}
    for share in shares:
        total = weighted_total(points, pd.Series({"kpi": 1 - share, "okr": share}))
        graded = band_of((total + bonus).round(PLACES), grading)
        step = [place[a] - place[b] for a, b in zip(now, graded, strict=True)]
        counts[share] = {
            "up": sum(s > 0 for s in step),
            "down": sum(s < 0 for s in step),
            "n": len(known),
        }
        rows += [
            (share, person, before, after)
            for person, before, after in zip(known.index, now, graded, strict=True)
            if before != after
        ]
    table = pd.DataFrame.from_dict(counts, orient="index").rename_axis("share")
    return pd.DataFrame(rows, columns=columns), table
