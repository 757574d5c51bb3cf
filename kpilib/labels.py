"""What people, roles, teams and indicators are called on a page; learned from a result."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from kpilib.catalogue import FORM_OF_UNIT, Unit
from kpilib.exports.listing import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpilib.audience import View
    from kpilib.scheme import Scheme
    from kpilib.texts import Texts

# Where each result of the line keeps what it came from.
_BEFORE: Final = ("grades", "scores", "readings", "rows", "month")


def line_of(result: object) -> Iterator[object]:
    """Go through a result and what it came from, back to the month that was read."""
    yield result
    for name in _BEFORE:
        before = getattr(result, name, None)
        if (
            before is not None
            and not isinstance(before, (str, pd.DataFrame))
            and not callable(before)
        ):
            yield from line_of(before)
            return


def found(result: object, name: str) -> object | None:
    """Return the first thing of that name on the way back through the line, or None."""
    return next((part for step in line_of(result) if (part := getattr(step, name, None))), None)


class Labels:
    """Names and titles in the language of a page, for its audience.

    Parameters
    ----------
    texts : Texts
        Words of the page's language.
    seen : View
        Whether people go by name or by id.
    """

    def __init__(self, texts: Texts, seen: View) -> None:
        self._texts = texts
        self._seen = seen
        self._names: dict[str, str] = {}
        self._shared: set[str] = set()
        self._titles: dict[str, dict[str, str]] = {"role": {}, "team": {}, "indicator": {}}
        self._units: dict[str, Unit] = {}
        self._grades: set[str] = set()
        self._decided: dict[str, tuple[str, str]] = {}

    @property
    def by_name(self) -> bool:
        """People go by name."""
        return self._seen.names

    def learn(self, result: object) -> None:
        """Learn from any result of the line, or from a scheme."""
        for step in line_of(result):
            for holder in ("seats", "table"):
                frame = getattr(step, holder, None)
                if isinstance(frame, pd.DataFrame):
                    self._learn_people(frame)
            self._learn_decisions(getattr(step, "calibrations", None))
            tables = getattr(step, "tables", None)
            if tables is not None and "people" in tables:
                self._learn_people(tables["people"])
            scheme = getattr(step, "scheme", step)
            if hasattr(scheme, "roles") and hasattr(scheme, "grading"):
                self._learn_scheme(cast("Scheme", scheme))

    def of(self, kind: str, key: object) -> str:
        """Return what a key is called: a role, team, indicator, month, person, format, or a word.

        A key that nobody has named stands as it is.
        """
        text = str(key)
        if kind == "person":
            return self.person(text)
        if kind in {"month", "months"}:
            return self._texts.number(text, "month")
        if kind == "format":
            return title_of(text, self._texts.lang)
        titles = self._titles.get(kind.removesuffix("s"), {})
        if text in titles:
            return titles[text]
        word = f"words.{text}"
        return self._texts(word) if self._texts.has(word) else text

    def person(self, person: str) -> str:
        """Return what a person is called: the name for HR, the id for analysts."""
        if not self._seen.people:
            return self._texts("words.one_person")
        if not self._seen.names or person not in self._names:
            return person
        name = self._names[person]
        return f"{name} ({person})" if name in self._shared else name

    def decided(self, frame: pd.DataFrame) -> list[tuple[str, str, str]]:
        """Return whom a table shows with a grade that people calibrated: id, computed, decided.

        A table that has a column ``computed`` says so itself.
        """
        flat = frame.reset_index() if frame.index.name == "person" else frame
        if not self._decided or "person" not in flat or "computed" in flat:
            return []
        rows = flat[flat["person"].isin(list(self._decided))]
        graded = rows.apply(lambda column: column.isin(list(self._grades))).any(axis=1)
        return [(who, *self._decided[who]) for who in dict.fromkeys(rows.loc[graded, "person"])]

    def form(self, indicator: object) -> str:
        """Return the format in which an indicator's readings are written."""
        unit = self._units.get(str(indicator))
        return "number" if unit is None else FORM_OF_UNIT[unit]

    def _learn_decisions(self, frame: object) -> None:
        if isinstance(frame, pd.DataFrame) and {"grade_from", "grade_to"} <= set(frame.columns):
            changed = frame[frame["grade_from"] != frame["grade_to"]]
            pairs = zip(changed["grade_from"], changed["grade_to"], strict=True)
            self._decided.update(zip(changed.index.astype(str), pairs, strict=True))

    def _learn_people(self, frame: pd.DataFrame) -> None:
        flat = frame.reset_index() if frame.index.name == "person" else frame
        if not {"person", "name"} <= set(flat.columns):
            return
        self._names.update(zip(flat["person"].astype(str), flat["name"].astype(str), strict=True))
        times = Counter(self._names.values())
        self._shared = {name for name, n in times.items() if n > 1}

    def _learn_scheme(self, scheme: Scheme) -> None:
        lang = self._texts.lang
        self._grades.update(scheme.grading.grades)
        for team, title in scheme.teams.items():
            self._titles["team"][team] = getattr(title, lang)
        for role in scheme.roles:
            self._titles["role"][role.key] = getattr(role.title, lang)
            for rule in role.indicators:
                self._titles["indicator"][rule.key] = getattr(rule.definition.title, lang)
                self._units[rule.key] = rule.definition.unit
