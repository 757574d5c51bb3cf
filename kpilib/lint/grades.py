"""Findings about grades, bonus and what follows (G6 to G11, G13, quotas)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import apportion, pools
from kpilib.lint.findings import Finding, Level
from kpilib.lint.pay import pay_findings
from kpilib.lint.reach import Reach, grades_within, piled_on, reach_of_role
from kpilib.scheme import Bands, Geometric, Quota, Role, Rounding, Scheme, Title
from kpilib.scoring import effective_cuts

# What a file may mark as not given by its source, where the mark has a finding of its own.
OWN = frozenset(("bonus", "grading.edge", "improvement", "raise_first", "streak", "talk"))


def grade_findings(scheme: Scheme, n_people: Mapping[str, int] | None) -> Iterator[Finding]:
    """Yield what is to be said of grades and what follows from them."""
    if isinstance(scheme.grading, Bands):
        yield from _edges_and_reach(scheme, scheme.grading)
    else:
        yield from _quota(scheme, scheme.grading, n_people)
    yield from _bonus(scheme)
    yield from _review(scheme)
    yield from _after(scheme)
    yield from pay_findings(scheme)
    for name in scheme.assumed:
        if name.partition(".")[0] not in Scheme.model_fields:
            yield Finding("assumed", "warning", "assumed_unknown", "assumed", {"name": name})
        elif name not in OWN:
            yield Finding("assumed", "note", "rule_assumed", name, {"name": name})
    if isinstance(scheme.totals, Geometric):
        about = {"floor": scheme.totals.floor}
        yield Finding("totals", "note", "totals_geometric", "totals", about)
    if scheme.unknown == "renormalise":
        yield Finding("unknown", "warning", "unknown_left_out", "unknown", {})


def graded_bonus(scheme: Scheme) -> float:
    """Return the largest bonus that counts for the grade."""
    rule = scheme.bonus
    if rule is None or "grade" not in rule.counts_for or rule.points == 0:
        return 0.0
    return rule.cap


def _edges_and_reach(scheme: Scheme, grading: Bands) -> Iterator[Finding]:
    """Say who owns a cut (G6), and which grades nobody can get (G7)."""
    cuts = tuple(f"{cut:g}" for cut in grading.cuts)
    yield Finding("G6", "note", f"edge_{grading.edge}", "grading.edge", {"cuts": cuts})
    plain: dict[Role, Reach] = {}
    helped: dict[Role, Reach] = {}
    for role in scheme.roles:
        if not role.indicators:
            continue
        try:
            plain[role] = reach_of_role(role, 0.0, scheme.totals)
        except KpiError:
            continue  # a target is absent, which is an error of its own
        bonus = graded_bonus(scheme)
        helped[role] = reach_of_role(role, bonus, scheme.totals) if bonus else plain[role]
    yield from _piles(plain, grading)
    for grade in grading.grades:
        yield from _out_of_reach(grade, grading, plain, helped)


def _piles(reached: Mapping[Role, Reach], grading: Bands) -> Iterator[Finding]:
    for cut in effective_cuts(grading):
        roles = tuple(r.title for r, reach in reached.items() if piled_on(reach, [cut]))
        if roles:
            values = {"cut": cut, "n": len(roles), "roles": roles}
            yield Finding("G6", "warning", "piled_on_cut", "grading.edge", values)


def _out_of_reach(
    grade: str, grading: Bands, plain: Mapping[Role, Reach], helped: Mapping[Role, Reach]
) -> Iterator[Finding]:
    without = [role for role in plain if grade not in grades_within(plain[role], grading)]
    never = [role for role in without if grade not in grades_within(helped[role], grading)]
    by_bonus = [role for role in without if role not in never]
    for text, roles, reached in (
        ("grade_unreachable", never, helped),
        ("grade_by_bonus", by_bonus, plain),
    ):
        if roles:
            ends = [reached[role] for role in roles]
            values = {
                "grade": grade,
                "n": len(roles),
                "roles": tuple(role.title for role in roles),
                "least": min(float(reach.min()) for reach in ends),
                "most": max(float(reach.max()) for reach in ends),
            }
            nobody = text == "grade_unreachable" and len(roles) == len(plain)
            level: Level = "error" if nobody else "warning"
            yield Finding("G7", level, text, f"grading.bands.{grade}", values)


def _quota(scheme: Scheme, grading: Quota, n_people: Mapping[str, int] | None) -> Iterator[Finding]:
    """Say what a forced distribution (G10) makes of so many people."""
    yield Finding("G10", "note", "scales_apart", "grading", {"grades": grading.grades})
    shares = [level.share for level in grading.levels]
    for level in grading.levels:
        if level.share == 0:
            at = f"grading.levels.{level.grade}"
            yield Finding("quota", "warning", "quota_zero", at, {"grade": level.grade})
    if grading.carry_over:
        yield Finding("quota", "note", "quota_carried", "grading.carry_over", {})
    if grading.ties != "parted":
        yield Finding("quota", "note", f"quota_ties_{grading.ties}", "grading.ties", {})
    if n_people is None:
        values = {"least": least_people(shares, grading.rounding)}
        yield Finding("quota", "note", "quota_least", "grading.levels", values)
        return
    teams = pd.Series([team for team, n in n_people.items() for _ in range(n)], dtype=object)
    pooled = _named(scheme, [t for t, n in n_people.items() if 0 < n < grading.pool_below])
    if pooled:
        about = {"n": len(pooled), "teams": pooled, "least": grading.pool_below}
        yield Finding("quota", "note", "quota_pooled", "grading.pool_below", about)
    for _, members in teams.groupby(pools(teams, grading.pool_below)):
        yield from _pool(grading, _named(scheme, members), len(members))


def _named(scheme: Scheme, teams: Iterable[str]) -> tuple[Title | str, ...]:
    """Return each team once, by its title where the scheme gives one."""
    return tuple(scheme.teams.get(team, team) for team in dict.fromkeys(teams))


def _pool(grading: Quota, teams: tuple[Title | str, ...], n: int) -> Iterator[Finding]:
    """Say how many people of one pool get each level, and where that is odd."""
    shares = [level.share for level in grading.levels]
    counts = dict(zip(grading.grades, apportion(n, shares, grading.rounding), strict=True))
    values: dict[str, object] = {"teams": teams, "people": n}
    listed = tuple(f"{grade} {count}" for grade, count in counts.items())
    yield Finding("quota", "note", "quota_counts", "grading.levels", {**values, "counts": listed})
    if n < grading.pool_below:
        about = {**values, "least": grading.pool_below}
        yield Finding("quota", "warning", "quota_small", "grading.pool_below", about)
    for level in grading.levels:
        got = counts[level.grade]
        about = {**values, "grade": level.grade, "wanted": level.share, "got": got / n}
        at = f"grading.levels.{level.grade}"
        if got == 0 and level.share > 0:
            del about["got"]
            yield Finding("quota", "warning", "quota_empty", at, about)
        elif abs(got / n - level.share) > 0.05:
            yield Finding("quota", "warning", "quota_odd", at, about)


def least_people(shares: list[float], rounding: Rounding = "largest_remainder") -> int:
    """Return from how many people on no wished grade stays empty.

    >>> least_people([0.1, 0.3, 0.5, 0.1])
    7
    """
    wished = [i for i, share in enumerate(shares) if share > 0]
    most = round(1 / min(shares[i] for i in wished)) + 1  # from here on each has a whole person
    empty = [
        n for n in range(1, most) if not all(apportion(n, shares, rounding)[i] for i in wished)
    ]
    return max(empty, default=0) + 1


def _bonus(scheme: Scheme) -> Iterator[Finding]:
    """Look at the size of the bonus (G8)."""
    rule = scheme.bonus
    if rule is None:
        return
    values = {"points": rule.points, "plays": rule.above_plays, "cap": rule.cap}
    if rule.points == 0 or rule.cap == 0 or not rule.counts_for:
        yield Finding("G8", "warning", "bonus_idle", "bonus", values)
        return
    if "bonus" in scheme.assumed:
        yield Finding("G8", "note", "bonus_assumed", "bonus", values)
    if isinstance(scheme.grading, Bands) and len(scheme.grading.cuts) > 1:
        cuts = scheme.grading.cuts
        width = min(high - low for high, low in pairwise(cuts))
        if graded_bonus(scheme) >= width:
            about = {"cap": rule.cap, "width": width}
            yield Finding("G8", "warning", "bonus_large", "bonus.cap", about)


def _review(scheme: Scheme) -> Iterator[Finding]:
    """Say what the self-review counts, and that leniency is taken off (G9)."""
    rules = [rule for role in scheme.roles for rule in role.indicators if rule.definition.judged]
    if rules:
        titles = {rule.key: rule.definition.title for rule in rules}
        values = {"n": len(titles), "indicators": tuple(titles.values())}
        share = scheme.ratings.self_weight
        if share:
            yield Finding("G9", "note", "self_counts", "ratings", {**values, "share": share})
        else:
            yield Finding("G9", "note", "self_review", "roles", values)
        if scheme.ratings.leniency == "correct":
            yield Finding("G9", "note", "leniency_taken", "ratings.leniency", {})


def _after(scheme: Scheme) -> Iterator[Finding]:
    """Look at the improvement month (G11), streaks and talks (G13)."""
    plan, streak, talk = scheme.improvement, scheme.streak, scheme.talk
    if plan is None and talk is None:
        yield Finding("G11", "note", "plan_none", "improvement", {})
    if plan is not None:
        values: dict[str, object] = {"grade": plan.grade, "months": plan.after_months}
        if plan.after_months == 1:
            values = {"grade": plan.grade, "day": scheme.as_of_day}
            yield Finding("G11", "warning", "plan_early", "improvement.after_months", values)
        elif "improvement" in scheme.assumed:
            yield Finding("G11", "note", "plan_assumed", "improvement", values)
        if plan.grade != scheme.grading.grades[-1]:
            about = {"grade": plan.grade, "last": scheme.grading.grades[-1]}
            yield Finding("G11", "warning", "plan_grade", "improvement.grade", about)
    if streak is None:
        yield Finding("G13", "note", "streak_none", "streak", {})
    elif "streak" in scheme.assumed:
        values = {"grade": streak.grade, "months": streak.months}
        yield Finding("G13", "note", "streak_assumed", "streak", values)
    if talk is not None and "talk" in scheme.assumed:
        values = {"grade": talk.grade, "times": talk.times, "within": talk.within}
        yield Finding("G13", "note", "talk_assumed", "talk", values)
