"""Grades by bands and by quota, read band by band in plain Python."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.grading import apportion, band_of, grade, pools
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from tests.company import readings_of, scheme_of, seats_of

BANDS = read_scheme("published").grading


def scored(points, *, teams=None, status=None):
    """Return scores of people whose total is the number given: judged straight to points."""
    anchors = [
        {"score": 0, "points": 0, "meaning": {"en": "0", "zh": "0"}},
        {"score": 200, "points": 200, "meaning": {"en": "200", "zh": "200"}},
    ]
    method = {"kind": "judged", "anchors": anchors}
    role = {"actor": {"cooperation": {"weight": 1, "target": 100, "method": method}}}
    made = scheme_of(role)
    values = {who: {"actor": {"cooperation": value}} for who, value in points.items()}
    seats = seats_of({who: {"actor": 1} for who in points})
    seats["team"] = [teams[who] if teams else "video" for who in points]
    return score(readings_of(made, values, seats=seats, status=status))


@pytest.mark.parametrize(
    ("edge", "grades"),
    [
        # totals: 60, 60.5, 80, 80.4, 80.5, 81, 100, 100.4, 100.5, 101
        ("upper_closed", ["C", "B", "B", "A", "A", "A", "A", "A+", "A+", "A+"]),
        ("lower_closed", ["B", "B", "A", "A", "A", "A", "A+", "A+", "A+", "A+"]),
        ("rounded", ["C", "B", "B", "B", "A", "A", "A", "A", "A+", "A+"]),
        ("floored", ["C", "C", "B", "B", "B", "A", "A", "A", "A", "A+"]),
    ],
)
def test_the_four_readings_of_an_edge_part_where_the_scheme_is_silent(edge, grades):
    """80.5, 60.5 and exactly 100 fall between the printed grades A+ (100+), 81-100, 61-80."""
    totals = [60, 60.5, 80, 80.4, 80.5, 81, 100, 100.4, 100.5, 101]
    assert band_of(totals, BANDS.model_copy(update={"edge": edge})) == grades


@given(st.integers(0, 120_000_000).map(lambda n: n / 1_000_000))
def test_a_grade_is_the_first_band_reached(total):
    plain = "A+" if total > 100 else "A" if total > 80 else "B" if total > 60 else "C"
    assert band_of([total], BANDS) == [plain]


def test_bands_say_how_far_the_next_cut_is():
    grades = grade(scored({"a": 59, "b": 61.5, "c": 79, "d": 104}))
    table = grades.table
    assert table["grade"].tolist() == ["C", "B", "B", "A+"]
    assert table["gap"].tolist() == [-1, 1.5, -1, 4]
    assert table["lower"].fillna(-1).tolist() == [-1, 60, 60, 100]
    assert table["upper"].fillna(-1).tolist() == [60, 80, 80, -1]


def test_an_unknown_total_gets_no_grade():
    """NaN would sort above every cut and win the best grade."""
    grades = grade(scored({"a": 70, "b": None}, status={("b", "cooperation"): "unknown"}))
    assert grades.table.loc["b", "grade"] is None
    assert math.isnan(grades.table.loc["b", "gap"])
    assert grades.table.loc["a", "grade"] == "B"


@given(
    st.integers(0, 500),
    st.lists(st.integers(0, 20), min_size=2, max_size=6).filter(lambda parts: sum(parts) > 0),
)
def test_quotas_sum_to_n_and_keep_within_one_of_their_share(n, parts):
    """Largest remainder stays within quota: floor or ceiling of n x share."""
    shares = [part / sum(parts) for part in parts]
    counts = apportion(n, shares)
    assert sum(counts) == n
    for part, count in zip(parts, counts, strict=True):
        exact = Fraction(n * part, sum(parts))
        assert math.floor(exact) <= count <= math.ceil(exact)


def test_largest_remainder_is_hamiltons_apportionment_of_1790():
    """The US census of 1790 for 120 seats by Hamilton (Balinski & Young 2001, table 1.2)."""
    people = {
        "Virginia": 630560,
        "Massachusetts": 475327,
        "Pennsylvania": 432879,
        "North Carolina": 353523,
        "New York": 331589,
        "Maryland": 278514,
        "Connecticut": 236841,
        "South Carolina": 206236,
        "New Jersey": 179570,
        "New Hampshire": 141822,
        "Vermont": 85533,
        "Georgia": 70835,
        "Kentucky": 68705,
        "Rhode Island": 68446,
        "Delaware": 55540,
    }
    total = sum(people.values())
    seats = apportion(120, [count / total for count in people.values()])
    assert seats == [21, 16, 14, 12, 11, 9, 8, 7, 6, 5, 3, 2, 2, 2, 2]


SHARES = (0.1, 0.3, 0.5, 0.1)


@pytest.mark.parametrize(
    ("n", "remainder", "cumulative"),
    [
        # exact shares 0.7 2.1 3.5 0.7; borders 0.7 2.8 6.3
        (7, [1, 2, 3, 1], [1, 2, 3, 1]),
        # 1.4 4.2 7.0 1.4 (the two of 0.4 are ends: the better first); borders 1.4 5.6 12.6
        (14, [2, 4, 7, 1], [1, 5, 7, 1]),
        # 0.5 1.5 2.5 0.5: the middle first; borders 0.5 2 4.5, halves toward the middle
        (5, [0, 2, 3, 0], [0, 2, 3, 0]),
        (0, [0, 0, 0, 0], [0, 0, 0, 0]),
    ],
)
def test_two_ways_to_make_whole_people_of_shares(n, remainder, cumulative):
    assert apportion(n, SHARES) == remainder
    assert apportion(n, SHARES, "cumulative") == cumulative


PARTS = st.lists(st.integers(0, 20), min_size=2, max_size=6).filter(lambda parts: sum(parts) > 0)


@given(st.integers(0, 500), PARTS)
def test_from_the_top_each_border_is_within_half_a_person(n, parts):
    counts = apportion(n, [part / sum(parts) for part in parts], "cumulative")
    assert sum(counts) == n
    assert min(counts) >= 0
    above = 0
    for i, count in enumerate(counts):
        above += count
        assert abs(above - Fraction(n * sum(parts[: i + 1]), sum(parts))) <= Fraction(1, 2)


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=12),
    PARTS,
    st.sampled_from(["largest_remainder", "cumulative"]),
)
def test_carried_fractions_keep_the_sum_of_periods_near_its_shares(sizes, parts, rounding):
    """Over all periods each border is as near to its share as in a period of its own."""
    shares = [part / sum(parts) for part in parts]
    owed, got, people = [0.0] * len(parts), [0] * len(parts), 0
    for n in sizes:
        counts = apportion(n, shares, rounding, owed)
        assert sum(counts) == n
        assert min(counts) >= 0
        owed = [n * s + o - c for s, o, c in zip(shares, owed, counts, strict=True)]
        got = [a + b for a, b in zip(got, counts, strict=True)]
        people += n
    for part, held, more in zip(parts, got, owed, strict=True):
        assert more == pytest.approx(people * part / sum(parts) - held, abs=1e-6)
        assert abs(more) < len(parts)


QUOTA = {
    "kind": "quota",
    "pool_below": 10,
    "levels": [
        {"grade": "E", "share": 0.1},
        {"grade": "M+", "share": 0.3},
        {"grade": "M", "share": 0.5},
        {"grade": "M-", "share": 0.1},
    ],
}


def test_a_forced_distribution_gives_each_level_its_share():
    made = read_scheme("bytedance").grading.model_dump()
    people = {f"p{i:02d}": 100.0 - i for i in range(10)}
    found = _graded_by(made, people)
    assert found["grade"].tolist() == ["E"] + ["M+"] * 3 + ["M"] * 5 + ["M-"]
    assert not found["tied"].any()
    assert found["gap"].isna().all()


def _graded_by(grading, people, teams=None):
    scores = scored(people, teams=teams)
    scheme = scores.scheme.revise(grading=grading, streak=None, improvement=None)
    return grade(scores, scheme).table


def test_a_tie_at_a_boundary_is_broken_as_declared_and_said():
    people = {f"p{i:02d}": 90.0 if i < 2 else 80.0 - i for i in range(10)}
    found = _graded_by(QUOTA, people)
    assert found["grade"].tolist()[:2] == ["E", "M+"]
    assert found.index[found["tied"]].tolist() == ["p00", "p01"]


@pytest.mark.parametrize(
    ("ties", "first"), [("parted", ["E", "M+"]), ("better", ["E", "E"]), ("worse", ["M+", "M+"])]
)
def test_equal_scores_on_a_border_are_parted_or_kept_together(ties, first):
    people = {f"p{i:02d}": 90.0 if i < 2 else 80.0 - i for i in range(10)}
    found = _graded_by(QUOTA | {"ties": ties}, people)
    assert found["grade"].tolist() == [*first, "M+", "M+", *["M"] * 5, "M-"]
    assert found["tied"].sum() == (2 if ties == "parted" else 0)


def test_a_person_owed_to_a_grade_is_given_in_a_later_period():
    """By hand: four people a period are 0.4 1.2 2.0 0.4; the second adds what the first owes."""
    scores = scored({f"p{i}": 90.0 - i for i in range(4)})
    scheme = scores.scheme.revise(
        grading=QUOTA | {"carry_over": True}, streak=None, improvement=None
    )
    first = grade(scores, scheme)
    assert first.table["grade"].tolist() == ["E", "M+", "M", "M"]
    assert first.carried == {"+": (-0.6, 0.2, 0.0, 0.4)}
    second = grade(scores, scheme, first)  # -0.2 1.4 2.0 0.8
    assert second.table["grade"].tolist() == ["M+", "M", "M", "M-"]
    assert second.carried == {"+": (-0.2, 0.4, 0.0, -0.2)}
    alone = grade(scores, scheme.revise(grading=QUOTA), first)
    assert alone.table["grade"].tolist() == ["E", "M+", "M", "M"]


def test_small_teams_are_ranked_in_one_pool():
    teams = pd.Series(["big"] * 12 + ["small"] * 6 + ["tiny"] * 5)
    assert pools(teams, 10).tolist() == ["big"] * 12 + ["+"] * 11
    lonely = pd.Series(["big"] * 12 + ["small"] * 6)
    assert pools(lonely, 10).tolist() == ["big"] * 18
    assert pools(pd.Series(["a"] * 3 + ["b"] * 4), 10).tolist() == ["+"] * 7


def test_a_small_team_shares_the_pools_quota():
    """Five people of two tiny teams and five more: one E over all ten, none per team."""
    people = {f"p{i:02d}": 100.0 - i for i in range(10)}
    teams = {who: "a" if i % 2 else "b" for i, who in enumerate(people)}
    found = _graded_by(QUOTA, people, teams)
    assert (found["grade"] == "E").sum() == 1


@given(st.lists(st.integers(0, 1200), min_size=1, max_size=30, unique=True), st.randoms())
def test_nobody_with_a_higher_score_gets_a_lower_grade(tenths, random):
    people = {f"p{i:02d}": n / 10 for i, n in enumerate(tenths)}
    order = ["E", "M+", "M", "M-"]
    found = _graded_by(QUOTA, people)
    ranked = found.sort_values("score", ascending=False)["grade"].map(order.index)
    assert ranked.is_monotonic_increasing
    shuffled = dict(random.sample(list(people.items()), len(people)))
    assert _graded_by(QUOTA, shuffled)["grade"].reindex(found.index).equals(found["grade"])
