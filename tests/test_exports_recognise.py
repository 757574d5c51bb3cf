"""Recognition: by header and signature, wherever it stands; look-alikes refused by name."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.exports import formats, table_columns
from kpilib.exports.formats import read_formats
from kpilib.exports.headers import normal_header
from kpilib.exports.recognise import matches, recognise

READ = [fmt for fmt in formats().values() if not fmt.refused]
REFUSED = [fmt for fmt in formats().values() if fmt.refused]
AGAIN = (
    "To mend: download it again from the platform with all its columns; "
    "if the platform has renamed one, enter it in kpilib/exports/formats.yaml."
)


def row_of(fmt) -> list[str]:
    return [*fmt.headers, *fmt.one_of[:1]]


def refusal(*rows) -> str:
    with pytest.raises(KpiError) as caught:
        recognise(rows, "a.xlsx")
    return str(caught.value)


@pytest.mark.parametrize("fmt", READ, ids=lambda fmt: fmt.key)
def test_each_format_is_recognised_by_its_own_headers_only(fmt):
    header = recognise([row_of(fmt)], "a.xlsx")
    assert header.format is fmt
    assert header.unknown == header.absent == ()
    assert list(header.places) == row_of(fmt)


@pytest.mark.parametrize("fmt", READ, ids=lambda fmt: fmt.key)
def test_neither_the_order_of_columns_nor_what_stands_above_matters(fmt):
    row = row_of(fmt)
    random.Random(7).shuffle(row)
    header = recognise([["导出说明：最多 1000 行"], [], row], "a.xlsx")
    assert header.format is fmt
    assert header.row == 2
    assert all(row[place] == name for name, place in header.places.items())


@given(st.sampled_from(READ), st.randoms())
def test_blanks_marks_brackets_and_width_in_headers_do_not_matter(fmt, rnd):
    def disguised(name: str) -> str:
        wide = name.replace("(", "（") if rnd.random() < 0.5 else name.replace("）", ")")
        return rnd.choice(["\ufeff", " ", "\t", ""]) + wide + rnd.choice([" ", "\u3000", ""])

    assert recognise([[disguised(name) for name in row_of(fmt)]], "a.xlsx").format is fmt


def test_one_header_that_mixes_both_brackets_is_one_header():
    assert normal_header("发货前退款金额(订单）") == normal_header("发货前退款金额（订单)")


@pytest.mark.parametrize("fmt", REFUSED, ids=lambda fmt: fmt.key)
def test_a_look_alike_is_refused_by_its_name(fmt):
    assert refusal(["notice"], fmt.headers) == (
        f"a.xlsx: this is {fmt.platform} {fmt.title}, {fmt.because}. To mend: {fmt.remedy}"
    )


def test_another_platforms_works_are_named_as_such():
    assert refusal(formats()["kuaishou_works"].headers) == (
        "a.xlsx: this is 快手 作品列表, which kpilib does not read. "
        "To mend: take it out of the folder of this month."
    )


def test_main_orders_are_refused_with_what_to_export_instead():
    assert refusal(["主订单编号", "订单状态", "订单应付金额"]) == (
        "a.xlsx: this is 抖店 自定义报表 (主订单维度), which has one row for a main order, while "
        "kpilib counts the lines of orders. To mend: export it again with the dimension 子订单."
    )


def test_the_look_alikes_are_those_of_four_other_platforms():
    others = {fmt.platform for fmt in REFUSED} - {fmt.platform for fmt in READ}
    assert others == {"小红书", "快手", "视频号", "TikTok Shop"}


def test_an_unknown_file_is_compared_with_the_nearest_format():
    headers = list(formats()["creator_works"].headers)
    headers[headers.index("审核状态")] = "状态"
    headers[headers.index("2s跳出率")] = "跳出"
    assert refusal(headers) == (
        "a.xlsx: no known format has these columns; the nearest is 抖音创作者中心 作品列表; "
        f"it would need 审核状态, 2s跳出率; it does not know 状态, 跳出. {AGAIN}"
    )


def test_a_daily_file_of_an_unknown_metric_says_which_ones_are_known():
    assert refusal(["日期", "完播率"]) == (
        "a.xlsx: no known format has these columns; the nearest is 抖音创作者中心 账号日数据; "
        "it would need 播放量 / 主页访问 / 作品点赞 / 作品分享 / 作品评论 / 封面点击率 / "
        f"净增粉丝 / 取关粉丝 / 总粉丝量; it does not know 完播率. {AGAIN}"
    )


def test_a_daily_file_holds_one_metric_and_nothing_else():
    assert "nearest is 抖音创作者中心 账号日数据" in refusal(["日期", "播放量", "作品点赞"])
    assert "it does not know 备注" in refusal(["日期", "播放量", "备注"])


def test_a_file_without_any_known_header_says_so():
    assert refusal(["a", "b"], ["1", "2"]) == (
        f"a.xlsx: no header of a known format stands in the first five rows. {AGAIN}"
    )
    assert "no header" in refusal(*[["x"]] * 5, row_of(READ[0]))


def test_a_long_list_of_differences_is_cut():
    strange = [f"列{number}" for number in range(9)]
    assert "it does not know 列0, 列1, 列2, 列3, 列4, 列5 and 3 more" in refusal(
        [*formats()["creator_works"].headers[1:3], *strange]
    )


def test_headers_that_fit_two_formats_are_refused():
    both = [*formats()["creator_works"].headers, *formats()["feige_service"].headers]
    works, service = (
        f"{formats()[key].name} ({', '.join(formats()[key].signature).replace('|', ' / ')})"
        for key in ("creator_works", "feige_service")
    )
    assert refusal(both) == (
        f"a.xlsx: the headers fit more than one format: {works}; {service}. {AGAIN}"
    )


def test_a_column_that_is_read_may_stand_once():
    assert refusal([], [*formats()["creator_works"].headers, "播放量 "]) == (
        "a.xlsx, row 2: the column 播放量 stands there twice. To mend: delete one of them."
    )


def test_unknown_and_absent_columns_are_told():
    headers = [*formats()["creator_works"].headers, "封面点击率", "新指标"]
    headers.remove("收藏量")
    header = recognise([headers], "a.xlsx")
    assert header.unknown == ("新指标",)
    assert header.absent == ("收藏量",)


def test_an_alias_is_the_column_it_stands_for():
    headers = [h.replace("5s完播率", "5秒完播率") for h in formats()["creator_works"].headers]
    assert recognise([headers], "a.xlsx").places["5s完播率"] == 6


@pytest.mark.parametrize("columns", [73, 74])
def test_the_other_order_exports_are_recognised(columns):
    headers = list(formats()["shop_orders"].variants["73 columns"])
    if columns == 74:
        headers.insert(headers.index("仓库名称") + 1, "序列号")
    assert len(headers) == columns
    header = recognise([headers], "a.csv")
    assert header.format.key == "shop_orders"
    assert header.unknown == ()


def test_a_signature_may_lack_one_column_and_still_tells_the_format_apart():
    """Some work lists lack 主页访问量; no format's headers but one fit those of any other."""
    for fmt in READ:
        whole = [*fmt.headers, *fmt.one_of[:1]]
        for number, choice in enumerate(fmt.choices):
            row = [header for header in whole if header not in choice]
            fits = matches(tuple(row))
            assert all(each is fmt or each.refused for each in fits), fmt.signature[number]
            assert (fmt in fits) is (fmt.lacking > 0), fmt.signature[number]


# what is left of a report of materials without its materials is a report of plans, or an overview
COARSER = {
    "oceanengine_materials": {"oceanengine_plans"},
    "qianchuan_materials": {"qianchuan_live", "qianchuan_products"},
    "qianchuan_products": {"qianchuan_live"},
}


@given(st.sampled_from(READ), st.randoms(), st.integers(1, 12))
def test_a_file_that_lost_columns_is_never_taken_for_another_kind(fmt, rnd, lost):
    row = row_of(fmt)
    kept = rnd.sample(row, max(1, len(row) - lost))
    others = {each.key for each in matches(tuple(kept)) if each is not fmt and not each.refused}
    assert others <= COARSER.get(fmt.key, set())


def test_orders_have_75_columns_and_after_sales_50():
    assert [len(formats()[key].headers) for key in ("shop_orders", "shop_aftersales")] == [
        75,
        50,
    ]
    assert len(formats()["compass_live_daily"].headers) == 48


def test_every_canonical_column_comes_from_some_format_or_is_derived():
    derived = {"preheat", "returned", "repeat", "buyer", "day", "hours", "account"}
    for table, columns in table_columns().items():
        named = {name for fmt in READ if fmt.table == table for name in fmt.names}
        assert set(columns) <= named | derived, table


def test_a_formats_file_is_checked_whole(tmp_path):
    file = tmp_path / "formats.yaml"
    file.write_text(
        "missing: ['']\n"
        "tables: {works: [title]}\n"
        "formats:\n"
        "  a: {title: A, table: works, headers: [x], signature: [y]}\n"
        "  b: {title: B, table: works, headers: [x], signature: [x], kind: z}\n",
        encoding="utf-8",
    )
    with pytest.raises(KpiError) as caught:
        read_formats(file)
    assert str(caught.value) == (
        "formats.yaml: formats.a: Value error, not among the headers: y; "
        "formats.b.kind: Extra inputs are not permitted. To mend: correct these entries."
    )


def test_no_private_column_is_ever_loaded():
    for fmt in READ:
        for header in ("收件人", "收件人手机号", "详细地址", "街道", "商家退货联系人电话"):
            if header in fmt.headers:
                assert fmt.columns[header].kind == "private"
