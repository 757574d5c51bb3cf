"""How our figures look: fonts, colours and lines, the same in every notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

FONT: Final = Path(__file__).parent / "fonts" / "NotoSansSC-subset.otf"
FAMILY: Final = "Kpi Sans SC"
COLOURS: Final = ("#2b5d8a", "#c8641e", "#3b7d4f", "#6b7280", "#7a4f9a", "#b3382c")
INK: Final = "#1c2530"
QUIET: Final = "#505c69"
LINE: Final = "#d5dae0"


def style() -> dict[str, Any]:
    """Return the settings that figures are drawn with, and make the shipped font known.

    Text stays text; a reader's own fonts draw it. For the layout it is measured with DejaVu Sans,
    the widest of the common ones, and with the shipped Chinese font.
    """
    from cycler import cycler
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    if FONT.exists() and FAMILY not in known:
        font_manager.fontManager.addfont(str(FONT))
    quiet = dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), QUIET)
    return {
        **quiet,
        "font.family": ["DejaVu Sans", FAMILY],
        "font.size": 9.5,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.prop_cycle": cycler(color=list(COLOURS)),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "grid.color": LINE,
        "grid.linewidth": 0.7,
        "legend.frameon": False,
        "figure.figsize": (7.2, 3.2),
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "text.parse_math": False,  # a name with a dollar sign is a name
        "svg.fonttype": "none",
        "svg.hashsalt": "kpilib",
    }
