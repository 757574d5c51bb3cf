"""What every drawn result states: seed, number of draws, standard error."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from kpilib.sensitivity.inputs import Array
from kpilib.simulation.totals import Draws


def per_draw(values: Array, name: str, draws: Draws) -> pd.Series[float]:
    """Return one value per draw, stating its origin and the standard error of the mean."""
    result = pd.Series(values, index=pd.RangeIndex(len(values), name="draw"), name=name)
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
    result.attrs = origin(draws, len(values), error)
    return result


def largest_error(odds: Array, n: int) -> float:
    """Return the largest standard error of shares counted in n independent draws."""
    return float(np.sqrt((odds * (1 - odds)).clip(0).max() / n))


def origin(draws: Draws, n: int, error: float) -> dict[Hashable | None, Any]:
    """Return what a result states; the seed is None for draws that carry none."""
    seed = draws.attrs.get("seed") if isinstance(draws, pd.DataFrame) else None
    return {"seed": seed, "n": n, "standard_error": error}
