"""Marks that count: known, and given to others; and how raters and ratees hang together."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

RELATIONS: Final = ("peer", "manager", "user")  # whose marks can count beside the self-review
SCALE: Final = (1.0, 5.0)


def known_marks(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the known marks that people gave to others; nobody marks themselves.

    Parameters
    ----------
    ratings : DataFrame
        The table ``ratings`` of a month. Not changed.

    Returns
    -------
    DataFrame
        rater, ratee, relation, item, score; in the order of the file.
    """
    others = (ratings["relation"] != "self") & (ratings["rater"] != ratings["ratee"])
    columns = ["rater", "ratee", "relation", "item", "score"]
    return ratings.loc[others & ratings["score"].notna(), columns].reset_index(drop=True)


def self_marks(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the known marks that people gave themselves in a self-review, in the same columns."""
    own = (ratings["relation"] == "self") & (ratings["rater"] == ratings["ratee"])
    columns = ["rater", "ratee", "relation", "item", "score"]
    return ratings.loc[own & ratings["score"].notna(), columns].reset_index(drop=True)


def parts_of(marks: pd.DataFrame) -> pd.Series:
    """Say to which connected part of the graph of raters and ratees each mark belongs.

    Two raters can be compared where a chain of ratees leads from one to the other; where none
    does, nothing tells a lenient rater from a good ratee.

    Parameters
    ----------
    marks : DataFrame
        ``rater`` and ``ratee``.

    Returns
    -------
    Series
        Number of the part by mark, 0 for the part with most marks.
    """
    rater, _ = pd.factorize(marks["rater"])
    ratee, _ = pd.factorize(marks["ratee"])
    first = int(rater.max(initial=-1)) + 1
    size = first + int(ratee.max(initial=-1)) + 1
    edges = sparse.coo_array((np.ones(len(marks)), (rater, first + ratee)), shape=(size, size))
    _, label = csgraph.connected_components(edges, directed=False)
    of_mark = label[rater]
    found, counts = np.unique(of_mark, return_counts=True)
    rank = {part: place for place, part in enumerate(found[np.argsort(-counts, kind="stable")])}
    return pd.Series([rank[part] for part in of_mark], marks.index, dtype="int64", name="part")
