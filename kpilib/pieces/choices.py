"""Which of the scheme's choices a month hangs on, told on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib import assumptions, figures

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from kpilib.display import Page
    from kpilib.outcomes import Outcomes


def show_choices(page: Page, outcomes: Outcomes, seed: int) -> dict[str, Any]:
    """Show what grades and payroll vary with; return what the note on the method says of it.

    Where nobody is graded nothing varies, nothing is shown, and there is nothing to say.
    """
    if outcomes.nobody:
        return {}
    shares = assumptions.variance_shares(outcomes, seed=seed)
    choices: dict[str, Any] = {"shift": assumptions.CUT_SHIFT, "cap": assumptions.OTHER_CAP}
    page.say("shares.lead", moved=shares.attrs["mean"]["grade_shift"], **choices)
    _show_shares(page, shares)
    paid = assumptions.payroll_range(outcomes, seed=seed)
    low, high = paid.quantile([0.05, 0.95])
    page.say("shares.payroll", low=low, high=high, now=paid.attrs["in_force"])
    return {
        "seed": seed,
        "runs": shares.attrs["runs"],
        "error": shares.attrs["standard_error"]["grade_shift"],
        "draws": paid.attrs["n"],
        "floor": assumptions.FLOOR,
    }


def show_method(page: Page, drawn: Mapping[str, Any]) -> None:
    """Show the method, with that of the draws where some were made."""
    for key in ("linear", "people", "importance"):
        page.note(f"method.{key}")
    if drawn:
        page.note("method.shares", **drawn)
    page.note("method.doubt")


def _show_shares(page: Page, shares: pd.DataFrame, n: int = 10) -> None:
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
