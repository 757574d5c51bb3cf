"""On a page: how far a month's results are on the way to their signatures."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kpilib.errors import KpiError
from kpilib.signoff import Signoff, signoff
from kpilib.workdays import read_workdays

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.outcomes import Outcomes


def show_signoff(page: Page, outcomes: Outcomes, on: str = "") -> None:
    """Show who is where and what is overdue; nothing where signoff.csv has none of the month.

    Parameters
    ----------
    page : Page
        Where to show it.
    outcomes : Outcomes
        The month.
    on : str
        Day to look at, ``YYYY-MM-DD``; by default that of the last entry.

    Raises
    ------
    KpiError
        If ``on`` is no day, or an entry of signoff.csv cannot be.
    """
    found = _standing(outcomes, on)
    if found is None:
        return
    table = found.table
    page.section("signoff.title")
    page.say(
        "signoff.lead",
        on=found.on,
        done=int(table["done"].sum()),
        n=len(table),
        overdue=int(table["overdue"].sum()),
    )
    counts = found.counts.rename_axis("state").rename("people").reset_index()
    page.table(
        page.suppress(counts, "people"),
        caption="signoff.counts",
        headers={"state": "signoff.state"},
    )
    begun = ~table["done"] & (table["state"] != "open")
    pending = table[begun].sort_values(["overdue", "due"], ascending=[False, True])
    page.table(
        pending[["team", "state", "since", "due", "overdue", "next"]],
        caption="signoff.table",
        headers={name: f"signoff.{name}" for name in ("state", "since", "overdue", "next")},
        formats={"since": "day", "due": "day"},
    )
    page.note("signoff.method", days=outcomes.scheme.signing.objection_days)


def remind(page: Page, outcomes: Outcomes, on: str = "") -> None:
    """Say how many objections and appeals wait for an answer, where some do."""
    found = _standing(outcomes, on)
    if found is None:
        return
    table = found.table
    waiting = table["state"].isin(["objection", "appeal"])
    if waiting.any():
        due = table.loc[waiting, "due"].dropna()
        first = due.min() if len(due) else None
        page.say("signoff.waiting", people=True, n=int(waiting.sum()), due=first)


def _standing(outcomes: Outcomes, on: str) -> Signoff | None:
    """Return where everybody stands, or None where signoff.csv has none of the month."""
    month = outcomes.grades.scores.readings.month
    if month.tables["signoff"].empty:
        return None
    return signoff(outcomes, read_workdays(month.data), _day(on))


def _day(on: str) -> date | None:
    try:
        return date.fromisoformat(on) if on else None
    except ValueError:
        raise KpiError(f"on {on!r}", "is no day.", "write it as 2025-06-30.") from None
