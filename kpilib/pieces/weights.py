"""What the weights do to a month, told on a page: transfers, odds, importance, tornado."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from kpilib import figures
from kpilib.audience import SMALL
from kpilib.certainty import FIRM

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from kpilib.certainty import Certainty
    from kpilib.display import Page


def show_edges(page: Page, sure: Certainty, n: int = 15, told: int = 8) -> None:
    """Show the people nearest to another grade: transfers in words, tolerances as a figure."""
    rows = sure.table.dropna(subset="moved").head(told).reset_index().to_dict("records")
    page.items([_transfer(page, {str(k): v for k, v in row.items()}) for row in rows], people=True)
    nearest = sure.table[sure.table["tolerance"] <= 1].head(n)
    if nearest.empty:
        return
    values = [
        f"{page.person(str(who))} {page.t.number(rho, 'percent1')}"
        for who, rho in nearest["tolerance"].items()
    ]
    page.show(
        figures.tolerance(nearest, page.t, label=page.person),
        caption="edge.figure",
        alt="edge.alt",
        people=True,
        who=page.person(str(nearest.index[0])),
        grade=nearest["grade"].iloc[0],
        tolerance=nearest["tolerance"].iloc[0],
        n=len(nearest),
        values=values,
    )


def _transfer(page: Page, row: dict[str, object]) -> str:
    said = {name: row[name] for name in ("grade", "neighbour")}
    said["person"] = page.person(str(row["person"]))
    if row["source"] is None:
        return page.text("touching", **said)
    for name in ("source", "receiver"):
        said[name] = page.label("indicator", row[name])
    return page.text("transfer", moved=row["moved"], **said)


def show_odds(page: Page, sure: Certainty, n: int = 20) -> None:
    """Show the odds of each grade for the people whose grade is least certain."""
    best = sure.odds.max(axis=1)
    doubtful = sure.odds.loc[best.sort_values(kind="stable").index].head(n)
    page.show(
        figures.grade_odds(doubtful, page.t, label=page.person),
        caption="odds.figure",
        alt="odds.alt",
        people=True,
        doubtful=int((best < FIRM).sum()),
        n=len(best),
        shown=len(doubtful),
    )
    if not page.sees_people:
        return
    # standard deviation of a weight of 1/4 under Dirichlet(c x weights)
    spread = math.sqrt(0.25 * 0.75 / (sure.concentration + 1))
    page.note("odds.note", concentration=sure.concentration, spread=spread)


def show_importance(page: Page, worth: pd.DataFrame) -> None:
    """Show weight beside importance for the role in which they differ most."""
    if worth.empty:
        page.say("importance.none")
        return
    gap = (worth["importance"] - worth["weight"]).abs()
    widest = worth.iloc[int(gap.argmax())]
    part = worth[worth["role"] == widest["role"]].set_index("indicator")
    values = [
        f"{page.label('indicator', key)} {page.t.number(row['weight'], 'percent')} / "
        f"{page.t.number(row['importance'], 'percent')}"
        for key, row in part.iterrows()
    ]
    page.show(
        figures.importance(part, page.t, label=lambda key: page.label("indicator", key)),
        caption="importance.figure",
        alt="importance.alt",
        role=page.label("role", widest["role"]),
        indicator=page.label("indicator", widest["indicator"]),
        weight=widest["weight"],
        importance=widest["importance"],
        values=values,
    )


def show_tornado(page: Page, moves: pd.DataFrame, n: int = 10) -> None:
    """Show which weights move the payroll most when they change by ten points."""
    moves = moves if page.sees_people else moves[moves["n"] >= SMALL]
    reach = moves[["pay_less", "pay_more"]].abs().max(axis=1)
    most = moves.loc[reach.sort_values(ascending=False, kind="stable").index].head(n)
    names = [
        f"{page.label('indicator', key)} ({page.label('role', role)})"
        for role, key in zip(most["role"], most["indicator"], strict=True)
    ]
    table = pd.DataFrame(
        {"less": most["pay_less"].to_numpy(), "more": most["pay_more"].to_numpy()},
        index=pd.Index(names, name="indicator"),
    )
    first = most.iloc[0]
    page.show(
        figures.tornado(table, page.t, xlabel=page.text("tornado.pay")),
        caption="tornado.figure",
        alt="tornado.alt",
        indicator=page.label("indicator", first["indicator"]),
        role=page.label("role", first["role"]),
        amount=reach.max(),
        n=len(table),
        values=[f"{name} {page.t.number(v, 'signed')}" for name, v in table["more"].items()],
    )


def show_boxes(page: Page, boxes: pd.DataFrame) -> None:
    """Show how far each role's weights may move, and who is the first to move."""
    lines = []
    for row in boxes.drop_duplicates("role").to_dict("records"):
        said: dict[str, object] = {"role": page.label("role", row["role"])}
        if row["people"]:
            said["people"] = page.people(row["people"])
        if not row["people"]:
            lines.append(page.text("box.firm", **said))
        elif row["tolerance"] > 0:
            lines.append(page.text("box.first", tolerance=row["tolerance"], **said))
        else:
            lines.append(page.text("box.on_cut", **said))
    page.items(lines, people=True)
    page.table(
        page.suppress(boxes.drop(columns="people"), "n", ["tolerance", "low", "high"]),
        caption="box.table",
        headers={"low": "box.low", "high": "box.high"},
        formats={"low": "percent1", "high": "percent1"},
    )


def show_shares(page: Page, shares: pd.DataFrame, n: int = 10) -> None:
    """Show which choices the grades hang on: the weightiest as a figure, all as a table."""
    names = [_choice(page, row) for row in shares.to_dict("records")]
    by = shares.assign(factor=names).set_index("factor")
    moved, paid = (by[by["output"] == output] for output in ("grade_shift", "payroll"))
    if moved["total"].isna().all():
        page.say("shares.none")
        return
    most = moved.sort_values("total", ascending=False, kind="stable")
    first = most.iloc[0]
    page.show(
        figures.variance_shares(most.head(n), page.t),
        caption="shares.figure",
        alt="shares.alt",
        factor=most.index[0],
        total=first["total"],
        first=max(0.0, first["first"]),
        n=min(n, len(most)),
        values=[f"{name} {page.t.number(v, 'percent')}" for name, v in most["total"][:n].items()],
    )
    parts = {
        "grade_alone": moved["first"],
        "grade_total": moved["total"],
        "pay_alone": paid["first"],
        "pay_total": paid["total"],
    }
    # An estimate of nothing falls to either side of 0; a share below 0 says only that.
    table = pd.DataFrame(parts).clip(lower=0).loc[most.index]
    heads = {name: f"shares.{name}" for name in ("factor", *parts)}
    page.table(
        table.rename_axis("factor"),
        caption="shares.table",
        headers=heads,
        formats=dict.fromkeys(parts, "percent"),
    )


def _choice(page: Page, row: Mapping[Hashable, object]) -> str:
    if not isinstance(row["indicator"], str):
        return page.text(f"shares.{row['factor']}")
    named = {kind: page.label(kind, row[kind]) for kind in ("role", "indicator")}
    return page.text("shares.weight", **named)
