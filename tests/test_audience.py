"""Who may see what, and that what is hidden stays hidden."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from kpilib.audience import HIDDEN, SMALL, suppress, suppress_counts, suppress_teams, view, visible
from kpilib.errors import KpiError

HR, ANALYST, LEADERSHIP = view("hr"), view("analyst"), view("leadership")
PEOPLE = pd.DataFrame(
    {
        "name": ["沈知微"],
        "team": ["video"],
        "score": [74.3],
        "base_pay": [7400.0],
        "pay": [5495.57],
    },
    index=pd.Index(["p001"], name="person"),
)


def hidden_of(frame: pd.DataFrame) -> np.ndarray:
    return np.array([[cell is HIDDEN for cell in row] for row in frame.to_numpy(dtype=object)])


def test_each_audience_sees_its_own():
    assert list(visible(PEOPLE, HR)) == ["name", "team", "score", "base_pay", "pay"]
    assert list(visible(PEOPLE, ANALYST)) == ["team", "score"]
    assert visible(PEOPLE, LEADERSHIP) is None


@pytest.mark.parametrize("column", ["person", "rater", "ratee", "name", "base_pay", "pay"])
def test_leadership_sees_no_row_of_a_single_person(column):
    assert visible(pd.DataFrame({column: ["x"], "score": [1]}), LEADERSHIP) is None


def test_leadership_sees_rows_of_groups():
    groups = pd.DataFrame({"team": ["video"], "payroll": [1.0]})
    assert visible(groups, LEADERSHIP).equals(groups)


def test_an_unknown_audience_is_refused():
    with pytest.raises(KpiError) as error:
        view("leaders")
    assert str(error.value) == ("audience: no audience 'leaders'. To mend: take 'leadership'.")


GROUPS = pd.DataFrame({"team": list("abcd"), "n": [3, 7, 12, 0], "mean": [70.0, 80, 90, np.nan]})


def test_a_small_group_is_hidden_with_the_next_smallest():
    """By itself it could be worked out from the total of all groups."""
    shown = suppress(GROUPS, "n", ["mean"], LEADERSHIP)
    assert [cell is HIDDEN for cell in shown["mean"]] == [True, True, False, False]
    assert [cell is HIDDEN for cell in shown["n"]] == [True, True, False, False]
    assert list(shown["team"]) == list("abcd")
    assert shown["n"].tolist()[2:] == [12, 0]


def test_two_groups_of_one_are_hidden_with_a_third():
    """Two people hidden together are still fewer than five."""
    shown = suppress(GROUPS.assign(n=[1, 1, 12, 40]), "n", ["mean"], LEADERSHIP)
    assert [cell is HIDDEN for cell in shown["n"]] == [True, True, True, False]


@pytest.mark.parametrize("seen", [HR, ANALYST])
def test_others_see_small_groups(seen):
    assert suppress(GROUPS, "n", ["mean"], seen) is GROUPS
    assert suppress_counts(GROUPS[["n"]], seen).equals(GROUPS[["n"]])


def test_the_table_is_not_changed():
    before = GROUPS.copy()
    suppress(GROUPS, "n", ["mean"], LEADERSHIP)
    assert GROUPS.equals(before)


def test_a_lone_small_cell_is_hidden_with_the_fewest_others():
    table = pd.DataFrame([[3, 10, 20], [8, 9, 30], [11, 12, 1]])
    hidden = hidden_of(suppress_counts(table, LEADERSHIP))
    assert hidden.tolist() == [[True, False, True], [False, False, False], [True, False, True]]


counts = st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(
    lambda shape: nps.arrays(np.int64, shape, elements=st.integers(0, 30))
)


@given(counts)
def test_totals_give_no_hidden_cell_away(table):
    """No hidden cell follows from row and column totals.

    Linear algebra decides: a cell is given away when all solutions of the totals agree on it,
    that is, when it is zero in every vector of the null space.
    """
    hidden = hidden_of(suppress_counts(pd.DataFrame(table), LEADERSHIP))
    assert hidden[(table > 0) & (table < SMALL)].all()
    assert all(null_space_of(list(zip(*np.nonzero(hidden), strict=True)), table.shape))


@given(counts)
def test_an_empty_cell_is_hidden_only_where_nothing_else_hides_a_small_one(table):
    hidden = hidden_of(suppress_counts(pd.DataFrame(table), LEADERSHIP))
    totals = table.sum(axis=0)
    if hidden[table == 0].any() and not ((totals > 0) & (totals < SMALL)).any():
        small = [tuple(map(int, c)) for c in np.argwhere((table > 0) & (table < SMALL))]
        assert any(no_cycle_through(cell, table) for cell in small)


@given(counts)
def test_totals_that_are_hidden_cannot_be_worked_out_from_the_cells(table):
    """Known: the rows' totals, the visible cells, and those column totals that a line shows."""
    shown = hidden_of(suppress_counts(pd.DataFrame(table), LEADERSHIP))
    line = suppress(pd.DataFrame({"n": table.sum(axis=0)}), "n", [], LEADERSHIP)["n"]
    cells = list(np.ndindex(*table.shape))
    known = [[float(i == k) for i, _ in cells] for k in range(len(table))]
    known += [[float(cell == c) for c in cells] for cell in cells if not shown[cell]]
    columns = np.array([[float(j == k) for _, k in cells] for j in range(table.shape[1])])
    hidden = np.array([cell is HIDDEN for cell in line])
    told = np.vstack([known, columns[~hidden]])
    solved = columns @ np.linalg.pinv(told) @ told
    for j in np.flatnonzero(hidden):
        assert not np.allclose(solved[j], columns[j])


def null_space_of(cells, shape) -> list[bool]:
    """Tell for each hidden cell whether the totals leave it open."""
    totals = np.zeros((sum(shape), len(cells)))
    for place, (i, j) in enumerate(cells):
        totals[i, place] = totals[shape[0] + j, place] = 1
    if not cells:
        return []
    _, singular, rows = np.linalg.svd(totals)
    rank = int((singular > 1e-9).sum())
    return [bool(x) for x in (np.abs(rows[rank:]) > 1e-9).any(axis=0)]


def no_cycle_through(cell, table) -> bool:
    """Tell whether no rectangle or longer cycle of people-holding cells passes through a cell."""
    filled = [tuple(map(int, c)) for c in np.argwhere(table > 0)]
    free = null_space_of(filled, table.shape)
    return not free[filled.index(tuple(map(int, cell)))]


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ([2, 9], [True, True]),
        ([2, 30, 9], [True, False, True]),
        ([1, 1, 9, 30], [True, True, True, False]),  # two people together are still a small group
        ([2, 3, 30], [True, True, False]),
        ([2, 0], [True, True]),  # nobody else is there to hide the two
        ([0, 9, 7], [False, False, False]),
    ],
)
def test_a_table_of_one_line_hides_two_cells_and_five_people(line, hidden):
    """With the line's total known, one hidden cell would be the rest."""
    row = hidden_of(suppress_counts(pd.DataFrame([line]), LEADERSHIP))
    column = hidden_of(suppress_counts(pd.DataFrame(line), LEADERSHIP))
    assert row[0].tolist() == column[:, 0].tolist() == hidden


def test_hidden_cells_hold_no_number():
    """What stands there is one object without a value."""
    shown = suppress_counts(pd.DataFrame([[1, 9], [9, 9]]), LEADERSHIP)
    said = {repr(c) for c in itertools.chain(*shown.to_numpy()) if c is HIDDEN}
    assert said == {"HIDDEN"}


def test_each_whole_with_a_total_of_its_own_keeps_its_small_rows_hidden():
    """With a team's score shown, a single hidden role could be worked out: another goes too."""
    frame = pd.DataFrame(
        {"team": ["a", "a", "a", "b", "b"], "n": [9, 3, 6, 8, 7], "mean": [1.0, 2, 3, 4, 5]}
    )
    shown = suppress(frame, "n", ["mean"], view("leadership"), within="team")
    assert [cell is HIDDEN for cell in shown["mean"]] == [False, True, True, False, False]


def test_a_teams_score_is_hidden_with_any_of_its_roles():
    """Its own mean is shown elsewhere: two equations would solve for two hidden roles."""
    scores = pd.DataFrame(
        {
            "team": ["live"] * 4 + ["video"] * 2,
            "role": ["host", "service", "operations", "planner", "director", "editor"],
            "people": [8, 5, 4, 4, 9, 5],
            "mean": [80.0, 87.0, 84.0, 72.0, 70.0, 75.0],
            "team_score": [81.0] * 4 + [72.0] * 2,
        }
    )
    shown = suppress_teams(scores, LEADERSHIP)
    away = [cell is HIDDEN for cell in shown["mean"]]
    assert away == [False, False, True, True, False, False]
    assert [cell is HIDDEN for cell in shown["team_score"]] == [True] * 4 + [False] * 2
    assert suppress_teams(scores, HR) is scores
