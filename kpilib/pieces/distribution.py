"""A month's distribution, told on a page: checks, scores, shares, near grades, edges, months."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from kpilib import figures
from kpilib.audience import HIDDEN
from kpilib.distribution import ecdf, lanes, score_ranges, surplus
from kpilib.distribution.overview import MARGIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpilib.display import Page
    from kpilib.distribution import Overview
    from kpilib.distribution.checks import Check

# Sentences that leadership hears without names, and the values left: most roles are groups of
# fewer than five, and a grade that is off the wish tells about how many have it.
GUARDED = {"roles_high": ("n", "grade"), "ends_found": ("n",), "wished_outside": ()}
_DELTA = ("delta", "from", "to")
FURTHEST = 12  # people whose change a figure shows; the monthly review lists all


def verdict(page: Page, seen: Overview) -> tuple[str, Mapping[str, object]]:
    """Return the key of the verdict and its values: sound, or where to look before signing."""
    if seen.outcomes.nobody:
        return seen.outcomes.nobody
    told: dict[str, object] = {**seen.most, **seen.middle, "checks": len(seen.checks)}
    if not seen.looks:
        return "verdict_sound", told
    names = [page.text(f"check.{check.key}") for check in seen.looks]
    return "verdict_look", {**told, "looks": len(seen.looks), "names": names}


def show_checks(page: Page, seen: Overview) -> None:
    """Show each check with what it found, questions first, and what is to be decided."""
    if not seen.n:
        return  # the verdict says it
    ordered = sorted(seen.checks, key=lambda check: not check.look)
    table = pd.DataFrame(
        {
            "check": [_sentence(page.text(f"check.{check.key}")) for check in ordered],
            "look": [page.text("check_look" if check.look else "check_fine") for check in ordered],
            "finding": [_finding(page, check) for check in ordered],
        }
    )
    headers = {name: f"checks.{name}" for name in table.columns}
    page.table(table, caption="checks.table", headers=headers)
    if seen.looks:
        page.say("decide")
        page.items([page.text(f"act.{check.key}") for check in seen.looks])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _finding(page: Page, check: Check) -> str:
    kinds = {"a": "team", "b": "team", "roles": "role", "items": "indicator"}
    told: dict[str, object] = {}
    for name, value in check.told.items():
        kind = kinds.get(name)
        if kind and isinstance(value, list):
            told[name] = [page.label(kind, key) for key in value]
        else:
            told[name] = page.label(kind, value) if kind else value
    key = f"found.{check.found}"
    if not page.sees_people and check.found in GUARDED:
        told = {name: told[name] for name in GUARDED[check.found]}
        key += "_all"
    return page.text(key, **told)


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
    if not seen.n:
        return  # the verdict says it
    grades = seen.outcomes.grades
    if page.sees_people:
        label = partial(page.label, "role")
        drawn = figures.ecdf_and_strip(
            ecdf(grades), lanes(grades), seen.cuts, grades.order, page.t, label=label
        )
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
    if not seen.n:
        return  # the verdict says it
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
        _show_guideline(page, table, seen)
    if len(seen.teams.n) > 1:
        teams = page.suppress_counts(seen.teams.counts.rename_axis("team"))
        page.table(teams, caption="grades.teams")
        _show_differences(page, seen)
    if page.sees_people:  # most roles are groups of fewer than five
        page.table(seen.roles.counts.rename_axis("role"), caption="grades.roles")
        _show_extremes(page, seen)


def _show_differences(page: Page, seen: Overview) -> None:
    """Say whether teams differ, and show each pair: how often the one stands above the other."""
    found = seen.differences
    if found.left_out:
        page.say("differ.left_out", teams=[page.label("team", key) for key in found.left_out])
    if len(found.n) < 2:
        return
    page.say("differ.all" if found.p >= 0.05 else "differ.some", p=found.p, n=len(found.n))
    pairs = found.pairs
    table = pd.DataFrame(
        {
            "pair": [
                page.text("differ.names", a=page.label("team", a), b=page.label("team", b))
                for a, b in zip(pairs["a"], pairs["b"], strict=True)
            ],
            "likelier": (1 + pairs["delta"]) / 2,
            "delta": pairs["delta"],
            "from": pairs["low"],
            "to": pairs["high"],
            "chance": pairs["adjusted"],
            "size": [page.text(f"differ.{size}") for size in pairs["size"]],
        }
    )
    if not page.sees_people:  # delta is the share of pairs on another scale
        table = table.drop(columns=list(_DELTA))
    page.table(
        table,
        caption="differ.table",
        headers={name: f"differ.{name}" for name in table.columns},
        formats={"likelier": "percent", "chance": "odds"} | dict.fromkeys(_DELTA, "number"),
        note="differ.note",
    )


def _show_extremes(page: Page, seen: Overview) -> None:
    """Show roles that hold more of the lowest grade than chance, and items at their ends."""
    if seen.concentration["concentrated"].any():
        table = seen.concentration.loc[seen.concentration["concentrated"]]
        page.table(
            table[["n", "lowest", "expected", "adjusted"]],
            caption="roles.table",
            headers={name: f"roles.{name}" for name in ("lowest", "expected", "adjusted")},
            formats={"expected": "points", "adjusted": "odds"},
        )
    at_end = seen.ends[seen.ends["ceiling"] | seen.ends["floor"]]
    if len(at_end):
        page.table(
            at_end[["role", "indicator", "n", "top", "bottom"]],
            caption="ends.table",
            headers={"top": "ends.top", "bottom": "ends.bottom"},
        )


def _show_guideline(page: Page, table: pd.DataFrame, seen: Overview) -> None:
    hidden = ["share", "low", "high", "difference", "outside"]
    shown = page.suppress(table, "count", hidden)[["count", "wished", *hidden]]
    page.table(
        shown,
        caption="guideline.table",
        headers={name: f"guideline.{name}" for name in ("wished", *hidden)},
        formats={**dict.fromkeys(("wished", "low", "high"), "percent"), "difference": "pp"},
        note="guideline.note",
    )
    explained = seen.explained
    if explained is None:
        return
    explained["team"] = page.label("team", explained["team"])
    over = explained.pop("over")
    if not page.sees_people:  # a surplus of people tells a hidden count
        if explained["grade"] in set(shown.index[shown["count"] != HIDDEN]):
            page.say("guideline.team", grade=explained["grade"], team=explained["team"])
        return
    page.say("guideline.over" if over else "guideline.under", people=True, **explained)
    more = surplus(seen.teams).rename_axis(index="team", columns="grade")
    formats = dict.fromkeys(map(str, more.columns), "signed")
    page.table(more, caption="guideline.surplus", formats=formats)


def show_near(page: Page, seen: Overview) -> None:
    """Show who stands near another grade, and how many at each cut.

    Leadership sees the number only: distances within one another, subtracted, are small groups.
    """
    if not seen.n:
        return  # the verdict says it
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
    if not seen.n:
        return  # the verdict says it
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
    if not seen.n:
        return  # the verdict says it
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
    if page.sees_people:
        _show_moves(page, seen)
    else:  # ups and downs apart, with the months' sums, would tell hidden grades
        page.say("history.changed", changed=seen.moved.up + seen.moved.down)


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
