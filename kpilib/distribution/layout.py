"""Scores laid out for figures: dots in lanes, and ranges that hold five people each."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kpilib.distribution.shares import LEAST, By, people_in
from kpilib.grading import Grades
from kpilib.scheme import Bands


def lanes(grades: Grades, by: By = "role", width: float = 1.6) -> pd.DataFrame:
    """Lay people out for a strip of dots: near scores of one group go to different lanes.

    Parameters
    ----------
    grades : Grades
        One month.
    by : {"all", "team", "role"}
        Groups: rows of the strip.
    width : float
        Points that two dots of one lane are apart at least, while there are lanes.

    Returns
    -------
    DataFrame
        ``person``, ``group``, ``score``, ``grade`` and ``lane`` (-1 to 1).
    """
    table = people_in(grades, by).dropna(subset="grade")
    table["score"] = table["person"].map(grades.table["score"])
    order = (0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0)
    chosen: dict[object, float] = {}
    for _, group in table.sort_values("score", kind="stable").groupby("group", sort=False):
        last = dict.fromkeys(order, -np.inf)
        for row, at in group["score"].items():
            free = (lane for lane in order if at - last[lane] >= width)
            lane = next(free, min(last, key=lambda held: last[held]))
            last[lane] = at
            chosen[row] = lane
    return table.assign(lane=pd.Series(chosen, dtype=float))


def ecdf(grades: Grades) -> pd.DataFrame:
    """Return the share of people at or below each score, for a line of steps.

    Returns
    -------
    DataFrame
        ``score`` (rising, each once) and ``share`` (0 to 1).
    """
    scores = np.sort(grades.table["score"].dropna().to_numpy(dtype=float))
    at = np.unique(scores)
    below = np.searchsorted(scores, at, side="right")
    return pd.DataFrame({"score": at, "share": below / max(len(scores), 1)})


def score_ranges(grades: Grades, least: int = LEAST) -> pd.DataFrame:
    """Count people by range of scores, every range with at least ``least`` of them.

    Ranges end between the cuts (at 45, 55, ... for cuts at whole tens), so that they and the
    grades' counts together give no smaller group away.

    Returns
    -------
    DataFrame
        ``low`` (not itself inside), ``high``, NaN where the range is open, and ``n``; lowest
        first; no row where there are too few people.
    """
    scores = grades.table["score"].dropna()
    cuts = grades.scheme.grading.cuts if isinstance(grades.scheme.grading, Bands) else ()
    ends = [edge for edge in np.arange(5.0, 125.0, 10.0) if edge not in cuts]
    rows: list[tuple[float, float, int]] = []
    low, below = math.nan, 0
    for high in ends:
        n = int((scores <= high).sum()) - below
        if n >= least and len(scores) - below - n >= least:
            rows.append((low, high, n))
            low, below = high, below + n
    rest = len(scores) - below
    if rest >= least:
        rows.append((low, math.nan, rest))
    return pd.DataFrame(rows, columns=["low", "high", "n"])
