"""kpilib."""
