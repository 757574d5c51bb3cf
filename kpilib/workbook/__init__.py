"""``results.xlsx``: a month's results, one sheet each, whose totals anyone can recompute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook

from kpilib.errors import KpiError
from kpilib.outcomes import Outcomes
from kpilib.output import put
from kpilib.texts import Texts, lookup
from kpilib.workbook import people, receipts
from kpilib.workbook.cells import Column, Sheet, fill
from kpilib.workbook.formulas import Place
from kpilib.workbook.packing import packed
from kpilib.workbook.rules import rules_of

__all__ = ["write_workbook"]


def write_workbook(outcomes: Outcomes, path: str | Path, lang: str = "en") -> Path:
    """Write a month's results as an Excel workbook, for HR: it holds names and pay.

    Sheets: people, roles, points, indicators, rules, files, rows set aside, findings. Weights
    and cuts stand once, in indicators and rules; points, applied weights, totals, scores,
    grades by fixed cuts and pay follow from them by formulas, row by row.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    path : path
        File to write; it is replaced whole, or not touched. Only its owner may read it.
    lang : {"en", "zh"}
        Language of sheets and headers.

    Returns
    -------
    Path
        The file. The same outcomes give the same bytes.

    Raises
    ------
    KpiError
        If the folder does not exist or cannot be written to.
    """
    place = Path(path)
    t = lookup(lang)
    book = Workbook()
    results = {}
    for content in _sheets(outcomes, t):
        sheet = book.create_sheet(content.place.title)
        results[content.place.title] = fill(sheet, content)
    book.remove(book.worksheets[0])  # the empty one that every new workbook has
    book.properties.creator, book.properties.title = "kpilib", _titled("people", outcomes, t)
    book.calculation.fullCalcOnLoad = True
    content_bytes = packed(book, results)
    try:
        put(place, content_bytes, private=True)
    except OSError as error:
        raise KpiError(
            str(place),
            f"cannot be written: {error.strerror}.",
            "name a file in a folder that exists and is yours; close it where it is open.",
        ) from error
    return place


def _sheets(outcomes: Outcomes, t: Texts) -> Iterator[Sheet]:
    """Yield the sheets in their order."""
    scheme, readings = outcomes.scheme, outcomes.grades.scores.readings
    book, titles = people.book_of(outcomes, t), people.Titles(scheme, t.lang)
    rules = rules_of(scheme, outcomes.month, t)

    def sheet(key: str, place: Place, columns: Sequence[Column], kept: int = 1) -> Sheet:
        assert [column.key for column in columns] == list(place.keys), key
        heads = [t(f"workbook.{column.key}") for column in columns]
        title, note = _titled(key, outcomes, t), t(f"workbook.note_of_{key}")
        return Sheet(place, title, note, columns, heads, t("words.total"), kept)

    def listed(key: str, keys: Sequence[str], rows: int) -> Place:
        return Place(t(f"workbook.sheet_{key}"), keys, rows)

    yield sheet(
        "people", book.people, people.people_columns(outcomes, book, rules, titles, t), kept=2
    )
    yield sheet("roles", book.roles, people.role_columns(outcomes, book, titles, t), kept=2)
    yield sheet("points", book.points, people.point_columns(outcomes, book, titles, t), kept=4)
    yield sheet("indicators", book.indicators, people.indicator_columns(scheme, titles, t), kept=2)
    yield sheet("rules", rules.place, rules.columns)
    receipt = getattr(readings.month, "receipt", None)
    if receipt is None:
        return  # readings that came ready have no exports behind them
    files, left = receipt.files, receipt.set_aside
    found = receipts.findings_of(readings, t)
    place = listed("files", receipts.FILES, len(files))
    yield sheet("files", place, receipts.file_columns(files, t))
    yield sheet(
        "aside", listed("aside", receipts.ASIDE, len(left)), receipts.aside_columns(left, t)
    )
    yield sheet(
        "findings",
        listed("findings", receipts.FINDINGS, len(found)),
        receipts.finding_columns(found),
    )


def _titled(key: str, outcomes: Outcomes, t: Texts) -> str:
    """Return the line over a sheet: what it is, of which month, under which scheme."""
    title = getattr(outcomes.scheme.title, t.lang)
    sheet = t(f"workbook.sheet_{key}")
    if not outcomes.month:
        return t("workbook.titled_plain", sheet=sheet, scheme=title)
    return t("workbook.titled", sheet=sheet, month=outcomes.month, scheme=title)
