"""The shipped Chinese font, cut down to the letters of one page."""

from __future__ import annotations

import base64
import io
from typing import Final

from kpilib.style import FAMILY, FONT

# Units in which letters are drawn, of 1,000: a quarter less to carry, and no eye sees it in print.
_GRID: Final = 256
_FIRST: Final = 0x2E80  # where Chinese letters and signs begin; all before it any system has


def letters_of(text: str) -> str:
    """Return the Chinese letters and signs of a text, each once, in order.

    Examples
    --------
    >>> letters_of("A+ 爆款率，率")
    '款爆率，'
    """
    return "".join(sorted({letter for letter in text if ord(letter) >= _FIRST}))


def font_face(text: str) -> str:
    """Return a CSS rule that carries the shipped font for the Chinese letters of a text.

    Parameters
    ----------
    text : str
        All that the page says, markup included.

    Returns
    -------
    str
        An ``@font-face`` rule with a ``data:`` address; empty where there is no Chinese. The same
        letters give the same bytes.
    """
    letters = letters_of(text)
    if not letters:
        return ""
    data = base64.b64encode(_subset(letters)).decode("ascii")
    return (
        f'@font-face {{ font-family: "{FAMILY}"; font-display: swap; '
        f"unicode-range: U+{_FIRST:X}-10FFFF; "
        f'src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
    )


def _subset(letters: str) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.scaleUpem import scale_upem

    options = subset.Options(
        flavor="woff2", layout_features=[], name_IDs=[], notdef_outline=True, glyph_names=False
    )
    with TTFont(FONT, lazy=True, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text=letters)
        cutter.subset(font)
        scale_upem(font, _GRID)
        font.flavor = "woff2"
        out = io.BytesIO()
        font.save(out, reorderTables=False)
    return out.getvalue()
