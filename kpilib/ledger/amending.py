"""Amending: a correction stands beside the closed month, with its reason, and edits nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, Literal, get_args

from kpilib.errors import KpiError
from kpilib.ledger.closing import remember
from kpilib.ledger.comments import committed
from kpilib.ledger.files import locked
from kpilib.ledger.manifest import (
    Amendment,
    amendment_name,
    closed_months,
    folder_of,
    read_amendments,
    read_manifest,
    sealed,
)
from kpilib.ledger.reading import cell_of, read_closed
from kpilib.ledger.verifying import verify
from kpilib.outcomes import Outcomes
from kpilib.output import put_new

Field = Literal["score", "grade", "pay"]
FIELDS: Final[tuple[Field, ...]] = get_args(Field)


def amend(
    data: str | Path,
    month: str,
    person: str,
    field: str,
    to: str,
    *,
    why: str,
    by: str,
    expected: str | None = None,
    now: datetime | None = None,
) -> Amendment:
    """Correct one figure of one person in a closed month, by a numbered amendment.

    Parameters
    ----------
    data : path
        A team's folder.
    month, person : str
        A closed month, and the id of a person in it.
    field : {"score", "grade", "pay"}
        What is corrected; each for itself, nothing is computed from it.
    to : str
        What stands from now on: a number, a grade of the month's scheme, or an amount in yuan.
    why, by : str
        The reason, and who decided. Both can be forgotten later: only their hashes are sealed.
    expected : str, optional
        What the amendment is meant to replace; refused where something else stands.
    now : datetime, optional
        The time of amending; the present by default.

    Raises
    ------
    KpiError
        If the month is not closed, the person is not in it, the value is none, or it stands
        there already; if there is no reason; or if another command writes.
    """
    root = Path(data)
    where = f"amending {month}"
    if month not in closed_months(root):
        raise KpiError(
            where,
            "it is not closed.",
            "correct its exports or calibrations.csv, and make the pages anew.",
        )
    for name, text in (("reason", why), ("name of who decided", by)):
        if not text.strip():
            raise KpiError(
                where, f"it has no {name}.", "give one: an amendment is read years later."
            )
    with locked(root / "closed"):
        _sound(root, where)
        outcomes = read_closed(root, month).amended
        was = _standing(outcomes, person, field, where)
        new = _value(outcomes, field, to, where)
        if expected is not None and _value(outcomes, field, expected, where) != was:
            raise KpiError(
                f"{where}, {field} of {person}",
                "what stands there is not what the amendment is to replace.",
                "look at the month's page, and amend what stands there.",
            )
        if new == was:
            raise KpiError(
                f"{where}, {field} of {person}", "that stands there already.", "leave it."
            )
        return _added(root, month, (person, field, was, new), why, by, now or datetime.now(UTC))


def _sound(data: Path, where: str) -> None:
    faults = verify(data).faults
    if faults:
        raise KpiError(
            where,
            "a closed month is not as it was: " + "; ".join(f.where for f in faults[:5]) + ".",
            "restore these files from a copy; `kpi verify` says what is wrong with each.",
        )


def _standing(outcomes: Outcomes, person: str, field: str, where: str) -> str | None:
    """Return what stands in the month now, as text."""
    if field not in FIELDS:
        raise KpiError(
            f"{where}, field {field!r}", "cannot be amended.", f"take one of {', '.join(FIELDS)}."
        )
    if person not in outcomes.table.index:
        raise KpiError(
            f"{where}, person {person!r}",
            f"is none of the {len(outcomes.table)} people of the month.",
            "give an id of people.csv.",
        )
    return cell_of(outcomes.table.loc[person, field])


def _value(outcomes: Outcomes, field: str, text: str, where: str) -> str:
    """Return a value as it is kept, after checking that it is one."""
    if field == "grade":
        grades = outcomes.grades.order
        if text not in grades:
            raise KpiError(
                f"{where}, grade {text!r}",
                "is none of the scheme.",
                f"take one of {', '.join(grades)}.",
            )
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise KpiError(f"{where}, {field} {text!r}", "is no number.", "write it as 1780.00.")
    return str(number.quantize(Decimal("0.01"))) if field == "pay" else repr(float(number))


def _added(
    data: Path,
    month: str,
    change: tuple[str, str, str | None, str],
    why: str,
    by: str,
    now: datetime,
) -> Amendment:
    person, field, was, new = change
    folder, there = folder_of(data, month), read_amendments(data, month)
    reason, decider = committed(person, why.strip()), committed(person, by.strip())
    amendment = Amendment(
        month=month,
        number=len(there) + 1,
        before=there[-1].seal if there else read_manifest(data, month)[1],
        person=person,
        field=field,
        was=was,
        now=new,
        by=decider.sha256,
        at=now.isoformat(timespec="seconds"),
        why=reason.sha256,
    )
    content, _ = sealed(amendment, why=reason.model_dump(), by=decider.model_dump())
    put_new(folder / amendment_name(amendment.number), content, private=True)
    remember(data)
    return amendment
