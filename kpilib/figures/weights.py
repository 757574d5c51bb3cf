"""Figures of weights: tolerance, importance, grade odds, one weight at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kpilib.figures.canvas import (
    SMALL,
    Label,
    axes,
    grid,
    heat,
    legend,
    named_rows,
    percent_axis,
    rows,
)
from kpilib.style import COLOURS, INK, LINE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from kpilib.texts import Texts


def tolerance(table: pd.DataFrame, t: Texts, *, label: Label = str, ax: Axes | None = None) -> Axes:
    """Draw how far all weights may change before each person's grade does.

    Parameters
    ----------
    table : DataFrame
        Index ``person``, in the order of the rows: ``tolerance`` (a fraction; infinite where no
        change of up to 100% flips the grade) and ``grade``.
    """
    ax = axes(ax, rows(len(table), 0.3))
    y = np.arange(len(table))
    held = table["tolerance"].clip(upper=1).to_numpy(dtype=float)
    ax.hlines(y, 0, held, color=COLOURS[0], linewidth=2)
    ax.scatter(held, y, s=36, color=COLOURS[0], zorder=3)
    for i, (rho, grade) in enumerate(zip(table["tolerance"], table["grade"], strict=True)):
        how = "figures.holds" if rho > 1 else "figures.tolerates"
        said = t(how, grade=grade) if rho > 1 else t(how, grade=grade, tolerance=rho)
        ax.annotate(
            said,
            (held[i], i),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    named_rows(ax, [label(person) for person in table.index])
    percent_axis(ax, t, "x")
    reach = float(held.max(initial=0.01))
    ax.set_xlim(0, reach * (1.7 if reach >= 1 else 1.35))
    ax.set_xlabel(t("figures.tolerance"))
    return ax


def importance(
    table: pd.DataFrame, t: Texts, *, label: Label = str, ax: Axes | None = None
) -> Axes:
    """Draw each indicator's real importance beside its nominal weight.

    Parameters
    ----------
    table : DataFrame
        Index ``indicator``, in the order of the rows: ``weight`` and ``importance``, both shares.
    """
    ax = axes(ax, rows(len(table), 0.4))
    y = np.arange(len(table))
    ax.hlines(y, table["weight"], table["importance"], color=LINE, linewidth=3, zorder=1)
    ax.scatter(
        table["weight"],
        y,
        s=44,
        marker="D",
        facecolor="white",
        edgecolor=INK,
        linewidth=1.3,
        zorder=3,
        label=t("figures.weight"),
    )
    ax.scatter(
        table["importance"], y, s=46, color=COLOURS[1], zorder=3, label=t("figures.importance")
    )
    named_rows(ax, [label(key) for key in table.index])
    percent_axis(ax, t, "x")
    ax.set_xlim(left=0)
    ax.margins(x=0.06)
    grid(ax)
    ax.set_xlabel(t("figures.share_of_total"))
    legend(ax, 2)
    return ax


def grade_odds(odds: pd.DataFrame, t: Texts, *, label: Label = str, ax: Axes | None = None) -> Axes:
    """Draw the probability of each grade for each person as a shaded table.

    Parameters
    ----------
    odds : DataFrame
        Index ``person``, in the order of the rows; one column per grade, best first; rows sum
        to 1.
    """
    ax = axes(ax, rows(len(odds), 0.28))
    values = odds.to_numpy(dtype=float)
    said = [[t.number(p, "odds") if p > 0 else "" for p in row] for row in values]
    heat(ax, values, said)
    ax.set_yticks(range(len(odds)), [label(person) for person in odds.index])
    ax.set_xticks(range(odds.shape[1]), list(odds.columns))
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(t("figures.odds"))
    return ax


def tornado(
    table: pd.DataFrame, t: Texts, *, xlabel: str, label: Label = str, ax: Axes | None = None
) -> Axes:
    """Draw what less and more weight on each indicator does to one figure.

    Parameters
    ----------
    table : DataFrame
        Index ``indicator``, in the order of the rows: ``less`` and ``more``, the figure with
        the indicator's weight lowered and raised.
    xlabel : str
        What the figure is, with its unit.
    """
    ax = axes(ax, rows(len(table), 0.4))
    y = np.arange(len(table))
    ax.barh(y - 0.18, table["less"], height=0.34, color=COLOURS[3], label=t("figures.less"))
    ax.barh(y + 0.18, table["more"], height=0.34, color=COLOURS[0], label=t("figures.more"))
    ax.axvline(0, color=INK, linewidth=1)
    named_rows(ax, [label(key) for key in table.index])
    grid(ax)
    ax.set_xlabel(xlabel)
    legend(ax, 2)
    return ax


def variance_shares(
    table: pd.DataFrame, t: Texts, *, label: Label = str, ax: Axes | None = None
) -> Axes:
    """Draw what each choice explains of the spread of a figure, alone and with all it acts with.

    Parameters
    ----------
    table : DataFrame
        Index ``factor``, in the order of the rows: ``first`` and ``total``, shares of the
        variance, with ``total_low`` and ``total_high``.
    """
    ax = axes(ax, rows(len(table), 0.36))
    y = np.arange(len(table))
    ax.barh(y, table["total"], height=0.6, color=COLOURS[0], alpha=0.35, label=t("figures.with"))
    ax.hlines(y, table["total_low"], table["total_high"], color=COLOURS[0], linewidth=1.4)
    ax.scatter(
        table["first"].clip(lower=0), y, s=40, color=COLOURS[1], zorder=3, label=t("figures.alone")
    )
    named_rows(ax, [label(key) for key in table.index])
    percent_axis(ax, t, "x")
    ax.set_xlim(left=0)
    grid(ax)
    ax.set_xlabel(t("figures.share_of_variance"))
    legend(ax, 2)
    return ax
