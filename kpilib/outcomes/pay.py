"""Performance pay, in exact fractions until it is rounded to the cent once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.grading import Grades
from kpilib.scheme import Pay, Pool
from kpilib.scoring import PLACES

if TYPE_CHECKING:
    from numpy.typing import NDArray

CENT = Decimal("0.01")
_DIGITS = 10**15  # a double holds fifteen of any number
_MOST = 2**62  # of what is multiplied in whole numbers


def performance_pay(
    base: float | str,
    percent: float,
    rule: Pay,
    person: str = "?",
    *,
    grade: str | None = None,
    worked: Fraction = Fraction(1),
) -> Decimal | None:
    """Return one person's pay before any pool, half up to the cent; None for an unknown score.

    Parameters
    ----------
    base : number or text
        Yuan of a whole month at 100%.
    percent : float
        Score in points; NaN if unknown.
    rule : Pay
        Rules of the scheme.
    person : str
        For the error.
    grade : str, optional
        Needed where the rule has coefficients.
    worked : Fraction, default 1
        Share of the month's days; counts where the rule goes by days.

    Examples
    --------
    >>> performance_pay(2000, 89, Pay())
    Decimal('1780.00')
    """
    if np.isnan(percent):
        return None
    return rounded(earned(base, percent, rule, person, grade=grade, worked=worked))


def earned(
    base: float | str,
    percent: float,
    rule: Pay,
    person: str = "?",
    *,
    grade: str | None = None,
    worked: Fraction = Fraction(1),
) -> Fraction:
    """Return base x percentage x days of a known score, as an exact fraction of yuan."""
    if pd.isna(base):
        raise KpiError(
            f"people.csv, person {person}",
            "has a score but no base pay.",
            "fill base_pay (yuan; 0 where there is none).",
        )
    part = Fraction(str(percent)) if rule.basis != "grade" else Fraction(100)
    if rule.basis != "score":
        assert grade is not None, "a known score has a grade"
        part *= Fraction(str(rule.coefficients[grade]))
    part = max(part, Fraction(str(rule.floor)))
    if rule.cap is not None:
        part = min(part, Fraction(str(rule.cap)))
    days = worked if rule.prorate == "days" else Fraction(1)
    return Fraction(str(base)) * part / 100 * days


def rounded(yuan: Fraction) -> Decimal:
    """Round half up to the cent: 0.005 is 0.01."""
    cents = math.floor(abs(yuan) * 100 + Fraction(1, 2))
    return (Decimal(cents) * CENT).copy_sign(-1 if yuan < 0 else 1)


def shared_out(pool: Decimal, claims: Sequence[Fraction]) -> list[Decimal]:
    """Share a sum of money in proportion to claims, to the cent and whole.

    Each gets the cents of the exact part rounded down; those that are left go to the largest
    remainders, among equal ones to the larger claim, then to who stands first.

    Parameters
    ----------
    pool : Decimal
        Yuan, in whole cents.
    claims : sequence of Fraction
        At least one above 0, none below.

    References
    ----------
    .. [1] Balinski & Young (2001), *Fair Representation*, 2nd ed., chapter 3: Hamilton's method.

    Examples
    --------
    >>> shared_out(Decimal("100.00"), [Fraction(1), Fraction(1), Fraction(1)])
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    whole, cents = sum(claims), int(pool / CENT)
    exact = [claim * cents / whole for claim in claims]
    parts = [math.floor(part) for part in exact]
    order = sorted(range(len(claims)), key=lambda i: (parts[i] - exact[i], -claims[i], i))
    for i in order[: cents - sum(parts)]:
        parts[i] += 1
    return [Decimal(part) * CENT for part in parts]


def pay_of(grades: Grades) -> pd.Series:
    """Return everybody's pay in yuan, without late returns; None where the score is unknown."""
    rule, people = grades.scheme.pay, grades.scores.table
    bonus = grades.scheme.bonus
    counts = bonus is not None and "pay" in bonus.counts_for
    percent = people["score"] if counts else people["total"]
    if rule.pool is None and rule.basis == "score" and rule.prorate != "days":
        return _plain(people["base_pay"], percent, rule)
    worked = days_worked(grades) if rule.prorate == "days" else {}
    grade_of = grades.table["grade"].to_dict()
    claims: dict[str, Fraction] = {}
    bases: dict[str, Fraction] = {}
    for person, base, part in zip(people.index, people["base_pay"], percent, strict=True):
        if math.isnan(part):
            continue
        days = worked.get(person, Fraction(1))
        claims[person] = earned(base, part, rule, str(person), grade=grade_of[person], worked=days)
        bases[person] = Fraction(str(base)) * days
    paid = {person: rounded(claim) for person, claim in claims.items()}
    if rule.pool is not None:
        every = pd.Series("all teams", people.index)
        pools = (people["team"] if rule.pool.per == "team" else every).loc[list(claims)]
        for name, members in pools.groupby(pools, sort=False):
            paid |= _from_pool(rule.pool, str(name), list(members.index), claims, bases)
    return pd.Series([paid.get(who) for who in people.index], people.index, dtype=object)


def _plain(bases: pd.Series, percent: pd.Series, rule: Pay) -> pd.Series:
    """Return base x score %, where nothing else counts: in whole numbers, if they hold all digits.

    Base pay in cents by millionths of a point makes hundred-millionths of a cent.
    """
    known = percent.notna().to_numpy(dtype=bool)
    ends = [rule.floor, 0.0 if rule.cap is None else rule.cap]
    part = _whole(np.concatenate([percent.to_numpy(dtype=float)[known], ends]), 10**PLACES)
    base = _whole(bases.to_numpy(dtype=float)[known], 100)
    paid: list[Decimal | None] = [None] * len(known)
    if part is None or base is None or 2 * base.max(initial=0) > _MOST // max(part.max(), 1):
        rows = zip(bases.tolist(), percent.tolist(), percent.index, strict=True)
        paid = [performance_pay(pay, points, rule, str(who)) for pay, points, who in rows]
    else:
        *_, floor, cap = part.tolist()
        held = np.clip(part[:-2], floor, None if rule.cap is None else cap)
        unit = 100 * 10**PLACES
        cents = (2 * base * held + unit) // (2 * unit)
        for place, cent in zip(np.flatnonzero(known).tolist(), cents.tolist(), strict=True):
            paid[place] = cent * CENT
    return pd.Series(paid, percent.index, dtype=object)


def _whole(values: NDArray[np.float64], unit: int) -> NDArray[np.int64] | None:
    """Return how many units each value is; None where one is below 0, or has more digits."""
    counts = np.rint(values * unit)
    if not ((counts >= 0) & (counts < _DIGITS) & (counts / unit == values)).all():
        return None
    return counts.astype(np.int64)


def _from_pool(
    rule: Pool,
    name: str,
    members: list[str],
    claims: dict[str, Fraction],
    bases: dict[str, Fraction],
) -> dict[str, Decimal]:
    """Share the pool of some people out by their claims."""
    whole = sum((bases[who] for who in members), Fraction(0))
    budget = rounded(whole * Fraction(str(rule.percent)) / 100)
    mine = [claims[who] for who in members]
    if not any(mine):
        if not budget:
            return dict.fromkeys(members, Decimal("0.00"))
        raise KpiError(
            f"scheme, pay.pool, {name}",
            f"nobody of {len(members)} earned anything, so the pool cannot be shared.",
            "give pay a floor above 0, or pay without a pool.",
        )
    return dict(zip(members, shared_out(budget, mine), strict=True))


def days_worked(grades: Grades) -> dict[str, Fraction]:
    """Return the share of the month's days on which each person was employed.

    Raises
    ------
    KpiError
        If the days are not known, as with readings that came ready.
    """
    period = pd.Period(grades.month, "M")
    seats = grades.scores.readings.seats
    lacking = {"joined", "left"} - set(seats.columns)
    if lacking:
        raise KpiError(
            "scheme, pay.prorate",
            f"pay goes by days, and the seats have no {' and no '.join(sorted(lacking))}.",
            "give the days of joining and leaving (empty where somebody stays).",
        )
    start, end = period.start_time, period.end_time.normalize()
    days: dict[str, set[int]] = {}
    for person, joined, left in zip(seats["person"], seats["joined"], seats["left"], strict=True):
        first = start if pd.isna(joined) else max(joined, start)
        last = end if pd.isna(left) else min(left, end)
        held = range(first.day, last.day + 1) if first <= last else range(0)
        days.setdefault(str(person), set()).update(held)
    return {person: Fraction(len(held), end.day) for person, held in days.items()}
