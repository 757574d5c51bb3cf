"""One result in, one Axes out: figures compute, sort and read nothing.

Every function takes its result first, then ``t`` (the words of the page's language) and, where
keys are shown, ``label`` (key to what it is called, for example ``page.person``). Without ``ax``
it makes a figure of its own, unknown to pyplot, so that nothing is left open. The title is a
claim and belongs to the notebook.
"""

from kpilib.figures.doubts import noise_map
from kpilib.figures.grades import grade_bars, grade_counts, migration
from kpilib.figures.people import changes, near_cut, score_history, scorecard
from kpilib.figures.raters import leniency
from kpilib.figures.schemes import (
    before_after,
    by_scheme,
    effects,
    payroll,
    waterfall,
)
from kpilib.figures.scores import ecdf_and_strip, score_ranges, strip
from kpilib.figures.stages import stage_counts, stage_path
from kpilib.figures.weights import grade_odds, importance, tolerance, tornado, variance_shares

__all__ = [
    "before_after",
    "by_scheme",
    "changes",
    "ecdf_and_strip",
    "effects",
    "grade_bars",
    "grade_counts",
    "grade_odds",
    "importance",
    "leniency",
    "migration",
    "near_cut",
    "noise_map",
    "payroll",
    "score_history",
    "score_ranges",
    "scorecard",
    "stage_counts",
    "stage_path",
    "strip",
    "tolerance",
    "tornado",
    "variance_shares",
    "waterfall",
]
