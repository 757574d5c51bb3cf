"""The same tasks done by other packages, in an environment of their own under ``.cache``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from tasks import LOOPS, PROGRAMMES

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("peers.txt")
HOME = ROOT / ".cache/peers"
PEOPLE, INDICATORS, DRAWS = 1_000, 12, 10_000


class Peer(NamedTuple):
    """Who does a task, how, what part of it, and which part of our answer theirs is set against."""

    package: str
    how: str
    part: float = 1.0
    compared: slice | None = slice(None)


TASKS = {
    "rank_odds": (
        "rank odds, 10,000 draws",
        [
            Peer("pysensmcda", "PySensMCDA 2.0: `simulate`, `rank_acceptability`"),
            Peer("pymcdm", "pymcdm 1.4: `WSM` for each draw", LOOPS / DRAWS, None),
            Peer(
                "skcriteria",
                "scikit-criteria 0.8: `WeightedSumModel` for each draw",
                LOOPS / DRAWS,
                None,
            ),
        ],
    ),
    "pair_odds": (
        "who stands above whom, 200 people",
        [
            Peer(
                "pysensmcda",
                "PySensMCDA: `pairwise_winning_indices` of 10,000 draws; ours is exact",
            )
        ],
    ),
    "tornado": (
        "each weight 5 points down and up",
        [
            Peer(
                "pysensmcda",
                "PySensMCDA: `percentage_modification` and ranks; ours counts grades too",
                compared=None,
            )
        ],
    ),
    "variance": (
        "variance shares, 16 factors, n = 1,024",
        [Peer("salib", "SALib 1.6 with a vectorised NumPy model")],
    ),
    "tolerance": (
        "tolerance of every grade",
        [
            Peer(
                "scipy",
                "SciPy `linprog`, two programmes a person",
                PROGRAMMES / PEOPLE,
                slice(PROGRAMMES),
            )
        ],
    ),
}


def compared() -> list[str]:
    """Return a table in Markdown: ours, theirs, the ratio and how far answers lie apart."""
    python = environment()
    lines = [
        "| Task | kpilib | Instead | Time | Ratio | Memory | Answers differ by |",
        "|---|---|---|---|---|---|---|",
    ]
    with TemporaryDirectory() as folder:
        np.savez(Path(folder) / "data.npz", **_data())
        for task, (title, peers) in TASKS.items():
            ours = _done(sys.executable, task, "kpilib", folder)
            for peer in peers:
                runs_here = peer.package == "scipy"
                theirs = _done(sys.executable if runs_here else python, task, peer.package, folder)
                seconds = theirs["seconds"] / peer.part
                lines.append(
                    f"| {title} | {written(ours['seconds'])} | {peer.how} | {written(seconds)} "
                    f"| {_rounded(seconds / ours['seconds'])} x "
                    f"| {ours['mib']:.0f} against {theirs['mib']:.0f} MiB "
                    f"| {_apart(folder, task, peer)} |"
                )
    return lines


def written(seconds: float) -> str:
    """Return a duration with the digits that mean something."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _rounded(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 10 else f"{float(f'{ratio:.2g}'):,.0f}"


def environment() -> str:
    """Return the Python beside the other packages, after installing them where need be."""
    python = HOME / "bin/python"
    stamp = HOME / "installed.txt"
    wanted = LIST.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        beside = Path(sys.executable).with_name("uv")
        uv = str(beside) if beside.exists() else shutil.which("uv")
        if uv is None:
            sys.exit("uv was not found. To mend: run make setup, which brings it.")
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, HOME], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", python, "-r", LIST], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


def _data() -> dict[str, np.ndarray]:
    """Return made-up points, weights and draws; wide ones have the 16 factors."""
    rng = np.random.default_rng(0)
    return {
        "points": rng.uniform(40, 120, (PEOPLE, INDICATORS)),
        "weights": rng.dirichlet(np.full(INDICATORS, 4.0)),
        "draws": rng.dirichlet(np.ones(INDICATORS), DRAWS),
        "wide": rng.uniform(40, 120, (PEOPLE, 16)),
        "wide_weights": rng.dirichlet(np.full(16, 4.0)),
        "cuts": np.array([60.0, 75.0, 90.0]),
    }


def _done(python: str, task: str, package: str, folder: str) -> dict[str, float]:
    """Run one task in a process of its own."""
    command = [python, str(Path(__file__).with_name("tasks.py")), task, package, folder]
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore", "TQDM_DISABLE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)
    if done.returncode:
        sys.exit(f"{task} by {package} failed:\n{done.stderr}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _apart(folder: str, task: str, peer: Peer) -> str:
    """Return the largest difference between our answer and theirs."""
    if peer.compared is None:
        return ""
    ours = np.load(Path(folder) / f"{task}_kpilib.npy")[peer.compared]
    theirs = np.load(Path(folder) / f"{task}_{peer.package}.npy")
    same = ours == theirs  # two infinities
    away = np.abs(np.subtract(ours, theirs, out=np.zeros_like(ours), where=~same)).max()
    return f"{away:.1g}"
