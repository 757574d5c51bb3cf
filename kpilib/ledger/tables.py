"""What of a month is frozen, table by table, and how a frozen month becomes outcomes again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from kpilib.exports.receipt import Month, Receipt, findings_frame, frame
from kpilib.grading import NO_CALIBRATIONS, Grades
from kpilib.ledger.canonical import csv_bytes, frame_of, json_bytes, kinds_of
from kpilib.outcomes import PRIVATE, Outcomes
from kpilib.readings import Readings
from kpilib.scheme import Scheme
from kpilib.scoring import Scores

NAME: Final = "name"  # stands in people.csv only, so that it can be forgotten
PAY: Final = "pay"
# What people decided about the month, and the columns that hold names and free words: these are
# kept by their hashes, for a closed month could never forget them.
DECISIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "calibrations": ("decided_by", "reason"),
    "signoff": ("who", "witness", "note"),
}


@dataclass(frozen=True)
class Content:
    """One file to freeze: its bytes, the kinds of its columns, and who may read it."""

    content: bytes
    columns: Mapping[str, str]
    private: bool = False


def contents_of(outcomes: Outcomes, decisions: Mapping[str, pd.DataFrame]) -> dict[str, Content]:
    """Return what is frozen of a month, by name: rules first, then from exports to outcomes.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    decisions : mapping of str to DataFrame
        What people decided about it, its words replaced by their hashes.
    """
    state = {"carried": outcomes.grades.carried, "columns": list(outcomes.table.columns)}
    texts = {
        "scheme.json": outcomes.scheme.model_dump(mode="json"),
        "state.json": state,
    }
    held = {name: Content(json_bytes(data), {}) for name, data in texts.items()}
    for name, table in {**_tables_of(outcomes), **decisions}.items():
        kinds = kinds_of(table)
        held[f"{name}.csv"] = Content(csv_bytes(table, kinds), kinds, private=name == PAY)
    return held


def _tables_of(outcomes: Outcomes) -> dict[str, pd.DataFrame]:
    scores = outcomes.grades.scores
    readings = scores.readings
    secret = [NAME, *PRIVATE]
    results = outcomes.table.drop(columns=[*scores.table.columns, *PRIVATE], errors="ignore")
    return {
        "exports": readings.month.receipt.files,
        "seats": readings.seats.drop(columns=secret, errors="ignore"),
        "readings": readings.table,
        "points": scores.points,
        "role_totals": scores.role_totals,
        "totals": scores.table.drop(columns=secret, errors="ignore").reset_index(),
        "grades": outcomes.grades.table.reset_index(),
        "results": results.reset_index(),
        "notes": outcomes.notes,
        PAY: outcomes.table[[c for c in PRIVATE if c in outcomes.table]].reset_index(),
    }


def outcomes_of(
    held: Mapping[str, Content],
    month: str,
    data: Path,
    names: Mapping[str, str],
    before: tuple[Grades, ...] = (),
    words: Mapping[str, str | None] | None = None,
) -> Outcomes:
    """Return a frozen month as it was closed; who has no name any more goes by the id.

    Parameters
    ----------
    held : mapping of str to Content
        The files, by name.
    month : str
        Which month it is.
    data : Path
        The team's folder.
    names : mapping of str to str
        Names by id.
    before : tuple of Grades
        The months before it.
    words : mapping of str to str, optional
        Words by the hashes that stand for them; None where they were erased.
    """
    tables = {
        name.removesuffix(".csv"): frame_of(file.content, file.columns)
        for name, file in held.items()
        if name.endswith(".csv")
    }
    for name, columns in DECISIONS.items():
        for column in columns if name in tables else ():
            tables[name][column] = tables[name][column].map(words or {}).astype(object)
    scheme = Scheme.model_validate(json.loads(held["scheme.json"].content))
    state = json.loads(held["state.json"].content)
    pay = tables[PAY].set_index("person")
    readings = _readings_of(tables, pay, month, data, names, scheme)
    people = _named(tables["totals"], names, pay, place=2).set_index("person")
    scores = Scores(tables["points"], tables["role_totals"], people, readings)
    carried = {pool: tuple(owed) for pool, owed in state["carried"].items()}
    graded = tables["grades"].set_index("person")
    grades = Grades(graded, scores, scheme, carried)
    if "calibrations" in tables:
        decided = tables["calibrations"].set_index("person")
        decided = decided.reindex(columns=NO_CALIBRATIONS.columns).astype(object)
        grades = replace(grades, calibrations=decided)
    results = tables["results"].set_index("person")
    table = people.join(results).join(pay.drop(columns="base_pay"))[state["columns"]]
    notes = tables["notes"].astype(object).astype({"count": int})
    return Outcomes(table, notes, grades, before)


def _readings_of(
    tables: Mapping[str, pd.DataFrame],
    pay: pd.DataFrame,
    month: str,
    data: Path,
    names: Mapping[str, str],
    scheme: Scheme,
) -> Readings:
    """Return the readings; of what was read, the list of files and the decisions are left."""
    receipt = Receipt(
        tables["exports"],
        frame([], ["file", "reason", "rows"]),
        frame([], ["file", "column"]),
        frame([], ["file", "column"]),
        findings_frame([]),
    )
    seats = _named(tables["seats"], names, pay, place=3)
    signed = {name: tables[name] for name in ("signoff",) if name in tables}
    read = Month(data, month, signed, receipt)
    return Readings(tables["readings"], seats, read, scheme, findings_frame([]))


def _named(
    table: pd.DataFrame, names: Mapping[str, str], pay: pd.DataFrame, *, place: int
) -> pd.DataFrame:
    """Put names and base pay back where they stand in a month that was just appraised."""
    people = table["person"]
    called: list[Any] = [names.get(person, person) for person in people]
    named = table.copy()
    named.insert(1, NAME, pd.Series(called, table.index, dtype=str))
    named.insert(place + 2, "base_pay", pay["base_pay"].reindex(people).to_numpy())
    return named
