"""A month of the live team's rooms: sessions, orders and returns, who hosted, and the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kpilib.sample import company, words
from kpilib.sample.form import Form, level, whole

Row = dict[str, Any]

_STATES = ("已完成", "已发货", "已关闭")
REFUNDED, CLOSED, EXCHANGED, OPEN = (
    "同意退款，退款成功",
    "售后关闭",
    "换货成功",
    "售后处理中",
)


@dataclass
class LiveMonth:
    """What happened; rows are plain dictionaries in canonical names."""

    sessions: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    aftersales: list[Row] = field(default_factory=list)
    credits: list[Row] = field(default_factory=list)
    plans: list[Row] = field(default_factory=list)


@dataclass
class Shop:
    """What one month leaves to the next: who bought before, and returns not yet due."""

    buyers: int = 0
    orders: int = 0
    owed: dict[str, float] = field(default_factory=dict)


def live_month(
    month: str,
    seats: tuple[company.Seat, ...],
    form: Form,
    shop: Shop,
    rng: np.random.Generator,
) -> LiveMonth:
    """Let a month happen in every live room.

    Parameters
    ----------
    month : str
        ``YYYY-MM``.
    seats, form
        Who there is and how well they do.
    shop : Shop
        Brought to the end of the month in place.
    rng : Generator
        Draws everything that the form leaves open.
    """
    out = LiveMonth()
    for room in company.ROOMS:
        crowd = _viewers(room, month, seats, form, rng)
        hosts = [s for s in seats if s.key == "host" and s.account == room]
        for turn, (day, viewers) in enumerate(zip(company.days_of(month), crowd, strict=True)):
            there = [s for s in hosts if s.works_on(day)]
            lead = there[turn % len(there)]
            shares = {lead.person: 1.0}
            if len(there) > 1 and rng.random() < 0.18:
                shares = {lead.person: 0.6, there[(turn + 1) % len(there)].person: 0.4}
            out.credits += [
                {
                    "kind": "session",
                    "name": room,
                    "at": day,
                    "person": person,
                    "role": lead.role,
                    "share": share,
                }
                for person, share in shares.items()
            ]
            _session(out, room, day, int(viewers), shares, form, shop, rng)
    _stragglers(out, month, shop, rng)
    out.plans = _plans(out, month, form)
    return out


def _viewers(
    room: str,
    month: str,
    seats: tuple[company.Seat, ...],
    form: Form,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw the viewers of each day; the last week stands to the week before as planned."""
    days = company.days_of(month)
    season = np.array([company.season(d) for d in days])
    drift = 1 + 0.03 * company.MONTHS.index(month)
    crowd = company.ROOMS[room][0] * drift * season * np.exp(0.1 * rng.standard_normal(len(days)))
    operator = next(s for s in seats if s.key == "live_operations" and s.account == room)
    growth = level("live_views_growth", form[operator.person, month, "live_views_growth"])
    holiday = season[-7:].sum() / season[-14:-7].sum()
    crowd[-7:] *= (1 + growth) * holiday * crowd[-14:-7].sum() / crowd[-7:].sum()
    return np.round(crowd)


def _session(
    out: LiveMonth,
    room: str,
    day: np.datetime64,
    viewers: int,
    shares: dict[str, float],
    form: Form,
    shop: Shop,
    rng: np.random.Generator,
) -> None:
    """Sell on one day in one room; the hosts' strengths mix by their shares."""
    month = str(day)[:7]

    def planned(item: str) -> float:
        return sum(w * level(item, form[p, month, item]) for p, w in shares.items())

    buyers = whole(viewers * max(planned("order_conversion"), 0.004), rng)
    sold: list[Row] = []
    for _ in range(buyers):
        sold += _order(room, day, shop, rng)
    lead = next(iter(shares))
    for line in sold:
        _after(out, line, lead, planned("return_rate"), shop, rng)
    out.orders += sold
    gmv = sum(line["amount"] for line in sold)
    back = sum(line["amount"] for line in sold if line["aftersale"] == REFUNDED)
    watched = planned("watch_time") * np.exp(0.06 * rng.standard_normal())
    shown = whole(viewers * rng.uniform(0.68, 0.8), rng)
    out.sessions.append(
        {
            "account": room,
            "day": day,
            "hours": round(float(rng.uniform(3.5, 6.5)), 2),
            "gmv": gmv,
            "refund_amount": back,
            "pay_orders": len({line["order_id"] for line in sold}),
            "pay_users": buyers,
            "pieces": sum(line["quantity"] for line in sold),
            "refund_users": len({x["order_id"] for x in sold if x["aftersale"] == REFUNDED}),
            "viewers": viewers,
            "views": whole(viewers * rng.uniform(1.25, 1.6), rng),
            "avg_watch_s": round(float(watched)),
            "product_impressions": shown,
            "product_clicks": whole(shown * rng.uniform(0.2, 0.32), rng),
            "comments": whole(viewers * rng.uniform(0.15, 0.4), rng),
            "likes": whole(viewers * rng.uniform(2, 5), rng),
            "shares": whole(viewers * rng.uniform(0.01, 0.03), rng),
            "follower_gain": whole(viewers * rng.uniform(0.01, 0.03), rng),
            "peak_online": whole(viewers * rng.uniform(0.12, 0.2), rng),
        }
    )


def _order(room: str, day: np.datetime64, shop: Shop, rng: np.random.Generator) -> list[Row]:
    """Sell one basket: one line, seldom two."""
    old = shop.buyers > 50 and rng.random() < 0.22
    buyer = int(rng.integers(shop.buyers)) if old else shop.buyers
    shop.buyers += not old
    submitted = day + np.timedelta64(int(rng.integers(18 * 3600, 84_240)), "s")
    lines: list[Row] = []
    for number in range(2 if rng.random() < 0.05 else 1):
        shop.orders += 1
        identity = f"69{str(day)[2:].replace('-', '')}{shop.orders:011d}"
        lines.append(_line(room, identity, lines[0]["order_id"] if number else identity, rng))
        lines[-1] |= {"account": room, "day": day, "buyer": buyer, "submitted": submitted}
        lines[-1]["paid"] = submitted + np.timedelta64(int(rng.integers(6, 500)), "s")
    return lines


def _line(room: str, identity: str, order: str, rng: np.random.Generator) -> Row:
    goods = words.GOODS[room]
    product, name, dear = goods[rng.choice(len(goods), p=(0.4, 0.3, 0.2, 0.1))]
    price = round(company.ROOMS[room][1] * dear * float(np.exp(0.08 * rng.standard_normal()))) - 0.1
    quantity = 2 if rng.random() < 0.07 else 1
    coupon = 10 * int(rng.integers(0, 4))
    return {
        "suborder_id": identity,
        "order_id": order,
        "product_id": product,
        "product": name,
        "quantity": quantity,
        "price": price,
        "coupon": coupon,
        "amount": round(price * quantity - coupon, 2),
        "aftersale": None,
        "place": words.PLACES[rng.integers(len(words.PLACES))],
        "cancelled": None,
    }


def _after(
    out: LiveMonth, line: Row, lead: str, rate: float, shop: Shop, rng: np.random.Generator
) -> None:
    """Decide what becomes of an order line; returns fall due evenly at the host's rate."""
    shop.owed[lead] = shop.owed.get(lead, 0.5) + rate
    if shop.owed[lead] >= 1:
        shop.owed[lead] -= 1
        line["aftersale"] = REFUNDED
    else:
        draw = rng.random()
        line["aftersale"] = next(
            (s for s, p in ((CLOSED, 0.015), (EXCHANGED, 0.025), (OPEN, 0.03)) if draw < p), None
        )
    if line["aftersale"] is None:
        return
    kind = "换货" if line["aftersale"] == EXCHANGED else ("退货退款", "仅退款")[rng.random() < 0.25]
    applied = line["paid"] + np.timedelta64(int(rng.integers(20, 12 * 24 * 60)), "m")
    out.aftersales.append(
        {
            "aftersale_id": f"14{line['suborder_id'][2:]}",
            "line": line,
            "type": kind,
            "refund_amount": line["amount"] if line["aftersale"] == REFUNDED else 0.0,
            "status": line["aftersale"],
            "applied": applied,
            "reason": words.RETURN_REASONS[rng.integers(len(words.RETURN_REASONS))],
        }
    )


def _stragglers(out: LiveMonth, month: str, shop: Shop, rng: np.random.Generator) -> None:
    """Add what an export holds beside the month's sales: never paid, and paid a day too late."""
    days = company.days_of(month)
    for number in range(round(0.05 * len(out.orders))):
        room = tuple(company.ROOMS)[int(rng.integers(len(company.ROOMS)))]
        late = number < 3
        day = days[-1] if late else days[rng.integers(len(days))]
        for line in _order(room, day, shop, rng)[:1]:
            if late:
                line["paid"] = days[-1] + np.timedelta64(24 * 60 + 5 * (number + 1), "m")
            else:
                line["paid"] = None
                line["cancelled"] = words.CANCEL_REASONS[rng.integers(len(words.CANCEL_REASONS))]
            out.orders.append(line)
    out.orders.sort(key=lambda line: (line["submitted"], line["suborder_id"]))


def _plans(out: LiveMonth, month: str, form: Form) -> list[Row]:
    """Set the hosts' GMV plans so that they come out as planned; a plan is a round sum."""
    gmv = {(s["account"], s["day"]): s["gmv"] for s in out.sessions}
    sold: dict[str, float] = {}
    for credit in out.credits:
        own = gmv[credit["name"], credit["at"]] * credit["share"]
        sold[credit["person"]] = sold.get(credit["person"], 0.0) + own
    return [
        {
            "month": month,
            "person": person,
            "indicator": "gmv_completion",
            "target": max(round(own / (form[person, month, "gmv_completion"] / 100), -2), 1000.0),
        }
        for person, own in sorted(sold.items())
    ]
