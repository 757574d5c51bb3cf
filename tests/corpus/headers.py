"""Headers changed: renamed, missing, doubled, shifted."""

from __future__ import annotations

from math import nan

from tests.corpus.changes import ADS, CHOSEN, DAILY, LACKING, LIVE, ORDERS, UNCHOSEN, WORKS, own
from tests.corpus.damage import renamed, without
from tests.exports_made import Made

CASES = [
    own("a column under its other name", WORKS, lambda m: renamed(m, "点赞量", "点赞数")),
    own("a header in other letters", WORKS, lambda m: renamed(m, "5s完播率", " ５S 完播率\u200b")),
    own("a BOM within the headers", WORKS, lambda m: renamed(m, "体裁", "\ufeff体裁")),
    own("other brackets", LIVE, lambda m: renamed(m, "直播时长(小时)", "直播时长（小时）")),
    own(
        "mixed brackets",
        LIVE,
        lambda m: renamed(m, "发货前退款金额(订单）", "发货前退款金额【订单】"),
    ),
    own(
        "a strange column", WORKS, lambda m: Made([*m.headers, "备注"], [[*r, "x"] for r in m.rows])
    ),
    own("an unnamed column", WORKS, lambda m: Made([*m.headers, ""], [[*r, "x"] for r in m.rows])),
    own("a column less", WORKS, lambda m: without(m, "收藏量"), values={"collects": [nan, nan]}),
    own(
        "a column renamed to nothing known",
        WORKS,
        lambda m: renamed(m, "收藏量", "收藏人次"),
        values={"collects": [nan, nan]},
    ),
    own(
        "one column of the signature less",
        WORKS,
        lambda m: without(m, "审核状态"),
        values={"visible": [None, None]},
    ),
    own(
        "two columns of the signature less",
        WORKS,
        lambda m: without(m, "审核状态", "粉丝增量"),
        text=(
            "{file}: no known format has these columns; the nearest is "
            "抖音创作者中心 作品列表; it would "
            "need 审核状态, 粉丝增量. " + LACKING
        ),
    ),
    own(
        "without the time",
        WORKS,
        lambda m: without(m, "发布时间"),
        text=(
            "{file}: this is 抖音创作者中心 作品列表 without 发布时间; its rows mean "
            "nothing without it. To "
            "mend: export it again with this column."
        ),
    ),
    own(
        "a column twice",
        WORKS,
        lambda m: Made([*m.headers, "播放量"], [[*r, "1"] for r in m.rows]),
        text=("{file}, row 1: the column 播放量 stands there twice. To mend: delete one of them."),
    ),
    own(
        "a column under both its names",
        WORKS,
        lambda m: Made([*m.headers, "播放数"], [[*r, "1"] for r in m.rows]),
        text=("{file}, row 1: the column 播放量 stands there twice. To mend: delete one of them."),
    ),
    own(
        "thousands stated in the header",
        LIVE,
        lambda m: renamed(m, "成交金额", "成交金额(万元)"),
        values={"gmv": [73839000.0] * 2, "gmv_low": [73838950.0] * 2, "gmv_high": [73839050.0] * 2},
    ),
    own(
        "minutes stated in the header",
        LIVE,
        lambda m: renamed(m, "直播时长(小时)", "直播时长(分钟)"),
        values={"live_s": [150.0] * 2},
    ),
    own(
        "a unit that cannot be",
        LIVE,
        lambda m: renamed(m, "成交金额", "成交金额(小时)"),
        text=(
            "{file}, row 1: the header 成交金额(小时) states a unit that 成交金额 "
            "cannot have. To mend: "
            "download it again from the platform."
        ),
    ),
    own("percent stated otherwise", ADS, lambda m: renamed(m, "点击率%", "点击率(%)")),
    own(
        "a chosen few columns",
        ORDERS,
        lambda m: without(m, *set(m.headers) - CHOSEN),
        values=UNCHOSEN,
    ),
    own(
        "without the order number",
        ORDERS,
        lambda m: without(m, "主订单编号"),
        text=(
            "{file}: no known format has these columns; the nearest is 抖店 "
            "订单导出; it would need "
            "主订单编号. " + LACKING
        ),
    ),
    own(
        "without the time of payment",
        ORDERS,
        lambda m: without(m, "支付完成时间"),
        text=(
            "{file}: this is 抖店 订单导出 without 支付完成时间; its rows mean "
            "nothing without it. To "
            "mend: export it again with this column."
        ),
    ),
    own(
        "two metrics in a daily file",
        DAILY,
        lambda m: Made([*m.headers, "净增粉丝"], [[*r, 1] for r in m.rows]),
        text=(
            "{file}: no known format has these columns; the nearest is "
            "抖音创作者中心 账号日数据; it "
            "would hold only one of 播放量, 净增粉丝. " + LACKING
        ),
    ),
    own(
        "a strange column in a daily file",
        DAILY,
        lambda m: Made([*m.headers, "备注"], [[*r, 1] for r in m.rows]),
        text=(
            "{file}: no known format has these columns; the nearest is "
            "抖音创作者中心 账号日数据; it does "
            "not know 备注. " + LACKING
        ),
    ),
    own(
        "no header at all",
        WORKS,
        lambda m: Made([str(v) for v in m.rows[0]], m.rows[1:]),
        text=("{file}: no header of a known format stands in the first five rows. " + LACKING),
    ),
    own("only a header", WORKS, lambda m: Made(m.headers, []), keep=0),
    own(
        "headers translated",
        WORKS,
        lambda m: Made(["title", "published", "plays", "likes"], [["a", "2025-05-01", 1, 2]]),
        text=(
            "{file}: no known format has these columns; the nearest is 抖音开放平台 "
            "作品基础数据 (接口); it "
            "would need total_play, total_like, total_comment, total_share; it does not know "
            "published, plays, likes. " + LACKING
        ),
    ),
]
