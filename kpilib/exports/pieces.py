"""Pieces: rows that come many at a time, and as columns of which only some are ever made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from kpilib.exports.packed import Packed

PIECE = 4096  # rows that are held whole at a time

Row = Sequence[Any]


class Columns(ABC):
    """Rows of one width that can be asked for a column."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def __getitem__(self, place: int) -> list[str]:
        """Return one row."""

    @abstractmethod
    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""

    def alike(self, _: int) -> str | None:
        """Return the cell that all rows have in a column, where that is seen at once."""
        return None

    def texts(self, _: int) -> list[str] | None:
        """Return the cells of one column, if they have no blanks and there is one of each text."""
        return None

    def packed(self, _: int) -> Packed | None:
        """Return the cells of one column without the blanks around them, if they can be packed."""
        return None


class InPieces(Iterator[list[Any]]):
    """Rows that come one after the other, or some hundreds or thousands at a time."""

    @abstractmethod
    def pieces(self, width: int) -> Iterator[Sequence[Row] | Columns]:
        """Yield what is left; as columns where rows are plain and have this width."""


class Resumed(InPieces):
    """Rows of which some were taken for a look, from the first again."""

    def __init__(self, head: Sequence[list[Any]], rest: Iterator[list[Any]]) -> None:
        self._head, self._rest = iter(head), rest

    def __next__(self) -> list[Any]:
        """Return the next row."""
        for row in self._head:
            return row
        return next(self._rest)

    def pieces(self, width: int) -> Iterator[Sequence[Row] | Columns]:
        """Yield what is left in pieces, if it comes so."""
        if head := list(self._head):
            yield head
        yield from pieced(self._rest, width)


def pieced(rows: Iterator[Row], width: int) -> Iterator[Sequence[Row] | Columns]:
    """Yield rows some thousands at a time; as columns where they are plain."""
    if isinstance(rows, InPieces):
        yield from rows.pieces(width)
    while piece := list(islice(rows, PIECE)):
        yield piece
