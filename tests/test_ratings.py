"""The 360 mean, leniency taken off it, who may see what of it, and what to ask about."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kpilib import figures
from kpilib.audience import AUDIENCES
from kpilib.audience import view as view_of
from kpilib.catalogue import read_catalogue
from kpilib.errors import KpiError
from kpilib.ratings import comments_about, findings, leniency_of, views_of
from kpilib.ratings.marks import parts_of
from kpilib.readings import measure
from kpilib.scheme import read_scheme, staged
from kpilib.scheme.ratings import RatingRules
from kpilib.texts import lookup
from tests.months import month_of, table_of

BOOK = read_catalogue()
EDITING = BOOK["editing_quality"]  # judged by peers and managers
SCREEN = BOOK["screen_performance"]  # judged by users
AS_GIVEN = RatingRules(leniency="none")


def ratings(*marks: tuple) -> pd.DataFrame:
    """Return marks of (rater, ratee, relation, score), with more cells where they are given."""
    names = ("rater", "ratee", "relation", "score", "item", "comment")
    rows = [dict(zip(names, mark, strict=False)) for mark in marks]
    return table_of("ratings", [{"month": "2025-05", "item": "editing_quality"} | r for r in rows])


def view(*marks: tuple, rules: RatingRules = AS_GIVEN, definition=EDITING):
    return views_of(ratings(*marks), rules).of("p", definition)


PEERS = [("a", "p", "peer", 2), ("b", "p", "peer", 3), ("c", "p", "peer", 4)]
MANAGERS = [("m", "p", "manager", 5)]
SELF = [("p", "p", "self", 1)]


# ---- the mean ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "marks", "value"),
    [
        ({}, PEERS + MANAGERS + SELF, 4.0),
        ({}, PEERS + SELF, 3.0),
        ({"relations": {"peer": 1, "manager": 3}}, PEERS + MANAGERS, 4.5),
        ({"relations": {"peer": 1, "manager": 3}}, PEERS, 3.0),
        ({"relations": {"manager": 1}}, PEERS + MANAGERS, 5.0),
        ({"relations": {"manager": 1}, "self_weight": 0.2}, PEERS + MANAGERS + SELF, 4.2),
        ({"relations": {"manager": 1}, "self_weight": 0.2}, MANAGERS, 5.0),
        ({"self_weight": 0.25}, PEERS + MANAGERS + SELF, 3.25),
    ],
)
def test_relations_are_averaged_then_weighed_over_those_that_answered(rules, marks, value):
    """Self 20 and manager 80 is a rule of the scheme; who did not answer is never a 0."""
    seen = view(*marks, rules=RatingRules(leniency="none", **rules))
    assert seen.value == pytest.approx(value, abs=1e-12)
    assert math.fsum(group.share for group in seen.groups) == pytest.approx(1)


def test_a_blend_leaves_no_item_without_a_judge_and_a_self_review_alone_is_none():
    rules = RatingRules(leniency="none", relations={"manager": 1}, self_weight=0.2)
    users = [(f"u{i}", "p", "user", i, "screen_performance") for i in (2, 4)]
    assert view(*users, rules=rules, definition=SCREEN).value == 3
    assert view(*SELF, rules=rules) is None
    assert view(*PEERS, rules=rules) is None


def test_the_self_review_stands_beside_with_its_gap():
    """The gap is to what the others say, also where the reading is a blend."""
    for share in (0, 0.5):
        seen = view(*PEERS, *MANAGERS, *SELF, rules=RatingRules(leniency="none", self_weight=share))
        assert (seen.own, seen.gap, seen.n) == (1, -3, 4)
    assert math.isnan(view(*PEERS).gap)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 5)), min_size=1))
def test_the_mean_lies_within_the_marks_and_their_order_does_not_count(drawn):
    marks = [(who, "p", "manager" if who < "c" else "peer", mark) for who, mark in drawn]
    one, other = view(*marks), view(*marks[::-1])
    assert one.value == other.value
    assert min(m for _, m in drawn) - 1e-12 <= one.value <= max(m for _, m in drawn) + 1e-12


def test_rules_of_a_scheme_are_closed_and_somebody_counts():
    scheme = read_scheme("published")
    with pytest.raises(KpiError) as caught:
        scheme.revise(ratings={"leniency": "some", "relations": {"peer": 0}, "self": 1})
    assert str(caught.value) == (
        "scheme 'published', revised: 2 faults:\n"
        "  ratings.leniency: Input should be 'none' or 'correct' (found 'some')\n"
        "  ratings.self: Extra inputs are not permitted (found 1)\n"
        " To mend: correct these places."
    )
    with pytest.raises(KpiError) as caught:
        scheme.revise(ratings={"relations": {"peer": 0}})
    assert str(caught.value) == (
        "scheme 'published', revised: 1 fault:\n"
        "  ratings: every relation weighs 0: give one of them a weight, or none at all\n"
        " To mend: correct this place."
    )
    assert scheme.ratings == RatingRules(leniency="correct")


def written(tmp_path, text: str):
    (tmp_path / "own.yaml").write_text(f"extends: published\ntitle: {{en: Own, zh: 自定}}\n{text}")
    return read_scheme(tmp_path / "own.yaml")


def test_kpi_80_behaviour_20_is_a_rule_of_the_scheme(tmp_path):
    """An editor's one counted item weighs 80%, the two judged ones 10% each; a host is all KPI."""
    scheme = written(tmp_path, "ratings: {behaviour: 0.2}")
    editor = {"delivery_time": 0.8, "editing_quality": 0.1, "topic_fit": 0.1}
    assert scheme.role("editor").weights == pytest.approx(editor)
    assert scheme.role("host").weights == read_scheme("published").role("host").weights
    for stage in ("startup", "mature"):
        actor = staged(scheme, stage).role("actor")
        judged = sum(r.weight for r in actor.indicators if r.definition.judged)
        assert judged == pytest.approx(0.2)
    plain = staged(read_scheme("published"), "mature").role("actor").weights
    mature = staged(scheme, "mature").role("actor").weights
    ratio = plain["screen_performance"] / plain["cooperation"]
    assert mature["screen_performance"] / mature["cooperation"] == pytest.approx(ratio)


def test_options_in_a_scheme_file_reach_the_readings(tmp_path):
    scheme = written(
        tmp_path, "ratings: {leniency: none, relations: {manager: 1}, self_weight: 0.2}"
    )
    month = month_of(
        people=[{"person": "p", "name": "x", "role": "剪辑师", "team": "video", "account": "甲号"}],
        ratings=ratings(*PEERS, *MANAGERS, *SELF).drop(columns=["file", "row"]).to_dict("records"),
    )
    table = measure(month, scheme).table.set_index("indicator")
    assert table.loc["editing_quality", ["value", "n"]].tolist() == [0.2 * 1 + 0.8 * 5, 1]
    rows = measure(month, scheme).rows("p", "editor", "editing_quality")
    assert sorted(rows["rater"]) == ["m", "p"]


# ---- what the person rated may see -------------------------------------------------------------


def hidden(*sizes: tuple[str, int]) -> dict[str, bool]:
    marks = [(f"{r}{i}", "p", r, 3) for r, n in sizes for i in range(n)]
    definition = EDITING.model_copy(update={"relations": ("peer", "manager", "user")})
    return {g.relation: g.hidden for g in view(*marks, definition=definition).for_ratee}


def test_groups_under_three_raters_are_hidden_and_cannot_be_worked_out():
    """The reading is known: with one group hidden, the others would give it away."""
    assert hidden(("peer", 3), ("manager", 3)) == {"peer": False, "manager": False}
    assert hidden(("peer", 4), ("manager", 2)) == {"peer": True, "manager": True}
    assert hidden(("peer", 4), ("manager", 2), ("user", 9)) == {
        "peer": True, "manager": True, "user": False}  # fmt: skip
    assert hidden(("peer", 2), ("manager", 2), ("user", 9)) == {
        "peer": True, "manager": True, "user": False}  # fmt: skip
    assert hidden(("peer", 2)) == {"peer": True}


def test_comments_are_shuffled_and_name_no_rater():
    said = [
        (f"p{i}", "p", "peer", 3, "editing_quality", text)
        for i, text in enumerate(["甲乙说得对", "节奏好，p1也这么说", " ", "丙丁剪得好", "第五条"])
    ]
    own = ("p", "p", "self", 3, "editing_quality", "我自己写的")
    names = {"p": "丙丁", "p1": "甲乙", "p2": "乙"}
    table = ratings(*said, own)
    first = comments_about(table, "p", names, seed=1)
    assert sorted(first) == sorted(["[…]说得对", "节奏好，[…]也这么说", "丙丁剪得好", "第五条"])
    assert first == comments_about(table.iloc[::-1], "p", names, seed=1)
    orders = {tuple(comments_about(table, "p", names, seed)) for seed in range(20)}
    assert len(orders) > 5
    assert comments_about(table, "q", names, seed=1) == []


# ---- leniency ----------------------------------------------------------------------------------


def panel(teams=(("t", 8, 10),), lenient=None, seed=3, each=6):
    """Return whole marks of teams (name, people, raters each) that rate only among themselves."""
    rng = np.random.default_rng(seed)
    marks = []
    for team, people, raters in teams:
        quality = rng.normal(3, 0.6, people)
        for r in range(raters):
            rater = f"{team}{r}"
            lean = (lenient or {}).get(rater, 0.0)
            for e in rng.permutation(people)[:each]:
                mark = round(float(np.clip(quality[e] + lean + rng.normal(0, 0.3), 1, 5)))
                marks.append((rater, f"{team}-{e}", "peer", mark))
    return ratings(*marks)


def test_a_lenient_rater_is_found_and_taken_off():
    table = panel(lenient={"t2": 1.2}, teams=(("t", 12, 14),))
    held = leniency_of(table)
    assert held.why == ""
    assert held.marked.index[0] == "t2"
    assert (
        held.raters.loc["t2", "low"] < 1.2 < held.raters.loc["t2", "high"] + 0.5
    )  # marks end at 5
    assert held.taken["t2"] == round(held.raters.loc["t2", "effect"], 2)
    views = views_of(table, RatingRules())
    ratee = table.loc[table["rater"] == "t2", "ratee"].iloc[0]
    mine = table[table["ratee"] == ratee]
    redone = (mine["score"] - mine["rater"].map(held.taken).fillna(0)).mean()
    assert views.of(ratee, EDITING).value == pytest.approx(redone)
    assert views_of(table, AS_GIVEN).of(ratee, EDITING).value == mine["score"].mean()


def test_correction_brings_marks_nearer_to_the_truth():
    """Twenty panels with two raters of bad habits: the error of the means falls."""
    worse, better = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = rng.normal(3, 0.6, 16)
        lean = np.zeros(14)
        lean[:2] = 1.1, -1.1
        marks = [(f"r{r}", f"e{e}", "peer", round(float(np.clip(truth[e] + lean[r]
                  + rng.normal(0, 0.35), 1, 5)))) for r in range(14)
                 for e in rng.permutation(16)[:6]]  # fmt: skip
        table = ratings(*marks)
        given, corrected = (views_of(table, rules) for rules in (AS_GIVEN, RatingRules()))
        seen = [e for e in range(16) if given.of(f"e{e}", EDITING) is not None]
        for held, errors in ((given, worse), (corrected, better)):
            values = np.array([held.of(f"e{e}", EDITING).value for e in seen])
            errors.append(np.std(values - truth[seen]))
    assert np.mean(better) < 0.9 * np.mean(worse)


def test_parts_that_do_not_hang_together_are_told_apart_and_left_as_they_are():
    table = panel(teams=(("big", 12, 14), ("far", 6, 6)), lenient={"far1": 1.5, "big1": 1.0})
    held = leniency_of(table)
    assert held.parts[["raters", "ratees"]].to_numpy().tolist() == [[14, 12], [6, 6]]
    assert held.raters.loc[["far0", "far1"], "effect"].isna().all()
    assert not [rater for rater in held.taken if rater.startswith("far")]
    assert held.taken["big1"] == max(held.taken.values()) > 0.3
    assert parts_of(table.iloc[:0]).empty


@pytest.mark.parametrize(
    ("teams", "each", "why"),
    [
        ((("a", 10, 10), ("b", 10, 10)), 6, "apart"),
        ((("a", 4, 9),), 4, "few"),
        ((("a", 9, 4),), 6, "few"),
        ((("a", 9, 9),), 1, "apart"),
        ((), 1, "few"),
    ],
)
def test_where_leniency_and_quality_cannot_be_told_apart_nothing_is_corrected(teams, each, why):
    table = panel(teams=teams, each=each) if teams else ratings()
    held = leniency_of(table)
    assert (held.why, held.effects, held.taken) == (why, None, {})
    assert findings(table, held)["kind"].isin(["lenient", "harsh", "reciprocal"]).sum() == 0


def test_a_chain_of_raters_and_equal_marks_tell_nothing():
    chain = [(f"r{i}", f"e{e}", "peer", 1 + (i + e) % 5) for i in range(7) for e in (i, i + 1)]
    equal = [(f"r{i}", f"e{e}", "peer", 3) for i in range(6) for e in range(6)]
    assert [leniency_of(ratings(*marks)).why for marks in (chain, equal)] == ["thin", "thin"]


def test_readings_keep_what_was_taken_off_each_mark():
    same = {"name": "x", "role": "剪辑师", "team": "video", "account": "甲号"}
    people = [same | {"person": f"t-{e}", "joined": None} for e in range(12)]
    table = panel(lenient={"t2": 1.2}, teams=(("t", 12, 14),))
    rows = table.drop(columns=["file", "row"]).to_dict("records")
    scheme = read_scheme("published")
    month = month_of(people=people, ratings=rows)
    readings = measure(month, scheme)
    mine = readings.rows("t-0", "editor", "editing_quality")
    value = readings.table.query("person == 't-0' and indicator == 'editing_quality'")["value"]
    assert (mine["score"] - mine["taken"]).mean() == pytest.approx(value.item())
    plain = measure(month, scheme.revise(ratings={"leniency": "none"}))
    assert (plain.rows("t-0", "editor", "editing_quality")["taken"] == 0).all()


# ---- findings ----------------------------------------------------------------------------------


def habits(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    found = findings(table, leniency_of(table))
    return found[found["kind"] == kind].reset_index(drop=True)


def two_items(seed: int, halo: str = "", middle: str = "") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    marks = []
    for r in range(10):
        for e in rng.permutation(14)[:9]:
            drawn = [int(rng.integers(1, 6)) for _ in range(3)]
            if f"r{r}" == halo:
                drawn = [drawn[0]] * 3
            if f"r{r}" == middle:
                drawn = [3, 3, 3]
            items = ("editing_quality", "topic_fit", "cooperation")
            marks += [(f"r{r}", f"e{e}", "peer", d, i) for d, i in zip(drawn, items, strict=True)]
    return ratings(*marks)


def test_halo_and_central_tendency_are_found_and_nothing_where_there_is_nothing():
    halo = habits(two_items(1, halo="r4"), "halo")
    assert halo[["person", "n", "value"]].to_numpy().tolist() == [["r4", 9, 1.0]]
    assert 0 <= halo["usual"].item() < 0.15
    middle = habits(two_items(2, middle="r7"), "central")
    assert middle[["person", "n", "value"]].to_numpy().tolist() == [["r7", 27, 1.0]]
    usual = two_items(2, middle="r7").query("rater != 'r7'")["score"].eq(3).mean()
    assert middle["usual"].item() == pytest.approx(usual)
    false = sum(len(habits(two_items(seed), k)) for seed in range(4) for k in ("halo", "central"))
    assert false <= 1  # of 80 raters looked at, at a false discovery rate of 5%


def test_the_test_of_a_habit_is_the_exact_binomial_tail():
    """One rater with 6 of 6 alike; the false discovery rate of one test is its own p."""
    alike = [("a", f"e{e}", "peer", 3, i) for e in range(6) for i in ("topic_fit", "cooperation")]
    others = [(r, f"e{e}", "peer", 3 + (i == "cooperation") * (e < 3), i)
              for r in "bc" for e in range(5) for i in ("topic_fit", "cooperation")]  # fmt: skip
    found = habits(ratings(*alike, *others), "halo")
    assert stats.binom.sf(5, 6, 0.4) < 0.05
    assert found[["person", "n", "value", "usual"]].to_numpy().tolist() == [["a", 6, 1.0, 0.4]]


def test_a_pair_that_favours_each_other_is_found():
    rng = np.random.default_rng(4)
    marks = [(f"p{r}", f"p{e}", "peer", int(rng.integers(2, 4))) for r in range(9)
             for e in range(9) if r != e and {r, e} != {1, 2}]  # fmt: skip
    found = habits(ratings(*marks, ("p1", "p2", "peer", 5), ("p2", "p1", "peer", 5)), "reciprocal")
    assert found[["person", "other", "n"]].to_numpy().tolist() == [["p1", "p2", 2]]
    assert found["value"].item() > 1.5
    one_way = ratings(*marks, ("p1", "p2", "peer", 5), ("p2", "p1", "peer", 2))
    assert habits(one_way, "reciprocal").empty


def test_self_reviews_far_from_the_others_are_found_in_either_direction():
    marks = [*PEERS, *MANAGERS, ("p", "p", "self", 5), ("a", "q", "peer", 4), ("q", "q", "self", 2)]
    found = habits(ratings(*marks), "self_gap")
    assert found[["person", "value", "usual", "n"]].to_numpy().tolist() == [
        ["q", 2, 4, 1], ["p", 5, 4, 4]]  # fmt: skip


def test_lenient_and_harsh_raters_are_named_with_their_interval():
    table = panel(lenient={"t2": 1.2, "t5": -1.2}, teams=(("t", 12, 14),), seed=6)
    held = leniency_of(table)
    found = findings(table, held)
    named = found[found["kind"].isin(["lenient", "harsh"])].set_index("person")
    assert named.loc["t2", "kind"] == "lenient"
    assert named.loc["t5", "kind"] == "harsh"
    assert named.loc["t2", "low"] > 0 > named.loc["t5", "high"]
    assert replace(held, raters=held.raters.assign(low=-1.0, high=1.0)).marked.empty


# ---- on a page ---------------------------------------------------------------------------------


def test_comments_are_for_hr_alone():
    assert [view_of(name).comments for name in AUDIENCES] == [True, False, False]
    notebook = Path(__file__).parents[1] / "notebooks" / "calibration.ipynb"
    metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
    assert metadata["kpilib"] == {"audiences": ["hr"]}


def test_the_figure_draws_a_line_and_a_dot_for_each_rater():
    held = leniency_of(panel(lenient={"t2": 1.2}, teams=(("t", 12, 14),)))
    drawn = figures.leniency(held.raters, lookup("en"), label=str.upper)
    names = [label.get_text() for label in drawn.get_yticklabels()]
    assert names == [rater.upper() for rater in held.raters.index]
    dots = drawn.collections[1].get_offsets()[:, 0]
    assert np.asarray(dots) == pytest.approx(held.raters["effect"].to_numpy())
    assert {text.get_text() for text in drawn.texts} == {"6 marks"}
