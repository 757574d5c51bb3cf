"""How a month's grades are spread, told on the monthly review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpilib import figures
from kpilib.distribution import grade_shares

if TYPE_CHECKING:
    from kpilib.display import Page
    from kpilib.review import Review


def show_grades(page: Page, seen: Review) -> None:
    """Show shares with their intervals, then head counts by team and role."""
    grades = seen.outcomes.grades
    if seen.outcomes.nobody:
        page.say("nobody.section")
        return
    shares = grade_shares(grades).table.set_index("grade")
    shown = page.suppress(shares, "count", ["share", "low", "high"])
    told: dict[str, Any] = seen.most_common(shown["count"])
    page.show(
        figures.grade_bars(shown, seen.graded, page.t),
        caption="grades.figure",
        alt="grades.alt",
        **told,
    )
    teams = grade_shares(grades, by="team").counts.rename_axis("team")
    page.table(page.suppress_counts(teams), caption="grades.teams")
    roles = grade_shares(grades, by="role").counts.rename_axis("role")
    page.table(page.suppress_counts(roles), caption="grades.roles")
