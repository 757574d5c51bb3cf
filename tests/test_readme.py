"""The README says what is true: its code runs, its commands and files exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
PAPERS = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def test_the_code_of_the_readme_gives_what_it_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=FLAGS)
    assert result.attempted >= 7
    assert result.failed == 0


@pytest.mark.parametrize("paper", PAPERS)
def test_the_papers_link_to_files_that_exist(paper):
    text = (ROOT / paper).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    missing = [link for link in links if not (ROOT / link).exists()]
    assert missing == []


@pytest.mark.parametrize("paper", PAPERS)
def test_the_papers_name_make_targets_that_exist(paper):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / paper).read_text("utf-8"), re.MULTILINE)
    assert set(named) <= targets


def test_both_readmes_name_every_notebook_that_makes_a_page():
    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    for paper in PAPERS[:2]:
        named = set(re.findall(r"`([a-z_]+)`", (ROOT / paper).read_text(encoding="utf-8")))
        assert notebooks <= named, paper
