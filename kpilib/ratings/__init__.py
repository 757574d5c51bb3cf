"""Ratings of people by people: the 360 mean, what raters add to it, and what to ask about."""

from kpilib.ratings.agreement import Agreement, agreement
from kpilib.ratings.effects import Effects, fit
from kpilib.ratings.findings import Finding, findings
from kpilib.ratings.leniency import Leniency, leniency_of
from kpilib.ratings.marks import RELATIONS, SCALE, known_marks
from kpilib.ratings.views import Group, View, Views, comments_about, views_of

__all__ = [
    "RELATIONS",
    "SCALE",
    "Agreement",
    "Effects",
    "Finding",
    "Group",
    "Leniency",
    "View",
    "Views",
    "agreement",
    "comments_about",
    "findings",
    "fit",
    "known_marks",
    "leniency_of",
    "views_of",
]
