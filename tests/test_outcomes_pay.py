"""The options of pay, against exact fractions and amounts worked by hand."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import performance_pay, settle, shared_out, with_late_returns
from kpilib.scheme import Pay, read_scheme
from kpilib.scoring import score
from tests.company import readings_of
from tests.months import month_of

COEFFICIENTS = {"A+": 1.2, "A": 1.0, "B": 0.8, "C": 0.5}


def settled(totals, pay, *, bases=None, teams=None, days=None, month="2025-05"):
    """Settle planners whose two indicators both earn the total, under some rules of pay."""
    scheme = read_scheme("published").revise(pay=pay)
    values = {
        who: {"planner": {"creative_ctr": 0.0008 * t, "page_conversion": 0.0005 * t}}
        for who, t in totals.items()
    }
    rows = {
        "person": list(totals),
        "name": list(totals),
        "team": [(teams or {}).get(who, "live") for who in totals],
        "role": "planner",
        "base_pay": [(bases or {}).get(who, 1000.0) for who in totals],
        "time_share": 1.0,
    }
    seats = pd.DataFrame(rows)
    if days is not None:
        for place, name in enumerate(("joined", "left")):
            ends = [days.get(who, (None, None))[place] for who in totals]
            seats[name] = pd.to_datetime(pd.Series(ends))
    return settle(grade(score(readings_of(scheme, values, seats=seats, month=month))))


def paid(outcomes):
    return {who: None if pay is None else str(pay) for who, pay in outcomes.table["pay"].items()}


def test_the_coefficient_of_the_grade_pays_instead_of_the_score():
    pay = {"basis": "grade", "coefficients": COEFFICIENTS}
    assert paid(settled({"a": 105, "b": 89, "c": 70, "d": 33}, pay)) == {
        "a": "1200.00",
        "b": "1000.00",
        "c": "800.00",
        "d": "500.00",
    }


def test_the_coefficient_of_the_grade_multiplies_the_score_within_the_limits():
    pay = {"basis": "score_times_grade", "coefficients": COEFFICIENTS, "floor": 30, "cap": 120}
    assert paid(settled({"a": 105, "b": 89, "c": 70, "d": 33}, pay)) == {
        "a": "1200.00",  # 105 x 1.2 = 126, the cap is 120
        "b": "890.00",
        "c": "560.00",  # 70 x 0.8
        "d": "300.00",  # 33 x 0.5 = 16.5, the floor is 30
    }


def test_who_joins_or_leaves_is_paid_for_the_days_of_the_month():
    """May has 31 days; ends count; who was there all month is paid whole."""
    days = {"a": ("2025-05-22", None), "b": ("2020-01-01", "2025-05-01"), "c": (None, None)}
    outcomes = settled({"a": 80, "b": 90, "c": 70}, {"prorate": "days"}, days=days)
    assert paid(outcomes) == {
        "a": "258.06",  # 1000 x 80% x 10/31
        "b": "29.03",  # 1000 x 90% x 1/31
        "c": "700.00",
    }


def test_days_in_two_roles_count_once():
    scheme = read_scheme("published").revise(pay={"prorate": "days"})
    items = {"creative_ctr": 0.08, "page_conversion": 0.05}
    host = {"gmv_completion": 1.0, "order_conversion": 0.05, "watch_time": 180, "return_rate": 0.1}
    seats = pd.DataFrame(
        {
            "person": "a",
            "name": "a",
            "team": "live",
            "role": ["planner", "host"],
            "base_pay": 3100.0,
            "time_share": [0.5, 0.5],
            "joined": pd.to_datetime(["2025-05-11", "2025-05-21"]),
            "left": pd.to_datetime(["2025-05-25", None]),
        }
    )
    readings = readings_of(scheme, {"a": {"planner": items, "host": host}}, seats=seats)
    assert paid(settle(grade(score(readings)))) == {"a": "2100.00"}  # the 11th to the 31st


def test_without_days_nobody_is_paid_by_them():
    with pytest.raises(KpiError) as error:
        settled({"a": 80}, {"prorate": "days"})
    assert str(error.value) == (
        "scheme, pay.prorate: pay goes by days, and the seats have no joined and no left. "
        "To mend: give the days of joining and leaving (empty where somebody stays)."
    )


def test_a_pool_is_shared_out_to_the_cent():
    """Three thirds of 3000.00 by scores 100, 100 and 70: 270 parts of 3000."""
    outcomes = settled({"a": 100, "b": 100, "c": 70}, {"pool": {}})
    assert paid(outcomes) == {"a": "1111.11", "b": "1111.11", "c": "777.78"}
    assert outcomes.payroll == Decimal("3000.00")


def test_a_pool_of_each_team_and_of_a_part_of_the_bases():
    teams = {"a": "x", "b": "x", "c": "y", "d": "y"}
    pay = {"pool": {"per": "team", "percent": 90}}
    outcomes = settled({"a": 100, "b": 50, "c": 60, "d": 60}, pay, teams=teams)
    assert paid(outcomes) == {"a": "1200.00", "b": "600.00", "c": "900.00", "d": "900.00"}


def test_a_pool_without_claims_is_refused():
    with pytest.raises(KpiError) as error:
        settled({"a": 0, "b": 0}, {"pool": {}})
    assert str(error.value) == (
        "scheme, pay.pool, all teams: nobody of 2 earned anything, so the pool cannot be shared. "
        "To mend: give pay a floor above 0, or pay without a pool."
    )
    assert paid(settled({"a": 0}, {"pool": {}}, bases={"a": 0.0})) == {"a": "0.00"}


@given(
    st.decimals(0, 100_000, places=2),
    st.lists(st.fractions(0, 1000, max_denominator=997), min_size=1, max_size=30),
)
def test_parts_sum_to_the_pool_and_none_is_a_cent_off(pool, claims):
    """Largest remainder: whole sum, each part the exact one rounded down or up, order kept."""
    if not any(claims):
        return
    parts = shared_out(pool, claims)
    assert sum(parts) == pool
    whole = sum(claims)
    for part, claim in zip(parts, claims, strict=True):
        exact = Fraction(pool) * 100 * claim / whole
        assert math.floor(exact) <= part * 100 <= math.ceil(exact)
    for i, one in enumerate(claims):
        assert all(parts[i] >= parts[j] for j, other in enumerate(claims) if one > other)


@given(
    st.integers(0, 2_000_000),
    st.integers(0, 120_000_000),
    st.sampled_from([Pay(), Pay(floor=50.5), Pay(floor=20, cap=110.25)]),
    st.integers(0, 31),
)
def test_pay_is_the_exact_fraction_half_up(cents, millionths, rule, days):
    rule = rule.model_copy(update={"prorate": "days"})
    base, percent = cents / 100, millionths / 1_000_000
    worked = Fraction(days, 31)
    part = max(Fraction(millionths, 1_000_000), Fraction(str(rule.floor)))
    part = part if rule.cap is None else min(part, Fraction(str(rule.cap)))
    exact = Fraction(cents) * part / 100 * worked  # in cents
    assert performance_pay(base, percent, rule, worked=worked) * 100 == math.floor(
        exact + Fraction(1, 2)
    )


@pytest.mark.parametrize(
    ("pay", "said"),
    [
        (
            {"coefficients": COEFFICIENTS},
            "pay: coefficients count only with basis grade or score_times_grade",
        ),
        ({"basis": "grade"}, "pay: basis grade needs a coefficient for each grade"),
        (
            {"basis": "grade", "coefficients": {"A+": 1, "E": 2}},
            "file: pay has coefficients for ['A+', 'E'], the grades are ['A+', 'A', 'B', 'C']",
        ),
        ({"floor": 90, "cap": 80}, "pay: floor 90 is above cap 80"),
    ],
)
def test_options_that_do_not_agree_are_refused(pay, said):
    with pytest.raises(KpiError) as error:
        read_scheme("published").revise(pay=pay)
    assert said in str(error.value)


# Late returns

ORDERS = [
    {"suborder_id": f"s{i}", "account": "acc", "day": "2025-04-10", "returned": i == 0}
    for i in range(10)
]


def test_orders_refunded_later_are_found_once():
    earlier = month_of("2025-04", orders=ORDERS)
    claims = [
        {"aftersale_id": "1", "suborder_id": "s0", "status": "同意退款，退款成功"},  # known before
        {"aftersale_id": "2", "suborder_id": "s1", "status": "同意退款，退款成功"},
        {"aftersale_id": "3", "suborder_id": "s1", "status": "同意退款，退款成功"},
        {"aftersale_id": "4", "suborder_id": "s2", "status": "售后关闭"},  # not refunded
        {"aftersale_id": "5", "suborder_id": "x9", "status": "同意退款，退款成功"},  # another's
    ]
    late = with_late_returns(earlier, month_of("2025-05", aftersales=claims))
    assert late.tables["orders"]["returned"].tolist() == [True, True, *[False] * 8]
    assert earlier.tables["orders"]["returned"].sum() == 1
    assert with_late_returns(earlier, month_of("2025-05", aftersales=claims[:1])) is None


def test_late_returns_of_the_month_before_change_the_pay_of_the_next():
    """April's 90% become 84% (60 yuan less); nobody's pay falls below 0; the unknown waits."""
    pay, first = {"late_returns": "carry"}, {"a": 90, "b": 90, "c": 90, "d": 90}
    bases = {"b": 9000.0}
    april = settled(first, pay, month="2025-04", bases=bases).grades
    late = settled({**first, "a": 84, "b": 60}, pay, month="2025-04", bases=bases).grades
    may = settled({"a": 70, "b": 20, "c": 80, "e": 50}, pay).grades
    outcomes = settle(may, [april], late=late)
    assert paid(outcomes) == {"a": "640.00", "b": "0.00", "c": "800.00", "e": "500.00"}
    assert {who: str(late) for who, late in outcomes.table["late"].items()} == {
        "a": "-60.00",
        "b": "-200.00",  # 2700 less were due, 200 are there
        "c": "0.00",
        "e": "0.00",
    }
    notes = outcomes.notes.query("kind == 'late_returns'")
    assert notes[["person", "rule", "months"]].to_numpy().tolist() == [
        ["a", "pay.late_returns", ("2025-04", "2025-05")],
        ["b", "pay.late_returns", ("2025-04", "2025-05")],
    ]
    assert paid(settle(may, [april])) == paid(settled({"a": 70, "b": 20, "c": 80, "e": 50}, {}))


def test_an_unknown_score_is_not_paid_late_returns_either():
    scheme = read_scheme("published").revise(pay={"late_returns": "carry"})
    values = {"a": {"planner": {"creative_ctr": 0.08, "page_conversion": 0.05}}}
    status = {("a", "creative_ctr"): "unknown"}
    outcomes = settle(grade(score(readings_of(scheme, values, status=status))))
    assert outcomes.table.loc["a", ["pay", "late"]].tolist() == [None, None]
    assert outcomes.payroll == Decimal(0)
