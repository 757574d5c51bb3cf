"""Objectives beside grades: counted by hand, never in pay."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.appraisal import appraise
from kpilib.errors import KpiError
from kpilib.okr import beside

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def okr_of(rows):
    columns = ["person", "completion", "contribution"]
    return pd.DataFrame(rows, columns=columns).assign(objective="o")


def drawn(may, seed=0):
    rng = np.random.default_rng(seed)
    people = may.table.index[may.table["score"].notna()]
    return okr_of([(person, float(rng.uniform(0, 1.2)), None) for person in people])


def test_the_rank_correlation_is_scipys_and_its_interval_is_bonett_and_wrights(may):
    okr = drawn(may)
    found = beside(may, okr)
    scores = may.table.loc[okr["person"], "score"].astype(float)
    wanted = stats.spearmanr(okr["completion"].to_numpy(), scores.to_numpy()).statistic
    assert found.n == len(okr)
    assert found.rank_correlation == pytest.approx(wanted)
    half = stats.norm.ppf(0.975) * math.sqrt((1 + wanted**2 / 2) / (len(okr) - 3))
    ends = [math.tanh(math.atanh(wanted) + sign * half) for sign in (-1, 1)]
    assert [found.low, found.high] == pytest.approx(ends, abs=1e-4)


def test_a_share_of_completion_changes_the_grades_it_should(may):
    """p053 has no total and is left out; who totals 80 at 20% of 120% complete totals 88."""
    table = may.table
    on_cut = [p for p in ("p048", "p049") if table.loc[p, "total"] == 80]
    assert on_cut == ["p048", "p049"]
    top = table["total"].astype(float).idxmax()
    okr = okr_of([("p048", 1.2, "a"), ("p049", 0.8, None), (top, 0.0, None), ("p053", 1.0, "b")])
    found = beside(may, okr)
    assert found.n == 3
    assert math.isnan(found.rank_correlation), "three people are too few"
    changes = found.changes.set_index(["share", "person"])
    assert changes.loc[(0.2, "p048"), ["grade", "grade_with"]].tolist() == ["B", "A"]
    assert (0.2, "p049") not in changes.index, "80 and 80% complete stay at 80"
    assert found.counts.loc[0.1, ["up", "n"]].tolist() == [1, 3]
    assert found.counts.loc[0.2, "down"] == 1
    assert changes.loc[(0.2, top), "grade"] == table.loc[top, "grade"]
    assert found.table.loc["p053", "completion"] == 1.0
    assert found.table["contribution"].tolist().count(()) == 2


def test_several_objectives_are_averaged_and_an_open_one_is_not_0(may):
    okr = okr_of([("p001", 0.5, "x"), ("p001", 0.9, "y"), ("p001", np.nan, None)])
    row = beside(may, okr).table.loc["p001"]
    assert row["objectives"] == 3
    assert row["completion"] == pytest.approx(0.7)
    assert row["contribution"] == ("x", "y")


def test_no_share_changes_nothing_and_pay_never_knows(may):
    found = beside(may, drawn(may), shares=(0.0,))
    assert found.changes.empty
    assert found.counts.loc[0.0, ["up", "down"]].tolist() == [0, 0]
    without = appraise(SAMPLE, "2025-05").table["pay"]
    assert without.equals(may.table["pay"])


def test_a_quota_is_not_tried(may):
    quota = appraise(SAMPLE, "2025-05", "bytedance")
    found = beside(quota, drawn(may))
    assert found.changes.empty
    assert found.counts.empty
    assert not math.isnan(found.rank_correlation)


def test_faults_name_the_place(may):
    def text(okr, **more):
        with pytest.raises(KpiError) as caught:
            beside(may, okr, **more)
        return str(caught.value)

    assert text(okr_of([("p999", 0.5, None)])) == (
        "okr.csv, person: nobody of the month is p999. To mend: take ids of people.csv who were "
        "there in the month."
    )
    assert text(drawn(may), shares=(1.5,)) == (
        "shares: 1.5 is no share. To mend: give shares from 0 to 1."
    )
