"""Variants compared, told on a page: the one table, the other months, people and costs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib import figures
from kpilib.audience import SMALL
from kpilib.pieces.advice import as_told, show_advice, verdict
from kpilib.pieces.one_table import in_blocks, one_table
from kpilib.pieces.pairs import show_pair
from kpilib.variants import compare, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpilib.display import Page
    from kpilib.readings import Readings
    from kpilib.variants import Backtest, Comparison

__all__ = [
    "show_advice",
    "show_costs",
    "show_facts",
    "show_method",
    "show_months",
    "show_pair",
    "show_people",
    "show_readings",
    "show_table",
    "verdict",
]

WIDE = 8  # variants beside each other on a sheet of paper
NO_BREAK, LONG = "\N{NO-BREAK SPACE}", 26


def show_table(page: Page, seen: Comparison) -> None:
    """Show the one table, in blocks where there are more variants than fit a sheet."""
    if seen.nobody:
        return  # the verdict says it
    table = one_table(seen, page.t, page.view, page.text, partial(page.label, "team"))
    # Paper gives columns even widths: a label that may not break keeps its row to one line.
    table = table.rename(lambda words: words.replace(" ", NO_BREAK) if len(words) < LONG else words)
    blocks = in_blocks(table, WIDE)
    for i, block in enumerate(blocks):
        note = "table.note" if i == len(blocks) - 1 else ""
        page.table(block, caption="table.caption", note=note)
    for name, floor in seen.floors.items():
        page.note("table.floor", variant=seen.titles(page.t.lang)[name], floor=floor)


def show_facts(page: Page, seen: Comparison) -> None:
    """Show the key figures under the verdict: three, and two more for HR."""
    if seen.nobody:
        return
    pay = seen.payroll()["payroll"]
    facts: list[tuple[str, object, str]] = [
        ("facts.n", seen.n, "people"),
        ("facts.low", pay.min(), "money"),
        ("facts.high", pay.max(), "money"),
    ]
    if page.sees_people:
        facts.insert(0, ("facts.variants", len(seen.outcomes), "count"))
        facts.append(("facts.moved", len(seen.movers()), "people"))
    page.facts(*facts)


def show_months(page: Page, tested: Backtest) -> None:
    """Show whether the ranking holds in other months, and how steady each variant is."""
    titles = tested.seen.titles(page.t.lang)
    if tested.seen.nobody:
        return
    tested, _ = as_told(page, tested)
    if not tested.others:
        page.say("months.none")
        return
    if tested.advice.chosen is not None:
        _say_what_holds(page, tested)
    places = tested.places().dropna(how="all").rename(index=titles)
    page.table(
        places.rename_axis(index="variant", columns="month"),
        caption="months.places",
        formats=dict.fromkeys(map(str, places.columns), "count"),
        note="months.places_note",
    )
    if page.sees_people:  # leadership's page is two sheets of paper
        _show_steady(page, tested, titles)


def _say_what_holds(page: Page, tested: Backtest) -> None:
    """Say in how many months the chosen one comes first; for HR also how the rankings agree."""
    told: dict[str, Any] = {"same": tested.same, "others": tested.others}
    agree = tested.agreement().dropna()
    if page.sees_people and len(agree):
        page.say("months.lead", agreement=float(agree.mean()), **told)
    else:
        page.say("months.same", **told)


def _show_steady(page: Page, tested: Backtest, titles: dict[str, str]) -> None:
    steady = tested.stability()
    page.table(
        steady.rename(index=titles),
        caption="months.steady",
        headers={name: f"months.{name}" for name in steady.columns},
        formats={
            "kept": "percent",
            "order": "number",
            "payroll_low": "money",
            "payroll_high": "money",
        },
    )
    if tested.left_out:
        page.note("months.left_out", months=[page.label("month", m) for m in tested.left_out])


def show_people(page: Page, seen: Comparison) -> None:
    """Show everybody whose grade is not the same under all variants of the first's scale."""
    if seen.nobody:
        return
    movers = seen.movers().rename(columns=seen.titles(page.t.lang))
    page.section("people", people=True)
    page.say("people.lead", people=True, differ=len(movers))
    page.table(movers.rename_axis(columns="variant"), caption="people.table")


def show_readings(page: Page, readings: Readings, first: str, others: str) -> None:
    """Show the team scores under each way to read the video roles' 90% (opening G2)."""
    if not others.strip() or not page.sees_people:
        return
    seen = compare(readings, named(first, others))
    if seen.nobody:
        return
    page.section("readings")
    scores, people = (pd.DataFrame(seen.teams.loc[name]).T for name in ("score", "n"))
    table = scores[[team for team in scores.columns if people[team].min() >= SMALL]]
    titles = seen.titles(page.t.lang)
    page.say("readings.lead")
    page.table(
        table.rename(index=titles).rename_axis(index="variant", columns="team"),
        caption="readings.table",
        formats=dict.fromkeys(map(str, table.columns), "points"),
        note="readings.note",
    )


def show_costs(page: Page, seen: Comparison) -> None:
    """Show payroll, spread of scores and grades on other scales; leadership has the one table."""
    if page.sees_people and not seen.nobody:
        page.section("payroll")
        _show_payroll(page, seen)
        _show_spread(page, seen)
        _show_scales(page, seen)


def _show_payroll(page: Page, seen: Comparison) -> None:
    """Show the payroll under each variant."""
    titles, pay = seen.titles(page.t.lang), seen.payroll()
    low, high = (str(pay["payroll"].agg(end)) for end in ("idxmin", "idxmax"))
    page.show(
        figures.payroll(pay, page.t, label=lambda key: titles[key]),
        caption="payroll.figure",
        alt="payroll.alt",
        low=pay["payroll"].min(),
        high=pay["payroll"].max(),
        cheapest=titles[low],
        dearest=titles[high],
        values=_listed(page, pay["payroll"], titles, "money"),
    )


def _show_spread(page: Page, seen: Comparison) -> None:
    """Show how the scores spread under each variant."""
    titles, spread = seen.titles(page.t.lang), seen.spread()
    page.show(
        figures.by_scheme(spread, seen.cuts, page.t, label=lambda key: titles[key]),
        caption="payroll.spread",
        alt="payroll.spread_alt",
        medians=_listed(page, spread["p50"], titles, "points"),
    )


def show_method(page: Page) -> None:
    """Show method and limits; in short for leadership, whose page is two sheets of paper."""
    page.section("method")
    page.note("method.how" if page.sees_people else "method.brief")
    page.note("method.limits")


def _listed(page: Page, values: pd.Series, titles: dict[str, str], form: str) -> Sequence[str]:
    return [f"{titles[str(name)]} {page.t.number(v, form)}" for name, v in values.items()]


def _show_scales(page: Page, seen: Comparison) -> None:
    """Show people by grade under the variants that grade on another scale."""
    from kpilib.pieces.distribution import row_by_row

    titles = seen.titles(page.t.lang)
    for counts in seen.other_scales().values():
        shown = row_by_row(page, counts).rename(index=titles)
        page.table(shown.rename_axis(index="variant", columns="grade"), caption="grades.other")
