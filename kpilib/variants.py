"""The same people and readings under several schemes, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.contrast import Contrast, contrast, outcomes_under
from kpilib.errors import KpiError
from kpilib.outcomes import Outcomes
from kpilib.scheme import Bands, read_scheme

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
        Columns are the variants. Rows: ``n`` (people with a score), ``mean`` and ``spread``
        (standard deviation) of scores, ``payroll`` (yuan) and ``payroll_change`` (fraction),
        ``above_base`` (people paid more than their base), ``up`` and ``down`` (people with a
        better or worse grade than under the first), ``kappa``, ``kendall``, ``rank_shift`` and
        ``exposure`` (mean share of the total that exposure decides). What cannot be said of a
        variant is NaN.
    grades : DataFrame
        Index ``scale``, ``grade``; columns are the variants; people. NaN where a variant does
        not grade on that scale: scales stand one under the other, and none is converted
        (opening G10).
    """

    outcomes: dict[str, Outcomes]
    contrasts: dict[str, Contrast]
    table: pd.DataFrame
    grades: pd.DataFrame

    @property
    def first(self) -> str:
        """Name of the scheme compared against."""
        return next(iter(self.outcomes))

    @property
    def cuts(self) -> dict[str, float]:
        """Where each grade begins under the first, best first; none by quota."""
        grading = self.outcomes[self.first].scheme.grading
        if not isinstance(grading, Bands):
            return {}
        return dict(zip(grading.grades, grading.cuts, strict=False))

    def titles(self, lang: str) -> dict[str, str]:
        """Return what each variant is called in a language, with its name where two share one."""
        titles = {name: getattr(held.scheme.title, lang) for name, held in self.outcomes.items()}
        times = Counter(titles.values())
        return {n: f"{t} ({n})" if times[t] > 1 else t for n, t in titles.items()}

    def rows(self) -> pd.DataFrame:
        """Return the variants in rows: grades on the first's scale, moves, mean, payroll.

        Index ``variant``; one column per grade, ``up``, ``down``, ``mean``, ``payroll`` and
        ``payroll_change``.
        """
        scale = list(self.outcomes[self.first].grades.order)
        counts = self._on(" ".join(scale))[scale]
        measures = ["up", "down", "mean", "payroll", "payroll_change"]
        return counts.join(self.table.loc[measures].T.astype(float))

    def other_scales(self) -> dict[str, pd.DataFrame]:
        """Return the variants that grade on other scales: variants in rows, grades in columns."""
        own = " ".join(self.outcomes[self.first].grades.order)
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
        own = self.outcomes[self.first].grades.order
        names = [name for name, held in self.outcomes.items() if held.grades.order == own]
        table = self.people()[names].dropna(how="all")
        kinds = table.nunique(axis=1)
        return table.loc[kinds[kinds > 1].sort_values(ascending=False, kind="stable").index]

    def numbers(self) -> dict[str, object]:
        """Return the figures of a verdict.

        ``low`` and ``high`` payroll with the variants ``cheapest`` and ``dearest``, ``differ``
        (people whose grade is not the same everywhere) and, where another variant has the
        first's scale, ``most`` and ``moved``: the one with most other grades, and how many.
        """
        pay = self.payroll().fillna({"change": 0.0})
        moved = self.moved()
        most = {"most": str(moved.index[-1]), "moved": int(moved.iloc[-1])} if len(moved) else {}
        return {
            **most,
            "cheapest": str(pay["payroll"].idxmin()),
            "dearest": str(pay["payroll"].idxmax()),
            "variants": len(self.outcomes),
            "n": int((self.outcomes[self.first].table["status"] == "ok").sum()),
            "low": pay["payroll"].min(),
            "high": pay["payroll"].max(),
            "low_change": pay["change"].min(),
            "high_change": pay["change"].max(),
            "differ": len(self.movers()),
        }

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
    source: Readings | Outcomes, schemes: Sequence[Scheme], *, team: str = ""
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
    outcomes = {s.name: outcomes_under(readings, s, team) for s in schemes}
    first = outcomes[names[0]]
    contrasts = {name: contrast(first, outcomes[name]) for name in names[1:]}
    columns = {n: _column(held, contrasts.get(n)) for n, held in outcomes.items()}
    return Comparison(
        outcomes,
        contrasts,
        pd.DataFrame(columns).rename_axis(index="measure", columns="variant"),
        _grades(outcomes),
    )


def named(first: str, others: str) -> list[Scheme]:
    """Read schemes by name or file: the first, then a list parted by commas, each once."""
    names = dict.fromkeys(part.strip() for part in (first, *others.split(",")))
    return [read_scheme(name) for name in names if name]


def _column(held: Outcomes, against: Contrast | None) -> dict[str, object]:
    known = held.table.query("status == 'ok'")
    scores = known["score"].astype(float)
    above = [
        pay > Decimal(str(base)) for pay, base in zip(known["pay"], known["base_pay"], strict=True)
    ]
    moved = against.migration if against is not None else None
    return {
        "n": len(known),
        "mean": float(scores.mean()),
        "spread": float(scores.std(ddof=0)),
        "payroll": float(held.payroll),
        "payroll_change": against.payroll_change if against is not None else np.nan,
        "above_base": sum(above),
        "up": moved.up if moved is not None else np.nan,
        "down": moved.down if moved is not None else np.nan,
        "kappa": against.kappa if against is not None else np.nan,
        "kendall": against.kendall if against is not None else np.nan,
        "rank_shift": against.rank_shift if against is not None else np.nan,
        "exposure": exposure(held),
    }


def exposure(held: Outcomes) -> float:
    """Return the mean share of people's totals that indicators of exposure decide."""
    scores = held.grades.scores
    exposed = {
        (role.key, rule.key)
        for role in scores.scheme.roles
        for rule in role.indicators
        if rule.definition.dimension == "exposure"
    }
    known = scores.table.index[scores.table["status"] == "ok"]
    points = scores.points[scores.points["person"].isin(known) & scores.points["points"].notna()]
    if not len(known):
        return float("nan")
    shares = scores.role_totals.set_index(["person", "role"])["time_share"]
    pairs = list(zip(points["role"], points["indicator"], strict=True))
    seats = pd.MultiIndex.from_frame(points[["person", "role"]])
    weight = points["applied"].to_numpy() * shares.reindex(seats).to_numpy()
    return float(weight[[pair in exposed for pair in pairs]].sum() / len(known))


def _grades(outcomes: dict[str, Outcomes]) -> pd.DataFrame:
    scales = dict.fromkeys(held.grades.order for held in outcomes.values())
    rows = {}
    for scale in scales:
        named = " ".join(scale)
        for grade in scale:
            rows[named, grade] = {
                name: int((held.table["grade"] == grade).sum())
                if held.grades.order == scale
                else np.nan
                for name, held in outcomes.items()
            }
    index = pd.MultiIndex.from_tuples(rows, names=["scale", "grade"])
    return pd.DataFrame(list(rows.values()), index=index).rename_axis(columns="variant")
