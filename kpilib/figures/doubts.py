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
HEIGHT: Final = 0.05  # of the axes: names nearer than this to one another would touch


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
    _names(ax, table, label)
    for axis in ("x", "y"):
        percent_axis(ax, t, axis)
        grid(ax, axis)
    ax.set_xlabel(t("figures.sure_of_weights"))
    ax.set_ylabel(t("figures.sure_of_readings"))
    legend(ax, len(grades))
    return ax


def _names(ax: Axes, table: pd.DataFrame, label: Label) -> None:
    """Name the least sure, each on a side where the name covers no dot and no other name."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    across = (table["by_weights"].to_numpy() - left) / (right - left)
    up = (table["by_readings"].to_numpy() - low) / (high - low)
    taken: list[tuple[float, float, float]] = []
    for i, person in enumerate(table.index[:NAMED]):
        name = label(str(person))
        width = 0.02 + 0.02 * len(name)  # of the axes: SMALL letters as wide as high
        for side in (1, -1):
            start, end = sorted((across[i] + side * 0.012, across[i] + side * width))
            near = abs(up - up[i]) < HEIGHT
            covers = near & (across > start - 0.01) & (across < end + 0.01)
            covers[i] = False
            meets = any(
                abs(at - up[i]) < HEIGHT and begin < end and start < stop
                for at, begin, stop in taken
            )
            if covers.any() or meets or not 0 <= start < end <= 1.01:
                continue
            taken.append((up[i], start, end))
            ax.annotate(
                name,
                (table["by_weights"].iloc[i], table["by_readings"].iloc[i]),
                xytext=(7 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=SMALL,
            )
            break
