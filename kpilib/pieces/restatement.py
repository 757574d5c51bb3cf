"""A month that was exported on several dates, told on a page: what moved, and whose grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpilib.restatement import restatements

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.display import Page
    from kpilib.outcomes import Outcomes


def show_restatements(page: Page, outcomes: Outcomes) -> None:
    """Show readings and grades then and now; nothing where a month was exported once.

    Leadership is told how many readings moved, and not whose.
    """
    found = restatements(outcomes)
    if not found:
        return
    page.section("restatement.title")
    for each in found:
        now = [page.t.number(day, "day") for day in each.now]
        if each.readings.empty and each.grades.empty:
            page.say("restatement.same", then=each.then, now=now)
            continue
        page.say(
            "restatement.lead",
            then=each.then,
            now=now,
            readings=len(each.readings),
            scores=len(each.grades),
            grades=len(each.regraded),
        )
        if not page.sees_people:
            continue
        heads = {f"{name}_then": f"restatement.{name}_then" for name in ("value", "points")}
        page.table(
            each.regraded,
            caption="restatement.grades",
            headers={name: f"restatement.{name}" for name in ("score_then", "grade_then")},
            formats={"score_then": "points"},
            then=each.then,
        )
        page.table(
            _in_units(page, each.readings),
            caption="restatement.readings",
            headers={**heads, "value": "restatement.value"},
            formats={"points_then": "points"},
            then=each.then,
        )


def _in_units(page: Page, readings: pd.DataFrame) -> pd.DataFrame:
    """Write the readings of then in the unit of their indicator, as the table does for now."""
    forms = [page.labels.form(indicator) for indicator in readings["indicator"]]
    pairs = zip(readings["value_then"], forms, strict=True)
    return readings.assign(value_then=[page.t.number(value, form) for value, form in pairs])
