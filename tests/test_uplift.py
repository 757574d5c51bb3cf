"""What a campaign did: known answers by hand, and how often the intervals hold."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.uplift import METRICS, uplift

FIRST = pd.Timestamp("2025-05-05")  # a Monday


def campaign(account="a", days=7, name="spring", first=FIRST):
    row = {"campaign": name, "account": account, "first": first}
    return pd.DataFrame([{**row, "last": first + pd.Timedelta(days=days - 1)}])


def sessions(rate, accounts=("a",), weeks=8, after=7):
    """One row a day and room; ``rate(account, day)`` is the share of viewers who buy."""
    days = pd.date_range(FIRST - pd.Timedelta(weeks=weeks), FIRST + pd.Timedelta(days=after - 1))
    rows = [
        {
            "account": account,
            "day": day,
            "viewers": 1000.0,
            "pay_users": 1000 * rate(account, day),
            "avg_watch_s": 100.0,
        }
        for account in accounts
        for day in days
    ]
    return pd.DataFrame(rows)


def of(result, metric="conversion"):
    return result.table.set_index("metric").loc[metric]


def lifted(share, account="a", base=0.05):
    return lambda who, day: base * (1 + share if who == account and day >= FIRST else 1)


def test_a_lift_of_a_fifth_is_a_lift_of_a_fifth():
    """Constant days: the ratio is exact, the interval has no width, watch time did not move."""
    found = uplift(sessions(lifted(0.2)), campaign(), draws=50)
    row = of(found)
    assert (row["days"], row["comparable"], row["controls"]) == (7, 56, 0)
    assert row["before"] == pytest.approx(0.05)
    assert row["during"] == pytest.approx(0.06)
    assert row["uplift"] == pytest.approx(0.2)
    still = of(found, "dwell_time")
    assert still["before"] == pytest.approx(100)
    assert still["uplift"] == pytest.approx(0, abs=1e-12)
    assert not still["told"]


def test_days_weigh_by_their_viewers():
    """A ratio of sums: 3 of 10 and 10 of 1,000 are 13 of 1,010, not the mean of two ratios."""
    rows = [
        (FIRST - pd.Timedelta(days=7), 10, 1),
        (FIRST, 10, 3),
        (FIRST + pd.Timedelta(days=7), 1000, 10),
    ]
    table = pd.DataFrame(rows, columns=["day", "viewers", "pay_users"]).assign(
        account="a", avg_watch_s=1.0
    )
    row = of(uplift(table, campaign(days=8), draws=10))
    assert row["during"] == pytest.approx(13 / 1010)
    assert row["before"] == pytest.approx(0.1)


def test_what_other_rooms_did_is_taken_off():
    """All rooms gain 10%, the campaign's another 20%: the uplift is 20%."""

    def rate(who, day):
        return lifted(0.2)(who, day) * (1.1 if day >= FIRST else 1)

    row = of(uplift(sessions(rate, ("a", "b", "c")), campaign(), draws=20))
    assert row["controls"] == 2
    assert row["during"] / row["before"] == pytest.approx(1.32)
    assert row["uplift"] == pytest.approx(0.2)


def test_a_room_with_a_campaign_of_its_own_is_no_control():
    """Neither during the campaign nor in the days looked back."""
    both = pd.concat([campaign(), campaign("b", name="other", first=FIRST - pd.Timedelta(days=20))])
    table = uplift(sessions(lifted(0.2), ("a", "b")), both, draws=20).table
    spring = table[table["campaign"] == "spring"].set_index("metric").loc["conversion"]
    assert spring["controls"] == 0
    assert spring["uplift"] == pytest.approx(0.2)


def test_comparable_days_are_of_the_same_days_of_the_week_and_of_no_campaign():
    """Weekends sell twice as well; a campaign on Monday and Tuesday is set beside those."""

    def rate(who, day):
        return lifted(0.2)(who, day) * (2 if day.day_of_week >= 5 else 1)

    row = of(uplift(sessions(rate), campaign(days=2), draws=20))
    assert row["comparable"] == 16
    assert row["uplift"] == pytest.approx(0.2)
    twice = pd.concat(
        [campaign(days=2), campaign(days=2, name="before", first=FIRST - pd.Timedelta(days=7))]
    )
    found = uplift(sessions(rate), twice, draws=20).table.set_index(["campaign", "metric"])
    assert found.loc[("spring", "conversion"), "comparable"] == 14


def test_one_day_has_no_interval_but_placebo_dates():
    """One day of 30% more among 8 days: no interval; no other of the 8 changed as much."""
    rng = np.random.default_rng(0)
    noise = {}

    def rate(who, day):
        noise.setdefault(day, math.exp(0.05 * rng.standard_normal()))
        return lifted(0.3)(who, day) * noise[day]

    table = sessions(rate, weeks=16)
    row = of(uplift(table, campaign(days=1), window=112))
    assert math.isnan(row["low"])
    assert math.isnan(row["high"])
    assert row["placebos"] == 16
    assert row["rarer"] == pytest.approx(1 / 17)
    assert 0.1 < row["detectable"] < 0.3
    assert not row["told"]


def test_placebo_dates_are_counted_by_hand():
    """Runs of two days among five: each against the other three."""
    levels = [0.05, 0.06, 0.05, 0.04, 0.05]
    days = [FIRST - pd.Timedelta(days=7 * k) for k in range(5, 0, -1)]
    rows = [(day, 1000, 1000 * level) for day, level in zip(days, levels, strict=True)]
    rows += [(FIRST, 1000, 54.0), (FIRST + pd.Timedelta(days=7), 1000, 54.0)]
    table = pd.DataFrame(rows, columns=["day", "viewers", "pay_users"]).assign(
        account="a", avg_watch_s=1.0
    )
    from kpilib import uplift as room

    daily = room._daily(
        table,
        campaign(days=8),
        campaign(days=8),
        "conversion",
        (FIRST, FIRST + pd.Timedelta(days=7), 56),
    )
    wanted = []
    for start in range(4):
        run = levels[start : start + 2]
        rest = levels[:start] + levels[start + 2 :]
        wanted.append(math.log(sum(run) / 2) - math.log(sum(rest) / 3))
    assert room._placebos(daily) == pytest.approx(np.array(wanted))


def made(rng, lift, days=5, weeks=8):
    """Rooms of noisy days: a day moves all its rooms together, and each by itself."""
    shared = {}

    def rate(who, day):
        shared.setdefault(day, 0.08 * rng.standard_normal())
        own = 0.08 * rng.standard_normal()
        return lifted(lift)(who, day) * math.exp(shared[day] + own)

    return sessions(rate, ("a", "b", "c"), weeks, days)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """200 campaigns of five days with an uplift of 15%: about 95 in 100 intervals hold it.

    Binomial(200, 0.95) falls below 181 once in 500 times; the seed is fixed.
    """
    rng = np.random.default_rng(1)
    held = sensed = 0
    for _ in range(200):
        row = of(uplift(made(rng, 0.15), campaign(days=5), draws=200))
        held += row["low"] <= 0.15 <= row["high"]
        sensed += row["low"] > 0
    assert 181 <= held <= 200
    assert sensed > 20, "an uplift of 15% is told now and then"


def test_an_interval_is_independent_of_the_day_order_and_seeded():
    rng = np.random.default_rng(2)
    table = made(rng, 0.1)
    first = uplift(table, campaign(days=5), draws=100).table
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(uplift(shuffled, campaign(days=5), draws=100).table, first)
    other = uplift(table, campaign(days=5), draws=100, seed=1).table
    assert not other.equals(first)


def test_a_figure_that_lacks_is_left_out_of_its_metric_only():
    table = sessions(lifted(0.2))
    table.loc[table["day"] == FIRST, "avg_watch_s"] = np.nan
    found = uplift(table, campaign(), draws=10)
    assert of(found, "dwell_time")["days"] == 6
    assert of(found)["days"] == 7


def test_no_session_and_nothing_to_compare_with_stay_unknown():
    """Neither is 0."""
    none = of(uplift(sessions(lifted(0.2)), campaign("elsewhere"), draws=10))
    assert none["days"] == 0
    assert math.isnan(none["uplift"])
    fresh = of(uplift(sessions(lifted(0.2), weeks=0), campaign(), draws=10))
    assert fresh["comparable"] == 0
    assert math.isnan(fresh["uplift"])
    assert not fresh["told"]


def test_days_that_cannot_be():
    def text(table, **more):
        with pytest.raises(KpiError) as caught:
            uplift(sessions(lifted(0.2)), table, **more)
        return str(caught.value)

    assert text(campaign(days=0)) == (
        "campaigns.csv, campaign 'spring': ends on 2025-05-04, before it begins. To mend: mend "
        "its days."
    )
    assert text(pd.concat([campaign(), campaign("b", days=3)])) == (
        "campaigns.csv, campaign 'spring': its rooms have other days. To mend: give all of its "
        "rows the same first and last."
    )
    assert text(campaign(), window=3) == (
        "window: 3 days hold no week. To mend: give at least 7, best 56."
    )
    assert list(METRICS) == ["dwell_time", "conversion"]
