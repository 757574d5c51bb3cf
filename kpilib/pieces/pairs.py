"""Two variants, told on a page: who moves from the one to the other, why, and the payroll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib import figures
from kpilib.errors import KpiError
from kpilib.variants import reasons
from kpilib.variants.rules import differing

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.readings import Readings
    from kpilib.variants import Backtest, Reasons

SHOWN = 20  # people whose reasons a page lists


def show_pair(page: Page, tested: Backtest, readings: Readings, against: str = "") -> None:
    """Show what changes from the scheme in force to another: who, why, and the payroll.

    The other is the one named, or the recommended, or the next in the ranking where that is in
    force itself.
    """
    if tested.seen.nobody or not page.sees_people:
        return  # the payroll stands in the one table; steps of few people would tell of them
    seen, titles = tested.seen, tested.seen.titles(page.t.lang)
    ranked = [name for name in tested.advice.ranking if name != seen.first]
    second = against or next(iter([*ranked, *list(seen.outcomes)[1:]]), "")
    if not second:
        return
    if second not in seen.outcomes:
        raise KpiError(
            f"against {second!r}",
            "is none of the schemes compared.",
            f"take one of {list(seen.outcomes)[1:]}.",
        )
    ends = titles[seen.first], titles[second]
    page.section("pair", first=ends[0], second=ends[1])
    rules = [seen.outcomes[name].scheme for name in (seen.first, second)]
    if not differing(*rules):
        page.say("pair.alike", first=ends[0], second=ends[1])
        return
    team = set(seen.outcomes[seen.first].table.index)
    _show_why(page, reasons(readings, *rules, only=team), ends)


def _show_why(page: Page, why: Reasons, titles: tuple[str, str]) -> None:
    ends: dict[str, Any] = {"first": titles[0], "second": titles[1]}
    page.say("pair.lead", rules=[page.text(f"rule.{rule}") for rule in why.rules])
    start, end = why.ends()
    bridge = why.bridge().assign(indicator=lambda table: table["rule"])
    page.show(
        figures.waterfall(
            bridge,
            start,
            page.t,
            ends=titles,
            label=lambda rule: page.text(f"rule.{rule}"),
            form="money",
            xlabel=page.t("figures.payroll"),
        ),
        caption="pair.bridge",
        alt="pair.bridge_alt",
        start=start,
        end=end,
        change=end - start,
        parts=[
            f"{page.text(f'rule.{rule}')} {page.t.number(effect, 'signed_money')}"
            for rule, effect in zip(bridge["rule"], bridge["effect"], strict=True)
        ],
        **ends,
    )
    _show_rules(page, why)
    contrast = why.before.grades.order == why.after.grades.order
    if contrast:
        moved = pd.crosstab(
            why.before.table["grade"].loc[why.people.index],
            why.after.table["grade"].loc[why.people.index],
        )
        scale = list(why.before.grades.order)
        counts = moved.reindex(index=scale, columns=scale, fill_value=0)
        page.show(
            figures.migration(counts, page.t),
            caption="pair.migration",
            alt="pair.migration_alt",
            people=True,
            same=int(np.trace(counts.to_numpy())),
            n=len(why.people),
            **ends,
        )
        _show_movers(page, why)
    else:
        page.say("pair.two_scales", people=True)


def _show_rules(page: Page, why: Reasons) -> None:
    """Show each rule's part: after those before it, and whatever the order."""
    table = pd.DataFrame(
        {
            "rule": [page.text(f"rule.{rule}") for rule in why.rules],
            "payroll": [float(v) for v in why.steps["payroll"]],
            "any_order": [float(v) for v in why.shares["payroll"]],
            "score": why.shares["score"].to_numpy(),
        }
    )
    formats = {"payroll": "signed_money", "any_order": "signed_money", "score": "signed"}
    table["up"], table["down"] = why.steps["up"].to_numpy(), why.steps["down"].to_numpy()
    formats |= {"up": "people", "down": "people"}
    page.table(
        table,
        caption="pair.rules",
        headers={name: f"pair.{name}" for name in formats},
        formats=formats,
        note="pair.rules_note",
    )


def _show_movers(page: Page, why: Reasons) -> None:
    movers = why.movers()
    shown = movers.head(SHOWN).copy()
    shown["rule"] = [None if r is None else page.text(f"rule.{r}") for r in shown["rule"]]
    shown["pay_change"] = [None if p is None else float(p) for p in shown["pay_change"]]
    if not page.sees_pay:
        shown = shown.drop(columns="pay_change")
    page.table(
        shown,
        caption="pair.people",
        headers={
            "grade_before": "pair.grade_before",
            "grade": "pair.grade",
            "rule": "pair.rule",
            "indicator": "pair.indicator",
            "pay_change": "pair.pay_change",
        },
        formats={"pay_change": "signed_money"},
        shown=len(shown),
        n=len(movers),
    )
