"""Formulas as SQL mean what a plain reading of the language says, unknown values included."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.engine import open_engine
from kpilib.formula import parse
from kpilib.sql import to_columns, to_sql

KINDS = {"a": "count", "b": "count", "r": "rate", "f": "flag", "s": "text", "d": "day"}
CALENDAR = {"week_now": pd.Timestamp("2025-05-25"), "week_before": pd.Timestamp("2025-05-18")}
DAYS = 31

Row = dict[str, object]
Known = Fraction | bool | None  # None is an unknown value


@dataclass
class Made:
    """A piece of a formula: its text, and what it means for one row, in plain Python."""

    text: str
    of: Callable[[Row], Known]


def lift(operation: Callable[..., Known]) -> Callable[..., Known]:
    """Return an operation that is unknown as soon as one of its sides is."""
    return lambda *sides: None if None in sides else operation(*sides)


def both(left: Known, right: Known) -> Known:
    """Return three-valued ``and``: false beats unknown."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


NUMBERS = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y}
COMPARISONS = {
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}


def divided(x: Fraction, y: Fraction) -> Known:
    """Return a quotient, unknown where there is nothing to divide by."""
    return None if y == 0 else x / y


def binary(left: Made, sign: str, right: Made) -> Made:
    operation = lift(divided if sign == "/" else NUMBERS[sign])
    return Made(
        f"({left.text} {sign} {right.text})", lambda row: operation(left.of(row), right.of(row))
    )


def compared(left: Made, sign: str, right: Made) -> Made:
    operation = lift(COMPARISONS[sign])
    return Made(
        f"({left.text} {sign} {right.text})", lambda row: operation(left.of(row), right.of(row))
    )


def column(name: str) -> Made:
    return Made(name, lambda row: row[name])


NUMBER = st.one_of(
    st.sampled_from("abr").map(column),
    st.integers(0, 9).map(lambda n: Made(str(n), lambda row, n=n: Fraction(n))),
    st.sampled_from(["0.5", "2.25"]).map(lambda t: Made(t, lambda row, t=t: Fraction(t))),
)
EXPRESSION = st.recursive(
    NUMBER,
    lambda inner: st.one_of(
        st.builds(binary, inner, st.sampled_from("+-*/"), inner),
        inner.map(lambda x: Made(f"(-{x.text})", lambda row: lift(lambda v: -v)(x.of(row)))),
    ),
    max_leaves=3,
)
CONDITION = st.recursive(
    st.one_of(
        st.builds(compared, EXPRESSION, st.sampled_from(sorted(COMPARISONS)), EXPRESSION),
        st.just(Made("f", lambda row: row["f"])),
        st.sampled_from(["红", "b"]).map(
            lambda t: Made(f"s == '{t}'", lambda row, t=t: lift(lambda v: v == t)(row["s"]))
        ),
        st.sampled_from(sorted(CALENDAR)).map(
            lambda p: Made(f"d >= {p}", lambda row, p=p: lift(lambda v: v >= CALENDAR[p])(row["d"]))
        ),
        st.just(
            Made(
                "0 < a <= b",
                lambda row: both(
                    lift(lambda v: v > 0)(row["a"]), lift(lambda v, w: v <= w)(row["a"], row["b"])
                ),
            )
        ),
    ),
    lambda inner: st.one_of(
        inner.map(lambda x: Made(f"(not {x.text})", lambda row: lift(lambda v: not v)(x.of(row)))),
        st.builds(
            lambda x, y: Made(f"({x.text} and {y.text})", lambda row: both(x.of(row), y.of(row))),
            inner,
            inner,
        ),
        st.builds(
            lambda x, y: Made(
                f"({x.text} or {y.text})",
                lambda row: lift(lambda v: not v)(
                    both(lift(lambda v: not v)(x.of(row)), lift(lambda v: not v)(y.of(row)))
                ),
            ),
            inner,
            inner,
        ),
    ),
    max_leaves=3,
)


@dataclass
class Part:
    """One aggregate: its text, its arguments, its condition, and what it makes of values."""

    name: str
    arguments: list[Made]
    where: Made | None

    @property
    def text(self) -> str:
        parts = [a.text for a in self.arguments]
        parts += [f"where={self.where.text}"] if self.where else []
        return f"{self.name}({', '.join(parts)})"

    def chosen(self, row: Row) -> Known:
        return True if self.where is None else self.where.of(row)

    def known(self, row: Row) -> bool:
        if self.chosen(row) is None:
            return False
        return self.chosen(row) is False or None not in [a.of(row) for a in self.arguments]

    def of(self, rows: list[Row]) -> Known:
        """Return the aggregate of the rows that the whole formula uses."""
        rows = [row for row in rows if self.chosen(row)]
        values = [[a.of(row) for a in self.arguments] for row in rows]
        if self.name == "count":
            return Fraction(len(rows))
        first = [v[0] for v in values]
        if self.name == "nunique":
            return Fraction(len(set(first)))
        if not values:
            return None
        if self.name == "sum":
            return sum(first)
        if self.name == "mean":
            return sum(first) / len(first)
        if self.name == "wmean":
            return divided(sum(x * w for x, w in values), sum(w for _, w in values))
        return Fraction({"median": median, "min": min, "max": max}[self.name](first))


PART = st.one_of(
    st.builds(Part, st.just("count"), st.just([]), st.none() | CONDITION),
    st.builds(
        lambda name, x, where: Part(name, [x], where),
        st.sampled_from(["sum", "mean", "median", "min", "max", "nunique"]),
        EXPRESSION,
        st.none() | CONDITION,
    ),
    st.builds(
        lambda x, w, where: Part("wmean", [x, w], where),
        EXPRESSION,
        EXPRESSION,
        st.none() | CONDITION,
    ),
)


def optional(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(values, values, values, st.none())


ROW = st.fixed_dictionaries(
    {
        "a": optional(st.integers(0, 5).map(Fraction)),
        "b": optional(st.integers(0, 5).map(Fraction)),
        "r": optional(st.integers(0, 10**6).map(lambda n: Fraction(n, 10**6))),
        "f": optional(st.booleans()),
        "s": optional(st.sampled_from(["红", "b", "c"])),
        "d": optional(st.integers(15, 31).map(lambda n: pd.Timestamp(2025, 5, n))),
    }
)


def engine_says(text: str, rows: list[Row], *, cells: bool = True) -> dict[str, float]:
    """Run one formula over rows; return value, n and dropped."""
    formula, engine = parse(text), open_engine()
    frame = pd.DataFrame(
        {
            name: [
                (float(row[name]) if isinstance(row[name], Fraction) else row[name]) for row in rows
            ]
            for name in KINDS
        }
    ).assign(seat=0, days=DAYS)
    frame["d"] = frame["d"].astype("datetime64[us]")
    frame["f"] = frame["f"].astype("boolean")
    engine.register("made", frame, {"seat": "key", "days": "key", **KINDS})
    inner: dict[str, str] | None = {} if cells else None
    columns = to_columns(formula, "none", "duckdb", inner)
    select = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    listed = ", ".join(["*", *(f"{sql} AS {name}" for sql, name in (inner or {}).items())])
    result = engine.run(
        f"SELECT {select} FROM (SELECT {listed} FROM made) AS per_row",
        {name: CALENDAR[name].date().isoformat() for name in formula.names & CALENDAR.keys()},
    )
    return result.astype(float).iloc[0].to_dict()


@given(st.lists(ROW, min_size=1, max_size=7), PART, PART | st.none(), st.sampled_from("+-*/"))
def test_sql_means_what_the_language_says(rows, left, right, sign):
    """One row rule for all aggregates; three-valued logic; exact sums; a hand evaluator agrees."""
    parts = [left] if right is None else [left, right]
    text = left.text if right is None else f"{left.text} {sign} {right.text}"
    used = [row for row in rows if all(part.known(row) for part in parts)]
    values = [part.of(used) for part in parts]
    want = values[0]
    if right is not None:
        want = lift(divided if sign == "/" else NUMBERS[sign])(*values)
    in_scope = [row for row in used if any(part.chosen(row) for part in parts)]
    for cells in (True, False):
        got = engine_says(text, rows, cells=cells)
        assert got["n"] == len(in_scope)
        assert got["dropped"] == len(rows) - len(used)
        if want is None:
            assert math.isnan(got["value"])
        else:
            assert got["value"] == pytest.approx(float(want), rel=1e-9, abs=1e-9)


def test_parameters_are_days_and_a_time_is_compared_by_its_day():
    """31 May, 23:59 is 31 May: `<= month_end` holds the whole last day."""
    engine = open_engine()
    times = ["2025-05-01 00:00:00", "2025-05-31 23:59:59", "2025-06-01 00:00:00"]
    engine.register(
        "timed",
        pd.DataFrame({"at": pd.to_datetime(times), "days": 31}),
        {"at": "time", "days": "key"},
    )
    sql = to_sql(parse("count(where=month_start <= at <= month_end)"))
    days = {"month_start": "2025-05-01", "month_end": "2025-05-31"}
    assert engine.run(f"SELECT {sql} AS n FROM timed", days)["n"].tolist() == [2.0]


def test_weeks_are_the_days_of_the_rows_divided_by_seven():
    engine = open_engine()
    engine.register("lent", pd.DataFrame({"days": [21, 21, 21]}), {"days": "key"})
    sql = f"SELECT {to_sql(parse('count() / weeks'))} AS w, {to_sql(parse('count() / days'))} AS d"
    assert engine.run(f"{sql} FROM lent", {}).iloc[0].tolist() == [1.0, 3 / 21]


def test_sums_are_exact_where_doubles_are_not():
    """0.1 + 0.2 - 0.3 is 0 in yuan; a sum of doubles would leave 5.6e-17."""
    engine = open_engine()
    engine.register("money", pd.DataFrame({"y": [0.1, 0.2, -0.3]}), {"y": "yuan"})
    assert engine.run(f"SELECT {to_sql(parse('sum(y)'))} AS s FROM money", {})["s"].tolist() == [0]


@pytest.mark.parametrize(
    ("text", "duckdb", "spark"),
    [
        (
            "median(a, where=d >= week_now)",
            'quantile_cont(CAST(CASE WHEN "d" IS NOT NULL AND (NOT (CAST("d" AS DATE) >= '
            'CAST($week_now AS DATE)) OR "a" IS NOT NULL) AND CAST("d" AS DATE) >= '
            'CAST($week_now AS DATE) THEN "a" END AS DOUBLE), 0.5)',
            "percentile(CAST(CASE WHEN `d` IS NOT NULL AND (NOT (CAST(`d` AS DATE) >= "
            "CAST(:week_now AS DATE)) OR `a` IS NOT NULL) AND CAST(`d` AS DATE) >= "
            "CAST(:week_now AS DATE) THEN `a` END AS DOUBLE), 0.5)",
        ),
        (
            "sum(a) / sum(b) - 1",
            '((CAST(SUM(CASE WHEN "b" IS NOT NULL THEN "a" END) AS DOUBLE) / NULLIF('
            'CAST(SUM(CASE WHEN "a" IS NOT NULL THEN "b" END) AS DOUBLE), 0)) - 1e0)',
            "((CAST(SUM(CASE WHEN `b` IS NOT NULL THEN `a` END) AS DOUBLE) / NULLIF("
            "CAST(SUM(CASE WHEN `a` IS NOT NULL THEN `b` END) AS DOUBLE), 0)) - 1e0)",
        ),
    ],
)
def test_dialects_differ_in_quotes_parameters_and_the_median_alone(text, duckdb, spark):
    assert to_sql(parse(text)) == duckdb
    assert to_sql(parse(text), "spark") == spark


@given(
    st.lists(
        st.tuples(
            optional(st.integers(0, 50)), optional(st.integers(0, 50)), optional(st.booleans())
        ),
        min_size=1,
        max_size=8,
    )
)
def test_columns_for_intervals_are_the_sums_over_the_rows_used(rows):
    """Moments of sum(a, where=f) / sum(b): y is a or 0, x is b, over rows that know what counts."""
    engine = open_engine()
    frame = pd.DataFrame(rows, columns=["a", "b", "f"]).astype(
        {"a": "float", "b": "float", "f": "boolean"}
    )
    engine.register("pairs", frame, {"a": "count", "b": "count", "f": "flag"})

    def run(text: str, interval: str) -> dict[str, float]:
        columns = to_columns(parse(text), interval)
        select = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
        return engine.run(f"SELECT {select} FROM pairs", {}).astype(float).iloc[0].to_dict()

    used = [
        (a if f else 0, b)
        for a, b, f in rows
        if b is not None and f is not None and not (f and a is None)
    ]
    got = run("sum(a, where=f) / sum(b)", "cluster")
    assert got["n"] == len(used)
    y_known = any(f and a is not None and b is not None for a, b, f in rows)
    want = {
        "x": sum(x for _, x in used),
        "yy": sum(y * y for y, _ in used),
        "xy": sum(x * y for y, x in used),
        "xx": sum(x * x for _, x in used),
    }
    assert [got["y"]] == pytest.approx([sum(y for y, _ in used) if used else math.nan], nan_ok=True)
    for name, value in want.items():
        assert [got[name]] == pytest.approx([value if used else math.nan], nan_ok=True)
    if not y_known:
        assert math.isnan(got["value"])  # a sum over nothing is unknown, not 0
    cases = run("count(where=f) / count()", "wilson")
    known = [f for _, _, f in rows if f is not None]
    assert (cases["k"], cases["cases"], cases["n"]) == (sum(known), len(known), len(known))


def test_a_row_that_a_condition_excludes_for_certain_is_no_gap():
    """0 < 0 is false whatever b is, and `f and ...` is false where f is no: nothing is unknown."""
    rows = [
        {"a": Fraction(0), "b": None, "r": None, "f": False, "s": None, "d": None},
        {"a": Fraction(1), "b": Fraction(2), "r": Fraction(1), "f": True, "s": "b", "d": None},
    ]
    for text in ("count(where=0 < a <= b)", "count(where=f and r > 0)", "sum(r, where=f)"):
        assert engine_says(text, rows) == {"value": 1.0, "n": 1.0, "dropped": 0.0}, text
    assert engine_says("count(where=b > 0 or f)", rows)["dropped"] == 1.0
