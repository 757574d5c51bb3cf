"""Rows that agree: groups of rows equal in every column, and pairs across two tables.

pandas' merge and groupby do the same in several times the time for small tables, and a month
consists of many small tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

Places = np.ndarray[Any, Any]


def groups(columns: Sequence[pd.Series]) -> Places:
    """Give rows that are equal in every column one number, and -1 where a column is NULL."""
    codes, known = np.zeros(len(columns[0]), dtype="int64"), np.ones(len(columns[0]), dtype=bool)
    for column in columns:
        found, values = pd.factorize(_plain(column))
        codes, known = codes * (len(values) + 1) + found, known & (found >= 0)
    codes[~known] = -1
    return codes


def join(
    left: Sequence[pd.Series],
    right: Sequence[pd.Series],
    stated: tuple[pd.Series, pd.Series] | None = None,
) -> tuple[Places, Places]:
    """Return the places of all pairs of rows that agree in every column; NULL agrees with none.

    Parameters
    ----------
    left, right : sequence of Series
        As many columns on both sides, of the same kinds.
    stated : (Series, Series), optional
        One column more of each side, in which pairs must agree where the left side states it.

    Returns
    -------
    (ndarray, ndarray)
        Places in ``left``, rising, and the places in ``right`` that go with them.

    Examples
    --------
    >>> place, position = join([pd.Series(["b", "a", None])], [pd.Series(["a", "b", "b", None])])
    >>> place.tolist(), position.tolist()
    ([0, 0, 1], [1, 2, 0])
    """
    n = len(left[0])
    codes = groups(
        [
            pd.Series(np.concatenate([_plain(a), _plain(b)]), copy=False)
            for a, b in zip(left, right, strict=True)
        ]
    )
    order = np.argsort(codes[n:], kind="stable")
    ranked, wanted = codes[n:][order], np.flatnonzero(codes[:n] >= 0)
    first = np.searchsorted(ranked, codes[wanted], side="left")
    count = np.searchsorted(ranked, codes[wanted], side="right") - first
    start = np.repeat(first - np.cumsum(count) + count, count)
    place, position = np.repeat(wanted, count), order[start + np.arange(count.sum())]
    if stated is None:
        return place, position
    said, there = stated[0].iloc[place], stated[1].iloc[position]
    agree = said.isna().to_numpy() | (_plain(said) == _plain(there))
    return place[agree], position[agree]


def _plain(column: pd.Series) -> Places:
    """Return a column as an array of times or of objects."""
    return column.to_numpy(dtype="datetime64[us]" if column.dtype.kind == "M" else object)
