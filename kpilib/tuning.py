"""What a tuner of weights works on, and what Python's own scoring says to a choice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.contrast import under
from kpilib.errors import KpiError
from kpilib.grading import band_of
from kpilib.scheme import Bands, staged
from kpilib.scoring import PLACES, score, weighted_total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpilib.outcomes import Outcomes
    from kpilib.scheme import Scheme
    from kpilib.scoring import Scores

Weights = dict[str, dict[str, float]]  # of each role, by indicator


@dataclass(frozen=True, eq=False)
class Trial:
    """A month on which other weights and cuts can be tried.

    Attributes
    ----------
    outcomes : Outcomes
        The month under the scheme in force, of the whole company.
    scores : Scores
        The same people, with the indicators that the stages add at weight 0.
    stages : tuple of str
        Keys of the first and the last stage of the scheme; empty where it has fewer than two.
    start, end : dict
        Weights of each role in those two stages.
    """

    outcomes: Outcomes
    scores: Scores
    stages: tuple[str, ...]
    start: Weights
    end: Weights

    @property
    def scheme(self) -> Scheme:
        """The scheme in force, holding what the stages add at weight 0."""
        return self.scores.scheme

    @property
    def grading(self) -> Bands:
        """The bands in force."""
        grading = self.scheme.grading
        assert isinstance(grading, Bands)  # seen to by `trial`
        return grading

    @cached_property
    def weights(self) -> Weights:
        """Weights in force of each role that somebody is scored in, in the scheme's order."""
        held = set(self.scores.role_totals.query("status == 'ok'")["role"])
        return {role.key: role.weights for role in self.scheme.roles if role.key in held}

    @cached_property
    def people(self) -> pd.Index[str]:
        """People with a known score, also of what the stages add."""
        return self.scores.known

    @cached_property
    def left_out(self) -> list[str]:
        """People whose score in force is known, but not a reading that a stage would add."""
        return [str(who) for who in self.outcomes.known.difference(self.people)]

    @cached_property
    def points(self) -> dict[str, pd.DataFrame]:
        """Points of each role, people by indicators; NaN where an item does not apply."""
        held: dict[str, list[str]] = {role: [] for role in self.weights}
        for person, seats in self.shares.items():
            for role, _ in seats:
                held[role].append(person)
        return {role: self.points_of(role, pd.Index(people)) for role, people in held.items()}

    @cached_property
    def shares(self) -> dict[str, list[tuple[str, float]]]:
        """Roles of each person, with their share of time."""
        seats = self.scores.role_totals
        seats = seats[seats["person"].isin(self.people) & (seats["status"] == "ok")]
        out: dict[str, list[tuple[str, float]]] = {str(who): [] for who in self.people}
        for person, role, share in zip(
            seats["person"], seats["role"], seats["time_share"], strict=True
        ):
            out[person].append((role, float(share)))
        return out

    def points_of(self, role: str, people: pd.Index[str]) -> pd.DataFrame:
        """Return the points of some people in a role, also of those without a known score."""
        rows = self.scores.points.query("role == @role")
        wide = rows.pivot(index="person", columns="indicator", values="points")
        return wide.reindex(index=people, columns=list(self.weights[role]))

    def bonus_counts(self, purpose: str) -> bool:
        """Tell whether the bonus counts for ``grade`` or ``pay``."""
        bonus = self.scheme.bonus
        return bonus is not None and purpose in bonus.counts_for

    def under(self, weights: Mapping[str, Mapping[str, float]], cuts: Sequence[float]) -> Tried:
        """Score, grade and rank everybody under some weights and cuts.

        Parameters
        ----------
        weights : mapping of role to mapping of indicator to weight
            Of every role in :attr:`weights`.
        cuts : sequence of float
            As many as in force, highest first.

        Raises
        ------
        KpiError
            If roles, indicators, cuts or their order are not the scheme's.
        """
        bands = [
            {"grade": grade, "above": cut}
            for grade, cut in zip(self.grading.grades, [*cuts, None], strict=True)
        ]
        grading = self.scheme.revise(
            grading={"kind": "bands", "edge": self.grading.edge, "bands": bands}
        ).grading
        assert isinstance(grading, Bands)
        totals = {role: self._totals(role, weights[role]) for role in self.weights}
        table = self._scored(totals)
        known = table["graded"].notna()
        grades = pd.Series(None, index=table.index, dtype=object)
        grades[known] = band_of(table.loc[known, "graded"], grading)
        return Tried(table.assign(grade=grades), self._ranks(table["graded"]), self._payroll(table))

    def _totals(self, role: str, weights: Mapping[str, float]) -> dict[str, float]:
        by = pd.Series(weights, dtype=float)
        totals = weighted_total(self.points[role], by, self.scheme.totals)
        return dict(zip(map(str, totals.index), totals.tolist(), strict=True))

    def _scored(self, totals: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
        bonus = self.scores.table["bonus"].to_dict()
        rows = []
        for person, seats in self.shares.items():
            parts = [(totals[role][person], share) for role, share in seats]
            parts = [(total, share) for total, share in parts if not math.isnan(total)]
            whole = 1.0 if len(parts) == len(seats) else math.fsum(share for _, share in parts)
            total = (
                round(math.fsum(total * (share / whole) for total, share in parts), PLACES)
                if parts
                else math.nan
            )
            rows.append((total, round(total + bonus[person], PLACES)))
        table = pd.DataFrame(rows, index=self.people, columns=["total", "score"], dtype=float)
        for name, purpose in (("graded", "grade"), ("paid", "pay")):
            table[name] = table["score" if self.bonus_counts(purpose) else "total"]
        return table

    def _ranks(self, graded: pd.Series) -> pd.Series:
        """Return each seat's rank among the people of its role, by the person's score."""
        seats = [(who, role) for who, roles in self.shares.items() for role, _ in roles]
        index = pd.MultiIndex.from_tuples(seats, names=["person", "role"])
        scores = pd.Series(graded[[who for who, _ in seats]].to_numpy(), index=index)
        ranks: pd.Series = scores.groupby(level="role").rank(ascending=False)
        return ranks

    def _payroll(self, table: pd.DataFrame) -> pd.Series:
        """Return performance pay in yuan, not rounded to cents.

        It is 0 where pay does not follow the score alone, so that no payroll is compared.
        """
        pay = self.scheme.pay
        base = self.scores.table.loc[table.index, "base_pay"].astype(float)
        due: pd.Series = base * table["paid"].clip(pay.floor, pay.cap) / 100 * pay.plain
        return due


@dataclass(frozen=True, eq=False)
class Tried:
    """What some weights and cuts make of everybody.

    Attributes
    ----------
    table : DataFrame
        Index ``person``: ``total``, ``score``, ``graded`` and ``paid`` (with or without the
        bonus, as the scheme counts it) and ``grade``.
    ranks : Series
        By person and role: the rank in the role; 1 is best, ties share the mean.
    pay : Series
        Performance pay in yuan, by person, not rounded to cents.
    """

    table: pd.DataFrame
    ranks: pd.Series
    pay: pd.Series

    def against(self, before: Tried, people: pd.Index[str]) -> dict[str, Any]:
        """Count whose grade and rank differ from before, and by how much the payroll does.

        People without a score on one of the two sides are ``lost`` and count nowhere else.
        """
        was, now = before.table.loc[people], self.table.loc[people]
        kept = people[was["grade"].notna() & now["grade"].notna()]
        changed = was.loc[kept, "grade"] != now.loc[kept, "grade"]
        moved = before.ranks.ne(self.ranks).groupby(level="person").any()
        base = float(before.pay[kept].sum())
        return {
            "changed": int(changed.sum()),
            "ranks": int(moved.reindex(kept).sum()),
            "lost": len(people) - len(kept),
            "payroll": float(self.pay[kept].sum()) / base - 1 if base else None,
        }


def trial(outcomes: Outcomes) -> Trial:
    """Make a month ready for trying weights.

    Parameters
    ----------
    outcomes : Outcomes
        A month of the whole company.

    Raises
    ------
    KpiError
        If the scheme grades by quota, or nobody has a score.
    """
    scheme = outcomes.scheme
    if not isinstance(scheme.grading, Bands):
        raise KpiError(
            f"tuner, scheme {scheme.name!r}",
            "grades by quota have no cuts to move.",
            "take a scheme that grades by bands.",
        )
    if not (outcomes.table["status"] == "ok").any():
        raise KpiError(
            f"tuner, month {outcomes.month}",
            "nobody has a known score.",
            "settle the open readings that the monthly review lists, or give the people's roles "
            "indicators.",
        )
    names = tuple(scheme.stages)
    stages = (names[0], names[-1]) if len(names) > 1 else ()
    bare = _bare(scheme)
    ends = [staged(bare, stage) for stage in stages]
    wide = scheme.revise(roles=[_wide(scheme, ends, role.key) for role in scheme.roles], stage=None)
    scores = score(under(outcomes.grades.scores.readings, wide))
    start, end = ([_filled(wide, one) for one in ends]) or ({}, {})
    return Trial(outcomes, scores, stages, start, end)


def _bare(scheme: Scheme) -> Scheme:
    """Take out what the scheme's own stage added, so that another stage can be laid on."""
    if scheme.stage is None:
        return scheme
    added = {(extra.role, extra.key) for extra in scheme.stages[scheme.stage].adds}
    roles = []
    for role in scheme.roles:
        rules = [r.model_dump() for r in role.indicators if (role.key, r.key) not in added]
        if len(rules) < len(role.indicators):
            rules = [{**rule, "weight": 1 / len(rules)} for rule in rules]
        roles.append({**role.model_dump(), "indicators": rules})
    return scheme.revise(roles=roles, stage=None)


def _wide(scheme: Scheme, ends: Sequence[Scheme], key: str) -> dict[str, Any]:
    """Return a role in force that also holds what either stage adds, at weight 0."""
    role = scheme.role(key)
    rules = {rule.key: rule.model_dump() for rule in role.indicators}
    for end in ends:
        for rule in end.role(key).indicators:
            rules.setdefault(rule.key, {**rule.model_dump(), "weight": 0.0})
    return {**role.model_dump(), "indicators": list(rules.values())}


def _filled(wide: Scheme, end: Scheme) -> Weights:
    held = {role.key: role.weights for role in end.roles}
    return {
        role.key: {key: held[role.key].get(key, 0.0) for key in role.weights} for role in wide.roles
    }
