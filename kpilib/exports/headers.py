"""Headers: how they are compared, and what a unit at their end says about the cells under them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Unit = Literal["", "千", "万", "亿", "元", "分", "千元", "万元", "亿元"]
UNITS_OF: Mapping[str, tuple[str, ...]] = {
    "count": ("", "千", "万", "亿"),
    "yuan": ("", "元", "分", "千元", "万元", "亿元"),
}
DIMENSION = {
    "count": "count",
    "yuan": "money",
    **dict.fromkeys(("seconds", "minutes", "hours", "duration_text"), "time"),
    **dict.fromkeys(("rate_fraction", "rate_percent", "rate_percent_header", "rate_basis"), "rate"),
}
# what a unit in a file's header makes of a column of that dimension
STATED: Mapping[tuple[str, str], Mapping[str, str]] = {
    **{("count", unit): {"unit": unit} for unit in ("千", "万", "亿")},
    ("count", "w"): {"unit": "万"},
    ("count", "k"): {"unit": "千"},
    **{("money", unit): {"unit": unit} for unit in ("元", "分", "千元", "万元", "亿元")},
    **{("time", unit): {"kind": "seconds"} for unit in ("秒", "s")},
    **{("time", unit): {"kind": "minutes"} for unit in ("分钟", "分", "min")},
    **{("time", unit): {"kind": "hours"} for unit in ("小时", "时", "h")},
    ("rate", "%"): {"kind": "rate_percent_header"},
}
_UNIT = re.compile(r"(.+)\((%|千元|万元|亿元|元|分钟|分|秒|小时|时|min|s|h|千|万|亿|w|k)\)|(.+)(%)")

_BRACKETS = str.maketrans("【】〔〕［］", "()()()")
_INVISIBLE = re.compile("[\\s\ufeff\u200b-\u200f\u2060]+")


@lru_cache(maxsize=8192)
def normal_header(text: str) -> str:
    r"""Return a header as it is compared: NFKC, one kind of bracket, no BOM, no blanks, no case.

    >>> normal_header("\ufeff 发货前退款金额(订单）")
    '发货前退款金额(订单)'
    """
    plain = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return _INVISIBLE.sub("", plain).casefold()


@lru_cache(maxsize=8192)
def split_unit(header: str) -> tuple[str, str]:
    """Part a normal header from the unit at its end; the unit is empty where there is none.

    >>> split_unit("直播时长(小时)"), split_unit("点击率%"), split_unit("退款率(订单)")
    (('直播时长', '小时'), ('点击率', '%'), ('退款率(订单)', ''))
    """
    match = _UNIT.fullmatch(header)
    if match is None:
        return header, ""
    return match[1] or match[3], match[2] or match[4]
