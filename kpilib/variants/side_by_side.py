"""The same people and readings under several schemes, side by side in one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.contrast import Contrast, contrast
from kpilib.errors import KpiError
from kpilib.outcomes import Outcomes
from kpilib.scheme import Bands, Geometric, read_scheme
from kpilib.variants.measures import MEASURES, Facts, by_team, column, facts_of
from kpilib.variants.together import outcomes_of_all

if TYPE_CHECKING:
    from kpilib.readings import Readings
    from kpilib.scheme import Scheme


@dataclass(frozen=True, eq=False)
class Comparison:
    """What several schemes make of the same people; the first is the one compared against.

    Attributes
    ----------
    outcomes : dict of str to Outcomes
        By the name of the scheme, in the order given.
    contrasts : dict of str to Contrast
        Each further scheme against the first.
    table : DataFrame
        Columns are the variants. Rows: ``n`` (people with a score), ``reach`` (share of them who
        can get the best grade at all), ``mean`` and ``spread`` (standard deviation) of scores,
        ``payroll`` (yuan) and ``payroll_change`` (fraction), ``above_base`` (people paid more
        than their base), ``up``, ``down`` and ``far`` (people with a better or worse grade than
        under the first, and by more than one grade), ``kappa``, ``kendall``, ``rank_shift``,
        ``holds`` and ``firm`` (shares of grades that bear 10% of change in all weights, and
        have odds above 90%), ``errors`` and ``warnings`` (findings about the scheme),
        ``gap_teams`` and ``gap_roles`` (points between the highest and the lowest with five
        people), ``exposure`` (mean share of the total that exposure decides), ``next_best``
        (yuan that one more best grade costs). What cannot be said of a variant is NaN.
    grades : DataFrame
        Index ``scale``, ``grade``; columns are the variants; people. NaN where a variant does
        not grade on that scale: scales stand one under the other, and none is converted
        (opening G10).
    teams : DataFrame
        Index ``measure`` (``n``, ``payroll``, ``score``) and ``team``; columns are the variants.
    """

    outcomes: dict[str, Outcomes]
    contrasts: dict[str, Contrast]
    table: pd.DataFrame
    grades: pd.DataFrame
    teams: pd.DataFrame

    @property
    def first(self) -> str:
        """Name of the scheme compared against."""
        return next(iter(self.outcomes))

    @property
    def order(self) -> tuple[str, ...]:
        """Grades of the first, best first."""
        return self.outcomes[self.first].grades.order

    @property
    def n(self) -> int:
        """People scored under the first."""
        return len(self.outcomes[self.first].known)

    @property
    def nobody(self) -> tuple[str, dict[str, int]] | None:
        """Text that nobody is graded under any variant, as `Outcomes.nobody` has it."""
        return None if self.table.loc["n"].any() else self.outcomes[self.first].nobody

    @property
    def cuts(self) -> dict[str, float]:
        """Where each grade begins under the first, best first; none by quota."""
        grading = self.outcomes[self.first].scheme.grading
        if not isinstance(grading, Bands):
            return {}
        return dict(zip(grading.grades, grading.cuts, strict=False))

    @property
    def floors(self) -> dict[str, float]:
        """Least points that count, of the variants whose totals are geometric."""
        totals = {name: held.scheme.totals for name, held in self.outcomes.items()}
        return {name: t.floor for name, t in totals.items() if isinstance(t, Geometric)}

    def titles(self, lang: str) -> dict[str, str]:
        """Return what each variant is called in a language, with its name where two share one."""
        titles = {name: getattr(held.scheme.title, lang) for name, held in self.outcomes.items()}
        times = Counter(titles.values())
        return {n: f"{t} ({n})" if times[t] > 1 else t for n, t in titles.items()}

    def own_grades(self) -> pd.DataFrame:
        """Return people by grade on the first's scale: variants in rows, grades in columns."""
        return self._on(" ".join(self.order))[list(self.order)].dropna().astype(int)

    def other_scales(self) -> dict[str, pd.DataFrame]:
        """Return the variants that grade on other scales: variants in rows, grades in columns."""
        own = " ".join(self.order)
        found = {}
        for scale in self.grades.index.unique("scale"):
            if scale != own:
                found[str(scale)] = self._on(str(scale)).dropna().astype(int)
        return found

    def _on(self, scale: str) -> pd.DataFrame:
        """Return the counts of one scale: variants in rows, grades in columns."""
        counts = pd.DataFrame(self.grades.xs(scale, level="scale")).T
        return counts.rename_axis(index="variant", columns=None)

    def moved(self) -> pd.Series:
        """Count the people with another grade than under the first; variants of its scale only."""
        table = self.table.loc[["up", "down"]].T.dropna()
        return table.sum(axis=1).astype(int).sort_values(kind="stable").rename("moved")

    def movers(self) -> pd.DataFrame:
        """Return the people whose grade is not the same under all variants of the first's scale.

        Index ``person``, most different grades first; one column per variant.
        """
        names = [name for name, held in self.outcomes.items() if held.grades.order == self.order]
        table = self.people()[names].dropna(how="all")
        kinds = table.nunique(axis=1)
        return table.loc[kinds[kinds > 1].sort_values(ascending=False, kind="stable").index]

    def spread(self) -> pd.DataFrame:
        """Return percentiles of the scores: index ``variant``, ``p10`` to ``p90`` (points)."""
        shares = (0.10, 0.25, 0.50, 0.75, 0.90)
        rows = {
            name: np.quantile(held.table["score"].dropna().astype(float), shares)
            for name, held in self.outcomes.items()
            if held.table["score"].notna().any()
        }
        columns = [f"p{share * 100:.0f}" for share in shares]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("variant")

    def payroll(self) -> pd.DataFrame:
        """Return the payroll: index ``variant``, ``payroll`` (yuan), ``change`` (fraction)."""
        table = self.table.loc[["payroll", "payroll_change"]].T.astype(float)
        return table.rename(columns={"payroll_change": "change"}).rename_axis("variant")

    def people(self) -> pd.DataFrame:
        """Return everybody's grade under each variant: index ``person``, one column each."""
        return pd.DataFrame({name: held.table["grade"] for name, held in self.outcomes.items()})


def compare(
    source: Readings | Outcomes,
    schemes: Sequence[Scheme],
    *,
    team: str = "",
    facts: Mapping[str, Facts] | None = None,
    only: Collection[str] | None = None,
) -> Comparison:
    """Put the same readings under several schemes.

    Parameters
    ----------
    source : Readings or Outcomes
        Of the whole company: a quota is shared out over everybody.
    schemes : sequence of Scheme
        The first is the one that the others are compared against.
    team : str, default all
        Keep only this team's people, after everything was computed for all.
    facts : mapping of str to Facts, optional
        What holds of the schemes in any month, by name, where it is known already.
    only : collection of str, optional
        Measures wanted; others may be left out of the table, and teams with them.

    Raises
    ------
    KpiError
        If no scheme is given, two have one name, or a scheme needs what was never read.
    """
    names = [scheme.name for scheme in schemes]
    if not names or len(set(names)) < len(names):
        raise KpiError(
            "compare",
            f"the schemes are {names}.",
            "name at least one scheme, and each of them once.",
        )
    readings = source.grades.scores.readings if isinstance(source, Outcomes) else source
    outcomes, alike = outcomes_of_all(readings, schemes, team)
    known = facts or {scheme.name: facts_of(scheme) for scheme in schemes}
    first = outcomes[names[0]]
    contrasts = {name: contrast(first, outcomes[name]) for name in names[1:]}
    done: dict[tuple[str, str], tuple[float, ...]] = {}
    wanted = frozenset(MEASURES if only is None else only)
    whole = only is None or "gap_teams" in wanted
    teams = {name: by_team(held) for name, held in outcomes.items()} if whole else {}
    columns = {
        n: column(held, known[n], contrasts.get(n), teams.get(n), alike[n], done, wanted)
        for n, held in outcomes.items()
    }
    return Comparison(
        outcomes,
        contrasts,
        pd.DataFrame(columns).rename_axis(index="measure", columns="variant"),
        _grades(outcomes),
        pd.DataFrame(teams).rename_axis(columns="variant"),
    )


def named(first: str, others: str) -> list[Scheme]:
    """Read schemes by name or file: the first, then a list parted by commas, each once."""
    names = dict.fromkeys(part.strip() for part in (first, *others.split(",")))
    return [read_scheme(name) for name in names if name]


def _grades(outcomes: dict[str, Outcomes]) -> pd.DataFrame:
    scales = dict.fromkeys(held.grades.order for held in outcomes.values())
    counts = {name: Counter(held.table["grade"].tolist()) for name, held in outcomes.items()}
    rows = {
        (" ".join(scale), grade): {
            name: counts[name][grade] if held.grades.order == scale else np.nan
            for name, held in outcomes.items()
        }
        for scale in scales
        for grade in scale
    }
    index = pd.MultiIndex.from_tuples(rows, names=["scale", "grade"])
    return pd.DataFrame(list(rows.values()), index=index).rename_axis(columns="variant")
