"""Whose rows: each row of an export goes to the seats that it counts for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kpilib.exports.receipt import Month, findings_frame
from kpilib.matching import Places, join
from kpilib.scheme import Scheme
from kpilib.seats import Calendar, RoleNames, callings, seats_of
from kpilib.strays import strays

# table -> (kind of credit, columns of the table that its ``name`` and ``at`` name)
_CREDITED = {
    "works": ("work", ("title", "published")),
    "sessions": ("session", ("account", "day")),
    "ads": ("material", ("material_id",)),
}
_BY_ACCOUNT = {"account_days": "account", "service": "agent"}
_BY_PERSON = {"tasks": "person", "ratings": "ratee"}
_BY_NAME = {"hosts": "name"}
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
        Per credited table, every credit of the month: ``number`` (of the credit; one of a
        material has several rows), ``name``, ``at``, ``account`` (where it is stated),
        ``person``, ``role`` (as written), ``share``, ``seat`` (-1 where the person has no such
        seat), ``position`` (-1 where the exports have no such row), ``file`` and ``row`` of the
        credit.
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
        seats = self.seats.index[(self.seats["person"] == person) & (self.seats["role"] == role)]
        link = self.links[table]
        link = link[link["seat"].isin(seats)]
        rows = self.month.tables[table].iloc[link["position"]].reset_index(drop=True)
        return rows.assign(share=link["share"].to_numpy())

    @cached_property
    def positions(self) -> Mapping[str, Mapping[int, Places]]:
        """Per table and seat, the places of the seat's rows in the month's table."""
        found = {}
        for table, link in self.links.items():
            seat = link["seat"].to_numpy()
            order = np.argsort(seat, kind="stable")
            seats, first = np.unique(seat[order], return_index=True)
            parts = np.split(link["position"].to_numpy()[order], first[1:])
            found[table] = dict(zip(seats.tolist(), parts, strict=True)) if len(seats) else {}
        return found

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
    an account and the service desk go by account, tasks and ratings by person, rankings of hosts
    and controllers by the name or alias that one person alone bears. A row counts whole for
    every seat; ``share`` says what part of it was the person's.

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
        table: _links(table, month, seats, roles, scheme, credits)
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
    table, rows = month.tables["credits"], month.tables[_table_of(kind)]
    chosen = (table["kind"] == kind).to_numpy(dtype=bool, na_value=False)
    if len(keys) == 2:
        chosen = chosen & calendar.holds(table["at"]).to_numpy(dtype=bool)
    credits = table[["name", "at", "account", "person", "role", "share", "file", "row"]][chosen]
    if keys[-1] == "day":
        credits["at"] = credits["at"].dt.normalize()
    credits["share"] = _filled(credits)
    credits["seat"] = _seats_for(credits, seats, names)
    pairs = list(zip(("name", "at"), keys, strict=False))
    place, position = join(
        [credits[a] for a, _ in pairs],
        [rows[b] for _, b in pairs],
        (credits["account"], rows["account"]),
    )
    lost = np.setdiff1d(np.arange(len(credits)), place)
    number = np.concatenate([place, lost])
    joined = credits.iloc[number].reset_index(drop=True)
    joined["number"] = number
    joined["position"] = np.concatenate([position, np.full(len(lost), -1)])
    return joined


def _seats_for(credits: pd.DataFrame, seats: pd.DataFrame, names: RoleNames) -> list[int]:
    """Find the seat that each credit is for, or -1; without a role it is the person's only one."""
    by_role = dict(zip(zip(seats["person"], seats["role"], strict=True), seats.index, strict=True))
    held: dict[object, list[int]] = {}
    for person, seat in zip(seats["person"], seats.index, strict=True):
        held.setdefault(person, []).append(seat)
    team_of = dict(zip(seats["person"], seats["team"], strict=True))
    found: dict[tuple[object, object], int] = {}
    pairs = list(zip(credits["person"], credits["role"], strict=True))
    for person, role in dict.fromkeys(pairs):
        if isinstance(role, str):
            key = names.key(str(team_of.get(person)), role)
            found[person, role] = by_role.get((person, key), -1)
        else:
            own = held.get(person, [])
            found[person, role] = own[0] if len(own) == 1 else -1
    return [found[pair] for pair in pairs]


def _table_of(kind: str) -> str:
    return next(table for table, (credited, _) in _CREDITED.items() if credited == kind)


def _filled(credits: pd.DataFrame) -> pd.Series:
    """Return the shares; an empty one is an even part of what the others leave of 1."""
    share = credits["share"].astype(float)
    if not share.isna().any():
        return share
    group = [credits["name"], credits["at"], credits["account"]]
    rest = (1 - share.fillna(0).groupby(group, dropna=False).transform("sum")).clip(lower=0)
    return share.fillna(rest / share.isna().groupby(group, dropna=False).transform("sum"))


def _links(
    table: str,
    month: Month,
    seats: pd.DataFrame,
    roles: set[str],
    scheme: Scheme,
    credits: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Link the rows of one table with the seats whose role is measured by it."""
    rows = month.tables.get(table)
    role = seats["role"].to_numpy(dtype=object)
    chosen = np.flatnonzero([key in roles for key in role])
    if rows is None or not len(rows) or not len(chosen):
        return _link([], [], [])
    if table in _BY_PERSON:
        return _matched(seats["person"], chosen, rows[_BY_PERSON[table]])
    if table in _BY_ACCOUNT:
        return _matched(seats["account"], chosen, rows[_BY_ACCOUNT[table]])
    if table in _BY_NAME:
        called = callings(month.tables["people"], seats).drop_duplicates("called", keep=False)
        place, position = join([called["called"]], [rows[_BY_NAME[table]]])
        seat, pair = join([seats["person"].iloc[chosen]], [called["person"].iloc[place]])
        return _link(chosen[seat], position[pair], np.ones(len(seat)))
    whole = {each.key for each in scheme.roles if each.credit == "account"}
    by_account = np.array([role[seat] in whole for seat in chosen])
    parts = [
        _matched(seats["account"], chosen[by_account], rows["account"]),
        _own(table, month, chosen[~by_account], credits),
    ]
    return pd.concat(parts, ignore_index=True) if all(map(len, parts)) else max(parts, key=len)


def _link(seat: object, position: object, share: object) -> pd.DataFrame:
    columns = zip(_LINK, (seat, position, share), ("int64", "int64", "float64"), strict=True)
    return pd.DataFrame({name: np.asarray(v, dtype) for name, v, dtype in columns}, copy=False)


def _matched(names: pd.Series, chosen: Places, column: pd.Series) -> pd.DataFrame:
    """Link the chosen seats and the rows by a name."""
    place, position = join([names.iloc[chosen]], [column])
    return _link(chosen[place], position, np.ones(len(place)))


def _own(
    table: str, month: Month, chosen: Places, credits: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Link seats with what they are credited for; orders by the sessions of their day."""
    credited = credits["sessions" if table == "orders" else table]
    seat, position, share = (credited[name].to_numpy() for name in _LINK)
    mine = np.flatnonzero((position >= 0) & np.isin(seat, chosen))
    if table != "orders":
        return _link(seat[mine], position[mine], share[mine])
    orders = month.tables["orders"]
    names = [credited[name].iloc[mine] for name in ("name", "at")]
    place, position = join(names, [orders["account"], orders["day"]])
    return _link(seat[mine][place], position, share[mine][place])
