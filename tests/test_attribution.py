"""Whose rows: seats of a month, rows by credit, account and person, and what fits nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.attribution import attribute
from kpilib.errors import KpiError
from kpilib.exports import read_team
from kpilib.matching import groups, join
from kpilib.scheme import read_scheme
from kpilib.seats import Calendar
from tests.months import EVERYTHING, month_of, scheme_with, table_of

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
PUBLISHED = read_scheme("published")


def person(who: str, role: str, account: str = "甲号", team: str = "video", **more) -> dict:
    return {"person": who, "name": who, "team": team, "role": role, "account": account, **more}


def day(number: int, hour: int = 0) -> pd.Timestamp:
    return pd.Timestamp(2025, 5, number, hour)


def work(title: str, number: int, account: str = "甲号", **more) -> dict:
    return {"title": title, "published": day(number, 9), "account": account, "plays": 100.0, **more}


def credit(
    kind: str, name: str, at: object, who: str, role: str | None, share: object = 1.0
) -> dict:
    return {"kind": kind, "name": name, "at": at, "person": who, "role": role, "share": share}


def seats(*people: dict, month: str = "2025-05") -> pd.DataFrame:
    return attribute(month_of(month, people=people), PUBLISHED).seats


def of(rows, table: str, who: str, role: str, column: str) -> list:
    return rows.of(table, who, role)[column].tolist()


# ---- seats ------------------------------------------------------------------------------------


def test_days_of_a_seat_are_those_employed_in_the_month_ends_included():
    table = seats(
        person("stays", "编导", joined=pd.Timestamp(2020, 1, 1)),
        person("new", "编导", joined=day(12)),
        person("left", "编导", left=day(16)),
        person("one_day", "编导", joined=day(31)),
        person("undated", "编导"),
        person("gone", "编导", left=pd.Timestamp(2025, 4, 30)),
        person("later", "编导", joined=pd.Timestamp(2025, 6, 1)),
    )
    assert dict(zip(table["person"], table["days"], strict=True)) == {
        "stays": 31,
        "new": 20,
        "left": 16,
        "one_day": 1,
        "undated": 31,
    }


@pytest.mark.parametrize(
    ("shares", "days", "time"),
    [
        ((None, None), (31, 31), (0.5, 0.5)),
        ((0.6, 0.4), (31, 31), (0.6, 0.4)),
        ((0.6, None), (31, 31), (0.6, 0.4)),
        ((0.5, 0.5), (31, 10), (31 / 41, 10 / 41)),
        ((0.3, 0.3), (31, 31), (0.5, 0.5)),
        ((1.0, None), (31, 31), (1.0, 0.0)),
        ((0.0, 0.0), (31, 31), (0.5, 0.5)),
    ],
)
def test_time_is_split_over_roles_by_share_and_days_and_sums_to_one(shares, days, time):
    both = [
        person("p1", role, share=share, joined=day(32 - n))
        for role, share, n in zip(("编导", "剪辑师"), shares, days, strict=True)
    ]
    table = seats(*both, person("p2", "编导", share=0.2))
    assert table["time_share"].tolist() == pytest.approx([*time, 1.0])


def test_roles_go_by_key_title_and_alias_blanks_and_case_aside():
    names = ["operations_manager", "Operations Manager", "运营经理", " 短视频 运营经理 "]
    table = seats(*(person(f"p{i}", name) for i, name in enumerate(names)))
    assert set(table["role"]) == {"operations_manager"}


def test_a_name_that_two_kinds_of_team_use_is_read_by_the_kind_of_the_team():
    """Teams are called as people like; a team is of the kind that knows most of its roles."""
    data = read_scheme("published").model_dump()
    for role in data["roles"]:
        if role["key"] in ("operations_manager", "live_operations"):
            role["aliases"] = [*role["aliases"], "运营"]
    scheme = PUBLISHED.revise(roles=data["roles"])
    people = [
        person("p1", "运营", team="north"),
        person("p2", "编导", team="north"),
        person("p3", "运营", team="south"),
        person("p4", "主播", team="south"),
        person("p5", "文案", team="north"),
    ]
    table = attribute(month_of(people=people), scheme).seats
    assert table["role"].tolist() == [
        "operations_manager",
        "director",
        "live_operations",
        "host",
        "copywriter",
    ]


def test_unknown_role_is_an_error_that_names_ids_and_not_names():
    with pytest.raises(KpiError) as caught:
        seats(person("p1", "编导"), person("p2", "摄影"), person("p3", "灯光"))
    assert str(caught.value) == (
        "people.csv, 2 row(s), e.g. of p2, p3: the scheme has no role '摄影', '灯光'. To mend: "
        "correct the role, or add it to the aliases of a role in the scheme file."
    )


def test_a_role_held_twice_is_an_error():
    with pytest.raises(KpiError) as caught:
        seats(person("p1", "剪辑"), person("p1", "剪辑师"))
    assert str(caught.value) == (
        "people.csv: p1 hold(s) the same role in two rows. To mend: keep one row for each person "
        "and role."
    )


@pytest.mark.parametrize("month", ["2025-5", "2025-13", "May", ""])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(KpiError) as caught:
        Calendar.of(month)
    assert str(caught.value) == f"month {month!r}: is no month. To mend: write it as 2025-05."


def test_calendar_of_a_leap_february():
    assert Calendar.of("2024-02").parameters == {
        "month_start": "2024-02-01",
        "month_end": "2024-02-29",
        "week_now": "2024-02-23",
        "week_before": "2024-02-16",
    }


# ---- rows -------------------------------------------------------------------------------------


def test_works_go_by_credit_to_makers_and_by_account_to_managers():
    """The title alone is no key: the same title at another time is another work."""
    month = month_of(
        people=[
            person("boss", "运营经理"),
            person("p2", "编导"),
            person("p3", "编导", "乙号"),
            person("p4", "剪辑师"),
        ],
        works=[work("a", 1), work("a", 2), work("b", 3, "乙号")],
        credits=[
            credit("work", "a", day(1, 9), "p2", "编导", 0.5),
            credit("work", "a", day(1, 9), "p3", "director", 0.5),
            credit("work", "b", day(3, 9), "p3", "编导"),
            credit("work", "a", day(2, 9), "p4", "剪辑师"),
        ],
    )
    rows = attribute(month, PUBLISHED)
    assert of(rows, "works", "boss", "operations_manager", "row") == [2, 3]
    assert of(rows, "works", "p2", "director", "row") == [2]
    assert of(rows, "works", "p2", "director", "share") == [0.5]
    assert of(rows, "works", "p3", "director", "row") == [2, 4]
    assert of(rows, "works", "p4", "editor", "row") == []  # editors have no indicator of works
    flat = rows["works"][["person", "role", "row", "share"]]
    assert sorted(flat.itertuples(index=False, name=None)) == [
        ("boss", "operations_manager", 2, 1.0),
        ("boss", "operations_manager", 3, 1.0),
        ("p2", "director", 2, 0.5),
        ("p3", "director", 2, 0.5),
        ("p3", "director", 4, 1.0),
    ]
    assert not len(rows.findings)


def test_orders_go_to_the_hosts_of_their_day_and_room():
    month = month_of(
        people=[person("h1", "主播", "甲房", "live"), person("h2", "主播", "甲房", "live")],
        sessions=[{"account": "甲房", "day": day(n)} for n in (1, 2)],
        orders=[
            {"account": "甲房", "day": day(1), "order_id": "1"},
            {"account": "甲房", "day": day(2), "order_id": "2"},
            {"account": "乙房", "day": day(1), "order_id": "3"},
            {"account": None, "day": day(1), "order_id": "4"},
        ],
        credits=[
            credit("session", "甲房", day(1), "h1", "主播", 0.6),
            credit("session", "甲房", day(1, 20), "h2", "主播", 0.4),
            credit("session", "甲房", day(2), "h2", "主播"),
        ],
    )
    rows = attribute(month, PUBLISHED)
    assert of(rows, "orders", "h1", "host", "order_id") == ["1"]
    assert of(rows, "orders", "h2", "host", "order_id") == ["1", "2"]
    assert of(rows, "sessions", "h2", "host", "share") == [0.4, 1.0]
    assert rows.findings[["kind", "where", "rows"]].to_numpy().tolist() == [
        ["no_account", "orders", 1],
        ["unknown_account", "orders, account '乙房'", 1],
    ]


RANKED = scheme_with({"host": ("host_roi",), "live_operations": ("controller_roi",)})


def test_rankings_go_to_who_is_called_so_by_name_or_alias():
    called = {"name": "程砚秋", "alias": "秋秋"}
    month = month_of(
        people=[
            person("h1", "主播", "甲房", "live") | called,
            person("h1", "直播运营", "甲房", "live") | called,
            person("h2", "主播", "甲房", "live") | {"name": "周一"},
            person("h3", "主播", "甲房", "live") | {"name": "周一", "alias": "大周"},
            person("v1", "编导") | {"name": "文案"},
            person("gone", "主播", "甲房", "live", left=pd.Timestamp(2025, 4, 2)) | {"name": "旧"},
        ],
        hosts=[
            {"name": name, "duty": duty}
            for name, duty in (
                ("程砚秋", "host"),  # row 2
                ("秋秋", "controller"),
                ("周一", "host"),
                ("大周", "host"),
                ("文案", "host"),  # known, in a role that is not measured by it
                ("旧", "host"),
                ("外援", "controller"),
            )
        ],
    )
    rows = attribute(month, RANKED)
    assert of(rows, "hosts", "h1", "host", "row") == [2, 3]  # the formula asks for the duty
    assert of(rows, "hosts", "h1", "live_operations", "row") == [2, 3]
    assert of(rows, "hosts", "h2", "host", "row") == []
    assert of(rows, "hosts", "h3", "host", "row") == [5]
    found = rows.findings[rows.findings["kind"].isin(["unknown_name", "shared_name"])]
    assert found[["kind", "where", "problem", "remedy", "rows"]].to_numpy().tolist() == [
        [
            "unknown_name",
            "hosts, e.g. hosts.csv, row 7",
            "2 row(s) are for a name that nobody employed this month bears; they count for no one.",
            "write it under alias in people.csv, if it is somebody of the team.",
            2,
        ],
        [
            "shared_name",
            "hosts, e.g. hosts.csv, row 4",
            "1 row(s) are for a name that several people bear; they count for no one.",
            "let each have a name of their own on the platform, and write it under alias in "
            "people.csv.",
            1,
        ],
    ]
    assert "unknown_name" not in set(attribute(month, PUBLISHED).findings["kind"])


def test_ads_go_to_the_account_of_operations_and_to_the_makers_of_materials():
    """A material has no date, so its credit stands for all its days."""
    month = month_of(
        people=[person("ops", "直播运营", "甲房", "live"), person("art", "美工", "甲房", "live")],
        ads=[
            {"account": "甲房", "day": day(n), "material_id": m}
            for n, m in ((1, "m1"), (2, "m1"), (2, "m2"))
        ],
        credits=[
            credit("material", "m1", None, "art", "美工"),
            credit("material", "m9", None, "art", "美工"),
        ],
    )
    rows = attribute(month, PUBLISHED)
    assert of(rows, "ads", "ops", "live_operations", "row") == [2, 3, 4]
    assert of(rows, "ads", "art", "planner", "row") == [2, 3]
    assert rows.findings["kind"].tolist() == ["uncredited"]  # m9 may be another month's


def test_service_goes_by_agent_and_tasks_and_ratings_by_person():
    month = month_of(
        people=[person("p1", "客服", "小甲", "live"), person("p2", "剪辑师"), person("p2", "编导")],
        service=[{"agent": "小乙"}, {"agent": "小甲"}],
        tasks=[{"person": "p2", "kind": "edit"}, {"person": "p2", "kind": "idea"}],
        ratings=[{"ratee": "p2", "rater": "p9", "relation": "peer", "item": "topic_fit"}],
    )
    rows = attribute(month, PUBLISHED)
    assert of(rows, "service", "p1", "customer_service", "row") == [3]
    for role in ("editor", "director"):
        assert of(rows, "tasks", "p2", role, "kind") == ["edit", "idea"]
    assert of(rows, "ratings", "p2", "editor", "row") == [2]


def test_a_credit_without_role_is_for_the_only_seat_and_for_none_of_two():
    month = month_of(
        people=[person("p1", "编导"), person("p2", "编导"), person("p2", "演员")],
        works=[work("a", 1), work("b", 2)],
        credits=[
            credit("work", "a", day(1, 9), "p1", None),
            credit("work", "b", day(2, 9), "p2", None),
        ],
    )
    rows = attribute(month, PUBLISHED)
    assert of(rows, "works", "p1", "director", "row") == [2]
    assert of(rows, "works", "p2", "director", "row") == []
    assert [told(row) for row in rows.findings.to_dict("records")] == [
        "people.csv, row(s) 3, 4: p2 hold several roles; the score is their mean by share of time."
        " To mend: nothing, if so; else correct their rows and shares in people.csv.",
        "credits of works: 1 row(s) are for p2, without saying for which of their roles; they "
        "count for no one. To mend: correct the row, or the person's rows in people.csv.",
    ]
    assert rows.findings["rows"].tolist() == [2, 1]


def test_who_came_or_went_and_credits_outside_of_their_time_are_said():
    """On the first day one has not joined within the month, nor left on its last."""
    month = month_of(
        people=[
            person("new", "编导", joined=day(12)),
            person("gone", "编导", left=day(16)),
            person("first", "编导", joined=day(1)),
            person("last", "编导", left=day(31)),
            person("short", "编导", share=0.2),
            person("short", "演员", share=0.3),
        ],
        works=[work("a", 11), work("b", 12), work("c", 16), work("d", 17)],
        credits=[
            credit("work", title, day(number, 9), who, "编导")
            for title, number, who in (
                ("a", 11, "new"),
                ("b", 12, "new"),
                ("c", 16, "gone"),
                ("d", 17, "gone"),
            )
        ],
    )
    found = attribute(month, PUBLISHED).findings
    assert found[["kind", "rows"]].to_numpy().tolist() == [
        ["two_roles", 2],
        ["role_shares", 2],
        ["joined", 1],
        ["left", 1],
        ["outside_employment", 2],
    ]
    assert [told(row) for row in found.to_dict("records")][1:] == [
        "people.csv, row(s) 6, 7: short have shares of time that do not sum to 1; they are scaled "
        "to 1. To mend: correct the column share in people.csv.",
        "people.csv, row(s) 2: new joined within the month and are measured by the days since. "
        "To mend: nothing, if so; else correct the column joined in people.csv.",
        "people.csv, row(s) 3: gone left within the month and are measured by the days until then."
        " To mend: nothing, if so; else correct the column left in people.csv.",
        "credits of works: 2 row(s) are for gone, new, before they joined or after they left; "
        "they count all the same. To mend: correct the credit, or the days in people.csv.",
    ]


def told(finding: dict) -> str:
    return f"{finding['where']}: {finding['problem']} To mend: {finding['remedy']}"


def test_a_credit_of_an_excluded_row_is_not_lost():
    """The decision says where the row went; a second finding would send people searching."""
    read = month_of(
        people=[person("p1", "编导")],
        works=[work("kept", 1)],
        credits=[
            credit("work", "kept", day(1, 9), "p1", "编导"),
            credit("work", "out", day(2, 9), "p1", "编导"),
            credit("work", "lost", day(3, 9), "p1", "编导"),
        ],
    )
    month = replace(read, excluded={"works": table_of("works", [work("out", 2)])})
    rows = attribute(month, PUBLISHED)
    assert rows.findings[["kind", "rows"]].to_numpy().tolist() == [["credit_without_row", 1]]
    assert of(rows, "works", "p1", "director", "title") == ["kept"]


def test_empty_shares_take_what_the_others_leave_of_one():
    month = month_of(
        people=[person("p1", "编导"), person("p2", "编导"), person("p3", "编导")],
        works=[work("a", 1)],
        credits=[
            credit("work", "a", day(1, 9), p, "编导", s)
            for p, s in (("p1", 0.5), ("p2", None), ("p3", None))
        ],
    )
    rows = attribute(month, PUBLISHED)
    assert rows.credits["works"]["share"].tolist() == [0.5, 0.25, 0.25]
    assert not len(rows.findings)


def two_of_a_kind(*credits: dict):
    """Attribute works of one title and time on two accounts."""
    people = [person("p1", "编导"), person("p2", "编导", "乙号")]
    works = [work("a", 1), work("a", 1, "乙号")]
    return attribute(month_of(people=people, works=works, credits=credits), PUBLISHED)


def test_a_credit_that_names_the_account_has_the_work_of_that_account_alone():
    at = day(1, 9)
    rows = two_of_a_kind(
        credit("work", "a", at, "p1", "编导") | {"account": "甲号"},
        credit("work", "a", at, "p2", "编导", None) | {"account": "乙号"},
    )
    assert of(rows, "works", "p1", "director", "account") == ["甲号"]
    assert of(rows, "works", "p2", "director", "account") == ["乙号"]
    assert rows.credits["works"]["share"].tolist() == [1.0, 1.0]
    assert rows.findings.empty


def test_a_credit_without_an_account_that_meets_works_of_two_is_said():
    rows = two_of_a_kind(credit("work", "a", day(1, 9), "p1", "编导"))
    assert of(rows, "works", "p1", "director", "account") == ["甲号", "乙号"]
    (found,) = rows.findings.to_dict("records")
    assert found == {
        "kind": "credit_accounts",
        "where": "credits.csv, e.g. row 2",
        "problem": "1 credit(s) name a work that several accounts have, and count for each.",
        "remedy": "write the account into the column account, a line for each that is meant.",
        "rows": 1,
        "values": {"table": "works", "n": 1},
    }


def test_a_credit_of_another_account_names_no_row():
    rows = two_of_a_kind(credit("work", "a", day(1, 9), "p1", "编导") | {"account": "丙号"})
    assert of(rows, "works", "p1", "director", "account") == []
    assert rows.findings["kind"].tolist() == ["uncredited", "credit_without_row"]


def test_shares_of_a_work_sum_to_one_work_by_work():
    """One line for both accounts and one for the second: that work is credited twice."""
    at = day(1, 9)
    rows = two_of_a_kind(
        credit("work", "a", at, "p1", "编导") | {"account": "甲号"},
        credit("work", "a", at, "p1", "编导", 0.5) | {"account": "乙号"},
        credit("work", "a", at, "p2", "编导"),
    )
    found = rows.findings.set_index("kind")["problem"]
    assert found["shares"] == "the shares of 2 work(s) do not sum to 1, e.g. to 2."


def test_a_material_of_several_accounts_is_one_material():
    month = month_of(
        people=[person("art", "美工", team="live")],
        ads=[
            {"account": a, "day": day(1), "material_id": "1", "cost": 1.0} for a in ("甲号", "乙号")
        ],
        credits=[credit("material", "1", None, "art", "美工")],
    )
    assert "credit_accounts" not in attribute(month, PUBLISHED).findings["kind"].tolist()


def test_credits_of_another_month_are_left_alone():
    month = month_of(
        people=[person("p1", "编导")],
        works=[work("a", 1)],
        credits=[
            credit("work", "a", day(1, 9), "p1", "编导"),
            credit("work", "z", pd.Timestamp(2025, 4, 30, 23, 59), "p1", "编导"),
            credit("work", "z", pd.Timestamp(2025, 6, 1), "stranger", "编导"),
        ],
    )
    rows = attribute(month, PUBLISHED)
    assert rows.credits["works"]["name"].tolist() == ["a"]
    assert not len(rows.findings)


def test_hits_are_the_works_above_the_limit_once_for_each_credit():
    """Above means above: 1,000,000 plays are none; a stranger's share is told, not dropped."""
    month = month_of(
        people=[person("p1", "编导"), person("p2", "演员")],
        works=[
            work("hit", 1, plays=1_000_001.0),
            work("edge", 2, plays=1_000_000.0),
            work("unknown", 3, plays=None),
        ],
        credits=[
            credit("work", "hit", day(1, 9), "p1", "编导", 0.5),
            credit("work", "hit", day(1, 9), "p2", "演员", 0.3),
            credit("work", "hit", day(1, 9), "who", "拍摄师", 0.2),
            credit("work", "edge", day(2, 9), "p1", "编导"),
            credit("work", "unknown", day(3, 9), "p1", "编导"),
        ],
    )
    hits = attribute(month, PUBLISHED).hits(1_000_000)
    assert hits.to_dict("list") == {
        "work": [0, 0, 0],
        "title": ["hit"] * 3,
        "plays": [1_000_001.0] * 3,
        "person": ["p1", "p2", "who"],
        "share": [0.5, 0.3, 0.2],
    }


# ---- what fits nobody -------------------------------------------------------------------------


def test_every_stray_row_is_said_with_its_place_count_and_remedy():
    month = month_of(
        people=[
            person("p1", "编导"),
            person("p2", "编导", left=pd.Timestamp(2025, 4, 2)),
        ],
        works=[work("a", 1), work("bare", 2), work("c", 3, "丙号"), work("d", 4)],
        credits=[
            credit("work", "a", day(1, 9), "p1", "编导", 0.7),
            credit("work", "c", day(3, 9), "ghost", "编导"),
            credit("work", "d", day(4, 9), "p1", "演员"),
            credit("work", "lost", day(4, 9), "p2", "编导"),
        ],
        tasks=[{"person": "ghost", "kind": "idea"}] * 2,
        plans=[
            {"month": "2025-05", "person": "nobody", "indicator": "gmv_completion", "target": 1.0},
            {"month": "2025-04", "person": "other", "indicator": "gmv_completion", "target": 1.0},
        ],
    )
    found = attribute(month, PUBLISHED).findings
    correct = "correct the row, or the person's rows in people.csv."
    told = found[["kind", "where", "problem", "remedy", "rows"]].to_numpy().tolist()
    assert told == [
        [
            "unknown_person",
            "credits of works",
            "1 row(s) are for ghost, not in people.csv; they count for no one.",
            correct,
            1,
        ],
        [
            "not_employed",
            "credits of works",
            "1 row(s) are for p2, not employed this month; they count for no one.",
            correct,
            1,
        ],
        [
            "unknown_person",
            "tasks",
            "2 row(s) are for ghost, not in people.csv; they count for no one.",
            correct,
            2,
        ],
        [
            "unknown_person",
            "plans",
            "1 row(s) are for nobody, not in people.csv; they count for no one.",
            correct,
            1,
        ],
        [
            "role_not_held",
            "credits of works",
            "1 row(s) are for p1, for a role that they do not hold; they count for no one.",
            correct,
            1,
        ],
        [
            "uncredited",
            "works, e.g. works.csv, row 3",
            "1 of 4 row(s) have no credit and count for nobody's own.",
            "add who made them to credits.csv, kind work.",
            1,
        ],
        [
            "credit_without_row",
            "credits.csv, e.g. row 5",
            "1 credit(s) name a work that the exports do not have.",
            "compare name and time with the export.",
            1,
        ],
        [
            "shares",
            "credits.csv",
            "the shares of 1 work(s) do not sum to 1, e.g. to 0.7.",
            "let the shares of one work, session or material sum to 1.",
            1,
        ],
        [
            "unknown_account",
            "works, account '丙号'",
            "nobody holds it; 1 row(s) count for no one by account.",
            "write the account into people.csv, if it is a team's own.",
            1,
        ],
    ]
    assert found["values"].iloc[5] == {"table": "works", "n": 1, "of": 4}


def test_at_most_five_ids_stand_in_a_finding():
    month = month_of(
        people=[person("p1", "编导")], tasks=[{"person": f"x{i}", "kind": "idea"} for i in range(9)]
    )
    problem = attribute(month, PUBLISHED).findings["problem"].iloc[0]
    assert problem == (
        "9 row(s) are for x0, x1, x2, x3, x4, not in people.csv; they count for no one."
    )


def test_accounts_are_strays_only_where_a_role_is_measured_by_the_table():
    scheme = scheme_with({"editor": ["delivery_time"]})
    month = month_of(people=[person("p1", "剪辑师")], works=[work("a", 1, "丙号")])
    assert attribute(month, scheme).findings["kind"].tolist() == ["uncredited"]


def test_in_the_sample_only_what_was_planned_fits_nobody():
    """May holds two works without credit; all else is somebody's."""
    rows = attribute(read_team(SAMPLE, "2025-05"), EVERYTHING)
    assert rows.findings[["kind", "rows"]].to_numpy().tolist() == [
        ["two_roles", 2],
        ["joined", 1],
        ["left", 1],
        ["uncredited", 2],
    ]
    assert [v.get("people") for v in rows.findings["values"]] == [
        ["p024"],
        ["p013"],
        ["p041"],
        None,
    ]
    shares = rows.seats.groupby("person")["time_share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)


# ---- matching ---------------------------------------------------------------------------------

CELLS = st.one_of(st.none(), st.sampled_from("abc"))
TIMES = st.one_of(st.none(), st.integers(1, 3).map(day))
PAIRS = st.lists(st.tuples(CELLS, TIMES), max_size=8)


def columns(pairs: list[tuple]) -> list[pd.Series]:
    return [
        pd.Series([a for a, _ in pairs], dtype="str"),
        pd.Series([b for _, b in pairs], dtype="datetime64[us]"),
    ]


@given(PAIRS, PAIRS)
def test_joined_places_are_the_pairs_that_agree_one_by_one(left, right):
    places = zip(*(side.tolist() for side in join(columns(left), columns(right))), strict=True)
    assert sorted(places) == [
        (i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a == b and None not in a
    ]


@given(PAIRS)
def test_groups_number_equal_rows_alike_and_unknown_ones_minus_one(pairs):
    numbers = groups(columns(pairs)).tolist()
    for i, a in enumerate(pairs):
        assert (numbers[i] == -1) is (None in a)
        for j, b in enumerate(pairs):
            if None not in a:
                assert (numbers[i] == numbers[j]) is (a == b)
