"""The way from a bare machine to a filled .venv, decided without installing anything."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def set_up(monkeypatch, tmp_path):
    """Return the script as a module, with a .venv and .tools of its own."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / ".ci/set_up.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv/kpilib.stamp")
    monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
    return module


def with_only(monkeypatch, *modules):
    """Let the script find these of pip and ensurepip, whatever the Python of the tests has."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in modules else None)


def test_uv_syncs_from_the_lock(set_up):
    """Frozen, in the Python that was asked for; pages alone need no tools of development."""
    (command,) = set_up.install("/bin/uv", None, dev=False)
    asked = ["/bin/uv", "sync", "--quiet", "--frozen", "--python", sys.executable]
    assert command == [*asked, "--no-dev"]
    assert set_up.install("/bin/uv", None, dev=True) == [asked]


def test_a_mirror_gets_the_hashed_list(set_up):
    """Files named in uv.lock lie on the public index; another index is given names and hashes."""
    venv, packages, kit = set_up.install("/bin/uv", "http://mirror/simple", dev=True)
    assert venv[:2] == ["/bin/uv", "venv"]
    assert packages[packages.index("--default-index") + 1] == "http://mirror/simple"
    assert packages[-6:] == [
        *("--no-deps", "--require-hashes"),
        *("-r", "requirements.lock", "-r", "requirements-dev.lock"),
    ]
    assert kit[-3:] == ["--no-deps", "--editable", str(ROOT)]


def test_mirror_is_read_from_where_people_set_it(set_up, monkeypatch):
    """From uv's variables, else from pip's; this project's machines may set any of them."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://pip/simple")
    assert set_up.mirror() == "http://pip/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://uv/simple")
    assert set_up.mirror() == "http://uv/simple"


def test_without_uv_pip_fills_a_plain_venv(set_up, monkeypatch):
    """No ensurepip is needed for it, which Debian keeps apart."""
    with_only(monkeypatch, "pip")
    venv, packages, _ = set_up.install(None, None, dev=False)
    place = str(set_up.VENV)
    assert venv == [sys.executable, "-m", "venv", "--clear", "--without-pip", place]
    assert packages[:5] == [sys.executable, "-m", "pip", "--python", f"{place}/bin/python"]
    assert packages[-4:] == ["--no-deps", "--require-hashes", "-r", "requirements.lock"]


def test_without_pip_the_venv_brings_its_own(set_up, monkeypatch):
    """A Python built without pip still has ensurepip."""
    with_only(monkeypatch, "ensurepip")
    venv, packages, _ = set_up.install(None, None, dev=False)
    place = str(set_up.VENV)
    assert venv == [sys.executable, "-m", "venv", "--clear", place]
    assert packages[:4] == [f"{place}/bin/python", "-m", "pip", "install"]


def test_with_nothing_at_all_it_says_what_to_install(set_up, monkeypatch):
    """The one machine that cannot be served is told how to become one that can."""
    with_only(monkeypatch)
    with pytest.raises(SystemExit) as stop:
        set_up.install(None, None, dev=False)
    assert str(stop.value) == (
        "python3 has neither pip nor ensurepip, and uv was not found, so nothing can be installed. "
        "To mend: put uv on PATH, or install pip (Debian: apt-get install python3-pip), "
        "then run make again."
    )
    assert set_up.fetch_uv() is None


def test_uv_is_asked_for_with_the_hashes_of_the_lock(set_up, monkeypatch):
    """What pip puts into .tools is the uv that the lock was made with, and only its wheel."""
    asked = []
    with_only(monkeypatch, "pip")
    monkeypatch.setattr(set_up, "run", lambda commands: asked.extend(commands))
    assert set_up.fetch_uv() is None
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert {"--require-hashes", "--only-binary=:all:", "--no-deps"} <= set(command)
    line = (set_up.TOOLS / "uv.txt").read_text(encoding="utf-8").split()
    assert line[0].startswith("uv==")
    assert len(line) > 10
    assert all(part.startswith("--hash=sha256:") for part in line[1:])


def test_a_uv_that_does_not_run_or_is_too_old_is_passed_over(set_up, monkeypatch, tmp_path):
    """Another machine's program on a shared disk, or one from before dependency groups."""
    for text, version in (("echo 'uv 0.4.30'", (0, 4)), ("exit 1", ()), ("echo uv 0.9.2", (0, 9))):
        program = tmp_path / "uv"
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
        assert set_up.uv_version(str(program)) == version
        monkeypatch.setattr(set_up.shutil, "which", lambda _, found=str(program): found)
        assert set_up.find_uv() == (str(program) if version == (0, 9) else None)
    assert set_up.uv_version(str(tmp_path / "absent")) == ()


def test_nothing_is_done_twice(set_up):
    """The full set serves the small one, never the other way round; another state starts anew."""
    (set_up.VENV / "bin").mkdir(parents=True)
    (set_up.VENV / "bin/python").touch()
    assert not set_up.is_ready("state", dev=False)
    for extent, serves_dev in (("dev", True), ("base", False)):
        set_up.STAMP.write_text(f"state {extent}\n", encoding="utf-8")
        assert set_up.is_ready("state", dev=False)
        assert set_up.is_ready("state", dev=True) is serves_dev
        assert not set_up.is_ready("other", dev=False)


def test_a_changed_lock_or_place_is_another_state(set_up, monkeypatch, tmp_path):
    """A moved folder sets up anew, because the paths inside its .venv are wrong."""
    names = ("uv.lock", "pyproject.toml", *set_up.LOCKS)
    states = {set_up.digest()}
    for copy in ("a", "b"):
        folder = tmp_path / copy
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes((ROOT / name).read_bytes())
        monkeypatch.setattr(set_up, "ROOT", folder)
        states.add(set_up.digest())
    for name in names:
        (folder / name).write_text("changed", encoding="utf-8")
        states.add(set_up.digest())
    assert len(states) == 3 + len(names)


def test_failure_names_the_mirror_as_a_way_out(set_up, monkeypatch):
    """A first user behind a company's wall reads what to do, and no stamp claims success."""
    monkeypatch.setattr(set_up, "find_uv", lambda: "/bin/false")
    monkeypatch.setattr(set_up, "mirror", lambda: None)
    monkeypatch.setattr(sys, "argv", ["set_up.py"])
    for name in ("UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_CERTS", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "kept by monkeypatch")
    with pytest.raises(SystemExit) as stop:
        set_up.main()
    assert str(stop.value) == (
        "Not everything could be installed; the reason stands above. To mend: check the network; "
        "behind a mirror, set PIP_INDEX_URL to it, then run make again."
    )
    assert not set_up.STAMP.exists()


@pytest.mark.parametrize(
    ("variables", "summary"),
    [({"CI": "true"}, "1 failed, 1 passed, 1 xfailed, 1 error"), ({}, "1 passed, 2 skipped")],
)
def test_ci_refuses_a_skip(tmp_path, variables, summary):
    """On a person's machine a missing browser is a skip that says so; in CI it is a failure."""
    tests = tmp_path / "tests"
    tests.mkdir()
    conftest = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    (tests / "conftest.py").write_text(conftest, encoding="utf-8")
    (tests / "test_some.py").write_text(
        "import pytest\n"
        "def test_passes(): pass\n"
        "def test_skips(): pytest.skip('no such thing here')\n"
        "def test_asks(html_validate): pass\n"
        "@pytest.mark.xfail(strict=True)\n"
        "def test_is_known_to_fail(): assert False\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests"]
    answer = subprocess.run(
        command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert summary in answer.stdout.splitlines()[-1]
    assert "no such thing here" in answer.stdout
    assert "no html-validate in .ci/node. To mend: run .ci/set_up_page_checks." in answer.stdout
