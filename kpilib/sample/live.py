"""A month of the live team's rooms: sessions, orders and returns, who hosted, and the plan."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kpilib.sample import company, words
from kpilib.sample.form import Row, Scene

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


def live_month(scene: Scene, shop: Shop) -> LiveMonth:
    """Let a month happen in every live room.

    Parameters
    ----------
    scene : Scene
        The month, its people and how well they do.
    shop : Shop
        Brought to the end of the month in place.
    """
    out = LiveMonth()
    for room in company.ROOMS:
        hosts = list(scene.in_role("host", room))
        crowd = _viewers(scene, room)
        for turn, (day, viewers) in enumerate(zip(scene.days, crowd, strict=True)):
            shares = _on_air(scene, [s for s in hosts if s.works_on(day)], turn)
            out.credits += [
                {
                    "kind": "session",
                    "name": room,
                    "at": day,
                    "person": seat.person,
                    "role": seat.role,
                    "share": share,
                }
                for seat, share in shares.items()
            ]
            people = {seat.person: share for seat, share in shares.items()}
            _session(scene, out, {"account": room, "day": day, "viewers": viewers}, people, shop)
    _stragglers(scene, out, shop)
    out.plans = _plans(scene, out)
    return out


def _on_air(scene: Scene, there: list[company.Seat], turn: int) -> dict[company.Seat, float]:
    """Let the hosts take turns; now and then two share a day."""
    lead = there[turn % len(there)]
    if len(there) > 1 and scene.rng.random() < 0.18:
        return {lead: 0.6, there[(turn + 1) % len(there)]: 0.4}
    return {lead: 1.0}


def _viewers(scene: Scene, room: str) -> list[int]:
    """Draw the viewers of each day; the last week stands to the week before as planned."""
    season = np.array([company.season(d) for d in scene.days])
    drift = 1 + 0.03 * company.MONTHS.index(scene.month)
    noise = np.exp(0.1 * scene.rng.standard_normal(len(season)))
    crowd = company.ROOMS[room][0] * drift * season * noise
    growth = scene.held("live_operations", room, "live_views_growth")
    holiday = season[-7:].sum() / season[-14:-7].sum()
    crowd[-7:] *= (1 + growth) * holiday * crowd[-14:-7].sum() / crowd[-7:].sum()
    return [round(float(viewers)) for viewers in crowd]


def _session(scene: Scene, out: LiveMonth, day: Row, shares: dict[str, float], shop: Shop) -> None:
    """Sell on one day in one room; the hosts' strengths mix by their shares."""

    def planned(item: str) -> float:
        return sum(share * scene.planned(person, item) for person, share in shares.items())

    buyers = scene.whole(day["viewers"] * max(planned("order_conversion"), 0.004))
    sold = [x for _ in range(buyers) for x in _order(day["account"], day["day"], shop, scene.rng)]
    lead = next(iter(shares))
    for line in sold:
        _after(out, line, lead, planned("return_rate"), shop, scene.rng)
    out.orders += sold
    returned = [line for line in sold if line["aftersale"] == REFUNDED]
    watched = planned("watch_time") * np.exp(0.06 * scene.rng.standard_normal())
    out.sessions.append(
        day
        | _attention(scene, day["viewers"])
        | {
            "gmv": sum(line["amount"] for line in sold),
            "refund_amount": sum(line["amount"] for line in returned),
            "pay_orders": len({line["order_id"] for line in sold}),
            "pay_users": buyers,
            "pieces": sum(line["quantity"] for line in sold),
            "refund_users": len({line["order_id"] for line in returned}),
            "avg_watch_s": round(float(watched)),
        }
    )


def _attention(scene: Scene, viewers: int) -> Row:
    """Draw what a crowd does in a room beside buying."""
    rng = scene.rng
    shown = scene.whole(viewers * rng.uniform(0.68, 0.8))
    return {
        "hours": round(float(rng.uniform(3.5, 6.5)), 2),
        "views": scene.whole(viewers * rng.uniform(1.25, 1.6)),
        "product_impressions": shown,
        "product_clicks": scene.whole(shown * rng.uniform(0.2, 0.32)),
        "comments": scene.whole(viewers * rng.uniform(0.15, 0.4)),
        "likes": scene.whole(viewers * rng.uniform(2, 5)),
        "shares": scene.whole(viewers * rng.uniform(0.01, 0.03)),
        "follower_gain": scene.whole(viewers * rng.uniform(0.01, 0.03)),
        "peak_online": scene.whole(viewers * rng.uniform(0.12, 0.2)),
    }


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


def _stragglers(scene: Scene, out: LiveMonth, shop: Shop) -> None:
    """Add what an export holds beside the month's sales: never paid, and paid a day too late."""
    days, rng = scene.days, scene.rng
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


def _plans(scene: Scene, out: LiveMonth) -> list[Row]:
    """Set the hosts' GMV plans so that they come out as planned; a plan is a round sum."""
    gmv = {(s["account"], s["day"]): s["gmv"] for s in out.sessions}
    sold: dict[str, float] = {}
    for credit in out.credits:
        own = gmv[credit["name"], credit["at"]] * credit["share"]
        sold[credit["person"]] = sold.get(credit["person"], 0.0) + own
    return [
        {
            "month": scene.month,
            "person": person,
            "indicator": "gmv_completion",
            "target": max(round(own / scene.planned(person, "gmv_completion"), -2), 1000.0),
        }
        for person, own in sorted(sold.items())
    ]
