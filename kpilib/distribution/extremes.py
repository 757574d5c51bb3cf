"""Where a scale stops telling people apart: readings at the ends, and grades that nobody has."""

from __future__ import annotations

from typing import Final

import pandas as pd

from kpilib.distribution.between import LEVEL, holm
from kpilib.distribution.shares import LEAST, people_in
from kpilib.grading import Grades
from kpilib.lint.reach import reach_of_rule

AT_AN_END: Final = 0.15  # share of people at the best or worst points from which on it is an effect
_THREE: Final = 3  # in a small role one or two people at an end say nothing about the scale


def ends(grades: Grades) -> pd.DataFrame:
    """Count the people whose points on an item are the most, or the least, it can give.

    Returns
    -------
    DataFrame
        One row per ``role`` and ``indicator``: ``n``, ``top`` and ``bottom`` (people at either
        end), ``ceiling`` and ``floor`` (more than 15% of five or more people, and at least
        three, stand there).

    References
    ----------
    .. [1] Terwee, C. B., et al. (2007), Quality criteria were proposed for measurement properties
       of health status questionnaires, Journal of Clinical Epidemiology 60, 34-42: 15%.
    """
    points = grades.scores.points
    known = points[(points["status"] == "ok") & points["points"].notna()]
    rules = {(r.key, i.key): i for r in grades.scheme.roles for i in r.indicators}
    rows = []
    for (role, key), part in known.groupby(["role", "indicator"], sort=False):
        reach = reach_of_rule(rules[str(role), str(key)])
        top = int((part["points"] >= reach.max() - 1e-9).sum())
        bottom = int((part["points"] <= reach.min() + 1e-9).sum())
        rows.append((role, key, len(part), top, bottom))
    table = pd.DataFrame(rows, columns=["role", "indicator", "n", "top", "bottom"])
    for name, count in (("ceiling", table["top"]), ("floor", table["bottom"])):
        enough = (table["n"] >= LEAST) & (count >= _THREE)
        table[name] = enough & (count > AT_AN_END * table["n"])
    return table


def concentration(grades: Grades) -> pd.DataFrame:
    """Ask of each role whether it holds more of the lowest grade than chance would give it.

    Fisher's exact test of the role against all others, one-sided, corrected by Holm for the
    number of roles that hold anybody.

    Returns
    -------
    DataFrame
        Index ``role``, in the order of the scheme: ``n``, ``lowest`` (people with the lowest
        grade), ``expected`` (the role's share of them all), ``p``, ``adjusted`` and
        ``concentrated``. Somebody with two roles counts in both.

    References
    ----------
    .. [1] Fisher, R. A. (1935), The logic of inductive inference, Journal of the Royal
       Statistical Society 98, 39-82.
    .. [2] Holm, S. (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    from scipy import stats

    people = people_in(grades, "role").dropna(subset="grade")
    low = people["grade"] == grades.order[-1]
    of = low.groupby(people["group"], sort=False)
    table = pd.DataFrame({"n": of.size(), "lowest": of.sum()})
    every, worst = len(people), int(low.sum())
    table["expected"] = table["n"] * (worst / every if every else 0.0)
    chances = [
        float(stats.hypergeom.sf(k - 1, every, worst, n))
        for n, k in zip(table["n"], table["lowest"], strict=True)
    ]
    table["p"], table["adjusted"] = chances, holm(chances)
    table["concentrated"] = table["adjusted"] < LEVEL
    return table.rename_axis("role")
