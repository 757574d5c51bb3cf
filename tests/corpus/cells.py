"""One cell changed: read as what it says, with its bounds, or refused; never guessed."""

from __future__ import annotations

from math import inf, nan

from kpilib.exports.cells import shown
from tests.corpus import MONTH, Case
from tests.corpus.damage import cell, column, good
from tests.exports_made import as_bytes

WORKS, ORDERS, LIVE = "creator_works", "shop_orders", "compass_live_daily"
SERVICE, STAR, DAILY = "feige_service", "xingtu_order_report", "creator_daily"

# (format, header, canonical column): {cell: value, or value and its bounds}; the cell is the last
READ: dict[tuple[str, str, str], dict[object, object]] = {
    (WORKS, "播放量", "plays"): {
        **{"": nan, "-": nan, "--": nan, "0": 0.0, "6,344": 6344.0, "００７": 7.0},
        **{"1.2w": (12000, 11500, 12500), "1.2W": (12000, 11500, 12500)},
        **{"12.3万": (123000, 122500, 123500), "3.4k": (3400, 3350, 3450)},
        **{"1.05亿": (1.05e8, 1.045e8, 1.055e8), "10w": (100000, 95000, 105000)},
        **{"10w+": (nan, 1e5, inf), "7.5w~10w": (nan, 75000, 1e5), "7.5w～10w": (nan, 75000, 1e5)},
    },
    (WORKS, "粉丝增量", "follower_gain"): {"-12": -12.0, "－12": -12.0, "-": nan},
    (WORKS, "完播率", "completion"): {"1": 1.0, "0.352": 0.352, "": nan},
    (SERVICE, "全天3分钟回复率", "reply_3min"): {
        **{"35.2%": 0.352, "35.2％": 0.352, "120%": 1.2, "0%": 0.0, "--": nan}
    },
    (STAR, "creative.finish_rate", "completion"): {"3521": 0.3521, "0": 0.0},
    (ORDERS, "订单应付金额", "amount"): {
        **{"¥58,920": 58920.0, "￥1,234.50": 1234.5, "12.30元": 12.3, "\t12.30 ": 12.3},
        **{"¥ 12.30": 12.3, "123450分": 1234.5, "1.2万": (12000, 11500, 12500)},
    },
    (LIVE, "人均看播时长", "avg_watch_s"): {
        **{"11秒": 11.0, "7小时41分52秒": 27712.0, "3分20秒": 200.0, "4.586155": 4.586155},
        **{"00:03:20": 200.0, "3:20": 200.0},
    },
    (LIVE, "直播时长(小时)", "live_s"): {"0.5": 1800.0, "0": 0.0, "02:30:00": 9000.0},
    (ORDERS, "商品ID", "product_id"): {
        **{"3520017761200010003\t": "3520017761200010003", "007": "007", "1234.0": "1234"},
        **{f"{sign}3520017761200010003": "3520017761200010003" for sign in ("'", '="')},
        **{'="3520017761200010003"': "3520017761200010003"},
    },
    (WORKS, "发布时间", "published"): {
        **{"2025/05/09 18:04": "2025-05-09T18:04:00", "20250512": "2025-05-12T00:00:00"},
        **{"2025年05月26日12时00分00秒": "2025-05-26T12:00:00", "45787.5": "2025-05-10T12:00:00"},
        **{"２０２５-05-09": "2025-05-09T00:00:00"},
    },
    (WORKS, "作品名称", "title"): {
        **{text: text for text in ("<script>alert(1)</script>", "=1+1", "../../etc", "𠮷野家😀")},
        **{text: text for text in ('a,b "c"\nd', "6.9e18", "&amp;", "-1", "+86", "@x")},
    },
}

_COUNT = (
    "this is not a count. To mend: write plain digits, or 1.2万, 1.2w, 1.05亿, 3.4k, "
    "7.5w~10w or 10w+."
)
_SOURCE = "To mend: correct it in the export's source."
_FRACTIONS = "To mend: give the whole column in fractions from 0 to 1, as it was first downloaded."
_SIGNS = "To mend: give the whole column with % signs, as it was first downloaded."
_BASIS = (
    "To mend: give the whole column in whole hundredths of a percent, as it was first downloaded."
)
_YUAN = "this is not an amount in yuan. To mend: write it as 1234.50 or ¥1,234.50."
_DURATION = "this is not a duration. To mend: write 2分30秒, 00:02:30 or seconds."
_FLOATED = (
    "an id that came as a number above 2^53: its last digits are lost. To mend: download the "
    "export again; in a spreadsheet, format this column as text first."
)
_LARGE = "more than a number can hold exactly (2^53). To mend: correct the cell."
_LONG = "a number of more than 40 characters. To mend: correct the cell."
_DATE = "To mend: write it as 2025-05-31 or 2025-05-31 20:15:00."

# (format, header): {what is wrong and how to mend it: cells}
REFUSED: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    (WORKS, "播放量"): {
        _COUNT: (
            *(
                "12 34",
                "1,23",
                "约3万",
                "1e5",
                "0x10",
                "nan",
                "inf",
                "N/A",
                "暂无",
                "#REF!",
                "1.2万亿",
            ),
            *("=1+1", '=HYPERLINK("http://x","1")', "<b>1</b>", "٣٤", "(12)", "+5", "1.2.3", "5%"),
        ),
        "a range whose end is not above its beginning. To mend: correct the cell.": ("10w~7.5w",),
        "a count is a whole number. To mend: check that the column is the right one.": ("3.5",),
        f"this count cannot be negative. {_SOURCE}": ("-5",),
        _LARGE: ("9" * 20, "9" * 20 + "亿"),
        _LONG: ("9" * 5000, "0." + "0" * 5000 + "1w", "1~" + "9" * 5000),
    },
    (WORKS, "完播率"): {
        f"above 1 in a column of fractions: two scales are mixed. {_FRACTIONS}": ("36.6807", "35"),
        f"a percentage in a column of fractions. {_FRACTIONS}": ("36.68%", "0.36%"),
        f"a rate cannot be negative. {_FRACTIONS}": ("-0.1",),
    },
    (SERVICE, "全天3分钟回复率"): {
        f"no % sign in a column of percentages. {_SIGNS}": ("0.352", "35.2", "1"),
        f"this is not a rate. {_SIGNS}": ("35.2%%", "35.2‰", "全部"),
        _LARGE: ("9" * 20 + "%",),
        _LONG: ("9" * 400 + "%",),
    },
    (STAR, "creative.finish_rate"): {
        f"a percentage in a column of hundredths of a percent. {_BASIS}": ("35.21%",),
        f"hundredths of a percent are whole: two scales are mixed. {_BASIS}": ("35.21",),
    },
    (ORDERS, "订单应付金额"): {
        _YUAN: ("$12.30", "12,30", "12.3.0", "免费", "１２,３", "12¥34", "12.30¥", "¥¥12", "-¥-1"),
        f"this amount cannot be negative. {_SOURCE}": ("-12.30",),
    },
    (LIVE, "人均看播时长"): {
        _DURATION: ("3分20", "三分钟", "-3秒", "很久"),
        "more than 59 minutes or seconds. To mend: correct the cell.": ("3:75", "1:60:00"),
        _LARGE: ("9" * 20 + "秒", "9" * 15 + "天", "9" * 15 + ":00:01"),
        _LONG: ("9" * 400 + "秒", "9" * 5000 + ":00:01"),
    },
    (LIVE, "直播时长(小时)"): {
        "hours and minutes, or minutes and seconds, in a column of hours? To mend: write all "
        "three parts, as 02:30:00 or 00:02:30.": ("2:30", "02:30"),
    },
    (SERVICE, "全天平响时长"): {
        "a duration without its unit. To mend: give the whole column as 2分30秒, "
        "as it was first downloaded.": ("72", "0.5"),
        _LONG: ("9" * 5000 + "天",),
    },
    (ORDERS, "商品ID"): {
        _FLOATED: ("3.52001776120001E+18", "3520017761200010002.0", "9" * 5000 + ".0"),
    },
    (WORKS, "发布时间"): {
        f"day and month of this date cannot be told apart. {_DATE}": (
            *("1/12/2025", "12.05.2025 10:00", "25-05-03"),
        ),
        f"this is not a date. {_DATE}": ("昨天", "1746267445", "May 3, 2025", "0000002025"),
        "there is no such date. To mend: correct the cell.": ("2025-02-30", "2025-05-03 25:00:00"),
    },
    (ORDERS, "支付完成时间"): {f"this is not a date. {_DATE}": ("昨天", "已支付")},
    (DAILY, "日期"): {f"this is not a date. {_DATE}": ("第一天", "5")},
}

# cells of a workbook that are no text: (format, header, column, cell, value)
TYPED: list[tuple[str, str, str, object, object]] = [
    (WORKS, "播放量", "plays", 1234, 1234.0),
    (WORKS, "播放量", "plays", None, nan),
    (WORKS, "完播率", "completion", 0.25, 0.25),
    (WORKS, "作品名称", "title", 2025, "2025"),
    (LIVE, "成交金额", "gmv", 7383.9, 7383.9),
    (ORDERS, "商品ID", "product_id", 1234567890123, "1234567890123"),
]


def _read(key: str, header: str, name: str, text: object, value: object) -> Case:
    raw = as_bytes(column(good(key), header, text), "csv")
    columns = (name, f"{name}_low", f"{name}_high")
    last = dict(zip(columns, value if isinstance(value, tuple) else (value,), strict=False))
    return Case(f"{key}: {header} = {text!r}", key, lambda: raw, last=last)


def _refused(key: str, header: str, text: str, why: str) -> Case:
    raw = as_bytes(column(good(key), header, text), "csv")
    where = f"{{file}}, row 3, column {header}, cell {shown(text.strip())}: "
    long = f", {len(text)} characters" if len(text) > 60 else ""
    return Case(f"{key}: {header} = {shown(text)}{long}", key, lambda: raw, text=where + why)


def _typed(key: str, header: str, name: str, value: object, read: object) -> Case:
    title = f"{key}: {header} = {value!r}, no text, in a workbook"
    raw = as_bytes(cell(good(key), header, value), "xlsx")
    return Case(title, key, lambda: raw, f"{MONTH}/x.xlsx", last={name: read})


CASES = [
    *(_read(*place, text, value) for place, group in READ.items() for text, value in group.items()),
    *(
        _refused(*place, text, why)
        for place, group in REFUSED.items()
        for why, texts in group.items()
        for text in texts
    ),
    *(_typed(*entry) for entry in TYPED),
]
