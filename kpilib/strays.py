"""What fits no seat: rows of strangers, of accounts nobody holds, without credit. All is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpilib.exports.decisions import KINDS as DECIDED
from kpilib.exports.receipt import Finding, Month
from kpilib.matching import groups, join

_KINDS = {"works": "work", "sessions": "session", "ads": "material"}


def strays(
    month: Month, seats: pd.DataFrame, credits: Mapping[str, pd.DataFrame], used: set[str]
) -> Iterator[Finding]:
    """Find the rows that count for nobody, or not as somebody meant.

    Parameters
    ----------
    month : Month
        What was read.
    seats : DataFrame
        Who holds which role; see `kpilib.seats.seats_of`.
    credits : mapping of str to DataFrame
        Per credited table the joined credits; see `kpilib.attribution.Rows`.
    used : set of str
        Tables that some role is measured by.

    Yields
    ------
    Finding
        Of kind unknown_person, not_employed, role_not_held, uncredited, credit_without_row,
        shares, unknown_account or no_account.
    """
    yield from _strangers(month, seats, credits)
    for table, frame in credits.items():
        yield from _credit_findings(month, frame, table)
    held = set(seats["account"].dropna())
    for table in ("works", "account_days", "sessions", "orders", "ads", "service"):
        if table in used and table in month.tables:
            yield from _unheld(month.tables[table], table, held)


def _unheld(rows: pd.DataFrame, table: str, held: set[str]) -> Iterator[Finding]:
    """Find rows of accounts and service desks that nobody holds."""
    column = rows["agent" if table == "service" else "account"]
    codes, names = pd.factorize(column.to_numpy(dtype=object))
    if (bare := int((codes < 0).sum())) > 0:
        yield Finding(
            "no_account",
            table,
            f"{bare} row(s) name no account and count for no one.",
            "nothing, if these are the shop's own; else give the account in the export.",
            bare,
            {"table": table, "n": bare},
        )
    for code, name in enumerate(names):
        if name not in held:
            count = int((codes == code).sum())
            yield Finding(
                "unknown_account",
                f"{table}, account {name!r}",
                f"nobody holds it; {count} row(s) count for no one by account.",
                "write the account into people.csv, if it is a team's own.",
                count,
                {"table": table, "account": str(name), "n": count},
            )


def _strangers(
    month: Month, seats: pd.DataFrame, credits: Mapping[str, pd.DataFrame]
) -> Iterator[Finding]:
    """Find rows for people who are not in people.csv, or hold no seat this month."""
    listed, seated = set(month.tables["people"]["person"]), set(seats["person"])
    plans = month.tables["plans"]
    named = {f"credits of {table}": frame["person"] for table, frame in credits.items()}
    named["tasks"] = month.tables["tasks"]["person"]
    named["ratings"] = month.tables["ratings"]["ratee"]
    named["plans"] = plans["person"][plans["month"] == month.month]
    for where, people in named.items():
        count = Counter(people.to_list())
        for kind, ids, problem in (
            ("unknown_person", count.keys() - listed, "not in people.csv"),
            ("not_employed", count.keys() & listed - seated, "not employed this month"),
        ):
            if ids:
                yield _about(kind, where, ids, sum(count[i] for i in ids), problem)
    for table, frame in credits.items():
        unseated = frame["person"][frame["seat"] < 0].to_list()
        other = [person for person in unseated if person in seated]
        if other:
            problem = "for a role that they do not hold"
            yield _about("role_not_held", f"credits of {table}", set(other), len(other), problem)


def _about(kind: str, where: str, people: set[str], n: int, problem: str) -> Finding:
    ids = sorted(map(str, people))[:5]
    return Finding(
        kind,
        where,
        f"{n} row(s) are for {', '.join(ids)}, {problem}; they count for no one.",
        "correct the row, or the person's rows in people.csv.",
        n,
        {"source": where, "people": ids, "n": n},
    )


def _lost(month: Month, credits: pd.DataFrame, table: str) -> np.ndarray[Any, Any]:
    """Return the credits that name no row; one that a decision has taken out is not lost."""
    lost = np.flatnonzero(credits["position"].to_numpy() < 0)
    out = month.excluded.get(table)
    if out is None or out.empty or not len(lost):
        return lost
    _, name, at = DECIDED[_KINDS[table]]
    bare = credits.iloc[lost]
    found, _ = join([bare["name"], bare["at"]], [out[name], out[at]])
    return np.delete(lost, found)


def _credit_findings(month: Month, credits: pd.DataFrame, table: str) -> Iterator[Finding]:
    """Find rows without credits, credits without rows, and shares that are not one whole."""
    rows, kind = month.tables[table], _KINDS[table]
    position = credits["position"].to_numpy()
    bare = np.setdiff1d(np.arange(len(rows)), position)
    if len(bare):
        file, row = rows["file"].iloc[bare[0]], rows["row"].iloc[bare[0]]
        yield Finding(
            "uncredited",
            f"{table}, e.g. {file}, row {row}",
            f"{len(bare)} of {len(rows)} row(s) have no credit and count for nobody's own.",
            f"add who made them to credits.csv, kind {kind}.",
            len(bare),
            {"table": table, "n": len(bare), "of": len(rows)},
        )
    lost = _lost(month, credits, table)
    # a material has no date: credits of other months' materials are no fault
    if len(lost) and len(rows) and table != "ads":
        yield Finding(
            "credit_without_row",
            f"credits.csv, e.g. row {credits['row'].iloc[lost[0]]}",
            f"{len(lost)} credit(s) name a {kind} that the exports do not have.",
            "compare name and time with the export.",
            len(lost),
            {"table": table, "n": len(lost)},
        )
    _, once = np.unique(credits["number"], return_index=True)  # a material has a row a day
    keys = ["name"] if table == "ads" else ["name", "at"]
    _, whole = np.unique(groups([credits[key].iloc[once] for key in keys]), return_inverse=True)
    sums = np.bincount(whole, credits["share"].to_numpy()[once])
    odd = sums[np.abs(sums - 1) > 1e-6]
    if len(odd):
        yield Finding(
            "shares",
            "credits.csv",
            f"the shares of {len(odd)} {kind}(s) do not sum to 1, e.g. to {odd[0]:g}.",
            "let the shares of one work, session or material sum to 1.",
            len(odd),
            {"table": table, "n": len(odd)},
        )
