"""Sheets: rows of a recognised file cut to the columns that are read, every row accounted for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kpilib.errors import KpiError
from kpilib.exports.formats import Format
from kpilib.exports.pieces import pieced
from kpilib.exports.recognise import Header
from kpilib.exports.taking import BLANK, Taking, stripped

ABOVE, UNDER = "row above the header", "description row under the header"
UNDER_ALL = "row under the table"
_WORKBOOKS = ("xlsx", "xls")


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of an export: the columns that are read, as text, and what is left out.

    Attributes
    ----------
    file : str
        Path under the data folder; with ``#name`` where a workbook holds several sheets.
    encoding, sha256 : str
        Of the file.
    header : Header
        Format and columns.
    columns : mapping of str to sequence of str
        The format's spelling of a header -> its cells, stripped.
    rows : sequence of int
        Row number of each cell in the file, from 1.
    aside : mapping of str to int
        Rows left out, by reason.
    special : tuple of (str, mapping)
        Totals and averages rows: reason, and cells by header.
    buyers : list of (str or None), or None
        Pseudonyms, where the sheet names buyers; the names themselves are not kept.
    title : str or None
        What the file calls the table: the line above its header, or its name in a json file.
    """

    file: str
    encoding: str
    sha256: str
    header: Header
    columns: Mapping[str, Sequence[str]]
    rows: Sequence[int]
    aside: Mapping[str, int]
    special: tuple[tuple[str, Mapping[str, str]], ...]
    buyers: list[str | None] | None
    title: str | None = None

    @property
    def format(self) -> Format:
        """Format of the sheet."""
        return self.header.format

    @property
    def needs_account(self) -> bool:
        """Whether no column of the sheet names the account."""
        options = self.format.spellings.get("account", ())
        return self.format.needs_account and not any(h in self.columns for h, _ in options)


def cut(
    rows: Iterable[Sequence[Any]],
    header: Header,
    file: str,
    encoding: str,
    sha256: str,
    read: Callable[[Sequence[Any]], list[str]] | None = None,
    *,
    title: str | None = None,
    above: int = 0,
) -> Sheet:
    """Cut a sheet to the columns that are read, and count every row that is none.

    Rows pass through a few thousand at a time, so that of a million rows only the columns that are
    read are ever held.

    Parameters
    ----------
    rows : iterable of sequences
        All rows, the header's too: raw text, or the cells of a workbook.
    header : Header
        What was recognised.
    file, encoding, sha256 : str
        Of the file.
    read : callable, optional
        Makes stripped text of raw cells; that of a workbook's cells by default.
    title : str, optional
        What the file calls the table.
    above : int
        Rows of the file above these.

    Returns
    -------
    Sheet
        Columns as text.

    Raises
    ------
    KpiError
        If a row of a text file has fewer or more cells than its header, or a row that should
        only describe the columns holds data.
    """
    first = header.row + 1 + header.format.skip
    rest = iter(rows)
    head = list(islice(rest, first))
    taking = Taking(header, file, head[header.row], read or stripped, encoding in _WORKBOOKS)
    aside = taking.aside
    aside[ABOVE] += sum(map(taking.filled, head[: header.row]))
    aside[BLANK] += header.row - aside[ABOVE]
    described = head[header.row + 1 :]
    aside[UNDER] += len(described)
    for row in described:
        _no_data(taking.read(row), header, file, above + header.row + 2)
    number = above + first + 1
    for piece in pieced(rest, taking.width):
        taking.take(piece, number)
        number += len(piece)
    buyers = taking.buyers if taking.private else None
    return Sheet(
        file,
        encoding,
        sha256,
        header,
        taking.columns(),
        taking.numbers,
        +aside,
        tuple(taking.special),
        buyers,
        title,
    )


def _no_data(texts: Sequence[str], header: Header, file: str, number: int) -> None:
    """Refuse to leave out a row that should describe the columns and bears a date of data."""
    options = header.format.spellings.get(header.format.month or "", ())
    place = next((header.places[name] for name, _ in options if name in header.places), None)
    if place is None or place >= len(texts) or not re.match(r"20\d\d\D?\d", texts[place]):
        return
    problem = "data stands here, where this export describes its columns."
    remedy = "put back the row under the header, or download the file again."
    raise KpiError(f"{file}, row {number}", problem, remedy)
