"""What the weights do to a month, told on a page: transfers, odds, importance, tornado.

Where nobody is graded the verdict says it, and nothing else is shown.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from kpilib import figures, influence
from kpilib.audience import SMALL
from kpilib.certainty import FIRM

if TYPE_CHECKING:
    from kpilib.certainty import Certainty
    from kpilib.display import Page
    from kpilib.outcomes import Outcomes

ROWS: Final = 25  # of the table of edges


def show_verdict(page: Page, sure: Certainty) -> None:
    """Show how many grades hang on little weight, how many are firm, what the payroll can do."""
    if nobody := sure.outcomes.nobody:
        page.verdict(nobody[0], tone="watch", **nobody[1])
        return
    counts = {name: int(sure.by_team[name].sum()) for name in ("n", "hanging", "firm")}
    bound: dict[str, Any] = {"payroll": sure.payroll_bound, "radius": sure.radius}
    page.verdict("verdict", tone="watch" if counts["hanging"] else "calm", **counts, **bound)
    page.facts(
        ("facts.hanging", counts["hanging"], "people"),
        ("facts.firm", counts["firm"], "people"),
        ("facts.payroll", sure.payroll_bound, "percent1"),
    )


def show_edges(page: Page, sure: Certainty) -> None:
    """Show the people nearest to another grade: in words, as a figure, and in a table."""
    if sure.table.empty:
        return
    page.say("edge.lead", people=True)
    _show_nearest(page, sure)
    columns = ["role", "score", "grade", "tolerance", "moved", "neighbour"]
    page.table(
        sure.table[columns].join(sure.worst).head(ROWS),
        caption="edge.table",
        headers={c: f"edge.{c}" for c in ("moved", "neighbour", "low", "high")},
        formats={"moved": "percent1", "low": "points", "high": "points", "tolerance": "tolerance1"},
        radius=sure.radius,
    )


def show_teams(page: Page, sure: Certainty) -> None:
    """Show where grades hang on little weight, team by team."""
    if sure.table.empty:
        return
    page.table(
        page.suppress(sure.by_team, "n", ["hanging", "firm"]),
        caption="teams.table",
        headers={"hanging": "teams.hanging", "firm": "teams.firm"},
        formats={"hanging": "people", "firm": "people"},
    )


def _show_nearest(page: Page, sure: Certainty, n: int = 15, told: int = 8) -> None:
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
    if sure.odds.empty:
        return
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


def show_importance(page: Page, outcomes: Outcomes) -> None:
    """Show weight beside importance: the role in which they differ most, then all."""
    if outcomes.nobody:
        return
    worth = influence.importance(outcomes)
    page.say("importance.lead")
    if worth.empty:
        page.say("importance.none")
        return
    _show_widest(page, worth)
    page.table(
        worth,
        caption="importance.table",
        headers={"importance": "importance.importance"},
        formats={"importance": "percent1"},
    )


def _show_widest(page: Page, worth: pd.DataFrame) -> None:
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


def show_boxes(page: Page, outcomes: Outcomes) -> None:
    """Show how far each role's weights may move, and who is the first to move."""
    if outcomes.nobody:
        return
    boxes = influence.certified_boxes(outcomes)
    page.say("box.lead")
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


def show_wished(page: Page, outcomes: Outcomes) -> None:
    """Show the weights under which each indicator would matter as much as its weight says."""
    if outcomes.nobody:
        return
    page.say("wished.lead")
    page.table(
        influence.wished_weights(outcomes),
        caption="wished.table",
        headers={"needed": "wished.needed", "reached": "wished.reached"},
        formats={"needed": "percent1"},
    )


def show_tornado(page: Page, outcomes: Outcomes) -> None:
    """Show what ten points less and more of each weight do to grades and to the payroll."""
    if outcomes.nobody:
        return
    moves = influence.tornado(outcomes)
    page.say("tornado.lead")
    _show_most(page, moves)
    forms = dict.fromkeys(("changed_less", "changed_more"), "people")
    forms |= dict.fromkeys(("pay_less", "pay_more"), "signed")
    page.table(
        page.suppress(moves, "n", list(forms)),
        caption="tornado.table",
        headers={name: f"tornado.{name}" for name in forms},
        formats=forms,
    )


def show_leave(page: Page, outcomes: Outcomes) -> None:
    """Show what leaving one indicator out does to grades and ranks."""
    if outcomes.nobody:
        return
    effects = ["up", "down", "rank_shift"]
    page.table(
        page.suppress(influence.leave_one_out(outcomes), "n", effects),
        caption="leave.table",
        headers={name: f"leave.{name}" for name in effects},
        formats={"up": "people", "down": "people"},
    )


def _show_most(page: Page, moves: pd.DataFrame, n: int = 10) -> None:
    """Show which weights move the payroll most, where some role has enough people."""
    moves = moves if page.sees_people else moves[moves["n"] >= SMALL]
    reach = moves[["pay_less", "pay_more"]].abs().max(axis=1)
    if reach.isna().all():
        page.say("tornado.few" if moves.empty else "tornado.no_pay")
        return
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
