"""Formulas written as SQL, for DuckDB and Spark; text only, nothing is run here.

One rule for the unknown (NULL) holds for every formula: a row that leaves one aggregate because
a value in it is unknown leaves all aggregates of that formula. So a numerator never misses a row
that its denominator holds. A row that a ``where=`` excludes for certain is no such row.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kpilib.formula import DAYS, Aggregate, Formula


@dataclass(frozen=True)
class Dialect:
    """Where the engines' SQL differs: quotes of names, marks of parameters, the median."""

    quote: str
    parameter: str
    median: str


DIALECTS = {
    "duckdb": Dialect('"', "$", "quantile_cont({}, 0.5)"),
    "spark": Dialect("`", ":", "percentile({}, 0.5)"),
}
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Eq: "=",
    ast.NotEq: "<>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def to_sql(formula: Formula, dialect: str = "duckdb") -> str:
    """Write the value of a formula as one SQL expression over grouped rows.

    Parameters
    ----------
    formula : Formula
        Parsed and checked.
    dialect : {'duckdb', 'spark'}
        Whose SQL to write.

    Returns
    -------
    str
        A DOUBLE: NULL where nothing is there to sum or to divide by. Days of the calendar are
        named parameters; ``days`` is a column of the rows.

    Examples
    --------
    >>> from kpilib.formula import parse
    >>> to_sql(parse("count() / 2"))
    '(CAST(CAST(COUNT(CASE WHEN TRUE THEN 1 END) AS DOUBLE) AS DOUBLE) / NULLIF(2, 0))'
    """
    return _Writer(formula, dialect).outer(formula.tree)


def to_columns(formula: Formula, interval: str, dialect: str = "duckdb") -> dict[str, str]:
    """Write what a reading needs besides its value, each one SQL expression.

    Parameters
    ----------
    formula : Formula
        Parsed and checked; with a `Formula.ratio` if ``interval`` is not ``none``.
    interval : {'wilson', 'cluster', 'none'}
        Kind of confidence interval that will be made.
    dialect : {'duckdb', 'spark'}
        Whose SQL to write.

    Returns
    -------
    dict of str to str
        ``value``; ``n``, the rows used; ``dropped``, the rows left out for an unknown value; for
        Wilson ``k`` and ``cases``; for clusters the sums ``y``, ``x``, ``yy``, ``xy``, ``xx`` of
        the rows' numerators y and denominators x.
    """
    writer = _Writer(formula, dialect)
    columns = {
        "value": writer.outer(formula.tree),
        "n": f"COUNT(CASE WHEN {writer.known} AND {writer.scope} THEN 1 END)",
        "dropped": f"COUNT(CASE WHEN NOT {writer.known} THEN 1 END)",
    }
    ratio = formula.ratio
    if interval == "none" or ratio is None:
        return columns
    if interval == "wilson":
        columns["k"] = writer.aggregate(ratio.numerator)
        columns["cases"] = writer.aggregate(ratio.denominator)
        return columns
    y, x = writer.part(ratio.numerator), writer.part(ratio.denominator)
    sums = {"y": y, "x": x, "yy": f"{y} * {y}", "xy": f"{x} * {y}", "xx": f"{x} * {x}"}
    return columns | {name: f"SUM({product})" for name, product in sums.items()}


class _Writer:
    """Writes the parts of one formula in one dialect."""

    def __init__(self, formula: Formula, dialect: str) -> None:
        self.dialect = DIALECTS[dialect]
        self.known = _all(map(self._known, formula.aggregates))
        conditions = [a.where for a in formula.aggregates]
        # a formula with one unbounded aggregate looks at every row
        bounded = [self.condition(w) for w in conditions if w is not None]
        self.scope = f"({' OR '.join(bounded)})" if len(bounded) == len(conditions) else "TRUE"

    def _known(self, aggregate: Aggregate) -> str:
        """Say when a row's part in an aggregate is known; itself never NULL."""
        values = _all(f"({self.row(a)}) IS NOT NULL" for a in aggregate.arguments)
        if aggregate.where is None:
            return values
        where = self.condition(aggregate.where)
        if values == "TRUE":
            return f"({where}) IS NOT NULL"
        return f"(({where}) IS NOT NULL AND (NOT ({where}) OR {values}))"

    def _used(self, aggregate: Aggregate) -> str:
        """Say which rows an aggregate takes."""
        if aggregate.where is None:
            return self.known
        return _all([self.known, f"({self.condition(aggregate.where)})"])

    def outer(self, node: ast.expr) -> str:
        """Write arithmetic over aggregates."""
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node, self.outer(node.left), self.outer(node.right))
        if isinstance(node, ast.UnaryOp):
            return f"(-{self.outer(node.operand)})"
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            where = node.keywords[0].value if node.keywords else None
            return self.aggregate(Aggregate(node.func.id, tuple(node.args), where))
        if isinstance(node, ast.Name):  # days, weeks: the same in every row of a seat
            return f"MAX({self.row(node)})"
        return self.row(node)

    def aggregate(self, aggregate: Aggregate) -> str:
        """Write one aggregate; a sum over nothing is NULL, a count over nothing is 0."""
        used = self._used(aggregate)

        def over(expression: str) -> str:
            return f"CASE WHEN {used} THEN {expression} END"

        rows = [self.row(a) for a in aggregate.arguments]
        match aggregate.name:
            case "count":
                return f"CAST(COUNT({over('1')}) AS DOUBLE)"
            case "nunique":
                return f"CAST(COUNT(DISTINCT {over(rows[0])}) AS DOUBLE)"
            case "sum":
                return f"CAST(SUM({over(rows[0])}) AS DOUBLE)"
            case "mean":
                top, bottom = over(rows[0]), over("1")
                return f"(CAST(SUM({top}) AS DOUBLE) / NULLIF(COUNT({bottom}), 0))"
            case "wmean":
                top, bottom = over(f"({rows[0]}) * ({rows[1]})"), over(rows[1])
                return f"(CAST(SUM({top}) AS DOUBLE) / NULLIF(SUM({bottom}), 0))"
            case "median":
                return self.dialect.median.format(f"CAST({over(rows[0])} AS DOUBLE)")
            case name:
                return f"{name.upper()}(CAST({over(rows[0])} AS DOUBLE))"

    def part(self, aggregate: Aggregate) -> str:
        """Write what one row adds to a sum or count; 0 outside its where, NULL if not used."""
        value = self.row(aggregate.arguments[0]) if aggregate.arguments else "1"
        where = "TRUE" if aggregate.where is None else self.condition(aggregate.where)
        inner = f"CASE WHEN {where} THEN CAST({value} AS DOUBLE) ELSE 0 END"
        return f"(CASE WHEN {self.known} AND {self.scope} THEN {inner} END)"

    def row(self, node: ast.expr) -> str:
        """Write an expression over one row as a value."""
        if isinstance(node, ast.Constant):
            return f"'{node.value}'" if isinstance(node.value, str) else _number(node.value)
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node, self.row(node.left), self.row(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return f"(-{self.row(node.operand)})"
        condition = self.condition(node)
        return f"CASE WHEN {condition} THEN 1 WHEN NOT ({condition}) THEN 0 END"

    def condition(self, node: ast.expr) -> str:
        """Write an expression over one row as a condition."""
        if isinstance(node, ast.BoolOp):
            word = " AND " if isinstance(node.op, ast.And) else " OR "
            return "(" + word.join(self.condition(v) for v in node.values) + ")"
        if isinstance(node, ast.UnaryOp):
            return f"(NOT {self.condition(node.operand)})"
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        return f"({self.row(node)} <> 0)"  # flags travel as 0 and 1

    def _comparison(self, node: ast.Compare) -> str:
        sides = [node.left, *node.comparators]
        days = any(isinstance(s, ast.Name) and s.id in DAYS for s in sides)
        # against a day of the calendar a time of day does not count: 31 May 23:00 is 31 May
        written = [f"CAST({self.row(s)} AS DATE)" if days else self.row(s) for s in sides]
        pairs = zip(written[:-1], node.ops, written[1:], strict=True)
        return "(" + " AND ".join(f"{a} {_OPERATORS[type(op)]} {b}" for a, op, b in pairs) + ")"

    def _arithmetic(self, node: ast.BinOp, left: str, right: str) -> str:
        if isinstance(node.op, ast.Div):
            return f"(CAST({left} AS DOUBLE) / NULLIF({right}, 0))"
        return f"({left} {_OPERATORS[type(node.op)]} {right})"

    def _name(self, name: str) -> str:
        quote = self.dialect.quote
        if name in DAYS:
            return f"{self.dialect.parameter}{name}"
        if name == "weeks":
            return f"(CAST({quote}days{quote} AS DOUBLE) / 7)"
        return f"{quote}{name}{quote}"


def _all(conditions: Iterable[str]) -> str:
    """Join conditions by AND; none is TRUE."""
    parts = list(dict.fromkeys(c for c in conditions if c != "TRUE"))
    return f"({' AND '.join(parts)})" if parts else "TRUE"


def _number(value: object) -> str:
    """Write a literal in plain digits: engines read 0.1 as an exact decimal, 1e-1 as a double."""
    return format(Decimal(repr(value)), "f")
