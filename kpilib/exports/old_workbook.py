"""An old .xls workbook as lines of JSON: a program of its own, run by ``kpilib.exports.workbooks``.

The reader takes as much memory as a sheet's own, forgeable, size asks for, and ends the process
when there is none; .xls cannot be measured beforehand as .xlsx is. So it runs apart, under a
limit, and what it cannot read ends this process and no other. It imports nothing of kpilib.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineWorkbook

MEMORY, SECONDS = 2**32, 120
_CELLS = 10**7  # of all sheets; a sheet has at most 65,536 rows


def limited() -> None:
    """Ask the system to end this process before it takes too much; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def told(cell: object) -> list[Any]:
    """Return what JSON has no word for as a list: kind and text."""
    match cell:
        case datetime() | date() | time():
            return [type(cell).__name__, cell.isoformat()]
        case timedelta():
            return ["timedelta", cell.total_seconds()]
    raise TypeError(type(cell))


def main(path: str) -> int:
    """Write name and height of each sheet on a line, and each of its rows on one after it."""
    limited()
    cells = 0
    with CalamineWorkbook.from_path(path) as book:
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            rows, columns = (0, 0) if sheet.end is None else (sheet.end[0] + 1, sheet.end[1] + 1)
            cells += rows * columns
            if cells > _CELLS:
                return 3
            sys.stdout.write(json.dumps([name, rows]) + "\n")
            for row in sheet.iter_rows() if rows else ():
                sys.stdout.write(json.dumps(row, default=told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
