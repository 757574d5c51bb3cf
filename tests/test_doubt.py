"""The doubt of a grade: against closed forms, exact distributions and scoring again by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from kpilib.certainty import certainty
from kpilib.doubt import both_noises, doubt
from kpilib.doubt.draws import draws_of
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.readings import from_frame, measure
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from tests.company import readings_of, scheme_of, seats_of
from tests.months import month_of, scheme_with

MANY = 20_000
SURE = 4.5  # standard errors of a drawn probability that a test allows


def near(found, exact, draws=MANY):
    """Tell whether a drawn probability is within its own error of the exact one."""
    return abs(found - exact) <= SURE * max((exact * (1 - exact) / draws) ** 0.5, 1 / draws)


def desks(k, n, *, target=0.5, scheme=None):
    """Return grades of service desks by one share, known by its cases alone."""
    made = scheme or scheme_of({"customer_service": {"inquiry_conversion": {
        "weight": 1, "target": target}}})  # fmt: skip
    people = {f"p{i}": {"customer_service": {"inquiry_conversion": a / b}}
              for i, (a, b) in enumerate(zip(k, n, strict=True))}  # fmt: skip
    readings = readings_of(
        made, people, seats=seats_of({p: {"customer_service": 1} for p in people})
    )
    return grade(score(readings_with(readings, n)))


def readings_with(readings, n):
    readings.table["n"] = n
    readings.table["low"], readings.table["high"] = 0.0, 1.0  # that there is one is what counts
    return readings


def test_one_share_alone_has_its_grade_s_probability_in_closed_form():
    """20 of 50 at a target of 50% are 80 points; the share is Beta(20.5, 30.5) (Jeffreys)."""
    found = doubt(desks([20, 35], [50, 50]), draws=MANY)
    for person, k, own in (("p0", 20, "B"), ("p1", 35, "A+")):
        below = stats.beta(k + 0.5, 50 - k + 0.5).cdf
        exact = {"C": below(0.3), "B": below(0.4) - below(0.3), "A": below(0.5) - below(0.4),
                 "A+": 1 - below(0.5)}  # fmt: skip
        for name, chance in exact.items():
            assert near(found.odds.loc[person, name], chance)
        assert found.table.loc[person, "grade"] == own
        assert near(found.table.loc[person, "own"], exact[own])
    assert found.table.loc["p0", "rival"] == max("A", "C", key=lambda g: found.odds.loc["p0", g])
    assert found.expected == pytest.approx((1 - found.table["own"]).sum())


def test_the_interval_of_a_score_is_that_of_the_share():
    found = doubt(desks([20], [50]), draws=MANY).table.loc["p0"]
    low, high = 200 * stats.beta(20.5, 30.5).ppf([0.025, 0.975])
    assert (found["low"], found["high"]) == (
        pytest.approx(low, abs=0.8),
        pytest.approx(high, abs=0.8),
    )


def test_misgrades_are_expected_at_the_cut_that_is_crossed():
    found = doubt(desks([20], [50]), draws=MANY)
    below = stats.beta(20.5, 30.5).cdf
    assert near(found.crossings.loc["A | B", "up"], 1 - below(0.4))
    assert found.crossings.loc["A | B", "down"] == 0
    assert near(found.crossings.loc["B | C", "down"], below(0.3))
    assert near(found.crossings.loc["A+ | A", "up"], 1 - below(0.5))
    assert found.crossings.index.tolist() == ["A+ | A", "A | B", "B | C"]


WORKS = scheme_with({"director": ("completion_rate", "lead_conversion"),
                     "operations_manager": ("hit_rate", "completion_rate")})  # fmt: skip


def studio(completion, plays=None, visits=None, *, also=()):
    """Return readings of a director (and others credited with the same works)."""
    n = len(completion)
    plays, visits = plays or [1000] * n, visits or [10] * n
    works = [
        {"account": "a", "title": f"w{i}", "published": pd.Timestamp("2025-05-03"),
         "visible": "公开", "completion": completion[i], "plays": plays[i],
         "profile_visits": visits[i]}
        for i in range(n)
    ]  # fmt: skip
    credits = [
        {"kind": "work", "name": f"w{i}", "at": pd.Timestamp("2025-05-03"), "person": who,
         "role": "编导", "share": 1.0}
        for who in ("d1", *also) for i in range(n)
    ]  # fmt: skip
    people = [
        {"person": who, "name": who, "team": "video", "role": "编导", "account": "a",
         "base_pay": 1.0, "joined": pd.Timestamp("2024-01-01")} for who in ("d1", *also)
    ]  # fmt: skip
    people += [people[0] | {"person": "m", "name": "m", "role": "运营经理"}]
    return measure(month_of(works=works, credits=credits, people=people), WORKS)


def drawn(readings, n=MANY, seed=1):
    """Return draws by person and indicator."""
    made = draws_of(readings)
    values = np.vstack(list(made.blocks(n, seed)))
    keys = pd.MultiIndex.from_frame(readings.table[["person", "indicator"]])
    return pd.DataFrame(values, columns=keys), pd.Series(made.kind, keys)


def test_the_share_of_hits_among_works_is_drawn_as_the_beta_of_its_cases():
    """3 hits of 12 works: Beta(3.5, 9.5), by the Kolmogorov-Smirnov test."""
    values, kind = drawn(studio([0.4] * 12, plays=[200_000] * 3 + [1000] * 9))
    assert kind["m", "hit_rate"] == "cases"
    assert stats.kstest(values["m", "hit_rate"], stats.beta(3.5, 9.5).cdf).pvalue > 0.001


def test_a_share_of_no_hits_at_all_is_in_doubt_all_the_same():
    values, _ = drawn(studio([0.4] * 12))
    assert stats.kstest(values["m", "hit_rate"], stats.beta(0.5, 12.5).cdf).pvalue > 0.001


def test_a_mean_over_works_is_drawn_with_the_variance_of_the_mean():
    """Equal plays: the completion rate is a mean, its squared standard error s^2 / n."""
    completion = [0.2, 0.35, 0.4, 0.5, 0.55, 0.3]
    values, kind = drawn(studio(completion))
    mine = values["d1", "completion_rate"]
    assert kind["d1", "completion_rate"] == "units"
    assert mine.mean() == pytest.approx(np.mean(completion), abs=0.003)
    assert mine.std() == pytest.approx(stats.sem(completion), rel=0.03)


def test_what_stands_on_the_same_works_moves_together():
    """Two directors of the same works have the same draws; visits that rise with plays' worth."""
    completion = [0.1, 0.3, 0.5, 0.7, 0.9]
    readings = studio(completion, visits=[10, 30, 50, 70, 90], also=("d2",))
    values, _ = drawn(readings, n=500)
    assert (values["d1", "completion_rate"] == values["d2", "completion_rate"]).all()
    together = values["d1"].corr().loc["completion_rate", "lead_conversion"]
    assert together == pytest.approx(1, abs=1e-9)  # both are 10% to 90% of the same plays


def test_a_single_work_leaves_nothing_to_draw_by():
    _, kind = drawn(studio([0.4]), n=100)
    assert kind["d1", "completion_rate"] == "certain"


def test_orders_of_one_session_are_drawn_together():
    """All 20 orders of a session returned, or none: two sessions say less than 40 orders."""
    scheme = scheme_with({"host": ("return_rate",)})
    days = [pd.Timestamp("2025-05-03"), pd.Timestamp("2025-05-04"), pd.Timestamp("2025-05-05")]
    orders = [
        {"account": "a", "day": day, "submitted": day, "order_id": f"{i}-{j}", "returned": i == 0,
         "state": "已完成"}
        for i, day in enumerate(days) for j in range(20)
    ]  # fmt: skip
    sessions = [{"account": "a", "day": day} for day in days]
    credits = [{"kind": "session", "name": "a", "at": day, "person": "h", "role": "主播",
                "share": 1.0} for day in days]  # fmt: skip
    people = [{"person": "h", "name": "h", "team": "live", "role": "主播", "account": "a",
               "base_pay": 1.0, "joined": pd.Timestamp("2024-01-01")}]  # fmt: skip
    readings = measure(
        month_of(orders=orders, sessions=sessions, credits=credits, people=people), scheme
    )
    values, kind = drawn(readings)
    assert kind["h", "return_rate"] == "units"
    assert values["h", "return_rate"].std() > 3 * (1 / 3 * 2 / 3 / 60) ** 0.5


def test_a_growth_or_a_judged_item_counts_as_certain():
    scheme = scheme_of({"actor": {"cooperation": {"weight": 1, "target": 100}}})
    readings = readings_of(scheme, {"a": {"actor": {"cooperation": 4.0}}})
    found = doubt(grade(score(readings)), draws=100)
    assert found.table.loc["a", "own"] == 1
    assert found.table.loc["a", ["rival", "item"]].tolist() == [None, None]
    assert found.items.to_numpy().tolist() == [["actor", "cooperation", "certain", 0, 1]]
    assert found.expected == 0
    assert found.untold.empty
    assert found.confused.empty


HALF = {"weight": 0.5, "target": 0.05}
ONE = scheme_of({
    "planner": {"creative_ctr": {"weight": 0.6, "target": 0.08},
                "page_conversion": {"weight": 0.4, "target": 0.05}},
    "host": {"order_conversion": HALF, "return_rate": HALF | {"target": 0.1}},
})  # fmt: skip
VALUES = {
    "a": {"planner": {"creative_ctr": 0.06, "page_conversion": 0.04},
          "host": {"order_conversion": 0.045, "return_rate": 0.08}},
    "b": {"planner": {"creative_ctr": 0.07, "page_conversion": None}},
    "c": {"host": {"order_conversion": 0.05, "return_rate": 0.0}},
}  # fmt: skip


def doubted(scheme):
    """Return readings with intervals: somebody in two roles, an item that does not apply."""
    hits = pd.DataFrame({"work": [1], "person": ["a"], "share": [1.0]})
    made = readings_of(scheme, VALUES, hits=hits)
    table = made.table
    table["n"] = 30
    table["low"], table["high"] = table["value"] * 0.8, table["value"] * 1.25
    return made


@pytest.mark.parametrize("totals", ["arithmetic", "geometric"])
def test_drawn_grades_are_those_of_the_whole_line_on_the_drawn_readings(totals):
    """Brute force: the people of each drawn month, scored and graded by the line itself."""
    scheme = ONE.revise(totals={"kind": totals})
    readings = doubted(scheme)
    n = 400
    found = doubt(grade(score(readings)), draws=n, seed=7).odds
    values = np.vstack(list(draws_of(readings).blocks(n, 7)))
    again = grade(score(months_drawn(readings, values))).table["grade"]
    person = again.index.str.split("|").str[0]
    counts = pd.crosstab(person, again.to_numpy()).reindex(columns=found.columns, fill_value=0)
    assert (found.sort_index() * n).round(9).to_numpy().tolist() == counts.to_numpy().tolist()
    assert (found.max(axis=1) < 1).any()  # else nothing was put to the test


def months_drawn(readings, values):
    """Return one company of all drawn months: every person once for each draw."""
    tables, seats = [], []
    for i, row in enumerate(values):
        tables.append(readings.table.assign(value=row, person=readings.table["person"] + f"|{i}"))
        seats.append(readings.seats.assign(person=readings.seats["person"] + f"|{i}"))
    people = [f"a|{i}" for i in range(len(values))]
    hits = pd.DataFrame({"work": range(len(people)), "person": people, "share": 1.0})
    kept = vars(readings) | {"table": pd.concat(tables, ignore_index=True),
                             "seats": pd.concat(seats, ignore_index=True),
                             "hits": lambda plays: hits}  # fmt: skip
    return type(readings)(**kept)


def test_by_quota_the_better_of_two_shares_is_a_double_integral():
    """P(X > Y) of Beta(20.5, 30.5) and Beta(17.5, 33.5), by numerical integration."""
    levels = [{"grade": "E", "share": 0.5}, {"grade": "M", "share": 0.5}]
    grades = desks([20, 17], [50, 50])
    ranked = grades.scheme.revise(grading={"kind": "quota", "levels": levels}, streak=None,
                                  improvement=None)  # fmt: skip
    found = doubt(grade(grades.scores, ranked), draws=MANY)
    x, y = stats.beta(20.5, 30.5), stats.beta(17.5, 33.5)
    exact = integrate.quad(lambda at: x.pdf(at) * y.cdf(at), 0, 1)[0]
    # shares of 60% and more all earn 120 points, the cap: equals keep the id's order
    exact += integrate.quad(lambda at: x.pdf(at) * (y.cdf(1) - y.cdf(at)), 0.6, 1)[0]
    assert near(found.odds.loc["p0", "E"], exact)
    assert found.odds["E"].sum() == pytest.approx(1)


def test_who_is_safe_and_who_hangs_on_what():
    """Half of the team's people stand on a cut by one reading alone; weights move nobody."""
    grades = desks([20, 45, 19], [50, 50, 5000])
    found = doubt(grades, draws=2000)
    both = both_noises(found, certainty(settle(grades)))
    assert both.table.loc["p0", ["grade", "by_weights", "hangs"]].tolist() == ["B", 1, "readings"]
    assert both.table.loc["p1", "hangs"] == "safe"
    assert both.table.loc["p0", "item"] == "inquiry_conversion"
    assert both.counts.sum() == 3
    assert both.table.index[0] == "p0"
    assert found.confused.to_dict() == {"A | B": 1}


def test_the_same_seed_gives_the_same_answer_and_too_few_draws_are_refused():
    grades = desks([20], [50])
    first, second = (doubt(grades, draws=200, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.odds, second.odds)
    with pytest.raises(KpiError) as caught:
        doubt(grades, draws=99)
    assert str(caught.value) == ("doubt, draws: 99 are too few. To mend: ask for 100 or more.")


def test_ready_readings_without_intervals_are_certain():
    scheme = read_scheme("published")
    seats = pd.DataFrame({"person": ["a"], "role": ["planner"]})
    values = pd.DataFrame({"creative_ctr": [0.07], "page_conversion": [0.04]}, index=["a"])
    readings = from_frame(values.rename_axis("person"), scheme, seats, month="2025-05")
    assert (draws_of(readings).kind == "certain").all()
    assert doubt(grade(score(replace(readings))), draws=100).expected == 0
