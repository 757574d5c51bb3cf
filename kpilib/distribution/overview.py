"""A month's distribution at a glance: what its page says first, and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from kpilib.certainty import certainty
from kpilib.distribution.between import Differences, differences
from kpilib.distribution.checks import Check, checks
from kpilib.distribution.cuts import EdgeCases, Near, edge_cases, near_cuts, ties
from kpilib.distribution.extremes import concentration, ends
from kpilib.distribution.forced import KNOWN, Forced, forced, half_year, owed, rules_beside
from kpilib.distribution.moves import History, Migration, history, migration
from kpilib.distribution.shares import GradeShares, grade_shares, surplus
from kpilib.doubt import Doubt, Noises, both_noises, doubt
from kpilib.outcomes import Outcomes
from kpilib.scheme import Bands

MARGIN = 2.0  # points: a score this near to another grade is worth a second look
SEED = 20250501


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
    differences : Differences
        Scores of teams compared.
    concentration, ends : DataFrame
        Lowest grades by role, and items at the ends of their points.
    doubt : Doubt
        Grades under draws of the readings.
    noises : Noises or None
        Readings and weights on one map; None by quota.
    quota, half : Forced or None
        The month, and the mean of the last six months, by cuts and by quota; None without a
        scheme for it, ``half`` also with fewer than three months.
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
    differences: Differences
    concentration: pd.DataFrame
    ends: pd.DataFrame
    doubt: Doubt
    noises: Noises | None
    quota: Forced | None
    half: Forced | None

    margin = MARGIN

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What was checked, and what was found."""
        return checks(self)

    @property
    def looks(self) -> list[Check]:
        """The checks that raise a question."""
        return [check for check in self.checks if check.look]

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
    def tone(self) -> Literal["calm", "watch"]:
        """Whether the page opens with a warning: a check raises a question, or nobody is graded."""
        return "watch" if self.looks or not self.n else "calm"

    @property
    def explained(self) -> dict[str, object] | None:
        """The grade furthest from the guideline, and the team that explains most of it.

        None without a guideline, with one team, or where no grade is outside its interval.
        """
        table = self.shares.table
        if "wished" not in table or len(self.teams.n) < 2 or not table["outside"].any():
            return None
        outside = table[table["outside"]].set_index("grade")["difference"]
        grade = str(outside.abs().idxmax())
        more = surplus(self.teams)[grade]
        whole = float(more.sum())
        team = str((more * np.sign(whole)).idxmax())
        of_all = {"grade": grade, "whole": abs(whole), "team": team, "part": float(abs(more[team]))}
        return {**of_all, "over": whole > 0}

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


def overview(
    outcomes: Outcomes,
    wished: Mapping[str, float] | None = None,
    *,
    beside: str = "",
    seed: int = SEED,
) -> Overview:
    """Look over the distribution of a month's grades.

    Parameters
    ----------
    outcomes : Outcomes
        The month, with the months before.
    wished : mapping of grade to share, optional
        A guideline.
    beside : str
        A scheme that grades the other way (by quota where this one has cuts), to be shown beside.
    seed : int
        Of the draws of readings.
    """
    grades, before = outcomes.grades, outcomes.before
    fixed = isinstance(outcomes.scheme.grading, Bands)
    drawn = doubt(grades, seed=seed)
    rules = rules_beside(outcomes.scheme, beside)
    half = [*before, grades] if rules and len(before) + 1 >= KNOWN else None
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
        differences(grades),
        concentration(grades),
        ends(grades),
        drawn,
        both_noises(drawn, certainty(outcomes)) if fixed else None,
        forced(grades, *rules, owed(before, rules[1])) if rules else None,
        forced(half_year(half), *rules) if rules and half else None,
    )
