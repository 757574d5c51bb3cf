"""Reading: one month of a team's folder to canonical tables and their receipt."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.exports import doubts, restated, rules
from kpilib.exports.decisions import EXCLUDED, KINDS, excluded, of_known_months
from kpilib.exports.files import Found, Opened, open_file, stray, walk
from kpilib.exports.finished import finished, payments
from kpilib.exports.formats import Format, formats, table_columns
from kpilib.exports.places import placed
from kpilib.exports.receipt import Finding, Month, Receipt, raise_all, receipt_of
from kpilib.exports.sheets import Sheet
from kpilib.exports.tables import Draft, Source, draft_table

_OWN_ENDINGS = (".csv", ".tsv", ".xlsx", ".xls", ".json")
_MONTH = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")


@dataclass(eq=False)
class _Reading:
    """What is gathered while a month is read."""

    root: Path
    month: str
    cutoff: date
    then: bool  # as the exports of one day show it, not as they count
    faults: list[KpiError] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    left: list[tuple[Opened, int, KpiError]] = field(default_factory=list)

    def stop(self) -> None:
        """Raise whatever went wrong so far."""
        raise_all(self.faults, f"exports/{self.month}")

    def open(self, found: Found) -> tuple[Sheet, ...]:
        """Open a file; what goes wrong is kept, so that all files are looked at."""
        try:
            opened = open_file(found)
        except KpiError as error:
            self.faults.append(error)
            return ()
        self.left += [(opened, rows, error) for rows, error in opened.left]
        return opened.sheets


def read_team(
    data: str | Path, month: str, *, as_of_day: int = 15, as_of: date | None = None
) -> Month:
    """Read a month of a team's folder.

    Parameters
    ----------
    data : str or Path
        The team's folder: people.csv, credits.csv, plans.csv, exports/, ratings/, tasks/.
    month : str
        YYYY-MM.
    as_of_day : int
        Day of the following month whose figures count.
    as_of : date, optional
        Read the month as its exports of this day show it, instead of those of the as-of day.

    Returns
    -------
    Month
        Canonical tables, and the receipt of every file and row.

    Raises
    ------
    KpiError
        If a file cannot be read whole and right; all faults of a month stand in one error.
    """
    root, cutoff = _checked(Path(data), month, as_of_day)
    reading = _Reading(root, month, as_of or cutoff, as_of is not None)
    platform = list(_exports(reading))
    own = [Source(sheet) for sheet in _own_files(reading)]
    sources = _placed(reading, platform, own) + own
    drafts = {
        table: _drafted(reading, table, [s for s in sources if s.sheet.format.table == table])
        for table in table_columns()
    }
    reading.stop()
    drafts["orders"] = _with_repeats(reading, drafts["orders"])
    drafts, decisions = excluded(drafts, _months(root), reading.faults, then=reading.then)
    of_known_months(drafts["calibrations"], _months(root), reading.faults)
    reading.stop()
    receipt = _receipt(reading, drafts, decisions)
    tables = {table: finished(draft, table) for table, draft in drafts.items()}
    out = {table: finished(drafts[table], table, EXCLUDED) for table, _, _ in KINDS.values()}
    return Month(Path(data), month, tables, receipt, out)


def _checked(data: Path, month: str, as_of_day: int) -> tuple[Path, date]:
    """Return the folder and the as-of date, or say which argument is wrong."""
    if not _MONTH.fullmatch(month):
        raise KpiError(f"month {month!r}", "this is not a month.", "write it as 2025-05.")
    if not 1 <= as_of_day <= 31:
        raise KpiError(f"as_of_day {as_of_day}", "this is not a day of a month.", "give 1 to 31.")
    if not data.is_dir():
        raise KpiError(str(data), "there is no such folder.", "name a folder that has people.csv.")
    root = data.resolve()
    if not (root / "exports" / month).is_dir():
        there = _months(root)
        have = f"; there are {', '.join(there)}" if there else ""
        problem = f"there is no folder exports/{month}{have}."
        raise KpiError(str(data), problem, "put the month's exports there, or name another month.")
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    last = calendar.monthrange(year, number + 1)[1]
    return root, date(year, number + 1, min(as_of_day, last))


def _months(root: Path) -> list[str]:
    """Return the months that have a folder of exports, earliest first."""
    folder = root / "exports"
    names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return sorted(name for name in names if _MONTH.fullmatch(name))


def _exports(reading: _Reading) -> list[tuple[Found, Sheet]]:
    """Open every file of the month's folder."""
    folder = reading.root / "exports" / reading.month
    sheets = []
    found = walk(reading.root, folder, reading.faults)
    if not found and not reading.faults:
        problem = "there is no file in this folder."
        remedy = "put the month's exports there."
        reading.faults.append(KpiError(f"exports/{reading.month}", problem, remedy))
    for file in found:
        for sheet in reading.open(file):
            place = sheet.format.place
            if place is None:
                sheets.append((file, sheet))
            else:
                there = place.format(month=reading.month)
                problem = f"this is {there}, among the exports."
                reading.faults.append(KpiError(sheet.file, problem, f"move it to {there}."))
    return sheets


def _own_files(reading: _Reading) -> list[Sheet]:
    """Open the files that the team writes itself, at their places."""
    sheets = []
    for fmt in formats().values():
        if fmt.place is None:
            continue
        name = _own_name(reading, fmt.place.format(month=reading.month))
        path = reading.root / name
        if error := stray(reading.root, path):
            reading.faults.append(error)
        elif path.is_file():
            sheets += _own(reading, fmt, name, reading.open(Found(path, name, ())))
        elif fmt.key == "people":
            remedy = f"write it with the columns {', '.join(fmt.headers)}."
            reading.faults.append(KpiError(name, "there is no such file.", remedy))
        elif not fmt.seldom:
            problem = "there is no such file; what it would say is unknown."
            remedy = f"write it with the columns {', '.join(fmt.headers)}, if there is any."
            reading.findings.append(Finding("file_absent", name, problem, remedy))
    return sheets


def _own_name(reading: _Reading, name: str) -> str:
    """Return the name under which a file of the team's own stands; csv unless it is another."""
    stem = name.removesuffix(".csv")
    there = [end for end in _OWN_ENDINGS if (reading.root / f"{stem}{end}").is_file()]
    if len(there) > 1:
        names = " and ".join(f"{stem}{end}" for end in there)
        problem = f"{names} say the same."
        reading.faults.append(KpiError(f"{stem}{there[0]}", problem, "keep the one that is right."))
    return f"{stem}{there[0]}" if there else name


def _own(reading: _Reading, fmt: Format, name: str, sheets: Sequence[Sheet]) -> list[Sheet]:
    for sheet in sheets:
        if sheet.format is not fmt:
            problem = f"this is {sheet.format.name}, not {name}."
            remedy = f"write here the columns {', '.join(fmt.headers)}."
            reading.faults.append(KpiError(name, problem, remedy))
    return [sheet for sheet in sheets if sheet.format is fmt]


def _placed(
    reading: _Reading, platform: Sequence[tuple[Found, Sheet]], own: Sequence[Source]
) -> list[Source]:
    """Give each sheet its account and as-of date; where files are unread, what lacks may be there.

    So no place is called wrong then: the cells of the sheet are read all the same.
    """
    unread = bool(reading.faults)
    people = [source.sheet for source in own if source.sheet.format.key == "people"]
    misplaced: list[KpiError] = []
    sources = placed(platform, people, misplaced)
    reading.faults += [] if unread else misplaced
    there = {id(source.sheet) for source in sources}
    return sources + [Source(sheet) for _, sheet in platform if id(sheet) not in there]


def _drafted(reading: _Reading, table: str, sources: Sequence[Source]) -> Draft:
    """Read the cells of a table, and apply its rules if all of them could be read."""
    faults: list[KpiError] = []
    draft = draft_table(table, sources, faults)
    if not sources:
        return draft
    if not faults and all(s.account is not None or not s.sheet.needs_account for s in sources):
        draft = _ruled(reading, table, draft, faults)
    reading.faults += faults
    return draft


def _ruled(reading: _Reading, table: str, draft: Draft, faults: list[KpiError]) -> Draft:
    """Apply the rules of the formats of a table."""
    found = {source.sheet.format.key: source.sheet.format for source in draft.sources}
    for fmt in found.values():
        rules.filled(draft, fmt, faults)
    if not found or faults:
        return draft
    fmt = next(iter(found.values()))
    if fmt.month is not None:
        draft = rules.in_month(draft, fmt.month, reading.month)
    doubted = reading.findings
    draft = restated.first_hand(draft, doubted)
    draft = restated.as_of_chosen(draft, fmt, reading.cutoff, doubted, then=reading.then)
    metric = ["metric"] if fmt.partial else []
    draft = rules.without_repeats(draft, [*fmt.unique, *metric], faults)
    if fmt.partial and not faults:
        rules.agreeing(draft, fmt.unique, faults)
    if not fmt.estimated:
        reading.findings += doubts.about_ranges(draft) + doubts.about_rounding(draft)
    ordered = next((each for each in found.values() if each.not_below), fmt)
    reading.findings += doubts.about_order(draft, ordered, faults)
    reading.findings += doubts.about_totals(draft, fmt, faults)
    if fmt.refunded:
        reading.findings += doubts.about_states(draft, fmt)
    if table == "account_days":  # every day has a row: a gap is one of the export
        reading.findings += doubts.about_days(draft, reading.month)
        reading.findings += doubts.about_metrics(draft)
    return draft


def _with_repeats(reading: _Reading, draft: Draft) -> Draft:
    """Add to orders whether the buyer has bought on an earlier day."""
    earlier: set[str] = set()
    if draft.frame["buyer"].notna().any():
        for month in _months(reading.root):
            if month < reading.month:
                earlier |= _buyers_of(reading, month)
    repeat = rules.bought_before(draft.frame, earlier)
    return replace(draft, frame=draft.frame.assign(repeat=repeat))


def _buyers_of(reading: _Reading, month: str) -> set[str]:
    """Return who paid before the month that is read, by the exports of an earlier one."""
    buyers: set[str] = set()
    start = np.datetime64(reading.month, "M")
    try:
        faults: list[KpiError] = []
        found_there = walk(reading.root, reading.root / "exports" / month, faults)
        raise_all(faults, f"exports/{month}")
        for found in found_there:
            for sheet in open_file(found).sheets:
                if sheet.format.table == "orders":
                    buyers |= {b for b, paid in payments(sheet) if paid < start}
    except KpiError as error:
        problem = f"the orders of {month} cannot be read, so a buyer may seem new: {error.problem}"
        reading.findings.append(Finding("repeat", error.where, problem, error.remedy, 0, {}))
    return buyers


def _receipt(reading: _Reading, drafts: dict[str, Draft], decisions: pd.DataFrame) -> Receipt:
    """Count every row and add the doubts that concern more than one table."""
    sources = [source for draft in drafts.values() for source in draft.sources]
    platform = [source for source in sources if source.sheet.format.place is None]
    used = {s.sheet.file: 0 for s in sources}
    for draft in (draft for draft in drafts.values() if draft.sources):
        counts = draft.used["file"].value_counts()
        used |= {str(file): int(rows) for file, rows in counts.items()}
    found = doubts.about_dates(platform, used, reading.cutoff)
    found += doubts.about_columns(source.sheet for source in sources)
    found += reading.findings
    found += doubts.about_refunds(drafts["orders"], drafts["aftersales"])
    for _, rows, error in reading.left:
        found.append(Finding("sheet_unread", error.where, error.problem, error.remedy, rows))
    left = [(o, rows, error.where) for o, rows, error in reading.left]
    return receipt_of(drafts.values(), left, used, found, decisions)
