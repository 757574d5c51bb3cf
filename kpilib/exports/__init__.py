"""Exports read into tables: whatever the platforms gave, with a receipt for every row."""

from kpilib.exports.formats import Column, Format, formats, table_columns

__all__ = ["Column", "Format", "formats", "table_columns"]
