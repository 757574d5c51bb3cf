"""How sure is a result? Answers by drawing weights, where no exact ones are known.

Draws are evenly spread and seeded, may be stored and replayed, and every result carries its seed,
number of draws and standard error in ``attrs``. For exact answers see `kpilib.sensitivity`.
"""

from kpilib.simulation.draws import weight_draws
from kpilib.simulation.indices import variance_indices
from kpilib.simulation.rankings import central_weights, rank_odds, rank_shift
from kpilib.simulation.spreads import grade_shift, payroll_spread
from kpilib.simulation.totals import draw_totals
from kpilib.simulation.variance import variance_shares

__all__ = [
    "central_weights",
    "draw_totals",
    "grade_shift",
    "payroll_spread",
    "rank_odds",
    "rank_shift",
    "variance_indices",
    "variance_shares",
    "weight_draws",
]
