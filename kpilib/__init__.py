"""Design and review a team's KPI scheme: from platform exports to grades, pay and pages.

Public names are imported when they are first used, so that ``import kpilib`` costs nothing. An
analysis that is called like its room stands there: ``kpilib.doubt.doubt``,
``kpilib.signoff.signoff``, ``kpilib.contrast.contrast``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpilib.appraisal import appraise, months_on_disk
    from kpilib.catalogue import read_catalogue
    from kpilib.display import Page
    from kpilib.errors import KpiError
    from kpilib.exclusions import screened
    from kpilib.exports import Month, read_team
    from kpilib.grading import Grades, grade
    from kpilib.ledger import amend, close, verify
    from kpilib.order import Order
    from kpilib.outcomes import Outcomes, settle
    from kpilib.readings import Readings, from_frame, measure
    from kpilib.records import make_records
    from kpilib.report import make_pages
    from kpilib.scheme import Scheme, read_scheme
    from kpilib.scoring import Scores, score
    from kpilib.variants import advise, compare

__all__ = [
    "Grades",
    "KpiError",
    "Month",
    "Order",
    "Outcomes",
    "Page",
    "Readings",
    "Scheme",
    "Scores",
    "advise",
    "amend",
    "appraise",
    "close",
    "compare",
    "from_frame",
    "grade",
    "make_pages",
    "make_records",
    "measure",
    "months_on_disk",
    "read_catalogue",
    "read_scheme",
    "read_team",
    "score",
    "screened",
    "settle",
    "verify",
]

_ROOMS = {
    "appraisal": ("appraise", "months_on_disk"),
    "catalogue": ("read_catalogue",),
    "display": ("Page",),
    "errors": ("KpiError",),
    "exclusions": ("screened",),
    "exports": ("Month", "read_team"),
    "grading": ("Grades", "grade"),
    "ledger": ("amend", "close", "verify"),
    "outcomes": ("Outcomes", "settle"),
    "order": ("Order",),
    "readings": ("Readings", "from_frame", "measure"),
    "records": ("make_records",),
    "report": ("make_pages",),
    "scheme": ("Scheme", "read_scheme"),
    "scoring": ("Scores", "score"),
    "variants": ("advise", "compare"),
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
