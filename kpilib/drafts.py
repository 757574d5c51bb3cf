"""Weights and cuts that somebody tried out become a scheme file of their own."""

from __future__ import annotations

import math
import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from kpilib.errors import KpiError
from kpilib.scheme import SCHEMES, Bands, Ratio, Rule, Scheme, read_scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_NAME = re.compile(r"\w[\w-]{0,39}")
_LONGEST: Final = 500  # letters of a reason
_PLACES: Final = 6  # of a weight; an error of 1e-6 moves no total by more than 0.0002


def save_variant(
    wide: Scheme,
    source: str | Path,
    weights: Mapping[str, Mapping[str, float]],
    cuts: Sequence[float],
    *,
    name: str,
    reason: str,
) -> Path:
    """Write a scheme file that extends another and changes weights and cuts.

    The file is read back and checked whole before it gets its name; one that is there already
    is never written over.

    Parameters
    ----------
    wide : Scheme
        The scheme in force, holding at weight 0 what else may be weighed.
    source : str or Path
        File or name of the scheme in force; the variant is written beside it.
    weights : mapping of role to mapping of indicator to weight
        All indicators of ``wide`` in each named role.
    cuts : sequence of float
        Highest first.
    name : str
        Of the variant and its file: letters, digits, ``-`` and ``_``.
    reason : str
        Why the variant is worth looking at; stands in the file as its source.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    KpiError
        If name or reason will not do, nothing is changed, the scheme would not be sound, or
        there is a file of that name.
    """
    why = _checked(name, reason)
    base = Path(source) if Path(source).is_file() else SCHEMES / f"{source}.yaml"
    place = base.with_name(f"{name}.yaml")
    held = read_scheme(base)
    even = {role: _even(wide, role, wanted) for role, wanted in weights.items()}
    change = _change(wide, held, even, cuts)
    if not change:
        raise KpiError(
            f"variant {name!r}",
            f"is the same as {held.name!r}: no weight and no cut is moved.",
            "move one first.",
        )
    head = {"extends": base.stem, "title": {"en": name, "zh": name}, "source": why}
    text = yaml.safe_dump(head | change, allow_unicode=True, sort_keys=False, width=100)
    _write(place, text, lambda written: _check(written, even, cuts))
    return place


def _checked(name: str, reason: str) -> str:
    if not _NAME.fullmatch(name):
        raise KpiError(
            f"name {name!r}",
            "cannot name a scheme.",
            "use up to 40 letters, digits, - and _, beginning with a letter or digit.",
        )
    why = " ".join(reason.split())
    if not why or len(why) > _LONGEST or not why.isprintable():
        raise KpiError(
            f"variant {name!r}, reason",
            "is empty." if not why else "is too long, or holds signs that cannot be printed.",
            f"say in up to {_LONGEST} letters why the variant is worth looking at.",
        )
    return why


def _even(wide: Scheme, role: str, wanted: Mapping[str, float]) -> dict[str, float]:
    """Round weights so that they sum to 1; those in force stay as they are to the last bit."""
    held = wide.role(role).weights
    where = f"weights of role {role!r}"
    if set(wanted) != set(held) or not all(
        math.isfinite(w) and w >= -1e-9 for w in wanted.values()
    ):
        raise KpiError(
            where, "are not one number of at least 0 for each indicator.", "run the cell again."
        )
    if all(math.isclose(wanted[key], held[key], abs_tol=1e-12) for key in held):
        return dict(held)
    total = math.fsum(wanted.values())
    if not math.isclose(total, 1, abs_tol=1e-6):
        raise KpiError(where, f"sum to {total:.6g}, not 1.", "run the cell again.")
    parts = {key: round(max(wanted[key], 0.0), _PLACES) for key in held}
    most = max(parts, key=lambda key: parts[key])
    rest = math.fsum(part for key, part in parts.items() if key != most)
    return {**parts, most: round(1 - rest, _PLACES)}


def _change(
    wide: Scheme, held: Scheme, weights: Mapping[str, Mapping[str, float]], cuts: Sequence[float]
) -> dict[str, Any]:
    """Return what the variant's file says beside its head; empty if nothing is moved."""
    grading = held.grading
    assert isinstance(grading, Bands)  # else there is nothing to tune
    moved = {role: w for role, w in weights.items() if w != wide.role(role).weights}
    change: dict[str, Any] = {}
    if moved:
        # A stage would weigh the roles anew; without it, its weights have to stand in the file.
        staged = {r.key: r.weights for r in held.roles if r.indicators} if held.stage else {}
        if held.stage:
            change["stage"] = None
        change["roles"] = [
            {"key": role, "indicators": _items(wide, held, role, wanted)}
            for role, wanted in (staged | moved).items()
        ]
    if [*cuts] != [*grading.cuts]:
        bands = zip(grading.grades, cuts, strict=False)
        last = [{"grade": grading.grades[-1]}]
        change["grading"] = {"bands": [*({"grade": g, "above": c} for g, c in bands), *last]}
    return change


def _items(
    wide: Scheme, held: Scheme, role: str, weights: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return a role's indicators with their weights; whole, where only a stage brings them."""
    in_force = held.role(role).weights
    added = {extra.key for stage in held.stages.values() for extra in stage.adds}
    rules = {rule.key: rule for rule in wide.role(role).indicators}
    return [
        {"key": key, "weight": weight} | (_whole(rules[key]) if key in added else {})
        for key, weight in weights.items()
        if key in in_force or weight > 0
    ]


def _whole(rule: Rule) -> dict[str, Any]:
    out: dict[str, Any] = {"target": rule.target}
    if rule.method != Ratio():
        out["method"] = rule.method.model_dump(mode="json")
    assumed = [part for part in rule.assumed if part != "weight"]
    if assumed:
        out["assumed"] = assumed
    if rule.shared:
        out["shared"] = True
    return out


def _check(
    written: Path, weights: Mapping[str, Mapping[str, float]], cuts: Sequence[float]
) -> None:
    """Read the file as everybody will, and see that it says what was wished for."""
    scheme = read_scheme(written)
    assert isinstance(scheme.grading, Bands)
    for role, wanted in weights.items():
        got = scheme.role(role).weights
        assert all(math.isclose(got.get(key, 0), w, abs_tol=1e-9) for key, w in wanted.items())
    assert [*scheme.grading.cuts] == [*cuts]


def _write(place: Path, text: str, check: Callable[[Path], None]) -> None:
    """Write beside the place, check, and take the name only if it is free."""
    draft = place.with_name(f"{place.stem}.{uuid.uuid4().hex}")  # the same stem, not yet .yaml
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        check(draft)
        os.link(draft, place)
    except FileExistsError:
        raise KpiError(
            str(place), "is there already and is never written over.", "take another name."
        ) from None
    except OSError as error:
        raise KpiError(
            str(place), f"cannot be written: {error.strerror}.", "check the folder's rights."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
