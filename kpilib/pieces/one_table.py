"""The one table of a comparison, as cells of text: the same on a page and in the terminal."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pandas as pd

from kpilib.audience import HIDDEN, SMALL, Hidden, suppress, suppress_teams, view
from kpilib.disclosure import Counts, Moves, parts_hidden, tellable
from kpilib.scoring import team_scores
from kpilib.texts.numerals import is_unknown
from kpilib.variants import MEASURES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpilib.audience import View
    from kpilib.texts import Texts
    from kpilib.variants import Comparison, Limit

Cell = str | Hidden | None

# In the order of the question: what becomes of people, what it costs, how far to trust it.
ROWS: Final = (
    *("n", "reach", "mean", "spread", "payroll", "payroll_change", "above_base", "next_best"),
    *("up", "down", "far", "kappa", "kendall", "rank_shift", "holds", "firm"),
    *("errors", "warnings", "gap_teams", "gap_roles", "exposure"),
)
_MOVES: Final = ("up", "down", "far", "kappa")
_SHARES: Final = ("reach", "holds", "firm")
# The unit stands beside the measure: seven columns of money have to fit a sheet of paper.
_FORMS: Final = {"payroll": "count", "next_best": "count"}
_TEAM: Final = {"payroll": "count", "score": "points"}


def is_small(count: float, whole: float) -> bool:
    """Tell whether some people of a whole, or the rest of them, are one to four."""
    parts = (count, whole - count)
    return any(not is_unknown(part) and 0 < round(part) < SMALL for part in parts)


def hidden_of(seen: Comparison, variant: str) -> set[str]:
    """Return the measures of a variant that would tell leadership of fewer than five people."""
    return _hidden(seen)[variant]


@lru_cache(maxsize=8)
def _hidden(seen: Comparison) -> dict[str, set[str]]:
    """Return what leadership may not see of each variant.

    One small group among those who move up, down and not at all hides all of a variant's moves;
    so does a grade's hidden count that would follow from them. Kappa tells the sum of squared
    steps, as exactly as its figures go, and so stands only where no count is hidden.
    """
    found = {name: _small(seen, name) for name in seen.outcomes}
    grades = shown_grades(seen, view("leadership"))
    counts = {
        str(name): Counts(tuple(seen.own_grades().loc[name]), tuple(c is HIDDEN for c in row))
        for name, row in zip(grades.index, grades.to_numpy(dtype=object), strict=True)
    }
    whole = sum(counts[seen.first].people) if seen.first in counts else 0
    moves = {
        name: _moves(seen, name, held, far="far" not in found[name])
        for name, held in counts.items()
        if name != seen.first
        and "up" not in found[name]
        and len(seen.contrasts[name].people) == sum(held.people) == whole
    }
    told = tellable(counts[seen.first], moves) if seen.first in counts else set()
    for name in counts.keys() - {seen.first}:
        if name not in told:
            found[name].update(_MOVES)
        elif any(counts[seen.first].hidden) or any(counts[name].hidden):
            found[name].add("kappa")
    for name, held in seen.outcomes.items():
        scores = suppress_teams(team_scores(held.grades.scores), view("leadership"))
        if any(cell is HIDDEN for cell in scores["team_score"]):
            found[name].add("gap_teams")
    return found


def withheld(seen: Comparison, limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """Return the limits of which leadership is not told whether a variant keeps them.

    A hidden count below five that is not <= 3 is 4, and who is out is seen in the advice, so the
    limit is held against no variant. That hangs on what is hidden, and not on what it hides.
    """
    found: list[str] = []
    for measure in dict.fromkeys(limit.measure for limit in limits):
        mine = [limit for limit in limits if limit.measure == measure]
        hiding = [name for name in seen.outcomes if measure in hidden_of(seen, name)]
        if any(
            parts_hidden(lambda value, mine=mine: tuple(c.holds(value) for c in mine), values)  # type: ignore[misc]
            for name in hiding
            for values in _may_be(seen, name, measure)
        ):
            found.append(measure)
    return tuple(limit for limit in limits if limit.measure in found)


def _may_be(seen: Comparison, name: str, measure: str) -> list[list[float]]:
    """Return what a hidden measure may be, as far as is known; nothing for what is no count."""
    n = int(float(str(seen.table.loc["n", name])))
    small = [[float(k) for k in range(1, SMALL)], [float(n - k) for k in range(1, SMALL)]]
    if measure in _SHARES:
        return [[count / n for count in side] for side in small]
    if is_unknown(seen.table.loc[measure, name]):
        return []
    if measure == "far" and "up" not in hidden_of(seen, name):
        return small[:1]
    whole = [float(k) for k in range(n + 1)]
    if measure == "above_base":
        return [*small, whole]
    return [whole] if measure in _MOVES[:3] else []


def _small(seen: Comparison, variant: str) -> set[str]:
    """Return the measures of a variant that by themselves tell of fewer than five people."""
    column = {str(m): float(v) for m, v in seen.table[variant].items()}
    n = column["n"]
    found = {m for m in _SHARES if is_small(column[m] * n, n)}
    grades = seen.grades[variant].dropna()
    if is_small(column["above_base"], n) or ((grades > 0) & (grades < SMALL)).any():
        found.add("above_base")  # who is paid above the base is often who has the best grade
    if not is_unknown(column["up"]):
        moves = (column["up"], column["down"], n - column["up"] - column["down"])
        if any(0 < part < SMALL for part in moves):
            found.update(_MOVES)
        elif 0 < column["far"] < SMALL:
            found.update(("far", "kappa"))
    return found


def _moves(seen: Comparison, name: str, to: Counts, *, far: bool) -> Moves:
    up, down, jumps = (int(n) for n in seen.table.loc[list(_MOVES[:3]), name].astype(float))
    return Moves(to, up, down, jumps if far else None)


def shown_grades(seen: Comparison, view: View) -> pd.DataFrame:
    """Return people by grade on the first's scale as the view may see them: variants in rows."""
    shown = seen.own_grades().astype(object)
    for variant, row in seen.own_grades().iterrows():
        table = suppress(row.rename("n").to_frame(), "n", (), view)
        shown.loc[variant] = table["n"].to_numpy()
    return shown


def one_table(
    seen: Comparison, t: Texts, view: View, text: Callable[..., str], team: Callable[[str], str]
) -> pd.DataFrame:
    """Lay the variants side by side: one row per measure, one column per variant.

    Parameters
    ----------
    seen : Comparison
        What to show.
    t : Texts
        Writes the numbers.
    view : View
        Leadership's hides what would tell of fewer than five people.
    text : callable
        Gives the words of a row from its key, ``table.<measure>``.
    team : callable
        What a team is called.

    Returns
    -------
    DataFrame
        Index ``measure`` (words), columns the titles of the variants; texts, None where nothing
        can be said, and :data:`kpilib.audience.HIDDEN`.
    """
    titles = seen.titles(t.lang)
    away = {name: set() if view.people else hidden_of(seen, name) for name in titles}
    rows: dict[str, dict[str, Cell]] = {}
    grades = shown_grades(seen, view)
    for grade in seen.order:
        rows[text("table.grade", grade=grade)] = {
            titles[name]: _count(grades, name, grade, t) for name in titles
        }
    for measure in ROWS:
        form, values = _FORMS.get(measure, MEASURES[measure].form), seen.table.loc[measure]
        rows[text(f"table.{measure}")] = {
            title: HIDDEN if measure in away[name] else _said(values[name], form, t)
            for name, title in titles.items()
        }
    for measure, form in _TEAM.items():
        for key, cells in _by_team(seen, measure, view).items():
            rows[text(f"table.team_{measure}", team=team(key))] = {
                titles[name]: cell if isinstance(cell, Hidden) else _said(cell, form, t)
                for name, cell in cells.items()
            }
    table = pd.DataFrame(list(rows.values()), index=list(rows), dtype=object)
    table = table.where(table.notna(), None)  # a dash is no number
    return table.rename_axis(index="measure", columns="variant")


def in_blocks(table: pd.DataFrame, most: int) -> list[pd.DataFrame]:
    """Part a wide table into blocks of columns, as even as can be."""
    blocks = -(-table.shape[1] // most)
    size = -(-table.shape[1] // blocks)
    return [table.iloc[:, at : at + size] for at in range(0, table.shape[1], size)]


def _count(grades: pd.DataFrame, name: str, grade: str, t: Texts) -> Cell:
    if name not in grades.index:
        return None  # on another scale, which is never converted
    cell = grades.loc[name, grade]
    return cell if isinstance(cell, Hidden) else t.number(cell, "count")


def _by_team(seen: Comparison, measure: str, view: View) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for name, held in seen.outcomes.items():
        teams = seen.teams[name].unstack("measure")[["n", measure]].dropna(subset="n")
        shown = suppress(teams, "n", [measure], view)
        if measure == "score" and not view.people:
            scores = suppress_teams(team_scores(held.grades.scores), view)
            away = scores.loc[[cell is HIDDEN for cell in scores["team_score"]], "team"]
            shown[measure] = shown[measure].astype(object).where(~shown.index.isin(away), HIDDEN)
        for key, cell in shown[measure].items():
            found.setdefault(str(key), {})[name] = cell
    return {key: {name: cells.get(name) for name in seen.outcomes} for key, cells in found.items()}


def _said(value: object, form: str, t: Texts) -> str | None:
    if is_unknown(value):
        return None
    # An even score of 80.0 and a change of +0.0% are said without a minus before the 0.
    return re.sub(r"^−(?=[0.,]*%?$)", "", t.number(value, form))
