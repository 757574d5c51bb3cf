"""The shipped font draws every Chinese name registered today, and says whose it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
FONTS = ROOT / "kpilib" / "fonts"
SHIPPED = FONTS / "NotoSansSC-subset.otf"


@pytest.fixture(scope="module")
def maker():
    """Return the script that cuts the font."""
    spec = importlib.util.spec_from_file_location("make_font", ROOT / ".ci/make_font.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def font():
    """Return the shipped font."""
    return TTFont(SHIPPED)


def test_font_draws_what_its_script_lists(maker, font):
    """Neither a sign forgotten after an edit of the list, nor one that nobody asked for."""
    mirrored = {"≅", "∋"}  # of ≌ and ∈; the cutter adds them for text from right to left
    assert {chr(code) for code in font.getBestCmap()} == maker.characters() | mirrored


def test_font_covers_what_pages_need(font):
    """The 6,763 hanzi that GB2312 counts, names beyond it, and the signs of figures."""
    drawn = {chr(code) for code in font.getBestCmap()}
    hanzi = {
        bytes([r, c]).decode("gb2312", "ignore")
        for r in range(0xB0, 0xF8)
        for c in range(0xA1, 0xFF)
    }
    assert len(hanzi - {""}) == 6763
    assert hanzi - {""} <= drawn
    names = "喆堃玥珺昇祎翀旻晞暄璟瑄玙琤赟韫骉㛃䶮燚垚犇淼囍龑"
    signs = "≤≥±×÷−–—…·•→↑↓▲▼●○✓★%‰¥°²σρμΣΔ（），。、《》“”：；？！１２３ＡＢＣ"
    assert set(names + signs) <= drawn


def test_font_carries_its_licence_and_its_own_name(maker, font):
    """OFL 1.1: copyright and licence travel with the file; a changed font has another name."""
    said = {n: font["name"].getDebugName(n) for n in (0, 1, 4, 6, 13, 14)}
    assert said[0] == "© 2014-2021 Adobe (http://www.adobe.com/)."
    assert (said[1], said[4], said[6]) == (maker.FAMILY, maker.FAMILY, "KpiSansSC-Regular")
    assert "SIL Open Font License, Version 1.1" in said[13]
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert licence.startswith("Copyright 2014-2021 Adobe (http://www.adobe.com/)")
    assert "SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007" in licence


def test_font_is_small_and_drawn_by_matplotlib(font):
    """It is cloned by everyone, and FreeType opens it under the name that figures ask for."""
    from matplotlib.ft2font import FT2Font

    assert SHIPPED.stat().st_size < 2_000_000
    assert set(font.keys()).isdisjoint({"GSUB", "GPOS", "vmtx"})
    assert FT2Font(str(SHIPPED)).family_name == "Kpi Sans SC"


def test_a_hanzi_is_listed_once(maker):
    """The list beside the font holds only what GB2312 lacks, each once."""
    lines = (FONTS / "hanzi.txt").read_text(encoding="utf-8").splitlines()
    listed = "".join(line for line in lines if not line.startswith("#"))
    assert len(listed) == len(set(listed)) == 1467 + 216
    assert set(listed).isdisjoint(maker.gb2312(16, 87))
