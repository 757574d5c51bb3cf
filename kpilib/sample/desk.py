"""A month of the live team's other desks: ads, the service desk, campaigns, and everyone's 360."""

from __future__ import annotations

from typing import Any

import numpy as np

from kpilib.sample import company, words
from kpilib.sample.form import Form, level, whole

Row = dict[str, Any]

_JUDGED = {
    "editor": (
        ("editing_quality", ("self", "peer", "manager")),
        ("topic_fit", ("peer", "manager")),
    ),
    "actor": (("cooperation", ("self", "peer", "manager")), ("screen_performance", ("user",))),
}
_USERS = tuple(f"u{number:02d}" for number in range(1, 13))


def ads(
    month: str, seats: tuple[company.Seat, ...], form: Form, rng: np.random.Generator
) -> tuple[dict[str, list[Row]], list[Row]]:
    """Run the planners' materials in their rooms.

    Returns
    -------
    dict of list, list
        Report rows per room, and who made which material.
    """
    rows: dict[str, list[Row]] = {room: [] for room in company.ROOMS}
    credits: list[Row] = []
    planners = [s for s in seats if s.key == "planner"]
    for seat in planners:
        sharing = sum(s.account == seat.account for s in planners)
        made = _materials(seat, month, sharing, form, rng)
        rows[seat.account] += made
        for material in dict.fromkeys(r["material_id"] for r in made):
            who = {"person": seat.person, "role": seat.role, "share": 1.0}
            credits.append({"kind": "material", "name": material, "at": None} | who)
    for room, own in rows.items():
        operator = next(s for s in seats if s.key == "live_operations" and s.account == room)
        price = level("cpm", form[operator.person, month, "cpm"]) / 1000
        noise = np.exp(0.1 * rng.standard_normal(len(own)))
        shown = np.array([r["impressions"] for r in own])
        noise *= shown.sum() / (shown * noise).sum()
        for row, factor in zip(own, noise, strict=True):
            row["cost"] = round(float(row["impressions"] * price * factor), 2)
        own.sort(key=lambda r: (r["day"], r["material_id"]))
    return rows, credits


def _materials(
    seat: company.Seat, month: str, sharing: int, form: Form, rng: np.random.Generator
) -> list[Row]:
    days = company.days_of(month)
    rows: list[Row] = []
    for number in range(4):
        start = int(rng.integers(0, 20))
        identity = f"7{month.replace('-', '')}{int(seat.person[1:]):03d}{number:02d}0000000"
        kind = ("视频", "图片")[number % 2]
        named = {"material_id": identity, "material": f"{seat.account}_{kind}{number + 1}"}
        rows += [
            {"day": day, "material_type": kind} | named
            for day in days[start : start + int(rng.integers(8, 12))]
        ]
    total = round(company.ROOMS[seat.account][2] * len(days) / sharing / 10_000) * 10_000
    weight = rng.uniform(0.5, 1.5, len(rows))
    clicked = total * level("creative_ctr", form[seat.person, month, "creative_ctr"])
    went_on = round(clicked) * level("page_conversion", form[seat.person, month, "page_conversion"])
    shown = _parts(total, weight)
    clicks = _parts(round(clicked), shown * rng.uniform(0.8, 1.2, len(rows)))
    conversions = _parts(round(went_on), clicks * rng.uniform(0.8, 1.2, len(rows)))
    for row, seen, click, bought in zip(rows, shown, clicks, conversions, strict=True):
        row |= {"impressions": int(seen), "clicks": int(click), "conversions": int(bought)}
    return rows


def _parts(total: int, weight: np.ndarray) -> np.ndarray:
    """Split a whole number by weight into whole numbers that sum to it."""
    edges = np.round(np.cumsum(weight) / weight.sum() * total)
    return np.diff(edges, prepend=0)


def service(
    month: str, seats: tuple[company.Seat, ...], form: Form, rng: np.random.Generator
) -> list[Row]:
    """Count a month of the service desk, one row a person."""
    rows = []
    for seat in seats:
        if seat.key != "customer_service":
            continue
        rate = {
            item: level(item, form[seat.person, month, item])
            for item in company.ITEMS["customer_service"]
        }
        reviews = _exact(max(rate["bad_review_rate"], 0), rng)
        asked = _exact(rate["inquiry_conversion"], rng)
        bad, paid = (
            round(max(rate["bad_review_rate"], 0) * reviews),
            round(rate["inquiry_conversion"] * asked),
        )
        rows.append(
            {
                "agent": seat.account,
                "conversations": asked + int(rng.integers(120, 420)),
                "reviews": reviews,
                "bad_reviews": bad,
                "good_reviews": round((reviews - bad) * float(rng.uniform(0.9, 0.97))),
                "avg_reply_s": None
                if (seat.person, month) == company.NO_REPLY_TIME
                else round(rate["response_time"]),
                "first_reply_s": int(rng.integers(8, 40)),
                "reply_3min": round(float(rng.uniform(0.86, 0.985)), 3),
                "inquiry_users": asked,
                "order_users": round(paid * float(rng.uniform(1.08, 1.25))),
                "inquiry_pay_users": paid,
            }
        )
    return rows


def _exact(rate: float, rng: np.random.Generator) -> int:
    """Draw a head count of which ``rate`` is a whole number, if there is one."""
    wide = np.arange(420, 900)
    hit = wide[np.abs(wide * rate - np.round(wide * rate)) < 1e-9]
    return int(rng.choice(hit if len(hit) else wide))


def campaigns(
    month: str, seats: tuple[company.Seat, ...], form: Form, rng: np.random.Generator
) -> list[Row]:
    """List the month's campaigns of each live operator, met or not."""
    rows = []
    days = company.days_of(month)
    for seat in seats:
        if seat.key != "live_operations" or (seat.person, month) == company.NO_CAMPAIGN:
            continue
        count = int(rng.integers(8, 15))
        wanted = level("campaign_delivery", form[seat.person, month, "campaign_delivery"])
        met = rng.permutation(count) < whole(min(wanted, 1) * count, rng)
        for yes in met:
            start = days[rng.integers(len(days) - 4)] + np.timedelta64(9, "h")
            rows.append(
                {
                    "person": seat.person,
                    "kind": "campaign",
                    "submitted": start,
                    "due": start + np.timedelta64(72, "h"),
                    "delivered": start + np.timedelta64(int(rng.integers(20, 90)), "h"),
                    "adopted": "",
                    "met": "yes" if yes else "no",
                }
            )
    return rows


def ratings(
    month: str, seats: tuple[company.Seat, ...], form: Form, rng: np.random.Generator
) -> list[Row]:
    """Ask oneself, colleagues, managers and viewers for whole scores from 1 to 5."""
    rows: list[Row] = []
    last = company.days_of(month)[-1]
    for seat in seats:
        if seat.joined > last or (seat.left is not None and seat.left < np.datetime64(month)):
            continue
        for item, relations in _JUDGED.get(seat.key, ()):
            true = 4 * form[seat.person, month, item] / 100
            for relation in relations:
                for rater in _raters(seat, relation, seats, month, rng):
                    lean = {company.LENIENT: 1.0, company.HARSH: -1.1}.get(rater, 0.0)
                    lean += 0.35 if relation == "self" else 0.0
                    score = round(float(np.clip(true + lean + 0.35 * rng.standard_normal(), 1, 5)))
                    rows.append(
                        {
                            "month": month,
                            "rater": rater,
                            "ratee": seat.person,
                            "relation": relation,
                            "item": item,
                            "score": score,
                            "comment": words.comment(item, rng),
                        }
                    )
    return rows


def _raters(
    seat: company.Seat,
    relation: str,
    seats: tuple[company.Seat, ...],
    month: str,
    rng: np.random.Generator,
) -> list[str]:
    if relation == "self":
        return [seat.person]
    if relation == "user":
        return sorted(rng.permutation(_USERS)[:5].tolist())
    first, last = company.days_of(month)[[0, -1]]
    there = [
        s
        for s in seats
        if s.team == seat.team
        and s.person != seat.person
        and s.joined < first
        and (s.left is None or s.left > last)
    ]
    if relation == "manager":
        boss = [s.person for s in there if s.key == "operations_manager"]
        return boss[:2]
    peers = sorted({s.person for s in there if s.key != "operations_manager"})
    odd = [p for p in peers if p in (company.LENIENT, company.HARSH)]
    others = rng.permutation([p for p in peers if p not in odd])[: 4 - len(odd)]
    return sorted([*odd, *others.tolist()])
