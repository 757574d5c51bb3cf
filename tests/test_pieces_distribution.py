"""What pages of grades and schemes tell each audience, and what they keep from leadership."""

from __future__ import annotations

import pandas as pd
import pytest

from kpilib.audience import HIDDEN
from kpilib.display import Page
from kpilib.distribution import overview
from kpilib.outcomes import settle
from kpilib.pieces import distribution as show
from kpilib.pieces import schemes
from kpilib.variants import compare
from tests.test_distribution import graded
from tests.test_variants import FOUR, managers
from tests.test_variants import schemes as four_schemes

# 3 A+, 10 A, 9 B, 6 C; two of the B on the cut of the A
MONTH = {f"p{i:02d}": score for i, score in enumerate([110] * 3 + [90] * 10 + [80] * 2 + [70] * 7)}
MONTH |= {f"q{i}": 50.0 for i in range(6)}
BEFORE = {who: 130 - score for who, score in MONTH.items()}


class Heard(Page):
    """A page that keeps what it would show."""

    def __init__(self, notebook, **kinds):
        super().__init__(notebook, **kinds)
        self.said = []

    def _emit(self, inner, **about):
        self.said.append((about["kind"], inner))

    def text_of(self, kind):
        return " ".join(inner for held, inner in self.said if held == kind)

    def kinds(self):
        return [kind for kind, _ in self.said]


def seen(wished=None):
    return overview(settle(graded(MONTH), [graded(BEFORE, month="2025-04")]), wished)


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
    assert "A+ and A" in hr.text_of("figure")
    assert "A+ and A" not in above.text_of("figure")  # with the A shown it would tell the A+


def test_a_first_month_says_that_there_is_none_before():
    held = page("hr", lang="zh")
    show.show_history(held, overview(settle(graded(MONTH))))
    assert held.said == [
        ("text", '<p>没有上月数据。</p>'),
    ]  # fmt: skip


@pytest.mark.parametrize("audience", ["hr", "leadership"])
def test_a_guideline_is_a_table_of_its_own(audience):
    held = page(audience)
    wished = {"A+": 0.1, "A": 0.3, "B": 0.5, "C": 0.1}
    show.show_grades(held, seen(wished))
    tables = [inner for kind, inner in held.said if kind == "table"]
    assert "Shares beside the guideline" in tables[0]
    assert ("11%" in tables[0]) == (audience == "hr")  # the share of the 3 A+
    assert len(tables) == (2 if audience == "hr" else 1)  # roles are small groups


def test_the_verdict_on_variants_names_them():
    base, leads, _, quota = four_schemes()
    readings = managers(base, FOUR)
    held = page("hr", "scheme_variants")
    key, told = schemes.variant_verdict(held, compare(readings, [base, leads, quota]), "en")
    assert key == "verdict"
    assert told["moved"] == 2
    assert held.text(key, **told).startswith("Published scheme (leads) would change")
    key, told = schemes.variant_verdict(held, compare(readings, [base, quota]), "en")
    assert key == "verdict_pay"
    assert "No other scheme here grades on the same scale" in held.text(key, **told)


def test_one_table_has_a_column_per_variant_and_dashes_only_where_nothing_can_be_said():
    base, leads, *_ = four_schemes()
    held = page("hr", "scheme_variants")
    found = compare(managers(base, FOUR), [base, leads.revise(title={"en": "Leads", "zh": "引流"})])
    table = schemes.variant_table(held, found, "en")
    assert table.columns.tolist() == ["Published scheme", "Leads"]
    assert table.loc["Performance pay"].tolist() == ["¥3,350", "¥3,450"]
    assert table.loc["Change of performance pay"].isna().tolist() == [True, False]
    assert table.loc["Change of performance pay", "Leads"] == "+3.0%"
