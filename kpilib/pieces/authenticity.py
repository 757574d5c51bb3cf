"""Whether a month's figures are real, told on a page: flags, evidence, with and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from kpilib.exclusions import side_by_side

if TYPE_CHECKING:
    from kpilib.authenticity import Screening
    from kpilib.display import Page
    from kpilib.exclusions import SideBySide
    from kpilib.outcomes import Outcomes

_FORMS: Final = {
    "rate": "percent2",
    "ratio": "number",
    "seconds": "seconds",
    "yuan": "money",
    "count": "count",
}
_WHAT: Final = {"name": "what"}  # a column of that name would be taken for a person's
_TABLES: Final = ("works", "sessions", "account_days", "orders")


def remind(page: Page, seen: Screening) -> None:
    """Say that flagged rows wait for a decision, where some do."""
    waiting = int((~seen.flags["excluded"].astype(bool)).sum())
    if waiting:
        page.say("authenticity.waiting", people=True, n=waiting)


def show_screening(page: Page, outcomes: Outcomes, seen: Screening) -> None:
    """Show what was screened, what is flagged and why, and the grades with and without it.

    Leadership is told the numbers only: a work is the work of a few people.
    """
    page.section("authenticity.title")
    beside = side_by_side(outcomes, seen)
    told: dict[str, Any] = {table: seen.rows.get(table, 0) for table in _TABLES}
    if not beside.flagged and beside.table.empty:
        page.say("authenticity.none", **told)
    else:
        told |= {"flagged": beside.flagged, "decided": beside.decided}
        page.say("authenticity.some", **told)
        if page.sees_people:
            _show_flags(page, seen)
            _show_grades(page, beside)
            _show_entries(page, beside)
    if page.sees_people:
        _show_rest(page, seen)
        page.note("authenticity.limits", **seen.limits.model_dump())


def _show_flags(page: Page, seen: Screening) -> None:
    if seen.flags.empty:
        return
    flags = seen.flags[["kind", "name", "at", "account", "excluded", "file", "row"]]
    words = {True: page.t("words.yes"), False: page.t("words.no")}
    shown = flags.rename(columns=_WHAT).assign(
        excluded=flags["excluded"].map(words),
        file=[str(file).rpartition("/")[2] for file in flags["file"]],
    )
    shown.insert(4, "why", _why(page, seen))
    page.table(
        shown,
        caption="authenticity.flags",
        headers=_heads("what", "at", "why", "row", "excluded"),
        formats={"at": "day", "why": "text", "row": "text"},
        note="authenticity.flags_note",
    )


def _why(page: Page, seen: Screening) -> list[str]:
    """Say for each flagged row what is odd about it: figure, reading and what is usual."""
    signals = seen.evidence.reset_index(drop=True)
    told = evidence(page, signals)
    said = [
        page.text("authenticity.odd", signal=row.signal, value=row.value, usual=row.usual)
        for row in told.itertuples(index=False)
    ]
    keys = ["table", "position"]
    of_row = pd.Series(said, dtype=object).groupby([signals[key] for key in keys], sort=False)
    joined = of_row.agg(page.text("authenticity.between").join)
    return [str(joined[row]) for row in seen.flags[keys].itertuples(index=False, name=None)]


def evidence(page: Page, signals: pd.DataFrame) -> pd.DataFrame:
    """Put signals into words: what, at, signal, value and usual with their units, z.

    Parameters
    ----------
    page : Page
        Whose language the words are in.
    signals : DataFrame
        As `kpilib.authenticity.Screening.signals`.
    """
    rows = []
    for row in signals.to_dict("records"):
        form = _FORMS[row["unit"]]
        value, usual = (page.t.number(row[name], form) for name in ("value", "usual"))
        exact = pd.isna(row["z"])
        z = page.t("authenticity.must_agree") if exact else page.t.number(row["z"], "signed")
        signal = page.t(f"authenticity.signal.{row['signal']}")
        rows.append([row["name"], row["at"], signal, value, usual, z])
    return pd.DataFrame(rows, columns=["what", "at", "signal", "value", "usual", "z"])


def _show_grades(page: Page, beside: SideBySide) -> None:
    page.say("authenticity.grades", people=True, n=len(beside.table), moved=beside.moved)
    columns = ["team", "score_with", "grade_with", "score_without", "grade_without"]
    columns += ["score", "grade"] if beside.decided else []
    shown = beside.table[columns]
    page.table(
        shown,
        caption="authenticity.beside",
        headers=_heads(*columns[1:5], "score", "grade", only=columns),
        formats=dict.fromkeys(("score_with", "score_without"), "points"),
    )


def _show_entries(page: Page, beside: SideBySide) -> None:
    if beside.entries.empty:
        return
    entries = beside.entries.assign(at=beside.entries["at"].astype(str))
    page.say("authenticity.decide")
    page.table(
        entries.add_prefix("entry_"),
        caption="authenticity.entries",
        headers=_heads(*(f"entry_{name}" for name in entries)),
        formats=dict.fromkeys(entries.add_prefix("entry_").columns, "text"),
    )


def _show_rest(page: Page, seen: Screening) -> None:
    """Say what is no flag: single signals, accounts with too few rows, other sources."""
    single = seen.single.drop_duplicates(["table", "position"])
    if len(single):
        page.say("authenticity.single", n=len(single))
        page.table(
            evidence(page, seen.single),
            caption="authenticity.singles",
            headers=_heads("what", "at", "signal", "usual", "z"),
            formats={"at": "day"},
        )
    few = seen.screened[~seen.screened["enough"].astype(bool)]
    if len(few):
        page.say("authenticity.few", accounts=sorted(set(few["account"])), rows=seen.limits.rows)
    if seen.compared:
        page.say("authenticity.sources", compared=seen.compared, n=len(seen.sources))
    if len(seen.sources):
        columns = ["account", "at", "metric", "source", "ours", "low", "high", "apart"]
        told = seen.sources[columns].assign(
            at=[str(at)[:10] for at in seen.sources["at"]],
            metric=[page.t(f"authenticity.metric.{name}") for name in seen.sources["metric"]],
            source=[page.t(f"authenticity.source.{name}") for name in seen.sources["source"]],
        )
        page.table(
            told,
            caption="authenticity.sources_table",
            headers=_heads("at", "metric", "ours", "apart"),
            formats={"at": "text", "apart": "signed_percent"},
        )


def _heads(*names: str, only: list[str] | None = None) -> dict[str, str]:
    return {name: f"authenticity.col_{name}" for name in names if only is None or name in only}
