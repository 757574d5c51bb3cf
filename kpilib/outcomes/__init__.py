"""Grades and the months before become pay, plans and notes; each names its rule and months."""

from kpilib.outcomes.late import with_late_returns
from kpilib.outcomes.model import PRIVATE, Kept, Outcomes
from kpilib.outcomes.pay import CENT, performance_pay, shared_out
from kpilib.outcomes.requests import resource_requests
from kpilib.outcomes.settling import settle

__all__ = [
    "CENT",
    "PRIVATE",
    "Kept",
    "Outcomes",
    "performance_pay",
    "resource_requests",
    "settle",
    "shared_out",
    "with_late_returns",
]
