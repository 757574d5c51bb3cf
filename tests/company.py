"""Small companies typed into a test: readings without any file behind them."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from kpilib.scheme import Scheme, read_scheme
from kpilib.scheme.model import checked

NO_HITS = pd.DataFrame({"work": [], "person": [], "share": []})


def scheme_of(roles, **changes) -> Scheme:
    """Return the published scheme with other roles: role -> {indicator: rule fields}."""
    published = read_scheme("published").model_dump()
    book = {i["key"]: i for r in published["roles"] for i in r["indicators"]}
    made = []
    for key, rules in roles.items():
        base = next(r for r in published["roles"] if r["key"] == key)
        indicators = [{**book[k], "assumed": (), **(fields or {})} for k, fields in rules.items()]
        made.append({**base, "indicators": indicators})
    return checked({**published, "roles": made, "stages": {}, **changes}, "test")


def readings_of(scheme, values, *, seats=None, hits=NO_HITS, month="2025-05", status=None):
    """Return readings of people: {person: {role: {indicator: value}}}; None = not applicable."""
    rows = []
    for person, roles in values.items():
        for role, items in roles.items():
            for key, value in items.items():
                rows.append(
                    {
                        "person": person,
                        "role": role,
                        "indicator": key,
                        "value": float("nan") if value is None else value,
                        "n": 1,
                        "low": float("nan"),
                        "high": float("nan"),
                        "status": "not_applicable" if value is None else "ok",
                        "reason": "",
                        "source": "typed",
                    }
                )
    columns = ["person", "role", "indicator", "value", "n", "low", "high", "status"]
    table = pd.DataFrame(rows, columns=[*columns, "reason", "source"])
    for (person, key), word in (status or {}).items():
        table.loc[(table["person"] == person) & (table["indicator"] == key), "status"] = word
    if seats is None:
        seats = seats_of({person: dict.fromkeys(roles, 1.0) for person, roles in values.items()})
    return SimpleNamespace(
        table=table,
        seats=seats,
        scheme=scheme,
        month=SimpleNamespace(month=month),
        hits=lambda plays: hits,
        attributed=None,
    )


def seats_of(people, team="live", base_pay=1000.0):
    """Return seats: {person: {role: share of time}}."""
    rows = [
        {
            "person": person,
            "name": person.upper(),
            "team": team,
            "role": role,
            "base_pay": base_pay,
            "time_share": share / sum(roles.values()),
        }
        for person, roles in people.items()
        for role, share in roles.items()
    ]
    return pd.DataFrame(rows)
