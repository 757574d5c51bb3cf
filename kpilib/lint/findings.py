"""What was found about a scheme: a code, a level, a place, and values for the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, get_args

import pandas as pd

from kpilib.catalogue import FORM_OF_UNIT, Unit, Words
from kpilib.scheme import Rule, Scheme, Title

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = get_args(Level)


class Telling(Protocol):
    """What puts a finding into words: ``kpilib.texts.lookup(lang)`` does."""

    @property
    def lang(self) -> str:
        """Language, ``en`` or ``zh``."""

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of a key with its values."""

    def number(self, value: object, form: str | None = None) -> str:
        """Write one value."""


@dataclass(frozen=True)
class Amount:
    """A reading in the unit of its indicator."""

    value: float
    unit: Unit


@dataclass(frozen=True)
class Finding:
    """One finding; ``text`` is the key of its words, ``about`` what they speak of."""

    code: str
    level: Level
    text: str
    where: str
    about: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything found about one scheme.

    Attributes
    ----------
    found : tuple of Finding
        Gravest first, then by opening. Levels: ``error`` (scoring will fail or mislead),
        ``warning`` (decide), ``note`` (open in the source, decided by default).
    scheme : Scheme
        What was looked at.
    """

    found: tuple[Finding, ...]
    scheme: Scheme

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per finding: ``code`` (G1 to G15, or a word), ``level``, ``text``, ``where``."""
        rows = [(f.code, f.level, f.text, f.where) for f in self.found]
        return pd.DataFrame(rows, columns=["code", "level", "text", "where"])

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return self.count("error")

    def count(self, level: Level) -> int:
        """Return how many findings are of a level."""
        return sum(finding.level == level for finding in self.found)

    def told(self, t: Telling) -> pd.DataFrame:
        """Put the findings into words.

        Parameters
        ----------
        t : Telling
            Texts of a language, ``kpilib.texts.lookup(lang)``: each finding has the texts
            ``lint.<text>`` and ``lint.<text>_remedy``.

        Returns
        -------
        DataFrame
            ``code``, ``level``, ``where``, ``finding``, ``remedy``, in the order of the table.
        """
        rows = []
        for f in self.found:
            values = {name: _said(value, t) for name, value in f.about.items()}
            remedy = t(f"lint.{f.text}_remedy")
            rows.append((f.code, f.level, f.where, t(f"lint.{f.text}", **values), remedy))
        return pd.DataFrame(rows, columns=["code", "level", "where", "finding", "remedy"])


def findings_of(found: Iterable[Finding], scheme: Scheme) -> Findings:
    """Put findings in order: gravest first, then by opening, then as they were found."""

    def rank(finding: Finding) -> tuple[int, int]:
        number = int(finding.code[1:]) if finding.code[1:].isdigit() else 99
        return LEVELS.index(finding.level), number

    return Findings(tuple(sorted(found, key=rank)), scheme)


def indicator_at(role: str, rule: Rule) -> str:
    """Return the place of an indicator in the file."""
    return f"roles.{role}.indicators.{rule.key}"


def _said(value: object, t: Telling) -> object:
    """Put titles into the language, readings into their unit, also inside tuples."""
    if isinstance(value, Title | Words):
        return value.zh if t.lang == "zh" else value.en
    if isinstance(value, Amount):
        return t.number(value.value, FORM_OF_UNIT[value.unit])
    if isinstance(value, tuple):
        return [_said(part, t) for part in value]
    return value
