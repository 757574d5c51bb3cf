"""What a campaign did: known answers by hand, and how often the intervals hold."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.pieces.cases import uplift_told
from kpilib.uplift import LEAST_PLACEBOS, METRICS, uplift
from tests.heard import Heard

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


def bought_by(inside, before, accounts=("a",), others=0.05):
    """Sessions in which ``inside`` of the viewers buy in the campaign and ``before`` before it."""

    def rate(who, day):
        return (inside if day >= FIRST else before) if who == "a" else others

    return sessions(rate, accounts)


@pytest.mark.parametrize("accounts", [("a",), ("a", "b")])
def test_a_campaign_in_which_nobody_bought_fell_to_0_without_an_interval(accounts):
    row = of(uplift(bought_by(0, 0.05, accounts), campaign(), draws=20))
    assert (row["during"], row["uplift"]) == (0, -1)
    assert row["before"] == pytest.approx(0.05)
    assert np.isnan([row["low"], row["high"]]).all()
    assert not row["told"]


def test_what_begins_at_0_has_no_relative_change():
    row = of(uplift(bought_by(0.05, 0), campaign(), draws=20))
    assert (row["before"], row["during"]) == (0, pytest.approx(0.05))
    assert np.isnan([row["uplift"], row["low"], row["high"]]).all()
    assert not row["told"]
    assert math.isnan(of(uplift(bought_by(0, 0), campaign(), draws=20))["uplift"])


def test_rooms_in_which_nobody_ever_bought_are_no_controls():
    row = of(uplift(bought_by(0.06, 0.05, ("a", "b"), others=0), campaign(), draws=20))
    assert row["controls"] == 0
    assert row["uplift"] == pytest.approx(0.2)


def test_a_placebo_date_on_which_nobody_bought_changed_as_much_as_any():
    """A fall to 0 on 5 of 16 Mondays before: a rise by a half is nothing rare."""
    zero = {FIRST - pd.Timedelta(weeks=k) for k in (1, 4, 7, 10, 13)}
    table = sessions(lambda who, day: 0 if day in zero else lifted(0.5)(who, day), weeks=16)
    row = of(uplift(table, campaign(days=1), window=112))
    assert (row["placebos"], row["rarer"]) == (16, pytest.approx(6 / 17))


def test_what_no_placebo_date_was_held_against_is_not_told():
    """Three comparable days: the interval leaves out 0, and nobody knows how rare that is."""
    days = [FIRST - pd.Timedelta(days=7 * k) for k in (3, 2, 1)] + [FIRST]
    table = pd.DataFrame(
        [(day, 1000.0, 50.0 + k) for k, day in enumerate(days)]
        + [(FIRST + pd.Timedelta(days=7), 1000.0, 80.0), (FIRST, 1000.0, 80.0)],
        columns=["day", "viewers", "pay_users"],
    ).assign(account="a", avg_watch_s=1.0)
    row = of(uplift(table.drop(index=3), campaign(days=8), draws=200))
    assert row["low"] > 0
    assert row["placebos"] < LEAST_PLACEBOS
    assert math.isnan(row["rarer"])
    assert not row["told"]


ROW = {"campaign": "spring", "metric": "conversion", "days": 7, "comparable": 28}
SURE = {"uplift": 0.3, "low": 0.1, "high": 0.5, "rarer": 0.02, "placebos": 20, "detectable": 0.2}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"told": True}, "more than days differ by themselves"),
        ({"low": -0.1}, "the least that would be told is +20.0%"),
        ({"rarer": np.nan, "placebos": 3}, "with 3 placebo dates nobody can say how rare"),
        ({"rarer": np.nan, "placebos": 0}, "with 0 placebo dates nobody can say how rare"),
        ({"rarer": 0.4}, "40% of the placebo dates changed as much"),
        ({"during": 0, "uplift": -1, "low": np.nan, "high": np.nan}, "fell to 0"),
        ({"before": 0, "uplift": np.nan, "low": np.nan}, "was 0 on the 28 comparable days"),
        ({"low": np.nan, "high": np.nan, "days": 1}, "With 1 day there, no interval is possible"),
        ({"uplift": np.nan, "before": np.nan, "low": np.nan}, "cannot be compared"),
    ],
)
def test_each_case_is_said_in_its_own_words(found, said):
    row = {**ROW, **SURE, "told": False, "before": 0.05, "during": 0.06, **found}
    assert said in uplift_told(Heard(lang="en"), row)
    assert uplift_told(Heard(lang="zh"), row).startswith("spring")


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
