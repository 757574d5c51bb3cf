"""Figures of single people: near a cut, moved since last month, one scorecard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kpilib.figures.canvas import (
    SMALL,
    Label,
    axes,
    cut_lines,
    grid,
    legend,
    named_rows,
    rows,
)
from kpilib.style import COLOURS, INK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from kpilib.texts import Texts

UP, DOWN = COLOURS[0], COLOURS[1]


def changes(
    moves: pd.DataFrame,
    cuts: Mapping[str, float],
    t: Texts,
    *,
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw each person's score before (hollow) and now (full), joined, against the cuts.

    Parameters
    ----------
    moves : DataFrame
        Index ``person``, in the order of the rows: ``before``, ``score`` (points),
        ``grade_before``, ``grade``.
    cuts : mapping of grade to points
        Where each grade begins.
    """
    ax = axes(ax, rows(len(moves), 0.32))
    y = np.arange(len(moves))
    colours = [UP if c >= 0 else DOWN for c in moves["score"] - moves["before"]]
    ax.hlines(y, moves["before"], moves["score"], color=colours, linewidth=2.2, zorder=2)
    ax.scatter(
        moves["before"],
        y,
        s=34,
        facecolor="white",
        edgecolor=colours,
        linewidth=1.4,
        zorder=3,
        label=t("figures.before"),
    )
    ax.scatter(moves["score"], y, s=38, color=colours, zorder=3, label=t("figures.now"))
    right = moves[["before", "score"]].max(axis=1)
    for i, (at, old, new) in enumerate(
        zip(right, moves["grade_before"], moves["grade"], strict=True)
    ):
        _beside(ax, at, i, f"{old} → {new}")
    named_rows(ax, [label(person) for person in moves.index])
    cut_lines(ax, cuts)
    ax.margins(x=0.1)
    ax.set_xlabel(t("figures.before_and_now"))
    return ax


def _beside(ax: Axes, x: float, y: float, said: str, *, left: bool = False) -> None:
    ax.annotate(
        said,
        (x, y),
        xytext=(-7 if left else 7, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=SMALL,
        zorder=4,
    )


def near_cut(near: pd.DataFrame, t: Texts, *, label: Label = str, ax: Axes | None = None) -> Axes:
    """Draw how far each person is above or below the nearest cut, in points.

    Parameters
    ----------
    near : DataFrame
        Index ``person``, in the order of the rows: ``gap``, ``grade``, ``neighbour``.
    """
    ax = axes(ax, rows(len(near), 0.32))
    y = np.arange(len(near))
    colours = [UP if gap >= 0 else DOWN for gap in near["gap"]]
    ax.hlines(y, 0, near["gap"], color=colours, linewidth=2)
    ax.scatter(near["gap"], y, s=38, color=colours, zorder=3)
    ax.axvline(0, color=INK, linewidth=1)
    for i, (gap, grade, other) in enumerate(
        near[["gap", "grade", "neighbour"]].itertuples(index=False)
    ):
        said = t("figures.near", gap=gap, grade=grade, neighbour=other)
        _beside(ax, gap, i, said, left=gap < 0)
    named_rows(ax, [label(person) for person in near.index])
    reach = max(1.0, float(near["gap"].abs().max()) if len(near) else 1.0)
    ax.set_xlim(-2.2 * reach, 2.2 * reach)
    ax.set_xlabel(t("figures.to_the_cut"))
    return ax


def scorecard(
    points: pd.DataFrame,
    t: Texts,
    *,
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw a person's points by indicator as bars against 100, with what each adds.

    Parameters
    ----------
    points : DataFrame
        In the order of the rows: ``indicator``, ``points`` (NaN where the item does not apply),
        ``applied`` (weight), ``contribution``.
    """
    ax = axes(ax, rows(len(points), 0.42))
    y = np.arange(len(points))
    short = points["points"] < 100
    ax.barh(y, points["points"].fillna(0), height=0.6, color=np.where(short, DOWN, UP))
    ax.axvline(100, color=INK, linewidth=1.2)
    columns = points[["points", "applied", "contribution"]]
    for i, (got, weight, adds) in enumerate(columns.itertuples(index=False)):
        if np.isnan(got):
            _beside(ax, 0, i, t("words.not_applicable"))
        else:
            said = t("figures.adds", points=got, weight=weight, contribution=adds)
            _beside(ax, got, i, said)
    named_rows(ax, [label(key) for key in points["indicator"]])
    top = max(120.0, float(points["points"].max()))
    ax.set_xlim(0, top * 1.42)
    ax.set_xticks(np.arange(0, top + 1, 20))
    ax.set_xlabel(t("figures.points_100"))
    return ax


def score_history(
    scores: pd.DataFrame,
    grades: pd.DataFrame,
    cuts: Mapping[str, float],
    t: Texts,
    *,
    label: Label = str,
    month: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw people's scores over months, each mark with its grade, against the cuts.

    Parameters
    ----------
    scores, grades : DataFrame
        Index ``person`` (six at most), one column per month; NaN where there is no score.
    cuts : mapping of grade to points
        Where each grade begins.
    """
    ax = axes(ax, 2.9)
    x = np.arange(scores.shape[1])
    shapes: Sequence[str] = "osD^vP"
    for i, person in enumerate(scores.index):
        colour = COLOURS[i % len(COLOURS)]
        row = scores.loc[person].to_numpy(dtype=float)
        ax.plot(x, row, marker=shapes[i % 6], color=colour, label=label(person), zorder=3)
        for at, value, grade in zip(x.tolist(), row, grades.loc[person], strict=True):
            if not np.isnan(value):
                _above(ax, at, value, str(grade), colour)
    ax.set_xticks(x, [month(m) for m in scores.columns])
    ax.set_ylabel(t("figures.score"))
    ax.margins(x=0.06, y=0.18)
    grid(ax, "y")
    cut_lines(ax, cuts, level=True)
    if len(scores) > 1:
        legend(ax, 3)
    return ax


def _above(ax: Axes, x: float, y: float, said: str, colour: str) -> None:
    ax.annotate(
        said,
        (x, y),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        color=colour,
        fontsize=SMALL,
    )
