"""How sure grades are, and what a quota would make of them, told on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpilib import figures
from kpilib.doubt import FIRM
from kpilib.scheme import Quota, read_scheme

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.distribution import Forced, Overview

SHOWN = 15  # people in a table; all stand on the map


def show_doubt(page: Page, seen: Overview) -> None:
    """Show what cannot be told from the readings of one month, beside the doubt of the weights.

    Leadership sees the sums only: what hangs on one noise alone is their small difference.
    """
    if not seen.n:
        return  # the verdict says it
    drawn = seen.doubt
    told = {"expected": drawn.expected, "n": seen.n, "untold": len(drawn.untold)}
    page.say("doubt.lead", people=False, **told)
    if page.sees_people:
        _show_people(page, seen)
    certain = drawn.items[drawn.items["drawn"] == 0]["indicator"].drop_duplicates()
    if len(certain):
        items = [page.label("indicator", key) for key in certain]
        page.note("doubt.certain", items=items, n=len(items))
    page.note("doubt.how", draws=drawn.draws)


def _show_people(page: Page, seen: Overview) -> None:
    drawn = seen.doubt
    if seen.noises is not None:
        noises = seen.noises
        page.show(
            figures.noise_map(
                noises.table, seen.outcomes.grades.order, FIRM, page.t, label=page.person
            ),
            caption="doubt.map",
            alt="doubt.map_alt",
            people=True,
            all=len(noises.table),
            **{str(key): int(n) for key, n in noises.counts.items()},
        )
    if len(drawn.confused):
        pairs = [
            page.text("doubt.pair", pair=str(pair).replace(" | ", " / "), n=int(n))
            for pair, n in drawn.confused.items()
        ]
        page.say("doubt.pairs", pairs=pairs)
    cuts = drawn.crossings
    page.table(
        cuts,
        caption="doubt.crossings",
        headers={name: f"doubt.{name}" for name in cuts.columns},
        formats={"cut": "text"} | dict.fromkeys(cuts.columns, "points"),
    )
    table = drawn.untold.head(SHOWN).rename(columns={"item": "indicator"})
    if len(table):
        columns = ["score", "low", "high", "grade", "own", "rival", "rival_odds", "indicator"]
        page.table(
            table[columns],
            caption="doubt.table",
            headers={name: f"doubt.{name}" for name in columns if name not in ("score", "grade")},
            formats=dict.fromkeys(("low", "high"), "points")
            | dict.fromkeys(("own", "rival_odds"), "odds"),
            shown=len(table),
            n=len(drawn.untold),
        )


def show_forced(page: Page, seen: Overview, beside: str) -> None:
    """Show the quota beside the cuts: who is moved by it alone, and by how little."""
    if not seen.n:
        return  # the verdict says it
    if seen.quota is None:
        page.say("forced.none")
        return
    grading = seen.outcomes.scheme.grading
    if not isinstance(grading, Quota):
        grading = read_scheme(beside).grading
    assert isinstance(grading, Quota)  # else there would be no comparison
    levels = [
        page.text("forced.level", grade=level.grade, share=level.share) for level in grading.levels
    ]
    page.say(
        "forced.rule",
        levels=levels,
        rounding=page.text(f"forced.{grading.rounding}"),
        ties=page.text(f"forced.ties_{grading.ties}"),
        least=grading.pool_below,
    )
    if grading.carry_over:
        page.say("forced.carried")
    for key, held in (("month", seen.quota), ("half", seen.half)):
        if held is not None:
            _show_one(page, key, held)
    page.note("forced.law")


def _show_one(page: Page, key: str, held: Forced) -> None:
    told = {"cuts": held.cuts, "quota": held.quota}
    if not page.sees_people:  # up less down, with the known sums, would tell hidden grades
        page.say(f"forced.{key}_all", people=False, **told, moved=held.up + held.down)
        return
    page.say(f"forced.{key}", people=False, **told, up=held.up, down=held.down)
    cross = held.cross.rename_axis(index="by_cuts", columns="grade")
    page.table(cross, caption=f"forced.{key}_cross", headers={"by_cuts": "forced.by_cuts"})
    moved = held.moved
    if key == "month" and len(moved):
        columns = ["team", "score", "by_cuts", "by_quota", "away"]
        page.table(
            moved[columns],
            caption="forced.moved",
            headers={name: f"forced.{name}" for name in ("by_cuts", "by_quota", "away")},
            formats={"away": "points2"},
            n=len(moved),
        )
