"""On a page: which months are closed, what was amended since, and what hits may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from kpilib.outcomes import resource_requests
from kpilib.texts.numerals import is_unknown

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.outcomes import Outcomes

_SHOWN: Final = ("month", "person", "field", "was", "now", "at", "by", "why")


def show_closed(page: Page, outcomes: Outcomes) -> None:
    """Say which months were read as closed and which made anew, and list what was amended."""
    kept, closed = outcomes.kept, outcomes.before_closed
    anew = [each.month for each in outcomes.before if each.month not in closed]
    page.section("closed.title")
    if outcomes.month in kept:
        mine = kept[outcomes.month]
        page.say("closed.this", month=mine.month, day=mine.closed[:10], seal=mine.seal[:16])
    else:
        page.say("closed.open", month=outcomes.month)
    for key, months in (("closed.before", closed), ("closed.anew", anew)):
        if months:
            named = [page.label("month", month) for month in months]
            page.say(key, months=named)
    table = _amended(page, outcomes)
    if table.empty:
        return
    page.say("closed.amended", people=True)
    page.table(
        table,
        caption="closed.table",
        headers={name: f"closed.{name}" for name in ("field", "was", "now", "at", "by", "why")},
        formats={"month": "month", "was": "text", "now": "text", "at": "day"},
    )


def _amended(page: Page, outcomes: Outcomes) -> pd.DataFrame:
    """List every amendment of the months on the page, oldest month first, for its audience."""
    parts = [each.amendments.assign(month=each.month) for each in outcomes.kept.values()]
    parts = [part for part in parts if not part.empty]
    if not parts:
        return pd.DataFrame(columns=list(_SHOWN))
    table = pd.concat(parts, ignore_index=True)
    shown = list(_SHOWN)
    if not page.sees_pay:  # who may not see pay sees no words of HR's either
        table = table[table["field"] != "pay"]
        shown = shown[:-2]
    forms = {"score": "points", "pay": "money2"}
    for side in ("was", "now"):
        told = zip(table[side], table["field"], strict=True)
        table[side] = [_figure(page, value, forms.get(field)) for value, field in told]
    words = {field: page.text(f"columns.{field}") for field in set(table["field"])}
    return table.assign(
        field=table["field"].map(words), at=table["at"].str[:10], why=table["why"].fillna("")
    )[shown]


def _figure(page: Page, value: object, form: str | None) -> str:
    """Write what was amended as the page writes such figures; a grade stays a grade."""
    if is_unknown(value):
        return ""
    return page.t.number(float(str(value)), form) if form else str(value)


def show_requests(page: Page, outcomes: Outcomes) -> None:
    """Show the sheet on which makers of hits ask for resources; nothing where there is no hit."""
    sheet, rule = resource_requests(outcomes), outcomes.scheme.bonus
    if rule is None or sheet.empty or not page.sees_people:
        return
    page.section("requests.title", people=True)
    page.say("requests.lead", people=True, plays=rule.above_plays)
    page.table(
        sheet.drop(columns="team"),
        caption="requests.table",
        headers={"title": "requests.work", "plays": "requests.plays", "share": "requests.share"},
        formats={"title": "text", "plays": "count", "share": "percent"},
        month=outcomes.month,
    )
    page.room("requests.asks", lines=4)
