"""With and without: what the flagged rows of a month, and those excluded, are worth in grades."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kpilib.authenticity import Limits, Screening, screen
from kpilib.authenticity.robust import Mask
from kpilib.exports.decisions import KINDS, of_session
from kpilib.exports.receipt import Month
from kpilib.grading import Grades, grade
from kpilib.outcomes import Outcomes
from kpilib.readings import measure
from kpilib.scheme import Scheme
from kpilib.scoring import score

# What a decision says, in the order of exclusions.csv; the last three are for people to fill.
ENTRY = ("kind", "name", "at", "account", "decided_by", "decided", "reason")


@dataclass(frozen=True, eq=False)
class SideBySide:
    """A month's scores and grades with every row, and without the flagged and excluded ones.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, those of whom either differs: team, score_with, grade_with (every row
        counts), score_without, grade_without (no flagged or excluded row counts), score and
        grade (in force: excluded rows are out, flagged ones without a decision are in).
    entries : DataFrame
        What exclusions.csv would have to say to take the flagged rows out that are still in:
        its columns, the last three empty.
    flagged, decided : int
        Flagged rows, and those of them that a decision has taken out.
    """

    table: pd.DataFrame
    entries: pd.DataFrame
    flagged: int
    decided: int

    @property
    def moved(self) -> int:
        """People whose grade differs with and without."""
        return int((self.table["grade_with"] != self.table["grade_without"]).sum())


def screened(outcomes: Outcomes, limits: Limits | None = None) -> Screening:
    """Screen a month that was appraised, and measure by the months before it.

    Parameters
    ----------
    outcomes : Outcomes
        The month; of one team, if only the accounts that its people hold are asked for.
    limits : Limits, optional
        Thresholds; their defaults.
    """
    readings = outcomes.grades.scores.readings
    before = [grades.scores.readings.month for grades in outcomes.before]
    seen = screen(readings.month, before, limits=limits)
    all_rows = readings.attributed
    if all_rows is None or set(all_rows.seats["person"]) == set(readings.seats["person"]):
        return seen
    return seen.of_accounts(set(readings.seats["account"].dropna()))


def month_with(month: Month) -> Month:
    """Return a month in which the rows that exclusions.csv takes out count again."""
    tables = dict(month.tables)
    for table, out in month.excluded.items():
        if len(out):
            tables[table] = pd.concat([tables[table], out], ignore_index=True)
    return replace(month, tables=tables, excluded={})


def month_without(month: Month, flags: pd.DataFrame) -> Month:
    """Return a month in which no flagged row counts; a room's day takes its orders with it.

    Parameters
    ----------
    month : Month
        The month.
    flags : DataFrame
        ``table``, ``position`` and ``excluded``, as `Screening.flags`.
    """
    still_in = flags[~flags["excluded"].astype(bool)]
    out: dict[str, Mask] = {}
    for table in map(str, dict.fromkeys(still_in["table"])):
        positions = still_in.loc[still_in["table"] == table, "position"].astype(int)
        out[table] = np.isin(np.arange(len(month.tables[table])), positions)
    if "sessions" in out:
        theirs = of_session(month.tables["orders"], month.tables["sessions"][out["sessions"]])
        out["orders"] = theirs | out.get("orders", np.zeros(len(theirs), dtype=bool))
    gone = {t: month.tables[t][mask].reset_index(drop=True) for t, mask in out.items()}
    kept = {t: month.tables[t][~mask].reset_index(drop=True) for t, mask in out.items()}
    before = {t: month.excluded[t] for t in gone.keys() & month.excluded.keys()}
    both = {
        t: pd.concat([before[t], rows], ignore_index=True) if len(before.get(t, ())) else rows
        for t, rows in gone.items()
    }
    return replace(month, tables={**month.tables, **kept}, excluded={**month.excluded, **both})


def side_by_side(outcomes: Outcomes, seen: Screening) -> SideBySide:
    """Grade a month with every row and without the flagged ones; files are not read again.

    Parameters
    ----------
    outcomes : Outcomes
        The month as it is in force.
    seen : Screening
        The screening of the same month.

    Returns
    -------
    SideBySide
        Nothing is excluded by it: that takes an entry in exclusions.csv.
    """
    month, scheme = outcomes.grades.scores.readings.month, outcomes.scheme
    flags = seen.flags
    excluded = any(len(rows) for rows in month.excluded.values())
    open_flags = not flags.empty and not flags["excluded"].astype(bool).all()
    outcomes = outcomes.as_computed
    now = outcomes.grades
    every = _graded(month_with(month), scheme) if excluded else now
    none = _graded(month_without(month, flags), scheme) if open_flags else now
    table = outcomes.table[["team", "score", "grade"]].copy()
    for name, grades in (("with", every), ("without", none)):
        found = grades.table.reindex(table.index)
        table[f"score_{name}"], table[f"grade_{name}"] = found["score"], found["grade"]
    differs = table["score_with"].ne(table["score_without"])
    differs &= table["score_with"].notna() | table["score_without"].notna()
    columns = ["team", "score_with", "grade_with", "score_without", "grade_without"]
    return SideBySide(
        table.loc[differs, [*columns, "score", "grade"]],
        entries_for(flags),
        len(flags),
        int(flags["excluded"].astype(bool).sum()),
    )


def _graded(month: Month, scheme: Scheme) -> Grades:
    return grade(score(measure(month, scheme)))


def entries_for(flags: pd.DataFrame) -> pd.DataFrame:
    """Write what would be copied into exclusions.csv.

    Parameters
    ----------
    flags : DataFrame
        As `kpilib.authenticity.Screening.flags`; lines of one order are one entry, and a row that
        is out already, or is of no kind that can be excluded, is none.
    """
    open_flags = flags[~flags["excluded"].astype(bool) & flags["kind"].isin(KINDS)]
    entries = open_flags[["kind", "name", "at", "account"]].drop_duplicates()
    entries = entries.assign(decided_by="", decided="", reason="")
    return entries[list(ENTRY)].reset_index(drop=True)
