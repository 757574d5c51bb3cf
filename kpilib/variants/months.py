"""Would the ranking of variants hold in another month? The same comparison over all months."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.contrast import kendall
from kpilib.errors import KpiError
from kpilib.variants.advice import Advice, advise
from kpilib.variants.criteria import Criteria, Limit
from kpilib.variants.measures import facts_of
from kpilib.variants.side_by_side import Comparison, compare

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes
    from kpilib.readings import Readings
    from kpilib.scheme import Scheme


@dataclass(frozen=True, eq=False)
class Backtest:
    """Variants compared month by month by the same criteria.

    Attributes
    ----------
    month : str
        The month that the others are held against.
    comparisons : dict of str to Comparison
        By month, oldest first; of other months only the measures that count.
    advices : dict of str to Advice
        By month.
    left_out : tuple of str
        Months that a variant could not be computed for.
    """

    month: str
    comparisons: dict[str, Comparison]
    advices: dict[str, Advice]
    left_out: tuple[str, ...]

    @property
    def seen(self) -> Comparison:
        """The month's own comparison."""
        return self.comparisons[self.month]

    @property
    def advice(self) -> Advice:
        """The month's own advice."""
        return self.advices[self.month]

    @property
    def others(self) -> int:
        """Months beside the one looked at."""
        return len(self.comparisons) - 1

    @property
    def same(self) -> int:
        """Other months in which the same variant comes first; 0 where none does in this one."""
        first = self.advice.chosen
        if first is None:
            return 0
        return sum(a.chosen == first for m, a in self.advices.items() if m != self.month)

    def without(self, limits: Collection[Limit]) -> Backtest:
        """Advise anew in every month, with some limits not held against anything."""
        criteria = self.advice.criteria
        kept = tuple(limit for limit in criteria.limits if limit not in limits)
        advised = replace(criteria, limits=kept)
        advices = {month: advise(seen, advised) for month, seen in self.comparisons.items()}
        return replace(self, advices=advices)

    def places(self) -> pd.DataFrame:
        """Return each variant's place by month: variants in rows; NaN where it is not ranked."""
        rows = {
            month: pd.Series(
                {name: i for i, name in enumerate(advice.ranking, start=1)}, dtype=float
            )
            for month, advice in self.advices.items()
        }
        table = pd.DataFrame(rows, dtype=float).reindex(list(self.seen.outcomes))
        return table.rename_axis(index="variant", columns="month")

    def agreement(self) -> pd.Series:
        """Return Kendall's tau-b of each other month's ranking with this month's.

        Over the variants ranked in both; NaN where they are fewer than two.
        """
        places = self.places()
        found = {}
        for month in places.columns.drop(self.month):
            both = places[[self.month, month]].dropna()
            found[month] = kendall(both[self.month], both[month])
        return pd.Series(found, dtype=float, name="kendall").rename_axis("month")

    def stability(self) -> pd.DataFrame:
        """Return how steady each variant is from month to month.

        Index ``variant``: ``kept`` (share of people graded in two months one after the other who
        keep their grade), ``order`` (mean Kendall's tau-b of scores between such months),
        ``payroll_low`` and ``payroll_high`` (yuan).
        """
        rows = {}
        for name in self.seen.outcomes:
            months = [held.outcomes[name] for held in self.comparisons.values()]
            pay = [float(held.payroll) for held in months]
            rows[name] = {
                "kept": _kept(months),
                "order": _order(months),
                "payroll_low": min(pay),
                "payroll_high": max(pay),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("variant")


def backtest(
    months: Mapping[str, Readings],
    schemes: Sequence[Scheme],
    criteria: Criteria,
    month: str,
    *,
    team: str = "",
) -> Backtest:
    """Compare variants in every month, by the same criteria.

    Parameters
    ----------
    months : mapping of str to Readings
        Of the whole company, by month.
    schemes : sequence of Scheme
        The first is the one in force.
    criteria : Criteria
        What counts.
    month : str
        The month to hold the others against.
    team : str, default all
        Keep only this team's people.

    Raises
    ------
    KpiError
        If the month itself is not there or cannot be compared.
    """
    if month not in months:
        raise KpiError(f"month {month!r}", "is not among those read.", f"take one of {[*months]}.")
    facts = {scheme.name: facts_of(scheme) for scheme in schemes}
    counted = {w.measure for w in criteria.wishes} | {c.measure for c in criteria.limits}
    found, left = {}, []
    for each in sorted(months):
        try:
            only = None if each == month else counted
            found[each] = compare(months[each], schemes, team=team, facts=facts, only=only)
        except KpiError:
            if each == month:
                raise
            left.append(each)  # a month whose exports hold not enough for some variant
    advices = {each: advise(seen, criteria) for each, seen in found.items()}
    return Backtest(month, found, advices, tuple(left))


def months_of(outcomes: Outcomes) -> dict[str, Readings]:
    """Return the readings of a month and of those before it, by month."""
    every = (*outcomes.before, outcomes.grades)
    return {grades.month: grades.scores.readings for grades in every}


def _kept(months: Sequence[Outcomes]) -> float:
    same, both = 0, 0
    for old, new in pairwise(months):
        grades = pd.DataFrame({"old": old.table["grade"], "new": new.table["grade"]}).dropna()
        same += int((grades["old"] == grades["new"]).sum())
        both += len(grades)
    return same / both if both else float("nan")


def _order(months: Sequence[Outcomes]) -> float:
    found = []
    for old, new in pairwise(months):
        scores = pd.DataFrame({"old": old.table["score"], "new": new.table["score"]}).dropna()
        found.append(kendall(scores["old"], scores["new"]))
    known = [tau for tau in found if tau == tau]  # NaN is not itself
    return float(np.mean(known)) if known else float("nan")
