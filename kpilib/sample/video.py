"""A month of the short-video teams: works, their accounts' days, credits, edits and ideas."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kpilib.sample import company, words
from kpilib.sample.form import Row, Scene

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


def video_month(scene: Scene, channels: dict[str, Channel]) -> VideoMonth:
    """Let a month happen on every short-video account.

    Parameters
    ----------
    scene : Scene
        The month, its people and how well they do.
    channels : dict of Channel
        Each account at the start of the month; brought to its end in place.
    """
    out = VideoMonth()
    made = [work for account in company.CHANNELS for work in _works(scene, account)]
    _shape(scene, made)
    for account in company.CHANNELS:
        own = [w for w in made if w["account"] == account]
        _brush(scene, account, own)
        own.sort(key=lambda w: w["published"])
        out.works[account] = own
        out.days[account] = _days(scene, account, own, channels[account])
        place, when, missing = company.UNCREDITED
        out.credits += _credits(own[:-missing] if (account, scene.month) == (place, when) else own)
    for account, own in out.works.items():
        hidden = _private(scene, own)
        out.listed[account] = [*channels[account].lately, *own, hidden]
        out.credits += _credits([hidden])
        channels[account].lately = [w | {"plays": round(1.03 * w["plays"])} for w in own[-3:]]
    out.tasks = _edits(scene, made) + _ideas(scene)
    return out


def _works(scene: Scene, account: str) -> list[Row]:
    """Publish what each director of the account gets done, and draw how often it is played."""
    works: list[Row] = []
    rng = scene.rng
    for seat in scene.in_role("director", account):
        free = np.array([d for d in scene.days if seat.works_on(d)], dtype="datetime64[D]")
        for _ in range(round(scene.planned(seat.person, "works_published") * len(free) / 7)):
            at = free[rng.integers(len(free))] + _daytime(scene)
            works.append({"account": account, "published": at, "director": seat})
    for work in works:
        _crew(work, scene.seats, rng)
        preheat = bool(rng.random() < 0.09)
        work["title"] = words.title(account, preheat, rng)
        work["genre"] = "图文" if rng.random() < 0.07 else "1min-视频"
    if (account, scene.month) == company.ODD_TITLE:
        works[1]["title"] = words.ODD_TITLE
    _play(scene, account, works)
    return works


def _daytime(scene: Scene) -> np.timedelta64:
    return np.timedelta64(int(scene.rng.integers(8 * 3600, 22 * 3600)), "s")


def _crew(work: Row, seats: tuple[company.Seat, ...], rng: np.random.Generator) -> None:
    """Choose who edits, acts and films: mostly the account's own people, if they are there."""
    team = work["director"].team
    day = work["published"].astype("datetime64[D]")
    for key in ("editor", "actor", "camera_operator"):
        there = [s for s in seats if s.key == key and s.team == team and s.works_on(day)]
        odds = np.array([5.0 if s.account == work["account"] else 1.0 for s in there])
        work[key] = there[rng.choice(len(there), p=odds / odds.sum())]


def _play(scene: Scene, account: str, works: list[Row]) -> None:
    """Give every work its plays: lognormal below a hit, a Pareto tail above."""
    rng = scene.rng
    share = scene.held("operations_manager", account, "hit_rate")
    hits = rng.permutation(len(works))[: scene.whole(share * len(works))]
    median = company.CHANNELS[account][1]
    for number, work in enumerate(works):
        busy = company.season(work["published"].astype("datetime64[D]"))
        if number in hits:
            plays = _HIT * (1.02 + rng.pareto(1.15))
        else:
            plays = min(median * busy * np.exp(0.9 * rng.standard_normal()), 0.97 * _HIT)
        work["plays"] = int(min(plays, 6 * _MILLION)) + 120
    if (account, scene.month) == company.HIT:
        works[int(hits[0]) if len(hits) else 0]["plays"] = 2_340_000 + int(rng.integers(100_000))


def _shape(scene: Scene, works: list[Row]) -> None:
    """Give works their rates, so that each person's play-weighted rate is the planned one."""
    for work in works:
        noise = np.exp(0.15 * scene.rng.standard_normal(3))
        work["completion"], work["interaction"], work["visits"] = noise
    for rate, key, item in (
        ("completion", "director", "completion_rate"),
        ("interaction", "actor", "interaction_rate"),
    ):
        for person in dict.fromkeys(w[key].person for w in works):
            own = [w for w in works if w[key].person == person]
            _bring(own, rate, scene.planned(person, item))
    for work in works:
        _counts(scene, work)


def _bring(works: list[Row], rate: str, wanted: float) -> None:
    plays = sum(w["plays"] for w in works)
    found = sum(w["plays"] * w[rate] for w in works) / plays
    for work in works:
        work[rate] = min(work[rate] * wanted / found, 0.96)


def _counts(scene: Scene, work: Row) -> None:
    plays, done, rng = work["plays"], work["completion"], scene.rng
    acts = plays * work["interaction"]
    for name, part in (("likes", 0.76), ("comments", 0.1), ("shares", 0.14), ("collects", 0.15)):
        work[name] = scene.whole(acts * part)
    # A clip under five seconds, or a picture post, may well be finished more often than "5 s".
    still = work["genre"] == "图文"
    work["completion_5s"] = min(done * (0.9 if still else 1.35) + 0.03, 0.97)
    work["bounce_2s"] = float(np.clip(0.42 - 0.35 * done + 0.03 * rng.standard_normal(), 0.05, 0.7))
    work["avg_play_s"] = 6.0 + 32 * done + abs(rng.standard_normal())
    work["follower_gain"] = _drawn(scene, plays * 0.0035)
    work["cover_ctr"] = float(np.clip(0.21 + 0.04 * rng.standard_normal(), 0.05, 0.5))
    work["visible"] = "公开"


def _brush(scene: Scene, account: str, works: list[Row]) -> None:
    """Add bought plays and likes: likes out of all proportion, hardly a comment, no visits."""
    place, when, director, actor = company.BRUSHED
    if (account, scene.month) != (place, when):
        return
    rng = scene.rng
    theirs = [w for w in works if w["director"].person == director and w["actor"].person == actor]
    for work in theirs[:3]:
        plays = int(rng.integers(1_150_000, 1_900_000))
        work.update(plays=plays, likes=int(plays * rng.uniform(0.38, 0.47)), brushed=True)
        work.update(comments=int(rng.integers(2, 12)), shares=0, collects=int(rng.integers(9)))
        work.update(visits=0.02, follower_gain=int(rng.integers(5, 40)))


def _drawn(scene: Scene, mean: float) -> int:
    return scene.whole(mean * np.exp(0.4 * scene.rng.standard_normal()))


def _visit(scene: Scene, account: str, works: list[Row]) -> None:
    """Set the profile visits of works; bought plays bring next to none."""
    honest = [w for w in works if "brushed" not in w]
    _bring(honest, "visits", scene.held("operations_manager", account, "lead_conversion"))
    for work in works:
        rate = 0.0004 if "brushed" in work else work["visits"]
        work["profile_visits"] = scene.whole(work["plays"] * rate)


def _days(scene: Scene, account: str, works: list[Row], channel: Channel) -> list[Row]:
    """Spread the month's gain of followers over its days; on some days more leave than come."""
    _visit(scene, account, works)
    days, rng = scene.days, scene.rng
    shape = np.array([company.season(d) for d in days])
    shape *= np.exp(0.5 * rng.standard_normal(len(days)))
    shape /= shape.sum()
    growth = scene.held("operations_manager", account, "follower_growth")
    gains = np.round(channel.followers * growth * (1.6 * shape - 0.6 / len(days))).astype(int)
    plays = sum(w["plays"] for w in works)
    rows = []
    for day, gain, part in zip(days, gains, shape, strict=True):
        channel.followers += int(gain)
        rows.append(
            {
                "day": day,
                "plays": scene.whole(1.08 * plays * part),
                "cover_ctr": float(np.clip(0.2 + 0.02 * rng.standard_normal(), 0.05, 0.5)),
                "follower_gain": int(gain),
                "unfollows": int(rng.integers(20, 160)),
                "followers_total": channel.followers,
            }
        )
    return rows


def _private(scene: Scene, works: list[Row]) -> Row:
    """Make a work that only its author sees; the platform shows no figures of it."""
    crew = works[int(scene.rng.integers(len(works)))]
    genre = "图文" if scene.rng.integers(27) < 2 else "1min-视频"
    at = crew["published"].astype("datetime64[D]") + _daytime(scene)  # a day on which all are there
    name = words.title(crew["account"], False, scene.rng)
    return crew | {"title": name, "published": at, "genre": genre, "visible": "私密"}


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


def _edits(scene: Scene, works: list[Row]) -> list[Row]:
    """Hand every work to its editor; the hours average to what the editor is planned at."""
    rows = []
    first = np.datetime64(scene.month).astype("datetime64[s]")
    for person in sorted({w["editor"].person for w in works}):
        own = sorted(
            (w for w in works if w["editor"].person == person), key=lambda w: w["published"]
        )
        hours = scene.rng.gamma(6.0, size=len(own)) + 0.5
        hours *= scene.planned(person, "delivery_time") / hours.mean()
        for work, spent in zip(own, hours, strict=True):
            minutes = np.timedelta64(round(60 * float(spent)), "m")
            ready = work["published"] - np.timedelta64(int(scene.rng.integers(1, 30)), "h")
            given = max(ready - minutes, first + np.timedelta64(9, "h"))
            rows.append(_task(person, "edit", given, given + np.timedelta64(24, "h")))
            rows[-1]["delivered"] = given + minutes
    return rows


def _ideas(scene: Scene) -> list[Row]:
    rows = []
    rng = scene.rng
    for seat in scene.in_role("director"):
        free = [d for d in scene.days if seat.works_on(d)]
        count = max(4, round(int(rng.integers(12, 19)) * len(free) / len(scene.days)))
        adopted = rng.permutation(count) < round(
            scene.planned(seat.person, "ideas_adopted") * count
        )
        for yes in adopted:
            day = free[rng.integers(len(free))]
            given = day + 15 * np.timedelta64(int(rng.integers(36, 76)), "m")
            rows.append(_task(seat.person, "idea", given, None))
            rows[-1]["adopted"] = "yes" if yes else "no"
    return rows


def _task(person: str, kind: str, given: np.datetime64, due: np.datetime64 | None) -> Row:
    row: Row = {"person": person, "kind": kind, "submitted": given, "due": due}
    return row | {"delivered": None, "adopted": "", "met": ""}
