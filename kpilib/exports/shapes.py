r"""Shapes: the rows of a sheet by one strict pattern, made of the cells that its columns have.

A row that matches can be read in no other way than one, and holds no formula, no error and no
declaration: a text has no sign of XML's in it but for a few references, and each cell stands in
the column and row that it states.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import product
from string import ascii_uppercase

import numpy as np

from kpilib.exports.coded import MOST_DIGITS, Coded, Texts, numbers_behind
from kpilib.exports.pieces import Columns
from kpilib.exports.taking import as_text

_WIDEST = 128  # columns; the widest export has 75
_LETTERS = [a + b for a, b in product(["", *ascii_uppercase], ascii_uppercase)][:_WIDEST]
_PLACES = {letters: place for place, letters in enumerate(_LETTERS)}
_NUMBER = r"-?+\d{1,17}+(?:\.\d{1,20}+)?+(?:[Ee][+-]?+\d{1,3}+)?+"
_STYLE = r'(?: s="\d++")?+'
_TAG = r't(?: xml:space="preserve")?+'
_WAYS = {  # how a cell goes on behind its place; a number that has a style may be a date
    "inlineStr": rf'{_STYLE} t="inlineStr"><is><{_TAG}>([^<]*+)</t></is></c>',
    "s": rf'{_STYLE} t="s"><v>(\d{{1,{MOST_DIGITS}}}+)</v></c>',
    "str": rf'{_STYLE} t="str"><v>([^<]*+)</v></c>',
    "n": rf'(?: t="n")?+><v>({_NUMBER})</v></c>',
    "": rf'{_STYLE}(?:(?: t="n")?+ ?+/>|></c>)',
}
_CELL = re.compile(rf'<c r="([A-Z]++)[0-9]++"{_STYLE}(?: t="(\w++)")?+( ?+/>|></c>)?')
_BLANK = r"[ \n\t]*+"
_BEGIN = _BLANK + r'<row r="(?P<n>[1-9][0-9]{0,6}+)"(?: (?!r=)[\w:]++="[^"<>&]*+")*+>' + _BLANK
_REST = r"|([\s\S]++)"  # what no more matches is swallowed whole: a group that must stay empty
_SOUND = r'(?:<phoneticPr(?: \w++="\w*+")*+/>)?+'  # as Excel puts it behind Chinese texts
_SHARED = re.compile(rf"{_BLANK}<si><(?:t/|{_TAG}>([^<]*+)</t)>{_SOUND}</si>{_REST}")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "#34": '"', "#39": "'"}
_SIGNS |= {"#9": "\t", "#x9": "\t", "#10": "\n", "#xA": "\n", "#xa": "\n", "#13": "\r"}
_SIGNS |= {"#xD": "\r", "#xd": "\r", "#160": "\xa0", "#xA0": "\xa0", "#xa0": "\xa0"}
_SIGN = re.compile("&([^;]*+);")
_STRANGE = re.compile(f"&(?!(?:{'|'.join(_SIGNS)});)|_x[0-9A-Fa-f]{{4}}_".encode())


class OddError(ValueError):
    """Something that only a reader of workbooks knows how to read."""


def text_of(block: bytes) -> str:
    """Return a block as text, or refuse signs that readers of XML or of workbooks change."""
    if b"\0" in block or b"\r" in block:
        raise OddError
    if (b"&" in block or b"_" in block) and _STRANGE.search(block):
        raise OddError
    return block.decode()


def shared_texts(text: str) -> list[str]:
    """Return the texts of a block that cells may share, without the blanks around them.

    So nobody need take them off again, and thereby make a copy for each cell that names a text.
    """
    found = _SHARED.findall(text)
    if found[-1][1]:
        raise OddError
    texts = [cell for cell, _ in found]
    return list(map(str.strip, map(_plain, texts) if "&" in text else texts))


def _plain(cell: str) -> str:
    return _SIGN.sub(lambda sign: _SIGNS[sign[1]], cell) if "&" in cell else cell


class Shape:
    """The pattern of a sheet's rows, which learns of a block that it does not match.

    Parameters
    ----------
    texts : list of str
        Those that cells share.

    Attributes
    ----------
    width, reach : int
        Columns up to the last with a value, and up to the last with a cell at all.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts: Texts = np.array(["", *texts], dtype=object)
        self._kinds: defaultdict[int, set[str]] = defaultdict(set)
        self._groups: list[tuple[int, str]] = []
        self._pattern: re.Pattern[str] | None = None
        self._all_named: re.Pattern[str] | None = None
        self.width = self.reach = 0

    def cut(self, text: str) -> Cut | Coded:
        """Cut a block of whole rows.

        Raises
        ------
        OddError
            If a row is no plain one, or is wider than all of the first block.
        IndexError
            If a cell names a shared text that is not there.
        """
        if self._all_named is not None and self._all_named.fullmatch(text):
            block = text.encode()
            places = {place: column for column, (place, _) in enumerate(self._groups)}
            names = numbers_behind(b"<v>", block).reshape(-1, len(places))
            rows = numbers_behind(b'<row r="', block)
            return Coded(rows, names, places, self.width, self._texts[1:])
        self._all_named = None  # most blocks of such a sheet would be tried in vain
        found = self._pattern.findall(text) if self._pattern else []
        if not found or found[-1][-1]:
            found = self._learned(text).findall(text)
            if found[-1][-1]:
                raise OddError
        return Cut(found, self._groups, self.width, self._texts)

    def _learned(self, text: str) -> re.Pattern[str]:
        """Make the pattern anew, with the cells of one more block."""
        for letters, kind, empty in set(_CELL.findall(text)):
            if letters not in _PLACES or kind not in _WAYS:
                raise OddError
            self._kinds[_PLACES[letters]].add("" if empty else kind or "n")
        kinds = [(place, sorted(kinds - {""})) for place, kinds in sorted(self._kinds.items())]
        self._groups = [(place, kind) for place, some in kinds for kind in some]
        if not self._groups or self._groups[0][0] > 0:  # readers begin at the first with a value
            raise OddError
        if 0 < self.width <= self._groups[-1][0]:  # narrower rows have gone
            raise OddError
        self.width, self.reach = self._groups[-1][0] + 1, kinds[-1][0] + 1
        if all(kind == "s" for _, kind in self._groups):
            cells = "".join(
                _cell(place, some) if some else _cell(place, [""], "?+") for place, some in kinds
            )
            self._all_named = re.compile(f"(?:{_BEGIN}{cells}</row>)++", re.ASCII)
        cells = "".join(_cell(place, [*some, ""], "?+") for place, some in kinds)
        self._pattern = re.compile(f"{_BEGIN}{cells}</row>{_REST}", re.ASCII)
        return self._pattern


def _cell(place: int, kinds: Sequence[str], times: str = "") -> str:
    """Return the pattern of a column's cell in the row that has begun."""
    ways = "|".join(_WAYS[kind] for kind in kinds)
    return f'(?:<c r="{_LETTERS[place]}(?P=n)"(?:{ways})){times}'


class Cut(Columns):
    """Rows of one width, of which only the columns that are asked for are made.

    Parameters
    ----------
    found : list of tuples
        Number, cells and nothing for each row, as the pattern gives them.
    groups : list of (int, str)
        Column and kind of each cell; a column of several kinds has a cell of each, all but one
        of them empty.
    width : int
        Columns.
    texts : ndarray of object
        The text of an empty cell, and those that cells share.
    """

    def __init__(
        self,
        found: Sequence[tuple[str, ...]],
        groups: Sequence[tuple[int, str]],
        width: int,
        texts: Texts,
    ) -> None:
        self._numbers, *columns, _ = zip(*found, strict=True)
        self.blank_at_end = not any(found[-1][1:])
        self._width = width
        self._cells: defaultdict[int, list[tuple[str, Sequence[str]]]] = defaultdict(list)
        for (place, kind), cells in zip(groups, columns, strict=True):
            shared = kind == "s"  # looked up at once, also where none is read: each must be there
            self._cells[place].append((kind, _named(cells, texts) if shared else cells))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._numbers)

    def numbered_from(self, first: int) -> bool:
        """Whether these rows are one after the other, from this one on."""
        return self._numbers == tuple(map(str, range(first, first + len(self))))

    def __getitem__(self, place: int) -> list[str]:
        """Return one row."""
        return self._rows[place]

    def column(self, place: int) -> list[str]:
        """Return the cells of one column, as text."""
        found: list[str] = []
        for kind, cells in self._cells[place]:
            texts = self._read(kind, cells)
            found = [a or b for a, b in zip(found, texts, strict=True)] if found else texts
        return found or [""] * len(self)

    @staticmethod
    def _read(kind: str, cells: Sequence[str]) -> list[str]:
        if kind == "n":
            return [as_text(float(cell)) if cell else "" for cell in cells]
        if kind != "s" and "&" in "".join(cells):
            return list(map(_plain, cells))
        return list(cells)

    @cached_property
    def _rows(self) -> list[list[str]]:
        return list(map(list, zip(*map(self.column, range(self._width)), strict=True)))


def _named(cells: Sequence[str], texts: Texts) -> list[str]:
    """Return the shared texts that cells name; one that is not there is an IndexError."""
    places = [cell or "-1" for cell in cells] if "" in cells else cells
    found: list[str] = texts[np.fromstring(" ".join(places), dtype=np.int64, sep=" ") + 1].tolist()
    return found
