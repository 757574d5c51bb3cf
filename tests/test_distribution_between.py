"""Groups compared, scales at their ends, quotas beside cuts: against published numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpilib.distribution import (
    checks,
    cliffs_delta,
    concentration,
    differences,
    ends,
    forced,
    grade_shares,
    half_year,
    holm,
    overview,
    rules_beside,
    surplus,
)
from kpilib.distribution.between import size_of
from kpilib.distribution.forced import owed
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from tests.company import readings_of
from tests.test_distribution import TEN, graded

# Kruskal & Wallis (1952), JASA 47, table 1.1: daily bottle-cap production of three machines,
# by a quarter, so that all values are scores; ranks stay the same.
CAPS = {"A": (340, 345, 330, 342, 338), "B": (339, 333, 344), "C": (347, 343, 349, 355)}
# The example of R's effsize 0.8.1, cliff.delta(treatment, control)
TREATED, CONTROL = (10, 10, 20, 20, 20, 30, 30, 30, 40, 50), (10, 20, 30, 40, 40, 50)


def in_teams(groups):
    """Return grades of people whose scores are given team by team."""
    people, teams = {}, {}
    for team, scores in groups.items():
        for i, value in enumerate(scores):
            people[f"{team}{i}"], teams[f"{team}{i}"] = float(value), team
    return graded(people, teams=teams)


def test_the_machines_of_kruskal_and_wallis_have_their_h(monkeypatch):
    """H = 5.656 (p. 587); three and four caps a day are too few for us, so the least is lowered."""
    monkeypatch.setattr("kpilib.distribution.between.LEAST", 3)
    teams = dict(zip("ABC", ("live", "video", "studio"), strict=True))
    found = differences(in_teams({teams[k]: [v / 4 for v in values] for k, values in CAPS.items()}))
    assert round(found.h, 3) == 5.656
    assert found.p == pytest.approx(stats.chi2.sf(5.6564, 2), abs=1e-5)
    assert found.n.to_dict() == {"video": 3, "live": 5, "studio": 4}
    assert not found.pairs["differs"].any()  # 0.059 is no difference, whatever the pairs say


def test_cliffs_delta_and_its_interval_are_those_of_effsize():
    """R, effsize 0.8.1: delta estimate -0.25, 95% interval -0.7265846 to 0.3890062."""
    delta, low, high = cliffs_delta(TREATED, CONTROL)
    assert delta == -0.25
    assert (low, high) == (pytest.approx(-0.7265846, abs=1e-5), pytest.approx(0.3890062, abs=1e-5))


@given(st.lists(st.integers(0, 9), min_size=2, max_size=9),
       st.lists(st.integers(0, 9), min_size=2, max_size=9))  # fmt: skip
def test_delta_is_counted_pair_by_pair_and_follows_u(a, b):
    delta, low, high = cliffs_delta(a, b)
    counted = Fraction(sum((x > y) - (x < y) for x, y in product(a, b)), len(a) * len(b))
    assert delta == pytest.approx(float(counted), abs=1e-12)
    u = stats.mannwhitneyu(a, b, method="asymptotic").statistic if len({*a, *b}) > 1 else None
    assert u is None or delta == pytest.approx(2 * u / (len(a) * len(b)) - 1)
    assert abs(delta) == 1 or -1 <= low <= delta <= high <= 1


def test_holm_corrects_the_smallest_most_and_never_below_the_one_before():
    """Holm (1979): of .01, .04, .03, .005 the adjusted are .03, .06, .06, .02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("delta", "size"),
    [(0.1, "none"), (0.147, "small"), (-0.2, "small"), (0.33, "medium"), (-0.474, "large")],
)
def test_sizes_are_those_of_romano(delta, size):
    assert size_of(delta) == size


def test_teams_apart_are_named_with_the_higher_first():
    found = differences(in_teams({"live": range(50, 60), "video": range(70, 80),
                                  "studio": [1, 2, 3, 4]}))  # fmt: skip
    assert found.left_out == ("studio",)
    pair = found.apart.iloc[0]
    assert pair[["a", "b", "delta", "size"]].tolist() == ["video", "live", 1, "large"]
    assert math.isnan(pair["low"])  # nobody overlaps
    u = stats.mannwhitneyu(range(70, 80), range(50, 60))
    assert pair["p"] == pair["adjusted"] == pytest.approx(u.pvalue)


def test_one_team_or_equal_scores_leave_nothing_to_compare():
    alone = differences(in_teams({"live": range(50, 60)}))
    assert math.isnan(alone.p)
    assert alone.pairs.empty
    equal = differences(in_teams({"live": [80] * 6, "video": [80] * 6}))
    assert (equal.h, equal.p) == (0, 1)
    assert equal.pairs["differs"].tolist() == [False]


def roles(lowest):
    """Return grades of hosts and planners: so many C of so many in each."""
    values = {}
    for role, (bad, n) in lowest.items():
        for i in range(n):
            part = 0.5 if i < bad else 0.9
            values[f"{role}{i}"] = {
                "planner": {"planner": {"creative_ctr": 0.08 * part,
                                        "page_conversion": 0.05 * part}},
                "host": {"host": {"gmv_completion": part, "order_conversion": 0.05 * part,
                                  "watch_time": 180 * part, "return_rate": 0.1 * (2 - part)}},
            }[role]  # fmt: skip
    return grade(score(readings_of(read_scheme("published"), values)))


def test_a_role_with_most_of_the_lowest_grades_is_found_by_fishers_exact_test():
    found = concentration(roles({"planner": (6, 8), "host": (1, 20)}))
    row = found.loc["planner"]
    exact = stats.fisher_exact([[6, 2], [1, 19]], alternative="greater").pvalue
    assert row["p"] == pytest.approx(exact)
    assert row["adjusted"] == pytest.approx(2 * exact)
    assert row[["n", "lowest", "concentrated"]].tolist() == [8, 6, True]
    assert row["expected"] == pytest.approx(8 * 7 / 28)
    assert not found.loc["host", "concentrated"]
    assert not concentration(roles({"planner": (2, 8), "host": (5, 20)}))["concentrated"].any()


def test_items_whose_people_crowd_at_the_cap_or_at_nothing_are_found():
    """Points end at 0 and 120: three of six at twice the target, four of six at none."""
    ctr, page = [0.16, 0.16, 0.2, 0.05, 0.05, 0.05], [0, 0, 0, 0, 0.03, 0.03]
    values = {f"p{i}": {"planner": {"creative_ctr": a, "page_conversion": b}}
              for i, (a, b) in enumerate(zip(ctr, page, strict=True))}  # fmt: skip
    grades = grade(score(readings_of(read_scheme("published"), values)))
    found = ends(grades).set_index("indicator")
    assert found.loc["creative_ctr", ["n", "top", "bottom", "ceiling", "floor"]].tolist() == [
        6, 3, 0, True, False,
    ]  # fmt: skip
    assert found.loc["page_conversion", ["top", "bottom", "ceiling", "floor"]].tolist() == [
        0, 4, False, True,
    ]  # fmt: skip


def test_two_at_an_end_say_nothing_about_a_scale():
    ctr = [0.2, 0.2, 0.05, 0.05, 0.05, 0.05]
    values = {f"p{i}": {"planner": {"creative_ctr": rate, "page_conversion": 0.03}}
              for i, rate in enumerate(ctr)}  # fmt: skip
    grades = grade(score(readings_of(read_scheme("published"), values)))
    assert not ends(grades)["ceiling"].any()


def test_surpluses_of_teams_sum_to_that_of_all_and_name_who_explains_it():
    wished = {"A+": 0.1, "A": 0.3, "B": 0.5, "C": 0.1}
    teams = dict.fromkeys("abcdef", "live") | dict.fromkeys("ghij", "video")
    grades = graded(TEN, teams=teams)
    found = surplus(grade_shares(grades, "team", wished))
    # video: B B B C of four; live: A+ A A A A B of six
    assert found.loc["video"].tolist() == pytest.approx([-0.4, -1.2, 1.0, 0.6])
    assert found.loc["live"].tolist() == pytest.approx([0.4, 2.2, -2.0, -0.6])
    assert found.sum().tolist() == pytest.approx([0, 1, -1, 0])
    people = {f"p{i}": 90.0 for i in range(20)} | {f"q{i}": 70.0 for i in range(20)}
    sides = {who: "live" if who[0] == "p" else "video" for who in people}
    seen = overview(settle(graded(people, teams=sides)), wished)
    assert seen.explained == {"grade": "A", "whole": pytest.approx(8), "team": "live",
                              "part": pytest.approx(14), "over": True}  # fmt: skip
    assert overview(settle(grades)).explained is None


CUTS, QUOTA = read_scheme("published"), read_scheme("bytedance")


def test_a_quota_beside_cuts_tells_who_is_moved_and_by_how_little():
    """Ten people by hand: 101 | 100 95 81 | 80.5 80 70 61 60.5 | 60 by quota, A from 80.5 on.

    Only 80.5 moves: an A by the cuts is an M by quota, half a point under the last M+.
    """
    found = forced(graded(TEN), CUTS, QUOTA)
    assert found.moved.index.tolist() == ["e"]
    row = found.table.loc["e"]
    assert row[["by_cuts", "by_quota", "steps", "away"]].tolist() == ["A", "M", -1, 0.5]
    assert (found.up, found.down) == (0, 1)
    assert found.cross.loc["A"].tolist() == [0, 3, 1, 0]
    assert found.cross.to_numpy().sum() == 10


@settings(max_examples=20)
@given(st.lists(st.integers(0, 240), min_size=1, max_size=40))
def test_quotas_beside_cuts_keep_everybody_and_the_distance_is_the_nearest_beyond(halves):
    grades = graded({f"p{i:02d}": value / 2 for i, value in enumerate(halves)})
    found = forced(grades, CUTS, QUOTA)
    assert found.cross.to_numpy().sum() == len(found.table) == len(halves)
    order = {name: i for i, name in enumerate(found.quota)}
    for person, row in found.moved.iterrows():
        place = found.table["by_quota"].map(order)
        if row["steps"] < 0:
            others = found.table.loc[place < order[row["by_quota"]], "score"]
        else:
            others = found.table.loc[place > order[row["by_quota"]], "score"]
        nearest = (others - row["score"]).abs().min()  # NaN where nobody is there
        assert row["away"] == pytest.approx(nearest, abs=1e-6, nan_ok=True), person


def test_two_scales_of_other_lengths_are_laid_side_by_side_and_not_read_place_by_place():
    levels = [{"grade": "up", "share": 0.5}, {"grade": "down", "share": 0.5}]
    grading = {"kind": "quota", "levels": levels}
    quota = CUTS.revise(grading=grading, streak=None, improvement=None)
    found = forced(graded(TEN), CUTS, quota)
    assert found.moved.empty
    assert found.cross.shape == (4, 2)


def test_cuts_and_quota_are_told_apart():
    with pytest.raises(KpiError) as caught:
        forced(graded(TEN), CUTS, CUTS)
    assert str(caught.value) == (
        "forced distribution, schemes 'published' and 'published': one must grade by cuts and "
        "the other by quota. To mend: give a scheme whose grading is `bands`, then one whose "
        "grading is `quota`."
    )
    assert rules_beside(CUTS, "") is None
    assert rules_beside(CUTS, "published") is None
    assert [rules.name for rules in rules_beside(CUTS, "bytedance")] == ["published", "bytedance"]
    assert [rules.name for rules in rules_beside(QUOTA, "bytedance")] == ["published", "bytedance"]


def test_a_half_year_is_the_mean_of_its_known_months():
    """Seven months: the first is too old; b is known in two of six, fewer than three."""
    months = [
        graded({"a": 10.0 * i, **({"b": 50.0} if i > 5 else {})} | {"c": 70.0}, month=f"2025-0{i}")
        for i in range(1, 7)
    ]
    months.append(graded({"a": 75.0, "b": 60.0, "c": 70.0}, month="2025-07"))
    half = half_year(months)
    assert half.table.loc["a", "score"] == pytest.approx(
        (20 + 30 + 40 + 50 + 60 + 75) / 6, abs=1e-6
    )
    assert half.table.loc["b", ["grade", "status"]].tolist() == [None, "unknown"]
    assert half.table.loc["c", ["score", "grade"]].tolist() == [70, "B"]
    assert half.month == "2025-07"
    assert months[-1].table.loc["a", "score"] == 75  # the month itself is untouched
    assert half_year(months, least=2).table.loc["b", "grade"] == "C"
    with pytest.raises(KpiError) as caught:
        half_year([])
    assert str(caught.value) == (
        "half-year: holds no month. To mend: give at least one month's grades."
    )


def test_a_review_in_march_opens_a_half_year_of_its_own():
    """Dec, Jan, Feb belong to the review of March; March to May count for September's."""
    names = ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05"]
    months = [graded({"a": 70.0 + 2 * i}, month=name) for i, name in enumerate(names)]
    spring = half_year(months, reviews=(3, 9))
    assert spring.table.loc["a", "score"] == 78  # 76, 78, 80
    winter = half_year(months[:3], reviews=(3, 9))
    assert winter.table.loc["a", "score"] == 72
    assert half_year(months).table.loc["a", "score"] == 75


def test_fractions_of_earlier_months_count_where_the_quota_carries_them():
    """Four people a month, 0.4 of them in E: the first month gives one, so the second owes it."""
    quota = QUOTA.revise(grading={**QUOTA.grading.model_dump(), "carry_over": True})
    first = graded({f"p{i}": 90.0 - i for i in range(4)}, month="2025-04")
    second = graded({f"p{i}": 90.0 - i for i in range(4)})
    found = forced(second, CUTS, quota, owed([first], quota))
    assert found.cross.sum().tolist() == [0, 1, 2, 1]
    assert forced(second, CUTS, quota).cross.sum().tolist() == [1, 1, 2, 0]
    assert owed([first], QUOTA) is None


def found_by(people, key, wished=None, before=None, **kinds):
    seen = overview(settle(graded(people, **kinds), before or []), wished)
    return next(check for check in checks(seen) if check.key == key)


@pytest.mark.parametrize(
    ("people", "key", "found", "look"),
    [
        ({f"p{i}": 90.0 for i in range(10)}, "spread", "spread_piled", True),
        ({f"p{i}": 90.0 for i in range(9)}, "spread", "spread", False),  # too few to be a wonder
        ({"p0": 90.0}, "spread", "spread", False),
        ({f"p{i}": 65.0 + 2.5 * i for i in range(12)}, "spread", "spread_empty", True),
        (TEN, "spread", "spread", False),
        (TEN, "near", "near", True),
        (TEN, "doubt", "doubt", False),  # typed readings have no interval
        (TEN, "edges", "edges", True),
        (TEN, "roles", "roles", False),
        (TEN, "ends", "ends", False),
    ],
)
def test_each_check_says_what_it_found(people, key, found, look):
    check = found_by(people, key)
    assert (check.found, check.look) == (found, look)


def test_checks_that_do_not_apply_are_left_out():
    keys = [check.key for check in checks(overview(settle(graded(TEN))))]
    assert keys == ["spread", "near", "doubt", "edges", "roles", "ends"]
    wished = {"A+": 0.0, "A": 0.0, "B": 0.0, "C": 1.0}
    check = found_by(TEN, "wished", wished)
    assert (check.found, check.told) == (
        "wished_outside",
        {"grades": list(CUTS.grading.grades), "n": 4},
    )
    check = found_by(TEN, "moves", before=[graded(dict.fromkeys(TEN, 90.0), month="2025-04")])
    assert check.told == {"changed": 6, "n": 10}
    assert check.look


def test_teams_that_differ_are_a_check_of_their_own():
    people = {f"p{i}": 90.0 + i / 4 for i in range(10)} | {f"q{i}": 62.0 + i for i in range(10)}
    teams = {who: "live" if who[0] == "p" else "video" for who in people}
    check = found_by(people, "teams", teams=teams)
    assert (check.found, check.told) == ("teams_large", {"a": "live", "b": "video", "likelier": 1})


def test_the_inputs_of_comparisons_are_not_changed():
    grades = graded(TEN)
    before = grades.table.copy(), grades.scores.table.copy()
    for analysis in (differences, concentration, ends, lambda g: forced(g, CUTS, QUOTA),
                     lambda g: half_year([g, g])):  # fmt: skip
        analysis(grades)
    pd.testing.assert_frame_equal(grades.table, before[0])
    pd.testing.assert_frame_equal(grades.scores.table, before[1])
    assert np.isfinite(grades.table["score"]).all()
