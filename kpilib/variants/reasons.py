"""Why two variants differ: rule by rule, one after another and whatever the order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.contrast import decompose
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import CENT, Outcomes, settle
from kpilib.readings import Readings
from kpilib.scoring import score
from kpilib.variants.rules import SCORING, differing, mixed
from kpilib.variants.together import widened

if TYPE_CHECKING:
    from kpilib.scheme import Scheme
    from kpilib.scoring import Scores

Taken = frozenset[str]


@dataclass(frozen=True, eq=False)
class Reasons:
    """The change from one scheme to another, split into the rules in which they differ.

    Attributes
    ----------
    rules : tuple of str
        In the order of :data:`kpilib.variants.rules.RULES`.
    steps : DataFrame
        Index ``rule``: what it changes when the rules before it have changed already: ``score``
        (points, mean), ``up`` and ``down`` (people; NaN where scales differ), ``payroll`` (yuan,
        Decimal).
    shares : DataFrame
        Index ``rule``: its Shapley value, the mean over all orders: ``score`` (points, mean),
        ``grade`` (steps of grade over all people, up is positive; NaN where scales differ),
        ``payroll`` (yuan, Decimal, in whole cents).
    people : DataFrame
        Index ``person``, those with a score under both: the Shapley value of each rule in points,
        and ``total``, their sum, which is the change of the score.
    indicators : DataFrame
        The same change by role and indicator: :func:`kpilib.contrast.decompose`.
    before, after : Outcomes
        Of the same readings.
    """

    rules: tuple[str, ...]
    steps: pd.DataFrame
    shares: pd.DataFrame
    people: pd.DataFrame
    indicators: pd.DataFrame
    before: Outcomes
    after: Outcomes

    def bridge(self) -> pd.DataFrame:
        """Return the payroll from one to the other: ``rule``, ``effect`` and ``reached`` (yuan)."""
        effect = self.steps["payroll"].map(float)
        start = float(self._payroll(self.before))
        table = pd.DataFrame({"rule": list(self.steps.index), "effect": effect.to_numpy()})
        return table.assign(reached=start + table["effect"].cumsum())

    def ends(self) -> tuple[float, float]:
        """Return the payroll at both ends, over the people with a score under both."""
        return float(self._payroll(self.before)), float(self._payroll(self.after))

    def _payroll(self, held: Outcomes) -> Decimal:
        return sum(held.table["pay"].loc[self.people.index], Decimal(0))

    def movers(self) -> pd.DataFrame:
        """Return who changes grade and why, the largest change first.

        Index ``person``: ``roles``, ``grade_before``, ``grade``, ``change`` (points), ``rule``
        (that with most part in it; None for cuts alone), ``indicator`` (likewise) and
        ``pay_change`` (yuan).
        """
        old, new = (held.table.loc[self.people.index] for held in (self.before, self.after))
        table = pd.DataFrame(
            {
                "roles": new["roles"],
                "grade_before": old["grade"],
                "grade": new["grade"],
                "change": self.people["total"],
                "rule": _strongest(self.people.drop(columns="total")),
                "indicator": self._indicators(),
                "pay_change": [a - b for a, b in zip(new["pay"], old["pay"], strict=True)],
            },
            index=self.people.index,
        )
        moved = table[table["grade_before"] != table["grade"]]
        order = moved["change"].abs().sort_values(ascending=False, kind="stable").index
        return moved.loc[order]

    def _indicators(self) -> pd.Series:
        parts = self.indicators[(self.indicators["effect"] != 0) & (self.indicators["role"] != "")]
        order = parts["effect"].abs().sort_values(ascending=False, kind="stable").index
        first = parts.loc[order].drop_duplicates("person").set_index("person")["indicator"]
        return first.reindex(self.people.index).astype(object)


def reasons(
    source: Readings | Outcomes,
    before: Scheme,
    after: Scheme,
    *,
    only: Collection[str] | None = None,
) -> Reasons:
    """Split the change from one scheme to another into the rules that differ.

    All schemes between the two are made, each with some rules of the one and the others of the
    other, and the same readings are put under each: 2 to the number of rules. A rule's Shapley
    value [1]_ is the mean of what it adds over all orders in which rules may change; values of
    all rules sum to the whole change, and no order is preferred.

    Parameters
    ----------
    source : Readings or Outcomes
        Of the whole company.
    before, after : Scheme
        Two schemes of the same people.
    only : collection of str, optional
        Keep these people only, after everything was computed for all.

    Raises
    ------
    KpiError
        If the schemes differ in nothing that grades or pay hang on.

    References
    ----------
    .. [1] L. S. Shapley (1953), A value for n-person games, Contributions to the Theory of
       Games II, 307-317; A. F. Shorrocks (2013), Decomposition procedures for distributional
       analysis, Journal of Economic Inequality 11, 99-126, doi:10.1007/s10888-011-9214-z.
    """
    readings = source.grades.scores.readings if isinstance(source, Outcomes) else source
    rules = differing(before, after)
    if not rules:
        raise KpiError(
            f"schemes {before.name!r} and {after.name!r}",
            "differ in nothing that grades or pay hang on.",
            "compare two schemes that do.",
        )
    held = _between(widened(readings, [before, after]), before, after, rules)
    both = set.intersection(*(set(outcomes.known) for outcomes in held.values()))
    both = both if only is None else both & set(only)
    index = held[frozenset()].table.index
    people = pd.Index([p for p in index if p in both], name="person")
    scores = {s: o.table["score"].loc[people].to_numpy(dtype=float) for s, o in held.items()}
    points = {rule: _shapley(rule, rules, scores) for rule in rules}
    table = pd.DataFrame(points, index=people)
    ends = held[frozenset()], held[frozenset(rules)]
    parts = decompose(ends[0].grades.scores, ends[1].grades.scores)
    return Reasons(
        rules,
        _steps(rules, held, scores, people),
        _shares(rules, held, table, people),
        table.assign(total=scores[frozenset(rules)] - scores[frozenset()]),
        parts[parts["person"].isin(people)],
        *ends,
    )


def _between(
    readings: Readings, before: Scheme, after: Scheme, rules: Sequence[str]
) -> dict[Taken, Outcomes]:
    """Return the outcomes of every scheme between two, by the rules taken of the second."""
    from kpilib.contrast import under

    scored: dict[Taken, Scores] = {}
    found = {}
    for size in range(len(rules) + 1):
        for some in combinations(rules, size):
            taken = frozenset(some)
            scheme = mixed(before, after, taken)
            key = taken & SCORING
            if key not in scored:
                scored[key] = score(under(readings, scheme))
            scores = scored[key]
            found[taken] = settle(grade(scores, scheme))
    return found


def _shapley(rule: str, rules: Sequence[str], values: dict[Taken, np.ndarray]) -> np.ndarray:
    """Return the mean over all orders of what a rule adds to a value of each person."""
    others = [r for r in rules if r != rule]
    n = len(rules)
    whole = np.zeros_like(values[frozenset()])
    for size in range(n):
        part = factorial(size) * factorial(n - size - 1) / factorial(n)
        for some in combinations(others, size):
            whole = whole + part * (values[frozenset({*some, rule})] - values[frozenset(some)])
    return whole


def _steps(
    rules: Sequence[str],
    held: dict[Taken, Outcomes],
    scores: dict[Taken, np.ndarray],
    people: pd.Index,
) -> pd.DataFrame:
    rows = []
    for i, _ in enumerate(rules):
        old, new = frozenset(rules[:i]), frozenset(rules[: i + 1])
        up, down = _moves(held[old], held[new], people)
        rows.append(
            {
                "score": float((scores[new] - scores[old]).mean()) if len(people) else np.nan,
                "up": up,
                "down": down,
                "payroll": _pay(held[new], people) - _pay(held[old], people),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(rules, name="rule"))


def _moves(old: Outcomes, new: Outcomes, people: pd.Index) -> tuple[float, float]:
    if old.grades.order != new.grades.order:
        return np.nan, np.nan
    change = _places(old, people) - _places(new, people)
    return int((change > 0).sum()), int((change < 0).sum())


def _places(held: Outcomes, people: pd.Index) -> np.ndarray:
    place = {grade: i for i, grade in enumerate(held.grades.order)}
    return np.array([place[g] for g in held.table["grade"].loc[people]], dtype=float)


def _pay(held: Outcomes, people: pd.Index) -> Decimal:
    return sum(held.table["pay"].loc[people], Decimal(0))


def _shares(
    rules: Sequence[str], held: dict[Taken, Outcomes], points: pd.DataFrame, people: pd.Index
) -> pd.DataFrame:
    cents = {s: np.array([int(_pay(o, people) / CENT)], dtype=object) for s, o in held.items()}
    one_scale = len({o.grades.order for o in held.values()}) == 1
    places = {s: _places(o, people) for s, o in held.items()} if one_scale else {}
    rows = {
        rule: {
            "score": float(points[rule].mean()) if len(people) else np.nan,
            "grade": -float(_shapley(rule, rules, places).sum()) if one_scale else np.nan,
        }
        for rule in rules
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("rule")
    exact = [_exact(rule, rules, cents) for rule in rules]
    whole = int((cents[frozenset(rules)] - cents[frozenset()])[0])
    table["payroll"] = pd.Series(_in_cents(exact, whole), table.index, dtype=object)
    return table


def _exact(rule: str, rules: Sequence[str], cents: dict[Taken, np.ndarray]) -> Fraction:
    """Return a rule's Shapley value of the payroll in cents, as an exact fraction."""
    others, n = [r for r in rules if r != rule], len(rules)
    whole = Fraction(0)
    for size in range(n):
        part = Fraction(factorial(size) * factorial(n - size - 1), factorial(n))
        for some in combinations(others, size):
            whole += part * int((cents[frozenset({*some, rule})] - cents[frozenset(some)])[0])
    return whole


def _in_cents(exact: Sequence[Fraction], whole: int) -> list[Decimal]:
    """Round fractions of cents so that they still sum to the whole: the largest remainders up."""
    floors = [part.__floor__() for part in exact]
    order = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: whole - sum(floors)]:
        floors[i] += 1
    return [Decimal(part) * CENT for part in floors]


def _strongest(parts: pd.DataFrame) -> pd.Series:
    """Return the rule with most part in each person's change; None where none has any."""
    most = parts.abs().max(axis=1)
    return parts.abs().idxmax(axis=1).astype(object).where(most > 1e-9, None)
