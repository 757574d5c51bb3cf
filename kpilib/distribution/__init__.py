"""Grades counted, compared and doubted: what grading made, never a new score."""

from kpilib.distribution.cuts import EDGES, EdgeCases, Near, edge_cases, near_cuts, ties
from kpilib.distribution.layout import lanes, score_ranges
from kpilib.distribution.moves import History, Migration, history, migration
from kpilib.distribution.overview import Overview, overview
from kpilib.distribution.shares import By, GradeShares, grade_shares, read_guideline

__all__ = [
    "EDGES",
    "By",
    "EdgeCases",
    "GradeShares",
    "History",
    "Migration",
    "Near",
    "Overview",
    "edge_cases",
    "grade_shares",
    "history",
    "lanes",
    "migration",
    "near_cuts",
    "overview",
    "read_guideline",
    "score_ranges",
    "ties",
]
