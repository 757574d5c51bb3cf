"""How marks of people by people become readings (openings G9)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kpilib.catalogue import Definition
from kpilib.scheme.rules import Decision

Other = Literal["peer", "manager", "user"]


class RatingRules(Decision):
    """The 360 mean: who counts how much, and whether raters' leniency is taken off first.

    ``leniency``: ``correct`` takes off what a rater gives above or below what the same people
    get from others, where raters overlap enough to tell; ``none`` takes marks as they are.
    ``relations`` weighs the relations of a judged indicator against each other; without any
    they weigh the same. ``self_weight`` is the share of the self-review: 0.2 together with
    ``relations: {manager: 1}`` is the model of self 20 and manager 80. ``behaviour`` is the
    share of the judged indicators in the total of a role that also holds counted ones: 0.2 is
    the model of KPI 80 and behaviour 20; without it the weights of the roles stand.
    """

    leniency: Literal["none", "correct"] = "correct"
    relations: dict[Other, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    self_weight: Annotated[float, Field(ge=0, lt=1)] = 0
    behaviour: Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _somebody_counts(self) -> Self:
        if self.relations and not any(self.relations.values()):
            raise ValueError("every relation weighs 0: give one of them a weight, or none at all")
        return self

    def weights(self, definition: Definition) -> dict[str, float]:
        """Return the weight of each relation whose marks count for a judged indicator.

        An indicator that only relations of weight 0 may judge (users judge a performance on
        screen) keeps them, evenly: a blend never leaves it without a judge.
        """
        counted: dict[str, float] = {
            relation: self.relations[relation]
            for relation in definition.relations
            if self.relations.get(relation)
        }
        return counted or dict.fromkeys(definition.relations, 1.0)
