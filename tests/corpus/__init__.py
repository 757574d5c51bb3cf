"""Damaged exports, each with what must come of it: read right, or refused in these very words.

A case says what was done to a good file of one format, as the platform writes it (`exports_made`),
and what the reader must make of it. With ``text`` it must be refused: that is the whole refusal,
``{file}`` being the path of the file. Without, it must be read: the table equals that of the good
file but for ``values``, and rows are set aside as ``aside`` counts them, and none besides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MONTH = "exports/2025-05"
AGAIN = "download it again from the platform."


@dataclass(frozen=True)
class Case:
    """One file, what was done to it, and what must come of it.

    Attributes
    ----------
    name : str
        What was done, in words.
    key : str
        Format of the good file.
    raw : callable
        Makes the damaged file.
    path : str
        Where it stands in the team's folder.
    text : str, optional
        The whole refusal.
    values : mapping of str to list
        Columns of the table that differ from the good file's.
    keep : int, optional
        How many of the good file's rows are read; all of them, if not given.
    last : mapping of str to object
        The same for the last row only.
    aside : mapping of str to int
        Rows set aside, by reason.
    beside : mapping of str to callable
        Other files of the folder: path, and what makes them.
    """

    name: str
    key: str
    raw: Callable[[], bytes]
    path: str = f"{MONTH}/x.csv"
    text: str | None = None
    values: Mapping[str, list[object]] = field(default_factory=dict)
    keep: int | None = None
    last: Mapping[str, object] = field(default_factory=dict)
    aside: Mapping[str, int] = field(default_factory=dict)
    beside: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)
