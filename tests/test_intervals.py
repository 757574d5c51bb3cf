"""Confidence intervals against printed tables, exact fractions and another way to compute them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from kpilib.intervals import Z, ratio_of_sums, t_quantile, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_method_3_of_newcombe_1998_table_1(k, n, low, high):
    """Two-sided confidence intervals for the single proportion, Stat. Med. 17, 857-872."""
    assert [round(limit, 4) for limit in wilson(k, n)] == [low, high]


@given(st.integers(1, 400), st.data())
def test_wilson_limits_solve_the_equation_they_are_defined_by(n, data):
    """A limit p is where |k/n - p| is z standard errors at p itself: exact in fractions."""
    k = data.draw(st.integers(0, n))
    square = Fraction(Z) ** 2
    for limit in wilson(k, n):
        p = Fraction(limit)
        gap = (Fraction(k, n) - p) ** 2 - square * p * (1 - p) / n
        assert abs(gap) < Fraction(1, 10**14)
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1


@pytest.mark.parametrize(("k", "n"), [(0, 0), (3, 2), (-1, 5), (math.nan, 5), (2, math.nan)])
def test_no_share_has_no_interval(k, n):
    assert all(math.isnan(limit) for limit in wilson(k, n))


ROWS = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 900)), min_size=2, max_size=30)


def sums(rows: list[tuple[int, int]]) -> tuple[float, float, float, float, float]:
    y, x = np.array(rows, dtype=float).T
    return tuple(float(v.sum()) for v in (y, x, y * y, x * y, x * x))


@given(ROWS)
def test_ratio_interval_is_cochrans_from_residuals_row_by_row(rows):
    """Cochran (1977), eq. 6.13: v(R) = sum (y - R x)^2 / (n (n - 1) mean(x)^2)."""
    n, ratio = len(rows), Fraction(sum(y for y, _ in rows), sum(x for _, x in rows))
    residual = sum((y - ratio * x) ** 2 for y, x in rows)
    mean = Fraction(sum(x for _, x in rows), n)
    error = math.sqrt(residual / (n * (n - 1) * mean**2))
    low, high = ratio_of_sums(n, sums(rows))
    half = stats.t.ppf(0.975, n - 1) * error
    assert (low + high) / 2 == pytest.approx(float(ratio), rel=1e-12, abs=1e-12)
    assert (high - low) / 2 == pytest.approx(half, rel=2e-4, abs=1e-300)


def test_ratio_interval_of_four_works_worked_by_hand():
    """R = 8/40 = 0.2, residuals 0, 1, -1, 0, so v = 2 / (4 * 3 * 10^2) and half = t3 sqrt(v)."""
    low, high = ratio_of_sums(4, sums([(2, 10), (3, 10), (1, 10), (2, 10)]))
    half = 3.182446305 * math.sqrt(2 / 12) / 10
    assert (low, high) == pytest.approx((0.2 - half, 0.2 + half), abs=1e-12)


def test_a_mean_is_the_ratio_with_denominator_one():
    """Then the interval is Student's ordinary one; SciPy's as the peer."""
    hours = [20.0, 26.5, 31.0, 18.25, 24.0]
    rows = (len(hours), (sum(hours), 5.0, sum(h * h for h in hours), sum(hours), 5.0))
    peer = stats.t.interval(0.95, 4, loc=np.mean(hours), scale=stats.sem(hours))
    assert ratio_of_sums(*rows) == pytest.approx(peer, rel=1e-9)


@given(ROWS, st.integers(2, 50))
def test_ratio_interval_scales_with_its_numerator(rows, factor):
    assume(any(y for y, _ in rows))
    once = ratio_of_sums(len(rows), sums(rows))
    scaled = ratio_of_sums(len(rows), sums([(factor * y, x) for y, x in rows]))
    assert scaled == pytest.approx([factor * limit for limit in once], rel=1e-12)


@pytest.mark.parametrize("rows", [[(1, 2)], [(0, 0), (0, 0)]])
def test_one_row_or_an_empty_denominator_has_no_interval(rows):
    assert all(math.isnan(limit) for limit in ratio_of_sums(len(rows), sums(rows)))


def test_proportional_rows_leave_no_doubt_and_no_root_of_a_negative_number():
    low, high = ratio_of_sums(3, sums([(1, 3), (2, 6), (100, 300)]))
    assert (low, high) == pytest.approx((1 / 3, 1 / 3), rel=1e-15)


def test_t_quantile_is_scipys_to_three_places():
    gaps = [abs(t_quantile(v) - stats.t.ppf(0.975, v)) for v in range(1, 500)]
    assert max(gaps) < 5e-4
