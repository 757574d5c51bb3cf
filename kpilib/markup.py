"""Our own small table: a caption, scopes, no ids, numbers to the right, unknowns said in words."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORT = 10  # a text of fewer letters than this stays on one line
_LONG = 24  # a text of more letters than this may be broken into lines
_WIDE = 3  # a table of more columns than this may need to scroll on a telephone


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
        foot = [body.pop()] if self.total and body else []
        parts = [
            f"<table><caption>{self.caption}</caption><thead><tr>",
            *(_cell("th", cell, "col") for cell in self.headers),
            "</tr></thead><tbody>",
            *map(_row, body),
            "</tbody>",
            *(f"<tfoot>{_row(row)}</tfoot>" for row in foot),
            "</table>",
        ]
        note = f'<p class="note">{self.note}</p>' if self.note else ""
        return scroll_box("".join(parts), label, reachable=len(self.headers) > _WIDE) + note


def scroll_box(inner: str, label: str, *, reachable: bool = True) -> str:
    """Wrap what may be wider than a telephone in a box that scrolls, by keyboard too."""
    reach = f' role="group" aria-label="{html.escape(label)}" tabindex="0"' if reachable else ""
    return f'<div class="scroll"{reach}>{inner}</div>'


def _row(cells: Sequence[Cell]) -> str:
    head, *rest = cells
    return f"<tr>{_cell('th', head, 'row')}" + "".join(_cell("td", cell) for cell in rest) + "</tr>"


def _cell(tag: Literal["th", "td"], cell: Cell, scope: str = "") -> str:
    attributes = f' scope="{scope}"' if scope else ""
    kind = "num" if cell.numeric else _width(cell.text) if tag == "td" else ""
    attributes += f' class="{kind}"' if kind else ""
    text = html.escape(cell.text, quote=False)
    if cell.aloud:
        aloud = html.escape(cell.aloud, quote=False)
        text = f'<span class="away" aria-hidden="true">{text}</span><span class="sr">{aloud}</span>'
    return f"<{tag}{attributes}>{text}</{tag}>"


def _width(text: str) -> str:
    """Return the class of a cell: what stays on one line, and what needs room for several."""
    return "short" if 1 < len(text) < _SHORT else "long" if len(text) > _LONG else ""
