"""Doubts: what the receipt says to look at, each with its rows and remedy."""

from __future__ import annotations

import pytest

from kpilib.errors import KpiError
from kpilib.exports import formats, read_team
from tests.exports_made import AFTERSALE, ORDER, PERSON, SERVICE, SESSION, WORK, Folder

DAY = "2025-06-15"


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def findings(folder: Folder) -> dict[str, dict]:
    table = read_team(folder.root, "2025-05").receipt.findings
    return {row["kind"]: row for row in table.to_dict("records") if row["kind"] != "file_absent"}


def text(finding: dict) -> str:
    return f"{finding['where']}: {finding['problem']} To mend: {finding['remedy']}"


def test_a_month_without_faults_raises_no_doubt_but_for_files_that_are_not_there(folder):
    folder.csv("compass_live_daily", f"{DAY}/x.csv", SESSION)
    table = read_team(folder.root, "2025-05").receipt.findings
    assert [f"{row['where']}: {row['problem']}" for row in table.to_dict("records")] == [
        f"{name}: there is no such file; what it would say is unknown."
        for name in ("credits.csv", "plans.csv", "ratings/2025-05.csv", "tasks/2025-05.csv")
    ]


def test_an_absent_column_is_unknown_and_said_so(folder):
    headers = [
        h for h in formats()["creator_works"].headers if h not in ("收藏量", "完播率", "体裁")
    ]
    file = folder.xlsx("creator_works", f"{DAY}/x.xlsx", WORK, headers=headers)
    month = read_team(folder.root, "2025-05")
    assert month.tables["works"][["collects", "completion"]].isna().all(axis=None)
    assert month.receipt.absent.to_numpy().tolist() == [
        [file, c] for c in ("体裁", "完播率", "收藏量")
    ]
    assert text(findings(folder)["column_absent"]) == (
        f"{file}: the export lacks 体裁, 完播率, 收藏量; these values are unknown, not 0. "
        "To mend: export it again with all columns."
    )


def test_an_unknown_column_stands_in_the_receipt(folder):
    headers = [*formats()["creator_works"].headers, "新指标", "另一个"]
    file = folder.xlsx("creator_works", f"{DAY}/x.xlsx", WORK, headers=headers)
    unknown = read_team(folder.root, "2025-05").receipt.unknown_columns
    assert unknown.to_numpy().tolist() == [[file, "另一个"], [file, "新指标"]]


def test_days_that_a_daily_file_lacks_are_counted(folder):
    rows = [{"日期": f"2025-05-{day:02d}", "播放量": "1"} for day in range(1, 30)]
    file = folder.csv("creator_daily", f"{DAY}/x.csv", *rows, headers=("日期", "播放量"))
    assert text(findings(folder)["days"]) == (
        f"{file}: 播放量 of 晨光厨房 lacks 2 of 31 days. To mend: export the whole month; "
        "days that are not there are unknown, not 0."
    )


def test_a_metric_that_only_other_accounts_have_is_said_to_be_absent(tmp_path):
    made = Folder(tmp_path, PERSON, PERSON | {"person": "p2", "account": "乙号"})
    rows = [{"日期": f"2025-05-{day:02d}", "播放量": "1", "净增粉丝": "2"} for day in range(1, 32)]
    for metric, account in (("播放量", "晨光厨房"), ("净增粉丝", "晨光厨房"), ("播放量", "乙号")):
        place = f"{DAY}/{account}/{metric}.csv"
        made.csv("creator_daily", place, *rows, headers=("日期", metric))
    receipt = read_team(made.root, "2025-05").receipt
    where = f"exports/2025-05/{DAY}/乙号, account 乙号"
    assert receipt.absent.to_numpy().tolist() == [[where, "净增粉丝"]]
    assert text(findings(made)["metric_absent"]) == (
        f"{where}: no file of 净增粉丝, which other accounts have; unknown, not 0. "
        "To mend: export these metrics of the account too."
    )


def test_orders_and_after_sales_that_disagree_are_counted(folder):
    back, none = "同意退款，退款成功", "-"
    states = [none, back, none, back, back]
    rows = [ORDER | {"子订单编号": str(n), "售后状态": state} for n, state in enumerate(states)]
    orders = folder.csv("shop_orders", f"{DAY}/a.csv", *rows)
    claims = [AFTERSALE | {"售后单号": str(n), "商品单号": str(n)} for n in (0, 3, 99)]
    claims.append(AFTERSALE | {"售后单号": "7", "商品单号": "2", "售后状态": "售后关闭"})
    aftersales = folder.csv("shop_aftersales", f"{DAY}/b.csv", *claims)
    found = findings(folder)["refunds"]
    assert text(found) == (
        f"{orders}, {aftersales}: orders and after-sales disagree; refunded by the after-sale file "
        "only: 1, by the order file only: 2. To mend: export both on the same day; the order file "
        "decides here."
    )
    assert found["rows"] == 3
    assert found["values"] == {"aftersales": 1, "orders": 2}


def test_an_unknown_after_sale_state_is_named(folder):
    rows = [ORDER | {"子订单编号": str(n), "售后状态": "待退货"} for n in range(2)]
    file = folder.csv("shop_orders", f"{DAY}/a.csv", *rows)
    found = findings(folder)["state"]
    assert text(found) == (
        f"{file}: unknown after-sale states, so unknown whether the goods came back: 待退货. "
        "To mend: enter them under refunded or not_refunded in kpilib/exports/formats.yaml."
    )
    assert found["rows"] == 2


def test_rows_that_do_not_add_up_to_their_totals_row_are_doubted(folder):
    total = SERVICE | {"客服昵称": "店铺汇总值", "接待会话量": "1000"}
    file = folder.xlsx("feige_service", f"{DAY}/x.xlsx", SERVICE, total)
    assert text(findings(folder)["total"]) == (
        f"{file}: 接待会话量: the totals row says 1000, its rows add up to 860. "
        "To mend: look for rows that are missing or that count twice."
    )


def test_the_averages_row_is_not_compared_with_a_sum(folder):
    other = SERVICE | {"客服昵称": "小光"}
    average = SERVICE | {"客服昵称": "店铺平均值"}
    folder.xlsx("feige_service", f"{DAY}/x.xlsx", SERVICE, other, average)
    assert findings(folder) == {}


@pytest.mark.parametrize("stated", ["860", "0.09万", "-"])
def test_a_total_that_holds_within_its_rounding_is_no_doubt(folder, stated):
    total = SERVICE | {"客服昵称": "店铺汇总值", "接待会话量": stated}
    folder.xlsx("feige_service", f"{DAY}/x.xlsx", SERVICE, total)
    assert findings(folder) == {}


def test_a_totals_row_that_cannot_be_read_is_an_error(folder):
    total = SERVICE | {"客服昵称": "店铺汇总值", "接待会话量": "86O"}
    file = folder.xlsx("feige_service", f"{DAY}/x.xlsx", SERVICE, total)
    with pytest.raises(KpiError) as caught:
        read_team(folder.root, "2025-05")
    assert str(caught.value).startswith(
        f"{file}, totals row, column 接待会话量, cell '86O': this is not a count."
    )


def test_a_row_with_more_viewers_than_views_is_doubted(folder):
    rows = [SESSION | {"日期": f"2025-05-0{day}"} for day in range(1, 6)]
    rows[3] |= {"直播间观看人次": "300"}
    file = folder.csv("compass_live_daily", f"{DAY}/x.csv", *rows)
    assert text(findings(folder)["below"]) == (
        f"{file}, row 5: 直播间观看人次 300 is below 直播间观看人数 341; so in 1 of 5 rows. "
        "To mend: ask the platform which of the two is right."
    )


@pytest.mark.parametrize(("wrong", "of"), [(1, 1), (2, 2), (3, 6)])
def test_a_few_such_rows_or_not_most_of_them_are_no_proof_of_a_swap(folder, wrong, of):
    rows = [SESSION | {"日期": f"2025-05-0{day}"} for day in range(1, of + 1)]
    for row in rows[:wrong]:
        row["直播间观看人次"] = "300"
    folder.csv("compass_live_daily", f"{DAY}/x.csv", *rows)
    assert findings(folder)["below"]["rows"] == wrong


def test_views_and_viewers_that_are_swapped_are_an_error(folder):
    swapped = {"直播间观看人数": "541", "直播间观看人次": "341"}
    rows = [SESSION | swapped | {"日期": f"2025-05-0{day}"} for day in range(1, 4)]
    file = folder.csv("compass_live_daily", f"{DAY}/x.csv", *rows)
    with pytest.raises(KpiError) as caught:
        read_team(folder.root, "2025-05")
    assert str(caught.value) == (
        f"{file}, row 2: 直播间观看人次 341 is below 直播间观看人数 541; so in 3 of 3 rows. "
        "To mend: the two columns look swapped; download the export again."
    )


def test_a_long_list_of_files_is_cut(folder):
    for day in range(1, 9):
        folder.csv("compass_live_daily", f"{day}.csv", SESSION | {"日期": f"2025-05-0{day}"})
    found = findings(folder)["as_of_unknown"]
    assert (
        found["where"]
        == ", ".join(f"exports/2025-05/{day}.csv" for day in range(1, 6)) + " and 3 more"
    )
    assert found["rows"] == 8
