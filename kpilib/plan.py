"""What a run is to make: an order becomes pages and workbooks, each with its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kpilib import provenance
from kpilib.audience import AUDIENCES
from kpilib.errors import KpiError
from kpilib.index import INDEX, ORDER, WORKBOOK
from kpilib.kernel import Value, as_declared, read_notebook
from kpilib.order import PLAIN, Order, known, stem
from kpilib.scheme import SCHEMES, read_scheme
from kpilib.sheet import Frame
from kpilib.what_if import PAGE, has_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbformat import NotebookNode

_TUNER: Final = "weight_tuner.ipynb"  # works in JupyterLab; its page is what_if.html
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
class Plan:
    """The pages and workbooks of an order.

    Parameters
    ----------
    order : Order
        What was asked for.

    Raises
    ------
    KpiError
        While pages are listed, if a notebook or a parameter is not known, or makes no such page.
    """

    order: Order

    def pages(self) -> Iterator[Spec]:
        """Yield every page to make."""
        for month, team, scheme in self.order.groups():
            for notebook, settings in self._notebooks.items():
                for lang in self.order.langs:
                    yield self._page(notebook, settings, lang, (month, team, scheme))
            if self._has_what_if(team, scheme):
                for lang in self.order.langs:
                    yield self._page(PAGE, {}, lang, (month, team, scheme))

    def books(self) -> Iterator[Book]:
        """Yield every workbook to make; only HR gets any."""
        if self.order.audience == "hr":
            for month, team, scheme in self.order.groups():
                out = self._place(month, team, scheme) / WORKBOOK
                yield Book(self.order.data, month, scheme, team, self.order.langs[0], out)

    def _has_what_if(self, team: str, scheme: str) -> bool:
        """Tell whether a group of pages has one for trying weights; every audience may see it."""
        named = PAGE.stem in self.order.notebooks
        if not (named if self.order.notebooks else self._tuned):
            return False
        fits = not team and has_page(read_scheme(scheme))
        if named and not fits:
            raise KpiError(
                f"page {PAGE.stem!r}, team {team!r}, scheme {stem(scheme)!r}",
                "is made of the whole company only, by bands and with arithmetic totals.",
                "leave the team out, or take such a scheme.",
            )
        return fits

    @property
    def _tuned(self) -> bool:
        return (self.order.folder / _TUNER).is_file()

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
            "data": self.order.data.as_posix(),
            "month": month,
            "scheme": str(scheme),
            "team": team,
            "lang": lang,
            "audience": self.order.audience,
            **settings,
        }
        others = [_file(notebook, settings, each) for each in self.order.langs if each != lang]
        about = {
            "notebook": notebook.stem,
            "month": month,
            "team": team,
            "scheme": stem(scheme),
            "lang": lang,
        }
        up = "../" * len(place.relative_to(self.order.root / month).parts)
        frame = Frame(
            lang=lang,
            inputs=self._inputs(notebook, scheme, parameters, others),
            about=about,
            home=f"{up}{INDEX}",
            other=others[0] if others else "",
        )
        return Spec(notebook, parameters, place / _file(notebook, settings, lang), frame)

    def _place(self, month: str, team: str, scheme: str) -> Path:
        variant = "" if stem(scheme) == PLAIN else stem(scheme)
        return self.order.root / month / team / variant

    def _inputs(
        self, notebook: Path, scheme: str, parameters: Mapping[str, Value], others: Sequence[str]
    ) -> str:
        """Return the hash of all that a page is made from; where the data lie does not matter."""
        file = Path(scheme)
        rules = file.parent if file.is_file() else SCHEMES
        parts = [
            self._code,
            self._hash_of(self.order.data),
            self._hash_of(rules),
            provenance.hash_of_file(notebook),
            repr(sorted((k, v) for k, v in parameters.items() if k not in {"data", "scheme"})),
            stem(scheme),
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
        found = {path.stem: path for path in sorted(self.order.folder.glob("*.ipynb"))}
        if not found:
            raise KpiError(str(self.order.folder), "holds no notebooks.", "name their folder.")
        there = [*found, PAGE.stem] if self._tuned else [*found]
        for name in self.order.notebooks:
            known("notebook", name, there, self.order.folder)
        out: dict[Path, dict[str, Value]] = {}
        for name in sorted({*(self.order.notebooks or found)} - {PAGE.stem}, key=_place_of):
            notebook = read_notebook(found[name])
            if self.order.audience in _served(notebook):
                out[found[name]] = as_declared(notebook, self.order.settings, name)
            elif self.order.notebooks:
                raise KpiError(
                    f"notebook {name!r}",
                    f"makes no page for {self.order.audience}.",
                    f"it serves {', '.join(_served(notebook)) or 'JupyterLab only'}.",
                )
        return out


def _file(notebook: Path, settings: Mapping[str, Value], lang: str) -> str:
    """Return the name of a page; further parameters and the second language show in it."""
    parts = [f"-{name}-{_NOT_IN_NAMES.sub('-', str(v))[:40]}" for name, v in settings.items()]
    return f"{notebook.stem}{''.join(parts)}{'.zh' if lang == 'zh' else ''}.html"


def _place_of(notebook: str) -> tuple[int, str]:
    return (ORDER.index(notebook) if notebook in ORDER else len(ORDER), notebook)


def _served(notebook: NotebookNode) -> Iterable[str]:
    """Return the audiences that a notebook makes pages for; all, unless its metadata says."""
    return tuple(notebook.metadata.get("kpilib", {}).get("audiences", AUDIENCES))
