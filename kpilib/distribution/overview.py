"""A month's distribution at a glance: what its page says first, and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kpilib.distribution.cuts import EdgeCases, Near, edge_cases, near_cuts, ties
from kpilib.distribution.moves import History, Migration, history, migration
from kpilib.distribution.shares import GradeShares, grade_shares
from kpilib.outcomes import Outcomes
from kpilib.scheme import Bands

MARGIN = 2.0  # points: a score this near to another grade is worth a second look
CLOSE = 0.2  # share of grades within the margin from which on the page warns


@dataclass(frozen=True, eq=False)
class Overview:
    """One month's grades, counted and doubted.

    Attributes
    ----------
    outcomes : Outcomes
        The month.
    shares, teams, roles : GradeShares
        All people, by team, by role.
    near : Near
        People near another grade.
    tied : int
        People exactly on a cut, or parted from an equal by the tie-break.
    edges : EdgeCases or None
        The four edge policies; None by quota.
    moved : Migration or None
        Against the month before; None without one.
    months : History
        All months on disk up to this one.
    """

    outcomes: Outcomes
    shares: GradeShares
    teams: GradeShares
    roles: GradeShares
    near: Near
    tied: int
    edges: EdgeCases | None
    moved: Migration | None
    months: History

    @property
    def n(self) -> int:
        """Graded people."""
        return int(self.shares.n.sum())

    @property
    def most(self) -> dict[str, object]:
        """The most common grade (the better one of two) and how many have it."""
        counts = self.shares.counts.sum()
        return {"grade": str(counts.idxmax()), "most": int(counts.max()), "n": self.n}

    @property
    def numbers(self) -> dict[str, object]:
        """Figures of the verdict."""
        return {**self.most, "near": self.near.within(MARGIN), "margin": MARGIN}

    @property
    def tone(self) -> Literal["calm", "watch"]:
        """Whether the page opens with a warning: a fifth of the grades or more are close calls."""
        return "watch" if self.near.within(MARGIN) >= CLOSE * self.n else "calm"

    @property
    def moves(self) -> dict[str, int]:
        """People whose grade rose, fell and stayed since the month before."""
        assert self.moved is not None  # the page asks only where there is a month before
        return {"up": self.moved.up, "down": self.moved.down, "same": self.moved.same}

    @property
    def middle(self) -> dict[str, float]:
        """Quartiles of the scores, in points."""
        scores = self.outcomes.grades.table["score"].dropna().astype(float)
        low, median, high = np.quantile(scores, (0.25, 0.5, 0.75))
        return {"low": float(low), "median": float(median), "high": float(high)}

    @property
    def span(self) -> dict[str, object]:
        """First and last month, and the share of the scale's better half in each."""
        counts = self.months.counts
        best = list(counts.columns)[: len(counts.columns) // 2]
        share = counts[best].sum(axis=1) / counts.sum(axis=1)
        return {
            "best": best,
            "first": str(counts.index[0]),
            "before": float(share.iloc[0]),
            "last": str(counts.index[-1]),
            "after": float(share.iloc[-1]),
        }

    @property
    def cuts(self) -> dict[str, float]:
        """Where each grade begins, best first; none by quota."""
        grading = self.outcomes.scheme.grading
        if not isinstance(grading, Bands):
            return {}
        return dict(zip(grading.grades, grading.cuts, strict=False))


def overview(outcomes: Outcomes, wished: Mapping[str, float] | None = None) -> Overview:
    """Look over the distribution of a month's grades.

    Parameters
    ----------
    outcomes : Outcomes
        The month, with the months before.
    wished : mapping of grade to share, optional
        A guideline.
    """
    grades, before = outcomes.grades, outcomes.before
    fixed = isinstance(outcomes.scheme.grading, Bands)
    return Overview(
        outcomes,
        grade_shares(grades, wished=wished),
        grade_shares(grades, "team", wished),
        grade_shares(grades, "role"),
        near_cuts(grades),
        len(ties(grades)),
        edge_cases(grades) if fixed else None,
        migration(before[-1], grades) if before else None,
        history({held.month: held for held in (*before, grades)}),
    )
