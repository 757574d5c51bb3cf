"""Lines: csv as rows, a block of lines at a time, and as columns where its lines are plain.

Python's csv module has the last word on what a row is. A block in which quotes stand but around
whole cells, and rows are lines of one width, can be read in no other way than one: NumPy splits it
at once, and of its cells only those that are asked for are ever made.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import BinaryIO

import numpy as np

from kpilib.errors import KpiError
from kpilib.exports.cells import WIDEST
from kpilib.exports.packed import Mask, Packed, Places, windows
from kpilib.exports.pieces import PIECE, Columns, InPieces, Row

AGAIN = "download it again from the platform."
LONGEST = 2**20  # characters of one row; the widest export has rows of a few thousand
_BLOCK = 2**20  # with an odd quote in it, all of a block is left to the csv module
_LONGEST_LINE = 2**22  # bytes; a longer one is refused before anything is split
_CELL = csv.field_size_limit()  # the csv module refuses a longer one, in words of its own


def endless(file: str) -> KpiError:
    """Return the error for a row that goes on for longer than any row does."""
    problem = f"a row of more than {LONGEST:,} characters: this is no table, or a quote is open."
    return KpiError(file, problem, AGAIN)


class Plain(Columns):
    """Rows of one width whose cells are cut out of their text when they are asked for.

    Parameters
    ----------
    block : bytes
        Their text.
    starts : ndarray of int, shape (rows,)
        Where each row begins.
    ends : ndarray of int, shape (rows, width)
        Where each cell ends.
    quoted : ndarray of bool, shape (rows, width), or None
        Which cells stand in quotes, if any.
    """

    def __init__(self, block: bytes, starts: Places, ends: Places, quoted: Mask | None) -> None:
        self._signs = np.frombuffer(block + bytes(WIDEST), dtype=np.uint8)
        self._starts, self._ends, self._quoted = starts, ends, quoted

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._starts)

    def __getitem__(self, place: int) -> list[str]:
        """Return one row."""
        ends = self._ends[place]
        first = np.concatenate((self._starts[place : place + 1], ends[:-1] + 1))
        quotes = 0 if self._quoted is None else self._quoted[place]
        return self._texts(first + quotes, ends - quotes)

    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""
        return self._texts(*self._bounds(place))

    def alike(self, place: int) -> str | None:
        """Return the cell that all rows have in a column, if they have one and it is short."""
        first, last = self._bounds(place)
        length = int(last[0] - first[0])
        if not 0 < length <= WIDEST or np.any(last - first != length):
            return None
        cells = windows(self._signs, first, length)
        return self._texts(first[:1], last[:1])[0] if np.all(cells == cells[0]) else None

    def packed(self, place: int) -> Packed | None:
        """Return the cells of one column without the blanks around them, if they can be packed."""
        return Packed.cut(self._signs, *self._bounds(place))

    def _bounds(self, place: int) -> tuple[Places, Places]:
        first = self._ends[:, place - 1] + 1 if place else self._starts
        quotes = 0 if self._quoted is None else self._quoted[:, place]
        return first + quotes, self._ends[:, place] - quotes

    def _texts(self, first: Places, last: Places) -> list[str]:
        text = self._text
        return [text[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]

    @cached_property
    def _text(self) -> str:
        return self._signs[:-WIDEST].tobytes().decode("latin-1")


def plain(block: bytes, delimiter: str, width: int) -> Plain | None:
    r"""Split a block of whole lines, or return None where only the csv module knows its rows.

    Parameters
    ----------
    block : bytes
        Lines, each with its end; no row has begun before it. No line ends with a lone ``\r``.
    delimiter : str
        Between cells.
    width : int
        Cells that each row must have.

    Returns
    -------
    Plain or None
        None if a row has another number of cells, or a quote stands elsewhere than around a cell
        of one line.
    """
    signs = np.frombuffer(block, dtype=np.uint8)
    if width < 2 or not block.endswith(b"\n"):  # of one cell, an empty line may have it or none
        return None
    ends = np.flatnonzero(signs == ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    quotes = np.flatnonzero(signs == ord('"')) if b'"' in block else ends[:0]
    if np.max(ends - starts) >= _CELL or len(quotes) % 2:
        return None
    marks = np.flatnonzero((signs == ord(delimiter)) | (signs == ord("\n")))
    marks = _outside(marks, quotes[::2], quotes[1::2])
    if len(marks) != len(ends) * width or not np.array_equal(marks[width - 1 :: width], ends):
        return None
    if b"\r" in block:
        marks = marks.copy()
        marks[width - 1 :: width] -= signs[ends - 1] == ord("\r")
    quoted: Mask | None = None
    if len(quotes):
        held = np.searchsorted(marks, quotes[::2])
        first = np.where(held % width, marks[held - 1] + 1, starts[held // width])
        around = np.array_equal(first, quotes[::2])
        if not (around and np.array_equal(marks[held] - 1, quotes[1::2])):
            return None
        quoted = np.zeros(len(marks), dtype=bool)
        quoted[held] = True
        quoted = quoted.reshape(-1, width)
    return Plain(block, starts, marks.reshape(-1, width), quoted)


def _outside(marks: Places, opened: Places, closed: Places) -> Places:
    """Return the marks that do not stand between two quotes."""
    from_, to = np.searchsorted(marks, opened), np.searchsorted(marks, closed)
    counts = to - from_
    before = np.cumsum(counts) - counts
    return np.delete(marks, np.repeat(from_ - before, counts) + np.arange(counts.sum()))


class Rows(InPieces):
    """The rows of a text file: one after the other, or in pieces.

    Parameters
    ----------
    handle : binary file
        At the first row.
    delimiter : str
        Between cells.
    file : str
        Its name, for messages.
    block : int
        Bytes that are held at a time.
    """

    def __init__(self, handle: BinaryIO, delimiter: str, file: str, block: int = _BLOCK) -> None:
        self._handle, self._delimiter = handle, delimiter
        self._file, self._size = file, block
        self._rest: str | None = None  # what is read of a line whose end may be a lone \r
        self._lines: deque[str] = deque()
        self._rows, self._complete, self._held = 0, -1, 0
        self._reader = csv.reader(self._fed(), delimiter=delimiter, strict=True)

    def __next__(self) -> list[str]:
        """Return the next row.

        Raises
        ------
        KpiError
            If the quotes of the file do not match, or a row does not end.
        """
        try:
            row = next(self._reader)
        except csv.Error as error:
            raise KpiError(self._file, f"this is not whole csv ({error}).", AGAIN) from error
        self._rows += 1
        return row

    def pieces(self, width: int) -> Iterator[Sequence[Row] | Plain]:
        """Yield what is left, some thousand rows at a time; plain ones must have this width."""
        while True:
            if not self._lines:
                block = self._block()
                found = None if isinstance(block, list) else plain(block, self._delimiter, width)
                if found is not None:
                    self._rows += len(found)
                    yield found
                    continue
                self._wait(block)
            rows: list[list[str]] = []
            while self._lines and len(rows) < PIECE:
                row = next(self, None)
                if row is None:
                    break
                rows.append(row)
            if not rows:
                return
            yield rows

    def _fed(self) -> Iterator[str]:
        """Yield lines to the csv module, which asks for more in the middle of a row."""
        while True:
            if not self._lines:
                self._wait(self._block())
            if not self._lines:
                return
            yield self._lines.popleft()

    def _wait(self, block: bytes | list[str]) -> None:
        """Let lines wait; a quote left open would take block after block for one row."""
        if self._rows != self._complete:
            self._complete, self._held = self._rows, 0
        elif block and self._held >= LONGEST:
            raise endless(self._file)
        lines = block if isinstance(block, list) else _lines(block.decode("latin-1"))
        self._held += sum(map(len, lines))
        self._lines.extend(lines)

    def _block(self) -> bytes | list[str]:
        r"""Return the next lines, as they are; split at the ends of lines from a lone ``\r`` on."""
        if self._rest is not None:
            return self._split()
        block = self._handle.read(self._size)
        rest = b"" if block.endswith(b"\n") else self._handle.readline(_LONGEST_LINE)
        block += rest
        lone = b"\r" in block and block.count(b"\r") != block.count(b"\r\n")
        if len(rest) < _LONGEST_LINE and not lone:
            return block
        self._rest = block.decode("latin-1")
        return self._split()

    def _split(self) -> list[str]:
        """Return lines, but for the last, whose end may be still to come."""
        assert self._rest is not None
        while True:
            block = self._handle.read(self._size)
            lines = _lines(self._rest + block.decode("latin-1"))
            self._rest = lines.pop() if block else ""
            if lines or not block:
                return lines


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()
