"""How sure is a grade? Exact answers, without sampling, for points, weights and cuts.

All functions work on a table of points (people by indicators, empty where an item does not apply),
a Series of weights and increasing cuts. For answers by drawing see `kpilib.simulation`.
"""

from kpilib.sensitivity.boxes import tolerance, worst_case
from kpilib.sensitivity.changes import (
    critical_changes,
    leave_one_out,
    one_at_a_time,
    stepped_weights,
)
from kpilib.sensitivity.firmness import firmness
from kpilib.sensitivity.main_effects import importance, importance_gap
from kpilib.sensitivity.odds import expected_rank, grade_odds, outrank_odds
from kpilib.sensitivity.swaps import tolerance_order, tolerance_quota
from kpilib.sensitivity.transfer import smallest_transfer
from kpilib.sensitivity.wished import OutOfReachError, weights_for_importance

__all__ = [
    "OutOfReachError",
    "critical_changes",
    "expected_rank",
    "firmness",
    "grade_odds",
    "importance",
    "importance_gap",
    "leave_one_out",
    "one_at_a_time",
    "outrank_odds",
    "smallest_transfer",
    "stepped_weights",
    "tolerance",
    "tolerance_order",
    "tolerance_quota",
    "weights_for_importance",
    "worst_case",
]
