"""What fits no seat: rows of strangers, of accounts nobody holds, without credit. All is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from kpilib.exports.receipt import Finding, Month

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
        if table not in used or table not in month.tables:
            continue
        column = month.tables[table]["agent" if table == "service" else "account"]
        stray = column[~column.isin(held)]
        for name, count in stray.fillna("").value_counts().items():
            yield Finding(
                "unknown_account" if name else "no_account",
                f"{table}, account {name!r}" if name else table,
                f"nobody holds it; {count} row(s) count for no one by account."
                if name
                else f"{count} row(s) name no account and count for no one.",
                "write the account into people.csv, if it is a team's own.",
                int(count),
                {"table": table, "account": str(name)},
            )


def _strangers(
    month: Month, seats: pd.DataFrame, credits: Mapping[str, pd.DataFrame]
) -> Iterator[Finding]:
    """Find rows for people who are not in people.csv, or hold no seat this month."""
    listed, seated = set(month.tables["people"]["person"]), set(seats["person"])
    named = {f"credits of {table}": frame["person"] for table, frame in credits.items()}
    named["tasks"] = month.tables["tasks"]["person"]
    named["ratings"] = month.tables["ratings"]["ratee"]
    plans = month.tables["plans"]
    named["plans"] = plans.loc[plans["month"] == month.month, "person"]
    for where, people in named.items():
        for kind, group, problem in (
            ("unknown_person", people[~people.isin(listed)], "not in people.csv"),
            ("not_employed", people[people.isin(listed - seated)], "not employed this month"),
        ):
            if len(group):
                ids = sorted(map(str, group.unique()))[:5]
                yield Finding(
                    kind,
                    where,
                    f"{len(group)} row(s) are for {', '.join(ids)}, {problem}; "
                    "they count for no one.",
                    "correct the id, or the person's row in people.csv.",
                    len(group),
                    {"people": ids, "source": where},
                )
    for table, frame in credits.items():
        other = frame[(frame["seat"] < 0) & frame["person"].isin(seated)]
        if len(other):
            ids = sorted(other["person"].unique())[:5]
            yield Finding(
                "role_not_held",
                f"credits of {table}",
                f"{len(other)} credit(s) of {', '.join(ids)} are for a role they do not hold.",
                "correct the role in credits.csv, or add the role to people.csv.",
                len(other),
                {"people": ids, "source": f"credits of {table}"},
            )


def _credit_findings(month: Month, credits: pd.DataFrame, table: str) -> Iterator[Finding]:
    """Find rows without credits, credits without rows, and shares that are not one whole."""
    rows, kind = month.tables[table], _KINDS[table]
    bare = rows[~np.isin(np.arange(len(rows)), credits["position"])]
    if len(bare):
        yield Finding(
            "uncredited",
            f"{table}, e.g. {bare['file'].iloc[0]}, row {bare['row'].iloc[0]}",
            f"{len(bare)} of {len(rows)} row(s) have no credit and count for nobody's own.",
            f"add who made them to credits.csv, kind {kind}.",
            len(bare),
            {"table": table, "n": len(bare), "of": len(rows)},
        )
    lost = credits[credits["position"] < 0]
    # a material has no date: credits of other months' materials are no fault
    if len(lost) and len(rows) and table != "ads":
        yield Finding(
            "credit_without_row",
            f"credits.csv, e.g. row {lost['row'].iloc[0]}",
            f"{len(lost)} credit(s) name a {kind} that the exports do not have.",
            "compare name and time with the export.",
            len(lost),
            {"table": table, "n": len(lost)},
        )
    once = credits.drop_duplicates(["file", "row"])  # a material has a row for each of its days
    sums = once.groupby(["name", "at"], dropna=False)["share"].sum()
    odd = sums[(sums - 1).abs() > 1e-6]
    if len(odd):
        yield Finding(
            "shares",
            "credits.csv",
            f"the shares of {len(odd)} {kind}(s) do not sum to 1, e.g. to {odd.iloc[0]:g}.",
            "let the shares of one work, session or material sum to 1.",
            len(odd),
            {"table": table, "n": len(odd)},
        )
