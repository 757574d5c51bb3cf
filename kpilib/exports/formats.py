"""The formats file read and checked: what each export looks like, as data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from kpilib.errors import KpiError

FORMATS_FILE = Path(__file__).with_name("formats.yaml")

Kind = Literal[
    "count",
    "rate_fraction",
    "rate_percent",
    "rate_percent_header",
    "seconds",
    "duration_text",
    "hours",
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

_BRACKETS = str.maketrans("【】〔〕［］", "()()()")
_INVISIBLE = re.compile("[\\s\ufeff\u200b-\u200f\u2060]+")


@lru_cache(maxsize=8192)
def normal_header(text: str) -> str:
    r"""Return a header as it is compared: NFKC, one kind of bracket, no BOM, no blanks, no case.

    >>> normal_header("\ufeff 发货前退款金额(订单）")
    '发货前退款金额(订单)'
    """
    plain = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return _INVISIBLE.sub("", plain).casefold()


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Closed):
    """How one header's cells are read, and the canonical column they become."""

    name: str | None = None
    kind: Kind
    aliases: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    signed: bool = False
    serial: bool = False
    secret: bool = False

    @model_validator(mode="after")
    def _private_has_no_name(self) -> Self:
        if (self.kind == "private") is not (self.name is None):
            raise ValueError("give a name to every column but the private ones, and none to those")
        return self


class Format(_Closed):
    """One kind of file: what tells it apart, and what its columns mean."""

    key: str
    title: str
    table: str | None = None
    headers: tuple[str, ...]
    optional: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    exact: bool = False
    signature: tuple[str, ...]
    columns: dict[str, Column] = {}
    skip: int = 0
    missing: tuple[str, ...]
    special_rows: dict[str, dict[str, str]] = {}
    needs_account: bool = False
    source: tuple[str, ...] = ()
    place: str | None = None
    unique: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    additive: tuple[str, ...] = ()
    not_below: dict[str, str] = {}
    contains: dict[str, tuple[str, str]] = {}
    month: str | None = None
    buyer: tuple[str, ...] = ()
    refunded: tuple[str, ...] = ()
    not_refunded: tuple[str, ...] = ()
    refused: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """Every header that this format may hold, exactly as the platform writes it."""
        return self.headers + self.optional + self.one_of

    @property
    def named(self) -> dict[str, tuple[str, Column]]:
        """Canonical column -> header and column, for all that is kept."""
        return {c.name: (header, c) for header, c in self.columns.items() if c.name is not None}

    @model_validator(mode="after")
    def _headers_are_known(self) -> Self:
        named = {*self.signature, *self.columns, *self.special_rows, *self.buyer}
        stray = sorted(named - set(self.known))
        if stray:
            raise ValueError(f"not among the headers: {', '.join(stray)}")
        names = {"account"} | {c.name for c in self.columns.values() if c.name}
        used = {*self.unique, *self.source, *self.required, *self.additive, *self.not_below}
        used |= {*self.not_below.values(), *(column for column, _ in self.contains.values())}
        stray = sorted((used | ({self.month} if self.month else set())) - names)
        if stray:
            raise ValueError(f"not among the canonical columns: {', '.join(stray)}")
        if self.refused is not (self.table is None):
            raise ValueError("a format has a table, unless it is refused")
        return self


class _Book(_Closed):
    """The whole formats file."""

    missing: tuple[str, ...]
    tables: dict[str, tuple[str, ...]]
    formats: dict[str, Format]

    @model_validator(mode="after")
    def _tables_exist(self) -> Self:
        for fmt in self.formats.values():
            if fmt.table is not None and fmt.table not in self.tables:
                raise ValueError(f"{fmt.key}: no table {fmt.table!r} in this file")
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
