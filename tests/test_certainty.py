"""How sure grades are, role by role, against re-scoring by brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kpilib import assumptions, influence, sensitivity
from kpilib.appraisal import appraise
from kpilib.certainty import certainty, edge_of, scored_roles
from kpilib.errors import KpiError
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.scheme.model import Band, Bands
from kpilib.scoring import score
from kpilib.sensitivity import worst_case

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


@pytest.fixture(scope="module")
def sure(may):
    return certainty(may)


def regraded(outcomes, weights):
    """Return the outcomes of the same readings under other weights, through the whole line."""
    from dataclasses import replace

    readings = outcomes.grades.scores.readings
    scheme = outcomes.scheme.reweigh(weights)
    return settle(grade(score(replace(readings, scheme=scheme))))


def test_everybody_graded_is_looked_at_once(may, sure):
    graded = may.table.index[may.table["grade"].notna()]
    assert sorted(sure.table.index) == sorted(graded)
    assert np.allclose(sure.odds.sum(axis=1), 1)


def test_the_smallest_transfer_flips_the_grade_and_nine_tenths_of_it_do_not(may, sure):
    """Move the weight named, score again by the whole line, and read the grade."""
    tried = 0
    single = sure.table[sure.table["moved"].between(1e-6, 0.2)]
    for person, row in single.iterrows():
        if len(may.table.loc[person, "roles"]) > 1:
            continue
        weights = may.scheme.role(row["role"]).weights
        if weights[row["source"]] < row["moved"]:
            continue
        for share, flipped in ((0.999, False), (1.001, True)):
            trial = dict(weights)
            trial[row["source"]] -= share * row["moved"]
            trial[row["receiver"]] += share * row["moved"]
            after = regraded(may, {row["role"]: trial}).table.loc[person, "grade"]
            assert (after != row["grade"]) == flipped
            if flipped:
                assert after == row["neighbour"]
        tried += 1
    assert tried >= 8


def test_nobody_is_flipped_inside_the_tolerance(may, sure):
    rng = np.random.default_rng(0)
    for role in ("host", "customer_service"):
        people = sure.table[sure.table["role"] == role]
        rho = people["tolerance"].min()
        for _ in range(25):
            weights = may.scheme.role(role).weights
            shift = rng.uniform(-rho, rho, len(weights)) * 0.999
            trial = np.array(list(weights.values())) * (1 + shift)
            trial /= trial.sum()
            box = np.abs(trial / np.array(list(weights.values())) - 1).max()
            if box >= rho:
                continue
            new = dict(zip(weights, trial, strict=True))
            after = regraded(may, {role: new}).table["grade"]
            assert (after.loc[people.index] == people["grade"]).all()


def test_the_payroll_stays_within_its_bound(may, sure):
    base = float(may.payroll)
    for role in scored_roles(may):
        for key, weight in may.scheme.role(role).weights.items():
            others = {k: w for k, w in may.scheme.role(role).weights.items() if k != key}
            new = {k: w - 0.1 * weight * w / sum(others.values()) for k, w in others.items()}
            if any(abs(new[k] / w - 1) > 0.1 + 1e-12 for k, w in others.items()):
                continue
            after = float(regraded(may, {role: {**new, key: 1.1 * weight}}).payroll)
            assert abs(after / base - 1) <= sure.payroll_bound + 1e-6


def test_the_tornado_is_the_payroll_scored_again(may):
    moves = influence.tornado(may, 0.10)
    assert len(moves) == sum(len(may.scheme.role(r).weights) for r in scored_roles(may))
    before = may.table["grade"]
    for row in moves.iloc[::5].itertuples():
        weights = may.scheme.role(row.role).weights
        rest = 1 - row.weight
        for step, changed, pay in (
            (-0.1, row.changed_less, row.pay_less),
            (0.1, row.changed_more, row.pay_more),
        ):
            trial = {k: w * (1 - step / rest) for k, w in weights.items()}
            trial[row.indicator] = row.weight + step
            after = regraded(may, {row.role: trial})
            assert (after.table["grade"].fillna("") != before.fillna("")).sum() == changed
            assert float(after.payroll - may.payroll) == pytest.approx(pay, abs=0.2)


def test_importance_needs_people_and_sums_to_one(may):
    worth = influence.importance(may)
    assert (worth["n"] >= influence.LEAST).all()
    assert np.allclose(worth.groupby("role")["importance"].sum(), 1)
    assert np.allclose(worth.groupby("role")["weight"].sum(), 1)


def test_wished_weights_give_the_wished_importance(may):
    """Under the weights found, each item's squared correlation is in proportion to the wish."""
    table = influence.wished_weights(may)
    assert len(table)
    for role, part in table[table["reached"]].groupby("role"):
        points, weights, _ = may.grades.scores.matrix(role)
        total = points.to_numpy() @ part.set_index("indicator")["needed"][points.columns].to_numpy()
        r2 = np.array([np.corrcoef(points[k], total)[0, 1] ** 2 for k in points.columns])
        assert r2 / r2.sum() == pytest.approx(weights.to_numpy(), abs=1e-6)


def test_leaving_an_item_out_is_the_line_without_it(may):
    table = influence.leave_one_out(may).set_index(["role", "indicator"])
    weights = may.scheme.role("host").weights
    key = "return_rate"
    trial = {k: (0.0 if k == key else w / (1 - weights[key])) for k, w in weights.items()}
    after = regraded(may, {"host": trial}).table["grade"]
    changed = (after.fillna("") != may.table["grade"].fillna("")).sum()
    assert table.loc[("host", key), ["up", "down"]].sum() == changed


def test_a_quota_has_no_certainty_in_points():
    with pytest.raises(KpiError) as error:
        certainty(appraise(SAMPLE, "2024-12", "bytedance"))
    assert str(error.value) == (
        "certainty, scheme 'bytedance': grades by quota have no cuts in points. To mend: take a "
        "scheme that grades by bands; sensitivity.tolerance_quota answers for quotas."
    )


def test_the_first_to_move_binds_the_certified_box(may):
    """Just inside the box their worst total keeps its band, just outside it does not."""
    boxes = influence.certified_boxes(may)
    assert set(boxes["role"]) == set(scored_roles(may))
    tried = 0
    for role, part in boxes.groupby("role"):
        points, weights, cuts = may.grades.scores.matrix(role)
        rho = part["tolerance"].iloc[0]
        assert part["n"].unique().tolist() == [len(points)]
        assert part["high"].to_numpy() - part["weight"].to_numpy() == pytest.approx(
            part["weight"].to_numpy() * rho
        )
        if not 0 < rho <= 1:
            continue
        [person] = part["people"].iloc[0]
        for share, flips in ((0.99, False), (1.01, True)):
            ends = worst_case(points, weights, share * rho).loc[person, "total"]
            bands = {
                (total > cuts.loc[person]).sum() for total in (ends["lowest"], ends["highest"])
            }
            assert (len(bands) > 1) == flips
            if not flips:
                others = worst_case(points, weights, share * rho)["total"].unstack()
                low, high = (
                    cuts.lt(others[end], axis=0).sum(axis=1) for end in ("lowest", "highest")
                )
                assert low.equals(high), "inside the box nobody's grade changes"
        tried += 1
    assert tried >= 5


def test_the_payroll_of_a_draw_is_the_month_paid_again(may):
    """Draws of all roles' weights at once, each paid through the whole line."""
    paid = assumptions.payroll_range(may, n=4, seed=0)
    assert paid.attrs["in_force"] == pytest.approx(float(may.payroll))
    seen = {}
    original = assumptions.simulation.payroll_spread

    def record(points, weights, cuts, rate, draws, **more):
        seen["draws"] = draws
        return original(points, weights, cuts, rate, draws, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assumptions.simulation, "payroll_spread", record)
        assumptions.payroll_range(may, n=4, seed=0)
    for place, draw in seen["draws"].iterrows():
        trial = {}
        for role in scored_roles(may):
            own = {k: draw[f"{role}/{k}"] for k in may.scheme.role(role).weights}
            trial[role] = {k: w / sum(own.values()) for k, w in own.items()}
        assert float(regraded(may, trial).payroll) == pytest.approx(paid[place], abs=0.5)


def test_choices_are_shared_out_for_all_roles_at_once(may):
    """Every weight of every role and each other choice is a factor, of grades, ranks and pay."""
    shares = assumptions.variance_shares(may, n=32, seed=0)
    weights = [(r, k) for r in scored_roles(may) for k in may.scheme.role(r).weights]
    for output in ("grade_shift", "rank_shift", "payroll"):
        part = shares[shares["output"] == output]
        named = part.dropna(subset="role")
        assert list(zip(named["role"], named["indicator"], strict=True)) == weights
        others = part.loc[part["role"].isna(), "factor"].tolist()
        assert others == ["cuts", "cap", "edge", "aggregation"]
    by = shares.set_index(["output", "factor"])["total"]
    assert by[("payroll", "cuts")] == 0, "pay goes with the score, not with the grade"
    assert by[("payroll", "edge")] == 0
    assert by[("grade_shift", "cuts")] > 0
    assert by[("payroll", "cap")] > 0


@pytest.mark.parametrize(
    ("edge", "steps"),
    [
        ("upper_closed", [0.5, 1.0]),
        ("lower_closed", [0.5, 1.0]),
        ("rounded", [-0.5, 0.5]),
        ("floored", [-1.0, -0.5]),
    ],
)
def test_other_edges_move_the_cuts(may, edge, steps):
    grading = may.scheme.grading
    assert assumptions._other_edges(Bands(edge=edge, bands=grading.bands)) == steps
    odd = Bands(bands=(Band(grade="A", above=60.5), Band(grade="B")))
    assert assumptions._other_edges(odd) == []


def test_firmness_of_a_whole_company_is_that_of_each_role(may):
    """The same tolerance and odds of the own grade, for all roles at once (sample, May)."""
    outcomes = may
    seats = outcomes.grades.scores.seats
    edge = edge_of(outcomes.scheme.grading)
    rho, odds = sensitivity.firmness(seats.points, seats.weights, seats.cuts, 48, edge=edge)
    for role in scored_roles(outcomes):
        points, weights, cuts = outcomes.grades.scores.matrix(role)
        mine = seats.role == role
        assert list(seats.person[mine]) == list(points.index)
        wanted = sensitivity.tolerance(points, weights, cuts)
        np.testing.assert_allclose(rho[mine], wanted, rtol=1e-12)
        every = sensitivity.grade_odds(points, weights, cuts, 48, edge=edge)
        held = outcomes.table.loc[points.index, "grade"]
        place = [list(outcomes.grades.order)[::-1].index(grade) for grade in held]
        own = every.to_numpy()[np.arange(len(place)), place]
        np.testing.assert_allclose(odds[mine], own, atol=1e-12)
