"""Files written whole, whatever happens, in folders that only their owner opens."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o700  # a folder that only its owner opens
OWN: Final = 0o600  # a file that only its owner reads: pay and comments
PARTIAL: Final = ".partial-"  # what is being written; left behind only by a killed process
_ABANDONED: Final = 3600  # seconds after which nobody can be writing a page any more


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can open."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    for path in missing:
        path.chmod(PRIVATE)


def write_whole(out: Path, text: str) -> Path:
    """Write a text in UTF-8: the file is there whole, or as it was before."""
    with beside(out) as place:
        place.write_text(text, encoding="utf-8", newline="\n")
    return out


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Give a place in the same file system to write to, and move it where it belongs."""
    make_private(out.parent)
    folder = out.parent / f"{PARTIAL}{uuid.uuid4().hex}"
    folder.mkdir(mode=PRIVATE)
    try:
        yield folder / out.name
        (folder / out.name).replace(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    mode = OWN if private else 0o666  # less what the user's mask takes away
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
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


def clear_abandoned(root: Path) -> None:
    """Take away half-written files of runs that were killed: they may hold names and pay."""
    for place in list(root.rglob(f"{PARTIAL}*")):
        if place.is_dir() and time.time() - place.stat().st_mtime > _ABANDONED:
            shutil.rmtree(place, ignore_errors=True)
