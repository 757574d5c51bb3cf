"""Readings: value, n, interval, status, reason and source, worked by hand on a few rows."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.engine import DuckDB
from kpilib.errors import KpiError
from kpilib.exports import formats, read_team
from kpilib.intervals import ratio_of_sums, wilson
from kpilib.readings import COLUMNS, Readings, from_frame, measure
from kpilib.scheme import read_scheme
from kpilib.statuses import REASONS
from kpilib.texts import lookup
from tests.exports_made import PERSON, Folder, as_csv, made
from tests.months import month_of, scheme_with
from tests.test_attribution import credit, day, person, work

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
PUBLISHED = read_scheme("published")
MANAGER = person("p1", "运营经理")


def one(readings: Readings, key: str, who: str = "p1") -> dict:
    """Return one reading as a dictionary."""
    table = readings.table
    rows = table[(table["person"] == who) & (table["indicator"] == key)]
    assert len(rows) == 1
    return rows.iloc[0].to_dict()


def told(reading: dict) -> tuple:
    """Return what a page would say of a reading without a value."""
    assert math.isnan(reading["value"])
    return reading["status"], reading["reason"], reading["detail"], reading["dropped"]


# ---- values, n and intervals -------------------------------------------------------------------


def test_a_hit_rate_leaves_unknown_plays_out_and_has_wilsons_interval():
    """2 of 4 works with known plays reach 100,000; the fifth shows '-'."""
    plays = [100_000, 99_999, 2_000_000, 0, None]
    works = [work("w", i + 1, plays=p) for i, p in enumerate(plays)]
    reading = one(measure(month_of(people=[MANAGER], works=works), PUBLISHED), "hit_rate")
    assert (reading["value"], reading["n"], reading["dropped"]) == (0.5, 4, 1)
    assert (reading["low"], reading["high"]) == wilson(2, 4)
    assert (reading["status"], reading["reason"]) == ("ok", "")
    assert reading["source"] == "works (5): works.csv"


def test_a_ratio_of_sums_is_no_mean_of_ratios_and_its_rows_are_its_clusters():
    """(30 + 10) visits of (1000 + 9000) plays are 0.4%, not the mean of 3% and 0.11%."""
    works = [
        work("a", 1, plays=1000, profile_visits=30),
        work("b", 2, plays=9000, profile_visits=10),
        work("no plays", 3, plays=None, profile_visits=500),
        work("no visits", 4, plays=7000, profile_visits=None),
    ]
    reading = one(measure(month_of(people=[MANAGER], works=works), PUBLISHED), "lead_conversion")
    assert (reading["value"], reading["n"], reading["dropped"]) == (40 / 10_000, 2, 2)
    interval = ratio_of_sums(2, (40, 10_000, 1000, 120_000, 82_000_000))
    # two works cannot bound it: the interval is held between 0 and 1
    assert interval[0] < 0
    assert (reading["low"], reading["high"]) == (0.0, interval[1])


def test_two_works_that_disagree_leave_a_rate_anywhere_between_nothing_and_all():
    works = [work("a", 1, plays=100, profile_visits=100), work("b", 2, plays=100, profile_visits=0)]
    reading = one(measure(month_of(people=[MANAGER], works=works), PUBLISHED), "lead_conversion")
    assert (reading["low"], reading["value"], reading["high"]) == (0.0, 0.5, 1.0)


def test_a_single_row_has_a_value_and_no_interval():
    month = month_of(people=[MANAGER], works=[work("a", 1, plays=1000, profile_visits=30)])
    reading = one(measure(month, PUBLISHED), "lead_conversion")
    assert (reading["value"], reading["n"]) == (0.03, 1)
    assert math.isnan(reading["low"])
    assert math.isnan(reading["high"])


def test_cases_of_a_wilson_rate_are_what_was_counted_not_the_rows():
    month = month_of(
        people=[person("p1", "客服", "小甲", "live")],
        service=[{"agent": "小甲", "bad_reviews": 3, "reviews": 120}],
    )
    reading = one(measure(month, PUBLISHED), "bad_review_rate")
    assert (reading["value"], reading["n"]) == (0.025, 120)
    assert (reading["low"], reading["high"]) == wilson(3, 120)


def test_works_per_week_count_public_works_over_the_weeks_employed():
    """Six public works in the 21 days from the 11th on are two a week; the private one is none."""
    maker = person("p1", "编导", joined=day(11))
    works = [work("w", 10 + i, visible="公开") for i in range(1, 7)]
    works.append(work("w", 20, visible="私密"))
    credits = [credit("work", "w", w["published"], "p1", "编导") for w in works]
    reading = one(measure(month_of(people=[maker], works=works, credits=credits), PUBLISHED),
                  "works_published")  # fmt: skip
    assert (reading["value"], reading["n"]) == (2.0, 6)


RANKED = scheme_with(
    {
        "host": [
            *("host_gmv_per_hour", "host_order_conversion", "host_follow_rate"),
            *("host_watch_time", "host_roi"),
        ],
        "live_operations": [
            *("controller_gmv_per_hour", "controller_order_conversion", "controller_roi"),
        ],
    }
)


def test_rankings_give_what_their_own_ratios_say_made_from_the_sums_beside_them(tmp_path):
    """The platform's row: 7,654.10 an hour, 4.78%, 1.52%, 177 s, ROI 6.46."""
    folder = Folder(tmp_path)
    headers = [*formats()["people"].headers, "alias"]
    people = [
        PERSON | {"role": "主播", "team": "live"},
        PERSON | {"person": "p002", "name": "韩嘉树", "alias": "小韩", "role": "直播运营"},
    ]
    folder.text("people.csv", as_csv(headers, people, missing=""))
    folder.put("h.xlsx", made("feigua_hosts", 1, 主播="沈知微"))
    folder.put("c.csv", made("feigua_controllers", 1, 场控="小韩"))
    readings = measure(read_team(tmp_path, "2025-05"), RANKED)
    assert set(readings.table["status"]) == {"ok"}
    value = {row.indicator: row.value for row in readings.table.itertuples()}
    same = {
        "gmv_per_hour": (7_654.10, 0.1),
        "order_conversion": (0.0478, 5e-5),
        "roi": (6.46, 5e-3),
    }
    for key, (stated, within) in same.items():
        for duty in ("host", "controller"):
            assert value[f"{duty}_{key}"] == pytest.approx(stated, abs=within)
    assert value["host_follow_rate"] == pytest.approx(0.0152, abs=5e-5)
    assert value["host_watch_time"] == 177


def test_a_host_of_two_names_in_a_ranking_has_the_ratio_of_both_sums_and_of_one_duty():
    """(600 + 100) yuan in (1 + 3) hours are 175 an hour, not the mean of 600 and 33.3."""
    who = person("p1", "主播", team="live") | {"name": "甲", "alias": "小甲"}
    rows = [
        {"name": "甲", "duty": "host", "gmv": 600.0, "live_s": 3_600.0, "avg_watch_s": 90.0}
        | {"viewers": 300.0},
        {"name": "小甲", "duty": "host", "gmv": 100.0, "live_s": 10_800.0, "avg_watch_s": 30.0}
        | {"viewers": 100.0},
        {"name": "甲", "duty": "controller", "gmv": 9e6, "live_s": 60.0},
    ]
    readings = measure(month_of(people=[who], hosts=rows), RANKED)
    assert one(readings, "host_gmv_per_hour")["value"] == 175
    assert one(readings, "host_watch_time")["value"] == 75
    assert told(one(readings, "host_roi")) == ("unknown", "no_column", "total_cost", 2)


def test_follower_growth_is_the_gain_over_the_followers_before_the_month():
    """200 at the end of the 1st, of which 10 new: 190 before; 228 at the end: 20% growth."""
    days = [
        {"account": "甲号", "day": day(1), "follower_gain": 10, "followers_total": 200},
        {"account": "甲号", "day": day(15), "follower_gain": None, "followers_total": None},
        {"account": "甲号", "day": day(31), "follower_gain": 3, "followers_total": 228},
    ]
    reading = one(measure(month_of(people=[MANAGER], account_days=days), PUBLISHED),
                  "follower_growth")  # fmt: skip
    assert reading["value"] == pytest.approx(0.2, rel=1e-15)
    assert (reading["n"], reading["dropped"]) == (2, 0)


def test_views_growth_compares_the_last_seven_days_with_the_seven_before():
    """25 to 31 May against 18 to 24 May; 17 May is in neither."""
    ops = person("p1", "直播运营", "甲房", "live")
    viewers = {17: 9999, 18: 100, 24: 100, 25: 120, 31: 130}
    sessions = [{"account": "甲房", "day": day(n), "viewers": v} for n, v in viewers.items()]
    readings = measure(month_of(people=[ops], sessions=sessions), PUBLISHED)
    assert one(readings, "live_views_growth")["value"] == pytest.approx(0.25, rel=1e-15)


HOST = person("p1", "主播", "甲房", "live")


def hosted(gmv: list, plans: list) -> Readings:
    """Return the readings of a host with one session for each GMV, of which half is theirs."""
    sessions = [{"account": "甲房", "day": day(i + 1), "gmv": g} for i, g in enumerate(gmv)]
    credits = [credit("session", "甲房", s["day"], "p1", "主播", 0.5) for s in sessions]
    planned = [{"month": m, "person": "p1", "indicator": i, "target": t} for m, i, t in plans]
    return measure(
        month_of(people=[HOST], sessions=sessions, credits=credits, plans=planned), PUBLISHED
    )


def test_gmv_completion_is_the_hosts_share_over_the_plan_of_the_month():
    plans = [("2025-04", "gmv_completion", 1.0), ("2025-05", "gmv_completion", 400.0)]
    reading = one(hosted([300.5, 299.5], plans), "gmv_completion")
    assert (reading["value"], reading["n"], reading["status"]) == (0.75, 2, "ok")


@pytest.mark.parametrize(
    "plans",
    [
        [],
        [("2025-04", "gmv_completion", 400.0)],
        [("2025-05", "gmv", 400.0)],
        [("2025-05", "gmv_completion", 0.0)],
        [("2025-05", "gmv_completion", None)],
    ],
)
def test_without_a_plan_above_zero_the_completion_is_unknown(plans):
    assert told(one(hosted([300.0], plans), "gmv_completion")) == ("unknown", "no_plan", "", 0)


def test_equal_rows_give_equal_readings_whatever_their_order():
    """Sums are exact, so the last bit does not hang on the order of an export."""
    values = [0.1, 0.7, 1e9, 0.3, 12345.67, 0.2]
    plan = [("2025-05", "gmv_completion", 3.0)]
    both = [one(hosted(v, plan), "gmv_completion")["value"] for v in (values, values[::-1])]
    assert both[0] == both[1]


# ---- statuses ----------------------------------------------------------------------------------


def test_what_did_not_occur_is_not_applicable_and_never_zero():
    """Another manager's account has works: the export was given, this account has none."""
    month = month_of(people=[MANAGER], works=[work("a", 1, "乙号")], read=["account_days", "works"])
    assert told(one(measure(month, PUBLISHED), "hit_rate")) == ("not_applicable", "no_rows", "", 0)


def test_an_absent_export_is_unknown():
    month = month_of(people=[MANAGER])
    readings = measure(month, PUBLISHED)
    assert told(one(readings, "hit_rate")) == ("unknown", "no_export", "works", 0)
    assert one(readings, "hit_rate")["source"] == "works (0)"
    month = month_of(people=[person("p1", "剪辑师")])
    assert told(one(measure(month, PUBLISHED), "topic_fit")) == (
        "unknown",
        "no_export",
        "ratings",
        0,
    )


def test_a_file_whose_rows_are_all_of_another_month_says_that_nothing_occurred():
    month = month_of(people=[MANAGER], read=["works"])
    assert told(one(measure(month, PUBLISHED), "hit_rate")) == ("not_applicable", "no_rows", "", 0)


def test_an_account_without_days_is_a_gap_of_the_export():
    """Every account has every day, so a missing one is unknown and not a month without days."""
    other = {"account": "乙号", "day": day(1), "follower_gain": 1, "followers_total": 9}
    month = month_of(people=[MANAGER], account_days=[other])
    assert told(one(measure(month, PUBLISHED), "follower_growth")) == (
        "unknown",
        "no_export",
        "account_days",
        0,
    )


def test_a_missing_first_or_last_day_is_unknown():
    days = [{"account": "甲号", "day": day(n), "follower_gain": 1, "followers_total": 9}
            for n in (2, 31)]  # fmt: skip
    month = month_of(people=[MANAGER], account_days=days)
    assert told(one(measure(month, PUBLISHED), "follower_growth")) == (
        "unknown",
        "day_missing",
        "",
        0,
    )


def test_an_absent_column_is_told_from_a_cell_that_shows_nothing():
    agents = [person(f"p{i}", "客服", f"小{i}", "live") for i in (1, 2)]
    rows = [
        {"agent": "小1", "avg_reply_s": None, "conversations": 10, "reviews": None},
        {"agent": "小2", "avg_reply_s": 30, "conversations": 10, "reviews": None},
    ]
    readings = measure(month_of(people=agents, service=rows), PUBLISHED)
    assert told(one(readings, "response_time")) == ("unknown", "unknown_values", "avg_reply_s", 1)
    assert told(one(readings, "bad_review_rate")) == (
        "unknown",
        "no_column",
        "bad_reviews, reviews",
        1,
    )
    assert one(readings, "response_time", "p2")["value"] == 30


def test_a_sum_with_a_gap_is_unknown_for_it_would_come_out_too_low():
    plan = [("2025-05", "gmv_completion", 100.0)]
    assert told(one(hosted([300.0, None], plan), "gmv_completion")) == (
        "unknown",
        "unknown_values",
        "gmv",
        1,
    )


def test_nothing_to_divide_by_is_not_applicable():
    """No review, no bad review; and no edit among the tasks, no delivery time."""
    month = month_of(
        people=[person("p1", "客服", "小甲", "live"), person("p2", "剪辑师")],
        service=[{"agent": "小甲", "bad_reviews": 0, "reviews": 0}],
        tasks=[{"person": "p2", "kind": "idea", "adopted": True}],
    )
    readings = measure(month, PUBLISHED)
    expected = ("not_applicable", "nothing_counted", "", 0)
    assert told(one(readings, "bad_review_rate")) == expected
    assert told(one(readings, "delivery_time", "p2")) == expected


def test_sick_leave_makes_every_item_not_applicable_and_no_item_zero():
    month = month_of(
        people=[person("p1", "编导"), person("p2", "编导")],
        works=[work("a", 1)],
        credits=[credit("work", "a", day(1, 9), "p2", "编导")],
        tasks=[{"person": "p2", "kind": "idea", "adopted": True}],
    )
    table = measure(month, PUBLISHED).table
    assert set(table.loc[table["person"] == "p1", "status"]) == {"not_applicable"}


def test_a_role_without_indicators_has_a_seat_and_no_reading():
    readings = measure(month_of(people=[person("p1", "拍摄师")]), PUBLISHED)
    assert readings.seats["role"].tolist() == ["camera_operator"]
    assert list(readings.table.columns) == list(COLUMNS)
    assert not len(readings.table)


def test_every_reason_has_its_words_in_both_languages():
    for reason in REASONS:
        assert lookup("en")(f"doubts.reason.{reason}") != lookup("zh")(f"doubts.reason.{reason}")


# ---- judged ------------------------------------------------------------------------------------


def marked(*marks: tuple) -> Readings:
    """Return the readings of an editor with marks of (rater, relation, score)."""
    ratings = [
        {"rater": rater, "ratee": "p1", "relation": relation, "item": "topic_fit", "score": score}
        for rater, relation, score in marks
    ]
    other = {"rater": "p1", "ratee": "p2", "relation": "peer", "item": "topic_fit", "score": 1}
    return measure(
        month_of(
            people=[person("p1", "剪辑师"), person("p2", "剪辑师")], ratings=[*ratings, other]
        ),
        PUBLISHED,
    )


@pytest.mark.parametrize(
    ("marks", "value", "n"),
    [
        ([("a", "peer", 3), ("b", "peer", 4), ("c", "manager", 5)], 4.25, 3),
        ([("a", "peer", 3), ("b", "peer", 4)], 3.5, 2),
        ([("a", "manager", 2)], 2.0, 1),
        ([("a", "peer", 4), ("a", "manager", 2)], 3.0, 1),
        ([("a", "peer", 4), ("p1", "self", 1), ("u", "user", 1)], 4.0, 1),
        ([("a", "peer", 4), ("p1", "peer", 1)], 4.0, 1),
        ([("a", "peer", 4), ("b", "peer", None)], 4.0, 1),
    ],
)
def test_a_judged_item_is_the_mean_of_its_relations_means_without_the_self_review(marks, value, n):
    reading = one(marked(*marks), "topic_fit")
    assert (reading["value"], reading["n"], reading["status"]) == (value, n, "ok")


@pytest.mark.parametrize(
    "marks", [[], [("p1", "self", 5)], [("u", "user", 5), ("a", "peer", None)]]
)
def test_without_marks_that_count_a_judged_item_is_not_applicable(marks):
    assert told(one(marked(*marks), "topic_fit")) == ("not_applicable", "no_ratings", "", 0)


# ---- shared ------------------------------------------------------------------------------------


def test_a_shared_indicator_is_one_figure_of_the_company_for_all_who_hold_it():
    """Every row counts once, credited or not, and those without rows of their own hold it too."""
    scheme = scheme_with({"director": ["preheat_leads"], "host": ["preheat_leads"]},
                         shared=["preheat_leads"])  # fmt: skip
    works = [
        work("a", 1, preheat=True, profile_visits=70, visible="公开"),
        work("b", 2, "丙号", preheat=True, profile_visits=30, visible="公开"),
        work("c", 3, preheat=False, profile_visits=999, visible="公开"),
        work("d", 4, preheat=True, profile_visits=None, visible="私密"),
    ]
    credits = [credit("work", "a", day(1, 9), p, "编导", 0.5) for p in ("p1", "p2")]
    month = month_of(
        people=[person("p1", "编导"), person("p2", "编导"), person("h", "主播", "甲房", "live")],
        works=works,
        credits=credits,
    )
    readings = measure(month, scheme)
    assert readings.table["value"].tolist() == [100.0] * 3
    assert readings.table["source"].tolist() == ["works (4): works.csv"] * 3
    assert readings.rows("h", "host", "preheat_leads")["row"].tolist() == [2, 3, 4, 5]


# ---- sources -----------------------------------------------------------------------------------


def test_rows_of_a_reading_are_the_export_rows_it_was_made_from():
    ratings = [
        {"rater": r, "ratee": "p1", "relation": rel, "item": item, "score": 4}
        for r, rel, item in [
            ("a", "peer", "topic_fit"),
            ("p1", "self", "topic_fit"),
            ("b", "peer", "editing_quality"),
        ]
    ]
    month = month_of(
        people=[person("p1", "剪辑师"), MANAGER | {"person": "p2"}],
        works=[work("a", 1), work("b", 2, "乙号")],
        tasks=[{"person": "p1", "kind": "edit", "hours": 3.0}],
        ratings=ratings,
    )
    readings = measure(month, PUBLISHED)
    assert readings.rows("p1", "editor", "topic_fit")["row"].tolist() == [2]
    assert readings.rows("p1", "editor", "delivery_time")[
        ["file", "hours"]
    ].to_numpy().tolist() == [["tasks.csv", 3.0]]
    assert readings.rows("p2", "operations_manager", "hit_rate")["title"].tolist() == ["a"]
    with pytest.raises(KpiError) as caught:
        readings.rows("p1", "editor", "topicfit")
    assert str(caught.value) == (
        "role 'editor': has no indicator 'topicfit'; the nearest is 'topic_fit'. To mend: use one "
        "of: delivery_time, editing_quality, topic_fit."
    )


def test_a_source_names_at_most_three_files():
    works = [work("w", i, file=f"f{i}.xlsx") for i in range(1, 6)]
    days = [{"account": "甲号", "day": day(1), "file": "b.xlsx + a.xlsx"}]
    readings = measure(month_of(people=[MANAGER], works=works, account_days=days), PUBLISHED)
    assert one(readings, "hit_rate")["source"] == "works (5): f1.xlsx; f2.xlsx; f3.xlsx; +2"
    assert one(readings, "follower_growth")["source"] == "account_days (1): a.xlsx; b.xlsx"


def test_measuring_changes_nothing_that_was_read():
    month = read_team(SAMPLE, "2025-02")
    before = {name: table.copy() for name, table in month.tables.items()}
    measure(month, PUBLISHED)
    for name, table in month.tables.items():
        pd.testing.assert_frame_equal(table, before[name])


@pytest.mark.parametrize("month", ["2025-01", "2025-05"])
def test_order_of_rows_in_the_exports_is_irrelevant_to_the_last_bit(month):
    """Value, n, interval and status of the sample, with every table shuffled; a fresh engine."""
    read = read_team(SAMPLE, month)
    shuffled = {
        name: table if name == "people" else table.sample(frac=1, random_state=7)
        for name, table in read.tables.items()
    }
    scheme = read_scheme("shared-indicator")
    other = type(read)(read.data, read.month, shuffled, read.receipt)
    kept = ["value", "n", "status", "reason", "dropped", "source"]
    first, second = measure(read, scheme).table, measure(other, scheme, DuckDB()).table
    pd.testing.assert_frame_equal(first[kept], second[kept], check_exact=True)
    np.testing.assert_allclose(first["low"], second["low"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("month", ["2024-12", "2025-05"])
def test_every_reading_of_the_sample_is_whole(month):
    """A value lies in its interval, rates of cases within 0 and 1; a gap has its reason."""
    readings = measure(read_team(SAMPLE, month), PUBLISHED)
    table = readings.table
    ok = table["status"] == "ok"
    assert ok.sum() > 140
    assert table.loc[ok, "value"].notna().all()
    assert table.loc[~ok, "value"].isna().all()
    assert set(table.loc[~ok, "reason"]) <= REASONS.keys()
    assert (table.loc[ok, "reason"] == "").all()
    assert (table.loc[ok, "n"] > 0).all()
    sure = table[table["low"].notna()]
    assert ((sure["low"] <= sure["value"]) & (sure["value"] <= sure["high"])).all()
    assert (sure["low"] >= 0).all()
    assert len(sure) > 60


# ---- ready readings ----------------------------------------------------------------------------

SCHEME = scheme_with({"editor": ["delivery_time", "topic_fit"], "actor": ["cooperation"]})
ONE_ROLE = SCHEME.revise(roles=[SCHEME.role("editor").model_dump()])


def test_ready_readings_are_taken_as_they_are():
    values = pd.DataFrame(
        {"topic_fit": [4, 3], "delivery_time": [20.5, None], "more": [1, 2]}, index=["p1", "p2"]
    )
    before = values.copy()
    readings = from_frame(values, ONE_ROLE, month="2025-05")
    kept = readings.table[["person", "role", "indicator", "value", "status", "reason"]]
    assert kept.astype(object).where(kept.notna(), None).to_numpy().tolist() == [
        ["p1", "editor", "delivery_time", 20.5, "ok", ""],
        ["p1", "editor", "topic_fit", 4.0, "ok", ""],
        ["p2", "editor", "delivery_time", None, "unknown", "not_given"],
        ["p2", "editor", "topic_fit", 3.0, "ok", ""],
    ]
    assert readings.month.month == "2025-05"
    assert readings.rows("p1", "editor", "topic_fit").empty
    assert readings.hits(0).empty
    pd.testing.assert_frame_equal(values, before)


def test_an_empty_cell_may_mean_that_nothing_occurred():
    values = pd.DataFrame({"topic_fit": [4.0], "delivery_time": [math.nan]}, index=["p1"])
    readings = from_frame(values, ONE_ROLE, missing="not_applicable")
    assert readings.table["status"].tolist() == ["not_applicable", "ok"]


def test_ready_readings_of_two_roles_go_by_person_and_role_and_split_the_time_evenly():
    index = pd.MultiIndex.from_tuples([("p1", "editor"), ("p1", "actor")])
    columns = ["delivery_time", "topic_fit", "cooperation"]
    values = pd.DataFrame([[20, 4, math.nan], [math.nan, math.nan, 5]], index, columns)
    readings = from_frame(values, SCHEME)
    assert readings.table[["role", "indicator", "value"]].to_numpy().tolist() == [
        ["editor", "delivery_time", 20.0],
        ["editor", "topic_fit", 4.0],
        ["actor", "cooperation", 5.0],
    ]
    assert readings.seats["time_share"].tolist() == [0.5, 0.5]
    assert readings.seats["team"].tolist() == ["video", "video"]


def test_given_seats_keep_what_they_say():
    seats = pd.DataFrame({"person": ["p1"], "role": ["editor"], "team": ["x"], "base_pay": [9.0]})
    values = pd.DataFrame({"topic_fit": [4.0], "delivery_time": [1.0]}, index=["p1"])
    made = from_frame(values, SCHEME, seats).seats
    assert made[["person", "name", "team", "base_pay"]].to_numpy().tolist() == [
        ["p1", "p1", "x", 9.0]
    ]


GOOD = {"topic_fit": [4.0], "delivery_time": [1.0]}
WHERE = "ready readings"


@pytest.mark.parametrize(
    ("values", "index", "text"),
    [
        (
            {k: v * 2 for k, v in GOOD.items()},
            ["p1", "p1"],
            f"{WHERE}: more than one row for p1. To mend: keep one row for each person (and role).",
        ),
        (
            {"topicfit": [4.0], "delivery_time": [1.0]},
            ["p1"],
            f"{WHERE}: no column 'topic_fit'; the nearest is 'topicfit'. To mend: give one column "
            "for each indicator of the seats' roles.",
        ),
        (
            {**GOOD, "topic_fit": ["good"]},
            ["p1"],
            f"{WHERE}, column 'topic_fit': a value is no finite number. To mend: write numbers, "
            "and leave a cell empty where there is none.",
        ),
        (
            {**GOOD, "topic_fit": [math.inf]},
            ["p1"],
            f"{WHERE}, column 'topic_fit': a value is no finite number. To mend: write numbers, "
            "and leave a cell empty where there is none.",
        ),
        (
            GOOD,
            ["p2"],
            f"{WHERE}: there is no row for p1. To mend: add it, or leave out the seat.",
        ),
    ],
)
def test_faults_of_ready_readings_are_named(values, index, text):
    seats = pd.DataFrame({"person": ["p1"], "role": ["editor"]})
    with pytest.raises(KpiError) as caught:
        from_frame(pd.DataFrame(values, index=index), SCHEME, seats)
    assert str(caught.value) == text


def test_ready_readings_without_roles_need_a_scheme_of_one_role():
    with pytest.raises(KpiError) as caught:
        from_frame(pd.DataFrame(GOOD, index=["p1"]), SCHEME)
    roles = len(SCHEME.roles)
    assert str(caught.value) == (
        f"{WHERE}: no role is given, and the scheme has {roles}. To mend: give seats with person "
        "and role, or an index of person and role."
    )


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6))
def test_ready_values_pass_through_unchanged(values):
    frame = pd.DataFrame({"topic_fit": values, "delivery_time": values})
    frame.index = [f"p{i}" for i in range(len(values))]
    table = from_frame(frame, ONE_ROLE).table
    assert table.loc[table["indicator"] == "topic_fit", "value"].tolist() == values
