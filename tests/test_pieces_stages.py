"""The page of stages in words: what differs, and what there is to decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kpilib.pieces import schemes as show
from kpilib.stages import compare_stages
from tests.heard import Heard
from tests.test_variants import FOUR, managers, schemes

ENDS = ("Start-up", "Mature")


def heard(audience, lang="en", months=6, most=0, path=True):
    base, leads, *_ = schemes()
    stages = compare_stages(managers(base, FOUR), base, leads)
    stages = stages if path else replace(stages, path=None)
    page = Heard("stage_scoring", audience=audience, lang=lang)
    show.show_verdict(page, stages, ENDS)
    show.show_decision(page, stages, ENDS, months, most)
    return page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_leadership_reads_three_figures_and_no_name_of_a_statistic(lang):
    """Two of four grades differ: b and a change places. Rank correlations are for the table."""
    plain = heard("leadership", lang)
    assert not any(name in plain.said for name in ("Kendall", "Spearman"))
    assert plain.text_of("facts").count("<dt>") == 3
    full = heard("hr", lang)
    assert "Spearman" in full.text_of("verdict")
    assert full.text_of("facts").count("<dt>") == 4


def test_leadership_reads_the_plain_sentence_first():
    first = heard("leadership").text_of("verdict")
    assert "fewer than 5 of 4 grades would differ between Start-up and Mature" in first
    assert "performance pay would change by +3.0%" in first


@pytest.mark.parametrize("audience", ["hr", "leadership"])
@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"most": 4, "months": 2}, "move from Start-up to Mature by the plan below, in 2 months."),
        ({"months": 1}, "or to begin the move from Start-up to Mature: by the plan below, 1 month"),
        ({"path": False}, "no exact plan of steps can be made: look at the blends below."),
    ],
)
def test_what_there_is_to_decide_is_said_at_once(kinds, said, audience):
    told = heard(audience, **kinds).text_of("text")
    assert "<strong>To decide:</strong> whether to stay with the weights in use" in told
    assert said in told
