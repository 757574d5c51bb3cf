"""What the page of grades tells each audience, and what it keeps from leadership."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpilib.audience import HIDDEN
from kpilib.distribution import grade_shares, history, overview
from kpilib.outcomes import settle
from kpilib.pieces import distribution as show
from kpilib.pieces import doubts
from tests.heard import Heard
from tests.test_distribution import graded
from tests.test_distribution_between import roles
from tests.test_doubt import desks

# 3 A+, 10 A, 9 B, 6 C; two of the B on the cut of the A
MONTH = {f"p{i:02d}": score for i, score in enumerate([110] * 3 + [90] * 10 + [80] * 2 + [70] * 7)}
MONTH |= {f"q{i}": 50.0 for i in range(6)}
WISHED = (("A+", 0.1), ("A", 0.3), ("B", 0.5), ("C", 0.1))
BEFORE = {who: 130 - score for who, score in MONTH.items()}


@cache
def seen(wished=(), beside=""):
    outcomes = settle(graded(MONTH), [graded(BEFORE, month="2025-04")])
    return overview(outcomes, dict(wished) or None, beside=beside)


def page(audience, notebook="grade_distribution", lang="en"):
    return Heard(notebook, audience=audience, lang=lang)


def test_rows_that_count_the_same_people_anew_are_hidden_one_by_one():
    """As one table the second row would show the 6 that the first must hide."""
    counts = pd.DataFrame([[3, 10, 9, 6], [5, 10, 7, 6]], columns=["A+", "A", "B", "C"])
    shown = show.row_by_row(page("leadership"), counts)
    assert shown.iloc[0].tolist() == [HIDDEN, 10, 9, HIDDEN]
    assert shown.iloc[1].tolist() == [5, 10, 7, 6]
    assert show.row_by_row(page("hr"), counts).to_numpy().tolist() == counts.to_numpy().tolist()


def test_hr_sees_who_depends_on_the_edge_and_leadership_only_how_many():
    hr, above = page("hr"), page("leadership")
    for held in (hr, above):
        show.show_edges(held, seen())
    assert hr.kinds() == ["text", "table", "table"]
    assert above.kinds() == ["text"]
    assert "fewer than 5 grades depend" in above.text_of("text")


def test_near_grades_are_counted_for_leadership_and_named_for_hr():
    hr, above = page("hr"), page("leadership")
    for held in (hr, above):
        show.show_near(held, seen())
    assert hr.kinds() == ["text", "table", "table"]
    assert "P13" in hr.text_of("table") or "p13" in hr.text_of("table")
    assert above.kinds() == ["text"]


def test_moves_are_sums_for_leadership_and_a_table_of_cells_for_hr():
    hr, above = page("hr"), page("leadership")
    for held in (hr, above):
        show.show_history(held, seen())
    assert hr.kinds() == ["figure", "figure", "figure"]
    assert above.kinds() == ["figure", "text"]
    assert above.blocks[-1][1] == "<p>28 people have another grade than in the month before.</p>"
    assert "A+ and A" in hr.text_of("figure")
    assert "A+ and A" not in above.text_of("figure")  # with the A shown it would tell the A+


def test_a_first_month_says_that_there_is_none_before():
    held = page("hr", lang="zh")
    show.show_history(held, overview(settle(graded(MONTH))))
    assert held.blocks == [
        ("text", '<p>没有上月数据。</p>'),
    ]  # fmt: skip


def test_the_page_opens_with_the_checks_that_raise_a_question():
    held = page("hr")
    key, told = show.verdict(held, seen())
    assert key == "verdict_look"
    assert held.text(key, **told).startswith(
        "Look before signing: 1 of 7 checks raises a question (moves since the month before)."
    )
    show.show_checks(held, seen())
    table = held.tables["checks.table"]
    assert table.iloc[0].tolist() == [
        "Moves since the month before",
        "look",
        "28 of 28 people have another grade than in the month before.",
    ]
    assert "Did the work change, or the data?" in held.text_of("text")
    assert set(table["look"][1:]) == {"fine"}


def test_a_sound_month_is_said_to_be():
    calm = {f"p{i}": score for i, score in enumerate((50, 68, 72, 74, 86, 90, 94, 105, 110))}
    held = page("leadership", lang="zh")
    key, told = show.verdict(held, overview(settle(graded(calm))))
    assert key == "verdict_sound"
    assert held.text(key, **told).startswith("合理：6项检查均无疑问。")


def roles_with_c():
    """Return a month in which most planners have C, and as many hosts do not."""
    months = roles({"planner": (6, 8), "host": (1, 20)})
    return overview(settle(months))


def test_roles_are_named_to_hr_and_only_counted_for_leadership():
    found = {}
    for audience in ("hr", "leadership"):
        held = page(audience)
        held.know(roles_with_c().outcomes)
        show.show_checks(held, roles_with_c())
        found[audience] = " ".join(held.tables["checks.table"]["finding"])
    assert "1 role holds more C than chance would give: Designer / planner." in found["hr"]
    assert "1 role holds more C than chance would give." in found["leadership"]
    assert "planner" not in found["leadership"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_leadership_reads_of_teams_without_the_names_of_statistics(lang):
    """Those stand in the method; HR's table keeps the effect size."""
    people = {f"p{i}": 90.0 + i / 4 for i in range(10)} | {f"q{i}": 62.0 + i for i in range(10)}
    teams = {who: "live" if who[0] == "p" else "video" for who in people}
    seen = overview(settle(graded(people, teams=teams)))
    columns = {}
    for audience in ("hr", "leadership"):
        held = page(audience, lang=lang)
        held.know(seen.outcomes)
        show.show_grades(held, seen)
        assert not any(name in held.text_of("text") for name in ("Kruskal", "Cliff"))
        columns[audience] = list(held.tables["differ.table"])
    assert not {"Kruskal", "Cliff"} & set(held.said.replace("'", " ").split())
    assert set(columns["hr"]) - set(columns["leadership"]) == {"delta", "from", "to"}
    assert "Kruskal" in held.t("grade_distribution.method.how")


def test_a_guideline_off_beyond_chance_names_the_team_that_explains_it():
    people = {f"p{i}": 90.0 for i in range(20)} | {f"q{i}": 70.0 for i in range(20)}
    teams = {who: "live" if who[0] == "p" else "video" for who in people}
    held = page("hr")
    show.show_grades(held, overview(settle(graded(people, teams=teams)), dict(WISHED)))
    assert "A: 8.0 people more than wished, 14.0 of them in live." in held.text_of("text")
    assert held.tables["guideline.surplus"].loc["live", "A"] == 14
    above = page("leadership")
    show.show_grades(above, overview(settle(graded(people, teams=teams)), dict(WISHED)))
    assert "The difference in A comes mostly from live." in above.text_of("text")
    assert "guideline.surplus" not in above.tables


def test_a_quota_beside_cuts_names_people_to_hr_only():
    hr, above = page("hr"), page("leadership")
    for held in (hr, above):
        doubts.show_forced(held, seen(beside="bytedance"), "bytedance")
    assert set(hr.tables) == {"forced.month_cross", "forced.moved"}  # two months are no half-year
    assert above.tables == {}
    said = above.text_of("text")
    assert "E 10%, M+ 30%, M 50% and M- 10%, whole people by largest remainder" in said
    assert "people stand elsewhere by the quota alone" in said
    assert "higher" not in said  # up less down would tell hidden grades
    held = page("hr")
    doubts.show_forced(held, seen(), "")
    assert held.blocks == [("text", "<p>No quota is set beside this scheme.</p>")]


def test_doubt_is_a_map_and_a_table_for_hr_and_a_sentence_for_leadership():
    month = overview(settle(desks([20, 35, 20, 22, 31], [50] * 5)))
    hr, above = page("hr"), page("leadership")
    for held in (hr, above):
        held.know(month.outcomes)
        doubts.show_doubt(held, month)
    assert hr.kinds() == ["text", "figure", "text", "table", "table", "text"]
    assert above.kinds() == ["text", "text"]
    assert set(hr.tables) == {"doubt.crossings", "doubt.table"}
    assert hr.tables["doubt.table"]["indicator"].unique().tolist() == ["inquiry_conversion"]
    typed = page("hr")
    typed.know(seen().outcomes)
    doubts.show_doubt(typed, seen())
    assert "2 items count as certain" in typed.text_of("text")


companies = st.lists(
    st.tuples(st.sampled_from(["live", "video", "studio"]), st.sampled_from([110, 90, 70, 50])),
    min_size=6,
    max_size=60,
)


LEAKY = [("video", 90)] * 10 + [("video", 50)] * 3 + [("live", 90)] * 10 + [("live", 70)] * 10


@settings(max_examples=40)
@given(companies)
@example(LEAKY + [("live", 50)] * 1)  # 4 C, which all visible sums together would tell
def test_leadership_cannot_work_out_a_hidden_cell_of_any_table(people):
    """All that the page's tables tell of counts, as equations: no hidden cell has one solution.

    Unknown are people by team and grade; known are people by team, and whatever is visible in
    the table of teams, of all people, and in the month's row among all months.
    """
    scores = {f"p{i}": float(points) for i, (_, points) in enumerate(people)}
    teams = {f"p{i}": team for i, (team, _) in enumerate(people)}
    grades, held = graded(scores, teams=teams), page("leadership")
    counts = grade_shares(grades, "team").counts
    whole = held.suppress(grade_shares(grades).table.set_index("grade"), "count")["count"]
    months = show.row_by_row(held, history({"2025-05": grades}).counts).iloc[0]
    table = held.suppress_counts(counts).to_numpy()
    cells = list(np.ndindex(*counts.shape))
    rows = np.array([[float(i == k) for i, _ in cells] for k in range(len(counts))])
    columns = np.array([[float(j == k) for _, k in cells] for j in range(counts.shape[1])])
    each = np.eye(len(cells))
    visible = [place for place, cell in enumerate(cells) if table[cell] is not HIDDEN]
    totals = [j for j in range(len(whole)) if HIDDEN not in (whole.iloc[j], months.iloc[j])]
    told = np.vstack([rows, columns[totals], each[visible]])
    small = [place for place, cell in enumerate(cells) if 0 < counts.iloc[cell] < 5]
    assert not set(small) & set(visible)
    unknown = np.vstack([each, np.delete(columns, totals, axis=0)])
    solved = unknown @ np.linalg.pinv(told) @ told
    given_away = np.isclose(solved, unknown).all(axis=1)
    assert set(np.flatnonzero(given_away)) == set(visible)


def test_the_table_of_teams_on_the_page_is_the_one_that_was_put_to_the_test():
    people = {f"p{i}": points for i, points in enumerate([110.0] * 3 + [90.0] * 12 + [50.0] * 8)}
    teams = {who: ("live", "video")[i % 2] for i, who in enumerate(people)}
    held, month = page("leadership"), overview(settle(graded(people, teams=teams)))
    show.show_grades(held, month)
    wanted = held.suppress_counts(month.teams.counts)
    assert held.tables["grades.teams"].to_numpy().tolist() == wanted.to_numpy().tolist()
    assert (wanted == HIDDEN).all().tolist() == [True, False, False, True]  # 3 A+ and 8 C


@pytest.mark.parametrize("audience", ["hr", "leadership"])
def test_a_guideline_is_a_table_of_its_own(audience):
    held = page(audience)
    show.show_grades(held, seen(WISHED))
    tables = [inner for kind, inner in held.blocks if kind == "table"]
    assert "Shares beside the guideline" in tables[0]
    assert ("11%" in tables[0]) == (audience == "hr")  # the share of the 3 A+
    assert len(tables) == (2 if audience == "hr" else 1)  # roles are small groups
