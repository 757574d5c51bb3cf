"""Packed cells: the short cells of a column side by side in one array, without a text of each.

Ids, times and numbers are most of what is read of a large export, and hardly one of them is ever
looked at by itself. NumPy checks and converts all of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, groupby, islice
from typing import Any, overload

import numpy as np
import pandas as pd

from kpilib.exports.cells import WIDEST

_MANY = 4096  # cells whose texts are made at a time
_WORD = 8  # bytes that are compared at a time
_BLANK = np.array([chr(sign).isspace() for sign in range(128)] + [False] * 128)
_SHAPE = np.arange(256, dtype=np.uint8)
_SHAPE[ord("0") : ord("9") + 1] = ord("0")

Bytes = np.ndarray[Any, np.dtype[np.bytes_]]
Signs = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.intp]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Cells(Sequence[str]):
    """Cells whose texts are made when they are asked for, best one after the other."""

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Return one text, or some, in their order."""
        if isinstance(place, slice):
            return list(islice(self, *place.indices(len(self))))
        return next(islice(self, range(len(self))[place], None))


class Packed(Cells):
    """Cells of ASCII, none of which holds NUL or more than `WIDEST` signs.

    Parameters
    ----------
    cells : ndarray of bytes
        The cells; NumPy fills the shorter ones up with NUL.
    """

    def __init__(self, cells: Bytes) -> None:
        self.cells = cells

    @classmethod
    def of(cls, texts: Sequence[str]) -> Packed | None:
        """Pack texts, or return None if one of them cannot be."""
        every = "".join(texts)
        if not every.isascii() or "\0" in every or max(map(len, texts), default=0) > WIDEST:
            return None
        return cls(np.array(texts, dtype=np.bytes_))

    @classmethod
    def cut(cls, signs: Signs, first: Places, last: Places) -> Packed | None:
        """Pack the cells that stand in a text, without the blanks around them.

        Parameters
        ----------
        signs : ndarray of uint8
            The text, without NUL, and `WIDEST` more signs of any kind.
        first, last : ndarray of int
            Where each cell begins and ends.

        Returns
        -------
        Packed or None
            None if one of the cells cannot be packed.
        """
        if signs[first[0]] >= 128 or np.max(last - first) > WIDEST:
            return None
        first, last = _stripped(signs, first, last)
        lengths = last - first
        width = max(int(lengths.max()), 1)
        cells = windows(signs, first, width)
        matrix = cells.view(np.uint8).reshape(-1, width)
        if lengths.min() < width:
            matrix[np.arange(width) >= lengths[:, None]] = 0
        return cls(cells) if matrix.max() < 128 else None

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cells)

    def __iter__(self) -> Iterator[str]:
        """Yield the text of each cell."""
        for start in range(0, len(self), _MANY):
            signs = Packed(self.cells[start : start + _MANY]).matrix()
            wide = signs.astype(np.uint32)  # as NumPy holds text
            yield from wide.view(f"U{wide.shape[1]}").ravel().tolist()

    def __contains__(self, text: object) -> bool:
        """Whether a cell holds just this text."""
        return isinstance(text, str) and bool(self.are((text,)).any())

    def count(self, text: object) -> int:
        """Return how many cells hold just this text."""
        return int(self.are((text,)).sum()) if isinstance(text, str) else 0

    def are(self, texts: Collection[str]) -> Mask:
        """Tell for each cell whether it holds one of a few texts."""
        found = np.zeros(len(self), dtype=bool)
        for text in texts:
            if text.isascii():
                found |= self.cells == text.encode()
        return found

    def at(self, places: Sequence[int] | Mask) -> Packed:
        """Return the cells at some places."""
        return Packed(self.cells[places])

    def shapes(self) -> set[str]:
        """Return the cells with a 0 for each digit, of which few differ."""
        cells = _SHAPE[self.matrix()].view(self.cells.dtype)
        return {cell.decode() for cell in set(cells.ravel().tolist())}

    def lines(self) -> bytes:
        """Return the cells, each with a line's end behind it."""
        matrix = self.matrix(self.cells.itemsize + 1)
        matrix[:, -1] = ord("\n")
        return matrix.tobytes().translate(None, b"\0")

    def matrix(self, width: int = 0) -> Signs:
        """Return the signs, a row for each cell, filled up with NUL to at least this width."""
        width = max(width, self.cells.itemsize)
        wide = np.ascontiguousarray(self.cells, dtype=f"S{width}")
        return wide.view(np.uint8).reshape(len(self), width)


class Parts(Cells):
    """The parts of a column, one under the other; some of them packed."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        """Return the number of cells."""
        return sum(map(len, self.parts))

    def __iter__(self) -> Iterator[str]:
        """Yield the text of each cell."""
        return chain.from_iterable(self.parts)


def windows(signs: Signs, first: Places, width: int) -> Bytes:
    """Return as many bytes of a text from each of some places."""
    starts = (len(signs) - width + 1,)
    return np.ndarray(starts, f"S{width}", signs, strides=(1,))[first]


def _stripped(signs: Signs, first: Places, last: Places) -> tuple[Places, Places]:
    """Return where cells begin and end without the blanks around them."""
    if min(signs[first].min(), signs[last - 1].min()) > ord(" "):  # as nearly always
        return first, last
    while (blank := (first < last) & _BLANK[signs[last - 1]]).any():
        last = last - blank
    while (blank := (first < last) & _BLANK[signs[first]]).any():
        first = first + blank
    return first, last


def distinct(cells: Sequence[str]) -> tuple[Sequence[str], Places]:
    """Return the cells that differ, and for each cell which of them it is."""
    if not isinstance(cells, Packed):
        place = {text: i for i, text in enumerate(dict.fromkeys(cells))}
        return list(place), np.fromiter(map(place.__getitem__, cells), np.intp, len(cells))
    words = cells.matrix(-(-cells.cells.itemsize // _WORD) * _WORD).view(np.uint64)
    which: Places = np.zeros(len(cells), dtype=np.intp)
    for word in words.T:
        codes, found = pd.factorize(np.ascontiguousarray(word))
        which = pd.factorize(which * len(found) + codes)[0] if which.any() else codes
    first = np.empty(which.max(initial=-1) + 1, dtype=np.intp)
    first[which[::-1]] = np.arange(len(cells))[::-1]
    return cells.at(first), which


def at(cells: Sequence[str], places: Sequence[int]) -> Sequence[str]:
    """Return the cells at some places."""
    return cells.at(places) if isinstance(cells, Packed) else [cells[place] for place in places]


def any_of(cells: Sequence[str], texts: AbstractSet[str]) -> bool:
    """Whether a cell holds one of a few texts."""
    if isinstance(cells, Packed):
        return bool(cells.are(texts).any())
    return not texts.isdisjoint(cells)


def concatenated(parts: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the cells of all parts of a column; what is packed stays so."""
    if len(parts) == 1:
        return parts[0]
    pieces = [piece for part in parts for piece in _pieces(part)]
    found: list[Sequence[str]] = []
    for packed, run in groupby(pieces, lambda piece: isinstance(piece, Packed)):
        some = list(run)
        found += some if packed else [list(chain.from_iterable(some))]
    return Parts(found) if len(found) > 1 else next(iter(found), [])


def _pieces(part: Sequence[str]) -> Sequence[Sequence[str]]:
    return part.parts if isinstance(part, Parts) else (part,)
