"""Months and half-years, counted."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd


@cache
def shifted(month: str, by: int) -> str:
    """Return the month so many months later.

    >>> shifted("2025-11", 2)
    '2026-01'
    """
    return str(pd.Period(month, "M") + by)


def half_year(month: str) -> int:
    """Return the number of a month's half-year; the next one has the next number.

    >>> half_year("2025-07") - half_year("2025-06")
    1
    """
    year, number = int(month[:4]), int(month[5:])
    return 2 * year + (number > 6)


def first_full_month(day: date) -> str:
    """Return the first month that lies wholly after a day.

    >>> first_full_month(date(2025, 6, 20)), first_full_month(date(2025, 6, 30))
    ('2025-07', '2025-07')
    """
    return shifted(f"{day:%Y-%m}", 1)
