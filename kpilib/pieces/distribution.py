"""A month's distribution, told on a page: scores, shares, near grades, edges, months before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from kpilib import figures
from kpilib.distribution import lanes, score_ranges
from kpilib.distribution.overview import MARGIN

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.distribution import Overview

FURTHEST = 12  # people whose change a figure shows; the monthly review lists all


def row_by_row(page: Page, counts: pd.DataFrame) -> pd.DataFrame:
    """Hide small cells of rows that each count the same people anew: months, schemes, policies.

    Each row is hidden by itself, so that the same row hides the same cells on every page.
    """
    shown = counts.astype(object)
    for place in range(len(counts)):
        row = counts.iloc[place].rename("n").to_frame()
        shown.iloc[place] = page.suppress(row, "n")["n"].to_numpy()
    return shown


def show_scores(page: Page, seen: Overview) -> None:
    """Show every person as a dot against the cuts; to leadership, ranges of five people or more."""
    grades = seen.outcomes.grades
    if page.sees_people:
        label = partial(page.label, "role")
        drawn = figures.strip(lanes(grades), seen.cuts, grades.order, page.t, label=label)
        page.show(
            drawn,
            caption="scores.strip",
            alt="scores.strip_alt",
            people=True,
            n=seen.n,
            **seen.middle,
        )
        return
    ranges = score_ranges(grades)
    if ranges.empty:
        page.say("scores.few")
        return
    drawn = figures.score_ranges(ranges, page.t)
    page.show(
        drawn,
        caption="scores.ranges",
        alt="scores.ranges_alt",
        people=False,
        n=seen.n,
        **seen.middle,
    )


def show_grades(page: Page, seen: Overview) -> None:
    """Show shares of grades, the guideline if there is one, then head counts by team and role."""
    table = seen.shares.table.set_index("grade")
    shares = page.suppress(table, "count", ["share", "low", "high"])
    counts = [f"{grade} {n}" for grade, n in shares["count"].items() if isinstance(n, int)]
    page.show(
        figures.grade_bars(shares, seen.n, page.t),
        caption="grades.figure",
        alt="grades.alt",
        people=False,
        counts=counts,
        **seen.most,
    )
    if "wished" in table:
        _show_guideline(page, table)
    if len(seen.teams.n) > 1:
        teams = page.suppress_counts(seen.teams.counts.rename_axis("team"))
        page.table(teams, caption="grades.teams")
    if page.sees_people:  # most roles are groups of fewer than five
        page.table(seen.roles.counts.rename_axis("role"), caption="grades.roles")


def _show_guideline(page: Page, table: pd.DataFrame) -> None:
    hidden = ["share", "low", "high", "difference", "outside"]
    shown = page.suppress(table, "count", hidden)[["count", "wished", *hidden]]
    page.table(
        shown,
        caption="guideline.table",
        headers={name: f"guideline.{name}" for name in ("wished", *hidden)},
        formats={**dict.fromkeys(("wished", "low", "high"), "percent"), "difference": "pp"},
        note="guideline.note",
    )


def show_near(page: Page, seen: Overview) -> None:
    """Show who stands near another grade, and how many at each cut.

    Leadership sees the number only: distances within one another, subtracted, are small groups.
    """
    page.say("near.lead", near=seen.near.within(MARGIN), margin=MARGIN, tied=seen.tied)
    if not page.sees_people:
        return
    page.table(
        seen.near.counts,
        caption="near.counts",
        headers={str(points): f"near.{points}" for points in seen.near.counts.columns},
        formats={"cut": "text"},
    )
    close = seen.near.table[seen.near.table["gap"].abs() <= MARGIN]
    close = close.join(seen.outcomes.table[["team", "roles"]])
    columns = ["team", "roles", "score", "grade", "gap", "cut", "neighbour"]
    page.table(close[columns], caption="near.table", headers={"neighbour": "near.beyond"})


def show_edges(page: Page, seen: Overview) -> None:
    """Show the four edge policies side by side, and who depends on the one in use.

    Leadership sees the number only: the policies' counts differ by small groups.
    """
    if seen.edges is None:
        page.say("edges.quota")
        return
    names = {policy: page.text(f"edges.{policy}") for policy in seen.edges.counts.index}
    page.say("edges.lead", used=names[seen.edges.used], n=len(seen.edges.table))
    if not page.sees_people:
        return
    counts = seen.edges.counts.rename(index=names)
    page.table(counts.rename_axis(index="policy", columns="grade"), caption="edges.table")
    people = seen.edges.table.rename(columns=names).rename_axis(columns="policy")
    page.table(people, caption="edges.people", headers={"score": "columns.score"})


def show_history(page: Page, seen: Overview) -> None:
    """Show the months before: grades over time, and who moved since the last."""
    if seen.moved is None:
        page.say("history.none")
        return
    counts = seen.months.counts
    figure = figures.grade_counts(
        row_by_row(page, counts), counts.sum(axis=1), page.t, label=partial(page.label, "month")
    )
    if page.sees_people:
        told = {**seen.span, "n": len(counts)}
        page.show(figure, caption="history.span", alt="history.alt", people=True, **told)
    else:  # the share of the better grades would tell the smaller of them
        page.show(figure, caption="history.figure", alt="history.alt", n=len(counts))
    if not page.sees_people:  # sums and hidden cells together would give cells away
        page.say("history.moves", people=False, **seen.moves)
    else:
        _show_moves(page, seen)


def _show_moves(page: Page, seen: Overview) -> None:
    assert seen.moved is not None  # asked before
    page.show(
        figures.migration(seen.moved.table, page.t),
        caption="history.migration",
        alt="history.migration_alt",
        people=True,
        **seen.moves,
    )
    movers = seen.moved.movers(FURTHEST)
    if len(movers):
        page.show(
            figures.changes(movers, seen.cuts, page.t, label=page.person),
            caption="history.movers",
            alt="history.movers_alt",
            people=True,
            shown=len(movers),
            moved=seen.moved.up + seen.moved.down,
            who=page.person(str(movers.index[0])),
            change=float(movers["change"].iloc[0]),
        )
