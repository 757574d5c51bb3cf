"""Whom to talk about first in a calibration meeting, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from kpilib.distribution import near_cuts
from kpilib.doubt import FIRM, doubt
from kpilib.outcomes import Outcomes
from kpilib.ratings import SCALE, Leniency
from kpilib.scoring import points_of

Why = Literal["near", "far", "lenient", "harsh", "doubtful"]

MARGIN: Final = 2.0  # points to a cut that count as near
FAR: Final = 20.0  # points between what is judged and what is measured of one person
LEAST_SHIFT: Final = 1.0  # points of the total that raters' leniency makes, to be a reason


def scored_items(outcomes: Outcomes) -> pd.DataFrame:
    """Return the scored items of everybody, with their share of the person's total."""
    scores = outcomes.grades.scores
    time = scores.role_totals[["person", "role", "time_share"]]
    items = scores.points[scores.points["status"] == "ok"].merge(time, on=["person", "role"])
    rules = {(role.key, r.key): r for role in outcomes.scheme.roles for r in role.indicators}
    held = [rules[place] for place in zip(items["role"], items["indicator"], strict=True)]
    items["rule"] = pd.Series(held, items.index, dtype=object)
    judged = [rule.definition.judged for rule in held]
    items["judged"] = pd.Series(judged, items.index, dtype=bool)  # also of nobody
    items["share"] = items["applied"] * items["time_share"]
    return items


def people_to_ask(
    outcomes: Outcomes,
    items: pd.DataFrame,
    ratings: pd.DataFrame,
    leniency: Leniency,
    seed: int,
) -> pd.DataFrame:
    """Return everybody with a grade, those to talk about first on top; see `Meeting.people`."""
    graded = outcomes.grades.table[outcomes.grades.table["status"] == "ok"]
    held = outcomes.table.loc[graded.index]
    people = held[["team", "score"]].assign(role=held["roles"].map(lambda roles: roles[0]))
    people = people.assign(computed=graded["computed"], grade=graded["grade"])
    near = near_cuts(outcomes.grades, (MARGIN,)).table.reindex(people.index)
    people["gap"], people["neighbour"] = near["gap"].astype(float), near["neighbour"]
    people = people.join(_sides(items)).join(_touched(outcomes, items, ratings, leniency))
    drawn = doubt(outcomes.grades, seed=seed).table
    people = people.join(drawn[["own", "rival"]])
    people["raters"] = [r if isinstance(r, tuple) else () for r in people["raters"]]
    people["why"] = [_reasons(row) for row in people.to_dict("records")]
    unsure = people["why"].map(lambda why: "doubtful" in why)
    people["consider"] = people["rival"].where(unsure, people["neighbour"])
    people["decided"] = people.index.isin(outcomes.grades.calibrations.index)
    rank = pd.DataFrame({"reasons": -people["why"].map(len), "own": people["own"]})
    rank["gap"] = people["gap"].abs()
    order = rank.sort_values(["reasons", "own", "gap"], kind="stable").index
    return people.loc[order]


def _reasons(row: Mapping[Any, Any]) -> tuple[Why, ...]:
    """Say why a person is to be talked about; what is not known is no reason."""
    found: list[Why] = []
    if abs(row["gap"]) <= MARGIN:
        found.append("near")
    if row["own"] < FIRM:
        found.append("doubtful")
    if abs(row["judged"] - row["measured"]) >= FAR:
        found.append("far")
    if abs(row["shift"]) >= LEAST_SHIFT:
        found.append("lenient" if row["shift"] > 0 else "harsh")
    return tuple(found)


def _sides(items: pd.DataFrame) -> pd.DataFrame:
    """Return the mean points of judged and of measured items, for who has both."""
    parts = {}
    for name, chosen in (("judged", items["judged"]), ("measured", ~items["judged"])):
        mine = items[chosen]
        weight = mine.groupby("person")["share"].sum()
        parts[name] = (mine["points"] * mine["share"]).groupby(mine["person"]).sum() / weight
    both = pd.DataFrame(parts)
    return both.where(both.notna().all(axis=1))


def _touched(
    outcomes: Outcomes, items: pd.DataFrame, ratings: pd.DataFrame, leniency: Leniency
) -> pd.DataFrame:
    """Return the marked raters of each person, and what they make of the total, in points."""
    marked = leniency.marked["effect"].to_dict()
    views = outcomes.grades.scores.readings.views
    found: dict[str, tuple[set[str], float]] = {}
    mine = ratings[ratings["rater"].isin(list(marked)) & ratings["score"].notna()]
    mine = mine[mine["rater"] != mine["ratee"]]
    for item in items[items["judged"]].to_dict("records") if views is not None else []:
        chosen = mine[(mine["ratee"] == item["person"]) & (mine["item"] == item["indicator"])]
        view = views.of(item["person"], item["rule"].definition) if views is not None else None
        if view is None or chosen.empty:
            continue
        added = math.fsum(
            group.share * marked[rater] / group.n
            for group in view.groups
            for rater in chosen.loc[chosen["relation"] == group.relation, "rater"]
        )
        added *= 1 - outcomes.scheme.ratings.self_weight * (not math.isnan(view.own))
        raters, shift = found.get(item["person"], (set(), 0.0))
        shift += _in_points(item, added, outcomes.scheme.ratings.leniency == "correct")
        found[item["person"]] = raters | set(chosen["rater"]), shift
    table = {who: (tuple(sorted(raters)), shift) for who, (raters, shift) in found.items()}
    return pd.DataFrame.from_dict(table, orient="index", columns=["raters", "shift"])


def _in_points(item: Mapping[Any, Any], added: float, corrected: bool) -> float:
    """Return what marks too high by so much on average make of the total."""
    value = item["value"]
    marks = (value, value + added) if corrected else (value - added, value)
    without, given = points_of(item["rule"], np.clip(marks, *SCALE))
    return float((given - without) * item["share"])
