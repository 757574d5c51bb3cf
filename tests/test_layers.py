"""The rooms of the package stand in order: tests/rooms.txt holds for every module, line by line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kpilib"
ROOMS_FILE = Path(__file__).with_name("rooms.txt")
MODULES = sorted(set(PACKAGE.rglob("*.py")) - {PACKAGE / "__init__.py"})

RIGHTS = {  # right -> the packages only its rooms may import
    "disk": {"glob", "shutil", "sqlite3", "subprocess", "tempfile", "zipfile"},
    "draw": {"matplotlib", "seaborn"},
    "notebooks": {
        *("IPython", "ipykernel", "jupyter_client"),
        *("nbclient", "nbconvert", "nbformat", "papermill"),
    },
    "query": {"duckdb", "pyspark"},
    "excel": {"openpyxl", "python_calamine"},
    "terminal": {"rich", "typer"},
}
NOBODY = {"http", "requests", "socket", "ssl", "urllib"}  # the kit asks nothing of any network
OF_THE_PROCESS = {"cpu_count", "getpid"}
DISK_CALLS = re.compile(
    r"open|(read|write)_(text|bytes)|mkdir|iterdir|r?glob|exists|is_(file|dir)|stat|touch|unlink"
    r"|(sym|hard)link_to|rmdir|savefig|savetxt|loadtxt|fromfile|tofile|load_workbook"
    r"|to_(csv|excel|parquet|pickle|feather)"
    r"|read_(csv|excel|fwf|json|parquet|pickle|table|feather|html|xml|sql)"
)


def read_rooms(text: str) -> dict[str, set[str]]:
    """Return the rooms in order with what each may do."""
    rooms = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, rights, reason = re.split(r"\s{2,}", line, maxsplit=2)
            assert reason
            assert name not in rooms, f"{name} stands twice"
            rooms[name] = set() if rights == "-" else set(rights.split())
    return rooms


ROOMS = read_rooms(ROOMS_FILE.read_text(encoding="utf-8"))


def room_of(module: Path) -> str:
    """Return the room of a file: its folder in the package, or its own name."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every import, also inside functions and for type checkers."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(level=0, module=str(module), names=names):
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in names)
            case ast.ImportFrom():
                yield node.lineno, "a relative name"
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="__import__")):
                yield node.lineno, "a name made while running"


def disk_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and name of every call that may touch a file."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr=name)):
                yield from [(node.lineno, f"os.{name}")] if name not in OF_THE_PROCESS else []
            case ast.Call(func=ast.Attribute(attr=name)) if DISK_CALLS.fullmatch(name):
                yield node.lineno, name
            case ast.Call(func=ast.Name(id="open")):
                yield node.lineno, "open"


def complaints(source: str, room: str, rooms: dict[str, set[str]]) -> list[str]:
    """Return what a module does that its room may not."""
    if room not in rooms:
        return [f"no room {room!r} in tests/rooms.txt"]
    tree, found = ast.parse(source), []
    above = list(rooms)[: list(rooms).index(room)]
    for line, name in imported(tree):
        top, _, rest = name.partition(".")
        if top == "kpilib":
            if (target := rest.partition(".")[0]) not in {*above, room}:
                found.append(f"{line}: imports kpilib.{target}, which does not stand above {room}")
        elif top in NOBODY or top.startswith("a "):
            found.append(f"{line}: imports {top}")
        else:
            right = next((right for right, tops in RIGHTS.items() if top in tops), None)
            right = "disk" if name.startswith("os.") else right  # a bare function of os has no mark
            if right is not None and right not in rooms[room]:
                found.append(f"{line}: imports {top} without the right {right!r}")
    if "disk" not in rooms[room]:
        found += [f"{line}: {name}() without the right 'disk'" for line, name in disk_calls(tree)]
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_keeps_to_its_room(module):
    """Imports point upward in the list; only rooms with the right touch disk or heavy packages."""
    assert complaints(module.read_text(encoding="utf-8"), room_of(module), ROOMS) == []


def test_no_room_stands_empty():
    """A line of the list whose room is gone would let a new one in unseen."""
    assert set(ROOMS) == {room_of(module) for module in MODULES}


def test_rights_are_known_and_nothing_draws_before_the_figures():
    """The rooms that compute run without matplotlib, papermill and the like."""
    assert set().union(*ROOMS.values()) == set(RIGHTS)
    computing = list(ROOMS)[: list(ROOMS).index("style")]
    assert [room for room in computing if ROOMS[room] & {"draw", "notebooks", "terminal"}] == []


TWO_ROOMS = {"low": set(), "high": {"disk", "draw"}}


@pytest.mark.parametrize(
    ("room", "line", "complaint"),
    [
        ("low", "import kpilib.high", "2: imports kpilib.high, which does not stand above low"),
        (
            "low",
            "from kpilib import high",
            "2: imports kpilib.high, which does not stand above low",
        ),
        ("high", "from kpilib import x", "2: imports kpilib.x, which does not stand above high"),
        (
            "low",
            "from kpilib.high.a import b",
            "2: imports kpilib.high, which does not stand above low",
        ),
        ("high", "from . import low", "2: imports a relative name"),
        (
            "low",
            "import importlib; importlib.import_module(x)",
            "2: imports a name made while running",
        ),
        (
            "low",
            "from matplotlib.axes import Axes",
            "2: imports matplotlib without the right 'draw'",
        ),
        ("high", "import urllib.request", "2: imports urllib"),
        ("low", "open(path)", "2: open() without the right 'disk'"),
        ("low", "Path(name).write_text('')", "2: write_text() without the right 'disk'"),
        ("low", "pd.read_csv(path)", "2: read_csv() without the right 'disk'"),
        ("low", "os.replace(a, b)", "2: os.replace() without the right 'disk'"),
        ("low", "from os import replace", "2: imports os without the right 'disk'"),
        ("low", "import shutil", "2: imports shutil without the right 'disk'"),
    ],
)
def test_a_breach_is_named(room, line, complaint):
    """The check sees what it is meant to see, also inside a function."""
    assert complaints(f"def f():\n    {line}\n", room, TWO_ROOMS) == [complaint]


def test_what_is_allowed_passes():
    """Rooms above, its own room, and what its rights cover."""
    source = "import kpilib.low\nimport kpilib.high.part\nimport seaborn\nopen('x')\n"
    assert complaints(source, "high", TWO_ROOMS) == []
    assert complaints("", "new", TWO_ROOMS) == ["no room 'new' in tests/rooms.txt"]
