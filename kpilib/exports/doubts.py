"""Doubts: what does not stop the reading of a month, and should be looked at."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import product
from pathlib import Path

from kpilib.errors import KpiError
from kpilib.exports.cells import count
from kpilib.exports.formats import Format
from kpilib.exports.receipt import Finding
from kpilib.exports.sheets import Sheet
from kpilib.exports.tables import Draft, Source

_SHOWN = 5
_SWAPPED = 3  # rows from which on "most are the wrong way round" means that the columns are
_TOTALS = "totals row"


def about_dates(sources: Sequence[Source], used: Mapping[str, int], cutoff: date) -> list[Finding]:
    """Doubt exports whose as-of date is unknown or not the as-of day.

    Parameters
    ----------
    sources : sequence of Source
        Sheets of platforms.
    used : mapping of str to int
        Rows used of each file; files of which none is used are left out.
    cutoff : date
        The as-of day.

    Returns
    -------
    list of Finding
        At most one of each kind.
    """
    read = [source for source in sources if used[source.sheet.file]]
    undated = [s for s in read if s.as_of is None]
    early = [s for s in read if s.as_of is not None and s.as_of < cutoff]
    late = [s for s in read if s.as_of is not None and s.as_of > cutoff]
    name = f"put them into a folder named like the day on which they were taken, as {cutoff}."
    again = f"export them again on {cutoff}, or say with the result that they are of another day."
    found = [
        ("as_of_unknown", undated, "as-of date unknown", name),
        ("as_of_early", early, f"taken before the as-of day {cutoff}", again),
        ("as_of_late", late, f"taken after the as-of day {cutoff}", again),
    ]
    return [
        Finding(
            kind,
            _listed([s.sheet.file for s in some]),
            f"{problem}: {len(some)} of {len(read)} files.",
            remedy,
            sum(used[s.sheet.file] for s in some),
            {"files": len(some), "of": len(read), "day": str(cutoff)},
        )
        for kind, some, problem, remedy in found
        if some
    ]


def about_columns(sheets: Iterable[Sheet]) -> list[Finding]:
    """Doubt exports that lack a column that would be used."""
    return [
        Finding(
            "column_absent",
            sheet.file,
            f"the export lacks {_listed(sheet.header.absent)}; these values are unknown, not 0.",
            "export it again with all columns.",
            len(sheet.rows),
            {"columns": list(sheet.header.absent)},
        )
        for sheet in sheets
        if sheet.header.absent
    ]


def about_ranges(draft: Draft) -> list[Finding]:
    """Doubt columns in which the platform gave ranges instead of numbers."""
    used = draft.used
    findings = []
    for low in [name for name in used.columns if name.endswith("_low")]:
        name = low.removesuffix("_low")
        rows = used[used[name].isna() & used[low].notna()]
        if len(rows):
            problem = (
                f"{name} is a range, so its value is unknown: {len(rows)} of {len(used)} rows."
            )
            remedy = "use an export with whole numbers; the bounds stand beside the value."
            values = {"column": name, "of": len(used)}
            where = _listed(list(dict.fromkeys(rows["file"])))
            findings.append(Finding("range", where, problem, remedy, len(rows), values))
    return findings


def about_rounding(draft: Draft) -> list[Finding]:
    """Doubt columns that the platform rounded: by how much a row, and a sum of them, may be off."""
    used = draft.used
    findings = []
    for low in [name for name in used.columns if name.endswith("_low")]:
        name = low.removesuffix("_low")
        half = (used[f"{name}_high"] - used[low])[used[name].notna()] / 2
        half = half[half > 0]
        if half.empty:
            continue
        most, total = float(half.max()), float(half.sum())
        problem = (
            f"{name} is rounded in {len(half)} of {len(used)} rows, by up to {most:,.15g} each: "
            f"their sum may be off by {total:,.15g}."
        )
        remedy = "use an export with exact numbers; the bounds stand beside the value."
        values = {"column": name, "of": len(used), "most": most, "total": total}
        where = _listed(list(dict.fromkeys(used.loc[half.index, "file"])))
        findings.append(Finding("rounded", where, problem, remedy, len(half), values))
    return findings


def about_order(draft: Draft, fmt: Format, faults: list[KpiError]) -> list[Finding]:
    """Doubt rows in which a number is below one that it contains, as views below viewers.

    Where most rows are so, the two columns are swapped and the file is at fault.
    """
    used = draft.used
    findings = []
    for larger, smaller in fmt.not_below.items():
        below = used[larger].to_numpy() < used[smaller].to_numpy()
        if not below.any():
            continue
        wrong = used[below]
        known = int((used[larger].notna() & used[smaller].notna()).sum())
        first = wrong.iloc[0]
        where = f"{first['file']}, row {first['row']}"
        names = (
            f"{fmt.named[larger][0]} {first[larger]:.15g}",
            f"{fmt.named[smaller][0]} {first[smaller]:.15g}",
        )
        problem = f"{names[0]} is below {names[1]}; so in {len(wrong)} of {known} rows."
        if len(wrong) >= _SWAPPED and 2 * len(wrong) > known:
            remedy = "the two columns look swapped; download the export again."
            faults.append(KpiError(where, problem, remedy))
        else:
            remedy = "ask the platform which of the two is right."
            values = {"larger": larger, "smaller": smaller, "of": known}
            findings.append(Finding("below", where, problem, remedy, len(wrong), values))
    return findings


def about_totals(draft: Draft, fmt: Format, faults: list[KpiError]) -> list[Finding]:
    """Doubt files whose rows do not add up to their totals row."""
    findings = []
    for place, source in enumerate(draft.sources if fmt.additive else ()):
        rows = draft.frame[(draft.frame["source"] == place).to_numpy()]
        totals = [cells for reason, cells in source.sheet.special if reason == _TOTALS]
        for name, cells in product(fmt.additive, totals):
            header, file = fmt.named[name][0], source.sheet.file
            try:
                stated, low, high = count(cells.get(header, ""), missing=fmt.missing)
            except KpiError as error:
                where = f"{file}, totals row, column {header}, {error.where}"
                faults.append(KpiError(where, error.problem, error.remedy))
                continue
            total = rows[name].sum(min_count=1)
            if total < low or total > high:  # a rounded total has bounds, an unknown one none
                said = f"{header}: the totals row says {stated:.15g}"
                problem = f"{said}, its rows add up to {total:.15g}."
                remedy = "look for rows that are missing or that count twice."
                values = {"column": name, "stated": stated, "total": total}
                findings.append(Finding("total", file, problem, remedy, len(rows), values))
    return findings


def about_states(draft: Draft, fmt: Format) -> list[Finding]:
    """Doubt after-sale states that the formats file does not know."""
    used = draft.used
    name = "aftersale" if "aftersale" in used else "status"
    known = {*fmt.refunded, *fmt.not_refunded}
    strange = used[used[name].notna() & ~used[name].isin(known)]
    if strange.empty:
        return []
    states = list(dict.fromkeys(strange[name]))
    problem = (
        f"unknown after-sale states, so unknown whether the goods came back: {_listed(states)}."
    )
    remedy = "enter them under refunded or not_refunded in kpilib/exports/formats.yaml."
    where = _listed(list(dict.fromkeys(strange["file"])))
    return [Finding("state", where, problem, remedy, len(strange), {"states": states})]


def about_days(draft: Draft, month: str) -> list[Finding]:
    """Doubt daily files that lack days of the month."""
    days = calendar.monthrange(int(month[:4]), int(month[5:]))[1]
    findings = []
    for (account, metric), rows in draft.used.groupby(["account", "metric"], sort=True):
        missing = days - rows["day"].nunique()
        if missing:
            where = _listed(list(dict.fromkeys(rows["file"])))
            problem = f"{metric} of {account} lacks {missing} of {days} days."
            remedy = "export the whole month; days that are not there are unknown, not 0."
            values = {"metric": metric, "account": account, "missing": missing, "days": days}
            findings.append(Finding("days", where, problem, remedy, int(missing), values))
    return findings


def about_metrics(draft: Draft) -> list[Finding]:
    """Doubt accounts for which a metric's file lacks that another account has."""
    used = draft.used
    given = {str(a): set(own) for a, own in used.groupby("account", sort=True)["metric"]}
    every = set().union(*given.values())
    findings = []
    for account, metrics in given.items():
        lacking = sorted(every - metrics)
        if lacking:
            files = list(dict.fromkeys(used.loc[used["account"] == account, "file"]))
            problem = f"no file of {', '.join(lacking)}, which other accounts have; unknown, not 0."
            remedy = "export these metrics of the account too."
            values = {"account": account, "columns": lacking}
            where = f"{Path(files[0]).parent.as_posix()}, account {account}"
            findings.append(Finding("metric_absent", where, problem, remedy, 0, values))
    return findings


def about_refunds(orders: Draft, aftersales: Draft) -> list[Finding]:
    """Doubt orders on whose refund the orders and the after-sale file disagree."""
    if not aftersales.sources:
        return []
    used, claims = orders.used, aftersales.used
    paid_back = claims[claims["returned"].fillna(value=False).to_numpy(dtype=bool)]
    claimed = used["suborder_id"].isin(paid_back["suborder_id"])
    returned = used["returned"].astype("boolean")
    only_claimed = int((claimed & returned.eq(other=False)).sum())
    only_returned = int((~claimed & returned.eq(other=True)).sum())
    if not only_claimed + only_returned:
        return []
    problem = (
        "orders and after-sales disagree; refunded by the after-sale file only: "
        f"{only_claimed}, by the order file only: {only_returned}."
    )
    files = dict.fromkeys(source.sheet.file for source in (*orders.sources, *aftersales.sources))
    return [
        Finding(
            "refunds",
            _listed(list(files)),
            problem,
            "export both on the same day; the order file decides here.",
            only_claimed + only_returned,
            {"aftersales": only_claimed, "orders": only_returned},
        )
    ]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
