"""A team's folder made in a test: small files in the real shape of each format.

`SHAPES` has one maker per format: a number of rows to headers and cells, as the platform has them.
`as_bytes` writes them as csv, tsv, xlsx, xls or json; `Folder` puts files where a month has them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl

from kpilib.exports import formats
from tests.exports_rows import (
    AFTERSALE,
    MATERIAL,
    ORDER,
    PERSON,
    ROWS,
    SERVICE,
    SESSION,
    WORK,
    Row,
)
from tests.xls_made import xls

__all__ = [
    "AFTERSALE",
    "CONTAINERS",
    "MATERIAL",
    "ORDER",
    "PERSON",
    "SERVICE",
    "SESSION",
    "SHAPES",
    "WORK",
    "Folder",
    "Made",
    "Row",
    "as_bytes",
    "as_csv",
    "made",
    "stacked",
    "workbook",
]
CONTAINERS = ("csv", "tsv", "xlsx", "xls", "json")


class Made(NamedTuple):
    """A file's content: its header, and its rows as the platform writes their cells."""

    headers: list[str]
    rows: list[list[object]]


def as_bytes(
    made: Made,
    container: str,
    *,
    encoding: str = "utf-8",
    above: Sequence[Sequence[object]] = (),
    under: Sequence[Sequence[object]] = (),
) -> bytes:
    """Return a file; ``above`` stands over the header, ``under`` right below it."""
    rows = [*map(list, above), made.headers, *map(list, under), *made.rows]
    if container == "xls":
        return xls(rows)
    if container == "xlsx":
        return workbook(rows)
    if container == "json":
        objects = [dict(zip(made.headers, row, strict=True)) for row in [*under, *made.rows]]
        return json.dumps({"data": {"list": objects}}, ensure_ascii=False).encode(encoding)
    out = io.StringIO()
    csv.writer(out, delimiter="\t" if container == "tsv" else ",").writerows(rows)
    return out.getvalue().encode(encoding)


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    """Return an xlsx workbook of these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def made(key: str, n: int = 3, headers: Sequence[str] = (), **cells: object) -> Made:
    """Make ``n`` rows of a format, under its own headers or others; ``cells`` replace values."""
    fmt = formats()[key]
    row, steps = ROWS[key]
    if not headers:
        used = {*row, *steps} - set(fmt.headers)
        headers = [*fmt.headers, *(h for h in (*fmt.optional, *fmt.one_of) if h in used)]
    empty = fmt.missing[-1]
    rows = [{**row, **{h: step(k) for h, step in steps.items()}, **cells} for k in range(n)]
    return Made(list(headers), [[each.get(h, empty) for h in headers] for each in rows])


SHAPES: Mapping[str, Callable[..., Made]] = {
    key: lambda n=3, key=key, **cells: made(key, n, **cells) for key in ROWS
}


def stacked(*parts: tuple[str, Made]) -> list[list[object]]:
    """Return titled tables one under the other, as a list of lists shows them."""
    rows: list[list[object]] = []
    for title, part in parts:
        rows += [[title], list(part.headers), *part.rows, []]
    return rows


class Folder:
    """A team's folder under construction; each writer returns the path under the folder."""

    def __init__(self, root: Path, *people: Row) -> None:
        self.root = root
        (root / "exports" / "2025-05").mkdir(parents=True)
        self.own("people", "people.csv", *(people or (PERSON,)))

    def text(self, name: str, text: str | bytes, encoding: str = "utf-8") -> str:
        """Write any text."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return name

    def own(self, key: str, name: str, *rows: Row) -> str:
        """Write a file of the team's own; absent cells are empty."""
        return self.text(name, as_csv(formats()[key].headers, rows, missing=""))

    def csv(
        self, key: str, name: str, *rows: Row, encoding: str = "utf-8", **kwargs: object
    ) -> str:
        """Write an export of May as csv, with all headers of its format."""
        headers = kwargs.pop("headers", formats()[key].headers)
        text = as_csv(headers, rows, **kwargs)  # type: ignore[arg-type]
        return self.text(f"exports/2025-05/{name}", text, encoding)

    def xlsx(
        self,
        key: str,
        name: str,
        *rows: Row,
        headers: Sequence[str] = (),
        above: Sequence[Sequence[object]] = (),
    ) -> str:
        """Write an export of May as a workbook, with all headers of its format."""
        names = headers or formats()[key].headers
        return self.sheets(
            name, [*above, names, *([row.get(h, "-") for h in names] for row in rows)]
        )

    def sheets(self, name: str, *sheets: Sequence[Sequence[object]]) -> str:
        """Write a workbook of one or more sheets."""
        return self.text(f"exports/2025-05/{name}", workbook(*sheets))

    def put(self, name: str, made: Made, **kwargs: object) -> str:
        """Write what a maker made as an export of May; the ending says as what."""
        raw = as_bytes(made, name.rpartition(".")[2], **kwargs)  # type: ignore[arg-type]
        return self.text(f"exports/2025-05/{name}", raw)


def as_csv(
    headers: Sequence[str],
    rows: Sequence[Row],
    *,
    missing: str = "-",
    delimiter: str = ",",
    above: Sequence[Sequence[object]] = (),
) -> str:
    """Return rows as csv; a cell that a row does not name is missing."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows(above)
    writer.writerow(headers)
    writer.writerows([row.get(header, missing) for header in headers] for row in rows)
    return out.getvalue()
