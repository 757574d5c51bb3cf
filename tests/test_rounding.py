"""Rounded figures: a reading's interval holds every value that the true figures may give."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.catalogue import read_catalogue
from kpilib.engine import DuckDB
from kpilib.readings import measure
from kpilib.rounding import rounded_columns, rounding_bounds, widened
from kpilib.scheme import read_scheme
from tests.months import month_of, scheme_with
from tests.test_attribution import credit, day, person, work

ENGINE = DuckDB(threads=1)
PUBLISHED = read_scheme("published")
KINDS = {
    "seat": "key",
    "days": "key",
    **dict.fromkeys(("plays", "likes", "comments", "shares", "profile_visits"), "count"),
    "completion": "rate",
}
# what each formula is, in plain Python over rows
BY_HAND = {
    "hit_rate": lambda rows: (sum(r["plays"] >= 100_000 for r in rows), len(rows)),
    "lead_conversion": lambda rows: (
        sum(r["profile_visits"] for r in rows),
        sum(r["plays"] for r in rows),
    ),
    "interaction_rate": lambda rows: (
        sum(r["likes"] + r["comments"] + r["shares"] for r in rows),
        sum(r["plays"] for r in rows),
    ),
    "completion_rate": lambda rows: (
        sum(Fraction(str(r["completion"])) * r["plays"] for r in rows),
        sum(r["plays"] for r in rows),
    ),
}


def definitions(*keys: str) -> dict:
    return {key: read_catalogue()[key] for key in keys}


WHOLE = st.integers(1, 200_000)
HALF = st.sampled_from([0, 0, 50, 500, 5000])
ROW = st.fixed_dictionaries(
    {
        **dict.fromkeys(("plays", "profile_visits", "likes", "comments", "shares"), WHOLE),
        "completion": st.integers(0, 1000).map(lambda n: n / 1000),
    }
)


@given(
    st.lists(st.tuples(ROW, HALF, HALF), min_size=1, max_size=3), st.sampled_from(sorted(BY_HAND))
)
def test_the_bounds_are_those_of_all_corners(rows, key):
    """Against every combination of corners, each computed in exact fractions."""
    frame = pd.DataFrame([row for row, _, _ in rows]).astype(float).assign(seat=0, days=31)
    halves = {"plays": [h for _, h, _ in rows], "profile_visits": [h for _, _, h in rows]}
    source = frame.copy()
    for column, half in halves.items():
        source[f"{column}_low"] = np.maximum(frame[column] - half, 1)
        source[f"{column}_high"] = frame[column] + half
    bounds = rounded_columns(source, KINDS)
    got = rounding_bounds(frame, KINDS, bounds, definitions(key), {}, ENGINE, "corners")
    values = []
    boxes = [
        [
            {**row, "plays": int(plays), "profile_visits": int(visits)}
            for plays in {source["plays_low"][i], source["plays_high"][i]}
            for visits in {source["profile_visits_low"][i], source["profile_visits_high"][i]}
        ]
        for i, (row, _, _) in enumerate(rows)
    ]
    for chosen in product(*boxes):
        above, below = BY_HAND[key](chosen)
        values.append(Fraction(above) / Fraction(below))
    low, high = got.get((0, key), (float(values[0]), float(values[0])))
    assert low == pytest.approx(float(min(values)), rel=1e-12)
    assert high == pytest.approx(float(max(values)), rel=1e-12)


def works_of(month, **bounds):
    for name, values in bounds.items():
        month.tables["works"][name] = values
    return month


def test_a_rounded_count_widens_the_interval_of_its_reading():
    """30 visits of 12,000 plays, shown as 1.2万: 11,500 to 12,500 plays, beside a work of 1,000."""
    works = [
        work("a", 1, plays=12_000, profile_visits=30),
        work("b", 2, plays=1000, profile_visits=9),
    ]
    people = [person("p1", "运营经理")]
    exact = measure(month_of(people=people, works=works), PUBLISHED).table
    month = works_of(
        month_of(people=people, works=works), plays_low=[11_500, 1000], plays_high=[12_500, 1000]
    )
    rounded = measure(month, PUBLISHED).table
    for key, least, most in (("lead_conversion", 39 / 13_500, 39 / 12_500), ("hit_rate", 0, 0)):
        one, other = (t[t["indicator"] == key].iloc[0] for t in (exact, rounded))
        assert one["value"] == other["value"]
        assert other["low"] == pytest.approx(max(0, one["low"] - (one["value"] - least)))
        assert other["high"] == pytest.approx(one["high"] + (most - one["value"]))


def test_a_hit_that_rounding_may_have_made_is_no_certain_hit():
    """10.0万 may be 99,500 plays: of two works one or none reaches 100,000."""
    works = [work("a", 1, plays=100_000), work("b", 2, plays=10)]
    people = [person("p1", "运营经理")]
    month = works_of(
        month_of(people=people, works=works), plays_low=[99_500, 10], plays_high=[100_500, 10]
    )
    table = measure(month, PUBLISHED).table.set_index("indicator")
    assert table.loc["hit_rate", "value"] == 0.5
    assert table.loc["hit_rate", "low"] == 0.0


def test_a_rounded_sum_has_an_interval_in_the_unit_of_its_plan():
    """Half of 1.2万 yuan, of a plan of 10,000: 0.6, and between 0.575 and 0.625."""
    people = [person("p1", "主播", team="live")]
    session = {"account": "甲号", "day": day(3), "gmv": 12_000.0, "viewers": 10.0}
    month = month_of(
        people=people,
        sessions=[session],
        credits=[credit("session", "甲号", day(3), "p1", "主播", 0.5)],
        plans=[
            {"month": "2025-05", "person": "p1", "indicator": "gmv_completion", "target": 10_000}
        ],
    )
    month.tables["sessions"]["gmv_low"] = [11_500.0]
    month.tables["sessions"]["gmv_high"] = [12_500.0]
    scheme = scheme_with({"host": ["gmv_completion"]})
    (reading,) = measure(month, scheme).table.to_dict("records")
    assert (reading["low"], reading["value"], reading["high"]) == (0.575, 0.6, 0.625)


def test_growth_is_bounded_on_both_sides_of_its_ratio():
    """100,000 and 120,000 viewers, both rounded to 1万: growth lies between 9.5% and 31.6%."""
    days = [{"account": "甲号", "day": day(n), "viewers": v} for n, v in ((20, 1e5), (28, 1.2e5))]
    month = month_of(people=[person("p1", "运营", team="live")], sessions=days)
    month.tables["sessions"]["viewers_low"] = [95_000.0, 115_000.0]
    month.tables["sessions"]["viewers_high"] = [105_000.0, 125_000.0]
    (role,) = [r for r in PUBLISHED.roles if "live_views_growth" in {i.key for i in r.indicators}]
    month.tables["people"]["role"] = role.title.zh if hasattr(role, "title") else role.key
    scheme = scheme_with({role.key: ["live_views_growth"]})
    (reading,) = measure(month, scheme).table.to_dict("records")
    assert reading["value"] == pytest.approx(0.2)
    assert reading["low"] == pytest.approx(115 / 105 - 1)
    assert reading["high"] == pytest.approx(125 / 95 - 1)


def test_exact_rows_have_no_bounds():
    source = pd.DataFrame(
        {"plays": [1.0, 2.0], "plays_low": [1.0, np.nan], "plays_high": [1.0, np.nan]}
    )
    assert rounded_columns(source, KINDS) == {}


def test_bounds_of_counts_are_whole_and_those_of_money_in_fen():
    source = pd.DataFrame(
        {"plays": [1235.0], "plays_low": [1234.5], "plays_high": [1235.5]}
        | {"gmv": [1.0], "gmv_low": [0.999], "gmv_high": [1.001]}
    )
    bounds = rounded_columns(source, {"plays": "count", "gmv": "yuan"})
    assert [ends[0] for ends in bounds["plays"]] == [1234, 1236]
    assert [ends[0] for ends in bounds["gmv"]] == [0.99, 1.01]


def test_an_interval_never_shrinks():
    assert widened((0.1, 0.3), 0.2, (0.25, 0.28)) == pytest.approx((0.1, 0.38))
    assert widened((float("nan"), float("nan")), 2.0, (1.0, 4.0)) == (1.0, 4.0)
