"""What follows from grades: bonus, pay, plans, streaks, talks, raises, signing."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from kpilib.scheme.rules import Decision, unique

Coefficient = Annotated[float, Field(ge=0)]


class Bonus(Decision):
    """Points for a hit, shown apart from the total (opening G8)."""

    above_plays: Annotated[int, Field(gt=0)] = 1_000_000
    points: Annotated[float, Field(ge=0)] = 2
    cap: Annotated[float, Field(ge=0)] = 10
    counts_for: tuple[Literal["grade", "pay"], ...] = ("grade", "pay")


class Pool(Decision):
    """Money that is shared out whole: ``percent`` of the bases of those who have a score.

    Each gets a part in proportion to what base, percentage and days would earn; the parts sum
    to the pool to the cent.
    """

    per: Literal["company", "team"] = "company"
    percent: Annotated[float, Field(gt=0)] = 100


class Pay(Decision):
    """Performance pay: base x percentage, within limits in percent of the base.

    ``basis`` says what the percentage is: the ``score``; the coefficient of the ``grade`` times
    100; or ``score_times_grade``. ``prorate: days`` pays joiners and leavers for the days they
    were employed. ``pool`` keeps the sum of a company or team to a budget. ``late_returns:
    carry`` takes orders that were returned after the as-of date into the next month's pay: what
    they would have changed is added there, and nobody's pay falls below 0 by it.
    """

    floor: Annotated[float, Field(ge=0)] = 0
    cap: Annotated[float, Field(gt=0)] | None = None
    basis: Literal["score", "grade", "score_times_grade"] = "score"
    coefficients: dict[str, Coefficient] = Field(default_factory=dict)
    prorate: Literal["none", "days"] = "none"
    pool: Pool | None = None
    late_returns: Literal["leave", "carry"] = "leave"

    @model_validator(mode="after")
    def _options_agree(self) -> Self:
        if self.cap is not None and self.floor > self.cap:
            raise ValueError(f"floor {self.floor:g} is above cap {self.cap:g}")
        if self.basis == "score" and self.coefficients:
            raise ValueError("coefficients count only with basis grade or score_times_grade")
        if self.basis != "score" and not self.coefficients:
            raise ValueError(f"basis {self.basis} needs a coefficient for each grade")
        return self

    @property
    def plain(self) -> bool:
        """Everybody's pay is base x score %, within the limits: it follows the score alone."""
        alone = self.basis == "score" and self.prorate == "none"
        return alone and self.pool is None and self.late_returns == "leave"


class Streak(Decision):
    """A grade held for some months in a row leads to promotion or bonus (opening G13)."""

    grade: str
    months: Annotated[int, Field(ge=2)]


class RaiseFirst(Decision):
    """Grades whose people come first when pay is raised, in this order."""

    grades: tuple[str, ...]

    @model_validator(mode="after")
    def _names_grades(self) -> Self:
        unique("grade", self.grades)
        if not self.grades:
            raise ValueError("name one grade at least, or leave the rule out")
        return self


class Improvement(Decision):
    """A grade that calls for training and a plan; the plan's month (opening G11).

    ``after_months`` counts from the appraised month to the first full month after signing, as
    long as the day of signing is not known. After ``plans`` plans in a row that did not help,
    another post is talked about; without it, a plan follows a plan.
    """

    grade: str
    after_months: Annotated[int, Field(ge=1)] = 2
    plans: Annotated[int, Field(ge=1)] | None = None


class Talk(Decision):
    """A grade given several times within some periods calls for a talk with evidence.

    A ``period`` is a month, or a half-year, which counts by the last grade given in it.
    """

    grade: str
    times: Annotated[int, Field(ge=2)] = 2
    within: Annotated[int, Field(ge=2)] = 4
    period: Literal["month", "half_year"] = "month"

    @model_validator(mode="after")
    def _can_come_about(self) -> Self:
        if self.times > self.within:
            raise ValueError(f"{self.times} times within {self.within} periods cannot come about")
        return self


_Step = Literal["self_reviewed", "rated", "calibrated", "interviewed"]
SIGNING_STEPS: tuple[str, ...] = get_args(_Step)  # from an open result to the one that is told


class Signing(Decision):
    """The steps to a signature, and the terms of the scheme in working days.

    Who was interviewed may object for ``objection_days``; doing nothing is accepting. An
    objection is to be decided within ``appeal_days``.
    """

    steps: tuple[_Step, ...] = get_args(_Step)
    objection_days: Annotated[int, Field(ge=1, le=60)] = 7
    appeal_days: Annotated[int, Field(ge=1, le=60)] = 7

    @model_validator(mode="after")
    def _steps_end_in_the_interview(self) -> Self:
        if self.steps[-1:] != SIGNING_STEPS[-1:]:
            raise ValueError("the last step is interviewed: it is where the result is told")
        if list(self.steps) != [step for step in SIGNING_STEPS if step in self.steps]:
            raise ValueError(f"steps go in the order {', '.join(SIGNING_STEPS)}, each once")
        return self
