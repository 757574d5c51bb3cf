"""Read one file by one reader, and print seconds and peak memory; a process of its own."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import perf_counter


def kpilib(file: Path, root: Path) -> int:
    """Read the month that the file is in, to checked tables and their receipt."""
    sys.path.insert(0, str(root))
    from kpilib.exports import read_team

    return len(read_team(file.parents[2], "2025-05").tables["orders"])


def pandas(file: Path, _: Path) -> int:
    """Read all cells as text."""
    import pandas as pd

    if file.suffix == ".csv":
        return len(pd.read_csv(file, encoding="gb18030", dtype=str, keep_default_na=False))
    return len(pd.read_excel(file, engine="calamine", dtype=str))


def polars(file: Path, _: Path) -> int:
    """Read all cells as text."""
    import polars as pl

    if file.suffix == ".csv":
        return pl.read_csv(file, encoding="gb18030", infer_schema=False).height
    return pl.read_excel(file, engine="calamine", infer_schema_length=0).height


def calamine(file: Path, _: Path) -> int:
    """Read all cells as they are."""
    from python_calamine import CalamineWorkbook

    return len(CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python())


READERS = {"kpilib": kpilib, "pandas": pandas, "polars": polars, "python-calamine": calamine}

if __name__ == "__main__":
    name, path, root = sys.argv[1:]
    start = perf_counter()
    rows = READERS[name](Path(path), Path(root))
    taken = perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": taken, "mib": peak, "rows": rows}) + "\n")
