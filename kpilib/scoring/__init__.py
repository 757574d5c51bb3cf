"""Readings become points, points become totals; the one place where a total is made."""

from kpilib.scoring.month import score
from kpilib.scoring.points import most_points, points_of, reading_for
from kpilib.scoring.scores import Scores, Seats
from kpilib.scoring.teams import team_scores
from kpilib.scoring.totals import PLACES, effective_cuts, weighted_total

__all__ = [
    "PLACES",
    "Scores",
    "Seats",
    "effective_cuts",
    "most_points",
    "points_of",
    "reading_for",
    "score",
    "team_scores",
    "weighted_total",
]
