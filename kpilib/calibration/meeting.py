"""What a calibration meeting has before it, and grades before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from kpilib.calibration.people import people_to_ask, scored_items
from kpilib.outcomes import Outcomes
from kpilib.ratings import Leniency, findings, leniency_of

REASONS: Final = ("near", "doubtful", "far", "lenient", "harsh")


@dataclass(frozen=True, eq=False)
class Meeting:
    """What a calibration meeting has before it; nothing in it is applied by itself.

    Attributes
    ----------
    people : DataFrame
        Index ``person``, those to talk about first on top: ``team``, ``role``, ``score``,
        ``computed``, ``grade`` (as decided, where it was), ``why`` (tuple of reasons),
        ``gap`` and ``neighbour`` (near a cut), ``judged`` and ``measured`` (points of either
        kind of item; NaN without both), ``raters`` (lenient or harsh ones who judged the person),
        ``shift`` (points of the total that leniency makes up, taken off or not), ``own``
        (probability of the computed grade), ``rival`` (the likeliest other), ``consider`` (the
        grade in question: the rival, else the neighbour) and ``decided`` (a decision stands).
    managers : DataFrame
        One row per ``manager`` (who rated as one): ``n`` people rated, ``mean`` of the marks
        given, ``effect``, ``low`` and ``high`` (leniency), ``asked`` (how many of them are to be
        talked about), ``changed`` (grades calibrated).
    teams : DataFrame
        Index ``team`` and ``when`` (computed, calibrated), a column per grade: people.
    leniency : Leniency
        Of the month's raters, also where the scheme takes nothing off.
    corrected : bool
        Whether the scheme takes leniency off.
    findings : DataFrame
        See `kpilib.ratings.findings`.
    selves : DataFrame
        Self-reviews beside the 360 mean: ``person``, ``indicator``, ``own``, ``others``, ``gap``
        (in marks), ``n`` (raters), widest gap first.
    outcomes : Outcomes
        The month.
    """

    people: pd.DataFrame
    managers: pd.DataFrame
    teams: pd.DataFrame
    leniency: Leniency
    corrected: bool
    findings: pd.DataFrame
    selves: pd.DataFrame
    outcomes: Outcomes

    @property
    def first(self) -> pd.DataFrame:
        """The people with two reasons or more and no decision yet: to be talked about first."""
        return self.people[(self.people["why"].map(len) > 1) & ~self.people["decided"]]

    @property
    def then(self) -> pd.DataFrame:
        """The people with one reason and no decision yet."""
        return self.people[(self.people["why"].map(len) == 1) & ~self.people["decided"]]

    @property
    def decisions(self) -> pd.DataFrame:
        """What was decided: index ``person``, ``team``, from, to, by whom, when and why."""
        decided = self.outcomes.grades.calibrations
        columns = ["grade_from", "grade_to", "decided_by", "decided", "reason"]
        team = self.outcomes.table["team"].reindex(decided.index)
        return decided[columns].assign(team=team)[["team", *columns]]

    @property
    def entries(self) -> list[str]:
        """Lines for calibrations.csv to be completed: to what, who, why and when is for people."""
        first = self.first["computed"].items()
        return [f"{self.outcomes.month},{person},{grade},,,," for person, grade in first]

    @property
    def reasons(self) -> dict[str, int]:
        """How many people are to be talked about, by reason."""
        counts = Counter(why for part in (self.first, self.then) for w in part["why"] for why in w)
        return {why: counts.get(why, 0) for why in REASONS}

    @property
    def numbers(self) -> dict[str, object]:
        """Figures of the verdict."""
        decided = self.outcomes.grades.calibrations
        changed = decided["grade_from"] != decided["grade_to"]
        return {
            "first": len(self.first),
            "then": len(self.then),
            "n": len(self.people),
            "decided": len(decided),
            "changed": int(changed.sum()),
        }

    @property
    def tone(self) -> Literal["calm", "watch", "act"]:
        """How the page opens: with people to talk about, that nobody is graded, or calmly."""
        return "act" if len(self.first) else "watch" if self.outcomes.nobody else "calm"

    @property
    def words(self) -> tuple[str, Mapping[str, object]]:
        """Return the key of the verdict's text and its figures, or that nobody is graded."""
        if self.outcomes.nobody:
            return self.outcomes.nobody
        if self.numbers["decided"]:
            return "verdict", self.numbers
        undecided = ("decided", "changed")
        return "verdict_open", {k: n for k, n in self.numbers.items() if k not in undecided}


def meeting(outcomes: Outcomes, seed: int = 20250501) -> Meeting:
    """Prepare a calibration meeting.

    A person is to be talked about who stands within 2 points of a cut, whose judged items lie
    20 points or more from the measured ones, whose total lenient or harsh raters make up by a
    point or more, or whose grade is less than 90% sure on the readings. More reasons come first,
    then the less sure grade.

    Parameters
    ----------
    outcomes : Outcomes
        The month.
    seed : int
        Fixes the draws behind the probabilities.
    """
    readings = outcomes.grades.scores.readings
    ratings = readings.month.tables.get("ratings")
    if ratings is None:
        ratings = pd.DataFrame(columns=["rater", "ratee", "relation", "item", "score", "comment"])
    views = readings.views
    known = views.leniency if views is not None else None
    leniency = known if known is not None else leniency_of(ratings)
    corrected = outcomes.scheme.ratings.leniency == "correct"
    items = scored_items(outcomes)
    people = people_to_ask(outcomes, items, ratings, leniency, seed)
    team = set(outcomes.table.index)
    found = findings(ratings, leniency)
    return Meeting(
        people,
        _managers(ratings, leniency, people),
        _teams(outcomes),
        leniency,
        corrected,
        found[found["person"].isin(team) | ~found["kind"].isin(["self_gap"])],
        _selves(outcomes, items),
        outcomes,
    )


def _managers(ratings: pd.DataFrame, leniency: Leniency, people: pd.DataFrame) -> pd.DataFrame:
    """Return who rated as a manager, and what became of those rated."""
    marks = ratings[(ratings["relation"] == "manager") & ratings["ratee"].isin(people.index)]
    asked = people.index[(people["why"].map(len) > 0) & ~people["decided"]]
    changed = people.index[people["computed"] != people["grade"]]
    rows = []
    for manager, mine in marks.dropna(subset="score").groupby("rater"):
        ratees = set(mine["ratee"])
        effect = leniency.raters.reindex([manager]).iloc[0]
        levels = effect[["effect", "low", "high"]].tolist()
        counted = [len(ratees & set(group)) for group in (asked, changed)]
        rows.append([manager, len(ratees), mine["score"].mean(), *levels, *counted])
    columns = ["manager", "n", "mean", "effect", "low", "high", "asked", "changed"]
    return pd.DataFrame(rows, columns=columns)


def _teams(outcomes: Outcomes) -> pd.DataFrame:
    """Count grades by team, as computed and as calibrated."""
    table = outcomes.grades.table.join(outcomes.table["team"]).dropna(subset="grade")
    order = list(outcomes.grades.order)
    parts = []
    for when, column in (("computed", "computed"), ("calibrated", "grade")):
        counts = pd.crosstab(table["team"], table[column]).reindex(columns=order, fill_value=0)
        parts.append(counts.assign(when=when))
    both = (
        pd.concat(parts)
        .set_index("when", append=True)
        .sort_index(level="team", sort_remaining=False)
    )
    return both.rename_axis(columns="grade")


def _selves(outcomes: Outcomes, items: pd.DataFrame) -> pd.DataFrame:
    """Set self-reviews beside what the others say."""
    views = outcomes.grades.scores.readings.views
    rows = []
    for item in items[items["judged"]].to_dict("records") if views is not None else []:
        view = views.of(item["person"], item["rule"].definition) if views is not None else None
        if view is not None and not np.isnan(view.own):
            others = view.own - view.gap
            rows.append([item["person"], item["indicator"], view.own, others, view.gap, view.n])
    table = pd.DataFrame(rows, columns=["person", "indicator", "own", "others", "gap", "n"])
    order = table["gap"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
