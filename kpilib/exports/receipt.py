"""Receipt: what became of every file and every row, and what to doubt about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from kpilib.errors import SHOWN, KpiError
from kpilib.exports.files import Opened
from kpilib.exports.tables import Draft

OTHER_SHEET = "sheet of no known format"
_HEAD = ["file", "format", "encoding", "sha256", "as_of"]


@dataclass(frozen=True)
class Finding:
    """Something to look at that does not stop the reading.

    Attributes
    ----------
    kind : str
        One word for this kind of finding, for a page to phrase in its own language.
    where, problem, remedy : str
        As in an error.
    rows : int
        Rows concerned.
    values : mapping
        The figures and names in the text, by name.
    """

    kind: str
    where: str
    problem: str
    remedy: str
    rows: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Receipt:
    """What was read, and what was not.

    Attributes
    ----------
    files : DataFrame
        file, format, encoding, sha256, as_of, rows_in, used, set_aside; one line per file (or
        sheet); rows_in = used + set_aside.
    set_aside : DataFrame
        file, reason, rows.
    unknown_columns : DataFrame
        file, column: headers that no format file names; not used.
    absent : DataFrame
        file, column: headers that would be used and are not there, and metrics of an account
        without a file; their values are unknown.
    findings : DataFrame
        kind, where, problem, remedy, rows, values.
    excluded : DataFrame
        The decisions of exclusions.csv about this month: kind, name, at, account, decided_by,
        decided, reason, rows (set aside by it).
    """

    files: pd.DataFrame
    set_aside: pd.DataFrame
    unknown_columns: pd.DataFrame
    absent: pd.DataFrame
    findings: pd.DataFrame
    excluded: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        """Hold what the receipt promises."""
        files = self.files
        assert (files["rows_in"] == files["used"] + files["set_aside"]).all(), "a row vanished"


@dataclass(frozen=True, eq=False)
class Month:
    """One month of a team's folder as canonical tables.

    Attributes
    ----------
    data : Path
        The data folder.
    month : str
        YYYY-MM.
    tables : mapping of str to DataFrame
        works, account_days, sessions, orders and the others at the head of ``formats.yaml``, all
        of them, also where nothing was given; each also has ``file`` and ``row``, and ``x_low``
        and ``x_high`` where some ``x`` is a range or was rounded.
    receipt : Receipt
        What became of every file and row.
    excluded : mapping of str to DataFrame
        Per table the rows that exclusions.csv takes out, in the same columns; they are in no
        table, and in the receipt.
    """

    data: Path
    month: str
    tables: Mapping[str, pd.DataFrame]
    receipt: Receipt
    excluded: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def receipt_of(
    drafts: Iterable[Draft],
    left: Sequence[tuple[Opened, int, str]],
    used: Mapping[str, int],
    findings: Sequence[Finding],
    excluded: pd.DataFrame,
) -> Receipt:
    """Put the receipt together; every row of every file is used or set aside.

    Parameters
    ----------
    drafts : iterable of Draft
        All tables.
    left : sequence of (Opened, int, str)
        Sheets of workbooks that no format fits: file, rows, and where.
    used : mapping of str to int
        Rows used, by file.
    findings : sequence of Finding
        Doubts.
    excluded : DataFrame
        Decisions about the month's rows.

    Returns
    -------
    Receipt
        Sorted by file.
    """
    files: list[list[Any]] = []
    aside: list[list[Any]] = []
    sheets = []
    for draft in drafts:
        for place, source in enumerate(draft.sources):
            sheet = source.sheet
            sheets.append(sheet)
            mine = draft.reasons[draft.frame["source"].to_numpy() == place]
            reasons = Counter(sheet.aside) + Counter(reason for reason in mine if reason)
            as_of = pd.NaT if source.as_of is None else pd.Timestamp(source.as_of)
            head = [sheet.file, sheet.format.key, sheet.encoding, sheet.sha256, as_of]
            rows_in = len(sheet.rows) + sum(sheet.aside.values())
            files.append([*head, rows_in, used[sheet.file], sum(reasons.values())])
            aside += [[sheet.file, reason, rows] for reason, rows in reasons.items()]
    for opened, rows, where in left:
        files.append([where, "", opened.encoding, opened.sha256, pd.NaT, rows, 0, rows])
        aside.append([where, OTHER_SHEET, rows])
    unknown = [[s.file, column] for s in sheets for column in s.header.unknown]
    absent = [[s.file, column] for s in sheets for column in s.header.absent]
    absent += [
        [f.where, metric]
        for f in findings
        if f.kind == "metric_absent"
        for metric in f.values["columns"]  # noqa: PD011 (not a frame)
    ]
    table = frame(files, [*_HEAD, "rows_in", "used", "set_aside"])
    return Receipt(
        table.astype({"as_of": "datetime64[us]"}).sort_values("file", ignore_index=True),
        frame(sorted(aside), ["file", "reason", "rows"]),
        frame(sorted(unknown), ["file", "column"]),
        frame(sorted(absent), ["file", "column"]),
        findings_frame(findings),
        excluded,
    )


def frame(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a frame that has its columns even where it has no rows."""
    return pd.DataFrame(list(rows), columns=list(columns))


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return findings as a table, one line each."""
    columns = ["kind", "where", "problem", "remedy", "rows", "values"]
    return frame([[getattr(f, name) for name in columns] for f in findings], columns)


def raise_all(faults: Sequence[KpiError], where: str) -> None:
    """Raise one error for all faults: the fault itself, or a list, file by file.

    Parameters
    ----------
    faults : sequence of KpiError
        What went wrong.
    where : str
        Where all of them stand.

    Raises
    ------
    KpiError
        If there is any fault.
    """
    if not faults:
        return
    if len(faults) == 1:
        raise faults[0]
    by_file = sorted(faults, key=lambda fault: fault.where.partition(", ")[0])
    lines = [f"\n- {fault}" for fault in by_file[:SHOWN]]
    more = len(faults) - SHOWN
    lines += [f"\n- and {more} more."] if more > 0 else []
    raise KpiError(where, f"{len(faults)} faults:{''.join(lines)}\n", "mend each of them.")
