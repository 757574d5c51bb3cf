"""Made-up works with and without bought figures, to measure what the screens find.

Clean works are harder than the sample company's: plays with a Pareto tail, ratios whose noise has
Student's t with three degrees of freedom, half of it shared by all ratios of a work (some works
are simply liked, shared and followed more), a fall of every ratio with reach, counts by Poisson.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpilib.exports.receipt import Month
from tests.months import month_of

RATES = {"likes": 0.03, "comments": 0.004, "profile_visits": 0.02, "follower_gain": 0.003}
WAYS = {  # what is bought, as multiples of the honest figures
    "plays": ("plays",),
    "plays and likes": ("plays", "likes"),
    "likes": ("likes",),
}


@dataclass(frozen=True)
class World:
    """How honest works scatter."""

    sd: float = 0.35  # of the log of a ratio, before its heavy tail
    df: float = 3.0  # degrees of freedom of the noise
    shared: float = 0.5  # part of the noise's variance that all ratios of a work share
    fall: float = -0.1  # of the log of a ratio, for each log unit of plays


def works(rng: np.random.Generator, accounts: int, n: int, world: World = World()) -> pd.DataFrame:
    """Return ``accounts`` x ``n`` honest works."""
    size = accounts * n
    plays = np.exp(np.log(20_000) + rng.standard_normal(size)) * (1 + rng.pareto(1.3, size))
    reach = np.log(plays / 20_000)
    common = rng.standard_t(world.df, size)
    rows = {"plays": np.floor(plays)}
    for name, rate in RATES.items():
        noise = np.sqrt(world.shared) * common
        noise = noise + np.sqrt(1 - world.shared) * rng.standard_t(world.df, size)
        rows[name] = rng.poisson(plays * rate * np.exp(world.fall * reach + world.sd * noise))
    odds = np.log(0.4 / 0.6) + world.fall * reach + world.sd * rng.standard_t(world.df, size)
    rows["completion"] = 1 / (1 + np.exp(-odds))
    table = pd.DataFrame(rows).astype(float)
    table["account"] = np.repeat([f"a{i}" for i in range(accounts)], n)
    table["title"] = [f"t{i}" for i in range(size)]
    table["published"] = pd.Timestamp("2025-05-01") + pd.to_timedelta(np.arange(size), unit="s")
    return table.assign(file="works.csv", row=np.arange(size) + 2)


def brush(
    table: pd.DataFrame, rng: np.random.Generator, way: str, times: float, share: float
) -> np.ndarray:
    """Multiply what is bought of a share of the works; return which."""
    chosen = rng.random(len(table)) < share
    for name in WAYS[way]:
        table.loc[chosen, name] = np.floor(table.loc[chosen, name] * times)
    if "plays" in WAYS[way]:  # bought plays are not watched to the end
        table.loc[chosen, "completion"] /= times
    return chosen


def month(table: pd.DataFrame) -> Month:
    """Return a month of these works and nothing else."""
    empty = month_of()
    return Month(empty.data, empty.month, {**empty.tables, "works": table}, empty.receipt)
