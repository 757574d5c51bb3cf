"""The formats file read and checked: what each export looks like, as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from kpilib.errors import KpiError
from kpilib.exports.headers import DIMENSION, STATED, UNITS_OF, Unit

FORMATS_FILE = Path(__file__).with_name("formats.yaml")

Kind = Literal[
    "count",
    "rate_fraction",
    "rate_percent",
    "rate_percent_header",
    "rate_basis",
    "seconds",
    "minutes",
    "hours",
    "duration_text",
    "yuan",
    "datetime",
    "date",
    "month",
    "text",
    "id",
    "yes_no",
    "score",
    "number",
    "private",
]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Closed):
    """How one header's cells are read, and the canonical column they become."""

    name: str | None = None
    kind: Kind
    unit: Unit = ""
    aliases: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    signed: bool = False
    serial: bool = False
    order: Literal["", "dmy", "mdy"] = ""
    secret: bool = False

    @model_validator(mode="after")
    def _private_has_no_name(self) -> Self:
        if (self.kind == "private") is not (self.name is None):
            raise ValueError("give a name to every column but the private ones, and none to those")
        if self.unit not in UNITS_OF.get(self.kind, ("",)):
            raise ValueError(f"{self.kind} is not given in {self.unit}")
        return self

    def under(self, stated: str, usual: str) -> Column | None:
        """Return the column as a file's own header says it is to be read.

        Parameters
        ----------
        stated, usual : str
            The unit in the file's header, and the one in the format's; empty without one.

        Returns
        -------
        Column or None
            None if the header states a unit that such a column cannot have. A header that lost
            its unit leaves it to the cells: a rate needs its sign, a time its words.
        """
        dimension = DIMENSION.get(self.kind)
        if stated == usual or dimension is None:
            return None if stated != usual and self.kind in ("number", "score") else self
        if stated:
            change = STATED.get((dimension, stated))
            return None if change is None else self.model_copy(update=change)
        bare = {"rate_percent_header": "rate_percent"}
        bare |= dict.fromkeys(("seconds", "minutes", "hours"), "duration_text")
        return self.model_copy(update={"kind": bare.get(self.kind, self.kind), "unit": ""})


class _Called(_Closed):
    en: str
    zh: str = ""


class Format(_Closed):
    """One kind of file: what tells it apart, and what its columns mean."""

    key: str
    title: str
    called: _Called | None = None
    platform: str = ""
    containers: tuple[Literal["csv", "xlsx", "json"], ...] = ()
    table: str | None = None
    headers: tuple[str, ...]
    optional: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    partial: bool = False
    variants: dict[str, tuple[str, ...]] = {}
    exact: bool = False
    signature: tuple[str, ...]
    lacking: Literal[0, 1] = 0
    without: tuple[str, ...] = ()
    columns: dict[str, Column] = {}
    skip: int = 0
    stacked: bool = False
    titled: str | None = None
    says: dict[str, str] = {}
    days: dict[str, str] = {}
    missing: tuple[str, ...]
    special_rows: dict[str, dict[str, str]] = {}
    needs_account: bool = False
    second: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    estimated: bool = False
    source: tuple[str, ...] = ()
    whole: bool = False
    sums: bool = False
    place: str | None = None
    seldom: bool = False
    unique: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    additive: tuple[str, ...] = ()
    not_below: dict[str, str] = {}
    contains: dict[str, tuple[str, str]] = {}
    month: str | None = None
    undated: bool = False
    buyer: tuple[str, ...] = ()
    refunded: tuple[str, ...] = ()
    not_refunded: tuple[str, ...] = ()
    refused: bool = False
    because: str = "which kpilib does not read"
    remedy: str = "take it out of the folder of this month."

    @property
    def name(self) -> str:
        """Platform and title, as messages call a file of this kind."""
        return f"{self.platform} {self.title}".strip()

    def title_in(self, lang: str) -> str:
        """Return what a page in ``en`` or ``zh`` calls a file of this kind."""
        return getattr(self.called, lang, "") or self.title

    @cached_property
    def known(self) -> tuple[str, ...]:
        """Every header that this format may hold, exactly as the platform writes it."""
        lists = (self.headers, self.optional, self.one_of, *self.variants.values())
        return tuple(dict.fromkeys(header for headers in lists for header in headers))

    @cached_property
    def choices(self) -> tuple[frozenset[str], ...]:
        """The signature: of each of these sets, one header must be there."""
        return tuple(frozenset(item.split("|")) for item in self.signature)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Canonical columns whose headers a file must have for its rows to mean anything."""
        month = () if self.month is None or self.undated else (self.month,)
        return tuple(dict.fromkeys((*self.required, *month)))

    @cached_property
    def named(self) -> Mapping[str, tuple[str, Column]]:
        """Canonical column -> header and column, for all that is kept."""
        return {name: headers[0] for name, headers in self.spellings.items()}

    @cached_property
    def spellings(self) -> Mapping[str, tuple[tuple[str, Column], ...]]:
        """Canonical column -> the headers that give it; the first one in a file is read."""
        found: dict[str, tuple[tuple[str, Column], ...]] = {}
        for header, column in self.columns.items():
            if column.name is not None:
                found[column.name] = (*found.get(column.name, ()), (header, column))
        return found

    @cached_property
    def expected(self) -> frozenset[str]:
        """The canonical columns that the platform's full file gives."""
        usual = {*self.headers, *self.one_of}
        return frozenset(
            name
            for name, options in self.spellings.items()
            if not usual.isdisjoint(header for header, _ in options)
            and not any(header in self.one_of for header, _ in options)
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """The canonical columns that this format gives."""
        given = {*self.spellings, *self.says, *self.days, *self.contains}
        given |= {self.titled} if self.titled else set()
        return frozenset(given | {"account"} if self.needs_account else given)

    @model_validator(mode="after")
    def _headers_are_known(self) -> Self:
        named = {*self.columns, *self.special_rows, *self.buyer}
        stray = sorted((named | set().union(*self.choices)) - set(self.known))
        if stray:
            raise ValueError(f"not among the headers: {', '.join(stray)}")
        used = {*self.unique, *self.source, *self.required, *self.additive, *self.not_below}
        used |= {
            *self.asked,
            *self.second,
            *self.reached,
            *self.not_below.values(),
            *(column for column, _ in self.contains.values()),
        }
        stray = sorted((used | ({self.month} if self.month else set())) - self.names)
        if stray:
            raise ValueError(f"not among the canonical columns: {', '.join(stray)}")
        if self.refused is not (self.table is None):
            raise ValueError("a format has a table, unless it is refused")
        if self.called is None and not self.refused:
            raise ValueError("say what English pages call it: called: {en: ...}")
        return self


class _Book(_Closed):
    """The whole formats file."""

    missing: tuple[str, ...]
    totals: dict[str, str] = {}
    tables: dict[str, tuple[str, ...]]
    formats: dict[str, Format]

    @model_validator(mode="after")
    def _tables_exist(self) -> Self:
        rules: dict[str, tuple[object, ...]] = {}
        for fmt in self.formats.values():
            if fmt.table is None:
                continue
            if fmt.table not in self.tables:
                raise ValueError(f"{fmt.key}: no table {fmt.table!r} in this file")
            mine = (fmt.unique, fmt.source, fmt.whole, fmt.month, fmt.undated)
            if rules.setdefault(fmt.table, mine) != mine:
                raise ValueError(
                    f"{fmt.key}: unique, source, whole and month differ within {fmt.table}"
                )
        return self


def read_formats(path: Path) -> _Book:
    """Read a formats file and check it whole; every fault stands in one error.

    Parameters
    ----------
    path : Path
        A YAML file in the shape that the head of ``formats.yaml`` describes.

    Returns
    -------
    _Book
        Tables and formats.

    Raises
    ------
    KpiError
        If the file is not such a file.
    """
    raw: dict[str, Any] = yaml.load(path.read_bytes(), Loader=_LOADER)
    for key, entry in raw.get("formats", {}).items():
        entry.setdefault("missing", raw.get("missing", ()))
        entry["key"] = key
    try:
        return _Book.model_validate(raw)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise KpiError(path.name, "; ".join(faults) + ".", "correct these entries.") from error


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=1)
def _shipped() -> _Book:
    return read_formats(FORMATS_FILE)


def formats() -> Mapping[str, Format]:
    """Every format that is read or refused by name, by key.

    >>> formats()["creator_works"].headers[:3]
    ('作品名称', '发布时间', '体裁')
    """
    return MappingProxyType(_shipped().formats)


def table_columns() -> Mapping[str, tuple[str, ...]]:
    """Return the canonical columns of each table, in order, without ``file`` and ``row``."""
    return MappingProxyType(_shipped().tables)
