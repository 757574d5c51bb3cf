"""The same people under two stages and on the way between them, told on a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib import figures
from kpilib.audience import HIDDEN, SMALL
from kpilib.errors import KpiError
from kpilib.pieces.distribution import row_by_row
from kpilib.pieces.position import show_position, show_profiles
from kpilib.stages import equal_steps, plan
from kpilib.texts import slots

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.stages import Plan, Stages

__all__ = [
    "read_blends",
    "show_blends",
    "show_decision",
    "show_drivers",
    "show_heat",
    "show_path",
    "show_plan",
    "show_position",
    "show_profiles",
    "show_roles",
    "show_teams",
    "show_verdict",
]

PEOPLE = 25  # rows of a timeline that a page can hold


def read_blends(text: str) -> list[float]:
    """Read points on the way between two stages, in percent, parted by commas."""
    try:
        found = [float(part) / 100 for part in text.split(",") if part.strip()]
    except ValueError:
        raise KpiError("blends", f"{text!r} is no list of numbers.", "write 25, 50, 75.") from None
    return sorted({t for t in found if t not in (0, 1)})


def show_verdict(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show the verdict and its key figures; to leadership without the names of statistics."""
    if nobody := stages.nobody:
        page.verdict(nobody[0], tone="watch", **nobody[1])
        return
    told: dict[str, Any] = {**stages.numbers, "start": ends[0], "end": ends[1]}
    facts = _FACTS if page.sees_people else [fact for fact in _FACTS if fact[0] != "kendall"]
    if not page.sees_people:
        told = {name: value for name, value in told.items() if name not in ("kendall", "spearman")}
    page.verdict("verdict" if page.sees_people else "leaders", tone="watch", **told)
    page.facts(*((f"facts.{name}", told[name], form) for name, form in facts))


_FACTS = [
    ("moved", "people"),
    ("shift", "points"),
    ("kendall", "number"),
    ("change", "signed_percent"),
]


def show_decision(
    page: Page, stages: Stages, ends: tuple[str, str], months: int, most: int
) -> None:
    """Say what there is to decide: to stay, or to move by the plan, as far as it gets."""
    if stages.nobody:
        return
    told: dict[str, Any] = {"start": ends[0], "end": ends[1]}
    if stages.path is None:
        page.say("decide.no_plan", **told)
        return
    reached = plan(stages.path, months, most).reached
    told |= {"months": months}
    if reached >= 1:
        page.say("decide.reaches", **told)
    else:
        page.say("decide.stops", reached=reached, **told)


def show_path(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show every grade change on the way from one stage to the other."""
    if stages.nobody:
        return  # the verdict says it
    titles: dict[str, Any] = {"start": ends[0], "end": ends[1]}
    path, order = stages.path, stages.start.grades.order
    if path is None:
        page.say("path.quota")
        return
    page.say("path.lead", people=False, **titles)
    # Counts at every turn let leadership follow single people; the table of blends serves them.
    if not page.sees_people:
        page.say("path.changes", people=False, changes=len(path.changes), **titles)
    else:
        page.show(
            figures.stage_counts(path.counts(), order, page.t, ends=ends),
            caption="path.counts",
            alt="path.counts_alt",
            people=True,
            changes=len(path.changes),
            n=path.n,
            **titles,
        )
    people = list(stages.movers().head(PEOPLE).index)
    if people:
        page.show(
            figures.stage_path(path.segments, people, order, page.t, ends=ends, label=page.person),
            caption="path.figure",
            alt="path.alt",
            people=True,
            shown=len(people),
            **titles,
        )
    columns = ["roles", "grade_before", "grade", "before", "score", "change", "t"]
    names = ("grade_before", "grade", "before", "score", "t")
    page.table(
        stages.movers()[columns],
        caption="path.table",
        headers={name: f"path.{name}" for name in names},
        formats={"before": "points", "t": "percent1"},
    )


def show_blends(page: Page, stages: Stages) -> None:
    """Show grades, mean and payroll at the two stages and at blends between them."""
    if stages.nobody:
        return
    table = stages.along()
    grades = [grade for grade in stages.start.grades.order if grade in table]
    counts = row_by_row(page, table[grades])
    measures = ["mean", "payroll", "kendall", "spearman", "shift"]
    shown = counts.join(table[measures]).rename_axis(columns="measure")
    own = ("kendall", "spearman", "shift")
    page.table(
        shown,
        caption="along.table",
        headers={"t": "along.t", "mean": "columns.mean", "payroll": "columns.payroll"}
        | {name: f"along.{name}" for name in own},
        formats={"t": "percent", "mean": "points", "shift": "points"}
        | dict.fromkeys(("kendall", "spearman"), "number"),
        note="along.note",
    )


def show_roles(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show each role's mean total under the two stages."""
    if stages.nobody:
        return
    roles = _roles(page, stages)
    seen = pd.to_numeric(roles["change"], errors="coerce").dropna()
    if seen.empty:
        page.say("roles.few")
        return
    widest = seen.index[int(seen.abs().argmax())]
    page.show(
        figures.before_after(roles, page.t, ends=ends, label=partial(page.label, "role")),
        caption="roles.figure",
        alt="roles.alt",
        role=page.label("role", widest),
        change=seen[widest],
        start=ends[0],
        end=ends[1],
    )


def _roles(page: Page, stages: Stages) -> pd.DataFrame:
    """Return what may be seen of roles; a team's mean would give its only hidden role away."""
    teams = {role.key: role.team for role in stages.start.scheme.roles}
    table = stages.by_role.assign(team=stages.by_role.index.map(teams))
    return page.suppress(table, "n", ["before", "after", "change"], within="team")


def _seen(page: Page, stages: Stages) -> list[object]:
    """Return the roles of which all may be seen."""
    roles = _roles(page, stages)
    return [role for role, cell in roles["n"].items() if cell is not HIDDEN]


def show_teams(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show each team's mean score under the two stages."""
    if stages.nobody:
        return
    page.table(
        page.suppress(stages.by_team, "n", ["before", "after", "change"]),
        caption="teams.table",
        headers={"before": "teams.before", "after": "teams.after"},
        formats={"before": "points", "after": "points"},
        start=ends[0],
        end=ends[1],
    )


def show_heat(page: Page, stages: Stages, team: str) -> None:
    """Show what moves the scores of one team: people, or for leaders roles."""
    if not page.sees_people:
        table = stages.by_dimension()
        table = table[table.index.isin(_seen(page, stages))].drop(columns="n")
        if len(table):
            page.show(
                figures.effects(
                    table,
                    page.t,
                    label=partial(page.label, "role"),
                    item=partial(page.label, "dimension"),
                ),
                caption="heat.roles",
                alt="heat.roles_alt",
                n=len(table),
            )
        return
    changes = stages.contrast.table["change"].abs().groupby(stages.contrast.table["team"]).mean()
    if changes.empty:
        return
    chosen = team or str(changes.idxmax())
    table = stages.heat(chosen).head(PEOPLE)
    rest = page.text("heat.rest")
    page.show(
        figures.effects(
            table,
            page.t,
            label=page.person,
            item=lambda key: rest if key == "rest" else page.label("indicator", key),
        ),
        caption="heat.people",
        alt="heat.people_alt",
        people=True,
        team=page.label("team", chosen),
        n=len(table),
    )


def show_plan(page: Page, stages: Stages, months: int, most: int) -> None:
    """Show a plan of monthly steps, and what even steps would do."""
    if stages.nobody:
        return
    if stages.path is None:
        page.say("path.quota")
        return
    steps, even = plan(stages.path, months, most), equal_steps(stages.path, months)
    told = {"months": months, "most": most, "reached": steps.reached, "first": steps.first}
    key = "plan.reaches" if steps.reached >= 1 else "plan.stops"
    key = key if most else f"{key}_unchanged"
    page.say(key, **_fit(page, steps, told, key))
    if not page.sees_people:  # steps of few people would tell who stands where
        page.say("plan.even_lead", most=int(even["n"].max()), months=months)
        return
    shown = steps.steps.assign(
        who=steps.steps["people"].map(page.people),
        even=even["n"].reindex(steps.steps.index),
    )
    page.table(
        shown[["start", "t", "limit", "who", "even"]],
        caption="plan.table",
        headers={name: f"plan.{name}" for name in ("month", "start", "t", "limit", "who", "even")},
        formats={
            "month": "count",
            **dict.fromkeys(("start", "t"), "percent2"),
            "limit": "percent2",
            "who": "list",
            "even": "people",
        },
        note="plan.note",
    )


def _fit(page: Page, steps: Plan, told: dict[str, Any], key: str) -> dict[str, Any]:
    """Keep the values that the sentence has a place for."""
    needed = slots(page.t.raw(f"stage_scoring.{key}"))
    return {name: value for name, value in {**told, "least": steps.least}.items() if name in needed}


def show_drivers(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show which indicators drive the difference, and one person's change in parts."""
    if stages.nobody:
        return
    page.say("drivers.lead")
    drivers = stages.drivers()
    if not page.sees_people:  # a row without its figure says nothing
        # The parts of a role's change sum to it, so one that is hidden would follow from the rest.
        fewest = drivers.groupby("role")["n"].transform("min")
        drivers = drivers[drivers["role"].isin(_seen(page, stages)) & (fewest >= SMALL)]
    page.table(
        drivers.head(12),
        caption="drivers.table",
        headers={name: f"drivers.{name}" for name in ("weight_before", "weight", "effect")},
        formats={"weight_before": "percent1", "effect": "signed"},
    )
    who = stages.furthest()
    if who is None:
        return
    steps = stages.steps(who)
    start = float(stages.start.table["score"].astype(float)[who])
    label = partial(page.label, "indicator")
    page.show(
        figures.waterfall(steps, start, page.t, ends=ends, label=label),
        caption="drivers.figure",
        alt="drivers.alt",
        people=True,
        who=page.person(who),
        start=start,
        end=start + float(steps["effect"].sum()),
        parts=[
            f"{label(key)} {page.t.number(effect, 'signed')}"
            for key, effect in zip(steps["indicator"], steps["effect"], strict=True)
        ],
    )
