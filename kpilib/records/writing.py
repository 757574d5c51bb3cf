"""Records written: one page for each person, and one file to print for each team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kpilib.audience import view
from kpilib.labels import Labels
from kpilib.output import make_private, write_whole
from kpilib.progress import progress
from kpilib.records.form import Record, records_of
from kpilib.records.interviews import read_interviews
from kpilib.sheet import HTML_LANG, TEMPLATES, style_hash, style_sheet
from kpilib.texts import lookup

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes
    from kpilib.texts import Texts

FOLDER: Final = "records"
_FIELDS: Final = (("own_view", 4), ("causes", 4), ("help", 3), ("training", 2))
_SIGNERS: Final = ("employee", "manager", "hr", "witness")
_STYLE: Final = TEMPLATES / "records" / "records.css"


@dataclass(frozen=True)
class Made:
    """What was written: the folder, one page per person, and one file per team."""

    folder: Path
    people: tuple[Path, ...]
    teams: tuple[Path, ...]


def make_records(outcomes: Outcomes, out: str | Path, lang: str = "zh") -> Made:
    """Write the interview records of a month, for HR.

    Parameters
    ----------
    outcomes : Outcomes
        The month, of all teams or of one.
    out : path
        Folder of the reports; the records go into ``records/<month>`` in it, open to its owner
        only.
    lang : {"en", "zh"}
        Language of the forms.

    Returns
    -------
    Made
        Records are written whole, one by one; a record of before stays until it is replaced.

    Raises
    ------
    KpiError
        If an interview's file cannot be read; then nothing is written.
    """
    words = lookup(lang)
    labels = Labels(words, view("hr"))
    labels.learn(outcomes)
    month = outcomes.grades.scores.readings.month
    interviews = read_interviews(month.data, outcomes.month, set(outcomes.table.index))
    records = list(records_of(outcomes, interviews, labels, words))
    folder = Path(out) / FOLDER / outcomes.month
    make_private(folder)
    page = _page(records, outcomes, words)
    suffix = "" if lang == "en" else f".{lang}"
    people, teams = [], []
    by_team: dict[str, list[Record]] = {}
    for record in records:
        by_team.setdefault(record.team, []).append(record)
    with progress(len(records) + len(by_team), "Records") as step:
        for record in records:
            title = words("records.title_of", name=record.name, month=outcomes.month)
            people.append(
                write_whole(folder / f"{record.person}{suffix}.html", page([record], title))
            )
            step()
        for team, own in by_team.items():
            named = labels.of("team", team)
            title = words("records.title_team", team=named, month=outcomes.month, n=len(own))
            teams.append(write_whole(folder / f"{team}{suffix}.html", page(own, title)))
            step()
    return Made(folder, tuple(people), tuple(teams))


def _page(
    records: list[Record], outcomes: Outcomes, words: Texts
) -> Callable[[list[Record], str], str]:
    """Return what writes a page of some records; all pages share one style and one font.

    The font holds the letters of all of them: to cut it for each page would take longer than
    everything else.
    """
    template = _environment().get_template("records.html.j2")
    shared: dict[str, Any] = {
        "html_lang": HTML_LANG[words.lang],
        "words": lambda key, **values: words(f"records.{key}", **values),
        "day": lambda day: words.number(day, "day") if day else "",
        "box": lambda ticked: "☑" if ticked else "☐",
        "fields": _FIELDS,
        "signers": _SIGNERS,
        "okr_columns": [
            words(f"records.okr.{c}") for c in ("objective", "measure", "due", "owner")
        ],
        "objection_days": outcomes.scheme.signing.objection_days,
        "made": words("records.made", scheme=outcomes.scheme.name, hash=outcomes.scheme.hash),
        "heading": lambda record: words("records.heading", name=record["name"]),
    }

    def page(own: list[Record], title: str, style: str = "") -> str:
        several = len(own) > 1
        filled: str = template.render(
            **shared,
            title=title,
            records=[_plain(record) for record in own],
            several=several,
            level=2 if several else 1,
            style=style,
            style_hash=style_hash(style),
        )
        return filled

    every = words("records.title_team", team="", month=outcomes.month, n=2)
    names = "".join(record.name for record in records)
    own_style = " ".join(_STYLE.read_text(encoding="utf-8").split())
    style = style_sheet(page(records, every + names)) + own_style
    return lambda own, title: page(own, title, style)


def _plain(record: Record) -> dict[str, Any]:
    """Return a record as a template reads it: fields by name."""
    return {**vars(record), "interview": record.interview.model_dump()}


@cache
def _environment() -> Any:  # noqa: ANN401 - jinja2 where it is used only
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES / "records"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
