"""Is this month's distribution sound? One check after another, each with what it found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kpilib.distribution.overview import Overview

CLOSE: Final = 0.2  # share of grades within the margin from which on they are many
DOUBTFUL: Final = 0.1  # share of grades expected to come out otherwise
PILED: Final = 0.8  # share of people with one grade, which then tells nobody apart
FEW: Final = 10  # people below whom an empty grade, or one held by nearly all, is no wonder
HANGING: Final = 0.1  # share of grades that depend on who owns the edge
RESTLESS: Final = 0.5  # share of people whose grade changed within a month


@dataclass(frozen=True, eq=False)
class Check:
    """One check of a month's distribution.

    Attributes
    ----------
    key : str
        What was checked.
    found : str
        Key of the sentence that says what was found.
    look : bool
        Whether it raises a question.
    told : mapping
        Values of the sentence.
    """

    key: str
    found: str
    look: bool
    told: Mapping[str, object]


def checks(seen: Overview) -> tuple[Check, ...]:
    """Check a month's distribution; what does not apply to it is left out, all without grades."""
    return tuple(_checks(seen)) if seen.n else ()


def _checks(seen: Overview) -> Iterator[Check]:
    n = seen.n
    yield _spread(seen)
    near = seen.near.within(seen.margin)
    told = {"near": near, "margin": seen.margin, "n": n}
    yield Check("near", "near", near >= CLOSE * n, told)
    expected = seen.doubt.expected
    told = {"expected": expected, "untold": len(seen.doubt.untold), "n": n}
    yield Check("doubt", "doubt", expected >= DOUBTFUL * n, told)
    if seen.edges is not None:
        hanging = len(seen.edges.table)
        yield Check("edges", "edges", hanging >= HANGING * n, {"hanging": hanging, "n": n})
    if len(seen.differences.n) > 1:
        yield _teams(seen)
    high = seen.concentration.index[seen.concentration["concentrated"]].tolist()
    lowest = seen.outcomes.grades.order[-1]
    held: dict[str, object] = {"roles": high, "n": len(high)} if high else {}
    found = "roles_high" if high else "roles"
    yield Check("roles", found, bool(high), {"grade": lowest, **held})
    at_end = seen.ends[seen.ends["ceiling"] | seen.ends["floor"]]
    items = at_end["indicator"].drop_duplicates().tolist()
    piled = {"items": items, "n": len(items)} if items else {}
    yield Check("ends", "ends_found" if items else "ends", bool(items), piled)
    if "wished" in seen.shares.table:
        outside = seen.shares.table.query("outside")["grade"].tolist()
        found = "wished_outside" if outside else "wished"
        off = {"grades": outside, "n": len(outside)} if outside else {}
        yield Check("wished", found, bool(outside), off)
    if seen.moved is not None:
        changed = seen.moved.up + seen.moved.down
        both = changed + seen.moved.same
        about = {"changed": changed, "n": both}
        yield Check("moves", "moves", changed > RESTLESS * both, about)


def _spread(seen: Overview) -> Check:
    counts = seen.shares.counts.sum()
    empty = counts.index[counts == 0].tolist()
    if seen.n >= FEW and counts.max() >= PILED * seen.n:
        return Check("spread", "spread_piled", True, dict(seen.most))
    if empty and seen.n >= FEW:
        about = {"grades": empty, "n": len(empty)}
        return Check("spread", "spread_empty", True, about)
    return Check("spread", "spread", False, {"n": seen.n, "grades": len(counts) - len(empty)})


def _teams(seen: Overview) -> Check:
    found = seen.differences
    if len(found.apart):
        pair = found.apart.iloc[0]
        about = {"a": pair["a"], "b": pair["b"], "likelier": (1 + pair["delta"]) / 2}
        return Check("teams", f"teams_{pair['size']}", True, about)
    return Check("teams", "teams", False, {"p": found.p})
