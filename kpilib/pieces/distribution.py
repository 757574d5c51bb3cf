"""A month's distribution, told on a page: scores, shares, near grades, edges, months before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from kpilib import figures
from kpilib.distribution import lanes, score_ranges

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.distribution import Overview


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
    """Show shares of grades, then head counts by team and role."""
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
    for name, held in (("team", seen.teams), ("role", seen.roles)):
        shown = page.suppress_counts(held.counts.rename_axis(name))
        page.table(shown, caption=f"grades.{name}s")


def show_edges(page: Page, seen: Overview) -> None:
    """Show the four edge policies side by side, and who depends on the one in use."""
    if seen.edges is None:
        page.say("edges.quota")
        return
    names = {policy: page.text(f"edges.{policy}") for policy in seen.edges.counts.index}
    page.say("edges.lead", used=names[seen.edges.used], n=len(seen.edges.table))
    counts = page.suppress_counts(seen.edges.counts).rename(index=names)
    page.table(counts.rename_axis(index="policy", columns="grade"), caption="edges.table")
    people = seen.edges.table.rename(columns=names).rename_axis(columns="policy")
    page.table(people, caption="edges.people", headers={"score": "columns.score"})


def show_history(page: Page, seen: Overview) -> None:
    """Show the months before: grades over time, and who moved since the last."""
    counts = page.suppress_counts(seen.months.counts)
    page.show(
        figures.grade_history(counts, page.t, label=partial(page.label, "month")),
        caption="history.figure",
        alt="history.alt",
        n=len(counts),
    )
    if seen.moved is None:
        page.say("history.none")
        return
    page.show(
        figures.migration(page.suppress_counts(seen.moved.table), page.t),
        caption="history.migration",
        alt="history.migration_alt",
        people=False,
        **seen.moves,
    )
    movers: pd.DataFrame = seen.moved.movers()
    page.table(
        movers[["grade_before", "grade", "before", "score", "change"]],
        caption="history.movers",
        headers={"before": "columns.score_before"},
        formats={"before": "points"},
    )
