"""The sheet of the scheme's rules, whose cuts and limits the formulas use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kpilib.catalogue import FORM_OF_UNIT
from kpilib.scheme import Bands, Deduct, Geometric, Judged, Pay, Ratio, Rule, Scheme, Steps
from kpilib.scoring import effective_cuts
from kpilib.texts import Texts
from kpilib.workbook.cells import Column
from kpilib.workbook.formulas import Place

KEYS = ("rule", "figure", "remark")
_CUT, _FLOOR, _CAP, _COEFFICIENT = "cut", "floor", "cap", "coefficient"


class Line(NamedTuple):
    """One rule in words: what it is, its figure, and what to know about it."""

    kind: str
    rule: str
    figure: float | str | None
    form: str = "General"
    remark: str = ""


@dataclass(frozen=True)
class Rules:
    """The rules' lines, and where the figures stand that formulas use."""

    place: Place
    lines: tuple[Line, ...]

    @property
    def cuts(self) -> list[str]:
        """Cells of the cuts, best grade first."""
        return [
            self.place.cell("figure", i) for i, line in enumerate(self.lines) if line.kind == _CUT
        ]

    @property
    def coefficients(self) -> list[str]:
        """Cells of the grades' coefficients, in the order of the scheme's rule."""
        lines = enumerate(self.lines)
        return [self.place.cell("figure", i) for i, line in lines if line.kind == _COEFFICIENT]

    @property
    def floor(self) -> str:
        """Cell of the least percentage that is paid."""
        return self._one(_FLOOR) or "0"

    @property
    def cap(self) -> str | None:
        """Cell of the largest percentage that is paid; None where there is no limit."""
        return self._one(_CAP)

    @property
    def columns(self) -> list[Column]:
        """What the sheet holds."""
        forms = [line.form for line in self.lines]
        return [
            Column("rule", [line.rule for line in self.lines]),
            Column("figure", [line.figure for line in self.lines], forms),
            Column("remark", [line.remark for line in self.lines]),
        ]

    def _one(self, kind: str) -> str | None:
        kinds = [line.kind for line in self.lines]
        return self.place.cell("figure", kinds.index(kind)) if kind in kinds else None


def rules_of(scheme: Scheme, month: str, t: Texts) -> Rules:
    """List the rules of a scheme.

    Parameters
    ----------
    scheme : Scheme
        In force.
    month : str
        Month that was appraised.
    t : Texts
        Words of the workbook's language.
    """
    lines = (*_head(scheme, month, t), *_grades(scheme, t), *_after(scheme, t))
    return Rules(Place(t("workbook.sheet_rules"), KEYS, len(lines)), lines)


def _head(scheme: Scheme, month: str, t: Texts) -> Iterator[Line]:
    yield Line("", t("workbook.rule_scheme"), getattr(scheme.title, t.lang), remark=scheme.name)
    yield Line("", t("workbook.rule_hash"), scheme.hash, remark=t("workbook.remark_hash"))
    if scheme.source:
        yield Line("", t("workbook.rule_source"), scheme.source)
    if scheme.stage is not None:
        title = getattr(scheme.stages[scheme.stage].title, t.lang)
        yield Line("", t("workbook.rule_stage"), title, remark=t("workbook.remark_stage"))
    yield Line("", t("workbook.rule_month"), t.number(month, "month") if month else None)
    yield Line("", t("workbook.rule_as_of"), scheme.as_of_day, "0", t("workbook.remark_as_of"))
    if isinstance(scheme.totals, Geometric):
        rule, floor = t("workbook.rule_totals"), scheme.totals.floor
        yield Line("", rule, t("workbook.totals_geometric", floor=floor))
    yield Line("", t("workbook.rule_unknown"), t(f"workbook.unknown_{scheme.unknown}"))


def _grades(scheme: Scheme, t: Texts) -> Iterator[Line]:
    grading = scheme.grading
    if isinstance(grading, Bands):
        assumed = _mark(scheme, "grading.edge", t)
        yield Line("", t("workbook.rule_edge"), t(f"workbook.edge_{grading.edge}"), remark=assumed)
        above = "above" if grading.edge == "upper_closed" else "from"
        for grade, cut in zip(grading.grades, effective_cuts(grading), strict=False):
            yield Line(_CUT, t(f"workbook.rule_{above}", grade=grade), cut, "0.0")
        yield Line("", t("workbook.rule_lowest", grade=grading.grades[-1]), None)
        return
    assumed = _mark(scheme, "grading.levels", t)
    for level in grading.levels:
        rule = t("workbook.rule_level", grade=level.grade)
        yield Line("", rule, level.share, "0.0%", assumed)
    yield Line("", t("workbook.rule_pool"), grading.pool_below, "0")


def _after(scheme: Scheme, t: Texts) -> Iterator[Line]:
    bonus = scheme.bonus
    if bonus is not None:
        assumed = _mark(scheme, "bonus", t)
        rule = t("workbook.rule_bonus", plays=bonus.above_plays)
        yield Line("", rule, bonus.points, "0.0", assumed)
        yield Line("", t("workbook.rule_bonus_cap"), bonus.cap, "0.0", assumed)
        uses = [t(f"workbook.counts_{use}") for use in bonus.counts_for]
        yield Line("", t("workbook.rule_counts_for"), t.number(uses, "list"))
    yield from _pay(scheme.pay, t)
    if scheme.streak is not None:
        rule = t("workbook.rule_streak", grade=scheme.streak.grade)
        yield Line("", rule, scheme.streak.months, "0", _mark(scheme, "streak", t))
    if scheme.raise_first is not None:
        grades = t.number(scheme.raise_first.grades, "list")
        yield Line("", t("workbook.rule_raise"), grades, remark=_mark(scheme, "raise_first", t))
    if scheme.improvement is not None:
        rule = t("workbook.rule_improvement", grade=scheme.improvement.grade)
        months = scheme.improvement.after_months
        yield Line("", rule, months, "0", _mark(scheme, "improvement", t))
        if scheme.improvement.plans is not None:
            yield Line("", t("workbook.rule_plans"), scheme.improvement.plans, "0")
    if scheme.talk is not None:
        rule = t(
            f"workbook.rule_talk_{scheme.talk.period}",
            grade=scheme.talk.grade,
            within=scheme.talk.within,
        )
        yield Line("", rule, scheme.talk.times, "0", _mark(scheme, "talk", t))


def _pay(pay: Pay, t: Texts) -> Iterator[Line]:
    remark = t(f"workbook.remark_pay_{pay.basis}")
    yield Line(_FLOOR, t("workbook.rule_pay_floor"), pay.floor, "0.0", remark)
    if pay.cap is not None:
        yield Line(_CAP, t("workbook.rule_pay_cap"), pay.cap, "0.0", remark)
    for grade, factor in pay.coefficients.items():
        yield Line(_COEFFICIENT, t("workbook.rule_coefficient", grade=grade), factor, "0.00")
    as_amounts = t("workbook.remark_amounts")
    if pay.prorate == "days":
        yield Line("", t("workbook.rule_prorate"), None, remark=as_amounts)
    if pay.pool is not None:
        rule = t(f"workbook.rule_pool_{pay.pool.per}")
        yield Line("", rule, pay.pool.percent, "0.0", as_amounts)
    if pay.late_returns == "carry":
        yield Line("", t("workbook.rule_late_returns"), None, remark=as_amounts)


def _mark(scheme: Scheme, name: str, t: Texts) -> str:
    return t("workbook.mark") if name in scheme.assumed else ""


def by_method(rule: Rule, t: Texts) -> str:
    """Say in words how readings become points."""
    method, higher = rule.method, rule.definition.direction == "higher"
    form = FORM_OF_UNIT[rule.definition.unit]
    if isinstance(method, Ratio):
        key = "workbook.method_ratio" if higher else "workbook.method_ratio_lower"
        return t(key, floor=method.floor, cap=method.cap)
    if isinstance(method, Steps):
        sign = "≥" if higher else "≤"
        steps = [f"{sign} {t.number(s.at, form)} → {t.number(s.points)}" for s in method.table]
        return t("workbook.method_steps", steps="; ".join(steps), otherwise=method.otherwise)
    if isinstance(method, Judged):
        anchors = [f"{t.number(a.score)} → {t.number(a.points)}" for a in method.anchors]
        return t("workbook.method_judged", anchors="; ".join(anchors))
    if isinstance(method, Deduct):
        unit = t.number(method.unit, form)
        return t("workbook.method_deduct", unit=unit, points=method.points, floor=method.floor)
    return t("workbook.method_switch", met=method.met, missed=method.missed)
