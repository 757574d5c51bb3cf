"""Answers: a platform's json to tables of text, whatever it is wrapped in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from kpilib.errors import KpiError

_WRAPPERS = frozenset({"data", "result", "results", "response", "body"})
_ENVELOPE = frozenset(
    {
        *("error_code", "err_no", "description", "err_msg", "err_tips", "sub_error_code"),
        *("sub_description", "code", "status_code", "message", "msg", "now", "logid", "log_id"),
        *("request_id", "has_more", "cursor", "extra"),
    }
)
_CODES = ("error_code", "err_no", "status_code", "sub_error_code")
_WORDS = ("description", "err_msg", "err_tips", "sub_description", "message", "msg")
_MOST_TABLES, _MOST_CELLS = 100, 5_000_000
_MOST_COLUMNS = 300  # the widest answer has some dozens
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # most are halves of a pair, which are read as one
_AGAIN = "download it again from the platform."

Row = dict[str, str]


def tables_of(text: str, file: str) -> list[tuple[str, list[list[str]]]]:
    """Find the tables of a json file: its lists of objects, or the object that it is.

    What stands beside a list (as the id of a work) belongs to each of its rows; objects within a
    row are flattened, ``spread.play``, also the figures of one that holds a list besides; an object
    that stands alone only wraps its own. Numbers stay as they are written: no id is rounded.

    Parameters
    ----------
    text : str
        The file.
    file : str
        Its name, for messages.

    Returns
    -------
    list of (str, list of rows)
        Name of each table (where it stands) and its rows, the header first.

    Raises
    ------
    KpiError
        If it is not whole json, the platform's message of an error, or without any row.
    """
    try:
        document = json.loads(
            text,
            parse_int=str,
            parse_float=str,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
        _whole_characters(document, text)
        found: dict[str, list[Row]] = {}
        _refuse_errors(document, file)
        cells = 0
        for name, row in _rows(document, "", {}):
            cells += len(row)
            _not_too_many(cells, _MOST_CELLS, "figures")
            found.setdefault(name, []).append(row)
        _not_too_many(len(found), _MOST_TABLES, "tables")
        tables = [(name, _with_header(rows)) for name, rows in found.items() if any(rows)]
    except KpiError as error:
        raise KpiError(file, error.problem, error.remedy) from error
    except RecursionError as error:
        raise KpiError(file, "this json is nested too deeply.", _AGAIN) from error
    except ValueError as error:
        raise KpiError(file, f"this is not whole json ({error}).", _AGAIN) from error
    if not tables:
        problem = "this json holds no list of rows, and no figures."
        raise KpiError(file, problem, "save the whole answer of the platform, or leave it out.")
    return tables


def _whole_characters(document: object, text: str) -> None:
    """Refuse half of a character, as a text cut within an emoji ends with: no file can hold it."""
    if not _HALF.search(text):
        return
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        problem = f"a text of this json holds half of a character ({error.object[error.start]!a})."
        raise KpiError("", problem, _AGAIN) from error


def _not_too_many(found: int, most: int, what: str) -> None:
    """Refuse what no answer of a platform has, before it fills the memory."""
    if found > most:
        problem = f"this json holds more than {most:,} {what}."
        raise KpiError("", problem, "save each answer of the platform by itself.")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, or refuse one that says the same thing twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return made


def _refuse_errors(node: object, file: str) -> None:
    """Refuse an answer that says that there is none."""
    if not isinstance(node, dict):
        return
    code = next((str(node[c]) for c in _CODES if str(node.get(c) or "0") != "0"), None)
    if code is not None:
        said = next((node[word] for word in _WORDS if node.get(word)), "no reason")
        problem = f"the platform answered with an error instead of data: {code} ({said})."
        raise KpiError(file, problem, "ask it again; renew the access if it says so.")
    for name in (*_WRAPPERS, "extra"):
        _refuse_errors(node.get(name), file)


def _rows(node: object, name: str, above: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
    """Yield every row under a node, with the name of its table."""
    if isinstance(node, list):
        for item in node:
            if isinstance(item, (dict, list)):
                yield from _rows(item, name, above)
        return
    if not isinstance(node, dict):
        return
    plain, within = _parted(node)
    own = {**above, **plain}
    _not_too_many(len(own), _MOST_COLUMNS, "figures in a row")
    if not within:
        yield name, own
    for key, child in within.items():
        yield from _rows(child, name if key in _WRAPPERS else key, own)


def _parted(node: Mapping[str, Any]) -> tuple[Row, dict[str, Any]]:
    """Part an object into its own figures, flattened, and what holds rows of its own."""
    plain: Row = {}
    within: dict[str, Any] = {}
    for key, value in node.items():
        if key in _ENVELOPE:
            continue
        if _holds_rows(value) or (isinstance(value, dict) and key in _WRAPPERS):
            within[key] = value
        elif isinstance(value, dict):
            inner, deeper = _parted(value)
            plain |= {f"{key}.{name}": text for name, text in inner.items()}
            within |= deeper
        elif isinstance(value, list) and value:
            plain[key] = "、".join(map(_text, value))
        elif not isinstance(value, list):
            plain[key] = _text(value)
    for key in [key for key in within if plain and key not in _WRAPPERS]:
        if isinstance(within[key], dict):  # of the row, as the rates beside a list of words
            inner, within[key] = _parted(within[key])
            plain |= {f"{key}.{name}": text for name, text in inner.items()}
    return plain, within


def _holds_rows(value: object) -> bool:
    if isinstance(value, list):
        return any(isinstance(item, (dict, list)) for item in value)
    return isinstance(value, dict) and any(_holds_rows(child) for child in value.values())


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _with_header(rows: Sequence[Row]) -> list[list[str]]:
    header = list(dict.fromkeys(name for row in rows for name in row))
    _not_too_many(len(header), _MOST_COLUMNS, "columns in a table")
    return [header, *([row.get(name, "") for name in header] for row in rows)]
