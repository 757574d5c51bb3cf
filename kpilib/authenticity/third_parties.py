"""Third parties: which of their figures are held against ours, and how both are counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from kpilib.authenticity.limits import Limits
from kpilib.authenticity.sources import CLAIM, COLUMNS, KEYS, claims, compare

Tables = Mapping[str, pd.DataFrame]
Pair = tuple[pd.DataFrame, pd.DataFrame]


def third_parties(tables: Tables, month: str, limits: Limits) -> pd.DataFrame:
    """Compare what two sources say of the same thing, wherever the month has both.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the month. Compared are: lists of broadcasts as a monitor such as Chanmama saw
        them with the rooms' days; Xingtu's reports of single works, by the open platform's list
        of works, and Xingtu's median of plays with the work list; the open platform's days with
        the account's own.
    month : str
        YYYY-MM.
    limits : Limits
        The tolerance.

    Returns
    -------
    DataFrame
        As `kpilib.authenticity.sources.compare`; empty where no third party was asked.
    """
    pairs = [
        *_monitored(tables),
        *_single_works(tables),
        *_medians(tables, month),
        *_open_days(tables),
    ]
    made = [compare(ours, theirs, limits) for ours, theirs in pairs]
    made = [table for table in made if len(table)]
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(COLUMNS))


def _given(tables: Tables, *names: str) -> bool:
    return all(name in tables and len(tables[name]) for name in names)


def _long(rows: pd.DataFrame, at: str, metrics: Mapping[str, str]) -> pd.DataFrame:
    """Return our figures as account, at, metric, value."""
    parts = [
        pd.DataFrame(
            {"account": rows["account"], "at": rows[at], "metric": metric, "value": rows[column]}
        )
        for column, metric in metrics.items()
    ]
    return pd.concat(parts, ignore_index=True).drop_duplicates(list(KEYS))


def _monitored(tables: Tables) -> Iterator[Pair]:
    """Sum the broadcasts that a monitor lists to days; the audience is the highest."""
    if not _given(tables, "monitored_lives", "sessions"):
        return
    lives = tables["monitored_lives"]
    lives = lives.assign(day=lives["started"].dt.normalize())
    same = {"gmv": "gmv", "views": "views", "peak_online": "peak_online"}
    each = claims(lives, "monitor", same, "sessions", "day")
    if each.empty:
        return
    whole = each[each["metric"] != "peak_online"].groupby(list(KEYS), sort=True)
    most = each[each["metric"] == "peak_online"].groupby(list(KEYS), sort=True)
    named = dict.fromkeys(("table", "source", "file", "row"), "first")
    days = pd.concat(
        [
            whole.agg({**named, "low": "sum", "high": "sum"}),
            most.agg({**named, "low": "max", "high": "max"}),
        ]
    )
    yield _long(tables["sessions"], "day", same), days.reset_index()[list(CLAIM)]


def _single_works(tables: Tables) -> Iterator[Pair]:
    """Find works that Xingtu names by number: the open platform says their title and time."""
    if not _given(tables, "star_orders", "open_items", "works"):
        return
    items = tables["open_items"][["item_id", "account", "title", "published"]]
    stars = tables["star_orders"].drop(columns="account").merge(items, on="item_id")
    metrics = {"plays": "plays", "likes": "likes", "comments": "comments"}
    if len(stars):
        ours = _long(tables["works"], "published", metrics)
        yield ours, claims(stars, "xingtu", metrics, "works", "published")


def _medians(tables: Tables, month: str) -> Iterator[Pair]:
    """Compare Xingtu's median of a creator's plays with that of the month's works."""
    if not _given(tables, "creators", "works"):
        return
    plays = tables["works"].groupby("account")["plays"].median().dropna()
    ours = plays.rename("value").reset_index().assign(at=month, metric="median_plays")
    theirs = tables["creators"].assign(month=month)
    yield ours, claims(theirs, "xingtu", {"median_plays": "median_plays"}, "works", "month")


def _open_days(tables: Tables) -> Iterator[Pair]:
    """Compare the platform with itself: its open interface and its creator centre."""
    if not _given(tables, "open_days", "account_days"):
        return
    same = {"plays": "plays", "followers_total": "followers_total"}
    theirs = claims(tables["open_days"], "open_platform", same, "account_days", "day")
    yield _long(tables["account_days"], "day", same), theirs
