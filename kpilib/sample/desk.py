"""A month of the live team's other desks: ads, the service desk, campaigns, and everyone's 360."""

from __future__ import annotations

import numpy as np

from kpilib.sample import company, words
from kpilib.sample.form import Row, Scene

_JUDGED = {
    "editor": (
        ("editing_quality", ("self", "peer", "manager")),
        ("topic_fit", ("peer", "manager")),
    ),
    "actor": (("cooperation", ("self", "peer", "manager")), ("screen_performance", ("user",))),
}
_USERS = tuple(f"u{number:02d}" for number in range(1, 13))


def ads(scene: Scene) -> tuple[dict[str, list[Row]], list[Row]]:
    """Run the planners' materials in their rooms.

    Returns
    -------
    dict of list, list
        Report rows per room, and who made which material.
    """
    rows: dict[str, list[Row]] = {room: [] for room in company.ROOMS}
    credits: list[Row] = []
    for seat in scene.in_role("planner"):
        made = _materials(scene, seat)
        rows[seat.account] += made
        for material in dict.fromkeys(r["material_id"] for r in made):
            who = {"person": seat.person, "role": seat.role, "share": 1.0}
            credits.append({"kind": "material", "name": material, "at": None} | who)
    for room, own in rows.items():
        _charge(scene, room, own)
        own.sort(key=lambda r: (r["day"], r["material_id"]))
    return rows, credits


def _charge(scene: Scene, room: str, rows: list[Row]) -> None:
    """Set what each day of a material cost; the room's cost per 1,000 comes out as planned."""
    price = scene.held("live_operations", room, "cpm") / 1000
    noise = np.exp(0.1 * scene.rng.standard_normal(len(rows)))
    shown = np.array([r["impressions"] for r in rows])
    noise *= shown.sum() / (shown * noise).sum()
    for row, factor in zip(rows, noise, strict=True):
        row["cost"] = round(float(row["impressions"] * price * factor), 2)


def _materials(scene: Scene, seat: company.Seat) -> list[Row]:
    days, rng = scene.days, scene.rng
    sharing = len(list(scene.in_role("planner", seat.account)))
    rows: list[Row] = []
    for number in range(4):
        start = int(rng.integers(0, 20))
        identity = f"7{scene.month.replace('-', '')}{int(seat.person[1:]):03d}{number:02d}1840613"
        kind = ("视频", "图片")[number % 2]
        named = {"material_id": identity, "material": f"{seat.account}_{kind}{number + 1}"}
        rows += [
            {"day": day, "material_type": kind} | named
            for day in days[start : start + int(rng.integers(8, 12))]
        ]
    total = round(company.ROOMS[seat.account][2] * len(days) / sharing / 10_000) * 10_000
    weight = rng.uniform(0.5, 1.5, len(rows))
    clicked = total * scene.planned(seat.person, "creative_ctr")
    went_on = round(clicked) * scene.planned(seat.person, "page_conversion")
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


def service(scene: Scene) -> list[Row]:
    """Count a month of the service desk, one row a person."""
    rows = []
    rng = scene.rng
    for seat in scene.in_role("customer_service"):
        grumbling = max(scene.planned(seat.person, "bad_review_rate"), 0)
        buying = scene.planned(seat.person, "inquiry_conversion")
        reviews, asked = _exact(grumbling, rng), _exact(buying, rng)
        bad, paid = round(grumbling * reviews), round(buying * asked)
        hidden = (seat.person, scene.month) == company.NO_REPLY_TIME
        reply = round(scene.planned(seat.person, "response_time"))
        rows.append(
            {
                "agent": seat.account,
                "conversations": asked + int(rng.integers(120, 420)),
                "reviews": reviews,
                "bad_reviews": bad,
                "good_reviews": round((reviews - bad) * float(rng.uniform(0.9, 0.97))),
                "avg_reply_s": None if hidden else reply,
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


def campaigns(scene: Scene) -> list[Row]:
    """List the month's campaigns of each live operator, met or not."""
    rows = []
    rng = scene.rng
    for seat in scene.in_role("live_operations"):
        if (seat.person, scene.month) == company.NO_CAMPAIGN:
            continue
        count = int(rng.integers(8, 15))
        wanted = min(scene.planned(seat.person, "campaign_delivery"), 1)
        met = rng.permutation(count) < scene.whole(wanted * count)
        for yes in met:
            start = scene.days[rng.integers(len(scene.days) - 4)] + np.timedelta64(9, "h")
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


def ratings(scene: Scene) -> list[Row]:
    """Ask oneself, colleagues, managers and viewers for whole scores from 1 to 5."""
    first, last = scene.days[[0, -1]]
    return [
        _mark(scene, seat, item, relation, rater)
        for seat in scene.seats
        if seat.joined <= last and (seat.left is None or seat.left >= first)
        for item, relations in _JUDGED.get(seat.key, ())
        for relation in relations
        for rater in _raters(scene, seat, relation)
    ]


def _mark(scene: Scene, seat: company.Seat, item: str, relation: str, rater: str) -> Row:
    lean = {company.LENIENT: 1.0, company.HARSH: -1.1}.get(rater, 0.0)
    lean += 0.35 if relation == "self" else 0.0
    felt = scene.planned(seat.person, item) + lean + 0.35 * scene.rng.standard_normal()
    return {
        "month": scene.month,
        "rater": rater,
        "ratee": seat.person,
        "relation": relation,
        "item": item,
        "score": round(float(np.clip(felt, 1, 5))),
        "comment": words.comment(item, scene.rng),
    }


def _raters(scene: Scene, seat: company.Seat, relation: str) -> list[str]:
    """Choose who rates: people who were there all month, and always the two of bad habits."""
    if relation == "self":
        return [seat.person]
    if relation == "user":
        return sorted(scene.rng.permutation(_USERS)[:5].tolist())
    first, last = scene.days[[0, -1]]
    there = [
        s
        for s in scene.seats
        if s.team == seat.team
        and s.person != seat.person
        and s.joined < first
        and (s.left is None or s.left > last)
    ]
    if relation == "manager":
        return [s.person for s in there if s.key == "operations_manager"]
    peers = sorted({s.person for s in there if s.key != "operations_manager"})
    odd = [p for p in peers if p in (company.LENIENT, company.HARSH)]
    others = scene.rng.permutation([p for p in peers if p not in odd])[: 4 - len(odd)]
    return sorted([*odd, *others.tolist()])
