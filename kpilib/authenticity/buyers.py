"""Repeated buyers: one buyer's orders from one account, far more and far more alike than usual."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpilib.authenticity.limits import Limits
from kpilib.authenticity.robust import modified_z
from kpilib.authenticity.signals import found


def repeated(orders: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Find buyers whose orders from one account are out of line.

    Parameters
    ----------
    orders : DataFrame
        Order lines of a month: account, buyer (a pseudonym), order_id, product_id, amount, day.
        Lines whose buyer is not known are left out.
    limits : Limits
        How many are too many.

    Returns
    -------
    DataFrame
        As `kpilib.authenticity.signals.odd_ratios`, one row per order line and signal:
        ``buyer_orders`` (orders of the buyer from the account, against the account's buyers) and
        ``same_basket`` (equal product and amount on one day; usual is 1).
    """
    known = orders[orders["buyer"].notna() & orders["account"].notna()]
    if known.empty:
        return found([])
    rows = [
        [line, "buyer_orders", frozenset({"buyer"}), "count", *numbers]
        for line, numbers in _many(known, limits)
    ]
    keys = ["account", "buyer", "day", "product_id", "amount"]
    alike = known.groupby(keys)["order_id"].transform("nunique")
    rows += [
        [line, "same_basket", frozenset({"basket"}), "count", float(n), 1.0, math.nan]
        for line, n in alike[alike >= limits.basket].items()
    ]
    return found(rows)


def _many(known: pd.DataFrame, limits: Limits) -> Iterator[tuple[object, list[float]]]:
    """Yield each line of a buyer with too many orders: orders, what is usual, modified z."""
    for _, own in known.groupby("account", sort=True):
        orders = own.groupby("buyer", sort=True)["order_id"].nunique()
        if len(orders) < limits.rows:
            continue
        y = np.log(orders.to_numpy(dtype=float))
        usual, z = float(np.median(y)), pd.Series(modified_z(y), orders.index)
        odd = (z > limits.z) & (y - usual >= np.log(limits.factor)) & (orders >= limits.orders)
        theirs = own[own["buyer"].isin(orders.index[odd])]["buyer"]
        for line, buyer in theirs.items():
            yield line, [float(orders[buyer]), float(np.exp(usual)), float(z[buyer])]
