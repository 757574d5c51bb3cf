"""Places of people under many weights: whole rankings, sorted as numbers.

Score and person share one 64-bit key: the bits of a positive float sort like a whole number, and
the person's number takes the place of the lowest bits. Sorting keys takes a sixth of the time of an
argsort. What is lost, one part in 10**12 of the largest total, is what rounding leaves anyway:
totals that near are a tie.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kpilib.sensitivity.inputs import Array
from kpilib.simulation.totals import Ids, product

BLOCK = 1 << 20  # keys sorted at once: 8 MiB


class Places(NamedTuple):
    """Who stands where, for a block of draws.

    Parameters
    ----------
    person : array of int, shape (n_draws, n_distinct)
        Distinct people, best first.
    before : array, shape (n_draws, n_distinct) or (n_distinct,)
        Heads before the person's run of equals; a person counts as often as there are equal ones.
    length : array, shape (n_draws, n_distinct) or (n_distinct,)
        Heads in that run: 1 where nobody draws level.
    """

    person: Ids
    before: Ids
    length: Ids


def blocks(draws: Array, people: int) -> Iterator[slice]:
    """Cut draws into slices whose totals are sorted at once."""
    size = max(1, BLOCK // people)
    for start in range(0, len(draws), size):
        yield slice(start, start + size)


def block_totals(values: Array, draws: Array) -> Iterator[tuple[slice, Array]]:
    """Give totals block by block, shape (n_block, n_distinct)."""
    for rows in blocks(draws, len(values)):
        yield rows, product(values, draws[rows])


def places(total: Array, heads: Ids) -> Places:
    """Return who stands where under each draw.

    Parameters
    ----------
    total : array, shape (n_draws, n_distinct)
        Finite.
    heads : array of int, shape (n_distinct,)
        How many equal people each distinct one stands for.
    """
    bits = max(1, int(len(heads) - 1).bit_length())
    low = (1 << bits) - 1
    size = float(np.abs(total).max()) or 1.0
    keys = (3 * size - total).view(np.int64)  # positive, within two powers of 2: evenly fine
    keys &= ~low
    keys |= np.arange(len(heads))
    keys.sort(axis=1)
    person: Ids = keys & low
    keys >>= bits
    apart = np.diff(keys, axis=1) > 1
    if apart.all() and (heads == 1).all():
        alone = np.arange(len(heads))
        return Places(person, alone, np.ones_like(alone))
    return Places(person, *_runs(apart, heads[person]))


def middle_ranks(seen: Places) -> Array:
    """Return the mean rank of each run, 1 the best; as wide as ``before``."""
    return np.asarray(seen.before + (seen.length + 1) / 2, dtype=np.float64)


def _runs(apart: npt.NDArray[np.bool_], heads: Ids) -> tuple[Ids, Ids]:
    """Return heads before and in each person's run of equals, for people sorted by total."""
    edge = np.ones((len(apart), 1), dtype=np.bool_)
    after = np.cumsum(heads, axis=1)
    first, last = np.hstack([edge, apart]), np.hstack([apart, edge])
    before = np.maximum.accumulate(np.where(first, after - heads, 0), axis=1)
    most = after[:, -1:]
    ends: Any = np.where(last, after, most)[:, ::-1]
    end = np.minimum.accumulate(ends, axis=1)[:, ::-1]
    return before, end - before
