"""Grades counted: by hand from the scheme's cuts, and as properties of any grades."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.distribution import (
    edge_cases,
    grade_shares,
    history,
    lanes,
    migration,
    near_cuts,
    overview,
    read_guideline,
    score_ranges,
    ties,
)
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from tests.company import readings_of, seats_of


def graded(totals, *, scheme="published", teams=None, month="2025-05", status=None):
    """Return grades of planners whose two items both earn the total."""
    values = {
        who: {"planner": {"creative_ctr": 0.0008 * total, "page_conversion": 0.0005 * total}}
        for who, total in totals.items()
    }
    seats = seats_of({who: {"planner": 1.0} for who in totals})
    if teams:
        seats["team"] = seats["person"].map(teams)
    rules = scheme if not isinstance(scheme, str) else read_scheme(scheme)
    return grade(score(readings_of(rules, values, seats=seats, month=month, status=status)))


TEN = dict(zip("abcdefghij", (101, 100, 95, 81, 80.5, 80, 70, 61, 60.5, 60), strict=True))


def test_ten_people_are_counted_by_the_scheme_s_cuts():
    """C <= 60 < B <= 80 < A <= 100 < A+: 101 | 100 95 81 80.5 | 80 70 61 60.5 | 60."""
    shares = grade_shares(graded(TEN))
    assert shares.counts.loc["all"].to_dict() == {"A+": 1, "A": 4, "B": 4, "C": 1}
    assert shares.n["all"] == 10
    assert shares.table["share"].tolist() == [0.1, 0.4, 0.4, 0.1]


def test_the_interval_of_one_in_twenty_nine_is_newcombe_s():
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 1/29 by the score method."""
    people = {f"p{i}": 70.0 for i in range(28)} | {"q": 50.0}
    row = grade_shares(graded(people)).table.set_index("grade").loc["C"]
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.0061, 0.1718)


def test_a_share_of_four_people_is_not_given():
    teams = dict.fromkeys("abcdef", "live") | dict.fromkeys("ghij", "video")
    shares = grade_shares(graded(TEN, teams=teams), by="team")
    assert list(shares.n.index) == ["video", "live"]  # in the order of the scheme
    small = shares.table.query("group == 'video'")
    assert small["count"].sum() == 4
    assert small[["share", "low", "high"]].isna().all(axis=None)
    assert shares.table.query("group == 'live'")["share"].sum() == pytest.approx(1)


def test_people_without_a_known_score_are_counted_apart():
    grades = graded(TEN, status={("a", "creative_ctr"): "unknown"})
    shares = grade_shares(grades)
    assert (shares.n["all"], shares.ungraded["all"]) == (9, 1)


def test_somebody_in_two_roles_counts_in_both():
    values = {
        "a": {
            "planner": {"creative_ctr": 0.08, "page_conversion": 0.05},
            "host": {"gmv_completion": 1, "order_conversion": 0.05, "watch_time": 180,
                     "return_rate": 0.1},
        },
        "b": {"planner": {"creative_ctr": 0.04, "page_conversion": 0.025}},
    }  # fmt: skip
    shares = grade_shares(grade(score(readings_of(read_scheme("published"), values))), by="role")
    assert shares.counts.loc["planner"].to_dict() == {"A+": 0, "A": 1, "B": 0, "C": 1}
    assert shares.counts.loc["host"].sum() == 1


def test_a_guideline_stands_beside_with_its_doubt():
    """One C in ten lies in 1.8% to 40.4% (Wilson): 10% is inside, 50% outside."""
    wished = {"A+": 0.1, "A": 0.3, "B": 0.1, "C": 0.5}
    table = grade_shares(graded(TEN), wished=wished).table.set_index("grade")
    assert table["difference"].round(9).to_dict() == {"A+": 0, "A": 0.1, "B": 0.3, "C": -0.4}
    assert table["outside"].to_dict() == {"A+": False, "A": False, "B": True, "C": True}


def test_a_guideline_must_cover_all_grades_once():
    with pytest.raises(KpiError) as caught:
        grade_shares(graded(TEN), wished={"A": 0.5, "B": 0.4})
    assert str(caught.value) == (
        "guideline: holds {'A': 0.5, 'B': 0.4}, which sum to 0.9. "
        "To mend: give one share for each of A+, A, B, C, 1 in all."
    )


def test_an_unknown_grouping_is_refused():
    with pytest.raises(KpiError) as caught:
        grade_shares(graded(TEN), by="floor")
    assert str(caught.value) == ("by: no grouping 'floor'. To mend: take one of all, team, role.")


@given(st.lists(st.integers(0, 2400), min_size=1, max_size=40))
def test_counts_sum_to_the_people_in_every_grouping(twentieths):
    totals = {f"p{i}": value / 20 for i, value in enumerate(twentieths)}
    teams = {who: ("live", "video")[i % 2] for i, who in enumerate(totals)}
    grades = graded(totals, teams=teams)
    for by in ("all", "team", "role"):
        shares = grade_shares(grades, by=by)
        assert shares.counts.to_numpy().sum() == len(totals)
        assert (shares.counts.sum(axis=1) == shares.n).all()
        inside = shares.table.dropna(subset="share")
        assert (inside["low"] <= inside["share"]).all()
        assert (inside["share"] <= inside["high"]).all()


def test_people_near_a_cut_are_counted_at_each_distance():
    """Within 1: 101, 100 | 81, 80.5, 80 | 61, 60.5, 60. Within 5 also 95."""
    near = near_cuts(graded(TEN))
    assert near.counts.loc["A+ | A"].tolist() == [2, 2, 3]
    assert near.counts.loc["A | B"].tolist() == [3, 3, 3]
    assert near.counts.loc["B | C"].tolist() == [3, 3, 3]
    row = near.table.loc["e"]
    assert (row["cut"], row["gap"], row["grade"], row["neighbour"]) == (80, 0.5, "A", "B")
    assert near.table["gap"].abs().is_monotonic_increasing
    assert "g" not in near.table.index


def test_ties_at_a_cut_name_the_grade_on_the_other_side():
    """By the closed upper edge 100 is an A next to A+, 80 a B next to A, 60 a C next to B."""
    table = ties(graded(TEN))
    assert table["grade"].to_dict() == {"b": "A", "f": "B", "j": "C"}
    assert table["neighbour"].to_dict() == {"b": "A+", "f": "A", "j": "B"}


def test_a_tie_at_a_closed_lower_edge_is_next_to_the_worse_grade():
    scheme = read_scheme("published")
    lower = scheme.revise(grading={**scheme.grading.model_dump(), "edge": "lower_closed"})
    table = ties(graded(TEN, scheme=lower))
    assert table["grade"].to_dict() == {"b": "A+", "f": "A", "j": "B"}
    assert table["neighbour"].to_dict() == {"b": "A", "f": "B", "j": "C"}


def test_the_four_edge_policies_of_g6_differ_where_the_scheme_leaves_them_open():
    """Opening G6 asks about 80.5, 60.5 and exactly 100; the cuts themselves differ as well."""
    cases = edge_cases(graded(TEN))
    assert cases.used == "upper_closed"
    grades = cases.table.drop(columns="score")
    assert grades.columns.tolist() == ["upper_closed", "lower_closed", "rounded", "floored"]
    assert grades.loc["b"].tolist() == ["A", "A+", "A", "A"]  # 100
    assert grades.loc["e"].tolist() == ["A", "A", "A", "B"]  # 80.5
    assert grades.loc["f"].tolist() == ["B", "A", "B", "B"]  # 80
    assert grades.loc["i"].tolist() == ["B", "B", "B", "C"]  # 60.5
    assert set(grades.index) == {"b", "e", "f", "i", "j"}
    assert cases.counts.loc["floored"].to_dict() == {"A+": 1, "A": 3, "B": 4, "C": 2}
    assert (cases.counts.sum(axis=1) == 10).all()


def test_nobody_is_listed_where_no_grade_depends_on_the_policy():
    cases = edge_cases(graded({"a": 50.0, "b": 68.0}))
    assert cases.table.empty
    assert cases.table.columns.tolist()[:2] == ["score", "upper_closed"]
    assert (cases.counts.sum(axis=1) == 2).all()


def test_edge_policies_need_fixed_cuts():
    with pytest.raises(KpiError) as caught:
        edge_cases(graded(TEN, scheme="bytedance"))
    assert str(caught.value) == (
        "scheme 'bytedance', grading: edge policies need fixed cuts, and this scheme grades "
        "by quota. To mend: use a scheme whose grading is `bands`."
    )


def test_by_quota_the_border_is_the_next_person():
    """Ten people: one E (101), three M+ (100, 95, 81), five M (80.5 to 60.5), one M- (60)."""
    near = near_cuts(graded(TEN, scheme="bytedance"), within=(1, 5))
    assert near.counts[1].to_dict() == {"E | M+": 2, "M+ | M": 3, "M | M-": 3}
    assert near.table.loc["d", ["cut", "gap", "neighbour"]].tolist() == [80.5, 0.5, "M"]
    assert near.table.loc["f", ["cut", "gap", "neighbour"]].tolist() == [81, -1, "M+"]
    assert near.table.loc["j", ["cut", "gap", "neighbour"]].tolist() == [60.5, -0.5, "M"]


def test_by_quota_equals_are_parted_by_the_tie_break_and_named():
    people = dict.fromkeys("abcdefghij", 80.0)
    assert ties(graded(people, scheme="bytedance")).shape == (10, 3)
    assert near_cuts(graded({"a": 80.0}, scheme="bytedance")).table.empty


def test_a_guideline_is_read_from_one_line():
    order = ("A+", "A", "B", "C")
    wished = read_guideline("A+ 10, A 30, B 50, C 10", order)
    assert wished == {"A+": 0.1, "A": 0.3, "B": 0.5, "C": 0.1}
    assert read_guideline(" ", order) is None
    with pytest.raises(KpiError) as caught:
        read_guideline("A+ ten", order)
    assert str(caught.value) == (
        "guideline: cannot be read: 'A+ ten'. "
        "To mend: write a grade and its percentage, such as A+ 10, for each grade."
    )


def test_an_overview_says_what_its_page_opens_with():
    before = graded(dict.fromkeys(TEN, 90.0), month="2025-04")
    seen = overview(settle(graded(TEN), [before]))
    assert (seen.most, seen.near.within(2)) == ({"grade": "A", "most": 4, "n": 10}, 8)
    assert seen.moves == {"up": 1, "down": 5, "same": 4}
    assert (seen.tied, seen.near.within(0)) == (3, 3)
    assert seen.middle == {"low": 63.25, "median": 80.25, "high": 91.5}
    assert seen.cuts == {"A+": 100, "A": 80, "B": 60}
    assert seen.tone == "watch"
    assert seen.span == {
        "best": ["A+", "A"], "first": "2025-04", "before": 1.0, "last": "2025-05", "after": 0.5,
    }  # fmt: skip
    assert overview(settle(graded({f"p{i}": 85.0 + i for i in range(9)} | {"q": 70.0}))).looks
    spread = {f"p{i}": score for i, score in enumerate((50, 68, 72, 74, 86, 90, 94, 105, 110))}
    assert overview(settle(graded(spread))).tone == "calm"
    assert seen.months.counts.index.tolist() == ["2025-04", "2025-05"]
    alone = overview(settle(graded(TEN, scheme="bytedance")))
    assert (alone.edges, alone.moved, alone.cuts) == (None, None, {})


def test_migration_shows_who_moved_and_who_came_and_left():
    before = graded({"a": 90, "b": 90, "c": 50, "d": 70}, month="2025-04")
    after = graded({"a": 110, "b": 55, "c": 55, "e": 70})
    moved = migration(before, after)
    assert moved.table.loc["A"].to_dict() == {"A+": 1, "A": 0, "B": 0, "C": 1}
    assert moved.moves["steps"].to_dict() == {"a": 1, "b": -2, "c": 0}
    assert (moved.up, moved.down, moved.same) == (1, 1, 1)
    assert (moved.came, moved.left) == (("e",), ("d",))
    assert moved.movers(1).index.tolist() == ["b"]
    assert moved.movers().index.tolist() == ["b", "a"]


def test_two_scales_are_never_compared_silently():
    with pytest.raises(KpiError) as caught:
        migration(graded(TEN), graded(TEN, scheme="bytedance"))
    assert str(caught.value) == (
        "migration: grades A+, A, B, C and E, M+, M, M- are two scales. "
        "To mend: compare gradings of one scale."
    )


def test_history_counts_each_month():
    months = {
        "2025-04": graded({"a": 90, "b": 50}, month="2025-04"),
        "2025-05": graded({"a": 90, "b": 70, "c": 70}),
    }
    held = history(months)
    assert held.counts.loc["2025-04"].to_dict() == {"A+": 0, "A": 1, "B": 0, "C": 1}
    assert held.grades.loc["b"].tolist() == ["C", "B"]
    assert math.isnan(held.scores.loc["c", "2025-04"])
    with pytest.raises(KpiError) as caught:
        history({})
    assert str(caught.value) == (
        "history: 0 months hold 0 scales of grades. "
        "To mend: give at least one month, all graded on one scale."
    )


@given(st.lists(st.integers(0, 1200), min_size=1, max_size=60))
def test_dots_of_one_lane_never_cover_each_other(tenths):
    grades = graded({f"p{i}": value / 10 for i, value in enumerate(tenths)})
    table = lanes(grades, by="role", width=2.0)
    assert table["lane"].between(-1, 1).all()
    for _, lane in table.groupby("lane"):
        assert (np.diff(np.sort(lane["score"])) >= 2.0 - 1e-9).all() or len(
            table["lane"].unique()
        ) >= 9


@given(st.lists(st.integers(0, 1200), max_size=80))
def test_every_range_of_scores_holds_five_people_and_all_are_counted(tenths):
    grades = graded({f"p{i}": value / 10 for i, value in enumerate(tenths)} | {"q": 70.0})
    cells = score_ranges(grades)
    if len(tenths) + 1 < 5:
        assert cells.empty
        return
    assert (cells["n"] >= 5).all()
    assert cells["n"].sum() == len(tenths) + 1
    scores = grades.table["score"]
    for low, high, n in cells[["low", "high", "n"]].itertuples(index=False):
        inside = (scores > (-math.inf if math.isnan(low) else low)) & (
            scores <= (math.inf if math.isnan(high) else high)
        )
        assert inside.sum() == n
    edges = set(cells["low"].dropna())
    assert not edges & set(grades.scheme.grading.cuts)  # else small grades could be worked out


def test_the_inputs_are_not_changed():
    grades = graded(TEN)
    before = grades.table.copy()
    for analysis in (grade_shares, near_cuts, ties, edge_cases, score_ranges):
        analysis(grades)
    pd.testing.assert_frame_equal(grades.table, before)


def test_ranges_end_between_the_cuts_wherever_these_are():
    """Scores 50, 51, ... 109: ranges end at 55, 65, ...; where those are cuts, they give way."""
    totals = {f"p{i}": 50.0 + i for i in range(60)}
    usual = score_ranges(graded(totals))
    assert usual["high"].tolist()[:-1] == [55, 65, 75, 85, 95]
    assert usual["n"].tolist() == [6, 10, 10, 10, 10, 14]
    grading = read_scheme("published").grading.model_dump()
    for band, cut in zip(grading["bands"], (95, 75, 55, None), strict=True):
        band["above"] = cut
    other = score_ranges(graded(totals, scheme=read_scheme("published").revise(grading=grading)))
    assert other["high"].tolist()[:-1] == [65, 85]
