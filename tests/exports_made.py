"""A team's folder made in a test: small files in the real shape of each format."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

from kpilib.exports import formats

Row = Mapping[str, object]

PERSON = {
    "person": "p001",
    "name": "沈知微",
    "team": "video",
    "role": "编导",
    "account": "晨光厨房",
    "base_pay": "7200",
    "joined": "2022-10-09",
}
WORK = {
    "作品名称": "炸锅鸡翅的五个误区",
    "发布时间": "2025-05-03 18:17:25",
    "体裁": "1min-视频",
    "审核状态": "公开",
    "播放量": "34606",
    "完播率": "0.366807",
    "5s完播率": "0.512345",
    "2s跳出率": "0.223456",
    "平均播放时长": "4.586155",
    "点赞量": "703",
    "分享量": "129",
    "评论量": "92",
    "收藏量": "139",
    "主页访问量": "808",
    "粉丝增量": "-2",
}
ORDER = {
    "主订单编号": "6925050100000005421",
    "子订单编号": "6925050100000005421",
    "商品ID": "3520017761200010002",
    "商品数量": "1",
    "订单应付金额": "1,234.50",
    "订单提交时间": "2025-05-01 18:01:38",
    "支付完成时间": "2025-05-01 18:05:25",
    "订单完成时间": "2025-05-11 18:05:25",
    "订单状态": "已完成",
    "售后状态": "-",
    "达人昵称": "晨光好物间",
    "收件人": "王**",
    "收件人手机号": "138****1234",
    "详细地址": "长安街1号",
}
SESSION = {
    "直播间名称": "晨光好物间",
    "日期": "2025-05-01",
    "直播时长(小时)": "2.5",
    "成交金额": "7383.90",
    "有效GMV": "6567.10",
    "成交订单数": "18",
    "成交人数": "18",
    "直播间观看人数": "341",
    "直播间观看人次": "541",
    "人均看播时长": "2分57秒",
    "商品曝光人数": "242",
    "商品点击人数": "59",
}
SERVICE = {
    "客服昵称": "小晨",
    "接待会话量": "860",
    "已接待人数": "843",
    "有效评价数": "750",
    "有效好评数": "676",
    "有效差评数": "18",
    "全天平响时长": "1分12秒",
    "全天首响时长": "11秒",
    "全天3分钟回复率": "95.3%",
    "询单人数": "450",
    "下单人数": "129",
    "支付人数": "108",
}
MATERIAL = {
    "时间-天": "2025-05-01",
    "项目ID": "7202505050000000001",
    "单元ID": "7202505051000000001",
    "素材ID": "7202505057010000000",
    "素材名称": "图片2",
    "素材类型": "图片",
    "消耗": "434.22",
    "展示数": "16371",
    "点击数": "657",
    "点击率%": "4.01",
    "转化数": "21",
    "转化率%": "3.2",
}
AFTERSALE = {
    "售后单号": "1425050100000005417",
    "订单号": "6925050100000005421",
    "商品单号": "6925050100000005421",
    "售后类型": "退货退款",
    "退商品金额（元）": "1,234.50",
    "售后状态": "同意退款，退款成功",
    "售后申请时间": "2025-05-08 14:18:49",
    "售后原因": "不想要了",
}


class Folder:
    """A team's folder under construction; each writer returns the path under the folder."""

    def __init__(self, root: Path, *people: Row) -> None:
        self.root = root
        (root / "exports" / "2025-05").mkdir(parents=True)
        self.own("people", "people.csv", *(people or (PERSON,)))

    def text(self, name: str, text: str | bytes, encoding: str = "utf-8") -> str:
        """Write any text."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return name

    def own(self, key: str, name: str, *rows: Row) -> str:
        """Write a file of the team's own; absent cells are empty."""
        return self.text(name, as_csv(formats()[key].headers, rows, missing=""))

    def csv(
        self, key: str, name: str, *rows: Row, encoding: str = "utf-8", **kwargs: object
    ) -> str:
        """Write an export of May as csv, with all headers of its format."""
        headers = kwargs.pop("headers", formats()[key].headers)
        text = as_csv(headers, rows, **kwargs)  # type: ignore[arg-type]
        return self.text(f"exports/2025-05/{name}", text, encoding)

    def xlsx(
        self,
        key: str,
        name: str,
        *rows: Row,
        headers: Sequence[str] = (),
        above: Sequence[Sequence[object]] = (),
    ) -> str:
        """Write an export of May as a workbook, with all headers of its format."""
        names = headers or formats()[key].headers
        return self.sheets(
            name, [*above, names, *([row.get(h, "-") for h in names] for row in rows)]
        )

    def sheets(self, name: str, *sheets: Sequence[Sequence[object]]) -> str:
        """Write a workbook of one or more sheets."""
        book = openpyxl.Workbook()
        book.remove(book.active)
        for number, rows in enumerate(sheets, start=1):
            sheet = book.create_sheet(f"Sheet{number}")
            for row in rows:
                sheet.append(list(row))
        path = self.root / "exports/2025-05" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)
        return f"exports/2025-05/{name}"


def as_csv(
    headers: Sequence[str],
    rows: Sequence[Row],
    *,
    missing: str = "-",
    delimiter: str = ",",
    above: Sequence[Sequence[object]] = (),
) -> str:
    """Return rows as csv; a cell that a row does not name is missing."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows(above)
    writer.writerow(headers)
    writer.writerows([row.get(header, missing) for header in headers] for row in rows)
    return out.getvalue()
