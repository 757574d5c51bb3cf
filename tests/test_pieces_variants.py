"""The page of variants in words: what to take, or truly why none, and what was set aside."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from kpilib.pieces import one_table
from kpilib.pieces import variants as show
from kpilib.variants import advise, backtest, read_criteria
from tests.heard import Heard
from tests.test_variants import schemes
from tests.test_variants_advice import months

UNKNOWN = math.nan


def backtested(wishes, limits="", names=("thirds", "leads", "lower", "quota"), **rows):
    """Compare in three months; rows of this month's table may be typed over."""
    held = {scheme.name: scheme for scheme in schemes()}
    criteria = read_criteria(wishes, limits)
    found = backtest(months(), [held[name] for name in names], criteria, "2025-05")
    table = found.seen.table.copy()
    for measure, values in rows.items():
        table.loc[measure] = values
    seen = replace(found.seen, table=table)
    comparisons = found.comparisons | {found.month: seen}
    advices = found.advices | {found.month: advise(seen, criteria)}
    return replace(found, comparisons=comparisons, advices=advices)


def told(found, audience="hr", lang="en"):
    """Return what the page says first, and all that it says of the advice and other months."""
    page = Heard("scheme_variants", audience=audience, lang=lang)
    key, values = show.verdict(page, found)
    page.verdict(key, **values)
    show.show_advice(page, found)
    show.show_months(page, found)
    return page.text_of("verdict"), page.text_of("text")


def test_a_wish_that_none_answers_is_set_aside_and_said_to_be():
    """Four people of one role leave no gap between roles; the payroll decides all the same."""
    first, said = told(backtested("gap_roles 1, payroll 0"))
    assert "By the criteria declared, keep Published scheme (thirds)." in first
    assert "(Set aside, for none of the schemes says anything on it here: the gap between" in first
    assert "the gap between roles: it takes two roles of five people." in said
    assert "The scheme that comes first here does so in 2 of 2 other months." in said


def test_a_limit_that_none_answers_is_set_aside_where_a_quota_is_in_force():
    first, said = told(backtested("payroll 0", "far <= 3", ("quota", "thirds", "leads")))
    assert "By the criteria declared" in first
    assert "people moving by more than one grade: no other scheme grades on the scale" in said


def test_without_an_answered_wish_the_verdict_blames_no_limit():
    first, said = told(backtested("gap_roles, gap_teams", "payroll_change <= 1"))
    assert "The criteria declared cannot be answered for these people" in first
    assert "the gap between roles and the gap between teams" in first
    assert "limit" not in first
    assert "which criteria to declare instead of the gap between roles" in said
    assert "comes first here does so" not in said


@pytest.mark.parametrize(
    ("rows", "verdict", "decide"),
    [
        (
            {"firm": [0.2, 0.3, 0.4], "gap_roles": [1, 1, 1]},
            "None of the 3 schemes keeps all the limits declared",
            "which limit may be loosened.",
        ),
        (
            {"firm": [0.9, UNKNOWN, 0.9], "gap_roles": [UNKNOWN, 1, UNKNOWN]},
            "None of the 3 schemes can be advised: each leaves open something that others answer"
            "</strong> (the gap between roles and grades with odds above 90%)",
            "which of these to take out of the criteria and limits",
        ),
        (
            {"firm": [0.2, UNKNOWN, 0.9], "gap_roles": [1, 1, UNKNOWN]},
            "3 schemes can be advised</strong>: 1 breaks a limit, and 2 leave open something",
            "which limit may be loosened, or which of these to take out",
        ),
    ],
)
def test_where_none_fits_the_verdict_says_which_of_the_reasons_it_is(rows, verdict, decide):
    first, said = told(backtested("gap_roles", "firm >= 0.5", ("thirds", "leads", "lower"), **rows))
    assert verdict in first
    assert decide in said
    assert "comes first here does so" not in said


def test_two_limits_on_one_measure_are_unanswered_once():
    found = backtested("payroll 0", "far <= 3, far >= 0", ("thirds", "leads", "quota"))
    assert told(found)[1].count("nothing can be said of people moving by more than one") == 1


@pytest.mark.parametrize(
    ("lang", "said", "hidden"),
    [("en", "On grades with odds above 90% it is ahead of", "not shown"), ("zh", "优于", "不显示")],
)
def test_leadership_reads_a_sentence_without_the_value_that_is_hidden(lang, said, hidden):
    """Three of four people have firm grades: the value would tell of one, the order does not."""
    found = backtested("firm 0", names=("thirds", "leads"), firm=[0.75, 0.5])
    first, _ = told(found, "leadership", lang)
    assert said in first
    assert hidden not in first


def test_leadership_reads_of_a_limit_broken_without_the_hidden_value():
    """Of 40 people one to four are less sure: each of these shares is below 98%."""
    rows = {"n": [40, 40], "firm": [1.0, 0.95]}
    _, said = told(
        backtested("payroll 0", "firm >= 0.98", ("thirds", "leads"), **rows), "leadership"
    )
    assert "is out: grades with odds above 90% is not ≥ 98%." in said
    assert "not shown" not in said


LIMITS = ["far <= 3", "far <= 1", "far >= 2", "far <= 4", "far <= 0", "far <= 3, far >= 3"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("limits", LIMITS)
def test_no_limit_tells_leadership_a_hidden_count(limits, lang, monkeypatch):
    """Whatever the count of 1 to 4 is, the page is the same: who is out, what is advised, why."""
    hidden = {"thirds": set(), "leads": {"far", "kappa"}}
    monkeypatch.setattr(one_table, "_hidden", lambda seen: hidden)
    pages = set()
    for far in (1, 2, 3, 4):
        rows = {"n": [40, 40], "up": [UNKNOWN, 10], "down": [UNKNOWN, 10], "payroll": [9, 1]}
        found = backtested("payroll 0", limits, ("thirds", "leads"), far=[UNKNOWN, far], **rows)
        pages.add(told(found, "leadership", lang))
    assert len(pages) == 1


def test_leadership_is_told_that_a_limit_is_not_held_and_hr_who_breaks_it(monkeypatch):
    monkeypatch.setattr(one_table, "_hidden", lambda _: {"thirds": set(), "leads": {"far"}})
    rows = {"n": [40, 40], "up": [UNKNOWN, 10], "far": [UNKNOWN, 4], "payroll": [9, 1]}
    found = backtested("payroll 0", "far <= 3, payroll_change >= -0.9", ("thirds", "leads"), **rows)
    first, said = told(found, "leadership")
    assert "(Not held here: people moving by more than one grade ≤ 3." in first
    assert "Ask HR whether the scheme advised keeps it." in said
    assert "What a scheme must keep: the change of performance pay" in said
    _, full = told(found)
    assert "people moving by more than one grade is 4, not ≤ 3" in full
