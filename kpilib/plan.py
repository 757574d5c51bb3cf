"""What a run is to make: months, teams, schemes and notebooks become pages with their places."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kpilib import provenance
from kpilib.appraisal import months_on_disk
from kpilib.audience import AUDIENCES, view
from kpilib.errors import KpiError
from kpilib.index import INDEX, ORDER, WORKBOOK
from kpilib.kernel import Value, as_declared, read_notebook
from kpilib.scheme import SCHEMES, read_scheme
from kpilib.sheet import Frame
from kpilib.texts import lookup
from kpilib.what_if import PAGE, has_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbformat import NotebookNode

NOTEBOOKS: Final = provenance.ROOT / "notebooks"
SAMPLE: Final = provenance.ROOT / "data" / "sample"
PLAIN: Final = "published"  # the scheme whose pages need no folder of their own
_TUNER: Final = "weight_tuner.ipynb"  # works in JupyterLab; its page is what_if.html
_NAME = re.compile(r"\w[\w-]{0,60}")
_NOT_IN_NAMES = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Spec:
    """One page to make.

    Parameters
    ----------
    notebook : Path
        What to run; or the template of the what-if page, which no kernel runs.
    parameters : mapping of str to str, int, float or bool
        Its parameters.
    out : Path
        File to write.
    frame : Frame
        What stands around the page's content.
    """

    notebook: Path
    parameters: Mapping[str, Value]
    out: Path
    frame: Frame

    @property
    def where(self) -> str:
        """The notebook's place, for errors."""
        return f"{self.notebook.parent.name}/{self.notebook.name}"


@dataclass(frozen=True)
class Book:
    """One workbook to make, beside pages for HR."""

    data: Path
    month: str
    scheme: str
    team: str
    lang: str
    out: Path

    @property
    def where(self) -> str:
        """The workbook's place, for errors."""
        return f"{WORKBOOK}, {self.month}"


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
            _known("month", month, on_disk, self.data)
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
                _known("team", team, there, self.data)
        for scheme in self.schemes:
            read_scheme(scheme)
        variants = [_stem(scheme) for scheme in self.schemes]
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

    def pages(self) -> Iterator[Spec]:
        """Yield every page to make."""
        for month, team, scheme in self.groups():
            for notebook, settings in self._notebooks.items():
                for lang in self.langs:
                    yield self._page(notebook, settings, lang, (month, team, scheme))
            if self._has_what_if(team, scheme):
                for lang in self.langs:
                    yield self._page(PAGE, {}, lang, (month, team, scheme))

    def books(self) -> Iterator[Book]:
        """Yield every workbook to make; only HR gets any."""
        if self.audience == "hr":
            for month, team, scheme in self.groups():
                out = self._place(month, team, scheme) / WORKBOOK
                yield Book(self.data, month, scheme, team, self.langs[0], out)

    def _has_what_if(self, team: str, scheme: str) -> bool:
        """Tell whether a group of pages has one for trying weights; every audience may see it."""
        named = PAGE.stem in self.notebooks
        if not (named if self.notebooks else self._tuned):
            return False
        fits = not team and has_page(read_scheme(scheme))
        if named and not fits:
            raise KpiError(
                f"page {PAGE.stem!r}, team {team!r}, scheme {_stem(scheme)!r}",
                "is made of the whole company only, by bands and with arithmetic totals.",
                "leave the team out, or take such a scheme.",
            )
        return fits

    @property
    def _tuned(self) -> bool:
        return (self.folder / _TUNER).is_file()

    def _page(
        self,
        notebook: Path,
        settings: Mapping[str, Value],
        lang: str,
        group: tuple[str, str, str],
    ) -> Spec:
        month, team, scheme = group
        place = self._place(*group)
        parameters: dict[str, Value] = {
            "data": self.data.as_posix(),
            "month": month,
            "scheme": str(scheme),
            "team": team,
            "lang": lang,
            "audience": self.audience,
            **settings,
        }
        others = [_file(notebook, settings, each) for each in self.langs if each != lang]
        about = {
            "notebook": notebook.stem,
            "month": month,
            "team": team,
            "scheme": _stem(scheme),
            "lang": lang,
        }
        up = "../" * len(place.relative_to(self.root / month).parts)
        frame = Frame(
            lang=lang,
            inputs=self._inputs(notebook, scheme, parameters, others),
            about=about,
            home=f"{up}{INDEX}",
            other=others[0] if others else "",
        )
        return Spec(notebook, parameters, place / _file(notebook, settings, lang), frame)

    def _place(self, month: str, team: str, scheme: str) -> Path:
        variant = "" if _stem(scheme) == PLAIN else _stem(scheme)
        return self.root / month / team / variant

    def _inputs(
        self, notebook: Path, scheme: str, parameters: Mapping[str, Value], others: Sequence[str]
    ) -> str:
        """Return the hash of all that a page is made from; where the data lie does not matter."""
        file = Path(scheme)
        rules = file.parent if file.is_file() else SCHEMES
        parts = [
            self._code,
            self._hash_of(self.data),
            self._hash_of(rules),
            provenance.hash_of_file(notebook),
            repr(sorted((k, v) for k, v in parameters.items() if k not in {"data", "scheme"})),
            _stem(scheme),
            *others,
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @cached_property
    def _code(self) -> str:
        return provenance.hash_of_code()

    @cached_property
    def _hashes(self) -> dict[Path, str]:
        return {}

    def _hash_of(self, folder: Path) -> str:
        if folder not in self._hashes:
            self._hashes[folder] = provenance.hash_of_folder(folder)
        return self._hashes[folder]

    @cached_property
    def _notebooks(self) -> dict[Path, dict[str, Value]]:
        """The notebooks to run, each with the further parameters as it declares them."""
        found = {path.stem: path for path in sorted(self.folder.glob("*.ipynb"))}
        if not found:
            raise KpiError(str(self.folder), "holds no notebooks.", "name their folder.")
        for name in self.notebooks:
            _known("notebook", name, [*found, *([PAGE.stem] if self._tuned else [])], self.folder)
        out: dict[Path, dict[str, Value]] = {}
        for name in sorted({*(self.notebooks or found)} - {PAGE.stem}, key=_place_of):
            notebook = read_notebook(found[name])
            if self.audience in _served(notebook):
                out[found[name]] = as_declared(notebook, self.settings, name)
            elif self.notebooks:
                raise KpiError(
                    f"notebook {name!r}",
                    f"makes no page for {self.audience}.",
                    f"it serves {', '.join(_served(notebook)) or 'JupyterLab only'}.",
                )
        return out


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
        _known("month", month, on_disk, data)
    if first > last:
        raise KpiError(f"months {span!r}", "end before they begin.", f"write {last}..{first}.")
    return [month for month in on_disk if first <= month <= last]


def _known(kind: str, name: str, known: Sequence[str], place: Path) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        raise KpiError(
            f"{place}, {kind} {name!r}",
            f"there is no such {kind}.",
            (f"did you mean {near[0]!r}? " if near else "")
            + f"There {'are' if len(known) > 1 else 'is'} {', '.join(known)}.",
        )


def _stem(scheme: str) -> str:
    return Path(scheme).stem


def _file(notebook: Path, settings: Mapping[str, Value], lang: str) -> str:
    """Return the name of a page; further parameters and the second language show in it."""
    parts = [f"-{name}-{_NOT_IN_NAMES.sub('-', str(v))[:40]}" for name, v in settings.items()]
    return f"{notebook.stem}{''.join(parts)}{'.zh' if lang == 'zh' else ''}.html"


def _place_of(notebook: str) -> tuple[int, str]:
    return (ORDER.index(notebook) if notebook in ORDER else len(ORDER), notebook)


def _served(notebook: NotebookNode) -> Iterable[str]:
    """Return the audiences that a notebook makes pages for; all, unless its metadata says."""
    return tuple(notebook.metadata.get("kpilib", {}).get("audiences", AUDIENCES))
