"""How lenient each rater is, and what of it is taken off their marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from kpilib.ratings.effects import Effects, fit
from kpilib.ratings.marks import known_marks, parts_of

FEWEST: Final = 5  # levels of a factor whose variance is estimated
PLACES: Final = 2  # of a mark: so much is taken off, so that it can be redone on a calculator

Why = Literal["", "few", "apart", "thin"]


@dataclass(frozen=True, eq=False)
class Leniency:
    """How lenient or harsh the raters of a month are.

    Attributes
    ----------
    raters : DataFrame
        Index ``rater``: ``marks``, ``ratees``, ``part`` (of the graph, 0 the largest), ``mean``
        (of the marks given), ``effect`` (BLUP in marks: above 0 is lenient; NaN where it cannot
        be told), ``error``, ``low``, ``high`` (95%).
    parts : DataFrame
        Index ``part``: ``raters``, ``ratees``, ``marks``.
    why : {'', 'few', 'apart', 'thin'}
        Empty where leniency was estimated, in the largest part. Else: too few raters or ratees
        there; no part holds more than half of the marks; marks that overlap too thinly, or are
        all equal.
    effects : Effects or None
        The fit.
    """

    raters: pd.DataFrame
    parts: pd.DataFrame
    why: Why
    effects: Effects | None

    @property
    def taken(self) -> dict[str, float]:
        """What is taken off each mark of a rater, to 2 places; raters not in it keep theirs."""
        known = self.raters["effect"].dropna().round(PLACES)
        return {str(rater): float(effect) for rater, effect in known.items() if effect}

    @property
    def marked(self) -> pd.DataFrame:
        """The raters whose interval excludes 0, furthest first: lenient above 0, harsh below."""
        sure = self.raters[(self.raters["low"] > 0) | (self.raters["high"] < 0)]
        return sure.loc[sure["effect"].abs().sort_values(ascending=False, kind="stable").index]


def leniency_of(ratings: pd.DataFrame) -> Leniency:
    """Estimate how lenient each rater of a month is.

    score ~ mean + ratee + rater (+ item, where there are several), all random, by REML over the
    largest connected part of the graph of raters and ratees. Nothing is estimated where that
    part holds half of the marks or fewer, has fewer than 5 raters or 5 ratees (a variance of
    fewer levels is not to be trusted), or no more pairs than a tree has; and nothing for raters
    outside of it.

    Parameters
    ----------
    ratings : DataFrame
        The table ``ratings`` of a month. Self-reviews and unknown scores are left out.

    References
    ----------
    .. [1] Bolker et al. (2009), Generalized linear mixed models: a practical guide, Trends in
       Ecology & Evolution 24, 127-135: at least 5 levels of a random effect.
    """
    marks = known_marks(ratings)
    marks = marks.assign(part=parts_of(marks))
    by_part = marks.groupby("part")
    parts = pd.DataFrame(
        {
            "raters": by_part["rater"].nunique(),
            "ratees": by_part["ratee"].nunique(),
            "marks": by_part.size(),
        }
    )
    by_rater = marks.groupby("rater")
    raters = pd.DataFrame(
        {
            "marks": by_rater.size(),
            "ratees": by_rater["ratee"].nunique(),
            "part": by_rater["part"].first(),
            "mean": by_rater["score"].mean(),
        }
    )
    why = _hindrance(marks, parts)
    if why:
        empty = raters.reindex(columns=[*raters, "effect", "error", "low", "high"])
        return Leniency(empty, parts, why, None)
    inside = marks[marks["part"] == 0]
    items = inside["item"].unique()
    effects = fit(inside, ("ratee", "rater", "item") if len(items) > 1 else ("ratee", "rater"))
    columns = ["effect", "error", "low", "high"]
    return Leniency(raters.join(effects.of("rater")[columns]), parts, "", effects)


def _hindrance(marks: pd.DataFrame, parts: pd.DataFrame) -> Why:
    """Say why leniency and quality cannot be told apart, if they cannot."""
    if not len(parts) or 2 * parts["marks"].iloc[0] <= len(marks):
        return "apart" if len(parts) > 1 else "few"
    largest = parts.iloc[0]
    if min(largest["raters"], largest["ratees"]) < FEWEST:
        return "few"
    inside = marks[marks["part"] == 0]
    if inside["score"].nunique() < 2:
        return "thin"
    pairs = len(inside[["rater", "ratee"]].drop_duplicates())
    nodes = int(largest["raters"] + largest["ratees"])
    items = inside["item"].nunique()
    enough = pairs > nodes and len(inside) > nodes + items - 2
    return "" if enough else "thin"
