"""One writer at a time in a folder, however the last one ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kpilib.errors import KpiError
from kpilib.output import PARTIAL

LOCK: Final = ".lock"


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
