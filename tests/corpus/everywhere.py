"""What may happen to a file of any format and must not change a figure."""

from __future__ import annotations

from collections.abc import Callable

from kpilib.exports import formats
from tests.corpus import MONTH, Case
from tests.corpus.damage import again, backwards, good, padded, wide
from tests.exports_made import SHAPES, as_bytes

_NOTES = [["数据说明"], ["仅导出最近三十天"], [""], ["口径见帮助中心"]]
_AS_XLS = ("creator_works", "feige_service", "shop_orders")  # each costs a process
# how a text is decoded and where its header stands is settled before its format is known
_AS_TEXT = ("creator_works", "feige_service", "shop_orders", "qianchuan_live", "compass_live_daily")
_UNKNOWN = (
    "{file}: no header of a known format stands in the first five rows. To mend: download it again "
    "from the platform with all its columns; if the platform has renamed one, enter it in "
    "kpilib/exports/formats.yaml."
)


def _of(key: str) -> list[Case]:
    """Return the cases of one format; files that a team writes itself stand in another list."""

    def case(name: str, raw: Callable[[], bytes], ending: str = "csv", **kwargs: object) -> Case:
        return Case(f"{key}: {name}", key, raw, f"{MONTH}/x.{ending}", **kwargs)  # type: ignore[arg-type]

    stacked = formats()[key].stacked
    notes = {"row above the header": 3, "blank row": 1}
    # a line right above a table of a stack is its title
    title = {"list": ["口径见帮助中心"] * 2} if key == "chanmama_products" else {}
    last = "row under the table" if stacked else "blank row"
    ending = "xls" if key in _AS_XLS else "xlsx"
    own = [
        case("its columns backwards", lambda: as_bytes(backwards(good(key)), "tsv"), "tsv"),
        case("padded", lambda: as_bytes(padded(good(key)), "csv")),
        case("in full-width digits", lambda: as_bytes(wide(key, good(key)), "csv")),
        case(
            "its header in row 5",
            lambda: as_bytes(good(key), "csv", above=_NOTES),
            aside=notes,
            values=title,
        ),
        case(
            "its last row twice, and a blank one",
            lambda: as_bytes(again(good(key)), "csv") + b"\n",
            aside={"the same row again": 1, last: 1},
        ),
        case(f"as {ending}", lambda: as_bytes(good(key), ending), ending),
    ]
    if key not in _AS_TEXT:
        return own
    return [
        *own,
        case("in gb18030", lambda: as_bytes(good(key), "csv", encoding="gb18030")),
        case("with a BOM", lambda: as_bytes(good(key), "csv", encoding="utf-8-sig")),
        case(
            "its header in row 6",
            lambda: as_bytes(good(key), "csv", above=[[""], *_NOTES]),
            text=_UNKNOWN,
        ),
    ]


CASES = [
    case
    for key in SHAPES
    if formats()[key].place is None and not formats()[key].refused
    for case in _of(key)
]
