"""Make ``.venv`` ready from the lock: ``python3 .ci/set_up.py [--dev]``, standard library only.

``uv`` does it where it is found or can be had as a wheel. Elsewhere a plain venv is filled from
``requirements*.lock``, the same versions with their hashes. A package index set for pip or uv (a
mirror) is honoured: ``uv.lock`` names the files of the public index, so the mirror gets the hashed
list instead. Nothing is done when nothing has changed.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # said here, because older ones fail less clearly below
    sys.exit(
        f"python3 is {sys.version.split()[0]}: kpilib needs 3.11 or later. "
        "To mend: name a newer one, as in: make report PYTHON=python3.12"
    )

import hashlib
import importlib.util
import os
import re
import shutil
import ssl
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMP = VENV / "kpilib.stamp"
LOCKS = ("requirements.lock", "requirements-dev.lock")
OLDEST_UV = (0, 5)  # dependency groups
NO_PIP = (
    "python3 has neither pip nor ensurepip, and uv was not found, so nothing can be installed. "
    "To mend: put uv on PATH, or install pip (Debian: apt-get install python3-pip), "
    "then run make again."
)
FAILED = (
    "Not everything could be installed; the reason stands above. To mend: check the network; "
    "behind a mirror, set PIP_INDEX_URL to it, then run make again."
)


def main() -> None:
    """Set up what the command line asks for, unless it is there."""
    dev = "--dev" in sys.argv[1:]
    state = digest()
    if is_ready(state, dev=dev):
        return
    say("Setting up .venv (the first time takes a minute or so) ...")
    os.environ.pop("VIRTUAL_ENV", None)  # another project's, which uv would warn about
    os.environ["UV_PROJECT_ENVIRONMENT"] = str(VENV)
    if ssl.create_default_context().cert_store_stats()["x509_ca"]:
        # uv trusts its own list otherwise, and so refuses a company's proxy that pip accepts
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")
    if not run(install(find_uv() or fetch_uv(), mirror(), dev=dev)):
        sys.exit(FAILED)
    STAMP.write_text(f"{state} {'dev' if dev else 'base'}\n", encoding="utf-8")


def digest() -> str:
    """Return a hash over what decides ``.venv``; its place too, since a venv holds paths."""
    files = [ROOT / name for name in ("uv.lock", "pyproject.toml", *LOCKS)]
    parts = [sys.version.encode(), str(ROOT).encode(), *(f.read_bytes() for f in files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_ready(state: str, *, dev: bool) -> bool:
    """Tell whether ``.venv`` was finished for this state; the full set serves the small one."""
    if not (STAMP.exists() and (VENV / "bin" / "python").exists()):
        return False
    known, extent = STAMP.read_text(encoding="utf-8").split()
    return known == state and (extent == "dev" or not dev)


def find_uv() -> str | None:
    """Return a uv that runs and knows dependency groups, from PATH or from an earlier set-up."""
    for candidate in (shutil.which("uv"), str(TOOLS / "bin" / "uv")):
        if candidate is not None and uv_version(candidate) >= OLDEST_UV:
            return candidate
    return None


def uv_version(uv: str) -> tuple[int, ...]:
    """Return the version of a uv; nothing, where it does not run on this machine."""
    try:
        answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", answer.stdout)[:2])


def fetch_uv() -> str | None:
    """Put the locked uv into ``.tools``; return nothing where there is no pip or no wheel of it."""
    if importlib.util.find_spec("pip") is None:
        return None
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    uv = next(package for package in lock["package"] if package["name"] == "uv")
    hashes = " ".join(f"--hash={wheel['hash']}" for wheel in uv["wheels"])
    TOOLS.mkdir(exist_ok=True)
    wanted = TOOLS / "uv.txt"
    wanted.write_text(f"uv=={uv['version']} {hashes}\n", encoding="utf-8")
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--upgrade", "--require-hashes"]
    quiet = ["--disable-pip-version-check", "--root-user-action=ignore"]
    pip = [sys.executable, "-m", "pip", "install", *quiet, *options]
    if run([[*pip, "--target", str(TOOLS), "-r", str(wanted)]]):
        return find_uv()
    say("uv has no wheel for this machine or could not be had; going on with a plain venv.")
    return None


def mirror() -> str | None:
    """Return the package index this machine is told to use, where it is told."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    if importlib.util.find_spec("pip") is None:
        return None
    ask = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    answer = subprocess.run(ask, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def install(uv: str | None, index: str | None, *, dev: bool) -> list[list[str]]:
    """Return the commands that fill ``.venv``."""
    python = str(VENV / "bin" / "python")
    project = ["--no-deps", "--editable", str(ROOT)]
    lists = LOCKS if dev else LOCKS[:1]
    hashed = ["--no-deps", "--require-hashes", *(part for name in lists for part in ("-r", name))]
    if uv is not None and index is None:
        only = [] if dev else ["--no-dev"]
        return [[uv, "sync", "--quiet", "--frozen", "--python", sys.executable, *only]]
    if uv is not None and index is not None:
        pip = [uv, "pip", "install", "--quiet", "--python", python, "--default-index", index]
        venv = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)]
        return [venv, [*pip, *hashed], [*pip, *project]]
    venv, pip = plain_pip(python)
    return [venv, [*pip, *hashed], [*pip, *project]]


def plain_pip(python: str) -> tuple[list[str], list[str]]:
    """Return how to make a venv and how to install into it, without uv.

    Debian keeps ``ensurepip`` apart, but its pip can install into a venv that has none.
    """
    venv = [sys.executable, "-m", "venv", "--clear"]
    options = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
    if importlib.util.find_spec("pip") is not None:
        pip = [sys.executable, "-m", "pip", "--python", python, "install", *options]
        return [*venv, "--without-pip", str(VENV)], pip
    if importlib.util.find_spec("ensurepip") is not None:
        return [*venv, str(VENV)], [python, "-m", "pip", "install", *options]
    sys.exit(NO_PIP)


def run(commands: Sequence[Sequence[str]]) -> bool:
    """Run commands one after another in the project; stop at the first that fails."""
    return all(subprocess.run(line, cwd=ROOT, check=False).returncode == 0 for line in commands)


def say(text: str) -> None:
    """Tell the person at the terminal; standard output belongs to the command that comes next."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
