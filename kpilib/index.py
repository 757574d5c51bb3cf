"""Lists of pages: one for a month, one for all months; made from what is on disk."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kpilib.sheet import HTML_LANG, TEMPLATES, style_hash, style_sheet
from kpilib.texts import lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kpilib.labels import Labels

_HEAD: Final = 6000  # bytes in which a page says what it is; its style and font come after
_META = re.compile(r'<meta name="([a-z-]+)" content="([^"]*)">')
_TITLE = re.compile(r"<title>([^<]*)</title>")
_MONTH = re.compile(r"\d{4}-\d{2}")
INDEX: Final = "index.html"
WORKBOOK: Final = "results.xlsx"
ORDER: Final = (
    "monthly_review",
    "scorecard",
    "calibration",
    "grade_distribution",
    "weight_sensitivity",
    "stage_scoring",
    "scheme_variants",
    "what_if",
)


@dataclass(frozen=True)
class Entry:
    """A page on disk, as its head describes it.

    Parameters
    ----------
    path : Path
        The file.
    title, verdict, inputs : str
        Its title, its first finding, the hash of all that it is made from.
    about : mapping
        Its notebook, month, team, scheme and language.
    """

    path: Path
    title: str
    verdict: str
    inputs: str
    about: Mapping[str, str]


def read_entry(path: Path) -> Entry | None:
    """Return what a page says of itself; None for a file that is not one of our pages."""
    with path.open(encoding="utf-8", errors="replace") as file:
        head = file.read(_HEAD)
    meta = {name: html.unescape(text) for name, text in _META.findall(head)}
    title = _TITLE.search(head)
    if title is None or "kpi-page" not in meta:
        return None
    return Entry(
        path,
        html.unescape(title[1]),
        meta.get("description", ""),
        meta.get("kpi-inputs", ""),
        json.loads(meta["kpi-page"]),
    )


def pages_in(folder: Path) -> list[Entry]:
    """Return the pages in a month's folder: all teams and the plain scheme first."""
    whole = (p for p in folder.rglob("*.html") if not p.parent.name.startswith("."))
    entries = [entry for path in whole if (entry := read_entry(path))]
    return sorted(entries, key=lambda e: (*_group(e), _place(e.about["notebook"]), e.path.name))


def month_index(folder: Path, lang: str, labels: Labels) -> str:
    """Return the list of a month's pages as HTML.

    Parameters
    ----------
    folder : Path
        The month's folder, named as the month.
    lang : str
        Language of the list.
    labels : Labels
        What teams are called.
    """
    words = lookup(lang)
    entries = pages_in(folder)
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault(_group(entry), []).append(entry)
    parts = [f"<h1>{_safe(words('page.index_title', month=folder.name))}</h1>"]
    first = _verdict(entries, lang)
    if first:
        parts.append(f'<div class="verdict"><p>{_safe(first)}</p></div>')
    for (team, scheme), members in groups.items():
        name = labels.of("team", team) if team else words("words.all_teams")
        heading = name if scheme in {"", "published"} else f"{name} · {scheme}"
        parts.append(f"<h2>{_safe(heading)}</h2>{_listed(members, folder, lang, first)}")
        book = members[0].path.parent / WORKBOOK
        if book.exists():
            address = book.relative_to(folder).as_posix()
            parts.append(f'<p><a href="{_safe(address)}">{_safe(words("page.workbook"))}</a></p>')
    back = f'<a href="../{INDEX}">{_safe(words("page.all_months"))}</a>'
    return _written("".join(parts), words("page.index_title", month=folder.name), lang, back)


def months_index(folder: Path, lang: str) -> str:
    """Return the list of all months below a folder as HTML."""
    words = lookup(lang)
    months = sorted(
        (path for path in folder.iterdir() if path.is_dir() and _MONTH.fullmatch(path.name)),
        reverse=True,
    )
    lines = []
    for month in months:
        name = _safe(words.number(month.name, "month"))
        verdict = _verdict(pages_in(month), lang)
        said = f"<p>{_safe(verdict)}</p>" if verdict else ""
        lines.append(f'<li><a href="{month.name}/{INDEX}">{name}</a>{said}</li>')
    body = (
        f"<h1>{_safe(words('page.months_title'))}</h1>"
        f'<p class="subtitle">{_safe(words("page.months_subtitle"))}</p>'
        f'<ul class="months">{"".join(lines)}</ul>'
    )
    return _written(body, words("page.months_title"), lang, "")


def _group(entry: Entry) -> tuple[str, str]:
    scheme = entry.about.get("scheme", "")
    return entry.about.get("team", ""), "" if scheme == "published" else scheme


def _place(notebook: str) -> tuple[int, str]:
    return (ORDER.index(notebook) if notebook in ORDER else len(ORDER), notebook)


def _verdict(entries: Iterable[Entry], lang: str) -> str:
    """Return what the month's review of all teams says in this language, if there is one."""
    wanted = ("monthly_review", lang, ("", ""))
    said = (
        e.verdict for e in entries if (e.about["notebook"], e.about["lang"], _group(e)) == wanted
    )
    return next(said, "")


def _listed(entries: Iterable[Entry], folder: Path, lang: str, told: str) -> str:
    """List pages, each once: in this language if it can be, with a link to the other."""
    pages: dict[str, list[Entry]] = {}
    for entry in entries:
        name = entry.path.name.removesuffix(".html").removesuffix(".zh")
        pages.setdefault(name, []).append(entry)
    lines = []
    for spoken in pages.values():
        first, *others = sorted(spoken, key=lambda entry: entry.about["lang"] != lang)
        links = [_link(first, folder, lang, first.title)]
        links += [_link(other, folder, lang, _other_language(lang)) for other in others]
        tag = _lang_tag(first, lang)
        said = first.verdict if first.verdict != told else ""
        lines.append(f"<li>{' '.join(links)}{f'<p{tag}>{_safe(said)}</p>' if said else ''}</li>")
    return f'<ul class="months">{"".join(lines)}</ul>'


def _link(entry: Entry, folder: Path, lang: str, text: str) -> str:
    address = entry.path.relative_to(folder).as_posix()
    return f'<a href="{_safe(address)}"{_lang_tag(entry, lang)}>{_safe(text)}</a>'


def _lang_tag(entry: Entry, lang: str) -> str:
    spoken = entry.about["lang"]
    return "" if spoken == lang else f' lang="{HTML_LANG[spoken]}"'


def _other_language(lang: str) -> str:
    return lookup(lang)("page.other_language")


def _safe(text: str) -> str:
    return html.escape(text, quote=True)


def _written(body: str, title: str, lang: str, back: str) -> str:
    style = style_sheet(body + title + back)
    policy = f"default-src 'none'; style-src '{style_hash(style)}'; font-src data:"
    bar = f'<header class="bar">{back}</header>' if back else ""
    source = (TEMPLATES / "page" / "list.html").read_text(encoding="utf-8")
    values = {
        "lang": HTML_LANG[lang],
        "policy": policy,
        "title": _safe(title),
        "style": style,
        "bar": bar,
        "body": body,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], source)
