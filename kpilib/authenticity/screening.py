"""Screening: signals of all rows of a month, and which rows have enough of them to be a flag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kpilib.authenticity.buyers import repeated
from kpilib.authenticity.identities import broken
from kpilib.authenticity.limits import Limits
from kpilib.authenticity.signals import REACH, found, odd_days, odd_ratios
from kpilib.authenticity.sources import disagreeing
from kpilib.authenticity.third_parties import third_parties
from kpilib.exports.receipt import Month

# table -> kind of row, its name, its time; exclusions.csv knows the first three kinds
_KEYS = {
    "works": ("work", "title", "published"),
    "sessions": ("session", "account", "day"),
    "orders": ("order", "order_id", "day"),
    "account_days": ("account_day", "account", "day"),
    "hosts": ("host", "name", "at"),
}
_WHO = ("table", "kind", "name", "at", "account", "file", "row", "excluded")


@dataclass(frozen=True, eq=False)
class Screening:
    """What is out of line in a month, and what was looked at.

    Attributes
    ----------
    signals : DataFrame
        One line per row and signal, flagged or not: table, position (in the table, rows that
        exclusions.csv takes out at its end), kind, name, at, account, file, row, excluded (by
        a decision already), signal, parts, unit, value, usual, z, flagged.
    screened : DataFrame
        table, account, rows (screened), measured_by (rows, earlier months' too), months
        (reached), enough (False: too few to be measured by, and for any flag).
    sources : DataFrame
        Comparisons with third parties that disagree.
    compared : int
        Comparisons made.
    limits : Limits
        The thresholds.
    """

    signals: pd.DataFrame
    screened: pd.DataFrame
    sources: pd.DataFrame
    compared: int
    limits: Limits

    @cached_property
    def flags(self) -> pd.DataFrame:
        """The flagged rows, one line each: table, position, what it is, and its ``signals``."""
        odd = self.signals[self.signals["flagged"]]
        keys = ["table", "position", *_WHO[1:]]
        if odd.empty:
            return pd.DataFrame(columns=[*keys, "signals"])
        grouped = odd.groupby(keys, sort=False, dropna=False)["signal"].agg(tuple)
        return grouped.rename("signals").reset_index()

    @property
    def evidence(self) -> pd.DataFrame:
        """Signals of the flagged rows."""
        return self.signals[self.signals["flagged"]].reset_index(drop=True)

    @property
    def single(self) -> pd.DataFrame:
        """Signals of rows that are not flagged: one oddity, several of one part, too few rows."""
        return self.signals[~self.signals["flagged"].astype(bool)].reset_index(drop=True)

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows of accounts with enough of them, by table."""
        enough = self.screened[self.screened["enough"].astype(bool)]
        return {
            str(t): int(n) for t, n in enough.groupby("table", sort=False)["rows"].sum().items()
        }

    def of_accounts(self, accounts: AbstractSet[str]) -> Screening:
        """Return what concerns some accounts only, as it was measured for all."""
        kept = {
            name: frame[frame["account"].isin(accounts)].reset_index(drop=True)
            for name in ("signals", "screened", "sources")
            if "account" in (frame := getattr(self, name))
        }
        return replace(self, **kept)


def screen(
    month: Month,
    before: Sequence[Month] = (),
    *,
    limits: Limits | None = None,
    compared: pd.DataFrame | None = None,
) -> Screening:
    """Look for figures that no crowd makes: works, days of rooms and accounts, and orders.

    Parameters
    ----------
    month : Month
        The month, with the rows that exclusions.csv takes out: they are screened all the same.
    before : sequence of Month
        Earlier months, oldest first; they fill up what an account lacks to be measured by.
    limits : Limits, optional
        Thresholds; their defaults.
    compared : DataFrame, optional
        Comparisons with third parties; those that the month's own tables allow by default. One
        that disagrees about a work, a room's day or an account's is a signal of that row.

    Returns
    -------
    Screening
        Flags with their evidence. Nothing is taken out by it.
    """
    limits = limits or Limits()
    tables = {t: _whole(month, t) for t in _KEYS if t != "hosts"}
    rest = {t: frame for t, frame in month.tables.items() if t not in tables}
    screened: list[list[object]] = []
    parts = {t: [frame] for t, frame in broken(tables | rest, limits).items()}
    if len(rest.get("hosts", ())):  # a month's sums of a person: of no account and no day
        hosts = _whole(month, "hosts")
        tables["hosts"] = hosts.assign(
            account=hosts["name"], at=pd.Series(pd.NaT, hosts.index, dtype="datetime64[us]")
        )
    else:
        del parts["hosts"]
    for table in ("works", "sessions", "account_days"):
        earlier = [m.tables[table] for m in reversed(before) if table in m.tables]
        ratios = _by_account(tables[table], earlier, table, limits, screened)
        parts.setdefault(table, []).extend(ratios)
    parts["orders"] = [repeated(tables["orders"], limits)]
    screened += _counted(tables["orders"], limits)
    if compared is None:
        compared = third_parties(tables | rest, month.month, limits)
    other = disagreeing(compared, limits)
    for table, part in _of_sources(tables, other):
        parts[table].append(part)
    columns = ["table", "account", "rows", "measured_by", "months", "enough"]
    looked = pd.DataFrame(screened, columns=columns)
    many = looked[looked["enough"].astype(bool)].groupby("table")["account"].agg(set)
    signals = pd.concat(
        [
            _said(tables[table], table, pieces, limits, many.get(table, set()))
            for table, pieces in parts.items()
        ],
        ignore_index=True,
    )
    return Screening(signals, looked, other, len(compared), limits)


def _whole(month: Month, table: str) -> pd.DataFrame:
    """Return a table with the rows that a decision takes out at its end."""
    rows, out = month.tables[table], month.excluded.get(table)
    both = rows if out is None or out.empty else pd.concat([rows, out], ignore_index=True)
    return both.assign(excluded=np.arange(len(both)) >= len(rows))


def _by_account(
    rows: pd.DataFrame,
    earlier: Sequence[pd.DataFrame],
    table: str,
    limits: Limits,
    screened: list[list[object]],
) -> Iterator[pd.DataFrame]:
    """Screen each account by its own rows, reaching back month by month while they are too few."""
    reach = REACH.get(table, "followers_total")
    for account, own in rows.groupby("account", sort=True):
        mine = own[own[reach].notna()]
        blocks, months = [mine], 1
        while sum(map(len, blocks)) < limits.rows and months <= len(earlier):
            past = earlier[months - 1]
            past = past[(past["account"] == account) & past[reach].notna()]
            blocks.append(past)
            months += 1
        n = sum(map(len, blocks))
        enough = n >= limits.rows
        screened.append([table, account, len(mine), n, months, enough])
        if not enough or mine.empty:
            continue
        together = pd.concat(blocks)
        now = pd.Series(np.arange(n) < len(mine), together.index)
        if table == "account_days":
            order = np.argsort(together["day"].to_numpy(), kind="stable")
            yield odd_days(together.iloc[order], now.iloc[order], limits)
        else:
            yield odd_ratios(together, table, now, limits)


def _counted(orders: pd.DataFrame, limits: Limits) -> Iterator[list[object]]:
    for account, own in orders[orders["buyer"].notna()].groupby("account", sort=True):
        n = int(own["buyer"].nunique())
        yield ["orders", account, len(own), n, 1, n >= limits.rows]


def _of_sources(
    tables: Mapping[str, pd.DataFrame], other: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give a disagreement about a work or a day to the row of it.

    Account and time alone do not tell which: a work may be published at midnight, as a day is.
    """
    if other.empty:
        return
    for table in ("works", "sessions", "account_days"):
        rows = tables[table]
        times = zip(rows.index, rows["account"], rows[_KEYS[table][2]], strict=True)
        places = {(account, at): i for i, account, at in times}
        made = []
        for claim in other[other["table"] == table].to_dict("records"):
            place = places.get((claim["account"], claim["at"]))
            if place is not None and claim["metric"] in rows:
                nearest = claim["low"] if claim["apart"] < 0 else claim["high"]
                part = frozenset({str(claim["source"])})
                key = f"source_{claim['metric']}"
                made.append([place, key, part, "count", claim["ours"], nearest, np.nan])
        yield table, found(made)


def _said(
    rows: pd.DataFrame,
    table: str,
    parts: Iterable[pd.DataFrame],
    limits: Limits,
    many: AbstractSet[str],
) -> pd.DataFrame:
    """Say which row each signal is of, and whether it has enough of them for a flag.

    Only an account with enough rows (``many``) is flagged: two odd days of two say nothing of
    what is usual there.
    """
    kind, name, at = _KEYS[table]
    signals = pd.concat([found([]), *parts], ignore_index=True)
    place = signals["position"].to_numpy(dtype="int64")
    of = rows.loc[place].reset_index(drop=True)
    who = pd.DataFrame(
        {
            "table": table,
            "position": place,
            "kind": kind,
            "name": of[name].astype(object),
            "at": of[at],
            "account": of["account"].astype(object),
            "file": of["file"].astype(object),
            "row": of["row"],
            "excluded": of["excluded"],
        }
    )
    sets = signals.groupby("position", sort=False)["parts"].agg(independent)
    flagged = sets.reindex(place).fillna(0).to_numpy(dtype=int) >= limits.signals
    flagged &= of["account"].isin(many).to_numpy(dtype=bool)
    rest = signals.drop(columns="position")
    out = pd.concat([who, rest], axis=1).assign(flagged=flagged)
    return out.sort_values("position", kind="stable")


def independent(parts: Iterable[frozenset[str]]) -> int:
    """Count signals of which no two have a part in common; those of one part come first.

    >>> likes, both = frozenset({"likes"}), frozenset({"likes", "comments"})
    >>> independent([likes, both]), independent([likes, both, frozenset({"completion"})])
    (1, 2)
    """
    taken: set[str] = set()
    n = 0
    for part in sorted(parts, key=lambda p: (len(p), sorted(p))):
        if taken.isdisjoint(part):
            taken |= part
            n += 1
    return n
