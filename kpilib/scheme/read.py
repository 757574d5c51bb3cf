"""Read a scheme file, what it extends, and its stage.

A variant says ``extends: NAME`` and only what it changes; lists of keyed items (roles,
indicators, bands) are merged by their key, and ``remove: true`` takes an item out.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from kpilib.catalogue import Catalogue, read_catalogue
from kpilib.errors import KpiError
from kpilib.scheme.model import Scheme, Stage, checked
from kpilib.scheme.rules import Role

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
    scheme = checked(_with_definitions(data, book, str(path)), str(path))
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
            rules.append({**rule, "definition": book[extra.key].model_dump(), "assumed": ()})
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


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which also refuses a key written twice (the last would win)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _load(path: Path) -> dict[str, Any]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506, RUF100 - safe
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        text = " ".join(str(error).split())
        raise KpiError(str(path), f"is no YAML: {text}.", "mend the file at that place.") from error
    if not isinstance(data, dict):
        raise KpiError(str(path), "holds no scheme.", "write keys such as name, roles, grading.")
    return data


def _extended(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in seen:
        chain = " -> ".join(p.stem for p in (*seen, path))
        raise KpiError(str(path), f"extends itself: {chain}.", "break the circle.")
    data = _load(path)
    base = data.pop("extends", None)
    if base is None:
        return data
    sibling = path.parent / f"{base}.yaml"
    found = sibling if sibling.is_file() else _find(base)
    data.setdefault("name", path.stem)
    merged = _merged(_extended(found, (*seen, path.resolve())), data)
    assert isinstance(merged, dict)  # two mappings make a mapping
    return merged


def _merged(base: object, change: object) -> object:
    """Lay a variant's change over its base: mappings by key, keyed lists by item, else whole."""
    if isinstance(base, dict) and isinstance(change, dict):
        if "kind" in change and change["kind"] != base.get("kind"):
            return change  # another kind of method or grading shares no field with the old
        return base | {k: _merged(base[k], v) if k in base else v for k, v in change.items()}
    name = _key_field(base)
    if name and _key_field(change) == name:
        changes = {item[name]: item for item in change}
        kept = [_merged(item, changes.pop(item[name], {})) for item in base]
        return [item for item in (*kept, *changes.values()) if not item.pop("remove", False)]
    return change


def _key_field(items: object) -> str | None:
    if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
        return next((k for k in ("key", "grade") if all(k in item for item in items)), None)
    return None


def _with_definitions(data: dict[str, Any], book: Catalogue, where: str) -> dict[str, Any]:
    """Put each indicator's definition beside its rule; an unknown key is left to the check."""
    roles = data.get("roles")
    if not isinstance(roles, list):
        return data
    faults: list[str] = []

    def defined(rule: object, place: str) -> object:
        if not isinstance(rule, dict) or not isinstance(rule.get("key"), str):
            return rule
        if rule["key"] not in book:
            near = difflib.get_close_matches(rule["key"], list(book.definitions), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            faults.append(f"{place}: no indicator {rule['key']!r} in the catalogue{hint}")
            return rule
        definition = book[rule["key"]]
        plan = {"target": 1.0} if definition.plan else {}
        return {**plan, **rule, "definition": definition.model_dump()}

    filled = []
    for i, role in enumerate(roles):
        rules = role.get("indicators", []) if isinstance(role, dict) else None
        if not isinstance(rules, list):
            filled.append(role)
            continue
        place = f"roles.{role.get('key', i)}.indicators"
        filled.append({**role, "indicators": [defined(rule, place) for rule in rules]})
    for stage, profile in (data.get("stages") or {}).items():
        for extra in (profile or {}).get("adds", []):
            defined(extra, f"stages.{stage}.adds")
    if faults:
        raise KpiError(where, "; ".join(faults) + ".", "take keys of the catalogue, or extend it.")
    return {**data, "roles": filled}
