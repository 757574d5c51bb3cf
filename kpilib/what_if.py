"""The what-if page: the tuner as one offline file in which nobody can be found.

What it may hold, and why it is not people's points, is reasoned in :mod:`kpilib.groups`.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any, Final

from kpilib.audience import view
from kpilib.columns import Columns
from kpilib.contrast import outcomes_under
from kpilib.exports import read_team
from kpilib.footer import sources
from kpilib.groups import groups_of
from kpilib.labels import Labels
from kpilib.markup import Table
from kpilib.readings import measure
from kpilib.scheme import Arithmetic, Bands, Scheme, read_scheme
from kpilib.sheet import HTML_LANG, TEMPLATES, style_hash, style_sheet
from kpilib.texts import Texts, lookup
from kpilib.tuner_data import in_groups
from kpilib.tuning import trial

if TYPE_CHECKING:
    from pathlib import Path

    from kpilib.groups import Groups
    from kpilib.outcomes import Outcomes
    from kpilib.sheet import Frame
    from kpilib.tuning import Trial

PAGE: Final = TEMPLATES / "what_if" / "what_if.html"
MODULE: Final = TEMPLATES.parent / "tuner.js"
_STYLE: Final = TEMPLATES / "what_if" / "tuner.css"
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)


def has_page(scheme: Scheme) -> bool:
    """Tell whether a scheme has cuts to move, and totals that means of points tell."""
    return isinstance(scheme.grading, Bands) and isinstance(scheme.totals, Arithmetic)


def what_if_page(data: str | Path, month: str, scheme: str | Path, frame: Frame) -> str:
    """Write the what-if page of a month, of the whole company and fit for every audience.

    Parameters
    ----------
    data : path
        A team's folder.
    month : str
        ``YYYY-MM``.
    scheme : str or Path
        Name or file of the scheme in force.
    frame : Frame
        What stands around it.

    Returns
    -------
    str
        The page; the same inputs give the same text.

    Raises
    ------
    KpiError
        If the month or the scheme cannot be read, or the scheme grades by quota.
    """
    rules = read_scheme(scheme)
    readings = measure(read_team(data, month, as_of_day=rules.as_of_day), rules)
    outcomes = outcomes_under(readings, rules)
    words = lookup(frame.lang)
    words = Texts(words.lang, words.entries, small_counts=True)
    names = {
        "title": words("tuner.page.title", month=month),
        "subtitle": words("tuner.page.subtitle", scheme=getattr(rules.title, words.lang)),
        "description": words("tuner.page.description"),
    }
    body, script = f"<p>{words.html('tuner.page.nobody')}</p>", ""
    if (outcomes.table["status"] == "ok").any():
        tried = trial(outcomes)
        groups = groups_of(tried)
        if not groups.about.empty:
            labels = Labels(words, view("leadership"))
            labels.learn(tried.scheme)
            body = _body(tried, groups, labels, words)
            script = _script(in_groups(tried, groups, labels, frame.lang))
    return _filled(body + _provenance(outcomes, words), script, names, frame, words)


def _body(tried: Trial, groups: Groups, labels: Labels, words: Texts) -> str:
    """Return what stands around the tuner: how to use it, and what it cannot say."""
    counts = {"n": int(groups.about["n"].sum()), "groups": len(groups.about)}
    limits = [
        words.html("tuner.page.limits_means"),
        words.html("tuner.page.limits_people", **counts),
    ]
    if groups.bonus:
        limits.append(words.html("tuner.page.limits_bonus", bonus=groups.bonus))
    if groups.left_out:
        roles = [labels.of("role", role) for role in groups.left_out]
        limits.append(words.html("tuner.page.limits_left", roles=roles))
    veiled = groups.table[groups.table["mean"].isna()]
    if len(veiled):
        pairs = zip(veiled["role"], veiled["indicator"], strict=True)
        items = dict.fromkeys((labels.of("role", r), labels.of("indicator", i)) for r, i in pairs)
        limits.append(words.html("tuner.page.limits_items", items=[": ".join(i) for i in items]))
    limits.append(words.html("tuner.page.limits_exact"))
    return (
        f"<p>{words.html('tuner.page.lead')}</p>"
        f"<noscript><p>{words.html('tuner.page.needs_script')}</p></noscript>"
        '<div id="tuner"></div>'
        f"<h2>{words.html('tuner.page.limits')}</h2>"
        + "".join(f"<p>{text}</p>" for text in limits)
        + _known(groups, labels, words)
    )


def _known(groups: Groups, labels: Labels, words: Texts) -> str:
    """Return all data as two tables: what is printed is what the script has of people."""
    about = groups.about[["role", "team", "n", "likeness", "pay"]]
    tables = {
        "tuner.page.knows": (groups.table, {"spread": "tuner.page.spread"}),
        "tuner.page.groups": (
            about.rename(columns={"pay": "share"}),
            {"likeness": "tuner.page.likeness", "share": "tuner.page.share"},
        ),
    }
    forms = {"mean": "points", "spread": "points", "share": "percent1"}
    parts = []
    for caption, (frame, headers) in tables.items():
        several = words("tuner.page.several")
        shown = frame.assign(team=[team or several for team in frame["team"]])
        columns = Columns(words, labels, words).of(shown, headers, forms)
        table = Table(
            caption=words.html(caption),
            headers=[head for head, _ in columns],
            rows=list(zip(*(cells for _, cells in columns), strict=True)),
        )
        parts.append(table.html(words(caption)))
    return "".join(parts)


def _provenance(outcomes: Outcomes, words: Texts) -> str:
    lines = "".join(
        f"<dt>{words.html(f'page.{name}')}</dt><dd>{html.escape(text)}</dd>"
        for name, text in sources(outcomes, {"month": outcomes.month}, words)
    )
    note = f'<p class="note">{words.html("page.for_leadership")}</p>'
    return f'<div class="provenance"><dl>{lines}</dl>{note}</div>'


def _script(data: dict[str, Any]) -> str:
    """Return the module with its data; JSON is JavaScript, and holds no end of a script."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    held = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    module = MODULE.read_text(encoding="utf-8")
    return f'{module}\nmount(document.getElementById("tuner"), {held});\n'


def _filled(body: str, script: str, names: dict[str, str], frame: Frame, words: Texts) -> str:
    own = " ".join(_COMMENT.sub("", _STYLE.read_text(encoding="utf-8")).split())
    style = style_sheet("".join((body, script, *names.values()))) + own
    other = next((lang for lang in HTML_LANG.values() if lang != HTML_LANG[frame.lang]), "")
    link = (
        f' <a href="{html.escape(frame.other)}" lang="{other}" hreflang="{other}">'
        f"{words.html('page.other_language')}</a>"
    )
    values = {
        **{name: html.escape(text) for name, text in names.items()},
        "html_lang": HTML_LANG[frame.lang],
        "script_hash": style_hash(script),
        "style_hash": style_hash(style),
        "style": style,
        "inputs": frame.inputs,
        "about": html.escape(json.dumps(dict(frame.about), sort_keys=True, ensure_ascii=False)),
        "skip": words.html("page.skip"),
        "home": html.escape(frame.home),
        "index": words.html("page.index", month=frame.about["month"]),
        "other": link if frame.other else "",
        "body": body,
        "script": f'<script type="module">{script}</script>\n' if script else "",
    }
    return re.sub(
        r"\{\{(\w+)\}\}", lambda match: values[match[1]], PAGE.read_text(encoding="utf-8")
    )
