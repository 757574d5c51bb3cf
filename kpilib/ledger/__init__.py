"""The closed month: frozen, chained, checked, and amended but never edited."""

from kpilib.ledger.amending import amend
from kpilib.ledger.closing import Closed, close
from kpilib.ledger.manifest import Amendment, Manifest, closed_months
from kpilib.ledger.reading import ClosedMonth, read_closed
from kpilib.ledger.verifying import Verified, verify

__all__ = [
    "Amendment",
    "Closed",
    "ClosedMonth",
    "Manifest",
    "Verified",
    "amend",
    "close",
    "closed_months",
    "read_closed",
    "verify",
]
