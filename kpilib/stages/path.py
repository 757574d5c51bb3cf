"""The grade of each person on the way from one set of weights to another, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.errors import KpiError
from kpilib.scheme import Bands, Geometric
from kpilib.scoring import PLACES, Scores, effective_cuts
from kpilib.stages.blending import only_weights_differ

if TYPE_CHECKING:
    from kpilib.outcomes import Outcomes

ON_CUT = 0.5 * 10.0**-PLACES  # totals are rounded once; nearer than this they stand on the cut


@dataclass(frozen=True, eq=False)
class StagePath:
    """Each person's grade on the way from one set of weights to another.

    Attributes
    ----------
    segments : DataFrame
        One row per person and stretch of one grade: ``person``, ``start``, ``end`` (t from 0
        to 1, without gaps) and ``grade``.
    changes : DataFrame
        One row per person and change, by t: ``person``, ``t``, ``grade_before``, ``grade``.
    left_out : tuple of str
        People who have no known score at one of the two ends.
    """

    segments: pd.DataFrame
    changes: pd.DataFrame
    left_out: tuple[str, ...]

    @property
    def n(self) -> int:
        """People on the path."""
        return int(self.segments["person"].nunique())

    def counts(self) -> pd.DataFrame:
        """Count grades between one change and the next: ``start``, ``end``, one column each."""
        edges = np.unique([0.0, *self.changes["t"], 1.0])
        middles = (edges[:-1] + edges[1:]) / 2
        rows = []
        for low, high, at in zip(edges[:-1], edges[1:], middles, strict=True):
            now = self.segments.query("start <= @at < end", local_dict={"at": at})
            rows.append({"start": low, "end": high, **now["grade"].value_counts().to_dict()})
        return pd.DataFrame(rows).fillna(0)


def stage_path(start: Outcomes, end: Outcomes) -> StagePath:
    """Solve for every t at which somebody's grade changes between two stages' weights.

    Above a cut c means sum over roles of a N(t) / D(t) > c - bonus, where N sums w(t) p and D
    sums w(t) over the items that apply. With one role this is linear in t even where items are
    missing: sum of w(t) (p - c + bonus) > 0, so the root is A0 / (A0 - A1). With two roles and
    missing items it is a polynomial of the second degree or higher; its real roots are taken.

    Parameters
    ----------
    start, end : Outcomes
        The same readings under two schemes that differ in weights only.

    Raises
    ------
    KpiError
        If the schemes differ in more than weights, grade by quota, or have geometric totals.
    """
    only_weights_differ(start.scheme, end.scheme)
    grading = start.scheme.grading
    if not isinstance(grading, Bands):
        raise KpiError(
            f"scheme {start.scheme.name!r}, grading",
            "a stage path needs fixed cuts, and this scheme grades by quota.",
            "use a scheme whose grading is `bands`.",
        )
    if isinstance(start.scheme.totals, Geometric):
        raise KpiError(
            f"scheme {start.scheme.name!r}, totals",
            "a stage path needs totals that are sums, and these are geometric.",
            "use a scheme whose totals are arithmetic.",
        )
    lines, left_out = _lines(start.grades.scores, end.grades.scores)
    ends = [outcomes.grades.table["grade"].to_dict() for outcomes in (start, end)]
    rows: list[tuple[str, float, float, str]] = []
    counts_bonus = start.scheme.bonus is not None and "grade" in start.scheme.bonus.counts_for
    bonus = (start.grades.scores.table["bonus"] * counts_bonus).to_dict()
    cuts = effective_cuts(grading)
    for person, parts in lines.items():
        signs = [_signs(parts, cut - float(bonus[person])) for cut in cuts]
        rows += _stretches(person, signs, grading, (ends[0][person], ends[1][person]))
    segments = pd.DataFrame(rows, columns=["person", "start", "end", "grade"])
    return StagePath(segments, _changes(segments), left_out)


# One role of one person: share of time, N and D at t = 0 and t = 1.
_Line = tuple[float, float, float, float, float]


def _lines(start: Scores, end: Scores) -> tuple[dict[str, list[_Line]], tuple[str, ...]]:
    """Return each person's roles as straight lines in t, and who has none at one end."""
    keys = ["person", "role"]
    first, last = (_sums(scores).set_index(keys) for scores in (start, end))
    both = first.add_suffix("0").join(last.add_suffix("1"), how="outer")
    known = (start.table["status"] == "ok") & (end.table["status"] == "ok").reindex(
        start.table.index, fill_value=False
    )
    whole = both.notna().all(axis=1) & np.isclose(both["share0"], both["share1"])
    fit = known & whole.groupby("person").all().reindex(known.index, fill_value=False)
    some = (start.table["status"] != "no_score") | (end.table["status"] != "no_score")
    lines: dict[str, list[_Line]] = {str(person): [] for person in fit.index[fit]}
    columns = both[["share0", "n0", "n1", "d0", "d1"]].itertuples()
    for (person, _), *line in columns:
        if person in lines:
            lines[person].append(tuple(map(float, line)))  # type: ignore[arg-type]
    return lines, tuple(fit.index[~fit & some])


def _sums(scores: Scores) -> pd.DataFrame:
    """Return N = sum of w p and D = sum of w over what applies, for each scored seat."""
    rows = scores.points[scores.points["points"].notna()]
    sums = rows.assign(n=rows["weight"] * rows["points"], d=rows["weight"])
    sums = sums.groupby(["person", "role"], sort=False)[["n", "d"]].sum().reset_index()
    seats = scores.role_totals[["person", "role", "time_share"]]
    return seats.rename(columns={"time_share": "share"}).merge(sums, on=["person", "role"])


def _signs(parts: Sequence[_Line], cut: float) -> list[tuple[float, int]]:
    """Return where the score lies against a cut: (from t on, -1 below, 0 on it, 1 above)."""
    roots = _roots(parts, cut)
    edges = [0.0, *roots, 1.0]
    signs: list[tuple[float, int]] = []
    for low, high in pairwise(edges):
        side = _side(parts, cut, (low + high) / 2)
        if not signs or side != signs[-1][1]:
            signs.append((low, side))
    return signs


def _roots(parts: Sequence[_Line], cut: float) -> list[float]:
    """Return the t inside 0 to 1 where the score meets a cut, in order."""
    if len(parts) == 1:
        _, n0, n1, d0, d1 = parts[0]
        a0, a1 = n0 - cut * d0, n1 - cut * d1
        found = [a0 / (a0 - a1)] if a0 * a1 < 0 else []
    else:
        found = _polynomial_roots(parts, cut)
    return [t for t in found if 1e-12 < t < 1 - 1e-12]


def _polynomial_roots(parts: Sequence[_Line], cut: float) -> list[float]:
    polynomial = np.polynomial.Polynomial
    shares = [part[0] for part in parts]
    tops = [polynomial([n0, n1 - n0]) for _, n0, n1, _, _ in parts]
    bases = [polynomial([d0, d1 - d0]) for _, _, _, d0, d1 in parts]
    whole = polynomial([-cut])
    for base in bases:
        whole = whole * base
    for i, top in enumerate(tops):
        term = shares[i] * top
        for j, base in enumerate(bases):
            term = term if i == j else term * base
        whole = whole + term
    size = np.abs(whole.coef).max()
    if size < ON_CUT:
        return []  # on the cut all the way
    roots = whole.trim(1e-12 * size).roots()
    real = roots.real[np.abs(roots.imag) < 1e-9]
    return sorted(float(root) for root in real if 0 < root < 1)


def _side(parts: Sequence[_Line], cut: float, t: float) -> int:
    total = sum(a * (n0 + t * (n1 - n0)) / (d0 + t * (d1 - d0)) for a, n0, n1, d0, d1 in parts)
    return 0 if abs(total - cut) <= ON_CUT else (1 if total > cut else -1)


def _stretches(
    person: str,
    signs: Sequence[Sequence[tuple[float, int]]],
    grading: Bands,
    ends: tuple[str, str],
) -> list[tuple[str, float, float, str]]:
    """Lay the cuts of a person together into stretches of one grade."""
    on_cut_is_above = grading.edge != "upper_closed"
    edges = sorted({t for cut in signs for t, _ in cut})
    grades = []
    for t in edges:
        sides = [[side for at, side in cut if at <= t][-1] for cut in signs]
        above = [side > 0 or (side == 0 and on_cut_is_above) for side in sides]
        grades.append(grading.grades[above.index(True) if True in above else len(above)])
    rows = [
        (person, low, high, name)
        for low, high, name in zip(edges, [*edges[1:], 1.0], grades, strict=True)
    ]
    # A score that stands on a cut at an end only is graded there by the edge policy.
    if ends[0] != grades[0]:
        rows.insert(0, (person, 0.0, 0.0, ends[0]))
    if ends[1] != grades[-1]:
        rows.append((person, 1.0, 1.0, ends[1]))
    return _joined(rows)


def _joined(rows: list[tuple[str, float, float, str]]) -> list[tuple[str, float, float, str]]:
    whole = rows[:1]
    for row in rows[1:]:
        if row[3] == whole[-1][3]:
            whole[-1] = (*whole[-1][:2], row[2], row[3])
        else:
            whole.append(row)
    return whole


def _changes(segments: pd.DataFrame) -> pd.DataFrame:
    before = segments.groupby("person")["grade"].shift()
    table = segments.assign(grade_before=before, t=segments["start"])[before.notna()]
    table = table.sort_values("t", kind="stable")
    return table[["person", "t", "grade_before", "grade"]].reset_index(drop=True)
