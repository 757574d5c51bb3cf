"""What every indicator means: read from ``catalogue.yaml``, extended by a company's own file."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kpilib.errors import KpiError, listed
from kpilib.formula import Formula, check, parse
from kpilib.yamlfile import read_mapping

SHIPPED = Path(__file__).with_name("catalogue.yaml")
RATINGS = "ratings"

Unit = Literal["rate", "count", "per_week", "hours", "seconds", "yuan", "score", "ratio"]
# How readings of a unit are written; the formats are those of kpilib/texts/numerals.py.
FORM_OF_UNIT: Mapping[Unit, str] = {
    "rate": "percent2",
    "count": "count",
    "per_week": "number",
    "hours": "hours",
    "seconds": "seconds",
    "yuan": "money2",
    "score": "number",
    "ratio": "number",
}
Dimension = Literal[
    "exposure", "engagement", "conversion", "quality", "service", "cost", "collaboration"
]
Kind = Literal["count", "yuan", "rate", "seconds", "hours", "flag", "text", "id", "time", "day"]
Relation = Literal["peer", "manager", "user"]

# what a formula may do with a column of each kind; numbers need no entry
_IN_FORMULAS = {"flag": "flag", "text": "text", "id": "text", "time": "day", "day": "day"}

_Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
_Text = Annotated[str, Field(min_length=1, max_length=400)]


class _Decision(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Words(_Decision):
    """A text in the two languages of the pages."""

    en: _Text
    zh: _Text

    def __getitem__(self, lang: str) -> str:
        """Return the text in ``en`` or ``zh``."""
        return {"en": self.en, "zh": self.zh}[lang]


class Definition(_Decision):
    """What one indicator counts, in which unit, and which way is better."""

    key: _Key
    table: str
    formula: str | None = None
    unit: Unit
    direction: Literal["higher", "lower"]
    dimension: Dimension
    interval: Literal["wilson", "cluster", "none"] = "none"
    plan: bool = False
    relations: tuple[Relation, ...] = ()
    title: Words
    note: Words

    @property
    def judged(self) -> bool:
        """Whether people mark it (1 to 5) rather than an export counting it."""
        return self.table == RATINGS

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest reading that can come about at all, in the unit.

        A rate is within 0 and 1 where it counts so many cases of so many; growth may be below 0
        and completion of a plan above 1.
        """
        if self.unit == "score":
            return 1.0, 5.0
        if self.unit == "rate":
            return (0.0, 1.0) if self.interval == "wilson" else (-math.inf, math.inf)
        return 0.0, math.inf

    @cached_property
    def parsed(self) -> Formula | None:
        """The formula as a checked tree; None for a judged indicator."""
        if self.formula is None:
            return None
        return parse(self.formula, f"indicator {self.key}, formula")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All indicators by key, and the columns of the tables they count.

    Parameters
    ----------
    definitions : mapping of str to Definition
        In the order of the files.
    tables : mapping of str to mapping of str to str
        Table, column, kind of the column.
    """

    definitions: Mapping[str, Definition]
    tables: Mapping[str, Mapping[str, Kind]]

    def __getitem__(self, key: str) -> Definition:
        """Return one definition; a misspelt key is an error that names its neighbour."""
        if key not in self.definitions:
            raise KpiError(
                f"indicator {key!r}",
                f"the catalogue has no such indicator{_near(key, self.definitions)}.",
                f"use one of: {', '.join(self.definitions)}.",
            )
        return self.definitions[key]

    def __contains__(self, key: object) -> bool:
        """Whether an indicator is defined."""
        return key in self.definitions

    def __iter__(self) -> Iterator[Definition]:
        """Iterate over the definitions."""
        return iter(self.definitions.values())

    def __len__(self) -> int:
        """Count the definitions."""
        return len(self.definitions)


def read_catalogue(path: Path | str | None = None) -> Catalogue:
    """Read the shipped catalogue, and a company's own file on top of it.

    Parameters
    ----------
    path : Path or str, optional
        A YAML file with ``indicators`` in the shipped form. It adds indicators; one with a
        shipped key takes its place whole. It cannot add tables or columns.

    Returns
    -------
    Catalogue
        Checked whole: every formula parsed and its columns known.

    Raises
    ------
    KpiError
        Once, with every fault of the file and its place.
    """
    shipped = _shipped()
    if path is None:
        return shipped
    content = read_mapping(Path(path))
    added = _definitions(content, shipped.tables, Path(path).name, own=True)
    return Catalogue(
        MappingProxyType({**shipped.definitions, **added}),
        shipped.tables,
    )


@cache
def _shipped() -> Catalogue:
    """Read the shipped file; once in a process, for it cannot change."""
    content = read_mapping(SHIPPED)
    tables = MappingProxyType(
        {
            table: MappingProxyType({c: kind for kind, names in kinds.items() for c in names})
            for table, kinds in content["tables"].items()
        }
    )
    definitions = _definitions(content, tables, SHIPPED.name, own=False)
    return Catalogue(MappingProxyType(definitions), tables)


def _definitions(
    content: dict[str, Any], tables: Mapping[str, Mapping[str, Kind]], name: str, *, own: bool
) -> dict[str, Definition]:
    """Check each entry; raise once with all faults."""
    faults = [
        f"{key}: a file has only 'indicators'"
        for key in content
        if key != "indicators" and (own or key != "tables")
    ]
    entries = content.get("indicators")
    if not isinstance(entries, dict) or not entries:
        entries = {}
        faults.append("indicators: the file defines none")
    found: dict[str, Definition] = {}
    for key, entry in entries.items():
        place = f"indicators.{key}"
        if not isinstance(entry, dict):
            faults.append(f"{place}: write table, formula, unit and so on under it")
            continue
        try:
            definition = Definition.model_validate({"key": key, **entry})
        except ValidationError as error:
            faults += [
                f"{'.'.join([place, *map(str, e['loc'])])}: {e['msg']}"
                for e in error.errors(include_url=False)
            ]
            continue
        faults += [f"{place}.{fault}" for fault in _faults(definition, tables)]
        found[str(key)] = definition
    if faults:
        raise KpiError(
            name,
            listed(faults),
            "correct these places; kpilib/catalogue.yaml shows the form.",
        )
    return found


def _faults(definition: Definition, tables: Mapping[str, Mapping[str, Kind]]) -> Iterator[str]:
    """Yield what is wrong between the parts of one definition."""
    if definition.table not in tables:
        yield (
            f"table: no table {definition.table!r}{_near(definition.table, tables)}; "
            f"there are {', '.join(tables)}"
        )
        return
    if definition.judged:
        if definition.formula is not None or definition.plan or definition.interval != "none":
            yield "table: marks of ratings take no formula, plan or interval"
        if not definition.relations:
            yield "relations: say whose marks count: peer, manager, user"
        return
    if definition.relations:
        yield "relations: only for the table ratings"
    if definition.formula is None:
        yield "formula: Field required"
        return
    columns = {
        column: _IN_FORMULAS.get(kind, "number")
        for column, kind in tables[definition.table].items()
    }
    try:
        formula = parse(definition.formula, "formula")
        check(formula, columns)
    except KpiError as error:
        yield f"{error.where}: {error.problem}    {error.remedy}"
        return
    if definition.interval != "none" and formula.ratio is None:
        yield f"interval: {definition.interval} needs a formula that is a ratio of sums or counts"


def _near(name: object, names: Mapping[str, object]) -> str:
    """Name the nearest of some names, if one is near."""
    near = difflib.get_close_matches(str(name), names, n=1)
    return f"; the nearest is {near[0]!r}" if near else ""
