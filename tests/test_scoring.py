"""Points and totals, worked by hand from the scheme's text."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gmean

from kpilib.errors import KpiError
from kpilib.scheme import Deduct, Geometric, Step, Steps, Switch, read_scheme
from kpilib.scoring import points_of, reading_for, score, team_scores, weighted_total
from kpilib.sensitivity import tolerance
from tests.company import readings_of, scheme_of, seats_of

HOST = ("gmv_completion", "order_conversion", "watch_time", "return_rate")


def rule(role, key):
    return next(r for r in read_scheme("published").role(role).indicators if r.key == key)


@pytest.mark.parametrize(
    ("role", "key", "reading", "points"),
    [
        ("host", "order_conversion", 0.05, 100),
        ("host", "order_conversion", 0.04, 80),
        ("host", "order_conversion", 0.09, 120),  # capped
        ("host", "return_rate", 0.10, 100),
        ("host", "return_rate", 0.12, 80),  # 100 x (2 - 1.2)
        ("host", "return_rate", 0.07, 120),  # 130, capped
        ("host", "return_rate", 0.30, 0),  # floored
        ("operations_manager", "follower_growth", -0.03, 0),  # a loss of followers earns none
        ("editor", "editing_quality", 4, 100),
        ("editor", "editing_quality", 3.5, 87.5),  # half way from 75 to 100
        ("editor", "editing_quality", 5, 120),
        ("customer_service", "response_time", 45, 120),  # 125, capped
    ],
)
def test_points_are_those_of_the_scheme_by_hand(role, key, reading, points):
    """Each figure is 100 x actual/target, or 100 x (2 - actual/target), within 0 and 120."""
    assert points_of(rule(role, key), [reading])[0] == pytest.approx(points, abs=1e-9)


def methods(method, key="order_conversion", role="host", target=0.05):
    made = scheme_of({role: {key: {"weight": 1, "target": target, "method": method}}})
    return made.role(role).indicators[0]


def test_interval_table_step_deduction_and_switch_earn_what_they_say():
    """Best interval that is reached; n points for each started unit short; all or nothing."""
    steps = Steps(
        kind="steps", table=(Step(at=0.05, points=100), Step(at=0.03, points=60)), otherwise=20
    )
    found = points_of(methods(steps.model_dump()), [0.05, 0.0499, 0.03, 0.01, np.nan])
    assert found[:4].tolist() == [100, 60, 60, 20]
    assert np.isnan(found[4])
    deduct = Deduct(kind="deduct", unit=6, points=5).model_dump()
    late = methods(deduct, "delivery_time", "editor", 24)
    assert points_of(late, [20, 24, 24.1, 30, 30.1, 400]).tolist() == [100, 100, 95, 95, 90, 0]
    switch = methods(Switch(kind="switch", met=100, missed=40).model_dump())
    assert points_of(switch, [0.05, 0.049]).tolist() == [100, 40]


@given(st.floats(0, 120))
def test_the_reading_for_some_points_earns_them(points):
    """reading_for inverts points_of wherever points rise or fall strictly."""
    for role, key in (("host", "order_conversion"), ("host", "return_rate")):
        if points > 0:
            reading = reading_for(rule(role, key), points)
            assert points_of(rule(role, key), [reading])[0] == pytest.approx(points, abs=1e-9)
    if points >= 25:
        judged = rule("editor", "topic_fit")
        assert points_of(judged, [reading_for(judged, points)])[0] == pytest.approx(points)


def test_no_reading_earns_more_than_the_cap():
    assert np.isnan(reading_for(rule("host", "order_conversion"), 120.5))


def test_an_absent_target_is_named():
    held = scheme_of({"host": {"order_conversion": {"weight": 1, "target": None}}})
    with pytest.raises(KpiError) as error:
        score(readings_of(held, {"a": {"host": {"order_conversion": 0.05}}}))
    assert str(error.value) == (
        "scheme, indicator 'order_conversion': has no target, and 'ratio' needs one. "
        "To mend: give it a target in the scheme file; `kpi lint` lists all that lack one."
    )


def test_total_is_the_worked_table_of_the_weighted_sum_model():
    """Totals equal the table in Wikipedia, "Weighted sum model"; the tie stays a tie."""
    points = pd.DataFrame([[25, 20, 15, 30], [10, 30, 20, 30], [30, 10, 30, 10]], list("abc"))
    weights = pd.Series([0.20, 0.15, 0.40, 0.25])
    assert weighted_total(points, weights).tolist() == [21.5, 22.0, 22.0]


def test_five_equal_people_total_equal_to_the_last_bit():
    """A matrix product gives the fifth 79.99999999999999 and one grade less."""
    points = pd.DataFrame([[85.0, 80.0, 75.0]] * 5)
    assert weighted_total(points, pd.Series([0.35, 0.30, 0.35])).tolist() == [80.0] * 5


TABLES = st.lists(
    st.tuples(
        st.integers(0, 1200).map(lambda n: n / 10) | st.just(float("nan")),
        st.integers(1, 100),
    ),
    min_size=1,
    max_size=9,
)


@given(TABLES, st.randoms())
def test_total_is_the_exact_fraction_whatever_the_order(items, random):
    """The total is sum(w p) / sum(w) over applicable items, rounded once to six places."""
    points, weights = zip(*items, strict=True)
    kept = [(Fraction(p), w) for p, w in items if p == p]
    shuffled = random.sample(range(len(items)), len(items))
    table, by = pd.DataFrame([points]), pd.Series(weights, dtype=float)
    total = weighted_total(table, by)[0]
    assert np.array_equal(weighted_total(table[shuffled], by)[0], total, equal_nan=True)
    if not kept:
        assert np.isnan(total)
    else:
        exact = sum(p * w for p, w in kept) / sum(w for _, w in kept)
        assert abs(Fraction(total) - exact) <= Fraction(1, 10**6)
        assert round(total, 6) == total


def test_a_misspelt_weight_is_refused_instead_of_halving_the_total():
    with pytest.raises(KpiError) as error:
        weighted_total(pd.DataFrame({"hit_rate": [1.0]}), pd.Series({"hitrate": 1.0}))
    assert str(error.value) == (
        "weighted total: points and weights are not for the same indicators: "
        "['hit_rate', 'hitrate']. To mend: give each column of points one weight of the same name."
    )


def published(values, **more):
    return score(readings_of(read_scheme("published"), values, **more))


def test_a_host_by_hand():
    """GMV 90% of plan, conversion 4%, 150 s, returns 12%: (90 + 80 + 83.333 + 80) / 4."""
    host = dict(zip(HOST, (0.90, 0.04, 150, 0.12), strict=True))
    scores = published({"a": {"host": host}})
    assert scores.table.loc["a", "total"] == 83.333333
    assert scores.points["contribution"].tolist() == pytest.approx([22.5, 20, 20.833333, 20])


def test_an_item_that_did_not_occur_gives_its_weight_to_the_others():
    """Without campaigns, CPM 22 (90 points) and views +8% (80 points) weigh half each."""
    items = {"cpm": 22, "campaign_delivery": None, "live_views_growth": 0.08}
    scores = published({"a": {"live_operations": items}})
    assert scores.table.loc["a", "total"] == 85.0
    assert scores.points["applied"].tolist() == pytest.approx([0.5, np.nan, 0.5], nan_ok=True)


def test_an_unknown_reading_makes_the_total_unknown_unless_the_scheme_says_otherwise():
    host = dict(zip(HOST, (0.9, 0.04, None, 0.12), strict=True))
    unknown = {("a", "watch_time"): "unknown"}
    scores = published({"a": {"host": host}}, status=unknown)
    assert scores.table.loc["a", "status"] == "unknown"
    assert np.isnan(scores.table.loc["a", "total"])
    assert np.isnan(scores.table.loc["a", "score"])
    lenient = read_scheme("published").revise(unknown="renormalise")
    known = score(readings_of(lenient, {"a": {"host": host}}, status=unknown))
    assert known.table.loc["a", "total"] == pytest.approx((90 + 80 + 80) / 3, abs=1e-6)


def test_a_role_without_indicators_has_no_score_and_takes_no_share():
    """A camera operator gets none; who also directs is scored as a director alone."""
    director = {"works_published": 8, "completion_rate": 0.36, "ideas_adopted": 0.5}
    seats = seats_of({"c": {"camera_operator": 1}, "d": {"camera_operator": 1, "director": 1}})
    scores = published({"d": {"director": director}}, seats=seats)
    assert scores.table["status"].to_dict() == {"c": "no_score", "d": "ok"}
    assert scores.table.loc["d", "total"] == pytest.approx(290 / 3, abs=1e-6)
    assert np.isnan(scores.table.loc["c", "score"])


def test_two_roles_are_weighted_by_time():
    """A quarter of the month at 100 points and three quarters at 60 make 70."""
    director = {"works_published": 8, "completion_rate": 0.40, "ideas_adopted": 0.5}
    planner = {"creative_ctr": 0.048, "page_conversion": 0.03}
    seats = seats_of({"a": {"director": 1, "planner": 3}})
    scores = published({"a": {"director": director, "planner": planner}}, seats=seats)
    assert scores.table.loc["a", "total"] == 70.0
    points, weights, cuts = scores.matrix("planner")
    assert points.loc["a"].tolist() == pytest.approx([60, 60])
    assert weights.tolist() == [0.5, 0.5]
    # 25 points come from directing: planning must bring (60 - 25) / 0.75 to pass the cut at 60
    assert cuts.loc["a"].tolist() == pytest.approx([35 / 0.75, 55 / 0.75, 100.0])


def test_an_unknown_reading_in_one_of_two_roles_leaves_the_person_unknown():
    """The role that is known keeps its total; the person has no total of half a month."""
    director = {"works_published": 8, "completion_rate": 0.40, "ideas_adopted": 0.5}
    planner = {"creative_ctr": 0.048, "page_conversion": 0.03}
    status = {("a", "creative_ctr"): "unknown"}
    scores = published({"a": {"director": director, "planner": planner}}, status=status)
    person = scores.table.loc["a"]
    assert person["status"] == "unknown"
    assert person[["total", "bonus", "score"]].isna().all()
    assert scores.role_totals.set_index("role")["status"].to_dict() == {
        "director": "ok",
        "planner": "unknown",
    }


def test_a_hit_earns_its_credits_two_points_together_and_ten_at_most():
    """One work of two people gives a point each; a maker of nine works alone gets ten."""
    hits = pd.DataFrame(
        [("w", "a", 1.0), ("w", "b", 1.0), *((f"v{i}", "c", 1.0) for i in range(9))],
        columns=["work", "person", "share"],
    )
    actor = {"screen_performance": 4, "cooperation": 4, "interaction_rate": 0.04}
    scores = published({who: {"actor": actor} for who in "abc"}, hits=hits)
    assert scores.table["bonus"].tolist() == [1.0, 1.0, 10.0]
    assert scores.table["total"].tolist() == [93.333333] * 3
    assert scores.table["score"].tolist() == [94.333333, 94.333333, 103.333333]


def test_team_scores_follow_the_declared_reading_of_the_ninety_percent():
    """Roles at 100 and 60 points with 30% and 25%: 81.8 normalised, 73.6 of 90 left open."""
    values = {
        "m": {
            "operations_manager": {
                "follower_growth": 0.15,
                "hit_rate": 0.1,
                "lead_conversion": 0.03,
            }
        },
        "d": {"director": {"works_published": 4.8, "completion_rate": 0.24, "ideas_adopted": 0.3}},
    }
    seats = seats_of({"m": {"operations_manager": 1}, "d": {"director": 1}}, team="video")
    scheme = read_scheme("published")
    found = team_scores(score(readings_of(scheme, values, seats=seats)))
    assert found["team_score"].tolist() == pytest.approx([(30 * 100 + 25 * 60) / 55] * 2)
    open_scheme = scheme.revise(role_weights="leave_unassigned")
    found = team_scores(score(readings_of(open_scheme, values, seats=seats)))
    assert found["team_score"].tolist() == pytest.approx([0.9 * (30 * 100 + 25 * 60) / 55] * 2)


@given(st.lists(st.tuples(*[st.floats(0, 300)] * 4), min_size=1, max_size=6), st.randoms())
def test_people_do_not_depend_on_each_other_and_totals_stay_in_bounds(rows, random):
    values = {f"p{i}": {"host": dict(zip(HOST, row, strict=True))} for i, row in enumerate(rows)}
    before = published(values).table["total"]
    shuffled = dict(random.sample(list(values.items()), len(values)))
    after = published(shuffled).table["total"]
    assert after.reindex(before.index).equals(before)
    assert before.between(0, 120).all()


@given(st.tuples(*[st.floats(0, 3)] * 2), st.floats(0, 1))
def test_moving_toward_the_target_never_costs_points(row, step):
    for key, good in (("order_conversion", 1), ("return_rate", -1)):
        held = rule("host", key)
        worse, better = points_of(held, [row[0], row[0] + good * step])
        assert better >= worse


def test_readings_are_left_as_they_were():
    host = dict(zip(HOST, (0.9, 0.04, 150, 0.12), strict=True))
    readings = readings_of(read_scheme("published"), {"a": {"host": host}})
    table, seats = readings.table.copy(), readings.seats.copy()
    score(readings)
    pd.testing.assert_frame_equal(readings.table, table)
    pd.testing.assert_frame_equal(readings.seats, seats)


GEOMETRIC = Geometric(kind="geometric", floor=1)


def test_a_geometric_total_is_the_product_by_hand():
    """Weights 1/2, 1/4, 1/4 of 100, 16, 81 give 10 x 2 x 3 = 60; the mean would be 74.25."""
    points = pd.DataFrame(
        {"a": [100.0, 100, 0], "b": [16.0, np.nan, 100], "c": [81.0, np.nan, 100]}
    )
    weights = pd.Series({"a": 0.5, "b": 0.25, "c": 0.25})
    # an item that does not apply is left out; a 0 counts as the floor of 1: 1 x 100^(1/2)
    assert weighted_total(points, weights, GEOMETRIC).tolist() == [60.0, 100.0, 10.0]
    assert weighted_total(points, weights).tolist() == [74.25, 100.0, 50.0]


@given(st.lists(st.tuples(st.floats(1, 120), st.integers(1, 20)), min_size=1, max_size=6))
def test_a_geometric_total_is_scipys_and_never_above_the_mean(items):
    """`scipy.stats.gmean` with weights; the inequality of the two means."""
    points, weights = (np.array(part, dtype=float) for part in zip(*items, strict=True))
    table, by = pd.DataFrame([points]), pd.Series(weights)
    made = weighted_total(table, by, GEOMETRIC)[0]
    assert made == pytest.approx(gmean(points, weights=weights), abs=1e-6)
    assert made <= weighted_total(table, by)[0] + 1e-6
    even = pd.DataFrame([np.full(len(points), points[0])])
    assert weighted_total(even, by, GEOMETRIC)[0] == pytest.approx(points[0], abs=1e-6)


def geometric_hosts():
    """Return scores of two hosts under geometric totals, 75 points in one item against 0."""
    rules = {"order_conversion": {"weight": 0.5}, "watch_time": {"weight": 0.5}}
    scheme = scheme_of({"host": rules}).revise(totals={"kind": "geometric", "floor": 1})
    values = {
        "a": {"host": {"order_conversion": 0.0375, "watch_time": 180.0}},
        "b": {"host": {"order_conversion": 0.0, "watch_time": 180.0}},
    }
    return score(readings_of(scheme, values))


def test_geometric_scores_have_no_parts_and_are_refused_where_sums_are_asked_for():
    scores = geometric_hosts()
    assert scores.table["total"].tolist() == [pytest.approx(7500**0.5, abs=1e-6), 10.0]
    assert scores.points["contribution"].isna().all()
    with pytest.raises(KpiError) as error:
        scores.matrix("host")
    assert str(error.value) == (
        "scheme 'published', totals: are geometric, so they are no sums of points by weight, as "
        "is asked for here. To mend: compare the scheme as a variant, or take one whose totals "
        "are arithmetic."
    )


def test_logs_make_geometric_totals_linear():
    """The tolerance of grade A of sqrt(75 x 100), from the logs: found again by bisection."""
    scores = geometric_hosts()
    logs, weights, cuts = scores.linear("host")
    assert scores.in_points(weighted_total(logs, weights)).round(3).tolist() == [86.603, 10.0]
    assert np.exp(cuts.loc["a"]).round(6).tolist() == [60, 80, 100]
    rho = tolerance(logs, weights, cuts)
    # 75^w 100^(1 - w) = 80 at w = ln(100 / 80) / ln(100 / 75) = 0.7757: 55% more than a half
    assert rho["a"] == pytest.approx(2 * math.log(100 / 80) / math.log(100 / 75) - 1, abs=1e-9)


def test_a_cut_below_the_floor_is_passed_by_any_weights():
    scores = geometric_hosts()
    data = scores.scheme.revise(totals={"kind": "geometric", "floor": 70})
    lifted = replace(scores, readings=SimpleNamespace(scheme=data))
    _, _, cuts = lifted.linear("host")
    assert (np.diff(cuts.to_numpy(), axis=1) > 0).all()
    assert (cuts[0] < math.log(70)).all()
    assert cuts[1].round(6).tolist() == [round(math.log(80), 6)] * 2
