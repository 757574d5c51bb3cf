"""Stages: the exact path against re-scoring, hand-worked roots, sums that must come out."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from kpilib.contrast import contrast, decompose, kappa, kendall, outcomes_under, under
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.readings import from_frame
from kpilib.scheme import read_scheme, staged
from kpilib.scoring import score
from kpilib.stages import blend, compare_stages, stage_path
from tests.company import readings_of, scheme_of

HOST = ("gmv_completion", "order_conversion", "watch_time", "return_rate")
FULL = {"gmv_completion": 0.01, "order_conversion": 0.0005, "watch_time": 1.8}


def two_schemes(first, last, *, edge="upper_closed", role="host"):
    """Return a scheme with one role, under two sets of weights."""
    base = scheme_of({role: {key: {"weight": w} for key, w in first.items()}})
    base = base.revise(grading={**base.grading.model_dump(), "edge": edge})
    return base.reweigh({role: first}), base.reweigh({role: last})


def hosts(scheme, points, *, people=None):
    """Return readings of hosts who earn these points in the first three indicators."""
    rows = {who: [p * f for p, f in zip(row, FULL.values(), strict=True)] for who, row in
            points.items()}  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(FULL))
    seats = pd.DataFrame({"person": list(rows), "role": "host", "base_pay": 1000.0})
    return from_frame(frame, scheme, seats, month="2025-05", missing="not_applicable")


FIRST = {"gmv_completion": 0.6, "order_conversion": 0.2, "watch_time": 0.2}
LAST = {"gmv_completion": 0.1, "order_conversion": 0.5, "watch_time": 0.4}


def path_of(points, first=FIRST, last=LAST, **kinds):
    start, end = two_schemes(first, last, **kinds)
    readings = hosts(start, points)
    return stage_path(outcomes_under(readings, start), outcomes_under(readings, end)), readings


def test_the_t_of_a_change_worked_by_hand():
    """100, 60, 60: 84 at the start (.6, .4), 64 at the end (.1, .9); 84 - 20 t = 80 at t = 0.2."""
    path, _ = path_of({"a": (100, 60, 60)})
    assert path.changes.to_dict("records") == [
        {"person": "a", "t": pytest.approx(0.2), "grade_before": "A", "grade": "B"}
    ]
    assert path.segments["grade"].tolist() == ["A", "B"]
    assert path.segments["end"].tolist() == [pytest.approx(0.2), 1.0]


def test_a_missing_item_keeps_the_change_exact():
    """Without watch time: 100, 60 weigh .75, .25 = 90, then 1/6, 5/6 = 66.67.

    (.6 - .5 t) 100 + (.2 + .3 t) 60 = 80 (.8 - .2 t), so 72 - 32 t = 64 - 16 t, t = 0.5: not
    the 0.429 of a straight line from 90 to 66.67.
    """
    path, _ = path_of({"a": (100, 60, math.nan)})
    assert path.changes["t"].tolist() == [pytest.approx(0.5, abs=1e-12)]


def test_a_score_on_the_cut_all_the_way_follows_the_edge_policy():
    for edge, wanted in (("upper_closed", "B"), ("lower_closed", "A")):
        path, _ = path_of({"a": (80, 80, 80)}, edge=edge)
        assert path.segments[["start", "end", "grade"]].to_numpy().tolist() == [[0, 1, wanted]]


def test_a_score_that_leaves_the_cut_at_once_changes_at_zero():
    """80 at the start is a B by the closed upper edge; the least step up is an A."""
    path, _ = path_of({"a": (70, 95, 95)})  # .6 x 70 + .4 x 95 = 80
    assert path.changes[["t", "grade_before", "grade"]].to_numpy().tolist() == [[0, "B", "A"]]
    assert path.segments["start"].tolist() == [0, 0]


@st.composite
def cases(draw):
    number = st.integers(0, 240).map(lambda n: n / 2)
    cell = st.one_of(number, st.just(math.nan))
    people = draw(st.integers(1, 4))
    points = {
        f"p{i}": draw(st.tuples(number, cell, cell).map(lambda row: (row[0], row[1], row[2])))
        for i in range(people)
    }
    raw = [draw(st.lists(st.integers(1, 9), min_size=3, max_size=3)) for _ in range(2)]
    weights = [
        dict(zip(FULL, (w / sum(row) for w in row), strict=True)) for row in raw
    ]  # fmt: skip
    edge = draw(st.sampled_from(["upper_closed", "lower_closed", "rounded", "floored"]))
    return points, *weights, edge


@given(cases(), st.integers(0, 1000))
def test_the_path_equals_scoring_again_at_any_t(case, thousandth):
    points, first, last, edge = case
    start, end = two_schemes(first, last, edge=edge)
    readings = hosts(start, points)
    path = stage_path(outcomes_under(readings, start), outcomes_under(readings, end))
    t = thousandth / 1000
    again = outcomes_under(readings, blend(start, end, t)).table["grade"]
    for person, rows in path.segments.groupby("person"):
        if np.abs(rows["start"].iloc[1:] - t).min() < 1e-4:
            continue  # there the rounding of totals to 6 places decides
        held = rows.query("start <= @t <= end", local_dict={"t": t})["grade"].iloc[-1]
        assert held == again[person]


@given(cases())
def test_segments_cover_the_whole_path_without_gaps(case):
    points, first, last, edge = case
    path, _ = path_of(points, first, last, edge=edge)
    for _, rows in path.segments.groupby("person", sort=False):
        assert rows["start"].iloc[0] == 0
        assert rows["end"].iloc[-1] == 1
        assert (rows["start"].to_numpy()[1:] == rows["end"].to_numpy()[:-1]).all()
        assert (rows["grade"] != rows["grade"].shift()).all()
    counts = path.counts()
    grades = counts.drop(columns=["start", "end"])
    assert (grades.sum(axis=1) == len(points)).all()


def in_two_roles(points, share):
    """Return a maker of outcomes at t: a host, one item missing, who is a planner as well."""
    first = {"host": FIRST, "planner": {"creative_ctr": 0.8, "page_conversion": 0.2}}
    last = {"host": LAST, "planner": {"creative_ctr": 0.1, "page_conversion": 0.9}}
    base = scheme_of(
        {role: {k: {"weight": w} for k, w in weights.items()} for role, weights in first.items()}
    )
    values = {
        "host": {
            "gmv_completion": points[0] / 100,
            "order_conversion": points[1] * 0.0005,
            "watch_time": None,
        },
        "planner": {"creative_ctr": points[2] * 0.0008, "page_conversion": points[3] * 0.0005},
    }

    def at(t):
        scheme = blend(base.reweigh(first), base.reweigh(last), t)
        readings = readings_of(scheme, {"a": values})
        readings.seats["time_share"] = [share / 10, 1 - share / 10]
        return settle(grade(score(readings)))

    return at


@given(
    st.lists(st.integers(0, 120), min_size=4, max_size=4),
    st.integers(1, 9),
    st.integers(1, 999),
)
def test_two_roles_with_missing_items_are_solved_as_a_polynomial(points, share, thousandth):
    at, t = in_two_roles(points, share), thousandth / 1000
    path = stage_path(at(0), at(1))
    if np.abs(path.changes["t"] - t).min() < 1e-4:
        return
    held = path.segments.query("start <= @t <= end", local_dict={"t": t})["grade"]
    assert held.iloc[-1] == at(t).table.loc["a", "grade"]


def test_a_score_may_come_back_to_the_grade_it_left():
    """Host 112, 0 without watch time, planner 0, 112, half the time each: two roots of 60.

    56 (.6 - .5 t) / (.8 - .2 t) + 56 (.2 + .7 t) = 60, times (.8 - .2 t), is
    -7.84 t^2 + 13.12 t - 5.44 = 0.
    """
    path = stage_path(*(in_two_roles((112, 0, 0, 112), 5)(t) for t in (0, 1)))
    half = math.sqrt(13.12**2 - 4 * 7.84 * 5.44)
    roots = [(13.12 - half) / (2 * 7.84), (13.12 + half) / (2 * 7.84)]
    assert path.changes["grade"].tolist() == ["B", "C"]
    assert path.changes["t"].tolist() == pytest.approx(roots)


def test_somebody_without_a_score_is_named_and_not_guessed():
    start, end = two_schemes(FIRST, LAST)
    readings = hosts(start, {"a": (100, 60, 60), "b": (50, 50, 50)})
    table = readings.table.copy()
    table.loc[table["person"] == "b", "status"] = "unknown"
    doubtful = replace(readings, table=table)
    path = stage_path(outcomes_under(doubtful, start), outcomes_under(doubtful, end))
    assert (path.n, path.left_out) == (1, ("b",))


def test_a_blend_is_a_whole_scheme_with_mixed_weights_and_both_sides_indicators():
    published = read_scheme("published")
    start, end = staged(published, "startup"), staged(published, "mature")
    half = blend(start, end, 0.25)
    for role in half.roles:
        assert math.isclose(math.fsum(role.weights.values()) or 1, 1)
    first, last = start.role("operations_manager"), end.role("operations_manager")
    wanted = 0.75 * first.weights["plays"] + 0.25 * last.weights.get("plays", 0)
    assert half.role("operations_manager").weights["plays"] == pytest.approx(wanted)
    assert "roi" in half.role("live_operations").weights
    assert blend(start, end, 0) is start
    assert blend(start, end, 1) is end


def test_stages_that_differ_in_more_than_weights_are_refused():
    published = read_scheme("published")
    other = published.revise(bonus=None, name="other")
    with pytest.raises(KpiError) as caught:
        blend(published, other, 0.5)
    assert str(caught.value) == (
        "schemes 'published' and 'other': differ in more than weights: bonus. "
        "To mend: compare them as variants, or make both stages of one scheme."
    )
    with pytest.raises(KpiError) as caught:
        blend(published, published, 1.5)
    assert str(caught.value) == ("blend: t is 1.5. To mend: take t from 0 (start) to 1 (end).")


def test_a_quota_has_no_stage_path():
    quota = read_scheme("bytedance")
    one = readings_of(quota, {"a": {"planner": {"creative_ctr": 0.08, "page_conversion": 0.05}}})
    held = settle(grade(score(one)))
    with pytest.raises(KpiError) as caught:
        stage_path(held, held)
    assert str(caught.value) == (
        "scheme 'bytedance', grading: a stage path needs fixed cuts, and this scheme grades by "
        "quota. To mend: use a scheme whose grading is `bands`."
    )


@given(cases())
def test_the_parts_of_a_change_sum_to_the_change(case):
    points, first, last, edge = case
    start, end = two_schemes(first, last, edge=edge)
    readings = hosts(start, points)
    before, after = (outcomes_under(readings, s) for s in (start, end))
    parts = decompose(before.grades.scores, after.grades.scores)
    change = after.table["score"] - before.table["score"]
    summed = parts.groupby("person")["effect"].sum()
    assert summed.to_dict() == pytest.approx(change.to_dict(), abs=1e-9)
    back = decompose(after.grades.scores, before.grades.scores)
    pd.testing.assert_series_equal(back["effect"], -parts["effect"], atol=1e-9)


def test_more_weight_on_what_a_person_does_best_adds():
    """100, 60, 60 from (.6, .2, .2) to (.1, .5, .4): mean of the totals 84 and 64 is 74."""
    start, end = two_schemes(FIRST, LAST)
    readings = hosts(start, {"a": (100, 60, 60)})
    before, after = (outcomes_under(readings, s) for s in (start, end))
    parts = decompose(before.grades.scores, after.grades.scores).set_index("indicator")
    assert parts["by_weight"].round(9).to_dict() == {
        "gmv_completion": -13.0,  # -0.5 x (100 - 74)
        "order_conversion": -4.2,  # 0.3 x (60 - 74)
        "watch_time": -2.8,
    }
    assert (parts["by_points"] == 0).all()


def test_another_target_and_no_bonus_are_parts_of_their_own():
    start, _ = two_schemes(FIRST, LAST)
    data = start.model_dump()
    data["roles"][0]["indicators"][0]["target"] = 1.25  # 100 points become 80
    readings = hosts(start, {"a": (100, 60, 60)})
    scores = score(readings)
    paid = scores.table.assign(bonus=2.0, score=scores.table["score"] + 2)
    stricter = score(replace(readings, scheme=start.revise(roles=data["roles"])))
    parts = decompose(replace(scores, table=paid), stricter)
    assert parts.set_index("indicator")["by_points"].round(9).to_dict() == {
        "gmv_completion": -12.0,
        "order_conversion": 0.0,
        "watch_time": 0.0,
        "bonus": -2.0,
    }


def test_the_same_people_side_by_side():
    start, end = two_schemes(FIRST, LAST)
    readings = hosts(start, {"a": (100, 60, 60), "b": (50, 90, 90), "c": (30, 30, 30)})
    both = contrast(outcomes_under(readings, start), outcomes_under(readings, end))
    assert both.table["change"].to_dict() == {"a": -20.0, "b": 20.0, "c": 0.0}
    assert both.table["rank"].tolist() == [2, 1, 3]
    assert both.rank_shift == pytest.approx(2 / 3)
    assert both.kendall == pytest.approx(1 / 3)
    assert (both.payroll_before, both.payroll) == (Decimal("1800.00"), Decimal("1800.00"))
    assert both.payroll_change == 0
    assert both.table["pay_change"].tolist() == [Decimal(-200), Decimal(200), Decimal(0)]
    assert both.migration is not None
    assert (both.migration.up, both.migration.down) == (1, 1)


def test_squared_kappa_of_a_table_printed_elsewhere():
    """scikit-learn's own test, after Artstein & Poesio (2008): 46/44/10 and 50/40/10 of 100."""
    one = [0] * 46 + [1] * 44 + [2] * 10
    other = [0] * 50 + [1] * 40 + [2] * 10
    table = pd.crosstab(pd.Series(one), pd.Series(other))
    assert round(kappa(table), 4) == 0.9541


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=50))
def test_squared_kappa_is_the_concordance_correlation(pairs):
    """Fleiss & Cohen (1973): with squared weights, kappa is an intraclass correlation."""
    one, other = np.array(pairs, dtype=float).T
    table = pd.DataFrame(0, index=range(4), columns=range(4))
    for i, j in pairs:
        table.loc[i, j] += 1
    below = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    if below == 0:
        assert math.isnan(kappa(table))
    else:
        covariance = ((one - one.mean()) * (other - other.mean())).mean()
        assert kappa(table) == pytest.approx(2 * covariance / below, abs=1e-12)


def test_no_rank_correlation_where_all_are_equal():
    assert math.isnan(kendall(pd.Series([80.0, 80.0]), pd.Series([70.0, 60.0])))
    assert kendall(pd.Series([1.0, 2.0]), pd.Series([5.0, 6.0])) == pytest.approx(1)


def test_readings_that_were_never_read_are_asked_for():
    start, _ = two_schemes(FIRST, LAST)
    readings = hosts(start, {"a": (100, 60, 60)})
    wider = scheme_of({"host": {key: {"weight": 0.25} for key in HOST}})
    with pytest.raises(KpiError) as caught:
        under(readings, wider)
    assert str(caught.value) == (
        "scheme 'published': needs what these readings do not hold: host.return_rate. "
        "To mend: add the readings to the table, or start from the month's exports."
    )


def test_readings_under_fewer_indicators_keep_what_is_asked():
    wider = scheme_of({"host": {key: {"weight": 0.25} for key in HOST}})
    start, _ = two_schemes(FIRST, LAST)
    rows = pd.DataFrame({"gmv_completion": [1.0], "order_conversion": [0.05],
                         "watch_time": [180.0], "return_rate": [0.1]}, index=["a"])  # fmt: skip
    seats = pd.DataFrame({"person": ["a"], "role": ["host"], "base_pay": [1000.0]})
    readings = from_frame(rows, wider, seats, month="2025-05")
    narrow = under(readings, start)
    assert narrow.table["indicator"].tolist() == list(FULL)
    assert narrow.scheme is start


def test_comparing_stages_keeps_one_team_after_computing_all():
    start, end = two_schemes(FIRST, LAST)
    readings = hosts(start, {"a": (100, 60, 60), "b": (50, 90, 90)})
    seats = readings.seats.assign(team=["live", "video"])
    found = compare_stages(replace(readings, seats=seats), start, end, at=(0.5,), team="video")
    assert found.start.table.index.tolist() == ["b"]
    assert found.between[0.5].table.loc["b", "score"] == pytest.approx(76)
    assert found.by_role.loc["host"].to_dict() == {
        "n": 1, "before": 66.0, "after": 86.0, "change": 20.0,
    }  # fmt: skip
    assert found.path.changes["t"].tolist() == [pytest.approx(0.7)]


def test_the_page_s_tables_by_hand():
    """a: 84 to 64 crosses 80 at 0.2; b: 66 to 86 at 0.7; c stays at 30."""
    start, end = two_schemes(FIRST, LAST)
    readings = hosts(start, {"a": (100, 60, 60), "b": (50, 90, 90), "c": (30, 30, 30)})
    found = compare_stages(readings, start, end, at=(0.5,))
    along = found.along()
    assert along.index.tolist() == [0, 0.5, 1]
    grades = ["A+", "A", "B", "C", "mean", "payroll"]
    assert along.loc[0.5, grades].to_dict() == {
        "A+": 0, "A": 0, "B": 2, "C": 1, "mean": 60.0, "payroll": 1800.0,
    }  # fmt: skip
    movers = found.movers()
    assert movers.index.tolist() == ["a", "b"]
    assert movers["t"].tolist() == pytest.approx([0.2, 0.7])
    assert movers.loc["a", ["grade_before", "grade", "change"]].tolist() == ["A", "B", -20]
    assert found.numbers == {
        "moved": 2, "n": 3, "shift": pytest.approx(2 / 3), "kendall": pytest.approx(1 / 3),
        "spearman": pytest.approx(0.5), "change": 0,
    }  # fmt: skip
    drivers = found.drivers()
    assert drivers["effect"].abs().is_monotonic_decreasing
    assert drivers["n"].tolist() == [3, 3, 3]
    assert drivers["effect"].sum() == pytest.approx(0)
    assert found.furthest() in {"a", "b"}
    steps = found.steps("a")
    assert steps["indicator"].tolist() == ["gmv_completion", "order_conversion", "watch_time"]
    assert steps["reached"].tolist() == pytest.approx([71.0, 66.8, 64.0])


def test_stages_of_a_quota_have_no_path_but_all_the_rest():
    base = read_scheme("bytedance")
    start, end = staged(base, "startup"), staged(base, "mature")
    row = {key: [1.0] for key in HOST} | {"repurchase_rate": [0.2]}
    seats = pd.DataFrame({"person": ["a"], "role": ["host"], "base_pay": [1000.0]})
    values = pd.DataFrame(row, index=["a"])
    found = compare_stages(
        from_frame(values, blend(start, end, 0.5), seats, month="2025-05"), start, end
    )
    assert found.path is None
    assert found.profiles().loc["exposure"].tolist() == [0.4, 0.1]
    assert found.movers().empty
    assert found.contrast.n == 1


def test_a_bonus_moves_the_change():
    """100, 60, 60 and one hit: 84 - 20 t + 2 = 80 at t = 0.3."""
    start, end = two_schemes(FIRST, LAST)
    hits = pd.DataFrame({"work": [1], "person": ["a"], "share": [1.0]})
    values = {"a": {"host": {key: p * f for (key, f), p in zip(FULL.items(), (100, 60, 60),
                                                              strict=True)}}}  # fmt: skip
    ends = [settle(grade(score(readings_of(s, values, hits=hits)))) for s in (start, end)]
    assert stage_path(*ends).changes["t"].tolist() == [pytest.approx(0.3)]


def test_weights_and_targets_that_change_together_still_sum_to_the_change():
    """100, 60, 60 at .6, .2, .2 is 84; 80, 60, 60 at .1, .5, .4 is 62: down by 22."""
    start, end = two_schemes(FIRST, LAST)
    data = end.model_dump()
    data["roles"][0]["indicators"][0]["target"] = 1.25
    readings = hosts(start, {"a": (100, 60, 60)})
    harder = score(replace(readings, scheme=end.revise(roles=data["roles"])))
    parts = decompose(score(readings), harder)
    assert parts["effect"].sum() == pytest.approx(-22)
    first = parts.set_index("indicator").loc["gmv_completion"]
    assert first["by_weight"] == pytest.approx(-0.5 * (90 - 73))
    assert first["by_points"] == pytest.approx(0.35 * -20)


def test_parts_of_two_roles_are_weighted_by_time():
    at = in_two_roles((112, 0, 40, 90), 3)
    before, after = (at(t) for t in (0, 1))
    parts = decompose(before.grades.scores, after.grades.scores)
    change = after.table.loc["a", "score"] - before.table.loc["a", "score"]
    assert parts["effect"].sum() == pytest.approx(change, abs=1e-9)
    assert parts.groupby("role")["weight"].sum().to_dict() == pytest.approx(
        {"host": 0.3, "planner": 0.7}
    )


def test_a_scheme_that_reads_other_rows_is_not_served_with_these():
    """The host's own sessions are not the account's."""
    start, _ = two_schemes(FIRST, LAST)
    data = start.model_dump()
    data["roles"][0]["credit"] = "account"
    with pytest.raises(KpiError) as caught:
        under(hosts(start, {"a": (100, 60, 60)}), start.revise(roles=data["roles"]))
    assert str(caught.value) == (
        "scheme 'published': needs what these readings do not hold: its sources. "
        "To mend: add the readings to the table, or start from the month's exports."
    )


GEOMETRIC = {"kind": "geometric", "floor": 1}


@given(cases(), st.booleans(), st.booleans())
def test_parts_of_geometric_totals_sum_to_the_change_too(case, first_is, last_is):
    """Between two geometric schemes by LMDI; else what the other way of totals does is a part."""
    points, first, last, _ = case
    start, end = two_schemes(first, last)
    start = start.revise(totals=GEOMETRIC) if first_is else start
    end = end.revise(totals=GEOMETRIC) if last_is else end
    readings = hosts(start, points)
    before, after = (outcomes_under(readings, s) for s in (start, end))
    parts = decompose(before.grades.scores, after.grades.scores)
    change = after.table["score"] - before.table["score"]
    summed = parts.groupby("person")["effect"].sum()
    assert summed.to_dict() == pytest.approx(change.to_dict(), abs=1e-9)
    if first_is == last_is:
        assert "totals" not in set(parts["indicator"])


def test_a_geometric_change_worked_by_hand():
    """100 at 1/2 and 25 at 1/2 is 50; at 1/4 and 3/4 it is 35.36: each item takes a half.

    The logarithmic mean of 50 and 35.355 is 42.25; times -1/4 (ln 100 - m) and 1/4 (ln 25 - m)
    with m = (ln 50 + ln 35.355) / 2.
    """
    even = {"gmv_completion": 0.5, "order_conversion": 0.5, "watch_time": 0}
    start, end = two_schemes(even, {**even, "gmv_completion": 0.25, "order_conversion": 0.75})
    readings = hosts(start, {"a": (100, 25, math.nan)})
    ends = [outcomes_under(readings, s.revise(totals=GEOMETRIC)) for s in (start, end)]
    assert [held.table.loc["a", "total"] for held in ends] == [50, 35.355339]
    parts = decompose(*(held.grades.scores for held in ends)).set_index("indicator")["effect"]
    scale = (50 - 35.355339) / math.log(50 / 35.355339)
    middle = (math.log(50) + math.log(35.355339)) / 2
    assert parts["gmv_completion"] == pytest.approx(-scale / 4 * (math.log(100) - middle), abs=1e-6)
    assert parts["order_conversion"] == pytest.approx(scale / 4 * (math.log(25) - middle), abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=30))
def test_ranks_agree_as_scipy_says(pairs):
    """Spearman's rho and Kendall's tau-b of two columns of scores with ties."""
    start, end = two_schemes(FIRST, LAST)
    readings = hosts(start, {f"p{i:02d}": (a, b, 40) for i, (a, b) in enumerate(pairs)})
    both = contrast(outcomes_under(readings, start), outcomes_under(readings, end))
    one, other = both.table["before"], both.table["score"]
    if one.nunique() < 2 or other.nunique() < 2:
        assert math.isnan(both.spearman)
    else:
        assert both.spearman == pytest.approx(spearmanr(one, other).statistic)
        assert both.kendall == pytest.approx(kendalltau(one, other).statistic)
