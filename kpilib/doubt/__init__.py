"""How sure a month's grades are against the doubt of the readings themselves."""

from kpilib.doubt.grades import FIRM, Doubt, doubt
from kpilib.doubt.noises import Noises, both_noises

__all__ = ["FIRM", "Doubt", "Noises", "both_noises", "doubt"]
