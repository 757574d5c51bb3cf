"""The advice on variants, told on a page: the verdict, its reasons and its doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpilib.pieces.one_table import hidden_of, withheld
from kpilib.texts import slots
from kpilib.texts.numerals import is_unknown
from kpilib.variants import MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpilib.display import Page
    from kpilib.variants import Advice, Backtest, Comparison, Limit


def verdict(page: Page, tested: Backtest) -> tuple[str, Mapping[str, object]]:
    """Return the key of the verdict and its values: what to take, why, and what it costs."""
    tested, unsaid = as_told(page, tested)
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
    if unsaid:
        limits = [_limited(page, limit) for limit in unsaid]
        aside = page.text("reason.withheld", limits=limits)
        told["reason"] = page.text("reason.both", reason=told["reason"], aside=aside)
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


def as_told(page: Page, tested: Backtest) -> tuple[Backtest, tuple[Limit, ...]]:
    """Return the advice as the audience may have it, and the limits that it is not held to."""
    if page.sees_people or tested.seen.nobody:
        return tested, ()
    unsaid = withheld(tested.seen, tested.advice.criteria.limits)
    return (tested.without(unsaid), unsaid) if unsaid else (tested, ())


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


def show_advice(page: Page, tested: Backtest) -> None:
    """Show the criteria, the reasons for the advice, and the doubts about it, in words."""
    tested, unsaid = as_told(page, tested)
    seen, advice = tested.seen, tested.advice
    if seen.nobody:
        return
    wishes = [_measure(page, wish.measure) for wish in advice.criteria.wishes]
    limits = [_limited(page, limit) for limit in advice.criteria.limits]
    page.say("advice.wishes", wishes=wishes)
    if limits:
        page.say("advice.limits", limits=limits)
    if unsaid:
        page.say("advice.withheld", limits=[_limited(page, limit) for limit in unsaid])
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


def _limited(page: Page, limit: Limit) -> str:
    return f"{_measure(page, limit.measure)} {_SIGN[limit.sign]} {_limit(page, limit)}"


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
