"""Measure rater effects at the size of a large company: ``python tests/benchmarks/ratings.py``.

75,000 marks by 3,000 raters, in the hardest pattern: anybody may rate anybody, so that nothing
in the equations falls apart into small blocks. The goal is 10 seconds.
"""

from __future__ import annotations

import sys
from time import perf_counter

import numpy as np
import pandas as pd

from kpilib.ratings import fit, leniency_of

RATERS, RATEES, EACH = 3_000, 3_000, 25
ITEMS = 5


def marks(items: int) -> pd.DataFrame:
    """Return 75,000 marks: each rater marks people drawn at random, on all items."""
    rng = np.random.default_rng(1)
    rater = np.repeat(np.arange(RATERS), EACH // items)
    ratee = rng.integers(0, RATEES, len(rater))
    by, who = np.repeat(rater, items), np.repeat(ratee, items)
    item = np.tile(np.arange(items), len(rater))
    effects = [rng.normal(0, sd, n) for sd, n in ((0.5, RATEES), (0.3, RATERS), (0.2, items))]
    score = 3.5 + effects[0][who] + effects[1][by] + effects[2][item]
    score += rng.normal(0, 0.6, len(score))
    names = {"rater": [f"a{i}" for i in by], "ratee": [f"b{i}" for i in who]}
    return pd.DataFrame({**names, "relation": "peer", "item": item, "score": score})


def main() -> None:
    """Print how long each fit takes, from the table of marks to intervals of every effect."""
    one, several = marks(1), marks(ITEMS)
    for name, action in (
        ("ratee + rater", lambda: fit(one)),
        ("ratee + rater + item", lambda: fit(several, ("ratee", "rater", "item"))),
        ("leniency of a month, graph and all", lambda: leniency_of(several)),
    ):
        start = perf_counter()
        action()
        sys.stdout.write(
            f"{name}, {len(one):,} marks by {RATERS:,} raters: {perf_counter() - start:.1f} s\n"
        )


if __name__ == "__main__":
    main()
