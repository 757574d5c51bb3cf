"""Figures of scores against the cuts: every person a dot, shares at or below, ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kpilib.figures.canvas import (
    MARKERS,
    SMALL,
    WIDTH,
    Label,
    axes,
    cut_lines,
    grade_colours,
    grid,
    legend,
    named_rows,
    percent_axis,
    rows,
    upright,
)
from kpilib.style import COLOURS, INK, QUIET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from kpilib.texts import Texts


def strip(
    table: pd.DataFrame,
    cuts: Mapping[str, float],
    grades: Sequence[str],
    t: Texts,
    *,
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw each person's score as a dot in the row of a group, against the cuts.

    Parameters
    ----------
    table : DataFrame
        ``group``, ``score``, ``grade``, ``lane`` (-1 to 1, so that near dots do not cover each
        other); groups in the order of the rows.
    cuts : mapping of grade to points
        Where each grade begins; none by quota.
    grades : sequence of str
        The scale, best first.
    """
    groups = list(dict.fromkeys(table["group"]))
    ax = axes(ax, rows(len(groups), 0.46))
    place = {group: i for i, group in enumerate(groups)}
    y = table["group"].map(place) + 0.36 * table["lane"]
    colours = grade_colours(grades)
    for grade, marker in zip(grades, MARKERS, strict=False):
        of = table["grade"] == grade
        if of.any():
            ax.scatter(
                table.loc[of, "score"],
                y[of],
                s=34,
                marker=marker,
                color=colours[grade],
                edgecolor=INK,
                linewidth=0.5,
                label=grade,
                zorder=3,
            )
    sizes = table["group"].value_counts()
    named_rows(ax, [t("figures.group_n", group=label(g), n=int(sizes[g])) for g in groups])
    cut_lines(ax, cuts)
    ax.set_xlabel(t("figures.score"))
    legend(ax, len(grades), lift=1.9)  # above the marks of the cuts
    return ax


def ecdf_and_strip(
    steps: pd.DataFrame,
    table: pd.DataFrame,
    cuts: Mapping[str, float],
    grades: Sequence[str],
    t: Texts,
    *,
    label: Label = str,
) -> Axes:
    """Draw the share of people at or below each score, and below it every person as a dot.

    Returns the axes of the dots; the line stands on axes of its own above them.

    Parameters
    ----------
    steps : DataFrame
        ``score`` (rising) and ``share`` (0 to 1).
    table, cuts, grades
        As in :func:`strip`.
    """
    from matplotlib.figure import Figure

    below = rows(table["group"].nunique(), 0.46)
    figure = Figure(figsize=(WIDTH, 1.9 + below), layout="constrained")
    upper, lower = figure.subplots(2, sharex=True, height_ratios=[1.5, below])
    upper.step(
        np.r_[steps["score"].iloc[:1], steps["score"]],
        np.r_[0.0, steps["share"]],
        where="post",
        color=INK,
        linewidth=1.6,
    )
    percent_axis(upper, t, "y")
    upper.set_ylim(0, 1.02)
    upper.set_yticks([0, 0.25, 0.5, 0.75, 1])
    upper.set_ylabel(t("figures.at_or_below"))
    grid(upper, "y")
    for cut in cuts.values():
        upper.axvline(cut, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    return strip(table, cuts, grades, t, label=label, ax=lower)


def score_ranges(cells: pd.DataFrame, t: Texts, *, ax: Axes | None = None) -> Axes:
    """Draw people by range of scores; every range holds at least five.

    Parameters
    ----------
    cells : DataFrame
        ``low``, ``high`` (points; NaN where the range is open) and ``n``, lowest first.
    """
    ax = axes(ax, rows(len(cells), 0.36))
    ax.barh(range(len(cells)), cells["n"], height=0.68, color=COLOURS[0])
    names = []
    for i, (low, high, n) in enumerate(cells[["low", "high", "n"]].itertuples(index=False)):
        ends = (
            "range"
            if low == low and high == high
            else "range_up_to"
            if high == high
            else "range_from"
        )
        values = {"range": {"low": low, "high": high}, "range_up_to": {"high": high}}
        names.append(t(f"figures.{ends}", **values.get(ends, {"low": low})))
        ax.annotate(
            t.number(int(n), "count"),
            (n, i),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    named_rows(ax, names)
    upright(ax)
    ax.set_ylabel(t("figures.score"))
    ax.set_xlabel(t("figures.people"))
    ax.locator_params(axis="x", integer=True)
    ax.margins(x=0.08)
    return ax
