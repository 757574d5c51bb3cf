"""Files written whole, in folders that only their owner opens; and how far a run has come."""

from __future__ import annotations

import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o700
PARTIAL: Final = ".partial-"
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


@contextmanager
def progress(n: int, what: str = "Pages") -> Iterator[Callable[[], None]]:
    """Show how many of n are done, if somebody is watching."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=n)
        yield lambda: bar.advance(task)


def clear_abandoned(root: Path) -> None:
    """Take away half-written files of runs that were killed: they may hold names and pay."""
    for place in list(root.rglob(f"{PARTIAL}*")):
        if place.is_dir() and time.time() - place.stat().st_mtime > _ABANDONED:
            shutil.rmtree(place, ignore_errors=True)
