"""What holds for every test: quiet threads, two sizes of random cases, and no skip in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from kpilib.outcomes import Outcomes

# NumPy is not imported yet, nor is it by the two above: two workers, so one thread for each.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
VALIDATOR = ROOT / ".ci/node/node_modules/.bin/html-validate"
RULES = ROOT / ".ci/node/rules.json"
REMEDY = "To mend: run .ci/set_up_page_checks."

_slow = [HealthCheck.too_slow]  # two workers share the machine with whatever else runs there
settings.register_profile(
    "fast", max_examples=40, deadline=None, derandomize=True, suppress_health_check=_slow
)
settings.register_profile("full", max_examples=2000, deadline=None, suppress_health_check=_slow)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

# Scripts that write the cases of tests/cases need what only they use; no test stands there.
collect_ignore_glob = ["cases/*.py"]

AnyReport = TypeVar("AnyReport", pytest.TestReport, pytest.CollectReport)
NO_SKIP = os.environ.get("KPI_NO_SKIP", os.environ.get("CI", "")).lower() in {"1", "true"}


def refuse_skip(report: AnyReport) -> AnyReport:
    """Turn a skip into a failure that keeps its reason; an expected failure is no skip."""
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {reason}\nCI refuses skips: what is missing there?"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return refuse_skip((yield))


@pytest.fixture(scope="session")
def may() -> Outcomes:
    """Return May 2025 of the made-up company, appraised once for each worker; never changed."""
    from kpilib.appraisal import appraise

    return appraise(ROOT / "data" / "sample", "2025-05")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium, the system's; one for each worker."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no Chromium on PATH. {REMEDY}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # --no-sandbox: Chromium refuses to start as root otherwise, as CI and containers run
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def html_validate() -> Callable[[Path], str]:
    """Return a function that gives what html-validate has against a page: nothing, if clean."""
    if not VALIDATOR.exists():
        pytest.skip(f"no html-validate in .ci/node. {REMEDY}")

    def complaints(page: Path) -> str:
        command = [VALIDATOR, "--config", RULES, "--formatter", "text", page]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        return answer.stdout + answer.stderr

    return complaints
