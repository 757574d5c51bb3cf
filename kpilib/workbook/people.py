"""The sheets that compute: people, their roles, their points, and the weights of the scheme."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd

from kpilib.outcomes import Outcomes
from kpilib.scheme import Bands, Geometric, Scheme
from kpilib.texts import Texts
from kpilib.workbook.cells import Column, is_empty
from kpilib.workbook.formulas import Book, Place, Words
from kpilib.workbook.rules import Rules, by_method

POINTS, SCORE, MONEY, SHARE = "0.00", "0.00", "#,##0.00", "0.0%"

PEOPLE = ("person", "name", "team", "roles", "total", "bonus", "score", "grade", "computed",
          "base_pay", "pay", "status", "grade_before", "notes")  # fmt: skip
ROLES = ("person", "name", "role", "time", "counted", "total", "status")
POINTS_OF = ("person", "name", "role", "indicator", "value", "n", "low", "high", "status",
             "remark", "target", "points", "weight", "applied", "contribution")  # fmt: skip
INDICATORS = ("team", "role", "role_weight", "indicator", "dimension", "weight", "target",
              "method", "shared", "assumed")  # fmt: skip


class Titles:
    """What roles, indicators and teams are called; no two of them alike, for rows match by them.

    Parameters
    ----------
    scheme : Scheme
        Gives the titles.
    lang : str
        Language.
    """

    def __init__(self, scheme: Scheme, lang: str) -> None:
        self.roles = _apart({r.key: getattr(r.title, lang) for r in scheme.roles})
        self.indicators = _apart(
            {
                rule.key: getattr(rule.definition.title, lang)
                for role in scheme.roles
                for rule in role.indicators
            }
        )
        self.teams = {key: getattr(title, lang) for key, title in scheme.teams.items()}
        self.units = {r.key: r.definition.unit for role in scheme.roles for r in role.indicators}


def _apart(titles: Mapping[str, str]) -> dict[str, str]:
    """Add the key to titles that stand for several."""
    held = list(titles.values())
    return {
        key: f"{title} ({key})" if held.count(title) > 1 else title for key, title in titles.items()
    }


def book_of(outcomes: Outcomes, t: Texts) -> Book:
    """Lay out the computing sheets: how many lines each has, and where its columns stand."""
    scores, scheme = outcomes.grades.scores, outcomes.scheme
    lines = sum(len(role.indicators) for role in scheme.roles)
    people = [k for k in PEOPLE if k != "computed" or "computed" in outcomes.table]
    return Book(
        Place(t("workbook.sheet_people"), people, len(outcomes.table)),
        Place(t("workbook.sheet_roles"), ROLES, len(scores.role_totals)),
        Place(t("workbook.sheet_points"), POINTS_OF, len(scores.points)),
        Place(t("workbook.sheet_indicators"), INDICATORS, lines),
        Words(t("words.ok"), t("words.unknown")),
        refuse=scheme.unknown == "refuse",
        floor=scheme.totals.floor if isinstance(scheme.totals, Geometric) else None,
    )


def people_columns(
    outcomes: Outcomes, book: Book, rules: Rules, titles: Titles, t: Texts
) -> list[Column]:
    """Return one line per person: result, pay and what follows."""
    table, scheme = outcomes.table, outcomes.scheme
    grading, bonus = scheme.grading, scheme.bonus
    counts = () if bonus is None else bonus.counts_for
    graded, paid = ("score" if use in counts else "total" for use in ("grade", "pay"))
    by_cuts = None
    if isinstance(grading, Bands):
        strict = grading.edge == "upper_closed"
        by_cuts = partial(
            book.grade, grades=grading.grades, cuts=rules.cuts, strict=strict, graded=graded
        )
    roles = [t.number([titles.roles[r] for r in held], "list") for held in table["roles"]]
    pay = [None if value is None else float(value) for value in table["pay"]]
    notes = _notes(outcomes, t)
    return [
        Column("person", table.index.astype(str).tolist()),
        Column("name", table["name"].tolist()),
        Column("team", [titles.teams.get(team, team) for team in table["team"]]),
        Column("roles", roles),
        Column("total", table["total"].tolist(), SCORE, book.total),
        Column("bonus", table["bonus"].tolist(), SCORE, given=True),
        Column("score", table["score"].tolist(), SCORE, book.score),
        *_grades(table, by_cuts),
        Column("base_pay", table["base_pay"].tolist(), MONEY, given=True, summed=True),
        Column("pay", pay, MONEY, _pay_formula(scheme, book, rules, paid), summed=True),
        Column("status", [t(f"words.{status}") for status in table["status"]]),
        Column("grade_before", table["grade_before"].tolist()),
        Column("notes", [notes.get(person, "") for person in table.index]),
    ]


def _grades(table: pd.DataFrame, by_cuts: Callable[[int], str] | None) -> list[Column]:
    """Return the grade; where people calibrated some, as decided, and beside it as computed."""
    if "computed" not in table:
        return [Column("grade", table["grade"].tolist(), "@", by_cuts)]
    return [
        Column("grade", table["grade"].tolist(), "@", given=True),
        Column("computed", table["computed"].tolist(), "@", by_cuts),
    ]


def _pay_formula(
    scheme: Scheme, book: Book, rules: Rules, paid: str
) -> Callable[[int], str] | None:
    """Return the formula of pay; none where it hangs on more than this line tells.

    A pool is shared among people, days and late returns are not on the sheet: amounts stand
    there as they are, and the rules say why.
    """
    pay = scheme.pay
    if pay.pool is not None or pay.prorate == "days" or pay.late_returns == "carry":
        return None
    cells = dict(zip(pay.coefficients, rules.coefficients, strict=True))
    return partial(
        book.pay,
        floor=rules.floor,
        cap=rules.cap,
        paid=paid,
        basis=pay.basis,
        coefficients=cells,
    )


def _notes(outcomes: Outcomes, t: Texts) -> dict[str, str]:
    """Say what follows for each person, one note after the other."""
    said: dict[str, list[str]] = {}
    for note in outcomes.notes.to_dict("records"):
        kind = f"words.{note['kind']}"
        word = t(kind) if t.has(kind) else str(note["kind"])
        if not is_empty(note["due"]):
            word = t("workbook.due", note=word, month=note["due"])
        elif note["count"] > 1:
            word = t("workbook.times", note=word, n=note["count"])
        said.setdefault(str(note["person"]), []).append(word)
    return {person: t("workbook.between").join(words) for person, words in said.items()}


def role_columns(outcomes: Outcomes, book: Book, titles: Titles, t: Texts) -> list[Column]:
    """Return one line per person and role: the role's total and its share of the time."""
    scores = outcomes.grades.scores
    key = ["person", "role"]
    seats = scores.readings.seats[[*key, "name", "time_share"]].rename(
        columns={"time_share": "time"}
    )
    table = scores.role_totals.merge(seats, on=key, how="left", validate="one_to_one")
    points = scores.points
    applies = points["status"] == "ok"
    if book.refuse:
        applies |= points["status"] == "unknown"
    counted = points[applies].groupby(key)["weight"].sum()
    found = counted.reindex(pd.MultiIndex.from_frame(table[key])).fillna(0.0)
    return [
        Column("person", table["person"].astype(str).tolist()),
        Column("name", table["name"].tolist()),
        Column("role", [titles.roles[role] for role in table["role"]]),
        Column("time", table["time"].tolist(), SHARE, given=True),
        Column("counted", found.tolist(), SHARE, book.counted),
        Column("total", table["total"].tolist(), SCORE, book.role_total),
        Column("status", [t(f"words.{status}") for status in table["status"]]),
    ]


def point_columns(outcomes: Outcomes, book: Book, titles: Titles, t: Texts) -> list[Column]:
    """Return one line per person, role and indicator: reading, points and weight."""
    scores = outcomes.grades.scores
    key = ["person", "role", "indicator"]
    readings = scores.readings.table[[*key, "n", "low", "high", "reason"]]
    table = scores.points.merge(readings, on=key, how="left", validate="one_to_one")
    names = outcomes.table["name"]
    forms = [t(f"workbook.form_{titles.units[i]}") for i in table["indicator"]]
    reasons = [f"doubts.reason.{reason}" for reason in table["reason"]]
    return [
        Column("person", table["person"].astype(str).tolist()),
        Column("name", names.reindex(table["person"]).tolist()),
        Column("role", [titles.roles[role] for role in table["role"]]),
        Column("indicator", [titles.indicators[i] for i in table["indicator"]]),
        Column("value", table["value"].tolist(), forms),
        Column("n", table["n"].tolist(), "#,##0"),
        Column("low", table["low"].tolist(), forms),
        Column("high", table["high"].tolist(), forms),
        Column("status", [t(f"words.{status}") for status in table["status"]]),
        Column("remark", [t(reason) if t.has(reason) else "" for reason in reasons]),
        Column("target", table["target"].tolist(), forms),
        Column("points", table["points"].tolist(), POINTS, given=True),
        Column("weight", table["weight"].tolist(), SHARE, book.weight),
        Column("applied", table["applied"].tolist(), SHARE, book.applied),
        Column(
            "contribution",
            table["contribution"].tolist(),
            POINTS,
            book.contribution if book.floor is None else None,  # a product has no parts
        ),
    ]


def indicator_columns(scheme: Scheme, titles: Titles, t: Texts) -> list[Column]:
    """Return one line per role and indicator: the weights that all totals follow."""
    held = [(role, rule) for role in scheme.roles for rule in role.indicators]
    forms = [t(f"workbook.form_{rule.definition.unit}") for _, rule in held]
    marks = {mark: t(f"workbook.assumed_{mark}") for mark in _MARKS}
    return [
        Column("team", [titles.teams.get(role.team, role.team) for role, _ in held]),
        Column("role", [titles.roles[role.key] for role, _ in held]),
        Column("role_weight", [role.weight for role, _ in held], SHARE),
        Column("indicator", [titles.indicators[rule.key] for _, rule in held]),
        Column("dimension", [t(f"words.{rule.definition.dimension}") for _, rule in held]),
        Column("weight", [rule.weight for _, rule in held], SHARE, given=True),
        Column("target", [rule.target for _, rule in held], forms),
        Column("method", [by_method(rule, t) for _, rule in held]),
        Column("shared", [t("words.yes") if rule.shared else "" for _, rule in held]),
        Column("assumed", [_listed(rule.assumed, marks, t) for _, rule in held]),
    ]


_MARKS = ("weight", "target", "method", "indicator")


def _listed(keys: Sequence[str], words: Mapping[str, str], t: Texts) -> str:
    return t.number([words[key] for key in keys], "list")
