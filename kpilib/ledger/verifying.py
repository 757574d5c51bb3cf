"""Verifying: every byte of every closed month is as it was, and no month or file is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpilib.errors import KpiError
from kpilib.ledger.canonical import frame_of, sha256
from kpilib.ledger.comments import comment_faults
from kpilib.ledger.files import LOCK
from kpilib.ledger.forgotten import FORGOTTEN, Forgotten, read_forgotten
from kpilib.ledger.manifest import (
    COMMENTS,
    MANIFEST,
    SEALS,
    Frozen,
    Manifest,
    Seal,
    absent,
    amendment_name,
    changed,
    folder_of,
    place_of,
    read_amendments,
    read_manifest,
    read_seals,
)
from kpilib.output import PARTIAL

_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_OF_A_MONTH: Final = ("exports/", "ratings/", "tasks/")  # other files go on from month to month
_LISTED: Final = {LOCK, SEALS, FORGOTTEN}


@dataclass(frozen=True)
class Sound:
    """One closed month that was looked at."""

    month: str
    closed: str
    scheme: str
    seal: str
    amendments: int


@dataclass(frozen=True)
class Verified:
    """What looking at all closed months found.

    Attributes
    ----------
    months : tuple of Sound
        Closed months with a sound manifest, oldest first.
    faults : tuple of KpiError
        Files that changed, are gone, or were added; each is named.
    moved : tuple of str
        Exports, ratings and tasks that differ from those that a month was closed on. The
        closed figures stand; figures made anew from these files would be others.
    unfinished : tuple of str
        Months whose closing was interrupted: they are not closed, and can be.
    """

    months: tuple[Sound, ...]
    faults: tuple[KpiError, ...]
    moved: tuple[str, ...]
    unfinished: tuple[str, ...]


def verify(data: str | Path) -> Verified:
    """Check every closed month of a team's folder, file by file and one against the next.

    Parameters
    ----------
    data : path
        A team's folder; nothing in it is changed.
    """
    return _Look(Path(data)).verified()


class _Look:
    """One look at a folder: what is gathered on the way."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.faults: list[KpiError] = []
        self.sound: list[Sound] = []
        self.manifests: list[Manifest] = []
        self.there: list[Seal] = []
        self.unfinished: list[str] = []
        self.seals: list[Seal] | None = None
        self.forgotten = Forgotten({}, ())

    def verified(self) -> Verified:
        """Look at everything, in the order of the months."""
        root = self.data / "closed"
        if not root.is_dir():
            return Verified((), (), (), ())
        try:
            self.seals = read_seals(self.data)
        except KpiError as error:
            self.faults.append(error)
        try:
            self.forgotten = read_forgotten(self.data)
        except KpiError as error:
            self.faults.append(error)
        for place in sorted(root.iterdir()):
            if place.is_dir() and _MONTH.fullmatch(place.name):
                self._month(place.name)
            elif place.name not in _LISTED and not place.name.startswith(PARTIAL):
                self.faults.append(_added(f"closed/{place.name}"))
        self._chain()
        self._listed()
        moved = tuple(self._moved())
        return Verified(tuple(self.sound), tuple(self.faults), moved, tuple(self.unfinished))

    def _month(self, month: str) -> None:
        listed = [seal.file for seal in self.seals or () if seal.month == month]
        if not (folder_of(self.data, month) / MANIFEST).exists() and MANIFEST not in listed:
            self.unfinished.append(month)
            return
        try:
            manifest, seal = read_manifest(self.data, month)
        except KpiError as error:
            self.faults.append(error)
            return
        self.manifests.append(manifest)
        self.there.append(Seal(month=month, file=MANIFEST, sha256=seal))
        broken = [fault for file in manifest.files.values() for fault in self._file(month, file)]
        self.faults += broken
        self.faults += self._strangers(month, manifest)
        if not broken:
            self.faults += comment_faults(self.data, manifest, self.forgotten)
        amendments = self._amendments(month)
        self.sound.append(Sound(month, manifest.closed, manifest.scheme, seal, amendments))

    def _file(self, month: str, file: Frozen) -> Iterator[KpiError]:
        place, where = folder_of(self.data, month) / file.file, place_of(month, file.file)
        if not place.is_file():
            yield absent(where)
        elif sha256(place.read_bytes()) != file.sha256:
            yield changed(where)
        elif file.private and place.stat().st_mode & 0o077:
            yield KpiError(where, "others can read it, and it holds pay.", "chmod 600 it.")

    def _strangers(self, month: str, manifest: Manifest) -> Iterator[KpiError]:
        known = {file.file for file in manifest.files.values()} | {MANIFEST, COMMENTS}
        for place in sorted(folder_of(self.data, month).iterdir()):
            amendment = re.fullmatch(r"amendment-\d{3,}\.json", place.name)
            if place.name not in known and not amendment and not place.name.startswith(PARTIAL):
                yield _added(place_of(month, place.name))

    def _amendments(self, month: str) -> int:
        try:
            found = read_amendments(self.data, month)
        except KpiError as error:
            self.faults.append(error)
            # those that are listed are not missed a second time
            self.there += [s for s in self.seals or () if s.month == month and s.file != MANIFEST]
            return 0
        for amendment, seal, why, by in found:
            name = amendment_name(amendment.number)
            self.there.append(Seal(month=month, file=name, sha256=seal))
            if any(w.text is None and w.person not in self.forgotten.people for w in (why, by)):
                self._add(changed(place_of(month, name)))
        return len(found)

    def _chain(self) -> None:
        """Hold each manifest against the month before it, and the amendments that were there."""
        named = {(seal.month, seal.file) for seal in self.there}
        last: Seal | None = None
        for manifest in self.manifests:
            own = next(s for s in self.there if (s.month, s.file) == (manifest.month, MANIFEST))
            before = manifest.before
            if before != last and (before is None or (before.month, before.file) in named):
                self._add(changed(place_of((before or last or own).month, MANIFEST)))
            needed = [*([before] if before else []), *manifest.amended]
            for seal in needed:
                if (seal.month, seal.file) not in named:
                    self._add(absent(place_of(seal.month, seal.file)))
                elif seal not in self.there:
                    self._add(changed(place_of(seal.month, seal.file)))
            last = own

    def _listed(self) -> None:
        """Hold what is there against the list of seals; only the newest may lack in it."""
        if self.seals is None:
            return
        held = {(seal.month, seal.file): seal.sha256 for seal in self.there}
        for seal in self.seals:
            place = place_of(seal.month, seal.file)
            if (seal.month, seal.file) not in held:
                self._add(absent(place))
            elif held[seal.month, seal.file] != seal.sha256:
                self._add(changed(place))
        if len([seal for seal in self.there if seal not in self.seals]) > 1:
            self._add(changed(f"closed/{SEALS}"))

    def _add(self, fault: KpiError) -> None:
        """Add a fault, unless that file is named already."""
        if fault.where not in {known.where for known in self.faults}:
            self.faults.append(fault)

    def _moved(self) -> Iterator[str]:
        """Name the exports that are not those that a month was closed on."""
        for manifest in self.manifests:
            file = manifest.files["exports.csv"]
            place = folder_of(self.data, manifest.month) / file.file
            if not place.is_file() or sha256(place.read_bytes()) != file.sha256:
                continue
            table = frame_of(place.read_bytes(), dict(file.columns))
            for name, digest in zip(table["file"], table["sha256"], strict=True):
                if str(name).startswith(_OF_A_MONTH):
                    inside = self._place(str(name))
                    if not inside.is_file() or (
                        sha256(inside.read_bytes()) != self.forgotten.now(str(name), str(digest))
                    ):
                        yield str(name)

    def _place(self, name: str) -> Path:
        """Return the file of an export; one sheet of several is named after a ``#``."""
        place = self.data / name
        return place if place.exists() else self.data / name.rpartition("#")[0]


def _added(where: str) -> KpiError:
    return KpiError(
        where,
        "was not there when the month was closed.",
        "move it elsewhere; what is closed takes no further files.",
    )
