"""Times: the text of one cell to a duration in seconds, a day, a time or a month."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from kpilib.exports.cells import AS_DOWNLOADED, MISSING, amount, bad, digits, exact, folded

_UNITS = re.compile(
    r"(?:(\d+)天)?(?:(\d+(?:\.\d+)?)(?:小时|时|h))?(?:(\d+(?:\.\d+)?)(?:分钟|分|min|m))?"
    r"(?:(\d+(?:\.\d+)?)(?:秒|s))?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|年(\d{1,2})月)(\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})(?::|时)(\d{2})(?:(?::|分)(?:(\d{2})(?:\.\d+)?秒?)?)?)?",
    re.ASCII,
)
_SHORT = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})((?: .*)?)", re.ASCII)
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})", re.ASCII)
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_EPOCH = datetime(1899, 12, 30)  # what spreadsheets count days from


def duration(text: str, unit: str = "", *, missing: Sequence[str] = MISSING) -> float:
    """Read a duration in seconds: ``11秒``, ``7小时41分52秒``, ``00:03:20``, ``3:20``.

    Parameters
    ----------
    text : str
        A cell.
    unit : {"", "seconds", "minutes", "hours"}
        The unit of a bare number; without one, a bare number other than 0 is refused.
    missing : sequence of str
        Cells that mean "unknown".

    Returns
    -------
    float
        Seconds, NaN for an unknown one.

    Raises
    ------
    KpiError
        If the cell is no duration, or a number without a unit.

    Examples
    --------
    >>> duration("7小时41分52秒"), duration("2.5", "hours")
    (27712.0, 9000.0)
    """
    cell = folded(text).replace(" ", "")
    if cell in missing:
        return math.nan
    if match := _CLOCK.fullmatch(cell):
        if match[1] is None and unit in ("minutes", "hours"):
            problem = f"hours and minutes, or minutes and seconds, in a column of {unit}?"
            raise bad(text, problem, "write all three parts, as 02:30:00 or 00:02:30.")
        hours, minutes, seconds = (digits(part or "0", text) for part in match.groups())
        if seconds >= 60 or (match[1] and minutes >= 60):
            raise bad(text, "more than 59 minutes or seconds.", "correct the cell.")
        return float(exact(hours * 3600 + minutes * 60 + seconds, text))
    if match := _UNITS.fullmatch(cell):
        parts = zip(match.groups(), (86400, 3600, 60, 1), strict=True)
        total = sum((digits(part, text) * size for part, size in parts if part), Decimal(0))
        return float(exact(total, text))
    figure = amount(cell, "this is not a duration.", "write 2分30秒, 00:02:30 or seconds.")
    if figure.value < 0:
        raise bad(text, "a duration cannot be negative.", "correct it in the export's source.")
    if not unit and figure.value != 0:
        raise bad(text, "a duration without its unit.", AS_DOWNLOADED.format("as 2分30秒"))
    return float(Decimal(str(figure.value)) * SECONDS.get(unit, 1))


def moment(
    text: str, *, serial: bool = False, order: str = "", missing: Sequence[str] = MISSING
) -> datetime | None:
    """Read a day or a time: year first, with -, / or 年月日; a spreadsheet's serial if allowed.

    Parameters
    ----------
    text : str
        A cell.
    serial : bool
        Whether the format gives days since 1899-12-30 as numbers.
    order : {"", "dmy", "mdy"}
        What 1/12/2010 means, where the format says so.
    missing : sequence of str
        Cells that mean "unknown".

    Returns
    -------
    datetime or None
        Naive, in the platform's own time (Asia/Shanghai), to the second.

    Raises
    ------
    KpiError
        If the cell is no date, or one whose day and month cannot be told apart.

    Examples
    --------
    >>> moment("2026年07月26日12时00分00秒").isoformat()
    '2026-07-26T12:00:00'
    """
    cell = folded(text)
    if cell in missing:
        return None
    if serial and re.fullmatch(r"\d{5}(\.\d+)?", cell):
        seconds = round(Decimal(cell) * 86400)
        return _EPOCH + timedelta(seconds=seconds)
    if order and (short := _SHORT.fullmatch(cell)):
        day, month_ = (short[1], short[2]) if order == "dmy" else (short[2], short[1])
        cell = f"{short[3]}-{month_}-{day}{short[4]}"
    match = _MOMENT.fullmatch(cell) or _COMPACT.fullmatch(cell)
    if match is None:
        remedy = "write it as 2025-05-31 or 2025-05-31 20:15:00."
        if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*", cell):
            raise bad(text, "day and month of this date cannot be told apart.", remedy)
        raise bad(text, "this is not a date.", remedy)
    parts = [int(part) for part in match.groups() if part is not None]
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # 3 to 6 whole numbers
    except ValueError:
        raise bad(text, "there is no such date.", "correct the cell.") from None


def month(text: str, *, missing: Sequence[str] = MISSING) -> str | None:
    """Read a month, YYYY-MM."""
    cell = folded(text)
    if cell in missing:
        return None
    if not re.fullmatch(r"20\d{2}-(0[1-9]|1[0-2])", cell):
        raise bad(text, "this is not a month.", "write it as 2025-05.")
    return cell
