"""Seats: who holds which role in a month, and for how much of it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.scheme import Scheme

COLUMNS = (
    "person",
    "name",
    "team",
    "role",
    "account",
    "base_pay",
    "joined",
    "left",
    "days",
    "time_share",
)


@dataclass(frozen=True)
class Calendar:
    """The days that formulas may speak of.

    Attributes
    ----------
    start, end : Timestamp
        First and last day of the month.
    week_now, week_before : Timestamp
        First days of the month's last 7 days, and of the 7 before.
    """

    start: pd.Timestamp
    end: pd.Timestamp

    @classmethod
    def of(cls, month: str) -> Calendar:
        """Return the calendar of a month, ``YYYY-MM``."""
        try:
            period = pd.Period(month, freq="M")
        except ValueError:
            period = None
        if period is None or str(period) != month:
            raise KpiError(f"month {month!r}", "is no month.", "write it as 2025-05.")
        return cls(period.start_time, period.end_time.normalize())

    @property
    def days(self) -> int:
        """Number of days of the month."""
        return self.end.day

    @property
    def parameters(self) -> dict[str, str]:
        """Days by the names that formulas use, as ISO text."""
        days = {
            "month_start": self.start,
            "month_end": self.end,
            "week_now": self.end - pd.Timedelta(days=6),
            "week_before": self.end - pd.Timedelta(days=13),
        }
        return {name: day.strftime("%Y-%m-%d") for name, day in days.items()}

    def holds(self, times: pd.Series) -> pd.Series:
        """Say which times are in the month."""
        return (times >= self.start) & (times < self.end + pd.Timedelta(days=1))


class RoleNames:
    """The scheme's role for a role as people write it.

    The same name may stand for two roles in two kinds of team; a team is of the kind that knows
    most of its people's role names.

    Parameters
    ----------
    people : DataFrame
        ``team`` and ``role`` as written.
    scheme : Scheme
        Its roles have keys, titles and aliases.
    """

    def __init__(self, people: pd.DataFrame, scheme: Scheme) -> None:
        self._named: dict[str, dict[str, str]] = {}
        for role in scheme.roles:
            names = self._named.setdefault(role.team, {})
            for name in (role.title.en, role.title.zh, *role.aliases, role.key):
                names[_folded(name)] = role.key
        self._kinds = {
            str(team): self._kind(str(team), part["role"]) for team, part in people.groupby("team")
        }

    def _kind(self, team: str, roles: pd.Series) -> str:
        if team in self._named:
            return team
        known = Counter(
            {kind: int(roles.map(_folded).isin(names).sum()) for kind, names in self._named.items()}
        )
        return known.most_common(1)[0][0]

    def key(self, team: str, role: object) -> str | None:
        """Return the key of a role in a team, or None where the scheme has no such role."""
        name = _folded(role)
        kind = self._kinds.get(team)
        if kind is not None and name in self._named[kind]:
            return self._named[kind][name]
        elsewhere = {names[name] for names in self._named.values() if name in names}
        return elsewhere.pop() if len(elsewhere) == 1 else None


def seats_of(people: pd.DataFrame, names: RoleNames, calendar: Calendar) -> pd.DataFrame:
    """List who holds which role in the month.

    Parameters
    ----------
    people : DataFrame
        One row per person and role, as in people.csv.
    names : RoleNames
        The scheme's roles by their names.
    calendar : Calendar
        The month.

    Returns
    -------
    DataFrame
        One row per seat, in the order of the file: person, name, team, role (key), account,
        base_pay, joined, left, days (employed in the month, ends included), time_share (of the
        person's days in each role, by ``share``; sums to 1 per person). Who was not employed on
        any day of the month has no seat.

    Raises
    ------
    KpiError
        If a role is unknown, or a person holds a role twice.
    """
    table = people.reset_index(drop=True)
    teams = table["team"].astype(object).where(table["team"].notna(), "")
    keys = [names.key(str(t), r) for t, r in zip(teams, table["role"], strict=True)]
    unknown = table[[key is None for key in keys]]
    if len(unknown):
        roles = sorted({str(role) for role in unknown["role"]})[:5]
        raise KpiError(
            f"people.csv, {len(unknown)} row(s), e.g. of {', '.join(unknown['person'][:5])}",
            f"the scheme has no role {', '.join(map(repr, roles))}.",
            "correct the role, or add it to the aliases of a role in the scheme file.",
        )
    table = table.assign(role=pd.Series(keys, dtype=object), days=_days(table, calendar))
    table = table[table["days"] > 0]
    twice = table[table.duplicated(["person", "role"])]
    if len(twice):
        raise KpiError(
            "people.csv",
            f"{', '.join(twice['person'].unique()[:5])} hold(s) the same role in two rows.",
            "keep one row for each person and role.",
        )
    return table.assign(time_share=_time_shares(table))[list(COLUMNS)].reset_index(drop=True)


def callings(people: pd.DataFrame, seats: pd.DataFrame) -> pd.DataFrame:
    """List what those who hold a seat are called: by name, and by alias.

    Parameters
    ----------
    people : DataFrame
        As in people.csv.
    seats : DataFrame
        Who holds a seat.

    Returns
    -------
    DataFrame
        ``person`` and ``called``, each pair once. A name that two people bear stands twice.
    """
    mine = people[people["person"].isin(seats["person"])]
    pairs = [
        mine[["person", column]].set_axis(["person", "called"], axis=1)
        for column in ("name", "alias")
        if column in mine
    ]
    return pd.concat(pairs).dropna().drop_duplicates(ignore_index=True)


def _days(people: pd.DataFrame, calendar: Calendar) -> pd.Series:
    """Count the days of the month on which each row's person was employed."""
    first = np.maximum(_dates(people["joined"], calendar.start), np.datetime64(calendar.start, "D"))
    last = np.minimum(_dates(people["left"], calendar.end), np.datetime64(calendar.end, "D"))
    return pd.Series(np.maximum((last - first).astype("int64") + 1, 0), people.index)


def _dates(column: pd.Series, default: pd.Timestamp) -> np.ndarray[Any, Any]:
    """Return a column as days, an empty cell as the default."""
    return column.fillna(default).to_numpy(dtype="datetime64[D]")


def _time_shares(table: pd.DataFrame) -> list[float]:
    """Split a person's time over the roles; an empty share is an even part of the rest."""
    stated = table["share"].astype(float).tolist() if "share" in table else [math.nan] * len(table)
    of_person: dict[str, list[int]] = {}
    for i, person in enumerate(table["person"]):
        of_person.setdefault(person, []).append(i)
    days, time = table["days"].tolist(), [1.0] * len(table)
    for places in of_person.values():
        known = [stated[i] for i in places if not math.isnan(stated[i])]
        rest = max(0.0, 1 - math.fsum(known)) / max(1, len(places) - len(known))
        parts = [(rest if math.isnan(stated[i]) else stated[i]) * days[i] for i in places]
        whole = math.fsum(parts)
        for i, part in zip(places, parts, strict=True):
            time[i] = part / whole if whole > 0 else 1 / len(places)
    return time


def _folded(name: object) -> str:
    return "".join(str(name).split()).casefold()
