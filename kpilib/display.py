"""What a notebook shows: sentences, tables, figures, and where they come from.

The same calls serve JupyterLab and the pages that ``kpi report`` writes. Texts are looked up by
key, values are data and are escaped, and the audience decides what comes out.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from kpilib import audience as rules
from kpilib.columns import Columns
from kpilib.errors import KpiError
from kpilib.footer import sources
from kpilib.labels import Labels
from kpilib.markup import Table, column_rules, scroll_box
from kpilib.style import style
from kpilib.texts import Texts, lookup, plain_bold, slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Page", "style"]

Tone = Literal["calm", "watch", "act"]

_STYLES: Final = Path(__file__).parent / "templates" / "page" / "parts.css"
_COLUMNS: Final = 20  # of a table that JupyterLab has rules for
_HTML_LANG: Final = {"en": "en", "zh": "zh-CN"}


class Page:
    """A page as a notebook builds it up, cell by cell.

    Parameters
    ----------
    notebook : str
        Name of the notebook; its texts are looked up first.
    lang : {"en", "zh"}
        Language of the page.
    audience : {"hr", "leadership", "analyst"}
        For whom the page is; see :mod:`kpilib.audience`.

    Raises
    ------
    KpiError
        If there is no such language or audience.
    """

    def __init__(self, notebook: str, *, lang: str = "en", audience: str = "hr") -> None:
        import matplotlib as mpl

        self.view = rules.view(audience)
        words = lookup(lang)
        self.t = Texts(words.lang, words.entries, small_counts=not self.view.people)
        self.labels = Labels(self.t, self.view)
        self._notebook = notebook
        self._figures = 0
        mpl.rcParams.update(style())  # type: ignore[arg-type]  # keys are literals in the stubs

    @property
    def sees_people(self) -> bool:
        """Single people may be shown."""
        return self.view.people

    @property
    def sees_names(self) -> bool:
        """Names may be shown."""
        return self.view.names

    @property
    def sees_pay(self) -> bool:
        """Pay of single people may be shown."""
        return self.view.pay

    def know(self, result: object) -> None:
        """Learn names, titles and units from any result of the line, or from a scheme."""
        self.labels.learn(result)

    def label(self, kind: str, key: object) -> str:
        """Return the title of a ``role``, ``team``, ``indicator``, ``person`` or ``month``."""
        return self.labels.of(kind, key)

    def person(self, person: str) -> str:
        """Return what a person is called on this page."""
        return self.labels.person(person)

    def people(self, people: Iterable[str]) -> list[str]:
        """Return what people are called on this page, in the order given."""
        return [self.labels.person(person) for person in people]

    def text(self, key: str, /, **values: object) -> str:
        """Return a text as plain text, for a figure or a value of another text."""
        return self.t(self._full(key), **values)

    def suppress(
        self, frame: pd.DataFrame, n: str = "n", columns: Iterable[str] = (), *, within: str = ""
    ) -> pd.DataFrame:
        """Hide rows of fewer than five people from leadership; see :mod:`kpilib.audience`."""
        return rules.suppress(frame, n, columns, self.view, within=within)

    def suppress_teams(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Hide from leadership what team scores tell of roles of fewer than five people."""
        return rules.suppress_teams(scores, self.view)

    def suppress_counts(self, table: pd.DataFrame) -> pd.DataFrame:
        """Hide cells of fewer than five people of a table of counts from leadership."""
        return rules.suppress_counts(table, self.view)

    def title(self, key: str = "title", /, **values: object) -> None:
        """Show the title and, where there is one, the line under it (key ``subtitle``).

        An empty ``team`` is written as all teams.
        """
        if "team" in values:
            team = values["team"]
            values["team"] = self.label("team", team) if team else self.t("words.all_teams")
        under = key.removesuffix("title") + "subtitle"
        keys = [key, *([under] if self.t.has(self._full(under)) else [])]
        texts = self._texts_of(keys, values)
        self._styles()
        line = "".join(f'<p class="subtitle">{marked}</p>' for _, marked in texts[1:])
        self._emit(f"<h1>{texts[0][1]}</h1>{line}", kind="title", text=texts[0][0])

    def verdict(self, key: str, /, *, tone: Tone = "calm", **values: object) -> None:
        """Show the verdict: one or two sentences in the box that is read first."""
        plain, marked = self._texts_of([key], values)[0]
        box = f'<div class="verdict {tone}"><p>{marked}</p></div>'
        self._emit(box, kind="verdict", text=plain, tone=tone)

    def facts(self, *facts: tuple[str, object, str]) -> None:
        """Show a few key figures: key of the label, value, format."""
        parts = []
        for key, value, form in facts:
            label, number = self.t.html(self._full(key)), html.escape(self.t.number(value, form))
            parts.append(f"<div><dt>{label}</dt><dd>{number}</dd></div>")
        self._emit(f'<dl class="facts">{"".join(parts)}</dl>', kind="facts")

    def section(
        self, key: str, /, *, anchor: str = "", people: bool = False, **values: object
    ) -> None:
        """Begin a section; its title goes into the table of contents.

        A key used for several sections needs an ``anchor`` for each, to tell their links apart.
        With ``people=True`` the section is about single people, and leadership has none of it.
        """
        if people and not self.view.people:
            return
        plain, marked = self._texts_of([key], values)[0]
        name = "s-" + "".join(c if c.isalnum() else "-" for c in anchor or key)
        self._emit(f'<h2 id="{name}">{marked}</h2>', kind="section", text=plain, id=name)

    def say(self, key: str, /, *, people: bool = False, **values: object) -> None:
        """Show a paragraph; with ``people=True`` it is about single people."""
        if self.view.people or not people:
            self._emit(f"<p>{self._texts_of([key], values)[0][1]}</p>", kind="text")

    def note(self, key: str, /, **values: object) -> None:
        """Show a paragraph of method or limits, set quietly."""
        self._emit(f'<p class="note">{self._texts_of([key], values)[0][1]}</p>', kind="text")

    def items(self, texts: Iterable[str], *, people: bool = False) -> None:
        """Show plain texts as a list; nothing where there are none."""
        lines = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
        if lines and (self.view.people or not people):
            self._emit(f"<ul>{lines}</ul>", kind="text")

    def table(
        self,
        frame: pd.DataFrame,
        *,
        caption: str,
        headers: Mapping[str, str] | None = None,
        formats: Mapping[str, str] | None = None,
        total: bool = False,
        note: str = "",
        **values: object,
    ) -> None:
        """Show a table, as far as the audience may see it.

        Parameters
        ----------
        frame : DataFrame
            Rows and columns in the order to show; a named index comes first. Rows of single
            people (a column or index ``person``) are not shown to leadership at all.
        caption : str
            Key of the caption.
        headers : mapping, optional
            Key of the text over a column, where it is not ``columns.<column>``.
        formats : mapping, optional
            Format of a column, where it is not the usual one.
        total : bool
            The last row is a total.
        note : str
            Key of a line under the table.
        **values
            Values of the caption and the note.
        """
        shown = rules.visible(frame, self.view)
        if shown is None:
            return
        texts = self._texts_of([caption, *([note] if note else [])], values)
        plain, marked = texts[0]
        if shown.empty:
            self._emit(f"<p>{self.t.html('page.empty', caption=plain)}</p>", kind="table")
            return
        columns = Columns(self.t, self.labels, self.text).of(shown, headers or {}, formats or {})
        table = Table(
            caption=marked,
            headers=[head for head, _ in columns],
            rows=list(zip(*(cells for _, cells in columns), strict=True)),
            total=total,
            note=" ".join([*(text for _, text in texts[1:]), *self._decided(shown)]),
        )
        self._emit(table.html(plain), kind="table")

    def _decided(self, frame: pd.DataFrame) -> list[str]:
        """Say under a table whose grade was calibrated, beside what was computed."""
        found = [
            self.t("page.calibrated_one", who=self.person(who), computed=was, calibrated=now)
            for who, was, now in self.labels.decided(frame)
        ]
        return [self.t.html("page.calibrated", people=found)] if found else []

    def show(
        self,
        figure: Figure | Axes,
        *,
        caption: str,
        alt: str,
        people: bool = False,
        **values: object,
    ) -> None:
        """Show a figure under its finding; with ``people=True`` it marks single people.

        Parameters
        ----------
        figure : matplotlib Figure or Axes
            What to draw; closed afterwards.
        caption : str
            Key of the finding, in one sentence.
        alt : str
            Key of the alternative text: what the figure shows, for those who do not see it.
        people : bool
            Left out for leadership.
        **values
            Values of both texts.
        """
        from matplotlib import pyplot as plt

        from kpilib.svg import inline_svg

        drawn = cast("Figure", getattr(figure, "figure", figure))
        plt.close(drawn)
        if people and not self.view.people:
            return
        (plain, marked), (described, _) = self._texts_of([caption, alt], values)
        self._figures += 1
        svg = scroll_box(inline_svg(drawn, f"f{self._figures}", described), plain)
        self._emit(f"<figure><figcaption>{marked}</figcaption>{svg}</figure>", kind="figure")

    def room(self, key: str, /, *, lines: int = 4, **values: object) -> None:
        """Leave ruled room to write on by hand."""
        label = self._texts_of([key], values)[0][1]
        self._emit(f'<div class="room"><p>{label}</p>{"<div></div>" * lines}</div>', kind="room")

    def footer(self, result: object, **parameters: object) -> None:
        """Show where the page's figures come from; the last call of a notebook.

        Parameters
        ----------
        result : object
            The last result of the line; what it came from is found in it.
        **parameters
            The notebook's parameters, ``month`` among them.
        """
        parts = [
            f"<dt>{self.t.html(f'page.{name}')}</dt><dd>{html.escape(text)}</dd>"
            for name, text in sources(result, parameters, self.t, names=self.view.names)
        ]
        note = f'<p class="note">{self.t.html(f"page.for_{self.view.audience}")}</p>'
        self._emit(f'<div class="provenance"><dl>{"".join(parts)}</dl>{note}</div>', kind="footer")

    def _full(self, key: str) -> str:
        own = f"{self._notebook}.{key}"
        return own if self.t.has(own) or not self.t.has(key) else key

    def _texts_of(self, keys: Sequence[str], values: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return texts that share their values, each plain and as HTML."""
        full = [self._full(key) for key in keys]
        needed = [slots(self.t.raw(key)) for key in full]
        spare = sorted(values.keys() - set().union(*needed))
        if spare:
            raise KpiError(
                where=f"texts/{self.t.lang}, {' and '.join(full)}",
                problem=f"no place for {', '.join(spare)}.",
                remedy="pass the values that the text names, no more and no fewer.",
            )
        out = []
        for key, names in zip(full, needed, strict=True):
            own = {name: value for name, value in values.items() if name in names}
            out.append((plain_bold(self.t(key, **own)), self.t.html(key, **own)))
        return out

    def _styles(self) -> None:
        """Bring our styles into JupyterLab; a page has them in its head and drops this."""
        any_table = " ".join(f"{kind}{n}" for kind in "nsl" for n in range(1, _COLUMNS))
        rules = _STYLES.read_text(encoding="utf-8") + column_rules(f'<table class="{any_table}">')
        self._emit(f"<style>{rules}</style>", kind="lab")

    def _emit(self, inner: str, **about: str) -> None:
        from IPython.display import display

        block = f'<div class="kpi" lang="{_HTML_LANG[self.t.lang]}">{inner}</div>'
        data = {"text/html": block, "text/plain": about.get("text", about["kind"])}
        display(data, raw=True, metadata={"kpilib": about})  # type: ignore[no-untyped-call]
