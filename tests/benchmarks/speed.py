"""Measure the speeds that the README claims: ``make bench``. Tables, not tests: machines differ.

Each figure is the best of a few runs, for the best is the least disturbed by what else runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from peers import compared, written
from tuner import measured as moved

from kpilib.exports import read_team
from kpilib.grading import grade
from kpilib.readings import measure
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from kpilib.sensitivity import expected_rank, grade_odds, smallest_transfer, tolerance
from kpilib.simulation import rank_odds, variance_shares, weight_draws

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
START, END = "<!-- bench:start -->", "<!-- bench:end -->"
SAMPLE, MONTH = ROOT / "data/sample", "2025-05"
PEOPLE, CUTS = 1_000, (60.0, 75.0, 90.0)


def best(action: Callable[[], object], runs: int = 5) -> float:
    """Return the seconds of the quickest of several runs."""
    taken = []
    for _ in range(runs):
        start = perf_counter()
        action()
        taken.append(perf_counter() - start)
    return min(taken)


def process(program: str, *arguments: str) -> Callable[[], object]:
    """Return an action that runs a program of our Python once, from its start to its end."""
    command = [Path(sys.executable).with_name(program), *arguments]
    return lambda: subprocess.run(command, cwd=ROOT, capture_output=True, check=True)


def people(indicators: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return made-up points of 1,000 people and the weights in force."""
    rng = np.random.default_rng(0)
    keys = [f"i{number:02}" for number in range(indicators)]
    points = pd.DataFrame(rng.uniform(40, 120, (PEOPLE, indicators)).round(1), columns=keys)
    return points, pd.Series(rng.dirichlet(np.full(indicators, 4.0)), index=keys)


def month() -> object:
    """Return the grades of a month of the sample, from its files on."""
    return grade(score(measure(read_team(SAMPLE, MONTH), read_scheme("published"))))


def measured() -> list[tuple[str, float, float | None]]:
    """Return what was done, how long it took, and the goal where there is one."""
    points, weights = people(12)
    more, their_weights = people(16)
    draws = weight_draws(weights, n=10_000)
    return [
        ("`kpi --help`", best(process("kpi", "--help")), 0.3),
        ("`import kpilib`", best(process("python", "-c", "import kpilib")), None),
        ("a month of the sample, files to grades", best(month, 3), 0.4),
        ("tolerance", best(lambda: tolerance(points, weights, CUTS)), 0.005),
        ("grade odds, exact", best(lambda: grade_odds(points, weights, CUTS)), 0.04),
        ("smallest transfer", best(lambda: smallest_transfer(points, weights, CUTS), 3), None),
        ("expected rank, exact", best(lambda: expected_rank(points, weights), 3), None),
        ("rank odds, 10,000 draws", best(lambda: rank_odds(points, draws), 3), 0.5),
        (
            "variance shares, 16 factors, n = 1,024",
            best(lambda: variance_shares(more, their_weights, CUTS, n=1024), 3),
            1.0,
        ),
        *moved(),
    ]


def tables() -> str:
    """Return both tables and what they were measured on, as Markdown."""
    lines = ["| What | Time | Goal |", "|---|---|---|"]
    for what, seconds, goal in measured():
        lines.append(f"| {what} | {written(seconds)} | {written(goal) if goal else ''} |")
    versions = f"Python {sys.version.split()[0]}, NumPy {np.__version__}, pandas {pd.__version__}"
    about = (
        f"Measured by `make bench` on {os.cpu_count()} cores with {versions}, best of a few runs; "
        "1,000 people x 12 indicators where none are named; the tuner: the median of 38 moves in "
        "headless Chromium. Memory is what the process grew by."
    )
    return "\n".join([*lines, "", *compared(), "", about])


def main() -> None:
    """Print the tables and put them between the marks in README."""
    found = tables()
    sys.stdout.write(found + "\n")
    text = README.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        sys.exit(f"README.md has no {START} and {END}. To mend: put them where the tables belong.")
    README.write_text(f"{before}{start}\n{found}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
