"""What a formula is once it is read: its tree, and the ratio that a confidence interval needs."""

from __future__ import annotations

import ast
from dataclasses import dataclass

DAYS = ("month_start", "month_end", "week_now", "week_before")
LENGTHS = ("days", "weeks")
PARAMETERS = frozenset(DAYS + LENGTHS)


@dataclass(frozen=True, eq=False)
class Aggregate:
    """One aggregate of a formula: its name, its row expressions and its ``where``."""

    name: str
    arguments: tuple[ast.expr, ...] = ()
    where: ast.expr | None = None


@dataclass(frozen=True, eq=False)
class Ratio:
    """A formula seen as ``numerator / denominator + shift``, both sides sums or counts of rows."""

    numerator: Aggregate
    denominator: Aggregate
    shift: float = 0.0


@dataclass(frozen=True, eq=False)
class Formula:
    """A parsed formula; made by `parse` only, so that everything in ``tree`` is allowed."""

    text: str
    where: str
    tree: ast.expr
    aggregates: tuple[Aggregate, ...]
    columns: frozenset[str]
    names: frozenset[str]

    @property
    def ratio(self) -> Ratio | None:
        """Numerator and denominator of a top-level ratio of aggregates, or None.

        ``mean`` and ``wmean`` are ratios too, and a number added to a ratio is its shift. What a
        confidence interval needs is in here.
        """
        return _ratio(self.tree)

    @property
    def spares_rows(self) -> bool:
        """Whether a row with an unknown value may be left out without bending the result.

        A mean, or a ratio that leaves the row out on both sides, stays what it is. A sum, a count
        or a growth comes out too low: it is then unknown.
        """
        ratio = self.ratio
        if ratio is not None:
            return ratio.shift == 0
        return all(a.name in ("mean", "wmean", "median") for a in self.aggregates)


def _ratio(node: ast.expr) -> Ratio | None:
    """See a tree as a ratio of two aggregates; None where it is not one."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        inner, number = _ratio(node.left), node.right
        if inner is not None and isinstance(number, ast.Constant):
            sign = 1 if isinstance(node.op, ast.Add) else -1
            return Ratio(
                inner.numerator, inner.denominator, inner.shift + sign * float(str(number.value))
            )
        return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        left, right = _aggregate(node.left), _aggregate(node.right)
        sides = {"count", "sum", "nunique"}
        if left is None or right is None or not {left.name, right.name} <= sides:
            return None
        return Ratio(left, right)
    whole = _aggregate(node)
    if whole is None:
        return None
    if whole.name == "mean":
        return Ratio(
            Aggregate("sum", whole.arguments, whole.where), Aggregate("count", (), whole.where)
        )
    if whole.name == "wmean":
        value, weight = whole.arguments
        product = ast.BinOp(value, ast.Mult(), weight)
        return Ratio(
            Aggregate("sum", (product,), whole.where), Aggregate("sum", (weight,), whole.where)
        )
    return None


def _aggregate(node: ast.expr) -> Aggregate | None:
    """Turn a call node into the aggregate that it is."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    where = node.keywords[0].value if node.keywords else None
    return Aggregate(node.func.id, tuple(node.args), where)
