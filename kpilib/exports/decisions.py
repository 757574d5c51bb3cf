"""Decisions: rows that count for nothing because somebody said so in exclusions.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.exports.tables import Draft

EXCLUDED = "excluded by a decision"

# kind -> table, and the columns that ``name`` and ``at`` stand for; as in credits.csv
KINDS: Mapping[str, tuple[str, str, str]] = {
    "work": ("works", "title", "published"),
    "session": ("sessions", "account", "day"),
    "order": ("orders", "order_id", "day"),
}
COLUMNS = ("kind", "name", "at", "account", "decided_by", "decided", "reason", "rows")


def excluded(
    drafts: Mapping[str, Draft],
    months: Sequence[str],
    faults: list[KpiError],
    *,
    then: bool = False,
) -> tuple[dict[str, Draft], pd.DataFrame]:
    """Set aside the rows that exclusions.csv names, and no others.

    A session is named by its room and day; the orders of that room and day go with it, as they
    do in every other count. An order is named by its number and the day of payment.

    Parameters
    ----------
    drafts : mapping of str to Draft
        Every table of the month, after its own rules.
    months : sequence of str
        Months that have exports: a decision about any other month names nothing.
    faults : list of KpiError
        Takes the decisions that name no row, or more than one.
    then : bool
        The month is seen from another day: a decision may name a row that came later.

    Returns
    -------
    (dict of str to Draft, DataFrame)
        The tables, and the decisions of the month: kind, name, at, account, decided_by, decided,
        reason, rows (set aside by it).
    """
    entries = drafts["exclusions"]
    _of_no_month(entries, months, faults)
    found = dict(drafts)
    listed = []
    for entry in entries.used.to_dict("records"):
        table, name, at = KINDS[entry["kind"]]
        chosen = _named(drafts[table], entry, name, at)
        if then and not chosen.any():
            continue
        fault = _fault(entry, chosen, drafts[table], table)
        if fault is not None:
            faults.append(fault)
            continue
        found[table] = found[table].set_aside(chosen, EXCLUDED)
        rows = int(chosen.sum())
        if table == "sessions":
            theirs = _named(drafts["orders"], entry, "account", "day")
            found["orders"] = found["orders"].set_aside(theirs, EXCLUDED)
            rows += int(theirs.sum())
        listed.append([*(entry[column] for column in COLUMNS[:-1]), rows])
    return found, pd.DataFrame(listed, columns=list(COLUMNS))


def of_known_months(decided: Draft, months: Sequence[str], faults: list[KpiError]) -> None:
    """Note decisions on grades of months that have no exports: they would never be met again.

    Parameters
    ----------
    decided : Draft
        The table ``calibrations``, of all months.
    months : sequence of str
        Months that have exports.
    faults : list of KpiError
        Takes one fault for each line.
    """
    if not decided.sources:
        return
    frame = decided.frame
    for row in frame[frame["month"].notna() & ~frame["month"].isin(months)].to_dict("records"):
        problem = f"there is no folder exports/{row['month']}, so this decides on nothing."
        where = f"{row['file']}, row {row['row']}, column month"
        faults.append(KpiError(where, problem, "correct the month, or take the line out."))


def of_session(orders: pd.DataFrame, sessions: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Tell which orders belong to the room and day of any of some sessions."""
    keys = pd.MultiIndex.from_frame(sessions[["account", "day"]])
    return np.asarray(pd.MultiIndex.from_frame(orders[["account", "day"]]).isin(keys))


def _of_no_month(entries: Draft, months: Sequence[str], faults: list[KpiError]) -> None:
    """Note decisions whose day no month on disk holds: they would never be met again."""
    if not entries.sources:
        return
    known = entries.frame[entries.frame["at"].notna()]
    for row in known[~known["at"].dt.strftime("%Y-%m").isin(months)].to_dict("records"):
        month = row["at"].strftime("%Y-%m")
        problem = f"there is no folder exports/{month}, so this names no row."
        remedy = "correct the day, or take the line out."
        faults.append(KpiError(f"{row['file']}, row {row['row']}, column at", problem, remedy))


def _named(
    draft: Draft, entry: Mapping[Any, Any], name: str, at: str
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which rows in use a decision names."""
    frame = draft.frame
    time = entry["at"].normalize() if at == "day" else entry["at"]
    chosen = (draft.reasons == "") & (frame[name] == entry["name"]).to_numpy(bool, na_value=False)
    chosen &= (frame[at] == time).to_numpy(bool, na_value=False)
    if pd.notna(entry["account"]):
        chosen &= (frame["account"] == entry["account"]).to_numpy(bool, na_value=False)
    return np.asarray(chosen)


def _fault(
    entry: Mapping[Any, Any], chosen: np.ndarray[Any, Any], draft: Draft, table: str
) -> KpiError | None:
    """Say why a decision cannot be followed, if it cannot."""
    where = f"{entry['file']}, row {entry['row']}"
    kind, name = entry["kind"], KINDS[entry["kind"]][1]
    if not chosen.any():
        same = draft.used[(draft.used[name] == entry["name"]).to_numpy(bool, na_value=False)]
        near = ""
        if len(same):
            at = KINDS[kind][2]
            near = f"; there is one of {same[at].iloc[0]}, account {same['account'].iloc[0]}"
        problem = f"no {kind} {entry['name']!r} of {entry['at']} is in use{near}."
        remedy = "copy name, time and account as the export has them, or take the line out."
        return KpiError(where, problem, remedy)
    if table != "orders" and chosen.sum() > 1:
        accounts = ", ".join(sorted(set(draft.frame.loc[chosen, "account"]))[:5])
        problem = f"{int(chosen.sum())} {kind}s have this name and time, of {accounts}."
        return KpiError(where, problem, "add the column account and say which of them.")
    return None
