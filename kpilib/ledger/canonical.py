"""Tables and rules as bytes that are the same on any machine, and back again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

# Kind of a column -> how a cell is written, and how it is read. An empty cell is a missing value,
# but in texts that are never missing, and in those where a mark tells missing from empty.
_NONE: Final = "\\N"
_LIST: Final = "+"  # between keys and months, which never hold it
_WRITTEN: Final[Mapping[str, Callable[[Any], str]]] = {
    "text": str,
    "maybe": str,
    "marked": str,
    "int": lambda cell: str(int(cell)),
    "float": lambda cell: repr(float(cell)),
    "flag": lambda cell: "true" if cell else "false",
    "time": lambda cell: pd.Timestamp(cell).isoformat(),
    "money": str,
    "list": _LIST.join,
}
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": str,
    "maybe": lambda cell: cell or None,
    "marked": lambda cell: None if cell == _NONE else cell,
    "int": int,
    "float": lambda cell: float(cell) if cell else np.nan,
    "flag": lambda cell: cell == "true",
    "time": lambda cell: pd.Timestamp(cell) if cell else pd.NaT,
    "money": lambda cell: Decimal(cell) if cell else None,
    "list": lambda cell: tuple(cell.split(_LIST)) if cell else (),
}
_DTYPES: Final = {
    "int": "int64",
    "float": "float64",
    "flag": "bool",
    "time": "datetime64[us]",
    "maybe": "object",
    "marked": "object",
    "money": "object",
    "list": "object",
}


def kinds_of(frame: pd.DataFrame) -> dict[str, str]:
    """Return the kind of each column: how its cells are written, and read again."""
    return {str(name): _kind(frame[name]) for name in frame.columns}


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "time"
    held = [cell for cell in column if not _missing(cell)]
    whole = len(held) == len(column)
    if held and all(isinstance(cell, bool | np.bool_) for cell in held):
        assert whole, f"{column.name}: a flag is never missing"
        return "flag"
    if pd.api.types.is_integer_dtype(column) and whole:
        return "int"
    if pd.api.types.is_float_dtype(column):
        return "float"
    for kind, types in (("money", Decimal), ("list", tuple | list), ("float", int | float)):
        if held and all(isinstance(cell, types) for cell in held):
            return kind
    assert all(isinstance(cell, str) for cell in held), f"{column.name}: cells of several types"
    if whole and held:
        return "text"
    return "marked" if "" in held else "maybe"


def _missing(cell: object) -> bool:
    return (
        cell is None
        or cell is pd.NaT
        or cell is pd.NA
        or (isinstance(cell, float) and cell != cell)
    )


def csv_bytes(frame: pd.DataFrame, kinds: Mapping[str, str]) -> bytes:
    """Write a table: UTF-8, one LF after each line, numbers in their shortest exact form."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(kinds)
    columns = [[_written(cell, kind) for cell in frame[name]] for name, kind in kinds.items()]
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue().encode()


def _written(cell: object, kind: str) -> str:
    if _missing(cell):
        return _NONE if kind == "marked" else ""
    return _WRITTEN[kind](cell)


def frame_of(content: bytes, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Read a table that :func:`csv_bytes` wrote."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))[1:]
    columns = {}
    for place, (name, kind) in enumerate(kinds.items()):
        cells = [_READ[kind](row[place]) for row in rows]
        columns[name] = pd.Series(cells, dtype=_DTYPES.get(kind))
    return pd.DataFrame(columns, columns=list(kinds))


def json_bytes(data: object) -> bytes:
    """Write names and values: UTF-8, names in order, one line each."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hex."""
    return hashlib.sha256(content).hexdigest()
