"""How the columns of a result are headed and written on a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kpilib.audience import Hidden
from kpilib.markup import Cell
from kpilib.texts.numerals import DASH, is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from kpilib.labels import Labels
    from kpilib.texts import Texts

# How the columns of our own results are written, unless a notebook says otherwise.
_FORMS: Final = {
    **dict.fromkeys(
        ("score", "score_before", "total", "points", "bonus", "lower", "upper", "cut"), "points"
    ),
    "contribution": "points2",
    **dict.fromkeys(("weight", "applied"), "percent1"),
    **dict.fromkeys(("share", "time_share", "odds"), "percent"),
    "tolerance": "tolerance",
    **dict.fromkeys(("base_pay", "pay"), "money2"),
    "payroll": "money",
    **dict.fromkeys(("gap", "change"), "signed"),
    **dict.fromkeys(("n", "people"), "people"),
    "month": "month",
    **dict.fromkeys(("day", "due", "as_of"), "day"),
}
_READINGS: Final = {
    "value",
    "reading",
    "target",
    "low",
    "high",
    "needs",
}  # in the unit of the indicator
_TITLED: Final = {
    *("person", "role", "roles", "team", "indicator", "status", "reason", "kind", "months"),
    *("dimension", "rule", "state", "next", "format"),
}
_DATES: Final = {"month", "day"}
# A figure that came as text, with its unit: ¥1,234, +0.7%, < 1%, 18.2 h, 12元.
_FIGURE = re.compile(r"[<>]? ?[+−]?¥?\d[\d,.]*(%| ?[a-z]{1,2}|元|秒|小时)?")


class Columns:
    """Heads and cells of tables in the language of a page.

    Parameters
    ----------
    texts : Texts
        Words of the page's language.
    labels : Labels
        What people, roles, teams and indicators are called.
    header : callable
        Gives the text over a column from the key that a notebook names.
    """

    def __init__(self, texts: Texts, labels: Labels, header: Callable[[str], str]) -> None:
        self._texts = texts
        self._labels = labels
        self._text_over = header

    def of(
        self, frame: pd.DataFrame, headers: Mapping[str, str], formats: Mapping[str, str]
    ) -> list[tuple[Cell, list[Cell]]]:
        """Return head and cells of each column; a named index comes first.

        Parameters
        ----------
        frame : DataFrame
            At least one row. Where its column index has a name (a table of teams by grade), the
            columns are headed by what that name's keys are called.
        headers : mapping
            Key of the text over a column, where it is not the usual one.
        formats : mapping
            Format of a column, where it is not the usual one.
        """
        kind = frame.columns.name
        named = {str(name) for name in frame.index.names if name}
        flat = frame.reset_index() if named else frame
        indicators = list(flat["indicator"]) if "indicator" in flat else []
        out = []
        for column in flat.columns:
            name = str(column)
            cells = self._cells(name, list(flat[column]), formats.get(name), indicators)
            numeric = any(cell.numeric for cell in cells) or _are_figures(cells)
            if kind is None or name in headers or name in named:
                head = self._header(name, headers)
            else:
                head = self._labels.of(str(kind), column)
            out.append((Cell(head, numeric), [Cell(c.text, numeric, c.aloud) for c in cells]))
        return out

    def _header(self, column: str, headers: Mapping[str, str]) -> str:
        if column in headers:
            return self._text_over(headers[column])
        if column == "person" and not self._labels.by_name:
            column = "id"
        return self._texts(f"columns.{column}")

    def _cells(
        self, column: str, values: Sequence[object], form: str | None, indicators: Sequence[object]
    ) -> list[Cell]:
        form = form or _FORMS.get(column)
        forms: list[str | None] = [form] * len(values)
        if form is None and column in _READINGS and indicators:
            forms = [self._labels.form(indicator) for indicator in indicators]
        return [self._cell(column, v, f) for v, f in zip(values, forms, strict=True)]

    def _cell(self, column: str, value: object, form: str | None) -> Cell:
        if isinstance(value, Hidden):
            return Cell("·", aloud=self._texts("words.hidden"))
        if is_unknown(value):
            return Cell(DASH, aloud=self._texts("words.unknown"))
        if form is None and column in _TITLED and isinstance(value, str | list | tuple):
            keys = [value] if isinstance(value, str) else value
            called = [self._labels.of(column, key) for key in keys]
            return Cell(self._texts.number(called, "list"))
        text = self._texts.number(value, form)
        plain = isinstance(value, str | bool | list | tuple) or form in _DATES
        return Cell(text, numeric=not plain and hasattr(value, "__float__"))


def _are_figures(cells: Sequence[Cell]) -> bool:
    """Tell whether texts are figures all the same, as in a table whose rows have units.

    A column of which nothing may be seen is mostly one of figures, and stands as one.
    """
    known = [cell.text for cell in cells if not cell.aloud]
    return all(_FIGURE.fullmatch(text) for text in known)
