"""Screens for bought figures (brushing): what is out of line, and how sure that is."""

from kpilib.authenticity.limits import Limits
from kpilib.authenticity.screening import Screening, screen
from kpilib.authenticity.sources import claims, compare, disagreeing
from kpilib.authenticity.third_parties import third_parties

__all__ = ["Limits", "Screening", "claims", "compare", "disagreeing", "screen", "third_parties"]
