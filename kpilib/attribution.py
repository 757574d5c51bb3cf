"""Whose rows: each row of an export goes to the seats that it counts for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kpilib.exports.receipt import Month, findings_frame
from kpilib.scheme import Scheme
from kpilib.seats import Calendar, RoleNames, seats_of
from kpilib.strays import strays

# table -> (kind of credit, columns of the table that its ``name`` and ``at`` name)
_CREDITED = {
    "works": ("work", ("title", "published")),
    "sessions": ("session", ("account", "day")),
    "ads": ("material", ("material_id",)),
}
_BY_ACCOUNT = {"account_days": "account", "service": "agent"}
_BY_PERSON = {"tasks": "person", "ratings": "ratee"}
_LINK = ("seat", "position", "share")


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a month by seat.

    Attributes
    ----------
    month : Month
        What was read; its tables are not copied.
    seats : DataFrame
        One row per person and role; see `kpilib.seats.seats_of`. The index is the seat's number.
    links : mapping of str to DataFrame
        Per table: ``seat`` (number), ``position`` (of the row in the month's table), ``share``.
        Only seats whose role has an indicator of that table.
    credits : mapping of str to DataFrame
        Per credited table, every credit of the month: ``person``, ``share``, ``seat`` (-1 where
        the person has no such seat) and ``position`` (-1 where the exports have no such row).
    findings : DataFrame
        What did not fit, in the form of a receipt's findings; nothing is left out silently.
    """

    month: Month
    seats: pd.DataFrame
    links: Mapping[str, pd.DataFrame]
    credits: Mapping[str, pd.DataFrame]
    findings: pd.DataFrame

    @cached_property
    def calendar(self) -> Calendar:
        """The days of the month."""
        return Calendar.of(self.month.month)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table's rows with ``person``, ``role`` and ``share``, once for each seat."""
        link = self.links[table]
        seats = self.seats.loc[link["seat"], ["person", "role"]].reset_index(drop=True)
        rows = self.month.tables[table].iloc[link["position"]].reset_index(drop=True)
        rows = rows.drop(columns=["person", "role", "share"], errors="ignore")
        return pd.concat([seats, rows, link["share"].reset_index(drop=True)], axis=1)

    def of(self, table: str, person: str, role: str) -> pd.DataFrame:
        """Return one seat's rows of a table."""
        seat = self.seats.index[(self.seats["person"] == person) & (self.seats["role"] == role)]
        link = self.links[table]
        link = link[link["seat"].isin(seat)]
        rows = self.month.tables[table].iloc[link["position"]].reset_index(drop=True)
        return rows.assign(share=link["share"].to_numpy())

    def hits(self, above_plays: float) -> pd.DataFrame:
        """Return the works with more plays than a limit, once for each credit.

        Returns
        -------
        DataFrame
            work (number), title, plays, person, share (as credited).
        """
        credits = self.credits["works"]
        credits = credits[credits["position"] >= 0]
        works = self.month.tables["works"][["title", "plays"]].iloc[credits["position"]]
        table = credits[["position", "person", "share"]].reset_index(drop=True)
        table = pd.concat([table, works.reset_index(drop=True)], axis=1)
        table = table[table["plays"] > above_plays].rename(columns={"position": "work"})
        return table[["work", "title", "plays", "person", "share"]].reset_index(drop=True)


def attribute(month: Month, scheme: Scheme) -> Rows:
    """Give each row of the month's exports to the seats that it counts for.

    A role with credit ``own`` has the works, sessions and materials that credits.csv names, and
    the orders of its sessions' days; one with credit ``account`` has all of its account. Days of
    an account and the service desk go by account, tasks and ratings by person. A row counts
    whole for every seat; ``share`` says what part of it was the person's.

    Parameters
    ----------
    month : Month
        What was read.
    scheme : Scheme
        Its roles, their names and how they are credited.

    Returns
    -------
    Rows
        Seats, links and findings.

    Raises
    ------
    KpiError
        If somebody's role is unknown to the scheme.
    """
    calendar = Calendar.of(month.month)
    names = RoleNames(month.tables["people"], scheme)
    seats = seats_of(month.tables["people"], names, calendar)
    credits = {
        table: _credits(month, seats, names, calendar, kind, keys)
        for table, (kind, keys) in _CREDITED.items()
    }
    links = {
        table: _links(table, month, seats[seats["role"].isin(roles)], scheme, credits)
        for table, roles in _roles_by_table(scheme).items()
    }
    found = strays(month, seats, credits, set(links))
    return Rows(month, seats, links, credits, findings_frame(list(found)))


def _roles_by_table(scheme: Scheme) -> dict[str, set[str]]:
    """Return which roles have an indicator of their own in which table."""
    found: dict[str, set[str]] = {}
    for role in scheme.roles:
        for rule in role.indicators:
            roles = found.setdefault(rule.definition.table, set())
            if not rule.shared:
                roles.add(role.key)
    return found


def _credits(
    month: Month,
    seats: pd.DataFrame,
    names: RoleNames,
    calendar: Calendar,
    kind: str,
    keys: tuple[str, ...],
) -> pd.DataFrame:
    """Join the credits of one kind with the rows that they name and the seats that they are for."""
    table, credits = month.tables["credits"], month.tables[_table_of(kind)]
    chosen = table[table["kind"] == kind]
    if len(keys) == 2:
        chosen = chosen[calendar.holds(chosen["at"])]
    chosen = chosen.assign(share=_filled(chosen)).reset_index(drop=True)
    rows = credits[list(keys)].assign(position=np.arange(len(credits)))
    if keys[-1] == "day":
        chosen = chosen.assign(at=chosen["at"].dt.normalize())
    joined = chosen.merge(
        rows, left_on=["name", "at"][: len(keys)], right_on=list(keys), how="left"
    )
    seat_of = {
        (p, r): i for i, p, r in zip(seats.index, seats["person"], seats["role"], strict=True)
    }
    team_of = dict(zip(seats["person"], seats["team"], strict=True))
    pairs = dict.fromkeys(zip(joined["person"], joined["role"], strict=True))
    sole = seats.drop_duplicates("person", keep=False)
    only = dict(zip(sole["person"], sole.index, strict=True))
    found = {
        (p, r): only.get(p, -1)
        if pd.isna(r)
        else seat_of.get((p, names.key(str(team_of.get(p)), r)), -1)
        for p, r in pairs
    }
    seat = [found[pair] for pair in zip(joined["person"], joined["role"], strict=True)]
    position = joined["position"].fillna(-1).astype("int64")
    return joined[["name", "at", "person", "role", "share", "file", "row"]].assign(
        seat=np.array(seat, dtype="int64"), position=position
    )


def _table_of(kind: str) -> str:
    return next(table for table, (credited, _) in _CREDITED.items() if credited == kind)


def _filled(credits: pd.DataFrame) -> pd.Series:
    """Return the shares; an empty one is an even part of what the others leave of 1."""
    share = credits["share"].astype(float)
    if not share.isna().any():
        return share
    group = [credits["name"], credits["at"]]
    rest = (1 - share.fillna(0).groupby(group, dropna=False).transform("sum")).clip(lower=0)
    return share.fillna(rest / share.isna().groupby(group, dropna=False).transform("sum"))


def _links(
    table: str,
    month: Month,
    seats: pd.DataFrame,
    scheme: Scheme,
    credits: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Link the rows of one table with the given seats."""
    rows = month.tables.get(table)
    if rows is None or not len(rows) or not len(seats):
        return pd.DataFrame({"seat": [], "position": [], "share": []}).astype(
            {"seat": "int64", "position": "int64", "share": float}
        )
    if table in _BY_PERSON:
        return _matched(seats["person"], rows[_BY_PERSON[table]])
    if table in _BY_ACCOUNT:
        return _matched(seats["account"], rows[_BY_ACCOUNT[table]])
    whole = {role.key for role in scheme.roles if role.credit == "account"}
    by_account = seats["role"].isin(whole)
    parts = [
        _matched(seats.loc[by_account, "account"], rows["account"]),
        _own(table, month, seats.index[~by_account], credits),
    ]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _matched(names: pd.Series, column: pd.Series) -> pd.DataFrame:
    """Link seats and rows by a name; the index of ``names`` holds the seats."""
    left = pd.DataFrame({"name": names.astype(object), "seat": names.index}).dropna()
    right = pd.DataFrame({"name": column.astype(object).to_numpy()})
    right["position"] = np.arange(len(right))
    joined = left.merge(right.dropna(), on="name")
    return joined.assign(share=1.0)[list(_LINK)]


def _own(
    table: str, month: Month, seats: pd.Index, credits: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Link seats with what they are credited for; orders by the sessions of their day."""
    credited = credits["sessions" if table == "orders" else table]
    credited = credited[(credited["position"] >= 0) & credited["seat"].isin(seats)]
    if table != "orders":
        return credited[list(_LINK)]
    sessions = credited[["seat", "share", "name", "at"]]
    orders = month.tables["orders"][["account", "day"]].reset_index(drop=True)
    orders["position"] = np.arange(len(orders))
    joined = sessions.merge(orders, left_on=["name", "at"], right_on=["account", "day"])
    return joined[list(_LINK)]
