"""Grades counted, compared and doubted: what grading made, never a new score."""

from kpilib.distribution.between import Differences, cliffs_delta, differences, holm
from kpilib.distribution.checks import Check, checks
from kpilib.distribution.cuts import EDGES, EdgeCases, Near, edge_cases, near_cuts, ties
from kpilib.distribution.extremes import concentration, ends
from kpilib.distribution.forced import Forced, forced, half_year, rules_beside
from kpilib.distribution.layout import ecdf, lanes, score_ranges
from kpilib.distribution.moves import History, Migration, history, migration
from kpilib.distribution.overview import Overview, overview
from kpilib.distribution.shares import By, GradeShares, grade_shares, read_guideline, surplus

__all__ = [
    "EDGES",
    "By",
    "Check",
    "Differences",
    "EdgeCases",
    "Forced",
    "GradeShares",
    "History",
    "Migration",
    "Near",
    "Overview",
    "checks",
    "cliffs_delta",
    "concentration",
    "differences",
    "ecdf",
    "edge_cases",
    "ends",
    "forced",
    "grade_shares",
    "half_year",
    "history",
    "holm",
    "lanes",
    "migration",
    "near_cuts",
    "overview",
    "read_guideline",
    "rules_beside",
    "score_ranges",
    "surplus",
    "ties",
]
