"""Exports read into tables: whatever the platforms gave, with a receipt for every row."""

from kpilib.exports.formats import Column, Format, formats, table_columns
from kpilib.exports.read import read_team
from kpilib.exports.receipt import Finding, Month, Receipt

__all__ = [
    "Column",
    "Finding",
    "Format",
    "Month",
    "Receipt",
    "formats",
    "read_team",
    "table_columns",
]
