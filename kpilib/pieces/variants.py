"""Variants compared, told on a page: the one table, the advice, one pair, the other months."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib import figures
from kpilib.audience import SMALL
from kpilib.errors import KpiError
from kpilib.pieces.one_table import hidden_of, in_blocks, one_table
from kpilib.texts import slots
from kpilib.texts.numerals import is_unknown
from kpilib.variants import MEASURES, compare, named, reasons
from kpilib.variants.rules import differing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpilib.display import Page
    from kpilib.readings import Readings
    from kpilib.variants import Advice, Backtest, Comparison, Limit, Reasons

WIDE = 8  # variants beside each other on a sheet of paper
NO_BREAK, LONG = "\N{NO-BREAK SPACE}", 26
SHOWN = 20  # people whose reasons a page lists


def verdict(page: Page, tested: Backtest) -> tuple[str, Mapping[str, object]]:
    """Return the key of the verdict and its values: what to take, why, and what it costs."""
    seen, advice = tested.seen, tested.advice
    for held in seen.outcomes.values():
        page.know(held)
    if seen.nobody:
        return seen.nobody
    titles = seen.titles(page.t.lang)
    told: dict[str, object] = {"first": titles[seen.first], "n": seen.n, "n_all": len(titles)}
    if advice.chosen is None:
        key = f"verdict.{_why_none(advice)}"
        told |= {"broken": len(advice.breaking), "unsaid": len(titles) - len(advice.breaking)}
        told["measures"] = [_measure(page, m) for m in advice.unanswered or advice.aside]
        return key, _needed(page, key, told)
    told |= {"chosen": titles[advice.chosen], "same": tested.same, "others": tested.others}
    told["reason"] = _reason(page, seen, advice)
    if advice.chosen == seen.first:
        return "verdict.keep", _needed(page, "verdict.keep", told)
    told["change"] = seen.table.loc["payroll_change", advice.chosen]
    if 2 * tested.same < tested.others:  # one month against most of the others
        return "verdict.weak", _needed(page, "verdict.weak", told)
    moved = seen.contrasts[advice.chosen].moved()
    secret = not page.sees_people and "up" in hidden_of(seen, advice.chosen)
    if moved is None or secret:
        return "verdict.take_unsaid", _needed(page, "verdict.take_unsaid", told)
    return "verdict.take", _needed(page, "verdict.take", {**told, "moved": sum(moved)})


def _why_none(advice: Advice) -> str:
    """Say in a word why no variant comes first."""
    if not advice.wishes:
        return "no_wish"
    if len(advice.breaking) == len(advice.held):
        return "none"
    return "none_mixed" if advice.breaking else "none_unsaid"


def _needed(page: Page, key: str, values: dict[str, object]) -> dict[str, object]:
    needed = slots(page.t.raw(f"scheme_variants.{key}"))
    return {name: value for name, value in values.items() if name in needed}


def _reason(page: Page, seen: Comparison, advice: Advice) -> str:
    """Say in a clause what put the chosen one first."""
    said = _decided(page, seen, advice)
    if not advice.aside:
        return said
    aside = page.text("reason.aside", measures=[_measure(page, m) for m in advice.aside])
    return page.text("reason.both", reason=said, aside=aside)


def _decided(page: Page, seen: Comparison, advice: Advice) -> str:
    if advice.decided is None:
        return page.text("reason.alone")
    titles, chosen = seen.titles(page.t.lang), str(advice.chosen)
    rivals = [titles[name] for name in advice.rivals]
    measure = _measure(page, advice.decided)
    if _is_hidden(page, seen, chosen, advice.decided):
        return page.text("reason.decided_hidden", measure=measure, rivals=rivals)
    value = _value(page, advice, chosen, advice.decided)
    return page.text("reason.decided", measure=measure, value=value, rivals=rivals)


def _measure(page: Page, measure: str) -> str:
    return page.text(f"measure.{measure}")


def _is_hidden(page: Page, seen: Comparison, name: str, measure: str) -> bool:
    return not page.sees_people and measure in hidden_of(seen, name)


def _value(page: Page, advice: Advice, name: str, measure: str) -> str:
    return page.t.number(advice.held.loc[name, measure], MEASURES[measure].form)


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


def show_advice(page: Page, tested: Backtest) -> None:
    """Show the criteria, the reasons for the advice, and the doubts about it, in words."""
    seen, advice = tested.seen, tested.advice
    if seen.nobody:
        return
    wishes = [_measure(page, wish.measure) for wish in advice.criteria.wishes]
    limits = [
        f"{_measure(page, c.measure)} {_SIGN[c.sign]} {_limit(page, c)}"
        for c in advice.criteria.limits
    ]
    page.say("advice.wishes", wishes=wishes)
    if limits:
        page.say("advice.limits", limits=limits)
    if advice.aside:
        page.say("advice.aside")
        page.items(
            page.text("advice.unanswered", measure=_measure(page, m), why=page.text(f"silent.{m}"))
            for m in advice.aside
        )
    reasons = _reasons(page, seen, advice)
    if reasons:
        page.say("advice.reasons")
        page.items(reasons)
    doubts = _doubts(page, tested)
    if doubts:
        page.say("advice.doubts")
        page.items(doubts)
    _say_what_to_decide(page, tested)


def _limit(page: Page, limit: Limit) -> str:
    """Write a limit's number; the reader gave it, so it is no count of people to hide."""
    form = MEASURES[limit.measure].form
    return page.t.number(limit.value, "number" if form == "people" else form)


def _say_what_to_decide(page: Page, tested: Backtest) -> None:
    seen, advice, chosen = tested.seen, tested.advice, tested.advice.chosen
    titles = seen.titles(page.t.lang)
    if chosen is None:
        why = _why_none(advice)
        left = [_measure(page, m) for m in advice.unanswered or advice.aside]
        told: dict[str, Any] = {} if why == "none" else {"measures": left}
        page.say(f"advice.decide_{why}", **told)
    elif chosen == seen.first:
        page.say("advice.decide_keep", first=titles[seen.first])
    else:
        page.say("advice.decide", first=titles[seen.first], chosen=titles[chosen])


_SIGN = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}


def _reasons(page: Page, seen: Comparison, advice: Advice) -> list[str]:
    titles = seen.titles(page.t.lang)
    said = [
        page.text("advice.out", variant=titles[name], why=_out(page, seen, advice, name))
        for name in [*advice.broken, *(name for name in advice.unsaid if name not in advice.broken)]
    ]
    if advice.chosen is None:
        return said
    if not page.sees_people:
        return said  # the rest stands in verdict and table
    values = [
        f"{_measure(page, w.measure)} {_value(page, advice, advice.chosen, w.measure)}"
        for w in advice.wishes
    ]
    said.append(page.text("advice.chosen", variant=titles[advice.chosen], values=values))
    if advice.decided:
        told = [
            f"{titles[name]} {_value(page, advice, name, advice.decided)}" for name in advice.rivals
        ]
        measure = _measure(page, advice.decided)
        said.append(page.text("advice.behind", measure=measure, rivals=told))
    fit = {
        name: [other for other in others if other in advice.ranking]
        for name, others in advice.dominated.items()
    }
    for name, others in fit.items():
        if not others:
            continue
        over = [titles[other] for other in others]
        said.append(page.text("advice.dominated", variant=titles[name], others=over))
    return said


def _out(page: Page, seen: Comparison, advice: Advice, name: str) -> list[str]:
    """Say each thing that puts a variant out, once: two limits may ask for one measure."""
    said = []
    for limit in advice.broken.get(name, ()):
        measure = _measure(page, limit.measure)
        bound = f"{_SIGN[limit.sign]} {_limit(page, limit)}"
        if is_unknown(advice.held.loc[name, limit.measure]):
            said.append(page.text("advice.says_nothing", measure=measure))
        elif _is_hidden(page, seen, name, limit.measure):
            said.append(page.text("advice.breaks_hidden", measure=measure, limit=bound))
        else:
            value = _value(page, advice, name, limit.measure)
            said.append(page.text("advice.breaks", measure=measure, value=value, limit=bound))
    if not advice.broken.get(name):
        unsaid = [_measure(page, m) for m in advice.unsaid[name]]
        said += [page.text("advice.says_nothing", measure=measure) for measure in unsaid]
    return list(dict.fromkeys(said))


def _doubts(page: Page, tested: Backtest) -> list[str]:
    """Say what speaks against the advice: what else would come out, and what is not known."""
    seen, advice = tested.seen, tested.advice
    if advice.chosen is None:
        return []
    titles, chosen = seen.titles(page.t.lang), advice.chosen
    said = []
    if advice.alike:
        said.append(page.text("doubt.alike", others=[titles[name] for name in advice.alike]))
    for measure, other in advice.otherwise.items():
        first = _measure(page, measure)
        said.append(page.text("doubt.otherwise", measure=first, other=titles[other]))
    if tested.others and page.sees_people:  # leadership reads it in the verdict
        counts = {"same": tested.same, "others": tested.others}
        said.append(page.text("doubt.months", variant=titles[chosen], **counts))
    elif not tested.others:
        said.append(page.text("doubt.one_month"))
    firm = float(seen.table[chosen]["firm"])
    if not is_unknown(firm) and not (not page.sees_people and "firm" in hidden_of(seen, chosen)):
        said.append(page.text("doubt.firm", share=1 - firm))
    if not page.sees_people:
        return said
    warnings = int(seen.table[chosen]["warnings"])
    if warnings:
        said.append(page.text("doubt.warnings", n=warnings, variant=titles[chosen]))
    assumed = seen.outcomes[chosen].scheme.assumed
    if assumed:
        said.append(page.text("doubt.assumed", n=len(assumed)))
    return said


def show_facts(page: Page, seen: Comparison) -> None:
    """Show the key figures under the verdict: three, and two more for HR."""
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


def show_months(page: Page, tested: Backtest) -> None:
    """Show whether the ranking holds in other months, and how steady each variant is."""
    titles = tested.seen.titles(page.t.lang)
    if tested.seen.nobody:
        return
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
