"""Criteria that the reader declares: what a variant must keep, and what counts of the rest."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kpilib.errors import KpiError
from kpilib.variants.measures import MEASURES

_SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
SLACK: Final = 1e-9  # a value on the limit keeps it; so little is no difference


@dataclass(frozen=True)
class Wish:
    """A measure that counts, and the difference in it that counts as none."""

    measure: str
    close: float


@dataclass(frozen=True)
class Limit:
    """What a variant must keep: ``payroll_change <= 0.03``."""

    measure: str
    sign: str
    value: float

    def holds(self, found: float) -> bool:
        """Whether a value keeps the limit; what is not known does not."""
        slack = SLACK if self.sign == "<=" else -SLACK if self.sign == ">=" else 0.0
        return _SIGNS[self.sign](found, self.value + slack)


@dataclass(frozen=True)
class Criteria:
    """What the reader declares: limits first, then wishes, the most important one first."""

    wishes: tuple[Wish, ...]
    limits: tuple[Limit, ...] = ()


def read_criteria(wishes: str, limits: str = "") -> Criteria:
    """Read criteria as a reader writes them.

    Parameters
    ----------
    wishes : str
        Names of measures, the most important one first, parted by commas; after a name the
        difference that counts as none may stand: ``"firm 0.03, gap_roles 1"``.
    limits : str
        ``"payroll_change <= 0.03, down <= 10"``; ``≤`` will do, and has to in the parameters of a
        notebook, where a second ``=`` hides the line from papermill.

    Raises
    ------
    KpiError
        If a measure is not known, has no better and worse, or stands twice, or a limit is no
        comparison with a number.
    """
    found = [_wish(part.strip()) for part in wishes.split(",") if part.strip()]
    names = [wish.measure for wish in found]
    if not found or len(set(names)) < len(names):
        raise KpiError(
            "criteria", f"the wishes are {names}.", "name at least one measure, and each once."
        )
    return Criteria(tuple(found), tuple(_limit(p.strip()) for p in limits.split(",") if p.strip()))


def _wish(text: str) -> Wish:
    name, _, close = text.partition(" ")
    measure = _known(name)
    if MEASURES[measure].better == 0:
        able = [key for key, held in MEASURES.items() if held.better]
        raise KpiError(
            f"criteria, {name!r}", "neither more nor less of it is better.", f"take one of {able}."
        )
    return Wish(measure, _number(close, text) if close.strip() else MEASURES[measure].close)


def _limit(text: str) -> Limit:
    match = re.fullmatch(r"(\w+)\s*(<=|>=|<|>)\s*(\S+)", text.replace("≤", "<=").replace("≥", ">="))
    if match is None:
        raise KpiError(
            f"limits, {text!r}",
            "is no comparison.",
            "write for example payroll_change <= 0.03.",
        )
    return Limit(_known(match[1]), match[2], _number(match[3], text))


def _known(name: str) -> str:
    if name not in MEASURES:
        near = difflib.get_close_matches(name, list(MEASURES), 1)
        hint = f"did you mean {near[0]!r}?" if near else f"take one of {list(MEASURES)}."
        raise KpiError(f"criteria, {name!r}", "is no measure of the table.", hint)
    return name


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise KpiError(
            f"criteria, {where!r}", f"{text.strip()!r} is no number.", "write 0.03 for 3%."
        ) from None
