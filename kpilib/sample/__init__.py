"""A made-up company of about sixty people, written in the platforms' own formats from one seed.

Three teams (two of short video, one of live rooms), 2024-12 to 2025-05, exports taken on the 15th
of the following month. Nobody in it exists. These are the cases it holds; the tests find each of
them through the whole line from files to outcomes:

====================  =====================================================================
person or place       case
====================  =====================================================================
p013                  newcomer: an editor since 2025-05-12
p018, p041            leavers: an actor until 2025-04-18, a host until 2025-05-16
p024                  two roles: director (0.6 of the time) and editor (0.4)
p005                  sick leave from 2025-05-06 to 2025-05-25: nothing credited
p045                  no campaign in 2025-05: an item that did not occur
p053                  reply time shown as ``--`` in 2025-05: unknown, so no total
晨光厨房 2025-01      the work list lacks 完播率: p003 and p004 have no total
七号工具间 2025-02    nobody exported the followers' files: p020 has no total
2025-04               work lists are the variant with 封面点击率
七号工具间 2025-05    three brushed works: p023 directs, p032 acts, p020 answers for it
山野露营册 2025-05    a true hit above a million plays; others come and go by chance
晨光厨房 2025-05      two works without credits
p010, p027            a lenient and a harsh rater
p048, p049            a tie, both exactly at 80: B by the closed upper edge
p050                  just above 80; p056 just below 60
p055                  exactly 100: A by the closed upper edge
p034                  A+ in March, April and May 2025, after an A
p026                  C in March, so May is the month to improve, and did
p006                  C in March, May is the month to improve, and still C
p016, p021, p034      names with rare characters: 㛃, 堃, 喆
p028, p039            names with markup and with a leading equals sign (odd on purpose)
p012, p047            roles under another name: 剪辑, 运营专员
2025-05               two campaigns declared, one of a single day; objectives of five roles
====================  =====================================================================
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from kpilib.errors import KpiError
from kpilib.exports import formats
from kpilib.sample import company, desk, files, goals, writers
from kpilib.sample.form import Row, Scene, plan_form
from kpilib.sample.live import LiveMonth, Shop, live_month
from kpilib.sample.video import Channel, VideoMonth, video_month

SEED = 14


def write(folder: str | Path, seed: int = SEED) -> Path:
    """Write the whole made-up company.

    Parameters
    ----------
    folder : str or Path
        Where its files go. A folder written earlier by this function is replaced.
    seed : int
        Fixes every draw: the same seed gives the same files.

    Returns
    -------
    Path
        The folder, in the shape of any team's data folder.

    Raises
    ------
    KpiError
        If the folder holds something else.
    """
    root = Path(folder)
    _clear(root)
    rng = np.random.default_rng(seed)
    seats = company.staff(rng)
    form = plan_form(seats, rng)
    channels = {name: Channel(start) for name, (_, _, start) in company.CHANNELS.items()}
    shop = Shop()
    credits: list[Row] = []
    plans: list[Row] = []
    for month in company.MONTHS:
        scene = Scene(month, seats, form, rng)
        video = video_month(scene, channels)
        live = live_month(scene, shop)
        reports, made = desk.ads(scene)
        place = root / "exports" / month / files.day_after(month)
        _creator(place, video, month)
        _shop(place, live, reports, month)
        files.service(place / f"客服表现_{month}.xlsx", desk.service(scene))
        _own(root, month, video.tasks + desk.campaigns(scene), "tasks")
        _own(root, month, desk.ratings(scene), "ratings")
        credits += video.credits + live.credits + made
        plans += live.plans
    _people(root, seats, credits, plans)
    _plain(root / "campaigns.csv", "campaigns", goals.campaigns())
    _plain(root / "okr.csv", "okr", goals.objectives(seats, seed))
    return root


def _clear(root: Path) -> None:
    parts = [root / name for name in ("exports", "ratings", "tasks")]
    if root.exists() and any(root.iterdir()) and not (root / "people.csv").is_file():
        raise KpiError(
            f"folder {root}",
            "it holds files, but no people.csv: it is no data folder of ours.",
            "give an empty folder, or one that an earlier sample was written to.",
        )
    for part in parts:
        shutil.rmtree(part, ignore_errors=True)
    root.mkdir(parents=True, exist_ok=True)


def _creator(place: Path, video: VideoMonth, month: str) -> None:
    for account, works in video.listed.items():
        folder = place / account
        folder.mkdir(parents=True)
        files.work_list(folder / "作品列表.xlsx", works, account, month)
        files.daily(folder, video.days[account], account, month)


def _shop(place: Path, live: LiveMonth, reports: dict[str, list[Row]], month: str) -> None:
    stamp = files.day_after(month).replace("-", "")
    files.orders(place / f"fxg_export_{stamp}093012.csv", live.orders, files.day_after(month))
    files.aftersales(place / f"fxg_export_{stamp}093127.csv", live.aftersales)
    cost: dict[tuple[str, Any], float] = {}
    for room, rows in reports.items():
        (place / room).mkdir()
        files.materials(place / room / f"report_{stamp}.csv", rows, room)
        for row in rows:
            key = room, row["day"]
            cost[key] = cost.get(key, 0.0) + row["cost"]
    files.overview(place / "概览数据（日）.xlsx", live.sessions, cost)


def _own(root: Path, month: str, rows: list[Row], name: str) -> None:
    """Write a month's tasks or ratings, as the team itself keeps them."""
    (root / name).mkdir(exist_ok=True)
    if name == "tasks":
        rows = sorted(rows, key=lambda r: (r["submitted"], r["person"], r["kind"]))
        for number, row in enumerate(rows, start=1):
            row["task"] = f"T{month[2:].replace('-', '')}-{number:04d}"
    _plain(root / name / f"{month}.csv", name, rows)


def _people(
    root: Path, seats: tuple[company.Seat, ...], credits: list[Row], plans: list[Row]
) -> None:
    _plain(root / "people.csv", "people", [vars(seat) for seat in seats])
    _plain(root / "credits.csv", "credits", credits)
    _plain(root / "plans.csv", "plans", plans)


def _plain(path: Path, key: str, rows: list[Row]) -> None:
    fmt = formats()[key]
    header = [*fmt.headers, *(name for name in fmt.optional if any(name in row for row in rows))]
    writers.text(path, header, ([writers.plain(row[name]) for name in header] for row in rows))
