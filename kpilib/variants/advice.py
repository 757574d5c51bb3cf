"""Which variant to take, by criteria that the reader declares: reasons and doubts, no score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from kpilib.variants.criteria import SLACK, Criteria, Limit, Wish
from kpilib.variants.measures import MEASURES

if TYPE_CHECKING:
    from kpilib.variants.side_by_side import Comparison

# What the first says of itself, where others are measured against it.
_ITSELF: Final = {
    **dict.fromkeys(("up", "down", "far", "rank_shift", "payroll_change"), 0.0),
    **dict.fromkeys(("kappa", "kendall"), 1.0),
}


@dataclass(frozen=True, eq=False)
class Advice:
    """Which variant keeps the limits and comes first by the wishes, and what speaks against it.

    Attributes
    ----------
    criteria : Criteria
        As declared.
    held : DataFrame
        Index variant, one column per measure that counts; the first against itself changes
        nothing.
    ranking : tuple of str
        Variants that keep all limits, the best first; empty where none does.
    broken : dict of str to tuple of Limit
        Limits that each other variant breaks, or on which it alone says nothing.
    unsaid : dict of str to tuple of str
        Wishes on which a variant says nothing and others do, as grades on another scale; it is
        not ranked.
    aside : tuple of str
        Measures of wishes and limits on which no variant says anything, in the order declared:
        they tell none from another, and count for nothing.
    decided : str or None
        The wish by which the last rival of the chosen one fell behind; None where none was left
        or some stayed.
    rivals : tuple of str
        Who was as good as the chosen one until then.
    alike : tuple of str
        Who is as good as the chosen one in every wish; it was named before them.
    otherwise : dict of str to str
        What would be chosen if another wish came first, where that is another variant.
    dominated : dict of str to tuple of str
        Variants that others are at least as good as in every wish, and better in one.
    """

    criteria: Criteria
    held: pd.DataFrame
    ranking: tuple[str, ...]
    broken: dict[str, tuple[Limit, ...]]
    unsaid: dict[str, tuple[str, ...]]
    aside: tuple[str, ...]
    decided: str | None
    rivals: tuple[str, ...]
    alike: tuple[str, ...]
    otherwise: dict[str, str]
    dominated: dict[str, tuple[str, ...]]

    @property
    def chosen(self) -> str | None:
        """The variant that comes first; None where none can be ranked."""
        return self.ranking[0] if self.ranking else None

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """The wishes that counted: those on which some variant says something."""
        return tuple(wish for wish in self.criteria.wishes if wish.measure not in self.aside)

    @property
    def breaking(self) -> tuple[str, ...]:
        """The variants that break a limit for sure, not only for lack of an answer."""
        known = self.held.notna()
        return tuple(
            name
            for name, limits in self.broken.items()
            if any(known.loc[name, limit.measure] for limit in limits)
        )

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Measures that put out a variant which breaks no limit: only others answer them."""
        held = [name for name in self.held.index if name not in self.breaking]
        out = {m for name in held for m in self.unsaid.get(name, ())}
        out |= {limit.measure for name in held for limit in self.broken.get(name, ())}
        return tuple(str(measure) for measure in self.held.columns if measure in out)


def advise(seen: Comparison, criteria: Criteria) -> Advice:
    """Choose by declared criteria: limits first, then wishes in the order of their importance.

    Among those that keep every limit, the best in the first wish and all within ``close`` of it
    stay; among these the next wish decides, and so on. No wish is traded for another, so there
    are no weights to argue over, and no score comes out. A wish or a limit on which no variant
    says anything is set aside: it speaks for none and against none. Where no wish is left,
    nothing is advised.

    References
    ----------
    .. [1] A. Tversky (1969), Intransitivity of preferences, Psychological Review 76, 31-48: the
       lexicographic semiorder. Taken within one set, as here, it is no relation between pairs
       and cannot run in circles.
    """
    needed = dict.fromkeys(
        [w.measure for w in criteria.wishes] + [c.measure for c in criteria.limits]
    )
    values = seen.table.loc[list(needed)].T.astype(float)
    # Before the first is measured against itself: that alone compares nothing.
    unknown = values.isna().all()
    aside = tuple(str(measure) for measure in values.columns if unknown[measure])
    for measure in values.columns.intersection(list(_ITSELF)):
        values.loc[seen.first, measure] = _ITSELF[str(measure)]
    wishes = [wish for wish in criteria.wishes if wish.measure not in aside]
    limits = [limit for limit in criteria.limits if limit.measure not in aside]
    wished = [wish.measure for wish in wishes]
    broken = {
        name: tuple(c for c in limits if not c.holds(row[c.measure]))
        for name, row in values.iterrows()
    }
    unsaid = {str(name): tuple(row.index[row.isna()]) for name, row in values[wished].iterrows()}
    fit = [str(name) for name in values.index if not broken[name] and not unsaid[str(name)]]
    fit = fit if wishes else []  # the order in which schemes were named is no reason
    plain: dict[str, dict[str, float]] = {
        str(measure): {str(name): float(v) for name, v in column.items()}
        for measure, column in values.items()
    }
    ranking = tuple(_ranked(plain, fit, wishes))
    decided, rivals, alike = _way(plain, fit, wishes)
    return Advice(
        criteria,
        values,
        ranking,
        {str(name): found for name, found in broken.items() if found},
        {name: measures for name, measures in unsaid.items() if measures},
        aside,
        decided,
        rivals,
        alike,
        _otherwise(plain, fit, wishes),
        dominated(values[wished].dropna(), wishes),
    )


_Values = Mapping[str, Mapping[str, float]]  # by measure, by variant


def _best(values: _Values, left: Sequence[str], wish: Wish) -> list[str]:
    """Return who is best in a wish, or so close to it that the difference counts as none."""
    better, column = MEASURES[wish.measure].better, values[wish.measure]
    best = max(column[name] * better for name in left)
    return [name for name in left if column[name] * better >= best - wish.close - SLACK]


def _ranked(values: _Values, fit: Sequence[str], wishes: Sequence[Wish]) -> list[str]:
    """Return the variants in order: the chosen one, then who would be chosen without it, ..."""
    order, left = [], list(fit)
    while left:
        stay = left
        for wish in wishes:
            stay = _best(values, stay, wish)
        order.append(stay[0])
        left = [name for name in left if name != stay[0]]
    return order


def _way(
    values: _Values, fit: Sequence[str], wishes: Sequence[Wish]
) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """Return by which wish the last rivals fell behind, who they were, and who never did."""
    stay = list(fit)
    decided: str | None = None
    rivals: tuple[str, ...] = ()
    for wish in wishes:
        kept = _best(values, stay, wish) if stay else []
        if len(kept) < len(stay):
            decided, rivals = wish.measure, tuple(name for name in stay if name not in kept)
        stay = kept
    return decided, rivals, tuple(stay[1:])


def _otherwise(values: _Values, fit: Sequence[str], wishes: Sequence[Wish]) -> dict[str, str]:
    if not fit:
        return {}
    chosen = _ranked(values, fit, wishes)[0]
    found = {}
    for wish in wishes[1:]:
        first = [wish, *(other for other in wishes if other is not wish)]
        other = _ranked(values, fit, first)[0]
        if other != chosen:
            found[wish.measure] = other
    return found


def dominated(values: pd.DataFrame, wishes: Sequence[Wish]) -> dict[str, tuple[str, ...]]:
    """Return the variants that another is at least as good as in every wish, and better in one.

    Without any slack: a variant is dominated by what is better in truth, however little.
    """
    better = {wish.measure: MEASURES[wish.measure].better for wish in wishes}
    signed = values[list(better)].to_numpy(dtype=float) * list(better.values())
    names = [str(name) for name in values.index]
    found: dict[str, tuple[str, ...]] = {}
    for name, row in zip(names, signed, strict=True):
        over = (signed >= row).all(axis=1) & (signed > row).any(axis=1)
        if over.any():
            found[name] = tuple(names[place] for place in np.flatnonzero(over))
    return found


def margin(limit: Limit, values: Mapping[str, float]) -> float:
    """Return how far a variant stands from a limit that it keeps."""
    return abs(values[limit.measure] - limit.value)
