"""What a closed month says of itself: its files by hash, and the month before by hash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from kpilib.errors import KpiError
from kpilib.ledger.canonical import json_bytes, sha256

MANIFEST: Final = "manifest.json"
SEALS: Final = "seals.json"
COMMENTS: Final = "comments.json"
RESTORE: Final = "restore it from a copy; `kpi verify` lists all that changed."


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Frozen(_Record):
    """One file of a closed month: its name holds its hash; ``columns`` are names and kinds."""

    file: str
    sha256: str
    columns: tuple[tuple[str, str], ...] = ()
    private: bool = False


class Seal(_Record):
    """A manifest or an amendment, by the hash over what it says."""

    month: str
    file: str
    sha256: str


class Manifest(_Record):
    """What was frozen, when, under which rules, after which month.

    ``before`` is the seal of the month closed before, ``amended`` the seals of all amendments
    that were there at the time: so neither can be changed or taken away unseen. ``words`` are
    the hashes of the comments beside the month, which may be forgotten; ``signed`` says whether
    signatures were checked, or are kept elsewhere.
    """

    format: Literal[1] = 1
    month: str
    closed: str
    before: Seal | None
    amended: tuple[Seal, ...] = ()
    scheme: str
    rules: str
    signed: Literal["signoff.csv", "elsewhere"] = "elsewhere"
    versions: dict[str, str]
    files: dict[str, Frozen]
    words: tuple[str, ...] = ()


class Commitment(_Record):
    """Words that may be forgotten: what is sealed is their hash with a salt, not they themselves.

    With the salt erased too, nobody can find out by trying whether some words were said.
    """

    sha256: str
    person: str
    salt: str | None
    text: str | None

    @classmethod
    def of(cls, person: str, text: str, salt: str) -> Self:
        """Commit to words about a person."""
        return cls(sha256=_over(person, text, salt), person=person, salt=salt, text=text)

    @property
    def holds(self) -> bool:
        """The words are those that were said, or both they and their salt are erased."""
        if self.salt is None or self.text is None:
            return self.salt is self.text
        return _over(self.person, self.text, self.salt) == self.sha256

    def erased(self, person: str) -> Commitment:
        """Return the same without its words, for the sake of a person who was forgotten."""
        return Commitment(sha256=self.sha256, person=person, salt=None, text=None)


def _over(person: str, text: str, salt: str) -> str:
    return sha256(f"{salt}\n{person}\n{text}".encode())


class Amendment(_Record):
    """A correction of a closed month; the month itself is never edited.

    ``before`` is the seal of the amendment before it, or of the manifest; ``why`` and ``by``
    are the hashes of words that stand beside it, and may be forgotten.
    """

    format: Literal[1] = 1
    month: str
    number: int
    before: str
    person: str
    field: Literal["score", "grade", "pay"]
    was: str | None
    now: str | None
    by: str
    at: str
    why: str


Record = TypeVar("Record", bound=_Record)


def sealed(record: _Record, **beside: object) -> tuple[bytes, str]:
    """Return a record as a file with the hash over it, and that hash.

    Parameters
    ----------
    record : Manifest or Amendment
        What is sealed.
    **beside : JSON values
        What stands in the file and is no part of the seal.
    """
    said = record.model_dump(mode="json")
    seal = sha256(json_bytes(said))
    return json_bytes({"sealed": said, "sha256": seal, **beside}), seal


def unsealed(content: bytes, kind: type[Record], where: str) -> tuple[Record, str, dict[str, Any]]:
    """Read a file that :func:`sealed` made: the record, its seal, and what stands beside.

    Raises
    ------
    KpiError
        If a single byte of it is another than when it was written.
    """
    try:
        data = json.loads(content)
        record = kind.model_validate(data.pop("sealed"))
        seal = data.pop("sha256")
        whole = sealed(record, **data) == (content, seal)
    except (ValueError, KeyError, AttributeError, TypeError, ValidationError):
        whole = False
    if not whole:
        raise changed(where)
    return record, seal, data


def changed(where: str) -> KpiError:
    """Return the error for a file that is not as it was closed."""
    return KpiError(where, "is not what was written when the month was closed.", RESTORE)


def absent(where: str) -> KpiError:
    """Return the error for a file that was there."""
    return KpiError(where, "is not there any more.", RESTORE)


def folder_of(data: Path, month: str) -> Path:
    """Return where a closed month stands."""
    return data / "closed" / month


def place_of(month: str, file: str) -> str:
    """Return how errors name a file of a closed month."""
    return f"closed/{month}/{file}"


def closed_months(data: str | Path) -> list[str]:
    """Return the months that are closed, oldest first."""
    pattern = f"[0-9][0-9][0-9][0-9]-[0-9][0-9]/{MANIFEST}"
    return sorted(path.parent.name for path in (Path(data) / "closed").glob(pattern))


def read_manifest(data: Path, month: str) -> tuple[Manifest, str]:
    """Read the manifest of a closed month, and its seal."""
    where = place_of(month, MANIFEST)
    try:
        content = (folder_of(data, month) / MANIFEST).read_bytes()
    except OSError as error:
        raise absent(where) from error
    manifest, seal, beside = unsealed(content, Manifest, where)
    if beside or manifest.month != month:
        raise changed(where)
    return manifest, seal


def amendment_name(number: int) -> str:
    """Return the name of an amendment's file."""
    return f"amendment-{number:03}.json"


class Amended(NamedTuple):
    """An amendment as it was read: with its seal, its reason and who decided."""

    amendment: Amendment
    seal: str
    why: Commitment
    by: Commitment


def read_amendments(data: Path, month: str) -> list[Amended]:
    """Read the amendments of a closed month in order.

    Raises
    ------
    KpiError
        If one was changed, or one is absent between others.
    """
    folder, found = folder_of(data, month), []
    last = read_manifest(data, month)[1]
    places = sorted(folder.glob("amendment-*.json"))
    for number, place in enumerate(places, start=1):
        name = amendment_name(number)
        if place.name != name:
            raise absent(place_of(month, name))
        where = place_of(month, name)
        amendment, seal, beside = unsealed(place.read_bytes(), Amendment, where)
        why, by = (commitment_of(beside.pop(word, None), where) for word in ("why", "by"))
        expected = (month, number, last, why.sha256, by.sha256)
        said = (amendment.month, amendment.number, amendment.before, amendment.why, amendment.by)
        if beside or expected != said or not (why.holds and by.holds):
            raise changed(where)
        found.append(Amended(amendment, seal, why, by))
        last = seal
    return found


def commitment_of(data: object, where: str) -> Commitment:
    """Read words and the hash that stands for them."""
    try:
        return Commitment.model_validate(data)
    except ValidationError as error:
        raise changed(where) from error


def read_seals(data: Path) -> list[Seal]:
    """Read the list of all seals, in the order in which they were made.

    Raises
    ------
    KpiError
        If it was changed.
    """
    place = data / "closed" / SEALS
    if not place.exists():
        return []
    where = f"closed/{SEALS}"
    try:
        said = json.loads(place.read_bytes())
        seals = [Seal.model_validate(seal) for seal in said["seals"]]
        whole = seals_bytes(seals) == place.read_bytes()
    except (ValueError, KeyError, TypeError, ValidationError):
        whole = False
    if not whole:
        raise changed(where)
    return seals


def seals_bytes(seals: list[Seal]) -> bytes:
    """Write the list of all seals, with a hash over it."""
    said = [seal.model_dump() for seal in seals]
    return json_bytes({"seals": said, "sha256": sha256(json_bytes(said))})
