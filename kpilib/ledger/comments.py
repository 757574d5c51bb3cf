"""Words beside a closed month: sealed by their hash, so that they can be forgotten."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from kpilib.errors import KpiError
from kpilib.ledger.canonical import json_bytes
from kpilib.ledger.forgotten import Forgotten
from kpilib.ledger.manifest import (
    COMMENTS,
    Commitment,
    Manifest,
    absent,
    changed,
    commitment_of,
    folder_of,
    place_of,
)
from kpilib.ledger.tables import DECISIONS
from kpilib.outcomes import Outcomes


def committed(person: str, text: str) -> Commitment:
    """Commit to words about a person, with a salt that nobody can guess."""
    return Commitment.of(person, text, secrets.token_hex(16))


def sworn(outcomes: Outcomes) -> tuple[list[Commitment], dict[str, pd.DataFrame]]:
    """Return the words in what people decided about a month, and these tables without them.

    Names of who decided, reasons and remarks may be forgotten later, so that a closed month
    holds their hashes only.
    """
    tables = {
        "calibrations": outcomes.grades.calibrations.reset_index().drop(columns=["file", "row"]),
        "signoff": outcomes.grades.scores.readings.month.tables.get("signoff", pd.DataFrame()),
    }
    words: list[Commitment] = []
    kept: dict[str, pd.DataFrame] = {}
    for name, columns in DECISIONS.items():
        if tables[name].empty:
            continue
        rows = tables[name].copy()
        for column in (c for c in columns if c in rows):
            pairs = list(zip(rows["person"], rows[column], strict=True))
            said = [None if pd.isna(t) or not t else committed(str(p), str(t)) for p, t in pairs]
            words += [each for each in said if each is not None]
            hashes = ["" if each is None else each.sha256 for each in said]
            rows[column] = pd.Series(hashes, rows.index, dtype=object)
        kept[name] = rows
    return words, kept


def comments_bytes(words: Iterable[Commitment]) -> bytes:
    """Write words with the hashes that stand for them."""
    return json_bytes({"words": [each.model_dump() for each in words]})


def read_comments(data: Path, month: str) -> list[Commitment]:
    """Read the words beside a closed month; none where the month has none.

    Raises
    ------
    KpiError
        If they are not those that were sealed.
    """
    place, where = folder_of(data, month) / COMMENTS, place_of(month, COMMENTS)
    if not place.exists():
        return []
    content = place.read_bytes()
    try:
        entries = json.loads(content)["words"]
        words = [commitment_of(entry, where) for entry in entries]
        whole = comments_bytes(words) == content and all(each.holds for each in words)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise changed(where)
    return words


def comment_faults(data: Path, manifest: Manifest, forgotten: Forgotten) -> Iterator[KpiError]:
    """Yield what is wrong with the words beside a month: lost, changed, or erased unasked."""
    place, where = folder_of(data, manifest.month) / COMMENTS, place_of(manifest.month, COMMENTS)
    if not place.exists():
        if manifest.words:
            yield absent(where)
        return
    try:
        words = read_comments(data, manifest.month)
    except KpiError as error:
        yield error
        return
    lost = [w for w in words if w.text is None and w.person not in forgotten.people]
    if tuple(each.sha256 for each in words) != manifest.words or lost:
        yield changed(where)
    elif place.stat().st_mode & 0o077:
        yield KpiError(where, "others can read it, and it holds comments.", "chmod 600 it.")
