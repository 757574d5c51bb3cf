"""Weights tried out: Python's side, what is saved, and what a page without people may know."""

from __future__ import annotations

import json
import math
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpilib import what_if
from kpilib.audience import view
from kpilib.contrast import outcomes_under
from kpilib.drafts import save_variant
from kpilib.errors import KpiError
from kpilib.exports import read_team
from kpilib.groups import groups_of
from kpilib.labels import Labels
from kpilib.order import Order
from kpilib.plan import Plan
from kpilib.readings import measure
from kpilib.scheme import SCHEMES, read_scheme, staged
from kpilib.sheet import Frame
from kpilib.texts import lookup
from kpilib.tuner import Tuner
from kpilib.tuner_data import in_groups, in_person
from kpilib.tuning import trial
from kpilib.what_if import has_page
from tests.trials import ITEMS, appraised, graded_by, scheme_for

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
WEIGHTS = {"host": [0.5, 0.3, 0.2], "director": [0.2, 0.3, 0.5]}
PEOPLE = {
    "a": {"host": [100, 60, 80]},
    "b": {"host": [90, None, 70], "director": [100, 100, 50]},
    "c": {"director": [40, None, None]},
    "d": {"host": [80, 80, 80]},
    "e": {"host": [80, 80, 80]},
    "f": {"host": [None, None, 95.5]},
}
SHARES = {"b": {"host": 0.25, "director": 0.75}}
TRIED = {"host": [0.1, 0.6, 0.3], "director": [0.5, 0.5, 0.0]}
EDGES = ("upper_closed", "lower_closed", "rounded", "floored")


def named(weights):
    """Return weights by role and indicator."""
    return {role: dict(zip(ITEMS[role], parts, strict=True)) for role, parts in weights.items()}


def small(**changes):
    """Return six people, one in two roles, on two of them cuts, one with a bonus."""
    return appraised(PEOPLE, scheme_for(WEIGHTS, **changes), bonus={"a": 1}, shares=SHARES)


def refusal(action):
    with pytest.raises(KpiError) as error:
        action()
    return str(error.value)


@pytest.fixture(scope="module")
def sample():
    """Return the sample's May; without the months before, which weights do not move."""
    published = read_scheme("published")
    return outcomes_under(measure(read_team(SAMPLE, "2025-05"), published), published)


@pytest.fixture(scope="module")
def startup(sample):
    return outcomes_under(sample.grades.scores.readings, read_scheme("startup"))


# ---- Python's own counts ----


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("totals", ["arithmetic", "geometric"])
def test_a_trial_gives_what_the_whole_line_gives_under_these_rules(edge, totals):
    """Readings to pay by score, grade and settle is the other route; pay is in cents there."""
    outcomes = small(grading=graded_by(edge, 100, 80, 60), totals={"kind": totals})
    cuts = [95.0, 79.0, 62.0]
    found = trial(outcomes).under(named(TRIED), cuts)
    rules = outcomes.scheme.reweigh(named(TRIED)).revise(grading=graded_by(edge, *cuts))
    whole = outcomes_under(outcomes.grades.scores.readings, rules)
    assert found.table["grade"].tolist() == whole.grades.table["grade"].tolist()
    assert found.table["score"].tolist() == whole.table["score"].tolist()
    assert found.table["graded"].tolist() == whole.grades.table["score"].tolist()
    assert found.pay.tolist() == pytest.approx(whole.table["pay"].astype(float), abs=0.005)


def test_ranks_are_counted_in_the_role_and_ties_share_the_mean():
    ranks = trial(small()).under(named(WEIGHTS), [100, 80, 60]).ranks
    table = trial(small()).under(named(WEIGHTS), [100, 80, 60]).table
    for (who, role), rank in ranks.items():
        rivals = [table.loc[p, "graded"] for p, roles in PEOPLE.items() if role in roles]
        own = table.loc[who, "graded"]
        above, level = sum(r > own for r in rivals), sum(r == own for r in rivals)
        assert rank == above + (level + 1) / 2
    assert ranks["d", "host"] == ranks["e", "host"] == 3.5


def test_a_choice_is_counted_person_by_person():
    """Only the last item of director is weighed now: c has no score left and counts nowhere."""
    held = trial(small())
    before = held.under(named(WEIGHTS), [100, 80, 60])
    after = held.under(named({**WEIGHTS, "director": [0, 0, 1]}), [100, 80, 60])
    kept = ["a", "b", "d", "e", "f"]
    pay = [sum(side.pay[kept]) for side in (before, after)]
    assert after.against(before, held.people) == {
        "changed": 1,  # b: 0.25 x 82.5 + 0.75 x 75 = 77.3, then 0.75 x 50 = 58.1
        "ranks": 0,
        "lost": 1,
        "payroll": pytest.approx(pay[1] / pay[0] - 1),
    }
    assert after.against(before, pd.Index(["c"]))["payroll"] is None


def test_a_month_that_cannot_be_tried_is_refused(sample):
    quota = outcomes_under(sample.grades.scores.readings, read_scheme("bytedance"))
    assert refusal(lambda: trial(quota)) == (
        "tuner, scheme 'bytedance': grades by quota have no cuts to move. To mend: take a scheme "
        "that grades by bands."
    )
    nobody = appraised({"a": {"host": [None, None, None]}}, scheme_for(WEIGHTS))
    assert refusal(lambda: trial(nobody)) == (
        "tuner, month 2025-05: nobody has a known score. To mend: settle the open readings that "
        "the monthly review lists, or give the people's roles indicators."
    )
    assert [has_page(read_scheme(s)) for s in ("published", "bytedance", "geometric")] == [
        *(True, False, False)
    ]
    geometric = trial(small(totals={"kind": "geometric"}))
    assert refusal(lambda: groups_of(geometric)) == (
        "tuner of groups, scheme 'published': totals are geometric, and means of points do not "
        "tell them. To mend: take a scheme whose totals are arithmetic, or the tuner for HR or "
        "analysts."
    )


def test_the_ends_of_the_stage_slider_are_the_two_stages(tried, tried_startup):
    plain = read_scheme("published")
    for held in (tried, tried_startup):
        assert held.stages == ("startup", "mature")
        for stage, weights in zip(held.stages, (held.start, held.end), strict=True):
            for role in staged(plain, stage).roles:
                given = {key: w for key, w in weights[role.key].items() if w > 0}
                assert given == pytest.approx({k: w for k, w in role.weights.items() if w > 0})
    for role, weights in tried_startup.weights.items():
        assert weights == pytest.approx(tried_startup.start[role])


def test_what_a_stage_adds_weighs_nothing_at_first(sample, tried):
    """The grades of the wide scheme are those in force, for everybody whose readings are known."""
    held = tried
    assert held.weights["operations_manager"]["plays"] == 0
    found = held.under(held.weights, held.grading.cuts).table
    grades = sample.grades.table.loc[found.index, "grade"]
    assert found["grade"].tolist() == grades.tolist()
    assert len(found) + len(held.left_out) == (sample.table["status"] == "ok").sum()


# ---- the tuner in a notebook ----


def test_the_tuner_answers_a_choice_and_gives_it_back_as_a_scheme():
    tuner = Tuner(small(), "published")
    choice = {"weights": named(TRIED), "cuts": [95, 79, 62], "team": "", "turn": 7}
    tuner.choice = choice
    held = trial(small())
    before = held.under(held.weights, held.grading.cuts)
    after = held.under(named(TRIED), [95, 79, 62])
    assert tuner.answer == after.against(before, held.people) | {"turn": 7}
    assert (tuner.weights, tuner.cuts) == (choice["weights"], [95.0, 79.0, 62.0])
    again = outcomes_under(small().grades.scores.readings, tuner.scheme)
    assert tuner.table["grade"].tolist() == again.grades.table["grade"].tolist()
    assert tuner.table.loc["a"].to_dict() == {
        "team": "live",
        "before": 86.0,  # 84 and 2 of bonus
        "score": 72.0,  # 10 + 36 + 24, and 2
        "change": -14.0,
        "grade_before": "A",
        "grade": "B",
    }


def test_a_choice_of_one_team_counts_its_people_only():
    teams = {who: "video" if who in "bc" else "live" for who in PEOPLE}
    tuner = Tuner(appraised(PEOPLE, scheme_for(WEIGHTS), teams=teams), "published")
    weights = named({**WEIGHTS, "director": [0, 0, 1]})
    for team, lost in (("live", 0), ("video", 1), ("", 1)):
        tuner.choice = {"weights": weights, "cuts": [100, 80, 60], "team": team, "turn": 1}
        assert tuner.answer["lost"] == lost


def test_no_pay_and_no_name_goes_to_a_browser_that_may_not_see_them(sample):
    pay = {f"{value:g}" for value in sample.table["base_pay"].dropna()}
    numbers = {"base", "base_pay", "pay"}
    for audience, sees in (("hr", "name"), ("analyst", "id"), ("leadership", "")):
        tuner = Tuner(sample, "published", audience=audience)
        text = json.dumps(tuner.data, ensure_ascii=False)
        names, ids = set(sample.table["name"]), set(sample.table.index)
        assert any(f'"{name}"' in text for name in names) == (sees == "name")
        assert any(f'"{who}"' in text for who in ids) == (sees == "id")
        for person in tuner.data.get("people", []):
            assert not numbers & set(person)
            assert not pay & {f"{p:g}" for s in person["seats"] for p in s["points"] if p}
    tuner.choice = {"weights": {}, "cuts": [100, 80, 60], "team": "", "turn": 3}
    assert tuner.answer == {"turn": 3}


def test_the_module_gets_the_words_of_the_tuner_only(sample, tried):
    labels = Labels(lookup("zh"), view("analyst"))
    labels.learn(sample)
    data = in_person(tried, labels, "zh")
    assert data["lang"] == "zh-CN"
    assert not [key for key in data["texts"] if key.startswith(("page.", "tuner."))]
    assert data["stages"] == ["起步期", "成熟期"]
    seats = [seat for person in data["people"] for seat in person["seats"]]
    assert any(None in seat["points"] for seat in seats)
    assert json.loads(json.dumps(data, allow_nan=False)) == data


# ---- saved as a variant ----


@pytest.fixture(scope="module")
def tried(sample):
    return trial(sample)


@pytest.fixture(scope="module")
def tried_startup(startup):
    return trial(startup)


THREE = ["mature", "published", "startup"]


def files_in(folder):
    return sorted(path.name.removesuffix(".yaml") for path in folder.iterdir())


@pytest.fixture
def schemes(tmp_path):
    """Return a copy of the shipped schemes' folder."""
    folder = tmp_path / "schemes"
    folder.mkdir()
    for name in THREE:
        shutil.copy(SCHEMES / f"{name}.yaml", folder)
    return folder


def save(held, place, weights=None, cuts=None, **words):
    said = {"name": "try", "reason": "Hits matter more."} | words
    cuts = held.grading.cuts if cuts is None else cuts
    return save_variant(held.scheme, place, weights or held.weights, cuts, **said)


def moved_host(held, by=0.07):
    """Return the weights in force with some moved from the second item of hosts to the first."""
    host = dict(held.weights["host"])
    first, second = list(host)[:2]
    return {**held.weights, "host": {**host, first: host[first] + by, second: host[second] - by}}


def test_moved_weights_become_a_scheme_that_says_only_what_changed(tried, schemes):
    held = tried
    place = save(held, schemes / "published.yaml", moved_host(held), reason="a\n  b")
    assert place.read_text(encoding="utf-8") == (
        "extends: published\ntitle:\n  en: try\n  zh: try\nsource: a b\nroles:\n- key: host\n"
        "  indicators:\n  - key: gmv_completion\n    weight: 0.32\n  - key: order_conversion\n"
        "    weight: 0.18\n  - key: watch_time\n    weight: 0.25\n  - key: return_rate\n"
        "    weight: 0.25\n"
    )
    assert place == schemes / "try.yaml"
    assert files_in(schemes) == [*THREE, "try"]  # and no draft beside it


@pytest.mark.parametrize("name", ["published", "startup"])
@pytest.mark.parametrize("what", ["weights", "cuts", "both", "stage"])
def test_a_saved_variant_grades_as_the_tuner_showed(name, what, tried, tried_startup, schemes):
    """Read by the whole line from its file, also from a staged scheme, also with moved cuts."""
    held = {"published": tried, "startup": tried_startup}[name]
    weights = moved_host(held) if what in {"weights", "both"} else held.weights
    if what == "stage":  # three tenths of the way, as the slider mixes
        weights = {
            role: {k: 0.7 * held.start[role][k] + 0.3 * held.end[role][k] for k in w}
            for role, w in weights.items()
        }
    cuts = (101.5, 80, 62) if what in {"cuts", "both"} else held.grading.cuts
    place = save(held, schemes / f"{name}.yaml", weights, cuts)
    saved = read_scheme(place)
    assert saved.grading.cuts == tuple(cuts)
    for role, wanted in weights.items():
        given = {key: w for key, w in saved.role(role).weights.items() if w > 0}
        assert given == pytest.approx({k: w for k, w in wanted.items() if w > 0}, abs=2e-6)
    line = outcomes_under(held.outcomes.grades.scores.readings, saved)
    shown = held.under({r: saved_weights(saved, held, r) for r in held.weights}, cuts).table
    assert shown["grade"].tolist() == line.grades.table.loc[shown.index, "grade"].tolist()


def saved_weights(saved, held, role):
    """Return what the file says, to its last digit, in the order of the trial."""
    given = saved.role(role).weights
    return {key: given.get(key, 0.0) for key in held.weights[role]}


def test_a_file_that_is_there_is_never_written_over(tried, schemes):
    held = tried
    (schemes / "try.yaml").write_text("mine")
    assert refusal(lambda: save(held, schemes / "published.yaml", moved_host(held))) == (
        f"{schemes / 'try.yaml'}: is there already and is never written over. To mend: take "
        "another name."
    )
    assert (schemes / "try.yaml").read_text() == "mine"
    assert files_in(schemes) == [*THREE, "try"]


def test_of_many_who_save_under_one_name_at_once_one_wins(tried, schemes):
    held = tried

    def one(step):
        try:
            return save(held, schemes / "published.yaml", moved_host(held, step / 1000))
        except KpiError:
            return None

    with ThreadPoolExecutor(4) as pool:
        places = [place for place in pool.map(one, range(1, 9)) if place]
    assert places == [schemes / "try.yaml"]
    read_scheme(places[0])
    assert files_in(schemes) == [*THREE, "try"]


def test_a_draft_that_cannot_be_kept_leaves_nothing(tried, schemes, monkeypatch):
    held = tried

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    assert refusal(lambda: save(held, schemes / "published.yaml", moved_host(held))) == (
        f"{schemes / 'try.yaml'}: cannot be written: No space left on device. To mend: check the "
        "folder's rights."
    )
    assert files_in(schemes) == THREE


def test_what_cannot_be_saved_is_refused_with_its_reason(tried, schemes):
    held = tried
    place = schemes / "published.yaml"
    weights = moved_host(held)
    name = "To mend: use up to 40 letters, digits, - and _, beginning with a letter or digit."
    for bad in ("", "../x", "a b", ".x", "x" * 41, "a/b", "-x"):
        found = refusal(lambda bad=bad: save(held, place, weights, name=bad))
        assert found == f"name {bad!r}: cannot name a scheme. {name}"
    why = "To mend: say in up to 500 letters why the variant is worth looking at."
    assert refusal(lambda: save(held, place, weights, reason=" \n")) == (
        f"variant 'try', reason: is empty. {why}"
    )
    for bad in ("x" * 501, "a\x07b"):
        assert refusal(lambda bad=bad: save(held, place, weights, reason=bad)) == (
            "variant 'try', reason: is too long, or holds signs that cannot be printed. " + why
        )
    assert refusal(lambda: save(held, place)) == (
        "variant 'try': is the same as 'published': no weight and no cut is moved. To mend: move "
        "one first."
    )
    host = weights["host"]
    for bad in ({"gmv_completion": 1.0}, {**host, "watch_time": math.nan}, {**host, "roi": 0.0}):
        assert refusal(lambda bad=bad: save(held, place, {**weights, "host": bad})) == (
            "weights of role 'host': are not one number of at least 0 for each indicator. "
            "To mend: run the cell again."
        )
    assert refusal(lambda: save(held, place, {**weights, "host": {**host, "watch_time": 0.5}})) == (
        "weights of role 'host': sum to 1.25, not 1. To mend: run the cell again."
    )
    assert "must fall" in refusal(lambda: save(held, place, weights, (80, 90, 60)))
    assert files_in(schemes) == THREE


def test_the_tuner_says_in_words_what_became_of_a_draft(sample, schemes):
    tuner = Tuner(sample, schemes / "published.yaml")
    said = []
    tuner.send = said.append
    draft = {"kind": "save", "cuts": [101, 80, 60], "weights": {}, "name": " try ", "reason": "r"}
    for _ in range(2):
        tuner._heard(None, draft, None)
    place = schemes / "try.yaml"
    assert said == [
        {
            "kind": "saved",
            "ok": True,
            "text": f"Saved as try.yaml. Its pages: kpi report --scheme {place}",
        },
        {
            "kind": "saved",
            "ok": False,
            "text": f"{place}: is there already and is never written over. To mend: take another "
            "name.",
        },
    ]


# ---- groups of five and more ----


def group_of(rows, **kinds):
    """Return groups of hosts h0, h1, ... with these points."""
    people = {f"h{i}": {"host": row} for i, row in enumerate(rows)}
    return groups_of(trial(appraised(people, scheme_for({"host": [0.5, 0.3, 0.2]}), **kinds)))


SEVEN = [
    *([52, 91, 70], [88, 64.5, 71], [73, 80, 99], [97, 78, 63]),
    *([61, 69, 83], [79, 57, 94], [70, 74, 60]),
]


def test_a_group_is_head_count_means_and_spreads_to_one_decimal():
    found = group_of(SEVEN)
    points = np.array(SEVEN)
    assert found.table["mean"].tolist() == points.mean(axis=0).round(1).tolist()
    assert found.table["spread"].tolist() == points.std(axis=0).round(1).tolist()
    assert found.about[["role", "team", "n", "pay"]].to_numpy().tolist() == [["host", "live", 7, 1]]
    assert list(found.about) == ["role", "team", "n", "likeness", "pay"]


def test_a_likeness_gives_totals_their_spread():
    """Var(sum w x) = (1 - r) sum w^2 s^2 + r (sum w s)^2, solved for r."""
    found = group_of(SEVEN)
    weights, spread = np.array([0.5, 0.3, 0.2]), np.std(SEVEN, axis=0)
    r = found.about["likeness"].item()
    made = (1 - r) * (weights**2 * spread**2).sum() + r * (weights * spread).sum() ** 2
    assert math.sqrt(made) == pytest.approx(np.std(np.array(SEVEN) @ weights), rel=0.01)


def test_nobody_can_be_told_from_a_group():
    """Points mirrored at the mean, and dealt out anew: no one keeps theirs, the page stays."""
    points = np.array(SEVEN)
    mirrored = (2 * points.mean(axis=0) - points)[::-1]
    assert (np.abs(mirrored - points) > 0.5).any(axis=1).all()
    one, other = group_of(SEVEN), group_of(mirrored.tolist())
    assert one.table.equals(other.table)
    assert one.about.equals(other.about)


def test_fewer_than_five_people_leave_no_trace(sample, tried):
    assert group_of(SEVEN[:4]).left_out == ("host",)
    assert group_of(SEVEN[:4]).table.empty
    assert group_of(SEVEN[:5]).about["n"].tolist() == [5]
    found = groups_of(tried)
    seats = sample.grades.scores.role_totals.query("status == 'ok'")
    size = seats.groupby("role").size()
    assert set(found.left_out) == set(size.index[size < 5])
    assert (found.table["n"] >= 5).all()
    labels = Labels(lookup("en"), view("leadership"))
    labels.learn(tried.scheme)
    data = in_groups(tried, found, labels, "en")
    assert "people" not in data
    assert all(group["n"] >= 5 for group in data["groups"])


def test_a_role_is_split_by_team_only_where_each_part_has_five():
    rows = [*SEVEN, *SEVEN]
    for cut, parts in ((5, [5, 9]), (4, [14])):
        teams = {f"h{i}": "studio" if i < cut else "video" for i in range(14)}
        found = group_of(rows, teams=teams)
        assert found.about["n"].tolist() == parts
        assert found.about["team"].tolist() == (["studio", "video"] if cut == 5 else [""])


def test_an_indicator_that_would_tell_single_points_is_left_out():
    """Six at the cap leave one unknown, five leave two: mean and spread would give them."""
    rows = np.array(SEVEN, dtype=float)
    for capped, told in ((7, False), (6, False), (5, False), (4, True)):
        rows[:, 0] = SEVEN_FIRST
        rows[:capped, 0] = 120
        found = group_of(rows.tolist())
        assert found.table["mean"].notna().tolist() == [told, True, True]
    few = [[None, b, c] if i < 3 else [a, b, c] for i, (a, b, c) in enumerate(SEVEN)]
    assert group_of(few).table["mean"].isna().tolist() == [True, False, False]


SEVEN_FIRST = [row[0] for row in SEVEN]


def test_an_indicator_of_steps_is_left_out_and_its_weight_goes_to_the_others():
    steps = {"kind": "switch", "met": 100, "missed": 0}
    rules = scheme_for({"host": [0.5, 0.3, 0.2]})
    roles = [
        {**role.model_dump(), "indicators": [i.model_dump() for i in role.indicators]}
        for role in rules.roles
    ]
    roles[0]["indicators"][0]["method"] = steps
    people = {f"h{i}": {"host": row} for i, row in enumerate(SEVEN)}
    tried = trial(appraised(people, rules.revise(roles=roles)))
    found = groups_of(tried)
    assert found.table["mean"].isna().tolist() == [True, False, False]
    labels = Labels(lookup("en"), view("leadership"))
    (group,) = in_groups(tried, found, labels, "en")["groups"]
    means = np.mean(SEVEN, axis=0).round(1).tolist()
    assert group["mean"] == [None, *means[1:]]


def test_a_bonus_is_one_mean_of_all_and_only_of_three_holders_or_more():
    assert group_of(SEVEN, bonus={"h0": 1, "h1": 1}).bonus == 0
    assert group_of(SEVEN, bonus={"h0": 1, "h1": 1, "h2": 2}).bonus == round(8 / 7, 1)


# ---- the page around the groups ----


def page_of(outcomes, monkeypatch):
    """Return the what-if page of outcomes that are there already."""
    for name in ("read_team", "measure"):
        monkeypatch.setattr(what_if, name, lambda *_, **__: None)
    monkeypatch.setattr(what_if, "outcomes_under", lambda *_: outcomes)
    about = {"notebook": "what_if", "month": "2025-05", "team": "", "lang": "en"}
    frame = Frame("en", "x", about, "index.html")
    return what_if.what_if_page(SAMPLE, "2025-05", "published", frame)


def test_a_page_of_nobody_says_so_and_runs_nothing(sample, monkeypatch):
    nobody = replace(sample, table=sample.table.assign(status="no_score"))
    text = page_of(nobody, monkeypatch)
    assert "No role has 5 people with a score" in text
    assert "<script" not in text


def test_no_title_ends_the_script_of_the_page(sample, monkeypatch):
    title = "</script><script>alert(1)</script>\u2028"
    teams = {k: v.model_dump() for k, v in sample.scheme.teams.items()}
    named = sample.scheme.revise(teams=teams | {"live": {"en": title, "zh": title}})
    text = page_of(outcomes_under(sample.grades.scores.readings, named), monkeypatch)
    assert text.count("<script") == text.count("</script>") == 1
    assert "\\u003c/script>" in text
    assert "\u2028" not in text[text.index("<script") :]


def test_the_page_is_of_the_whole_company_under_bands(tmp_path):
    def pages(**order):
        return [spec.out.name for spec in Plan(Order(data=SAMPLE, out=tmp_path, **order)).pages()]

    assert pages(notebooks=["what_if"], langs=("en", "zh")) == ["what_if.html", "what_if.zh.html"]
    assert "what_if.html" in pages(audience="leadership")
    assert "what_if.html" not in [*pages(teams=("live",)), *pages(schemes=("bytedance",))]
    assert refusal(lambda: pages(notebooks=["what_if"], teams=("live",))) == (
        "page 'what_if', team 'live', scheme 'published': is made of the whole company only, by "
        "bands and with arithmetic totals. To mend: leave the team out, or take such a scheme."
    )
