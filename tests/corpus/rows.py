"""Rows changed: repeated, left out, blank, cut off, out of order."""

from __future__ import annotations

from tests.corpus.changes import (
    ADS,
    DAILY,
    EMPTY,
    FUNDS,
    LIVE,
    ORDERS,
    SERVICE,
    SETTLED,
    STAR,
    TWO,
    WORKS,
    own,
)
from tests.corpus.damage import again, cell
from tests.exports_made import Made

CASES = [
    own(
        "a day of the month before",
        DAILY,
        lambda m: again(m, 日期="2025-04-30"),
        aside={"outside the month": 1},
    ),
    own(
        "a day of the month after",
        DAILY,
        lambda m: again(m, 日期="2025-06-01"),
        aside={"outside the month": 1},
    ),
    own(
        "an order not paid",
        ORDERS,
        lambda m: again(m, 子订单编号="9", 支付完成时间="-"),
        aside={"not paid": 1},
    ),
    own(
        "an order cancelled",
        ORDERS,
        lambda m: again(m, 子订单编号="9", 支付完成时间="-", 订单状态="已关闭"),
        aside={"cancelled before it was paid": 1},
    ),
    own(
        "no time",
        WORKS,
        lambda m: cell(m, "发布时间", "-"),
        text=("{file}, row 3, column 发布时间: " + EMPTY),
    ),
    own(
        "no suborder number",
        ORDERS,
        lambda m: cell(m, "子订单编号", ""),
        text=("{file}, row 3, column 子订单编号: " + EMPTY),
    ),
    own(
        "blank rows between",
        ORDERS,
        lambda m: Made(m.headers, [m.rows[0], [""] * len(m.headers), m.rows[1]]),
        aside={"blank row": 1},
    ),
    own(
        "rows of blanks only",
        ORDERS,
        lambda m: Made(m.headers, [*m.rows, [" "] * len(m.headers), ["\u3000"] * len(m.headers)]),
        aside={"blank row": 2},
    ),
    own(
        "the header again below",
        WORKS,
        lambda m: Made(m.headers, [*m.rows, m.headers]),
        aside={"the header again": 1},
    ),
    own(
        "the same work with other plays",
        WORKS,
        lambda m: again(m, 播放量="35000"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, title 鸡翅的误区 1, published "
            "2025-05-03 18:17:25 stands there twice with other values: plays 34606 and 35000. "
            + TWO
        ),
    ),
    own(
        "the same day with other plays",
        DAILY,
        lambda m: again(m, 播放量="35000"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, day 2025-05-02 00:00:00, metric "
            "播放量 stands there twice with other values: plays 3406 and 35000. " + TWO
        ),
    ),
    own(
        "the same order with another amount",
        ORDERS,
        lambda m: again(m, 订单应付金额="9.90"),
        text=(
            "{file}, row 3 and {file}, row 4: suborder_id 6925050100000000001 stands there "
            "twice with other values: amount 1234.5 and 9.9. " + TWO
        ),
    ),
    own(
        "the same room and day with other sales",
        LIVE,
        lambda m: again(m, 成交金额="1.00"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光好物间, day 2025-05-02 00:00:00 stands "
            "there twice with other values: gmv 7383.9 and 1. " + TWO
        ),
    ),
    own(
        "the same agent with other figures",
        SERVICE,
        lambda m: again(m, 接待会话量="1"),
        text=(
            "{file}, row 3 and {file}, row 4: agent 小晨1 stands there twice with other values: "
            "conversations 860 and 1. " + TWO
        ),
    ),
    own(
        "the same after-sale with another state",
        "shop_aftersales",
        lambda m: again(m, 售后状态="售后关闭"),
        text=(
            "{file}, row 3 and {file}, row 4: aftersale_id 1425050100000000001 stands there "
            "twice with other values: status 同意退款，退款成功 and 售后关闭; "
            "returned True and False. " + TWO
        ),
    ),
    own(
        "the same flow with another amount",
        FUNDS,
        lambda m: again(m, 动账金额="1.00"),
        text=(
            "{file}, row 3 and {file}, row 4: flow_id 7925051200000000001 stands there twice "
            "with other values: amount 1101.2 and 1. " + TWO
        ),
    ),
    own(
        "the same material with other cost",
        ADS,
        lambda m: again(m, 消耗="1.00"),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, day 2025-05-01 00:00:00, "
            "project_id 7202505050000000001, unit_id 7202505051000000001, material_id "
            "7202505057010000001 stands there twice with other values: cost 434.22 and 1. " + TWO
        ),
    ),
    own(
        "the same star order with other plays",
        STAR,
        lambda m: again(m, **{"spread.play": 1}),
        text=(
            "{file}, row 3 and {file}, row 4: account 晨光厨房, order_id 7301234567890100001 "
            "stands there twice with other values: plays 1203344 and 1. " + TWO
        ),
    ),
    own(
        "a buyer told apart by the phone only",
        ORDERS,
        lambda m: again(m, 收件人手机号="139****9999"),
        text=(
            "{file}, row 3 and {file}, row 4: suborder_id 6925050100000000001 stands there "
            "twice with other values: buyer 03e49952379172db and 5bc35b0bfc41914e. " + TWO
        ),
    ),
    own(
        "data where columns should be described",
        SETTLED,
        lambda m: Made(m.headers, m.rows[1:]),
        text=(
            "{file}, row 2: data stands here, where this export describes its columns. To "
            "mend: put back the row under the header, or download the file again."
        ),
    ),
]
