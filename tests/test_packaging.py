"""What a machine needs to run the kit is said once, and all that repeats it is held equal."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]  # in the lock, in no list that is installed
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, flags=re.M))

CONDA_NAMES = {  # where conda-forge has another name, or a slimmer half that is enough
    "brotli": "brotli-python",
    "duckdb": "python-duckdb",
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
    "seaborn": "seaborn-base",
}
NOT_ON_CONDA = {"axe-playwright-python", "playwright"}


def run(*command, **variables):
    """Run a command in the project, without what the outer make or the user has set."""
    keep = ("PATH", "HOME", "LANG", "TMPDIR", "UV_CACHE_DIR")
    environment = {k: os.environ[k] for k in keep if k in os.environ} | variables
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def wanted(lines):
    """Return name -> specifier of requirements; pip's own lines about this folder are left out."""
    parsed = [Requirement(line) for line in lines if not line.startswith("-")]
    assert len({p.name for p in parsed}) == len(parsed), "a name stands twice"
    return {p.name.lower(): str(p.specifier) for p in parsed}


def declared():
    """Return name -> specifier of everything pyproject.toml asks for."""
    return wanted([*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]])


# --- environment.yml -----------------------------------------------------------------------------


def split_environment(text):
    """Return what conda and what pip would install, and the channels."""
    environment = yaml.safe_load(text)
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    (pip,) = (line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    return wanted(conda), wanted(pip), environment["channels"], "-e ." in pip


def as_conda(project):
    """Return what environment.yml has to ask conda for, given pyproject.toml."""
    names = {CONDA_NAMES.get(name, name): spec for name, spec in project.items()}
    python = str(Requirement("python" + PROJECT["project"]["requires-python"]).specifier)
    return {k: v for k, v in names.items() if k not in NOT_ON_CONDA} | {"python": python, "pip": ""}


def test_conda_users_get_the_same():
    """Same packages, same specifiers, same Python, conda-forge alone, and the kit itself."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    conda, pip, channels, itself = split_environment(text)
    project = declared()
    assert conda == as_conda(project)
    assert pip == {name: project[name] for name in NOT_ON_CONDA}
    assert channels == ["conda-forge", "nodefaults"]
    assert itself


@pytest.mark.parametrize("name", sorted(declared()))
def test_one_dependency_dropped_is_seen(name):
    """Each single line of environment.yml is needed for the comparison above to hold."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    line = CONDA_NAMES.get(name, name)
    short, dropped = re.subn(rf"^ +- {re.escape(line)}(?=[<>=\n]).*\n", "", text, flags=re.M)
    assert dropped == 1
    conda, pip, _, _ = split_environment(short)
    assert (conda, pip) != (as_conda(declared()), {k: declared()[k] for k in NOT_ON_CONDA})


# --- the locks -----------------------------------------------------------------------------------


def locked(lines):
    """Return name -> specifier as uv.lock repeats them."""
    return {line["name"]: line.get("specifier", "") for line in lines}


def by_parts(requirements):
    """Return the same with the parts of each specifier in one order."""
    return {name: sorted(spec.split(",")) for name, spec in requirements.items()}


def test_lock_belongs_to_pyproject():
    """``uv sync --frozen`` never compares the two, so a forgotten ``make lock`` is found here."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    (kit,) = (package for package in lock["package"] if package["name"] == "kpilib")
    metadata = kit["metadata"]
    everything = locked([*metadata["requires-dist"], *metadata["requires-dev"]["dev"]])
    extras = wanted(line for lines in EXTRAS.values() for line in lines)
    assert by_parts(everything) == by_parts(declared() | extras)
    assert set(metadata["provides-extras"]) == set(EXTRAS)
    assert lock["requires-python"] == PROJECT["project"]["requires-python"]


def test_lock_leaves_out_what_costs_two_seconds():
    """rfc3987-syntax builds a grammar at every import, for a check that we never ask for."""
    assert PROJECT["tool"]["uv"]["exclude-dependencies"] == ["rfc3987-syntax"]
    for lock in ("uv.lock", "requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert not re.search(r'^(name = ")?rfc3987[-_]syntax("|==)', text, flags=re.M)
    code = "import sys, jupyter_events.schema; sys.exit('rfc3987_syntax' in sys.modules)"
    assert run(sys.executable, "-c", code).returncode == 0


@pytest.mark.parametrize(
    ("lock", "options"),
    [
        ("requirements.lock", ["--no-dev"]),
        # without uv: where it has no wheel, these lists are what is left
        ("requirements-dev.lock", ["--only-dev", "--no-emit-package", "uv"]),
    ],
)
def test_hashed_lists_are_exports_of_the_lock(lock, options):
    """The way without uv installs the same files; each has a hash."""
    places = [Path(sys.executable).with_name("uv"), ROOT / ".tools/bin/uv", shutil.which("uv")]
    uv = next((str(place) for place in places if place and Path(place).exists()), None)
    if uv is None:
        pytest.skip("no uv on this machine. To mend: make setup, where uv has a wheel.")
    export = [uv, "export", "--quiet", "--frozen", "--no-emit-project", "--no-header", *options]
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert run(*export).stdout == text
    pins = re.findall(r"^[\w.-]+==.*\n", text, flags=re.M)
    assert pins
    assert all(pin.endswith("\\\n") for pin in pins)


def test_no_file_names_a_registry():
    """A company's mirror must serve as well; uv.lock has names by its format, and rests then."""
    hosts = [
        "py" + "pi.org",
        "python" + "hosted",
        "npm" + "js.org",
        "npm" + "mirror",
        "deb." + "debian",
    ]
    hosts += ["conda.ana" + "conda", "anaconda" + ".org", "tuna.ts" + "inghua"]
    files = run("git", "ls-files", "-z").stdout.split("\0")[:-1]
    assert len(files) > 50
    texts = {f: (ROOT / f).read_bytes() for f in files if f != "uv.lock" and (ROOT / f).is_file()}
    named = [f for f, text in texts.items() if any(host.encode() in text for host in hosts)]
    assert named == []


# --- make ----------------------------------------------------------------------------------------


def test_readme_promises_only_targets_that_exist():
    """Both commands of the first screen, and every other ``make`` in code of a page for readers."""
    pages = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")]
    named = {
        page.name: set(re.findall(r"(?<=[`\n ]make )[a-z][a-z-]*", _code(page))) for page in pages
    }
    assert {"report", "test"} <= named["README.md"]
    assert {page: targets - TARGETS for page, targets in named.items() if targets - TARGETS} == {}


def _code(page):
    """Return what a page shows as code, so that "make sure" is no promise."""
    text = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.S))


def report_command(*variables):
    """Return the words of the command that ``make report`` would run."""
    answer = run("make", "--dry-run", "report", *variables)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.replace("\\\n", " ").splitlines()
    return shlex.split(lines[-1])


def test_make_passes_on_what_is_set_and_nothing_else():
    """Defaults stand in the command alone; a value with spaces and a quote stays one value."""
    assert report_command() == [".venv/bin/kpi", "report"]
    chosen = ["MONTH=2025-05", "TEAM=live", "PAGE_LANG=zh", "DATA=o'neil ltd; ls", "SCHEME=mature"]
    passed = dict(zip(*[iter(report_command(*chosen)[2:])] * 2, strict=True))
    assert passed == {
        "--month": "2025-05",
        "--team": "live",
        "--lang": "zh",
        "--data": "o'neil ltd; ls",
        "--scheme": "mature",
    }


def test_help_lists_every_target_a_person_would_call():
    """The list of targets comes from their own lines."""
    listed = set(re.findall(r"^  make ([a-z-]+)", run("make").stdout, flags=re.M))
    assert listed == TARGETS - {"ready", "pytest"}


def test_make_knows_only_options_of_the_command():
    """Each option that the Makefile passes on is one of ``kpi report``."""
    passed = set(re.findall(r"call options?,(--[a-z]+),", MAKEFILE))
    assert len(passed) >= 5
    kpi = "from kpilib.cli import main; main()"
    answer = run(sys.executable, "-c", kpi, "report", "--help", COLUMNS="200")
    assert answer.returncode == 0, answer.stderr
    assert passed <= set(re.findall(r"--[a-z-]+", answer.stdout))


# --- quick to start ------------------------------------------------------------------------------

HEAVY = {"IPython", "duckdb", "matplotlib", "nbconvert", "numpy", "openpyxl", "pandas", "papermill"}
HEAVY |= {"scipy", "seaborn"}  # not pydantic: typer itself uses it


def loaded_by(code):
    """Return the top packages in memory after some code ran in a fresh Python."""
    ask = "import sys, atexit; atexit.register(lambda: print('\\n', *sys.modules));"
    answer = run(sys.executable, "-c", ask + code)
    assert answer.returncode == 0, answer.stderr
    return {name.partition(".")[0] for name in answer.stdout.splitlines()[-1].split()}


def test_import_of_the_package_is_light():
    """Nothing heavy is in memory before a public name is asked for."""
    assert loaded_by("import kpilib") & HEAVY == set()
    assert "pandas" in loaded_by("import kpilib.scoring")  # the check can see it


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"]])
def test_help_of_the_command_is_light(arguments):
    """``kpi --help`` answers at once, because what computes is imported where it is used."""
    code = f"import sys; sys.argv = ['kpi', *{arguments}]; from kpilib.cli import main; main()"
    assert loaded_by(code) & HEAVY == set()
