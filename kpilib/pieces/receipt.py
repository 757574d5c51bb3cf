"""The receipt of a month, told on a page: files, rows, columns, and what to doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpilib.pieces.doubts import doubts, set_aside

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.display import Page
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
        _files(receipt.files),
        caption="receipt.files",
        headers={"sha256": "receipt.sha256"},
        total=True,
        note="receipt.files_note",
    )
    page.table(receipt.absent, caption="receipt.absent", headers={"column": "receipt.column"})
    page.table(receipt.unknown_columns, caption="receipt.unknown_columns")


def _files(files: pd.DataFrame) -> pd.DataFrame:
    """Shorten the hashes, and add a line with the sums of the rows."""
    columns = ["file", "format", "encoding", "sha256", "as_of", "rows_in", "used", "set_aside"]
    table = files[columns].assign(sha256=files["sha256"].str[:_DIGITS])
    table = table.astype({name: object for name in ("format", "encoding", "sha256", "as_of")})
    sums = table[["rows_in", "used", "set_aside"]].sum()
    table.loc[len(table)] = {"file": f"{len(files)}", **dict.fromkeys(columns[1:5]), **sums}
    return table
