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
from kpilib.scheme import Bands, Scheme, read_scheme
from kpilib.sheet import HTML_LANG, TEMPLATES, style_hash, style_sheet
from kpilib.texts import Texts, lookup
from kpilib.tuner_data import in_groups
from kpilib.tuning import trial

if TYPE_CHECKING:
    from pathlib import Path

    from kpilib.groups import Groups
    from kpilib.sheet import Frame
    from kpilib.tuning import Trial

PAGE: Final = TEMPLATES / "what_if" / "what_if.html"
MODULE: Final = TEMPLATES.parent / "tuner.js"
_STYLE: Final = TEMPLATES / "what_if" / "tuner.css"
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)


def has_page(scheme: Scheme) -> bool:
    """Tell whether a scheme has cuts to move: a quota has none, and so no page."""
    return isinstance(scheme.grading, Bands)


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
    tried = trial(outcomes_under(readings, rules))
    words = lookup(frame.lang)
    words = Texts(words.lang, words.entries, small_counts=True)
    labels = Labels(words, view("leadership"))
    labels.learn(tried.scheme)
    groups = groups_of(tried)
    body, script = _body(tried, groups, labels, words), ""
    if groups.left_out != tuple(tried.weights):
        script = _script(in_groups(tried, groups, labels, frame.lang))
    return _filled(body, script, _names(tried, words), frame, words)


def _names(tried: Trial, words: Texts) -> dict[str, str]:
    month, scheme = tried.outcomes.month, tried.outcomes.scheme
    return {
        "title": words("tuner.page.title", month=month),
        "subtitle": words("tuner.page.subtitle", scheme=scheme.title.model_dump()[words.lang]),
        "description": words("tuner.page.description"),
    }


def _body(tried: Trial, groups: Groups, labels: Labels, words: Texts) -> str:
    """Return what stands around the tuner: how to use it, and what it cannot say."""
    source = _provenance(tried, words)
    if groups.about.empty:
        return f"<p>{words.html('tuner.page.nobody')}</p>{source}"
    counts = {"n": int(groups.about["n"].sum()), "groups": len(groups.about)}
    limits = [
        words.html("tuner.page.limits_means"),
        words.html("tuner.page.limits_people", **counts),
    ]
    if groups.left_out:
        roles = [labels.of("role", role) for role in groups.left_out]
        limits.append(words.html("tuner.page.limits_left", roles=roles))
    limits.append(words.html("tuner.page.limits_exact"))
    return (
        f"<p>{words.html('tuner.page.lead')}</p>"
        f"<noscript><p>{words.html('tuner.page.needs_script')}</p></noscript>"
        '<div id="tuner"></div>'
        f"<h2>{words.html('tuner.page.limits')}</h2>"
        + "".join(f"<p>{text}</p>" for text in limits)
        + _known(groups, labels, words)
        + source
    )


def _known(groups: Groups, labels: Labels, words: Texts) -> str:
    """Return all data as two tables: what is printed is what the script has of people."""
    about = groups.about[["role", "team", "n", "bonus", "likeness", "pay"]]
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


def _provenance(tried: Trial, words: Texts) -> str:
    lines = "".join(
        f"<dt>{words.html(f'page.{name}')}</dt><dd>{html.escape(text)}</dd>"
        for name, text in sources(tried.outcomes, {"month": tried.outcomes.month}, words)
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
