"""Findings about pay: options that pull against each other, or reward the lower grade."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kpilib.lint.findings import Finding
from kpilib.scheme import Scheme


def pay_findings(scheme: Scheme) -> Iterator[Finding]:
    """Yield what is doubtful about pay, and about who comes first when it is raised."""
    pay = scheme.pay
    for better, worse in pairwise(scheme.grading.grades) if pay.coefficients else ():
        if pay.coefficients[worse] > pay.coefficients[better]:
            values = {"better": better, "worse": worse}
            yield Finding("pay", "warning", "coefficient_falls", "pay.coefficients", values)
    if pay.basis == "grade":
        yield Finding("pay", "note", "pay_by_grade", "pay.basis", {})
    if pay.pool is not None:
        shared = {"percent": pay.pool.percent / 100}
        yield Finding("pay", "note", f"pool_{pay.pool.per}", "pay.pool", shared)
        if pay.cap is not None:
            at = {"cap": pay.cap / 100}
            yield Finding("pay", "warning", "pool_over_cap", "pay.cap", at)
    if pay.late_returns == "carry":
        yield Finding("pay", "note", "late_returns", "pay.late_returns", {"day": scheme.as_of_day})
    if scheme.raise_first is not None:
        grades = scheme.grading.grades
        lowest = grades[-1]
        if lowest in scheme.raise_first.grades:
            last = {"grade": lowest}
            yield Finding("G13", "warning", "raise_lowest", "raise_first", last)
        elif "raise_first" in scheme.assumed:
            first = {"grades": scheme.raise_first.grades}
            yield Finding("G13", "note", "raise_assumed", "raise_first", first)
