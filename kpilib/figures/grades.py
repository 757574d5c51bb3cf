"""Figures of grades counted: shares, groups, months, migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.figures.canvas import (
    SMALL,
    Label,
    axes,
    grade_colours,
    grid,
    ink_on,
    legend,
    named_rows,
    percent_axis,
    rows,
)
from kpilib.style import COLOURS, INK, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kpilib.texts import Texts


def grade_bars(table: pd.DataFrame, n: int, t: Texts, *, ax: Axes | None = None) -> Axes:
    """Draw grade shares as bars with intervals and head counts, and wished shares as ticks.

    Parameters
    ----------
    table : DataFrame
        Index ``grade``, best first: ``count``, ``share``, ``low``, ``high`` and, with a
        guideline, ``wished``. A cell that is no number is said to be hidden; where no share is
        given (fewer than 5 people), counts are drawn.
    n : int
        Graded people.
    """
    ax = axes(ax, 2.9)
    number = table.apply(pd.to_numeric, errors="coerce")
    few = bool(number["share"].isna().all())
    height = number["count" if few else "share"]
    colours = grade_colours(list(table.index))
    x = np.arange(len(table))
    ax.bar(x, height.fillna(0), width=0.62, color=[colours[g] for g in table.index])
    top = height if few else number["high"]
    for i, (count, end) in enumerate(zip(number["count"], top, strict=True)):
        said = t("figures.hidden") if np.isnan(count) else t("figures.n_people", n=int(count))
        _above(ax, i, 0.0 if np.isnan(count) else float(end), said)
    if few:
        ax.set_ylabel(t("figures.people"))
    else:
        _intervals(ax, number, t)
        percent_axis(ax, t, "y")
        ax.set_ylabel(t("figures.share_of", n=n))
    ax.set_xticks(x, list(table.index))
    ax.tick_params(axis="x", length=0)
    grid(ax, "y")
    ax.margins(y=0.14)
    ax.set_ylim(bottom=0)
    return ax


def _above(ax: Axes, x: float, y: float, said: str) -> None:
    ax.annotate(
        said,
        (x, y),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
    )


def _intervals(ax: Axes, number: pd.DataFrame, t: Texts) -> None:
    places = np.flatnonzero(number["share"].notna())
    known = number.iloc[places]
    reach = np.abs(np.vstack([known["share"] - known["low"], known["high"] - known["share"]]))
    ax.errorbar(
        places,
        known["share"],
        reach,
        fmt="none",
        ecolor=INK,
        elinewidth=1.1,
        capsize=4,
        label=t("figures.interval"),
    )
    if "wished" in number:
        x = np.arange(len(number))
        ax.hlines(
            number["wished"],
            x - 0.38,
            x + 0.38,
            color=COLOURS[1],
            linewidth=2.4,
            zorder=4,
            label=t("figures.wished"),
        )
    legend(ax, 2)


def grade_counts(
    counts: pd.DataFrame,
    n: pd.Series,
    t: Texts,
    *,
    label: Label = str,
    ax: Axes | None = None,
) -> Axes:
    """Draw people by grade as one bar per group, each part with its count.

    Parameters
    ----------
    counts : DataFrame, shape (n_groups, n_grades)
        People; cells that are no number are drawn together, hatched, as hidden.
    n : Series
        Graded people of each group.
    """
    ax = axes(ax, rows(len(counts)))
    number = counts.apply(pd.to_numeric, errors="coerce")
    colours = grade_colours(list(counts.columns))
    left = np.zeros(len(counts))
    for grade in counts.columns:
        width = number[grade].fillna(0).to_numpy(dtype=float)
        _part(ax, left, width, colours[grade], str(grade), t)
        left = left + width
    hidden = n.reindex(counts.index).to_numpy(dtype=float) - left
    if number.isna().to_numpy().any():
        bar = ax.barh(range(len(counts)), hidden, left=left, color="none", hatch="////")
        for patch in bar:
            patch.set(edgecolor=QUIET, linewidth=0)
        bar.set_label(t("figures.hidden"))
    names = [t("figures.group_n", group=label(g), n=int(n[g])) for g in counts.index]
    named_rows(ax, names)
    ax.set_xlim(0, float(n.max()) * 1.02)
    ax.set_xlabel(t("figures.people"))
    ax.locator_params(axis="x", integer=True)
    legend(ax, len(counts.columns) + 1)
    return ax


def _part(ax: Axes, left: np.ndarray, width: np.ndarray, colour: str, name: str, t: Texts) -> None:
    """Draw one grade's part of every bar, with its count inside."""
    ax.barh(
        range(len(left)),
        width,
        left=left,
        height=0.72,
        color=colour,
        edgecolor="white",
        linewidth=1,
        label=name,
    )
    for i, (start, wide) in enumerate(zip(left, width, strict=True)):
        if wide > 0:
            said = t.number(int(wide), "count")
            ax.text(
                start + wide / 2,
                i,
                said,
                ha="center",
                va="center",
                color=ink_on(colour),
                fontsize=SMALL,
            )


def migration(table: pd.DataFrame, t: Texts, *, ax: Axes | None = None) -> Axes:
    """Draw people by grade before (rows) and after (columns) as a table of shaded counts.

    Those who moved up, stayed and moved down have each a colour, stronger for more people.

    Parameters
    ----------
    table : DataFrame, shape (n_grades, n_grades)
        People; cells that are no number are hidden.
    """
    ax = axes(ax, rows(len(table), 0.46, 2.2))
    number = table.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    top = max(float(np.nanmax(number, initial=0)), 1.0)
    for i, j in np.ndindex(*number.shape):
        side = QUIET if i == j else COLOURS[0] if j < i else COLOURS[1]
        cell = number[i, j]
        shade = _shade(side, 0.0 if np.isnan(cell) else cell / top)
        ax.fill([j - 0.5, j + 0.5, j + 0.5, j - 0.5], [i - 0.5] * 2 + [i + 0.5] * 2, color=shade,
                edgecolor="white", linewidth=1.5)  # fmt: skip
        said = "·" if np.isnan(cell) else t.number(int(cell), "count") if cell else ""
        ax.text(j, i, said, ha="center", va="center", color=ink_on(shade))
    ax.invert_yaxis()
    ax.margins(0)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xticks(range(table.shape[1]), list(table.columns))
    ax.set_yticks(range(table.shape[0]), list(table.index))
    ax.set(xlabel=t("figures.grade_after"), ylabel=t("figures.grade_before"))
    for colour, key in ((COLOURS[0], "went_up"), (QUIET, "stayed"), (COLOURS[1], "went_down")):
        ax.fill([], [], color=colour, label=t(f"figures.{key}"))
    legend(ax, 3)
    return ax


def _shade(colour: str, share: float) -> str:
    """Return a colour mixed with white: stronger for more people, faint for none."""
    from matplotlib.colors import to_hex, to_rgb

    strength = 0.06 if share == 0 else 0.22 + 0.78 * share
    red, green, blue = (1 - strength * (1 - channel) for channel in to_rgb(colour))
    return to_hex((red, green, blue))
