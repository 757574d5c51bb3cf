"""A scheme: every rule from reading to outcome, one frozen and closed model of one file."""

from kpilib.catalogue import Words as Title
from kpilib.scheme.after import (
    SIGNING_STEPS,
    Bonus,
    Improvement,
    Pay,
    Pool,
    RaiseFirst,
    Signing,
    Streak,
    Talk,
)
from kpilib.scheme.model import Band, Bands, Edge, Level, Quota, Rounding, Scheme, Stage
from kpilib.scheme.read import SCHEMES, read_scheme
from kpilib.scheme.rules import (
    Anchor,
    Arithmetic,
    Deduct,
    Geometric,
    Judged,
    Method,
    Ratio,
    Role,
    Rule,
    Step,
    Steps,
    Switch,
)
from kpilib.scheme.staging import staged

__all__ = [
    "SCHEMES",
    "SIGNING_STEPS",
    "Anchor",
    "Arithmetic",
    "Band",
    "Bands",
    "Bonus",
    "Deduct",
    "Edge",
    "Geometric",
    "Improvement",
    "Judged",
    "Level",
    "Method",
    "Pay",
    "Pool",
    "Quota",
    "RaiseFirst",
    "Ratio",
    "Role",
    "Rounding",
    "Rule",
    "Scheme",
    "Signing",
    "Stage",
    "Step",
    "Steps",
    "Streak",
    "Switch",
    "Talk",
    "Title",
    "read_scheme",
    "staged",
]
