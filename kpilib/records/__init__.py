"""Interview records: one form for each person, and one file to print for each team."""

from kpilib.records.interviews import Interview, read_interviews
from kpilib.records.writing import Made, make_records

__all__ = ["Interview", "Made", "make_records", "read_interviews"]
