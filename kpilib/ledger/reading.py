"""Reading a closed month: what it came to, as it was closed and as it was amended since."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pandas as pd

from kpilib.grading import Grades
from kpilib.ledger.canonical import sha256
from kpilib.ledger.comments import read_comments
from kpilib.ledger.manifest import (
    Amended,
    Amendment,
    Manifest,
    absent,
    changed,
    folder_of,
    place_of,
    read_amendments,
    read_manifest,
)
from kpilib.ledger.tables import Content, outcomes_of
from kpilib.outcomes import Kept, Outcomes


@dataclass(frozen=True, eq=False)
class ClosedMonth:
    """A closed month.

    Attributes
    ----------
    manifest : Manifest
        What it says of itself.
    seal : str
        The hash over that.
    outcomes : Outcomes
        As closed.
    amendments : tuple of Amended
        Corrections in order, each with its reason and who decided.
    """

    manifest: Manifest
    seal: str
    outcomes: Outcomes
    amendments: tuple[Amended, ...]

    @property
    def amended(self) -> Outcomes:
        """The month with its amendments; what follows later stands on this."""
        table, graded = self.outcomes.table.copy(), self.outcomes.grades.table.copy()
        for amendment, *_ in self.amendments:
            value = _value(amendment)
            for held in (table, graded):
                if amendment.field in held:
                    mine = held.index == amendment.person
                    held[amendment.field] = held[amendment.field].mask(mine, value)
        grades = replace(self.outcomes.grades, table=graded)
        return replace(self.outcomes, table=table, grades=grades, kept={self.kept.month: self.kept})

    @property
    def kept(self) -> Kept:
        """The month in short, for pages."""
        columns = ["number", "person", "field", "was", "now", "by", "at", "why"]
        rows = [
            [a.number, a.person, a.field, a.was, a.now, by.text, a.at, why.text]
            for a, _, why, by in self.amendments
        ]
        pay = self.outcomes.table["pay"].copy()
        for amendment, *_ in self.amendments:
            if amendment.field == "pay":
                pay[amendment.person] = _value(amendment)
        return Kept(
            self.manifest.month,
            self.manifest.closed,
            self.seal,
            self.manifest.rules,
            pay,
            pd.DataFrame(rows, columns=columns, dtype=object),
        )


def read_closed(
    data: str | Path,
    month: str,
    before: tuple[Grades, ...] = (),
    names: Mapping[str, str] | None = None,
) -> ClosedMonth:
    """Read a closed month; every byte is held against the manifest.

    Parameters
    ----------
    data : path
        A team's folder.
    month : str
        A closed month.
    before : tuple of Grades
        The months before it, oldest first.
    names : mapping, optional
        Names by id; those of people.csv by default. Who is not there goes by the id.

    Raises
    ------
    KpiError
        If a file is absent or was changed.
    """
    root = Path(data)
    manifest, seal = read_manifest(root, month)
    held = {}
    for name, file in manifest.files.items():
        where = place_of(month, file.file)
        try:
            content = (folder_of(root, month) / file.file).read_bytes()
        except OSError as error:
            raise absent(where) from error
        if sha256(content) != file.sha256:
            raise changed(where)
        held[name] = Content(content, dict(file.columns), file.private)
    called = names_of(root) if names is None else names
    words = {each.sha256: each.text for each in read_comments(root, month)}
    outcomes = outcomes_of(held, month, root, called, before, words)
    return ClosedMonth(manifest, seal, outcomes, tuple(read_amendments(root, month)))


def names_of(data: Path) -> dict[str, str]:
    """Return the names of people.csv by id: the one place where names stand."""
    place = data / "people.csv"
    if not place.is_file():
        return {}
    raw = place.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            rows = csv.DictReader(io.StringIO(raw.decode(encoding), newline=""))
            return {row["person"].strip(): row["name"].strip() for row in rows}
        except (UnicodeDecodeError, KeyError, AttributeError):
            continue
    return {}


def cell_of(value: object) -> str | None:
    """Return a figure as an amendment keeps it; None where there is none."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    return str(value) if isinstance(value, str | Decimal) else repr(float(value))  # type: ignore[arg-type]


def _value(amendment: Amendment) -> str | float | Decimal | None:
    """Return the figure that an amendment puts in place."""
    text = amendment.now
    if text is None or amendment.field == "grade":
        return text
    return Decimal(text) if amendment.field == "pay" else float(text)
