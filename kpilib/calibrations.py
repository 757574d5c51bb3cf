"""Calibrated grades: what people decided in calibrations.csv, laid over the computed grades."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from kpilib.errors import KpiError
from kpilib.exports.receipt import raise_all
from kpilib.grading import NO_CALIBRATIONS, Grades

FILE = "calibrations.csv"


def calibrated(grades: Grades) -> Grades:
    """Put the grades that calibrations.csv decides in the place of the computed ones.

    The one place where a decision becomes a grade: what follows (plans, streaks, coefficients)
    stands on the calibrated grade, scores and pay by score stay. A line counts for the scheme
    that it names, or for any where it names none.

    Parameters
    ----------
    grades : Grades
        As computed.

    Returns
    -------
    Grades
        ``table["grade"]`` as decided, ``table["computed"]`` as computed, and the decisions; the
        same object where there is none.

    Raises
    ------
    KpiError
        If a line names nobody of the month, a grade that the scheme has not, or another computed
        grade than there is; all faults of the file in one error.
    """
    lines = getattr(grades.scores.readings.month, "tables", {}).get("calibrations")
    if lines is None or lines.empty:
        return grades
    named = lines["scheme"].isna() | (lines["scheme"] == grades.scheme.name)
    lines = lines[named].reset_index(drop=True)
    faults = [fault for line in lines.to_dict("records") for fault in _faults(line, grades)]
    twice = lines[lines["person"].duplicated(keep=False)]
    if len(twice) and not faults:
        rows = " and ".join(str(row) for row in twice["row"][:2])
        problem = f"rows {rows} both decide on {twice['person'].iloc[0]} in {grades.month}."
        faults = [KpiError(f"{FILE}, row {twice['row'].iloc[1]}", problem, "keep one of them.")]
    raise_all(faults, FILE)
    lines["decided"] = lines["decided"].dt.strftime("%Y-%m-%d")
    return with_decisions(grades, lines.set_index("person")[list(NO_CALIBRATIONS.columns)])


def with_decisions(grades: Grades, decided: pd.DataFrame) -> Grades:
    """Lay decisions over computed grades; people who are not graded here are left out.

    Parameters
    ----------
    grades : Grades
        As computed.
    decided : DataFrame
        Index ``person``, the columns of `kpilib.grading.NO_CALIBRATIONS`.
    """
    known = grades.table.index[grades.table["grade"].notna()]
    decided = decided[decided.index.isin(known)]
    table = grades.table.copy()
    table.loc[decided.index, "grade"] = decided["grade_to"].astype(object)
    return replace(grades, table=table, calibrations=decided)


def _faults(line: Mapping[Any, Any], grades: Grades) -> Iterator[KpiError]:
    """Say what is wrong with one decision."""
    person, month = line["person"], grades.month
    where = f"{FILE}, row {line['row']}, person {person}"
    if person not in grades.table.index:
        near = difflib.get_close_matches(person, list(grades.table.index), 1)
        hint = f"did you mean {near[0]}? " if near else ""
        problem = f"is none of the {len(grades.table)} people of {month}."
        yield KpiError(where, problem, f"{hint}give an id of people.csv.")
        return
    scale = ", ".join(grades.order)
    for column, head in (("grade_from", "from"), ("grade_to", "to")):
        if line[column] not in grades.order:
            problem = f"{head} {line[column]!r} is no grade of scheme {grades.scheme.name!r}."
            remedy = f"write one of {scale}; a decision under another scheme names it in `scheme`."
            yield KpiError(where, problem, remedy)
            return
    computed = grades.table.loc[person, "grade"]
    if computed is None or pd.isna(computed):
        problem = f"has no computed grade in {month}: there is nothing to calibrate."
        yield KpiError(
            where, problem, "settle the reading that is not known, or take the line out."
        )
    elif computed != line["grade_from"]:
        problem = (
            f"from {line['grade_from']}, but the grade computed for {month} is {computed}: "
            "what was decided on is not what stands."
        )
        remedy = (
            "decide anew and write the computed grade, or take the line out; a decision under "
            "another scheme names it in `scheme`."
        )
        yield KpiError(where, problem, remedy)
