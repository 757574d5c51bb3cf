"""Moving from stage to stage, and where the data stand: worked by hand and by re-scoring."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpilib.contrast import outcomes_under
from kpilib.errors import KpiError
from kpilib.scheme import Stage
from kpilib.stages import blend, compare_stages, equal_steps, plan, position, stage_path
from kpilib.stages.position import _between
from tests.test_stages import FIRST, LAST, cases, hosts, path_of, two_schemes

THREE = {"a": (100, 60, 60), "b": (50, 90, 90), "c": (30, 30, 30)}  # changes at 0.2 and 0.7


def test_the_largest_step_that_flips_nobody_stops_before_the_first_change():
    path, _ = path_of(THREE)
    found = plan(path, 3)
    assert found.steps["limit"].tolist() == pytest.approx([0.2, 0.2])
    assert found.first == pytest.approx(0.1999)
    assert (found.reached, found.least) == (pytest.approx(0.1999), 1)
    assert found.steps["people"].tolist() == [(), ()]  # the second step gets no farther


def test_with_one_change_a_month_two_months_are_enough():
    path, _ = path_of(THREE)
    found = plan(path, 6, most=1)
    assert found.steps["t"].tolist() == pytest.approx([0.6999, 1])
    assert found.steps["people"].tolist() == [("a",), ("b",)]
    assert (found.reached, found.least) == (1, 0 + 1)
    assert plan(path, 1).least == 2  # all at once


def test_even_steps_are_counted():
    path, _ = path_of(THREE)
    assert equal_steps(path, 2)["n"].tolist() == [1, 1]
    assert equal_steps(path, 1)["n"].tolist() == [2]


def test_a_plan_needs_a_month():
    path, _ = path_of(THREE)
    with pytest.raises(KpiError) as caught:
        plan(path, 0)
    assert str(caught.value) == (
        "plan: 0 months with 0 people each. To mend: take 1 month and 0 people at least."
    )


@settings(max_examples=10)
@given(cases(), st.integers(0, 2), st.integers(1, 3))
def test_no_step_changes_more_grades_than_allowed(case, most, months):
    """Scored again at every step: the grades that differ are within the promise."""
    points, first, last, edge = case
    start, end = two_schemes(first, last, edge=edge)
    readings = hosts(start, points)
    path = stage_path(outcomes_under(readings, start), outcomes_under(readings, end))
    for row in plan(path, months, most).steps.itertuples():
        ends = [outcomes_under(readings, blend(start, end, t)) for t in (row.start, row.t)]
        moved = ends[0].table["grade"] != ends[1].table["grade"]
        assert int(moved.sum()) <= most
        assert set(moved.index[moved]) <= set(row.people)


@settings(max_examples=3)
@given(cases())
def test_the_path_equals_scoring_again_on_a_fine_grid(case):
    points, first, last, edge = case
    start, end = two_schemes(first, last, edge=edge)
    readings = hosts(start, points)
    path = stage_path(outcomes_under(readings, start), outcomes_under(readings, end))
    for t in np.linspace(0, 1, 21):
        if len(path.changes) and np.abs(path.changes["t"] - t).min() < 1e-4:
            continue  # there the rounding of totals to 6 places decides
        again = outcomes_under(readings, blend(start, end, float(t))).table["grade"]
        held = path.segments.query("start <= @t <= end", local_dict={"t": t})
        for person, rows in held.groupby("person"):
            assert rows["grade"].iloc[-1] == again[person]


def test_a_geometric_scheme_has_no_path():
    start, end = two_schemes(FIRST, LAST)
    totals = {"kind": "geometric"}
    start, end = (scheme.revise(totals=totals) for scheme in (start, end))
    readings = hosts(start, THREE)
    with pytest.raises(KpiError) as caught:
        stage_path(outcomes_under(readings, start), outcomes_under(readings, end))
    assert str(caught.value) == (
        "scheme 'published', totals: a stage path needs totals that are sums, and these are "
        "geometric. To mend: use a scheme whose totals are arithmetic."
    )
    assert compare_stages(readings, start, end, at=()).path is None


def test_rows_of_the_heat_map_sum_to_the_change():
    start, end = two_schemes(FIRST, LAST)
    found = compare_stages(hosts(start, THREE), start, end, at=(0.5,))
    heat = found.heat(most=1)
    assert heat.index.tolist()[-1] == "c"  # nothing changes there
    assert heat.columns.tolist() == ["gmv_completion", "rest"]
    change = found.contrast.table["change"]
    assert heat.sum(axis=1).to_dict() == pytest.approx(change.to_dict(), abs=1e-6)
    assert found.by_dimension().loc["host", "n"] == 3
    assert found.by_team.loc["live", ["n", "before", "after"]].tolist() == [3, 60.0, 60.0]


STAGE = {"title": {"en": "x", "zh": "x"}}


def test_the_position_is_the_nearest_point_of_the_line():
    """Profiles .8/.2 and .2/.8; 60 and 60 are even shares, half way; 80 and 20 are the start."""
    start = Stage(**STAGE, profile={"exposure": 0.8, "conversion": 0.2})
    end = Stage(**STAGE, profile={"exposure": 0.2, "conversion": 0.8})
    for points, t in (((60, 60), 0.5), ((80, 20), 0), ((0, 100), 4 / 3)):
        achieved = pd.Series(points, index=["exposure", "conversion"], dtype=float)
        assert _between(achieved, start, end) == pytest.approx(t)
    assert np.isnan(_between(pd.Series({"exposure": 50.0}), start, end))


def test_the_position_of_a_month_by_hand():
    """GMV and conversion 100 and 60 are conversion at 80; watch time is engagement, at 60."""
    start, _ = two_schemes(FIRST, LAST)
    stages = {"young": {**STAGE, "profile": {"engagement": 0.6, "conversion": 0.4}},
              "grown": {**STAGE, "profile": {"engagement": 0.2, "conversion": 0.8}}}  # fmt: skip
    scheme = start.revise(stages=stages)
    readings = hosts(scheme, {"a": (100, 60, 60), "b": (60, 60, 60)})
    found = position({"2025-05": readings}, scheme, "young", "grown")
    row = found.dimensions.loc["2025-05"]
    assert row["conversion"] == pytest.approx(70)  # 80 of a and 60 of b
    assert row["engagement"] == pytest.approx(60)
    assert found.n.loc["2025-05"].to_dict() == {"conversion": 2, "engagement": 2, "growth": 0}
    few = position({"2025-05": readings}, scheme, "young", "grown", least=3)
    assert few.dimensions.isna().all(axis=None)
    assert np.isnan(few.last)  # else it would tell the one of two means that is hidden
    share = 70 / 130
    assert found.last == pytest.approx((share - 0.4) / 0.4)
    with pytest.raises(KpiError) as caught:
        position({}, scheme, "young", "old")
    assert str(caught.value) == (
        "scheme 'published': no stage 'old'. To mend: take one of ['grown', 'young']."
    )
