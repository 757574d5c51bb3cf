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
from kpilib.seats import Calendar, callings

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
        Of kind two_roles, role_shares, joined, left; unknown_person, not_employed,
        role_not_held, role_unsaid, outside_employment; uncredited, credit_without_row,
        credit_accounts, shares; unknown_account or no_account; unknown_name or shared_name.
    """
    yield from _changes(month, seats)
    yield from _strangers(month, seats, credits)
    for table, frame in credits.items():
        yield from _credit_findings(month, frame, table)
    held = set(seats["account"].dropna())
    for table in ("works", "account_days", "sessions", "orders", "ads", "service"):
        if table in used and table in month.tables:
            yield from _unheld(month.tables[table], table, held)
    if "hosts" in used and "hosts" in month.tables:
        yield from _uncalled(month.tables["hosts"], callings(month.tables["people"], seats))


def _uncalled(rows: pd.DataFrame, called: pd.DataFrame) -> Iterator[Finding]:
    """Find rows of rankings under a name that nobody bears, or more than one person.

    The rows are named by their place: their names are people's.
    """
    bearers = rows["name"].map(called["called"].value_counts()).fillna(0)
    for kind, odd, problem, remedy in (
        (
            "unknown_name",
            bearers == 0,
            "nobody employed this month bears",
            "write it under alias in people.csv, if it is somebody of the team.",
        ),
        (
            "shared_name",
            bearers > 1,
            "several people bear",
            "let each have a name of their own on the platform, and write it under alias in "
            "people.csv.",
        ),
    ):
        if n := int(odd.sum()):
            file, row = rows.loc[odd, ["file", "row"]].iloc[0]
            yield Finding(
                kind,
                f"hosts, e.g. {file}, row {row}",
                f"{n} row(s) are for a name that {problem}; they count for no one.",
                remedy,
                n,
                {"n": n},
            )


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
        where, once = f"credits of {table}", frame.drop_duplicates("number")
        mine = once[(once["seat"] < 0) & once["person"].isin(seated)]
        for kind, other, problem in (
            ("role_not_held", mine[mine["role"].notna()], "for a role that they do not hold"),
            ("role_unsaid", mine[mine["role"].isna()], "without saying for which of their roles"),
        ):
            if len(other):
                yield _about(kind, where, set(other["person"]), len(other), problem)
        yield from _untimely(once, seats, where)


def _untimely(credits: pd.DataFrame, seats: pd.DataFrame, where: str) -> Iterator[Finding]:
    """Find credits for a day on which the person was not employed, though in the month."""
    seated = credits[(credits["seat"] >= 0) & credits["at"].notna()]
    held = seats.loc[seated["seat"], ["joined", "left"]].reset_index(drop=True)
    day = seated["at"].dt.normalize().reset_index(drop=True)
    off = ((day < held["joined"]) | (day > held["left"])).to_numpy(dtype=bool)
    if off.any():
        people = sorted(set(seated["person"].to_numpy()[off]))[:5]
        yield Finding(
            "outside_employment",
            where,
            f"{int(off.sum())} row(s) are for {', '.join(people)}, before they joined or after "
            "they left; they count all the same.",
            "correct the credit, or the days in people.csv.",
            int(off.sum()),
            {"source": where, "people": people, "n": int(off.sum())},
        )


def _changes(month: Month, seats: pd.DataFrame) -> Iterator[Finding]:
    """Find who holds several roles, and who came or went within the month."""
    calendar = Calendar.of(month.month)
    several = seats[seats.duplicated("person", keep=False)]
    listed = month.tables["people"]
    stated = listed[listed["person"].isin(several["person"])]
    sums = stated.groupby("person", sort=True)["share"].agg(["sum", "count", "size"])
    odd = sums[
        (sums["count"] == sums["size"]) & ((sums["sum"] - 1).abs() > 1e-6) | (sums["sum"] > 1)
    ]
    joined = seats[(seats["joined"] > calendar.start) & (seats["joined"] <= calendar.end)]
    left = seats[(seats["left"] >= calendar.start) & (seats["left"] < calendar.end)]
    check = "nothing, if so; else correct"
    for kind, people, problem, remedy in (
        (
            "two_roles",
            several["person"],
            "hold several roles; the score is their mean by share of time.",
            f"{check} their rows and shares in people.csv.",
        ),
        (
            "role_shares",
            odd.index,
            "have shares of time that do not sum to 1; they are scaled to 1.",
            "correct the column share in people.csv.",
        ),
        (
            "joined",
            joined["person"],
            "joined within the month and are measured by the days since.",
            f"{check} the column joined in people.csv.",
        ),
        (
            "left",
            left["person"],
            "left within the month and are measured by the days until then.",
            f"{check} the column left in people.csv.",
        ),
    ):
        ids = sorted(set(map(str, people)))
        if ids:
            rows = listed[listed["person"].isin(ids)]["row"].to_list()
            where = f"people.csv, row(s) {', '.join(map(str, rows[:5]))}"
            said = f"{', '.join(ids[:5])} {problem}"
            values = {"people": ids[:5], "n": len(ids)}
            yield Finding(kind, where, said, remedy, len(rows), values)


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
    accounts = (bare["account"], out["account"])
    found, _ = join([bare["name"], bare["at"]], [out[name], out[at]], accounts)
    return np.delete(lost, found)


def _ambiguous(rows: pd.DataFrame, credits: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return the credits, by number, that name no account and meet rows of several."""
    met = credits[credits["account"].isna() & (credits["position"] >= 0)]
    accounts = rows["account"].iloc[met["position"]].groupby(met["number"].to_numpy())
    several = accounts.nunique()
    return several.index[several > 1].to_numpy()


def _sums_of_shares(credits: pd.DataFrame, table: str) -> np.ndarray[Any, Any]:
    """Add up the shares of each row, or of what was to be one; a material has a row a day."""
    if table == "ads":
        credits = credits.drop_duplicates("number")
    keys = ["name"] if table == "ads" else ["name", "at"]
    whole = groups([*(credits[key] for key in keys), credits["account"].fillna("")])
    position = credits["position"].to_numpy()
    if table != "ads":
        whole = np.where(position >= 0, position, len(credits) + position.max(initial=0) + whole)
    _, whole = np.unique(whole, return_inverse=True)
    return np.bincount(whole, credits["share"].to_numpy())


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
    several = _ambiguous(rows, credits)
    if len(several) and table != "ads":  # a material is one by its id, wherever it runs
        first = credits.loc[credits["number"] == several[0], "row"].iloc[0]
        yield Finding(
            "credit_accounts",
            f"credits.csv, e.g. row {first}",
            f"{len(several)} credit(s) name a {kind} that several accounts have, and count for "
            "each.",
            "write the account into the column account, a line for each that is meant.",
            len(several),
            {"table": table, "n": len(several)},
        )
    sums = _sums_of_shares(credits, table)
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
