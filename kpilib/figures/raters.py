"""Figures of raters: how lenient each is, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kpilib.figures.canvas import SMALL, Label, axes, grid, named_rows, rows
from kpilib.style import COLOURS, INK, QUIET

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from kpilib.texts import Texts


def leniency(table: pd.DataFrame, t: Texts, *, label: Label = str, ax: Axes | None = None) -> Axes:
    """Draw what each rater gives above or below others to the same people, with 95% intervals.

    Parameters
    ----------
    table : DataFrame
        Index ``rater``, in the order of the rows: ``effect``, ``low``, ``high`` (in marks) and
        ``marks`` (how many).
    """
    ax = axes(ax, rows(len(table), 0.3))
    y = np.arange(len(table))
    sure = (table["low"] > 0) | (table["high"] < 0)
    colours = [COLOURS[1] if s else COLOURS[0] for s in sure]
    ax.axvline(0, color=QUIET, linewidth=0.9, zorder=1)
    ax.hlines(y, table["low"], table["high"], color=colours, linewidth=2, zorder=2)
    ax.scatter(table["effect"], y, s=36, color=colours, edgecolor=INK, linewidth=0.6, zorder=3)
    for place, end, n in zip(y, table["high"], table["marks"], strict=True):
        ax.annotate(
            t("figures.n_marks", n=int(n)),
            (end, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=QUIET,
        )
    named_rows(ax, [label(rater) for rater in table.index])
    ax.set_xlabel(t("figures.leniency"))
    grid(ax)
    ax.margins(x=0.12)
    return ax
