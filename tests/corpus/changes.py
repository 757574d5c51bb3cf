"""Cases of a good table that is changed and written again, and how their refusals end."""

from __future__ import annotations

from collections.abc import Callable

from tests.corpus import MONTH, Case
from tests.corpus.damage import good
from tests.exports_made import Made, as_bytes

WORKS, DAILY, ORDERS, LIVE = "creator_works", "creator_daily", "shop_orders", "compass_live_daily"
SERVICE, STAR, ADS, ROOMS = (
    *("feige_service", "xingtu_order_report", "oceanengine_materials", "compass_rooms"),
)
SETTLED, FUNDS, HOSTS = "shop_settlements", "shop_funds", "feigua_hosts"


def case(name: str, key: str, damaged: Made, ending: str = "csv", **outcome: object) -> Case:
    raw = as_bytes(damaged, ending)
    return Case(f"{key}: {name}", key, lambda: raw, f"{MONTH}/x.{ending}", **outcome)  # type: ignore[arg-type]


def own(name: str, key: str, change: Callable[[Made], Made], **outcome: object) -> Case:
    return case(name, key, change(good(key)), **outcome)


def top(made: Made, **cells: object) -> Made:
    """Put a row right under the header."""
    return Made(made.headers, [[cells.get(h, "") for h in made.headers], *made.rows])


LACKING = (
    "To mend: download it again from the platform with all its columns; if the platform has "
    "renamed one, enter it in kpilib/exports/formats.yaml."
)
NO_DATE = "this is not a date. To mend: write it as 2025-05-31 or 2025-05-31 20:15:00."
TWO = "To mend: keep the row that is right and take the other out."
EMPTY = (
    "the cell is empty, and the row means nothing without it. To mend: fill the cell, or take the "
    "row out if it is no data."
)
CHOSEN = {"主订单编号", "子订单编号", "订单应付金额", "支付完成时间", "订单状态", "达人昵称"}
UNCHOSEN = {
    name: [None, None]
    for name in (
        "product_id",
        "quantity",
        "submitted",
        "completed",
        "aftersale",
        "returned",
        "buyer",
        "repeat",
    )
}
