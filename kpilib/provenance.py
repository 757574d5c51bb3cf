"""Where a page's figures come from: hashes of data and code, version, commit."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

ROOT: Final = Path(__file__).resolve().parents[1]
COMMIT_VARIABLE: Final = "KPI_COMMIT"  # set by a run for its kernels, so that git is asked once
_DRAWS: Final = ("pandas", "numpy", "matplotlib", "nbconvert", "duckdb", "fonttools")


def version() -> str:
    """Return kpilib's version."""
    try:
        return metadata.version("kpilib")
    except metadata.PackageNotFoundError:  # a checkout on the path, not installed
        return "unreleased"


def commit() -> str:
    """Return the commit of the checkout, with ``+`` where code was changed since; or nothing."""
    if COMMIT_VARIABLE in os.environ:
        return os.environ[COMMIT_VARIABLE]
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return ""
    described = subprocess.run(
        [git, "-C", str(ROOT), "describe", "--always", "--abbrev=10", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    changed = subprocess.run(
        [git, "-C", str(ROOT), "status", "--porcelain", "--", "kpilib", "notebooks"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return f"{described}+" if described and changed else described


def hash_of_data(files: pd.DataFrame) -> str:
    """Return 12 hex digits that change when any file that was read changes.

    Parameters
    ----------
    files : DataFrame
        Columns ``file`` and ``sha256``, as a receipt has them.
    """
    lines = sorted(
        f"{file}\t{sha}" for file, sha in zip(files["file"], files["sha256"], strict=True)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def hash_of_code() -> str:
    """Return the SHA-256 of kpilib's files and the versions of what computes and draws.

    The commit is no part of it: a commit may change nothing that a page shows.
    """
    package = Path(__file__).parent
    total = hashlib.sha256()
    for name in _DRAWS:
        total.update(f"{name} {metadata.version(name)}\n".encode())
    ours = (f for f in package.rglob("*") if "__pycache__" not in f.parts)
    total.update(_hash_of(package, ours).encode())
    return total.hexdigest()


def hash_of_folder(folder: Path) -> str:
    """Return the SHA-256 of all files of a folder with their places, hidden ones left out."""
    return _hash_of(folder, folder.rglob("*"))


def hash_of_file(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_of(folder: Path, files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in sorted(files):
        inside = file.relative_to(folder)
        if file.is_file() and not any(part.startswith(".") for part in inside.parts):
            total.update(f"{inside.as_posix()}\t{hash_of_file(file)}\n".encode())
    return total.hexdigest()
