"""Headers and rows changed: renamed, missing, doubled, shifted, repeated, summed up."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

from tests.corpus import MONTH, Case
from tests.corpus.damage import again, cell, good, renamed, row, without
from tests.exports_made import Made, as_bytes

WORKS, DAILY, ORDERS, LIVE = "creator_works", "creator_daily", "shop_orders", "compass_live_daily"
SERVICE, STAR, ADS, ROOMS = (
    *("feige_service", "xingtu_order_report", "oceanengine_materials", "compass_rooms"),
)
SETTLED, FUNDS, HOSTS = "shop_settlements", "shop_funds", "feigua_hosts"


def _case(name: str, key: str, damaged: Made, ending: str = "csv", **outcome: object) -> Case:
    raw = as_bytes(damaged, ending)
    return Case(f"{key}: {name}", key, lambda: raw, f"{MONTH}/x.{ending}", **outcome)  # type: ignore[arg-type]


def _own(name: str, key: str, change: Callable[[Made], Made], **outcome: object) -> Case:
    return _case(name, key, change(good(key)), **outcome)


def _top(made: Made, **cells: object) -> Made:
    """Put a row right under the header."""
    return Made(made.headers, [[cells.get(h, "") for h in made.headers], *made.rows])


_LACKING = (
    "To mend: download it again from the platform with all its columns; if the platform has "
    "renamed one, enter it in kpilib/exports/formats.yaml."
)
_NO_DATE = "this is not a date. To mend: write it as 2025-05-31 or 2025-05-31 20:15:00."
_TWO = "To mend: keep the row that is right and take the other out."
_EMPTY = (
    "the cell is empty, and the row means nothing without it. To mend: fill the cell, or take the "
    "row out if it is no data."
)
_CHOSEN = {"主订单编号", "子订单编号", "订单应付金额", "支付完成时间", "订单状态", "达人昵称"}
_UNCHOSEN = {
    name: [None, None]
    for name in (
        "product_id",
        "quantity",
        "submitted",
        "completed",
        "aftersale",
        "returned",
        "buyer",
        "repeat",
    )
}

HEADERS = [
    _own("a column under its other name", WORKS, lambda m: renamed(m, "点赞量", "点赞数")),
    _own("a header in other letters", WORKS, lambda m: renamed(m, "5s完播率", " ５S 完播率\u200b")),
    _own("a BOM within the headers", WORKS, lambda m: renamed(m, "体裁", "\ufeff体裁")),
    _own("other brackets", LIVE, lambda m: renamed(m, "直播时长(小时)", "直播时长（小时）")),
    _own(
        "mixed brackets",
        LIVE,
        lambda m: renamed(m, "发货前退款金额(订单）", "发货前退款金额【订单】"),
    ),
    _own(
        "a strange column", WORKS, lambda m: Made([*m.headers, "备注"], [[*r, "x"] for r in m.rows])
    ),
    _own("an unnamed column", WORKS, lambda m: Made([*m.headers, ""], [[*r, "x"] for r in m.rows])),
    _own("a column less", WORKS, lambda m: without(m, "收藏量"), values={"collects": [nan, nan]}),
    _own(
        "a column renamed to nothing known",
        WORKS,
        lambda m: renamed(m, "收藏量", "收藏人次"),
        values={"collects": [nan, nan]},
    ),
    _own(
        "one column of the signature less",
        WORKS,
        lambda m: without(m, "审核状态"),
        values={"visible": [None, None]},
    ),
    _own(
        "two columns of the signature less",
        WORKS,
        lambda m: without(m, "审核状态", "粉丝增量"),
        text=(
            "{file}: no known format has these columns; the nearest is "
            "抖音创作者中心 作品列表; it would "
            "need 审核状态, 粉丝增量. " + _LACKING
        ),
    ),
    _own(
        "without the time",
        WORKS,
        lambda m: without(m, "发布时间"),
        text=(
            "{file}: this is 抖音创作者中心 作品列表 without 发布时间; its rows mean "
            "nothing without it. To "
            "mend: export it again with this column."
        ),
    ),
    _own(
        "a column twice",
        WORKS,
        lambda m: Made([*m.headers, "播放量"], [[*r, "1"] for r in m.rows]),
        text=("{file}, row 1: the column 播放量 stands there twice. To mend: delete one of them."),
    ),
    _own(
        "a column under both its names",
        WORKS,
        lambda m: Made([*m.headers, "播放数"], [[*r, "1"] for r in m.rows]),
        text=("{file}, row 1: the column 播放量 stands there twice. To mend: delete one of them."),
    ),
    _own(
        "thousands stated in the header",
        LIVE,
        lambda m: renamed(m, "成交金额", "成交金额(万元)"),
        values={"gmv": [73839000.0] * 2, "gmv_low": [73838950.0] * 2, "gmv_high": [73839050.0] * 2},
    ),
    _own(
        "minutes stated in the header",
        LIVE,
        lambda m: renamed(m, "直播时长(小时)", "直播时长(分钟)"),
        values={"live_s": [150.0] * 2},
    ),
    _own(
        "a unit that cannot be",
        LIVE,
        lambda m: renamed(m, "成交金额", "成交金额(小时)"),
        text=(
            "{file}, row 1: the header 成交金额(小时) states a unit that 成交金额 "
            "cannot have. To mend: "
            "download it again from the platform."
        ),
    ),
    _own("percent stated otherwise", ADS, lambda m: renamed(m, "点击率%", "点击率(%)")),
    _own(
        "a chosen few columns",
        ORDERS,
        lambda m: without(m, *set(m.headers) - _CHOSEN),
        values=_UNCHOSEN,
    ),
    _own(
        "without the order number",
        ORDERS,
        lambda m: without(m, "主订单编号"),
        text=(
            "{file}: no known format has these columns; the nearest is 抖店 "
            "订单导出; it would need "
            "主订单编号. " + _LACKING
        ),
    ),
    _own(
        "without the time of payment",
        ORDERS,
        lambda m: without(m, "支付完成时间"),
        text=(
            "{file}: this is 抖店 订单导出 without 支付完成时间; its rows mean "
            "nothing without it. To "
            "mend: export it again with this column."
        ),
    ),
    _own(
        "two metrics in a daily file",
        DAILY,
        lambda m: Made([*m.headers, "净增粉丝"], [[*r, 1] for r in m.rows]),
        text=(
            "{file}: no known format has these columns; the nearest is "
            "抖音创作者中心 账号日数据; it "
            "would hold only one of 播放量, 净增粉丝. " + _LACKING
        ),
    ),
    _own(
        "a strange column in a daily file",
        DAILY,
        lambda m: Made([*m.headers, "备注"], [[*r, 1] for r in m.rows]),
        text=(
            "{file}: no known format has these columns; the nearest is "
            "抖音创作者中心 账号日数据; it does "
            "not know 备注. " + _LACKING
        ),
    ),
    _own(
        "no header at all",
        WORKS,
        lambda m: Made([str(v) for v in m.rows[0]], m.rows[1:]),
        text=("{file}: no header of a known format stands in the first five rows. " + _LACKING),
    ),
    _own("only a header", WORKS, lambda m: Made(m.headers, []), keep=0),
    _own(
        "headers translated",
        WORKS,
        lambda m: Made(["title", "published", "plays", "likes"], [["a", "2025-05-01", 1, 2]]),
        text=(
            "{file}: no known format has these columns; the nearest is 抖音开放平台 "
            "作品基础数据 (接口); it "
            "would need total_play, total_like, total_comment, total_share; it does not know "
            "published, plays, likes. " + _LACKING
        ),
    ),
]

TOTALS = [
    _own(
        "a totals row below",
        DAILY,
        lambda m: row(m, 日期="合计", 播放量="6812"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row above",
        DAILY,
        lambda m: _top(m, 日期="总计", 播放量="6812"),
        aside={"totals row": 1},
    ),
    _own(
        "a padded totals row",
        DAILY,
        lambda m: row(m, 日期=" 汇总\t", 播放量="6812"),
        aside={"totals row": 1},
    ),
    _own(
        "an averages row",
        DAILY,
        lambda m: row(m, 日期="平均值", 播放量="3406"),
        aside={"averages row": 1},
    ),
    _own(
        "a subtotal",
        DAILY,
        lambda m: row(m, 日期="小计", 播放量="6812"),
        text=f"{{file}}, row 4, column 日期, cell '小计': {_NO_DATE}",
    ),
    _own(
        "the shop's totals and averages",
        SERVICE,
        lambda m: row(
            row(m, 客服昵称="店铺汇总值", 接待会话量="1720"),
            客服昵称="店铺平均值",
            接待会话量="860",
            全天3分钟回复率="95.3%",
        ),
        aside={"totals row": 1, "averages row": 1},
    ),
    _own(
        "a totals row of another name",
        SERVICE,
        lambda m: row(m, 客服昵称="合计", 接待会话量="1720"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row in the second column",
        LIVE,
        lambda m: row(m, 日期="合计", 成交金额="14767.80"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row among orders",
        ORDERS,
        lambda m: row(m, 主订单编号="合计", 订单应付金额="2,469.00"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row among materials",
        ADS,
        lambda m: row(m, **{"时间-天": "总计-", "消耗": "868.44"}),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row among funds",
        FUNDS,
        lambda m: row(m, 动账时间="合计", 动账金额="2,202.40"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row among hosts",
        HOSTS,
        lambda m: row(m, 主播="合计", 销售额="117,840.00"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row among rooms",
        ROOMS,
        lambda m: row(m, 直播间名称="合计", 成交金额="14767.80"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row in full-width blanks",
        DAILY,
        lambda m: row(m, 日期="\u3000合计\u3000", 播放量="6812"),
        aside={"totals row": 1},
    ),
    _own(
        "a totals row with a colon",
        DAILY,
        lambda m: row(m, 日期="合计：", 播放量="6812"),
        text=f"{{file}}, row 4, column 日期, cell '合计：': {_NO_DATE}",
    ),
    _own(
        "a note below",
        SERVICE,
        lambda m: row(m, 客服昵称="数据更新于次日12点"),
        aside={"note among the rows": 1},
    ),
]

ROWS = [
    _own(
        "a day of the month before",
        DAILY,
        lambda m: again(m, 日期="2025-04-30"),
        aside={"outside the month": 1},
    ),
    _own(
        "a day of the month after",
        DAILY,
        lambda m: again(m, 日期="2025-06-01"),
        aside={"outside the month": 1},
    ),
    _own(
        "an order not paid",
        ORDERS,
        lambda m: again(m, 子订单编号="9", 支付完成时间="-"),
        aside={"not paid": 1},
    ),
    _own(
        "an order cancelled",
        ORDERS,
        lambda m: again(m, 子订单编号="9", 支付完成时间="-", 订单状态="已关闭"),
        aside={"cancelled before it was paid": 1},
    ),
    _own(
        "no time",
        WORKS,
        lambda m: cell(m, "发布时间", "-"),
        text=("{file}, row 3, column 发布时间: " + _EMPTY),
    ),
    _own(
        "no suborder number",
        ORDERS,
        lambda m: cell(m, "子订单编号", ""),
        text=("{file}, row 3, column 子订单编号: " + _EMPTY),
    ),
    _own(
        "blank rows between",
        ORDERS,
        lambda m: Made(m.headers, [m.rows[0], [""] * len(m.headers), m.rows[1]]),
        aside={"blank row": 1},
    ),
    _own(
        "rows of blanks only",
        ORDERS,
        lambda m: Made(m.headers, [*m.rows, [" "] * len(m.headers), ["\u3000"] * len(m.headers)]),
        aside={"blank row": 2},
    ),
    _own(
        "the header again below",
        WORKS,
        lambda m: Made(m.headers, [*m.rows, m.headers]),
        aside={"the header again": 1},
    ),
    _own(
        "the same work with other plays",
        WORKS,
        lambda m: again(m, 播放量="35000"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, title 鸡翅的误区 1, published "
            "2025-05-03 18:17:25 stands there twice with other values: plays 34606 and 35000. "
            + _TWO
        ),
    ),
    _own(
        "the same day with other plays",
        DAILY,
        lambda m: again(m, 播放量="35000"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, day 2025-05-02 00:00:00, metric "
            "播放量 stands there twice with other values: plays 3406 and 35000. " + _TWO
        ),
    ),
    _own(
        "the same order with another amount",
        ORDERS,
        lambda m: again(m, 订单应付金额="9.90"),
        text=(
            "{file}, row 3 and {file}, row 4: suborder_id 6925050100000000001 stands there "
            "twice with other values: amount 1234.5 and 9.9. " + _TWO
        ),
    ),
    _own(
        "the same room and day with other sales",
        LIVE,
        lambda m: again(m, 成交金额="1.00"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光好物间, day 2025-05-02 00:00:00 stands "
            "there twice with other values: gmv 7383.9 and 1. " + _TWO
        ),
    ),
    _own(
        "the same agent with other figures",
        SERVICE,
        lambda m: again(m, 接待会话量="1"),
        text=(
            "{file}, row 3 and {file}, row 4: agent 小晨1 stands there twice with other values: "
            "conversations 860 and 1. " + _TWO
        ),
    ),
    _own(
        "the same after-sale with another state",
        "shop_aftersales",
        lambda m: again(m, 售后状态="售后关闭"),
        text=(
            "{file}, row 3 and {file}, row 4: aftersale_id 1425050100000000001 stands there "
            "twice with other values: status 同意退款，退款成功 and 售后关闭; "
            "returned True and False. " + _TWO
        ),
    ),
    _own(
        "the same flow with another amount",
        FUNDS,
        lambda m: again(m, 动账金额="1.00"),
        text=(
            "{file}, row 3 and {file}, row 4: flow_id 7925051200000000001 stands there twice "
            "with other values: amount 1101.2 and 1. " + _TWO
        ),
    ),
    _own(
        "the same material with other cost",
        ADS,
        lambda m: again(m, 消耗="1.00"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, day 2025-05-01 00:00:00, "
            "project_id 7202505050000000001, unit_id 7202505051000000001, material_id "
            "7202505057010000001 stands there twice with other values: cost 434.22 and 1. " + _TWO
        ),
    ),
    _own(
        "the same star order with other plays",
        STAR,
        lambda m: again(m, **{"spread.play": 1}),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, order_id 7301234567890100001 "
            "stands there twice with other values: plays 1203344 and 1. " + _TWO
        ),
    ),
    _own(
        "a buyer told apart by the phone only",
        ORDERS,
        lambda m: again(m, 收件人手机号="139****9999"),
        text=(
            "{file}, row 3 and {file}, row 4: suborder_id 6925050100000000001 stands there "
            "twice with other values: buyer 03e49952379172db and 5bc35b0bfc41914e. " + _TWO
        ),
    ),
    _own(
        "data where columns should be described",
        SETTLED,
        lambda m: Made(m.headers, m.rows[1:]),
        text=(
            "{file}, row 2: data stands here, where this export describes its columns. To "
            "mend: put back the row under the header, or download the file again."
        ),
    ),
]

CASES = [*HEADERS, *TOTALS, *ROWS]
