"""The same people under two stages of a scheme, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kpilib.contrast import Contrast, contrast, decompose, outcomes_under
from kpilib.scheme import Bands, Geometric
from kpilib.stages.blending import blend
from kpilib.stages.path import StagePath, stage_path

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes
    from kpilib.readings import Readings
    from kpilib.scheme import Scheme
    from kpilib.scoring import Scores


@dataclass(frozen=True, eq=False)
class Stages:
    """The same people under two stages of a scheme and on the way between them.

    Attributes
    ----------
    start, end : Outcomes
        Under the two stages.
    between : dict of float to Outcomes
        Under blends, by t.
    contrast : Contrast
        From start to end: ranks, grades, pay.
    path : StagePath or None
        Every t at which a grade changes; None by quota, where no cut is fixed,
        and where totals are geometric.
    effects : DataFrame
        The change of each score, split into its indicators (:func:`kpilib.contrast.decompose`).
    by_role, by_team : DataFrame
        Index ``role`` and ``team``: ``n``, ``before``, ``after`` and ``change`` of the mean total
        (of a team: score).
    """

    start: Outcomes
    end: Outcomes
    between: dict[float, Outcomes]
    contrast: Contrast
    path: StagePath | None
    effects: pd.DataFrame
    by_role: pd.DataFrame
    by_team: pd.DataFrame

    def along(self) -> pd.DataFrame:
        """Return each blend in a row.

        Index ``t``: people by grade, ``mean``, ``payroll``, and against the start ``kendall``,
        ``spearman`` and ``shift`` of the ranks.
        """
        rows = {}
        for t, held in ({0.0: self.start} | self.between | {1.0: self.end}).items():
            counts = held.table["grade"].value_counts()
            scores = held.table["score"].dropna().astype(float)
            ranks = contrast(self.start, held)
            rows[t] = {
                **{grade: int(counts.get(grade, 0)) for grade in held.grades.order},
                "mean": scores.mean(),
                "payroll": float(held.payroll),
                "kendall": ranks.kendall,
                "spearman": ranks.spearman,
                "shift": ranks.rank_shift,
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("t").sort_index()

    def movers(self) -> pd.DataFrame:
        """Return the people whose grade differs at the two ends or between, nearest change first.

        Index ``person``: ``team``, ``roles``, ``grade_before``, ``grade``, ``before``, ``score``,
        ``change`` (points), ``pay_change`` (yuan) and ``t``, where the first change is (NaN by
        quota).
        """
        table = self.contrast.table
        if self.path is None:
            table = table[table["grade_before"] != table["grade"]].assign(t=float("nan"))
        else:
            first = self.path.changes.groupby("person")["t"].min()
            table = table[table.index.isin(first.index)].assign(t=first)
        columns = ["team", "roles", "grade_before", "grade", "before", "score", "change"]
        return table.sort_values("t", kind="stable")[[*columns, "pay_change", "t"]]

    @property
    def nobody(self) -> tuple[str, dict[str, int]] | None:
        """Text that nobody is graded under one of the stages, as `Outcomes.nobody` has it."""
        return self.start.nobody or self.end.nobody

    @property
    def numbers(self) -> dict[str, object]:
        """Figures of the verdict: grades that differ at the two ends, ranks, pay."""
        held = self.contrast
        return {
            "moved": int((held.table["grade_before"] != held.table["grade"]).sum()),
            "n": held.n,
            "shift": held.rank_shift,
            "kendall": held.kendall,
            "spearman": held.spearman,
            "change": held.payroll_change,
        }

    def profiles(self) -> pd.DataFrame:
        """Return the two profiles: index ``dimension``, ``start`` and ``end`` (shares)."""
        held = [
            outcomes.scheme.stages[outcomes.scheme.stage].profile if outcomes.scheme.stage else {}
            for outcomes in (self.start, self.end)
        ]
        table = pd.DataFrame(dict(zip(("start", "end"), held, strict=True)))
        return table.fillna(0.0).rename_axis("dimension")

    def drivers(self) -> pd.DataFrame:
        """Return what moves the roles, strongest first; means over the people of the role.

        Columns ``role``, ``indicator``, ``n``, ``weight_before``, ``weight``, ``effect``.
        """
        held = self.effects[self.effects["role"] != ""]
        table = held.groupby(["role", "indicator"], sort=False)[
            ["weight_before", "weight", "effect"]
        ].mean()
        table.insert(0, "n", held.groupby(["role", "indicator"], sort=False).size())
        order = table["effect"].abs().sort_values(ascending=False, kind="stable").index
        return table.loc[order].reset_index()

    def heat(self, team: str = "", most: int = 8) -> pd.DataFrame:
        """Return what changes the scores of a team's people, indicator by indicator.

        Index ``person``, the largest change first; one column per indicator, those with the most
        effect, then ``rest`` for all others; a row sums to the change of the score.
        """
        people = self.contrast.table
        people = people[people["team"] == team] if team else people
        parts = self.effects[self.effects["person"].isin(people.index)]
        wide = parts.pivot_table(
            index="person", columns="indicator", values="effect", aggfunc="sum", fill_value=0.0
        )
        strongest = wide.abs().sum().sort_values(ascending=False, kind="stable").index
        shown = wide[strongest[:most]].assign(rest=wide[strongest[most:]].sum(axis=1))
        order = people["change"].abs().sort_values(ascending=False, kind="stable").index
        return shown.reindex(order[order.isin(shown.index)]).rename_axis("person")

    def by_dimension(self) -> pd.DataFrame:
        """Return the mean effect of each dimension on the people of each role.

        Index ``role``: ``n``, and one column per dimension (points).
        """
        rules = {
            rule.key: rule.definition.dimension
            for held in (self.start, self.end)
            for role in held.scheme.roles
            for rule in role.indicators
        }
        held = self.effects[self.effects["role"] != ""]
        held = held.assign(dimension=held["indicator"].map(rules))
        people = held.groupby("role", sort=False)["person"].nunique()
        summed = held.pivot_table(
            index="role", columns="dimension", values="effect", aggfunc="sum", fill_value=0.0
        )
        means = summed.div(people, axis=0).reindex(people.index)
        means.insert(0, "n", people)
        return means

    def furthest(self) -> str | None:
        """Return the person whose score changes most; None where none does."""
        change = self.contrast.table["change"].abs()
        return str(change.idxmax()) if len(change) and change.max() > 0 else None

    def steps(self, person: str) -> pd.DataFrame:
        """Return a person's change in parts, strongest first.

        Columns ``indicator``, ``effect`` (points) and ``reached``, the score after the part.
        """
        parts = self.effects[(self.effects["person"] == person) & (self.effects["effect"] != 0)]
        order = parts["effect"].abs().sort_values(ascending=False, kind="stable").index
        parts = parts.loc[order, ["indicator", "effect"]]
        start = float(self.start.table["score"].astype(float)[person])
        return parts.assign(reached=parts["effect"].cumsum() + start)


def compare_stages(
    readings: Readings,
    start: Scheme,
    end: Scheme,
    *,
    at: Sequence[float] = (0.25, 0.5, 0.75),
    team: str = "",
) -> Stages:
    """Put the same readings under two stages and the blends between them.

    Parameters
    ----------
    readings : Readings
        Of the whole company; what the stages add is measured on the same exports.
    start, end : Scheme
        Two stages of one scheme (see :func:`kpilib.scheme.staged`).
    at : sequence of float
        Blends wanted, each between 0 and 1.
    team : str, default all
        Keep only this team's people.

    Raises
    ------
    KpiError
        If the two differ in more than indicators held and their weights.
    """
    wide = outcomes_under(readings, blend(start, end, 0.5))
    held = wide.grades.scores.readings
    under = {t: outcomes_under(held, blend(start, end, t), team) for t in (0.0, *at, 1.0)}
    first, last = under.pop(0.0), under.pop(1.0)
    return Stages(
        first,
        last,
        under,
        contrast(first, last),
        stage_path(first, last) if _has_path(start) else None,
        decompose(first.grades.scores, last.grades.scores),
        _by_role(first.grades.scores, last.grades.scores),
        _by_team(first, last),
    )


def _has_path(scheme: Scheme) -> bool:
    return isinstance(scheme.grading, Bands) and not isinstance(scheme.totals, Geometric)


def _by_role(start: Scores, end: Scores) -> pd.DataFrame:
    keys = ["person", "role"]
    first, last = (s.role_totals.query("status == 'ok'").set_index(keys) for s in (start, end))
    both = first[["total"]].set_axis(["before"], axis=1).join(last["total"], how="inner")
    table = both.groupby("role", sort=False).agg(
        n=("total", "size"), before=("before", "mean"), after=("total", "mean")
    )
    return table.assign(change=table["after"] - table["before"])


def _by_team(start: Outcomes, end: Outcomes) -> pd.DataFrame:
    table = contrast(start, end).table.groupby("team", sort=False)
    made = table.agg(n=("score", "size"), before=("before", "mean"), after=("score", "mean"))
    return made.assign(change=made["after"] - made["before"])
