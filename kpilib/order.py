"""What somebody asked for: months, teams, schemes, languages and readers; every name is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kpilib import provenance
from kpilib.appraisal import months_on_disk
from kpilib.audience import view
from kpilib.errors import KpiError
from kpilib.scheme import read_scheme
from kpilib.texts import lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS: Final = provenance.ROOT / "notebooks"
SAMPLE: Final = provenance.ROOT / "data" / "sample"
PLAIN: Final = "published"  # the scheme whose pages need no folder of their own
_NAME = re.compile(r"\w[\w-]{0,60}")


@dataclass(frozen=True)
class Order:
    """What somebody asked for; every name is checked when it is made.

    Parameters
    ----------
    data : Path
        A team's folder.
    months : sequence of str
        ``YYYY-MM``; the latest on disk if empty.
    teams : sequence of str
        Keys of teams; an empty text stands for all of them together.
    schemes : sequence of str
        Names of shipped schemes, or files.
    langs : sequence of str
        Languages of the pages.
    audience : str
        For whom they are.
    notebooks : sequence of str
        Names of notebooks; all that serve this audience if empty.
    settings : mapping
        Further parameters as text.
    out : Path
        Folder to write into.
    folder : Path
        Where the notebooks are.

    Raises
    ------
    KpiError
        If a name is not known.
    """

    data: Path = SAMPLE
    months: Sequence[str] = ()
    teams: Sequence[str] = ("",)
    schemes: Sequence[str] = (PLAIN,)
    langs: Sequence[str] = ("en",)
    audience: str = "hr"
    notebooks: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    out: Path = Path("reports")
    folder: Path = NOTEBOOKS

    def __post_init__(self) -> None:
        """Check every name, and fill in the latest month."""
        view(self.audience)
        for lang in self.langs:
            lookup(lang)
        on_disk = months_on_disk(self.data)
        for month in self.months:
            known("month", month, on_disk, self.data)
        if not self.months:
            object.__setattr__(self, "months", (on_disk[-1],))
        named = [team for team in self.teams if team]
        if named and not view(self.audience).people:
            raise KpiError(
                f"audience {self.audience!r}, teams {named}",
                "pages of a team beside those of all would give small groups away by subtraction.",
                "leave the team out; pages for leadership are about the whole company.",
            )
        if named:
            there = teams_of(self.data, self.months[-1])
            for team in named:
                known("team", team, there, self.data)
        for scheme in self.schemes:
            read_scheme(scheme)
        variants = [stem(scheme) for scheme in self.schemes]
        for name in [*named, *variants]:
            if not _NAME.fullmatch(name):
                raise KpiError(
                    f"name {name!r}",
                    "cannot name a folder of pages.",
                    "use letters, digits, - and _.",
                )
        if len({*named, *variants}) < len(named) + len(variants):
            raise KpiError(
                f"teams {named} and schemes {variants}",
                "would share a folder of pages.",
                "give each once, and no scheme a team's name.",
            )

    def with_teams(self, teams: Sequence[str]) -> Order:
        """Return the same order for other teams."""
        return replace(self, teams=teams)

    @property
    def root(self) -> Path:
        """Where pages for this audience stand: apart, so that the folder can be passed on."""
        return self.out if self.audience == "hr" else self.out / self.audience

    def groups(self) -> Iterator[tuple[str, str, str]]:
        """Yield month, team and scheme of each group of pages."""
        for month in self.months:
            for team in self.teams:
                for scheme in self.schemes:
                    yield month, team, scheme


def teams_of(data: Path, month: str) -> list[str]:
    """Return the keys of the teams that people are in."""
    from kpilib.exports import read_team

    return sorted({str(team) for team in read_team(data, month).tables["people"]["team"]})


def months_between(data: Path, span: str) -> list[str]:
    """Return the months on disk from one to another, both included.

    Parameters
    ----------
    data : Path
        A team's folder.
    span : str
        ``2024-12..2025-05``, or a single month.

    Raises
    ------
    KpiError
        If either is not on disk, or they stand the wrong way round.
    """
    first, _, last = span.partition("..")
    last = last or first
    on_disk = months_on_disk(data)
    for month in (first, last):
        known("month", month, on_disk, data)
    if first > last:
        raise KpiError(f"months {span!r}", "end before they begin.", f"write {last}..{first}.")
    return [month for month in on_disk if first <= month <= last]


def known(kind: str, name: str, there: Sequence[str], place: Path) -> None:
    """Refuse a name that is not there, with the nearest one that is."""
    if name not in there:
        near = get_close_matches(name, there, n=1, cutoff=0.5)
        raise KpiError(
            f"{place}, {kind} {name!r}",
            f"there is no such {kind}.",
            (f"did you mean {near[0]!r}? " if near else "")
            + f"There {'are' if len(there) > 1 else 'is'} {', '.join(there)}.",
        )


def stem(scheme: str) -> str:
    """Return what pages call a scheme that is named or given as a file."""
    return Path(scheme).stem
