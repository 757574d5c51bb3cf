"""A month of the short-video teams: works, their accounts' days, credits, edits and ideas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kpilib.sample import company, words
from kpilib.sample.form import Form, level, whole

Row = dict[str, Any]

_SHARES = {"director": 0.4, "editor": 0.3, "actor": 0.2, "camera_operator": 0.1}
_HIT = 100_000
_MILLION = 1_000_000


@dataclass
class Channel:
    """What one month leaves to the next on a short-video account."""

    followers: int
    lately: list[Row] = field(default_factory=list)


@dataclass
class VideoMonth:
    """What happened; rows are plain dictionaries in canonical names."""

    works: dict[str, list[Row]] = field(default_factory=dict)
    listed: dict[str, list[Row]] = field(default_factory=dict)  # as exported: more than the month
    days: dict[str, list[Row]] = field(default_factory=dict)
    credits: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)


def video_month(
    month: str,
    seats: tuple[company.Seat, ...],
    form: Form,
    channels: dict[str, Channel],
    rng: np.random.Generator,
) -> VideoMonth:
    """Let a month happen on every short-video account.

    Parameters
    ----------
    month : str
        ``YYYY-MM``.
    seats, form
        Who there is and how well they do.
    channels : dict of Channel
        Each account at the start of the month; brought to its end in place.
    rng : Generator
        Draws everything that the form leaves open.
    """
    out = VideoMonth()
    made: list[Row] = []
    for account in company.CHANNELS:
        made += _works(account, month, seats, form, rng)
    _shape(made, month, form, rng)
    for account in company.CHANNELS:
        own = [w for w in made if w["account"] == account]
        _brush(own, account, month, rng)
        own.sort(key=lambda w: w["published"])
        out.works[account] = own
        out.days[account] = _days(month, own, seats, form, channels[account], rng)
        place, when, missing = company.UNCREDITED
        out.credits += _credits(own[:-missing] if (account, month) == (place, when) else own)
    for account, own in out.works.items():
        hidden = _private(own, month, rng)
        out.listed[account] = [*channels[account].lately, *own, hidden]
        out.credits += _credits([hidden])
        channels[account].lately = [w | {"plays": round(1.03 * w["plays"])} for w in own[-3:]]
    out.tasks = _edits(made, month, form, rng) + _ideas(month, seats, form, rng)
    return out


def _holder(account: str, seats: tuple[company.Seat, ...]) -> company.Seat:
    return next(s for s in seats if s.key == "operations_manager" and s.account == account)


def _works(
    account: str,
    month: str,
    seats: tuple[company.Seat, ...],
    form: Form,
    rng: np.random.Generator,
) -> list[Row]:
    """Publish what each director of the account gets done, and draw how often it is played."""
    works: list[Row] = []
    days = company.days_of(month)
    for seat in seats:
        if seat.key != "director" or seat.account != account:
            continue
        free = np.array([d for d in days if seat.works_on(d)], dtype="datetime64[D]")
        wanted = level("works_published", form[seat.person, month, "works_published"])
        for _ in range(round(wanted * len(free) / 7)):
            at = free[rng.integers(len(free))] + np.timedelta64(
                int(rng.integers(8 * 3600, 22 * 3600)), "s"
            )
            works.append({"account": account, "published": at, "director": seat})
    for work in works:
        _crew(work, seats, rng)
        preheat = rng.random() < 0.09
        work["title"] = words.title(account, bool(preheat), rng)
        work["genre"] = "图文" if rng.random() < 0.07 else "1min-视频"
    if account == company.BRUSHED[0] and month == company.MONTHS[-1]:
        works[1]["title"] = words.ODD_TITLE
    _play(works, account, month, _holder(account, seats), form, rng)
    return works


def _crew(work: Row, seats: tuple[company.Seat, ...], rng: np.random.Generator) -> None:
    """Choose who edits, acts and films: mostly the account's own people, if they are there."""
    team = work["director"].team
    day = work["published"].astype("datetime64[D]")
    for key in ("editor", "actor", "camera_operator"):
        there = [s for s in seats if s.key == key and s.team == team and s.works_on(day)]
        odds = np.array([5.0 if s.account == work["account"] else 1.0 for s in there])
        work[key] = there[rng.choice(len(there), p=odds / odds.sum())]


def _play(
    works: list[Row],
    account: str,
    month: str,
    manager: company.Seat,
    form: Form,
    rng: np.random.Generator,
) -> None:
    """Give every work its plays: lognormal below a hit, a Pareto tail above."""
    share = level("hit_rate", form[manager.person, month, "hit_rate"])
    hits = rng.permutation(len(works))[: whole(share * len(works), rng)]
    median = company.CHANNELS[account][1]
    for number, work in enumerate(works):
        busy = company.season(work["published"].astype("datetime64[D]"))
        if number in hits:
            plays = _HIT * (1.02 + rng.pareto(1.15))
        else:
            plays = min(median * busy * np.exp(0.9 * rng.standard_normal()), 0.97 * _HIT)
        work["plays"] = int(min(plays, 6 * _MILLION)) + 120
    if (account, month) == company.HIT:
        works[int(hits[0]) if len(hits) else 0]["plays"] = 2_340_000 + int(rng.integers(100_000))


def _shape(works: list[Row], month: str, form: Form, rng: np.random.Generator) -> None:
    """Give works their rates, so that each person's play-weighted rate is the planned one."""
    for work in works:
        noise = np.exp(0.15 * rng.standard_normal(3))
        work["completion"], work["interaction"], work["visits"] = noise
    for rate, key, item in (
        ("completion", "director", "completion_rate"),
        ("interaction", "actor", "interaction_rate"),
    ):
        for person in dict.fromkeys(w[key].person for w in works):
            own = [w for w in works if w[key].person == person]
            _bring(own, rate, level(item, form[person, month, item]))
    for work in works:
        _counts(work, rng)


def _bring(works: list[Row], rate: str, wanted: float) -> None:
    plays = sum(w["plays"] for w in works)
    found = sum(w["plays"] * w[rate] for w in works) / plays
    for work in works:
        work[rate] = min(work[rate] * wanted / found, 0.96)


def _counts(work: Row, rng: np.random.Generator) -> None:
    plays, done = work["plays"], work["completion"]
    acts = plays * work["interaction"]
    for name, part in (("likes", 0.76), ("comments", 0.1), ("shares", 0.14), ("collects", 0.15)):
        work[name] = whole(acts * part, rng)
    # A clip under five seconds, or a picture post, may well be finished more often than "5 s".
    still = work["genre"] == "图文"
    work["completion_5s"] = min(done * (0.9 if still else 1.35) + 0.03, 0.97)
    work["bounce_2s"] = float(np.clip(0.42 - 0.35 * done + 0.03 * rng.standard_normal(), 0.05, 0.7))
    work["avg_play_s"] = 6.0 + 32 * done + abs(rng.standard_normal())
    work["follower_gain"] = whole(plays * 0.0035 * np.exp(0.4 * rng.standard_normal()), rng)
    work["cover_ctr"] = float(np.clip(0.21 + 0.04 * rng.standard_normal(), 0.05, 0.5))
    work["visible"] = "公开"


def _brush(works: list[Row], account: str, month: str, rng: np.random.Generator) -> None:
    """Add bought plays and likes: likes out of all proportion, hardly a comment, no visits."""
    place, when, director, actor = company.BRUSHED
    if (account, month) != (place, when):
        return
    theirs = [w for w in works if w["director"].person == director and w["actor"].person == actor]
    for work in theirs[:3]:
        plays = int(rng.integers(1_150_000, 1_900_000))
        work.update(plays=plays, likes=int(plays * rng.uniform(0.38, 0.47)), brushed=True)
        work.update(comments=int(rng.integers(2, 12)), shares=0, collects=int(rng.integers(9)))
        work.update(visits=0.02, follower_gain=int(rng.integers(5, 40)))


def _days(
    month: str,
    works: list[Row],
    seats: tuple[company.Seat, ...],
    form: Form,
    channel: Channel,
    rng: np.random.Generator,
) -> list[Row]:
    """Spread the month's gain of followers over its days, and set the works' profile visits."""
    manager = _holder(works[0]["account"], seats).person
    honest = [w for w in works if "brushed" not in w]
    _bring(honest, "visits", level("lead_conversion", form[manager, month, "lead_conversion"]))
    for work in works:
        rate = 0.0004 if "brushed" in work else work["visits"]
        work["profile_visits"] = whole(work["plays"] * rate, rng)
    days = company.days_of(month)
    shape = np.array([company.season(d) for d in days]) * np.exp(
        0.5 * rng.standard_normal(len(days))
    )
    shape /= shape.sum()
    growth = level("follower_growth", form[manager, month, "follower_growth"])
    gains = np.round(channel.followers * growth * (1.6 * shape - 0.6 / len(days))).astype(int)
    plays = sum(w["plays"] for w in works)
    rows = []
    for day, gain, part in zip(days, gains, shape, strict=True):
        channel.followers += int(gain)
        rows.append(
            {
                "day": day,
                "plays": whole(1.08 * plays * part, rng),
                "cover_ctr": float(np.clip(0.2 + 0.02 * rng.standard_normal(), 0.05, 0.5)),
                "follower_gain": int(gain),
                "unfollows": int(rng.integers(20, 160)),
                "followers_total": channel.followers,
            }
        )
    return rows


def _private(works: list[Row], month: str, rng: np.random.Generator) -> Row:
    """Make a work that only its author sees; the platform shows no figures of it."""
    crew = works[int(rng.integers(len(works)))]
    day = company.days_of(month)[rng.integers(27)]
    at = day + np.timedelta64(int(rng.integers(8 * 3600, 22 * 3600)), "s")
    name = words.title(crew["account"], False, rng)
    return crew | {"title": name, "published": at, "genre": "1min-视频", "visible": "私密"}


def _credits(works: list[Row]) -> list[Row]:
    return [
        {
            "kind": "work",
            "name": work["title"],
            "at": work["published"],
            "person": work[key].person,
            "role": work[key].role,
            "share": share,
        }
        for work in works
        for key, share in _SHARES.items()
    ]


def _edits(works: list[Row], month: str, form: Form, rng: np.random.Generator) -> list[Row]:
    """Hand every work to its editor; the hours average to what the editor is planned at."""
    rows = []
    first = np.datetime64(month).astype("datetime64[s]")
    for person in sorted({w["editor"].person for w in works}):
        own = sorted(
            (w for w in works if w["editor"].person == person), key=lambda w: w["published"]
        )
        hours = rng.gamma(6.0, size=len(own)) + 0.5
        hours *= level("delivery_time", form[person, month, "delivery_time"]) / hours.mean()
        for work, spent in zip(own, hours, strict=True):
            minutes = np.timedelta64(round(60 * float(spent)), "m")
            ready = work["published"] - np.timedelta64(int(rng.integers(1, 30)), "h")
            given = max(ready - minutes, first + np.timedelta64(9, "h"))
            rows.append(_task(person, "edit", given, given + np.timedelta64(24, "h")))
            rows[-1]["delivered"] = given + minutes
    return rows


def _ideas(
    month: str, seats: tuple[company.Seat, ...], form: Form, rng: np.random.Generator
) -> list[Row]:
    rows = []
    days = company.days_of(month)
    for seat in seats:
        if seat.key != "director":
            continue
        free = [d for d in days if seat.works_on(d)]
        count = max(4, round(int(rng.integers(12, 19)) * len(free) / len(days)))
        wanted = level("ideas_adopted", form[seat.person, month, "ideas_adopted"])
        adopted = rng.permutation(count) < round(wanted * count)
        for yes in adopted:
            given = (
                free[rng.integers(len(free))] + np.timedelta64(int(rng.integers(36, 76)), "m") * 15
            )
            rows.append(_task(seat.person, "idea", given, None))
            rows[-1]["adopted"] = "yes" if yes else "no"
    return rows


def _task(person: str, kind: str, given: np.datetime64, due: np.datetime64 | None) -> Row:
    row: Row = {"person": person, "kind": kind, "submitted": given, "due": due}
    return row | {"delivered": None, "adopted": "", "met": ""}
