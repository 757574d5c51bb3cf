"""A scheme: every rule from reading to outcome, one frozen and closed model of one file."""

from kpilib.catalogue import Words as Title
from kpilib.scheme.model import (
    Band,
    Bands,
    Bonus,
    Edge,
    Improvement,
    Level,
    Pay,
    Quota,
    Scheme,
    Stage,
    Streak,
    Talk,
)
from kpilib.scheme.read import SCHEMES, read_scheme, staged
from kpilib.scheme.rules import (
    Anchor,
    Deduct,
    Judged,
    Method,
    Ratio,
    Role,
    Rule,
    Step,
    Steps,
    Switch,
)

__all__ = [
    "SCHEMES",
    "Anchor",
    "Band",
    "Bands",
    "Bonus",
    "Deduct",
    "Edge",
    "Improvement",
    "Judged",
    "Level",
    "Method",
    "Pay",
    "Quota",
    "Ratio",
    "Role",
    "Rule",
    "Scheme",
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
