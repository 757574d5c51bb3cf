"""Where the figures of a page come from, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from kpilib import provenance
from kpilib.labels import found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from kpilib.texts import Texts

_SAID_ELSEWHERE: Final = {"month", "data", "lang", "audience", "scheme"}


def sources(
    result: object, parameters: Mapping[str, object], texts: Texts, *, names: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield the lines of a footer: name of the line, its text.

    Parameters
    ----------
    result : object
        Last result of the line; scheme, month and readings are found in what it came from, and
        a line is left out where there is nothing to say.
    parameters : mapping
        Parameters of the notebook.
    texts : Texts
        Words of the page's language.
    names : bool
        Say who decided to exclude rows, and why; only HR may know.
    """
    if "month" in parameters:
        yield "period", texts.number(parameters["month"], "month")
    scheme: Any = found(result, "scheme")
    if scheme is not None:
        title = getattr(scheme.title, texts.lang)
        yield "scheme", texts("page.scheme_is", title=title, name=scheme.name, hash=scheme.hash)
    receipt: Any = found(result, "receipt")
    if receipt is not None:
        yield "data", _data(receipt, str(found(result, "data")), texts)
        yield "excluded", _excluded(receipt.excluded, texts, names=names)
    scores: Any = found(result, "scores")
    readings: Any = found(result, "readings")
    if scores is not None and readings is not None:
        yield "people", _people(scores, readings, texts)
    kept = {k: v for k, v in parameters.items() if k not in _SAID_ELSEWHERE and v != ""}
    if kept:
        yield "parameters", ", ".join(f"{name} {value}" for name, value in kept.items())
    made = provenance.commit()
    version = provenance.version()
    yield (
        "made_with",
        texts("page.maker_at_commit", version=version, commit=made)
        if made
        else texts("page.maker", version=version),
    )


def _data(receipt: Any, folder: str, texts: Texts) -> str:  # noqa: ANN401 - a receipt of any reader
    files = receipt.files
    rows = {column: int(files[column].sum()) for column in ("rows_in", "used", "set_aside")}
    return texts(
        "page.data_is",
        folder=Path(folder).name,
        files=len(files),
        hash=provenance.hash_of_data(files),
        **rows,
    )


def _excluded(decisions: pd.DataFrame, texts: Texts, *, names: bool) -> str:
    """Say how many rows count for nothing by a decision of people, and for HR by whose."""
    if decisions.empty:
        return texts("page.excluded_none")
    said = texts("page.excluded_are", rows=int(decisions["rows"].sum()), n=len(decisions))
    each = [texts("page.excluded_by", **row) for row in _told(decisions, texts)] if names else []
    return texts("page.excluded_list", said=said, each=each) if each else said


def _told(decisions: pd.DataFrame, texts: Texts) -> Iterator[dict[str, object]]:
    for row in decisions.to_dict("records"):
        what = texts(f"words.{row['kind']}")
        keys = ("name", "at", "decided_by", "decided", "reason")
        yield {"what": what, **{key: row[key] for key in keys}}


def _people(scores: Any, readings: Any, texts: Texts) -> str:  # noqa: ANN401 - results of the line
    status = cast("Any", scores.table["status"])
    return texts(
        "page.people_are",
        n=int((status == "ok").sum()),
        of=len(status),
        missing=int((readings.table["status"] == "unknown").sum()),
    )
