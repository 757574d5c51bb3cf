"""Small companies on which weights and cuts are tried: points typed in, everything else real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd

from kpilib.contrast import outcomes_under
from kpilib.outcomes import Outcomes
from kpilib.readings import from_frame
from kpilib.scheme import Scheme
from tests.company import scheme_of

# Indicators of which more is better: at a target of 100, a reading of x earns x points.
ITEMS = {
    "host": ("gmv_completion", "order_conversion", "watch_time"),
    "director": ("works_published", "completion_rate", "ideas_adopted"),
}
GRADES = ("A+", "A", "B", "C")
Points = Mapping[str, Mapping[str, Sequence[float | None]]]  # person -> role -> points


def scheme_for(weights: Mapping[str, Sequence[float]], **changes: object) -> Scheme:
    """Return a scheme of the roles above with these weights; changes as in a scheme file."""
    rules = {
        role: {
            key: {"weight": w, "target": 100.0, "method": {"kind": "ratio"}}
            for key, w in zip(ITEMS[role], parts, strict=True)
        }
        for role, parts in weights.items()
    }
    return scheme_of(rules, **changes)


def graded_by(edge: str, *cuts: float) -> dict[str, object]:
    """Return what a scheme file says of bands A+, A, B and C."""
    bands = [{"grade": g, "above": c} for g, c in zip(GRADES, [*cuts, None], strict=True)]
    return {"kind": "bands", "edge": edge, "bands": bands}


def appraised(
    points: Points,
    scheme: Scheme,
    *,
    bonus: Mapping[str, int] | None = None,
    pay: Mapping[str, float] | None = None,
    shares: Mapping[str, Mapping[str, float]] | None = None,
    teams: Mapping[str, str] | None = None,
) -> Outcomes:
    """Appraise people who earn these points; None = the item does not apply, bonus = hits."""
    rows = {
        (who, role): dict(zip(ITEMS[role], earned, strict=True))
        for who, roles in points.items()
        for role, earned in roles.items()
    }
    index = pd.MultiIndex.from_tuples(list(rows), names=["person", "role"])
    frame = pd.DataFrame([*rows.values()], index=index, dtype=float)
    columns = dict.fromkeys(k for role in scheme.roles for k in role.weights)
    seats = pd.DataFrame(
        {
            "person": who,
            "name": who.upper(),
            "role": role,
            "team": (teams or {}).get(who, "live"),
            "base_pay": (pay or {}).get(who, 1000.0),
            "time_share": (shares or {}).get(who, {}).get(role, 1 / len(points[who])),
        }
        for who, role in rows
    )
    readings = from_frame(
        frame.reindex(columns=list(columns)),
        scheme,
        seats,
        month="2025-05",
        missing="not_applicable",
    )
    if bonus:
        whose = [who for who, n in bonus.items() for _ in range(n)]
        works = pd.DataFrame({"work": range(len(whose)), "person": whose, "share": 1.0})
        hits = SimpleNamespace(hits=lambda plays: works)
        readings = replace(readings, attributed=hits)
    return outcomes_under(readings, scheme)
