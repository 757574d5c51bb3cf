"""Plain sheets: an xlsx whose only sheet has all its rows in the shape in which programs write.

Reading XML as XML takes most of the time of a large workbook; rows of one shape do not need it.
What stands around the rows, and all other parts, is given to the reader of workbooks as a workbook
of one row, so that it is refused as ever, and that reader shows that this is the sheet that is
meant. Whatever is odd, however late it comes, leaves all of the workbook to that reader.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from kpilib.exports.archives import fault_of, listed, not_copied_too_often, unpacked
from kpilib.exports.coded import Coded
from kpilib.exports.extents import Extent
from kpilib.exports.pieces import Columns, InPieces
from kpilib.exports.shapes import OddError, Shape, shared_texts, text_of
from kpilib.exports.workbooks import Page, in_words, pages

_BLOCK = 2**18
_NAMES = 4  # so many times larger where cells name texts, which NumPy reads all at once
_TEXTS_PART = "xl/sharedstrings.xml"
_LONGEST = 2**22  # bytes of one row, or of what stands above all of them, or under them
_BESIDE = 2**26  # bytes of all other parts
_TEXTS = 2**23  # that cells share; each is held as one of Python's
_LARGEST = 2**30  # bytes of the part that holds them
_ROWS = 2**20  # of a sheet
_NARROW = 50  # columns that may be empty but for one
_CELL = re.compile(rb"<(?:\w+:)?(?:c|row|si)[\s/>]")
# what the reader of workbooks is given to read instead of the rows and the shared texts
_ONE = b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c>%b</row>'
_SHARING, _SHARED = b'<c r="B1" t="s"><v>0</v></c>', b"<si><t>b</t></si>"


def plain_page(handle: BinaryIO, file: str) -> Page:
    """Read the only sheet of an xlsx, if it is plain.

    Parameters
    ----------
    handle : binary file
        The workbook.
    file : str
        Its name, for messages.

    Returns
    -------
    Page
        The rows that `workbooks.pages` gives, as text, but for blanks around it. The height is
        not known, and the name not needed.

    Raises
    ------
    KpiError
        Here or while rows are read, if the sheet is not plain or anything is wrong with the
        workbook: `workbooks.pages` is to read it then, and to say what is wrong.
    """
    with in_words(file):
        return Page("", 0, 1, PlainRows(handle, file))


class PlainRows(InPieces):
    """The rows of a plain sheet: one after the other, or in pieces.

    Parameters
    ----------
    handle : binary file
        The workbook.
    file : str
        Its name, for messages.
    block : int
        Bytes that are unpacked at a time.
    """

    def __init__(self, handle: BinaryIO, file: str, block: int = _BLOCK) -> None:
        self._archive, self._file = zipfile.ZipFile(handle), file
        parts = {part.filename.lower(): part for part in listed(self._archive, file)}
        self._block = block * (_NAMES if _TEXTS_PART in parts else 1)
        sheets = [n for n in parts if n.startswith("xl/worksheets/") and n.endswith(".xml")]
        if len(sheets) != 1 or len(parts) < len(self._archive.infolist()):
            raise OddError
        self._sheet = self._part(parts.pop(sheets[0]), b"<row", b"</row>")
        self._others, self._shared = [*parts.values()], None
        texts: list[str] = []
        if part := parts.get(_TEXTS_PART):
            shared = self._part(part, b"<si", b"</si>")
            if part.file_size > _LARGEST:
                raise OddError
            for text in shared.middle():
                texts += shared_texts(text)
                if len(texts) > _TEXTS:
                    raise OddError
            if texts:
                self._others.remove(part)
                self._shared = shared
        if sum(part.file_size for part in self._others) > _BESIDE:
            raise OddError
        self._shape = Shape(texts)
        self._waiting: Iterator[list[Any]] = iter(())
        self._rest = self._pieces()

    def _part(self, part: zipfile.ZipInfo, begin: bytes, end: bytes) -> _Part:
        blocks = unpacked(self._archive, part, self._file, self._block)
        return _Part(part.filename, blocks, begin, end)

    def __next__(self) -> list[Any]:
        """Return the next row."""
        for row in self._waiting:
            return row
        piece = next(self._rest)
        self._waiting = map(piece.__getitem__, range(len(piece)))
        return next(self._waiting)

    def pieces(self, _: int) -> Iterator[Sequence[Sequence[Any]] | Columns]:
        """Yield what is left, some hundred rows at a time."""
        if waiting := list(self._waiting):
            yield waiting
        yield from self._rest

    def _pieces(self) -> Iterator[Columns]:
        """Cut the sheet block by block; only its end shows whether it is plain."""
        extent, blank = Extent(sheet=True), True
        with in_words(self._file):
            for text in self._sheet.middle():
                piece = self._shape.cut(text)
                if not piece.numbered_from(extent.last_row + 1):
                    raise OddError
                extent.last_row += len(piece)
                if extent.last_row > _ROWS:
                    raise OddError
                if isinstance(piece, Coded):
                    extent.cells += piece.filled
                else:
                    counted = self._shared is not None or self._shape.reach > _NARROW
                    extent.cells += text.count("<c ") if counted else len(piece)
                blank = piece.blank_at_end
                yield piece
            extent.last_column = self._shape.reach
            if blank or fault_of(extent) is not None:  # the reader of workbooks drops blank rows
                raise OddError
            not_copied_too_often(self._archive, {self._sheet.name: extent}, self._file)
            self._proven()

    def _proven(self) -> None:
        """Let the reader of workbooks read one row, amid all else that the workbook holds."""
        book = io.BytesIO()
        with zipfile.ZipFile(book, "w") as archive:
            for part in self._others:
                archive.writestr(part.filename, b"".join(unpacked(self._archive, part, self._file)))
            sharing = b"" if self._shared is None else _SHARING
            archive.writestr(self._sheet.name, self._sheet.around(_ONE % sharing))
            if self._shared is not None:
                archive.writestr(self._shared.name, self._shared.around(_SHARED))
        found = [(page.among, *page.rows) for page in pages(None, book, self._file, "xlsx")]
        if found != [(1, ["a", "b"] if self._shared is not None else ["a"])]:
            raise OddError


class _Part:
    """A part of a workbook: rows or shared texts, and what stands above and under them."""

    def __init__(self, name: str, blocks: Iterator[bytes], begin: bytes, end: bytes) -> None:
        self.name = name
        self._blocks, self._begin, self._end = blocks, begin, end
        self._above, self._under = b"", b""

    def middle(self) -> Iterator[str]:
        """Yield what stands between, block by block, each of whole rows or texts."""
        rest, begun = b"", False
        for block in self._blocks:
            known = len(rest)
            rest += block
            if not begun:
                start = rest.find(self._begin)
                if start >= 0:
                    self._above, rest, known, begun = rest[:start], rest[start:], 0, True
            end = rest.rfind(self._end, max(known - len(self._end), 0)) if begun else -1
            if end >= 0:
                end += len(self._end)
                yield text_of(rest[:end])
                rest = rest[end:]
            elif len(rest) > _LONGEST:
                raise OddError
        self._under = rest

    def around(self, body: bytes) -> bytes:
        """Return the part with another body, unless there is more of the kind around it."""
        if _CELL.search(self._above) or _CELL.search(self._under):
            raise OddError
        return self._above + body + self._under
