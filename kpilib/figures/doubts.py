"""Figures of how sure grades are: both noises on one map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpilib.figures.canvas import (
    MARKERS,
    SMALL,
    Label,
    axes,
    grade_colours,
    grid,
    legend,
    percent_axis,
)
from kpilib.style import INK, QUIET

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from kpilib.texts import Texts

NAMED: Final = 12  # people whose names stand beside their dots, where there is room
NAMED_LEFT: Final = 0.86  # from here on names stand to the left


def noise_map(
    table: pd.DataFrame,
    grades: Sequence[str],
    firm: float,
    t: Texts,
    *,
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw each person by how sure the grade is against other weights and against its readings.

    Parameters
    ----------
    table : DataFrame
        Index ``person``, least sure first: ``by_weights``, ``by_readings`` (probability of the
        grade given) and ``grade``.
    grades : sequence of str
        The scale, best first.
    firm : float
        Probability from which on a grade is called firm.
    """
    ax = axes(ax, 4.2)
    colours = grade_colours(grades)
    for grade, marker in zip(grades, MARKERS, strict=False):
        of = table[table["grade"] == grade]
        ax.scatter(
            of["by_weights"],
            of["by_readings"],
            s=36,
            marker=marker,
            color=colours[grade],
            edgecolor=INK,
            linewidth=0.5,
            label=grade,
            zorder=3,
            clip_on=False,
        )
    for draw in (ax.axvline, ax.axhline):
        draw(firm, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    ends = table[["by_weights", "by_readings"]].min()
    ax.set_xlim(min(float(ends["by_weights"]) - 0.03, 0.8), 1.01)
    ax.set_ylim(min(float(ends["by_readings"]) - 0.04, 0.8), 1.02)
    _names(ax, table.head(NAMED), label)
    for axis in ("x", "y"):
        percent_axis(ax, t, axis)
        grid(ax, axis)
    ax.set_xlabel(t("figures.sure_of_weights"))
    ax.set_ylabel(t("figures.sure_of_readings"))
    legend(ax, len(grades))
    return ax


def _names(ax: Axes, table: pd.DataFrame, label: Label) -> None:
    """Name the dots that leave room for it, each on the side where there is more of it."""
    low, high = ax.get_ylim()
    apart = 0.045 * (high - low)
    taken: list[tuple[bool, float, float]] = []
    for person, x, y in table[["by_weights", "by_readings"]].itertuples():
        left = x > NAMED_LEFT
        if any(side == left and abs(at - x) < 0.14 and abs(held - y) < apart
               for side, at, held in taken):  # fmt: skip
            continue
        taken.append((left, x, y))
        ax.annotate(
            label(str(person)),
            (x, y),
            xytext=(-7 if left else 7, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=SMALL,
        )
