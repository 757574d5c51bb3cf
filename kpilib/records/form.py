"""What an interview record says of one person, in the words of its language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.labels import Labels
from kpilib.records.interviews import Interview
from kpilib.scorecard import Scorecard, scorecards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpilib.outcomes import Outcomes
    from kpilib.texts import Texts

_TOLD = 3  # items named as good, and as lost
_OBJECTIVES = 3  # rows of the next period's table, at least
_OPEN = Interview()


@dataclass(frozen=True)
class Record:
    """One person's record, every figure written out.

    ``head`` and ``result`` are pairs of label and value; ``items`` rows of texts under
    ``columns``; ``good`` and ``lost`` sentences; ``follows`` sentences of what is due;
    ``interview`` what was said, empty fields to be filled by hand.
    """

    person: str
    name: str
    team: str
    head: tuple[tuple[str, str], ...]
    result: tuple[tuple[str, str], ...]
    said: tuple[str, ...]
    columns: tuple[str, ...]
    items: tuple[tuple[str, ...], ...]
    good: tuple[str, ...]
    lost: tuple[str, ...]
    follows: tuple[str, ...]
    interview: Interview
    objectives: tuple[tuple[str, str, str, str], ...]


def records_of(
    outcomes: Outcomes, interviews: Mapping[str, Interview], labels: Labels, t: Texts
) -> Iterator[Record]:
    """Write the record of everybody who has a role with indicators, in the order of the month.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    interviews : mapping of str to Interview
        By person; who has none gets an empty form.
    labels : Labels
        What people, roles and indicators are called.
    t : Texts
        Words.
    """
    notes = {str(person): own for person, own in outcomes.notes.groupby("person", sort=False)}
    for card in scorecards(outcomes):
        if card.summary["status"] != "no_score":
            yield _record(
                card,
                outcomes,
                notes.get(card.person, outcomes.notes.iloc[:0]),
                interviews.get(card.person, _OPEN),
                _Words(labels, t),
            )


@dataclass(frozen=True)
class _Words:
    labels: Labels
    t: Texts

    def __call__(self, key: str, **values: object) -> str:
        return self.t(f"records.{key}", **values)

    def number(self, value: object, form: str) -> str:
        return self.t.number(value, form)

    def reading(self, indicator: str, value: object) -> str:
        return self.t.number(value, self.labels.form(indicator))


def _record(
    card: Scorecard,
    outcomes: Outcomes,
    notes: pd.DataFrame,
    interview: Interview,
    words: _Words,
) -> Record:
    summary, labels = card.summary, words.labels
    head = (
        (words("name"), labels.person(card.person)),
        (words("id"), card.person),
        (words("team"), labels.of("team", summary["team"])),
        (words("role"), words.number([labels.of("role", r) for r in summary["roles"]], "list")),
        (words("month"), words.number(outcomes.month, "month")),
        (words("scheme"), getattr(outcomes.scheme.title, words.t.lang)),
        (words("interviewer"), interview.interviewer),
        (words("held"), words.number(interview.held, "day") if interview.held else ""),
    )
    rows = card.items.to_dict("records")
    columns = ("indicator", "target", "actual", "points", "weight", "contribution", "change")
    return Record(
        person=card.person,
        name=labels.person(card.person),
        team=str(summary["team"]),
        head=head,
        result=tuple(_result(summary, words)),
        said=tuple(_said(card, outcomes, words)),
        columns=tuple(words(f"columns.{name}") for name in (*columns, "needs")),
        items=tuple(_item(row, words) for row in rows),
        good=tuple(_good(rows, words)),
        lost=tuple(_lost(rows, words)),
        follows=tuple(_follows(notes, words)),
        interview=interview,
        objectives=_objectives(interview, words),
    )


def _result(row: pd.Series, words: _Words) -> Iterator[tuple[str, str]]:
    if row["status"] != "ok":
        yield words("score"), words("unknown")
        return
    for name in ("total", "bonus", "score"):
        yield words(name), words.number(row[name], "points")
    yield words("grade"), str(row["grade"])
    yield words("pay"), words.number(row["pay"], "money2")


def _said(card: Scorecard, outcomes: Outcomes, words: _Words) -> Iterator[str]:
    """Say what stands beside the result: how the grade was decided, and the month before."""
    row, decisions = card.summary, outcomes.grades.calibrations
    if card.person in decisions.index:
        made: Any = decisions.loc[card.person]
        yield words(
            "calibrated", computed=made["grade_from"], grade=made["grade_to"], reason=made["reason"]
        )
    if row["status"] == "ok" and pd.notna(row["score_before"]):
        change = float(row["score"]) - float(row["score_before"])
        before = {"score": row["score_before"], "grade": row["grade_before"]}
        yield words("before", change=change, **before)


def _item(row: Mapping[Any, Any], words: _Words) -> tuple[str, ...]:
    key = str(row["indicator"])
    actual = words.reading(key, row["value"])
    if row["status"] != "ok":
        actual = words.labels.of("status", row["status"])
    return (
        words.labels.of("indicator", key),
        words.reading(key, row["target"]),
        actual,
        words.number(row["points"], "points2"),
        words.number(row["applied"], "percent1"),
        words.number(row["contribution"], "points2"),
        words.number(row["change"], "signed"),
        words.reading(key, row["needs"]),
    )


def _good(rows: Sequence[Mapping[Any, Any]], words: _Words) -> Iterator[str]:
    """Name the items that met their targets and brought most; else the one that brought most."""
    known = [row for row in rows if pd.notna(row["contribution"])]
    best = sorted(known, key=lambda row: -row["contribution"])
    met = [row for row in best if row["points"] >= 100][:_TOLD]
    for row in met or best[:1]:
        named = words.labels.of("indicator", row["indicator"])
        key = "brought" if met else "brought_most"
        yield words(key, item=named, points=row["contribution"], earned=row["points"])


def _lost(rows: Sequence[Mapping[Any, Any]], words: _Words) -> Iterator[str]:
    """Name the items that cost most against their targets, and what would bring a point back."""
    short = [row for row in rows if row["lost"] > 0]  # False where it is not known
    for row in sorted(short, key=lambda row: -row["lost"])[:_TOLD]:
        key = str(row["indicator"])
        said = {"item": words.labels.of("indicator", key), "points": row["lost"]}
        if pd.isna(row["needs"]):
            yield words("cost", **said)
        else:
            yield words("cost_needs", needs=words.reading(key, row["needs"]), **said)


def _follows(notes: pd.DataFrame, words: _Words) -> Iterator[str]:
    """Say what follows, each with the months that it stands on and when it is due."""
    for note in notes.to_dict("records"):
        months = [words.number(month, "month") for month in note["months"]]
        kind = words.labels.of("kind", note["kind"])
        if note["due"]:
            yield words("follows_due", kind=kind, months=months, due=note["due"])
        else:
            yield words("follows", kind=kind, months=months)


def _objectives(interview: Interview, words: _Words) -> tuple[tuple[str, str, str, str], ...]:
    rows = [
        (o.objective, o.measure, words.number(o.due, "day") if o.due else "", o.owner)
        for o in interview.okr
    ]
    return (*rows, *[("", "", "", "")] * (_OBJECTIVES - len(rows)))
