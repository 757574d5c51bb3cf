"""Stacked tables: several titled lists in one sheet, each read by its own header."""

from __future__ import annotations

import csv
import io

import pytest

from kpilib.errors import KpiError
from kpilib.exports import read_team
from tests.exports_made import Folder, made, stacked, workbook

SALES = [
    ["排名", "商品", "店铺", "近30天销量", "销售额", "佣金比例"],
    ["1", "鸡胸肉", "晨光", "7.5w~10w", "250w~500w", "20%"],
    ["2", "鸡蛋", "晨光", "5w", "100万", "10%~15%"],
]
CARDS = [["商品标题", "商品卡销售额"], ["蛋糕", "1.2万"]]


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def text(rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def read(folder: Folder):
    return read_team(folder.root, "2025-05")


def refusal(folder: Folder) -> str:
    with pytest.raises(KpiError) as caught:
        read(folder)
    return str(caught.value)


def put(folder: Folder, container: str, rows) -> str:
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    raw = workbook(padded) if container == "xlsx" else text(rows)
    return folder.text(f"exports/2025-05/x.{container}", raw)


@pytest.mark.parametrize("container", ["csv", "xlsx"])
def test_each_titled_table_is_read_by_its_own_header(folder, container):
    lives = made("monitored_lives", 2)
    rows = [["抖音销量榜"], *SALES, [], ["商品卡销量榜"], *CARDS, [], ["直播列表"]]
    file = put(folder, container, [*rows, lives.headers, *lives.rows])
    month = read(folder)
    products = month.tables["monitored_products"]
    assert products["list"].tolist() == ["抖音销量榜"] * 2 + ["商品卡销量榜"]
    assert products["product"].fillna("").tolist() == ["鸡胸肉", "鸡蛋", ""]
    assert products["units_30d_low"].tolist()[:2] == [75000, 45000]
    assert products["card_gmv"].tolist()[2] == 12000
    assert products["row"].tolist() == [3, 4, 8]
    assert len(month.tables["monitored_lives"]) == 2
    files = month.receipt.files.set_index("file")
    parts = [f"{file}#抖音销量榜", f"{file}#商品卡销量榜", f"{file}#直播列表"]
    assert files.loc[parts, "rows_in"].tolist() == [4, 3, 3]
    assert files.loc[parts, "used"].tolist() == [2, 1, 2]


def test_one_list_needs_no_title_and_keeps_the_name_of_its_file(folder):
    file = put(folder, "csv", SALES)
    month = read(folder)
    assert month.tables["monitored_products"]["list"].isna().all()
    assert file in set(month.receipt.files["file"])


def test_lists_without_a_title_or_of_the_same_are_numbered(folder):
    file = put(
        folder, "csv", [*SALES, [], *CARDS, ["榜"], *CARDS[:1], ["饼", "5w"], ["榜"], *SALES]
    )
    names = [f for f in read(folder).receipt.files["file"] if f.startswith(file)]
    assert names == [f"{file}#{n}" for n in ("table 1", "table 2", "榜 3", "榜 4")]


def test_a_number_that_is_anothers_title_is_left_out(folder):
    file = put(folder, "csv", [["榜"], *SALES, ["榜"], *CARDS, ["榜 2"], *CARDS[:1], ["饼", "5w"]])
    names = [f for f in read(folder).receipt.files["file"] if f.startswith(file)]
    assert names == [f"{file}#{n}" for n in ("榜 1", "榜 2", "榜 3")]


def test_a_stack_of_too_many_cells_is_refused_before_it_is_held(folder):
    """A file of commas is nothing but cells: each byte of it took a text and its place."""
    file = put(folder, "csv", [*SALES, *[[""] * 500_000] * 11])
    assert refusal(folder) == (
        f"{file}: more than 5,000,000 cells in a sheet of titled tables. "
        "To mend: download each table by itself."
    )


def test_notes_under_a_list_are_counted(folder):
    file = put(folder, "csv", [["榜"], *SALES, [], ["数据来源：蝉妈妈"]])
    month = read(folder)
    assert len(month.tables["monitored_products"]) == 2
    rows = month.receipt.set_aside
    reasons = rows[rows["file"] == file].set_index("reason")["rows"].to_dict()
    assert reasons == {"row above the header": 1, "row under the table": 2}


def test_a_title_above_no_known_header_is_refused(folder):
    file = put(folder, "csv", [["榜"], *SALES, ["新榜"], ["热度", "指数"], ["1", "2"]])
    assert refusal(folder) == (
        f"{file}, row 5: under the line '新榜' stands no header of a known format. "
        "To mend: download each table by itself, or take this one out."
    )


def test_the_maker_of_stacks_makes_what_is_read(folder):
    put(
        folder,
        "xlsx",
        stacked(("甲榜", made("chanmama_products", 2)), ("乙榜", made("chanmama_products"))),
    )
    assert read(folder).tables["monitored_products"]["list"].value_counts().to_dict() == {
        "甲榜": 2,
        "乙榜": 3,
    }
