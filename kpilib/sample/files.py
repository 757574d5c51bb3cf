"""Write tables as the platforms do: their headers, units and odd habits.

Header lists come from ``kpilib.exports.formats``; a column that the model does not fill holds what
the platform writes for "nothing here".
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.exports import formats
from kpilib.sample import company
from kpilib.sample.form import Row
from kpilib.sample.live import REFUNDED
from kpilib.sample.writers import Cell, duration, filled, moment, text, xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def work_list(path: Path, works: Sequence[Row], account: str, month: str) -> None:
    """Write the creator centre's list of works: every cell text, rates as fractions."""
    header = list(formats()["creator_works"].headers)
    if month == company.COVER_VARIANT:
        header.insert(header.index("播放量"), "封面点击率")
    if (account, month) == company.NO_COMPLETION:
        header.remove("完播率")
    rows = []
    for work in works:
        values = {
            "作品名称": work["title"],
            "发布时间": moment(work["published"]),
            "体裁": work["genre"],
            "审核状态": work["visible"],
        }
        if work["visible"] == "公开":
            values |= _work_figures(work)
        rows.append([values.get(name, "-") for name in header])
    xlsx(path, header, rows)


def _work_figures(work: Row) -> dict[str, str]:
    counts = {
        "播放量": "plays",
        "点赞量": "likes",
        "分享量": "shares",
        "评论量": "comments",
        "收藏量": "collects",
        "主页访问量": "profile_visits",
        "粉丝增量": "follower_gain",
    }
    rates = {
        "完播率": "completion",
        "5s完播率": "completion_5s",
        "2s跳出率": "bounce_2s",
        "平均播放时长": "avg_play_s",
        "封面点击率": "cover_ctr",
    }
    return {h: str(work[name]) for h, name in counts.items()} | {
        h: f"{work[name]:.6f}" for h, name in rates.items()
    }


def daily(folder: Path, days: Sequence[Row], account: str, month: str) -> None:
    """Write an account's days, one metric a file, under names that say nothing."""
    metrics = {
        "播放量": "plays",
        "封面点击率": "cover_ctr",
        "净增粉丝": "follower_gain",
        "取关粉丝": "unfollows",
        "总粉丝量": "followers_total",
    }
    if (account, month) == company.NO_GAIN_FILE:
        metrics = {h: n for h, n in metrics.items() if h not in ("净增粉丝", "总粉丝量")}
    for number, (header, name) in enumerate(metrics.items()):
        path = folder / ("data.xlsx" if number == 0 else f"data ({number}).xlsx")
        rows = [(str(d["day"]), f"{d[name]:.2%}" if name == "cover_ctr" else d[name]) for d in days]
        xlsx(path, ("日期", header), rows)


def orders(path: Path, lines: Sequence[Row], as_of: str) -> None:
    """Write the shop's order export: 75 columns in GBK, long numbers padded with a tab."""
    header = formats()["shop_orders"].headers
    text(path, header, (filled(header, _order(line, as_of), "-") for line in lines), "gbk")


def _order(line: Row, as_of: str) -> dict[str, Cell]:
    paid, sent = line["paid"], None if line["paid"] is None else line["paid"] + _hours(20)
    done = paid is not None and paid + _hours(240) < np.datetime64(as_of)
    state = "已关闭" if paid is None else "已完成" if done else "已发货"
    province, city, district = line["place"]
    after = line["aftersale"]
    return {
        "主订单编号": line["order_id"] + "\t",
        "子订单编号": line["suborder_id"] + "\t",
        "支付方式": "-" if paid is None else "微信",
        "选购商品": line["product"],
        "商品ID": line["product_id"] + "\t",
        "商品数量": line["quantity"],
        "商品金额": f"{line['price'] * line['quantity']:,.2f}",
        "订单提交时间": moment(line["submitted"]),
        "支付完成时间": moment(paid) or "-",
        "订单完成时间": moment(paid + _hours(240)) if done and after is None else "-",
        "APP渠道": "抖音",
        "订单状态": state,
        "取消原因": line["cancelled"] or "-",
        "售后状态": after or "-",
        "订单类型": "普通订单",
        "发货时间": moment(sent) or "-",
        "订单应付金额": f"{line['amount']:,.2f}",
        "运费": "0.00",
        "优惠总金额": f"{line['coupon']:.2f}",
        "商家优惠": f"店铺券-{line['coupon']:.2f}" if line["coupon"] else "-",
        "收件人": "王李张刘陈杨赵黄"[line["buyer"] % 8] + "**",
        "收件人手机号": f"100{line['buyer']:08d}\t",  # no such number can be dialled
        "省": province,
        "市": city,
        "区": district,
        "街道": "**",
        "详细地址": "****",
        "达人昵称": line["account"],
        "流量体裁": "直播",
    }


def _hours(count: int) -> np.timedelta64:
    return np.timedelta64(count, "h")


def aftersales(path: Path, cases: Sequence[Row]) -> None:
    """Write the shop's after-sale export: 50 columns, with a byte order mark."""
    header = formats()["shop_aftersales"].headers
    rows = []
    for case in cases:
        line = case["line"]
        back = case["status"] == REFUNDED
        values: dict[str, Cell] = {
            "售后单号": case["aftersale_id"] + "\t",
            "订单号": line["order_id"] + "\t",
            "商品单号": line["suborder_id"] + "\t",
            "商品名称": line["product"],
            "商品ID": line["product_id"] + "\t",
            "应付金额（元）": f"{line['amount']:,.2f}",
            "商品运费（元）": "0.00",
            "售后类型": case["type"],
            "退商品金额（元）": f"{case['refund_amount']:,.2f}",
            "售后状态": case["status"],
            "售后申请时间": moment(case["applied"]),
            "退款方式": "原路退回" if back else "-",
            "售后原因": case["reason"],
            "商家退款时间": moment(case["applied"] + _hours(60)) if back else "-",
            "商家退货地址": "****",
            "商家退货联系人姓名": "仓**",
            "商家退货联系人电话": "10000000000\t",
            "仲裁状态": "未申请",
        }
        rows.append(filled(header, values, "-"))
    text(path, header, rows, "utf-8-sig")


def overview(path: Path, sessions: Sequence[Row], cost: Mapping[tuple[str, Any], float]) -> None:
    """Write compass's overview of the rooms' days, with its totals row at the end."""
    header = formats()["compass_live_daily"].headers
    rows = [
        filled(header, _session(s, cost.get((s["account"], s["day"]), 0.0)), "-") for s in sessions
    ]
    sums = {
        h: sum(float(r[header.index(h)] or 0) for r in rows)
        for h in ("直播时长(小时)", "成交订单数", "成交人数", "直播间观看人数", "直播间观看人次")
    }
    total: dict[str, Cell] = {h: round(value, 2) for h, value in sums.items()}
    rows.append(filled(header, {"直播间名称": "合计", "日期": "-"} | total, "-"))
    xlsx(path, header, rows)


def _session(s: Row, cost: float) -> dict[str, Cell]:
    net = s["gmv"] - s["refund_amount"]
    return {
        "直播间名称": s["account"],
        "日期": str(s["day"]),
        "直播时长(小时)": s["hours"],
        "带货商品数": 4,
        "成交金额": f"{s['gmv']:,.2f}",
        "时均GMV": f"{s['gmv'] / s['hours']:,.2f}",
        "有效GMV": f"{net:,.2f}",
        "成交订单数": s["pay_orders"],
        "成交件数": s["pieces"],
        "成交人数": s["pay_users"],
        "直播间退款金额": f"{s['refund_amount']:,.2f}",
        "直播间订单退款人数": s["refund_users"],
        "退款率": f"{s['refund_amount'] / s['gmv']:.2%}" if s["gmv"] else "--",
        "直播间观看人数": s["viewers"],
        "直播间观看人次": s["views"],
        "最高在线人数": s["peak_online"],
        "人均看播时长": duration(s["avg_watch_s"]),
        "评论次数": s["comments"],
        "点赞次数": s["likes"],
        "分享次数": s["shares"],
        "新增粉丝数": s["follower_gain"],
        "商品曝光人数": s["product_impressions"],
        "商品点击人数": s["product_clicks"],
        "观看成交转化率(人数)": f"{s['pay_users'] / s['viewers']:.2%}",
        "投放消耗": f"{cost:,.2f}",
    }


def service(path: Path, rows: Sequence[Row]) -> None:
    """Write the service desk's table with its totals row and its averages row inside."""
    header = formats()["feige_service"].headers
    out = [filled(header, _agent(r), "--") for r in rows]
    names = {
        "接待会话量": "conversations",
        "有效评价数": "reviews",
        "有效好评数": "good_reviews",
        "有效差评数": "bad_reviews",
        "询单人数": "inquiry_users",
        "下单人数": "order_users",
        "支付人数": "inquiry_pay_users",
    }
    sums: dict[str, Cell] = {h: sum(r[n] for r in rows) for h, n in names.items()}
    means: dict[str, Cell] = {
        h: round(sum(r[n] for r in rows) / len(rows), 1) for h, n in names.items()
    }
    known = [r["avg_reply_s"] for r in rows if r["avg_reply_s"] is not None]
    means["全天平响时长"] = duration(round(sum(known) / len(known)))
    means["全天3分钟回复率"] = f"{sum(r['reply_3min'] for r in rows) / len(rows):.1%}"
    out.append(filled(header, {"客服昵称": "店铺汇总值"} | sums, "--"))
    out.append(filled(header, {"客服昵称": "店铺平均值"} | means, "--"))
    xlsx(path, header, out)


def _agent(r: Row) -> dict[str, Cell]:
    return {
        "客服昵称": r["agent"],
        "客服在线天数": 22,
        "接待会话量": r["conversations"],
        "待回复会话量": 0,
        "已接待人数": r["conversations"] - 17,
        "有效评价数": r["reviews"],
        "有效好评数": r["good_reviews"],
        "有效差评数": r["bad_reviews"],
        "全天不满意率": f"{r['bad_reviews'] / r['reviews']:.1%}",
        "全天平响时长": duration(r["avg_reply_s"]),
        "全天首响时长": duration(r["first_reply_s"]),
        "全天3分钟回复率": f"{r['reply_3min']:.1%}",
        "询单人数": r["inquiry_users"],
        "下单人数": r["order_users"],
        "支付人数": r["inquiry_pay_users"],
        "询单转化率": f"{r['inquiry_pay_users'] / r['inquiry_users']:.1%}",
    }


def materials(path: Path, rows: Sequence[Row], room: str) -> None:
    """Write the ad platform's report; the account stands nowhere in it."""
    header = formats()["oceanengine_materials"].headers
    number = tuple(company.ROOMS).index(room) + 1
    fixed: dict[str, Cell] = {
        "项目ID": f"7450000000000000{number:03d}\t",
        "项目名称": f"直播引流_{number}",
        "单元名称": "通投_放量",
        "单元ID": f"7450000000000100{number:03d}\t",
    }
    out = []
    for r in rows:
        values = fixed | {
            "时间-天": str(r["day"]),
            "素材ID": r["material_id"] + "\t",
            "素材名称": r["material"],
            "素材类型": r["material_type"],
            "消耗": f"{r['cost']:.2f}",
            "展示数": r["impressions"],
            "平均千次展现费用(元)": f"{1000 * r['cost'] / r['impressions']:.2f}",
            "点击数": r["clicks"],
            "点击率%": f"{100 * r['clicks'] / r['impressions']:.2f}",
            "平均点击单价(元)": f"{r['cost'] / r['clicks']:.2f}",
            "转化数": r["conversions"],
            "转化率%": f"{100 * r['conversions'] / r['clicks']:.2f}",
        }
        out.append(filled(header, values, "-"))
    text(path, header, out, "utf-8-sig")


def day_after(month: str) -> str:
    """Return the as-of date: the 15th of the following month."""
    first = (np.datetime64(month) + 1).astype("datetime64[D]").astype(dt.date)
    return f"{first:%Y-%m}-15"
