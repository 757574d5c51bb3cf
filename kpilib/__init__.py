"""Design and review a team's KPI scheme: from platform exports to grades, pay and pages.

Public names are imported when they are first used, so that ``import kpilib`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpilib.appraisal import appraise, months_on_disk
    from kpilib.catalogue import Catalogue, read_catalogue
    from kpilib.display import Page
    from kpilib.errors import KpiError
    from kpilib.exports import Month, read_team
    from kpilib.grading import Grades, grade
    from kpilib.outcomes import Outcomes, settle
    from kpilib.plan import Order
    from kpilib.readings import Readings, from_frame, measure
    from kpilib.report import make_pages
    from kpilib.scheme import Scheme, read_scheme
    from kpilib.scoring import Scores, score

__all__ = [
    "Catalogue",
    "Grades",
    "KpiError",
    "Month",
    "Order",
    "Outcomes",
    "Page",
    "Readings",
    "Scheme",
    "Scores",
    "appraise",
    "from_frame",
    "grade",
    "make_pages",
    "measure",
    "months_on_disk",
    "read_catalogue",
    "read_scheme",
    "read_team",
    "score",
    "settle",
]

_ROOMS = {
    "appraisal": ("appraise", "months_on_disk"),
    "catalogue": ("Catalogue", "read_catalogue"),
    "display": ("Page",),
    "errors": ("KpiError",),
    "exports": ("Month", "read_team"),
    "grading": ("Grades", "grade"),
    "outcomes": ("Outcomes", "settle"),
    "plan": ("Order",),
    "readings": ("Readings", "from_frame", "measure"),
    "report": ("make_pages",),
    "scheme": ("Scheme", "read_scheme"),
    "scoring": ("Scores", "score"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name from its room."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'kpilib' has no attribute {name!r}")
    return getattr(import_module(f"kpilib.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
