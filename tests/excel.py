"""A second opinion on our workbooks: reads formulas as Excel would, and knows nothing of kpilib.

Only what the workbooks use is known; anything else is an error, so that no formula passes by
not being understood. Semantics follow the OpenFormula standard (OASIS ODF 1.3, part 4).
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?)
    | (?P<text>"(?:[^"]|"")*")
    | (?P<ref>(?:'(?:[^']|'')+'!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)
    | (?P<name>[A-Z]+(?=\())
    | (?P<op><=|>=|<>|[-+*/<>=(),])
    )""",
    re.VERBOSE,
)


class Broken(ValueError):
    """An Excel error such as #VALUE! or #DIV/0!."""


class Sheets:
    """All cells of a workbook, formulas computed when they are asked for."""

    def __init__(self, path) -> None:
        book = load_workbook(path)
        self.names = book.sheetnames
        self.raw = {
            name: {
                (cell.row, cell.column): (cell.data_type == "f", cell.value)
                for row in book[name].iter_rows()
                for cell in row
                if cell.value is not None
            }
            for name in book.sheetnames
        }
        self.done: dict[tuple[str, int, int], Any] = {}
        self.changed: dict[tuple[str, int, int], Any] = {}

    def value(self, sheet: str, row: int, column: int) -> Any:
        """Return what a cell shows; None where it is empty."""
        key = (sheet, row, column)
        if key in self.changed:
            return self.changed[key]
        if key not in self.done:
            is_formula, content = self.raw[sheet].get((row, column), (False, None))
            self.done[key] = self.compute(sheet, content[1:]) if is_formula else content
        return self.done[key]

    def change(self, sheet: str, row: int, column: int, value: Any) -> None:
        """Type a value into a cell; everything is computed anew."""
        self.changed[sheet, row, column] = value
        self.done.clear()
        self.column.cache_clear()

    @cache  # noqa: B019 - one object per test
    def column(self, sheet: str, column: int, first: int, last: int) -> tuple[Any, ...]:
        """Return the values of a stretch of a column."""
        return tuple(self.value(sheet, row, column) for row in range(first, last + 1))

    def compute(self, sheet: str, formula: str) -> Any:
        """Return the result of a formula (without its =) that stands in a sheet."""
        tokens = list(tokens_of(formula))
        node, rest = expression(tokens, 0)
        assert rest == len(tokens), f"not understood: {formula}"
        result = self.run(node, sheet)
        return 0 if result is None else result

    def run(self, node, sheet):
        kind, *parts = node
        if kind == "literal":
            return parts[0]
        if kind == "ref":
            return self.look_up(parts[0], sheet)
        if kind == "op":
            op, left, right = parts
            return spread(OPERATORS[op], self.run(left, sheet), self.run(right, sheet))
        name, arguments = parts
        if name == "IF":  # lazy: the branch not taken may divide by zero
            taken = 1 if truth(self.run(arguments[0], sheet)) else 2
            return self.run(arguments[taken], sheet)
        return FUNCTIONS[name](*(self.run(a, sheet) for a in arguments))

    def look_up(self, ref: str, sheet: str):
        if "!" in ref:
            sheet, ref = ref.rsplit("!", 1)
            sheet = sheet[1:-1].replace("''", "'")
        ends = [re.fullmatch(r"([A-Z]+)(\d+)", end) for end in ref.replace("$", "").split(":")]
        places = [(int(m[2]), column_index_from_string(m[1])) for m in ends]
        if len(places) == 1:
            return self.value(sheet, *places[0])
        (first, column), (last, same) = places
        assert column == same, "ranges here are one column wide"
        return self.column(sheet, column, first, last)


def tokens_of(text):
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, f"not understood: {text[at:]}"
        at = match.end()
        yield match.lastgroup, match[match.lastgroup]


LEVELS = (("<", ">", "<=", ">=", "=", "<>"), ("+", "-"), ("*", "/"))


def expression(tokens, at, level=0):
    if level == len(LEVELS):
        return atom(tokens, at)
    left, at = expression(tokens, at, level + 1)
    while at < len(tokens) and tokens[at][0] == "op" and tokens[at][1] in LEVELS[level]:
        op = tokens[at][1]
        right, at = expression(tokens, at + 1, level + 1)
        left = ("op", op, left, right)
    return left, at


def atom(tokens, at):
    kind, text = tokens[at]
    if kind == "number":
        return ("literal", float(text)), at + 1
    if kind == "text":
        return ("literal", text[1:-1].replace('""', '"')), at + 1
    if kind == "ref":
        return ("ref", text), at + 1
    if kind == "op" and text == "(":
        node, at = expression(tokens, at + 1)
        assert tokens[at] == ("op", ")")
        return node, at + 1
    assert kind == "name", f"not understood: {text}"
    arguments, at = [], at + 2  # past the name and its bracket
    while tokens[at] != ("op", ")"):
        node, at = expression(tokens, at)
        arguments.append(node)
        if tokens[at] == ("op", ","):
            at += 1
    return ("call", text, arguments), at + 1


def number(value):
    """Return a value as arithmetic takes it: empty is 0, text is an error."""
    if value is None:
        return 0
    if isinstance(value, str):
        raise Broken("#VALUE!")
    return value


def truth(value) -> bool:
    if isinstance(value, str | tuple):
        raise Broken("#VALUE!")
    return bool(value)


def spread(function, *arguments):
    """Apply a function to each line of columns, single values standing for every line."""
    sizes = {len(a) for a in arguments if isinstance(a, tuple)}
    if not sizes:
        return function(*arguments)
    (size,) = sizes
    lines = [a if isinstance(a, tuple) else (a,) * size for a in arguments]
    return tuple(function(*line) for line in zip(*lines, strict=True))


def divide(a, b):
    if number(b) == 0:
        raise Broken("#DIV/0!")
    return number(a) / number(b)


def greater(a, b):
    """Compare as Excel does: any text is greater than any number."""
    if isinstance(a, str) or isinstance(b, str):
        return isinstance(a, str) and not isinstance(b, str)
    return number(a) > number(b)


OPERATORS = {
    "+": lambda a, b: number(a) + number(b),
    "-": lambda a, b: number(a) - number(b),
    "*": lambda a, b: number(a) * number(b),
    "/": divide,
    ">": greater,
    ">=": lambda a, b: not greater(b, a),
}


def is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def exact(a, b) -> bool:
    return ("" if a is None else str(a)) == ("" if b is None else str(b))


def rounded(value, places):
    """Round half away from zero on the decimal digits that Excel keeps (15)."""
    digits = Decimal(f"{number(value):.15g}")
    unit = Decimal(1).scaleb(-int(places))
    return float(digits.quantize(unit, ROUND_HALF_UP))


def sumproduct(*columns):
    """Multiply line by line and add up; what is no number counts as 0."""
    lines = zip(*columns, strict=True)
    return math.fsum(
        math.prod(value if is_number(value) else 0 for value in line) for line in lines
    )


def subtotal(kind, column):
    assert kind == 109, "sum of the lines in sight"
    return math.fsum(value for value in column if is_number(value))


FUNCTIONS = {
    "AND": lambda *parts: all(truth(part) for part in parts),
    "OR": lambda *parts: any(truth(part) for part in parts),
    "EXP": lambda a: math.exp(number(a)),
    "LN": lambda a: spread(lambda x: math.log(number(x)), a),
    "EXACT": lambda a, b: spread(exact, a, b),
    "ISNUMBER": lambda a: spread(is_number, a),
    "MAX": lambda *parts: max(number(part) for part in parts),
    "MIN": lambda *parts: min(number(part) for part in parts),
    "ROUND": rounded,
    "SUBTOTAL": subtotal,
    "SUMPRODUCT": sumproduct,
}
