"""What one variant is measured by: a column of the one table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from kpilib.certainty import CONCENTRATION, FIRM, edge_of
from kpilib.errors import KpiError
from kpilib.lint import lint
from kpilib.lint.grades import graded_bonus
from kpilib.lint.reach import grades_within, reach_of_role
from kpilib.outcomes import performance_pay
from kpilib.scheme import Bands, Pay, Scheme
from kpilib.scoring import effective_cuts, team_scores
from kpilib.sensitivity import firmness

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from kpilib.contrast import Contrast
    from kpilib.outcomes import Outcomes

HOLDS: Final = 0.10  # relative change of all weights that a firm grade bears
ENOUGH: Final = 5  # people whom a mean of a role, a team or the nearest to a cut needs


@dataclass(frozen=True)
class Measure:
    """One row of the table.

    Attributes
    ----------
    form : str
        How it is written.
    better : {1, -1, 0}
        Whether more is better, or less; 0 for what is neither.
    close : float
        Difference that counts as none, unless the reader says otherwise.
    """

    form: str
    better: Literal[-1, 0, 1] = 0
    close: float = 0.0


MEASURES: Final[dict[str, Measure]] = {
    "n": Measure("count"),
    "reach": Measure("percent", 1, 0.02),
    "mean": Measure("points"),
    "spread": Measure("points", 1, 0.5),
    "payroll": Measure("money", -1, 1000.0),
    "payroll_change": Measure("signed_percent", -1, 0.005),
    "above_base": Measure("people"),
    "up": Measure("people"),
    "down": Measure("people", -1, 1.0),
    "far": Measure("people", -1, 1.0),
    "kappa": Measure("number", 1, 0.02),
    "kendall": Measure("number", 1, 0.02),
    "rank_shift": Measure("points", -1, 0.5),
    "holds": Measure("percent", 1, 0.03),
    "firm": Measure("percent", 1, 0.03),
    "errors": Measure("count", -1),
    "warnings": Measure("count", -1, 1.0),
    "gap_teams": Measure("points", -1, 1.0),
    "gap_roles": Measure("points", -1, 1.0),
    "exposure": Measure("percent", -1, 0.02),
    "next_best": Measure("money", -1, 20.0),
}
AGAINST: Final = ("up", "down", "far", "kappa", "kendall", "rank_shift", "payroll_change")


@dataclass(frozen=True)
class Facts:
    """What holds of a scheme whatever the month.

    Attributes
    ----------
    errors, warnings : int
        Findings of :func:`kpilib.lint.lint`.
    reaching : frozenset of str
        Roles in which some readings, with the bonus, give the best grade.
    """

    errors: int
    warnings: int
    reaching: frozenset[str]


def facts_of(scheme: Scheme) -> Facts:
    """Look a scheme over: findings, and which roles can get the best grade at all."""
    found = lint(scheme)
    scored = [role for role in scheme.roles if role.indicators]
    reaching = {role.key for role in scored}
    if isinstance(scheme.grading, Bands):
        grading, bonus = scheme.grading, graded_bonus(scheme)
        for role in scored:
            try:
                reach = reach_of_role(role, bonus, scheme.totals)
            except KpiError:
                continue  # a target is absent: an error among the findings
            if grading.grades[0] not in grades_within(reach, grading):
                reaching.discard(role.key)
    return Facts(found.errors, found.count("warning"), frozenset(reaching))


def column(
    held: Outcomes,
    facts: Facts,
    against: Contrast | None,
    teams: pd.Series | None,
    alike: str,
    done: dict[tuple[str, str], tuple[float, ...]],
    wanted: Set[str],
) -> dict[str, float]:
    """Measure one variant.

    Parameters
    ----------
    held : Outcomes
        The month under it.
    facts : Facts
        What holds of the scheme in any month.
    against : Contrast or None
        Against the first variant; None for the first.
    teams : Series or None
        What :func:`by_team` says of it.
    alike : str
        Equal for variants that score alike.
    done : dict
        What was worked out for such a variant before; added to.
    wanted : set of str
        Measures to work out; those that cost much are NaN without being wanted.
    """

    def once(what: str, of: Callable[[Outcomes], tuple[float, ...]]) -> tuple[float, ...]:
        if (alike, what) not in done:
            done[alike, what] = of(held)
        return done[alike, what]

    up, down, far = _moves(against)
    found: dict[str, float] = {
        "n": len(held.known),
        "payroll": float(held.payroll),
        "payroll_change": against.payroll_change if against is not None else np.nan,
        "up": up,
        "down": down,
        "far": far,
        "kappa": against.kappa if against is not None else np.nan,
        "errors": facts.errors,
        "warnings": facts.warnings,
        "gap_teams": _width(teams["score"].dropna()) if teams is not None else np.nan,
    }
    if wanted & {"holds", "firm"}:
        found["holds"], found["firm"] = once(held.scheme.grading.model_dump_json(), certain)
    names = ("mean", "spread", "gap_roles", "exposure")
    if wanted & set(names):
        found |= dict(zip(names, once("", _of_scores), strict=True))
    if wanted & {"kendall", "rank_shift"} and against is not None:
        pair = once("ranks", lambda _: (against.kendall, against.rank_shift))
        found["kendall"], found["rank_shift"] = pair
    if "reach" in wanted:
        found["reach"] = _reach(held.table.loc[held.known, "roles"], facts)
    if "above_base" in wanted:
        known = held.table.loc[held.known, ["pay", "base_pay"]]
        pairs = zip(known["pay"].tolist(), known["base_pay"].tolist(), strict=True)
        found["above_base"] = sum(pay > Decimal(str(base)) for pay, base in pairs)
    if "next_best" in wanted:
        found["next_best"] = next_best(held)
    return {measure: found.get(measure, np.nan) for measure in MEASURES}


def _moves(against: Contrast | None) -> tuple[float, float, float]:
    """Count who goes up, down, and by more than one grade; NaN where it cannot be said."""
    one, more = (against.moved(), against.moved(2)) if against is not None else (None, None)
    if one is None or more is None:
        return np.nan, np.nan, np.nan
    return *one, sum(more)


def _of_scores(held: Outcomes) -> tuple[float, float, float, float]:
    """Return mean and spread of scores, the gap between roles, and what exposure decides."""
    scores = held.table["score"].dropna().to_numpy(dtype=float)
    if not len(scores):
        return (np.nan,) * 4
    return (
        float(scores.mean()),
        float(scores.std()),
        _width(role_means(held)),
        exposure(held),
    )


def certain(held: Outcomes) -> tuple[float, float]:
    """Return the shares of grades that bear 10% of change in all weights, and have 90% odds.

    Both are exact; who has two roles counts with the less certain. NaN by quota, where a grade
    is a place among others and has no cut of its own.
    """
    grading = held.scheme.grading
    scores = held.grades.scores
    seats = scores.seats
    if not isinstance(grading, Bands) or not len(seats.person):
        return np.nan, np.nan
    points, cuts = scores.on_line(seats.points, seats.cuts)
    rho, odds = firmness(points, seats.weights, cuts, CONCENTRATION, edge=edge_of(grading))
    codes, people = pd.factorize(seats.person)
    least = np.full((2, len(people)), np.inf)
    np.minimum.at(least[0], codes, rho)
    np.minimum.at(least[1], codes, odds)
    return float((least[0] > HOLDS).mean()), float((least[1] > FIRM).mean())


def exposure(held: Outcomes) -> float:
    """Return the mean share of people's totals that indicators of exposure decide."""
    scores = held.grades.scores
    seats = scores.seats
    if not len(seats.person):
        return float("nan")
    exposed = {
        role.key: [rule.definition.dimension == "exposure" for rule in role.indicators]
        for role in scores.scheme.roles
    }
    width = seats.points.shape[1]
    place, roles = pd.factorize(np.asarray(seats.role, dtype=object))
    flags = np.array([[*exposed[r], *[False] * (width - len(exposed[r]))] for r in roles])[place]
    held_by = np.where(np.isnan(seats.points), 0.0, seats.weights)
    part = (held_by * flags).sum(axis=1) / held_by.sum(axis=1)
    return float((part * seats.share).sum() / len(set(seats.person)))


def next_best(held: Outcomes) -> float:
    """Return what one more best grade costs: yuan of pay, mean over the five people nearest to it.

    Their score is lifted to the cut, and their pay follows by the scheme's own rule. A single
    person's would hang on one base pay. NaN by quota, which gives no more, and where fewer than
    five stand below.
    """
    scheme, table = held.scheme, held.table
    if not isinstance(scheme.grading, Bands):
        return float("nan")
    cut = effective_cuts(scheme.grading)[0]
    uses = scheme.bonus.counts_for if scheme.bonus is not None else ()
    graded, paid = (table["score" if use in uses else "total"] for use in ("grade", "pay"))
    below = table.index[(table["status"] == "ok") & (table["grade"] != scheme.grading.grades[0])]
    near = graded.loc[below].astype(float).sort_values(ascending=False, kind="stable").head(ENOUGH)
    if len(near) < ENOUGH or scheme.pay.pool is not None or scheme.pay.prorate == "days":
        return float("nan")
    rows = table.loc[near.index]
    lifted = (paid.loc[near.index].astype(float) + (cut - near)).round(6)
    costs = [
        _pay(base, after, scheme.pay, scheme.grading.grades[0])
        - _pay(base, before, scheme.pay, had)
        for base, before, after, had in zip(
            rows["base_pay"].tolist(),
            paid.loc[near.index].tolist(),
            lifted.tolist(),
            rows["grade"].tolist(),
            strict=True,
        )
    ]
    return float(np.mean(costs))


def _pay(base: float, percent: float, rule: Pay, grade: str) -> float:
    pay = performance_pay(base, percent, rule, grade=grade)
    assert pay is not None  # the score is known
    return float(pay)


def by_team(held: Outcomes) -> pd.Series:
    """Return people with a score, pay (yuan) and score of each team.

    Index ``measure`` (``n``, ``payroll``, ``score``) and ``team``: teams with somebody who has a
    score, or every team with 0 people where nobody has.
    """
    known = held.table[held.table["status"] == "ok"]
    pay = known["pay"].astype(float).groupby(known["team"], sort=False).agg(["size", "sum"])
    if pay.empty:
        pay = pay.reindex(held.table["team"].unique(), fill_value=0).rename_axis("team")
    means = team_means(held).reindex(pay.index)
    parts = {"n": pay["size"], "payroll": pay["sum"], "score": means}
    return pd.concat({name: part.astype(float) for name, part in parts.items()}).rename_axis(
        ["measure", "team"]
    )


def team_means(held: Outcomes) -> pd.Series:
    """Return the score of each team with enough people: index ``team``."""
    table = team_scores(held.grades.scores)
    n = table.groupby("team", sort=False)["people"].sum()
    score = table.drop_duplicates("team").set_index("team")["team_score"]
    return score[n.reindex(score.index) >= ENOUGH]


def role_means(held: Outcomes) -> pd.Series:
    """Return the mean total of each role with enough people."""
    totals = held.grades.scores.role_totals
    made = totals[totals["status"] == "ok"].groupby("role", sort=False)["total"]
    return made.mean()[made.size() >= ENOUGH]


def _width(values: pd.Series) -> float:
    return float(values.max() - values.min()) if len(values) > 1 else float("nan")


def _reach(held: pd.Series, facts: Facts) -> float:
    """Return the share of scored people who hold a role that can get the best grade."""
    if not len(held):
        return float("nan")
    return sum(bool(facts.reaching.intersection(roles)) for roles in held) / len(held)
