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

from kpilib.formula import DAYS, PARAMETERS, Aggregate, Formula, Ratio


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
# NULL if and only if one of their columns is; a division may also meet a zero, and/or need not
_PLAIN = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare)


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
    >>> print(to_sql(parse("count() / weeks")))
    (CAST(COUNT(1) AS DOUBLE) / NULLIF((CAST(MAX("days") AS DOUBLE) / 7), 0))
    """
    return _Writer(formula, dialect).outer(formula.tree)


def to_columns(
    formula: Formula, interval: str, dialect: str = "duckdb", cells: dict[str, str] | None = None
) -> dict[str, str]:
    """Write what a reading needs, each one SQL expression over grouped rows.

    Parameters
    ----------
    formula : Formula
        Parsed and checked; with a `Formula.ratio` if ``interval`` is not ``none``.
    interval : {'wilson', 'cluster', 'none'}
        Kind of confidence interval that will be made.
    dialect : {'duckdb', 'spark'}
        Whose SQL to write.
    cells : dict of str to str, optional
        Takes the expressions over single rows, each with the name by which the result speaks of
        it: they go into an inner SELECT, are computed once, and are shared by formulas that hold
        the same one. By default they are written out where they are used.

    Returns
    -------
    dict of str to str
        ``value``; ``n``, the rows used; ``dropped``, the rows left out for an unknown value; for
        Wilson ``k`` and ``cases``; for clusters the sums ``y``, ``x``, ``yy``, ``xy``, ``xx`` of
        the rows' numerators y and denominators x.
    """
    writer = _Writer(formula, dialect, cells)
    columns = {"value": writer.outer(formula.tree), "n": writer.used, "dropped": writer.dropped}
    ratio = formula.ratio
    if interval == "none" or ratio is None:
        return columns
    if interval == "wilson":
        columns["k"] = writer.aggregate(ratio.numerator)
        columns["cases"] = writer.aggregate(ratio.denominator)
        return columns
    return columns | writer.moments(ratio)


def to_row_parts(formula: Formula, ratio: Ratio, dialect: str = "duckdb") -> tuple[str, str]:
    """Write what a single row adds to the two sides of a ratio: NULL where it is not used.

    Parameters
    ----------
    formula : Formula
        Parsed and checked; says which rows are used.
    ratio : Ratio
        Sums or counts of rows.
    dialect : {'duckdb', 'spark'}
        Whose SQL to write.

    Examples
    --------
    >>> from kpilib.formula import parse
    >>> formula = parse("count(where=returned) / count()")
    >>> to_row_parts(formula, formula.ratio)[1]
    'CASE WHEN "returned" IS NOT NULL THEN 1 END'
    """
    writer = _Writer(formula, dialect)
    return writer._part(ratio.numerator), writer._part(ratio.denominator)


class _Writer:
    """Writes the parts of one formula in one dialect."""

    def __init__(self, formula: Formula, dialect: str, cells: dict[str, str] | None = None) -> None:
        self.dialect, self.cells = DIALECTS[dialect], cells
        # what must hold for a row to be used at all; none of it is ever NULL
        self.known = tuple(dict.fromkeys(k for a in formula.aggregates for k in self._needs(a)))
        # a formula with one unbounded aggregate looks at every row
        wheres = [a.where for a in formula.aggregates]
        bounds = dict.fromkeys(self.condition(where) for where in wheres if where is not None)
        self.scope = () if None in wheres else (_any(bounds),)

    @property
    def used(self) -> str:
        """Count of the rows that the formula uses."""
        held = _all((*self.known, *self.scope))
        return f"COUNT({self._cell(f'CASE WHEN {held} THEN 1 END')})" if held else "COUNT(*)"

    @property
    def dropped(self) -> str:
        """Count of the rows left out for an unknown value."""
        if not self.known:
            return "0"
        return f"COUNT(*) - COUNT({self._cell(f'CASE WHEN {_all(self.known)} THEN 1 END')})"

    def _cell(self, expression: str) -> str:
        """Return how to speak of an expression over one row."""
        if self.cells is None:
            return expression
        return self.cells.setdefault(expression, f"c{len(self.cells)}")

    def _needs(self, aggregate: Aggregate) -> list[str]:
        """List what must hold for a row's part in an aggregate to be known."""
        values = [need for a in aggregate.arguments for need in self._not_null(a)]
        if aggregate.where is None:
            return values
        needs, where = self._not_null(aggregate.where), self.condition(aggregate.where)
        values = [value for value in values if value not in needs]
        return [*needs, f"(NOT ({where}) OR {_all(values)})"] if values else needs

    def _not_null(self, node: ast.expr) -> list[str]:
        """List what must hold for an expression over one row not to be NULL."""
        if not _is_plain(node):
            value = self.row(node) if isinstance(node, ast.BinOp) else self.condition(node)
            return [f"({value}) IS NOT NULL"]
        names = (n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        return [f"{self._name(name)} IS NOT NULL" for name in names if name not in PARAMETERS]

    def outer(self, node: ast.expr) -> str:
        """Write arithmetic over aggregates; everything in it is a DOUBLE."""
        if isinstance(node, ast.BinOp):
            left, right = self.outer(node.left), self.outer(node.right)
            if isinstance(node.op, ast.Div):
                return f"({left} / NULLIF({right}, 0))"
            return f"({left} {_OPERATORS[type(node.op)]} {right})"
        if isinstance(node, ast.UnaryOp):
            return f"(-{self.outer(node.operand)})"
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            where = node.keywords[0].value if node.keywords else None
            return self.aggregate(Aggregate(node.func.id, tuple(node.args), where))
        if isinstance(node, ast.Name):  # days, weeks: the same in every row of a seat
            days = f"CAST(MAX({self._name('days')}) AS DOUBLE)"
            return days if node.id == "days" else f"({days} / 7)"
        assert isinstance(node, ast.Constant)
        return f"{_number(node.value)}e0"

    def aggregate(self, aggregate: Aggregate) -> str:
        """Write one aggregate; a sum over nothing is NULL, a count over nothing is 0."""
        rows = [self.row(a) for a in aggregate.arguments]
        over = self._over(aggregate)
        match aggregate.name:
            case "count":
                return f"CAST(COUNT({over('1')}) AS DOUBLE)"
            case "nunique":
                return f"CAST(COUNT(DISTINCT {over(rows[0])}) AS DOUBLE)"
            case "sum":
                return f"CAST(SUM({over(rows[0])}) AS DOUBLE)"
            case "mean":
                return f"(CAST(SUM({over(rows[0])}) AS DOUBLE) / NULLIF(COUNT({over('1')}), 0))"
            case "wmean":
                top, bottom = over(f"({rows[0]} * {rows[1]})"), over(rows[1])
                return f"(CAST(SUM({top}) AS DOUBLE) / NULLIF(CAST(SUM({bottom}) AS DOUBLE), 0))"
            case "median":
                return self.dialect.median.format(f"CAST({over(rows[0])} AS DOUBLE)")
            case name:
                return f"{name.upper()}(CAST({over(rows[0])} AS DOUBLE))"

    def _over(self, aggregate: Aggregate) -> _Over:
        where = () if aggregate.where is None else (self.condition(aggregate.where),)
        return _Over(self, (*self.known, *where))

    def moments(self, ratio: Ratio) -> dict[str, str]:
        """Write the sums of a ratio's rows, their squares and products."""
        y, x = self._part(ratio.numerator), self._part(ratio.denominator)
        products = {"yy": (y, y), "xy": (x, y), "xx": (x, x)}
        return {
            "y": f"CAST(SUM({y}) AS DOUBLE)",
            "x": f"CAST(SUM({x}) AS DOUBLE)",
            **{name: f"SUM(CAST({a} AS DOUBLE) * {b})" for name, (a, b) in products.items()},
        }

    def _part(self, aggregate: Aggregate) -> str:
        """Write what a row adds to a sum or count; 0 outside its where, NULL if not used."""
        value = self.row(aggregate.arguments[0]) if aggregate.arguments else "1"
        if aggregate.where is None:
            return _Over(self, self.known)(value)
        value = f"CASE WHEN {self.condition(aggregate.where)} THEN {value} ELSE 0 END"
        return _Over(self, (*self.known, *self.scope))(value)

    def row(self, node: ast.expr) -> str:
        """Write an expression over one row as a value."""
        if isinstance(node, ast.Constant):
            return f"'{node.value}'" if isinstance(node.value, str) else _number(node.value)
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.BinOp):
            left, right = self.row(node.left), self.row(node.right)
            if isinstance(node.op, ast.Div):
                return f"(CAST({left} AS DOUBLE) / NULLIF({right}, 0))"
            return f"({left} {_OPERATORS[type(node.op)]} {right})"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return f"(-{self.row(node.operand)})"
        condition = self.condition(node)
        return f"CASE WHEN {condition} THEN 1 WHEN NOT ({condition}) THEN 0 END"

    def condition(self, node: ast.expr) -> str:
        """Write an expression over one row as a condition."""
        if isinstance(node, ast.BoolOp):
            parts = [self.condition(value) for value in node.values]
            return f"({' AND '.join(parts)})" if isinstance(node.op, ast.And) else _any(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"(NOT ({self.condition(node.operand)}))"
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        return f"{self.row(node)} <> 0"  # flags travel as 0 and 1

    def _comparison(self, node: ast.Compare) -> str:
        sides = [node.left, *node.comparators]
        days = any(isinstance(s, ast.Name) and s.id in DAYS for s in sides)
        # against a day of the calendar a time of day does not count: 31 May 23:00 is 31 May
        written = [f"CAST({self.row(s)} AS DATE)" if days else self.row(s) for s in sides]
        pairs = zip(written[:-1], node.ops, written[1:], strict=True)
        return _all(f"{a} {_OPERATORS[type(op)]} {b}" for a, op, b in pairs)

    def _name(self, name: str) -> str:
        quote = self.dialect.quote
        if name in DAYS:
            return f"{self.dialect.parameter}{name}"
        if name == "weeks":
            return f"(CAST({quote}days{quote} AS DOUBLE) / 7)"
        return f"{quote}{name}{quote}"


@dataclass(frozen=True)
class _Over:
    """Writes a value for the rows that fulfil some conditions, NULL for the others."""

    writer: _Writer
    conditions: tuple[str, ...]

    def __call__(self, value: str) -> str:
        # a value that is itself a column need not be asked whether it is NULL
        asked = [c for c in self.conditions if c != f"{value} IS NOT NULL"]
        if asked:
            value = f"CASE WHEN {_all(asked)} THEN {value} END"
        return value if value == "1" else self.writer._cell(value)


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is NULL if and only if one of its columns is."""
    for part in ast.walk(node):
        if isinstance(part, ast.expr) and not isinstance(part, _PLAIN):
            return False
        if isinstance(part, ast.Div):
            return False
        if isinstance(part, ast.Compare) and len(part.ops) > 1:
            names = {n.id for n in ast.walk(part) if isinstance(n, ast.Name)} - PARAMETERS
            if len(names) > 1:  # one half of a chain may be false whatever the other is
                return False
    return True


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions)


def _any(conditions: Iterable[str]) -> str:
    parts = list(conditions)
    return f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0]


def _number(value: object) -> str:
    """Write a literal in plain digits: engines read 0.1 as an exact decimal, 1e-1 as a double."""
    return format(Decimal(repr(value)), "f")
