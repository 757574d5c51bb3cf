"""Scorecards on a page: one person's with figure and room to write, or everybody's in brief."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from kpilib.scorecard import Scorecard, scorecard

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.outcomes import Outcomes

_HEADERS = {"applied": "columns.applied", "needs": "card.needs", "target": "columns.target"}


def show_cards(page: Page, outcomes: Outcomes, person: str = "") -> None:
    """Show one person's card, or everybody's in the order of the table.

    Parameters
    ----------
    page : Page
        Where to show them; shows nothing to an audience that sees no single people.
    outcomes : Outcomes
        The month.
    person : str, default everybody
        Whose card.
    """
    if not page.sees_people:
        page.say("card.hidden")
        return
    for each in [person] if person else list(outcomes.table.index):
        _show(page, scorecard(outcomes, each), outcomes, alone=bool(person))


def _show(page: Page, card: Scorecard, outcomes: Outcomes, *, alone: bool) -> None:
    who, row = page.person(card.person), card.summary
    page.section("card", anchor=card.person, who=who)
    _lead(page, row)
    if card.items.empty:
        return
    page.table(
        _items(card),
        caption="card.items",
        headers=_HEADERS,
        formats={"needs": "reading", "range": "text"},
        total=True,
        who=who,
    )
    if alone:
        history = card.history.rename_axis("month").reset_index()
        page.table(history, caption="card.history", who=who)


def _lead(page: Page, row: pd.Series) -> None:
    roles = [page.label("role", role) for role in row["roles"]]
    if row["status"] == "no_score":
        page.say("card.none")
    elif row["status"] == "unknown":
        page.say("card.unknown")
    else:
        page.say(
            "card.line",
            role=roles,
            team=page.label("team", row["team"]),
            **{name: row[name] for name in ("score", "grade", "total", "bonus")},
        )
        if page.sees_pay:
            page.say("card.pay", pay=row["pay"], base=row["base_pay"], score=row["score"])


def _items(card: Scorecard) -> pd.DataFrame:
    columns = ["indicator", "value", "target", "points", "applied", "contribution", "needs"]
    items = card.items[columns].copy()
    whole = dict.fromkeys(columns, math.nan) | {
        "indicator": "total",
        "applied": items["applied"].sum(),
        "contribution": card.summary["total"],
    }
    return pd.concat([items, pd.DataFrame([whole])], ignore_index=True)
