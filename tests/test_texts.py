"""Words of pages: the same in both languages, and values that are only ever data."""

from __future__ import annotations

import html
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.texts import LANGS, Texts, lookup, slots
from kpilib.texts.numerals import FORMS, write

EN, ZH = lookup("en"), lookup("zh")
HAN = re.compile(r"[⺀-鿿豈-﫿]")
SLOT = re.compile(r"\{[^{}]*\}")
# What stands in the other language on purpose: the link to it.
BOTH = {"page.other_language"}
ENTRIES = [(t.lang, key, text) for t in (EN, ZH) for key, text in t.entries.items()]


def of(**entries: str) -> Texts:
    return Texts("en", entries | {"words.fewer_than_5": "fewer than 5"})


def test_both_languages_have_the_same_texts():
    assert sorted(EN.entries) == sorted(ZH.entries)
    assert len(EN.entries) > 100


def test_both_languages_name_the_same_values():
    other = {key: (slots(EN.raw(key)), slots(ZH.raw(key))) for key in EN.entries}
    assert {key: pair for key, pair in other.items() if pair[0] != pair[1]} == {}


def test_english_holds_no_chinese():
    assert [k for k, text in EN.entries.items() if HAN.search(text) and k not in BOTH] == []


def test_chinese_holds_no_latin_sentence():
    """Names such as KPI or results.xlsx may stand; four Latin words in a row are a sentence."""
    sentence = re.compile(r"[A-Za-z]+(?:[ ,]+[A-Za-z]+){3,}")
    assert [k for k, text in ZH.entries.items() if sentence.search(SLOT.sub("1", text))] == []


@pytest.mark.parametrize("lang", LANGS)
def test_no_text_speaks_of_elimination(lang):
    said = " ".join(lookup(lang).entries.values()).casefold()
    assert re.findall("淘汰|eliminat", said) == []


def test_every_named_format_exists():
    named = {(key, form) for _, key, text in ENTRIES for form in re.findall(r"\{\w+:(\w+)\}", text)}
    assert {(key, form) for key, form in named if form not in FORMS} == set()
    assert {form for _, form in named} >= {"count", "month"}


def test_every_brace_is_a_slot():
    left = [(lang, key) for lang, key, text in ENTRIES if re.search(r"[{}]", SLOT.sub("", text))]
    assert left == []
    odd = [(lang, key) for lang, key, text in ENTRIES if len(slots(text)) == 0 and "{" in text]
    assert odd == []


def test_the_shipped_font_has_every_letter():
    from fontTools.ttLib import TTFont

    from kpilib.style import FONT

    with TTFont(FONT, lazy=True) as font:
        known = font.getBestCmap()
    used = {letter for text in ZH.entries.values() for letter in text if ord(letter) >= 0x2E80}
    assert {letter for letter in used if ord(letter) not in known} == set()


NAN = float("nan")
CASES = [
    (1234.5, "count", "1,234", "1,234"),
    (80.5, "points", "80.5", "80.5"),
    (33.333, "points2", "33.33", "33.33"),
    (3.0, "number", "3", "3"),
    (12345.678, "number", "12,345.68", "12,345.68"),
    (0.351, "percent", "35%", "35%"),
    (0.351, "percent1", "35.1%", "35.1%"),
    (0.0351, "percent2", "3.51%", "3.51%"),
    (3.25, "signed", "+3.2", "+3.2"),
    (-3.25, "signed", "−3.2", "−3.2"),
    (-0.04, "signed", "0.0", "0.0"),
    (-0.018, "signed_percent", "−1.8%", "−1.8%"),
    (1234.4, "signed_money", "+¥1,234", "+1,234元"),
    (-1234.6, "signed_money", "−¥1,235", "−1,235元"),
    (0.4, "signed_money", "¥0", "0元"),
    (0.032, "pp", "3.2 points", "3.2个百分点"),
    (12345.4, "money", "¥12,345", "12,345元"),
    (-12, "money", "−¥12", "−12元"),
    (5495.57, "money2", "¥5,495.57", "5,495.57元"),
    (45.5, "seconds", "45.5 s", "45.5秒"),
    (59.97, "seconds", "1 min 0 s", "1分0秒"),
    (150, "seconds", "2 min 30 s", "2分30秒"),
    (18.24, "hours", "18.2 h", "18.2小时"),
    (0.0, "odds", "0%", "0%"),
    (0.004, "odds", "< 1%", "< 1%"),
    (0.996, "odds", "> 99%", "> 99%"),
    (1.0, "odds", "100%", "100%"),
    (0.186, "tolerance", "19%", "19%"),
    (float("inf"), "tolerance", "> 100%", "> 100%"),
    (0.0186, "tolerance1", "1.9%", "1.9%"),
    (float("inf"), "tolerance1", "> 100%", "> 100%"),
    (float("-inf"), "signed", "−∞", "−∞"),
    ("2025-05", "month", "May 2025", "2025年5月"),
    ("2025-12-31", "day", "31 December 2025", "2025年12月31日"),
    (pd.Timestamp("2025-06-15"), None, "15 June 2025", "2025年6月15日"),
    ("2025-07", "day", "July 2025", "2025年7月"),
    (["A"], "list", "A", "A"),
    (["A", "B", "C"], None, "A, B and C", "A、B和C"),
    (np.int64(1234), None, "1,234", "1,234"),
    (np.float64(2.5), None, "2.5", "2.5"),
    (True, None, "yes", "是"),
    (np.bool_(False), None, "no", "否"),
    (None, "points", "–", "–"),
    (NAN, None, "–", "–"),
    (pd.NaT, "day", "–", "–"),
    (pd.NA, "count", "–", "–"),
    ("=1+2", None, "=1+2", "=1+2"),
]


@pytest.mark.parametrize(("value", "form", "english", "chinese"), CASES)
def test_values_are_written_as_the_language_writes_them(value, form, english, chinese):
    assert (EN.number(value, form), ZH.number(value, form)) == (english, chinese)


@given(st.floats(-1e12, 1e12))
def test_a_written_count_reads_back(value):
    text = write(value, "count", "en").replace(",", "").replace("−", "-")
    assert math.isclose(float(text), value, abs_tol=0.5)


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 people need"), (1, "1 person needs"), (2, "2 people need")]
)
def test_english_counts_one_and_many(n, said):
    assert of(x="{n:count} {n|person needs|people need}")("x", n=n) == said


def test_leadership_reads_no_head_count_below_five():
    """Also the word beside it must not say that it is one."""
    texts = Texts("en", of(x="{n:people} {n|person|people}").entries, small_counts=True)
    assert texts("x", n=0) == "0 people"
    assert texts("x", n=1) == "fewer than 5 people"
    assert texts("x", n=4) == "fewer than 5 people"
    assert texts("x", n=5) == "5 people"
    assert texts.number(3, "count") == "3"


def test_bold_words_stay_on_pages_only():
    texts = of(x="**{n} people** are > 5")
    assert texts("x", n=3) == "3 people are > 5"
    assert texts.html("x", n=3) == "<strong>3 people</strong> are &gt; 5"


@given(st.text())
def test_a_value_is_never_markup(value):
    """Nor a place for another value, nor bold."""
    written = of(x="a {v:text} b").html("x", v=value)
    assert written == f"a {html.escape(value)} b"


def test_a_value_is_not_read_as_a_text():
    assert of(x="{v} and {w}").html("x", v="{w} **b**", w="<i>") == "{w} **b** and &lt;i&gt;"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda: lookup("fr"),
            "lang: no texts in 'fr'. To mend: take one of en, zh.",
        ),
        (
            lambda: EN("words.unknwn"),
            "texts/en: no text named 'words.unknwn'. To mend: did you mean 'words.unknown'? "
            "Else add it to texts/en and texts/zh (words.yaml).",
        ),
        (
            lambda: of(x="{n} {m}")("x", n=1, k=2),
            "texts/en, x: no value for m; no place for k. To mend: pass the values that the text "
            "names, no more and no fewer.",
        ),
        (
            lambda: EN.number(1, "percnt"),
            "format 'percnt': there is no such format. To mend: take 'percent'.",
        ),
        (
            lambda: EN.number("x", "points"),
            "format 'points': cannot write 'x'. To mend: pass a value of its kind, or name "
            "another format.",
        ),
    ],
)
def test_a_mistake_is_named_with_its_remedy(act, said):
    with pytest.raises(KpiError) as error:
        act()
    assert str(error.value) == said
