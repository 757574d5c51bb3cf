"""Screens for bought figures: published values, what is found, and what is left in peace."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError
from scipy import stats

from kpilib.authenticity import Limits, claims, compare, disagreeing, screen
from kpilib.authenticity.robust import modified_z, usual_at
from kpilib.authenticity.screening import independent
from kpilib.authenticity.signals import RATIOS
from kpilib.exports import read_team
from kpilib.exports.receipt import Month
from tests.benchmarks.detection import rates
from tests.brushed import World, month, works
from tests.months import month_of, table_of

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
NORMAL = World(df=200)


def honest(accounts: int = 1, n: int = 30, seed: int = 7) -> pd.DataFrame:
    return works(np.random.default_rng(seed), accounts, n, NORMAL)


def of(seen, signal: str) -> pd.DataFrame:
    return seen.signals[seen.signals["signal"] == signal]


# ---- measures ---------------------------------------------------------------------------------


def test_modified_z_scores_are_those_of_the_handbook():
    """Iglewicz & Hoaglin 1993, data of p. 10; median 2.45, MAD 0.15."""
    data = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
    expected = [-1.574, 0.674, -0.225, 0.225, -0.674, -1.574, -0.674, 0.674, 25.856, 26.306]
    assert modified_z(data) == pytest.approx(expected, abs=1e-3)


def test_where_most_are_equal_the_mean_deviation_takes_over():
    """Median 1, mean absolute deviation 9/10; 9 / (1.253314 x 0.9)."""
    data = np.array([1.0] * 9 + [10.0])
    assert modified_z(data)[-1] == pytest.approx(9 / (1.253314 * 0.9))
    assert modified_z(data)[:-1].tolist() == [0.0] * 9


def test_where_all_are_equal_none_is_out_of_line_and_unknown_stays_unknown():
    assert modified_z(np.array([3.0, 3.0, np.nan])).tolist()[:2] == [0.0, 0.0]
    assert np.isnan(modified_z(np.array([3.0, 3.0, np.nan]))[2])
    assert np.isnan(modified_z(np.array([np.nan]))).all()


@given(
    hnp.arrays(float, (25, 2), elements=st.floats(-10, 10).map(lambda v: round(v, 3))).filter(
        lambda a: len(np.unique(a[:, 0])) > 1
    )
)
def test_the_line_has_the_slope_of_theil_and_sen(data):
    """Within the inner range of x the line rises by scipy's slope, bounded."""
    x, y = data.T
    with np.errstate(invalid="ignore"):  # scipy's interval of a slope among ties, not the slope
        expected = stats.theilslopes(y, x).slope
    line = usual_at(x, y, np.ones(25, bool), np.inf)
    low, high = np.percentile(x, (5, 95))
    inner = np.flatnonzero((x >= low) & (x <= high))
    i, j = inner[x[inner].argmin()], inner[x[inner].argmax()]
    assert line[j] - line[i] == pytest.approx(expected * (x[j] - x[i]), abs=1e-9)
    held = usual_at(x, y, np.ones(25, bool), 0.1)
    assert held.max() - held.min() <= 0.1 * (high - low) + 1e-9


def test_a_large_account_is_measured_by_a_line_through_part_of_it():
    table = honest(n=1_500)
    x, y = np.log(table["plays"]).to_numpy(), np.log(table["likes"] / table["plays"]).to_numpy()
    line = usual_at(x, y, np.ones(1_500, bool), np.inf)
    expected = stats.theilslopes(y[:600], x[:600]).slope
    low, high = line[x.argmin()], line[x.argmax()]
    found = (high - low) / np.diff(np.percentile(x, (5, 95)))[0]
    assert found == pytest.approx(expected, abs=0.05)


def test_independent_signals_are_the_most_of_which_no_two_share_a_part():
    """By brute force over every set of signals that a work or a room can have."""
    for ratios in RATIOS.values():
        parts = [ratio.parts for ratio in ratios]
        for n in range(len(parts) + 1):
            for chosen in itertools.combinations(parts, n):
                best = max(
                    size
                    for size in range(n + 1)
                    for some in itertools.combinations(chosen, size)
                    if sum(map(len, some)) == len(frozenset().union(*some))
                )
                assert independent(chosen) == best


# ---- what is found ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> list[Month]:
    months = ("2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05")
    return [read_team(SAMPLE, month) for month in months]


def test_the_brushed_works_of_the_made_up_company_are_found_and_nobody_else(sample):
    found = {m.month: screen(m, sample[:i]).flags for i, m in enumerate(sample)}
    assert {name: len(flags) for name, flags in found.items() if len(flags)} == {"2025-05": 3}
    flags = found["2025-05"]
    assert flags[["kind", "account", "row"]].to_numpy().tolist() == [
        ["work", "七号工具间", row] for row in (22, 52, 53)
    ]
    each = ("likes_per_play", "comments_per_like", "followers_per_play", "visits_per_play")
    assert flags["signals"].tolist() == [each] * 3
    plays = sample[-1].tables["works"].loc[flags["position"].astype(int), "plays"]
    assert (plays > 1_100_000).all()  # what the generator bought


def test_every_flag_has_its_evidence(sample):
    seen = screen(sample[-1], sample[:-1])
    first = seen.evidence.iloc[0]
    assert (first["name"], first["at"]) == (
        "电钻选购｜新手也能一次成功 #日常",
        pd.Timestamp("2025-05-12 09:34:26"),
    )
    assert first["file"].startswith("exports/2025-05/2025-06-15/")
    assert first["value"] == pytest.approx(713950 / 1602264)
    assert 0.02 < first["usual"] < 0.05
    assert first["z"] > 3.5
    assert seen.rows == {"works": 211, "sessions": 93, "account_days": 124, "orders": 1168}


@pytest.mark.parametrize(
    ("world", "most"), [(World(), 0.012), (NORMAL, 0.0005), (World(shared=0), 0.006)]
)
def test_honest_works_are_seldom_flagged_even_with_heavy_tails(world, most):
    """``python -m tests.benchmarks.detection`` states the rates at full size."""
    assert rates(world, "plays", 1, 0, accounts=40)[1] <= most


@pytest.mark.parametrize(
    ("way", "times", "least", "most"),
    [
        ("plays", 30, 0.97, 1.0),
        ("plays and likes", 10, 0.8, 1.0),
        ("likes", 10, 0.0, 0.05),
    ],
)
def test_power_is_as_stated(way, times, least, most):
    """Plays bought in bulk are found; likes alone are one oddity and stay a single signal."""
    power, false, alone, _, _ = rates(World(), way, times, 0.05, accounts=30)
    assert least <= power <= most
    assert false <= 0.012
    assert power + alone > 0.9


def test_moving_one_counter_only_is_no_flag():
    """Likes are in two ratios, and that is one oddity."""
    table = honest()
    table.loc[3, "likes"] *= 30
    seen = screen(month(table))
    assert seen.single["signal"].tolist() == ["likes_per_play", "comments_per_like"]
    assert seen.flags.empty


def test_an_account_with_too_few_works_is_measured_by_months_before_or_left_alone():
    now, before = honest(n=12), honest(n=12, seed=8)
    now.loc[3, ["likes", "profile_visits"]] *= 40
    alone = screen(month(now))
    assert alone.flags.empty
    assert alone.screened.loc[0, ["rows", "measured_by", "enough"]].tolist() == [12, 12, False]
    assert alone.rows == {}
    far = screen(month(now), [month(honest(n=300, seed=9)), month(before)])
    assert far.flags["row"].tolist() == [5]
    cells = ["rows", "measured_by", "months", "enough"]
    assert far.screened.loc[0, cells].tolist() == [12, 24, 2, True]


def test_small_numbers_prove_nothing():
    """A factor of ten is no signal where it is ten cases."""
    table = honest()
    table.loc[3, ["plays", "likes", "profile_visits", "follower_gain"]] = [100, 28, 22, 5]
    assert screen(month(table)).signals.empty


def test_order_of_rows_is_irrelevant():
    table = honest(accounts=3)
    table.loc[[3, 40], ["likes", "profile_visits"]] *= 40
    shuffled = table.sample(frac=1, random_state=1)
    found = [set(screen(month(t)).flags["row"]) for t in (table, shuffled.reset_index(drop=True))]
    assert found == [{5, 42}, {5, 42}]


# ---- rooms, days, orders ----------------------------------------------------------------------


def day(number: int) -> pd.Timestamp:
    return pd.Timestamp(2025, 5, number)


def room(number: int, **more) -> dict:
    rng = np.random.default_rng(number)
    viewers = int(rng.integers(2_000, 3_000))
    same = {
        "account": "甲房",
        "day": day(number),
        "viewers": viewers,
        "views": 1.4 * viewers,
        "live_s": 14_400.0,
        "avg_watch_s": 120.0 + number,
        "peak_online": 400.0,
        "comments": 0.3 * viewers,
        "likes": 3.0 * viewers,
        "follower_gain": 0.03 * viewers,
        "pay_users": 0.04 * viewers // 1,
        "pay_orders": 0.04 * viewers // 1,
        "gmv": 4_000.0,
    }
    return same | more


def test_a_room_full_of_machines_is_flagged():
    """Ten times the viewers, who neither talk nor buy, nor stay."""
    odd = room(9, viewers=25_000, avg_watch_s=12.0, comments=600, likes=7000, follower_gain=70)
    seen = screen(month_of(sessions=[room(n) if n != 9 else odd for n in range(1, 31)]))
    assert seen.flags[["kind", "name", "at"]].to_numpy().tolist() == [["session", "甲房", day(9)]]
    assert {"comments_per_viewer", "watch_time", "buyers_per_viewer"} <= set(
        seen.flags["signals"][0]
    )


@pytest.mark.parametrize(
    ("more", "signal", "value", "usual"),
    [
        ({"peak_online": 5.0}, "online", 5.0, None),
        ({"pay_users": 150.0, "pay_orders": 140.0}, "buyers", 150.0, 140.0),
    ],
)
def test_identities_of_a_room(more, signal, value, usual):
    seen = screen(month_of(sessions=[room(1, **more)]))
    line = of(seen, signal).iloc[0]
    assert line["value"] == value
    expected = room(1)["viewers"] * 121 / 14_400 if usual is None else usual
    assert line["usual"] == pytest.approx(expected)
    assert seen.flags.empty  # one oddity


def test_a_rooms_gmv_is_held_against_its_orders_where_the_export_has_the_room():
    orders = [
        {"account": "甲房", "day": day(1), "order_id": str(n), "amount": 100.0, "buyer": str(n)}
        for n in range(40)
    ]
    good = room(1, gmv=4_000.0, pay_orders=40.0, pay_users=40.0)
    other = good | {"account": "乙房", "gmv": 9.0}
    wrong = good | {"gmv": 9_000.0, "pay_orders": 90.0}
    assert screen(month_of(sessions=[good, other], orders=orders)).signals.empty
    seen = screen(month_of(sessions=[wrong], orders=orders))
    lines = seen.signals[["signal", "value", "usual"]].to_numpy().tolist()
    assert lines == [["gmv_orders", 9_000.0, 4_000.0], ["orders_count", 90.0, 40.0]]
    assert seen.flags.empty  # an order export that lacks rows is one oddity, not two


def test_an_identity_needs_no_sample_but_a_flag_does():
    """A room seen on two days, both impossible twice over; with 20 days each would be a flag."""
    odd = {"peak_online": 5.0, "pay_users": 150.0, "pay_orders": 140.0}
    seen = screen(month_of(sessions=[room(n, **odd) for n in (1, 2)]))
    assert seen.screened[["rows", "enough"]].to_numpy().tolist() == [[2, False]]
    assert seen.flags.empty
    both = [[day(n), signal] for n in (1, 2) for signal in ("online", "buyers")]
    assert seen.single[["at", "signal"]].to_numpy().tolist() == both
    rooms = [room(n, **(odd if n < 3 else {})) for n in range(1, 21)]
    assert screen(month_of(sessions=rooms)).flags["at"].tolist() == [day(1), day(2)]
    before = [room(n) | {"day": day(n) - pd.Timedelta(days=31)} for n in range(3, 21)]
    seen = screen(month_of(sessions=rooms[:2]), [month_of("2025-04", sessions=before)])
    assert seen.flags["at"].tolist() == [day(1), day(2)]


def test_a_day_whose_amounts_are_not_all_known_is_not_compared():
    """Neither without the column, nor with one unknown amount among three."""
    cells = {"account": "甲房", "buyer": "b"}
    for number, amounts in ((1, (np.nan, np.nan)), (2, (100.0, np.nan, 100.0))):
        rows = [{"day": day(number), "order_id": str(n), "amount": a} | cells
                for n, a in enumerate(amounts)]  # fmt: skip
        stated = room(number, gmv=7_383.9, pay_orders=float(len(rows)), pay_users=1.0)
        assert screen(month_of(sessions=[stated], orders=rows)).signals.empty
        bare = stated | {"day": day(9), "gmv": 500.0}  # no order on this day: that is 0
        seen = screen(month_of(sessions=[bare], orders=rows))
        assert seen.signals[["signal", "usual"]].to_numpy().tolist() == [
            ["gmv_orders", 0.0],
            ["orders_count", 0.0],
        ]


def days(jump: int = 0, gain: bool = True) -> list[dict]:
    rng = np.random.default_rng(3)
    total, rows = 100_000.0, []
    for number in range(1, 32):
        new = float(rng.integers(200, 400)) + (jump if number == 20 else 0)
        total += new
        stated = new if gain or number != 20 else new - jump
        cells = {"account": "甲号", "day": day(number), "follower_gain": stated}
        rows.append(cells | {"followers_total": total})
    return rows


def test_a_jump_of_followers_is_a_signal_and_so_is_a_total_that_does_not_add_up():
    assert screen(month_of(account_days=days())).signals.empty
    seen = screen(month_of(account_days=days(jump=8_000, gain=False)))
    assert seen.signals["signal"].tolist() == ["follower_balance", "follower_jump"]
    assert set(seen.signals["at"]) == {day(20)}
    assert of(seen, "follower_jump")["value"].iloc[0] == pytest.approx(0.079, abs=0.002)
    assert seen.flags.empty  # followers twice


def lines(buyers: list[str], **more) -> list[dict]:
    rows = []
    for n, buyer in enumerate(buyers):
        cells = {"account": "甲房", "order_id": f"o{n}", "buyer": buyer, "amount": 10.0 + n}
        rows.append(cells | {"product_id": "p", "day": day(1 + n % 28)} | more)
    return rows


def test_a_buyer_of_many_equal_orders_is_flagged_and_one_of_many_different_ones_is_not():
    crowd = lines([f"b{n}" for n in range(40)])
    fan = lines(["fan"] * 9)
    seen = screen(month_of(orders=crowd + fan))
    assert set(seen.single["signal"]) == {"buyer_orders"}
    assert len(seen.single) == 9
    assert seen.flags.empty
    machine = lines(["machine"] * 9, amount=99.0, day=day(4))
    seen = screen(month_of(orders=crowd + machine))
    assert len(seen.flags) == 9
    assert set(seen.flags["signals"]) == {("buyer_orders", "same_basket")}
    assert of(seen, "buyer_orders")[["value", "usual"]].iloc[0].tolist() == [9.0, 1.0]


def test_orders_of_unknown_buyers_are_no_buyers_orders():
    assert screen(month_of(orders=lines([None] * 40, amount=9.0, day=day(2)))).signals.empty


# ---- two sources ------------------------------------------------------------------------------

OURS = pd.DataFrame(
    [["甲房", day(n), "gmv", value] for n, value in ((1, 80_000.0), (2, 60_000.0), (3, 111_000.0))],
    columns=["account", "at", "metric", "value"],
)


def theirs(*rows: tuple[int, float, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(
        [["甲房", day(n), value, low, high, "蝉妈妈.xlsx", n + 1] for n, value, low, high in rows],
        columns=["account", "day", "sales", "sales_low", "sales_high", "file", "row"],
    )
    return claims(table, "chanmama", {"sales": "gmv"}, "sessions", "day")


def test_a_range_agrees_with_all_that_is_within_it():
    """7.5w~10w against 80,000, 60,000 and 111,000."""
    ranges = [(n, np.nan, 75_000.0, 100_000.0) for n in (1, 2, 3)]
    compared = compare(OURS, theirs(*ranges), Limits())
    assert compared["apart"].tolist() == pytest.approx([0.0, -0.2, 0.11])
    assert disagreeing(compared, Limits())["at"].tolist() == [day(2), day(3)]
    assert disagreeing(compared, Limits(sources=0.15))["at"].tolist() == [day(2)]


def test_a_single_number_is_an_interval_of_its_own_and_unknown_ones_are_not_compared():
    table = theirs((1, 80_000.0, np.nan, np.nan), (2, np.nan, np.nan, np.nan))
    assert table[["low", "high"]].to_numpy().tolist() == [[80_000.0, 80_000.0]]
    compared = compare(OURS, table, Limits())
    assert compared[["ours", "apart"]].to_numpy().tolist() == [[80_000.0, 0.0]]


def test_a_source_that_disagrees_is_one_signal_of_the_rooms_day():
    rooms = [room(n, gmv=80_000.0) for n in range(1, 31)]
    ours = OURS.iloc[:1]
    compared = compare(ours, theirs((1, 20_000.0, np.nan, np.nan)), Limits())
    seen = screen(month_of(sessions=rooms), compared=compared)
    assert of(seen, "source_gmv")[["at", "value", "usual"]].to_numpy().tolist() == [
        [day(1), 80_000.0, 20_000.0]
    ]
    assert (seen.compared, len(seen.sources), len(seen.flags)) == (1, 1, 0)
    odd = [room(1, gmv=80_000.0, comments=8_000.0), *rooms[1:]]
    seen = screen(month_of(sessions=odd), compared=compared)
    assert set(seen.flags["signals"][0]) == {"source_gmv", "comments_per_viewer"}


# ---- what is out already ----------------------------------------------------------------------


def test_rows_that_are_excluded_already_are_screened_all_the_same_and_say_so():
    table = honest()
    table.loc[3, ["likes", "profile_visits"]] *= 40
    read = month(table)
    out = table.loc[[3]].reset_index(drop=True)
    rest = table.drop(index=3).reset_index(drop=True)
    tables = {**read.tables, "works": rest}
    seen = screen(Month(read.data, read.month, tables, read.receipt, {"works": out}))
    assert seen.flags[["position", "row", "excluded"]].to_numpy().tolist() == [[29, 5, True]]


def test_limits_are_closed_and_two_signals_are_the_least():
    with pytest.raises(ValidationError):
        Limits(signals=1)
    with pytest.raises(ValidationError):
        Limits(rows=19)
    with pytest.raises(ValidationError):
        Limits(zz=3)
    assert (Limits().z, Limits().rows, Limits().signals) == (3.5, 20, 2)


def test_a_month_without_rows_has_no_signals():
    seen = screen(month_of())
    assert seen.signals.empty
    assert seen.flags.empty
    assert seen.evidence.empty
    assert table_of("works", ()).empty


# ---- third parties ----------------------------------------------------------------------------


def with_tables(read: Month, **tables: list[dict]) -> Month:
    """Return a month with tables typed in, each with file and row."""
    made = {
        name: pd.DataFrame(rows).assign(file=f"{name}.xlsx", row=range(2, 2 + len(rows)))
        for name, rows in tables.items()
    }
    return Month(read.data, read.month, {**read.tables, **made}, read.receipt)


def test_broadcasts_that_a_monitor_saw_are_summed_to_days():
    """Two broadcasts of 40,000 and 3w~4w are 70,000 to 80,000; the room says 100,000."""
    rooms = [room(n, gmv=100_000.0, views=4_000.0, peak_online=400.0) for n in (1, 2)]
    same = {"account": "甲房", "views": 2_000.0, "peak_online": 400.0}
    lives = [
        same | {"started": day(1) + pd.Timedelta(hours=9), "gmv": 40_000.0},
        same
        | {"started": day(1) + pd.Timedelta(hours=20), "gmv": np.nan, "peak_online": 120.0}
        | {"gmv_low": 30_000.0, "gmv_high": 40_000.0},
    ]
    seen = screen(with_tables(month_of(sessions=rooms), monitored_lives=lives))
    cells = ["account", "at", "metric", "source", "low", "high", "ours"]
    assert seen.sources[cells].to_numpy().tolist() == [
        ["甲房", day(1), "gmv", "monitor", 70_000.0, 80_000.0, 100_000.0]
    ]
    assert seen.sources["apart"].tolist() == pytest.approx([0.25])
    assert seen.compared == 3
    assert of(seen, "source_gmv")["at"].tolist() == [day(1)]


def test_a_work_is_held_against_xingtu_by_its_number_in_the_open_platform():
    table = honest()
    table.loc[3, "profile_visits"] = 0.0  # one oddity
    work = table.loc[3]
    item = {"item_id": "7", "account": "a0", "title": "t3", "published": work["published"]}
    star = {"account": None, "item_id": "7", "plays": work["plays"] / 4}
    star |= {"likes": work["likes"], "comments": np.nan}
    read = with_tables(month(table), open_items=[item], star_orders=[star])
    seen = screen(read)
    assert seen.sources["metric"].tolist() == ["plays"]
    assert seen.sources["apart"].tolist() == pytest.approx([3.0])
    assert seen.flags["row"].tolist() == [5]
    assert set(seen.flags["signals"][0]) == {"visits_per_play", "source_plays"}


def test_medians_of_plays_and_days_of_the_open_platform_are_compared():
    table = honest()
    median = float(table["plays"].median())
    creators = [{"account": "a0", "median_plays": 0.5 * median}]
    seen = screen(with_tables(month(table), creators=creators))
    cells = seen.sources[["metric", "at", "low", "ours"]].to_numpy().tolist()
    assert cells == [["median_plays", "2025-05", 0.5 * median, median]]
    rows = days()
    opened = [
        {
            "account": "甲号",
            "day": r["day"],
            "plays": np.nan,
            "followers_total": r["followers_total"],
        }
        for r in rows
    ]
    opened[4]["followers_total"] *= 2
    seen = screen(with_tables(month_of(account_days=rows), open_days=opened))
    assert seen.sources[["metric", "at"]].to_numpy().tolist() == [["followers_total", day(5)]]
    assert of(seen, "source_followers_total")["at"].tolist() == [day(5)]
    assert seen.compared == 31


def test_a_hosts_gmv_per_1000_views_is_held_against_both():
    """8,000 yuan of 20,000 views are 400 per 1,000."""
    rows = [
        {"name": who, "duty": "host", "gmv": 8_000.0, "views": 20_000.0, "gpm": gpm}
        for who, gpm in (("甲", 401.0), ("乙", 800.0), ("丙", np.nan))
    ]
    seen = screen(with_tables(month_of(), hosts=rows))
    cells = seen.single[["kind", "name", "signal", "value", "usual"]].to_numpy().tolist()
    assert cells == [["host", "乙", "gpm", 800.0, 400.0]]


def test_a_rooms_day_is_held_against_the_sum_of_its_broadcasts():
    parts = [
        {"account": "甲房", "day": day(1), "gmv": gmv, "pay_orders": n}
        for gmv, n in ((1_000.0, 60.0), (3_000.0, 40.0))
    ]
    rooms = [room(1, gmv=4_000.0, pay_orders=120.0), room(2)]
    seen = screen(with_tables(month_of(sessions=rooms), rooms=parts))
    lines = seen.signals[["signal", "value", "usual"]].to_numpy().tolist()
    assert lines == [["parts_orders", 120.0, 100.0]]
    parts[1] |= {"gmv": np.nan, "pay_orders": np.nan}  # what one broadcast sold is unknown
    assert screen(with_tables(month_of(sessions=rooms), rooms=parts)).signals.empty


def test_a_work_without_its_time_of_day_is_not_taken_for_its_accounts_day():
    """Published on 5 May at no known hour: that is midnight, as the account's day is."""
    work = {"account": "甲号", "title": "t", "published": day(5), "plays": 100.0}
    opened = [{"account": "甲号", "day": day(5), "plays": 9_999.0, "followers_total": np.nan}]
    own = days()
    own[4]["plays"] = 50.0
    seen = screen(with_tables(month_of(account_days=own, works=[work]), open_days=opened))
    lines = seen.signals[["table", "signal", "value"]].to_numpy().tolist()
    assert lines == [["account_days", "source_plays", 50.0]]
