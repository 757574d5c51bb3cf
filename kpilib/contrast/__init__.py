"""The same people and readings under two schemes: what stages and variants both stand on."""

from kpilib.contrast.agreement import kappa, kendall
from kpilib.contrast.pair import Contrast, contrast
from kpilib.contrast.parts import decompose
from kpilib.contrast.under import outcomes_under, under

__all__ = [
    "Contrast",
    "contrast",
    "decompose",
    "kappa",
    "kendall",
    "outcomes_under",
    "under",
]
