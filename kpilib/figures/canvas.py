"""What all figures share: their size, the colours of grades, and lines that carry words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from kpilib.style import INK, LINE, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kpilib.texts import Texts

Label = Callable[[str], str]

WIDTH: Final = 7.2  # inches: a page's column
SMALL: Final = 9.0  # points: the least that is legible on a phone

# From best to worst, told apart by lightness too, in print and by readers who see few colours.
_RAMP: Final = ("#1d4468", "#3f77a8", "#9dbcd6", "#e3d9c6", "#e0a05e", "#b3501a")
_STEPS: Final = {1: (1,), 2: (0, 4), 3: (1, 2, 5), 4: (0, 1, 2, 5), 5: (0, 1, 2, 3, 5)}
MARKERS: Final = ("D", "o", "s", "v", "^", "P")


def axes(ax: Axes | None, height: float) -> Axes:
    """Return the given axes, or those of a new figure of a page's width."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    made: Axes = Figure(figsize=(WIDTH, height), layout="constrained").subplots()
    return made


def rows(n: int, each: float = 0.34, least: float = 1.8) -> float:
    """Return the height in inches of a figure with n rows."""
    return max(least, 0.95 + each * n)


def grade_colours(grades: Sequence[str]) -> dict[str, str]:
    """Return a colour for each grade of a scale, best first."""
    places = _STEPS.get(len(grades), tuple(range(len(_RAMP))))
    return {grade: _RAMP[places[min(i, len(places) - 1)]] for i, grade in enumerate(grades)}


def ink_on(colour: str) -> str:
    """Return the ink that reads best on a colour: white, or the text's own."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return "white" if float(np.dot(linear, (0.2126, 0.7152, 0.0722))) < 0.2 else INK


def tint(colour: str, share: float) -> str:
    """Return a colour mixed with white: stronger for more, faint for none."""
    from matplotlib.colors import to_hex, to_rgb

    strength = 0.06 if share == 0 else 0.14 + 0.86 * share
    red, green, blue = (1 - strength * (1 - channel) for channel in to_rgb(colour))
    return to_hex((red, green, blue))


def cut_lines(ax: Axes, cuts: Mapping[str, float], *, level: bool = False) -> None:
    """Draw each cut as a dashed line, marked with the grade that begins there."""
    for grade, cut in cuts.items():
        draw = ax.axhline if level else ax.axvline
        draw(cut, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        ax.annotate(
            f"{grade} ↑" if level else f"{grade} →",
            (1.0, cut) if level else (cut, 1.0),
            xycoords=("axes fraction", "data") if level else ("data", "axes fraction"),
            xytext=(4, 0) if level else (0, 3),
            textcoords="offset points",
            color=QUIET,
            fontsize=SMALL,
            ha="left",
            va="center" if level else "bottom",
        )


def named_rows(ax: Axes, names: Sequence[str]) -> None:
    """Name rows from the top down, without ticks."""
    ax.set_yticks(range(len(names)), list(names))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)


def upright(ax: Axes) -> None:
    """Turn named rows round, so that the first stands at the bottom."""
    ax.set_ylim(*ax.get_ylim()[::-1])


def grid(ax: Axes, axis: Literal["x", "y"] = "x") -> None:
    """Draw quiet grid lines across one axis."""
    ax.grid(axis=axis, color=LINE)


def percent_axis(ax: Axes, t: Texts, axis: Literal["x", "y"]) -> None:
    """Write the ticks of one axis as percentages."""
    from matplotlib.ticker import FuncFormatter

    of = ax.xaxis if axis == "x" else ax.yaxis
    of.set_major_formatter(FuncFormatter(lambda value, _: t.number(value, "percent")))


def legend(ax: Axes, columns: int, *, lift: float = 0.2, reverse: bool = False) -> None:
    """Set the legend in one line above the axes, ``lift`` lines up, where it covers nothing."""
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=columns,
        reverse=reverse,
        fontsize=SMALL,
        handlelength=1.2,
        handletextpad=0.5,
        columnspacing=1.4,
        borderaxespad=lift,
    )


def heat(ax: Axes, values: NDArray[np.float64], said: Sequence[Sequence[str]]) -> None:
    """Shade the cells of a table and write in each what it says."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    shades = LinearSegmentedColormap.from_list("counts", ["#f6f8fa", "#2b5d8a"])
    top = max(float(values.max(initial=0)), 1e-12)
    edges = [np.arange(n + 1) - 0.5 for n in reversed(values.shape)]
    # A mesh and not an image: pages hold no bitmaps, and a mesh prints sharp.
    ax.pcolormesh(*edges, values, cmap=shades, vmin=0, vmax=top, edgecolor="white", linewidth=1)
    ax.invert_yaxis()
    for i, row in enumerate(said):
        for j, text in enumerate(row):
            ink = ink_on(to_hex(shades(values[i, j] / top)))
            ax.text(j, i, text, ha="center", va="center", color=ink, fontsize=SMALL)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
