"""Rater effects against a published table, another program's fit, and panels of known truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.errors import KpiError
from kpilib.ratings import agreement, fit
from tests.oracle import dense_blups

CASES = Path(__file__).parent / "cases"
SHROUT_FLEISS = pd.read_csv(CASES / "shrout_fleiss_1979.csv", index_col="target")
CROSSED = json.loads((CASES / "crossed_mixed_model.json").read_text(encoding="utf-8"))


def panel(n_raters, n_ratees, each, *, sd=(0.6, 0.4, 0.5), seed=1):
    """Return marks with the ratees' and raters' true effects behind them."""
    rng = np.random.default_rng(seed)
    ratee, rater = rng.normal(0, sd[0], n_ratees), rng.normal(0, sd[1], n_raters)
    who = np.concatenate([rng.permutation(n_ratees)[:each] for _ in range(n_raters)])
    by = np.repeat(np.arange(n_raters), each)
    score = 3.5 + ratee[who] + rater[by] + rng.normal(0, sd[2], len(by))
    return pd.DataFrame({"ratee": who, "rater": by, "score": score}), ratee, rater


# ---- Shrout & Fleiss (1979) --------------------------------------------------------------------


def test_agreement_is_the_table_of_shrout_and_fleiss():
    """Table 4 of the paper: six correlations of 6 targets by 4 judges, and F with 5 and 15 df."""
    found = agreement(SHROUT_FLEISS)
    six = [found.icc1, found.icc2, found.icc3, found.icc1k, found.icc2k, found.icc3k]
    assert np.round(six, 2).tolist() == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    assert six == pytest.approx([0.166, 0.290, 0.715, 0.443, 0.620, 0.909], abs=6e-4)
    assert (round(found.f, 2), found.people, found.raters) == (11.03, 6, 4)
    assert found.p == pytest.approx(stats.f.sf(found.f, 5, 15))


def test_the_mixed_model_gives_the_same_correlations_on_the_complete_table():
    """In a complete table REML equals the analysis of variance, where no variance is negative."""
    long = SHROUT_FLEISS.rename_axis("ratee").reset_index()
    long = long.melt("ratee", var_name="rater", value_name="score")
    by_variance = agreement(SHROUT_FLEISS)
    found = fit(long).icc
    assert found["icc2"] == pytest.approx(by_variance.icc2, abs=1e-6)
    assert found["icc3"] == pytest.approx(by_variance.icc3, abs=1e-6)
    one_way = fit(long, ["ratee"])
    assert one_way.icc["icc1"] == pytest.approx(by_variance.icc1, abs=1e-6)


@pytest.mark.parametrize("table", [[[1, 2]], [[1], [2]], [[1, np.nan], [2, 3]]])
def test_agreement_wants_a_complete_table(table):
    n, k = len(table), len(table[0])
    with pytest.raises(KpiError) as caught:
        agreement(pd.DataFrame(table))
    assert str(caught.value) == (
        f"agreement of raters: the table of {n} people by {k} raters has empty cells, or fewer "
        "than two of either. To mend: give people whom the same raters have all rated; for other "
        "tables use `fit`."
    )


# ---- the fit -----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CROSSED["fits"], ids=lambda case: "+".join(case["factors"]))
def test_the_fit_is_the_mixed_model_of_statsmodels(case):
    """Variances, mean, likelihood and every BLUP of a dense fit; see cases/README.md."""
    columns = ["ratee", "rater", "item", "score"]
    marks = pd.DataFrame([mark.split() for mark in CROSSED["marks"]], columns=columns)
    marks["score"] = marks["score"].astype(float)
    found = fit(marks, case["factors"])
    assert found.mean == pytest.approx(case["mean"], abs=2e-4)
    assert found.variances.to_dict() == pytest.approx(case["variances"], abs=2e-4)
    assert found.log_likelihood == pytest.approx(case["log_likelihood"], abs=1e-5)
    for factor in case["factors"]:
        for level, row in found.of(factor).iterrows():
            assert row["effect"] == pytest.approx(case["effects"][f"{factor}|{level}"], abs=5e-4)


def test_errors_of_prediction_are_those_of_whole_matrices():
    """var(u - u_hat) = G - G Z'PZ G, with P of order n, at the fitted variances."""
    marks, _, _ = panel(9, 7, 4, seed=3)
    found = fit(marks)
    v = found.variances
    z = {f: pd.get_dummies(marks[f]).to_numpy(float) for f in ("ratee", "rater")}
    whole = v["residual"] * np.eye(len(marks)) + sum(v[f] * z[f] @ z[f].T for f in z)
    inverse, ones = np.linalg.inv(whole), np.ones(len(marks))
    p = inverse - np.outer(inverse @ ones, inverse @ ones) / (ones @ inverse @ ones)
    for factor, design in z.items():
        left = v[factor] - v[factor] ** 2 * np.diag(design.T @ p @ design)
        assert found.of(factor)["error"].to_numpy() == pytest.approx(np.sqrt(left), rel=1e-6)
        blup = v[factor] * design.T @ p @ marks["score"].to_numpy()
        assert found.of(factor)["effect"].to_numpy() == pytest.approx(blup, abs=1e-7)
    width = found.table["high"] - found.table["low"]
    assert width.to_numpy() == pytest.approx(2 * 1.96 * found.table["error"].to_numpy(), rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_a_dense_likelihood_searched_without_slopes(seed):
    marks, _, _ = panel(8, 9, 5, sd=(0.5, 0.3 * (seed % 2), 0.6), seed=seed)
    marks["item"] = "one"
    blups = dense_blups(marks)
    effect = fit(marks).of("rater")["effect"]
    assert effect.to_dict() == pytest.approx(blups, abs=2e-4)


def test_known_effects_come_back_from_a_simulated_panel():
    """300 raters of 400 people: variances within 10%, and 95% intervals that hold 95%."""
    marks, ratee, rater = panel(300, 400, 20, seed=5)
    found = fit(marks)
    sd = np.sqrt(found.variances)
    assert sd.tolist() == pytest.approx([0.6, 0.4, 0.5], rel=0.1)
    for factor, truth in (("ratee", ratee), ("rater", rater)):
        table = found.of(factor)
        shown = truth[table.index] - truth.mean()
        assert np.corrcoef(table["effect"], shown)[0, 1] > 0.95
        inside = ((table["low"] < shown) & (shown < table["high"])).mean()
        assert 0.91 < inside < 0.99


def test_a_factor_without_effect_has_variance_0_and_shifts_nothing():
    marks, _, _ = panel(12, 10, 10, sd=(0.8, 0.0, 0.3), seed=8)  # everybody rates everybody
    marks["score"] -= marks.groupby("rater")["score"].transform("mean") - 3
    found = fit(marks)
    assert found.variances["rater"] == 0
    assert (found.of("rater")["effect"] == 0).all()


def test_a_shift_of_all_marks_moves_the_mean_only_and_order_does_not_count():
    marks, _, _ = panel(10, 12, 5, seed=2)
    before = fit(marks)
    after = fit(marks.assign(score=marks["score"] + 1).sample(frac=1, random_state=0))
    assert after.mean == pytest.approx(before.mean + 1)
    assert after.variances.to_numpy() == pytest.approx(before.variances.to_numpy(), rel=1e-5)
    assert after.table["effect"].to_numpy() == pytest.approx(
        before.table["effect"].to_numpy(), abs=1e-6
    )


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (
            [("a", "x", 1), ("b", "y", 2), ("a", "y", 3)],
            "3 marks cannot part the effects of 2 of ratee, 2 of rater from noise. To mend: take "
            "more marks, or fewer factors; each needs two levels at least.",
        ),
        (
            [("a", "x", 1), ("b", "x", 2), ("c", "x", 3), ("a", "x", 2), ("b", "x", 1)],
            "5 marks cannot part the effects of 3 of ratee, 1 of rater from noise. To mend: take "
            "more marks, or fewer factors; each needs two levels at least.",
        ),
        (
            [(e, r, 3) for e in "abc" for r in "xyz"],
            "all 9 marks are 3: there is nothing to explain. To mend: take marks that differ.",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused(marks, said):
    with pytest.raises(KpiError) as caught:
        fit(pd.DataFrame(marks, columns=["ratee", "rater", "score"]))
    assert str(caught.value) == f"rater effects: {said}"
