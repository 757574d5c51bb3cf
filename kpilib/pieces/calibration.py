"""A calibration meeting, told on a page: whom first, what was decided, raters, comments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from kpilib import figures
from kpilib.exports import formats
from kpilib.ratings import comments_about

if TYPE_CHECKING:
    from kpilib.calibration import Meeting
    from kpilib.display import Page

RATERS: Final = 14  # in the figure: those furthest from the others
SELVES: Final = 12  # self-reviews in the table: those furthest from the others
_FORMS: Final = {"own": "points2", "others": "points2", "mean": "points2"}


def show_facts(page: Page, seen: Meeting) -> None:
    """Show the key figures under the verdict; where nobody is graded it says all."""
    if seen.outcomes.nobody:
        return
    page.facts(
        ("facts.first", len(seen.first), "people"),
        ("facts.then", len(seen.then), "people"),
        ("facts.near", seen.reasons["near"], "people"),
        ("facts.doubtful", seen.reasons["doubtful"], "people"),
        ("facts.decided", len(seen.decisions), "people"),
    )


def show_first(page: Page, seen: Meeting) -> None:
    """Show whom to talk about first and why, then who has one reason."""
    if seen.outcomes.nobody:
        return
    heads = {"why": "first.why", "consider": "first.consider"}
    for key, part in (("first", seen.first), ("then", seen.then)):
        if key == "then":
            page.section("then")
            page.say("then.lead", n=len(part))
        table = _told(page, part, corrected=seen.corrected)
        page.table(table, caption=f"{key}.table", headers=heads, n=len(part))


def _told(page: Page, people: pd.DataFrame, *, corrected: bool) -> pd.DataFrame:
    between = page.text("why.between")
    records = people.to_dict("records")
    why = [between.join(_reasons(page, row, corrected=corrected)) for row in records]
    shown = people[["computed", "consider"]].assign(why=why)
    return shown.join(people[["score", "team", "role"]])


def _reasons(page: Page, row: Mapping[Any, Any], *, corrected: bool) -> Iterator[str]:
    """Say each reason with its evidence."""
    taken = "taken" if corrected else "left"
    for why in row["why"]:
        if why == "near":
            side = "on" if row["gap"] == 0 else "above" if row["gap"] > 0 else "below"
            points = {"points": abs(row["gap"])} if row["gap"] else {}
            yield page.text(f"why.{side}", neighbour=row["neighbour"], **points)
        elif why == "doubtful":
            yield page.text("why.doubtful", own=row["own"], rival=row["rival"])
        elif why == "far":
            yield page.text("why.far", judged=row["judged"], measured=row["measured"])
        else:
            who = [page.person(rater) for rater in row["raters"]]
            yield page.text(f"why.{why}_{taken}", who=who, points=abs(row["shift"]))


def show_decisions(page: Page, seen: Meeting) -> None:
    """Show what was decided and why, and grades before and after by team and by manager."""
    if seen.outcomes.nobody:
        return  # a decision needs a computed grade
    if seen.decisions.empty:
        page.say("decided.none")
    else:
        page.say("decided.lead", decided=seen.numbers["decided"], changed=seen.numbers["changed"])
        by = [page.person(str(who)) for who in seen.decisions["decided_by"]]
        table = seen.decisions.assign(decided_by=by)
        heads = ("grade_from", "grade_to", "decided_by", "decided", "reason")
        page.table(
            table,
            caption="decided.table",
            headers={name: f"decided.{name}" for name in heads},
            formats={"decided": "day", "reason": "text"},
        )
        when = {name: page.text(f"teams.{name}") for name in ("computed", "calibrated")}
        teams = seen.teams.rename(index=when, level="when")
        if page.sees_people:  # what a decision moves in a team's counts is one person
            page.table(teams, caption="teams.table", headers={"when": "teams.when"})
    if len(seen.managers):
        page.table(
            seen.managers.rename(columns={"manager": "person"}),
            caption="managers.table",
            headers={c: f"managers.{c}" for c in seen.managers.columns if c != "manager"}
            | {"person": "managers.manager"},
            formats=_FORMS | {"effect": "signed", "low": "signed", "high": "signed", "n": "count"},
            note="managers.note",
        )
    if len(seen.first):
        head = ",".join(formats()["calibrations"].headers)
        page.say("entries.lead", people=True, head=head)
        page.table(
            pd.DataFrame({"line": seen.entries}, index=seen.first.index),
            caption="entries.table",
            headers={"line": "entries.line"},
            formats={"line": "text"},
        )


def show_raters(page: Page, seen: Meeting) -> None:
    """Show how lenient the raters are, whether that can be told at all, and how well they agree."""
    held = seen.leniency
    outside = held.raters["part"] > 0
    if held.effects is None:
        told = {"marks": int(held.parts["marks"].sum())}
        told |= {"parts": len(held.parts)} if held.why == "apart" else {}
        page.say(f"raters.{held.why}", people=False, **told)
        return
    spread = {str(k): math.sqrt(v) for k, v in held.effects.variances.items()}
    page.say(
        "raters.lead",
        marks=held.effects.n,
        raters=int((~outside).sum()),
        rater=spread["rater"],
        ratee=spread["ratee"],
        residual=spread["residual"],
        icc2=held.effects.icc["icc2"],
        icc3=held.effects.icc["icc3"],
    )
    if outside.any():
        page.say("raters.outside", n=int(outside.sum()))
    page.say("raters.taken" if seen.corrected else "raters.left")
    known = held.raters.dropna(subset="effect")
    shown = known.loc[known["effect"].abs().sort_values(ascending=False).index[:RATERS]]
    shown = shown.sort_values("effect", ascending=False, kind="stable")
    marked = held.marked
    key = "even"
    numbers: dict[str, Any] = {"shown": len(shown), "of": len(known)}
    if len(marked):
        who, effect = page.person(str(marked.index[0])), float(marked["effect"].iloc[0])
        key, numbers = "figure", {**numbers, "n": len(marked), "who": who, "effect": effect}
    drawn = figures.leniency(shown, page.t, label=page.person)
    page.show(drawn, caption=f"raters.{key}", alt=f"raters.{key}_alt", people=True, **numbers)


def show_findings(page: Page, seen: Meeting) -> None:
    """Show habits of raters, then self-reviews beside what the others say."""
    habits = seen.findings[seen.findings["kind"] != "self_gap"]
    if len(habits):
        page.say("findings.lead", n=len(habits))
    else:
        page.say("findings.none")
    page.items([_finding(page, row) for row in habits.to_dict("records")], people=True)
    if len(seen.selves):
        page.table(
            seen.selves.head(SELVES),
            caption="selves.table",
            headers={name: f"selves.{name}" for name in ("own", "others", "gap", "n")},
            formats=_FORMS | {"n": "count"},
            shown=min(SELVES, len(seen.selves)),
            of=len(seen.selves),
        )


def _finding(page: Page, row: Mapping[Any, Any]) -> str:
    names = {"who": page.person(row["person"]), "n": row["n"]}
    keys = ("value", "low", "high") if row["kind"] in ("lenient", "harsh") else ("value", "usual")
    if row["kind"] == "reciprocal":
        names["other"] = page.person(row["other"])
    return page.text(f"findings.{row['kind']}", **names, **{key: row[key] for key in keys})


def show_comments(page: Page, seen: Meeting, seed: int) -> None:
    """Show what was written about the people to talk about first; to nobody but HR."""
    if not page.view.comments or seen.outcomes.nobody:
        return
    readings = seen.outcomes.grades.scores.readings
    ratings = readings.month.tables.get("ratings")
    names = dict(zip(readings.seats["person"], readings.seats["name"], strict=True))
    said = {}
    for person in seen.people.index[seen.people["why"].map(len) > 0]:
        texts = comments_about(ratings, person, names, seed) if ratings is not None else []
        if texts:
            said[person] = texts
    page.section("comments", people=True)
    page.say("comments.lead" if said else "comments.none", people=True)
    lines = [(person, text) for person, texts in said.items() for text in texts]
    table = pd.DataFrame(lines, columns=["person", "comment"])
    if len(table):
        page.table(table, caption="comments.table", headers={"comment": "comments.text"})
