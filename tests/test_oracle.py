"""Every indicator against its second computation: on the sample company, and on random months."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.exports import read_team
from kpilib.exports.receipt import Month
from kpilib.readings import Readings, measure
from kpilib.scheme import read_scheme
from tests import oracle
from tests.months import EVERYTHING, month_of

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def agrees(readings: Readings, month: Month) -> int:
    """Hold each reading against the oracle's; return how many carry a value."""
    for row in readings.table.itertuples():
        seat = readings.seats[
            (readings.seats["person"] == row.person) & (readings.seats["role"] == row.role)
        ].iloc[0]
        want = oracle.answer(month, readings.scheme, seat, row.indicator)
        place = f"{row.person}, {row.indicator}"
        if isinstance(want, str):
            assert row.status == want, place
            assert pd.isna(row.value), place
            assert row.reason, place
        else:
            assert row.status == "ok", place
            assert row.value == pytest.approx(want, rel=1e-12, abs=1e-15), place
    return int((readings.table["status"] == "ok").sum())


@pytest.mark.parametrize("scheme", ["shared-indicator", "startup", "mature"])
@pytest.mark.parametrize("month", ["2025-01", "2025-02", "2025-05"])
def test_readings_of_the_sample_are_the_oracles(month, scheme):
    """January lacks a column, February a file; May has private works, a leaver and a newcomer."""
    read = read_team(SAMPLE, month)
    assert agrees(measure(read, read_scheme(scheme)), read) > 140


def test_sample_and_schemes_together_use_every_indicator_but_those_of_rankings():
    """The made-up company has no ranking of hosts; random months have one."""
    keys = {
        rule.key
        for name in ("shared-indicator", "startup", "mature")
        for role in read_scheme(name).roles
        for rule in role.indicators
    }
    ranked = {key for key, (choose, _) in oracle.COUNTED.items() if choose is oracle.hosts}
    assert keys | ranked == oracle.COUNTED.keys() | oracle.JUDGED.keys()


PEOPLE = [
    ("p1", "运营经理", "video", "甲号"),
    ("p2", "编导", "video", "甲号"),
    ("p3", "剪辑", "video", "甲号"),
    ("p4", "演员", "video", "乙号"),
    ("p4", "编导", "video", "乙号"),
    ("p5", "主播", "live", "甲房"),
    ("p6", "主播", "live", "乙房"),
    ("p7", "运营专员", "live", "甲房"),
    ("p8", "客服", "live", "小甲"),
    ("p9", "美工", "live", "甲房"),
]
IDS = st.sampled_from([f"p{i}" for i in range(1, 10)])
DAY = st.integers(1, 31).map(lambda n: pd.Timestamp(2025, 5, n))


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(values, values, values, st.none())


def counts(*names: str) -> dict[str, st.SearchStrategy]:
    return {name: maybe(st.integers(0, 200_000)) for name in names}


def rows(size: int = 6, **columns: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(st.fixed_dictionaries(columns), max_size=size)


def unique(drawn: list[dict], *keys: str) -> list[dict]:
    """Keep one row for each key, as reading does."""
    return list({tuple(row[key] for key in keys): row for row in drawn}.values())


WORKS = rows(
    account=st.sampled_from(["甲号", "乙号"]),
    title=st.sampled_from("abc"),
    published=DAY,
    visible=maybe(st.sampled_from(["公开", "公开", "私密"])),
    preheat=maybe(st.booleans()),
    completion=maybe(st.integers(0, 10**6).map(lambda n: n / 10**6)),
    **counts("plays", "likes", "comments", "shares", "profile_visits"),
)
SESSIONS = rows(
    account=st.sampled_from(["甲房", "乙房"]),
    day=DAY,
    gmv=maybe(st.integers(0, 10**7).map(lambda n: n / 100)),
    ad_cost=maybe(st.integers(0, 10**6).map(lambda n: n / 100)),
    avg_watch_s=maybe(st.integers(0, 4000).map(lambda n: n / 8)),
    **counts("viewers", "pay_users"),
)
ORDERS = rows(
    8,
    account=maybe(st.sampled_from(["甲房", "乙房"])),
    day=DAY,
    buyer=st.sampled_from("uvw"),
    returned=maybe(st.booleans()),
    repeat=maybe(st.booleans()),
)
ADS = rows(
    account=st.sampled_from(["甲房", "乙房"]),
    day=DAY,
    material_id=st.sampled_from(["m1", "m2"]),
    cost=maybe(st.integers(0, 10**6).map(lambda n: n / 100)),
    **counts("impressions", "clicks", "conversions"),
)
ACCOUNT_DAYS = rows(
    account=st.sampled_from(["甲号", "乙号"]),
    day=st.sampled_from([pd.Timestamp(2025, 5, n) for n in (1, 2, 31)]),
    follower_gain=maybe(st.integers(-50, 50)),
    followers_total=maybe(st.integers(60, 10**6)),
)
SERVICE = rows(
    2,
    agent=st.sampled_from(["小甲", "小乙"]),
    avg_reply_s=maybe(st.integers(0, 300)),
    bad_reviews=maybe(st.integers(0, 20)),
    reviews=maybe(st.integers(20, 90)),
    **counts("conversations", "inquiry_users", "inquiry_pay_users"),
)
TASKS = rows(
    person=IDS,
    kind=st.sampled_from(["idea", "edit", "campaign"]),
    hours=maybe(st.floats(0, 200).map(lambda h: round(h, 9))),
    adopted=maybe(st.booleans()),
    met=maybe(st.booleans()),
)
RATINGS = rows(
    10,
    rater=IDS,
    ratee=st.sampled_from(["p3", "p4"]),
    relation=st.sampled_from(["self", "peer", "manager", "user"]),
    item=st.sampled_from(sorted(oracle.JUDGED)),
    score=maybe(st.integers(1, 5)),
)
PLANS = rows(
    3,
    month=st.sampled_from(["2025-05", "2025-04"]),
    person=st.sampled_from(["p5", "p6"]),
    indicator=st.sampled_from(["gmv_completion", "gmv"]),
    target=maybe(st.integers(0, 10**6)),
)
HOSTS = rows(
    name=st.sampled_from(["p5", "小五", "p6", "p7", "大美", "谁"]),
    duty=st.sampled_from(["host", "controller"]),
    gmv=maybe(st.integers(0, 10**7).map(lambda n: n / 100)),
    total_cost=maybe(st.integers(0, 10**6).map(lambda n: n / 100)),
    live_s=maybe(st.integers(0, 4000)),
    avg_watch_s=maybe(st.integers(0, 4000).map(lambda n: n / 8)),
    follower_gain=maybe(st.integers(-50, 50)),
    **counts("viewers", "pay_users"),
)
ALIASES = {"p5": "小五", "p6": "大美", "p9": "大美"}  # two are called the same
SHARE = st.sampled_from([0.25, 0.4, 0.5, 1.0])


@st.composite
def months(draw: st.DrawFn) -> Month:
    """Draw a month: rows of every table, and credits for some of them and for some not there."""
    made = {
        "works": unique(draw(WORKS), "title", "published"),
        "sessions": unique(draw(SESSIONS), "account", "day"),
        "orders": draw(ORDERS),
        "ads": draw(ADS),
        "account_days": unique(draw(ACCOUNT_DAYS), "account", "day"),
        "service": unique(draw(SERVICE), "agent"),
        "hosts": unique(draw(HOSTS), "name", "duty"),
        "tasks": draw(TASKS),
        "ratings": unique(draw(RATINGS), "rater", "ratee", "relation", "item"),
        "plans": unique(draw(PLANS), "month", "person", "indicator"),
    }
    credits = []
    for work in made["works"]:
        for person, role in (("p2", "编导"), ("p4", "演员"), ("p4", "编导"), ("p3", "剪辑师")):
            if draw(st.booleans()):
                credits.append(("work", work["title"], work["published"], person, role))
    for session in made["sessions"]:
        for person in ("p5", "p6"):
            if draw(st.booleans()):
                credits.append(("session", session["account"], session["day"], person, "主播"))
    credits += [("material", "m1", None, "p9", "美工")] if draw(st.booleans()) else []
    names = ("kind", "name", "at", "person", "role")
    credited = [dict(zip(names, c, strict=True)) | {"share": draw(SHARE)} for c in credits]
    joined = draw(st.sampled_from([None, pd.Timestamp(2025, 5, 12), pd.Timestamp(2024, 1, 1)]))
    people = [
        {"person": p, "name": p, "role": r, "team": t, "account": a, "joined": joined}
        | {"alias": ALIASES.get(p)}
        for p, r, t, a in PEOPLE
    ]
    given = {table: drawn for table, drawn in made.items() if drawn}
    return month_of(people=people, credits=credited, **given)


@given(months())
def test_readings_of_random_months_are_the_oracles(month):
    """Gaps, zeros, private works, no plans, no credits: value or status, the same both ways."""
    agrees(measure(month, EVERYTHING), month)
