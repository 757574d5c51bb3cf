"""Restated: which of several exports that say the same counts, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kpilib.exports.formats import Format
from kpilib.exports.receipt import Finding
from kpilib.exports.rules import UNDATED, sums_up
from kpilib.exports.tables import Draft, content

FULLER = "a fuller export of the same is read"
OTHER_DATE = "another as-of date is read"
_SHOWN = 5
_ROUNDING = 0.01  # of a sum of rounded figures

Codes = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def first_hand(draft: Draft, findings: list[Finding]) -> Draft:
    """Set aside rows of a second export where a fuller one of the same platform has them.

    Another platform's export of the same account is about something else, as the spend of other
    advertisements; and what the fuller one lacks is nowhere else to be read.

    Parameters
    ----------
    draft : Draft
        Rows of one table, of which some are outside the month.
    findings : list of Finding
        Takes second exports that state more than the fuller one that is read instead.

    Returns
    -------
    Draft
        The columns that a format names as ``second`` say what is the same.
    """
    formats = [source.sheet.format for source in draft.sources]
    for fmt in {each.key: each for each in formats if each.second}.values():
        spare = _of(draft, [each is fmt for each in formats])
        fuller = _of(draft, [each.platform == fmt.platform and not each.second for each in formats])
        if fuller.any():
            same = _renamed(draft.frame, _codes(draft.frame, fmt.second), fmt, spare)
            draft = draft.set_aside(spare & np.isin(same, same[fuller]), FULLER)
            out = spare & (draft.reasons == FULLER)
            findings += _exceeding(draft.frame, fmt, same, out, fuller & (draft.reasons == ""))
    return draft


def as_of_chosen(
    draft: Draft, fmt: Format, cutoff: date, findings: list[Finding], *, then: bool = False
) -> Draft:
    """Keep, of several exports of the same row, the one taken by the as-of day.

    No export says which rows it covers. One that lacks a row may be of another shop, or of other
    days; so a row that only an export of another day has stays, and is doubted.

    Parameters
    ----------
    draft : Draft
        Rows of one table.
    fmt : Format
        Says what makes one row, and what one export is about.
    cutoff : date
        The as-of day.
    findings : list of Finding
        Takes the rows that only exports of another day have.
    then : bool
        Look at the month from ``cutoff``: of what had been exported by then, rows that only a
        later export has did not count.

    Returns
    -------
    Draft
        For each row the last date on or before the as-of day stays, or else the earliest after it,
        or else the row without a date; the others are set aside.
    """
    dates = [source.as_of for source in draft.sources]
    if len(set(dates)) < 2:
        return draft
    rank = np.array([_rank(day, cutoff) for day in dates])[draft.frame["source"].to_numpy()]
    rank[np.isin(draft.reasons, (FULLER, UNDATED))] = -np.inf  # what is out may restate: as unpaid
    row = _rows(draft, fmt, rank)
    draft = draft.set_aside(rank < _best(rank, row), OTHER_DATE)
    if then:
        draft = draft.set_aside(_came_later(draft, row, rank, fmt), OTHER_DATE)
    findings += _elsewhere(draft, rank, fmt, cutoff)
    findings += _unlike(draft, row)
    return draft


def _rank(day: date | None, cutoff: date) -> float:
    """Order dates: the later the better up to the as-of day, then the nearer, then none."""
    if day is None:
        return -1e9
    late = (day - cutoff).days
    return float(late) if late <= 0 else -1e6 - late


def _rows(draft: Draft, fmt: Format, rank: np.ndarray[Any, Any]) -> Codes:
    """Give rows that say the same one number, whatever export they stand in.

    Where an export may tell of a whole month in one line, its source is all that can be compared.
    """
    frame, metric = draft.frame, ["metric"] if fmt.partial else []
    row = _renamed(frame, _codes(frame, [*fmt.unique, *metric]), fmt, rank)
    source = _codes(frame, [*fmt.source, *metric])
    whole = np.full(len(frame), fmt.whole)
    if fmt.undated and fmt.month is not None:
        bare = frame[fmt.month].isna().to_numpy() & (draft.reasons == "")
        whole |= np.isin(source, source[bare])
    return np.where(whole, -1 - source, row)


def _renamed(frame: pd.DataFrame, row: Codes, fmt: Format, part: np.ndarray[Any, Any]) -> Codes:
    """Let rows of several exports be one that happened at one moment under two names.

    A title can be changed after a work is out. Only a time of day tells a moment, and only where
    no part of the exports has two rows of the same source at that moment.
    """
    moment = [*fmt.source, fmt.month or ""]
    if not fmt.source or not {*moment} < {*fmt.unique}:
        return row
    time = frame[moment[-1]]
    code = _codes(frame, moment)
    table = pd.DataFrame({"code": code, "part": part, "row": row})
    alone = table.groupby(["code", "part"])["row"].transform("nunique") == 1
    alone = alone.groupby(code).transform("all")
    alone &= time.notna() & (time != time.dt.normalize())
    return np.where(alone.to_numpy(dtype=bool), row.max(initial=0) + 1 + code, row)


def _came_later(draft: Draft, row: Codes, rank: np.ndarray[Any, Any], fmt: Format) -> Mask:
    """Return the rows that a late export has beside others that it states again."""
    by_then, late = (rank <= 0) & (rank > -1e6), (rank < -1e6) & (rank > -1e9)
    again = late & np.isin(row, row[by_then])
    part = _codes(draft.frame, ["source", *fmt.source])
    return np.asarray(late & np.isin(part, part[again]))


def _exceeding(
    frame: pd.DataFrame, fmt: Format, same: Codes, out: Mask, read: Mask
) -> list[Finding]:
    """Doubt a second export of which a sum is more than the fuller one's, where both tell."""
    findings = []
    for name in fmt.reached:
        table = frame.assign(same=same)
        first, second = (
            table[rows].drop_duplicates(list(fmt.unique)).groupby("same")[name].sum(min_count=1)
            for rows in (read, out)
        )
        more = second[second > first.reindex(second.index) * (1 + _ROUNDING)]
        if more.empty:
            continue
        rows = out & np.isin(same, more.index)
        one, other = float(more.sum()), float(first.reindex(more.index).sum())
        findings.append(
            Finding(
                "second_more",
                _listed(frame.loc[rows, "file"]),
                f"it states more {name} than the fuller export that is read instead: {one:.15g} "
                f"against {other:.15g}, where it is more.",
                "look for what the fuller export lacks, and export that again.",
                int(rows.sum()),
                {"column": name, "more": one, "read": other},
            )
        )
    return findings


def _elsewhere(
    draft: Draft, rank: np.ndarray[Any, Any], fmt: Format, cutoff: date
) -> list[Finding]:
    """Doubt rows that only exports of another day have than the one that the rest is read from."""
    used = draft.reasons == ""
    kinds = np.array([source.sheet.format.key for source in draft.sources], dtype=object)
    kind = pd.factorize(kinds[draft.frame["source"].to_numpy()])[0]
    group = _codes(draft.frame.assign(kind=kind), ["kind", *fmt.source])
    other = used & (rank < _best(np.where(used, rank, -np.inf), group))
    if not other.any():
        return []
    n, of = int(other.sum()), int(used.sum())
    return [
        Finding(
            "as_of_only",
            _listed(draft.frame.loc[other, "file"]),
            f"{n} of {of} rows stand only in exports of another day than the rest; they count as "
            "these show them.",
            "take the file out, if the platform withdrew them since; if not, export the whole "
            f"month again on {cutoff}.",
            n,
            {"of": of, "day": str(cutoff)},
        )
    ]


def _unlike(draft: Draft, row: Codes) -> list[Finding]:
    """Doubt rows that are set aside for another date and differ, where no file states its days.

    They may be the month exported again, or another part of it, which is lost then.
    """
    bare = _of(draft, [sums_up(source.sheet) for source in draft.sources])
    out, used = bare & (draft.reasons == OTHER_DATE), bare & (draft.reasons == "")
    if not out.any():
        return []
    told = pd.DataFrame({"row": row, "said": _codes(draft.frame, content(draft.frame))})
    said = _codes(told, ["row", "said"])
    unlike = out & ~np.isin(said, said[used]) & np.isin(row, row[used])
    if not unlike.any():
        return []
    read = draft.frame.loc[used & np.isin(row, row[unlike]), "file"]
    n, names = int(unlike.sum()), _listed(read)
    return [
        Finding(
            "unlike",
            _listed(draft.frame.loc[unlike, "file"]),
            f"{n} row(s) say otherwise in {names}, which alone counts; no file says of which "
            "days it is.",
            "if they are parts of the month, such as weeks, only the last one counts: export the "
            "month as one file; if they are the same month exported again, leave it so.",
            n,
            {"read": names},
        )
    ]


def _listed(names: pd.Series) -> str:
    """Name files, the first few of many."""
    files = list(dict.fromkeys(names))
    more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return ", ".join(files[:_SHOWN]) + more


def _of(draft: Draft, sources: Sequence[bool]) -> Mask:
    """Return the rows of some of the sources."""
    return np.asarray(np.array(sources, dtype=bool)[draft.frame["source"].to_numpy()])


def _codes(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """Give rows that are equal in these columns one number; unknown equals unknown."""
    if not columns:
        return np.zeros(len(frame), dtype=np.int64)
    numbers = frame.groupby(list(columns), dropna=False, sort=False).ngroup()
    return np.asarray(numbers, dtype=np.int64)


def _best(rank: np.ndarray[Any, Any], group: Codes) -> np.ndarray[Any, Any]:
    """Return for each row the best rank of its group."""
    return np.asarray(pd.Series(rank).groupby(group).transform("max"))
