"""What pages say of closed months, amendments and requests, to each audience."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from kpilib import display
from kpilib.outcomes import Kept, settle
from kpilib.pieces.closed import show_closed, show_requests
from tests.test_outcomes import month

COLUMNS = ["number", "person", "field", "was", "now", "by", "at", "why"]
AMENDED = [
    [1, "a", "grade", "C", "B", "HR", "2025-06-20T10:00:00+00:00", "少计一笔订单"],
    [2, "a", "pay", "550.00", "700.00", "HR", "2025-06-21T10:00:00+00:00", None],
]


@pytest.fixture
def outcomes():
    """Return a May that is open, after an April that was closed and amended and an open March."""
    before = [month("2025-03", {"a": 90}), month("2025-04", {"a": 55})]
    made = settle(month("2025-05", {"a": 90}), before)
    rows = pd.DataFrame(AMENDED, columns=COLUMNS, dtype=object)
    pay = pd.Series({"a": Decimal("700.00")}, dtype=object)
    kept = Kept("2025-04", "2025-05-20T09:00:00+00:00", "5ea1" * 16, "abc", pay, rows)
    return replace(made, kept={"2025-04": kept})


def said(audience, call, outcomes, lang="en"):
    """Return what a page shows, as text of its HTML."""
    page = display.Page("monthly_review", lang=lang, audience=audience)
    page.know(outcomes)
    shown = []
    page._emit = lambda html, **_: shown.append(html)
    call(page, outcomes)
    return "".join(shown)


def test_hr_sees_what_stood_and_what_stands_with_the_reason(outcomes):
    text = said("hr", show_closed, outcomes)
    assert "May 2025 is not closed" in text
    assert "Read as they were closed: April 2025." in text
    assert "Made anew from their exports, being not closed: March 2025." in text
    for cell in ("C", "B", "¥550.00", "¥700.00", "HR", "少计一笔订单", "20 June 2025"):
        assert f">{cell}<" in text


def test_analysts_see_no_pay_and_no_words_and_leaders_no_person(outcomes):
    text = said("analyst", show_closed, outcomes)
    assert ">C<" in text
    for hidden in ("550.00", "700.00", "HR", "少计一笔订单"):
        assert hidden not in text
    text = said("leadership", show_closed, outcomes)
    assert "April 2025" in text
    assert "<table" not in text


def test_a_month_that_is_closed_says_when_and_by_which_seal(outcomes):
    april = replace(outcomes, grades=outcomes.before[-1], before=outcomes.before[:-1])
    text = said("hr", show_closed, april, lang="zh")
    assert "2025年4月已于2025年5月20日关账" in text
    assert "5ea15ea15ea15ea1" in text


def test_the_sheet_of_requests_is_for_those_who_see_people():
    hits = pd.DataFrame(
        {"work": [1], "title": ["v"], "plays": [1_200_000.0], "person": ["a"], "share": [1.0]}
    )
    outcomes = settle(month("2025-05", {"a": 90}, hits=hits))
    text = said("hr", show_requests, outcomes)
    assert "1,200,000" in text
    assert 'class="room"' in text
    assert said("leadership", show_requests, outcomes) == ""
    assert said("hr", show_requests, settle(month("2025-05", {"a": 90}))) == ""
