"""From the result to its signature: every move allowed or refused, terms in working days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.pieces.signatures import show_signoff
from kpilib.scheme import SIGNING_STEPS, Signing
from kpilib.signoff import DONE, following, signoff
from kpilib.workdays import SHIPPED, read_workdays
from tests.heard import Heard
from tests.months import table_of

WORKDAYS = read_workdays()
STEPPED = tuple(
    (step, f"2025-06-{16 + n}") for n, step in enumerate(SIGNING_STEPS)
)  # the 19th: told
OUTCOMES = ("signed", "refused", "objection", "appeal", "final")


def with_entries(outcomes, entries):
    """Return the month with these entries: person, state, day and, if any, a witness."""
    rows = [
        {
            "person": person,
            "state": state,
            "when": pd.Timestamp(day),
            "who": "hr",
            "witness": more[0] if more else None,
            "note": None,
        }
        for person, state, day, *more in entries
    ]
    readings = outcomes.grades.scores.readings
    month = replace(
        readings.month, tables={**readings.month.tables, "signoff": table_of("signoff", rows)}
    )
    scores = replace(outcomes.grades.scores, readings=replace(readings, month=month))
    return replace(outcomes, grades=replace(outcomes.grades, scores=scores))


def of(person, *entries):
    return [(person, *entry) for entry in (*STEPPED, *entries)]


def stand(may, entries, on=None, person="p001"):
    found = signoff(with_entries(may, entries), WORKDAYS, on and date.fromisoformat(on))
    return found.table.loc[person]


def test_nobody_has_begun_before_the_first_entry(may):
    found = signoff(with_entries(may, []), WORKDAYS)
    assert found.on == date(2025, 6, 15), "the as-of day of the month"
    assert set(found.table["state"]) == {"open"}
    assert found.table["next"].unique().tolist() == [("self_reviewed",)]
    scored = may.table.index[may.table["status"] != "no_score"]
    assert found.still_open == list(scored)


def test_a_signature_ends_it(may):
    row = stand(may, of("p001", ("signed", "2025-06-20")))
    assert row[["state", "next", "due"]].tolist() == ["signed", (), None]
    assert row["done"]
    assert not row["overdue"]


def test_who_says_nothing_within_seven_working_days_has_accepted(may):
    """Told on Thursday 19 June: the term ends on Monday 30 June, and that day still counts."""
    entries = of("p001")
    last = stand(may, entries, "2025-06-30")
    assert last[["state", "due", "done"]].tolist() == ["interviewed", date(2025, 6, 30), False]
    after = stand(may, entries, "2025-07-01")
    assert after[["state", "since"]].tolist() == ["accepted_by_lapse", date(2025, 6, 30)]
    assert after["done"]


def test_a_refusal_is_witnessed_and_lapses_too(may):
    row = stand(may, of("p001", ("refused", "2025-06-20", "union")))
    assert row[["state", "next"]].tolist() == ["refused", ("signed", "objection")]
    assert stand(may, of("p001", ("refused", "2025-06-20", "union")), "2025-07-02")["done"]


def test_an_objection_is_overdue_until_it_is_decided(may):
    entries = of("p001", ("objection", "2025-06-25"))
    row = stand(may, entries, "2025-07-04")
    assert row[["state", "due", "overdue"]].tolist() == ["objection", date(2025, 7, 4), False]
    assert stand(may, entries, "2025-07-07")["overdue"]
    decided = [*entries, ("p001", "appeal", "2025-07-01"), ("p001", "final", "2025-07-03")]
    assert stand(may, decided)["state"] == "final"
    assert stand(may, decided, "2025-07-02")["state"] == "appeal", "the decision is of the 3rd"


@pytest.mark.parametrize(
    ("now", "move"), list(product(("open", *SIGNING_STEPS, *OUTCOMES), repeat=2))
)
def test_a_move_is_allowed_or_refused_with_what_is_allowed(may, now, move):
    """All pairs of states, against the table of the procedure typed here."""
    chain = {
        "open": ["self_reviewed"],
        "self_reviewed": ["rated"],
        "rated": ["calibrated"],
        "calibrated": ["interviewed"],
        "interviewed": ["signed", "refused", "objection"],
        "refused": ["signed", "objection"],
        "objection": ["appeal"],
        "appeal": ["final"],
        "signed": [],
        "final": [],
    }
    assert list(following(now, Signing())) == chain[now]


def test_all_faults_of_the_file_stand_in_one_error(may):
    entries = [
        ("p999", "rated", "2025-06-16"),
        ("p001", "interviewed", "2025-06-16"),
        *of("p002", ("objection", "2025-07-01")),
        *of("p003", ("refused", "2025-06-20")),
        *of("p004", ("signed", "2025-06-18")),
        *of("p005", ("signed", "2025-06-20"), ("objection", "2025-06-21")),
    ]
    with pytest.raises(KpiError) as caught:
        signoff(with_entries(may, entries), WORKDAYS)
    assert str(caught.value) == (
        "signoff.csv, 2025-05: 6 faults:\n"
        "  row 2: nobody has the id p999.\n"
        "  row 3, p001: interviewed does not follow open; may follow: self_reviewed.\n"
        "  row 8, p002: objection of 2025-07-01 is late: the term of 7 working days after the "
        "interview of 2025-06-19 ended on 2025-06-30.\n"
        "  row 13, p003: refused needs a witness.\n"
        "  row 18, p004: signed is of 2025-06-18, before interviewed of 2025-06-19.\n"
        "  row 24, p005: objection does not follow signed; nothing follows.\n"
        " To mend: mend these entries; what was signed is never taken out."
    )


def test_a_scheme_may_leave_steps_out_but_not_the_interview():
    short = Signing(steps=("calibrated", "interviewed"))
    assert following("open", short) == ("calibrated",)
    assert following("calibrated", short) == ("interviewed",)
    with pytest.raises(ValueError, match="the last step is interviewed"):
        Signing(steps=("rated",))
    with pytest.raises(ValueError, match="steps go in the order"):
        Signing(steps=("rated", "self_reviewed", "interviewed"))


def test_counts_are_of_everybody_with_a_result(may):
    found = signoff(with_entries(may, of("p001", ("signed", "2025-06-20"))), WORKDAYS)
    assert found.counts.to_dict() == {"open": len(found.table) - 1, "signed": 1}
    assert set(found.counts.index) <= {
        "open",
        *SIGNING_STEPS,
        "refused",
        "objection",
        "appeal",
        *DONE,
    }


def shown(month, audience="hr", lang="en", on=""):
    page = Heard("monthly_review", lang=lang, audience=audience)
    page.know(month)
    show_signoff(page, month, on)
    return page.said


def test_a_page_says_who_is_on_the_way_and_what_is_overdue(may):
    """Nothing without entries; leadership learns no person, and no number under five."""
    assert shown(may) == ""
    month = with_entries(
        may, of("p001", ("signed", "2025-06-20")) + of("p003", ("objection", "2025-06-23"))
    )
    told = shown(month, on="2025-07-07")
    assert "On 7 July 2025, 1 of 50 results are signed" in told
    assert "1 is overdue" in told
    assert "林栖梧" in told
    assert "沈知微" not in told, "who has signed is done"
    assert "林栖梧" in shown(month, lang="zh")
    leaders = shown(month, audience="leadership", on="2025-07-07")
    assert "fewer than 5 of 50" in leaders
    assert "林栖梧" not in leaders
    assert "p003" not in leaders
    assert re.findall(r"<td>(\d+)</td>", leaders) == []
    with pytest.raises(KpiError) as caught:
        shown(month, on="soon")
    assert str(caught.value) == "on 'soon': is no day. To mend: write it as 2025-06-30."


# --- the calendar


def test_the_shipped_calendar_has_as_many_workdays_as_the_notices_say():
    """2025: 248 working days; 2026: 247. Counted by hand: weekdays less days off plus worked."""
    for year, weekdays, off, worked in ((2025, 261, 18, 5), (2026, 261, 19, 6)):
        days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
        found = sum(WORKDAYS.is_worked(day.date()) for day in days)
        assert sum(day.weekday() < 5 for day in days) == weekdays
        assert found == weekdays - off + worked


def test_a_worked_saturday_counts_and_a_day_off_does_not():
    """National Day 2025: Sunday 28 September is worked, 1 to 8 October are not."""
    assert WORKDAYS.after(date(2025, 9, 26), 2) == date(2025, 9, 29)
    assert WORKDAYS.is_worked(date(2025, 9, 28))
    assert WORKDAYS.after(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert WORKDAYS.after(date(2025, 10, 10), 1) == date(2025, 10, 11)


@given(st.dates(date(2025, 1, 1), date(2026, 9, 1)), st.integers(1, 30))
def test_a_term_is_so_many_working_days_long(start, days):
    last = WORKDAYS.after(start, days)
    between = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert sum(map(WORKDAYS.is_worked, between)) == days
    assert WORKDAYS.is_worked(last)


def test_calendars_that_cannot_be(tmp_path):
    def text(content):
        (tmp_path / "workdays.yaml").write_text(content, encoding="utf-8")
        with pytest.raises(KpiError) as caught:
            read_workdays(tmp_path)
        return str(caught.value)

    remedy = " To mend: list days as 2025-01-01 under holidays or worked."
    assert text("years: {2025: {holidays: [2026-01-01]}}") == (
        f"workdays.yaml, file: 2026-01-01 stands under 2025.{remedy}"
    )
    assert text("years: {2025: {holidays: [2025-01-01], worked: [2025-01-01]}}") == (
        f"workdays.yaml, file: 2025-01-01 is a holiday and worked.{remedy}"
    )
    assert text("days: 3").endswith(remedy)
    with pytest.raises(KpiError) as caught:
        WORKDAYS.after(date(2026, 12, 31), 1)
    assert str(caught.value) == (
        "workdays.yaml: it has no days of 2027, and a term reaches 2027-01-01. To mend: add 2027 "
        "to a workdays.yaml in the team's folder, as `kpilib/workdays.yaml` has years."
    )


def test_a_team_has_a_calendar_of_its_own(tmp_path):
    own = "years: {2025: {holidays: [2025-06-20]}}"
    (tmp_path / "workdays.yaml").write_text(own, encoding="utf-8")
    assert read_workdays(tmp_path).after(date(2025, 6, 19), 1) == date(2025, 6, 23)
    assert read_workdays(tmp_path / "none").name == SHIPPED.name
