"""What some teams keep beside the exports: campaigns declared, and objectives (OKR)."""

from __future__ import annotations

import numpy as np

from kpilib.sample.company import Seat
from kpilib.sample.form import Row

_OBJECTIVES = {
    "operations_manager": ("跑通一个新账号定位", "建立选题复盘会"),
    "director": ("孵化一档城市美食直播", "打磨三条可复用脚本"),
    "host": ("带教一名新主播", "把讲解脚本换成场景演示"),
    "live_operations": ("整理开播检查清单", "试一次站外预热"),
    "planner": ("做一套通用素材模板", "重做活动页首屏"),
}
_NOTES = ("新项目已交接给他人", "方法已写成文档", "比计划早完成", "只完成了试点", "")


def campaigns() -> list[Row]:
    """Return the campaigns of May 2025: five days in one room, a single day in another."""
    rows = (
        ("五一露营节", "山野装备屋", "2025-05-01", "2025-05-05"),
        ("家居会员日", "柚子巷家居", "2025-05-20", "2025-05-20"),
    )
    return [
        {
            "campaign": name,
            "account": room,
            "first": np.datetime64(first),
            "last": np.datetime64(last),
        }
        for name, room, first, last in rows
    ]


def objectives(seats: tuple[Seat, ...], seed: int) -> list[Row]:
    """Return objectives of May 2025; draws of their own, so that nothing else depends on them."""
    rng = np.random.default_rng([seed, 5])
    rows: list[Row] = []
    for seat in seats:
        named = _OBJECTIVES.get(seat.key, ())
        if not seat.works_on(np.datetime64("2025-05-31")):
            continue
        for objective in named[: int(rng.integers(1, 3))]:
            done = None if rng.random() < 0.08 else f"{10 * int(rng.integers(3, 12))}%"
            note = _NOTES[int(rng.integers(len(_NOTES)))]
            rows.append(
                {
                    "month": "2025-05",
                    "person": seat.person,
                    "objective": objective,
                    "completion": done,
                    "contribution": note,
                }
            )
    return rows
