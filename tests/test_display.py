"""What a notebook shows: escaped values, tables that are read aloud, figures without surprises."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from kpilib import display, provenance
from kpilib.errors import KpiError
from kpilib.markup import column_rules
from kpilib.scheme import read_scheme
from kpilib.style import style
from kpilib.texts import Texts

NAN = float("nan")
WORDS = {
    "test.title": "Review of {month:month}",
    "test.subtitle": "{team}",
    "test.verdict": "**{n:people} {n|plan|plans}** to agree",
    "test.section": "Near a cut",
    "test.say": "{who} stands near",
    "test.table": "People of {month:month}",
    "test.note": "Cut {cut:points}",
    "test.figure": "{n:count} of them have A",
    "test.alt": "Bars: A {n:count}, B {m:count}",
    "test.fact": "Head count",
    "test.own": "own header",
    "test.room": "Causes",
}
ROLES = ["host", "editor"]
SCHEME = read_scheme("published")
NAMES = pd.DataFrame(
    {"person": ["p001", "p002", "p003"], "name": ["<b>甲</b>", "=1+2", "=1+2"], "team": "live"}
)


@pytest.fixture(autouse=True)
def _own_style():
    """Leave matplotlib's settings as they were: a page sets them for a whole notebook."""
    with mpl.rc_context():
        yield


@pytest.fixture
def shown(monkeypatch):
    """Collect what a page shows, as (HTML, what it is)."""
    out: list[tuple[str, dict[str, str]]] = []

    def collect(data, *, raw, metadata):
        assert raw
        assert set(data) == {"text/html", "text/plain"}
        out.append((data["text/html"], metadata["kpilib"]))

    monkeypatch.setattr("IPython.display.display", collect)
    return out


def page_of(audience="hr", lang="en") -> display.Page:
    page = display.Page("test", lang=lang, audience=audience)
    page.t = Texts(page.t.lang, page.t.entries | WORDS, small_counts=page.t.small_counts)
    page.labels._texts = page.t
    page.know(SimpleNamespace(scheme=SCHEME, table=NAMES))
    return page


class Cells(HTMLParser):
    """Read a table back: tag, attributes and text of each cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[tuple[str, dict[str, str | None], str]] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in {"td", "th", "caption"}:
            self.cells.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        if self.cells:
            tag, attrs, text = self.cells[-1]
            self.cells[-1] = (tag, attrs, text + data)


def test_title_and_verdict_say_what_they_are(shown):
    page = page_of()
    page.title(month="2025-05", team="")
    page.verdict("verdict", tone="act", n=1)
    _, (title, about), (verdict, what) = shown
    assert about == {"kind": "title", "text": "Review of May 2025"}
    assert "<h1>Review of May 2025</h1>" in title
    assert '<p class="subtitle">All teams</p>' in title
    assert what == {"kind": "verdict", "text": "1 plan to agree", "tone": "act"}
    assert '<div class="verdict act"><p><strong>1 plan</strong> to agree</p></div>' in verdict


def test_the_style_for_jupyterlab_is_marked_so_that_pages_drop_it(shown):
    page_of().title(month="2025-05", team="live")
    assert [about["kind"] for _, about in shown] == ["lab", "title"]
    assert "直播团队" not in shown[1][0]
    assert "Live team" in shown[1][0]


def test_a_value_is_escaped_wherever_it_stands(shown):
    page = page_of()
    evil = '<script>alert("x")</script>'
    page.say("say", who=evil)
    page.items([evil])
    page.table(pd.DataFrame({"team": [evil], "score": [1.0]}), caption="table", month="2025-05")
    page.show(Figure(), caption="figure", alt="alt", n=1, m=2)
    assert not any("<script" in block for block, _ in shown)
    assert sum(block.count("&lt;script&gt;") for block, _ in shown) == 3


def test_a_section_is_an_entry_of_the_contents(shown):
    page_of().section("section")
    assert shown == [
        (
            '<div class="kpi" lang="en"><h2 id="s-section">Near a cut</h2></div>',
            {"kind": "section", "text": "Near a cut", "id": "s-section"},
        )
    ]


def test_facts_are_a_list_of_terms(shown):
    page_of().facts(("fact", 1234, "count"))
    assert '<dl class="facts"><div><dt>Head count</dt><dd>1,234</dd></div></dl>' in shown[0][0]


def test_a_table_has_caption_scopes_and_numbers_to_the_right(shown):
    frame = pd.DataFrame(
        {"person": ["p001", "p002"], "role": ROLES, "score": [80.51, NAN], "grade": ["A", None]}
    ).set_index("person")
    page_of().table(frame, caption="table", month="2025-05")
    read = Cells(shown[0][0])
    assert read.cells == [
        ("caption", {}, "People of May 2025"),
        ("th", {"scope": "col"}, "Person"),
        ("th", {"scope": "col"}, "Role"),
        ("th", {"scope": "col"}, "Score"),
        ("th", {"scope": "col"}, "Grade"),
        ("th", {"scope": "row"}, "<b>甲</b>"),
        ("td", {}, "Host"),
        ("td", {}, "80.5"),
        ("td", {}, "A"),
        ("th", {"scope": "row"}, "=1+2 (p002)"),
        ("td", {}, "Editor"),
        ("td", {}, "–"),
        ("td", {}, "–"),
    ]
    assert '<table class="s1 s2 n3 s4 brief">' in shown[0][0]
    assert "id=" not in shown[0][0]


def test_an_unknown_is_a_dash_to_the_eye_and_a_word_to_the_ear(shown):
    page_of(lang="zh").table(pd.DataFrame({"team": ["live"], "n": [NAN]}), caption="page.pages_of")
    assert '<td><span role="img" aria-label="未知">–</span></td>' in shown[0][0]


def test_a_reading_is_written_in_the_unit_of_its_indicator(shown):
    frame = pd.DataFrame(
        {
            "indicator": ["hit_rate", "delivery_time", "watch_time", "cpm"],
            "value": [0.1234, 18.24, 150.0, 19.5],
        }
    )
    page_of().table(frame, caption="page.pages_of")
    said = [text for _, _, text in Cells(shown[0][0]).cells[3:]]
    assert said[1::2] == ["12.34%", "18.2 h", "2 min 30 s", "¥19.50"]


def test_columns_of_a_table_of_counts_are_headed_by_what_they_are(shown):
    frame = pd.crosstab(
        pd.Series(ROLES, name="role"), pd.Series(["2025-04", "2025-05"], name="month")
    )
    page_of(lang="zh").table(frame, caption="page.pages_of")
    heads = [text for tag, attrs, text in Cells(shown[0][0]).cells if attrs.get("scope") == "col"]
    assert heads == ["岗位", "2025年4月", "2025年5月"]


def test_the_last_row_may_be_a_total_and_a_note_may_follow(shown):
    frame = pd.DataFrame({"team": ["live", "Total"], "n": [7, 7]})
    page_of().table(
        frame,
        caption="table",
        headers={"n": "own"},
        total=True,
        note="note",
        month="2025-05",
        cut=80,
    )
    text = shown[0][0]
    assert '<tfoot><tr><th scope="row">Total</th><td>7</td></tr></tfoot>' in text
    assert "own header" in text
    assert text.endswith('</div><p class="note">Cut 80.0</p></div>')


def test_each_kind_of_column_has_one_rule_for_all_tables():
    """Said once for a column, not for each cell: a page of sixty cards would double."""
    text = '<table class="s1 n2 l3 brief"><table class="n2"><table class="n10"><p class="n4">'
    assert column_rules(text) == (
        ".kpi .n2 tr>:nth-child(2),.kpi .n10 tr>:nth-child(10)"
        "{text-align:right;white-space:var(--number,nowrap)}"
        ".kpi .s1 tr>:nth-child(1){white-space:var(--short,nowrap)}"
        ".kpi .l3 tr>:nth-child(3){min-width:var(--long,15rem);word-break:normal}"
    )
    assert column_rules("<table>") == ""


def test_an_empty_table_says_so_in_a_sentence(shown):
    page_of().table(pd.DataFrame({"team": []}), caption="table", month="2025-05")
    assert "<p>People of May 2025: none.</p>" in shown[0][0]


@pytest.mark.parametrize(
    ("text", "wide"), [("x " * 20, False), ("x" * 30, True), ("宽" * 15, True)]
)
def test_a_table_that_a_telephone_may_cut_can_be_reached_by_keyboard(text, wide, shown):
    page_of().table(pd.DataFrame({"team": [text], "n": [1]}), caption="table", month="2025-05")
    box = '<div class="scroll" role="group" aria-label="People of May 2025" tabindex="0">'
    assert (box in shown[0][0]) == wide


def test_figures_that_come_as_text_stand_to_the_right_too(shown):
    """A table whose rows have units of their own brings them written; dates stay to the left."""
    frame = pd.DataFrame(
        {
            "value": ["¥192,097", "−0.5%", "18.2 h"],
            "reading": ["12元", "> 99%", None],
            "month": ["2025-05", "2025-04", "2025-03"],
            "grade": ["A", "B", "12 to go"],
        }
    )
    page_of().table(frame, caption="table", formats={"month": "text"}, month="2025-05")
    assert '<table class="n1 n2 s3 s4 brief">' in shown[0][0]


def test_a_total_row_is_blank_where_there_is_nothing_to_total(shown):
    """But a total that is not known, because a row is not, says so."""
    frame = pd.DataFrame(
        {"team": ["a", "b", "Total"], "value": [1.0, 2.0, NAN], "contribution": [3.0, NAN, NAN]}
    )
    page_of().table(frame, caption="table", total=True, month="2025-05")
    foot = shown[0][0].split("<tfoot>")[1].split("</tfoot>")[0]
    assert foot == (
        '<tr><th scope="row">Total</th><td></td>'
        '<td><span role="img" aria-label="unknown">–</span></td></tr>'
    )


def test_a_column_without_words_is_named_with_a_near_one():
    with pytest.raises(KpiError) as error:
        page_of().table(pd.DataFrame({"scoore": [1]}), caption="table", month="2025-05")
    assert str(error.value) == (
        "texts/en: no text named 'columns.scoore'. To mend: did you mean 'columns.score'? "
        "Else add it to texts/en and texts/zh (columns.yaml)."
    )


def test_a_value_without_a_place_is_refused():
    with pytest.raises(KpiError) as error:
        page_of().show(Figure(), caption="figure", alt="alt", n=1, m=2, k=3)
    assert str(error.value) == (
        "texts/en, test.figure and test.alt: no place for k. To mend: pass the values that the "
        "text names, no more and no fewer."
    )


PERSONAL = pd.DataFrame({"person": ["p001"], "score": [80.0], "base_pay": [1.0], "pay": [2.0]})


def test_an_analyst_reads_ids_and_no_pay(shown):
    page = page_of("analyst")
    page.table(PERSONAL, caption="table", month="2025-05")
    said = [text for _, _, text in Cells(shown[0][0]).cells]
    assert said == ["People of May 2025", "ID", "Score", "p001", "80.0"]
    assert page.people(["p001", "p002"]) == ["p001", "p002"]


def test_leadership_reads_nothing_of_single_people(shown):
    page = page_of("leadership")
    page.table(PERSONAL, caption="table", month="2025-05")
    page.say("say", people=True, who=page.person("p001"))
    page.items(["p001"], people=True)
    page.show(Figure(), caption="figure", alt="alt", people=True, n=1, m=2)
    assert shown == []
    assert page.person("p001") == "one person"
    page.verdict("verdict", n=3)
    assert "fewer than 5 plans" in shown[0][0]


def test_leadership_reads_dots_for_small_groups(shown):
    page = page_of("leadership")
    groups = pd.DataFrame({"team": ["a", "b", "c"], "n": [2, 6, 9], "mean": [1.0, 2.0, 3.0]})
    page.table(page.suppress(groups, columns=["mean"]), caption="table", month="2025-05")
    said = [text for tag, _, text in Cells(shown[0][0]).cells if tag == "td"]
    assert said == ["·"] * 4 + ["9", "3"]
    assert (
        shown[0][0].count(
            'aria-label="not shown, or a group of fewer than 5 people could be worked out"'
        )
        == 4
    )


def drawn() -> Figure:
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.scatter([1, 2], [3, 4], label="<i>甲</i>")
    axes.plot([1, 2], [4, 3], label="$x")
    axes.legend()
    return figure


def test_a_figure_is_svg_with_its_text_and_alternative_text(shown):
    page_of().show(drawn(), caption="figure", alt="alt", n=4, m=5)
    text, about = shown[0]
    assert about == {"kind": "figure"}
    assert "<figure><figcaption>4 of them have A</figcaption>" in text
    assert 'role="img" aria-label="Bars: A 4, B 5"' in text
    assert "&lt;i&gt;甲&lt;/i&gt;</text>" in text
    assert ">$x</text>" in text
    for foreign in ("<style", "style=", "<metadata", "xlink", "font-family", "http", "<?xml"):
        assert foreign not in text, foreign


def test_ids_of_figures_are_used_and_never_twice(shown):
    page = page_of()
    for _ in range(2):
        page.show(drawn(), caption="figure", alt="alt", n=4, m=5)
    text = "".join(block for block, _ in shown)
    ids = re.findall(r' id="([^"]+)"', text)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    assert len(ids) == len(set(ids)) > 4
    assert set(ids) == used


def test_a_figure_has_the_same_bytes_each_time(shown):
    for _ in range(2):
        page_of().show(drawn(), caption="figure", alt="alt", n=4, m=5)
    assert shown[0] == shown[1]


def test_coordinates_survive_the_slimming():
    """Each point of a line stands within 0.01 of where matplotlib drew it."""
    from kpilib.svg import inline_svg

    with mpl.rc_context(style()):
        figure = Figure(figsize=(5, 2))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 360), ylim=(0, 144))
        points = np.array([[1.234, 1e-9], [100.005, 77.777], [359.99, 143.5]])
        axes.plot(*points.T)
        text = inline_svg(figure, "f", "x")
    line = re.search(r'<path d="M ([^"]*)" clip-path', text)
    assert line is not None
    got = np.array([float(x) for x in line[1].replace("L", "").split()]).reshape(-1, 2)
    assert np.abs(got - np.c_[points[:, 0], 144 - points[:, 1]]).max() < 0.006


def test_a_sign_that_no_font_has_is_told_but_a_letter_is_not():
    """A reader's own font draws a rare letter of a name; a missing arrow is a fault of ours."""
    from kpilib.svg import inline_svg

    with mpl.rc_context(style()):
        rare = Figure()
        rare.text(0.5, 0.5, "陳\N{CJK UNIFIED IDEOGRAPH-3403}")
        assert "\N{CJK UNIFIED IDEOGRAPH-3403}" in inline_svg(rare, "f", "x")
        odd = Figure()
        odd.text(0.5, 0.5, "\N{RIGHTWARDS SANS-SERIF ARROW}")
        with pytest.warns(UserWarning, match="RIGHTWARDS SANS-SERIF ARROW"):
            inline_svg(odd, "f", "x")


def test_room_to_write_is_ruled(shown):
    page_of().room("room", lines=3)
    assert '<div class="room"><p>Causes</p><div></div><div></div><div></div></div>' in shown[0][0]


def test_the_footer_says_where_the_figures_come_from(shown, monkeypatch):
    monkeypatch.setenv(provenance.COMMIT_VARIABLE, "abc1234")
    monkeypatch.setattr(provenance, "version", lambda: "0.1.0")
    files = pd.DataFrame(
        {
            "file": ["a", "b"],
            "sha256": ["1", "2"],
            "rows_in": [10, 5],
            "used": [9, 5],
            "set_aside": [1, 0],
        }
    )
    receipt = SimpleNamespace(files=files, excluded=pd.DataFrame())
    month = SimpleNamespace(receipt=receipt, data="/somewhere/acme")
    readings = SimpleNamespace(
        month=month, scheme=SCHEME, table=pd.DataFrame({"status": ["ok", "unknown", "ok"]})
    )
    scores = SimpleNamespace(
        readings=readings, table=pd.DataFrame({"status": ["ok", "unknown", "no_score"]})
    )
    page_of().footer(SimpleNamespace(scores=scores), month="2025-05", data="/x", team="", seed=7)
    said = re.sub(r"<[^>]+>", "|", shown[0][0])
    parts = [part for part in said.split("|") if part]
    assert parts == [
        "Period",
        "May 2025",
        "Scheme",
        f"Published scheme (published, rules {SCHEME.hash})",
        "Data",
        f"acme: 2 files, 15 rows in, 14 used, 1 set aside (data {provenance.hash_of_data(files)})",
        "Excluded",
        "no row by a decision of people (exclusions.csv)",
        "People",
        "1 of 3 people scored, 1 reading missing",
        "Parameters",
        "seed 7",
        "Made with",
        "kpilib 0.1.0, commit abc1234",
        "For HR: this page holds names and pay. Do not pass it on.",
    ]


def test_the_hash_of_data_hangs_on_every_file_and_on_no_order():
    files = pd.DataFrame({"file": ["a", "b"], "sha256": ["1", "2"]})
    same = provenance.hash_of_data(files)
    assert provenance.hash_of_data(files[::-1]) == same
    assert provenance.hash_of_data(files.assign(sha256=["1", "3"])) != same
    assert provenance.hash_of_data(files.assign(file=["a", "c"])) != same


def test_any_file_of_the_package_remakes_the_pages_but_no_compiled_one(tmp_path, monkeypatch):
    """A template counts as code does; what Python compiles on the way does not."""
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "provenance.py"))
    for name in ("templates/list.html", "texts/en/page.yaml", "a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("old")
        before = provenance.hash_of_code()
        (tmp_path / name).write_text("new")
        assert provenance.hash_of_code() != before, name
    before = provenance.hash_of_code()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    assert provenance.hash_of_code() == before
