"""Read a scheme file, what it extends, and its stage.

A variant says ``extends: NAME`` and only what it changes; lists of keyed items (roles,
indicators, bands) are merged by their key, and ``remove: true`` takes an item out.
"""

from __future__ import annotations

import difflib
import math
from pathlib import Path
from typing import Any

from kpilib.catalogue import Catalogue, read_catalogue
from kpilib.errors import KpiError
from kpilib.scheme.model import Scheme, Stage, checked, refusal
from kpilib.scheme.rules import Role
from kpilib.yamlfile import read_mapping

SCHEMES = Path(__file__).resolve().parents[2] / "data" / "schemes"


def read_scheme(source: str | Path, catalogue: Catalogue | None = None) -> Scheme:
    """Read a scheme file, what it extends, and its stage; check it whole.

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
    data = _extended(path, ())
    data.setdefault("name", path.stem)
    book = catalogue or read_catalogue()
    faults: list[str] = []
    scheme = checked(_with_definitions(data, book, faults), str(path), faults)
    return staged(scheme, scheme.stage, book) if scheme.stage else scheme


def staged(scheme: Scheme, stage: str, catalogue: Catalogue | None = None) -> Scheme:
    """Return the scheme as a stage weighs it: a complete, checked scheme.

    The profile's weight of a dimension is split evenly among a role's indicators of that
    dimension; what the role does not hold is left out, and the rest sums to 1 again. A role
    that holds none of the profile's dimensions keeps its weights.
    """
    if stage not in scheme.stages:
        raise KpiError(
            f"scheme {scheme.name!r}, stage",
            f"no stage {stage!r}.",
            f"take one of {sorted(scheme.stages)}, or describe it under stages.",
        )
    profile = scheme.stages[stage]
    book = catalogue or read_catalogue()
    roles = [_staged_role(role, profile, book) for role in scheme.roles]
    return scheme.revise(roles=roles, stage=stage)


def _staged_role(role: Role, stage: Stage, book: Catalogue) -> dict[str, Any]:
    held = {rule.key for rule in role.indicators}
    rules = [rule.model_dump() for rule in role.indicators]
    for extra in stage.adds:
        if extra.role == role.key and extra.key not in held:
            rule = extra.model_dump(exclude={"role"})
            rules.append({**rule, "definition": book[extra.key].model_dump()})
    dimensions = [rule["definition"]["dimension"] for rule in rules]
    shares = [stage.profile.get(d, 0) / dimensions.count(d) for d in dimensions]
    total = math.fsum(shares)
    if total == 0:
        return role.model_dump()
    for rule, share in zip(rules, shares, strict=True):
        rule["weight"] = share / total
        rule["assumed"] = tuple(sorted({*rule["assumed"], "weight"}))
    return {**role.model_dump(), "indicators": rules}


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


def _extended(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in seen:
        chain = " -> ".join(p.stem for p in (*seen, path))
        raise KpiError(str(path), f"extends itself: {chain}.", "break the circle.")
    data = read_mapping(path)
    base = data.pop("extends", None)
    if base is None:
        return data
    sibling = path.parent / f"{base}.yaml"
    found = sibling if sibling.is_file() else _find(str(base))
    data.setdefault("name", path.stem)
    faults: list[str] = []
    merged = _merged(_extended(found, (*seen, path.resolve())), data, "", faults)
    assert isinstance(merged, dict)  # two mappings make a mapping
    if faults:
        raise refusal(str(path), faults)
    return merged


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

    for stage, profile in _entries(data.get("stages")):
        for _, extra in _entries(profile.get("adds") if isinstance(profile, dict) else None):
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


def _entries(part: object) -> list[tuple[Any, Any]]:
    """Return the entries of a mapping or a list; none of what is neither."""
    if isinstance(part, dict):
        return list(part.items())
    return list(enumerate(part)) if isinstance(part, list) else []
