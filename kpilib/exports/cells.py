"""Cells: the text of one cell, or of a column of them, to values; nothing is guessed.

The unit comes from the column's kind, never from the size of a number. What a platform
rounded (``1.2万``) or gave as a range (``7.5w~10w``) keeps its bounds; a range has no value.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from kpilib.errors import KpiError

MISSING = ("", "-", "--")
AS_DOWNLOADED = "give the whole column {}, as it was first downloaded."
LARGEST = 2**53  # above it a double no longer holds every whole number
WIDEST = 40  # characters of a number: working out one of thousands takes long, or overflows
_SHOWN = 60  # characters of a cell that a message repeats
_WHOLE_FORMAT = "write plain digits, or 1.2万, 1.2w, 1.05亿, 3.4k, 7.5w~10w or 10w+."
_ONE_UNIT = "give the column as it was first downloaded, with one unit."
_SCALE = {"": 1, "k": 1000, "千": 1000, "w": 10**4, "万": 10**4, "亿": 10**8}
_YUAN = {"": 1, "元": 1, "千元": 1000, "万元": 10**4, "亿元": 10**8}
NUMBER = r"(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
_AMOUNT = re.compile(NUMBER + "(k|千|w|万|亿)?", re.ASCII | re.IGNORECASE)
_FLOATED = re.compile(r"(\d+)\.0+|[\d.]+e[+-]?\d+", re.ASCII | re.IGNORECASE)
_YUAN_SIGN = re.compile(r"^(-?)¥\s*")
_KEPT = re.compile(r"""(?:=\"|')(\d+)\"?""", re.ASCII)
_YES_NO = {"yes": True, "是": True, "true": True, "no": False, "否": False, "false": False}


class Figure(NamedTuple):
    """A number with the bounds between which it lies; an exact one is its own bounds."""

    value: float
    low: float
    high: float


UNKNOWN = Figure(math.nan, math.nan, math.nan)


def bad(text: str, problem: str, remedy: str) -> KpiError:
    """Return the error for one cell; whoever knows file and row says so in its place."""
    return KpiError(f"cell {shown(text)}", problem, remedy)


def shown(text: str) -> str:
    """Return a cell as a message repeats it: in quotes, and not without end."""
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}..."


def digits(text: str, cell: str) -> Decimal:
    """Return the number that digits with an optional sign, commas and a point make.

    Raises
    ------
    KpiError
        If there are more digits than any figure has, or the number is too large to be exact.
    """
    if len(text) > WIDEST:
        raise bad(cell, f"a number of more than {WIDEST} characters.", "correct the cell.")
    return exact(Decimal(text.replace(",", "")), cell)


def exact(value: Decimal, cell: str) -> Decimal:
    """Return a number, or refuse one that is too large to be exact."""
    if abs(value) > LARGEST:
        raise bad(cell, "more than a number can hold exactly (2^53).", "correct the cell.")
    return value


def folded(text: str) -> str:
    """Return a cell in half-width letters and digits, without padding."""
    return unicodedata.normalize("NFKC", text).replace("〜", "~").strip()


def between(text: str, one: Callable[[str], Figure]) -> Figure:
    """Read a figure, a range of two (``a~b``) or an open one (``a+``)."""
    if "~" in text:
        first, last = (one(part.strip()) for part in text.split("~", 1))
        if first.value < 0:
            raise bad(text, "a range below 0.", "correct the cell.")
        if not first.value < last.value:
            raise bad(text, "a range whose end is not above its beginning.", "correct the cell.")
        return Figure(math.nan, first.value, last.value)
    if text.endswith("+"):
        return Figure(math.nan, one(text[:-1]).value, math.inf)
    return one(text)


def amount(text: str, problem: str, remedy: str, unit: int = 1) -> Figure:
    """Read a number with an optional 万, w, 亿 or k; a rounded one keeps half its last digit.

    ``unit`` is how many a bare number counts for, where the header says so.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise bad(text, problem, remedy)
    if match[2] and unit != 1:
        raise bad(text, "a unit in the cell and another in the header.", _ONE_UNIT)
    scale = _SCALE[(match[2] or "").lower()] * unit
    value = exact(digits(match[1], text) * scale, text)
    if scale == 1:
        return Figure(float(value), float(value), float(value))
    half = Decimal(scale).scaleb(-len(match[1].partition(".")[2])) / 2
    return Figure(float(value), float(value - half), float(value + half))


def count(
    text: str, unit: str = "", *, signed: bool = False, missing: Sequence[str] = MISSING
) -> Figure:
    """Read a count: ``34606``, ``6,344``, ``1.2w``, ``12.5万``, ``1.05亿``, ``3.4k``, ``10w+``.

    Parameters
    ----------
    text : str
        A cell; full-width digits are read as digits.
    unit : {"", "千", "万", "亿"}
        What a bare number counts, where the header says so.
    signed : bool
        Whether the count may be negative, as the net gain of followers.
    missing : sequence of str
        Cells that mean "unknown".

    Returns
    -------
    Figure
        Value and bounds; the value of a range is NaN, all three of an unknown one are.

    Raises
    ------
    KpiError
        If the cell is no count.

    Examples
    --------
    >>> count("1.2万")
    Figure(value=12000.0, low=11500.0, high=12500.0)
    >>> count("7.5w~10w")
    Figure(value=nan, low=75000.0, high=100000.0)
    """

    def one(part: str) -> Figure:
        figure = amount(part, "this is not a count.", _WHOLE_FORMAT, _SCALE[unit])
        if not figure.value.is_integer():
            raise bad(part, "a count is a whole number.", "check that the column is the right one.")
        if figure.value < 0 and not signed:
            raise bad(part, "this count cannot be negative.", "correct it in the export's source.")
        return figure

    cell = folded(text)
    return UNKNOWN if cell in missing else between(cell, one)


def money(
    text: str, unit: str = "", *, signed: bool = False, missing: Sequence[str] = MISSING
) -> Figure:
    """Read an amount in yuan: ``1,234.50``, ``¥58,920``, ``12.30元``, ``-¥12.00``, ``1.2万``.

    Parameters
    ----------
    text : str
        A cell.
    unit : {"", "元", "分", "千元", "万元", "亿元"}
        What a bare number is in, where the header or the format says so; 分 are whole.
    signed : bool
        Whether the amount may be negative.
    missing : sequence of str
        Cells that mean "unknown".

    Returns
    -------
    Figure
        Yuan.

    Raises
    ------
    KpiError
        If the cell is no amount, or has another unit than its header.

    Examples
    --------
    >>> money("¥58,920").value, money("123450", "分").value
    (58920.0, 1234.5)
    """

    def one(part: str) -> Figure:
        plain = _YUAN_SIGN.sub(r"\1", part)
        own = next((word for word in ("元", "分") if plain.endswith(word)), "")
        if own and unit and own != unit:
            raise bad(part, "a unit in the cell and another in the header.", _ONE_UNIT)
        figure = _yuan(plain.removesuffix(own).strip(), own or unit, part)
        if figure.value < 0 and not signed:
            raise bad(part, "this amount cannot be negative.", "correct it in the export's source.")
        return figure

    cell = folded(text)
    return UNKNOWN if cell in missing else between(cell, one)


def _yuan(plain: str, unit: str, part: str) -> Figure:
    problem, remedy = "this is not an amount in yuan.", "write it as 1234.50 or ¥1,234.50."
    if unit != "分":
        return amount(plain, problem, remedy, _YUAN[unit])
    figure = amount(plain, problem, remedy)
    if not figure.value.is_integer():
        raise bad(part, "分 are whole: this is another unit.", _ONE_UNIT)
    return Figure(*(value / 100 for value in figure))


def number(text: str, *, missing: Sequence[str] = MISSING) -> Figure:
    """Read a number in whatever unit its row says, as the target of a plan."""

    def one(part: str) -> Figure:
        return amount(part, "this is not a number.", "write a number, without a unit.")

    cell = folded(text)
    return UNKNOWN if cell in missing else between(cell, one)


def yes_no(text: str, *, missing: Sequence[str] = MISSING) -> bool | None:
    """Read yes, no, 是 or 否; an unknown one is None."""
    cell = folded(text).lower()
    if cell in missing:
        return None
    if cell not in _YES_NO:
        raise bad(text, "neither yes nor no.", "write yes or no, or leave the cell empty.")
    return _YES_NO[cell]


def identifier(text: str, *, missing: Sequence[str] = MISSING) -> str | None:
    """Read an id as text; one that a spreadsheet made a number above 2^53 is refused.

    >>> identifier("6917529027641081856")
    '6917529027641081856'
    """
    plain = text.strip()
    if plain in missing:
        return None
    plain = _KEPT.sub(r"\1", plain)  # how csv files keep spreadsheets from making numbers of ids
    match = _FLOATED.fullmatch(plain)
    if match is None:
        return plain
    if match[1] is not None and len(match[1]) <= WIDEST and int(match[1]) <= LARGEST:
        return match[1]
    raise lost(text)


def lost(text: str) -> KpiError:
    """Return the error for an id of which a spreadsheet has lost digits."""
    return bad(
        text,
        "an id that came as a number above 2^53: its last digits are lost.",
        "download the export again; in a spreadsheet, format this column as text first.",
    )


def one_of(text: str, allowed: Sequence[str]) -> str:
    """Return a cell that must be one of a few words."""
    if text not in allowed:
        raise bad(text, f"not one of {', '.join(allowed)}.", "write one of these.")
    return text


def score(text: str, *, missing: Sequence[str] = MISSING) -> Figure:
    """Read a rating from 1 to 5."""
    figure = number(text, missing=missing)
    if not (math.isnan(figure.value) or 1 <= figure.value <= 5):
        raise bad(text, "a rating lies between 1 and 5.", "correct the cell.")
    return figure
