"""What changes for the same people from one scheme to another."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.contrast.agreement import kappa, kendall
from kpilib.distribution import Migration, migration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kpilib.outcomes import Outcomes


@dataclass(frozen=True, eq=False)
class Contrast:
    """What changes for the same people from one scheme to another.

    Attributes
    ----------
    before, after : Outcomes
        One month under the two schemes.
    people : Index
        Those with a score in both.
    """

    before: Outcomes
    after: Outcomes
    people: pd.Index

    @property
    def n(self) -> int:
        """People with a score in both."""
        return len(self.people)

    @property
    def one_scale(self) -> bool:
        """Whether both grade on one scale; scales are never converted."""
        return self.before.grades.order == self.after.grades.order

    @cached_property
    def table(self) -> pd.DataFrame:
        """What changes for each person.

        Index ``person``: ``team``, ``roles``, ``before``, ``score``, ``change`` (points),
        ``rank_before``, ``rank`` (1 is best, ties share the mean), ``grade_before``, ``grade``,
        ``pay_before``, ``pay`` and ``pay_change`` (yuan).
        """
        old, new = self._tables
        table = new[["team", "roles"]].assign(
            before=old["score"], score=new["score"], change=(new["score"] - old["score"]).round(6)
        )
        table["rank_before"], table["rank"] = self._ranks
        table["grade_before"], table["grade"] = old["grade"], new["grade"]
        table["pay_before"], table["pay"] = old["pay"], new["pay"]
        table["pay_change"] = new["pay"] - old["pay"]
        return table

    @cached_property
    def migration(self) -> Migration | None:
        """Grade by grade; None where the two scales differ."""
        return migration(self.before.grades, self.after.grades) if self.one_scale else None

    @cached_property
    def _tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Tables before and after, of the same people in the same order."""
        return _of(self.before, self.people), _of(self.after, self.people)

    @property
    def _scores(self) -> tuple[pd.Series, pd.Series]:
        old, new = self._tables
        return old["score"], new["score"]

    @cached_property
    def _ranks(self) -> tuple[pd.Series, pd.Series]:
        return tuple(scores.rank(ascending=False) for scores in self._scores)  # type: ignore[return-value]

    @cached_property
    def rank_shift(self) -> float:
        """Mean absolute change of rank."""
        old, new = self._ranks
        return float((new - old).abs().mean()) if self.n else float("nan")

    @cached_property
    def kendall(self) -> float:
        """Kendall's tau-b of the scores; NaN below 2 people, or where one side is all equal."""
        return kendall(*self._scores)

    @cached_property
    def spearman(self) -> float:
        """Spearman's rho: the correlation of the ranks; NaN where tau-b is."""
        old, new = (ranks.to_numpy() for ranks in self._ranks)
        if self.n < 2 or not (np.ptp(old) and np.ptp(new)):
            return float("nan")
        return float(np.corrcoef(old, new)[0, 1])

    @cached_property
    def counts(self) -> NDArray[np.int64] | None:
        """People by grade before (rows) and after (columns), best first; None on two scales."""
        if not self.one_scale:
            return None
        place = {grade: i for i, grade in enumerate(self.before.grades.order)}
        old, new = ([place[g] for g in table["grade"].tolist()] for table in self._tables)
        counts = np.zeros((len(place), len(place)), dtype=np.int64)
        np.add.at(counts, (old, new), 1)
        return counts

    def moved(self, least: int = 1) -> tuple[int, int] | None:
        """Count the people who go up, and down, by so many grades or more; None on two scales."""
        counts = self.counts
        if counts is None:
            return None
        return int(np.tril(counts, -least).sum()), int(np.triu(counts, least).sum())

    @cached_property
    def kappa(self) -> float:
        """Cohen's kappa of the grades, squared weights; NaN where the scales differ."""
        return float("nan") if self.counts is None else kappa(self.counts)

    @cached_property
    def payroll_before(self) -> Decimal:
        """Yuan before, over the people of both."""
        return sum(self._tables[0]["pay"].dropna(), Decimal(0))

    @cached_property
    def payroll(self) -> Decimal:
        """Yuan after, over the people of both."""
        return sum(self._tables[1]["pay"].dropna(), Decimal(0))

    @property
    def payroll_change(self) -> float:
        """Relative change of the payroll; NaN where there was none."""
        if not self.payroll_before:
            return float("nan")
        return float(self.payroll / self.payroll_before) - 1


def _of(held: Outcomes, people: pd.Index) -> pd.DataFrame:
    return held.table if held.table.index.equals(people) else held.table.loc[people]


def contrast(before: Outcomes, after: Outcomes) -> Contrast:
    """Compare one month's outcomes of the same people under two schemes."""
    old, new = before.known, after.known
    return Contrast(before, after, new if new.equals(old) else new[new.isin(old)])
