"""How sure a month's grades are against the doubt of the readings themselves."""

from kpilib.certainty import FIRM
from kpilib.doubt.grades import Doubt, doubt
from kpilib.doubt.noises import Noises, both_noises

__all__ = ["FIRM", "Doubt", "Noises", "both_noises", "doubt"]
