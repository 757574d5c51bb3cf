"""What hypothesis makes for our tests: weights, tables of points, methods, gradings, schemes.

Everything made here is legal: a test that wants a fault puts it in itself. Numbers have few
digits, so that a failing case reads like one typed by hand.
"""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import strategies as st

from kpilib.catalogue import read_catalogue
from kpilib.scheme import Scheme
from kpilib.scheme.model import checked

BOOK = read_catalogue()
KEYS = sorted(BOOK.definitions)
EDGES = ("upper_closed", "lower_closed", "rounded", "floored")

# Names that must never become markup, a formula, a path or a line of their own.
NASTY = (
    "<b>李</b>",
    "=1+1",
    "+86 139",
    "-2",
    "@SUM(A1)",
    "\tTab",
    "../../etc",
    'O\'Neil, "x"',
    "𠮷野",
    "&amp;",
)


def weights(n: int) -> st.SearchStrategy[list[float]]:
    """Return n positive weights that sum to 1."""
    parts = st.lists(st.integers(1, 100), min_size=n, max_size=n)
    return parts.map(lambda whole: [part / sum(whole) for part in whole])


def numbers(low: float, high: float, places: int = 2) -> st.SearchStrategy[float]:
    """Return numbers of few digits between two bounds, which come up themselves."""
    scale = 10**places
    return st.integers(math.ceil(low * scale), math.floor(high * scale)).map(lambda n: n / scale)


@st.composite
def points_tables(
    draw, people=(1, 8), indicators=(1, 6), *, missing=True, high=120.0
) -> pd.DataFrame:
    """Return points: index ``person``, a column per indicator, NaN = not applicable.

    Every person keeps at least one item.
    """
    keys = [f"k{i}" for i in range(draw(st.integers(*indicators)))]
    ids = [f"p{i:03d}" for i in range(draw(st.integers(*people)))]
    cell = numbers(0, high, 1)
    rows = []
    for _ in ids:
        row = draw(st.lists(cell, min_size=len(keys), max_size=len(keys)))
        kept = draw(st.sets(st.sampled_from(range(len(keys))), min_size=1)) if missing else set()
        rows.append([p if not missing or i in kept else math.nan for i, p in enumerate(row)])
    return pd.DataFrame(rows, index=pd.Index(ids, name="person"), columns=keys, dtype=float)


@st.composite
def weighted_points(draw, **sizes) -> tuple[pd.DataFrame, pd.Series]:
    """Return a table of points and one weight for each of its columns."""
    table = draw(points_tables(**sizes))
    return table, pd.Series(draw(weights(table.shape[1])), index=table.columns)


TARGETS = {
    "rate": numbers(0.01, 1),
    "ratio": numbers(0.1, 10),
    "count": st.integers(1, 10**6).map(float),
    "per_week": numbers(0.5, 20, 1),
    "hours": numbers(1, 72, 1),
    "seconds": numbers(1, 600, 1),
    "yuan": numbers(1, 100),
    "score": numbers(1, 5, 1),
}


def ratios() -> st.SearchStrategy[dict]:
    """Return ratio methods: floor below 100, cap at 100 or above."""
    return st.builds(
        lambda floor, cap: {"kind": "ratio", "floor": floor, "cap": cap},
        numbers(0, 60, 0),
        numbers(100, 150, 0),
    )


@st.composite
def steps(draw, key: str) -> dict:
    """Return an interval table for an indicator, best interval first."""
    definition = BOOK[key]
    at = draw(st.lists(TARGETS[definition.unit], min_size=1, max_size=4, unique=True))
    at.sort(reverse=definition.direction == "higher")
    points = draw(st.lists(numbers(0, 120, 0), min_size=len(at) + 1, max_size=len(at) + 1))
    points.sort(reverse=True)
    table = [{"at": a, "points": p} for a, p in zip(at, points, strict=False)]
    return {"kind": "steps", "table": table, "otherwise": points[-1]}


@st.composite
def judged(draw) -> dict:
    """Return anchors over the marks 1 to 5."""
    points = sorted(draw(st.lists(numbers(0, 120, 0), min_size=5, max_size=5)))
    anchors = [
        {"score": mark, "points": p, "meaning": {"en": f"mark {mark}", "zh": f"{mark}分"}}
        for mark, p in enumerate(points, start=1)
    ]
    return {"kind": "judged", "anchors": anchors}


def methods(key: str) -> st.SearchStrategy[dict]:
    """Return methods of every kind that fits an indicator."""
    deducts = st.builds(
        lambda unit, points, floor: {
            "kind": "deduct",
            "unit": unit,
            "points": points,
            "floor": floor,
        },
        TARGETS[BOOK[key].unit],
        numbers(1, 50, 0),
        numbers(0, 60, 0),
    )
    switches = st.builds(
        lambda met, missed: {"kind": "switch", "met": met, "missed": missed},
        numbers(61, 120, 0),
        numbers(0, 60, 0),
    )
    kinds = [ratios(), steps(key), deducts, switches]
    return st.one_of(*kinds, *([judged()] if BOOK[key].judged else []))


@st.composite
def rules(draw, n: int, keys=KEYS) -> list[dict]:
    """Return n indicators of one role, with weights that sum to 1."""
    chosen = draw(st.lists(st.sampled_from(list(keys)), min_size=n, max_size=n, unique=True))
    shares = draw(weights(n))
    return [
        {
            "key": key,
            "weight": share,
            "target": draw(TARGETS[BOOK[key].unit]),
            "method": draw(methods(key)),
            "shared": draw(st.booleans()),
            "definition": BOOK[key].model_dump(),
        }
        for key, share in zip(chosen, shares, strict=True)
    ]


@st.composite
def bands(draw) -> dict:
    """Return two to five grades with whole cuts, so that every edge policy is legal."""
    cuts = sorted(draw(st.sets(st.integers(1, 119), min_size=1, max_size=4)), reverse=True)
    levels = [{"grade": f"G{i}", "above": cut} for i, cut in enumerate(cuts)]
    edge = draw(st.sampled_from(EDGES))
    return {"kind": "bands", "edge": edge, "bands": [*levels, {"grade": "last", "above": None}]}


@st.composite
def quotas(draw) -> dict:
    """Return two to five levels whose shares sum to 1."""
    shares = draw(st.integers(2, 5).flatmap(weights))
    levels = [{"grade": f"G{i}", "share": share} for i, share in enumerate(shares)]
    return {"kind": "quota", "levels": levels, "pool_below": draw(st.integers(1, 12))}


@st.composite
def schemes(draw, *, roles=(1, 3), indicators=(1, 5), grading=None, keys=KEYS) -> Scheme:
    """Return a whole scheme over the shipped catalogue: every method, bands or quota, a bonus."""
    made = []
    for i in range(draw(st.integers(*roles))):
        made.append(
            {
                "key": f"role_{i}",
                "title": {"en": f"Role {i}", "zh": f"岗位{i}"},
                "team": draw(st.sampled_from(("video", "live"))),
                "aliases": [f"岗位{i}"],
                "weight": draw(st.none() | numbers(0.01, 1)),
                "indicators": draw(st.integers(*indicators).flatmap(lambda n: rules(n, keys))),
            }
        )
    bonus = st.fixed_dictionaries(
        {"above_plays": st.integers(1, 10**7), "points": numbers(0, 5), "cap": numbers(0, 20)}
    )
    data = {
        "name": "made",
        "title": {"en": "Made", "zh": "生成"},
        "roles": made,
        "grading": draw(grading if grading is not None else bands() | quotas()),
        "bonus": draw(st.none() | bonus),
    }
    return checked(data, "strategies")


_MEASURED = {
    "rate": numbers(0, 1),
    "ratio": numbers(0, 20),
    "count": st.integers(0, 10**7).map(float),
    "per_week": numbers(0, 30, 1),
    "hours": numbers(0, 100, 1),
    "seconds": numbers(0, 1000, 1),
    "yuan": numbers(0, 200),
    "score": numbers(1, 5, 1),
}


@st.composite
def values(draw, scheme: Scheme, people=(1, 6)) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return readings for ``tests.company.readings_of``: person, role, indicator, value.

    One role each; None = not applicable, but for at least one item of each person.
    """
    scored = [role for role in scheme.roles if role.indicators]
    found = {}
    for i in range(draw(st.integers(*people))):
        role = draw(st.sampled_from(scored))
        items = {r.key: draw(_MEASURED[r.definition.unit]) for r in role.indicators}
        gone = draw(st.sets(st.sampled_from(sorted(items)), max_size=len(items) - 1))
        found[f"p{i:03d}"] = {
            role.key: {key: None if key in gone else value for key, value in items.items()}
        }
    return found


def names() -> st.SearchStrategy[str]:
    """Return names of people: ordinary Chinese ones, odd ones, and ones meant to do harm."""
    hanzi = st.text(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=3
    )
    return hanzi | st.sampled_from(NASTY) | st.text(min_size=1, max_size=8)
