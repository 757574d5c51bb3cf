"""Scorecards on a page: one person's with its figure and room to write, or everybody's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from kpilib.pieces.ratings import show_views
from kpilib.scorecard import Scorecard, scorecard, scorecards

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.outcomes import Outcomes


def show_verdict(page: Page, outcomes: Outcomes, person: str = "") -> None:
    """Show what the page is; of everybody, where nobody is graded, that and why."""
    nobody = None if person else outcomes.nobody
    if nobody:
        page.verdict(nobody[0], tone="watch", **nobody[1])
    else:
        page.verdict("verdict", n=1 if person else len(outcomes.table))


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
        return
    for card in [scorecard(outcomes, person)] if person else scorecards(outcomes):
        _show(page, card, outcomes, alone=bool(person))


def show_interview(page: Page, person: str) -> None:
    """Leave room to write for the interview, on a page about one person."""
    if person and page.sees_people:
        page.section("interview")
        for key in ("own", "causes", "help", "next"):
            page.room(f"interview.{key}")


def _show(page: Page, card: Scorecard, outcomes: Outcomes, *, alone: bool) -> None:
    who = page.person(card.person)
    page.section("card", anchor=card.person, who=who)
    _lead(page, card)
    if card.items.empty:
        return
    if alone and card.summary["status"] == "ok":
        _figure(page, card)
    formats = {"points": "points2", "applied": "percent2"}  # enough places to redo it
    headers = {"needs": "card.needs"}
    page.table(
        _items(card), caption="card.items", headers=headers, formats=formats, total=True, who=who
    )
    show_views(page, outcomes, card.person)
    if alone:
        history = card.history.rename_axis("month").reset_index()
        page.table(history, caption="card.history", who=who)


def _figure(page: Page, card: Scorecard) -> None:
    from kpilib import figures

    items = card.items.dropna(subset="points")
    titles = {key: page.label("indicator", key) for key in items["indicator"]}
    said = [
        f"{titles[key]} {page.t.number(points, 'points')}"
        for key, points in zip(items["indicator"], items["points"], strict=True)
    ]
    page.show(
        figures.scorecard(card.items, page.t, label=lambda key: titles.get(key, key)),
        caption="card.figure",
        alt="card.alt",
        who=page.person(card.person),
        best=titles[items["indicator"].iloc[int(items["contribution"].argmax())]],
        worst=titles[items["indicator"].iloc[int(items["lost"].argmax())]],
        items=said,
    )


def _lead(page: Page, card: Scorecard) -> None:
    row = card.summary
    roles = [page.label("role", role) for role in row["roles"]]
    if row["status"] == "no_score":
        page.say("card.none" if card.items.empty else "card.idle")
    elif row["status"] == "unknown":
        page.say("card.unknown")
    else:
        values = {name: row[name] for name in ("score", "grade", "total", "bonus")}
        page.say("card.line", role=roles, team=page.label("team", row["team"]), **values)
        if row.get("computed", row["grade"]) != row["grade"]:
            page.say("card.calibrated", grade=row["grade"], computed=row["computed"])
        if page.sees_pay:
            page.say("card.pay", pay=row["pay"], base=row["base_pay"], score=row["score"])


def _items(card: Scorecard) -> pd.DataFrame:
    """Return the rows of a card: an item that did not occur says so, and a total closes it."""
    columns = ["indicator", "value", "target", "points", "applied", "contribution", "needs"]
    items = card.items[columns].copy()
    if (card.items["status"] != "ok").any():
        items.insert(1, "status", card.items["status"])
    whole = dict.fromkeys(items.columns, math.nan) | {
        "indicator": "total",
        "applied": items["applied"].sum(),
        "contribution": card.summary["total"],
    }
    return pd.concat([items, pd.DataFrame([whole])], ignore_index=True)
