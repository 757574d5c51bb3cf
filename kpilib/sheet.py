"""A notebook that has run becomes one HTML page: no code, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kpilib.errors import KpiError
from kpilib.markup import column_rules
from kpilib.texts import lookup
from kpilib.typeface import font_face

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbformat import NotebookNode

HTML_LANG: Final = {"en": "en", "zh": "zh-CN"}
TEMPLATES: Final = Path(__file__).parent / "templates"
_FIRST_SCREEN: Final = {"lab", "title", "verdict", "facts"}  # the contents follow these
_SPACE = re.compile(r"\s+")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Elements and attributes that run, load or style; a strict policy would block them unseen.
_FOREIGN: Final = {"script", "link", "iframe", "object", "embed", "base", "form", "image"}
_LOADING: Final = {"srcset", "style", "background", "poster"}


@dataclass(frozen=True)
class Frame:
    """What stands around a page's own content.

    Parameters
    ----------
    lang : str
        Language of the page.
    inputs : str
        Hash of all that the page is made from.
    about : mapping
        What the page is, for the lists of pages: notebook, month, team, scheme, lang.
    home : str
        Relative address of the month's list of pages.
    other : str
        Relative address of the same page in the other language; empty if there is none.
    """

    lang: str
    inputs: str
    about: Mapping[str, str]
    home: str
    other: str = ""


def style_sheet(text: str) -> str:
    """Return the style of a page, with the font for the Chinese letters of its text."""
    files = [TEMPLATES / "page" / name for name in ("parts.css", "page.css")]
    rules = "".join(file.read_text(encoding="utf-8") for file in files)
    plain = _SPACE.sub(" ", _COMMENT.sub("", rules)).strip()
    return font_face(text) + plain + column_rules(text)


def style_hash(style: str) -> str:
    """Return the source by which a content security policy allows a style element."""
    digest = hashlib.sha256(style.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def page_of(notebook: NotebookNode, where: str, frame: Frame) -> str:
    """Write a notebook that has run as a page.

    Parameters
    ----------
    notebook : NotebookNode
        With outputs; not changed.
    where : str
        The notebook's place, for errors.
    frame : Frame
        What stands around its content.

    Returns
    -------
    str
        The page; the same outputs give the same text.

    Raises
    ------
    KpiError
        If it has no title or several, a section twice, or something loaded from elsewhere.
    """
    shown = _shown(notebook, frame.lang)
    blocks = list(_blocks(shown))
    titles = [block["text"] for block in blocks if block["kind"] == "title"]
    if len(titles) != 1:
        raise KpiError(where, f"has {len(titles)} titles.", "call page.title(...) once.")
    contents = [block for block in blocks if block["kind"] == "section"]
    twice = sorted({b["id"] for b in contents if [c["id"] for c in contents].count(b["id"]) > 1})
    if twice:
        raise KpiError(where, f"has section {twice[0]!r} twice.", "give each section its own key.")
    if contents:
        _place_contents(shown)
    words = lookup(frame.lang)
    page = {
        "html_lang": HTML_LANG[frame.lang],
        "inputs": frame.inputs,
        "about": json.dumps(dict(frame.about), sort_keys=True, ensure_ascii=False),
        "home": frame.home,
        "other": frame.other,
        "other_lang": next(code for lang, code in HTML_LANG.items() if lang != frame.lang),
        "title": titles[0],
        "verdict": next((b["text"] for b in blocks if b["kind"] == "verdict"), ""),
        "contents": contents,
        "words": {
            "skip": words("page.skip"),
            "index": words("page.index", month=frame.about["month"]),
            "contents": words("page.contents"),
            "other_language": words("page.other_language"),
        },
        "style": "",
        "style_hash": "",
    }
    body = _rendered(shown, page)
    _check(body, where)
    page["style"] = style_sheet(body)
    page["style_hash"] = style_hash(str(page["style"]))
    return _rendered(shown, page)


def _shown(notebook: NotebookNode, lang: str) -> NotebookNode:
    """Copy what a page shows: no text for JupyterLab or the other language, no Lab style."""
    import nbformat

    shown: NotebookNode = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    away = {"lab", *HTML_LANG} - {lang}
    shown.cells = [
        cell
        for cell in shown.cells
        if cell.cell_type == "code" or not away & set(cell.metadata.get("tags", []))
    ]
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if _about(out).get("kind") != "lab"]
    _drop_empty_sections(shown)
    return shown


def _drop_empty_sections(notebook: NotebookNode) -> None:
    """Take out headings with nothing under them: what this audience may not see left no trace."""
    follower = "footer"
    for cell in reversed(notebook.cells):
        if cell.cell_type != "code":
            follower = "text"
            continue
        kept: list[NotebookNode] = []
        for output in reversed(cell.outputs):
            kind = _about(output).get("kind", "text")
            if kind == "section" and follower in {"section", "footer"}:
                continue
            kept.insert(0, output)
            follower = kind
        cell.outputs = kept


def _about(output: NotebookNode) -> dict[str, Any]:
    return dict(output.get("metadata", {}).get("kpilib", {}))


def _blocks(notebook: NotebookNode) -> Iterator[dict[str, Any]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if about := _about(output):
                yield about


def _place_contents(notebook: NotebookNode) -> None:
    """Mark the output that the table of contents follows: the last of the first screen."""
    last = None
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if _about(output).get("kind") not in _FIRST_SCREEN:
                break
            last = output
        else:
            continue
        break
    if last is not None:
        last.metadata["kpilib"]["contents"] = True


@cache
def _exporter() -> Any:  # noqa: ANN401 - nbconvert has no types
    from nbconvert.exporters import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter

    class Exporter(HTMLExporter):
        """HTML without the second pass that parses the page and marks images as described."""

        def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:  # noqa: ANN401
            resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
            return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    return Exporter(  # type: ignore[no-untyped-call]
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        default_preprocessors=[],
        exclude_anchor_links=True,
    )


def _rendered(notebook: NotebookNode, page: dict[str, Any]) -> str:
    body, _ = _exporter().from_notebook_node(notebook, {"page": page})
    return str(body)


def _check(page: str, where: str) -> None:
    """Refuse what a strict policy would block, and a second main heading."""
    found = _Found()
    found.feed(page)
    if found.foreign:
        raise KpiError(
            where,
            f"shows markup that a page may not hold: {found.foreign[0]}.",
            "show it through display.Page, without scripts, styles or addresses.",
        )
    if found.count["h1"] != 1:
        raise KpiError(where, "has a main heading beside its title.", "begin headings with ##.")


class _Found(HTMLParser):
    """Count elements, and collect those that run or load something or bring their own style."""

    def __init__(self) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        self.count[tag] += 1
        if tag in _FOREIGN or (tag == "style" and self.count[tag] > 1):
            self.foreign.append(f"<{tag}>")
        for name, value in attrs:
            inside = (value or "").startswith(("data:", "#"))
            if name in _LOADING or name.startswith("on") or (name == "src" and not inside):
                self.foreign.append(f"<{tag} {name}>")
