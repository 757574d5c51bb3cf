"""A scheme: every rule from reading to outcome, as one frozen and closed model."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from kpilib.catalogue import Dimension, Words
from kpilib.errors import KpiError, listed
from kpilib.scheme.after import Bonus, Improvement, Pay, RaiseFirst, Signing, Streak, Talk
from kpilib.scheme.ratings import RatingRules
from kpilib.scheme.rules import (
    Arithmetic,
    Assumed,
    Decision,
    Key,
    Method,
    Ratio,
    Role,
    Totals,
    unique,
)

Edge = Literal["upper_closed", "lower_closed", "rounded", "floored"]
Rounding = Literal["largest_remainder", "cumulative"]

# A scheme's name becomes part of the names of pages and files: no separators, no leading dot.
Name = Annotated[str, Field(pattern=r"^\w[\w .+()-]*$", max_length=60)]


class Band(Decision):
    """A grade and the cut above which it begins; the lowest grade has no cut."""

    grade: str
    above: float | None = None


class Bands(Decision):
    """Fixed cuts, best grade first, and who owns the edge (opening G6).

    ``upper_closed``: a total on the cut stays below it. ``lower_closed``: it is above.
    ``rounded`` and ``floored``: the total is first made a whole number, half up or down.
    """

    kind: Literal["bands"] = "bands"
    edge: Edge = "upper_closed"
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _cuts_fall(self) -> Self:
        unique("grade", self.grades)
        cuts = [band.above for band in self.bands]
        if len(cuts) < 2 or cuts[-1] is not None or None in cuts[:-1]:
            raise ValueError("every grade but the last needs a cut, and the last needs none")
        if self.cuts != tuple(sorted(set(self.cuts), reverse=True)):
            raise ValueError(f"cuts must fall from the best grade down, found {[*self.cuts]}")
        if self.edge in ("rounded", "floored") and any(cut % 1 for cut in self.cuts):
            raise ValueError(f"edge {self.edge!r} needs whole cuts, found {[*self.cuts]}")
        return self

    @property
    def grades(self) -> tuple[str, ...]:
        """Names of the grades, best first."""
        return tuple(band.grade for band in self.bands)

    @property
    def cuts(self) -> tuple[float, ...]:
        """Cuts in points, highest first; one fewer than the grades."""
        return tuple(band.above for band in self.bands if band.above is not None)

    def __str__(self) -> str:
        """Return the bands in one line, the same in every language: ``C ≤ 60 < B``."""
        below, above = ("<", "≤") if self.edge == "lower_closed" else ("≤", "<")
        parts = [self.grades[-1]]
        for grade, cut in zip(self.grades[-2::-1], self.cuts[::-1], strict=True):
            parts.append(f"{below} {cut:g} {above} {grade}")
        return " ".join(parts)


class Level(Decision):
    """A grade and the share of people who are to have it."""

    grade: str
    share: Annotated[float, Field(ge=0, le=1)]


class Quota(Decision):
    """Forced distribution, best grade first; small teams are pooled below ``pool_below``.

    ``rounding`` makes whole people of shares: by ``largest_remainder``, or ``cumulative`` from
    the top, each border by itself. With ``carry_over`` the fractions left over go into the next
    period. ``ties`` says what becomes of equal scores on a border: ``parted`` (by the total
    without bonus, then by id), or all ``better``, or all ``worse``, beyond the quota.
    """

    kind: Literal["quota"]
    levels: tuple[Level, ...]
    pool_below: Annotated[int, Field(ge=1)] = 10
    rounding: Rounding = "largest_remainder"
    carry_over: bool = False
    ties: Literal["parted", "better", "worse"] = "parted"

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> Self:
        unique("grade", self.grades)
        total = math.fsum(level.share for level in self.levels)
        if len(self.levels) < 2:
            raise ValueError("a quota needs two grades at least")
        if not math.isclose(total, 1, abs_tol=1e-9):
            raise ValueError(f"shares of {len(self.levels)} grades sum to {total:.10g}, not 1")
        return self

    @property
    def grades(self) -> tuple[str, ...]:
        """Names of the grades, best first."""
        return tuple(level.grade for level in self.levels)

    def __str__(self) -> str:
        """Return the levels in one line, the same in every language: ``E 10% · M+ 30%``."""
        return " · ".join(f"{level.grade} {level.share:.0%}" for level in self.levels)


class Extra(Decision):
    """An indicator that a stage adds to a role."""

    role: Key
    key: Key
    target: float
    method: Method = Ratio()
    assumed: tuple[Assumed, ...] = ()


class Stage(Decision):
    """A profile of weights by dimension, and the indicators that come with it."""

    title: Words
    profile: dict[Dimension, Annotated[float, Field(ge=0, le=1)]]
    adds: tuple[Extra, ...] = ()

    @model_validator(mode="after")
    def _profile_sums_to_one(self) -> Self:
        total = math.fsum(self.profile.values())
        if not math.isclose(total, 1, abs_tol=1e-9):
            raise ValueError(f"the profile sums to {total:.10g}, not 1")
        return self


class Scheme(Decision):
    """Every rule needed to turn readings into grades and outcomes."""

    name: Name
    title: Words
    source: str = ""
    as_of_day: Annotated[int, Field(ge=1, le=28)] = 15
    unknown: Literal["refuse", "renormalise"] = "refuse"
    role_weights: Literal["normalise", "leave_unassigned"] = "normalise"
    teams: dict[str, Words] = Field(default_factory=dict)
    roles: tuple[Role, ...]
    totals: Totals = Arithmetic()
    ratings: RatingRules = RatingRules()
    grading: Annotated[Bands | Quota, Field(discriminator="kind")]
    bonus: Bonus | None = None
    pay: Pay = Pay()
    streak: Streak | None = None
    raise_first: RaiseFirst | None = None
    improvement: Improvement | None = None
    talk: Talk | None = None
    signing: Signing = Signing()
    stages: dict[Key, Stage] = Field(default_factory=dict)
    stage: Key | None = None
    assumed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        unique("role", [role.key for role in self.roles])
        for team in sorted({role.team for role in self.roles}):
            if self.teams:
                _one_of("team", team, self.teams)
            names = [name for role in self.roles if role.team == team for name in role.names]
            unique(f"name of a role in team {team!r}", names)
        for rule in (self.streak, self.improvement, self.talk):
            if rule is not None:
                _one_of("grade", rule.grade, self.grading.grades)
        for grade in self.raise_first.grades if self.raise_first else ():
            _one_of("grade", grade, self.grading.grades)
        if self.pay.coefficients and set(self.pay.coefficients) != set(self.grading.grades):
            raise ValueError(
                f"pay has coefficients for {[*self.pay.coefficients]}, "
                f"the grades are {[*self.grading.grades]}"
            )
        for extra in (extra for stage in self.stages.values() for extra in stage.adds):
            _one_of("role", extra.role, [role.key for role in self.roles])
        if self.stage is not None:
            _one_of("stage", self.stage, self.stages)
        return self

    @property
    def hash(self) -> str:
        """First 12 hex digits of the SHA-256 of every rule, definitions included."""
        rules = {"indicators": {"__all__": {"added_by", "unstaged"}}}  # history, not rules
        data = self.model_dump(mode="json", exclude={"roles": {"__all__": rules}})
        text = json.dumps(data, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def role(self, key: str) -> Role:
        """Return the role of that key."""
        found = {role.key: role for role in self.roles}
        if key not in found:
            raise KpiError(
                f"scheme {self.name!r}", f"no role {key!r}.", f"take one of {sorted(found)}."
            )
        return found[key]

    def revise(self, **changes: object) -> Scheme:
        """Return a scheme with some fields changed, and every check made again.

        Pydantic's own ``model_copy(update=...)`` skips the checks, so it is not used.
        """
        return checked({**self.model_dump(), **changes}, f"scheme {self.name!r}, revised")

    def reweigh(self, weights: Mapping[str, Mapping[str, float]]) -> Scheme:
        """Return a scheme whose named roles have other weights.

        Parameters
        ----------
        weights : mapping of role key to mapping of indicator key to weight
            All indicators of each named role.
        """
        for key in weights:
            self.role(key)
        roles = [role.model_dump() for role in self.roles]
        for role in roles:
            wanted = weights.get(role["key"])
            if wanted is None:
                continue
            held = [rule["key"] for rule in role["indicators"]]
            if set(wanted) != set(held):
                raise KpiError(
                    f"scheme {self.name!r}, role {role['key']!r}",
                    f"weights are for {sorted(wanted)}, the role holds {sorted(held)}.",
                    "give one weight for each indicator of the role.",
                )
            for rule in role["indicators"]:
                rule["weight"] = wanted[rule["key"]]
        return self.revise(roles=roles)


def checked(data: dict[str, Any], where: str, faults: Sequence[str] = ()) -> Scheme:
    """Check a scheme's data whole; each fault, and each found before, is one line of one error."""
    lines = list(faults)
    try:
        scheme = Scheme.model_validate(data)
    except ValidationError as error:
        lines += [_fault(fault, data) for fault in error.errors() if fault["loc"][-1:] != _UNKNOWN]
        raise refusal(where, lines) from error
    if lines:
        raise refusal(where, lines)
    return scheme


# An indicator without a definition is one that the catalogue does not know: said by the reader.
_UNKNOWN = ("definition",)


def refusal(where: str, lines: Sequence[str]) -> KpiError:
    """Make the one error that names every fault."""
    places = "this place" if len(lines) == 1 else "these places"
    return KpiError(where, listed(lines), f"correct {places}.")


def _one_of(what: str, name: str, names: Iterable[str]) -> None:
    """Raise where a name is none of some names; for use inside a model's check."""
    if name not in names:
        raise ValueError(f"{what} {name!r} is none of {list(names)}")


def _fault(fault: Mapping[str, Any], data: object) -> str:
    """Say one fault in one line: its place in words of the file, and the value found."""
    place: list[str] = []
    at: Any = data
    kinds = ("grading", "method", "totals")  # pydantic adds the kind, which is no place of the file
    loc = [
        p
        for before, p in zip(("", *fault["loc"]), fault["loc"], strict=False)
        if before not in kinds
    ]
    for part in loc:
        inside = isinstance(at, list | tuple) and isinstance(part, int) and part < len(at)
        at = at[part] if inside else at.get(part) if isinstance(at, dict) else None
        named = at.get("key", at.get("grade")) if inside and isinstance(at, dict) else None
        place.append(named if isinstance(named, str) else str(part))
    text = fault["msg"].removeprefix("Value error, ")
    found = fault.get("input")
    shown = f" (found {found!r})" if isinstance(found, str | int | float | None) else ""
    return f"{'.'.join(place) or 'file'}: {text}{shown}"
