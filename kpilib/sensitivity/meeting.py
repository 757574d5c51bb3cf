"""Where two people with different items first draw level: a search that closes its own gap.

When an item applies to one of two people only, the difference of their totals is no longer
linear in the weights. But they draw level in a box exactly when some score tau lies between
them there: the upper total at most tau, the lower at least tau. Both are linear, so for one tau
the smallest box follows from the duality of linear programming: it is the largest that any
mixture of the two conditions asks for. What one mixture asks for is a linear function of tau
over a convex one, so it is quasi-concave, and within an interval of tau no less than at the
worse of the two ends. Intervals whose bound exceeds the best box found are dropped, the others
halved; a range of scores with one and the same box is dropped at once.
"""

from __future__ import annotations

import numpy as np

from kpilib.sensitivity.boxes import spread
from kpilib.sensitivity.inputs import Array, Case, Whole, row_sum, totals

HALVINGS = 50
GAP = 1e-6  # relative; the box found is at most this much larger than the smallest
GOLDEN = (5**0.5 - 1) / 2
SECTIONS = 45  # golden sections: 0.618 ** 45 is 4e-10, and the error there is of second order
GRID = 33  # scores tried at once when the best is polished, each round 16 times as fine
POLISHES = 10


def first_meeting(case: Case, upper: Whole, lower: Whole, limit: float) -> tuple[float, int] | None:
    """Return the smallest box in which a pair draws level, and which pair.

    Parameters
    ----------
    case : Case
        Points and weights.
    upper, lower : array of int, shape (n_pairs,)
        Rows of the people; each upper total is at least the lower one.
    limit : float
        Only boxes smaller than this are of interest.

    Returns
    -------
    (radius, pair) or None
        None if no pair draws level in a box smaller than ``limit``.
    """
    search = _Search(case, upper, lower)
    low, high = search.scores()
    pair = np.flatnonzero(low <= high)
    low, high = low[pair], high[pair]
    best, found = limit, None
    tried = np.clip(search.halfway()[pair], low, high)
    for _ in range(HALVINGS):
        if not len(pair):
            break
        radius = search.radius(pair, tried)
        first = int(np.argmin(radius))
        if radius[first] < best:
            best = float(radius[first])
            found = int(pair[first]), float(tried[first]), float(high[first] - low[first])
        pair, low, high = np.tile(pair, 2), np.r_[low, tried], np.r_[tried, high]
        open_ = search.radius(pair, low, high) < best * (1 - GAP)
        pair, low, high = pair[open_], low[open_], high[open_]
        tried = (low + high) / 2
    return None if found is None else (search.polished(best, *found), found[0])


class _Search:
    """The smallest boxes for given pairs and scores."""

    def __init__(self, case: Case, upper: Whole, lower: Whole) -> None:
        self.weights = case.weights
        self.total = totals(case)
        self.upper, self.lower = upper, lower
        self.points, self.applies = case.points, case.applies

    def scores(self) -> tuple[Array, Array]:
        """Return the lowest and highest score that both people of each pair can have."""
        counted = self.applies & (self.weights > 0)
        least = np.where(counted, self.points, np.inf).min(axis=1)
        most = np.where(counted, self.points, -np.inf).max(axis=1)
        low = np.maximum(least[self.upper], least[self.lower])
        return low, np.minimum(most[self.upper], most[self.lower])

    def halfway(self) -> Array:
        """Return the score between the two totals of each pair."""
        return (self.total[self.upper] + self.total[self.lower]) / 2

    def radius(self, pair: Whole, *scores: Array) -> Array:
        """Return the smallest box of a score, or of two a bound for all scores between them.

        It is the largest, over mixtures of the two conditions, of what the mixture lacks at the
        weights divided by what it can gain per unit of radius: a quasi-concave function, as is
        the lesser of two.
        """
        ends = [
            (self._gap(self.upper[pair], score), self._gap(self.lower[pair], score))
            for score in scores
        ]

        def asked(mixture: Array) -> Array:
            parts = [self._lack(over, under, mixture) for over, under in ends]
            return np.asarray(np.minimum.reduce(parts))

        left, right = np.zeros(len(pair)), np.ones(len(pair))
        first, second = right - GOLDEN, left + GOLDEN
        here, there = asked(first), asked(second)
        best = np.maximum(here, there)
        for _ in range(SECTIONS):
            rising = here < there
            left, right = np.where(rising, first, left), np.where(rising, right, second)
            step = GOLDEN * (right - left)
            tried = np.where(rising, left + step, right - step)
            lack = asked(tried)
            first, second = np.where(rising, second, tried), np.where(rising, tried, first)
            here, there = np.where(rising, there, lack), np.where(rising, lack, here)
            best = np.maximum(best, lack)
        for end in (np.zeros(len(pair)), np.ones(len(pair))):
            best = np.maximum(best, asked(end))
        return np.asarray(np.maximum(best, 0.0), dtype=np.float64)

    def polished(self, best: float, pair: int, score: float, width: float) -> float:
        """Return the best box near one score of one pair, on ever finer grids."""
        for _ in range(POLISHES):
            grid = score + width * np.linspace(-1, 1, GRID)
            radius = self.radius(np.full(GRID, pair), grid)
            first = int(np.argmin(radius))
            if radius[first] < best:
                best, score = float(radius[first]), float(grid[first])
            width *= 2 / (GRID - 1)
        return best

    def _gap(self, people: Whole, score: Array) -> Array:
        return np.where(self.applies[people], self.points[people] - score[:, np.newaxis], 0.0)

    def _lack(self, over: Array, under: Array, mixture: Array) -> Array:
        share = mixture[:, np.newaxis]
        mixed = share * over - (1 - share) * under
        lack = row_sum(self.weights * mixed)
        gain = spread(mixed, self.weights)
        with np.errstate(divide="ignore"):
            return np.where(lack > 0, lack / np.where(lack > 0, gain, 1.0), lack)
