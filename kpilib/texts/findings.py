"""Findings about data in the words of a language; what has no words there stays as it was said."""

from __future__ import annotations

import re
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
    return _place(str(row["where"]), t), said[0], row["rows"], said[1]


def _place(where: str, t: Texts) -> str:
    """Put a place into words; a bare file name is one in any language."""
    some = re.fullmatch(r"\w+, e\.g\. (?P<file>.+), row (?P<rows>\d+)", where)
    if some:
        return t("doubts.at_example", **some.groupdict())
    found = re.fullmatch(r"(?P<file>.+), row(?:\(s\))? (?P<rows>[\d, ]+)", where)
    if found:
        rows = found["rows"].split(", ")
        return t(
            "doubts.at_row" if len(rows) == 1 else "doubts.at_rows", file=found["file"], rows=rows
        )
    return where


def aside(reason: str, t: Texts) -> str:
    """Return why rows were set aside; a company's own reason is shown as it wrote it."""
    key = f"doubts.aside.{reason.replace(' ', '_')}"
    return t(key) if t.has(key) else reason
