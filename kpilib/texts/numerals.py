"""Numbers, dates and lists as a language writes them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal, SupportsFloat, cast

from kpilib.errors import KpiError

if TYPE_CHECKING:
    from collections.abc import Callable

    Lang = Literal["en", "zh"]

DASH: Final = "–"  # what stands for a value that is not known
MINUS: Final = "\N{MINUS SIGN}"
SMALL: Final = 5  # head counts below this are not shown to leadership

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def is_unknown(value: object) -> bool:
    """Tell whether a value is None, NaN, NaT or NA.

    Examples
    --------
    >>> is_unknown(None), is_unknown(float("nan")), is_unknown(0)
    (True, True, False)
    """
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, SupportsFloat) and _is_nan(value)


def is_small_count(value: object) -> bool:
    """Tell whether a head count is 1 to 4."""
    return not is_unknown(value) and 0 < float(cast("float", value)) < SMALL


def write(value: object, form: str | None, lang: Lang) -> str:
    """Write a value in a named format, or in the one that its type suggests.

    Raises
    ------
    KpiError
        If there is no such format, or it is for values of another kind.

    Examples
    --------
    >>> write(-3.25, "signed", "en"), write(12345, "money", "zh"), write("2025-05", "month", "en")
    ('−3.2', '12,345元', 'May 2025')
    """
    if is_unknown(value):
        return DASH
    if form is None:
        form = _form_of(value)
    if form not in FORMS:
        near = get_close_matches(form, FORMS, n=1)
        raise KpiError(
            where=f"format {form!r}",
            problem="there is no such format.",
            remedy=f"take {near[0]!r}." if near else f"take one of {', '.join(FORMS)}.",
        )
    try:
        return FORMS[form](value, lang)
    except (TypeError, ValueError) as error:
        raise KpiError(
            where=f"format {form!r}",
            problem=f"cannot write {value!r}.",
            remedy="pass a value of its kind, or name another format.",
        ) from error


def _is_nan(value: SupportsFloat) -> bool:
    try:
        return math.isnan(float(value))
    except (TypeError, ValueError):
        return False


def _form_of(value: object) -> str:
    if isinstance(value, (str, bool)):
        return "text"
    if isinstance(value, (dt.date, dt.datetime)):
        return "day"
    if isinstance(value, SupportsFloat):
        return "count" if float(value).is_integer() and not isinstance(value, float) else "number"
    return "list" if isinstance(value, Iterable) else "text"


def _fixed(value: object, places: int, *, sign: bool = False) -> str:
    """Write a number with thousands and a true minus; never a minus before a zero."""
    text = f"{float(cast('float', value)):{'+' if sign else ''},.{places}f}".replace("inf", "∞")
    if not text.strip("+-0.,"):
        return text.lstrip("+-")
    return text.replace("-", MINUS)


def _places(places: int, factor: float = 1, suffix: str = "", *, sign: bool = False) -> _Form:
    def form(value: object, _lang: Lang) -> str:
        return _fixed(float(cast("float", value)) * factor, places, sign=sign) + suffix

    return form


def _number(value: object, _lang: Lang) -> str:
    text = _fixed(value, 2)
    return text.rstrip("0").rstrip(".")


def _points_of_percent(value: object, lang: Lang) -> str:
    text = _fixed(float(cast("float", value)) * 100, 1)
    return f"{text}个百分点" if lang == "zh" else f"{text} points"


def _money(places: int) -> _Form:
    def form(value: object, lang: Lang) -> str:
        text = _fixed(value, places)
        if lang == "zh":
            return f"{text}元"
        return f"{MINUS}¥{text[1:]}" if text.startswith(MINUS) else f"¥{text}"

    return form


def _signed_money(value: object, lang: Lang) -> str:
    """Return a change of money with its sign, rounded to yuan; no change has none."""
    amount = round(float(cast("float", value)))
    sign = "+" if amount > 0 else MINUS if amount < 0 else ""
    return sign + _money(0)(abs(amount), lang)


def _seconds(value: object, lang: Lang) -> str:
    number = round(float(cast("float", value)), 1)
    if number < 60:
        text = _number(number, lang)
        return f"{text}秒" if lang == "zh" else f"{text} s"
    minutes, seconds = divmod(round(number), 60)
    return f"{minutes}分{seconds}秒" if lang == "zh" else f"{minutes} min {seconds} s"


def _hours(value: object, lang: Lang) -> str:
    text = _fixed(value, 1)
    return f"{text}小时" if lang == "zh" else f"{text} h"


def _odds(value: object, _lang: Lang) -> str:
    share = float(cast("float", value))
    if 0 < share < 0.01:  # a probability that is not nothing is not shown as 0%
        return "< 1%"
    if 0.99 < share < 1:
        return "> 99%"
    return _fixed(share * 100, 0) + "%"


def _tolerance(places: int) -> _Form:
    def written(value: object, _lang: Lang) -> str:
        share = float(cast("float", value))
        return "> 100%" if share > 1 else _fixed(share * 100, places) + "%"

    return written


def _month(value: object, lang: Lang) -> str:
    year, month = str(value)[:7].split("-")
    return f"{year}年{int(month)}月" if lang == "zh" else f"{_MONTHS[int(month) - 1]} {year}"


def _day(value: object, lang: Lang) -> str:
    if len(str(value)) == len("2025-05"):  # what falls due in a month
        return _month(value, lang)
    day = dt.date.fromisoformat(str(value)[:10])
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _list(value: object, lang: Lang) -> str:
    words = [str(word) for word in cast("Iterable[object]", value)]
    if len(words) < 2:
        return "".join(words)
    comma, joint = ("、", "和") if lang == "zh" else (", ", " and ")
    return comma.join(words[:-1]) + joint + words[-1]


def _text(value: object, _lang: Lang) -> str:
    return str(value)


if TYPE_CHECKING:
    _Form = Callable[[object, Lang], str]

FORMS: Final[dict[str, _Form]] = {
    "count": _places(0),
    "people": _places(0),
    "points": _places(1),
    "points2": _places(2),
    "number": _number,
    "percent": _places(0, 100, "%"),
    "percent1": _places(1, 100, "%"),
    "percent2": _places(2, 100, "%"),
    "signed": _places(1, sign=True),
    "signed_percent": _places(1, 100, "%", sign=True),
    "pp": _points_of_percent,
    "money": _money(0),
    "money2": _money(2),
    "signed_money": _signed_money,
    "seconds": _seconds,
    "hours": _hours,
    "odds": _odds,
    "tolerance": _tolerance(0),
    "tolerance1": _tolerance(1),
    "month": _month,
    "day": _day,
    "list": _list,
    "text": _text,
}
