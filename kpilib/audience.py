"""Who may see what: the one place that decides.

``hr`` sees names and pay; ``analyst`` sees ids, and neither names nor pay; ``leadership`` sees
no single person and no cell under five people.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
import pandas as pd

from kpilib.errors import KpiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Cell = tuple[int, int]
    Counts = NDArray[np.float64]

Audience = Literal["hr", "leadership", "analyst"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)

SMALL: Final = 5  # a cell of fewer people than this says too much about each of them
PERSONAL: Final = frozenset({"person", "rater", "ratee"})
NAMES: Final = frozenset({"name"})
PAY: Final = frozenset({"base_pay", "pay"})


class Hidden:
    """What stands in a cell that this audience may not see."""

    def __repr__(self) -> str:
        """Return a word for logs and tests."""
        return "HIDDEN"


HIDDEN: Final = Hidden()


@dataclass(frozen=True)
class View:
    """What one audience sees.

    Parameters
    ----------
    audience : {"hr", "leadership", "analyst"}
        For whom the page is.
    """

    audience: Audience

    @property
    def people(self) -> bool:
        """Single people may be shown, by name or by id."""
        return self.audience != "leadership"

    @property
    def least(self) -> int:
        """Fewest people that a shown mean stands for."""
        return 1 if self.people else SMALL

    @property
    def names(self) -> bool:
        """Names may be shown."""
        return self.audience == "hr"

    @property
    def comments(self) -> bool:
        """What raters wrote may be shown, without their names."""
        return self.audience == "hr"

    @property
    def pay(self) -> bool:
        """Pay of single people may be shown."""
        return self.audience == "hr"


def view(audience: str) -> View:
    """Return what an audience sees.

    Raises
    ------
    KpiError
        If there is no such audience.
    """
    if audience not in AUDIENCES:
        near = get_close_matches(audience, AUDIENCES, n=1)
        raise KpiError(
            where="audience",
            problem=f"no audience {audience!r}.",
            remedy=f"take {near[0]!r}." if near else f"take one of {', '.join(AUDIENCES)}.",
        )
    return View(audience)


def visible(frame: pd.DataFrame, seen: View) -> pd.DataFrame | None:
    """Return the columns of a table that an audience may see, or None if no row may be seen.

    Parameters
    ----------
    frame : DataFrame
        Any table; rows of single people are known by a column or index ``person``.
    seen : View
        What the audience sees.
    """
    held = {*map(str, frame.columns), *(str(name) for name in frame.index.names if name)}
    if not seen.people and held & (PERSONAL | NAMES | PAY):
        return None
    hidden = (NAMES if not seen.names else frozenset()) | (PAY if not seen.pay else frozenset())
    return frame.drop(columns=[column for column in frame.columns if column in hidden])


def suppress(
    frame: pd.DataFrame,
    n: str,
    columns: Iterable[str],
    seen: View,
    *,
    within: str = "",
    shared: Iterable[str] = (),
) -> pd.DataFrame:
    """Hide the figures of rows that stand for fewer than five people.

    Where a total would give the hidden row away, the next smallest rows are hidden with it:
    at least two rows and five people are always hidden together.

    Parameters
    ----------
    frame : DataFrame
        One row for each group of people, in no overlap.
    n : str
        Column of head counts.
    columns : iterable of str
        Columns with figures of the group.
    seen : View
        Only leadership's view hides anything.
    within : str, optional
        Column of larger groups, each with a total of its own that is shown.
    shared : iterable of str, optional
        Columns with one figure for each larger group, made of its rows' figures: hidden with any
        of them, for one more equation may be enough to solve for a row that is hidden.

    Returns
    -------
    DataFrame
        The same rows; hidden cells are :data:`HIDDEN`.
    """
    if seen.people:
        return frame
    counts = frame[n].astype(float)
    wholes = counts.groupby(frame[within], sort=False) if within else [("", counts)]
    rows = [row for _, whole in wholes for row in _hidden_rows(whole)]
    away = counts.index.isin(rows)
    shown = {
        column: [HIDDEN if gone else cell for cell, gone in zip(frame[column], away, strict=True)]
        for column in (n, *columns)
    }
    if within and shared:
        whole = frame[within].isin(frame.loc[away, within])
        shown |= {c: frame[c].astype(object).where(~whole, HIDDEN).tolist() for c in shared}
    return frame.assign(**{c: pd.Series(v, frame.index, object) for c, v in shown.items()})


def suppress_teams(scores: pd.DataFrame, seen: View) -> pd.DataFrame:
    """Hide the roles of fewer than five people from the scores of teams, and those of their teams.

    Parameters
    ----------
    scores : DataFrame
        What :func:`kpilib.scoring.team_scores` returns.
    seen : View
        Only leadership's view hides anything.
    """
    return suppress(scores, "people", ["mean"], seen, within="team", shared=["team_score"])


def _hidden_rows(counts: pd.Series) -> list[object]:
    """Return the small rows of a whole, and the next smallest that keep them hidden.

    Empty rows come last: they hide who is where, where nobody else is there to do so.
    """
    rows: list[object] = list(counts.index[(counts > 0) & (counts < SMALL)])
    others = counts.drop(index=rows)
    spare = list(others[others > 0].sort_values(kind="stable").index)
    spare += list(others[others == 0].index)
    while rows and spare and (len(rows) == 1 or counts[counts.index.isin(rows)].sum() < SMALL):
        rows.append(spare.pop(0))
    return rows


def suppress_counts(table: pd.DataFrame, seen: View) -> pd.DataFrame:
    """Hide small cells of a table of head counts, so that its margins do not give them away.

    Parameters
    ----------
    table : DataFrame
        Counts of people, groups of one kind down and of another across, without totals.
    seen : View
        Only leadership's view hides anything.

    Returns
    -------
    DataFrame
        The same table; cells of 1 to 4 are :data:`HIDDEN`, and as many others as it takes. Of a
        single row or column, as in :func:`suppress`, two cells and five people at least. Columns
        whose totals a line of totals has to hide are hidden whole.

    Notes
    -----
    With row and column totals known, hidden cells are the edges of a graph between rows and
    columns, and a cell can be worked out exactly when its edge is on no cycle (Gusfield 1988,
    "A graph theoretic approach to statistical data security"). So for each small cell the
    fewest others are hidden that close a cycle through it; those are on that cycle too. Empty
    cells are hidden only where there is no cycle without them.
    """
    if seen.people:
        return table
    counts = table.to_numpy(dtype=float)
    away = _hidden_columns(counts)
    # What a row holds in the hidden columns together is its total less what is shown.
    kept = [j for j in range(counts.shape[1]) if j not in away]
    seen_as = np.column_stack([counts[:, kept], counts[:, away].sum(axis=1)]) if away else counts
    cells = {(i, kept[j]) for i, j in _hidden_cells(seen_as) if j < len(kept)}
    shown = table.to_numpy(dtype=object, copy=True)
    for i, j in cells | {(i, j) for i in range(len(counts)) for j in away}:
        shown[i, j] = HIDDEN
    return pd.DataFrame(shown, table.index, table.columns)


def _hidden_columns(counts: Counts) -> list[int]:
    """Return the columns whose totals, shown elsewhere, are hidden there as a line of their own."""
    if min(counts.shape, default=0) <= 1:
        return []
    found = _hidden_rows(pd.Series(counts.sum(axis=0)))
    return [j for j in range(counts.shape[1]) if j in found]


def _hidden_cells(counts: Counts) -> set[Cell]:
    """Return the small cells and those that keep them hidden."""
    if min(counts.shape, default=0) <= 1:
        line = set(_hidden_rows(pd.Series(counts.ravel())))
        return {cell for place, cell in enumerate(np.ndindex(*counts.shape)) if place in line}
    cells = {(int(i), int(j)) for i, j in np.argwhere((counts > 0) & (counts < SMALL))}
    for cell in sorted(cells):
        cells |= _way_round(cell, cells, counts)
    return cells


def _way_round(cell: Cell, hidden: set[Cell], counts: Counts) -> set[Cell]:
    """Return the cells that close a cycle through a hidden cell: the fewest, then the smallest.

    Dijkstra's way from the cell's row to its column; hidden cells cost nothing, empty ones more
    than any number of others.
    """
    rows, columns = counts.shape
    start, goal = cell[0], rows + cell[1]
    queue: list[tuple[int, int, float, int, tuple[Cell, ...]]] = [(0, 0, 0.0, start, ())]
    done: set[int] = set()
    while queue:
        empty, extra, people, node, way = heapq.heappop(queue)
        if node == goal:
            return set(way)
        if node in done:
            continue
        done.add(node)
        steps = (
            [((node, j), rows + j) for j in range(columns)]
            if node < rows
            else [((i, node - rows), i) for i in range(rows)]
        )
        for step, target in steps:
            if step == cell:
                continue
            if step in hidden:
                heapq.heappush(queue, (empty, extra, people, target, way))
                continue
            held = float(counts[step])
            cost = (empty + (held == 0), extra + 1, people + held)
            heapq.heappush(queue, (*cost, target, (*way, step)))
    raise AssertionError("two rows and two columns always hold a cycle")
