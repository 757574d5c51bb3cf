"""The two ways in which csv is read: row by row, and by columns, as what follows a first block is.

Files of tests are far smaller than a block, so that they would all be read row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from unittest.mock import patch

from kpilib.exports import delimited, files
from kpilib.exports.lines import Rows
from kpilib.exports.pieces import Columns


class ByColumns(Rows):
    """Rows of which only those that are taken by themselves come one by one."""

    def __init__(self, handle: BinaryIO, delimiter: str, file: str) -> None:
        super().__init__(handle, delimiter, file, block=1)

    def pieces(self, width: int) -> Iterator:
        """Yield what is left: all of it in one piece, if it is plain."""
        self._size = 2**20
        for piece in super().pieces(width):
            met.append(isinstance(piece, Columns))
            yield piece


met: list[bool] = []  # whether each piece came as columns


@contextmanager
def by_columns() -> Iterator[list[bool]]:
    """Read csv by columns; gives whether each piece of it came so."""
    met.clear()
    files._opened.cache_clear()
    with patch.object(delimited, "Rows", ByColumns):
        yield met
    files._opened.cache_clear()
