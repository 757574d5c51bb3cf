"""The people, accounts and habits of the made-up company.

Everything here is invented. Names were put together from syllables, some of them odd on purpose:
rare characters, markup and a leading equals sign are what a real people list throws at a program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

MONTHS = ("2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05")

#: Short-video accounts: team, median plays of an ordinary work, followers on the first day.
CHANNELS = {
    "晨光厨房": ("video", 24_000, 182_000),
    "柚子巷食堂": ("video", 17_000, 96_400),
    "山野露营册": ("studio", 20_000, 127_300),
    "七号工具间": ("studio", 14_000, 61_800),
}

#: Live rooms: viewers of an ordinary day, median price in yuan, ad impressions of an ordinary day.
ROOMS = {
    "晨光好物间": (300, 320.0, 70_000),
    "山野装备屋": (265, 290.0, 62_000),
    "柚子巷家居": (215, 240.0, 34_000),
}

#: Role key -> what its holder is measured by. Roles that are absent are not measured.
ITEMS = {
    "operations_manager": ("follower_growth", "hit_rate", "lead_conversion"),
    "director": ("works_published", "completion_rate", "ideas_adopted"),
    "editor": ("delivery_time", "editing_quality", "topic_fit"),
    "actor": ("screen_performance", "cooperation", "interaction_rate"),
    "host": ("gmv_completion", "order_conversion", "watch_time", "return_rate"),
    "live_operations": ("cpm", "campaign_delivery", "live_views_growth"),
    "customer_service": ("response_time", "bad_review_rate", "inquiry_conversion"),
    "planner": ("creative_ctr", "page_conversion"),
}

#: What a solid month looks like here, and whether less is better.
SOLID = {
    "follower_growth": (0.15, False),
    "hit_rate": (0.10, False),
    "lead_conversion": (0.03, False),
    "works_published": (8.0, False),
    "completion_rate": (0.40, False),
    "ideas_adopted": (0.50, False),
    "delivery_time": (24.0, True),
    "editing_quality": (4.0, False),
    "topic_fit": (4.0, False),
    "screen_performance": (4.0, False),
    "cooperation": (4.0, False),
    "interaction_rate": (0.05, False),
    "gmv_completion": (1.0, False),
    "order_conversion": (0.05, False),
    "watch_time": (180.0, False),
    "return_rate": (0.10, True),
    "cpm": (20.0, True),
    "campaign_delivery": (0.90, False),
    "live_views_growth": (0.10, False),
    "response_time": (60.0, True),
    "bad_review_rate": (0.02, True),
    "inquiry_conversion": (0.30, False),
    "creative_ctr": (0.08, False),
    "page_conversion": (0.05, False),
}

# team, role as HR writes it, role key, performance base in yuan, "account: names" by account
_STAFF = (
    ("video", "运营经理", "operations_manager", 6500, "晨光厨房: 沈知微; 柚子巷食堂: 顾南乔"),
    ("video", "编导", "director", 5200, "晨光厨房: 林栖梧 程砚秋; 柚子巷食堂: 陆晚舟 白简"),
    ("video", "拍摄师", "camera_operator", 3800, "晨光厨房: 韩嘉树; 柚子巷食堂: 邵一川"),
    (
        "video",
        "剪辑师",
        "editor",
        4200,
        "晨光厨房: 周予安 许听澜 贺兰亭; 柚子巷食堂: 宋知夏 方小满",
    ),
    (
        "video",
        "演员",
        "actor",
        3600,
        "晨光厨房: 苏念真 叶南星; 柚子巷食堂: 温㛃 纪云舒 唐晚晴",
    ),
    ("studio", "运营经理", "operations_manager", 6200, "山野露营册: 秦朗月; 七号工具间: 魏青禾"),
    ("studio", "编导", "director", 5000, "山野露营册: 陶堃 夏栀; 七号工具间: 任远山 孟繁星"),
    ("studio", "拍摄师", "camera_operator", 3800, "山野露营册: 彭秋实"),
    ("studio", "剪辑师", "editor", 4000, "山野露营册: 谢长亭 袁初晓; 七号工具间: <b>测试</b>员甲"),
    (
        "studio",
        "演员",
        "actor",
        3500,
        "山野露营册: 崔安歌 龚小鹿; 七号工具间: 廖北辰 穆清扬",
    ),
    ("live", "直播经理", "live_manager", 7000, "晨光好物间: 严守拙"),
    (
        "live",
        "主播",
        "host",
        5600,
        "晨光好物间: 江喆 洛一诺 贝小葵; 山野装备屋: 关山越 毕晓棠 =1+2测试员; "
        "柚子巷家居: 尹听雨 祝星野",
    ),
    ("live", "助理", "assistant", 3200, "晨光好物间: 曲小禾; 山野装备屋: 简宁"),
    (
        "live",
        "直播运营",
        "live_operations",
        4800,
        "晨光好物间: 葛云帆 路遥知; 山野装备屋: 费思远; 柚子巷家居: 戴月归",
    ),
    (
        "live",
        "客服",
        "customer_service",
        3000,
        "小晨: 米初夏; 小光: 盛一格; 小柚: 卫子衿; 小野: 柏舟; 小屋: 钟离晚; 小满: 岳小川",
    ),
    ("live", "文案", "copywriter", 3400, "晨光好物间: 阮青芜"),
    ("live", "美工", "planner", 3900, "晨光好物间: 申屠雪; 山野装备屋: 易安然"),
    ("live", "策划", "planner", 4100, "山野装备屋: 项南风; 柚子巷家居: 柯以宁"),
)


@dataclass(frozen=True)
class Seat:
    """One person in one role, as the people list has it."""

    person: str
    name: str
    team: str
    role: str  # as HR writes it
    key: str  # the scheme's key of that role
    account: str
    base_pay: int
    joined: np.datetime64
    left: np.datetime64 | None = None
    share: float | None = None

    def works_on(self, day: np.datetime64) -> bool:
        """Tell whether the person is employed, and not on sick leave, on ``day``."""
        if day < self.joined or (self.left is not None and day > self.left):
            return False
        first, last = SICK.get(self.person, _NEVER)
        return not first <= day <= last


_NEVER = (np.datetime64("1970-01-01"), np.datetime64("1970-01-01"))

# The people whom the table of cases in kpilib.sample names.
NEWCOMER = ("p013", np.datetime64("2025-05-12"))
LEAVERS = {"p018": np.datetime64("2025-04-18"), "p041": np.datetime64("2025-05-16")}
TWO_ROLES = ("p024", "剪辑师", "editor", 0.6)  # the share belongs to the first role
SICK = {"p005": (np.datetime64("2025-05-06"), np.datetime64("2025-05-25"))}
ALIASES = {"p012": "剪辑", "p047": "运营专员"}
NO_CAMPAIGN = ("p045", "2025-05")
LENIENT, HARSH = "p010", "p027"
NO_REPLY_TIME = ("p053", "2025-05")  # the service desk shows '--' for this person
NO_COMPLETION = ("晨光厨房", "2025-01")  # the work list of this month lacks the column
NO_GAIN_FILE = ("七号工具间", "2025-02")  # nobody exported this metric's file
COVER_VARIANT = "2025-04"  # the month whose work lists have one more column
BRUSHED = ("七号工具间", "2025-05", "p023", "p032")  # account, month, director, actor
UNCREDITED = ("晨光厨房", "2025-05", 2)
ODD_TITLE = ("七号工具间", "2025-05")  # a title that begins with an equals sign
HIT = ("山野露营册", "2025-05")  # at least one work here passes a million plays


def staff(rng: np.random.Generator) -> tuple[Seat, ...]:
    """List every seat, in the order of the people list.

    Parameters
    ----------
    rng : Generator
        Draws the days of joining and the personal part of the base pay.
    """
    seats: list[Seat] = []
    for number, (team, role, key, pay, account, name) in enumerate(_listed(), start=1):
        person = f"p{number:03d}"
        joined = np.datetime64("2021-03-01") + np.timedelta64(int(rng.integers(0, 1300)), "D")
        base = pay + 100 * int(rng.integers(-6, 13))
        role = ALIASES.get(person, role)
        left = LEAVERS.get(person)
        seat = Seat(person, name, team, role, key, account, base, joined, left)
        if person == NEWCOMER[0]:
            seat = replace(seat, joined=NEWCOMER[1])
        if person == TWO_ROLES[0]:
            _, role, key, first = TWO_ROLES
            seats.append(replace(seat, share=first))
            seat = replace(seat, role=role, key=key, share=round(1 - first, 2))
        seats.append(seat)
    return tuple(seats)


def _listed() -> Iterator[tuple[str, str, str, int, str, str]]:
    for team, role, key, pay, places in _STAFF:
        for place in places.split("; "):
            account, names = place.split(": ")
            for name in names.split():
                yield team, role, key, pay, account, name


def days_of(month: str) -> np.ndarray:
    """Return the days of a month, as datetime64[D]."""
    first = np.datetime64(month)
    return np.arange(first, first + 1, dtype="datetime64[D]")


def season(day: np.datetime64) -> float:
    """Return how busy a day is: the week's rhythm, and the dip around 29 January 2025.

    1 is an ordinary day. Spring Festival halves trade for about a week.
    """
    weekday = (int(day.astype("datetime64[D]").astype(int)) + 3) % 7  # 0 = Monday
    rhythm = (0.95, 0.93, 0.95, 0.98, 1.04, 1.10, 1.05)[weekday]
    away = float((day - np.datetime64("2025-01-29")) / np.timedelta64(1, "D"))
    return rhythm * (1 - 0.5 * float(np.exp(-((away / 4.5) ** 2))))
