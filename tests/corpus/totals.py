"""Rows of totals and averages, wherever they stand, and what contradicts them."""

from __future__ import annotations

from tests.corpus.changes import (
    ADS,
    DAILY,
    FUNDS,
    HOSTS,
    LIVE,
    NO_DATE,
    ORDERS,
    ROOMS,
    SERVICE,
    own,
    top,
)
from tests.corpus.damage import row

CASES = [
    own(
        "a totals row below",
        DAILY,
        lambda m: row(m, 日期="合计", 播放量="6812"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row above",
        DAILY,
        lambda m: top(m, 日期="总计", 播放量="6812"),
        aside={"totals row": 1},
    ),
    own(
        "a padded totals row",
        DAILY,
        lambda m: row(m, 日期=" 汇总\t", 播放量="6812"),
        aside={"totals row": 1},
    ),
    own(
        "an averages row",
        DAILY,
        lambda m: row(m, 日期="平均值", 播放量="3406"),
        aside={"averages row": 1},
    ),
    own(
        "a subtotal",
        DAILY,
        lambda m: row(m, 日期="小计", 播放量="6812"),
        text=f"{{file}}, row 4, column 日期, cell '小计': {NO_DATE}",
    ),
    own(
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
    own(
        "a totals row of another name",
        SERVICE,
        lambda m: row(m, 客服昵称="合计", 接待会话量="1720"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row in the second column",
        LIVE,
        lambda m: row(m, 日期="合计", 成交金额="14767.80"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row among orders",
        ORDERS,
        lambda m: row(m, 主订单编号="合计", 订单应付金额="2,469.00"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row among materials",
        ADS,
        lambda m: row(m, **{"时间-天": "总计-", "消耗": "868.44"}),
        aside={"totals row": 1},
    ),
    own(
        "a totals row among funds",
        FUNDS,
        lambda m: row(m, 动账时间="合计", 动账金额="2,202.40"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row among hosts",
        HOSTS,
        lambda m: row(m, 主播="合计", 销售额="117,840.00"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row among rooms",
        ROOMS,
        lambda m: row(m, 直播间名称="合计", 成交金额="14767.80"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row in full-width blanks",
        DAILY,
        lambda m: row(m, 日期="\u3000合计\u3000", 播放量="6812"),
        aside={"totals row": 1},
    ),
    own(
        "a totals row with a colon",
        DAILY,
        lambda m: row(m, 日期="合计：", 播放量="6812"),
        text=f"{{file}}, row 4, column 日期, cell '合计：': {NO_DATE}",
    ),
    own(
        "a note below",
        SERVICE,
        lambda m: row(m, 客服昵称="数据更新于次日12点"),
        aside={"note among the rows": 1},
    ),
]
