"""Read a scheme file, what it extends, and its stage.

A variant says ``extends: NAME`` and only what it changes; lists of keyed items (roles,
indicators, bands) are merged by their key, and ``remove: true`` takes an item out.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kpilib.catalogue import Catalogue, read_catalogue
from kpilib.errors import KpiError
from kpilib.scheme.blending import blended
from kpilib.scheme.model import Scheme, checked, refusal
from kpilib.scheme.staging import (
    Place,
    entries,
    items_of,
    reweighed,
    staged,
    with_added,
    without_weights,
)
from kpilib.yamlfile import read_mapping

SCHEMES = Path(__file__).resolve().parents[2] / "data" / "schemes"


def read_scheme(source: str | Path, catalogue: Catalogue | None = None) -> Scheme:
    """Read a scheme file, what it extends, and its stage; check it whole.

    A stage weighs what the files below it hold. Weights written in the file that takes the
    stage over from another scheme, or in one that extends that file, stand as written. At last
    what is judged gets the share that ``ratings.behaviour`` asks for.

    Parameters
    ----------
    source : str or Path
        A YAML file, or the name of a shipped scheme (``"published"``).
    catalogue : Catalogue, optional
        Definitions of the indicators; the shipped ones by default.

    Raises
    ------
    KpiError
        If the file cannot be found or read; or one line for each fault, with its place.
    """
    path = _find(source)
    layers = _extended(path, ())
    data = layers.data
    data.setdefault("name", path.stem)
    book = catalogue or read_catalogue()
    faults: list[str] = []
    data = without_weights(data, {role for role, _ in layers.written})
    if layers.own is not None:
        data = with_added(data, layers.own)
    scheme = checked(_with_definitions(data, book, faults), str(path), faults)
    if scheme.stage is not None:
        scheme = staged(scheme, scheme.stage, book)
        if layers.written:
            scheme = reweighed(scheme, layers.written, str(path))
    return blended(scheme)


@dataclass(frozen=True)
class _Layers:
    """A file merged with what it extends, and what it says about the stage it stands in.

    ``own`` are the indicators held before the stage was taken over, by role and key; None
    where the stage is of the lowest file. ``written`` are the weights given with it or later.
    """

    data: dict[str, Any]
    own: frozenset[Place] | None = None
    written: dict[Place, float] = field(default_factory=dict)


def _find(source: str | Path) -> Path:
    for path in (Path(source), SCHEMES / f"{source}.yaml"):
        if path.is_file():
            return path
    shipped = sorted(path.stem for path in SCHEMES.glob("*.yaml"))
    near = difflib.get_close_matches(str(source), shipped, 1)
    raise KpiError(
        f"scheme {str(source)!r}",
        "no such file, and no shipped scheme of that name.",
        f"did you mean {near[0]!r}?" if near else f"give a file, or one of {shipped}.",
    )


def _extended(path: Path, seen: tuple[Path, ...]) -> _Layers:
    if path.resolve() in seen:
        chain = " -> ".join(p.stem for p in (*seen, path))
        raise KpiError(str(path), f"extends itself: {chain}.", "break the circle.")
    data = read_mapping(path)
    base = data.pop("extends", None)
    if base is None:
        return _Layers(data)
    sibling = path.parent / f"{base}.yaml"
    found = sibling if sibling.is_file() else _find(str(base))
    data.setdefault("name", path.stem)
    faults: list[str] = []
    below = _extended(found, (*seen, path.resolve()))
    merged = _merged(below.data, data, "", faults)
    assert isinstance(merged, dict)  # two mappings make a mapping
    if faults:
        raise refusal(str(path), faults)
    if merged.get("stage") is None:
        return _Layers(merged)
    taken_here = data.get("stage") is not None
    own = frozenset(items_of(below.data)) if taken_here else below.own
    written = {
        place: float(rule["weight"])
        for place, rule in items_of(data).items()
        if isinstance(rule.get("weight"), int | float)
    }
    return _Layers(merged, own, written if taken_here else below.written | written)


def _merged(base: object, change: object, place: str, faults: list[str]) -> object:
    """Lay a variant's change over its base: mappings by key, keyed lists by item, else whole."""
    if isinstance(base, dict) and isinstance(change, dict):
        if "kind" in change and change["kind"] != base.get("kind"):
            return change  # another kind of method or grading shares no field with the old
        laid = {
            k: _merged(base[k], v, f"{place}{k}.", faults) if k in base else v
            for k, v in change.items()
        }
        return base | laid
    name = _key_field(base)
    if name and _key_field(change) == name:
        assert isinstance(base, list)
        assert isinstance(change, list)
        return _merged_items(base, change, name, place, faults)
    return change


def _merged_items(
    base: list[dict[str, Any]],
    change: list[dict[str, Any]],
    name: str,
    place: str,
    faults: list[str],
) -> list[object]:
    """Merge lists of keyed items; a change that names all of them also says their order."""
    held, changed = [item[name] for item in base], [item[name] for item in change]
    for names in (held, changed):
        twice = {key: None for key in names if names.count(key) > 1}
        faults += [f"{place}{key}: stands twice" for key in twice]
    faults += [
        f"{place}{item[name]}: cannot be removed, for it is none of {held}"
        for item in change
        if item.get("remove") is True and item[name] not in held
    ]
    before, after = dict(zip(held, base, strict=True)), dict(zip(changed, change, strict=True))
    order = (
        changed if set(held) <= set(changed) else [*held, *(k for k in changed if k not in held)]
    )
    merged = []
    for key in order:
        item = after.get(key, {})
        if item.get("remove") is not True:
            merged.append(_merged(before.get(key, {}), item, f"{place}{key}.", faults))
    return merged


def _key_field(items: object) -> str | None:
    if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
        if any("role" in item for item in items):
            return None  # what a stage adds: one key may stand under several roles
        named = ("key", "grade")
        return next((k for k in named if all(isinstance(i.get(k), str) for i in items)), None)
    return None


def _with_definitions(data: dict[str, Any], book: Catalogue, faults: list[str]) -> dict[str, Any]:
    """Put each indicator's definition beside its rule, and note the keys that have none."""

    def defined(rule: object, place: str) -> object:
        if not isinstance(rule, dict) or not isinstance(rule.get("key"), str):
            return rule
        if rule["key"] not in book:
            near = difflib.get_close_matches(rule["key"], list(book.definitions), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            faults.append(f"{place}.{rule['key']}: no such indicator in the catalogue{hint}")
            return rule
        definition = book[rule["key"]]
        plan = {"target": 1.0} if definition.plan else {}
        return {**plan, **rule, "definition": definition.model_dump()}

    for stage, profile in entries(data.get("stages")):
        for _, extra in entries(profile.get("adds") if isinstance(profile, dict) else None):
            defined(extra, f"stages.{stage}.adds")
    roles = data.get("roles")
    if not isinstance(roles, list):
        return data
    filled = list(roles)
    for i, role in enumerate(filled):
        rules = role.get("indicators") if isinstance(role, dict) else None
        if isinstance(rules, list):
            place = f"roles.{role.get('key', i)}.indicators"
            filled[i] = {**role, "indicators": [defined(rule, place) for rule in rules]}
    return {**data, "roles": filled}
