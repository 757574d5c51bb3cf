"""What to doubt about a month's data, in the words of a page: findings and open readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.texts import slots

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from kpilib.display import Page
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
                found.append(_told(row, page))
    return pd.DataFrame(found, columns=["where", "finding", "rows", "remedy"])


def _open_readings(outcomes: Outcomes, page: Page) -> Iterator[tuple[object, ...]]:
    table = outcomes.grades.scores.readings.table
    remedy = page.t("doubts.reading_remedy")
    for row in table[table["status"] == "unknown"].itertuples(index=False):
        reason = page.t(f"doubts.reason.{row.reason}")
        who, item = page.person(str(row.person)), page.label("indicator", row.indicator)
        said = page.t("doubts.reading", person=who, indicator=item, reason=reason)
        yield page.label("role", row.role), said, 1, remedy


def _told(row: Mapping[Hashable, Any], page: Page) -> tuple[object, ...]:
    kind, values = f"doubts.{row['kind']}", {**row["values"], "rows": row["rows"]}
    texts = [
        page.t(key, **{name: values[name] for name in slots(page.t.raw(key))})
        for key in (kind, f"{kind}_remedy")
    ]
    return row["where"], texts[0], row["rows"], texts[1]
