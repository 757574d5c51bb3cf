"""Which stage the data look like: achievement by dimension over months, as evidence only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.contrast import under
from kpilib.errors import KpiError
from kpilib.scheme import Stage
from kpilib.scoring import score

if TYPE_CHECKING:
    from kpilib.readings import Readings
    from kpilib.scheme import Scheme

GROWTH, CONVERSION = "growth", "conversion"


@dataclass(frozen=True, eq=False)
class Position:
    """Where a team's data stand between two stages, month by month.

    Attributes
    ----------
    dimensions : DataFrame
        Index ``month``, one column per dimension that somebody is measured by: mean points over
        people (100: targets met), each person's indicators of the dimension counting alike.
    n : DataFrame
        The same shape, and ``growth``: people measured.
    levels : DataFrame
        Index ``month``: ``growth`` and ``conversion``, mean points of the indicators that measure
        growth, and of those of conversion.
    t : Series
        Index ``month``: where the achievements stand on the straight line between the two
        profiles, 0 the start's, 1 the end's; outside that where they overshoot. NaN where fewer
        than two dimensions are measured.
    profiles : DataFrame
        Index ``dimension``: ``start`` and ``end``, shares of weight.
    """

    dimensions: pd.DataFrame
    n: pd.DataFrame
    levels: pd.DataFrame
    t: pd.Series
    profiles: pd.DataFrame

    @property
    def last(self) -> float:
        """Where the latest month stands."""
        return float(self.t.iloc[-1]) if len(self.t) else float("nan")

    @property
    def ahead(self) -> int:
        """Months in which conversion is achieved better than exposure."""
        if not {"exposure", "conversion"} <= set(self.dimensions):
            return 0
        return int((self.dimensions["conversion"] > self.dimensions["exposure"]).sum())


def position(
    months: Mapping[str, Readings],
    scheme: Scheme,
    start: str,
    end: str,
    *,
    team: str = "",
    least: int = 1,
) -> Position:
    """Set what a team achieves beside the profiles of two stages.

    The achievements of a month, made shares, are projected on the line from the one profile to
    the other (least squares): the t of the nearest point says which profile they look more like.
    It describes results; a profile says what a team should aim at. So it is evidence for a talk
    and never switches anything.

    Parameters
    ----------
    months : mapping of str to Readings
        By month.
    scheme : Scheme
        Whose targets count and whose stages are meant.
    start, end : str
        Keys of two stages.
    team : str, default all
        Keep only this team's people.
    least : int, default 1
        Fewest people that a mean stands for: those of fewer are NaN, and do not count for ``t``,
        from which they could be worked out.

    Raises
    ------
    KpiError
        If the scheme has no such stage.
    """
    lacking = [key for key in (start, end) if key not in scheme.stages]
    if lacking:
        raise KpiError(
            f"scheme {scheme.name!r}",
            f"no stage {', '.join(map(repr, lacking))}.",
            f"take one of {sorted(scheme.stages)}.",
        )
    stages = scheme.stages[start], scheme.stages[end]
    means, counts, levels = {}, {}, {}
    for month in sorted(months):
        points = _points(months[month], scheme, team)
        by_person = points.groupby(["dimension", "person"])["points"].mean()
        by_dimension = by_person.groupby("dimension")
        growth = points[points["growth"]]
        n = by_dimension.size()
        means[month] = by_dimension.mean().where(n >= least)
        counts[month] = {**n.to_dict(), GROWTH: growth["person"].nunique()}
        converted = points[points["dimension"] == "conversion"]
        levels[month] = {
            level: held["points"].mean() if held["person"].nunique() >= least else float("nan")
            for level, held in ((GROWTH, growth), (CONVERSION, converted))
        }
    table = pd.DataFrame(means).T.rename_axis(index="month", columns="dimension")
    return Position(
        table,
        pd.DataFrame(counts).T.rename_axis(index="month", columns="dimension"),
        pd.DataFrame(levels).T.rename_axis("month"),
        table.apply(lambda row: _between(row.dropna(), *stages), axis=1).astype(float),
        pd.DataFrame({"start": stages[0].profile, "end": stages[1].profile})
        .fillna(0.0)
        .rename_axis("dimension"),
    )


def _points(readings: Readings, scheme: Scheme, team: str) -> pd.DataFrame:
    """Return everybody's known points with the dimension of each."""
    scores = score(under(readings, scheme))
    definitions = {rule.key: rule.definition for role in scheme.roles for rule in role.indicators}
    points = scores.points[scores.points["points"].notna()]
    if team:
        points = points[points["person"].map(scores.table["team"]) == team]
    keys = points["indicator"]
    return points.assign(
        dimension=[definitions[key].dimension for key in keys],
        growth=np.array(["growth" in key for key in keys], dtype=bool),  # also of nobody
    )


def _between(achieved: pd.Series, start: Stage, end: Stage) -> float:
    """Return where achievements, as shares, stand on the line between two profiles."""
    held = list(achieved.index)
    whole = float(achieved.sum())
    if len(held) < 2 or whole <= 0:
        return float("nan")
    ends = []
    for stage in (start, end):
        shares = np.array([stage.profile.get(key, 0.0) for key in held])
        if shares.sum() <= 0:
            return float("nan")
        ends.append(shares / shares.sum())
    line = ends[1] - ends[0]
    length = float(line @ line)
    if length <= 0:
        return float("nan")
    return float((achieved.to_numpy(dtype=float) / whole - ends[0]) @ line / length)
