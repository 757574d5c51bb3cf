"""Who was forgotten, and which files were written anew for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from kpilib.ledger.canonical import json_bytes, sha256
from kpilib.ledger.manifest import changed

FORGOTTEN: Final = "forgotten.json"


class Forgotten(NamedTuple):
    """People by id, with the day; and files, each with its hash before and after."""

    people: dict[str, str]
    files: tuple[tuple[str, str, str], ...]

    def now(self, file: str, digest: str) -> str:
        """Return the hash that a file has since, if names were taken out of it."""
        for name, was, now in self.files:
            if (name, was) == (file, digest):
                digest = now
        return digest


def read_forgotten(data: Path) -> Forgotten:
    """Read who was forgotten; nobody, where nobody ever was.

    Raises
    ------
    KpiError
        If the list was changed.
    """
    place = data / "closed" / FORGOTTEN
    if not place.exists():
        return Forgotten({}, ())
    try:
        said: Any = json.loads(place.read_bytes())
        found = Forgotten(
            {str(person): str(day) for person, day in said["people"].items()},
            tuple((str(f), str(was), str(now)) for f, was, now in said["files"]),
        )
        whole = forgotten_bytes(found) == place.read_bytes()
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise changed(f"closed/{FORGOTTEN}")
    return found


def forgotten_bytes(forgotten: Forgotten) -> bytes:
    """Write who was forgotten, with a hash over it."""
    said = {"people": forgotten.people, "files": [list(each) for each in forgotten.files]}
    return json_bytes({**said, "sha256": sha256(json_bytes(said))})
