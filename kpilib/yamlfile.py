"""Read a file that people write as YAML: safely, and with nothing lost in silence."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from kpilib.errors import KpiError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without the silent loss of a key that stands twice; in C where PyYAML has it."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            continue  # a list as a key is refused below; two merges lose nothing
        if key.value in seen:
            raise KpiError(
                f"line {key.start_mark.line + 1}",
                f"{key.value!r} stands twice.",
                "keep one of the two.",
            )
        seen.add(key.value)
    content: dict[Hashable, Any] = loader.construct_mapping(node, deep=True)
    return content


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file that people write, as a mapping.

    Raises
    ------
    KpiError
        If it cannot be read, is no YAML, is no mapping, or says a key twice (plain YAML
        would keep the last of the two in silence).
    """
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader)
    except OSError as error:
        raise KpiError(str(path), f"{error.strerror}.", "give the path of a file.") from error
    except UnicodeDecodeError as error:
        raise KpiError(path.name, "the file is not UTF-8.", "save it as UTF-8.") from error
    except KpiError as error:
        raise KpiError(f"{path.name}, {error.where}", error.problem, error.remedy) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise KpiError(f"{path.name}{place}", f"{problem}.", "correct this line.") from error
    except ValueError as error:  # a day that no calendar has, such as 2025-13-01
        raise KpiError(path.name, f"{error}.", "correct that value, or quote it.") from error
    except RecursionError as error:
        raise KpiError(path.name, "it is nested too deep.", "write it flat.") from error
    if not isinstance(content, dict):
        raise KpiError(path.name, "the file holds no keys.", "write it as `key: value` lines.")
    return content
