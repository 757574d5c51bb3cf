"""Measure how long stages and variants take on 1,000 people: run this file.

The goals: a stage path within 50 ms; 12 variants in each of 6 months within 2 s. Each figure is the
best of a few runs, in seconds of the clock and of the processor, for machines are shared.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np
import pandas as pd

from kpilib.contrast import outcomes_under
from kpilib.readings import Readings, from_frame
from kpilib.scheme import SCHEMES, Scheme, read_scheme, staged
from kpilib.stages import blend, stage_path
from kpilib.variants import backtest, facts_of, read_criteria
from kpilib.variants.together import widened

PEOPLE, MONTHS = 1_000, [f"2025-{month:02d}" for month in range(1, 7)]


def best(action: Callable[[], object], runs: int = 3) -> tuple[float, float]:
    """Return the seconds of the quickest run, by the clock and by the processor."""
    taken = []
    for _ in range(runs):
        clock, processor = perf_counter(), process_time()
        action()
        taken.append((perf_counter() - clock, process_time() - processor))
    return min(taken)


def variants() -> list[Scheme]:
    """Return the ten shipped schemes and two that differ from the published in cuts and bonus."""
    published = read_scheme("published")
    names = sorted(path.stem for path in SCHEMES.glob("*.yaml"))
    shipped = [read_scheme(name) for name in names if name != "published"]
    cuts = published.grading.model_dump()
    cuts["bands"][0]["above"] = 95
    return [
        published,
        *shipped,
        published.revise(name="lower", grading=cuts),
        published.revise(name="plain", bonus=None),
    ][:12]


def people(schemes: list[Scheme], month: str, seed: int) -> Readings:
    """Return made-up readings of 1,000 people for everything that any scheme asks for."""
    rng = np.random.default_rng(seed)
    published = schemes[0]
    roles = [role.key for role in published.roles if role.indicators]
    rules = {r.key: r for s in schemes for role in s.roles for r in role.indicators}
    values = pd.DataFrame(
        {key: (rule.target or 1.0) * rng.uniform(0.4, 1.3, PEOPLE) for key, rule in rules.items()},
        index=[f"p{i:04d}" for i in range(PEOPLE)],
    )
    seats = pd.DataFrame({"person": values.index, "role": rng.choice(roles, PEOPLE)})
    seats["base_pay"] = rng.integers(3000, 9000, PEOPLE).astype(float)
    wide = wide_scheme(schemes)
    return from_frame(values, wide, seats, month=month, missing="not_applicable")


def wide_scheme(schemes: list[Scheme]) -> Scheme:
    """Return a scheme that holds every indicator of some schemes."""
    roles = {role.key: role.model_dump() for role in schemes[0].roles}
    for scheme in schemes:
        for role in scheme.roles:
            held = {rule["key"]: rule for rule in roles[role.key]["indicators"]}
            more = [r.model_dump() for r in role.indicators if r.key not in held]
            every = [*held.values(), *more]
            roles[role.key]["indicators"] = [{**r, "weight": 1 / len(every)} for r in every]
    return schemes[0].revise(roles=list(roles.values()), stages={}, stage=None, name="wide")


def main() -> None:
    """Print both figures beside their goals."""
    schemes = variants()
    months = {m: people(schemes, m, seed) for seed, m in enumerate(MONTHS)}
    criteria = read_criteria("firm, gap_roles, exposure", "payroll_change <= 0.03, far <= 30")
    first = months[MONTHS[0]]
    ends = [staged(schemes[0], stage) for stage in ("startup", "mature")]
    held = widened(first, [blend(*ends, 0.5)])
    outcomes = [outcomes_under(held, scheme) for scheme in ends]
    facts_of(schemes[0])  # and with it what is imported on first use
    rows = [
        ("stage path of 1,000 people", best(lambda: stage_path(*outcomes)), 0.05),
        (
            f"1,000 people x {len(schemes)} variants x {len(months)} months",
            best(lambda: backtest(months, schemes, criteria, MONTHS[-1])),
            2.0,
        ),
    ]
    for what, (clock, processor), goal in rows:
        line = f"{what}: {clock:.3f} s, {processor:.3f} s of processor (goal {goal:g} s)"
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
