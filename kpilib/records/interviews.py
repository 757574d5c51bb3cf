"""What was said in interviews: interviews/<month>/*.yaml, one file per person, all optional."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kpilib.errors import KpiError, listed
from kpilib.yamlfile import read_mapping

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
_NAME = re.compile(r"[\w.-]+\.yaml")


class Objective(BaseModel):
    """One objective of the next period: what, by which measure, until when, and whose it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    objective: Text
    measure: Text = ""
    due: date | None = None
    owner: Text = ""


class Interview(BaseModel):
    """What one person and the manager said; what stays empty is left open on the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    own_view: Text = ""
    causes: Text = ""
    help: Text = ""
    training: Text = ""
    okr: Annotated[tuple[Objective, ...], Field(max_length=5)] = ()
    follow_up: date | None = None
    opinion: Literal["agrees", "objects"] | None = None
    remarks: Text = ""
    interviewer: Text = ""
    held: date | None = None


def read_interviews(data: str | Path, month: str, people: Collection[str]) -> dict[str, Interview]:
    """Read the interviews of a month; a file is named by the person's id.

    Parameters
    ----------
    data : path
        A team's folder; ``interviews/<month>/p001.yaml`` in it.
    month : str
        ``YYYY-MM``.
    people : collection of str
        Ids that a file may be named by.

    Returns
    -------
    dict of str to Interview
        By person; empty where the month has no such folder.

    Raises
    ------
    KpiError
        With the faults of all files: a name that is nobody's id, a field nobody knows, a value
        that is none. What was written there is private and is not repeated.
    """
    folder = Path(data) / "interviews" / month
    if not folder.is_dir():
        return {}
    found: dict[str, Interview] = {}
    faults: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if not _NAME.fullmatch(path.name) or path.stem not in people:
            faults.append(f"{path.name}: is nobody's id of {month} with .yaml behind it.")
            continue
        try:
            found[path.stem] = Interview.model_validate(read_mapping(path))
        except KpiError as error:
            faults.append(f"{error.where}: {error.problem}")
        except ValidationError as error:
            faults += [
                f"{path.name}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}."
                for fault in error.errors(include_input=False)
            ]
    if faults:
        fields = ", ".join(Interview.model_fields)
        raise KpiError(
            f"interviews/{month}", listed(faults), f"mend these; the fields are {fields}."
        )
    return found
