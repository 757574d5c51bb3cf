"""From the result to its signature: who is where, what may follow, what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from kpilib.errors import KpiError, listed
from kpilib.scheme import SIGNING_STEPS

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes
    from kpilib.scheme import Signing
    from kpilib.workdays import Workdays

DONE: Final = ("signed", "accepted_by_lapse", "final")
# What may follow what; the steps before the interview follow each other as the scheme lists them.
_AFTER: Final[Mapping[str, tuple[str, ...]]] = {
    "interviewed": ("signed", "refused", "objection"),
    "refused": ("signed", "objection"),
    "objection": ("appeal",),
    "appeal": ("final",),
    "signed": (),
    "final": (),
}
_WITNESSED: Final = ("refused",)


@dataclass(frozen=True, eq=False)
class Signoff:
    """Where everybody's result stands on a day.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, in the order of the month: ``team``, ``state`` (``open`` before the
        first step; ``accepted_by_lapse`` where the term to object ran out), ``since`` (day of
        it, None while open), ``next`` (tuple of the states that may follow), ``due`` (last day
        of the term that runs, None where none does), ``overdue`` (the term is over and nobody
        has acted), ``done``.
    on : date
        The day.
    """

    table: pd.DataFrame
    on: date

    @property
    def still_open(self) -> list[str]:
        """Ids of those whose result may still change: not signed, lapsed or decided."""
        return list(self.table.index[~self.table["done"]])

    @property
    def counts(self) -> pd.Series:
        """Number of people by ``state``, in the order of the procedure."""
        order = ["open", *SIGNING_STEPS, "refused", "objection", "appeal", *DONE]
        return self.table["state"].value_counts().reindex(order).dropna().astype(int)


def signoff(outcomes: Outcomes, workdays: Workdays, on: date | None = None) -> Signoff:
    """Follow signoff.csv for a month and say where everybody stands.

    Whoever has a result goes through the scheme's steps, then signs, refuses before a witness,
    or objects; an objection is appealed to the manager above and decided. Whoever was
    interviewed and does nothing within the term to object has accepted by lapse.

    Parameters
    ----------
    outcomes : Outcomes
        The month, with its table ``signoff``: ``person``, ``state``, ``when``, ``who``,
        ``witness``, ``note``.
    workdays : Workdays
        Days that count for terms.
    on : date, optional
        The day to look at; by default the day of the last entry, or the as-of day of the month
        where there is none, so that the same files give the same answer.

    Raises
    ------
    KpiError
        With every entry that cannot be: a step that may not follow, a day before the last one, an
        objection after its term, a refusal without a witness, a person or state nobody knows.
    """
    month = outcomes.grades.scores.readings.month
    entries = month.tables["signoff"]
    rules = outcomes.scheme.signing
    graded = outcomes.table[outcomes.table["status"] != "no_score"]
    faults: list[str] = []
    known = set(month.tables["people"]["person"])
    faults += [
        f"row {row}: nobody has the id {person}."
        for row, person in zip(entries["row"], entries["person"], strict=True)
        if person not in known
    ]
    walks = {
        str(person): _walk(own.to_dict("records"), rules, workdays, faults)
        for person, own in entries.groupby("person", sort=False)
        if person in known
    }
    if faults:
        raise KpiError(
            f"signoff.csv, {outcomes.month}",
            listed(faults),
            "mend these entries; what was signed is never taken out.",
        )
    day = on or _last_day(entries) or outcomes.as_of
    rows = [
        {"team": team, **_standing(walks.get(str(person), ()), rules, workdays, day)}
        for person, team in graded["team"].items()
    ]
    columns = ["team", "state", "since", "next", "due", "overdue", "done"]
    table = pd.DataFrame(rows, columns=columns, index=graded.index)
    return Signoff(table.astype({"overdue": bool, "done": bool}), day)


_Entry = tuple[str, date]


def _walk(
    rows: Iterable[Mapping[Any, Any]], rules: Signing, workdays: Workdays, faults: list[str]
) -> tuple[_Entry, ...]:
    """Follow one person's entries; what cannot be is noted and not followed."""
    walked: list[_Entry] = []
    for row in rows:
        state, day = str(row["state"]), row["when"].date()
        fault = _fault(walked, state, day, row, rules, workdays)
        if fault is None:
            walked.append((state, day))
        else:
            faults.append(f"row {row['row']}, {row['person']}: {fault}")
    return tuple(walked)


def _fault(
    walked: list[_Entry],
    state: str,
    day: date,
    row: Mapping[Any, Any],
    rules: Signing,
    workdays: Workdays,
) -> str | None:
    now = walked[-1][0] if walked else "open"
    allowed = following(now, rules)
    if state not in allowed:
        may = f"may follow: {', '.join(allowed)}" if allowed else "nothing follows"
        return f"{state} does not follow {now}; {may}."
    if walked and day < walked[-1][1]:
        return f"{state} is of {day}, before {now} of {walked[-1][1]}."
    if state in _WITNESSED and not isinstance(row["witness"], str):
        return f"{state} needs a witness."
    if state in ("objection", "refused"):
        told = next(when for step, when in walked if step == "interviewed")
        last = workdays.after(told, rules.objection_days)
        if day > last:
            return (
                f"{state} of {day} is late: the term of {rules.objection_days} working days after "
                f"the interview of {told} ended on {last}."
            )
    return None


def following(state: str, rules: Signing) -> tuple[str, ...]:
    """Return the states that may be entered after one, as the scheme lists its steps."""
    order = ("open", *rules.steps)
    if state in order[:-1]:
        return (order[order.index(state) + 1],)
    return _AFTER[state]


def _standing(
    walked: tuple[_Entry, ...], rules: Signing, workdays: Workdays, on: date
) -> dict[str, Any]:
    """Say where somebody stands on a day; entries of later days have not happened."""
    past = [entry for entry in walked if entry[1] <= on]
    state, since = past[-1] if past else ("open", None)
    due = None
    if state in ("interviewed", "refused"):
        told = next(day for step, day in past if step == "interviewed")
        due = workdays.after(told, rules.objection_days)
        if on > due:
            state, since, due = "accepted_by_lapse", due, None
    elif state in ("objection", "appeal"):
        opened = next(day for step, day in past if step == "objection")
        due = workdays.after(opened, rules.appeal_days)
    return {
        "state": state,
        "since": since,
        "next": () if state in DONE else following(state, rules),
        "due": due,
        "overdue": due is not None and on > due,
        "done": state in DONE,
    }


def _last_day(entries: pd.DataFrame) -> date | None:
    return None if entries.empty else entries["when"].max().date()
