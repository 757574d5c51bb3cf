"""The same people and readings under several schemes: what differs, why, and which to take."""

from kpilib.variants.advice import Advice, advise
from kpilib.variants.criteria import Criteria, Limit, read_criteria
from kpilib.variants.measures import AGAINST, MEASURES, Facts, facts_of
from kpilib.variants.months import Backtest, backtest, months_of
from kpilib.variants.reasons import Reasons, reasons
from kpilib.variants.side_by_side import Comparison, compare, named

__all__ = [
    "AGAINST",
    "MEASURES",
    "Advice",
    "Backtest",
    "Comparison",
    "Criteria",
    "Facts",
    "Limit",
    "Reasons",
    "advise",
    "backtest",
    "compare",
    "facts_of",
    "months_of",
    "named",
    "read_criteria",
    "reasons",
]
