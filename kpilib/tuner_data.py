"""What the tuner's module takes: its words, the scheme, and people or groups."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from kpilib.scheme import Geometric
from kpilib.texts import lookup

if TYPE_CHECKING:
    from kpilib.groups import Groups
    from kpilib.labels import Labels
    from kpilib.tuning import Trial, Weights

_ROOM: Final = "tuner."
_PAGE: Final = "tuner.page."  # texts of the what-if page, which the module does not need


def in_person(tried: Trial, labels: Labels, lang: str) -> dict[str, Any]:
    """Return all that the module takes where people may be seen, by name or id; never pay.

    Parameters
    ----------
    tried : Trial
        The month.
    labels : Labels
        Titles in the language of the tuner.
    lang : str
        That language.
    """
    return _shared(tried, labels, lang) | {"people": _people(tried, labels)}


def in_groups(tried: Trial, groups: Groups, labels: Labels, lang: str) -> dict[str, Any]:
    """Return all that the module takes where nobody may be seen."""
    rows = groups.rows(tried, labels)
    data = _shared(tried, labels, lang)
    named = {str(row["team"]) for row in rows}
    return data | {"groups": rows, "teams": [t for t in data["teams"] if t["key"] in named]}


def _shared(tried: Trial, labels: Labels, lang: str) -> dict[str, Any]:
    entries = lookup(lang).entries
    teams = sorted(set(tried.scores.table.loc[tried.people, "team"].astype(str)))
    return {
        "lang": "zh-CN" if lang == "zh" else "en",
        "texts": {
            key.removeprefix(_ROOM): text
            for key, text in entries.items()
            if key.startswith(_ROOM) and not key.startswith(_PAGE)
        },
        "teams": [{"key": team, "title": labels.of("team", team)} for team in teams],
        **_rules(tried, labels, lang),
    }


def _rules(tried: Trial, labels: Labels, lang: str) -> dict[str, Any]:
    """Return grades, cuts, bonus, pay, roles and their weights."""
    grading, pay, totals = tried.grading, tried.scheme.pay, tried.scheme.totals

    def column(weights: Weights, role: str) -> list[float] | None:
        return list(weights[role].values()) if weights else None

    titles = {key: stage.title.model_dump() for key, stage in tried.scheme.stages.items()}
    return {
        "grades": list(grading.grades),
        "cuts": list(grading.cuts),
        "edge": grading.edge,
        "bonus": {purpose: tried.bonus_counts(purpose) for purpose in ("grade", "pay")},
        "pay": {"floor": pay.floor, "cap": pay.cap},
        "floor": totals.floor if isinstance(totals, Geometric) else None,
        "stages": [titles[key][lang] for key in tried.stages] or None,
        "roles": [
            {
                "key": role,
                "title": labels.of("role", role),
                "items": [{"key": key, "title": labels.of("indicator", key)} for key in weights],
                "weights": list(weights.values()),
                "start": column(tried.start, role),
                "end": column(tried.end, role),
            }
            for role, weights in tried.weights.items()
        ],
    }


def _people(tried: Trial, labels: Labels) -> list[dict[str, Any]]:
    """Return name or id, team, bonus and points of each person."""
    place = {role: i for i, role in enumerate(tried.weights)}
    rows = {
        role: {
            person: [None if math.isnan(p) else p for p in points]
            for person, points in zip(
                table.index, table.to_numpy(dtype=float).tolist(), strict=True
            )
        }
        for role, table in tried.points.items()
    }
    teams, bonus = (tried.scores.table[column].to_dict() for column in ("team", "bonus"))
    return [
        {
            "label": labels.person(person),
            "team": str(teams[person]),
            "bonus": bonus[person],
            "seats": [
                {"role": place[role], "share": share, "points": rows[role][person]}
                for role, share in seats
            ],
        }
        for person, seats in tried.shares.items()
    ]
