"""The tuner in Chromium: its numbers against Python's, the page as a file, JupyterLab itself."""

from __future__ import annotations

import json
import math
import re
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from kpilib.audience import view
from kpilib.labels import Labels
from kpilib.scheme import SCHEMES
from kpilib.sensitivity import one_at_a_time
from kpilib.sensitivity.changes import stepped_weights
from kpilib.sheet import Frame
from kpilib.texts import lookup
from kpilib.tuner import MODULE
from kpilib.tuner_data import in_person
from kpilib.tuning import trial
from kpilib.what_if import what_if_page
from tests.lab import PATIENCE, faults_of, jupyter_lab, opened_in_lab
from tests.trials import GRADES, ITEMS, appraised, graded_by, scheme_for

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
EDGES = ("upper_closed", "lower_closed", "rounded", "floored")
NAMES = (
    *("exactSum", "round6", "outcome", "compare", "moved", "room", "freeRange", "standIns"),
    *("mount",),
)
NARROW = {"width": 360, "height": 740}


# ---- the module's numbers against Python's ----


@pytest.fixture(scope="module")
def kit(browser):
    """Return a page with the module's functions on ``window.kit``, and an element to draw in."""
    tab = browser.new_page(viewport={"width": 1100, "height": 900})
    module = MODULE.read_text(encoding="utf-8")
    tab.set_content(
        '<!DOCTYPE html><html lang="en"><title>t</title><main><div id="tuner"></div></main>'
        f'<script type="module">{module}\nwindow.kit = {{{", ".join(NAMES)}}};</script>'
    )
    tab.wait_for_function("window.kit")
    faults = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    yield tab
    tab.close()
    assert faults == []


def company(edge="upper_closed", totals="arithmetic", seed=1, on_cut=None):
    """Return people with missing items, two roles, a bonus, ties, and scores on the cuts."""
    rng = np.random.default_rng(seed)

    def row():
        points = rng.uniform(20, 118, 3).round(2).tolist()
        return [None if rng.random() < 0.2 else p for p in points]

    people = {f"p{i}": {("host", "director")[i % 2]: row()} for i in range(14)}
    people |= {f"q{i}": {"host": row(), "director": row()} for i in range(4)}
    people |= {f"t{i}": {"host": [80, 80, 80]} for i in range(2)}
    people |= {f"e{i}": {"host": [float(p)] * 3} for i, p in enumerate((59, 60, 61, 99.5, 100))}
    people = {
        who: {role: [50.5, *points[1:]] if {*points} == {None} else points for role, points in has}
        for who, has in ((who, roles.items()) for who, roles in people.items())
    }
    if on_cut:
        people["u"] = {"host": on_cut}
    weights = {"host": [0.5, 0.3, 0.2], "director": [0.2, 0.3, 0.5]}
    scheme = scheme_for(
        weights, grading=graded_by(edge, 100, 80, 60), totals={"kind": totals}, stages={}
    )
    pay = {who: 1000.0 + 100 * i for i, who in enumerate(people)}
    shares = {f"q{i}": {"host": 0.1 + i / 5, "director": 0.9 - i / 5} for i in range(4)}
    return trial(
        appraised(people, scheme, bonus={"p0": 1, "p3": 2, "q1": 1}, pay=pay, shares=shares)
    )


def data_of(tried, lang="en", audience="analyst"):
    """Return what the module gets, and pay besides, to compare payrolls."""
    labels = Labels(lookup(lang), view(audience))
    labels.learn(tried.outcomes)
    data = in_person(tried, labels, lang)
    pay = tried.scores.table["base_pay"]
    for person, who in zip(data["people"], tried.people, strict=True):
        person |= {"base": float(pay[who]), "count": 1}
    return data


def weight_sets(tried, n, seed):
    rng = np.random.default_rng(seed)
    draws = [{r: rng.dirichlet(np.ones(3)).tolist() for r in tried.weights} for _ in range(n)]
    draws += [{"host": [1.0, 0.0, 0.0], "director": [0.0, 0.0, 1.0]}]
    draws += [{role: list(w.values()) for role, w in tried.weights.items()}]
    return draws


def numbers(values):
    """Return numbers as the browser gives them: none instead of NaN."""
    return [None if math.isnan(x) else x for x in values]


def test_sums_and_rounding_are_pythons_to_the_last_bit(kit):
    rng = np.random.default_rng(3)
    sums = [(rng.uniform(-1, 1, n) * 10.0 ** rng.integers(-9, 9, n)).tolist() for n in range(60)]
    sums += [[0.1] * 10, [1e16, 1.0, -1e16], [1.0, 2**-53, 2**-106], [1e100, 1.0, -1e100, 2**-60]]
    found = kit.evaluate("lists => lists.map(kit.exactSum)", sums)
    assert found == [math.fsum(values) for values in sums]
    points = [k / 128 for k in range(1, 16000, 7)]  # where the sixth place can be a true half
    points += rng.uniform(0, 130, 4000).tolist() + (rng.integers(0, 10**8, 500) / 1e6).tolist()
    assert kit.evaluate("xs => xs.map(kit.round6)", points) == [round(x, 6) for x in points]


@pytest.mark.parametrize("totals", ["arithmetic", "geometric"])
@pytest.mark.parametrize("edge", EDGES)
def test_the_module_scores_grades_and_ranks_as_python(edge, totals, kit):
    tried = company(edge, totals)
    data = data_of(tried)
    tries = [
        (weights, cuts)
        for weights in weight_sets(tried, 6, seed=5)
        for cuts in ([100, 80, 60], [95, 90, 31])
    ]
    found = kit.evaluate(
        """([data, tries]) => {
          const inForce = data.roles.map((role) => role.weights);
          const before = kit.outcome(data.people, inForce, data.cuts, data);
          return tries.map(([weights, cuts]) => {
            const after = kit.outcome(data.people, weights, cuts, data);
            const graded = after.scores.map((s) => (Number.isNaN(s.graded) ? null : s.graded));
            const order = after.ranks.flat().map((r) => (Number.isNaN(r) ? null : r));
            const found = kit.compare(data.people, before, after);
            return { graded, order, places: after.places, ...found };
          });
        }""",
        [data, [[list(w.values()), cuts] for w, cuts in tries]],
    )
    before = tried.under(tried.weights, tried.grading.cuts)
    for (weights, cuts), shown in zip(tries, found, strict=True):
        named = {role: dict(zip(ITEMS[role], w, strict=True)) for role, w in weights.items()}
        after = tried.under(named, cuts)
        assert shown["graded"] == numbers(after.table["graded"])
        grades = [GRADES[place] if place >= 0 else None for place in shown["places"]]
        assert grades == [None if pd.isna(g) else g for g in after.table["grade"]]
        assert shown["order"] == numbers(after.ranks)
        counted = after.against(before, tried.people)
        for name, value in counted.items():
            assert shown[name] == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("totals", ["arithmetic", "geometric"])
@pytest.mark.parametrize("edge", EDGES)
def test_a_bar_ends_where_the_first_grade_changes(edge, totals, kit):
    """Against the tornado of `sensitivity`: nobody inside the bar, somebody just outside."""
    hold_bars(company(edge, totals, seed=8), edge, kit)


@pytest.mark.parametrize(("edge", "first"), [*zip(EDGES, (100, 100, 101, 102), strict=True)])
def test_a_bar_ends_at_once_beside_somebody_on_the_cut(edge, first, kit):
    """A total of 0.5 first + 30: 80, and 80.5 or 81 where totals are made whole first."""
    tried = company(edge, seed=8, on_cut=[first, 60, 60])
    (low, high), *_ = hold_bars(tried, edge, kit)
    assert (low, high).count(0.5) == 1


def hold_bars(tried, edge, kit):
    """Hold each bar against one weight moved at a time; return those of the first role."""
    data = data_of(tried)
    policy = edge if edge in {"upper_closed", "lower_closed"} else "lower_closed"
    near, checked, found = 1e-7, 0, []
    for r, (role, held) in enumerate(tried.weights.items()):
        points, weights, cuts = tried.scores.linear(role)
        bars = kit.evaluate(
            """([data, r]) => {
              const weights = data.roles.map((role) => role.weights);
              const { scores } = kit.outcome(data.people, weights, data.cuts, data);
              const spot = [weights[r], [], data.cuts, data];
              return weights[r].map((_, k) => kit.freeRange(data.people, scores, r, k, ...spot));
            }""",
            [data, r],
        )
        found.append(bars)
        for (item, now), (low, high) in zip(held.items(), bars, strict=True):
            inside = [x - now for x in (low + near, high - near) if low + near < x + near < high]
            out = [x - now for x in (low - near, high + near) if 0 < x < 1]
            for steps, somebody in ((inside, False), (out, True)):
                if steps:
                    rows = one_at_a_time(points, weights, cuts, steps, edge=policy).loc[item]
                    assert (rows["changed"] > 0).eq(somebody).all(), (role, item, low, high)
                    checked += len(steps)
    assert checked >= 6
    return found[0]


def test_the_others_give_way_in_proportion_and_locks_hold(kit):
    keys = list("abcd")
    weights = [0.4, 0.3, 0.2, 0.1]
    moves = [(k, x) for k in range(4) for x in (0, 0.05, 0.37, 1)]
    found = kit.evaluate("([w, ms]) => ms.map(([k, x]) => kit.moved(w, k, x))", [weights, moves])
    for (k, x), after in zip(moves, found, strict=True):
        steps = stepped_weights(pd.Series(weights, keys), [x - weights[k]])
        assert after == pytest.approx(steps.loc[keys[k]].iloc[0].tolist(), abs=1e-12)
    locked = [False, True, False, False]
    found = kit.evaluate(
        "([w, ms, l]) => ms.map(([k, x]) => kit.moved(w, k, x, l))", [weights, moves, locked]
    )
    for (k, x), after in zip(moves, found, strict=True):
        assert math.fsum(after) == pytest.approx(1, abs=1e-12)
        if k != 1:
            assert after[1] == 0.3
            assert after[k] == pytest.approx(min(x, 0.7))
            a, b = (j for j in (0, 2, 3) if j != k)
            assert after[a] * weights[b] == pytest.approx(after[b] * weights[a], abs=1e-12)
    alone = [False, True, True, True]
    assert kit.evaluate("([w, l]) => kit.moved(w, 0, 0.9, l)", [weights, alone]) == weights
    empty = kit.evaluate("() => kit.moved([1, 0, 0], 0, 0.4)")  # nothing to be in proportion to
    assert empty == pytest.approx([0.4, 0.3, 0.3])


def test_stand_ins_have_the_means_and_spreads_of_their_group_exactly(kit):
    data = {
        "roles": [{"weights": [0.5, 0.3, 0.2]}],
        "bonus": {"grade": True, "pay": True},
        "floor": None,
        "pay": {"floor": 0, "cap": None},
        "groups": [
            {
                **{"role": 0, "team": "", "n": 7, "mean": [70, None, 90.5], "bonus": 0.5},
                **{"spread": [12, None, 20.5], "likeness": 0.4, "pay": 1},
            }
        ],
    }
    people = kit.evaluate("data => kit.standIns(data)", data)
    assert people == kit.evaluate("data => kit.standIns(data)", data)
    assert math.fsum(person["count"] for person in people) == pytest.approx(7)
    points = pd.DataFrame([person["seats"][0]["points"] for person in people])
    assert points[1].isna().all()
    shown = points[[0, 2]].astype(float)
    assert shown.mean().tolist() == pytest.approx([70, 90.5], abs=1e-9)
    assert shown.std(ddof=0).tolist() == pytest.approx([12, 20.5], abs=1e-9)
    assert shown.corr().loc[0, 2] == pytest.approx(0.4, abs=1e-9)


# ---- a tuner of people, with Python's part played by the test ----


def drawn(kit, data, **state):
    """Draw a tuner; what it asks of Python is kept in ``window.asked``."""
    kit.evaluate(
        """([data, state]) => {
          window.drawn?.end();
          const [asked, drafts] = [[], []];
          Object.assign(window, { asked, drafts });
          const ask = { choose: (c) => asked.push(c), save: (d) => drafts.push(d) };
          window.drawn = kit.mount(document.getElementById("tuner"), { ...data, ...state }, ask);
        }""",
        [data, state],
    )
    return kit.locator(".kpi-tuner")


def asked(kit):
    return kit.evaluate("window.asked.at(-1)")


def answer(kit, **found):
    turn = asked(kit)["turn"]
    kit.evaluate("found => drawn.answer(found)", {"payroll": 0.0125, "turn": turn} | found)


def test_a_slider_moves_by_the_keyboard_and_python_says_the_payroll(kit):
    tried = company()
    tuner = drawn(kit, data_of(tried))
    status = tuner.get_by_role("status").first
    assert status.inner_text() == "Nothing is moved: this is the scheme in force."
    answer(kit)
    first = tuner.get_by_role("slider").first
    first.focus()
    for _ in range(3):
        kit.keyboard.press("ArrowRight")
    assert first.input_value() == "51.5"
    assert first.get_attribute("aria-valuetext") == "51.5%"
    assert len(kit.evaluate("asked")) == 2  # while Python has not answered, only the newest waits
    answer(kit)
    named = {role: list(w.values()) for role, w in asked(kit)["weights"].items()}
    assert named["host"] == pytest.approx([0.515, 0.291, 0.194])
    assert named["director"] == [0.2, 0.3, 0.5]
    before = tried.under(tried.weights, tried.grading.cuts)
    found = tried.under(asked(kit)["weights"], asked(kit)["cuts"]).against(before, tried.people)
    answer(kit, changed=found["changed"])
    text = status.inner_text()
    assert text.endswith("Payroll +1.2%.") or text.endswith("Payroll +1.3%.")
    assert ("Nobody changes grade." in text) == (found["changed"] == 0)
    assert f"{found['changed']} of 25 people change grade" in text or not found["changed"]
    assert f"{found['ranks']} p" in text or ("Nobody changes rank." in text and not found["ranks"])
    answer(kit, changed=found["changed"] + 1)
    assert "Python counts otherwise." in status.inner_text()


def test_the_table_says_for_each_person_what_changes(kit):
    tried = company()
    tuner = drawn(kit, data_of(tried))
    tuner.get_by_role("slider").nth(2).fill("100")
    last = dict(zip(ITEMS["host"], (0.0, 0.0, 1.0), strict=True))
    weights = {role: last if role == "host" else w for role, w in tried.weights.items()}
    before, after = (tried.under(w, tried.grading.cuts).table for w in (tried.weights, weights))
    kit.wait_for_timeout(600)  # rows out of view are written when the sliders rest
    rows = tuner.locator(".people tbody tr").all_inner_texts()
    shown = {line.split("\t")[0]: [x.strip() for x in line.split("\t")[1:]] for line in rows}
    hosts = {who for who, seats in tried.shares.items() if "host" in dict(seats)}
    assert set(shown) == hosts
    for who, (was, now, _, grade) in shown.items():
        old, new = before.loc[who], after.loc[who]
        assert float(was) == pytest.approx(old["graded"], abs=0.0501)
        if pd.isna(new["grade"]):
            assert (now, grade) == ("–", f"{old['grade']} → –")
            continue
        assert float(now) == pytest.approx(new["graded"], abs=0.0501)
        same = old["grade"] == new["grade"]
        assert grade == (new["grade"] if same else f"{old['grade']} → {new['grade']}")
    table = tuner.locator("table").first.inner_text()
    for place, grade in enumerate(GRADES):
        counts = [int((side["grade"] == grade).sum()) for side in (before, after)]
        assert "\t".join([grade, *map(str, counts)]) in table, place


def test_locks_reset_and_the_stage_slider_keep_the_sum_at_100(kit):
    tried = company()
    stages = {"stages": ["Start-up", "Mature"]}
    data = data_of(tried) | stages
    ends = {"start": [0.6, 0.4, 0.0], "end": [0.0, 0.2, 0.8]}
    data["roles"] = [{**role, **ends} for role in data["roles"]]
    tuner = drawn(kit, data)
    sliders = tuner.get_by_role("slider")
    outputs = tuner.locator(".levers .value")

    def shown():
        return [float(text.rstrip("%")) for text in outputs.all_inner_texts()]

    tuner.get_by_role("checkbox").nth(1).check()
    assert sliders.nth(1).is_disabled()
    sliders.first.fill("66")
    assert shown() == [66, 30, 4]
    sliders.first.fill("90")  # there is room for 70 beside the lock
    assert shown() == [70, 30, 0]
    sliders.last.fill("25")
    assert shown() == pytest.approx([100 * 0.45 * 0.7 / 0.65, 30, 100 * 0.2 * 0.7 / 0.65], abs=0.06)
    assert tuner.locator(".way .value").inner_text() == "25% of the way"
    tuner.get_by_role("button", name="Back to the scheme in force").click()
    assert shown() == [50, 30, 20]
    assert not sliders.nth(1).is_disabled()
    sliders.last.fill("25")
    answer(kit)
    assert list(asked(kit)["weights"]["director"].values()) == pytest.approx([0.45, 0.35, 0.2])
    sliders.first.fill("40")
    assert tuner.locator(".way .value").inner_text() == "Not on the way"


def test_a_slider_dragged_away_and_back_brings_the_others_back(kit):
    tuner = drawn(kit, data_of(company()))
    first = tuner.get_by_role("slider").first
    for value in (100, 3, 50):
        first.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value)
    outputs = tuner.locator(".levers .value").all_inner_texts()
    assert outputs == ["50.0%", "30.0%", "20.0%"]


@pytest.mark.parametrize("edge", ["upper_closed", "rounded"])
def test_cuts_that_do_not_fall_are_said_and_the_last_ones_count(edge, kit):
    tried = company(edge)
    tuner = drawn(kit, data_of(tried))
    second = tuner.get_by_role("spinbutton").nth(1)
    second.fill("120")
    alert = tuner.get_by_role("alert")
    assert alert.inner_text().startswith("Give each grade a number, falling from the best grade")
    assert second.get_attribute("aria-invalid") == "true"
    assert tuner.get_by_role("status").first.inner_text().startswith("Nothing is moved")
    second.fill("79.5")
    answer(kit)
    if edge == "rounded":
        assert alert.inner_text().startswith("This scheme grades whole totals")
        second.fill("79")
        answer(kit)
    assert alert.inner_text() == ""
    assert asked(kit)["cuts"] == [100, 79 if edge == "rounded" else 79.5, 60]


def test_team_and_role_are_chosen_and_a_draft_is_sent_with_its_reason(kit):
    data = data_of(company())
    data["people"] = [p | {"team": "ab"[i % 2]} for i, p in enumerate(data["people"])]
    data["teams"] = [{"key": "a", "title": "Team A"}, {"key": "b", "title": "Team B"}]
    tuner = drawn(kit, data, team="b")
    answer(kit)
    assert tuner.get_by_label("Team").input_value() == "b"
    tuner.get_by_label("Role").select_option(label="Director")
    assert tuner.get_by_role("slider").first.get_attribute("aria-valuetext") == "20.0%"
    tuner.get_by_label("Team").select_option(label="All teams")
    answer(kit)
    answer(kit)
    assert asked(kit)["team"] == ""
    tuner.get_by_label("Name of the variant").fill("x")
    tuner.get_by_label("Reason").fill("y")
    tuner.get_by_role("button", name="Save as variant").click()
    (draft,) = kit.evaluate("drafts")
    assert draft == asked(kit) | {"name": "x", "reason": "y"} or draft["name"] == "x"
    kit.evaluate("drawn.saved({ ok: false, text: 'no' })")
    assert tuner.locator(".told.wrong").inner_text() == "no"


def test_a_python_that_does_not_answer_is_said(kit):
    kit.clock.install()
    tuner = drawn(kit, data_of(company()))
    tuner.get_by_role("slider").first.fill("60")
    status = tuner.get_by_role("status")
    assert "Payroll not known." in status.first.inner_text()
    kit.clock.fast_forward(3100)
    assert "Payroll not known, for Python does not answer." in status.first.inner_text()
    kit.clock.resume()


# ---- the page as a file ----


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the what-if page of the sample in both languages."""
    folder = tmp_path_factory.mktemp("what_if")
    for lang in ("en", "zh"):
        about = {"notebook": "what_if", "month": "2025-05", "team": "", "lang": lang}
        text = what_if_page(SAMPLE, "2025-05", "published", Frame(lang, "x", about, "index.html"))
        (folder / f"{lang}.html").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def opened(browser, path, **options):
    """Open a page; whatever it asks for and says is kept beside it."""
    tab = browser.new_page(**options)
    seen = []
    tab.on("request", lambda request: seen.append(request.url))
    tab.on("websocket", lambda web: seen.append(web.url))
    tab.on("console", lambda message: seen.append(message.text))
    tab.on("pageerror", lambda error: seen.append(str(error)))
    tab.goto(path.as_uri())
    yield tab, seen
    tab.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_works_by_keyboard_asks_for_nothing_and_axe_minds_nothing(lang, pages, browser):
    path = pages / f"{lang}.html"
    with opened(browser, path, viewport=NARROW) as (tab, seen):
        status = tab.get_by_role("status")
        still = {"en": "Nothing is moved", "zh": "尚未调整"}[lang]
        assert status.inner_text().startswith(still)
        assert Axe().run(tab).violations_count == 0
        first = tab.get_by_role("slider", name={"en": "Works published", "zh": "内容发布量"}[lang])
        while not first.evaluate("e => e === document.activeElement"):
            tab.keyboard.press("Tab")
        tab.keyboard.press("End")
        assert first.get_attribute("aria-valuetext") == "100.0%"
        assert not status.inner_text().startswith(still)
        assert re.search(
            {"en": r"Payroll [+−]?\d", "zh": r"绩效工资总额[+−]?\d"}[lang], status.inner_text()
        )
        tab.keyboard.press("Home")
        assert tab.locator(".levers .value").first.inner_text() == "0.0%"
        found = Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()
        assert tab.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert [said for said in seen if not said.startswith("data:")] == [path.as_uri()]


def test_the_page_shows_no_head_count_below_five(pages, browser):
    """Wherever sliders and cuts stand: words, or numbers of five and more, and 0."""
    with opened(browser, pages / "en.html") as (tab, _):
        sliders, cuts = tab.get_by_role("slider"), tab.get_by_role("spinbutton")
        status, table = tab.get_by_role("status"), tab.locator("#tuner table").first
        shown = set()
        for value in ("0", "20", "60", "100"):
            for place in (0, 2):
                sliders.nth(place).fill(value)
                cuts.nth(1).fill(str(70 + int(value) // 5))
                counts = table.locator("td").all_inner_texts() + re.findall(
                    r"(\d+) (?:of|change)", status.inner_text()
                )
                shown |= set(counts)
        told = {int(text) for text in shown if text.isdigit()}
        assert told
        assert not told & {1, 2, 3, 4}
        assert {"fewer than 5"} <= shown - {str(n) for n in told} <= {"fewer than 5", "hidden"}


def test_the_page_holds_what_it_prints_and_nothing_else_of_people(pages, browser):
    text = (pages / "en.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'getElementById\("tuner"\), (\{.*\})\);\n', text)[1])
    assert "people" not in data
    allowed = {"role", "team", "n", "likeness", "pay", "mean", "spread", "title", "bonus"}
    assert all(set(group) == allowed for group in data["groups"])
    with opened(browser, pages / "en.html") as (tab, _):
        printed = " ".join(tab.locator("main > .scroll table, main > table").all_inner_texts())
    cells = set(re.findall(r"[\d.]+", printed))
    for group in data["groups"]:
        for number in (*group["mean"], *group["spread"]):
            assert f"{number:.1f}" in cells
        assert {str(group["n"]), f"{100 * group['pay']:.1f}"} <= cells


def test_the_policy_allows_the_pages_own_script_and_no_other(pages, browser):
    with opened(browser, pages / "en.html") as (tab, _):
        policy = tab.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
        assert re.fullmatch(
            r"default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; "
            r"font-src data:; base-uri 'none'; form-action 'none'",
            policy,
        )
        tab.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.foreign = 1";
              document.body.append(script);
            }"""
        )
        assert tab.evaluate("window.foreign") is None
        blocked = "fetch('https://example.org').then(() => false, () => true)"
        assert tab.evaluate(blocked)


def test_the_page_is_valid_html(pages, html_validate):
    assert [html_validate(pages / f"{lang}.html") for lang in ("en", "zh")] == ["", ""]


# ---- JupyterLab itself ----


def notebook_for(folder):
    """Copy the tuner's notebook and its schemes; with a tuner for leadership, and a last word."""
    schemes = folder / "schemes"
    shutil.copytree(SCHEMES, schemes)
    notebook = nbformat.read(ROOT / "notebooks" / "weight_tuner.ipynb", as_version=4)
    place = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    place.source = place.source.replace('"../data/sample"', f'"{SAMPLE.as_posix()}"')
    place.source = place.source.replace('"2025-05"', '"2024-12"')  # no months before to read
    place.source = place.source.replace('"published"', f'"{schemes.as_posix()}/published.yaml"')
    for source in (
        'Tuner(outcomes, scheme, lang="zh", audience="leadership")',
        "import json, pathlib\nsaid = json.dumps([tuner.weights, tuner.answer])\n"
        'pathlib.Path("said.json").write_text(said)',
    ):
        notebook.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, folder / "tuner.ipynb")
    return schemes


def cells_of(tab):
    return tab.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")


def run_cell(tab, place):
    """Run a cell, also one out of view; the tab shows it then."""
    tab.evaluate(
        """async (place) => {
          const { shell, commands } = window.jupyterapp;
          shell.currentWidget.content.activeCellIndex = place;
          await commands.execute("notebook:run-cell");
        }""",
        place,
    )


def test_the_tuner_in_jupyterlab(tmp_path, browser):
    """By keyboard, with Python's answer, saved, in two languages; nothing asked from elsewhere."""
    schemes = notebook_for(tmp_path)
    with jupyter_lab(tmp_path) as address:
        tab, seen = opened_in_lab(browser, address, "tuner.ipynb")
        assert faults_of(tab) == []
        tuner = tab.locator(".kpi-tuner").first
        first, status = tuner.get_by_role("slider").first, tuner.get_by_role("status").first
        first.focus()
        for _ in range(40):
            tab.keyboard.press("ArrowRight")
        assert first.input_value() == "53.5"  # and no key went to the notebook
        tab.wait_for_function(
            "/Payroll [+−]?[0-9]/.test(document.querySelector('.kpi-tuner .status').textContent)"
        )
        n = cells_of(tab)
        tuner.get_by_label("Name of the variant").press_sequentially("add-x")
        tuner.get_by_label("Reason").press_sequentially("b dd j k")
        tab.keyboard.press("Enter")
        tab.wait_for_function("document.querySelector('.kpi-tuner .told').textContent")
        told = tuner.locator(".told")
        assert told.inner_text().startswith("Saved as add-x.yaml. Its pages: kpi report --scheme ")
        assert "source: b dd j k\n" in (schemes / "add-x.yaml").read_text(encoding="utf-8")
        assert cells_of(tab) == n
        tuner.get_by_role("button", name="Save as variant").click()
        tab.wait_for_selector(".kpi-tuner .told.wrong")
        assert "is there already and is never written over." in told.inner_text()
        found = Axe().run(tab, context=".kpi-tuner")
        assert found.violations_count == 0, found.generate_report()
        said = status.inner_text()
        (tmp_path / "said.json").unlink()
        run_cell(tab, n - 1)
        weights, answered = wait_for(tmp_path / "said.json")
        assert weights["operations_manager"]["follower_growth"] == pytest.approx(0.535)
        assert f"{abs(answered['payroll']):.1%}" in said
        assert f"{answered['ranks']} p" in said or answered["ranks"] == 0
        run_cell(tab, n - 2)
        group = tab.locator(".kpi-tuner[lang=zh-CN]")
        group.get_by_role("slider").first.press("End")
        assert "不足5人" in group.inner_text()
        assert group.locator(".people").count() == 0
        found = Axe().run(tab, context=".kpi-tuner[lang=zh-CN]")
        assert found.violations_count == 0, found.generate_report()
        assert faults_of(tab) == []
        own = (address, address.replace("http", "ws"), "data:", "blob:")
        assert [url for url in seen if not url.startswith(own)] == []
        tab.close()


def wait_for(path):
    until = time.monotonic() + PATIENCE / 1000
    while not (path.exists() and path.stat().st_size):
        assert time.monotonic() < until, path
        time.sleep(0.05)
    return json.loads(path.read_text())
