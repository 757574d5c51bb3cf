"""What makers of hits may ask for: the sheet that they fill in."""

from __future__ import annotations

import pandas as pd

from kpilib.outcomes.model import Outcomes


def resource_requests(outcomes: Outcomes) -> pd.DataFrame:
    """List the hits of a month with their makers, most played first.

    Returns
    -------
    DataFrame
        ``person``, ``team``, ``title`` (of the work), ``plays`` and ``share`` (of the credit);
        no rows where the scheme has no bonus, or the exports are not there.
    """
    columns = ["person", "team", "title", "plays", "share"]
    rule = outcomes.scheme.bonus
    if rule is None:
        return pd.DataFrame(columns=columns)
    hits = outcomes.grades.scores.readings.hits(rule.above_plays)
    hits = hits[hits["person"].isin(outcomes.table.index)]
    if hits.empty or not {"title", "plays"} <= set(hits.columns):
        return pd.DataFrame(columns=columns)
    hits = hits.assign(team=outcomes.table["team"].reindex(hits["person"]).to_numpy())
    order = ["plays", "title", "person"]
    ranked = hits.sort_values(order, ascending=[False, True, True], kind="stable")
    return ranked[columns].reset_index(drop=True)
