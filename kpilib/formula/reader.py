"""The reader of formulas: Python's parse tree, let through piece by piece or refused."""

from __future__ import annotations

import ast
import difflib
import math
import unicodedata
import warnings
from typing import NoReturn

from kpilib.errors import KpiError
from kpilib.formula.tree import DAYS, LENGTHS, PARAMETERS, Aggregate

LONGEST = 400  # characters
DEEPEST = 16  # levels of the parsed tree
LARGEST = 10**15  # a literal above it is a slip, and would leave the exact integers of a double

_ARGUMENTS = {
    "count": 0,
    "sum": 1,
    "mean": 1,
    "wmean": 2,
    "median": 1,
    "min": 1,
    "max": 1,
    "nunique": 1,
}
LANGUAGE = (
    "use columns, numbers, 'text', + - * /, comparisons, and/or/not, and "
    "count, sum, mean, wmean, median, min, max, nunique with where="
)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class Reader:
    """One reading of one formula's text; its faults carry the text and a caret."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        self.kinds: dict[str, str] = {}
        self.aggregates: list[Aggregate] = []
        self.columns: set[str] = set()
        self.names: set[str] = set()

    def refuse(self, node: ast.AST | None, problem: str, remedy: str = LANGUAGE) -> NoReturn:
        """Raise the fault with the formula and a caret under ``node``."""
        if node is None:
            raise KpiError(self.where, f"{problem}.", f"{remedy}.")
        raw = self.text.encode()
        begin, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None)
        # ast counts bytes; a reader sees cells, and a Chinese character fills two of them
        before, part = raw[:begin].decode(), raw[begin : end or begin + 1].decode()
        marks = " " * _cells(before) + "^" * max(1, _cells(part))
        raise KpiError(self.where, f"{problem}.\n    {self.text}\n    {marks}\n", f"{remedy}.")

    def tree(self) -> ast.expr:
        """Parse the text within the bounds of length and depth."""
        if not self.text:
            self.refuse(None, "the formula is empty")
        if len(self.text) > LONGEST:
            self.refuse(
                None,
                f"the formula has {len(self.text)} characters, more than {LONGEST}",
                "split it into two indicators, or compute it outside and bring it as a table",
            )
        for mark in ("\\", "#"):
            if mark in self.text:
                begin = len(self.text[: self.text.index(mark)].encode())
                self.refuse(ast.Name("", col_offset=begin), f"{mark} is not part of a formula")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # Python only warns of `0or 1`; here it is a fault
                tree = ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            begin = len(self.text[: max(0, (error.offset or 1) - 1)].encode())
            self.refuse(ast.Name("", col_offset=begin), "this cannot be read as a formula")
        except (RecursionError, MemoryError, ValueError):
            self.refuse(None, "this cannot be read as a formula")
        if (depth := _depth(tree)) > DEEPEST:
            self.refuse(None, f"the formula is nested {depth} deep, more than {DEEPEST}")
        return tree

    def outer(self, node: ast.expr) -> None:
        """Read what stands outside aggregates: arithmetic over aggregates and numbers."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
            self.outer(node.left)
            self.outer(node.right)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self.outer(node.operand)
        elif isinstance(node, ast.Call):
            self.aggregate(node)
        elif isinstance(node, ast.Constant):
            if self.literal(node) != "number":
                self.refuse(node, "a text cannot be reckoned with")
        elif isinstance(node, ast.Name) and node.id in LENGTHS:
            self.names.add(node.id)
        elif isinstance(node, ast.Name):
            what = "a day" if node.id in DAYS else f"column {node.id!r}"
            self.refuse(
                node,
                f"{what} stands outside an aggregate",
                f"say what to make of its rows, e.g. sum({node.id})"
                if node.id not in DAYS
                else "compare it with a column inside where=",
            )
        else:
            self.refuse(node, f"{_called(node)} cannot stand here")

    def aggregate(self, node: ast.Call) -> None:
        """Read one aggregate with its row expressions."""
        if not isinstance(node.func, ast.Name) or node.func.id not in _ARGUMENTS:
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            near = difflib.get_close_matches(name, _ARGUMENTS, n=1)
            self.refuse(
                node.func,
                "no such aggregate" + (f"; the nearest is {near[0]!r}" if near else ""),
            )
        name, wanted = node.func.id, _ARGUMENTS[node.func.id]
        if len(node.args) != wanted:
            self.refuse(
                node,
                f"{name} takes {wanted} column expression{'s' * (wanted != 1)}, "
                f"not {len(node.args)}",
                "write count(where=...) to count rows that fulfil a condition"
                if name == "count"
                else LANGUAGE,
            )
        for keyword in node.keywords:
            if keyword.arg != "where" or len(node.keywords) > 1:
                self.refuse(keyword, f"{name} takes one where= and no other name")
        for argument in node.args:
            kind = self.row(argument)
            if kind in ("text", "day") and name != "nunique":
                self.refuse(argument, f"{name} needs a number, and this is a {kind}")
        where = node.keywords[0].value if node.keywords else None
        if where is not None:
            self.condition(where)
        self.aggregates.append(Aggregate(name, tuple(node.args), where))

    def row(self, node: ast.expr) -> str:
        """Read an expression over one row; return number, flag, text, day or ``''`` (unknown)."""
        if isinstance(node, ast.Constant):
            return self.literal(node)
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
            self.number(node.left)
            self.number(node.right)
            return "number"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self.number(node.operand)
            return "number"
        if isinstance(node, ast.Compare):
            return self.comparison(node)
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self.condition(value)
            return "flag"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.condition(node.operand)
            return "flag"
        if isinstance(node, ast.Call):
            self.refuse(
                node,
                "an aggregate cannot stand inside another",
                "reckon with aggregates outside them, e.g. sum(a) / sum(b)",
            )
        self.refuse(node, f"{_called(node)} is not part of a formula")

    def literal(self, node: ast.Constant) -> str:
        """Read a number or a text."""
        value = node.value
        if isinstance(value, str):
            if any(not c.isprintable() or c in "'\"" for c in value):
                self.refuse(node, "a text holds a quote or a control character")
            return "text"
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(node, f"{value!r} is not a number or a text")
        if not math.isfinite(value) or value > LARGEST:
            self.refuse(node, f"a number above {LARGEST:.0e} is not allowed")
        return "number"

    def name(self, node: ast.Name) -> str:
        """Read a column or a parameter."""
        if node.id in PARAMETERS:
            self.names.add(node.id)
            return "day" if node.id in DAYS else "number"
        self.columns.add(node.id)
        return self.kinds.get(node.id, "")

    def number(self, node: ast.expr) -> None:
        """Read an expression that must be a number."""
        kind = self.row(node)
        if kind in ("text", "day"):
            self.refuse(node, f"a {kind} cannot be reckoned with")

    def condition(self, node: ast.expr) -> None:
        """Read an expression that must be true or false."""
        kind = self.row(node)
        if kind not in ("flag", ""):
            self.refuse(
                node,
                f"this is a {kind}, not a condition",
                "compare it, e.g. plays >= 100000",
            )

    def comparison(self, node: ast.Compare) -> str:
        """Read a comparison, also a chained one; both sides must be of one kind."""
        for op in node.ops:
            if not isinstance(op, _COMPARISONS):
                self.refuse(node, "only == != < <= > >= compare")
        sides = [node.left, *node.comparators]
        kinds = [{"flag": "number"}.get(kind, kind) for kind in map(self.row, sides)]
        for i in range(1, len(sides)):
            if kinds[i] and kinds[i - 1] and kinds[i] != kinds[i - 1]:
                self.refuse(node, f"a {kinds[i - 1]} is compared with a {kinds[i]}")
        return "flag"


def _called(node: ast.AST) -> str:
    """Name a refused piece of syntax so that an analyst understands it."""
    names = {
        ast.Compare: "a comparison",
        ast.BoolOp: "and/or",
        ast.UnaryOp: "this sign",
        ast.BinOp: "this operator",
        ast.Attribute: "a dot",
        ast.Subscript: "a bracket",
    }
    return names.get(type(node), "this")


def _cells(text: str) -> int:
    """Count the columns a text fills in a terminal."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _depth(tree: ast.expr) -> int:
    """Count the levels of a tree without recursion."""
    depth = 0
    level: list[ast.expr | ast.keyword] = [tree]
    while level:
        depth += 1
        level = [
            child
            for node in level
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr | ast.keyword)
        ]
    return depth
