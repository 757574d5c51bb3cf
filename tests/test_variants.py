"""Several schemes on the same people: counted by hand, scales kept apart, nothing re-invented."""

from __future__ import annotations

import math
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.readings import from_frame
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from kpilib.variants import compare, named
from tests.company import scheme_of

MANAGER = {"follower_growth": 0.0015, "hit_rate": 0.001, "lead_conversion": 0.0003}


def managers(scheme, points):
    """Return readings of operations managers who earn these points in their three indicators."""
    frame = pd.DataFrame.from_dict(points, orient="index", columns=list(MANAGER))
    frame = frame * pd.Series(MANAGER)
    seats = pd.DataFrame({"person": list(points), "role": "operations_manager", "base_pay": 1000.0})
    return from_frame(frame, scheme, seats, month="2025-05", missing="not_applicable")


@cache
def schemes():
    """Return a scheme in thirds, one of conversion alone, one with lower cuts, and a quota."""
    third = {key: {"weight": 1 / 3} for key in MANAGER}
    base = scheme_of({"operations_manager": third}, name="thirds")
    leads = {"operations_manager": {"follower_growth": 0, "hit_rate": 0, "lead_conversion": 1}}
    cuts = base.grading.model_dump()
    for band, cut in zip(cuts["bands"], (90, 70, 50, None), strict=True):
        band["above"] = cut
    quota = read_scheme("bytedance")
    return (
        base,
        base.reweigh(leads).revise(name="leads"),
        base.revise(name="lower", grading=cuts),
        base.revise(
            name="quota", grading=quota.grading, streak=None, improvement=None, talk=quota.talk
        ),
    )


FOUR = {"a": (120, 120, 90), "b": (60, 90, 120), "c": (60, 60, 60), "d": (75, 75, 75)}


def compared(names=("thirds", "leads", "lower", "quota"), points=FOUR, **kinds):
    held = {scheme.name: scheme for scheme in schemes()}
    return compare(managers(held["thirds"], points), [held[name] for name in names], **kinds)


def test_one_table_by_hand():
    """Thirds: 110, 90, 60, 75, so A+ A C B. Leads alone: 90, 120, 60, 75, so A A+ C B."""
    found = compared(("thirds", "leads"))
    thirds, leads = found.table["thirds"], found.table["leads"]
    assert thirds[["n", "mean", "payroll", "above_base"]].tolist() == [4, 83.75, 3350.0, 1]
    assert leads[["n", "mean", "payroll", "above_base"]].tolist() == [4, 86.25, 3450.0, 1]
    assert leads["payroll_change"] == pytest.approx(3450 / 3350 - 1)
    assert leads[["up", "down"]].tolist() == [1, 1]
    assert leads["rank_shift"] == pytest.approx(0.5)
    assert leads["kendall"] == pytest.approx(4 / 6)
    # of sum (i - j)^2 = 2 observed; by chance each grade meets each other: 40 / 4 = 10
    assert leads["kappa"] == pytest.approx(0.8)
    assert thirds[["up", "down", "kappa", "kendall"]].isna().all()
    assert thirds["spread"] == pytest.approx(math.sqrt(1368.75 / 4))


def test_exposure_is_the_share_that_exposure_decides():
    """Follower growth and hit rate are exposure: two thirds, and none where leads are all."""
    found = compared(("thirds", "leads"))
    assert found.table.loc["exposure"].tolist() == [pytest.approx(2 / 3), 0]


def test_lower_cuts_move_grades_and_no_pay():
    found = compared(("thirds", "lower"))
    assert found.people().loc[list("abcd"), "lower"].tolist() == ["A+", "A", "B", "A"]
    assert found.table.loc[["up", "down", "payroll_change"], "lower"].tolist() == [2, 0, 0]


def test_two_scales_stand_one_under_the_other_and_are_not_converted():
    found = compared(("thirds", "quota"))
    quota = found.table["quota"]
    assert quota[["up", "down", "kappa"]].isna().all()
    assert quota["kendall"] == pytest.approx(1)  # the scores are the same
    assert list(found.grades.index.unique("scale")) == ["A+ A B C", "E M+ M M-"]
    assert found.grades.loc["A+ A B C", "quota"].isna().all()
    assert found.grades.loc["E M+ M M-", "thirds"].isna().all()
    assert found.grades.loc["E M+ M M-", "quota"].sum() == 4
    assert found.contrasts["quota"].migration is None


def test_payroll_and_spread_for_the_figures():
    found = compared(("thirds", "leads"))
    assert found.payroll()["payroll"].to_dict() == {"thirds": 3350.0, "leads": 3450.0}
    assert math.isnan(found.payroll().loc["thirds", "change"])
    assert found.spread().loc["thirds"].tolist() == [64.5, 71.25, 82.5, 95.0, 104.0]
    assert found.first == "thirds"


def test_a_team_is_kept_after_everything_was_computed_for_all():
    """Four people in one pool get one E, one M+ and two M; alone, b would be an M."""
    scheme = schemes()[3]
    readings = managers(scheme, FOUR)
    readings.seats["team"] = ["video", "live", "video", "video"]
    found = compare(readings, [scheme], team="live")
    assert found.people()["quota"].to_dict() == {"b": "M+"}
    assert found.table.loc["n", "quota"] == 1
    wide = compare(readings, [scheme])
    assert wide.people()["quota"].to_dict() == {"a": "E", "b": "M+", "c": "M", "d": "M"}


def test_outcomes_will_do_in_place_of_readings():
    base, leads, *_ = schemes()
    held = settle(grade(score(managers(base, FOUR))))
    assert compare(held, [base, leads]).table.equals(compared(("thirds", "leads")).table)


@pytest.mark.parametrize(
    ("names", "found"), [((), "[]"), (("thirds",) * 2, "['thirds', 'thirds']")]
)
def test_schemes_must_be_some_and_different(names, found):
    with pytest.raises(KpiError) as caught:
        compared(names)
    assert str(caught.value) == (
        f"compare: the schemes are {found}. "
        "To mend: name at least one scheme, and each of them once."
    )


ROW = st.tuples(*[st.integers(0, 240).map(lambda n: n / 2)] * 3)


@settings(max_examples=15)
@given(st.lists(ROW, min_size=1, max_size=12))
def test_every_variant_holds_the_same_people_and_counts_them_all(rows):
    found = compared(points={f"p{i}": row for i, row in enumerate(rows)})
    assert (found.table.loc["n"] == len(rows)).all()
    for variant in found.outcomes:
        assert found.grades[variant].sum() == len(rows)
    for contrast in found.contrasts.values():
        if contrast.migration is not None:
            moved = contrast.migration
            assert moved.up + moved.down + moved.same == len(rows)
            assert moved.table.to_numpy().sum() == len(rows)


def test_a_scheme_against_itself_changes_nothing():
    base = schemes()[0]
    found = compare(managers(base, FOUR), [base, base.revise(name="again")])
    wanted = {"up": 0, "down": 0, "kappa": 1, "kendall": 1, "rank_shift": 0, "payroll_change": 0}
    assert found.table.loc[list(wanted), "again"].to_dict() == pytest.approx(wanted)


def test_grades_and_movers_by_hand():
    """Leads alone swap a and b; under lower cuts c and d rise by one."""
    found = compared()
    own = found.own_grades()
    assert own.loc["leads"].tolist() == [1, 1, 1, 1]
    assert "quota" not in own.index
    assert found.table.loc[["up", "down"], "leads"].tolist() == [1, 1]
    assert list(found.other_scales()) == ["E M+ M M-"]
    assert found.other_scales()["E M+ M M-"].loc["quota"].tolist() == [1, 1, 2, 0]
    assert found.moved().to_dict() == {"leads": 2, "lower": 2}
    movers = found.movers()
    assert movers.loc["a"].tolist() == ["A+", "A", "A+"]
    assert "quota" not in movers
    assert found.cuts == {"A+": 100, "A": 80, "B": 60}
    assert compared(("quota", "thirds")).cuts == {}
    assert found.titles("zh")["quota"] == "公开方案 (quota)"  # all four are called the same
    assert compared(("thirds",)).titles("en") == {"thirds": "Published scheme"}


def test_schemes_are_named_once_each():
    found = named("published", "startup, published,,bytedance")
    assert [scheme.name for scheme in found] == ["published", "startup", "bytedance"]
    assert [scheme.name for scheme in named("mature", "")] == ["mature"]


def test_who_is_graded_alike_everywhere_is_no_mover_and_100_points_pay_the_base():
    found = compared(("thirds", "lower"), {"a": (100, 100, 100), "b": (95, 95, 95)})
    assert found.table.loc["above_base", "thirds"] == 0
    assert found.people().to_numpy().tolist() == [["A", "A+"], ["A", "A+"]]
    same = compared(("thirds", "lower"), {"a": (85, 85, 85), "b": (95, 95, 95)})
    assert same.movers().index.tolist() == ["b"]
