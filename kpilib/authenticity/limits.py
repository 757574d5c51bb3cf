"""Limits: every threshold of the screens, in one place; pages show them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """How far a row must be out of line, and in how many ways, before it is a flag.

    Attributes
    ----------
    z : float
        Modified z-score from which on a value is out of line; 3.5 is the handbook's [1]_.
    rows : int
        Least rows of an account to be measured by; months before fill up what a month lacks.
        With fewer rows its ratios are not screened, and no row of it is flagged: what cannot be
        (an identity, another source) needs no sample and is still shown, as a single signal.
    factor : float
        Least factor by which a ratio must be off what is usual there. Ours: an honest work may
        well be liked three times as often as others; ``python -m tests.benchmarks.detection``
        shows what other values would find, and flag wrongly.
    least : int
        Least count by which a count must be off, and least size of what it is compared with, so
        that small numbers prove nothing. Ours.
    slope : float
        Steepest rise or fall of a log ratio with the log of the reach that is believed. Ours:
        without it, works with bought plays would pull the line toward themselves.
    signals : int
        Independent signals that make a flag; see `kpilib.authenticity.signals`. Ours: one odd
        number has many honest reasons.
    jump : float
        Least part of its followers that an account must gain or lose above the usual in a day
        to be a signal. Ours.
    identity : float
        Part by which two sides of an identity may differ. Ours: for rounding.
    orders : int
        Least orders of one buyer from one account in a month to be a signal. Ours.
    basket : int
        Equal orders (product, amount) of one buyer on one day that are a signal. Ours.
    sources : float
        Part by which two sources of one metric may differ before they disagree. Ours:
        third-party tools estimate.

    References
    ----------
    .. [1] Iglewicz & Hoaglin (1993), *How to Detect and Handle Outliers*, ASQC Quality Press,
       p. 11-12: modified z-scores above 3.5 in absolute value are potential outliers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    z: Annotated[float, Field(gt=0)] = 3.5
    rows: Annotated[int, Field(ge=20)] = 20
    factor: Annotated[float, Field(gt=1)] = 5.0
    least: Annotated[int, Field(ge=1)] = 30
    slope: Annotated[float, Field(ge=0)] = 0.2
    signals: Annotated[int, Field(ge=2)] = 2
    jump: Annotated[float, Field(gt=0, lt=1)] = 0.02
    identity: Annotated[float, Field(ge=0, lt=1)] = 0.02
    orders: Annotated[int, Field(ge=2)] = 5
    basket: Annotated[int, Field(ge=2)] = 3
    sources: Annotated[float, Field(ge=0, lt=1)] = 0.1
