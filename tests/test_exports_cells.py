"""Cells and columns: every value format met in the platforms' files, and what is refused."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.exports import cells
from kpilib.exports.cells import count, identifier, money
from kpilib.exports.columns import parse
from kpilib.exports.formats import Column
from kpilib.exports.rates import rate
from kpilib.exports.times import duration, moment

NAN = math.nan


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(KpiError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("34606", 34606),
        ("6,344", 6344),
        ("18,000", 18000),
        ("77.4w", 774000),
        ("4.8万", 48000),
        ("12.5万", 125000),
        ("1.2W", 12000),
        ("1.05亿", 105_000_000),
        ("4.35万", 43500),  # 4.35 * 10000 is 43499.99999999999 in doubles
        ("3.4k", 3400),
        ("１２３４", 1234),
        (" 34606\t", 34606),
    ],
)
def test_counts_are_read_in_every_spelling_met(text, value):
    assert count(text).value == value


@pytest.mark.parametrize("read", [count, money])
@pytest.mark.parametrize("text", ["-", "--", "", "  ", "－"])
def test_missing_marks_are_unknown_and_never_0(read, text):
    assert all(math.isnan(part) for part in read(text))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1.2万", 11500, 12500),
        ("1.20万", 11950, 12050),
        ("77.4w", 773500, 774500),
        ("5w", 45000, 55000),
        ("3.4k", 3350, 3450),
        ("34606", 34606, 34606),
    ],
)
def test_a_rounded_figure_keeps_half_its_last_digit(text, low, high):
    assert count(text)[1:] == (low, high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("7.5w~10w", 75000, 100000),
        ("2.5w~5w", 25000, 50000),
        ("10w+", 100000, math.inf),
        ("7.5w～10w", 75000, 100000),
    ],
)
def test_a_range_has_bounds_and_no_value(text, low, high):
    figure = count(text)
    assert math.isnan(figure.value)
    assert figure[1:] == (low, high)


def test_a_negative_count_is_read_only_where_the_format_allows_it():
    assert count("-2", signed=True).value == -2
    assert refused(count, "-2") == (
        "cell '-2': this count cannot be negative. To mend: correct it in the export's source."
    )


@pytest.mark.parametrize(
    "text",
    ["1,23", "12,3456", "1e5", "inf", "nan", "1_000", "0x10", "12a", "½", "=1+1", "<b>", "+"],
)
def test_what_is_no_count_is_refused(text):
    assert refused(count, text).endswith(
        "this is not a count. To mend: write plain digits, or 1.2万, 1.2w, 1.05亿, 3.4k, 7.5w~10w "
        "or 10w+."
    )


def test_a_count_is_whole_and_small_enough_to_be_exact():
    assert refused(count, "12.5") == (
        "cell '12.5': a count is a whole number. To mend: check that the column is the right one."
    )
    assert refused(count, "9007199254740993") == (
        "cell '9007199254740993': more than a number can hold exactly (2^53). "
        "To mend: correct the cell."
    )
    assert refused(count, "10w~5w") == (
        "cell '10w~5w': a range whose end is not above its beginning. To mend: correct the cell."
    )


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0.366807", "fraction", 0.366807),
        ("25.00%", "percent", 0.25),
        ("20%", "percent", 0.2),
        ("35.2％", "percent", 0.352),
        ("120%", "percent", 1.2),
        ("0", "percent", 0.0),
        ("35.2", "percent_header", 0.352),
        ("0.36", "percent_header", 0.0036),
        ("35.2%", "percent_header", 0.352),
    ],
)
def test_the_unit_of_a_rate_comes_from_its_column(text, unit, value):
    assert rate(text, unit).value == value


def test_a_range_of_rates_keeps_its_bounds():
    assert rate("10%~15%", "percent")[1:] == (0.1, 0.15)


def test_a_rate_of_another_scale_is_refused_and_not_repaired():
    remedy = "To mend: give the whole column {}, as it was first downloaded."
    fractions, percentages = (
        remedy.format("in fractions from 0 to 1"),
        remedy.format("with % signs"),
    )
    assert refused(rate, "36.7", "fraction") == (
        f"cell '36.7': above 1 in a column of fractions: two scales are mixed. {fractions}"
    )
    assert refused(rate, "36.7%", "fraction") == (
        f"cell '36.7%': a percentage in a column of fractions. {fractions}"
    )
    assert refused(rate, "0.25", "percent") == (
        f"cell '0.25': no % sign in a column of percentages. {percentages}"
    )
    assert (
        refused(rate, "-1%", "percent") == f"cell '-1%': a rate cannot be negative. {percentages}"
    )
    assert refused(rate, "x", "percent_header") == (
        f"cell 'x': this is not a rate. {remedy.format('in percent')}"
    )


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("11秒", "", 11),
        ("2分30秒", "", 150),
        ("3分20秒", "", 200),
        ("7小时41分52秒", "", 27712),
        ("7小时", "", 25200),
        ("1天2小时", "", 93600),
        ("00:03:20", "", 200),
        ("3:20", "", 200),
        ("125:00:00", "", 450000),
        ("0", "", 0),
        ("4.586155", "seconds", 4.586155),
        ("2分57秒", "seconds", 177),
        ("2.5", "hours", 9000),
        ("1.37", "hours", 4932),
        ("90分", "hours", 5400),
    ],
)
def test_durations_are_seconds(text, unit, seconds):
    assert duration(text, unit) == seconds


def test_a_duration_without_a_unit_is_refused():
    assert refused(duration, "150") == (
        "cell '150': a duration without its unit. To mend: give the whole column as 2分30秒, as it "
        "was first downloaded."
    )
    assert refused(duration, "1:75") == (
        "cell '1:75': more than 59 minutes or seconds. To mend: correct the cell."
    )
    assert refused(duration, "soon", "seconds") == (
        "cell 'soon': this is not a duration. To mend: write 2分30秒, 00:02:30 or seconds."
    )
    assert refused(duration, "-1", "seconds") == (
        "cell '-1': a duration cannot be negative. To mend: correct it in the export's source."
    )


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("¥58,920", 58920),
        ("1,234.50", 1234.5),
        ("￥1,234.50", 1234.5),
        ("12.30元", 12.3),
        ("1.2万", 12000),
        ("1.2万元", 12000),
    ],
)
def test_money_is_yuan(text, yuan):
    assert money(text).value == yuan


def test_negative_money_is_read_only_where_the_format_allows_it():
    assert money("-¥12.00", signed=True).value == -12
    assert refused(money, "-12") == (
        "cell '-12': this amount cannot be negative. To mend: correct it in the export's source."
    )
    assert refused(money, "$12") == (
        "cell '$12': this is not an amount in yuan. To mend: write it as 1234.50 or ¥1,234.50."
    )


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-04-03 21:26:39", "2026-04-03T21:26:39"),
        ("2021/03/09 18:04", "2021-03-09T18:04:00"),
        ("2021/03/09 18:04:05", "2021-03-09T18:04:05"),
        ("2026年07月26日12时00分00秒", "2026-07-26T12:00:00"),
        ("20260412", "2026-04-12T00:00:00"),
        ("2025-5-1", "2025-05-01T00:00:00"),
    ],
)
def test_times_are_read_year_first(text, time):
    assert moment(text).isoformat() == time


def test_a_spreadsheet_serial_is_a_date_only_where_the_format_says_so():
    assert moment("46233", serial=True) == datetime(2026, 7, 30)
    assert moment("46233.5", serial=True) == datetime(2026, 7, 30, 12)
    assert refused(moment, "46233") == (
        "cell '46233': this is not a date. To mend: write it as 2025-05-31 or 2025-05-31 20:15:00."
    )


def test_a_date_whose_day_and_month_look_alike_is_refused():
    assert refused(moment, "1/12/2010") == (
        "cell '1/12/2010': day and month of this date cannot be told apart. "
        "To mend: write it as 2025-05-31 or 2025-05-31 20:15:00."
    )
    assert refused(moment, "2025-02-30") == (
        "cell '2025-02-30': there is no such date. To mend: correct the cell."
    )


@pytest.mark.parametrize("text", ["6.92505E+18", "6925050100000005421.0", "6.925050100000005e+18"])
def test_an_id_that_was_a_number_is_refused(text):
    assert refused(identifier, text) == (
        f"cell {text!r}: an id that came as a number above 2^53: its last digits are lost. "
        "To mend: download the export again; in a spreadsheet, format this column as text first."
    )


def test_ids_stay_text():
    assert identifier("\t6925050100000005421 ") == "6925050100000005421"
    assert identifier("T2505-0001") == "T2505-0001"
    assert identifier("123.0") == "123"
    assert identifier("-") is None


def test_yes_and_no_are_read_in_both_languages():
    assert [cells.yes_no(t) for t in ("yes", "是", "TRUE", "no", "否", "")] == [
        *[True] * 3,
        *[False] * 2,
        None,
    ]
    assert refused(cells.yes_no, "maybe") == (
        "cell 'maybe': neither yes nor no. To mend: write yes or no, or leave the cell empty."
    )


# A column is its cells: the quick way and the slow way agree.


def column(kind, **kwargs):
    return Column(name="x", kind=kind, **kwargs)


PLAIN = {
    "count": st.integers(0, 10**12).map(str),
    "yuan": st.decimals(0, 10**9, places=2).map(str),
    "rate_fraction": st.decimals(0, 1, places=6).map(str),
    "rate_percent_header": st.decimals(0, 100, places=2).map(str),
    "seconds": st.decimals(0, 10**6, places=6).map(str),
    "hours": st.decimals(0, 1000, places=2).map(str),
    "datetime": st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
        lambda t: t.strftime("%Y-%m-%d %H:%M:%S")
    ),
    "date": st.dates(datetime(1990, 1, 1).date(), datetime(2100, 1, 1).date()).map(str),
    "id": st.integers(0, 10**19).map(str),
    "text": st.text(max_size=5).map(str.strip),
}


ODD = {  # a cell that sends a column the slow way
    "datetime": "2025/01/01 00:00",
    "date": "2025/01/01 00:00",
    "count": "1w",
    "yuan": "1元",
    "rate_fraction": "０",
    "rate_percent_header": "0%",
    "seconds": "1秒",
    "hours": "1小时",
    "id": "1.0",
    "text": "-",
}


def of_one_kind(kind):
    cells_of = st.one_of(PLAIN[kind], st.sampled_from(["-", "--", ""]))
    return st.tuples(st.just(kind), st.lists(cells_of, max_size=8))


@given(st.sampled_from(sorted(PLAIN)).flatmap(of_one_kind))
def test_a_plain_column_is_read_like_its_cells(case):
    kind, texts = case
    quick, slow = parse(texts, column(kind)), parse([*texts, ODD[kind]], column(kind))
    assert not quick.faults
    assert not slow.faults
    assert list(map(str, quick.values)) == list(map(str, slow.values[:-1]))


@pytest.mark.parametrize("text", [".5", "5.", "-.5", "1.2.3", "1-2", "--5"])
def test_half_a_number_is_refused_by_the_quick_way_too(text):
    assert len(parse(["1", text], column("number")).faults) == 1


@given(st.integers(0, 10**15))
def test_a_count_written_with_thousands_marks_is_itself(number):
    assert count(f"{number:,}").value == number
    assert parse([f"{number:,}", "7"], column("count")).values[0] == number


@given(st.integers(0, 99999), st.sampled_from([("w", 4), ("万", 4), ("亿", 8), ("k", 3)]))
def test_a_rounded_count_lies_within_its_bounds(tenths, unit):
    sign, power = unit
    figure = count(f"{tenths // 10}.{tenths % 10}{sign}")
    exact = Decimal(tenths) * 10 ** (power - 1)
    assert figure.value == exact
    assert figure.low <= exact <= figure.high
    assert figure.high - figure.low == 10 ** (power - 1)


@given(st.integers(0, 10**6))
def test_a_duration_in_words_is_its_seconds(total):
    hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
    assert duration(f"{hours}小时{minutes}分{seconds}秒") == total
    assert duration(f"{hours:02d}:{minutes:02d}:{seconds:02d}") == total


@given(st.decimals(0, 200, places=2))
def test_a_percentage_is_the_fraction_it_names(percent):
    assert rate(f"{percent}%", "percent").value == float(percent / 100)
    assert rate(str(percent), "percent_header").value == float(percent / 100)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
def test_a_time_survives_every_spelling(time):
    time = time.replace(microsecond=0)
    for shape in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日%H时%M分%S秒"):
        assert moment(time.strftime(shape)) == time


# Every format of a cell, written and read again: the value, and nothing but the value.

FRACTIONS = st.decimals(0, 1, places=6)
AMOUNTS = st.decimals(0, 10**9, places=2)
COUNTS = st.integers(0, 10**12)
SECONDS = st.integers(0, 10**6)


def grouped(number) -> str:
    return f"{number:,}"


def wide(text: str) -> str:
    return text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789.,%:~+-w"})


def in_words(total: int) -> str:
    days, rest = divmod(total, 86400)
    parts = [(days, "天"), (rest // 3600, "小时"), (rest // 60 % 60, "分"), (rest % 60, "秒")]
    return "".join(f"{n}{unit}" for n, unit in parts if n) or "0秒"


WRITTEN = {  # format -> values, how they are written, how they are read
    "plain count": (COUNTS, str, lambda t: count(t).value),
    "count with commas": (COUNTS, grouped, lambda t: count(t).value),
    "count in full width": (COUNTS, lambda n: wide(str(n)), lambda t: count(t).value),
    "padded count": (COUNTS, lambda n: f"\t {n}\u3000", lambda t: count(t).value),
    "negative count": (COUNTS, lambda n: str(-n), lambda t: -count(t, signed=True).value),
    "count in 万": (
        st.decimals(0, 10**6, places=4),
        lambda n: f"{n}万",
        lambda t: count(t).value / 10**4,
    ),
    "count in w": (
        st.decimals(0, 10**6, places=4),
        lambda n: f"{n}w",
        lambda t: count(t).value / 10**4,
    ),
    "count in 亿": (
        st.decimals(0, 10**4, places=8),
        lambda n: f"{n:f}亿",
        lambda t: count(t).value / 10**8,
    ),
    "count under 万": (
        st.decimals(0, 10**6, places=4),
        str,
        lambda t: count(t, "万").value / 10**4,
    ),
    "open count": (COUNTS, lambda n: f"{n}+", lambda t: count(t).low),
    "fraction": (FRACTIONS, str, lambda t: rate(t, "fraction").value),
    "percentage": (FRACTIONS, lambda f: f"{f * 100:.4f}%", lambda t: rate(t, "percent").value),
    "wide percentage": (
        FRACTIONS,
        lambda f: wide(f"{f * 100:.4f}%"),
        lambda t: rate(t, "percent").value,
    ),
    "percentage by header": (
        FRACTIONS,
        lambda f: f"{f * 100:.4f}",
        lambda t: rate(t, "percent_header").value,
    ),
    "basis points": (st.integers(0, 20000), str, lambda t: rate(t, "basis").value * 10000),
    "yuan": (AMOUNTS, str, lambda t: money(t).value),
    "yuan with sign": (AMOUNTS, lambda a: f"¥{a:,}", lambda t: money(t).value),
    "yuan with wide sign": (AMOUNTS, lambda a: f"￥{a:,}", lambda t: money(t).value),
    "yuan with word": (AMOUNTS, lambda a: f"{a}元", lambda t: money(t).value),
    "yuan owed": (AMOUNTS, lambda a: f"-¥{a:,}", lambda t: -money(t, signed=True).value),
    "分": (st.integers(0, 10**12), str, lambda t: money(t, "分").value * 100),
    "分 with word": (st.integers(0, 10**12), lambda n: f"{n}分", lambda t: money(t).value * 100),
    "万元": (st.decimals(0, 10**6, places=4), str, lambda t: money(t, "万元").value / 10**4),
    "万元 with word": (
        st.decimals(0, 10**6, places=4),
        lambda n: f"{n}万元",
        lambda t: money(t).value / 10**4,
    ),
    "seconds": (st.decimals(0, 10**6, places=6), str, lambda t: duration(t, "seconds")),
    "seconds in words": (SECONDS, in_words, duration),
    "clock": (SECONDS, lambda n: f"{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}", duration),
    "short clock": (st.integers(0, 3599), lambda n: f"{n // 60}:{n % 60:02d}", duration),
    "minutes": (st.decimals(0, 10**4, places=2), str, lambda t: duration(t, "minutes") / 60),
    "minutes in words": (
        st.decimals(0, 10**4, places=2),
        lambda n: f"{n}分钟",
        lambda t: duration(t) / 60,
    ),
    "hours": (st.decimals(0, 10**4, places=2), str, lambda t: duration(t, "hours") / 3600),
    "hours in words": (
        st.decimals(0, 10**4, places=2),
        lambda n: f"{n}小时",
        lambda t: duration(t) / 3600,
    ),
    "id": (st.integers(10**18, 10**19 - 1), str, lambda t: int(identifier(t))),
    "id kept from a spreadsheet": (
        st.integers(10**18, 10**19 - 1),
        lambda n: f'="{n}"',
        lambda t: int(identifier(t)),
    ),
    "id with a quote": (
        st.integers(10**18, 10**19 - 1),
        lambda n: f"'{n}",
        lambda t: int(identifier(t)),
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
def test_what_was_written_is_what_is_read(name, data):
    values, write, read = WRITTEN[name]
    value = data.draw(values)
    assert read(write(value)) == pytest.approx(float(value), rel=1e-12, abs=1e-12)
    if name.startswith("id"):
        assert read(write(value)) == value


@given(st.integers(0, 9999), st.integers(1, 9999), st.sampled_from(["", "w", "万", "k"]))
def test_a_range_keeps_both_its_ends(low, more, unit):
    figure = count(f"{low}{unit}~{low + more}{unit}")
    scale = {"": 1, "k": 1000}.get(unit, 10000)
    assert math.isnan(figure.value)
    assert figure[1:] == (low * scale, (low + more) * scale)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)))
def test_a_day_survives_every_spelling_of_it(time):
    day = datetime(time.year, time.month, time.day)
    for shape in (
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y年%m月%d日",
        "%Y%m%d" if day.year >= 2000 else "%Y-%m-%d",
    ):
        assert moment(time.strftime(shape)) == day
    serial = (day - datetime(1899, 12, 30)).days
    assert moment(str(serial), serial=True) == day
    assert moment(time.strftime("%d/%m/%Y"), order="dmy") == day
    assert moment(time.strftime("%m/%d/%Y"), order="mdy") == day


def test_a_date_of_ambiguous_order_is_read_in_the_declared_one():
    assert moment("1/12/2010", order="dmy") == datetime(2010, 12, 1)
    assert moment("1/12/2010", order="mdy") == datetime(2010, 1, 12)
    assert moment("1/12/2010 18:04", order="mdy") == datetime(2010, 1, 12, 18, 4)
    assert refused(moment, "13/12/2010", order="mdy") == (
        "cell '13/12/2010': there is no such date. To mend: correct the cell."
    )
    parsed = parse(["1/12/2010"], column("date", order="dmy"))
    assert parsed.values.tolist() == [datetime(2010, 12, 1)]


def test_a_unit_in_the_cell_and_another_in_the_header_are_refused():
    remedy = "To mend: give the column as it was first downloaded, with one unit."
    both = f"a unit in the cell and another in the header. {remedy}"
    assert refused(money, "12.30元", "分") == f"cell '12.30元': {both}"
    assert refused(money, "1.2万", "万元") == f"cell '1.2万': {both}"
    assert refused(count, "1.2w", "万") == f"cell '1.2w': {both}"
    assert (
        refused(money, "12.5", "分") == f"cell '12.5': 分 are whole: this is another unit. {remedy}"
    )


def test_hundredths_of_a_percent_are_whole_and_bear_no_sign():
    remedy = (
        "To mend: give the whole column in whole hundredths of a percent, as it was first "
        "downloaded."
    )
    assert rate("3521", "basis").value == 0.3521
    assert refused(rate, "35.21%", "basis") == (
        f"cell '35.21%': a percentage in a column of hundredths of a percent. {remedy}"
    )
    assert refused(rate, "0.3521", "basis") == (
        f"cell '0.3521': hundredths of a percent are whole: two scales are mixed. {remedy}"
    )


def test_a_growth_may_be_negative_and_a_share_may_not():
    assert rate("-0.21%", "percent", signed=True).value == -0.0021
    assert "cannot be negative" in refused(rate, "-0.21%", "percent")


def test_a_rounded_rate_is_no_rate_in_ten_thousands():
    assert "this is not a rate" in refused(rate, "1.2w%", "percent")


def test_a_range_below_0_is_refused():
    assert refused(count, "-5~5", signed=True) == (
        "cell '-5~5': a range below 0. To mend: correct the cell."
    )


def test_three_ids_that_end_in_zeros_were_rounded():
    rounded = [f"69250501000{n}0000000" for n in range(3)]
    faults = parse([*rounded, "-"], column("id")).faults
    assert [place for place, _ in faults] == [0, 1, 2]
    assert str(faults[0][1]).startswith(
        f"cell '{rounded[0]}': an id that came as a number above 2^53"
    )
    assert not parse(rounded[:2], column("id")).faults
    assert not parse([*rounded, "6925050100000005421"], column("id")).faults


@pytest.mark.parametrize(
    ("kind", "stated", "usual", "text", "value"),
    [
        ("count", "万", "", "1.2", 12000),
        ("count", "w", "", "1.2", 12000),
        ("yuan", "元", "", "12", 12),
        ("yuan", "分", "元", "1234", 12.34),
        ("yuan", "万元", "元", "1.2", 12000),
        ("seconds", "分钟", "", "1.5", 90),
        ("hours", "分", "小时", "90", 5400),
        ("hours", "", "小时", "1小时30分", 5400),
        ("duration_text", "秒", "", "177", 177),
        ("rate_fraction", "%", "", "35.2", 0.352),
        ("rate_percent_header", "", "%", "35.2%", 0.352),
        ("rate_percent_header", "%", "%", "35.2", 0.352),
    ],
)
def test_a_files_own_header_says_how_its_cells_are_read(kind, stated, usual, text, value):
    read = column(kind).under(stated, usual)
    assert parse([text], read).values.tolist() == [value]


@pytest.mark.parametrize(
    ("kind", "stated"), [("count", "%"), ("yuan", "秒"), ("rate_fraction", "元"), ("number", "万")]
)
def test_no_column_is_read_in_a_unit_that_it_cannot_have(kind, stated):
    assert column(kind).under(stated, "") is None


@pytest.mark.parametrize("text", ["36.7", "36.7%"])
def test_a_column_that_mixes_two_scales_is_an_error_whichever_way_it_is_read(text):
    """0.36 and 36.7 in one column: neither is repaired."""
    (fault,) = parse(["0.36", text], column("rate_fraction")).faults
    assert fault[0] == 1
    (fault,) = parse(["36.7%", "0.36"], column("rate_percent")).faults
    assert fault[0] == 1


@given(st.text(max_size=12))
def test_no_text_raises_anything_but_a_kpi_error(text):
    for kind in (
        "count",
        "yuan",
        "rate_fraction",
        "rate_percent",
        "rate_percent_header",
        "rate_basis",
        "seconds",
        "minutes",
        "duration_text",
        "hours",
        "datetime",
        "date",
        "month",
        "id",
        "yes_no",
        "score",
        "number",
    ):
        assert len(parse([text.strip(), "-"], column(kind)).values) == 2


def test_a_column_with_odd_cells_keeps_bounds_only_then():
    exact = parse(["1", "2"], column("count"))
    assert exact.low is None
    odd = parse(["1.2w", "7.5w~10w", "5", "-"], column("count"))
    np.testing.assert_array_equal(odd.values, [12000, NAN, 5, NAN])
    np.testing.assert_array_equal(odd.low, [11500, 75000, 5, NAN])
    np.testing.assert_array_equal(odd.high, [12500, 100000, 5, NAN])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("count", "12.5"),
        ("count", "-2"),
        ("yuan", "-2.5"),
        ("rate_fraction", "1.000001"),
        ("count", "9007199254740994"),
        ("date", "-025-05-01"),
        ("date", "0000020250"),
        ("yuan", "1,23"),
    ],
)
def test_the_quick_way_refuses_what_a_cell_alone_would(kind, text):
    assert [place for place, _ in parse(["-", text], column(kind)).faults] == [1]


def test_a_day_has_no_time_of_day_whichever_way_it_is_read():
    days = parse(["2025-05-01 12:30:00", "-"], column("date")).values
    odd = parse(["2025/05/01 12:30", "-"], column("date")).values
    assert days.tolist() == odd.tolist() == [datetime(2025, 5, 1), None]


def test_faults_of_a_column_name_their_places():
    faults = parse(["0.3", "36.7", "0.4", "40%"], column("rate_fraction")).faults
    assert [place for place, _ in faults] == [1, 3]


def test_words_outside_the_list_are_refused():
    (fault,) = parse(["self", "boss"], column("text", within=("self", "peer"))).faults
    assert str(fault[1]) == "cell 'boss': not one of self, peer. To mend: write one of these."
    (fault,) = parse(["6"], column("score")).faults
    assert str(fault[1]) == "cell '6': a rating lies between 1 and 5. To mend: correct the cell."
    (fault,) = parse(["May"], column("month")).faults
    assert str(fault[1]) == "cell 'May': this is not a month. To mend: write it as 2025-05."
