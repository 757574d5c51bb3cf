"""How long a move of a slider takes until it is seen: 1,000 people x 12 indicators, in Chromium.

Run alone, or with all others by ``make bench``. Each figure is the median of moves one after
another, from the event to the end of the frame that shows it.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import nbformat
import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, sync_playwright

from kpilib.catalogue import read_catalogue
from kpilib.contrast import outcomes_under
from kpilib.outcomes import Outcomes
from kpilib.readings import from_frame
from kpilib.scheme import read_scheme
from kpilib.tuner import MODULE, STYLES, Tuner
from tests.conftest import BROWSERS
from tests.lab import faults_of, jupyter_lab, opened_in_lab

PEOPLE, ITEMS, MOVES = 1_000, 12, 40
ROLES = 12  # of the page for leadership: more of them are more work
ARGS = ["--no-sandbox", "--disable-gpu"]  # painted by the processor: what the least machine has
NOTEBOOK = """\
import sys
sys.path.insert(0, {folder!r})
from tuner import company
from kpilib.tuner import Tuner
Tuner(company(), "published", audience="analyst")"""
# To the end of the frame: a message that is posted in it comes after its paint.
MOVE = """async (moves) => {
  const range = document.querySelector(".kpi-tuner input[type=range]");
  const post = new MessageChannel();
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    post.port1.onmessage = () => done(performance.now());
    post.port2.postMessage(0);
  }));
  const status = document.querySelector(".kpi-tuner .status");
  const changed = () => new Promise((done) => {
    new MutationObserver((_, watch) => (watch.disconnect(), done())).observe(
      status, { childList: true, characterData: true, subtree: true });
  });
  const rest = () => new Promise((done) => setTimeout(done, 600));
  const taken = [];
  for (let i = 0; i < moves.n; i++) {
    await rest();
    await painted();
    range.value = i % 2 ? 5 : 60;
    const start = performance.now();
    range.dispatchEvent(new Event("input", { bubbles: true }));
    if (moves.python) await changed();  // the module's own counts came with the event
    taken.push((await painted()) - start);
    range.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return taken;
}"""


def company() -> Outcomes:
    """Return a month of 1,000 people in one role, where the first weight moves the payroll."""
    book = read_catalogue()
    keys = [one.key for one in book if one.direction == "higher"][:ITEMS]
    published = read_scheme("published")
    host = published.role("host").model_dump()
    host["indicators"] = [
        {"key": k, "target": 100.0, "weight": 1 / ITEMS, "definition": book[k].model_dump()}
        for k in keys
    ]
    scheme = published.revise(roles=[host], stages={})
    rng = np.random.default_rng(0)
    points = rng.uniform(30, 105, (PEOPLE, ITEMS)).round(3)
    points[:, 0] += 15
    names = [f"p{number:04}" for number in range(PEOPLE)]
    seats = pd.DataFrame({"person": names, "name": names, "role": "host", "base_pay": 3000.0})
    frame = pd.DataFrame(points, names, keys)
    return outcomes_under(from_frame(frame, scheme, seats, month="2025-05"), scheme)


def as_groups(data: dict[str, object]) -> dict[str, object]:
    """Return the same head count as groups, for the page of leadership."""
    rng = np.random.default_rng(1)
    (role,) = data["roles"]
    sizes = [PEOPLE // ROLES + (place < PEOPLE % ROLES) for place in range(ROLES)]
    groups = [
        {
            **{"role": place, "team": "", "title": f"role {place}", "n": n, "likeness": 0.4},
            "mean": rng.uniform(70, 95, ITEMS).round(1).tolist(),
            "spread": rng.uniform(8, 20, ITEMS).round(1).tolist(),
            **{"bonus": 0.5, "pay": n / PEOPLE},
        }
        for place, n in enumerate(sizes)
    ]
    roles = [{**role, "key": f"r{place}", "title": f"role {place}"} for place in range(ROLES)]
    return {**data, "groups": groups, "roles": roles, "teams": []} | {"people": None}


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """Return a headless Chromium, or None where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGS)
        yield browser
        browser.close()


def moved(tab: Page, *, python: bool = False) -> Sequence[float]:
    """Return the seconds of each move but the first, which compiles."""
    return [ms / 1000 for ms in tab.evaluate(MOVE, {"n": MOVES, "python": python})][2:]


def in_page(browser: Browser, data: dict[str, object]) -> Sequence[float]:
    """Return the seconds of moves in a page of its own."""
    style = "".join(file.read_text(encoding="utf-8") for file in STYLES)
    script = f"{MODULE.read_text(encoding='utf-8')}\nmount(document.body, {json.dumps(data)});"
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_content(f"<style>{style}</style><body><script type=module>{script}</script>")
    tab.wait_for_selector(".kpi-tuner")
    return moved(tab)


def through_python(browser: Browser) -> Sequence[float]:
    """Return the seconds of moves in JupyterLab until Python's payroll is seen."""
    with tempfile.TemporaryDirectory() as folder:
        source = NOTEBOOK.format(folder=str(Path(__file__).parent))
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        cells = [nbformat.v4.new_code_cell(source)]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)  # else Lab asks for one
        nbformat.write(notebook, Path(folder) / "tuner.ipynb")
        with jupyter_lab(Path(folder)) as address:
            tab, _ = opened_in_lab(browser, address, "tuner.ipynb")
            if faults := faults_of(tab):
                sys.exit(faults[0])
            tab.wait_for_selector(".kpi-tuner")
            return moved(tab, python=True)


def answered(tuner: Tuner) -> Sequence[float]:
    """Return the seconds of Python's own part."""
    rng = np.random.default_rng(2)
    (role,) = tuner.weights
    taken = []
    for turn in range(MOVES):
        drawn = dict(zip(tuner.weights[role], rng.dirichlet(np.full(ITEMS, 9.0)), strict=True))
        start = perf_counter()
        tuner.choice = {"weights": {role: drawn}, "cuts": tuner.cuts, "team": "", "turn": turn}
        taken.append(perf_counter() - start)
    return taken


def measured() -> list[tuple[str, float, float | None]]:
    """Return what was done, the median of how long it took, and the goal where there is one."""
    tuner = Tuner(company(), "published", audience="analyst")
    found = [("tuner: Python's answer to a move", answered(tuner), None)]
    with chromium() as browser:
        if browser is not None:
            data = dict(tuner.data)
            found += [
                ("tuner: slider to paint, by person", in_page(browser, data), 0.035),
                (
                    "tuner: slider to paint, `what_if.html`",
                    in_page(browser, as_groups(data)),
                    0.035,
                ),
                ("tuner: slider to paint through Python", through_python(browser), 0.1),
            ]
    return [(what, statistics.median(taken), goal) for what, taken, goal in found]


if __name__ == "__main__":
    for what, seconds, goal in measured():
        sys.stdout.write(f"{what}: {1000 * seconds:.1f} ms (goal {goal})\n")
