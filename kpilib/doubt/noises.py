"""Both noises on one map: the doubt of the readings beside that of the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.certainty import FIRM

if TYPE_CHECKING:
    from kpilib.certainty import Certainty
    from kpilib.doubt.grades import Doubt

HANGS = ("safe", "readings", "weights", "both")


@dataclass(frozen=True, eq=False)
class Noises:
    """Who is safe, and who hangs on what.

    Attributes
    ----------
    table : DataFrame
        Index ``person``, least sure first: ``team``, ``score``, ``grade``, ``by_readings`` and
        ``by_weights`` (probability of the grade given), ``hangs`` (``safe``: both at least 90%;
        ``readings``, ``weights`` or ``both``: those below), ``item`` (the indicator whose
        reading moves the score most) and ``source`` (the one whose weight does).
    counts : Series
        People by ``hangs``.
    """

    table: pd.DataFrame
    counts: pd.Series


def both_noises(readings: Doubt, weights: Certainty) -> Noises:
    """Lay the probability of each grade under either noise side by side.

    Parameters
    ----------
    readings : Doubt
        Drawn readings under the scheme's weights.
    weights : Certainty
        The readings as they are, under weights drawn about the scheme's.
    """
    known = weights.table.index.intersection(readings.table.index)
    table = readings.table.loc[known, ["team", "score", "grade", "own", "item"]]
    table = table.rename(columns={"own": "by_readings"})
    odds = weights.odds.loc[known]
    place = odds.columns.get_indexer(pd.Index(table["grade"]))
    table["by_weights"] = odds.to_numpy()[np.arange(len(known)), place]
    table["source"] = weights.table.loc[known, "source"]
    weak = (table["by_readings"] < FIRM).astype(int) + 2 * (table["by_weights"] < FIRM).astype(int)
    table["hangs"] = [HANGS[i] for i in weak]
    least = table[["by_readings", "by_weights"]].min(axis=1).sort_values(kind="stable").index
    columns = ["team", "score", "grade", "by_readings", "by_weights", "hangs", "item", "source"]
    counts = table["hangs"].value_counts().reindex(list(HANGS), fill_value=0)
    return Noises(table.loc[least, columns], counts.rename("n"))
