"""Answers of an open platform that are damaged or of another shape."""

from __future__ import annotations

import json

from tests.corpus import MONTH, Case
from tests.corpus.damage import good
from tests.corpus.live import AGAIN
from tests.exports_made import as_bytes


def _answer(name: str, raw: bytes, text: str) -> Case:
    key = "open_items"
    return Case(f"{key}: {name}", key, lambda: raw, f"{MONTH}/x.json", text=text)


_ITEM = as_bytes(good("open_items"), "json")
_KEYS = json.dumps({"data": {"list": [{f"k{n}": 1} for n in range(2000)]}}).encode()
_ABOVE = json.dumps({**{f"k{n}": 1 for n in range(2000)}, "list": [{"play": 1}] * 2000}).encode()
CASES = [
    _answer(
        "cut off",
        _ITEM[:-20],
        (
            "{file}: this is not whole json (Unterminated string starting at: line 1 column "
            "295 (char 294)). " + AGAIN
        ),
    ),
    _answer(
        "nested 100,000 deep", b"[" * 100_000, ("{file}: this json is nested too deeply. " + AGAIN)
    ),
    _answer(
        "NaN",
        _ITEM.replace(b"34606", b"NaN"),
        ("{file}: this is not whole json (NaN is no number). " + AGAIN),
    ),
    _answer(
        "a name twice in one object",
        b'{"data": {"list": [{"a": 1, "a": 2}]}}',
        ("{file}: this is not whole json ('a' stands twice in one object). " + AGAIN),
    ),
    _answer(
        "every row with a name of its own",
        _KEYS,
        (
            "{file}: this json holds more than 300 columns in a table. To mend: save each "
            "answer of the platform by itself."
        ),
    ),
    _answer(
        "2,000 names above every row",
        _ABOVE,
        (
            "{file}: this json holds more than 300 figures in a row. To mend: save each "
            "answer of the platform by itself."
        ),
    ),
    _answer(
        "a text cut within an emoji",
        _ITEM.replace(b'"73012345678901', b'"\\ud83d", "x": "73012345678901'),
        ("{file}: a text of this json holds half of a character ('\\ud83d'). " + AGAIN),
    ),
    _answer(
        "an error instead of data",
        b'{"data": {"error_code": 28001003, "description": "access_token"}}',
        (
            "{file}: the platform answered with an error instead of data: 28001003 "
            "(access_token). To mend: ask it again; renew the access if it says so."
        ),
    ),
    _answer(
        "a number",
        b"7",
        (
            "{file}: this json holds no list of rows, and no figures. To mend: save the whole "
            "answer of the platform, or leave it out."
        ),
    ),
    _answer(
        "no row",
        b'{"data": {"list": []}}',
        (
            "{file}: this json holds no list of rows, and no figures. To mend: save the whole "
            "answer of the platform, or leave it out."
        ),
    ),
    _answer(
        "a count that is no number",
        _ITEM.replace(b"34606", b'"many"'),
        (
            "{file}, row 2, column total_play, cell 'many': this is not a count. So is 1 more "
            "in this column. To mend: write plain digits, or 1.2万, 1.2w, 1.05亿, 3.4k, "
            "7.5w~10w or 10w+."
        ),
    ),
    _answer(
        "an id that was rounded",
        _ITEM.replace(b'"73012345678901', b'7.3012345678901e18, "x": "'),
        (
            "{file}, row 2, column item_id, cell '7.3012345678901e18': an id that came as a "
            "number above 2^53: its last digits are lost. So is 1 more in this column. To "
            "mend: download the export again; in a spreadsheet, format this column as text "
            "first."
        ),
    ),
]
