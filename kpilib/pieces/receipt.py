"""The receipt of a month, told on a page: files, rows, columns, and what to doubt."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from kpilib.texts.findings import aside, told

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from kpilib.display import Page
    from kpilib.exports import Receipt
    from kpilib.outcomes import Outcomes

_DIGITS: Final = 8  # of a hash: enough to compare by eye


def show_receipt(page: Page, outcomes: Outcomes) -> None:
    """Show what became of every file and row: rows in = used + set aside, always.

    Leadership is told the sums and the doubts, and no file by file.
    """
    receipt = outcomes.grades.scores.readings.month.receipt
    counts = receipt.files[["rows_in", "used", "set_aside"]].sum()
    page.say("receipt.lead", files=len(receipt.files), **counts)
    page.table(doubts(outcomes, page), caption="receipt.findings")
    if not page.sees_people:
        return
    page.table(set_aside(receipt, page), caption="receipt.aside", formats={"reason": "text"})
    _show_files(page, receipt.files, outcomes.month)
    page.table(receipt.absent, caption="receipt.absent", headers={"column": "receipt.column"})
    page.table(receipt.unknown_columns, caption="receipt.unknown_columns")


def _show_files(page: Page, files: pd.DataFrame, month: str) -> None:
    """Show what each file is and what became of its rows; the last line is their sum."""
    folder = f"exports/{month}"
    days = files["as_of"].dt.strftime("%Y-%m-%d").fillna("")
    short = [
        name.removeprefix(f"{folder}/").removeprefix(f"{day}/")
        for name, day in zip(files["file"], days, strict=True)
    ]
    table = files[["as_of", "rows_in", "used", "set_aside"]].copy()
    table.insert(0, "file", short)
    table.insert(1, "format", files["format"])
    table.insert(2, "bytes", files["encoding"] + " " + files["sha256"].str[:_DIGITS])
    table = _folded(page, table, files["encoding"])
    sums = table[["rows_in", "used", "set_aside"]].sum()
    whole = pd.DataFrame([{"file": page.t("words.total"), "format": "", "bytes": "", **sums}])
    page.table(
        pd.concat([table, whole.assign(as_of=table["as_of"].iloc[:0])], ignore_index=True),
        caption="receipt.files",
        headers={"bytes": "receipt.bytes"},
        total=True,
        note="receipt.files_note",
        folder=folder,
    )


def _folded(page: Page, table: pd.DataFrame, encoding: pd.Series) -> pd.DataFrame:
    """Put the files of one folder, format and day into one line: an account has five a month."""
    folder = table["file"].map(lambda file: str(PurePosixPath(file).parent)).rename("folder")
    keys = [folder, table["format"], encoding, table["as_of"].astype(str).fillna("")]
    alike = table.groupby(keys, sort=False)["file"].transform("size").where(folder != ".", 1)
    lone = table["file"].where(alike == 1, "")
    of_line = pd.concat([*keys, lone], axis=1).agg("|".join, axis=1)
    groups = table.assign(n=alike, folder=folder, encoding=encoding).groupby(of_line)
    lines = groups[list(table.columns)].first()
    lines[["rows_in", "used", "set_aside"]] = groups[["rows_in", "used", "set_aside"]].sum()
    many = groups[["n", "folder", "encoding"]].first()
    several = many["n"] > 1
    said = [
        page.text("receipt.several", folder=row.folder, n=row.n)
        for row in many[several].itertuples(index=False)
    ]
    lines.loc[several, "file"] = said
    lines.loc[several, "bytes"] = many.loc[several, "encoding"]
    return lines.sort_values("file").reset_index(drop=True)


def doubts(outcomes: Outcomes, page: Page) -> pd.DataFrame:
    """List what to look at before the month's figures are relied on.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    page : Page
        Whose language and audience the words are for.

    Returns
    -------
    DataFrame
        ``where``, ``finding``, ``rows``, ``remedy``: readings that are not known first, then
        what was found about the exports, and about the people in them. Findings that name
        people are left out where the page's audience sees none.
    """
    readings = outcomes.grades.scores.readings
    found = [*_open_readings(outcomes, page)] if page.sees_people else []
    for table in (readings.month.receipt.findings, readings.findings):
        for row in table.to_dict("records"):
            if page.sees_people or "people" not in row["values"]:
                found.append(told(_named(row, page), page.t))
    return pd.DataFrame(found, columns=["where", "finding", "rows", "remedy"])


def _named(row: dict[Hashable, Any], page: Page) -> dict[Hashable, Any]:
    """Call people in a finding what the page calls them."""
    values = row["values"]
    if "people" not in values:
        return row
    return {**row, "values": {**values, "people": page.people(values["people"])}}


def _open_readings(outcomes: Outcomes, page: Page) -> Iterator[tuple[object, ...]]:
    table = outcomes.grades.scores.readings.table
    remedy = page.t("doubts.reading_remedy")
    for row in table[table["status"] == "unknown"].itertuples(index=False):
        reason = page.t(f"doubts.reason.{row.reason}")
        who, item = page.person(str(row.person)), page.label("indicator", row.indicator)
        said = page.t("doubts.reading", person=who, indicator=item, reason=reason)
        yield page.label("role", row.role), said, 1, remedy


def set_aside(receipt: Receipt, page: Page) -> pd.DataFrame:
    """List the rows that were not used: ``file``, ``reason``, ``rows``."""
    left = receipt.set_aside
    return left.assign(reason=[aside(str(reason), page.t) for reason in left["reason"]])
