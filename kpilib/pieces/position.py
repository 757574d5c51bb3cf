"""Which stage the data look like, and what the stages stand on, told on a page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.audience import HIDDEN

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.stages import Position, Stages


def show_position(page: Page, where: Position, used: str, ends: tuple[str, str]) -> None:
    """Show what the team achieves by dimension over months, beside the profile in use."""
    told: dict[str, Any] = {"start": ends[0], "end": ends[1], "used": used}
    months, ahead = len(where.dimensions), where.ahead
    if math.isnan(where.last):
        page.say("position.unplaced")
    else:
        page.say("position.lead", last=where.last, ahead=ahead, months=months, **told)
    if not where.n.sum(axis=None):
        return  # nothing is measured in any month
    table = where.dimensions
    shown = table.join(where.levels[["growth"]])
    small = (where.n[shown.columns] > 0) & shown.isna()  # known, of too few people
    cells = shown.to_numpy(dtype=object, copy=True)
    cells[small.to_numpy()] = HIDDEN
    shown = pd.DataFrame(cells, shown.index, shown.columns).assign(t=where.t)
    shown = shown.rename(columns={key: f"d_{key}" for key in table.columns})
    page.table(
        shown,
        caption="position.table",
        headers={f"d_{key}": f"words.{key}" for key in table.columns}
        | {"growth": "position.growth", "t": "position.t"},
        formats={**{f"d_{key}": "points" for key in table.columns}, "growth": "points",
                 "t": "percent"},
        note="position.note",
    )  # fmt: skip


def show_profiles(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show the weights by dimension that the two stages stand on; they are assumed."""
    names = dict(zip(("start", "end"), ends, strict=True))
    page.table(
        stages.profiles().rename(columns=names).rename_axis(columns="stage"),
        caption="profiles.table",
        formats=dict.fromkeys(ends, "percent"),
        note="profiles.note",
    )
