"""Every notebook on the sample company, as pages: in Chromium, by axe, on paper."""

from __future__ import annotations

import functools
import html
import re
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from kpilib.appraisal import appraise
from kpilib.order import Order
from kpilib.report import make_pages
from kpilib.typeface import letters_of
from kpilib.variants import MEASURES

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
NEVER = {"weight_tuner"}  # works in JupyterLab only; its page is the next
WHAT_IF = "what_if"  # calculates, so no notebook makes it; the same for all, of all teams
PAGES = [name for name in NOTEBOOKS if name not in NEVER]
FOR_LEADERS = [name for name in PAGES if name not in ("scorecard", "calibration")]
FOR_ANALYSTS = [name for name in PAGES if name != "calibration"]  # it holds comments and raters
PAGE_LIMIT = 200_000  # bytes; half of a Chinese page is its font, which grows with its words
PATIENCE = 1800  # seconds that a worker waits for the pages of another
NARROW = {"width": 360, "height": 740}
ORDERS = {
    "hr": Order(data=SAMPLE, langs=("en", "zh")),
    "team": Order(data=SAMPLE, teams=("live",), langs=("zh",)),
    "leadership": Order(data=SAMPLE, langs=("en", "zh"), audience="leadership"),
    "analyst": Order(data=SAMPLE, langs=("en",), audience="analyst"),
}


@pytest.fixture(scope="session")
def made(tmp_path_factory, worker_id):
    """Make all pages once, whichever of pytest's workers comes first; the others wait."""
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / "pages"
    done, failed = out.with_suffix(".done"), out.with_suffix(".failed")
    try:
        out.mkdir()
    except FileExistsError:
        until = time.monotonic() + PATIENCE
        while not (done.exists() or failed.exists()) and time.monotonic() < until:
            time.sleep(0.2)
        assert done.exists(), "the other worker could not make the pages"
        return out
    try:
        for order in ORDERS.values():
            make_pages(replace(order, out=out))
    except BaseException:
        failed.touch()
        raise
    done.touch()
    return out


def page_at(made: Path, audience: str, team: str, notebook: str, lang: str) -> Path:
    folder = made if audience == "hr" else made / audience
    name = notebook if lang == "en" else f"{notebook}.{lang}"
    return folder / "2025-05" / team / f"{name}.html"


CASES = [
    *(("hr", "", name, lang) for name in PAGES for lang in ("en", "zh")),
    *(("hr", "live", name, "zh") for name in PAGES),
    *(("leadership", "", name, lang) for name in FOR_LEADERS for lang in ("en", "zh")),
    *(("analyst", "", name, "en") for name in FOR_ANALYSTS),
    *(("hr", "", WHAT_IF, lang) for lang in ("en", "zh")),
    *(("leadership", "", WHAT_IF, lang) for lang in ("en", "zh")),
    ("analyst", "", WHAT_IF, "en"),
]


@pytest.fixture
def people():
    return pd.read_csv(SAMPLE / "people.csv", dtype=str)


def test_no_notebook_is_forgotten(made):
    written = {path for path in made.rglob("*.html") if path.name != "index.html"}
    assert written == {page_at(made, *case) for case in CASES}
    assert {"monthly_review", "weight_sensitivity", "scorecard"} <= set(PAGES)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_page_opens_without_a_fault(case, made, browser):
    """No request, no console message, no sideways scroll at 360 px, nothing axe minds."""
    path = page_at(made, *case)
    assert path.stat().st_size <= PAGE_LIMIT
    tab = browser.new_page(viewport=NARROW)
    asked, said = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(path.as_uri())
    tab.evaluate("document.fonts.ready")
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert said == []
    width = tab.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"], f"{width} px wide"
    assert tab.locator("h1").count() == 1
    assert re.findall(r"\b(?:nan|NaN|NaT|None|inf)\b", tab.inner_text("body")) == []
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    tab.close()


@pytest.mark.parametrize("notebook", [*PAGES, WHAT_IF])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_prints_on_a4(notebook, lang, made, browser):
    tab = browser.new_page()
    tab.goto(page_at(made, "hr", "", notebook, lang).as_uri())
    paper = tab.pdf(format="A4", prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 1 <= sheets <= (40 if notebook == "scorecard" else 14)
    tab.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_leadership_reads_the_whole_comparison_on_two_sheets(lang, made, browser):
    """The page opens with the one table, and no row of it is left out."""
    tab = browser.new_page()
    tab.goto(page_at(made, "leadership", "", "scheme_variants", lang).as_uri())
    paper = tab.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 2
    rows = tab.locator("table").first.locator("tbody tr").count()
    assert rows == 4 + len(MEASURES) + 2 * 3  # grades; measures; pay and score of three teams
    tab.close()


@pytest.mark.parametrize("case", [c for c in CASES if c[3] == "zh"], ids="-".join)
def test_a_chinese_page_has_no_english_sentence_and_no_box(case, made, browser):
    """Three lower-case words in a row are a sentence; names of files and keys stand in the end."""
    tab = browser.new_page()
    tab.goto(page_at(made, *case).as_uri())
    assert boxes(tab) == []
    body = tab.inner_text("main")
    told = body.split(tab.locator("h2").last.inner_text())[0]
    assert re.findall(r"(?:\b[a-z]{2,}\b[ ,]+){2}\b[a-z]{2,}\b", told) == []
    tab.close()


def boxes(tab) -> list[str]:
    """Return the text of elements whose Chinese letters the page's own font does not draw.

    What Chromium tells of the fonts that it drew an element's own text with; of the same text in
    the same kind of element, the first.
    """
    tab.evaluate("document.fonts.ready")
    own = "[...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data).join('')"
    shown = f"[...document.querySelectorAll('main *')].map(e => [e.tagName, {own}])"
    devtools = tab.context.new_cdp_session(tab)
    for domain in ("DOM", "CSS"):
        devtools.send(f"{domain}.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    asked = {"nodeId": root, "selector": "main *"}
    nodes = devtools.send("DOM.querySelectorAll", asked)["nodeIds"]
    texts = list(map(tuple, tab.evaluate(shown)))
    first = {said: node for said, node in zip(texts[::-1], nodes[::-1], strict=True)}
    bad = []
    for (_, text), node in first.items():
        letters = set(letters_of(text))
        if not letters:
            continue
        fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        drawn = sum(font["glyphCount"] for font in fonts if font["isCustomFont"])
        if fonts and drawn < sum(map(text.count, letters)):  # none: not shown
            bad.append(text)
    return bad


FOR_OTHERS = [case for case in CASES if case[0] != "hr" or case[2] == WHAT_IF]


@pytest.mark.parametrize("case", FOR_OTHERS, ids="-".join)
def test_pages_for_others_hold_no_name_and_no_pay(case, made, people):
    audience = case[0]
    text = page_at(made, *case).read_text(encoding="utf-8")
    text = re.sub(r"url\([^)]*\)", "", text)  # a font's letters are no text
    assert [name for name in people["name"] if name in text] == []
    ids = [i for i in people["person"] if i in text]
    assert ids == [] or (audience == "analyst" and case[2] != WHAT_IF)
    pay = {f"{float(base):,.0f}" for base in people["base_pay"]} | set(people["base_pay"])
    assert {figure for figure in pay if re.search(rf"[>¥]{re.escape(figure)}[<.元]", text)} == set()
    assert [amount for amount in paid_in_may() if amount in text] == []
    assert [comment for comment in comments() if html.escape(comment) in text] == []


@functools.cache
def paid_in_may() -> list[str]:
    """Return what each person is paid for the month, as a page or a table would write it."""
    table = appraise(SAMPLE, "2025-05").table
    held = [amount for amount in table["pay"] if amount]
    return [form for amount in held for form in (f"{amount:,.2f}", str(amount))]


@functools.cache
def comments() -> list[str]:
    """Return what raters wrote, in any month."""
    files = sorted((SAMPLE / "ratings").glob("*.csv"))
    said = {c for f in files for c in pd.read_csv(f, dtype=str)["comment"].dropna()}
    assert len(said) > 5
    return sorted(said)


def test_a_page_for_hr_names_people_and_markup_in_a_name_stays_text(made, browser):
    path = page_at(made, "hr", "", "monthly_review", "en")
    assert "&lt;b&gt;测试&lt;/b&gt;员甲" in path.read_text(encoding="utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    assert "<b>测试</b>员甲" in tab.inner_text("main")
    tab.close()


def test_a_campaign_of_one_day_has_no_interval_and_objectives_have_no_weight(made):
    """What campaigns.csv and okr.csv declare is told on the page of that month."""
    text = page_at(made, "hr", "", "monthly_review", "en").read_text(encoding="utf-8")
    told = "With 1 day there, no interval is possible"
    assert text.count(told) == 2
    assert "Their completion has weight 0" in text


def test_the_first_screen_of_the_review_says_what_hr_has_to_do(made, browser):
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(page_at(made, "hr", "", "monthly_review", "en").as_uri())
    assert re.search(r"\d+ things to do", tab.inner_text(".verdict"))
    box = tab.locator("table").first.bounding_box()
    assert box["y"] < 900
    assert "improvement plan" in tab.locator("table").first.inner_text()
    tab.close()


@pytest.mark.parametrize("case", CASES[::3], ids="-".join)
def test_a_page_is_valid_html(case, made, html_validate):
    assert html_validate(page_at(made, *case)) == ""


def test_the_same_inputs_give_the_same_bytes(made, tmp_path):
    order = replace(ORDERS["hr"], notebooks=("stage_scoring",), out=tmp_path)
    again = make_pages(order).made
    assert len(again) == len(order.langs)
    for path in again:
        assert path.read_bytes() == (made / path.relative_to(tmp_path)).read_bytes()


def test_the_workbook_stands_beside_hrs_pages_only(made):
    books = {path.relative_to(made).as_posix() for path in made.rglob("*.xlsx")}
    assert books == {"2025-05/results.xlsx", "2025-05/live/results.xlsx"}
