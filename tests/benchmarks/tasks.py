"""One task as kpilib and as other packages do it, each in a process of its own.

``python tasks.py TASK PACKAGE FOLDER`` reads ``FOLDER/data.npz``, does the task and prints as JSON
the seconds of its best run and by how much the process grew; the answer is left in the folder, to
be compared. It runs under our Python for kpilib and SciPy and under that of ``peers.txt`` for the
rest, so nothing but NumPy is imported before the package is known.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

Numbers = dict[str, np.ndarray]
Answer = Callable[[], np.ndarray]

LOOPS = 200  # of 10,000 draws, where a package takes them one by one: all take the same time
PROGRAMMES = 50  # of 1,000 people


def weighted_sum(matrix: np.ndarray, weights: np.ndarray, _types: np.ndarray) -> np.ndarray:
    """Return totals as PySensMCDA asks its methods to: the quickest way there is."""
    return matrix @ weights


def as_it_is(column: np.ndarray, cost: bool = False) -> np.ndarray:
    """Normalise nothing: all items are the better the higher, on one scale."""
    assert not cost
    return column


def rank_odds_kpilib(data: Numbers) -> Answer:
    import pandas as pd

    from kpilib.simulation import rank_odds

    points = pd.DataFrame(data["points"])
    return lambda: rank_odds(points, data["draws"]).to_numpy()


def rank_odds_pysensmcda(data: Numbers) -> Answer:
    from pysensmcda.smaa import rank_acceptability, simulate

    types = np.ones(data["points"].shape[1])
    return lambda: rank_acceptability(
        simulate(weighted_sum, data["points"], types, weights=data["draws"], store="accumulate")
    )


def rank_odds_pymcdm(data: Numbers) -> Answer:
    from pymcdm.methods import WSM

    points, n = data["points"], len(data["points"])
    types = np.ones(points.shape[1])
    method = WSM(normalization_function=as_it_is)

    def run() -> np.ndarray:
        counts = np.zeros((n, n))
        people = np.arange(n)
        for weights in data["draws"][:LOOPS]:
            ranks = method.rank(method(points, weights, types)).astype(int)
            counts[people, ranks - 1] += 1
        return counts / LOOPS

    return run


def rank_odds_skcriteria(data: Numbers) -> Answer:
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel

    points, n = data["points"], len(data["points"])
    method = WeightedSumModel()
    objectives = [max] * points.shape[1]

    def run() -> np.ndarray:
        counts = np.zeros((n, n))
        people = np.arange(n)
        for weights in data["draws"][:LOOPS]:
            table = skcriteria.mkdm(points, objectives, weights=weights)
            counts[people, method.evaluate(table).rank_ - 1] += 1
        return counts / LOOPS

    return run


def pair_odds_kpilib(data: Numbers) -> Answer:
    import pandas as pd

    from kpilib.sensitivity import outrank_odds

    points = pd.DataFrame(data["points"][:200])
    weights = pd.Series(data["weights"])
    return lambda: outrank_odds(points, weights).to_numpy()


def pair_odds_pysensmcda(data: Numbers) -> Answer:
    from pysensmcda.robustness import pairwise_winning_indices
    from pysensmcda.smaa import simulate

    points = data["points"][:200]
    types = np.ones(points.shape[1])
    return lambda: pairwise_winning_indices(
        simulate(weighted_sum, points, types, weights=data["draws"]).rankings
    )


def tornado_kpilib(data: Numbers) -> Answer:
    import pandas as pd

    from kpilib.sensitivity import one_at_a_time

    points, weights = pd.DataFrame(data["points"]), pd.Series(data["weights"])
    return lambda: one_at_a_time(points, weights, data["cuts"], [-0.05, 0.05]).to_numpy()


def tornado_pysensmcda(data: Numbers) -> Answer:
    from pymcdm.methods import WSM
    from pysensmcda.criteria import percentage_modification

    types = np.ones(data["points"].shape[1])
    method = WSM(normalization_function=as_it_is)

    def run() -> np.ndarray:
        moved = percentage_modification(data["weights"], 5, step=5)
        return np.array([method.rank(method(data["points"], each[-1], types)) for each in moved])

    return run


def variance_kpilib(data: Numbers) -> Answer:
    import pandas as pd

    from kpilib.simulation import variance_shares

    points, weights = pd.DataFrame(data["wide"]), pd.Series(data["wide_weights"])
    return lambda: variance_shares(points, weights, data["cuts"], n=1024)["total"].to_numpy()


def variance_salib(data: Numbers) -> Answer:
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling
    from scipy.stats import rankdata

    points, k = data["wide"], data["wide"].shape[1]
    problem = {"num_vars": k, "names": [str(i) for i in range(k)], "bounds": [[0, 1]] * k}

    def run() -> np.ndarray:
        drawn = sampling.sample(problem, 1024, calc_second_order=False, seed=0)
        parts = -np.log1p(-drawn)
        total = (parts / parts.sum(axis=1, keepdims=True)) @ points.T
        now = points @ data["wide_weights"]
        moved = np.searchsorted(data["cuts"], total) != np.searchsorted(data["cuts"], now)
        shift = np.abs(rankdata(-total, axis=1) - rankdata(-now)).mean(axis=1)
        return np.concatenate(
            [
                analysis.analyze(
                    problem, output, calc_second_order=False, num_resamples=200, seed=0
                )["ST"]
                for output in (moved.mean(axis=1), shift)
            ]
        )

    return run


def tolerance_kpilib(data: Numbers) -> Answer:
    import pandas as pd

    from kpilib.sensitivity import tolerance

    points, weights = pd.DataFrame(data["points"]), pd.Series(data["weights"])
    return lambda: tolerance(points, weights, data["cuts"]).to_numpy()


def tolerance_scipy(data: Numbers) -> Answer:
    from scipy.optimize import linprog

    weights, cuts = data["weights"], data["cuts"]
    k = len(weights)
    box = np.vstack([np.c_[np.eye(k), -weights], np.c_[-np.eye(k), -weights]])

    def radius(gap: np.ndarray) -> float:
        found = linprog(
            np.r_[np.zeros(k), 1.0],
            A_ub=np.vstack([box, np.r_[gap, 0.0]]),
            b_ub=np.r_[weights, -weights, 0.0],
            A_eq=[np.r_[np.ones(k), 0.0]],
            b_eq=[1.0],
            bounds=[(0, None)] * k + [(0, 1)],
        )
        return found.fun if found.status == 0 else np.inf

    def run() -> np.ndarray:
        found = []
        for row in data["points"][:PROGRAMMES]:
            above = row @ weights > cuts
            beside = [cuts[above][-1:], cuts[~above][:1]]
            found.append(
                min(
                    radius(sign * (row - cut[0]))
                    for sign, cut in zip((1, -1), beside, strict=True)
                    if len(cut)
                )
            )
        return np.array(found)

    return run


def peak() -> float:
    """Return the most MiB that this process held so far; what Linux alone tells exactly."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Do one task and print how long it took and how much memory it took on top."""
    task, package, folder = sys.argv[1:]
    data = dict(np.load(Path(folder) / "data.npz"))
    action = globals()[f"{task}_{package}"](data)
    before = peak()
    seconds: list[float] = []
    while len(seconds) < 5 and sum(seconds) < 4:
        start = perf_counter()
        answer = action()
        seconds.append(perf_counter() - start)
    grown = peak() - before
    np.save(Path(folder) / f"{task}_{package}.npy", answer)
    sys.stdout.write(json.dumps({"seconds": min(seconds), "mib": grown}))


if __name__ == "__main__":
    main()
