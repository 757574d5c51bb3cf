"""Disclosure: whether counts that are shown give away counts that are hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]

_APART: Final = 2  # a hidden count keeps at least so wide a range


@dataclass(frozen=True)
class Counts:
    """People by grade, best first, as a reader sees them.

    Attributes
    ----------
    people : tuple of int
        How many they are.
    hidden : tuple of bool
        Which of these the reader does not see.
    """

    people: tuple[int, ...]
    hidden: tuple[bool, ...]


@dataclass(frozen=True)
class Moves:
    """Where the same people stand by another scheme, and how many of them moved.

    Attributes
    ----------
    to : Counts
        By the other scheme, on the same scale.
    up, down : int
        People with a better and a worse grade than by the first.
    far : int or None
        Of these, people with another grade by more than one; None where the reader does not see it.
    """

    to: Counts
    up: int
    down: int
    far: int | None


def tellable(first: Counts, others: Mapping[str, Moves]) -> set[str]:
    """Return the schemes whose moves can be shown without giving a hidden count away.

    All that is shown makes one system of equations in the whole numbers of people who go from a
    grade to a grade, the same first grades for all schemes. Scheme after scheme is added, and
    kept where every hidden count can still take values at least two apart.

    Parameters
    ----------
    first : Counts
        By the scheme that the others are compared against.
    others : mapping of str to Moves
        In the order in which they are wanted.

    References
    ----------
    .. [1] Fischetti & Salazar (2000), "Models and algorithms for optimizing cell suppression in
       tabular data with linear constraints", Journal of the American Statistical Association 95,
       916-928: the attacker's two programmes for each hidden cell, and sliding protection.
    """
    kept: dict[str, Moves] = {}
    for name, moves in others.items():
        tried = [*kept.values(), moves]
        if all(high - low >= _APART for low, high in ranges(first, tried)):
            kept[name] = moves
    return set(kept)


def parts_hidden(verdict: Callable[[float], object], values: Sequence[float]) -> bool:
    """Tell whether a verdict on a hidden count would part its possible values too finely.

    Whatever the verdict is: what is kept back by the verdict itself would tell it.

    Parameters
    ----------
    verdict : callable
        What a reader is told of a value.
    values : sequence of float
        Those that the hidden count may have, as far as the reader knows, one apart.
    """
    places: dict[object, list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(verdict(value), []).append(place)
    return any(held[-1] - held[0] < _APART for held in places.values())


def ranges(first: Counts, others: Sequence[Moves]) -> Iterator[tuple[int, int]]:
    """Yield between which bounds each hidden count lies, by all that is shown.

    Those of the first, then those of each other scheme.
    """
    from scipy.optimize import LinearConstraint, milp

    grades, n = len(first.people), sum(first.people)
    known, asked = _equations(first, others)
    rows, values = np.array([row for row, _ in known]), np.array([value for _, value in known])
    held = LinearConstraint(rows, values, values)
    wide = grades + len(others) * grades**2
    for row in asked:
        ends = [
            milp(sign * row, constraints=held, integrality=np.ones(wide), bounds=(0, n))
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends), "what is shown is true, so it can be"
        yield round(ends[0].fun), round(-ends[1].fun)


def _equations(first: Counts, others: Sequence[Moves]) -> tuple[list[tuple[Row, float]], list[Row]]:
    """Return what is known, as rows and their values, and the rows of what is hidden.

    Unknown are the people of each grade by the first scheme, then for each other scheme those who
    go from a grade (down) to a grade (across).
    """
    grades = len(first.people)
    each = np.eye(grades)
    wide = grades + len(others) * grades**2
    known: list[tuple[Row, float]] = [(_row(wide, 0, np.ones(grades)), sum(first.people))]
    asked: list[Row] = []

    def seen(counts: Counts, rows: Sequence[Row]) -> None:
        for people, hidden, row in zip(counts.people, counts.hidden, rows, strict=True):
            asked.append(row) if hidden else known.append((row, people))

    firsts = [_row(wide, 0, one) for one in each]
    seen(first, firsts)
    step = np.subtract.outer(np.arange(grades), np.arange(grades))  # above 0 goes up
    for start, moves in zip(range(grades, wide, grades**2), others, strict=True):
        known += [
            (_row(wide, start, np.repeat(one, grades)) - row, 0)
            for one, row in zip(each, firsts, strict=True)
        ]
        seen(moves.to, [_row(wide, start, np.tile(one, grades)) for one in each])
        known.append((_row(wide, start, step > 0), moves.up))
        known.append((_row(wide, start, step < 0), moves.down))
        if moves.far is not None:
            known.append((_row(wide, start, abs(step) > 1), moves.far))
    return known, asked


def _row(wide: int, start: int, flags: NDArray[Any]) -> Row:
    row = np.zeros(wide)
    row[start : start + flags.size] = flags.ravel()
    return row
