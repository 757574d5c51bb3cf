"""Reading a month: tables right to the cell, every row used or set aside, faults in words."""

from __future__ import annotations

import hashlib
import json
import math

import numpy as np
import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.exports import formats, read_team, table_columns
from tests.exports_made import (
    AFTERSALE,
    MATERIAL,
    ORDER,
    PERSON,
    SERVICE,
    SESSION,
    WORK,
    Folder,
    as_csv,
)

ACCOUNT = "晨光厨房"
SHORTER = formats()["shop_orders"].variants["73 columns"]


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def read(folder: Folder, **kwargs):
    return read_team(folder.root, "2025-05", **kwargs)


def refusal(folder: Folder, **kwargs) -> str:
    with pytest.raises(KpiError) as caught:
        read(folder, **kwargs)
    return str(caught.value)


def aside(month) -> dict[str, int]:
    return month.receipt.set_aside.groupby("reason")["rows"].sum().to_dict()


# --- each format to its table


def test_a_work_list_becomes_works(folder):
    file = folder.xlsx("creator_works", "2025-06-15/x.xlsx", WORK)
    (work,) = read(folder).tables["works"].to_dict("records")
    assert pd.isna(work.pop("cover_ctr"))
    assert work == {
        "account": ACCOUNT,
        "title": "炸锅鸡翅的五个误区",
        "published": pd.Timestamp("2025-05-03 18:17:25"),
        "genre": "1min-视频",
        "visible": "公开",
        "plays": 34606,
        "completion": 0.366807,
        "completion_5s": 0.512345,
        "bounce_2s": 0.223456,
        "avg_play_s": 4.586155,
        "likes": 703,
        "shares": 129,
        "comments": 92,
        "collects": 139,
        "profile_visits": 808,
        "follower_gain": -2,
        "preheat": False,
        "file": file,
        "row": 2,
    }


def test_a_preheat_work_carries_its_tag(folder):
    folder.xlsx("creator_works", "x.xlsx", WORK | {"作品名称": "今晚八点见 #直播预热"})
    assert read(folder).tables["works"]["preheat"].tolist() == [True]


def test_the_cover_rate_of_the_longer_work_list_is_read(folder):
    headers = (*WORK, "封面点击率")
    folder.xlsx("creator_works", "x.xlsx", WORK | {"封面点击率": "0.25"}, headers=headers)
    assert read(folder).tables["works"]["cover_ctr"].tolist() == [0.25]


def test_daily_files_of_one_metric_are_joined_by_day(folder):
    names = {"播放量": 100, "净增粉丝": -3, "封面点击率": "25.00%"}
    files = [
        folder.sheets(f"{number}.xlsx", [("日期", metric), ("2025-05-02", value)])
        for number, (metric, value) in enumerate(names.items())
    ]
    (day,) = read(folder).tables["account_days"].to_dict("records")
    assert (day["account"], day["day"]) == (ACCOUNT, pd.Timestamp("2025-05-02"))
    assert (day["plays"], day["follower_gain"], day["cover_ctr"]) == (100, -3, 0.25)
    assert math.isnan(day["likes"])
    assert day["file"] == " + ".join(files)


def test_orders_lose_what_is_private_and_keep_a_pseudonym(folder):
    folder.csv("shop_orders", "x.csv", ORDER, encoding="gb18030")
    orders = read(folder).tables["orders"]
    digest = hashlib.sha256("王**\x1f138****1234".encode()).hexdigest()[:16]
    assert orders["buyer"].tolist() == [digest]
    assert list(orders.columns) == [*table_columns()["orders"], "file", "row"]
    text = orders.to_csv()
    assert not any(word in text for word in ("王**", "138****1234", "长安街"))
    assert orders["order_id"].tolist() == ["6925050100000005421"]
    assert orders["amount"].tolist() == [1234.5]
    assert orders["day"].tolist() == [pd.Timestamp("2025-05-01")]
    assert orders["returned"].tolist() == [False]


@pytest.mark.parametrize(
    "cells",
    [
        {"收件人手机号": "-"},
        {"收件人手机号": "***********"},
        {"收件人手机号": "138***"},
        {"收件人": "-"},
    ],
)
def test_a_buyer_who_cannot_be_told_apart_is_unknown(folder, cells):
    folder.csv("shop_orders", "x.csv", ORDER | cells)
    orders = read(folder).tables["orders"]
    assert orders["buyer"].isna().tolist() == [True]
    assert orders["repeat"].isna().tolist() == [True]


def test_the_73_column_export_gives_the_same_order(folder):
    folder.csv("shop_orders", "x.csv", ORDER, headers=SHORTER)
    one = read(folder).tables["orders"].drop(columns=["file"])
    folder.csv("shop_orders", "x.csv", ORDER)
    pd.testing.assert_frame_equal(one, read(folder).tables["orders"].drop(columns=["file"]))


def test_both_order_exports_may_stand_in_one_month(folder):
    unpaid = ORDER | {"子订单编号": "3", "支付完成时间": "-"}
    one = folder.csv("shop_orders", "a.csv", ORDER)
    other = folder.csv("shop_orders", "b.csv", ORDER | {"子订单编号": "2"}, unpaid, headers=SHORTER)
    month = read(folder)
    used = month.receipt.files.set_index("file")[["used", "set_aside"]]
    assert used.loc[[one, other]].to_numpy().tolist() == [[1, 0], [1, 1]]
    assert month.tables["orders"]["file"].tolist() == [one, other]


@pytest.mark.parametrize(
    ("state", "returned"),
    [
        ("-", False),
        ("同意退款，退款成功", True),
        ("售后关闭", False),
        ("换货成功", False),
        ("别的", pd.NA),
    ],
)
def test_an_order_is_returned_when_the_money_went_back(folder, state, returned):
    folder.csv("shop_orders", "x.csv", ORDER | {"售后状态": state})
    assert read(folder).tables["orders"]["returned"].tolist() == [returned]


def test_an_export_without_the_after_sale_column_does_not_say_that_nothing_came_back(folder):
    headers = [h for h in formats()["shop_orders"].headers if h != "售后状态"]
    folder.csv("shop_orders", "x.csv", ORDER, headers=headers)
    assert read(folder).tables["orders"]["returned"].isna().tolist() == [True]


def test_a_repeated_buyer_has_bought_on_an_earlier_day(folder):
    def order(number, day, phone):
        return ORDER | {
            "子订单编号": str(number),
            "支付完成时间": f"{day} 10:00:00",
            "收件人手机号": phone,
        }

    old, new = "13800001111", "13900002222"
    earlier = as_csv(formats()["shop_orders"].headers, [order(1, "2025-04-30", old)])
    folder.text("exports/2025-04/any.csv", earlier)
    rows = [order(2, "2025-05-01", old), order(3, "2025-05-01", new)]
    rows += [order(4, "2025-05-01", new), order(5, "2025-05-02", new)]
    folder.csv("shop_orders", "x.csv", *rows)
    assert read(folder).tables["orders"]["repeat"].tolist() == [True, False, False, True]


def test_an_earlier_export_that_runs_into_this_month_makes_no_repeat(folder):
    late = as_csv(
        formats()["shop_orders"].headers, [ORDER | {"支付完成时间": "2025-05-03 10:00:00"}]
    )
    folder.text("exports/2025-04/any.csv", late)
    folder.csv("shop_orders", "x.csv", ORDER)
    assert read(folder).tables["orders"]["repeat"].tolist() == [False]


def test_an_earlier_month_that_cannot_be_read_is_a_doubt(folder):
    folder.text("exports/2025-04/any.csv", "")
    folder.csv("shop_orders", "x.csv", ORDER)
    month = read(folder)
    found = month.receipt.findings.set_index("kind").loc["repeat"]
    assert found["where"] == "exports/2025-04/any.csv"
    assert found["problem"] == (
        "the orders of 2025-04 cannot be read, so a buyer may seem new: the file is empty."
    )


def test_a_payment_of_an_earlier_month_that_cannot_be_read_is_a_doubt(folder):
    """All times of a column are unknown where one cannot be read: every buyer would seem new."""
    good = ORDER | {"支付完成时间": "2025-04-03 10:00:00"}
    bad = ORDER | {"支付完成时间": "2025-04-31 10:00:00", "子订单编号": "2"}
    text = as_csv(formats()["shop_orders"].headers, [good, bad, bad | {"子订单编号": "3"}])
    folder.text("exports/2025-04/any.csv", text)
    folder.csv("shop_orders", "x.csv", ORDER)
    found = read(folder).receipt.findings.set_index("kind").loc["repeat"]
    assert found["where"] == (
        "exports/2025-04/any.csv, row 3, column 支付完成时间, cell '2025-04-31 10:00:00'"
    )
    assert found["problem"] == (
        "the orders of 2025-04 cannot be read, so a buyer may seem new: there is no such date."
    )


def test_an_earlier_month_that_names_no_buyers_is_a_doubt(folder):
    headers = [h for h in formats()["shop_orders"].headers if h not in ("收件人", "收件人手机号")]
    text = as_csv(headers, [ORDER | {"支付完成时间": "2025-04-03 10:00:00"}])
    file = folder.text("exports/2025-04/any.csv", text)
    folder.csv("shop_orders", "x.csv", ORDER)
    found = read(folder).receipt.findings.set_index("kind").loc["repeat"]
    assert found["where"] == file
    assert found["problem"] == (
        "the orders of 2025-04 cannot be read, so a buyer may seem new: no column names the buyers."
    )
    folder.csv("shop_orders", "x.csv", ORDER, headers=headers)  # then nobody is new or old
    assert "repeat" not in read(folder).receipt.findings["kind"].tolist()


def test_after_sales_are_read(folder):
    folder.csv("shop_aftersales", "x.csv", AFTERSALE, encoding="utf-8-sig")
    (row,) = read(folder).tables["aftersales"].to_dict("records")
    assert row["refund_amount"] == 1234.5
    assert row["applied"] == pd.Timestamp("2025-05-08 14:18:49")
    assert row["status"] == "同意退款，退款成功"
    assert "returned" not in row


def test_sessions_are_read_in_seconds_yuan_and_counts(folder):
    folder.xlsx("compass_live_daily", "x.xlsx", SESSION)
    (row,) = read(folder).tables["sessions"].to_dict("records")
    assert (row["live_s"], row["avg_watch_s"]) == (9000, 177)
    assert (row["viewers"], row["views"], row["gmv"]) == (341, 541, 7383.9)
    assert math.isnan(row["ad_cost"])


def test_service_rows_are_people_and_the_shop_rows_are_not(folder):
    shop = SERVICE | {"客服昵称": "店铺汇总值", "全天3分钟回复率": "-"}
    folder.xlsx("feige_service", "x.xlsx", SERVICE, shop, SERVICE | {"客服昵称": "店铺平均值"})
    month = read(folder)
    (row,) = month.tables["service"].to_dict("records")
    assert (row["agent"], row["avg_reply_s"], row["first_reply_s"]) == ("小晨", 72, 11)
    assert row["reply_3min"] == 0.953
    assert aside(month) == {"totals row": 1, "averages row": 1}


def test_materials_take_their_account_from_the_folder(folder):
    folder.own("people", "people.csv", PERSON, PERSON | {"person": "p2", "account": "山野装备屋"})
    folder.csv("oceanengine_materials", "2025-06-15/山野装备屋/report.csv", MATERIAL)
    (row,) = read(folder).tables["ads"].to_dict("records")
    assert row["account"] == "山野装备屋"
    assert (row["cost"], row["impressions"], row["clicks"]) == (434.22, 16371, 657)
    assert row["material_id"] == "7202505057010000000"


def test_the_teams_own_files_are_read(folder):
    folder.csv(
        "creator_daily", "x.csv", {"日期": "2025-05-01", "播放量": "1"}, headers=("日期", "播放量")
    )
    credit = {"kind": "work", "name": "a", "at": "2025-05-01 10:00:00", "person": "p001"}
    folder.own(
        "credits",
        "credits.csv",
        credit | {"role": "编导", "share": "0.4"},
        credit | {"kind": "material", "at": ""},
    )
    plan = {"month": "2025-05", "person": "p001", "indicator": "gmv_completion", "target": "60000"}
    folder.own("plans", "plans.csv", plan, plan | {"month": "2025-04"})
    rating = {"month": "2025-05", "rater": "p1", "ratee": "p2", "relation": "peer", "item": "x"}
    folder.own("ratings", "ratings/2025-05.csv", rating | {"score": "3", "comment": "=1+1 <b>"})
    task = {"task": "t1", "person": "p001", "kind": "edit", "submitted": "2025-05-01 09:00:00"}
    done = task | {"delivered": "2025-05-02 10:30:00", "adopted": "yes", "met": ""}
    folder.own("tasks", "tasks/2025-05.csv", done)
    month = read(folder)
    assert month.tables["people"]["base_pay"].tolist() == [7200]
    assert month.tables["people"]["left"].isna().all()
    assert month.tables["credits"]["share"].tolist()[0] == 0.4
    assert month.tables["credits"]["at"].isna().tolist() == [False, True]
    assert month.tables["plans"]["month"].tolist() == ["2025-05"]
    assert month.tables["ratings"]["comment"].tolist() == ["=1+1 <b>"]
    assert month.tables["tasks"]["hours"].tolist() == [25.5]
    assert month.tables["tasks"]["adopted"].tolist() == [True]
    assert month.tables["tasks"]["met"].isna().all()
    assert month.receipt.findings["kind"].tolist() == ["as_of_unknown", "days"]


def test_every_table_is_there_with_its_columns_and_types_even_when_empty(folder):
    folder.csv("creator_daily", "x.csv", headers=("日期", "播放量"))
    month = read(folder)
    full = set(table_columns())
    assert set(month.tables) == full
    for table, frame in month.tables.items():
        assert list(frame.columns) == [*table_columns()[table], "file", "row"]
    assert month.tables["orders"]["paid"].dtype == "datetime64[us]"
    assert month.tables["orders"]["repeat"].dtype == "boolean"
    assert month.tables["works"]["plays"].dtype == "float64"
    assert month.tables["works"]["title"].dtype == "str"


# --- how a file is found and opened


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_receipt_says_which_encoding_was_found(folder, encoding):
    folder.csv("compass_live_daily", "任意名字.CSV", SESSION, encoding=encoding)
    files = read(folder).receipt.files.set_index("format")
    assert files.loc["compass_live_daily", "encoding"] == encoding


def test_rare_hanzi_survive_gb18030(folder):
    folder.csv(
        "compass_live_daily", "x.csv", SESSION | {"直播间名称": "𠮷野家"}, encoding="gb18030"
    )
    assert read(folder).tables["sessions"]["account"].tolist() == ["𠮷野家"]


def test_tabs_separate_too_and_pad_cells(folder):
    row = ORDER | {"子订单编号": "\t6925050100000005421"}
    folder.csv("shop_orders", "x.csv", row)
    padded = read(folder).tables["orders"]
    folder.csv("compass_live_daily", "x.tsv", SESSION, delimiter="\t")
    assert padded["suborder_id"].tolist() == ["6925050100000005421"]
    assert len(read(folder).tables["sessions"]) == 1


def test_markup_and_formulas_in_names_are_plain_data(folder):
    names = ["=HYPERLINK(1)", "<b>粗</b>", "+1", "@x", "-", "a\nb", 'a"b,c']
    rows = [WORK | {"作品名称": name} for name in names]
    folder.csv("creator_works", "x.csv", *rows)
    assert read(folder).tables["works"]["title"].tolist()[:4] == names[:4]
    assert read(folder).tables["works"]["title"].isna().tolist()[4]
    assert read(folder).tables["works"]["title"].tolist()[5:] == names[5:]


def test_a_workbook_formula_is_not_evaluated(folder):
    # what a program saved beside a formula may be old or missing, and no platform writes any
    file = folder.xlsx("creator_works", "x.xlsx", WORK | {"播放量": "=1+1"})
    assert refusal(folder) == (
        f"{file}: xl/worksheets/sheet1.xml holds formulas, which kpilib never works out. To mend: "
        "download it again: a platform writes values; or paste your own as values."
    )


def test_typed_cells_of_a_workbook_are_read_like_text(folder):
    typed = {
        "直播时长(小时)": 2.5,
        "成交金额": 7383.9,
        "成交人数": 18,
        "日期": pd.Timestamp("2025-05-01"),
    }
    folder.xlsx("compass_live_daily", "x.xlsx", SESSION | typed)
    typed_frame = read(folder).tables["sessions"]
    folder.xlsx("compass_live_daily", "x.xlsx", SESSION)
    pd.testing.assert_frame_equal(typed_frame, read(folder).tables["sessions"])


def test_an_id_that_a_workbook_holds_as_a_number_is_refused(folder):
    file = folder.xlsx("shop_orders", "x.xlsx", ORDER | {"子订单编号": 6925050100000005421})
    assert refusal(folder) == (
        f"{file}, row 2, column 子订单编号, cell '6.925050100000005e+18': an id that came as a "
        "number above 2^53: its last digits are lost. To mend: download the export again; in a "
        "spreadsheet, format this column as text first."
    )


def test_notice_rows_and_blank_rows_are_counted(folder):
    text = "最多导出一千行\n\n" + as_csv(formats()["compass_live_daily"].headers, [SESSION]) + "\n"
    folder.text("exports/2025-05/x.csv", text)
    month = read(folder)
    assert month.tables["sessions"]["row"].tolist() == [4]
    assert aside(month) == {"row above the header": 1, "blank row": 2}
    files = month.receipt.files.set_index("format").loc["compass_live_daily"]
    assert files[["rows_in", "used", "set_aside"]].tolist() == [4, 1, 3]


def test_two_sheets_of_one_workbook_are_two_files_of_the_receipt(folder):
    headers = formats()["compass_live_daily"].headers
    row = [SESSION.get(h, "-") for h in headers]
    file = folder.sheets("x.xlsx", [headers, row], [["说明"], ["见官网"]])
    month = read(folder)
    files = month.receipt.files[["file", "rows_in", "used", "set_aside"]].to_numpy().tolist()
    assert files[:2] == [[f"{file}#Sheet1", 1, 1, 0], [f"{file}#Sheet2", 2, 0, 2]]
    assert aside(month) == {"sheet of no known format": 2}
    assert "sheet_unread" in month.receipt.findings["kind"].tolist()


# --- accounts and as-of dates


def two_accounts(folder: Folder) -> None:
    folder.own("people", "people.csv", PERSON, PERSON | {"person": "p2", "account": "七号工具间"})


def test_a_file_without_an_account_needs_its_folder(folder):
    two_accounts(folder)
    file = folder.xlsx("creator_works", "x.xlsx", WORK)
    assert refusal(folder) == (
        f"{file}: no column and no folder says of which account this is. "
        "To mend: put it into a folder named like its account, as 七号工具间/x.xlsx."
    )


def test_a_folder_that_is_no_account_is_refused_with_the_nearest(folder):
    two_accounts(folder)
    file = folder.xlsx("creator_works", "2025-06-15/晨光厨坊/x.xlsx", WORK)
    assert refusal(folder) == (
        f"{file}: the folder 晨光厨坊 is no account of people.csv; the nearest is 晨光厨房. "
        "To mend: put it into a folder named like its account, as 晨光厨房/x.xlsx."
    )


def test_two_account_folders_contradict_each_other(folder):
    two_accounts(folder)
    file = folder.xlsx("creator_works", "七号工具间/晨光厨房/x.xlsx", WORK)
    assert refusal(folder) == (
        f"{file}: two folders state the account: 七号工具间 and 晨光厨房. "
        "To mend: keep the one that is right."
    )


def test_of_several_accounts_none_is_guessed_even_if_the_others_are_rooms_and_agents(folder):
    folder.own(
        "people", "people.csv", PERSON, PERSON | {"person": "p2", "account": "晨光好物间"},
        PERSON | {"person": "p3", "account": "小晨"},
    )  # fmt: skip
    folder.xlsx("compass_live_daily", "a.xlsx", SESSION)
    folder.xlsx("feige_service", "b.xlsx", SERVICE)
    file = folder.xlsx("creator_works", "c.xlsx", WORK)
    assert refusal(folder) == (
        f"{file}: no column and no folder says of which account this is. To mend: put it into a "
        "folder named like its account, as 小晨/c.xlsx."
    )
    (folder.root / file).unlink()
    folder.xlsx("creator_works", f"{ACCOUNT}/c.xlsx", WORK)
    assert read(folder).tables["works"]["account"].tolist() == [ACCOUNT]


def test_folder_names_are_compared_as_written_on_any_disk(folder):
    folder.own("people", "people.csv", PERSON | {"account": "Café"}, PERSON | {"person": "p2"})
    folder.xlsx("creator_works", "Cafe\u0301/x.xlsx", WORK)
    assert read(folder).tables["works"]["account"].tolist() == ["Café"]


@pytest.mark.parametrize(
    ("days", "chosen"),
    [
        (["2025-06-10", "2025-06-15", "2025-06-20"], "2025-06-15"),
        (["2025-06-10", "2025-06-14", "2025-06-20"], "2025-06-14"),
        (["2025-06-18", "2025-06-20"], "2025-06-18"),
        (["", "2025-06-20"], "2025-06-20"),
    ],
)
def test_the_as_of_day_decides_which_export_counts(folder, days, chosen):
    for number, day in enumerate(days):
        folder.xlsx("creator_works", f"{day}/x.xlsx".lstrip("/"), WORK | {"播放量": str(number)})
    month = read(folder)
    assert month.tables["works"]["plays"].tolist() == [days.index(chosen)]
    assert aside(month) == {"another as-of date is read": len(days) - 1}


def test_an_export_without_a_row_of_the_month_does_not_count_as_the_latest(folder):
    folder.xlsx("creator_works", "2025-06-10/x.xlsx", WORK)
    folder.xlsx("creator_works", "2025-06-15/x.xlsx", WORK | {"发布时间": "2025-06-02 10:00:00"})
    month = read(folder)
    assert month.tables["works"]["plays"].tolist() == [34606]
    assert aside(month) == {"outside the month": 1}


def test_each_account_has_its_own_as_of_date(folder):
    two_accounts(folder)
    folder.xlsx("creator_works", "2025-06-10/七号工具间/x.xlsx", WORK)
    folder.xlsx("creator_works", "2025-06-10/晨光厨房/x.xlsx", WORK | {"播放量": "1"})
    folder.xlsx("creator_works", "2025-06-15/晨光厨房/x.xlsx", WORK | {"播放量": "2"})
    works = read(folder).tables["works"].set_index("account")
    assert works["plays"].to_dict() == {"七号工具间": 34606, "晨光厨房": 2}


def test_the_as_of_day_is_an_option_and_the_last_day_of_a_short_month_counts(folder):
    folder.xlsx("creator_works", "2025-06-20/x.xlsx", WORK)
    folder.xlsx("creator_works", "2025-06-30/x.xlsx", WORK | {"播放量": "2"})
    assert read(folder, as_of_day=31).tables["works"]["plays"].tolist() == [2]
    assert read(folder, as_of_day=20).tables["works"]["plays"].tolist() == [34606]


@pytest.mark.parametrize(
    ("day", "kind", "problem"),
    [
        ("", "as_of_unknown", "as-of date unknown: 1 of 1 files."),
        ("2025-06-14/", "as_of_early", "taken before the as-of day 2025-06-15: 1 of 1 files."),
        ("2025-06-16/", "as_of_late", "taken after the as-of day 2025-06-15: 1 of 1 files."),
    ],
)
def test_an_export_of_another_day_is_doubted(folder, day, kind, problem):
    file = folder.xlsx("creator_works", f"{day}x.xlsx", WORK)
    found = read(folder).receipt.findings.set_index("kind").loc[kind]
    assert (found["where"], found["problem"], found["rows"]) == (file, problem, 1)


def test_folders_that_state_no_day_or_two_are_refused(folder):
    file = folder.xlsx("creator_works", "2025-06-31/x.xlsx", WORK)
    assert refusal(folder) == (
        f"{file}: the folder 2025-06-31 is no day. To mend: name it like the day of the export."
    )
    (folder.root / file).unlink()
    file = folder.xlsx("creator_works", "2025-06-15/2025-06-16/x.xlsx", WORK)
    assert refusal(folder) == (
        f"{file}: two folders state the as-of date: 2025-06-15 and 2025-06-16. "
        "To mend: keep the one that is right."
    )


# --- rows


def test_rows_outside_the_month_are_set_aside(folder):
    times = [
        "2025-04-30 23:59:59",
        "2025-05-01 00:00:00",
        "2025-05-31 23:59:59",
        "2025-06-01 00:00:00",
    ]
    folder.xlsx("creator_works", "x.xlsx", *(WORK | {"发布时间": time} for time in times))
    month = read(folder)
    assert month.tables["works"]["published"].astype(str).tolist() == times[1:3]
    assert aside(month) == {"outside the month": 2}


def test_only_paid_orders_count(folder):
    rows = [
        ORDER | {"子订单编号": "1"},
        ORDER | {"子订单编号": "2", "支付完成时间": "-", "订单状态": "待支付"},
        ORDER | {"子订单编号": "3", "支付完成时间": "-", "订单状态": "已关闭"},
        ORDER | {"子订单编号": "4", "支付完成时间": "-", "取消原因": "不想要了"},
        ORDER | {"子订单编号": "5", "支付完成时间": "2025-06-01 00:00:00"},
    ]
    folder.csv("shop_orders", "x.csv", *rows)
    month = read(folder)
    assert month.tables["orders"]["suborder_id"].tolist() == ["1"]
    assert aside(month) == {
        "not paid": 1,
        "cancelled before it was paid": 2,
        "outside the month": 1,
    }


def test_the_same_row_again_counts_once(folder):
    folder.xlsx("creator_works", "a.xlsx", WORK, WORK)
    folder.xlsx("creator_works", "b (1).xlsx", WORK)
    month = read(folder)
    assert len(month.tables["works"]) == 1
    assert aside(month) == {"the same row again": 2}


def test_the_same_key_with_other_values_is_an_error_that_shows_both(folder):
    one = folder.xlsx("creator_works", "a.xlsx", WORK)
    other = folder.xlsx("creator_works", "b.xlsx", WORK | {"播放量": "40000", "点赞量": "-"})
    assert refusal(folder) == (
        f"{one}, row 2 and {other}, row 2: account 晨光厨房, title 炸锅鸡翅的五个误区, published "
        "2025-05-03 18:17:25 stands there twice with other values: plays 34606 and 40000; likes "
        "703 and nothing. To mend: keep the row that is right and take the other out."
    )


def test_two_works_may_share_a_title(folder):
    folder.xlsx("creator_works", "a.xlsx", WORK, WORK | {"发布时间": "2025-05-04 10:00:00"})
    assert len(read(folder).tables["works"]) == 2


def test_an_error_never_shows_a_name_or_pay(folder):
    folder.csv("compass_live_daily", "x.csv", SESSION)
    folder.own("people", "people.csv", PERSON, PERSON | {"name": "别名", "base_pay": "9999"})
    assert refusal(folder) == (
        "people.csv, row 2 and people.csv, row 3: person p001, role 编导 stands there twice with "
        "other values: name; base_pay. To mend: keep the row that is right and take the other out."
    )
    folder.own("people", "people.csv", PERSON | {"base_pay": "72oo"})
    assert refusal(folder) == (
        "people.csv, row 2, column base_pay: this is not an amount in yuan. "
        "To mend: write it as 1234.50 or ¥1,234.50."
    )


def test_a_cell_that_means_everything_may_not_be_empty(folder):
    file = folder.csv("shop_orders", "x.csv", *[ORDER | {"子订单编号": "-"}] * 2)
    assert refusal(folder) == (
        f"{file}, row 2, column 子订单编号: the cell is empty, and the row means nothing without "
        "it. So is it in 1 more. To mend: fill the cell, or take the row out if it is no data."
    )


def test_mixed_scales_are_an_error_that_names_the_cell(folder):
    rows = [
        WORK | {"完播率": rate, "发布时间": f"2025-05-0{day} 10:00:00"}
        for day, rate in enumerate(["0.36", "36.6807", "40"], 1)
    ]
    file = folder.xlsx("creator_works", "x.xlsx", *rows)
    assert refusal(folder) == (
        f"{file}, row 3, column 完播率, cell '36.6807': above 1 in a column of fractions: two "
        "scales are mixed. So is 1 more in this column. To mend: give the whole column in "
        "fractions from 0 to 1, as it was first downloaded."
    )


def test_ranges_and_rounded_figures_keep_their_bounds(folder):
    rows = [
        SESSION | {"直播间观看人次": "1.2万"},
        SESSION | {"日期": "2025-05-02", "直播间观看人次": "7.5w~10w"},
    ]
    folder.csv("compass_live_daily", "x.csv", *rows)
    month = read(folder)
    sessions = month.tables["sessions"]
    np.testing.assert_array_equal(sessions["views"], [12000, np.nan])
    assert sessions["views_low"].tolist() == [11500, 75000]
    assert sessions["views_high"].tolist() == [12500, 100000]
    found = month.receipt.findings.set_index("kind").loc["range"]
    assert found["problem"] == "views is a range, so its value is unknown: 1 of 2 rows."


def test_all_faults_of_a_month_stand_in_one_error(folder):
    one = folder.text("exports/2025-05/a.csv", "x,y\n1,2\n")
    other = folder.text("exports/2025-05/b.csv", "")
    (folder.root / "people.csv").unlink()
    assert refusal(folder) == (
        "exports/2025-05: 3 faults:\n"
        f"- {one}: no header of a known format stands in the first five rows. To mend: download "
        "it again from the platform with all its columns; if the platform has renamed one, enter "
        "it in kpilib/exports/formats.yaml.\n"
        f"- {other}: the file is empty. To mend: download it again from the platform.\n"
        "- people.csv: there is no such file. To mend: write it with the columns person, name, "
        "team, role, account, base_pay, joined, left.\n"
        " To mend: mend each of them."
    )


def test_own_files_stand_at_their_place_and_exports_do_not(folder):
    text = as_csv(formats()["ratings"].headers, [])
    file = folder.text("exports/2025-05/360.csv", text)
    assert refusal(folder) == (
        f"{file}: this is ratings/2025-05.csv, among the exports. "
        "To mend: move it to ratings/2025-05.csv."
    )
    (folder.root / file).unlink()
    folder.csv("compass_live_daily", "x.csv", SESSION)
    folder.text("plans.csv", text)
    assert refusal(folder) == (
        "plans.csv: this is ratings/<month>.csv, not plans.csv. "
        "To mend: write here the columns month, person, indicator, target."
    )


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"month": "2025-5"}, "month '2025-5': this is not a month. To mend: write it as 2025-05."),
        ({"as_of_day": 0}, "as_of_day 0: this is not a day of a month. To mend: give 1 to 31."),
        (
            {"month": "2025-07"},
            "{root}: there is no folder exports/2025-07; there are 2025-05. "
            "To mend: put the month's exports there, or name another month.",
        ),
        (
            {"data": "/nowhere"},
            "/nowhere: there is no such folder. To mend: name a folder that has people.csv.",
        ),
    ],
)
def test_a_wrong_argument_is_named(folder, kwargs, text):
    with pytest.raises(KpiError) as caught:
        read_team(**({"data": folder.root, "month": "2025-05"} | kwargs))
    assert str(caught.value) == text.format(root=folder.root)


def test_an_empty_folder_is_an_error(folder):
    assert refusal(folder) == (
        "exports/2025-05: there is no file in this folder. To mend: put the month's exports there."
    )


def test_reading_again_gives_equal_tables_and_a_changed_file_is_read_anew(folder):
    file = folder.csv("compass_live_daily", "x.csv", SESSION)
    first = read(folder).tables["sessions"]
    again = read(folder).tables["sessions"]
    pd.testing.assert_frame_equal(first, again)
    again.loc[0, "gmv"] = 0.0
    assert read(folder).tables["sessions"]["gmv"].tolist() == [7383.9]
    text = (folder.root / file).read_text(encoding="utf-8")
    folder.text(file, text.replace("7383.90", "17383.90"))
    assert read(folder).tables["sessions"]["gmv"].tolist() == [17383.9]


def test_the_receipt_carries_the_hash_of_each_file(folder):
    file = folder.csv("compass_live_daily", "x.csv", SESSION)
    files = read(folder).receipt.files.set_index("file")
    digest = hashlib.sha256((folder.root / file).read_bytes()).hexdigest()
    assert files.loc[file, "sha256"] == digest
    assert json.loads(files["rows_in"].to_json()) == {file: 1, "people.csv": 1}
