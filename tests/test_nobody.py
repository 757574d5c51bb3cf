"""A team in which nobody is graded: every analysis is empty, and every page opens and says so."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from kpilib import assumptions, display, influence
from kpilib.audience import view
from kpilib.certainty import certainty
from kpilib.cli_compare import print_comparison
from kpilib.distribution import (
    concentration,
    differences,
    ecdf,
    grade_shares,
    lanes,
    near_cuts,
    overview,
    score_ranges,
)
from kpilib.doubt import doubt
from kpilib.errors import KpiError
from kpilib.outcomes import settle
from kpilib.pieces.position import show_position
from kpilib.review import review
from kpilib.stages import compare_stages, position
from kpilib.texts import lookup
from kpilib.variants import compare
from tests.heard import Heard
from tests.test_distribution import graded
from tests.test_variants import FOUR, managers, schemes

ROOT = Path(__file__).parents[1]


@cache
def unknown():
    """Return a month of three people whose readings are all unknown."""
    people = {"a": 90.0, "b": 70.0, "c": 50.0}
    lacking = {(who, "creative_ctr"): "unknown" for who in people}
    return settle(graded(people, status=lacking))


def nothing_read():
    """Return readings of four managers, none of them known."""
    readings = managers(schemes()[0], FOUR)
    return replace(readings, table=readings.table.assign(status="unknown", value=np.nan))


@pytest.mark.parametrize("by", ["all", "team", "role"])
def test_no_share_is_given_of_nobody(by):
    shares = grade_shares(unknown().grades, by, dict.fromkeys(("A+", "A", "B", "C"), 0.25))
    assert shares.table.empty
    assert {"share", "low", "high", "difference", "outside"} <= set(shares.table.columns)
    assert shares.counts.shape == (0, 4)


def test_every_analysis_of_nobody_is_empty_with_its_columns():
    grades = unknown().grades
    assert list(ecdf(grades)) == ["score", "share"]
    drawn, sure = doubt(grades, draws=100), certainty(unknown())
    assert drawn.expected == 0
    somebody = certainty(settle(graded({"a": 90.0})))
    for name in ("table", "odds", "worst"):
        mine, theirs = getattr(sure, name), getattr(somebody, name)
        assert (len(mine), sorted(mine)) == (0, sorted(theirs))
    empty = [near_cuts(grades).table, differences(grades).pairs, ecdf(grades)]
    empty += [concentration(grades), lanes(grades), score_ranges(grades), drawn.table]
    assert [len(table) for table in empty] == [0] * len(empty)
    seen = overview(unknown())
    assert (seen.n, seen.checks, seen.tone) == (0, (), "watch")


def test_variants_and_stages_of_nobody_count_nobody():
    base, leads, *_ = schemes()
    nothing = nothing_read()
    found = compare(nothing, [base, leads])
    assert found.table.loc["n"].tolist() == [0, 0]
    assert found.teams.loc["n"].to_numpy().sum() == 0
    assert found.nobody == ("nobody.unknown", {"unknown": 4})
    stages = compare_stages(nothing, base, leads)
    assert (stages.numbers["n"], stages.path.n) == (0, 0)


def test_a_review_of_nobody_says_so_first():
    seen = review(unknown())
    assert seen.words(people=True) == ("nobody.unknown", {"unknown": 3})
    assert (seen.paid, review(settle(graded({"a": 90.0}))).paid) == (None, Decimal("900.00"))
    assert settle(graded({"a": 90.0})).nobody is None


def test_who_was_away_is_not_said_to_hold_a_role_without_indicators():
    """The planners' role has two items; of a neither occurred, of b one is not known."""
    away = {("a", "creative_ctr"): "not_applicable", ("a", "page_conversion"): "not_applicable"}
    only = settle(graded({"a": 90.0}, status=away))
    assert only.nobody == ("nobody.idle", {"idle": 1})
    both = graded({"a": 90.0, "b": 70.0}, status=away | {("b", "creative_ctr"): "unknown"})
    assert settle(both).nobody == ("nobody.unknown_and_idle", {"unknown": 1, "idle": 1})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_way_in_which_nobody_is_graded_has_its_sentence(lang):
    reasons = ("unknown", "no_score", "idle")
    for n in (1, 2, 3):
        for held in combinations(reasons, n):
            said = lookup(lang)(f"nobody.{'_and_'.join(held)}", **dict.fromkeys(held, 7))
            assert said.count("7") == n


def test_what_each_weight_does_to_nobody_is_an_empty_table_with_its_columns():
    somebody = settle(graded({"a": 90.0}))
    for made in (influence.tornado, influence.leave_one_out, influence.certified_boxes):
        assert (len(made(unknown())), list(made(unknown()))) == (0, list(made(somebody)))


@pytest.mark.parametrize("made", [assumptions.variance_shares, assumptions.payroll_range])
def test_nothing_can_be_drawn_of_nobody(made):
    said = (
        "assumptions, month 2025-05: nobody has a score, so there is nothing that could vary. "
        "To mend: settle the open readings first; the monthly review lists them."
    )
    with pytest.raises(KpiError, match="nobody has a score") as refused:
        made(unknown())
    assert str(refused.value) == said


@pytest.fixture(scope="module")
def crew(tmp_path_factory):
    """Return the made-up company with the camera operator alone in the studio, two months long."""
    folder = tmp_path_factory.mktemp("crew")
    shutil.copytree(ROOT / "data" / "sample", folder, dirs_exist_ok=True)
    for old in sorted((folder / "exports").iterdir())[:-2]:
        shutil.rmtree(old)
    people = (folder / "people.csv").read_text(encoding="utf-8-sig").splitlines()
    moved = [line if "拍摄师" in line else line.replace(",studio,", ",video,") for line in people]
    (folder / "people.csv").write_text("\n".join(moved) + "\n", encoding="utf-8")
    return folder


NOTEBOOKS = (
    "grade_distribution",
    "monthly_review",
    "scheme_variants",
    "scorecard",
    "stage_scoring",
    "weight_sensitivity",
)
PAGES = [(name, who) for name in NOTEBOOKS for who in ("hr", "leadership")]
PAGES += [("calibration", "hr")]
SAID = {
    "en": ("Nobody is graded here.", "To do: give these roles indicators in the scheme"),
    "zh": ("此处无人评级。", "需要做的：在方案中为该岗位设定指标"),
}
#: Said of nobody: figures of nobody, and tables whose every cell is a dash.
HOLLOW = ("0 of 0", "0名已评级", "at – of", "处于–")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("notebook", "audience"), PAGES)
def test_a_page_opens_and_says_that_nobody_is_graded_and_what_to_do(
    notebook, audience, lang, crew, monkeypatch
):
    pages = []

    def page(name, **kinds):
        pages.append(Heard(name, **kinds))
        return pages[-1]

    monkeypatch.setattr(display, "Page", page)
    held: dict[str, object] = {}
    cells = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    for cell in cells["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), held)
            if "parameters" in cell["metadata"].get("tags", []):
                held |= {"data": str(crew), "team": "studio", "lang": lang}
                held["audience"] = audience
    verdict = pages[0].text_of("verdict")
    first, then = SAID[lang]
    assert first in verdict
    assert then in verdict
    assert pages[0].kinds()[-1] == "footer"
    drawn = pages[0].kinds().count("figure")
    assert drawn == (notebook == "calibration")  # its raters rated other teams too
    assert not [words for words in HOLLOW if words in pages[0].said]


def test_where_no_dimension_can_be_told_apart_no_stage_is_guessed():
    """One dimension is no direction: the sentence says what it takes, and no dash stands in it."""
    base, *_ = schemes()
    stages = {
        key: {"title": {"en": key, "zh": key}, "profile": {"cost": 1}} for key in ("young", "grown")
    }
    rules = base if base.stages else base.revise(stages=stages)
    start, end = list(rules.stages)[:2]
    page = Heard("stage_scoring")
    show_position(page, position({"2025-05": nothing_read()}, rules, start, end), "own", ("S", "E"))
    assert "cannot be told: that takes two measured dimensions" in page.said
    assert "–" not in page.said
    assert page.tables == {}


@pytest.mark.parametrize(
    ("audience", "counted"), [("hr", "4 people"), ("leadership", "fewer than 5 people")]
)
def test_a_comparison_in_a_terminal_says_it_too(audience, counted):
    base, leads, *_ = schemes()
    out = Console(file=io.StringIO(), width=500)
    print_comparison(compare(nothing_read(), [base, leads]), lookup("en"), view(audience), out)
    said = out.file.getvalue()
    assert said.startswith(f"Nobody is graded here. A reading is unknown of {counted},")
    assert len(said.splitlines()) == 1
