"""The one table of a comparison in a terminal: as many columns beside each other as fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from kpilib.audience import Hidden
from kpilib.labels import Labels
from kpilib.pieces.one_table import in_blocks, one_table
from kpilib.texts.numerals import DASH, is_unknown

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.audience import View
    from kpilib.texts import Texts
    from kpilib.variants import Comparison

FIRST, EACH = 27, 10  # columns of letters: the measure, and a variant at least


def print_comparison(
    seen: Comparison, t: Texts, view: View, console: Console | None = None
) -> None:
    """Print the one table, part below part where the terminal is narrow.

    Parameters
    ----------
    seen : Comparison
        What to print.
    t : Texts
        Words of a language.
    view : View
        Leadership's hides what would tell of fewer than five people.
    console : rich Console, optional
        Where to; standard output by default. In a pipe it is 80 letters wide and has no colours.
    """
    out = console or Console(highlight=False)
    labels = Labels(t, view)
    for held in seen.outcomes.values():
        labels.learn(held)

    if seen.nobody:
        key, counts = seen.nobody
        out.print(replace(t, small_counts=not view.people)(key, **counts))
        return

    def text(key: str, **values: object) -> str:
        return t(f"scheme_variants.{key}", **values)

    table = one_table(seen, t, view, text, lambda team: labels.of("team", team))
    most = max(1, (out.width - FIRST - 2) // (EACH + 2))
    for i, block in enumerate(in_blocks(table, most)):
        if i:
            out.print()
        out.print(_grid(block))
    out.print(t("scheme_variants.table.note"), style="dim")


def _grid(block: pd.DataFrame) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    grid.add_column("", width=FIRST)
    for title in block.columns:
        grid.add_column(str(title), justify="right", width=EACH)
    for words, cells in block.iterrows():
        grid.add_row(str(words), *map(_plain, cells))
    return grid


def _plain(cell: object) -> str:
    if isinstance(cell, Hidden):
        return "\N{MIDDLE DOT}"
    return DASH if is_unknown(cell) else str(cell)
