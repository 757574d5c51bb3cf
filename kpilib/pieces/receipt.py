"""The receipt of a month, told on a page: files, rows, columns, and what to doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from kpilib.texts.findings import aside, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpilib.display import Page
    from kpilib.exports import Receipt
    from kpilib.outcomes import Outcomes

_DIGITS: Final = 12  # of a hash: enough to compare by eye


def show_receipt(page: Page, outcomes: Outcomes) -> None:
    """Show what became of every file and row: rows in = used + set aside, always."""
    receipt = outcomes.grades.scores.readings.month.receipt
    counts = receipt.files[["rows_in", "used", "set_aside"]].sum()
    page.say("receipt.lead", files=len(receipt.files), **counts)
    page.table(doubts(outcomes, page), caption="receipt.findings")
    page.table(set_aside(receipt, page), caption="receipt.aside", formats={"reason": "text"})
    page.table(
        _files(receipt.files, outcomes.month),
        caption="receipt.files",
        headers={"sha256": "receipt.sha256"},
        total=True,
        note="receipt.files_note",
        folder=f"exports/{outcomes.month}",
    )
    page.table(receipt.absent, caption="receipt.absent", headers={"column": "receipt.column"})
    page.table(receipt.unknown_columns, caption="receipt.unknown_columns")


def _files(files: pd.DataFrame, month: str) -> pd.DataFrame:
    """Shorten hashes and places, so that a line fits the page; add the sums of the rows."""
    columns = ["file", "format", "encoding", "sha256", "as_of", "rows_in", "used", "set_aside"]
    table = files[columns].assign(sha256=files["sha256"].str[:_DIGITS])
    table["file"] = table["file"].str.removeprefix(f"exports/{month}/")
    table = table.astype({name: object for name in ("format", "encoding", "sha256", "as_of")})
    sums = table[["rows_in", "used", "set_aside"]].sum()
    table.loc[len(table)] = {"file": f"{len(files)}", **dict.fromkeys(columns[1:5]), **sums}
    return table


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
                found.append(told(row, page.t))
    return pd.DataFrame(found, columns=["where", "finding", "rows", "remedy"])


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
