"""What to doubt about a month's data, in the words of a page: findings and open readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kpilib.texts.findings import aside, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpilib.display import Page
    from kpilib.exports import Receipt
    from kpilib.outcomes import Outcomes


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
