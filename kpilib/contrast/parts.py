"""What the change of a score is made of, indicator by indicator."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kpilib.scheme import Geometric
from kpilib.scoring import PLACES, Scores


def decompose(before: Scores, after: Scores) -> pd.DataFrame:
    """Split the change of each person's score into its indicators; the parts sum to the change.

    With v the applied weight (times the role's share of time) and p the points, an
    indicator's part is the sum of

    - ``by_weight`` = (v1 - v0) ((p0 + p1) / 2 - m): more weight on what a person does better
      than m, the mean of the person's two totals, adds; and
    - ``by_points`` = (v0 + v1) / 2 (p1 - p0): another target or method.

    Weights sum to 1 on both sides, so m cancels in the sum. Both are Shapley values of the two
    steps (weights first or points first), and turning the comparison round turns their signs.

    Geometric totals are split on the scale of logs, times the logarithmic mean of the two totals
    (the LMDI method [1]_), which leaves no rest either. Where only one of the two schemes has
    them, what the other way of making totals does is a part of its own, ``totals``.

    Returns
    -------
    DataFrame
        One row per person, role and indicator, people with a score in both: ``points_before``,
        ``points``, ``weight_before``, ``weight``, ``by_weight``, ``by_points``, ``effect``.
        The bonus is a row ``bonus`` without role, where it changes; so is ``totals``.

    References
    ----------
    .. [1] B. W. Ang (2005), The LMDI approach to decomposition analysis: a practical guide,
       Energy Policy 33, 867-871, doi:10.1016/j.enpol.2003.10.010.
    """
    people = before.known.intersection(after.known, sort=False)
    keys = ["person", "role", "indicator"]
    old, new = (_weighed(s, people).set_index(keys) for s in (before, after))
    table = old.add_suffix("_before").join(new, how="outer", sort=False)
    table[["weight_before", "weight"]] = table[["weight_before", "weight"]].fillna(0.0)
    held = table["points_before"].fillna(table["points"])
    p1 = table["points"].fillna(table["points_before"])
    totals = (before.table["total"] + after.table["total"]) / 2
    middle = totals.reindex(table.index.get_level_values("person")).set_axis(table.index)
    table["points_before"], table["points"] = held, p1
    shift = table["weight"] - table["weight_before"]
    mean = (table["weight"] + table["weight_before"]) / 2
    if all(isinstance(s.scheme.totals, Geometric) for s in (before, after)):
        scale, p0, p1, middle = _on_logs(table, before, after)
        shift, mean, held = shift * scale, mean * scale, p0
    table["by_weight"] = shift * ((held + p1) / 2 - middle)
    table["by_points"] = mean * (p1 - held)
    parts = _with_the_rest(table.reset_index(), before, after, people)
    parts = pd.concat([parts, _bonus_parts(before, after, people)])
    parts["effect"] = parts["by_weight"] + parts["by_points"]
    rank = {person: place for place, person in enumerate(people)}
    columns = ["points_before", "points", "weight_before", "weight", "by_weight", "by_points"]
    parts = parts.sort_values("person", key=lambda p: p.map(rank), kind="stable")
    return parts[[*keys, *columns, "effect"]].reset_index(drop=True)


def _on_logs(
    table: pd.DataFrame, before: Scores, after: Scores
) -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
    """Return the logarithmic mean of each row's two role totals, the logs of its points, and m."""
    keys = ["person", "role"]
    seats = pd.MultiIndex.from_frame(table.index.to_frame()[keys])
    totals = [
        pd.Series(s.role_totals.set_index(keys)["total"].reindex(seats).to_numpy(), table.index)
        for s in (before, after)
    ]
    logs = [total.astype(float).map(math.log) for total in totals]
    apart = logs[1] - logs[0]
    near = apart.abs() < 1e-9
    scale = ((totals[1] - totals[0]) / apart.mask(near)).where(~near, totals[0])
    points = [
        table[name].clip(lower=s.scheme.totals.floor).map(np.log)  # type: ignore[union-attr]
        for name, s in (("points_before", before), ("points", after))
    ]
    return scale, points[0], points[1], (logs[0] + logs[1]) / 2


def _with_the_rest(
    parts: pd.DataFrame, before: Scores, after: Scores, people: pd.Index
) -> pd.DataFrame:
    """Give what is left of the change its place, so that the parts sum to it exactly.

    Totals are rounded to six places: that much goes to the item that weighs most. What another
    way of making totals does is a row of its own.
    """
    change = (after.table["total"] - before.table["total"]).reindex(people)
    summed = (parts["by_weight"] + parts["by_points"]).groupby(parts["person"]).sum()
    rest = (change - summed.reindex(people)).fillna(0.0)
    kept = rest.where(rest.abs() <= 10 * 10.0**-PLACES, 0.0)
    weighs = parts[["weight_before", "weight"]].max(axis=1)
    most = weighs.groupby(parts["person"]).idxmax()
    parts.loc[most, "by_weight"] += kept.reindex(most.index).to_numpy()
    other = (rest - kept)[lambda left: left != 0]
    row = {"role": "", "indicator": "totals", "by_weight": 0.0}
    made = pd.DataFrame({"person": other.index, **row, "by_points": other.to_numpy()})
    return pd.concat([parts, made]) if len(made) else parts


def _weighed(scores: Scores, people: pd.Index) -> pd.DataFrame:
    """Return points and weights in the person's score: applied weight x share of time."""
    points = scores.points[scores.points["person"].isin(people) & scores.points["points"].notna()]
    shares = scores.role_totals.set_index(["person", "role"])["time_share"]
    pairs = pd.MultiIndex.from_frame(points[["person", "role"]])
    weight = points["applied"] * shares.reindex(pairs).to_numpy()
    return points[["person", "role", "indicator", "points"]].assign(weight=weight)


def _bonus_parts(before: Scores, after: Scores, people: pd.Index) -> pd.DataFrame:
    change = (after.table["bonus"] - before.table["bonus"]).reindex(people)
    change = change[change != 0]
    return pd.DataFrame(
        {
            "person": change.index,
            "role": "",
            "indicator": "bonus",
            "by_weight": 0.0,
            "by_points": change.to_numpy(),
        }
    )
