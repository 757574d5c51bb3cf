"""What one role answers for, and how each of its indicators earns points."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kpilib.catalogue import Definition, Words

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Assumed = Literal["weight", "target", "method", "indicator"]


class Decision(BaseModel):
    """What people decide and write in a file: frozen, closed, finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Ratio(Decision):
    """``100 x actual / target``, or ``100 x (2 - actual / target)`` where less is better."""

    kind: Literal["ratio"] = "ratio"
    floor: float = 0
    cap: float = 120

    @model_validator(mode="after")
    def _floor_is_below_cap(self) -> Self:
        if self.floor >= self.cap:
            raise ValueError(f"floor {self.floor:g} is not below cap {self.cap:g}")
        return self


class Step(Decision):
    """Points for a reading that is as good as ``at`` or better."""

    at: float
    points: float


class Steps(Decision):
    """An interval table, best interval first; a reading short of all earns ``otherwise``."""

    kind: Literal["steps"]
    table: tuple[Step, ...]
    otherwise: float = 0

    @model_validator(mode="after")
    def _points_fall(self) -> Self:
        points = [*(step.points for step in self.table), self.otherwise]
        if len(points) < 2 or points != sorted(points, reverse=True):
            raise ValueError(f"points must fall from the best interval down, found {points}")
        return self


class Deduct(Decision):
    """100 points less ``points`` for each started ``unit`` short of (or past) the target."""

    kind: Literal["deduct"]
    unit: Annotated[float, Field(gt=0)]
    points: Annotated[float, Field(gt=0)]
    floor: Annotated[float, Field(lt=100)] = 0


class Switch(Decision):
    """``met`` points where the target is met, ``missed`` where it is not."""

    kind: Literal["switch"]
    met: float = 100
    missed: float = 0

    @model_validator(mode="after")
    def _meeting_pays(self) -> Self:
        if self.missed >= self.met:
            raise ValueError(f"missed {self.missed:g} is not below met {self.met:g}")
        return self


class Anchor(Decision):
    """What a judged score means, and the points that it earns."""

    score: float
    points: float
    meaning: Words


class Judged(Decision):
    """A judged score between anchors; points run straight from one anchor to the next."""

    kind: Literal["judged"]
    anchors: tuple[Anchor, ...]

    @model_validator(mode="after")
    def _anchors_rise(self) -> Self:
        scores = [anchor.score for anchor in self.anchors]
        points = [anchor.points for anchor in self.anchors]
        if len(scores) < 2 or scores != sorted(set(scores)) or points != sorted(points):
            raise ValueError(f"anchors must rise in score and points, found scores {scores}")
        return self


Method = Annotated[Ratio | Steps | Deduct | Switch | Judged, Field(discriminator="kind")]


class Arithmetic(Decision):
    """A total is the sum of points by weight: more of one item makes up for less of another."""

    kind: Literal["arithmetic"] = "arithmetic"


class Geometric(Decision):
    """A total is the product of points, each to the power of its weight.

    A weak item is not made up for by a strong one. Points below ``floor`` count as the floor:
    without it a single 0 would make every total 0, whatever the rest.
    """

    kind: Literal["geometric"]
    floor: Annotated[float, Field(gt=0, le=100)] = 1


Totals = Annotated[Arithmetic | Geometric, Field(discriminator="kind")]


class Rule(Decision):
    """How one indicator of a role earns points, and what it weighs.

    ``definition`` comes from the catalogue when the file is read: direction, unit and
    dimension are said there, once. ``assumed`` names what the scheme's source leaves open.
    A stage fills in ``added_by`` where it brought the indicator, and ``unstaged``, the weight
    that it replaced, so that the scheme can be weighed as another stage.
    """

    key: Key
    weight: Annotated[float, Field(ge=0, le=1)]
    target: float | None = None
    method: Method = Ratio()
    assumed: tuple[Assumed, ...] = ()
    shared: bool = False
    definition: Definition
    added_by: Key | None = None
    unstaged: float | None = None

    @model_validator(mode="after")
    def _target_can_be_met(self) -> Self:
        if isinstance(self.method, Ratio) and self.target is not None and self.target <= 0:
            raise ValueError(f"target {self.target:g}: a ratio needs a target above 0")
        if isinstance(self.method, Judged) and self.definition.direction == "lower":
            raise ValueError("anchors rise with the reading, but here less is better: take steps")
        if isinstance(self.method, Steps):
            at = [step.at for step in self.method.table]
            wanted = sorted(set(at), reverse=self.definition.direction == "higher")
            if at != wanted:
                raise ValueError(f"steps must run from the best reading down, found {at}")
        return self


class Role(Decision):
    """What one role answers for; a role without indicators gets no score.

    ``weight`` is the role's share of its team's score as printed. ``credit`` says whose
    works and sessions count: its ``own`` by credits, or all of its ``account``.
    """

    key: Key
    title: Words
    team: Key
    aliases: tuple[str, ...] = ()
    weight: Annotated[float, Field(gt=0, le=1)] | None = None
    credit: Literal["own", "account"] = "own"
    indicators: tuple[Rule, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _split_equally(cls, data: object) -> object:
        """Split the role evenly where the file gives no weight at all (opening G1)."""
        if not isinstance(data, dict):
            return data
        rules = data.get("indicators")
        if not isinstance(rules, list | tuple) or not all(isinstance(r, dict) for r in rules):
            return data
        without = [rule for rule in rules if rule.get("weight") is None]
        if not without:
            return data
        if len(without) < len(rules):
            named = ", ".join(str(rule.get("key")) for rule in without)
            raise ValueError(f"{named} has no weight: give every indicator one, or none")
        split = [{**r, "weight": 1 / len(rules), "assumed": _marked(r)} for r in rules]
        return {**data, "indicators": split}

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        unique("indicator", [rule.key for rule in self.indicators])
        total = math.fsum(rule.weight for rule in self.indicators)
        if self.indicators and not math.isclose(total, 1, abs_tol=1e-9):
            parts = " + ".join(f"{rule.key} {rule.weight:g}" for rule in self.indicators)
            raise ValueError(
                f"weights sum to {total:.10g}, not 1 ({parts}); "
                f"change them by {1 - total:+.6g} in all"
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names under which people may write the role: key, titles and aliases, each once."""
        return tuple(dict.fromkeys((self.key, self.title.en, self.title.zh, *self.aliases)))

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each indicator key, in the order of the file."""
        return {rule.key: rule.weight for rule in self.indicators}


def _marked(rule: dict[str, Any]) -> object:
    """Add "weight" to what a rule marks as assumed; what is no list is left to the check."""
    held = rule.get("assumed", ())
    if not isinstance(held, list | tuple) or "weight" in held:
        return held
    return [*held, "weight"]


def unique(what: str, names: Iterable[str]) -> None:
    """Raise where a name stands twice; for use inside a model's check."""
    names = list(names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{what} stands twice: {', '.join(twice)}")
