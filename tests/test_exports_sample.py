"""The sample company, read again by other means: the same sums, and every row accounted for."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import openpyxl
import pytest

from kpilib.exports import formats, read_team
from kpilib.exports.headers import normal_header

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
MONTHS = sorted(path.name for path in (SAMPLE / "exports").iterdir())
LAST = MONTHS[-1]


@pytest.fixture(scope="module")
def month():
    return read_team(SAMPLE, LAST)


def plain_rows(path: Path) -> list[dict[str, str]]:
    """Read a file without kpilib: the header is the widest of the first rows."""
    if path.suffix == ".csv":
        raw = path.read_bytes()
        text = raw.decode("gb18030") if raw[:3] != b"\xef\xbb\xbf" else raw.decode("utf-8-sig")
        rows = list(csv.reader(text.splitlines()))
    else:
        sheet = openpyxl.load_workbook(path).worksheets[0]
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    start = max(range(min(5, len(rows))), key=lambda n: (sum(map(bool, rows[n])), -n))
    names = [normal_header(name) for name in rows[start]]
    return [dict(zip(names, row, strict=True)) for row in rows[start + 1 :]]


def total(rows, header: str) -> float:
    """Add up a column in the plainest way, dropping what is no number."""
    texts = [row[normal_header(header)].strip().replace(",", "") for row in rows]
    return sum(float(text) for text in texts if re.fullmatch(r"-?\d+(\.\d+)?", text))


def rows_of(signature: str) -> list[dict[str, str]]:
    found = []
    for path in sorted((SAMPLE / "exports" / LAST).rglob("*.*")):
        if path.suffix in (".csv", ".xlsx"):
            rows = plain_rows(path)
            if rows and normal_header(signature) in rows[0]:
                found += rows
    return found


@pytest.mark.parametrize("name", MONTHS)
def test_every_row_of_every_month_is_used_or_set_aside(name):
    read = read_team(SAMPLE, name)
    files = read.receipt.files
    there = [p for p in (SAMPLE / "exports" / name).rglob("*") if p.is_file()]
    assert (files["rows_in"] == files["used"] + files["set_aside"]).all()
    assert len(files) == len(there) + 7, "the exports, and what the team itself keeps"
    assert files["set_aside"].sum() == read.receipt.set_aside["rows"].sum()
    for table, frame in read.tables.items():
        if table != "account_days":
            used = files[files["file"].isin(frame["file"])]["used"].sum()
            assert used == len(frame), table


def test_works_add_up_to_the_work_lists(month):
    rows = [row for row in rows_of("2s跳出率") if row["发布时间"].startswith(LAST)]
    works = month.tables["works"]
    assert len(works) == len(rows)
    for header, name in (("播放量", "plays"), ("点赞量", "likes"), ("完播率", "completion")):
        assert works[name].sum() == pytest.approx(total(rows, header), rel=1e-12)


def test_orders_add_up_to_the_paid_lines_of_the_order_file(month):
    rows = [row for row in rows_of("主订单编号") if row["支付完成时间"].strip().startswith(LAST)]
    orders = month.tables["orders"]
    assert len(orders) == len(rows)
    assert orders["amount"].sum() == pytest.approx(total(rows, "订单应付金额"), rel=1e-12)
    refunded = sum(row["售后状态"].strip() == "同意退款，退款成功" for row in rows)
    assert orders["returned"].sum() == refunded > 0
    assert orders["buyer"].nunique() == len({(r["收件人"], r["收件人手机号"]) for r in rows})


def test_sessions_add_up_to_the_totals_row_of_the_overview(month):
    rows = rows_of("直播间观看人次")
    (totals,) = [row for row in rows if not re.match(r"\d{4}", row["日期"])]
    sessions = month.tables["sessions"]
    assert len(sessions) == len(rows) - 1
    stated = {"成交订单数": "pay_orders", "直播间观看人数": "viewers", "直播间观看人次": "views"}
    for header, name in stated.items():
        assert sessions[name].sum() == total([totals], header) > 0


def test_no_recipient_phone_or_address_reaches_a_table(month):
    cells = {str(cell) for f in month.tables.values() for cell in f.to_numpy().ravel()}
    rows = rows_of("主订单编号")
    private = {row[name].strip() for row in rows for name in ("收件人手机号", "详细地址")}
    assert len(private) > 100
    assert not cells & private


def test_the_sample_has_no_row_that_is_not_understood(month):
    receipt = month.receipt
    assert receipt.unknown_columns.empty
    assert set(receipt.files["format"]) <= set(formats())
