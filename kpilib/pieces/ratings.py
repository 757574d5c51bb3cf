"""How others see a person, on the person's own page: nothing that gives a rater away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.audience import HIDDEN

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.outcomes import Outcomes


def show_views(page: Page, outcomes: Outcomes, person: str) -> None:
    """Show the 360 mean of each judged item beside the self-review and its gap.

    The page is taken into the interview, so that groups under three raters are hidden, and one
    more where they could be worked out; comments and raters are not on it.

    Parameters
    ----------
    page : Page
        Where to show it.
    outcomes : Outcomes
        The month; nothing is shown of readings that came ready.
    person : str
        Who is rated.
    """
    table = views_table(outcomes, person)
    if table.empty:
        return
    relations = [name for name in ("peer", "manager", "user") if name in table]
    page.table(
        table,
        caption="card.views",
        headers={name: f"card.{name}" for name in (*relations, "others", "own", "gap", "raters")},
        formats={name: "points2" for name in (*relations, "others", "own")} | {"gap": "signed"},
        who=page.person(person),
    )


def views_table(outcomes: Outcomes, person: str) -> pd.DataFrame:
    """Return a row per judged item: mean by relation, ``others``, ``own``, ``gap``, ``raters``.

    A relation that is hidden throughout has no column; an item of which nothing is left to show
    beside its reading has no row.
    """
    views = outcomes.grades.scores.readings.views
    mine = outcomes.grades.scores.points.query("person == @person and status == 'ok'")
    rules = {
        (role.key, rule.key): rule for role in outcomes.scheme.roles for rule in role.indicators
    }
    rows: list[dict[str, Any]] = []
    for role, indicator in zip(mine["role"], mine["indicator"], strict=True):
        definition = rules[role, indicator].definition
        view = views.of(person, definition) if views is not None and definition.judged else None
        if view is not None:
            groups = view.for_ratee if len(view.groups) > 1 else ()
            if math.isnan(view.own) and all(g.hidden for g in groups):
                continue  # what is left is the reading, which stands among the items
            row: dict[str, Any] = {"indicator": indicator}
            row |= {g.relation: HIDDEN if g.hidden else g.mean for g in groups}
            others = math.fsum(g.share * g.mean for g in view.groups)
            rows.append(
                row | {"others": others, "own": view.own, "gap": view.gap, "raters": view.n}
            )
    order = ["indicator", "peer", "manager", "user", "others", "own", "gap", "raters"]
    table = pd.DataFrame(rows)
    seen = [c for c in table if not table[c].map(lambda cell: cell is HIDDEN).all()]
    return table[[column for column in order if column in seen]]
