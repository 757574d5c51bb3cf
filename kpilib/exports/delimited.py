"""Delimited text: csv and tsv as rows, in bounded memory whatever the file holds.

The rows are split before they are decoded. In UTF-8 and in GB18030 alike no byte of a longer
character is a comma, a tab, a quote or a line's end, so that splitting bytes is right, and only
the cells that are read need decoding: decoding all of a wide export takes longer than splitting
it. Bytes travel as Latin-1 text, which keeps each of them.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from kpilib.errors import KpiError
from kpilib.exports.lines import AGAIN, LONGEST, Rows, endless

_BOM = b"\xef\xbb\xbf"
_BLOCK = 2**22
_HELD = 2**26  # bytes of a text that is read whole
_SHORTER = bytes({*range(256)} - {*range(0xE0, 0xF5)})  # what begins no character of three bytes
_BY_CHANCE = 2  # such characters are more than GBK has by chance
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml")


@dataclass(frozen=True)
class Look:
    """What one pass over a file's bytes tells: encoding, hash, and where it ceases to be UTF-8."""

    encoding: str
    sha256: str
    broken_at: int | None = None


def look(handle: BinaryIO, file: str) -> Look:
    """Pass over a text file once, in blocks.

    Parameters
    ----------
    handle : binary file
        At its beginning.
    file : str
        Its name, for messages.

    Returns
    -------
    Look
        UTF-8 if all of the file is, with or without a BOM; else GB18030, whose cells are decoded
        strictly when they are read, unless so much is UTF-8 that the rest must be damage.

    Raises
    ------
    KpiError
        If the file holds NUL characters, a web page or a row too long for any export, or is
        UTF-8 but for some of it.
    """
    sha256, size, line = hashlib.sha256(), 0, 0
    broken_at: int | None = None
    decoder = codecs.getincrementaldecoder("utf-8")()
    marked = False
    while block := handle.read(_BLOCK):
        if size == 0:
            marked = block.startswith(_BOM)
            no_markup(block, file)
        if b"\0" in block:
            problem = "the text holds NUL characters: it is damaged, or UTF-16."
            raise KpiError(file, problem, "save it as csv in UTF-8, or download it again.")
        sha256.update(block)
        line = _line_left(block, line, file)
        if broken_at is None:
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                broken_at = size + error.start
        size += len(block)
    if broken_at is None and decoder.getstate()[0]:
        broken_at = size  # the last character is cut off
    if broken_at is not None and (marked or _was_utf8(handle, broken_at)):
        raise _broken(file, broken_at)
    encoding = "gb18030" if broken_at is not None else "utf-8-sig" if marked else "utf-8"
    return Look(encoding, sha256.hexdigest(), broken_at)


def _was_utf8(handle: BinaryIO, broken_at: int) -> bool:
    """Whether what stands before a break is UTF-8, and no GBK that looks so by chance.

    GBK breaks within its first few characters. In UTF-8 a hanzi takes three bytes; of 300,000 lists
    of Chinese words in GBK none had such a one before its break, and of as many lists of random
    hanzi, the rarest too, 17 had two and none three.
    """
    handle.seek(max(broken_at - _BLOCK, 0))
    before = handle.read(min(broken_at, _BLOCK))
    return len(before.translate(None, _SHORTER)) >= _BY_CHANCE


def refuse_damaged(handle: BinaryIO, look: Look, file: str) -> None:
    """Refuse text of no known header that is in no encoding either, which is the likelier cause.

    Raises
    ------
    KpiError
        If the text is neither UTF-8 nor GB18030.
    """
    if look.broken_at is None:
        return
    handle.seek(0)
    before = handle.read(min(look.broken_at, _BLOCK))
    if not before.isascii():
        raise _broken(file, look.broken_at)
    handle.seek(0)
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        while block := handle.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise not_text(file, "utf-8 or gb18030") from error


def whole(handle: BinaryIO, look: Look, file: str) -> str:
    """Return all of a text, which must be short enough to be held.

    Raises
    ------
    KpiError
        If it is too large, or not in the encoding that it seemed to be in.
    """
    handle.seek(0)
    raw = handle.read(_HELD + 1)
    if len(raw) > _HELD:
        problem = f"the file is larger than {_HELD // 2**20} MiB."
        raise KpiError(file, problem, "ask the platform for fewer days at a time.")
    try:
        return raw.decode(look.encoding)
    except UnicodeDecodeError as error:
        refuse_damaged(handle, look, file)
        raise not_text(file, "utf-8 or gb18030") from error


def _broken(file: str, place: int) -> KpiError:
    problem = f"the text is UTF-8 as far as byte {place:,}, where it is damaged or breaks off."
    return KpiError(file, problem, AGAIN)


def not_text(file: str, encodings: str) -> KpiError:
    """Return the error for text in none of the encodings that are read."""
    return KpiError(file, f"the text is not {encodings}.", "save it as csv in UTF-8.")


def no_markup(block: bytes, file: str) -> None:
    """Refuse what begins like a web page, as platforms send to those who are not logged in.

    Raises
    ------
    KpiError
        If it does.
    """
    start = block[:1024].removeprefix(_BOM).lstrip().lower()
    if start.startswith(_MARKUP):
        problem = "this is a web page or another marked-up text, not a table."
        raise KpiError(file, problem, "log in to the platform and download the export again.")


def _line_left(block: bytes, line: int, file: str) -> int:
    """Return the length of the line that a block leaves open, or refuse one without an end."""
    first, last = block.find(b"\n"), block.rfind(b"\n")
    if first < 0 and b"\r" in block:
        first, last = block.find(b"\r"), block.rfind(b"\r")
    if first < 0:
        line += len(block)
    longest = line if first < 0 else line + first
    if longest > 4 * LONGEST:  # of bytes
        raise endless(file)
    return line if first < 0 else len(block) - last - 1


def split(handle: BinaryIO, encoding: str, delimiter: str, file: str) -> Rows:
    """Split a file into rows of raw cells: each byte one character, still to be decoded.

    Parameters
    ----------
    handle : binary file
        Any place; read from its beginning, past a BOM.
    encoding : str
        Of the file.
    delimiter : str
        Between cells.
    file : str
        Its name, for messages.

    Returns
    -------
    Rows
        An iterator of rows, which raises a KpiError where the file is not whole csv.
    """
    handle.seek(len(_BOM) if encoding == "utf-8-sig" else 0)
    return Rows(handle, delimiter, file)


class Decoder:
    """Makes text of raw cells; most stand there again and again, so each is decoded once."""

    def __init__(self, encoding: str, file: str) -> None:
        self._encoding = "gb18030" if encoding == "gb18030" else "utf-8"
        self._file = file
        self._known: dict[str, str] = {}

    def __call__(self, cells: Sequence[str]) -> list[str]:
        """Return cells as stripped text.

        Raises
        ------
        KpiError
            If a cell is not in the encoding of the file.
        """
        if "".join(cells).isascii():
            return list(map(str.strip, cells))
        known = self._known
        return [known[cell] if cell in known else self._decoded(cell) for cell in cells]

    def _decoded(self, cell: str) -> str:
        try:
            text = cell.encode("latin-1").decode(self._encoding).strip()
        except UnicodeDecodeError as error:
            raise not_text(self._file, "utf-8 or gb18030") from error
        if len(self._known) < 2**16:
            self._known[cell] = text
        return text
