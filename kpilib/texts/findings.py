"""Findings about data in the words of a language; what has no words there stays as it was said."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from kpilib.texts import Texts, slots


def told(row: Mapping[Hashable, Any], t: Texts) -> tuple[object, ...]:
    """Put one finding into words.

    Parameters
    ----------
    row : mapping
        ``kind``, ``where``, ``problem``, ``remedy``, ``rows`` and ``values``.
    t : Texts
        Words of the language: ``doubts.<kind>`` and ``doubts.<kind>_remedy``.

    Returns
    -------
    tuple
        Where, finding, rows, remedy.
    """
    values = {**row.get("values", {}), "rows": row["rows"]}
    said = []
    for part, plain in (("", row["problem"]), ("_remedy", row["remedy"])):
        key = f"doubts.{row['kind']}{part}"
        known = t.has(key) and slots(t.raw(key)) <= values.keys()
        said.append(t(key, **{s: values[s] for s in slots(t.raw(key))}) if known else plain)
    return row["where"], said[0], row["rows"], said[1]


def aside(reason: str, t: Texts) -> str:
    """Return why rows were set aside; a company's own reason is shown as it wrote it."""
    key = f"doubts.aside.{reason.replace(' ', '_')}"
    return t(key) if t.has(key) else reason
