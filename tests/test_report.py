"""Notebooks become pages, or an error that says which cell; the last good page stays."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from kpilib import kernel, report, sheet
from kpilib.errors import KpiError
from kpilib.index import read_entry
from kpilib.order import NOTEBOOKS, Order, months_between
from kpilib.plan import Plan, Spec
from kpilib.report import make_pages, run_notebook
from kpilib.sheet import Frame, page_of
from kpilib.typeface import font_face, letters_of

PARAMETERS = """\
data: str = "../data/sample"  # folder
month: str = "2025-05"  # month
scheme: str = "published"  # rules
team: str = ""  # team
lang: str = "en"  # language
audience: str = "hr"  # for whom
seed: int = 3  # draws
share: float = 0.5  # a number
loud: bool = False  # a switch
hidden = 1  # a second = hides it from papermill"""
FIRST = """\
from kpilib import display
page = display.Page("page", lang=lang, audience=audience)"""
TITLE = 'page.title("index_title", month=month)'
FRAME = Frame("en", "abc", {"month": "2025-05", "notebook": "small", "lang": "en"}, "index.html")


def notebook(*cells: str, **metadata: object) -> nbformat.NotebookNode:
    made = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    made += [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.v4.new_notebook(cells=made, metadata=metadata)


def shown(*outputs: tuple[str, dict[str, str]], cells=()) -> nbformat.NotebookNode:
    """Return a notebook that has run and shows these blocks."""
    blocks = [
        nbformat.v4.new_output("display_data", {"text/html": html}, metadata={"kpilib": about})
        for html, about in outputs
    ]
    cell = nbformat.v4.new_code_cell("secret = 1", outputs=blocks)
    return nbformat.v4.new_notebook(cells=[cell, *cells])


HEAD = ("<h1>A &amp; B</h1>", {"kind": "title", "text": "A & B"})
VERDICT = ("<p>All is well</p>", {"kind": "verdict", "text": "All is well"})
SECTION = ('<h2 id="s-a">First</h2>', {"kind": "section", "text": "First", "id": "s-a"})
SAID = ("<p>said</p>", {"kind": "text"})


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a notebook `small`, and a team's folder with two empty months."""
    (tmp_path / "notebooks").mkdir()
    for month in ("2025-04", "2025-05"):
        (tmp_path / "data" / "exports" / month).mkdir(parents=True)
    return tmp_path


def put(folder: Path, *cells: str, name: str = "small", **metadata: object) -> Path:
    path = folder / "notebooks" / f"{name}.ipynb"
    nbformat.write(notebook(*cells, **metadata), path)
    return path


def order_of(folder: Path, **changes: object) -> Order:
    settings = {"data": folder / "data", "out": folder / "pages", "folder": folder / "notebooks"}
    return Order(**settings | changes)


def spec_of(path: Path, out: Path, **parameters: object) -> Spec:
    return Spec(path, {"lang": "en", **parameters}, out, FRAME)


@pytest.fixture
def one_by_one(monkeypatch):
    """Work in this process, without the workbooks that need real data."""
    monkeypatch.setattr(report, "WORKERS", 1)
    books = []
    monkeypatch.setattr(report, "write_book", books.append)
    return books


# A page from what a notebook shows


def test_a_page_holds_what_is_shown_and_no_code():
    page = page_of(shown(HEAD, VERDICT, SECTION, SAID), "small", FRAME)
    assert "secret" not in page
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>A &amp; B</title>" in page
    assert '<meta name="description" content="All is well">' in page
    assert page.count("<h1") == 1
    contents = page.index('<nav class="toc"')
    assert page.index("All is well</p>") < contents < page.index('<h2 id="s-a">')
    assert '<li><a href="#s-a">First</a></li>' in page


def test_the_policy_allows_the_style_and_nothing_from_elsewhere():
    page = page_of(shown(HEAD), "small", FRAME)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    assert sheet.style_hash(style[1]) in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    assert rules.pop("style-src").startswith("'sha256-")
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not re.search(r"https?://", page)
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_a_returned_value_with_html_is_shown():
    """Nbconvert's base template would drop it: a table that ends a cell would vanish."""
    made = shown(HEAD)
    result = nbformat.v4.new_output("execute_result", {"text/html": "<p>returned</p>"})
    made.cells[0].outputs.append(result)
    assert "<p>returned</p>" in page_of(made, "small", FRAME)


def test_text_for_jupyterlab_and_the_other_language_stays_out():
    cells = [
        nbformat.v4.new_markdown_cell(f"said in {tag}", metadata={"tags": [tag]})
        for tag in ("lab", "en", "zh", "any")
    ]
    lab = ("<style>p {}</style>", {"kind": "lab"})
    page = page_of(shown(lab, HEAD, cells=cells), "small", FRAME)
    assert [tag for tag in ("lab", "en", "zh", "any") if f"said in {tag}" in page] == ["en", "any"]


def test_chinese_pages_carry_their_letters_and_english_ones_no_font():
    assert "@font-face" not in page_of(shown(HEAD), "small", FRAME)
    page = page_of(shown(HEAD), "small", replace(FRAME, lang="zh"))
    assert page.count("@font-face") == 1
    assert '<html lang="zh-CN">' in page


def test_the_font_on_a_page_has_the_letters_asked_for_and_no_others(tmp_path):
    from base64 import b64decode

    from fontTools.ttLib import TTFont

    rule = font_face("绩效A𬭩，绩")
    path = tmp_path / "font.woff2"
    path.write_bytes(b64decode(rule.split("base64,")[1].split('"')[0]))
    with TTFont(path) as font:
        assert {chr(c) for c in font.getBestCmap()} == set("绩效𬭩，")
    assert letters_of("绩效A𬭩，绩") == "效绩，𬭩"
    assert font_face("A+ − £") == ""
    assert font_face("绩效") == font_face("效绩")


def test_a_section_with_nothing_under_it_leaves_no_trace():
    """On a page for leadership a table of people is not shown; nor is the heading over it."""
    empty = ('<h2 id="s-b">Everyone</h2>', {"kind": "section", "text": "Everyone", "id": "s-b"})
    foot = ("<p>made with</p>", {"kind": "footer"})
    page = page_of(shown(HEAD, empty, SECTION, SAID, empty, foot), "small", FRAME)
    assert "Everyone" not in page
    assert '<li><a href="#s-a">First</a></li>' in page
    cells = [nbformat.v4.new_markdown_cell("words of mine", metadata={"tags": ["en"]})]
    assert "Everyone" in page_of(shown(HEAD, empty, cells=cells), "small", FRAME)


def test_a_page_may_link_to_its_other_language():
    page = page_of(shown(HEAD), "small", replace(FRAME, other="small.zh.html"))
    assert '<a href="small.zh.html" lang="zh-CN" hreflang="zh-CN">中文</a>' in page


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ([], "small: has 0 titles. To mend: call page.title(...) once."),
        ([HEAD, HEAD], "small: has 2 titles. To mend: call page.title(...) once."),
        (
            [HEAD, SECTION, SAID, SECTION, SAID],
            "small: has section 's-a' twice. To mend: give each section its own key.",
        ),
        (
            [HEAD, ("<h1>More</h1>", {"kind": "text"})],
            "small: has a main heading beside its title. To mend: begin headings with ##.",
        ),
        *(
            (
                [HEAD, (markup, {"kind": "text"})],
                f"small: shows markup that a page may not hold: {named}. To mend: show it through "
                "display.Page, without scripts, styles or addresses.",
            )
            for markup, named in [
                ("<script>x</script>", "<script>"),
                ('<img src="https://a.b/c.png" alt="">', "<img src>"),
                ('<p style="color: red">x</p>', "<p style>"),
                ("<p onclick='x()'>x</p>", "<p onclick>"),
                ("<style>p {}</style>", "<style>"),
                ('<link rel="stylesheet" href="a.css">', "<link>"),
            ]
        ),
    ],
)
def test_what_a_page_may_not_hold_is_refused(outputs, said):
    with pytest.raises(KpiError) as error:
        page_of(shown(*outputs), "small", FRAME)
    assert str(error.value) == said


def test_words_about_markup_are_no_markup():
    text = "<p>a &lt;script&gt; and style= and src=http://x</p>"
    assert "style= and" in page_of(shown(HEAD, (text, {"kind": "text"})), "small", FRAME)


# Parameters


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"mont": "2025-05"},
            "n, parameter 'mont': the notebook has no such parameter. To mend: did you mean "
            "'month'?",
        ),
        (
            {"xyz": "red"},
            "n, parameter 'xyz': the notebook has no such parameter. To mend: take one of "
            "audience, data, lang, loud, month, scheme, seed, share, team, or declare it in the "
            "notebook.",
        ),
        (
            {"hidden": 2},
            "n, parameter 'hidden': the notebook has no such parameter. To mend: keep one '=' on "
            "its line, comment included; a second one hides it from papermill.",
        ),
        (
            {"seed": "7"},
            "n, parameter 'seed': is int, found str '7'. To mend: pass a value of that type; a "
            "date is passed as text.",
        ),
        (
            {"seed": True},
            "n, parameter 'seed': is int, found bool True. To mend: pass a value of that type; a "
            "date is passed as text.",
        ),
    ],
)
def test_a_parameter_that_papermill_would_ignore_is_refused(given, said):
    made = notebook()
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "P"}
    with pytest.raises(KpiError) as error:
        kernel.check_parameters(made, given, "n")
    assert str(error.value) == said


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_parameter_of_a_notebook_can_be_set(path):
    """A second ``=`` on its line would hide one from papermill."""
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    written = {line.split(":")[0] for line in cell.source.splitlines() if line}
    assert set(kernel._declared(notebook)) == written


def test_typed_parameters_are_read_as_the_notebook_declares_them(tmp_path):
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook(), path)
    made = kernel.read_notebook(path)
    given = {"month": "007", "seed": "7", "share": "1", "loud": "True"}
    assert kernel.as_declared(made, given, "n") == {
        "month": "007",
        "seed": 7,
        "share": 1.0,
        "loud": True,
    }
    for name, text in {"seed": "007", "share": "much", "loud": "yes"}.items():
        with pytest.raises(KpiError, match=f"'{text}' is no (int|float|bool)"):
            kernel.as_declared(made, {name: text}, "n")


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text("[", encoding="utf-8")
    with pytest.raises(KpiError) as error:
        kernel.read_notebook(path)
    assert str(error.value) == (
        f"{path}: cannot be read as a notebook. To mend: save it anew in JupyterLab."
    )


# Running


def test_a_notebook_becomes_a_page_with_the_same_bytes_each_time(folder):
    """A figure, a table and a set of parameters; run twice, in two kernels."""
    figure = (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"
        "page.show(fig, caption='page.data', alt='page.people')"
    )
    path = put(folder, FIRST, TITLE, figure, "page.footer(None, month=month, seed=seed)")
    first = run_notebook(spec_of(path, folder / "a" / "x.html", month="2025-04", seed=7))
    second = run_notebook(spec_of(path, folder / "b" / "x.html", month="2025-04", seed=7))
    text = first.read_text(encoding="utf-8")
    assert text == second.read_text(encoding="utf-8")
    assert "Reviews of April 2025" in text
    assert "<dd>seed 7</dd>" in text
    assert text.count("<svg") == 1
    assert [p.name for p in (folder / "a").iterdir()] == ["x.html"]


FAILING = [
    (
        ["1 / 0"],
        "notebooks/small.ipynb, cell 2: ZeroDivisionError: division by zero To mend: mend that "
        "cell or its data; the last good page stays as it is.",
    ),
    (
        ["from kpilib import KpiError", "raise KpiError('file', 'is bad.', 'mend it.')"],
        "notebooks/small.ipynb, cell 3: file: is bad. To mend: mend it.",
    ),
    (
        ["import warnings", "warnings.warn('much too loud')"],
        "notebooks/small.ipynb, cell 3: warned: UserWarning: much too loud To mend: mend what it "
        "warns of.",
    ),
    (
        ["print('hello')"],
        "notebooks/small.ipynb, cell 2: prints. To mend: show it through display.Page.",
    ),
    (
        ["3"],
        "notebooks/small.ipynb, cell 2: shows text/plain, which a page cannot. To mend: end it "
        "without a value, or show it through display.Page.",
    ),
    (
        [
            FIRST,
            "from matplotlib.figure import Figure\nfig = Figure()\n"
            "fig.text(0, 0, '\\N{RIGHTWARDS SANS-SERIF ARROW}');",
            "page.show(fig, caption='page.data', alt='page.people')",
        ],
        "notebooks/small.ipynb, cell 4: warned: UserWarning: Glyph 129106 (\\N{RIGHTWARDS "
        "SANS-SERIF ARROW}) missing from font(s) DejaVu Sans, Kpi Sans SC. To mend: mend what it "
        "warns of.",
    ),
]


@pytest.mark.parametrize(
    ("cells", "said"), FAILING, ids=[said.split(":")[1] for _, said in FAILING]
)
def test_a_run_that_fails_says_which_cell_and_leaves_the_last_good_page(folder, cells, said):
    out = folder / "x.html"
    out.write_text("the last good page", encoding="utf-8")
    with pytest.raises(KpiError) as error:
        run_notebook(spec_of(put(folder, *cells), out))
    assert str(error.value).replace("Kpi Sans SC, DejaVu Sans", "DejaVu Sans, Kpi Sans SC") == said
    assert out.read_text(encoding="utf-8") == "the last good page"


def test_kernels_know_nothing_of_the_user(folder, monkeypatch):
    """Start-up files and a drawing backend of the user's own would change pages."""
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    start = folder / "ipython" / "profile_default" / "startup"
    start.mkdir(parents=True)
    (start / "00.py").write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.setenv("MPLBACKEND", "no such backend")
    path = put(folder, "import os\nassert os.environ['MPLBACKEND'] == 'agg'", FIRST, TITLE)
    run_notebook(spec_of(path, folder / "x.html"))
    assert os.environ["MPLBACKEND"] == "no such backend"


# A run


@pytest.fixture
def quick(monkeypatch, one_by_one):
    """Write pages without kernels: what the page is, and a count of those made."""
    made = []

    def write(spec):
        made.append(spec)
        done = shown(("<h1>x</h1>", {"kind": "title", "text": spec.notebook.stem}), VERDICT)
        return report.write_whole(spec.out, page_of(done, spec.where, spec.frame))

    monkeypatch.setattr(report, "run_notebook", write)
    return made


def names_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_pages_have_their_places(folder, quick):
    put(folder)
    done = make_pages(order_of(folder, months=["2025-04", "2025-05"], langs=["en", "zh"]))
    assert names_in(folder / "pages") == [
        "2025-04/index.html",
        "2025-04/small.html",
        "2025-04/small.zh.html",
        "2025-05/index.html",
        "2025-05/small.html",
        "2025-05/small.zh.html",
        "index.html",
    ]
    assert done.index == folder / "pages" / "index.html"
    assert len(done.made) == 4
    assert quick[0].frame.other == "small.zh.html"


def test_schemes_and_settings_have_their_places(folder, quick):
    put(folder)
    wanted = order_of(folder, schemes=["published", "mature"], settings={"seed": "9"})
    make_pages(wanted)
    assert names_in(folder / "pages") == [
        "2025-05/index.html",
        "2025-05/mature/small-seed-9.html",
        "2025-05/small-seed-9.html",
        "index.html",
    ]
    assert [spec.frame.home for spec in quick] == ["index.html", "../index.html"]
    assert quick[0].parameters["seed"] == 9


def test_pages_for_others_stand_apart_from_pages_with_names(folder, quick, one_by_one):
    put(folder, kpilib={"audiences": ["hr", "analyst"]})
    put(folder, name="open")
    make_pages(order_of(folder))
    assert len(one_by_one) == 1
    make_pages(order_of(folder, audience="leadership"))
    make_pages(order_of(folder, audience="analyst"))
    assert names_in(folder / "pages" / "leadership") == [
        "2025-05/index.html",
        "2025-05/open.html",
        "index.html",
    ]
    assert "small" in (folder / "pages" / "analyst" / "2025-05" / "index.html").read_text()
    assert len(one_by_one) == 1, "only HR gets a workbook"
    assert "leadership" not in (folder / "pages" / "index.html").read_text()


def test_only_their_owner_can_open_the_folders(folder, quick):
    put(folder)
    (folder / "there").mkdir(mode=0o755)
    for out in (folder / "new" / "pages", folder / "there"):
        make_pages(order_of(folder, out=out))
        for path in (out, out / "2025-05"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o700


def test_what_is_unchanged_is_kept(folder, quick):
    path = put(folder)
    make_pages(order_of(folder))
    again = make_pages(order_of(folder))
    assert (again.made, len(again.kept)) == ((), 1)
    assert len(make_pages(order_of(folder), force=True).made) == 1
    assert len(make_pages(order_of(folder, settings={"seed": "1"})).made) == 1
    (folder / "data" / "people.csv").write_text("person\n", encoding="utf-8")
    assert len(make_pages(order_of(folder)).made) == 1
    nbformat.write(notebook("1"), path)
    assert len(make_pages(order_of(folder)).made) == 1
    assert len(make_pages(order_of(folder)).kept) == 1


def test_the_data_may_move(folder, quick):
    """Their content counts, not their place."""
    put(folder)
    make_pages(order_of(folder))
    (folder / "data").rename(folder / "moved")
    assert make_pages(order_of(folder, data=folder / "moved")).made == ()


def test_the_index_says_the_months_verdict_once_and_links_its_pages(folder, quick):
    put(folder, name="monthly_review")
    put(folder, name="scorecard")
    done = make_pages(order_of(folder))
    text = done.index.read_text(encoding="utf-8")
    assert '<div class="verdict"><p>All is well</p></div>' in text
    assert text.count("All is well") == 1
    assert re.findall(r'<li><a href="([^"]+)">', text) == ["monthly_review.html", "scorecard.html"]
    whole = (folder / "pages" / "index.html").read_text(encoding="utf-8")
    assert '<a href="2025-05/index.html">May 2025</a><p>All is well</p>' in whole


def test_the_index_lists_a_page_once_with_its_other_language(folder, quick):
    put(folder)
    text = make_pages(order_of(folder, langs=["zh", "en"])).index.read_text(encoding="utf-8")
    assert (
        '<li><a href="small.zh.html">small</a> <a href="small.html" lang="en">English</a>' in text
    )
    assert text.count("<li>") == 1


def test_a_page_tells_the_index_what_it_is(folder, quick):
    put(folder)
    made = make_pages(order_of(folder, langs=["zh"])).made
    entry = read_entry(made[0])
    assert entry is not None
    assert (entry.title, entry.verdict) == ("small", "All is well")
    assert entry.about == {
        "notebook": "small",
        "month": "2025-05",
        "team": "",
        "scheme": "published",
        "lang": "zh",
    }
    assert re.fullmatch("[0-9a-f]{64}", entry.inputs)


def test_one_page_that_fails_does_not_stop_the_others(folder, one_by_one, monkeypatch):
    put(folder, name="bad")
    put(folder, name="good")

    def write(spec):
        if spec.notebook.stem == "bad":
            raise KpiError("bad, cell 1", "fails.", "mend it.")
        return report.write_whole(spec.out, page_of(shown(HEAD), "good", spec.frame))

    monkeypatch.setattr(report, "run_notebook", write)
    with pytest.raises(KpiError) as error:
        make_pages(order_of(folder))
    assert str(error.value) == "bad, cell 1: fails. To mend: mend it."
    assert names_in(folder / "pages" / "2025-05") == ["good.html", "index.html"]
    with pytest.raises(KpiError) as error:
        make_pages(order_of(folder, langs=["en", "zh"]))
    assert str(error.value) == (
        "2 of 5 files: could not be made.\n  bad, cell 1: fails. To mend: mend it. To mend: mend "
        "these; what is made already is kept."
    )


def test_pages_are_made_in_processes_of_their_own(folder, monkeypatch):
    """Two kernels at once; the same pages as one by one."""
    monkeypatch.setattr(Plan, "books", lambda self: iter(()))
    put(folder, FIRST, TITLE)
    order = order_of(folder, langs=["en", "zh"])
    made = make_pages(order).made
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in made]
    monkeypatch.setattr(report, "WORKERS", 1)
    again = make_pages(order, force=True).made
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in again] == before
    assert report.provenance.COMMIT_VARIABLE not in os.environ


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"months": ["2025-06"]},
            "{data}, month '2025-06': there is no such month. To mend: did you mean '2025-05'? "
            "There are 2025-04, 2025-05.",
        ),
        (
            {"langs": ["de"]},
            "lang: no texts in 'de'. To mend: take one of en, zh.",
        ),
        (
            {"audience": "boss"},
            "audience: no audience 'boss'. To mend: take one of hr, leadership, analyst.",
        ),
        (
            {"schemes": ["published", "published"]},
            "teams [] and schemes ['published', 'published']: would share a folder of pages. To "
            "mend: give each once, and no scheme a team's name.",
        ),
    ],
)
def test_a_name_that_is_not_known_is_refused(folder, changes, said):
    with pytest.raises(KpiError) as error:
        order_of(folder, **changes)
    assert str(error.value) == said.format(data=folder / "data")


def test_leaders_get_no_pages_of_single_teams(folder):
    """Nine editors in all and five in one team leave the four of the other."""
    with pytest.raises(KpiError) as error:
        order_of(folder, audience="leadership", teams=("", "live"))
    assert str(error.value) == (
        "audience 'leadership', teams ['live']: pages of a team beside those of all would give "
        "small groups away by subtraction. To mend: leave the team out; pages for leadership are "
        "about the whole company."
    )


def test_a_notebook_that_is_not_there_is_refused(folder):
    put(folder)
    with pytest.raises(KpiError) as error:
        list(Plan(order_of(folder, notebooks=["smal"])).pages())
    assert str(error.value) == (
        f"{folder / 'notebooks'}, notebook 'smal': there is no such notebook. To mend: did you "
        "mean 'small'? There is small."
    )


def test_a_notebook_for_others_is_refused_by_name(folder):
    put(folder, kpilib={"audiences": ["hr"]})
    with pytest.raises(KpiError) as error:
        list(Plan(order_of(folder, notebooks=["small"], audience="leadership")).pages())
    assert str(error.value) == (
        "notebook 'small': makes no page for leadership. To mend: it serves hr."
    )


def test_months_between_two_are_those_on_disk(folder):
    data = folder / "data"
    assert months_between(data, "2025-04..2025-05") == ["2025-04", "2025-05"]
    assert months_between(data, "2025-05") == ["2025-05"]
    with pytest.raises(KpiError) as error:
        months_between(data, "2025-05..2025-04")
    assert str(error.value) == (
        "months '2025-05..2025-04': end before they begin. To mend: write 2025-04..2025-05."
    )
