"""Words of pages and figures, in English and Chinese: data, and the one lookup over it.

``texts/<lang>/<room>.yaml`` holds flat ``key: text`` pairs; a text's full name is ``<room>.<key>``.
A text may hold

- ``{name}`` or ``{name:format}``: a value, written the way the language writes it,
- ``{name|one|other}``: ``one`` where the number ``name`` is 1, else ``other``,
- ``**bold**``: kept on pages, dropped in plain text.

Texts are ours and trusted; values are data and never become markup.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import yaml

from kpilib.errors import KpiError
from kpilib.texts import numerals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = get_args(Lang)

# Builds nothing but text, so that a key `yes` stays a word; in C where libyaml is at hand.
_Words = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FOLDER = Path(__file__).parent
_SLOT = re.compile(r"\{(\w+)(?::(\w+)|\|([^|{}]*)\|([^|{}]*))?\}")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@lru_cache(maxsize=len(LANGS))
def lookup(lang: str) -> Texts:
    """Read the words of one language.

    Parameters
    ----------
    lang : str
        ``en`` or ``zh``.

    Returns
    -------
    Texts
        Every text of that language by its full name.

    Raises
    ------
    KpiError
        If the language is not one of the two.

    Examples
    --------
    >>> lookup("en").number(0.3516, "percent1"), lookup("zh").number(150, "seconds")
    ('35.2%', '2分30秒')
    """
    if lang not in LANGS:
        raise KpiError(
            where="lang",
            problem=f"no texts in {lang!r}.",
            remedy=f"take one of {', '.join(LANGS)}.",
        )
    entries: dict[str, str] = {}
    for file in sorted((_FOLDER / lang).glob("*.yaml")):
        for key, text in yaml.load(file.read_text(encoding="utf-8"), _Words).items():
            entries[f"{file.stem}.{key}"] = text
    return Texts(lang, entries)


def slots(text: str) -> set[str]:
    """Return the names of the values that a text needs.

    Examples
    --------
    >>> sorted(slots("{n} {n|person|people} of {total:count}"))
    ['n', 'total']
    """
    return {match[1] for match in _SLOT.finditer(text)}


def plain_bold(text: str) -> str:
    """Drop the marks of bold words."""
    return _BOLD.sub(r"\1", text)


@dataclass(frozen=True, eq=False)
class Texts:
    """The words of one language.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language.
    entries : mapping of str to str
        Raw texts by full name.
    small_counts : bool
        Write head counts of 1 to 4 as "fewer than 5" (pages for leadership).
    """

    lang: Lang
    entries: Mapping[str, str] = field(repr=False)
    small_counts: bool = False

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a text with its values, as plain text.

        Raises
        ------
        KpiError
            If there is no such key, a value is missing, or a value has no place in the text.
        """
        return self._fill(key, values, plain_bold(self.raw(key)), _same)

    def html(self, key: str, /, **values: object) -> str:
        """Return a text with its values as HTML: bold words kept, every value escaped."""
        marked = _BOLD.sub(r"<strong>\1</strong>", html.escape(self.raw(key), quote=False))
        return self._fill(key, values, marked, _escaped)

    def has(self, key: str) -> bool:
        """Tell whether there is a text of this name."""
        return key in self.entries

    def raw(self, key: str) -> str:
        """Return a text as its file has it."""
        try:
            return self.entries[key]
        except KeyError:
            near = get_close_matches(key, self.entries, n=1, cutoff=0.5)
            raise KpiError(
                where=f"texts/{self.lang}",
                problem=f"no text named {key!r}.",
                remedy=(f"did you mean {near[0]!r}? Else " if near else "")
                + f"add it to texts/en and texts/zh ({key.partition('.')[0]}.yaml).",
            ) from None

    def number(self, value: object, form: str | None = None) -> str:
        """Write one value the way this language does.

        Parameters
        ----------
        value : object
            Number, date, text, list of texts; None and NaN give a dash.
        form : str, optional
            Name of a format in :mod:`kpilib.texts.numerals`; by the value's type if absent.
        """
        if form == "people" and self._hidden(value):
            return self.raw("words.fewer_than_5")
        if form is None and type(value).__name__ in {"bool", "bool_"}:
            return self.raw("words.yes" if value else "words.no")
        return numerals.write(value, form, self.lang)

    def _hidden(self, count: object) -> bool:
        return self.small_counts and numerals.is_small_count(count)

    def _fill(
        self, key: str, values: Mapping[str, object], text: str, clean: Callable[[str], str]
    ) -> str:
        needed = slots(text)
        if needed != values.keys():
            raise KpiError(
                where=f"texts/{self.lang}, {key}",
                problem=_mismatch(needed, values),
                remedy="pass the values that the text names, no more and no fewer.",
            )

        def value(match: re.Match[str]) -> str:
            name, form, one, other = match.groups()
            if one is not None:
                hidden = self._hidden(values[name]) and f"{{{name}:people}}" in text
                return str(one if values[name] == 1 and not hidden else other)
            return clean(self.number(values[name], form))

        return _SLOT.sub(value, text)


def _mismatch(needed: set[str], values: Mapping[str, object]) -> str:
    """Say which values lack and which are too many."""
    lacking, spare = sorted(needed - values.keys()), sorted(values.keys() - needed)
    parts = [f"no value for {', '.join(lacking)}"] if lacking else []
    parts += [f"no place for {', '.join(spare)}"] if spare else []
    return "; ".join(parts) + "."


def _same(text: str) -> str:
    return text


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
