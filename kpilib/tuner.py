"""The tuner of weights in JupyterLab; in the notebook `weight_tuner` and wherever you like.

>>> from kpilib.appraisal import appraise
>>> tuner = Tuner(appraise("data/sample", "2025-05"), "published")  # shown as a cell's last line
>>> print(*tuner.table.loc["p034", ["before", "score", "grade"]])
109.640237 109.640237 A+
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

from kpilib.audience import view
from kpilib.drafts import save_variant
from kpilib.errors import KpiError
from kpilib.groups import groups_of
from kpilib.labels import Labels
from kpilib.scheme import SCHEMES
from kpilib.texts import lookup
from kpilib.tuner_data import in_groups, in_person
from kpilib.tuning import trial

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.outcomes import Outcomes
    from kpilib.scheme import Scheme

MODULE: Final = Path(__file__).with_name("tuner.js")
_TEMPLATES: Final = Path(__file__).parent / "templates"
STYLES: Final = (_TEMPLATES / "page" / "parts.css", _TEMPLATES / "what_if" / "tuner.css")


class Tuner(anywidget.AnyWidget):
    """Sliders for weights and cuts, and what they do to a month.

    The browser scores by itself, so that the table follows a slider at once; every choice also
    goes to Python, whose own scoring answers with the payroll and says if it counts otherwise.
    Pay never goes to the browser.

    Parameters
    ----------
    outcomes : Outcomes
        A month of the whole company.
    source : str or Path
        Name or file of its scheme; variants are saved beside it.
    team : str, default all
        Team to begin with.
    lang : {"en", "zh"}
        Language.
    audience : {"hr", "leadership", "analyst"}
        ``hr`` sees names, ``analyst`` ids, ``leadership`` groups of at least five people.

    Raises
    ------
    KpiError
        If the scheme grades by quota, or nobody has a score.
    """

    _esm = MODULE
    _css = "\n".join(style.read_text(encoding="utf-8") for style in STYLES)
    data = traitlets.Dict().tag(sync=True)
    choice = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        outcomes: Outcomes,
        source: str | Path,
        *,
        team: str = "",
        lang: str = "en",
        audience: str = "hr",
    ) -> None:
        self._trial = trial(outcomes)
        self._source = source
        self._lang = lang
        self._sees_people = view(audience).people
        self._before = self._trial.under(self._trial.weights, self._trial.grading.cuts)
        labels = Labels(lookup(lang), view(audience))
        labels.learn(outcomes)
        labels.learn(self._trial.scheme)
        data = (
            in_person(self._trial, labels, lang)
            if self._sees_people
            else in_groups(self._trial, groups_of(self._trial), labels, lang)
        )
        super().__init__(data=data | {"team": team})
        self.observe(self._tried, "choice")
        self.on_msg(self._heard)

    @property
    def weights(self) -> dict[str, dict[str, float]]:
        """Weights chosen, by role and indicator."""
        chosen = self.choice.get("weights", {})
        return {role: dict(chosen.get(role, held)) for role, held in self._trial.weights.items()}

    @property
    def cuts(self) -> list[float]:
        """Cuts chosen, highest first."""
        return [float(cut) for cut in self.choice.get("cuts", self._trial.grading.cuts)]

    @property
    def scheme(self) -> Scheme:
        """The scheme with the weights and cuts chosen, checked; for any analysis of the kit."""
        bands = self._trial.grading.model_dump()
        for band, cut in zip(bands["bands"], self.cuts, strict=False):
            band["above"] = cut
        return self._trial.scheme.reweigh(self.weights).revise(grading=bands)

    @property
    def table(self) -> pd.DataFrame:
        """Score and grade of each person before and under the choice, by Python's scoring.

        Index ``person``; ``team``, ``before``, ``score``, ``change``, ``grade_before``, ``grade``.
        """
        was, now = self._before.table, self._trial.under(self.weights, self.cuts).table
        table = self._trial.scores.table.loc[now.index, ["team"]].copy()
        table["before"], table["score"] = was["graded"], now["graded"]
        table["change"] = (now["graded"] - was["graded"]).round(6)
        table["grade_before"], table["grade"] = was["grade"], now["grade"]
        return table

    def _tried(self, change: dict[str, Any]) -> None:
        """Answer a choice with Python's own counts; in groups there is nothing to compare."""
        found: dict[str, Any] = {}
        if self._sees_people:
            team = change["new"].get("team", "")
            teams = self._trial.scores.table.loc[self._trial.people, "team"]
            people = teams.index[teams == team] if team else teams.index
            found = self._trial.under(self.weights, self.cuts).against(self._before, people)
        self.answer = found | {"turn": change["new"].get("turn", 0)}

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        if message.get("kind") == "save":
            self.send({"kind": "saved", **self._saved(message)})

    def _saved(self, draft: dict[str, Any]) -> dict[str, Any]:
        """Save a variant; bad input comes back as a text to show."""
        try:
            place = save_variant(
                self._trial.scheme,
                self._source,
                draft["weights"],
                draft["cuts"],
                name=str(draft["name"]).strip(),
                reason=str(draft["reason"]),
            )
        except KpiError as error:
            return {"ok": False, "text": str(error)}
        words = lookup(self._lang)
        shipped = place.parent.resolve() == SCHEMES
        said = words("tuner.saved", file=place.name, name=place.stem if shipped else place)
        return {"ok": True, "text": said}
