"""What ratings give to ask about in a calibration meeting; no proof against anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import pandas as pd
from scipy import stats

from kpilib.ratings.leniency import Leniency
from kpilib.ratings.marks import SCALE, known_marks, self_marks

Kind = Literal["lenient", "harsh", "halo", "central", "reciprocal", "self_gap"]

FALSE: Final = 0.05  # share of false findings among those of a kind that is tested
LEAST: Final = 6  # marks, or people, below which a habit cannot be seen
GAP: Final = 1.0  # marks between self-review and the others from which it is worth a word
FAVOUR: Final = 0.75  # marks above what both usually give and get, in both directions


class Finding(NamedTuple):
    """One thing to ask about, with its evidence.

    Attributes
    ----------
    kind : str
        lenient, harsh: ``value`` marks above or below what the same people get from others,
        between ``low`` and ``high``. halo: of ``n`` people rated on several items, the share
        ``value`` got the same mark on all; with other raters it is ``usual``. central: of ``n``
        marks the share ``value`` is the middle one; ``usual`` of others. reciprocal: ``person``
        and ``other`` give each other ``value`` and ``usual`` marks more than both give and get
        elsewhere. self_gap: self-review ``value`` against ``usual`` of the others.
    person : str
        The rater; of a self_gap, the person rated.
    other : str
        The second of a pair, or the item of a self_gap.
    n : int
        Marks that it stands on; people, of a halo.
    value, usual, low, high : float
        As above.
    """

    kind: Kind
    person: str
    other: str
    n: int
    value: float
    usual: float
    low: float = float("nan")
    high: float = float("nan")


def findings(ratings: pd.DataFrame, leniency: Leniency) -> pd.DataFrame:
    """Look for habits of raters and gaps of self-reviews.

    Halo and central tendency are tested for each rater against all others by the exact binomial
    tail, and kept at a false discovery rate of 5% of a kind; raters with fewer than 6 cases are
    not looked at.

    Parameters
    ----------
    ratings : DataFrame
        The table ``ratings`` of a month.
    leniency : Leniency
        Of the same ratings.

    Returns
    -------
    DataFrame
        The fields of :class:`Finding`, strongest first within a kind.

    References
    ----------
    .. [1] Saal, Downey & Lahey (1980), Rating the ratings, Psychological Bulletin 88, 413-428:
       leniency, halo and central tendency.
    .. [2] Benjamini & Hochberg (1995), JRSS-B 57, 289-300.
    .. [3] Kenny & La Voie (1984), The social relations model: reciprocity is of what a pair
       gives beyond the effects of either.
    """
    marks = known_marks(ratings)
    found = [
        *_lenient(leniency),
        *_tested("halo", _alike(marks)),
        *_tested("central", marks.assign(case=marks["score"] == sum(SCALE) / 2)),
        *_reciprocal(marks, leniency),
        *_gaps(marks, self_marks(ratings)),
    ]
    return pd.DataFrame(found, columns=list(Finding._fields))


def _lenient(leniency: Leniency) -> Iterator[Finding]:
    for row in leniency.marked.reset_index().to_dict("records"):
        kind: Kind = "lenient" if row["effect"] > 0 else "harsh"
        n, effect = int(row["marks"]), row["effect"]
        yield Finding(kind, row["rater"], "", n, effect, 0.0, row["low"], row["high"])


def _alike(marks: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each rater and ratee with several items: whether all marks are alike."""
    groups = marks.groupby(["rater", "ratee"])
    table = pd.DataFrame({"items": groups["item"].nunique(), "case": groups["score"].nunique() < 2})
    return table[table["items"] > 1].reset_index()


def _tested(kind: Kind, cases: pd.DataFrame) -> list[Finding]:
    """Hold each rater's share of cases against that of all other raters."""
    counts = cases.groupby("rater")["case"].agg(["sum", "size"])
    whole = counts.sum()
    rows = []
    for row in counts[counts["size"] >= LEAST].reset_index().to_dict("records"):
        yes, n = int(row["sum"]), int(row["size"])
        rest = int(whole["size"]) - n
        usual = (int(whole["sum"]) - yes) / rest if rest else 1.0
        rows.append((row["rater"], n, yes / n, usual, float(stats.binom.sf(yes - 1, n, usual))))
    if not rows:
        return []
    p = stats.false_discovery_control([row[-1] for row in rows])
    kept = [Finding(kind, r, "", n, share, usual)
            for (r, n, share, usual, _), q in zip(rows, p, strict=True) if q <= FALSE]  # fmt: skip
    return sorted(kept, key=lambda f: (f.usual - f.value, f.person))


def _reciprocal(marks: pd.DataFrame, leniency: Leniency) -> list[Finding]:
    """Find pairs who give each other more than either gives and gets elsewhere."""
    if leniency.effects is None:
        return []
    effects = leniency.effects
    expected = effects.mean + _effect(effects.table, "rater", marks["rater"])
    expected += _effect(effects.table, "ratee", marks["ratee"])
    beyond = marks["score"] - expected
    table = marks.assign(beyond=beyond).dropna(subset="beyond").groupby(["rater", "ratee"])
    pairs = pd.DataFrame({"mean": table["beyond"].mean(), "n": table.size()}).reset_index()
    back = pairs.rename(columns={"rater": "ratee", "ratee": "rater"})
    both = pairs.merge(back, on=["rater", "ratee"], suffixes=("", "_back"))
    both = both[(both["rater"] < both["ratee"])]
    kept = both[both[["mean", "mean_back"]].min(axis=1) >= FAVOUR]
    found = [
        Finding("reciprocal", row["rater"], row["ratee"], int(row["n"] + row["n_back"]),
                row["mean"], row["mean_back"])
        for row in kept.to_dict("records")
    ]  # fmt: skip
    return sorted(found, key=lambda f: (-min(f.value, f.usual), f.person))


def _effect(table: pd.DataFrame, factor: str, levels: pd.Series) -> pd.Series:
    return levels.map(table.loc[factor]["effect"])


def _gaps(marks: pd.DataFrame, own: pd.DataFrame) -> list[Finding]:
    """Find self-reviews far from what the others say: relations averaged first, then the mean."""
    by_relation = marks.groupby(["ratee", "item", "relation"])["score"].mean()
    others = by_relation.groupby(["ratee", "item"]).mean()
    n = marks.groupby(["ratee", "item"]).size()
    mine = own.groupby(["ratee", "item"])["score"].mean()
    table = pd.DataFrame({"n": n, "value": mine, "usual": others}).dropna().reset_index()
    far = table[(table["value"] - table["usual"]).abs() >= GAP]
    found = [
        Finding("self_gap", row["ratee"], row["item"], int(row["n"]), row["value"], row["usual"])
        for row in far.to_dict("records")
    ]
    return sorted(found, key=lambda f: (-abs(f.value - f.usual), f.person, f.other))
