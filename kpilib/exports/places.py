"""Places: what the folders above a file say of it: the account, and the day of the export."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from kpilib.errors import KpiError
from kpilib.exports.files import Found
from kpilib.exports.sheets import Sheet
from kpilib.exports.tables import Source

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def placed(
    platform: Sequence[tuple[Found, Sheet]], people: Sequence[Sheet], faults: list[KpiError]
) -> list[Source]:
    """Say for each sheet of a platform its account and as-of date, by the folders above it.

    Parameters
    ----------
    platform : sequence of (Found, Sheet)
        Where each sheet was found.
    people : sequence of Sheet
        The sheet of people.csv, which names the accounts.
    faults : list of KpiError
        Takes files whose place says too little or too much.

    Returns
    -------
    list of Source
        Sheets of formats whose rows name the account have none of their own.
    """
    names = [name for sheet in people for name in sheet.columns.get("account", [])]
    accounts = {_composed(name): name for name in names if name}
    sources = []
    for found, sheet in platform:
        try:
            as_of = _as_of(found)
            account = _account(found, sheet, accounts) if sheet.needs_account else None
        except KpiError as error:
            faults.append(error)
        else:
            sources.append(Source(sheet, account, as_of))
    return sources


def _composed(name: str) -> str:
    """Return a name as it is compared with a folder's; some disks take accents apart."""
    return unicodedata.normalize("NFC", name.strip())


def _as_of(found: Found) -> date | None:
    days = sorted({name for name in found.folders if _DAY.fullmatch(name)})
    if len(days) > 1:
        problem = f"two folders state the as-of date: {' and '.join(days)}."
        raise KpiError(found.file, problem, "keep the one that is right.")
    try:
        return date.fromisoformat(days[0]) if days else None
    except ValueError:
        problem = f"the folder {days[0]} is no day."
        raise KpiError(found.file, problem, "name it like the day of the export.") from None


def _account(found: Found, sheet: Sheet, accounts: Mapping[str, str]) -> str:
    """Return the account that the folders state; the only one there is, where they state nothing.

    A folder that is no account may be another's, or one misspelt: then nothing is guessed.
    """
    stated = sorted({accounts[_composed(f)] for f in found.folders if _composed(f) in accounts})
    if len(stated) == 1:
        return stated[0]
    where, known = sheet.file, sorted(set(accounts.values()))
    if len(stated) > 1:
        problem = f"two folders state the account: {' and '.join(stated)}."
        raise KpiError(where, problem, "keep the one that is right.")
    others = [name for name in found.folders if not _DAY.fullmatch(name)]
    if len(known) == 1 and not others:
        return known[0]
    problem = "no column and no folder says of which account this is."
    near: list[str] = []
    if others:
        near = difflib.get_close_matches(others[-1], known, 1, 0.3)
        nearest = f"; the nearest is {near[0]}" if near else ""
        problem = f"the folder {others[-1]} is no account of people.csv{nearest}."
    example = f"{next(iter([*near, *known]), '<account>')}/{found.path.name}"
    raise KpiError(where, problem, f"put it into a folder named like its account, as {example}.")
