"""Listing: the formats that are known, for a terminal of any width, and what pages call them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from kpilib.exports.formats import Format, formats

_INDENT = 4


def listed(width: int = 80) -> str:
    """Return what is read and what is refused by name, platform by platform.

    Parameters
    ----------
    width : int
        Columns of the terminal; a Chinese character takes two.

    Returns
    -------
    str
        Per format: its key, table, usual containers, title, and the headers that tell it apart.
    """
    known = formats().values()
    read = [fmt for fmt in known if not fmt.refused]
    refused = [fmt for fmt in known if fmt.refused]
    lines = [
        f"{len(read)} formats are read, {len(refused)} are refused by name. A file is known by its",
        "headers, wherever they stand in its first five rows, never by its name;",
        "each format is read from csv, tsv, xlsx, xls and json.",
    ]
    for platform in dict.fromkeys(fmt.platform for fmt in read):
        lines += ["", platform or "the team's own files"]
        for fmt in read:
            if fmt.platform == platform:
                lines += _read(fmt, width)
    lines += ["", "refused"]
    for fmt in refused:
        lines += [f"  {fmt.key}", *_wrapped([f"{fmt.name}: {fmt.remedy}"], width)]
    return "\n".join(lines)


def title_of(key: str, lang: str) -> str:
    """Return what a page in a language calls files of a format; the key where it is none of ours.

    >>> title_of("creator_works", "en"), title_of("creator_works", "zh")
    ('List of works', '作品列表')
    """
    return formats()[key].title_in(lang) if key in formats() else key


def _read(fmt: Format, width: int) -> Iterator[str]:
    usual = f" ({', '.join(fmt.containers)})" if fmt.containers else ""
    yield f"  {fmt.key} -> {fmt.table}{usual}"
    told = [" / ".join(item.split("|")) for item in fmt.signature]
    told += [f"one of {', '.join(fmt.one_of)}"] if fmt.one_of else []
    if fmt.lacking:
        told[-1] += " (one may lack)"
    title = fmt.place.format(month="<month>") if fmt.place else fmt.title
    yield from _wrapped([f"{title}:", *(f"{word}," for word in told[:-1]), told[-1]], width)


def _wrapped(words: list[str], width: int) -> Iterator[str]:
    """Yield lines of at most this width, indented; a longer word is cut at its blanks."""
    line = ""
    for word in " ".join(words).split(" "):
        longer = f"{line} {word}" if line else word
        if line and _INDENT + _columns(longer) > width:
            yield " " * _INDENT + line
            longer = word
        line = longer
    yield " " * _INDENT + line


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
