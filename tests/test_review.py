"""What HR has to do, who is near an edge, and a card that can be redone by hand."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpilib import display
from kpilib.appraisal import appraise, months_on_disk, of_team
from kpilib.errors import KpiError
from kpilib.exports.formats import formats
from kpilib.exports.listing import title_of
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.pieces.receipt import doubts, show_receipt
from kpilib.review import TASKS, review
from kpilib.scorecard import scorecard
from kpilib.scoring import points_of, score
from tests.heard import Heard
from tests.test_outcomes import month

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def settled(now, *before):
    return settle(now, before)


def test_the_agenda_is_in_the_order_in_which_hr_takes_it_up():
    march = month("2025-03", {"a": 55, "b": 90, "c": 105})
    april = month("2025-04", {"a": 70, "b": 90, "c": 105})
    may = month("2025-05", {"a": 58, "b": 90, "c": 105}, status={("b", "creative_ctr"): "unknown"})
    seen = review(settled(may, march, april))
    agenda = seen.agenda.set_index("kind")
    assert agenda.index.tolist() == ["open_reading", "plan", "not_improved", "promotion"]
    assert agenda["person"].tolist() == [("b",), ("a",), ("a",), ("c",)]
    assert agenda.loc["plan", "due"] == "2025-07"
    assert set(agenda.index) <= set(TASKS)
    assert (seen.people, seen.graded, seen.unknown, seen.no_score) == (3, 2, 1, 0)


def test_the_payroll_is_compared_with_the_month_before_by_the_same_rules():
    seen = review(settled(month("2025-05", {"a": 99, "b": 99}), month("2025-04", {"a": 90})))
    assert (seen.payroll, seen.payroll_before) == (Decimal("1980.00"), Decimal("900.00"))
    assert seen.change == pytest.approx(1.2)
    assert seen.words(people=True)[0] == "verdict"
    alone = review(settled(month("2025-05", {"a": 99})))
    assert alone.payroll_before is None
    assert np.isnan(alone.change)
    key, numbers = alone.words(people=True)
    assert (key, "change" in numbers) == ("verdict_first", False)


def test_the_count_of_plans_is_not_for_leaders():
    """It is the count of the lowest grade, and gives the hidden grade away by subtraction."""
    seen = review(settled(month("2025-05", {"a": 55, "b": 90})))
    assert {"plans", "open", "promotion"}.isdisjoint(seen.words(people=False)[1])
    assert seen.words(people=True)[1]["plans"] == 1


def test_who_moved_and_the_item_that_moved_them_most():
    """Both items of 'a' fall from 90 to 70 in one and to 78 in the other: the first moved most."""
    before, now = month("2025-04", {"a": 90, "b": 70}), month("2025-05", {"a": 74, "b": 70.5})
    points = now.scores.readings.table
    points.loc[(points["person"] == "a") & (points["indicator"] == "creative_ctr"), "value"] = 0.056
    points.loc[(points["person"] == "a") & (points["indicator"] == "page_conversion"), "value"] = (
        0.039
    )
    seen = review(settled(grade(score(now.scores.readings)), before))
    row = seen.moved.iloc[0]
    assert seen.moved["person"].tolist() == ["a"]
    assert (row["grade_before"], row["grade"], row["indicator"]) == ("A", "B", "creative_ctr")
    assert row["change"] == pytest.approx(-16)
    assert row["by"] == pytest.approx(-10)
    assert seen.moves == {"up": 0, "down": 1, "same": 1}


def test_near_a_cut_means_within_the_margin():
    seen = review(settled(month("2025-05", {"a": 61.9, "b": 62.1, "c": 79})), margin=2)
    assert seen.near[["person", "neighbour"]].to_numpy().tolist() == [["c", "A"], ["a", "C"]]


def test_a_quota_has_nobody_near_a_cut():
    totals = {f"p{i:02d}": 100 - i for i in range(10)}
    assert review(settled(month("2025-05", totals, scheme="bytedance"))).near.empty


def test_every_card_of_the_sample_can_be_redone_on_a_calculator(may):
    """Points from reading and target, total from points and weights, pay from base and score."""
    rules = {(r.key, i.key): i for r in may.scheme.roles for i in r.indicators}
    for person, row in may.table.iterrows():
        card = scorecard(may, person)
        for item in card.items[card.items["status"] == "ok"].itertuples():
            rule = rules[item.role, item.indicator]
            assert points_of(rule, [item.value])[0] == pytest.approx(item.points)
            assert item.contribution == pytest.approx(item.points * item.applied)
        if row["status"] == "ok":
            assert card.items["applied"].sum() == pytest.approx(1)
            assert card.items["contribution"].sum() == pytest.approx(row["total"], abs=2e-6)
            pay = Decimal(str(row["base_pay"])) * Decimal(str(row["score"])) / 100
            assert row["pay"] == pay.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_the_reading_for_one_more_point_gives_one_more_point(may):
    rules = {(r.key, i.key): i for r in may.scheme.roles for i in r.indicators}
    checked = 0
    for person in may.table.index:
        for item in scorecard(may, person).items.dropna(subset="needs").itertuples():
            better = points_of(rules[item.role, item.indicator], [item.needs])[0]
            assert (better - item.points) * item.applied == pytest.approx(1)
            assert item.gain >= 1
            checked += 1
    assert checked > 100


def test_a_card_of_a_stranger_is_refused(may):
    with pytest.raises(KpiError) as error:
        scorecard(may, "p999")
    assert str(error.value) == (
        f"scorecard, person 'p999': is none of the {len(may.table)} people of 2025-05. To mend: "
        "give an id of people.csv, and the team that the person is in, or no team."
    )


def test_a_team_is_a_part_of_the_whole_as_it_was_computed_for_all(may):
    live = of_team(may, "live")
    pd.testing.assert_frame_equal(live.table, may.table[may.table["team"] == "live"])
    assert set(live.notes["person"]) <= set(live.table.index)
    assert set(live.grades.scores.points["person"]) <= set(live.table.index)
    assert set(live.before[-1].table.index) <= set(live.table.index)
    with pytest.raises(KpiError) as error:
        of_team(may, "lvie")
    assert str(error.value) == (
        "team 'lvie': has nobody in it. To mend: take one of ['live', 'studio', 'video']."
    )


def test_a_month_that_is_not_there_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(KpiError) as error:
        appraise(SAMPLE, "2025-06")
    assert str(error.value).startswith(f"{SAMPLE}, month '2025-06': has no exports. To mend: ")
    with pytest.raises(KpiError) as error:
        months_on_disk(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: has no exports: no folder such as exports/2025-05. To mend: put the month's "
        "export files there, or name another folder with --data."
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("audience", ["hr", "leadership"])
def test_doubts_are_told_and_name_people_only_to_those_who_see_them(lang, audience, may):
    page = display.Page("monthly_review", lang=lang, audience=audience)
    page.know(may)
    found = doubts(may, page)
    text = found.to_string()
    name = may.table.loc["p053", "name"]
    assert (name in text) == (audience == "hr")
    assert "作品列表.xlsx" in text  # the two uncredited works of May


@pytest.mark.parametrize(
    ("lang", "works", "own"), [("en", "List of works", "Credits"), ("zh", "作品列表", "署名")]
)
def test_the_receipt_calls_files_by_the_title_of_their_format(lang, works, own, may):
    page = Heard("monthly_review", lang=lang)
    show_receipt(page, may)
    (files,) = (inner for _, inner in page.blocks if ">credits.csv<" in inner)
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", files)
    assert {works, own} <= {*cells}
    assert not {*formats()} & {*cells}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_format_that_is_read_has_its_title_in_the_language_of_the_page(lang):
    titles = {key: title_of(key, lang) for key, fmt in formats().items() if not fmt.refused}
    chinese = {key for key, title in titles.items() if re.search("[一-鿿]", title)}
    assert chinese == (set() if lang == "en" else {*titles})
    assert len({*titles.values()}) == len(titles)
    assert title_of("of_a_later_version", lang) == "of_a_later_version"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_month_of_the_sample_has_its_doubts_in_words(lang, may):
    page = display.Page("monthly_review", lang=lang)
    page.know(may)
    for grades in may.before:
        text = doubts(settle(grades), page).to_string()
        assert ("编导" in text or "Director" in text) == (grades.month == "2025-01")
