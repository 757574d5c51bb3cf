"""Our own small table: a caption, scopes, no ids, numbers to the right, unknowns said in words."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORT = 18  # a text narrower than this many letters stays on one line
_LONG = 24  # a text of more letters than this may be broken into lines
_BRIEF = 12  # a table of fewer rows than this is not broken between two sheets of paper
_RULES = {
    "n": "text-align:right;white-space:var(--number,nowrap)",
    "s": "white-space:var(--short,nowrap)",
    "l": "min-width:var(--long,15rem);word-break:normal",
}
_CLASSES = re.compile(r'<table class="([a-z0-9 ]+)">')
_FEW = 3  # columns that fit a telephone, if their words do
_NARROW = 36  # letters that a telephone shows beside each other, gaps taken off
_ROOM = 26  # letters in the 15rem that a column of long text has at least


@dataclass(frozen=True)
class Cell:
    """One cell as it is read.

    Parameters
    ----------
    text : str
        What stands there; never markup.
    numeric : bool
        A number, set to the right.
    aloud : str
        What a screen reader says instead, where the sign alone would say nothing.
    """

    text: str
    numeric: bool = False
    aloud: str = ""


@dataclass(frozen=True)
class Table:
    """A table as it is read, before it is HTML.

    Parameters
    ----------
    caption : str
        HTML of the caption.
    headers : sequence of Cell
        Head of each column.
    rows : sequence of sequences of Cell
        The first cell of each row is its head.
    total : bool
        The last row is a total.
    note : str
        HTML of a line under the table; may be empty.
    """

    caption: str
    headers: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    total: bool = False
    note: str = ""

    def html(self, label: str) -> str:
        """Return the table as HTML; ``label`` names its scroll box for screen readers."""
        body = list(self.rows)
        foot = [self._total(body.pop(), body)] if self.total and body else []
        parts = [
            f"<table{self._classes()}><caption>{self.caption}</caption><thead><tr>",
            *(_cell("th", cell, "col") for cell in self.headers),
            "</tr></thead><tbody>",
            *map(_row, body),
            "</tbody>",
            *(f"<tfoot>{_row(row)}</tfoot>" for row in foot),
            "</table>",
        ]
        note = f'<p class="note">{self.note}</p>' if self.note else ""
        return scroll_box("".join(parts), label, reachable=self._may_scroll()) + note

    def _may_scroll(self) -> bool:
        """Whether a telephone may have to scroll: many columns, or words longer than its line."""
        columns = zip(self.headers, *self.rows, strict=True)
        letters = sum(2 + max(_least(cells), *map(_longest, cells)) for cells in columns)
        return len(self.headers) > _FEW or letters > _NARROW

    def _total(self, last: Sequence[Cell], body: Sequence[Sequence[Cell]]) -> list[Cell]:
        """Leave blank what a total row has no figure for, though no row above lacks it."""
        return [
            Cell("") if cell.aloud and not any(row[place].aloud for row in body) else cell
            for place, cell in enumerate(last)
        ]

    def _classes(self) -> str:
        """Say of each column once, not of each cell, how it is set; see `column_rules`."""
        kinds = []
        for place, head in enumerate(self.headers, start=1):
            texts = [row[place - 1].text for row in self.rows]
            if head.numeric:
                kinds.append(f"n{place}")
            elif max(map(len, texts), default=0) > _LONG:
                kinds.append(f"l{place}")
            elif max(map(_width, texts), default=0) < _SHORT:
                kinds.append(f"s{place}")
        kinds += ["brief"] if len(self.rows) < _BRIEF else []
        return f' class="{" ".join(kinds)}"' if kinds else ""


def column_rules(text: str) -> str:
    """Return the style rules for the columns of the tables in a text.

    A class says kind and place of a column: ``n2`` is a number in the second, ``s`` short text
    that stays on one line, ``l`` long text that needs room for several.

    Examples
    --------
    >>> column_rules('<table class="n2">')
    '.kpi .n2 tr>:nth-child(2){text-align:right;white-space:var(--number,nowrap)}'
    """
    used = sorted({name for names in _CLASSES.findall(text) for name in names.split()})
    rules = []
    for kind, rule in _RULES.items():
        places = sorted(int(n[1:]) for n in used if n[0] == kind and n[1:].isdigit())
        chosen = ",".join(f".kpi .{kind}{n} tr>:nth-child({n})" for n in places)
        rules += [f"{chosen}{{{rule}}}"] if chosen else []
    return "".join(rules)


def scroll_box(inner: str, label: str, *, reachable: bool = True) -> str:
    """Wrap what may be wider than a telephone in a box that scrolls, by keyboard too."""
    reach = f' role="group" aria-label="{html.escape(label)}" tabindex="0"' if reachable else ""
    return f'<div class="scroll"{reach}>{inner}</div>'


def _least(cells: Sequence[Cell]) -> int:
    """Return how many letters wide a column is at least: long text is given room for its lines."""
    return _ROOM if any(len(cell.text) > _LONG and not cell.numeric for cell in cells[1:]) else 0


def _longest(cell: Cell) -> int:
    """Return the width of what stays on one line: a number as a whole, a text word by word."""
    words = [cell.text] if cell.numeric else cell.text.split()
    return max(map(_width, words), default=0)


def _width(text: str) -> int:
    """Return how many Latin letters are as wide as a text."""
    return sum(2 if letter > "\u2e80" else 1 for letter in text)


def _row(cells: Sequence[Cell]) -> str:
    head, *rest = cells
    return f"<tr>{_cell('th', head, 'row')}" + "".join(_cell("td", cell) for cell in rest) + "</tr>"


def _cell(tag: Literal["th", "td"], cell: Cell, scope: str = "") -> str:
    text = html.escape(cell.text, quote=False)
    if cell.aloud:
        text = f'<span role="img" aria-label="{html.escape(cell.aloud)}">{text}</span>'
    return f'<{tag} scope="{scope}">{text}</{tag}>' if scope else f"<{tag}>{text}</{tag}>"
