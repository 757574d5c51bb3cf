"""Coded rows: all of their cells name texts that they share, so that a block is but numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kpilib.exports.pieces import Columns

MOST_DIGITS = 9  # of a name

Texts = np.ndarray[Any, np.dtype[np.object_]]
Names = np.ndarray[Any, np.dtype[np.int64]]


class Coded(Columns):
    """Rows in each of which the same columns name a shared text, and no other cell has a value.

    Parameters
    ----------
    numbers : ndarray of int, shape (rows,)
        The rows' own.
    names : ndarray of int, shape (rows, columns)
        Which text each cell names.
    places : mapping of int to int
        Column of the sheet -> column of ``names``.
    width : int
        Columns of the sheet.
    texts : ndarray of object
        Those that cells share, without blanks around them.

    Raises
    ------
    IndexError
        If a cell names a text that is not there, also where nobody reads it.
    """

    blank_at_end = False

    def __init__(
        self,
        numbers: Names,
        names: Names,
        places: Mapping[int, int],
        width: int,
        texts: Texts,
    ) -> None:
        if names.max() >= len(texts):
            raise IndexError
        self.filled = names.size
        self._numbers, self._names, self._places = numbers, names, places
        self._width, self._texts = width, texts

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._numbers)

    def numbered_from(self, first: int) -> bool:
        """Whether these rows are one after the other, from this one on."""
        return np.array_equal(self._numbers, np.arange(first, first + len(self)))

    def __getitem__(self, place: int) -> list[str]:
        """Return one row."""
        row = [""] * self._width
        for column, name in zip(self._places, self._names[place], strict=True):
            row[column] = self._texts[name]
        return row

    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""
        if place not in self._places:
            return [""] * len(self)
        found: list[str] = self._texts[self._names[:, self._places[place]]].tolist()
        return found

    def texts(self, place: int) -> list[str]:
        """Return the same: shared texts have no blanks, and there is one of each."""
        return self.column(place)


def numbers_behind(tag: bytes, text: bytes) -> Names:
    """Return the whole numbers of at most `MOST_DIGITS` digits that stand right behind a tag.

    Its first three signs must tell the tag from all others of the text.
    """
    signs = np.frombuffer(text, dtype=np.uint8)
    found = (signs[:-2] == tag[0]) & (signs[1:-1] == tag[1]) & (signs[2:] == tag[2])
    here = np.flatnonzero(found) + len(tag)
    numbers = np.zeros(len(here), dtype=np.int64)
    for _ in range(MOST_DIGITS):
        digit = signs[here] - ord("0")  # what is below "0" becomes a large one
        goes_on = digit <= 9
        if not goes_on.any():
            break
        numbers = np.where(goes_on, numbers * 10 + digit, numbers)
        here += goes_on
    return numbers
