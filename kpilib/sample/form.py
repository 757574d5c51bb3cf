"""How well each person does each month: a talent that stays, noise that does not, and the cases.

Attainment is in per cent of a solid month (100 = as good as ``company.SOLID``). It says what the
events of a month are drawn around; what a page shows is measured from the events, never from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.sample.company import ITEMS, MONTHS, SOLID, Seat, days_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Row = dict[str, Any]

MEAN, SPREAD = 77.5, 10.5  # of talents
OWN = 9.0  # a person's strong and weak items
LATELY, NOISE = 7.5, 7.0  # months that go well or badly for a person, and for one item of theirs
PINNED_NOISE = 3.0  # the cases below

#: The whole company's month: Spring Festival, and a slow gain in practice.
_TIDE = dict(zip(MONTHS, (-1.5, -6.0, -3.0, -1.0, 0.0, 1.5), strict=True))

_ALL = "every item"
#: person, month -> what the case needs, in per cent; numbers for single items are hit exactly.
_CASES: Mapping[tuple[str, str], Mapping[str, float]] = {
    # three A+ in a row, after an A
    ("p034", "2025-02"): {_ALL: 92},
    ("p034", "2025-03"): {_ALL: 117},
    ("p034", "2025-04"): {_ALL: 117},
    ("p034", "2025-05"): {_ALL: 117},
    # C in March, improved in May
    ("p026", "2025-03"): {_ALL: 48},
    ("p026", "2025-04"): {_ALL: 68},
    ("p026", "2025-05"): {_ALL: 74},
    # C in March, still C in May
    ("p006", "2025-03"): {_ALL: 48},
    ("p006", "2025-04"): {_ALL: 70},
    ("p006", "2025-05"): {_ALL: 50},
    # two people with exactly 80, one just above
    ("p048", "2025-05"): {"response_time": 80, "bad_review_rate": 80, "inquiry_conversion": 80},
    ("p049", "2025-05"): {"response_time": 90, "bad_review_rate": 70, "inquiry_conversion": 80},
    ("p050", "2025-05"): {"response_time": 85, "bad_review_rate": 80, "inquiry_conversion": 76},
    # exactly 100; just below 60
    ("p055", "2025-05"): {"creative_ctr": 100, "page_conversion": 100},
    ("p056", "2025-05"): {"creative_ctr": 58, "page_conversion": 61.6},
}

#: The people of these cases are otherwise ordinary: nobody leaps to 100 out of nowhere.
_TALENT = {"p006": 64, "p026": 72, "p034": 91, "p048": 82, "p049": 79, "p050": 77} | {
    "p055": 92,
    "p056": 68,
}

Form = dict[tuple[str, str, str], float]


def plan_form(seats: tuple[Seat, ...], rng: np.random.Generator) -> Form:
    """Plan the attainment of every seat, month and item.

    Parameters
    ----------
    seats : tuple of Seat
        Everyone; people in roles that are not measured are left out.
    rng : Generator
        Draws who is talented in what.

    Returns
    -------
    dict
        (person, month, item) -> per cent of a solid month, from 5 to 130.
    """
    people = list(dict.fromkeys(s.person for s in seats if s.key in ITEMS))
    # Evenly spaced quantiles, shuffled: sixty draws could by chance hold no weak person at all.
    levels = [NormalDist(MEAN, SPREAD).inv_cdf((k + 0.5) / len(people)) for k in range(len(people))]
    talent = dict(zip(people, rng.permutation(levels), strict=True)) | _TALENT
    lately = {(p, m): LATELY * rng.standard_normal() for p in people for m in MONTHS}
    form: Form = {}
    for seat in seats:
        for item in ITEMS.get(seat.key, ()):
            own = talent[seat.person] + OWN * rng.standard_normal()
            for month in MONTHS:
                ordinary = (
                    own + _TIDE[month] + lately[seat.person, month] + NOISE * rng.standard_normal()
                )
                form[seat.person, month, item] = _fixed(seat.person, month, item, ordinary, rng)
    return form


def _fixed(person: str, month: str, item: str, ordinary: float, rng: np.random.Generator) -> float:
    case = _CASES.get((person, month), {})
    if item in case:
        return case[item]
    if _ALL in case:
        return float(case[_ALL] + PINNED_NOISE * rng.standard_normal())
    return float(np.clip(ordinary, 5, 130))


@dataclass(frozen=True, eq=False)
class Scene:
    """One month about to happen: who there is, how well they do, and the one source of chance."""

    month: str
    seats: tuple[Seat, ...]
    form: Form
    rng: np.random.Generator

    @property
    def days(self) -> np.ndarray:
        """Days of the month."""
        return days_of(self.month)

    def in_role(self, key: str, account: str | None = None) -> Iterator[Seat]:
        """Yield the seats of a role, of one account if it is given."""
        for seat in self.seats:
            if seat.key == key and account in (None, seat.account):
                yield seat

    def planned(self, person: str, item: str) -> float:
        """Return the reading that a person is to come out at this month."""
        return level(item, self.form[person, self.month, item])

    def held(self, key: str, account: str, item: str) -> float:
        """Return the planned reading of whoever answers for an account in a role."""
        return self.planned(next(self.in_role(key, account)).person, item)

    def whole(self, total: float) -> int:
        """Round to a whole number so that the mean over many draws stays ``total``."""
        return int(np.floor(total + self.rng.random()))


def level(item: str, attainment: float) -> float:
    """Turn an attainment into a reading, in the item's own unit.

    >>> level("delivery_time", 80), level("hit_rate", 120)
    (28.799999999999997, 0.12)
    """
    solid, less_is_better = SOLID[item]
    share = attainment / 100
    return solid * (2 - share) if less_is_better else solid * share
