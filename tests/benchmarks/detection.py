"""How well bought figures are found: python -m tests.benchmarks.detection.

Prints the share of brushed works that are flagged (power) and of honest ones that are (false
flags), for several ways, strengths and shares of brushing; seeded, so anyone gets the same.
"""

from __future__ import annotations

import sys

import numpy as np

from kpilib.authenticity import screen
from tests.brushed import WAYS, World, brush, month, works

ACCOUNTS, WORKS = 60, 40
SEED = 20250501


def rates(world: World, way: str, times: float, share: float, accounts: int = ACCOUNTS):
    """Return (power, false flags, single signals among the brushed) of one setting."""
    rng = np.random.default_rng(SEED)
    table = works(rng, accounts, WORKS, world)
    chosen = brush(table, rng, way, times, share)
    seen = screen(month(table))
    flagged = np.isin(np.arange(len(table)), seen.flags["position"].astype(int))
    single = np.isin(np.arange(len(table)), seen.single["position"].astype(int))
    power = flagged[chosen].mean() if chosen.any() else np.nan
    alone = single[chosen].mean() if chosen.any() else np.nan
    return power, flagged[~chosen].mean(), alone, int(flagged[~chosen].sum()), int((~chosen).sum())


def main() -> None:
    """Print both tables."""
    out = sys.stdout.write
    out("Honest works only\n")
    worlds = {
        "heavy tails (t, 3 df), half shared": World(),
        "normal noise, half shared": World(df=200),
        "heavy tails, nothing shared": World(shared=0),
        "heavy tails, all shared": World(shared=0.95),
        "wide noise (sd 0.5)": World(sd=0.5),
        "steep fall with reach (-0.3)": World(fall=-0.3),
    }
    for name, world in worlds.items():
        _, share, _, n, of = rates(world, "plays", 1, 0, 3 * ACCOUNTS)
        out(f"  {name:36} false flags {n:4} of {of} ({share:.2%})\n")
    out("Bought figures among them (heavy tails, half shared)\n")
    for way in WAYS:
        for times in (2, 3, 5, 10, 30):
            for share in (0.05, 0.2):
                power, false, alone, _, _ = rates(World(), way, times, share)
                out(
                    f"  {way:16} x{times:<3} in {share:4.0%} of works: found {power:6.1%}, "
                    f"single signal {alone:6.1%}, false flags {false:.2%}\n"
                )


if __name__ == "__main__":
    main()
