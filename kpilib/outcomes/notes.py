"""Notes: what follows for single people; each names its rule and the months it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby

import pandas as pd

from kpilib.grading import Grades
from kpilib.outcomes.periods import first_full_month, half_year, shifted
from kpilib.scheme import Improvement

COLUMNS = ("person", "kind", "rule", "months", "due", "count")

_Note = tuple[str, str, str, tuple[str, ...], str | None, int]
_Signed = Mapping[tuple[str, str], date]
_NONE = pd.Series(dtype=object)


def notes_of(
    grades: Grades,
    before: tuple[Grades, ...],
    signed: _Signed,
    late: pd.Series | None = None,
) -> pd.DataFrame:
    """Return one row per consequence, as :class:`Outcomes` describes them.

    Parameters
    ----------
    grades : Grades
        The month's.
    before : tuple of Grades
        The earlier months', oldest first.
    signed : mapping of (month, person) to date
        When results were signed, as far as it is known.
    late : Series, optional
        What late returns of the month before change in pay.
    """
    rows = [
        *_plans(grades, before, signed),
        *_streaks(grades, before),
        *_raises(grades),
        *_talks(grades, before),
        *_hits(grades),
        *_late(grades, late),
        *_unknown(grades),
    ]
    notes = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    notes["count"] = notes["count"].astype(int)
    return notes


def _due(rule: Improvement, month: str, person: str, signed: _Signed) -> str:
    """Return the month of a plan: the first full one after signing."""
    day = signed.get((month, person))
    return shifted(month, rule.after_months) if day is None else first_full_month(day)


def _plans(grades: Grades, before: tuple[Grades, ...], signed: _Signed) -> Iterator[_Note]:
    """Plan for a low grade now; what became of a plan whose month this is, and what then."""
    rule = grades.scheme.improvement
    if rule is None:
        return
    now, month = grades.table["grade"], grades.month
    for who in now.index[now == rule.grade]:
        yield who, "plan", "improvement", (month,), _due(rule, month, who, signed), 1
    given = [
        (who, start.month)
        for start in before
        for who in start.table.index[start.table["grade"] == rule.grade].intersection(now.index)
        if _due(rule, start.month, who, signed) == month
    ]
    for who, start in given:
        if now[who] is None or pd.isna(now[who]):
            yield who, "plan_open", "improvement", (start, month), None, 1
        elif now[who] == rule.grade:
            yield who, "not_improved", "improvement", (start, month), None, 1
        else:
            yield who, "improved", "improvement", (start, month), None, 1
    if rule.plans is not None:
        failed = [pair for pair in given if now[pair[0]] == rule.grade]
        yield from _other_posts(rule, failed, (*before, grades), signed)


def _other_posts(
    rule: Improvement,
    failed: list[tuple[str, str]],
    months: tuple[Grades, ...],
    signed: _Signed,
) -> Iterator[_Note]:
    """Talk about another post after so many plans in a row that did not help.

    A plan follows on another where the month that it was for is the month that called for it.
    """
    assert rule.plans is not None
    last, low = months[-1].month, {g.month: g.table["grade"] for g in months}
    for who, start in failed:
        chain = [start, last]
        while earlier := _called_by(rule, who, chain[0], low, signed):
            chain.insert(0, earlier)
        if len(chain) > rule.plans:
            yield who, "other_post", "improvement.plans", tuple(chain), None, len(chain) - 1


def _called_by(
    rule: Improvement, who: str, month: str, low: Mapping[str, pd.Series], signed: _Signed
) -> str | None:
    """Return the month whose plan was for this month and did not help, if there is one."""
    return next(
        (
            earlier
            for earlier, held in low.items()
            if held.get(who) == rule.grade and _due(rule, earlier, who, signed) == month
        ),
        None,
    )


def _streaks(grades: Grades, before: tuple[Grades, ...]) -> Iterator[_Note]:
    rule = grades.scheme.streak
    if rule is None or not before:  # a streak has two months at least
        return
    past = {g.month: g.table["grade"] for g in before}
    for who in grades.table.index[grades.table["grade"] == rule.grade]:
        months = [grades.month]
        while past.get(shifted(months[0], -1), _NONE).get(who) == rule.grade:
            months.insert(0, shifted(months[0], -1))
        if len(months) >= rule.months:
            yield who, "promotion", "streak", tuple(months), None, len(months)


def _raises(grades: Grades) -> Iterator[_Note]:
    """List who comes first for a raise: by the order of grades; ``count`` is the place in it."""
    rule = grades.scheme.raise_first
    if rule is None:
        return
    now = grades.table["grade"]
    for place, grade in enumerate(rule.grades, start=1):
        for who in now.index[now == grade]:
            yield who, "raise_first", "raise_first", (grades.month,), None, place


def _talks(grades: Grades, before: tuple[Grades, ...]) -> Iterator[_Note]:
    """Call for a talk where a grade was given several times; it never does more than that."""
    rule = grades.scheme.talk
    if rule is None:
        return
    low = grades.table.index[grades.table["grade"] == rule.grade]
    held = [(g.month, g.table["grade"]) for g in (*before, grades)]
    for who in low:
        given = [(month, grade_of.get(who)) for month, grade_of in held]
        if rule.period == "half_year":
            given = _by_half_year(given, rule.within)
        months = tuple(month for month, grade in given[-rule.within :] if grade == rule.grade)
        if len(months) >= rule.times:
            yield who, "talk", "talk", months, None, len(months)


def _by_half_year(given: list[tuple[str, object]], within: int) -> list[tuple[str, object]]:
    """Keep of each of the last half-years the last grade that was given in it."""
    first = half_year(given[-1][0]) - within + 1
    known = [(month, grade) for month, grade in given if isinstance(grade, str)]
    halves = groupby(known, key=lambda each: half_year(each[0]))
    return [list(held)[-1] for half, held in halves if half >= first]


def _hits(grades: Grades) -> Iterator[_Note]:
    rule = grades.scheme.bonus
    if rule is None:
        return
    hits = grades.scores.readings.hits(rule.above_plays)
    if hits.empty:
        return
    for who, n in hits.groupby("person")["work"].nunique().items():
        if who in grades.table.index:
            yield str(who), "hit", "bonus", (grades.month,), None, int(n)


def _late(grades: Grades, late: pd.Series | None) -> Iterator[_Note]:
    if late is None:
        return
    for who, amount in late.items():
        if amount:
            months = (shifted(grades.month, -1), grades.month)
            yield str(who), "late_returns", "pay.late_returns", months, None, 1


def _unknown(grades: Grades) -> Iterator[_Note]:
    if not (grades.table["status"] == "unknown").any():
        return
    points = grades.scores.points
    open_items = points[points["status"] == "unknown"].groupby("person")["indicator"].size()
    for who in grades.table.index[grades.table["status"] == "unknown"]:
        yield who, "open_reading", "unknown", (grades.month,), None, open_items[who]
