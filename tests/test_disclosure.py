"""What leadership sees gives no hidden count away: held against every table that could be."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpilib.audience import HIDDEN, suppress, view
from kpilib.disclosure import Counts, Moves, parts_hidden, ranges, tellable

STEP = np.subtract.outer(np.arange(3), np.arange(3))


def seen_as(people) -> Counts:
    """Return counts as leadership sees them."""
    table = pd.DataFrame({"n": list(map(int, people))})
    shown = suppress(table, "n", (), view("leadership"))["n"]
    return Counts(tuple(table["n"]), tuple(cell is HIDDEN for cell in shown))


def moves(table: np.ndarray) -> Moves:
    """Return what is told of people by grade before (down) and after (across)."""
    told = (int(table[held].sum()) for held in (STEP > 0, STEP < 0, abs(STEP) > 1))
    return Moves(seen_as(table.sum(axis=0)), *told)


@cache
def every_table(n: int) -> np.ndarray:
    """Return all tables of three grades before and after that n people can make."""
    bars = np.array(list(itertools.combinations(range(n + 8), 8)))
    ends = np.column_stack([np.full(len(bars), -1), bars, np.full(len(bars), n + 8)])
    return (np.diff(ends, axis=1) - 1).reshape(-1, 3, 3)


def possible(first: Counts, other: Moves) -> list[set[int]]:
    """Return the values of each hidden count in all tables that fit what is shown."""
    tables = every_table(sum(first.people))
    fits = np.ones(len(tables), dtype=bool)
    for flags, told in ((STEP > 0, other.up), (STEP < 0, other.down), (abs(STEP) > 1, other.far)):
        if told is not None:
            fits &= tables[:, flags].sum(axis=1) == told
    margins = [(first, tables.sum(axis=2)), (other.to, tables.sum(axis=1))]
    for counts, values in margins:
        for place, (people, hidden) in enumerate(zip(counts.people, counts.hidden, strict=True)):
            fits &= hidden | (values[:, place] == people)
    return [
        set(values[fits, place].tolist())
        for counts, values in margins
        for place, hidden in enumerate(counts.hidden)
        if hidden
    ]


TABLES = st.lists(st.integers(0, 8), min_size=5, max_size=11).map(  # each person's two grades
    lambda places: np.bincount(places, minlength=9).reshape(3, 3)
)


@settings(max_examples=25)
@given(TABLES, st.booleans())
def test_the_bounds_are_those_of_all_tables_that_could_be(table, far):
    """Two integer programmes a count against the enumeration of every table."""
    first, other = seen_as(table.sum(axis=1)), moves(table)
    other = other if far else Moves(other.to, other.up, other.down, None)
    enumerated = [(min(found), max(found)) for found in possible(first, other)]
    assert list(ranges(first, [other])) == enumerated
    safe = all(high - low >= 2 for low, high in enumerated)
    assert (tellable(first, {"other": other}) == {"other"}) == safe


def test_moves_that_solve_for_the_best_and_the_worst_are_not_told():
    """A+ x, A 20, B 19, C 10 - x; then none better, none far, 17 worse: 3x + 5 = 17."""
    first = Counts((4, 20, 19, 6), (True, False, False, True))
    other = Moves(Counts((0, 16, 22, 11), (False,) * 4), up=0, down=17, far=0)
    assert list(ranges(first, [other])) == [(4, 4), (6, 6)]
    assert tellable(first, {"interval": other}) == set()


def test_schemes_are_told_only_together():
    """Each by itself leaves room; the second would take it away, and so it is kept back."""
    first = Counts((4, 20, 19, 6), (True, False, False, True))
    kept = Moves(Counts((5, 19, 18, 7), (False,) * 4), up=6, down=5, far=None)
    solves = Moves(Counts((0, 16, 22, 11), (False,) * 4), up=0, down=17, far=0)
    assert tellable(first, {"mature": kept, "interval": solves}) == {"mature"}


def test_where_nothing_is_hidden_all_is_told():
    first = Counts((5, 6, 7), (False,) * 3)
    assert tellable(first, {"a": Moves(first, 0, 0, 0)}) == {"a"}


@pytest.mark.parametrize(
    ("most", "parts"), [(0, False), (1, True), (2, True), (3, True), (4, False), (9, False)]
)
def test_a_limit_parts_a_hidden_count_where_it_cuts_between_one_and_four(most, parts):
    """Hidden means 1 to 4: not at most 3 would be 4, and at most 2 would be one of two."""
    assert parts_hidden(lambda count: count <= most, [1, 2, 3, 4]) == parts


def test_a_limit_far_from_both_ends_of_what_may_be_parts_nothing():
    assert not parts_hidden(lambda count: count <= 3, range(50))
    assert parts_hidden(lambda count: count <= 0, range(50))
    assert parts_hidden(lambda count: (count <= 3, count >= 3), range(50))
