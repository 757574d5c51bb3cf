"""The mixed model equations of a panel of marks, under any ratios of its variances."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

Vector = NDArray[np.float64]
Codes = NDArray[np.intp]

SMALL = 256  # levels up to which one product is quicker than threads that wait for each other


class Panel:
    """Marks and their crossed factors, ready for the equations.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Marks.
    codes : sequence of ndarray, shape (n,)
        Level of each mark, by factor; the first factor is the one to eliminate.
    sizes : sequence of int
        Levels of each factor.
    """

    def __init__(self, y: Vector, codes: Sequence[Codes], sizes: Sequence[int]) -> None:
        self.n, self.y, self.sizes = len(y), y, tuple(sizes)
        ones, rows = np.ones(self.n), np.arange(self.n)
        designs = [
            sparse.csr_array((ones, (rows, code)), shape=(self.n, size))
            for code, size in zip(codes, sizes, strict=True)
        ]
        self.first = designs[0]
        rest = [*designs[1:], sparse.csr_array(np.ones((self.n, 1)))]  # the last is the mean
        self.rest = sparse.csr_array(sparse.hstack(rest))
        self.counts = np.bincount(codes[0], minlength=sizes[0]).astype(float)
        self.cross = sparse.csr_array(self.first.T @ self.rest)
        self.inner = sparse.csr_array(self.rest.T @ self.rest)
        self.ends = np.cumsum([0, *sizes[1:], 1])
        self._last: Point | None = None

    def at(self, theta: Vector) -> Point:
        """Return the equations at some ratios; the last are kept."""
        if self._last is None or not np.array_equal(self._last.theta, theta):
            self._last = Point(self, np.array(theta, dtype=float))
        return self._last


class Point:
    """The equations at one set of ratios, factored; see `kpilib.ratings.effects.fit`.

    Parameters
    ----------
    panel : Panel
        Marks.
    theta : ndarray, shape (n_factors,)
        Standard deviation of each factor's effects, divided by the residual's. Effects are
        ``theta v`` with v standard normal, so that 0 is no special case.
    """

    def __init__(self, panel: Panel, theta: Vector) -> None:
        self.panel, self.theta = panel, theta
        self.scale = np.repeat([*theta[1:], 1.0], np.diff(panel.ends))
        self.own = 1 + theta[0] ** 2 * panel.counts  # the eliminated block: a diagonal
        by_scale = sparse.diags_array(self.scale)
        self.cross = sparse.csr_array(theta[0] * (panel.cross @ by_scale))
        reduced = self.cross.T @ sparse.diags_array(1 / self.own) @ self.cross
        inner = by_scale @ panel.inner @ by_scale - reduced
        dense: Vector = inner.toarray(order="F")
        dense[np.arange(len(dense) - 1), np.arange(len(dense) - 1)] += 1  # the mean has no prior
        self.lower, fault = lapack.dpotrf(dense, lower=1, clean=1, overwrite_a=1)
        assert fault == 0, "a sum of squares and a unit matrix is positive definite"

    def solve(self, y: Vector) -> tuple[Vector, Vector, Vector]:
        """Solve for marks ``y``: first factor, the rest with the mean, and what is left over."""
        panel = self.panel
        right = self.theta[0] * (panel.first.T @ y)
        below = self.scale * (panel.rest.T @ y) - self.cross.T @ (right / self.own)
        if len(below) <= SMALL:
            rest: Vector = self.inverse @ below
        else:
            rest, _ = lapack.dpotrs(self.lower, below, lower=1)
        first = (right - self.cross @ rest) / self.own
        left = y - self.theta[0] * (panel.first @ first) - panel.rest @ (self.scale * rest)
        return first, rest, left

    @cached_property
    def solution(self) -> tuple[Vector, Vector, Vector]:
        """Solution for the marks themselves."""
        return self.solve(self.panel.y)

    @property
    def freedom(self) -> int:
        """Marks less the one fixed effect."""
        return self.panel.n - 1

    @cached_property
    def residual(self) -> float:
        """Residual variance at these ratios: y'Py / (n - 1)."""
        return float(self.panel.y @ self.solution[2]) / self.freedom

    @cached_property
    def deviance(self) -> float:
        """Minus twice the restricted log-likelihood, profiled over the residual variance."""
        logs = np.log(self.own).sum() + 2 * np.log(np.diag(self.lower)).sum()
        return float(self.freedom * (np.log(2 * np.pi * self.residual) + 1) + logs)

    @cached_property
    def inverse(self) -> Vector:
        """Inverse of the equations of the rest, after elimination."""
        if len(self.lower) <= SMALL:
            root, _ = lapack.dtrtri(self.lower, lower=1)
            product: Vector = root.T @ root
            return product
        half, _ = lapack.dpotri(self.lower, lower=1)
        whole: Vector = half + half.T  # what stands above its diagonal is 0
        whole[np.diag_indices_from(whole)] /= 2
        return whole

    @cached_property
    def spread(self) -> tuple[Vector, ...]:
        """By factor, the diagonal of the inverse: prediction error variances of v (x residual)."""
        product = self.cross.multiply(self.cross @ self.inverse).sum(axis=1)
        first = 1 / self.own + np.asarray(product).ravel() / self.own**2
        diagonal = np.diag(self.inverse)
        ends = self.panel.ends
        rest = [diagonal[ends[k] : ends[k + 1]] for k in range(len(self.panel.sizes) - 1)]
        return (first, *rest)

    @cached_property
    def _sums(self) -> list[Vector]:
        """By factor, Z'Py: sums of what is left over, by level."""
        left = self.solution[2]
        rest, ends = self.panel.rest.T @ left, self.panel.ends
        parts = [rest[ends[k] : ends[k + 1]] for k in range(len(self.panel.sizes) - 1)]
        return [self.panel.first.T @ left, *parts]

    @cached_property
    def _slopes(self) -> Vector:
        """Slope of the deviance in each squared ratio."""
        slopes = []
        for ratio, size, spread, sums in zip(
            self.theta, self.panel.sizes, self.spread, self._sums, strict=True
        ):
            trace = (size - spread.sum()) / max(ratio**2, 1e-300)
            slopes.append(trace - sums @ sums / self.residual)
        return np.array(slopes)

    @cached_property
    def gradient(self) -> Vector:
        """Slope of the deviance in each ratio."""
        found: Vector = 2 * self.theta * self._slopes
        return found

    @cached_property
    def information(self) -> NDArray[Any]:
        """Average of observed and expected information, as curvature in the ratios."""
        panel, sums = self.panel, self._sums
        placed = [panel.first @ sums[0]]
        for k, part in enumerate(sums[1:]):
            wide = np.zeros(panel.rest.shape[1])
            wide[panel.ends[k] : panel.ends[k + 1]] = part
            placed.append(panel.rest @ wide)
        projected = [self.solve(vector)[2] for vector in placed]
        squares = np.array([part @ part for part in sums])
        both = np.array([[a @ b for b in projected] for a in placed])
        curved = both / self.residual - np.outer(squares, squares) / (
            self.freedom * self.residual**2
        )
        return 4 * np.outer(self.theta, self.theta) * curved + np.diag(2 * self._slopes)

    def effect(self, k: int) -> tuple[Vector, Vector]:
        """Return the predicted effects of factor ``k`` and their standard errors."""
        ends = self.panel.ends
        first, rest, _ = self.solution
        found = first if k == 0 else rest[ends[k - 1] : ends[k]]
        error = np.sqrt(self.residual * self.spread[k])
        return self.theta[k] * found, self.theta[k] * error
