"""The 360 mean of one person and item: relation by relation, and beside the self-review."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from kpilib.catalogue import Definition
from kpilib.ratings.leniency import Leniency, leniency_of
from kpilib.ratings.marks import SCALE, known_marks, self_marks
from kpilib.scheme.ratings import RatingRules

FEWEST_SHOWN: Final = 3  # raters of a group whose mean the person rated may see
NAME_OUT: Final = "[…]"


@dataclass(frozen=True)
class Group:
    """What one relation says of a person and item.

    Attributes
    ----------
    relation : str
        peer, manager or user.
    n : int
        Raters.
    mean : float
        Mean mark, leniency taken off where the scheme says so.
    share : float
        Of the 360 mean, over the relations that answered.
    hidden : bool
        Kept from the person rated; see `View.for_ratee`.
    """

    relation: str
    n: int
    mean: float
    share: float
    hidden: bool = False


@dataclass(frozen=True)
class View:
    """How a person is seen on one item.

    Attributes
    ----------
    value : float
        The reading: the 360 mean, with the self-review by the scheme's share, within the scale.
    n : int
        Raters, without the person.
    own : float
        The self-review; NaN without one.
    groups : tuple of Group
        The relations that answered.
    """

    value: float
    n: int
    own: float
    groups: tuple[Group, ...]

    @property
    def gap(self) -> float:
        """Self-review less what the others say (their mean by shares, not the blend)."""
        return self.own - math.fsum(g.share * g.mean for g in self.groups)

    @property
    def for_ratee(self) -> tuple[Group, ...]:
        """The groups as the person rated may see them.

        A group of fewer than 3 raters is hidden. The reading is their weighted mean and is
        known, so that one hidden group could be worked out from the others: where just one is
        too small, the next smallest is hidden with it.
        """
        small = {g.relation for g in self.groups if g.n < FEWEST_SHOWN}
        if len(small) == 1 and len(self.groups) > 1:
            rest = [g for g in self.groups if g.relation not in small]
            small.add(min(rest, key=lambda g: g.n).relation)
        return tuple(replace(g, hidden=g.relation in small) for g in self.groups)


@dataclass(frozen=True, eq=False)
class Views:
    """The marks of a month, ready to be averaged.

    Attributes
    ----------
    rules : RatingRules
        Of the scheme.
    leniency : Leniency or None
        What was estimated; None where the scheme corrects nothing.
    taken : mapping of str to float
        What is taken off the marks of a rater.
    """

    rules: RatingRules
    leniency: Leniency | None
    taken: Mapping[str, float]
    _marks: Mapping[tuple[str, str], Mapping[str, Sequence[tuple[str, float]]]]
    _own: Mapping[tuple[str, str], float]

    def of(self, person: str, definition: Definition) -> View | None:
        """Return how a person is seen on a judged indicator; None if nobody who counts has rated.

        Marks are averaged within a relation, then relations by weight, over those that answered;
        one that did not answer is left out, and is never a 0. A self-review alone is no reading.
        """
        by_relation = self._marks.get((person, definition.key), {})
        weights = self.rules.weights(definition)
        answered = {r: (w, by_relation[r]) for r, w in weights.items() if r in by_relation}
        if not answered:
            return None
        whole = math.fsum(weight for weight, _ in answered.values())
        groups = tuple(
            Group(relation, len({rater for rater, _ in marks}), _mean(marks), weight / whole)
            for relation, (weight, marks) in answered.items()
        )
        parts = [weight * _mean(marks) for weight, marks in answered.values()]
        value = math.fsum(parts) / whole
        own = self._own.get((person, definition.key), math.nan)
        if self.rules.self_weight and not math.isnan(own):
            value = (1 - self.rules.self_weight) * value + self.rules.self_weight * own
        raters = {rater for _, marks in answered.values() for rater, _ in marks}
        return View(min(max(value, SCALE[0]), SCALE[1]), len(raters), own, groups)

    def counts(self, ratings: pd.DataFrame, definition: Definition) -> pd.Series:
        """Say which rows of ratings a judged indicator is made of."""
        others = ratings["relation"].isin(list(self.rules.weights(definition)))
        others &= ratings["rater"] != ratings["ratee"]
        own = (ratings["relation"] == "self") & (ratings["rater"] == ratings["ratee"])
        chosen = others | own if self.rules.self_weight else others
        return (ratings["item"] == definition.key) & ratings["score"].notna() & chosen


def _mean(marks: Sequence[tuple[str, float]]) -> float:
    return math.fsum(score for _, score in marks) / len(marks)


def views_of(ratings: pd.DataFrame, rules: RatingRules) -> Views:
    """Collect the marks of a month, and take off leniency if the scheme says so.

    Parameters
    ----------
    ratings : DataFrame
        The table ``ratings`` of a month. Not changed.
    rules : RatingRules
        Of the scheme.
    """
    leniency = leniency_of(ratings) if rules.leniency == "correct" else None
    taken = leniency.taken if leniency is not None else {}
    marks: dict[tuple[str, str], dict[str, list[tuple[str, float]]]] = {}
    for rater, ratee, relation, item, score in _rows(known_marks(ratings)):
        by_relation = marks.setdefault((ratee, item), {})
        by_relation.setdefault(relation, []).append((rater, score - taken.get(rater, 0.0)))
    own: dict[tuple[str, str], list[float]] = {}
    for _, ratee, _, item, score in _rows(self_marks(ratings)):
        own.setdefault((ratee, item), []).append(score)
    means = {place: math.fsum(scores) / len(scores) for place, scores in own.items()}
    return Views(rules, leniency, taken, marks, means)


def _rows(marks: pd.DataFrame) -> Iterator[tuple[str, str, str, str, float]]:
    yield from zip(*(marks[column] for column in marks), strict=True)


def comments_about(
    ratings: pd.DataFrame, person: str, names: Mapping[str, str], seed: int
) -> list[str]:
    """Return what others wrote about a person, for HR: shuffled, and without a rater's name.

    Parameters
    ----------
    ratings : DataFrame
        The table ``ratings`` of a month.
    person : str
        About whom.
    names : mapping of str to str
        Name of each person by id; both are taken out of the texts, except the person's own.
    seed : int
        Fixes the order, which is another for each person.

    Returns
    -------
    list of str
        Without relation, item and order of the file, any of which could give a rater away.
    """
    others = (ratings["ratee"] == person) & (ratings["rater"] != person)
    said = sorted(ratings.loc[others, "comment"].dropna().astype(str).str.strip())
    out = sorted(
        {word for i, name in names.items() if i != person for word in (i, name) if len(word) > 1},
        key=len,
        reverse=True,
    )
    said = [_without(text, out) for text in said if text]
    rng = np.random.default_rng([seed, *person.encode()])
    return [said[place] for place in rng.permutation(len(said))]


def _without(text: str, words: Sequence[str]) -> str:
    for word in words:
        text = text.replace(word, NAME_OUT)
    return text
