"""Sections that a month has only where a team keeps the file: campaigns, objectives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.okr import beside
from kpilib.scheme import Bands
from kpilib.texts import slots
from kpilib.uplift import POWER, RARE, Uplift, sessions_of, uplift

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from kpilib.display import Page
    from kpilib.outcomes import Outcomes

_UNITS = {"dwell_time": "seconds", "conversion": "percent1"}


def show_uplift(page: Page, outcomes: Outcomes, seed: int = 0) -> None:
    """Show what the month's campaigns did; nothing where campaigns.csv names none of it."""
    month = outcomes.grades.scores.readings.month
    campaigns = month.tables["campaigns"]
    start = pd.Timestamp(month.month)
    end = start + pd.offsets.MonthEnd(0)
    here = campaigns[(campaigns["first"] <= end) & (campaigns["last"] >= start)]
    if here.empty:
        return
    months = [*(g.scores.readings.month for g in outcomes.before), month]
    sessions = sessions_of([each.tables["sessions"] for each in months])
    # Campaigns of other months stay in: their days and rooms are nothing to compare with.
    found = uplift(sessions, campaigns, seed=seed)
    table = found.table[found.table["campaign"].isin(here["campaign"])]
    page.section("uplift.title")
    page.say("uplift.lead", window=found.window)
    page.items([uplift_told(page, row) for row in table.to_dict("records")])
    page.table(
        _written(page, table),
        caption="uplift.table",
        headers={name: f"uplift.{name}" for name in (*_SHOWN, *_LEVELS)},
        formats={**_SHOWN, **dict.fromkeys(_LEVELS, "text")},
    )
    _method(page, found)


_SHOWN = {
    "campaign": "text",
    "metric": "text",
    "days": "count",
    "comparable": "count",
    "uplift": "signed_percent",
    "interval": "text",
    "rarer": "percent",
    "detectable": "signed_percent",
}
_LEVELS = ("before", "during")


def _written(page: Page, table: pd.DataFrame) -> pd.DataFrame:
    """Write levels in their units; leadership sees changes only, for a room has few hosts."""
    shown = table.assign(metric=[page.text(f"uplift.{key}") for key in table["metric"]])
    shown["interval"] = [
        None if pd.isna(low) else page.text("uplift.from_to", low=low, high=high)
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    for name in _LEVELS:
        levels = zip(table[name], table["metric"], strict=True)
        shown[name] = [page.t.number(value, _UNITS[str(key)]) for value, key in levels]
    levels_seen = _LEVELS if page.sees_people else ()
    columns = [*list(_SHOWN)[:4], *levels_seen, *list(_SHOWN)[4:]]
    return shown[columns]


def uplift_told(page: Page, row: Mapping[Hashable, Any]) -> str:
    """Say what became of a metric in a campaign, and how far that is to be trusted."""
    key = _case(row)
    said = {**row, "metric": page.text(f"uplift.{row['metric']}")}
    needed = slots(page.t.raw(f"uplift.{key}"))
    return page.text(f"uplift.{key}", **{str(k): v for k, v in said.items() if k in needed})


def _case(row: Mapping[Hashable, Any]) -> str:
    """Return the key of the sentence that a row of the table calls for."""
    if pd.isna(row["uplift"]):
        return "from_zero" if row["before"] == 0 else "none"
    if row["during"] == 0:
        return "to_zero"
    if pd.isna(row["low"]):
        return "one_day"
    if row["told"]:
        return "told"
    if not (row["low"] > 0 or row["high"] < 0):
        return "untold"
    return "untried" if pd.isna(row["rarer"]) else "common"


def _method(page: Page, found: Uplift) -> None:
    page.note("uplift.method", draws=found.draws, seed=found.seed, power=POWER, rare=RARE)


def show_okr(page: Page, outcomes: Outcomes) -> None:
    """Show objectives beside grades; nothing where okr.csv has none for the month."""
    month = outcomes.grades.scores.readings.month
    okr, people = month.tables["okr"], month.tables["people"]
    # A page of one team has its own people; whom people.csv does not know is an error in any.
    mine = okr["person"].isin(outcomes.table.index)
    okr_here = okr[mine | ~okr["person"].isin(people["person"])]
    if okr_here.empty:
        return
    found = beside(outcomes, okr_here)
    page.section("okr.title")
    page.say("okr.lead", n=len(found.table))
    gone = people.loc[people["left"] < pd.Timestamp(month.month), "person"]
    left = okr[okr["person"].isin(gone) & ~mine]
    if len(left):
        page.say("okr.gone", n=len(left))
    if pd.isna(found.rank_correlation):
        page.say("okr.few", n=found.n)
    else:
        rho, low, high = found.rank_correlation, found.low, found.high
        page.say("okr.correlation", rho=rho, low=low, high=high, n=found.n)
    if not isinstance(outcomes.scheme.grading, Bands):
        page.say("okr.quota")
    else:
        page.table(
            found.counts,
            caption="okr.counts",
            headers={name: f"okr.{name}" for name in ("share", "up", "down")},
            formats={"up": "people", "down": "people"},
        )
        page.table(
            found.changes,
            caption="okr.changes",
            headers={"share": "okr.share", "grade_with": "okr.grade_with"},
        )
    # Sentences of people: a list would join them by "and", as if they were one.
    said = [page.text("okr.between").join(each) for each in found.table["contribution"]]
    people_shown = found.table.assign(contribution=said)
    page.table(
        people_shown if page.sees_names else people_shown.drop(columns="contribution"),
        caption="okr.people",
        headers={name: f"okr.{name}" for name in ("objectives", "completion", "contribution")},
        formats={"completion": "percent", "contribution": "text"},
    )
    page.note("okr.method")
