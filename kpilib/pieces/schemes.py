"""The same people under several stages or variants, told on a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from kpilib import figures
from kpilib.audience import SMALL
from kpilib.pieces.distribution import row_by_row
from kpilib.texts import slots
from kpilib.texts.numerals import is_unknown

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.stages import Stages
    from kpilib.texts import Texts
    from kpilib.variants import Comparison

PEOPLE = 25  # rows of a timeline that a page can hold


def show_path(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show every grade change on the way from one stage to the other."""
    titles = {"start": ends[0], "end": ends[1]}
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
    table = stages.along()
    grades = [grade for grade in stages.start.grades.order if grade in table]
    counts = row_by_row(page, table[grades])
    shown = counts.join(table[["mean", "payroll"]]).rename_axis(columns="measure")
    page.table(
        shown,
        caption="along.table",
        headers={"t": "along.t", "mean": "columns.mean", "payroll": "columns.payroll"},
        formats={"t": "percent", "mean": "points"},
    )


def show_roles(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show each role's mean total under the two stages."""
    roles = page.suppress(stages.by_role, "n", ["before", "after", "change"])
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


def show_drivers(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show which indicators drive the difference, and one person's change in parts."""
    drivers = stages.drivers()
    if not page.sees_people:  # a row without its figure says nothing
        drivers = drivers[drivers["n"] >= SMALL]
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


def show_profiles(page: Page, stages: Stages, ends: tuple[str, str]) -> None:
    """Show the weights by dimension that the two stages stand on; they are assumed."""
    names = dict(zip(("start", "end"), ends, strict=True))
    page.table(
        stages.profiles().rename(columns=names).rename_axis(columns="stage"),
        caption="profiles.table",
        formats=dict.fromkeys(ends, "percent"),
        note="profiles.note",
    )


def variant_verdict(page: Page, seen: Comparison, lang: str) -> tuple[str, dict[str, object]]:
    """Return the key of the verdict and its values, variants by their titles."""
    titles, numbers = seen.titles(lang), seen.numbers()
    for name in ("most", "cheapest", "dearest"):
        if name in numbers:
            numbers[name] = titles[str(numbers[name])]
    key = "verdict" if "most" in numbers else "verdict_pay"
    needed = slots(page.t.raw(f"scheme_variants.{key}"))
    told = {name: value for name, value in numbers.items() if name in needed}
    return key, {**told, "first": titles[seen.first]}


def variant_table(page: Page, seen: Comparison, lang: str) -> pd.DataFrame:
    """Lay the variants side by side: one row per measure, one column per variant, as text."""
    t, titles = page.t, seen.titles(lang)
    forms = {
        "n": "count",
        "mean": "points",
        "spread": "points",
        "payroll": "money",
        "payroll_change": "signed_percent",
        "above_base": "people",
        "up": "people",
        "down": "people",
        "kappa": "number",
        "kendall": "number",
        "rank_shift": "number",
        "exposure": "percent",
    }
    rows: list[dict[str, str | None]] = []
    for name, form in forms.items():
        cells = {titles[v]: _written(t, seen.table.loc[name, v], form) for v in titles}
        rows.append({"measure": page.text(f"table.{name}"), **cells})
    return pd.DataFrame(rows).set_index("measure").rename_axis(columns="variant")


def _written(t: Texts, value: object, form: str) -> str | None:
    return None if is_unknown(value) else t.number(value, form)


def _said(page: Page, values: pd.Series, titles: dict[str, str], form: str) -> list[str]:
    return [f"{titles[str(name)]} {page.t.number(v, form)}" for name, v in values.items()]


def show_payroll(page: Page, seen: Comparison, lang: str) -> None:
    """Show payroll and spread of scores under each variant."""
    titles = seen.titles(lang)
    pay = seen.payroll()
    said = [
        f"{titles[str(name)]} {page.t.number(v, 'money')}" for name, v in pay["payroll"].items()
    ]
    page.show(
        figures.payroll(pay, page.t, label=lambda key: titles[key]),
        caption="payroll.figure",
        alt="payroll.alt",
        people=False,
        values=said,
        **{name: seen.numbers()[name] for name in ("low", "high")},
    )
    spread = seen.spread()
    few = (seen.table.loc["n"] < 10 * SMALL).any()  # then a tenth is fewer people than may be shown
    if page.sees_people or not few:
        page.show(
            figures.by_scheme(spread, seen.cuts, page.t, label=lambda key: titles[key]),
            caption="payroll.spread",
            alt="payroll.spread_alt",
            medians=_said(page, spread["p50"], titles, "points"),
        )


def show_grades(page: Page, seen: Comparison, lang: str) -> None:
    """Show people by grade under each variant; another scale has a table of its own."""
    titles = seen.titles(lang)
    own = list(seen.outcomes[seen.first].grades.order)
    tables = {"own": seen.rows()[own].dropna().astype(int), **seen.other_scales()}
    for scale, counts in tables.items():
        shown = row_by_row(page, counts).rename(index=titles)
        caption = "grades.own" if scale == "own" else "grades.other"
        page.table(shown.rename_axis(index="variant", columns="grade"), caption=caption)
