"""Figures of the way from one stage to the other: each person's grades, and how many hold each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.figures.canvas import (
    SMALL,
    Label,
    axes,
    grade_colours,
    ink_on,
    legend,
    named_rows,
    percent_axis,
    rows,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from kpilib.texts import Texts


def stage_path(
    segments: pd.DataFrame,
    people: Sequence[str],
    grades: Sequence[str],
    t: Texts,
    *,
    ends: tuple[str, str],
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw each person's grade on the way from one stage to the other as a timeline.

    Parameters
    ----------
    segments : DataFrame
        ``person``, ``start``, ``end`` (0 to 1), ``grade``.
    people : sequence of str
        Rows, from the top.
    grades : sequence of str
        The scale, best first.
    ends : (str, str)
        What the two stages are called.
    """
    ax = axes(ax, rows(len(people), 0.3))
    colours = grade_colours(grades)
    place = {person: i for i, person in enumerate(people)}
    shown = segments[segments["person"].isin(place)]
    for grade in grades:
        of = shown[shown["grade"] == grade]
        if of.empty:
            continue
        ax.barh(
            of["person"].map(place),
            of["end"] - of["start"],
            left=of["start"],
            height=0.74,
            color=colours[grade],
            edgecolor="white",
            linewidth=1,
            label=grade,
        )
        for person, start, end in of[["person", "start", "end"]].itertuples(index=False):
            if end - start >= 0.06:  # narrower than this the letter does not fit
                ax.text(
                    (start + end) / 2,
                    place[person],
                    grade,
                    ha="center",
                    va="center",
                    color=ink_on(colours[grade]),
                    fontsize=SMALL,
                )
    named_rows(ax, [label(person) for person in people])
    ax.set_xlim(0, 1)
    percent_axis(ax, t, "x")
    ax.set_xlabel(t("figures.stage_axis", start=ends[0], end=ends[1]))
    legend(ax, len(grades))
    return ax


def stage_counts(
    counts: pd.DataFrame,
    grades: Sequence[str],
    t: Texts,
    *,
    ends: tuple[str, str],
    ax: Axes | None = None,
) -> Axes:
    """Draw how many people hold each grade between one stage and the other.

    Parameters
    ----------
    counts : DataFrame
        ``start``, ``end`` (0 to 1) and one column of people per grade that occurs.
    grades : sequence of str
        The scale, best first.
    ends : (str, str)
        What the two stages are called.
    """
    ax = axes(ax, 2.6)
    edges = [*counts["start"], float(counts["end"].iloc[-1])]
    colours = grade_colours(grades)
    below = np.zeros(len(counts))
    drawn = [grade for grade in grades if grade in counts]
    for grade in reversed(drawn):
        top = below + counts[grade].to_numpy(dtype=float)
        ax.stairs(top, edges, baseline=below, fill=True, color=colours[grade], label=grade)
        below = top
    ax.set_xlim(0, 1)
    ax.set_ylim(0, float(below.max()))
    percent_axis(ax, t, "x")
    ax.set(xlabel=t("figures.stage_axis", start=ends[0], end=ends[1]), ylabel=t("figures.people"))
    legend(ax, len(grades), reverse=True)
    return ax
