"""Every format in its real shape, in every container: the same table, right to the cell."""

from __future__ import annotations

import io
import random
import re
import zipfile

import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.exports import formats, read_team, table_columns
from kpilib.exports.formats import Column
from tests.exports_made import CONTAINERS, SHAPES, Folder, Made, as_bytes, made

ACCOUNT = "晨光厨房"
PLATFORM = [key for key in SHAPES if formats()[key].place is None]
SECOND = {"creator_video_view", "oceanengine_plans"}
DESCRIBED = [["由系统生成，非数据行"]]


def read(folder: Folder, **kwargs):
    return read_team(folder.root, "2025-05", **kwargs)


def refusal(folder: Folder) -> str:
    with pytest.raises(KpiError) as caught:
        read(folder)
    return str(caught.value)


def aside(month, file: str) -> dict[str, int]:
    rows = month.receipt.set_aside
    return rows[rows["file"] == file].set_index("reason")["rows"].to_dict()


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """Return one month per container: every format, under names that say nothing."""
    found = {}
    for container in CONTAINERS:
        folder = Folder(tmp_path_factory.mktemp(container))
        for number, key in enumerate(PLATFORM):
            content = SHAPES[key](3)
            under = [[*DESCRIBED[0], *[""] * (len(content.headers) - 1)]]
            name = f"2025-06-15/{ACCOUNT}/{number}.{container}"
            folder.put(name, content, under=under if formats()[key].skip else ())
        found[container] = read(folder)
    return found


def content(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=["file", "row"])


def test_every_format_of_a_platform_has_a_maker():
    read = {fmt.key for fmt in formats().values() if not fmt.refused and fmt.place is None}
    assert set(PLATFORM) == read


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_format_is_read_from_every_container(months, container):
    files = months[container].receipt.files.set_index("format")
    assert set(PLATFORM) <= set(files.index)
    for key in PLATFORM:
        assert files.loc[key, "used"] == (0 if key in SECOND else 3), key
    assert months[container].receipt.unknown_columns.empty
    assert (files["rows_in"] == files["used"] + files["set_aside"]).all()


@pytest.mark.parametrize("container", CONTAINERS[1:])
def test_a_table_does_not_depend_on_its_container(months, container):
    for table, frame in months["csv"].tables.items():
        other = months[container].tables[table]
        if table == "fans":  # in json, the name of the list says what it divides people by
            frame, other = (f.drop(columns="dimension") for f in (frame, other))
        pd.testing.assert_frame_equal(content(frame), content(other), obj=table)


# the first row of each table that no test of tests/test_exports_read.py looks at
EXPECTED = {
    "settlements": {
        "settled": pd.Timestamp("2025-05-12 10:05:03"),
        "suborder_id": "6925050100000000000",
        "amount": 1101.2,
        "order_total": 1234.5,
        "income": 1234.5,
        "platform_fee": -61.73,
        "commission": -71.57,
        "expenses": -133.3,
    },
    "funds": {
        "moved": pd.Timestamp("2025-05-12 10:05:03"),
        "flow_id": "7925051200000000000",
        "direction": "入账",
        "amount": 1101.2,
        "scene": "货款结算入账",
        "due": 1234.5,
        "commission": -71.57,
    },
    "rooms": {
        "account": "晨光好物间",
        "started": pd.Timestamp("2025-05-01 19:30"),
        "day": pd.Timestamp("2025-05-01"),
        "live_s": 12000,
        "gmv": 7383.9,
        "viewers": 12000,
        "viewers_low": 11500,
        "viewers_high": 12500,
        "avg_online": 96.5,
        "avg_watch_s": 177,
        "comments": 1204,
        "comments_low": None,
    },
    "hosts": {
        "name": "主播0",
        "duty": "host",
        "live_s": 27712,
        "viewers": 12345,
        "views": 18021,
        "gmv": 58920,
        "avg_watch_s": 177,
        "pay_rate": 0.0478,
        "refund_amount": 7690,
        "total_roi": 6.46,
        "ad_cost": 9120.5,
    },
    "monitored_products": {
        "rank": 1,
        "commission": 0.2,
        "units_week_low": 75000,
        "units_week_high": 100000,
        "units_30d": 1_000_000,
        "units_30d_low": 995_000,
        "gmv_low": 2_500_000,
        "gmv_high": 5_000_000,
        "conversion_low": 0.1,
        "conversion_high": 0.15,
        "account": "晨光好物间",
    },
    "monitored_lives": {
        "account": "晨光好物间",
        "started": pd.Timestamp("2025-05-01 19:30"),
        "day": pd.Timestamp("2025-05-01"),
        "live_s": 12000,
        "gmv_low": 50000,
        "gmv_high": 75000,
        "units_low": 1000,
        "units_high": 2500,
        "views": 18000,
        "views_low": 17500,
        "reach_rate": 0.225,
    },
    "creators": {
        "account": ACCOUNT,
        "star_id": "6812345678901200000",
        "price_60s": 18000,
        "median_plays": 774000,
        "median_plays_low": 773500,
        "completion": 0.147,
        "followers_total": 3_446_000,
        "follower_growth": -0.0021,
    },
    "star_orders": {
        "account": ACCOUNT,
        "plays": 1203344,
        "completion": 0.3521,
        "completion_5s": 0.5512,
        "ctr": 0.0598,
        "cost_per_1000_plays": 14.96,
        "price": 18000,
        "negative": 0.021,
    },
    "ad_overviews": {
        "account": ACCOUNT,
        "day": pd.Timestamp("2025-05-01"),
        "kind": "live",
        "cost": 1204.55,
        "roi": 3.41,
        "gmv": 4107.52,
        "pay_orders": 41,
    },
    "open_items": {"item_id": "7301234567890100000", "plays": 34606, "avg_play_s": 4.586155},
    "open_item_days": {"day": pd.Timestamp("2025-05-01"), "plays": 120},
    "open_days": {
        "account": ACCOUNT,
        "plays": 3406,
        "new_followers": 12,
        "followers_total": 34460,
    },
    "fans": {"account": ACCOUNT, "dimension": None, "item": "0-5", "value": 120},
}


@pytest.mark.parametrize("table", EXPECTED)
def test_the_cells_of_a_table_are_right(months, table):
    frame = months["csv"].tables[table]
    row = frame.iloc[0]
    for name, value in EXPECTED[table].items():
        if value is None:
            assert name not in frame or pd.isna(row[name]), name
        else:
            assert row[name] == value, name


def test_a_range_has_no_value_only_bounds(months):
    products = months["csv"].tables["monitored_products"]
    assert products[["units_week", "gmv", "conversion"]].isna().all(axis=None)


def test_hosts_and_controllers_stand_in_one_table(months):
    hosts = months["csv"].tables["hosts"]
    assert hosts["duty"].tolist() == ["host"] * 3 + ["controller"] * 3
    metrics = [h for h in formats()["feigua_hosts"].headers if h != "主播"]
    assert len(metrics) == 42
    assert all(h in formats()["feigua_hosts"].columns for h in metrics)


def test_both_kinds_of_pushing_stand_in_one_table(months):
    overviews = months["csv"].tables["ad_overviews"]
    assert overviews.groupby("kind")["impressions"].count().to_dict() == {"live": 0, "product": 3}
    assert overviews["ctr"].dropna().tolist() == [0.0404] * 3


def test_new_tables_have_all_their_columns_even_when_nothing_was_given(folder):
    folder.put("x.csv", made("compass_live_daily"))
    for table, frame in read(folder).tables.items():
        assert list(frame.columns) == [*table_columns()[table], "file", "row"], table


# --- orders


def chosen(*headers: str, n: int = 3) -> Made:
    return made("shop_orders", n, headers)


ORDERS = formats()["shop_orders"]


@pytest.mark.parametrize("columns", [73, 74, 75, 54])
def test_orders_are_the_same_whichever_columns_in_whatever_order(folder, columns):
    headers = list(ORDERS.headers if columns == 75 else ORDERS.variants["73 columns"])
    if columns == 74:
        headers.insert(headers.index("仓库名称") + 1, "序列号")
    if columns == 54:  # the standard report: which 54 they are is the shop's choice
        unread = [h for h in headers if h not in ORDERS.columns]
        headers = [h for h in headers if h not in unread[: len(headers) - 54]]
    random.Random(columns).shuffle(headers)
    assert len(headers) == columns
    folder.put("x.csv", chosen(*headers), encoding="gb18030")
    orders = read(folder).tables["orders"]
    assert orders["amount"].tolist() == [1234.5] * 3
    assert orders["suborder_id"].is_unique
    assert orders["buyer"].notna().all()
    assert orders["returned"].tolist() == [False] * 3


def test_a_merchant_may_choose_few_columns_and_the_rest_is_unknown(folder):
    folder.put("x.xlsx", chosen("子订单编号", "支付完成时间", "主订单编号"))
    month = read(folder)
    orders = month.tables["orders"]
    assert len(orders) == 3
    assert orders[["amount", "quantity", "state", "returned", "buyer"]].isna().all(axis=None)
    absent = month.receipt.absent.query("file == 'exports/2025-05/x.xlsx'")["column"].tolist()
    assert "订单应付金额" in absent
    assert "支付完成时间" not in absent


def test_orders_without_a_time_of_payment_are_refused_and_not_taken_for_unpaid(folder):
    file = folder.put("x.csv", chosen("主订单编号", "子订单编号", "订单状态", "订单应付金额"))
    assert refusal(folder) == (
        f"{file}: this is 抖店 订单导出 without 支付完成时间; its rows mean nothing without it. "
        "To mend: export it again with this column."
    )


# --- settlement and fund flow


def test_settlements_start_in_row_3(folder):
    file = folder.put("x.csv", made("shop_settlements"), under=[["说明", *[""] * 33]])
    month = read(folder)
    assert month.tables["settlements"]["row"].tolist() == [3, 4, 5]
    assert aside(month, file) == {"description row under the header": 1}


def test_data_in_the_row_of_descriptions_is_not_dropped(folder):
    file = folder.put("x.csv", made("shop_settlements"))
    assert refusal(folder) == (
        f"{file}, row 2: data stands here, where this export describes its columns. "
        "To mend: put back the row under the header, or download the file again."
    )


def test_the_flow_number_has_two_spellings(folder):
    headers = [h.replace("动帐", "动账") for h in formats()["shop_funds"].headers]
    rows = made("shop_funds").rows
    folder.put("x.csv", Made(headers, rows))
    assert read(folder).tables["funds"]["flow_id"].nunique() == 3


# --- works: two exports of the same


def test_the_six_column_view_is_works_of_which_the_rest_is_unknown(folder):
    folder.put("x.xlsx", made("creator_video_view"))
    works = read(folder).tables["works"]
    assert works["plays"].tolist() == [34606] * 3
    assert works["completion_5s"].tolist() == [0.512345] * 3
    assert works[["completion", "likes", "follower_gain", "visible"]].isna().all(axis=None)
    assert works["preheat"].tolist() == [False] * 3


def test_the_six_column_view_stands_back_where_the_work_list_was_given(folder):
    folder.put("a.xlsx", made("creator_works"))
    file = folder.put("b.xlsx", made("creator_video_view"))
    month = read(folder)
    assert month.tables["works"]["likes"].tolist() == [703] * 3
    assert aside(month, file) == {"a fuller export of the same is read": 3}


def test_each_account_has_the_fullest_export_that_it_was_given(tmp_path):
    people = [
        {"person": f"p{n}", "team": "t", "role": "编导", "account": a}
        for n, a in ((1, "甲"), (2, "乙"))
    ]
    folder = Folder(tmp_path, *people)
    folder.put("甲/a.xlsx", made("creator_works", 1))
    folder.put("乙/b.xlsx", made("creator_video_view", 1))
    works = read(folder).tables["works"].set_index("account")
    assert works["likes"].to_dict() == {"甲": 703, "乙": pytest.approx(float("nan"), nan_ok=True)}


def test_a_work_list_without_profile_visits_is_a_work_list(folder):
    headers = [h for h in formats()["creator_works"].headers if h != "主页访问量"]
    folder.put("x.xlsx", made("creator_works", 1, headers))
    month = read(folder)
    assert month.tables["works"]["plays"].tolist() == [34606]
    assert month.tables["works"]["profile_visits"].isna().all()
    assert month.receipt.absent["column"].tolist()[:1] == ["主页访问量"]


def test_plan_rows_do_not_double_the_cost_of_materials(folder):
    folder.put("a.csv", made("oceanengine_materials", 2))
    folder.put("b.csv", made("oceanengine_plans", 2))
    assert read(folder).tables["ads"]["cost"].sum() == pytest.approx(2 * 434.22)


def test_materials_of_both_advertising_systems_are_ads(folder):
    folder.put("a.csv", made("oceanengine_materials", 2))
    content = made("qianchuan_materials", 2)
    content.headers[content.headers.index("整体消耗")] = "整体消耗(元)"
    content.rows.append(["全部", *["9"] * (len(content.headers) - 1)])
    file = folder.put("b.csv", content, encoding="gb18030")
    month = read(folder)
    ads = month.tables["ads"].sort_values("cost")
    assert ads["cost"].tolist() == [132.56, 132.56, 434.22, 434.22]
    assert ads["impressions"].tolist()[:2] == [5502, 5502]
    assert aside(month, file) == {"totals row": 1}


def test_parts_of_an_overview_are_refused_for_they_would_count_its_cost_twice(folder):
    headers = ["日期", "商品ID", *formats()["qianchuan_products"].headers[1:]]
    content = made("qianchuan_products", 1, headers)
    file = folder.put("x.csv", content)
    assert refusal(folder) == (
        f"{file}: this is 巨量千川 全域推广 商品、计划或调控明细, whose cost is part of that of "
        "the overviews. To mend: give the overview (推直播, 推商品) or the report of materials by "
        "day instead."
    )


@pytest.mark.parametrize("column", ["客服昵称", "客服账号"])
def test_the_shops_rows_may_stand_in_either_name_of_an_agent(folder, column):
    headers = ["客服账号", *formats()["feige_service"].headers]
    content = made("feige_service", 2, headers, 客服账号="a@shop")
    total = dict.fromkeys(headers, "9") | {"客服账号": "-", "客服昵称": "-", column: "店铺汇总值"}
    content.rows.append([total[h] for h in headers])
    file = folder.put("x.xlsx", content)
    month = read(folder)
    assert month.tables["service"]["agent"].tolist() == ["小晨0", "小晨1"]
    assert aside(month, file) == {"totals row": 1}


def test_plans_alone_are_ads_without_a_material(folder):
    folder.put("b.csv", made("oceanengine_plans", 2))
    ads = read(folder).tables["ads"]
    assert ads["impressions"].tolist() == [16371, 16371]
    assert ads["material_id"].isna().all()


# --- months


@pytest.mark.parametrize(
    ("key", "header", "table"),
    [("qianchuan_live", "日期", "ad_overviews"), ("compass_rooms", "开播时间", "rooms")],
)
def test_without_a_date_the_month_is_the_folders_and_with_one_it_is_the_dates(
    folder, key, header, table
):
    headers = [h for h in made(key).headers if h != header]
    folder.put("x.csv", made(key, 1, headers))
    assert len(read(folder).tables[table]) == 1
    file = folder.put("x.csv", made(key, 1, **{header: "2025-04-30"}))
    month = read(folder)
    assert month.tables[table].empty
    assert aside(month, file) == {"outside the month": 1}


# --- units of headers


def test_the_unit_in_a_files_own_header_goes_first(folder):
    headers = [
        {"播放量": "播放量(万)", "平均播放时长": "平均播放时长（分钟）"}.get(h, h)
        for h in formats()["creator_works"].headers
    ]
    rows = made("creator_works", 1, 播放量="3.46", 平均播放时长="1.5").rows
    folder.put("x.csv", Made(headers, rows))
    (work,) = read(folder).tables["works"].to_dict("records")
    assert (work["plays"], work["plays_low"], work["plays_high"]) == (34600, 34550, 34650)
    assert work["avg_play_s"] == 90


def test_sheets_of_one_format_may_state_different_units(folder):
    folder.put("a.csv", made("compass_live_daily", 1))
    headers = [
        {"直播时长(小时)": "直播时长(分钟)", "成交金额": "成交金额(万元)"}.get(h, h)
        for h in formats()["compass_live_daily"].headers
    ]
    rows = made("compass_live_daily", 1, 日期="2025-05-02", 成交金额="0.73").rows
    folder.put("b.csv", Made(headers, rows))
    sessions = read(folder).tables["sessions"].sort_values("day")
    assert sessions["live_s"].tolist() == [9000, 150]
    assert sessions["gmv"].tolist() == [7383.9, 7300]
    assert sessions["gmv_low"].tolist() == [7383.9, 7250]


def test_a_rate_whose_header_lost_its_sign_needs_it_in_the_cells():
    column = Column(name="ctr", kind="rate_percent_header")
    assert column.under("", "%") == Column(name="ctr", kind="rate_percent")
    assert column.under("%", "%") == column


@pytest.mark.parametrize("key", ["oceanengine_materials", "oceanengine_plans"])
@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("点击率%", "点击率"),
        ("点击率%", "点击率(%)"),
        ("点击率%", "CTR"),
        ("转化率%", "转化率"),
        ("平均千次展现费用(元)", "平均千次展现费用"),
        ("平均千次展现费用(元)", "CPM"),
    ],
)
def test_a_column_that_nothing_uses_stops_no_month(folder, key, usual, other):
    """What a report calls its click rate, and in what unit, is known and of no consequence."""
    headers = list(formats()[key].headers)
    rows = made(key, 1, **{usual: "4.01"}).rows
    headers[headers.index(usual)] = other
    folder.put("x.csv", Made(headers, rows))
    month = read(folder)
    assert month.tables["ads"][["impressions", "clicks"]].to_numpy().tolist() == [[16371, 657]]
    assert month.receipt.unknown_columns.empty


def test_no_column_is_read_that_nothing_uses():
    """A cell of it could still stop a month."""
    stray = {}
    for key, fmt in formats().items():
        ruled = {*fmt.unique, *fmt.needed, *fmt.source, *fmt.additive, *fmt.not_below}
        kept = {*table_columns()[fmt.table], *ruled} if fmt.table else {*fmt.spellings}
        stray[key] = set(fmt.spellings) - kept
    assert {key: names for key, names in stray.items() if names} == {
        "shop_orders": {"cancel_reason"}  # says whether an order was given up before it was paid
    }


def test_a_unit_that_a_column_cannot_have_is_refused(folder):
    headers = [h.replace("播放量", "播放量(%)") for h in formats()["creator_works"].headers]
    file = folder.put("x.csv", Made(headers, made("creator_works", 1).rows))
    assert refusal(folder) == (
        f"{file}, row 1: the header 播放量(%) states a unit that 播放量 cannot have. "
        "To mend: download it again from the platform."
    )


def test_of_two_columns_that_say_the_same_the_first_is_read(folder):
    headers = [*formats()["feigua_hosts"].headers, "直播时长", "平均停留时长"]
    folder.put(
        "x.csv", made("feigua_hosts", 1, headers, 直播时长="07:41:52", 平均停留时长="00:02:57")
    )
    month = read(folder)
    assert month.tables["hosts"]["live_s"].tolist() == [27712]
    assert month.receipt.unknown_columns.empty
    without = [h for h in headers if not h.endswith("(秒)")]
    folder.put(
        "x.csv", made("feigua_hosts", 1, without, 直播时长="07:41:52", 平均停留时长="00:02:57")
    )
    assert read(folder).tables["hosts"]["live_s"].tolist() == [27712]


# --- the traps of the platforms


def test_a_workbook_that_calls_itself_one_cell_wide_is_read_whole(folder):
    """Qianchuan's workbooks may state the range A1, whatever they hold."""
    raw = as_bytes(made("qianchuan_materials", 3), "xlsx")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', old.read(name))
            new.writestr(name, part)
    folder.text("exports/2025-05/x.xlsx", out.getvalue())
    assert len(read(folder).tables["ads"]) == 3


def test_a_refund_rate_by_order_is_no_refund_rate(folder):
    headers = [h for h in formats()["compass_live_daily"].headers if h != "直播间退款金额"]
    folder.put("x.csv", made("compass_live_daily", 1, headers, **{"退款金额(订单)": "99"}))
    assert read(folder).tables["sessions"]["refund_amount"].isna().all()


def test_a_totals_row_is_no_host(folder):
    content = made("feigua_hosts", 2)
    content.rows.append(["合计", *content.rows[0][1:]])
    folder.put("x.csv", content)
    assert len(read(folder).tables["hosts"]) == 2


def test_ids_that_a_spreadsheet_rounded_are_refused(folder):
    content = made("shop_orders", 3)
    place = content.headers.index("子订单编号")
    for number, row in enumerate(content.rows):
        row[place] = f"69250501000{number:04d}0000"
    file = folder.put("x.csv", content)
    assert refusal(folder) == (
        f"{file}, row 2, column 子订单编号, cell '6925050100000000000': an id that came as a "
        "number above 2^53: its last digits are lost. So are 2 more in this column. To mend: "
        "download the export again; in a spreadsheet, format this column as text first."
    )


def test_files_of_one_metric_may_repeat_it_but_not_contradict_themselves(folder):
    folder.put("a.xlsx", made("open_days", 1, ["date", "new_play"]))
    folder.put("b.xlsx", made("open_days", 1, ["date", "new_play", "total_fans"]))
    (day,) = read(folder).tables["open_days"].to_dict("records")
    assert (day["plays"], day["followers_total"]) == (3406, 34460)
    folder.put("b.xlsx", made("open_days", 1, ["date", "new_play", "total_fans"], new_play="3407"))
    assert refusal(folder) == (
        "exports/2025-05/a.xlsx, row 2 and exports/2025-05/b.xlsx, row 2: account 晨光厨房, day "
        "2025-05-01 00:00:00 stands there twice with other values: plays 3406 and 3407. "
        "To mend: keep the row that is right and take the other out."
    )


def test_rounding_is_told_in_the_receipt(folder):
    folder.put("x.csv", made("creator_works", 3, 播放量="1.2万"))
    found = read(folder).receipt.findings.set_index("kind").loc["rounded"]
    assert found["problem"] == (
        "plays is rounded in 3 of 3 rows, by up to 500 each: their sum may be off by 1,500."
    )
    assert found["rows"] == 3


def test_a_third_partys_ranges_are_no_doubt_about_a_reading(folder):
    folder.put("x.csv", made("chanmama_products"))
    assert not set(read(folder).receipt.findings["kind"]) & {"range", "rounded"}


# --- the team's own files


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_teams_own_files_may_be_of_any_container(tmp_path, container):
    folder = Folder(tmp_path)
    folder.put("x.csv", made("compass_live_daily"))
    own = {
        "credits": "credits",
        "plans": "plans",
        "ratings": "ratings/2025-05",
        "tasks": "tasks/2025-05",
    }
    for key, stem in own.items():
        path = tmp_path / f"{stem}.{container}"
        path.parent.mkdir(exist_ok=True)
        source = tmp_path / folder.put(f"own.{container}", made(key, 2))
        source.rename(path)
    tables = read(folder).tables
    assert [len(tables[key]) for key in own] == [2, 2, 2, 2]


def test_a_file_of_the_teams_own_stands_there_once(folder):
    folder.put("x.csv", made("compass_live_daily"))
    folder.text("people.tsv", "person\tname\tteam\trole\n")
    assert refusal(folder) == (
        "people.csv: people.csv and people.tsv say the same. To mend: keep the one that is right."
    )
