"""Importance beside weights: known answers, and the closed form both ways."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from kpilib.sensitivity import (
    OutOfReachError,
    importance,
    importance_gap,
    weights_for_importance,
)

KEYS = list("abcd")


def correlated(rng, people=60):
    """Points of four indicators on different scales, the last two of which go together."""
    base = rng.normal(size=(people, 4)) * [5, 10, 20, 8] + [60, 70, 80, 75]
    base[:, 3] += 0.4 * base[:, 2]
    return pd.DataFrame(base, columns=KEYS)


def test_linear_importance_is_the_squared_correlation():
    """By the definition, with NumPy's covariance; ratios are shares of the sum over the weights."""
    points = correlated(np.random.default_rng(1))
    weights = pd.Series([0.1, 0.2, 0.3, 0.4], index=KEYS)
    found = importance(points, weights)
    total = (points * weights).sum(axis=1)
    covariance = np.cov(points.to_numpy().T, total)[-1, :-1]
    wanted = covariance**2 / points.var().to_numpy() / total.var()
    assert found["linear"].to_numpy() == pytest.approx(wanted)
    assert found["weight"].tolist() == weights.tolist()
    assert found["linear_ratio"].to_numpy() == pytest.approx(wanted / wanted.sum() / weights)
    assert (found["linear_ratio"] * weights).sum() == pytest.approx(1)
    assert (found["nonlinear_ratio"] * weights).sum() == pytest.approx(1)


def test_nonlinear_importance_sees_what_a_line_does_not():
    """The total is the square of a: no line, and all of the variance."""
    a = np.linspace(-1, 1, 81)
    points = pd.DataFrame({"a": a, "b": a**2})
    found = importance(points, pd.Series({"a": 0.0, "b": 1.0}))
    assert found.loc["a", "linear"] == pytest.approx(0, abs=1e-12)
    assert found.loc["a", "nonlinear"] == pytest.approx(1, abs=0.01)
    assert np.isnan(found.loc["a", "nonlinear_ratio"])
    assert found.loc["b", ["linear", "nonlinear"]].tolist() == pytest.approx([1, 1])


def test_independent_indicators_have_the_importance_of_their_variance():
    """V(E(total | a)) / V(total) is w^2 var over their sum: 0.64 and 0.36 of the variance."""
    rng = np.random.default_rng(2)
    points = pd.DataFrame(rng.normal(size=(4000, 2)), columns=["a", "b"])
    found = importance(points, pd.Series({"a": 4 / 7, "b": 3 / 7}))
    for column in ("linear", "nonlinear"):
        assert found[column].tolist() == pytest.approx([0.64, 0.36], abs=0.03)


def test_pure_noise_gets_hardly_more_from_the_curve_than_from_the_line():
    """Cross-validation keeps the curve straight where nothing bends."""
    rng = np.random.default_rng(3)
    points = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    found = importance(points, pd.Series({"a": 0.0, "b": 0.5, "c": 0.5}))
    assert found.loc["a", "nonlinear"] < 0.03
    assert (found["nonlinear"] >= found["linear"] - 1e-9).all()


def test_a_few_steps_are_told_by_their_means():
    """An item with three levels: the correlation ratio is the variance between them."""
    level = np.repeat([0.0, 50.0, 100.0], 40)
    rng = np.random.default_rng(4)
    other = np.where(level == 50, 90.0, 30.0) + rng.normal(size=120)
    points = pd.DataFrame({"a": level, "b": other})
    found = importance(points, pd.Series({"a": 0.3, "b": 0.7}))
    total = 0.3 * level + 0.7 * other
    between = np.var([total[level == value].mean() for value in (0, 50, 100)]) / total.var()
    assert found.loc["a", "nonlinear"] == pytest.approx(between, abs=1e-3)
    assert found.loc["a", "linear"] < 0.5 < found.loc["a", "nonlinear"]


def test_an_indicator_on_which_nobody_differs_matters_to_nobody():
    """Importance 0, not a division by 0; and people without the item are left out."""
    points = correlated(np.random.default_rng(5), 30)
    points["a"] = 70.0
    points.loc[:9, "b"] = np.nan
    weights = pd.Series(0.25, index=KEYS)
    found = importance(points, weights)
    assert found.loc["a", ["linear", "nonlinear", "linear_ratio"]].tolist() == [0, 0, 0]
    total = (points.fillna(0) * weights).sum(axis=1) / (points.notna() * weights).sum(axis=1)
    wanted = np.corrcoef(points["b"][10:], total[10:])[0, 1] ** 2
    assert found.loc["b", "linear"] == pytest.approx(wanted)


def test_scale_and_order_do_not_matter():
    """Points times a million, or columns turned round, change no share."""
    points = correlated(np.random.default_rng(6))
    weights = pd.Series([0.1, 0.2, 0.3, 0.4], index=KEYS)
    found = importance(points, weights)
    before = points.copy()
    pd.testing.assert_frame_equal(importance(points * 1e6 + 1e7, weights), found, rtol=1e-6)
    turned = importance(points[KEYS[::-1]].sample(frac=1, random_state=0), weights).loc[KEYS]
    pd.testing.assert_frame_equal(turned, found.rename_axis("indicator"), rtol=1e-9)
    pd.testing.assert_frame_equal(points, before)


def test_weights_for_importance_give_that_importance():
    """Paruolo et al. (2013), section 3.4, there and back: the ratios wished are those measured."""
    points = correlated(np.random.default_rng(7))
    wish = pd.Series({"d": 0.3, "c": 0.3, "b": 0.2, "a": 0.2})
    weights = weights_for_importance(points, wish)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    measured = importance(points, weights)["linear"]
    assert (measured / measured.sum()).to_numpy() == pytest.approx(wish[KEYS].to_numpy())
    assert importance_gap(wish, measured) == pytest.approx(0, abs=1e-9)
    again = weights_for_importance(points, wish * 40)
    assert again.to_numpy() == pytest.approx(weights.to_numpy())


def test_wish_out_of_reach_names_the_indicators_and_carries_the_nearest():
    """Two indicators that go together cannot differ so much in importance.

    The nearest weights are compared with a minimisation by SLSQP.
    """
    rng = np.random.default_rng(8)
    common = rng.normal(size=80)
    points = pd.DataFrame(
        {"a": common + 0.2 * rng.normal(size=80), "b": common, "c": rng.normal(size=80)}
    )
    wish = pd.Series({"a": 0.6, "b": 0.05, "c": 0.35})
    with pytest.raises(OutOfReachError) as error:
        weights_for_importance(points, wish)
    assert str(error.value) == (
        "importance: no weights of at least 0 reach it: b would need less than 0. To mend: wish "
        "more importance for these indicators or less for those they go with; the nearest weights "
        "stand in the attribute nearest."
    )
    covariance = points.cov().to_numpy()
    exact = np.linalg.solve(covariance, np.sqrt(wish) * points.std().to_numpy())
    found = minimize(
        lambda w: (w - exact) @ covariance @ (w - exact),
        np.ones(3),
        bounds=[(0, None)] * 3,
        method="SLSQP",
        options={"ftol": 1e-15},
    )
    near = error.value.nearest
    assert near.to_numpy() == pytest.approx(found.x / found.x.sum(), abs=1e-5)
    assert near["b"] == 0
    assert near.sum() == pytest.approx(1)
    assert pickle.loads(pickle.dumps(error.value)).nearest.equals(near)
