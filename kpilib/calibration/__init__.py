"""The calibration meeting: whom to talk about first and why, and grades before and after it."""

from kpilib.calibration.meeting import REASONS, Meeting, meeting
from kpilib.calibration.people import FAR, LEAST_SHIFT, MARGIN

__all__ = ["FAR", "LEAST_SHIFT", "MARGIN", "REASONS", "Meeting", "meeting"]
