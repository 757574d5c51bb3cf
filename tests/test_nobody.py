"""A team in which nobody is graded: every analysis is empty, and every page opens and says so."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from kpilib import display
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
from kpilib.outcomes import settle
from kpilib.review import review
from kpilib.stages import compare_stages
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
    assert review(unknown()).words(people=True) == ("nobody.unknown", {"unknown": 3})
    assert settle(graded({"a": 90.0})).nobody is None


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


NOTEBOOKS = ("grade_distribution", "monthly_review", "scheme_variants", "stage_scoring")


@pytest.mark.parametrize("audience", ["hr", "leadership"])
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_page_opens_and_says_that_nobody_is_graded_and_what_to_do(
    notebook, audience, crew, monkeypatch
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
                held |= {"data": str(crew), "team": "studio", "audience": audience}
    verdict = pages[0].text_of("verdict")
    assert "Nobody is graded here." in verdict
    assert "To do: give these roles indicators in the scheme" in verdict
    assert pages[0].kinds()[-1] == "footer"


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
