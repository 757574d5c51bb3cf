"""Files that appear whole or not at all, whatever happens; and one writer at a time."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kpilib.errors import KpiError

PRIVATE: Final = 0o600  # pay and comments: their owner only
PARTIAL: Final = ".partial-"  # a file that is being written; left behind only by a killed process
LOCK: Final = ".lock"


def put_new(place: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file that is not there yet; it appears whole, in one step, or not at all.

    Raises
    ------
    FileExistsError
        If it is there; it is not touched.
    """
    partial = _written(place, content, private=private)
    try:
        os.link(partial, place)  # fails where the name is taken; a rename would replace it
    finally:
        partial.unlink()
    keep_names(place.parent)


def put(place: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file in the place of another, which stays whole until then."""
    _written(place, content, private=private).replace(place)
    keep_names(place.parent)


def _written(place: Path, content: bytes, *, private: bool) -> Path:
    """Write a file beside its place, and wait until the disk has it."""
    partial = place.parent / f"{PARTIAL}{uuid.uuid4().hex}"
    mode = PRIVATE if private else 0o666  # less what the user's mask takes away
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return partial


def keep_names(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    if os.name == "nt":
        return  # Windows opens no folders; its file system keeps names by itself
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone, and clear what killed processes left half-written in it.

    The system lets go when the process ends, however it ends.

    Raises
    ------
    KpiError
        If another process holds it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("ab") as file:
        try:
            _hold(file.fileno())
        except OSError as error:
            raise KpiError(
                f"{folder.name}/",
                "another command is writing here.",
                "wait until it has ended, and start again.",
            ) from error
        for partial in folder.rglob(f"{PARTIAL}*"):  # of a process that was killed
            partial.unlink()
        yield


def _hold(handle: int) -> None:
    """Take a lock of the whole file, or raise OSError at once."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
