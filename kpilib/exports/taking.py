"""Taking: the columns of a sheet while its rows pass by, a few thousand at a time."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from kpilib.errors import KpiError
from kpilib.exports.cells import LARGEST
from kpilib.exports.packed import any_of, at, concatenated
from kpilib.exports.pieces import Columns
from kpilib.exports.recognise import Header

BLANK = "blank row"
NOTE, HEADER_AGAIN = "note among the rows", "the header again"
_WORDS = frozenset({"text", "month", "yes_no"})  # kinds of columns
_NARROW = 3  # columns of a table whose rows may well have but one cell
_VISIBLE_DIGITS = 7  # of a phone number: fewer, and different buyers look alike


class Taking:
    """The columns of a sheet while its rows pass by."""

    def __init__(
        self,
        header: Header,
        file: str,
        top: Sequence[Any],
        read: Callable[[Sequence[Any]], list[str]],
        padded: bool,
    ) -> None:
        fmt, places = header.format, header.places
        self.header, self.file, self.width = header, file, len(top)
        self.read, self.padded, self.titles = read, padded, read(top)
        self.noted = fmt.place is None and self.width > _NARROW
        self.least = max(places.values()) + 1
        self.marks = [
            (places[name], reasons) for name, reasons in fmt.special_rows.items() if name in places
        ]
        named = (name for name, column in fmt.columns.items() if column.kind != "private")
        self.parts: dict[str, list[Sequence[str]]] = {name: [] for name in named if name in places}
        self.first = places[next(iter(self.parts))]
        known = fmt.buyer if set(fmt.buyer) <= places.keys() else ()
        self.private = [places[name] for name in known]
        self.numbers = array("q")
        self.aside: Counter[str] = Counter()
        self.special: list[tuple[str, Mapping[str, str]]] = []
        self.buyers: list[str | None] = []
        self.pseudonyms = _Pseudonyms(fmt.missing)
        self.pools = {place: _Pool(read) for place in places.values()}
        kinds = {places[name]: fmt.columns[name].kind for name in fmt.columns if name in places}
        self.words = {place for place, kind in kinds.items() if kind in _WORDS}

    def filled(self, row: Sequence[Any]) -> bool:
        """Whether any cell of a row is not blank."""
        return any(self.read(row))

    def take(self, rows: Sequence[Sequence[Any]] | Columns, start: int) -> None:
        """Take the next rows, of which the first has this number."""
        numbers: Sequence[int] = range(start, start + len(rows))
        if not isinstance(rows, Columns):
            lengths = list(map(len, rows))
            if not {self.width}.issuperset(lengths):
                rows, numbers = self._even(rows, start, lengths)
        wanted = {place for place, _ in self.marks} | set(self.private)
        wanted |= {self.header.places[name] for name in self.parts}
        if not rows:
            return
        cells = {place: self._cells(rows, place) for place in wanted}
        drop = self._dropped(rows, cells)
        if drop:
            kept = [place for place in range(len(rows)) if place not in drop]
            numbers = [numbers[place] for place in kept]
            cells = {place: at(column, kept) for place, column in cells.items()}
        self.numbers.extend(numbers)
        for name, parts in self.parts.items():
            parts.append(cells[self.header.places[name]])
        if self.private:
            named = zip(*(cells[place] for place in self.private), strict=True)
            self.buyers += map(self.pseudonyms.__getitem__, named)

    def columns(self) -> dict[str, Sequence[str]]:
        """Return the cells of each column that is read."""
        return {name: concatenated(parts) for name, parts in self.parts.items()}

    def _even(
        self, rows: Sequence[Sequence[Any]], start: int, lengths: list[int]
    ) -> tuple[list[Sequence[Any]], list[int]]:
        """Give every row the header's width, or refuse one whose cells cannot be matched with it.

        Totals may be short: no cell of theirs is read as a column. Blank rows, of which a file may
        end with any number, are counted and left out.
        """
        even: list[Sequence[Any]] = []
        numbers: list[int] = []
        for number, (row, length) in enumerate(zip(rows, lengths, strict=True), start):
            if length != self.width:
                texts = self.read(row) if any(row) else []
                if not any(texts):
                    self.aside[BLANK] += 1
                    continue
                self._fitting(texts, number)
                row = [*row[: self.width], *[""] * (self.width - length)]
            even.append(row)
            numbers.append(number)
        return even, numbers

    def _fitting(self, texts: Sequence[str], number: int) -> None:
        """Refuse a row of another width whose cells may belong to other columns."""
        harmless = self.padded or self._reason(texts) is not None
        if not harmless and (len(texts) < self.least or any(texts[self.width :])):
            problem = f"{len(texts)} cells in this row, {self.width} in the header."
            remedy = "put cells that hold a comma in quotes; download a half-written file again."
            raise KpiError(f"{self.file}, row {number}", problem, remedy)

    def _dropped(
        self, rows: Sequence[Sequence[Any]] | Columns, cells: Mapping[int, Sequence[str]]
    ) -> set[int]:
        """Count the rows that are no person, work or day, and return their places."""
        drop: set[int] = set()
        for mark, reasons in self.marks:
            if any_of(cells[mark], reasons.keys()):
                drop |= {place for place, text in enumerate(cells[mark]) if text in reasons}
        for place in sorted(drop):
            texts = self.read(rows[place])
            reason = self._reason(texts)
            assert reason is not None, "a special row has a reason"
            self.aside[reason] += 1
            found = {name: texts[p] for name, p in self.header.places.items()}
            self.special.append((reason, found))
        for place, reason in self._empty(rows, cells):
            if place not in drop:
                drop.add(place)
                self.aside[reason] += 1
        first = cells[self.first]
        if self.titles[self.first] in first:  # files that somebody put one under the other
            for place in [
                place for place, text in enumerate(first) if text == self.titles[self.first]
            ]:
                if place not in drop and self.read(rows[place]) == self.titles:
                    drop.add(place)
                    self.aside[HEADER_AGAIN] += 1
        return drop

    def _empty(
        self, rows: Sequence[Sequence[Any]] | Columns, cells: Mapping[int, Sequence[str]]
    ) -> Iterator[tuple[int, str]]:
        """Yield the rows that hold nothing, or a note of the platform in their only cell.

        Such a row is empty in all columns that are read, or in all but one.
        """
        if len(list(islice((column for column in cells.values() if "" not in column), 2))) == 2:
            return
        fullest = sorted(cells.values(), key=lambda column: column.count(""))[:2]
        if not any("" in column for column in fullest):
            return
        for place, texts in enumerate(zip(*fullest, strict=True)):
            if all(texts):
                continue
            filled = sum(map(bool, self.read(rows[place])))
            if filled == 0:
                yield place, BLANK
            elif filled == 1 and self.noted:
                yield place, NOTE

    def _reason(self, texts: Sequence[str]) -> str | None:
        """Return the reason why a row is no person, work or day, if it is none."""
        for place, reasons in self.marks:
            if place < len(texts) and texts[place] in reasons:
                return reasons[texts[place]]
        return None

    def _cells(self, rows: Sequence[Sequence[Any]] | Columns, place: int) -> Sequence[str]:
        """Return a column's cells: as texts where few differ, packed where most do."""
        if not isinstance(rows, Columns):
            return self._texts(place, [row[place] for row in rows])
        if (texts := rows.texts(place)) is not None:
            return texts
        if place not in self.words and (packed := rows.packed(place)) is not None:
            return packed
        if (cell := rows.alike(place)) is not None:
            return self.read((cell,)) * len(rows)
        return self._texts(place, rows.column(place))

    def _texts(self, place: int, raw: list[Any]) -> list[str]:
        """Return the text of a column's cells, one copy of each where the column has few."""
        pool = self.pools.get(place)
        if pool is None:  # ids and times: a copy of each is all there is
            return self.read(raw)
        if self.padded and set(map(type, raw)) != {str}:
            texts = self.read(raw)  # True equals 1, and is another text
            return [pool[text] for text in texts]
        known = len(pool)
        texts = list(map(pool.__getitem__, raw))
        if len(pool) - known > len(raw) // 2:
            del self.pools[place]
        return texts


class _Pool(dict[str, str]):
    """The text of each cell of a column that was seen."""

    def __init__(self, read: Callable[[Sequence[Any]], list[str]]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> str:
        """Read a cell that is new."""
        text = self[cell] = self._read((cell,))[0]
        return text


def stripped(cells: Sequence[Any]) -> list[str]:
    """Return cells as text without blanks around them."""
    with suppress(TypeError):
        return list(map(str.strip, cells))  # nearly always all of them are text
    return [as_text(cell).strip() for cell in cells]


def as_text(cell: object) -> str:
    """Return a cell as text; a workbook's number above 2^53 keeps its exponent.

    >>> as_text(34606.0), as_text(0.366807), as_text(6.917529027641082e18)
    ('34606', '0.366807', '6.917529027641082e+18')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        whole = float(cell).is_integer() and abs(cell) <= LARGEST
        return str(int(cell)) if whole else repr(float(cell))
    if isinstance(cell, datetime):
        rounded = cell + timedelta(microseconds=500_000)
        return rounded.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    assert isinstance(cell, timedelta), f"a workbook's cell of type {type(cell)}"
    minutes, seconds = divmod(round(cell.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


class _Pseudonyms(dict[tuple[str, ...], str | None]):
    """The pseudonym of each buyer that was seen, who may well stand in many rows."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__()
        self._missing = frozenset(missing)

    def __missing__(self, parts: tuple[str, ...]) -> str | None:
        """Name a buyer who is new; None if too little of the phone number is visible."""
        visible = sum(map(str.isdigit, parts[-1])) >= _VISIBLE_DIGITS
        known = visible and self._missing.isdisjoint(parts)
        digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
        self[parts] = digest if known else None
        return self[parts]
