"""Figures of schemes compared: what a change is made of, payroll, spreads and effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.figures.canvas import (
    MARKERS,
    SMALL,
    Label,
    axes,
    cut_lines,
    grid,
    ink_on,
    legend,
    named_rows,
    rows,
    tint,
)
from kpilib.style import COLOURS, INK, QUIET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from kpilib.texts import Texts


def waterfall(
    parts: pd.DataFrame,
    start: float,
    t: Texts,
    *,
    ends: tuple[str, str],
    label: Label = str,
    form: str = "points",
    xlabel: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw how a value gets from one to another, part by part.

    Parameters
    ----------
    parts : DataFrame
        In the order of the steps: ``indicator`` (what the step is), ``effect`` and ``reached``
        (the value after the step).
    start : float
        Value before the first step.
    ends : (str, str)
        What the value before the first step and after the last is called.
    form : {"points", "money"}
        How values are written.
    xlabel : str, default the score's
        What the axis shows.
    """
    ax = axes(ax, rows(len(parts) + 2, 0.36))
    end = float(parts["reached"].iloc[-1]) if len(parts) else start
    left = parts["reached"] - parts["effect"]
    y = np.arange(1, len(parts) + 1)
    colours = np.where(parts["effect"] >= 0, COLOURS[0], COLOURS[1])
    inside = (start, end, *parts["reached"], *left)
    room = max(inside) - min(inside)
    low = min(inside) - max(0.12 * room, 4 if form == "points" else 0.01 * abs(start))
    ax.scatter([start, end], [0, len(parts) + 1], s=52, marker="D", color=COLOURS[3], zorder=3)
    ax.barh(y, parts["effect"], left=left, height=0.62, color=colours)
    steps = [start, *parts["reached"]]
    for i, value in enumerate(steps):
        ax.plot([value, value], [i, i + 1], color=QUIET, linewidth=0.8, zorder=1)
    signed = "signed" if form == "points" else f"signed_{form}"
    said = [
        t.number(start, form),
        *(t.number(e, signed) for e in parts["effect"]),
        t.number(end, form),
    ]
    right = [start, *np.maximum(left, parts["reached"]), end]
    for i, (at, words) in enumerate(zip(right, said, strict=True)):
        ax.annotate(
            words, (at, i), xytext=(8, 0), textcoords="offset points", va="center", fontsize=SMALL
        )
    named_rows(ax, [ends[0], *(label(key) for key in parts["indicator"]), ends[1]])
    ax.set_xlim(low, max(right) + (0.14 if form == "points" else 0.3) * (max(right) - low))
    ax.xaxis.set_major_formatter(lambda value, _: t.number(value, "count"))
    ax.set_xlabel(xlabel or t("figures.score"))
    return ax


def payroll(table: pd.DataFrame, t: Texts, *, label: Label = str, ax: Axes | None = None) -> Axes:
    """Draw the payroll under each scheme, with the change against the first.

    Parameters
    ----------
    table : DataFrame
        Index ``variant``, in the order of the rows: ``payroll`` (yuan), ``change`` (fraction,
        NaN for the first).
    """
    ax = axes(ax, rows(len(table), 0.42))
    y = np.arange(len(table))
    colours = [COLOURS[3], *[COLOURS[0]] * (len(table) - 1)]
    ax.barh(y, table["payroll"].astype(float), height=0.64, color=colours)
    for i, (pay, change) in enumerate(table[["payroll", "change"]].itertuples(index=False)):
        said = t.number(pay, "money")
        if change == change:
            said += f"  {t.number(change, 'signed_percent')}"
        ax.annotate(
            said,
            (float(pay), i),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    ax.axvline(float(table["payroll"].iloc[0]), color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    named_rows(ax, [label(variant) for variant in table.index])
    ax.set_xlim(0, float(table["payroll"].max()) * 1.34)
    ax.xaxis.set_major_formatter(lambda value, _: t.number(value, "count"))
    ax.set_xlabel(t("figures.payroll"))
    return ax


def before_after(
    table: pd.DataFrame,
    t: Texts,
    *,
    ends: tuple[str, str],
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw each group's mean score under two schemes, joined, with the change.

    Parameters
    ----------
    table : DataFrame
        Index: groups, in the order of the rows; ``n`` (people), ``before``, ``after`` and
        ``change`` (points). A row whose cells are no numbers is said to be hidden.
    ends : (str, str)
        What the two schemes are called.
    """
    ax = axes(ax, rows(len(table), 0.38))
    number = table.apply(pd.to_numeric, errors="coerce")
    y = np.arange(len(table))
    colours = np.where(number["change"] >= 0, COLOURS[0], COLOURS[1])
    ax.hlines(y, number["before"], number["after"], color=list(colours), linewidth=2.2)
    ax.scatter(
        number["before"],
        y,
        s=42,
        facecolor="white",
        edgecolor=INK,
        linewidth=1.3,
        zorder=3,
        label=ends[0],
    )
    ax.scatter(number["after"], y, s=46, color=INK, marker="D", zorder=3, label=ends[1])
    right = number[["before", "after"]].max(axis=1)
    middle = float(right.mean()) if right.notna().any() else 0.0
    for i, (at, change) in enumerate(zip(right, number["change"], strict=True)):
        said = t("figures.hidden") if np.isnan(change) else t.number(change, "signed")
        ax.annotate(
            said,
            (middle if np.isnan(at) else at, i),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    sizes = ["" if np.isnan(n) else t("figures.n", n=int(n)) for n in number["n"]]
    named_rows(ax, [f"{label(g)} {n}".strip() for g, n in zip(table.index, sizes, strict=True)])
    ax.margins(x=0.12)
    grid(ax)
    ax.set_xlabel(t("figures.mean_total"))
    legend(ax, 2)
    return ax


def by_scheme(
    scores: pd.DataFrame,
    cuts: Mapping[str, float],
    t: Texts,
    *,
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the spread of scores under each scheme: middle half, median, tenth to ninetieth.

    Parameters
    ----------
    scores : DataFrame
        Index ``variant``, in the order of the rows: ``p10``, ``p25``, ``p50``, ``p75``, ``p90``
        (points).
    cuts : mapping of grade to points
        Where each grade begins.
    """
    ax = axes(ax, rows(len(scores), 0.42))
    y = np.arange(len(scores))
    ax.hlines(y, scores["p10"], scores["p90"], color=QUIET, linewidth=1.4)
    ax.hlines(y, scores["p25"], scores["p75"], color=COLOURS[0], linewidth=9)
    ax.scatter(scores["p50"], y, s=60, marker=MARKERS[0], color="white", edgecolor=INK, zorder=3)
    for i, middle in enumerate(scores["p50"]):
        ax.annotate(
            t.number(middle, "points"),
            (middle, i),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
        )
    named_rows(ax, [label(variant) for variant in scores.index])
    cut_lines(ax, cuts)
    grid(ax)
    ax.margins(x=0.08)
    ax.set_xlabel(t("figures.spread"))
    return ax


def effects(
    table: pd.DataFrame,
    t: Texts,
    *,
    label: Label = str,
    item: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw what each item adds to or takes from each row's score as a table of shaded cells.

    Parameters
    ----------
    table : DataFrame
        Rows in order; one column per item (points). Cells that are no number are hidden.
    label, item : callable
        What rows and columns are called.
    """
    ax = axes(ax, rows(len(table), 0.3) + 0.7)
    number = table.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    top = max(float(np.nanmax(np.abs(number), initial=0)), 1e-9)
    for i, j in np.ndindex(*number.shape):
        cell = number[i, j]
        share = 0.0 if np.isnan(cell) else abs(cell) / top
        shade = tint(COLOURS[0] if cell >= 0 else COLOURS[1], share)
        ax.fill([j - 0.5, j + 0.5, j + 0.5, j - 0.5], [i - 0.5] * 2 + [i + 0.5] * 2, color=shade,
                edgecolor="white", linewidth=1)  # fmt: skip
        words = "\N{MIDDLE DOT}" if np.isnan(cell) else t.number(cell, "signed")
        said = "" if not np.isnan(cell) and abs(cell) < 0.05 else words
        ax.text(j, i, said, ha="center", va="center", color=ink_on(shade), fontsize=SMALL)
    named_rows(ax, [label(str(row)) for row in table.index])
    ax.margins(x=0)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("bottom")
    ax.set_xlabel(t("figures.effects"))
    names = [item(str(column)) for column in table.columns]
    ax.set_xticks(range(len(names)), names, rotation=28, ha="left", fontsize=SMALL)
    return ax
