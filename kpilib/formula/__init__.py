"""The closed language of formulas: text in, a checked tree out.

A formula says in one line what is counted, e.g. ``count(where=plays >= 100000) / count()``. The
text is parsed with the standard library's ``ast`` and never evaluated: a catalogue file can run
no code and read no file. This room sees no data.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterator, Mapping

from kpilib.formula.reader import LONGEST, Reader
from kpilib.formula.tree import DAYS, PARAMETERS, Aggregate, Formula, Ratio

__all__ = [
    "DAYS",
    "LONGEST",
    "PARAMETERS",
    "Aggregate",
    "Formula",
    "Ratio",
    "check",
    "parse",
]


def parse(text: str, where: str = "formula") -> Formula:
    """Parse a formula and refuse whatever the language does not have.

    Parameters
    ----------
    text : str
        The formula; line breaks count as blanks.
    where : str
        What to call the place in an error.

    Returns
    -------
    Formula
        Its columns are not known to exist before `check`.

    Raises
    ------
    KpiError
        With the place, the formula and a caret under the part at fault.

    Examples
    --------
    >>> sorted(parse("sum(profile_visits) / sum(plays)").columns)
    ['plays', 'profile_visits']
    """
    flat = " ".join(text.split())
    reader = Reader(flat, where)
    tree = reader.tree()
    reader.outer(tree)
    return Formula(
        flat,
        where,
        tree,
        tuple(reader.aggregates),
        frozenset(reader.columns),
        frozenset(reader.names),
    )


def check(
    formula: Formula, columns: Collection[str] | Mapping[str, str], where: str | None = None
) -> None:
    """Hold a formula's columns against those of its table, before any data is read.

    Parameters
    ----------
    formula : Formula
        As `parse` made it.
    columns : collection of str, or mapping of str to str
        Names the table has; as a mapping also what each holds: ``number``, ``flag``, ``text`` or
        ``day``.
    where : str, optional
        What to call the place in an error; by default the place given to `parse`.

    Raises
    ------
    KpiError
        If a column does not exist (its nearest neighbour is named) or is used as what it is not.
    """
    reader = Reader(formula.text, where or formula.where)
    for node in _names(formula.tree):
        if node.id not in columns and node.id not in PARAMETERS:
            near = difflib.get_close_matches(node.id, [*columns, *PARAMETERS], n=1)
            reader.refuse(
                node,
                f"no column {node.id!r}" + (f"; the nearest is {near[0]!r}" if near else ""),
                f"use one of: {', '.join(sorted(columns))}",
            )
    if isinstance(columns, Mapping):
        reader.kinds = dict(columns)
        reader.outer(formula.tree)


def _names(tree: ast.expr) -> Iterator[ast.Name]:
    """Yield the columns and parameters of a tree, not the names of aggregates."""
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in called:
            yield node
