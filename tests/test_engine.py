"""The engine: exact values on the way in, one SELECT on the way out, and nothing else allowed."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.engine import DuckDB, exact, open_engine
from kpilib.errors import KpiError

REMEDY = "To mend: check the formulas of the catalogue and the sizes of the values."


@pytest.fixture(scope="module")
def engine() -> DuckDB:
    return DuckDB()


def test_values_take_the_type_of_their_kind(engine):
    frame = pd.DataFrame(
        {
            "seat": [0, 1],
            "n": [3.0, np.nan],
            "money": [0.29, np.nan],
            "rate": [0.366807, np.nan],
            "seconds": [4.586155, np.nan],
            "flag": pd.array([True, None], dtype="boolean"),
            "text": pd.Series(["甲", None], dtype="str"),
            "day": pd.to_datetime(["2025-05-01", None]),
            "unused": ["x", "y"],
        }
    )
    kinds = {
        "seat": "key",
        "n": "count",
        "money": "yuan",
        "rate": "rate",
        "seconds": "seconds",
        "flag": "flag",
        "text": "text",
        "day": "day",
    }
    before = frame.copy()
    engine.register("typed", frame, kinds)
    assert engine.columns("typed") == tuple(kinds)
    types = engine.run(f"SELECT {', '.join(f'typeof({c})' for c in kinds)} FROM typed LIMIT 1", {})
    assert types.iloc[0].tolist() == [
        "BIGINT",
        "BIGINT",
        "DECIMAL(18,2)",
        "DECIMAL(9,6)",
        "DECIMAL(18,6)",
        "BIGINT",
        "VARCHAR",
        "TIMESTAMP",
    ]
    rows = engine.run("SELECT * FROM typed ORDER BY seat", {})
    assert rows.iloc[0].tolist() == [
        0,
        3,
        0.29,
        0.366807,
        4.586155,
        1,
        "甲",
        pd.Timestamp("2025-05-01"),
    ]
    assert rows.iloc[1].isna().tolist() == [False, *[True] * 7]
    pd.testing.assert_frame_equal(frame, before)


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=30))
def test_money_that_is_written_in_fen_is_summed_to_the_fen(fen):
    """Every figure with two decimals arrives as itself, whatever its double looks like."""
    engine = open_engine()
    engine.register("fen", pd.DataFrame({"y": [n / 100 for n in fen]}), {"y": "yuan"})
    total = engine.run("SELECT CAST(SUM(y) * 100 AS BIGINT) AS n FROM fen", {})
    assert total["n"].tolist() == [sum(fen)]


def test_a_table_is_replaced_by_the_next_of_its_name(engine):
    for values in ([1, 2], [5]):
        engine.register("again", pd.DataFrame({"n": values}), {"n": "count"})
        assert engine.run("SELECT SUM(n) AS n FROM again", {})["n"].tolist() == [sum(values)]
    engine.register("again", pd.DataFrame({"m": [7.5]}), {"m": "yuan"})
    assert engine.columns("again") == ("m",)


@pytest.mark.parametrize(
    ("kind", "value", "problem", "remedy"),
    [
        ("count", 12.5, "holds 12.5, and counts are whole.", "check the export."),
        ("flag", 0.5, "holds 0.5, and counts are whole.", "check the export."),
        ("count", float("inf"), "a value is too large to be kept exactly.", "check the export."),
        ("count", 2.0**53, "a value is too large to be kept exactly.", "check the export."),
        ("yuan", 1e14, "a value is too large to be kept exactly.", "check the export."),
    ],
)
def test_value_that_does_not_fit_its_kind_is_refused(engine, kind, value, problem, remedy):
    with pytest.raises(KpiError) as caught:
        engine.register("bad", pd.DataFrame({"c": [1.0, value]}), {"c": kind})
    assert str(caught.value) == f"table bad, column 'c': {problem} To mend: {remedy}"


def test_ties_beyond_the_last_place_are_rounded_before_the_engine_sees_them():
    """Half a millionth goes to the even neighbour, here and on every engine."""
    made = exact(pd.DataFrame({"r": [0.0000005, 0.0000015]}), {"r": "rate"}, "t")
    assert made["r"].tolist() == [0, 2]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/kpilib_should_not_exist.csv'",
        "SET enable_external_access = true",
        "SET memory_limit = '1GB'",
        "INSTALL httpfs",
    ],
)
def test_engine_reaches_no_file_no_network_and_no_setting(engine, sql):
    with pytest.raises(KpiError) as caught:
        engine.run(sql, {})
    assert caught.value.where == "engine"
    assert str(caught.value).endswith(REMEDY)


def test_names_of_python_variables_are_no_tables(engine):
    secret = pd.DataFrame({"pay": [1]})
    with pytest.raises(KpiError, match=r"Table with name secret does not exist"):
        engine.run("SELECT * FROM secret", {})
    assert len(secret) == 1


def test_a_query_that_takes_too_long_is_interrupted():
    slow = DuckDB(limit=0.2)
    with pytest.raises(KpiError) as caught:
        slow.run(
            "SELECT COUNT(*) FROM range(1000000) a, range(1000000) b WHERE a.range%7=b.range%5", {}
        )
    assert str(caught.value) == f"engine: DuckDB stopped: INTERRUPT Error: Interrupted. {REMEDY}"
    assert slow.run("SELECT 1 AS one", {})["one"].tolist() == [1]


def test_a_process_has_one_connection():
    assert open_engine() is open_engine("duckdb")


def test_many_rows_get_all_processors_and_few_get_one():
    sql = "SELECT current_setting('threads') AS n"
    assert open_engine(rows=999_999).run(sql, {})["n"].tolist() == [1]
    many = open_engine(rows=1_000_000)
    assert many.run(sql, {})["n"].tolist() == DuckDB().run(sql, {})["n"].tolist()
    assert many is not open_engine()


def test_unknown_engine_is_refused():
    with pytest.raises(KpiError) as caught:
        open_engine("mysql://host")
    assert str(caught.value) == (
        "engine 'mysql://host': there is no such engine. To mend: leave it out for DuckDB, "
        "or give Spark's address as sc://host:15002."
    )


def test_spark_without_its_client_is_refused_with_the_extra_to_install(monkeypatch):
    """None in sys.modules is how Python marks a package that cannot be imported."""
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(KpiError) as caught:
        open_engine("sc://localhost:15002")
    assert str(caught.value) == (
        "engine 'sc://localhost:15002': pyspark-client is not installed. To mend: install "
        "kpilib[spark], or leave the engine out for DuckDB."
    )
