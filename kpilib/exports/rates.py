"""Rates: the text of one cell to a fraction, in the unit that its column states."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kpilib.exports.cells import (
    AS_DOWNLOADED,
    MISSING,
    NUMBER,
    UNKNOWN,
    Figure,
    bad,
    between,
    digits,
    folded,
)

_RATE_WORDS = {"fraction": "fractions", "basis": "hundredths of a percent"}
_BARE = re.compile(NUMBER, re.ASCII)
_RATES = {
    "basis": "in whole hundredths of a percent",
    "fraction": "in fractions from 0 to 1",
    "percent": "with % signs",
    "percent_header": "in percent",
}


def rate(text: str, unit: str, *, signed: bool = False, missing: Sequence[str] = MISSING) -> Figure:
    """Read a rate as a fraction.

    Parameters
    ----------
    text : str
        A cell.
    unit : {"fraction", "percent", "percent_header", "basis"}
        What the format says: 0.35; 35% with its sign; 35, where the sign stands in the header;
        3500 hundredths of a percent.
    signed : bool
        Whether the rate may be negative, as a growth.
    missing : sequence of str
        Cells that mean "unknown".

    Returns
    -------
    Figure
        Fractions; a percentage above 100 stays above 1.

    Raises
    ------
    KpiError
        If the cell is not in that unit: a sign among fractions, a fraction above 1, a percentage
        without its sign. It is never converted by its size.

    Examples
    --------
    >>> rate("25.00%", "percent").value
    0.25
    """

    def one(part: str) -> Figure:
        marked = part.endswith("%")
        if marked and unit in ("fraction", "basis"):
            raise bad(part, f"a percentage in a column of {_RATE_WORDS[unit]}.", remedy)
        bare = part.removesuffix("%").strip()
        if not _BARE.fullmatch(bare):
            raise bad(part, "this is not a rate.", remedy)
        value = digits(bare, part)
        if value < 0 and not signed:
            raise bad(part, "a rate cannot be negative.", remedy)
        if unit == "basis":
            if value != value.to_integral_value():
                raise bad(part, "hundredths of a percent are whole: two scales are mixed.", remedy)
            return Figure(*[float(value / 10000)] * 3)
        if unit == "fraction":
            if value > 1:
                raise bad(part, "above 1 in a column of fractions: two scales are mixed.", remedy)
            return Figure(*[float(value)] * 3)
        if unit == "percent" and not marked and value != 0:
            raise bad(part, "no % sign in a column of percentages.", remedy)
        return Figure(*[float(value / 100)] * 3)

    remedy = AS_DOWNLOADED.format(_RATES[unit])
    cell = folded(text)
    return UNKNOWN if cell in missing else between(cell, one)
