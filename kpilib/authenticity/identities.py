"""Identities: numbers of one row, or of two exports, that must agree whatever the crowd does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from kpilib.authenticity.limits import Limits
from kpilib.authenticity.robust import Array, Mask
from kpilib.authenticity.signals import found


def broken(tables: Mapping[str, pd.DataFrame], limits: Limits) -> dict[str, pd.DataFrame]:
    """Check the identities of a month.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the month; ``account_days``, ``sessions``, ``rooms``, ``hosts`` and
        ``orders`` are looked at.
    limits : Limits
        How far two sides may differ.

    Returns
    -------
    dict of str to DataFrame
        Per table: position, signal, parts, unit, value (what is stated), usual (what the other
        side makes of it), z (NaN).

    Notes
    -----
    ``online``: viewers x mean watch time / length of the broadcast is the mean audience, which
    cannot be above the highest. ``gpm``: a host's GMV per 1,000 views against both.
    ``parts_gmv`` and ``parts_orders``: the room's day against the sum of its broadcasts.
    ``gmv_orders`` and ``orders_count``: the room's GMV and orders against the shop's order export
    of that day. ``buyers``: no more buyers than orders or viewers. ``follower_balance``: net gain
    of a day against the change of the total. What one export lacks is not compared, nor a sum
    with an unknown part in it. These need no sample: they are checked for every account, however
    few its rows; a flag needs more (`kpilib.authenticity.limits.Limits.rows`).
    """
    sessions = tables["sessions"]
    checks = {
        "sessions": [
            *_of_a_room(sessions, limits),
            *_with_orders(tables, limits),
            *_parts(tables, limits),
        ],
        "account_days": [*_followers(tables["account_days"], limits)],
        "hosts": [*_gpm(tables["hosts"], limits)] if "hosts" in tables else [],
    }
    return {table: found(rows) for table, rows in checks.items()}


def _rows(
    rows: pd.DataFrame, wrong: Mask, key: str, part: str, unit: str, stated: Array, made: Array
) -> Iterator[list[object]]:
    for place in np.flatnonzero(wrong).tolist():
        parts, both = frozenset({part}), (float(stated[place]), float(made[place]))
        yield [rows.index[place], key, parts, unit, *both, float("nan")]


def _of_a_room(rows: pd.DataFrame, limits: Limits) -> Iterator[list[object]]:
    n = {
        c: rows[c].to_numpy(dtype=float, na_value=np.nan) for c in rows if rows[c].dtype.kind == "f"
    }
    room = 1 + limits.identity
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = n["viewers"] * n["avg_watch_s"] / n["live_s"]
        least = np.minimum(n["pay_orders"], n["viewers"])
    wrong = np.isfinite(mean) & (mean > room * n["peak_online"])
    yield from _rows(rows, wrong, "online", "avg_watch_s", "count", n["peak_online"], mean)
    yield from _rows(
        rows, n["pay_users"] > least, "buyers", "pay_users", "count", n["pay_users"], least
    )


def _gpm(rows: pd.DataFrame, limits: Limits) -> Iterator[list[object]]:
    """Hold GMV per 1,000 views, as a host's export states it, against its GMV and views."""
    gmv, views, stated = (rows[c].to_numpy(dtype=float) for c in ("gmv", "views", "gpm"))
    with np.errstate(divide="ignore", invalid="ignore"):
        made = 1000 * gmv / views
    wrong = np.isfinite(made) & (np.abs(stated - made) > limits.identity * made)
    yield from _rows(rows, wrong, "gpm", "gmv", "yuan", stated, made)


def _sums(rows: pd.DataFrame, column: str) -> pd.Series:
    """Sum a column by account and day; a sum with an unknown part is unknown, for it is too low."""
    days = rows.groupby(["account", "day"])[column]
    return days.sum().where(days.count() == days.size())


def _parts(tables: Mapping[str, pd.DataFrame], limits: Limits) -> Iterator[list[object]]:
    """Hold a room's day against the sum of its broadcasts, where both were exported."""
    sessions, rooms = tables["sessions"], tables.get("rooms")
    if rooms is None or rooms.empty or sessions.empty:
        return
    days = pd.MultiIndex.from_frame(sessions[["account", "day"]])
    for key, unit, column in (
        ("parts_gmv", "yuan", "gmv"),
        ("parts_orders", "count", "pay_orders"),
    ):
        whole = sessions[column].to_numpy(dtype=float)
        parts = _sums(rooms, column).reindex(days).to_numpy(dtype=float)
        wrong = np.abs(whole - parts) > limits.identity * np.maximum(whole, parts)
        yield from _rows(sessions, wrong, key, "broadcasts", unit, whole, parts)


def _with_orders(tables: Mapping[str, pd.DataFrame], limits: Limits) -> Iterator[list[object]]:
    """Compare rooms with the order export, for accounts that it has; one lack is one oddity.

    A day without any order there is one of 0; a day whose amounts are not all known is none.
    """
    sessions, orders = tables["sessions"], tables["orders"]
    if sessions.empty or orders.empty:
        return
    days = pd.MultiIndex.from_frame(sessions[["account", "day"]])
    count: pd.Series = orders.groupby(["account", "day"])["order_id"].nunique()
    covered = sessions["account"].isin(set(orders["account"].dropna())).to_numpy()
    for key, unit, stated, made in (
        ("gmv_orders", "yuan", "gmv", _sums(orders, "amount")),
        ("orders_count", "count", "pay_orders", count),
    ):
        said = sessions[stated].to_numpy(dtype=float)
        sold = made.reindex(days, fill_value=0).to_numpy(dtype=float)
        wrong = covered & (np.abs(said - sold) > limits.identity * np.maximum(said, sold))
        yield from _rows(sessions, wrong, key, "order_export", unit, said, sold)


def _followers(days: pd.DataFrame, limits: Limits) -> Iterator[list[object]]:
    """Hold the net gain of each day against the change of the total since the day before."""
    for _, own in days.groupby("account", sort=False):
        rows = own.sort_values("day")
        change = rows["followers_total"].diff().to_numpy(dtype=float)
        gain = rows["follower_gain"].to_numpy(dtype=float)
        next_day = (rows["day"].diff() == pd.Timedelta(days=1)).to_numpy()
        allowed = np.maximum(limits.identity * np.abs(gain), limits.least)
        wrong = next_day & (np.abs(change - gain) > allowed)
        yield from _rows(rows, wrong, "follower_balance", "follower_gain", "count", gain, change)
