"""Each figure draws what its result says, in both languages, and leaves nothing behind."""

from __future__ import annotations

import io
import math
import warnings
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from kpilib import figures
from kpilib.figures.canvas import grade_colours, ink_on
from kpilib.style import style
from kpilib.texts import lookup

EN = lookup("en")
GRADES = ("A+", "A", "B", "C")
CUTS = {"A+": 100.0, "A": 80.0, "B": 60.0}
PEOPLE = pd.Index(["p1", "p2", "p3"], name="person")
NAMES = {"p1": "易安然", "p2": "<b>李</b>", "p3": "$=1+1$"}.__getitem__


@pytest.fixture(autouse=True)
def _our_style():
    with mpl.rc_context(style()):
        yield


def shares():
    return pd.DataFrame(
        {
            "count": [1, 4, 4, 1],
            "share": [0.1, 0.4, 0.4, 0.1],
            "low": [0.02, 0.17, 0.17, 0.02],
            "high": [0.4, 0.69, 0.69, 0.4],
            "wished": [0.1, 0.3, 0.5, 0.1],
        },
        index=pd.Index(GRADES, name="grade"),
    )


def counts():
    index = pd.Index(["video", "live"], name="group")
    return pd.DataFrame([[1, 2, 0, 3], [0, 5, 6, 0]], index=index, columns=GRADES)


def moves():
    table = {
        "before": [90.0, 50.0, 81.0],
        "score": [70.0, 85.0, 81.5],
        "grade_before": ["A", "C", "A"],
        "grade": ["B", "A", "A"],
    }
    return pd.DataFrame(table, index=PEOPLE)


def dots():
    table = {
        "group": ["host", "host", "editor"],
        "score": [90.0, 90.5, 50.0],
        "grade": ["A", "A", "C"],
        "lane": [0.0, 0.25, 0.0],
    }
    return pd.DataFrame(table)


def segments():
    rows = [("p1", 0.0, 0.2, "A"), ("p1", 0.2, 1.0, "B"), ("p2", 0.0, 1.0, "C")]
    return pd.DataFrame(rows, columns=["person", "start", "end", "grade"])


def steps():
    table = {"indicator": ["cpm", "roi"], "effect": [-4.0, 1.5], "reached": [76.0, 77.5]}
    return pd.DataFrame(table)


def months():
    return pd.DataFrame([[70.0, 82.0], [math.nan, 59.0]], PEOPLE[:2], ["2025-04", "2025-05"])


ODDS = pd.DataFrame([[0, 0.25, 0.75, 0], [0.004, 0.996, 0, 0]], PEOPLE[:2], GRADES)
WEIGHTS = pd.DataFrame({"weight": [0.5, 0.5], "importance": [0.9, 0.2]}, index=["cpm", "roi"])
CARD = pd.DataFrame(
    {
        "indicator": ["cpm", "roi"],
        "points": [114.5, math.nan],
        "applied": [1.0, math.nan],
        "contribution": [114.5, math.nan],
    }
)
PAID = pd.DataFrame(
    {"payroll": [1000.0, 1100.0], "change": [math.nan, 0.1]}, index=["published", "mature"]
)
MEANS = pd.DataFrame(
    {"n": [8, "·"], "before": [80.0, "·"], "after": [86.5, "·"], "change": [6.5, "·"]},
    index=["host", "planner"],
)
MIGRATION = pd.DataFrame(np.diag([1, 2, 3, 4]) + np.eye(4, k=1, dtype=int), GRADES, GRADES)

ALL = {
    "grade_bars": lambda t: figures.grade_bars(shares(), 10, t),
    "grade_counts": lambda t: figures.grade_counts(counts(), counts().sum(axis=1), t),
    "strip": lambda t: figures.strip(dots(), CUTS, GRADES, t),
    "ecdf_and_strip": lambda t: figures.ecdf_and_strip(
        pd.DataFrame({"score": [50.0, 90.0, 90.5], "share": [1 / 3, 2 / 3, 1.0]}),
        dots(),
        CUTS,
        GRADES,
        t,
    ),
    "noise_map": lambda t: figures.noise_map(
        pd.DataFrame(
            {"by_weights": [0.5, 1.0], "by_readings": [0.45, 0.98], "grade": ["B", "A"]},
            index=PEOPLE[:2],
        ),
        GRADES,
        0.9,
        t,
        label=NAMES,
    ),
    "score_ranges": lambda t: figures.score_ranges(
        pd.DataFrame({"low": [math.nan, 55, 75], "high": [55, 75, math.nan], "n": [5, 9, 6]}), t
    ),
    "migration": lambda t: figures.migration(MIGRATION, t),
    "changes": lambda t: figures.changes(moves(), CUTS, t, label=NAMES),
    "near_cut": lambda t: figures.near_cut(
        pd.DataFrame(
            {"gap": [0.0, -1.5], "grade": ["B", "C"], "neighbour": ["A", "B"]}, index=PEOPLE[:2]
        ),
        t,
        label=NAMES,
    ),
    "scorecard": lambda t: figures.scorecard(CARD, t),
    "score_history": lambda t: figures.score_history(
        months(), pd.DataFrame([["B", "A"], [None, "C"]], PEOPLE[:2]), CUTS, t, label=NAMES
    ),
    "leniency": lambda t: figures.leniency(
        pd.DataFrame(
            {"effect": [0.9, -0.1], "low": [0.5, -0.6], "high": [1.3, 0.4], "marks": [12, 3]},
            index=PEOPLE[:2],
        ),
        t,
        label=NAMES,
    ),
    "tolerance": lambda t: figures.tolerance(
        pd.DataFrame({"tolerance": [0.125, math.inf], "grade": ["B", "A"]}, index=PEOPLE[:2]),
        t,
        label=NAMES,
    ),
    "importance": lambda t: figures.importance(WEIGHTS, t),
    "grade_odds": lambda t: figures.grade_odds(ODDS, t, label=NAMES),
    "tornado": lambda t: figures.tornado(
        pd.DataFrame({"less": [-2, 0], "more": [1, 3]}, index=["cpm", "roi"]), t, xlabel="n"
    ),
    "variance_shares": lambda t: figures.variance_shares(
        pd.DataFrame(
            {
                "first": [0.3, -0.01],
                "total": [0.6, 0.1],
                "total_low": [0.5, 0.05],
                "total_high": [0.7, 0.15],
            },
            index=["cuts", "cpm"],
        ),
        t,
    ),
    "stage_path": lambda t: figures.stage_path(
        segments(), ["p2", "p1"], GRADES, t, ends=("a", "b"), label=NAMES
    ),
    "stage_counts": lambda t: figures.stage_counts(
        pd.DataFrame({"start": [0, 0.2], "end": [0.2, 1.0], "A": [1, 0], "C": [1, 2]}),
        GRADES,
        t,
        ends=("a", "b"),
    ),
    "effects": lambda t: figures.effects(
        pd.DataFrame({"plays": [3.0, -1.0], "rest": [0.0, 2.5]}, index=["p1", "p2"]), t
    ),
    "waterfall": lambda t: figures.waterfall(steps(), 80.0, t, ends=("a", "b")),
    "payroll": lambda t: figures.payroll(PAID, t),
    "before_after": lambda t: figures.before_after(MEANS, t, ends=("a", "b")),
    "by_scheme": lambda t: figures.by_scheme(
        pd.DataFrame([[50, 60, 70, 80, 90]], ["x"], ["p10", "p25", "p50", "p75", "p90"]), CUTS, t
    ),
}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def widths(ax):
    return [patch.get_width() for patch in ax.patches]


def row_names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_every_public_figure_is_drawn_here():
    assert set(ALL) == set(figures.__all__)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", list(ALL))
def test_a_figure_is_whole_in_both_languages(name, lang):
    """Nothing known to pyplot, no glyph lacks, text stays text, no word under 9 points."""
    before = plt.get_fignums()
    ax = ALL[name](lookup(lang))
    drawn = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.savefig(drawn, format="svg")
    assert plt.get_fignums() == before
    assert "<text" in drawn.getvalue()
    assert ax.get_xlabel() or ax.get_ylabel()
    assert not ax.get_title()
    words = [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label]
    words += ax.get_legend().get_texts() if ax.get_legend() else []
    assert min(word.get_fontsize() for word in words) >= 9
    if lang == "zh":
        assert any("一" <= sign <= "鿿" for sign in drawn.getvalue())


@pytest.mark.parametrize("name", list(ALL))
def test_words_stand_inside_the_figure_and_do_not_cover_the_axis(name):
    ax = ALL[name](EN)
    figure = ax.figure
    figure.draw_without_rendering()
    width, height = figure.bbox.width, figure.bbox.height
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    boxes += [ax.get_legend().get_window_extent()] if ax.get_legend() else []
    for box in boxes:
        assert box.x0 > -1
        assert box.x1 < width + 1
        assert box.y0 > -1
        assert box.y1 < height + 1
    if ax.get_legend():
        assert not ax.get_legend().get_window_extent().overlaps(ax.xaxis.label.get_window_extent())


def test_a_figure_is_drawn_into_the_axes_it_is_given():
    ax = Figure().subplots()
    assert figures.payroll(PAID, EN, ax=ax) is ax


def test_grade_bars_are_shares_with_counts_intervals_and_wishes():
    ax = ALL["grade_bars"](EN)
    assert [patch.get_height() for patch in ax.patches] == [0.1, 0.4, 0.4, 0.1]
    assert texts(ax) == ["1", "4", "4", "1"]
    wishes = ax.collections[-1].get_segments()
    assert [line[0][1] for line in wishes] == [0.1, 0.3, 0.5, 0.1]
    bars = next(c for c in ax.collections if len(c.get_segments()[0]) == 2 and c is not
                ax.collections[-1]).get_segments()  # fmt: skip
    assert bars[1][:, 1].tolist() == pytest.approx([0.17, 0.69])
    assert ax.get_ylabel() == "Share of 10 people"


def test_few_people_are_counted_and_hidden_ones_said_to_be():
    few = shares()[["count"]].assign(share=math.nan, low=math.nan, high=math.nan)
    few["count"] = few["count"].astype(object)
    few.loc["C", "count"] = "hidden"
    ax = figures.grade_bars(few, 9, EN)
    assert [patch.get_height() for patch in ax.patches] == [1, 4, 4, 0]
    assert texts(ax) == ["1", "4", "4", "not shown"]
    assert ax.get_ylabel() == "People"


def test_grade_counts_stack_people_and_hatch_what_is_hidden():
    ax = ALL["grade_counts"](EN)
    assert widths(ax) == [1, 0, 2, 5, 0, 6, 3, 0]
    assert texts(ax) == ["1", "2", "5", "6", "3"]
    assert row_names(ax) == ["video (n = 6)", "live (n = 11)"]
    hidden = counts().astype(object)
    hidden.iloc[0, [0, 1]] = "hidden"
    ax = figures.grade_counts(hidden, counts().sum(axis=1), EN)
    assert widths(ax)[-2:] == [3, 0]
    assert ax.patches[-1].get_hatch()
    assert texts(ax) == ["5", "6", "3"]


def test_a_strip_sets_each_score_in_the_row_of_its_group():
    ax = ALL["strip"](EN)
    offsets = np.vstack([c.get_offsets() for c in ax.collections])
    assert offsets[:, 0].tolist() == [90.0, 90.5, 50.0]
    assert offsets[:, 1].tolist() == pytest.approx([0, 0.09, 1])
    assert row_names(ax) == ["host (n = 2)", "editor (n = 1)"]
    assert [line.get_xdata()[0] for line in ax.lines] == [100, 80, 60]
    assert [t for t in texts(ax) if t] == ["A+ →", "A →", "B →"]


def test_shares_at_or_below_stand_over_the_dots_on_the_same_scale():
    """With a score of 50 a third of the people have been counted, below it nobody."""
    ax = ALL["ecdf_and_strip"](EN)
    upper = ax.figure.axes[0]
    line = upper.lines[0]
    assert line.get_xdata().tolist() == [50, 50, 90, 90.5]
    assert line.get_ydata().tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert line.get_drawstyle() == "steps-post"
    assert [cut.get_xdata()[0] for cut in upper.lines[1:]] == [100, 80, 60]
    assert upper.get_xlim() == ax.get_xlim()


def test_both_noises_are_a_map_with_the_least_sure_named():
    ax = ALL["noise_map"](EN)
    offsets = np.vstack([dots.get_offsets() for dots in ax.collections])
    assert offsets.tolist() == [[1.0, 0.98], [0.5, 0.45]]  # A, then B
    assert texts(ax) == ["易安然", "<b>李</b>"]
    assert ax.lines[0].get_xdata()[0] == 0.9
    assert ax.lines[1].get_ydata()[0] == 0.9


def test_ranges_of_scores_are_named_by_their_ends():
    ax = ALL["score_ranges"](EN)
    assert widths(ax) == [5, 9, 6]
    assert row_names(ax) == ["up to 55", "55 to 75", "above 75"]
    assert texts(ax) == ["5", "9", "6"]


def test_a_migration_table_writes_each_count_in_its_cell():
    ax = ALL["migration"](EN)
    said = {tuple(map(int, t.get_position())): t.get_text() for t in ax.texts}
    assert said[0, 0] == "1"
    assert said[1, 0] == "1"  # column A, row A+
    assert said[3, 3] == "4"
    assert said[0, 3] == ""
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "moved up", "the same grade", "moved down",
    ]  # fmt: skip
    cells = [p for p in ax.patches if len(p.get_xy())]  # the legend's have no corners
    colours = {tuple(p.get_xy()[:4].mean(axis=0)): to_hex(p.get_facecolor()) for p in cells}
    assert colours[0, 0] != colours[1, 0]  # equal counts, one stayed and one moved
    hidden = MIGRATION.astype(object)
    hidden.iloc[0, 0] = "hidden"
    assert figures.migration(hidden, EN).texts[0].get_text() == "·"


def test_changes_run_from_before_to_now():
    ax = ALL["changes"](EN)
    lines = ax.collections[0].get_segments()
    assert [line[:, 0].tolist() for line in lines] == [[90, 70], [50, 85], [81, 81.5]]
    assert texts(ax)[:3] == ["A → B", "C → A", "A → A"]
    assert row_names(ax) == ["易安然", "<b>李</b>", "$=1+1$"]
    assert to_hex(ax.collections[0].get_colors()[0]) == figures.people.DOWN
    assert to_hex(ax.collections[0].get_colors()[1]) == figures.people.UP


def test_near_a_cut_tells_how_far_and_to_which_grade():
    ax = ALL["near_cut"](EN)
    assert ax.collections[1].get_offsets()[:, 0].tolist() == [0, -1.5]
    assert texts(ax) == ["B, 0.0 from A", "C, −1.5 from B"]


def test_a_scorecard_shows_the_sum_behind_each_bar():
    ax = ALL["scorecard"](EN)
    assert widths(ax) == [114.5, 0]
    assert texts(ax) == ["114.5 × 100.0% = 114.50", "not applicable"]


def test_a_history_marks_each_known_month_with_its_grade():
    ax = ALL["score_history"](EN)
    assert ax.lines[0].get_ydata().tolist() == [70, 82]
    assert texts(ax)[:3] == ["B", "A", "C"]


def test_a_tolerance_beyond_all_changes_is_said_to_hold():
    ax = ALL["tolerance"](EN)
    assert ax.collections[1].get_offsets()[:, 0].tolist() == [0.125, 1]
    assert texts(ax) == ["B, up to 12.5%", "A: holds under any change up to 100%"]


def test_importance_stands_beside_weight():
    ax = ALL["importance"](EN)
    assert ax.collections[1].get_offsets()[:, 0].tolist() == [0.5, 0.5]
    assert ax.collections[2].get_offsets()[:, 0].tolist() == [0.9, 0.2]


def test_odds_are_written_and_an_impossible_grade_is_left_blank():
    assert texts(ALL["grade_odds"](EN)) == ["", "25%", "75%", "", "< 1%", "> 99%", "", ""]


def test_a_share_of_variance_stands_alone_and_in_all():
    """Bars are the share in all with its interval; a share alone below 0 is drawn at 0."""
    ax = ALL["variance_shares"](EN)
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.1]
    dots, *_ = [c for c in ax.collections if len(c.get_offsets()) == 2]
    assert dots.get_offsets()[:, 0].tolist() == [0.3, 0.0]


def test_a_tornado_has_a_bar_each_way():
    ax = ALL["tornado"](EN)
    assert widths(ax) == [-2, 0, 1, 3]
    assert ax.get_xlabel() == "n"


def test_a_stage_path_is_a_bar_per_stretch_in_the_rows_asked_for():
    ax = ALL["stage_path"](EN)
    bars = [(p.get_x(), p.get_width(), round(p.get_y() + p.get_height() / 2)) for p in ax.patches]
    assert bars == [(0, 0.2, 1), (0.2, 0.8, 1), (0, 1, 0)]
    assert texts(ax) == ["A", "B", "C"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "B", "C"]
    assert ax.get_xlabel() == "From a (0%) to b (100%)"


def test_stage_counts_are_stacked_worst_below():
    ax = ALL["stage_counts"](EN)
    tops = [list(patch.get_data()[0]) for patch in ax.patches]
    assert tops == [[1, 2], [2, 2]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "C"]


def test_a_waterfall_walks_from_one_score_to_the_other():
    ax = ALL["waterfall"](EN)
    assert [(p.get_x(), p.get_width()) for p in ax.patches] == [(80, -4), (76, 1.5)]
    assert texts(ax) == ["80.0", "−4.0", "+1.5", "77.5"]
    assert row_names(ax) == ["a", "cpm", "roi", "b"]


def test_payroll_starts_at_nothing_and_says_the_change():
    ax = ALL["payroll"](EN)
    assert widths(ax) == [1000, 1100]
    assert ax.get_xlim()[0] == 0
    assert texts(ax) == ["¥1,000", "¥1,100  +10.0%"]


def test_means_before_and_after_hide_what_is_hidden():
    ax = ALL["before_after"](EN)
    assert ax.collections[0].get_segments()[0][:, 0].tolist() == [80, 86.5]
    assert texts(ax) == ["+6.5", "not shown"]
    assert row_names(ax) == ["host (n = 8)", "planner"]


def test_the_spread_of_a_scheme_is_its_percentiles():
    ax = ALL["by_scheme"](EN)
    assert [c.get_segments()[0][:, 0].tolist() for c in ax.collections[:2]] == [[50, 90], [60, 80]]
    assert texts(ax)[0] == "70.0"


@pytest.mark.parametrize("n", range(1, 7))
def test_grades_keep_apart_in_grey_and_their_letters_are_legible(n):
    """WCAG 2: 4.5 to 1 for text; neighbours of a scale differ by 1.25 to 1 at least."""

    def light(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    def contrast(one, other):
        low, high = sorted((light(one), light(other)))
        return (high + 0.05) / (low + 0.05)

    colours = list(grade_colours([f"g{i}" for i in range(n)]).values())
    assert len(set(colours)) == n
    for colour in colours:
        assert contrast(colour, to_hex(ink_on(colour))) >= 4.5
    for one, other in pairwise(colours):
        assert contrast(one, other) >= 1.25


def test_the_given_tables_are_not_changed():
    table, before = counts(), counts()
    figures.grade_counts(table, table.sum(axis=1), EN)
    pd.testing.assert_frame_equal(table, before)
