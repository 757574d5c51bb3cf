"""The made-up company closes months: what was closed is what later months look back on."""

from __future__ import annotations

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from kpilib.appraisal import appraise
from kpilib.cli import app
from kpilib.errors import KpiError
from kpilib.ledger import amend, close, read_closed
from kpilib.review import review
from kpilib.scheme import read_scheme
from tests.test_ledger import assert_alike

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the made-up company with its last two months of exports."""
    root = tmp_path_factory.mktemp("team") / "acme"
    shutil.copytree(SAMPLE, root)
    for month in ("2024-12", "2025-01", "2025-02", "2025-03"):
        shutil.rmtree(root / "exports" / month)
    return root


@pytest.fixture(scope="module")
def fresh(folder):
    """Return both months as they are before anything is closed."""
    return appraise(folder, "2025-04"), appraise(folder, "2025-05")


@pytest.fixture(scope="module")
def closed(folder, fresh):
    close(fresh[0])
    return folder


def test_a_closed_month_before_gives_the_same_figures(closed, fresh):
    may = appraise(closed, "2025-05")
    assert may.before_closed == ("2025-04",)
    assert_alike(may.table, fresh[1].table)
    assert_alike(may.notes, fresh[1].notes)
    assert review(may).payroll_before == review(fresh[1]).payroll_before
    one = appraise(closed, "2025-05", team="live")
    assert set(one.kept["2025-04"].pay.index) < set(fresh[0].table.index)


def test_a_closed_month_is_shown_as_closed_whatever_became_of_its_exports(closed, fresh):
    plans = closed / "plans.csv"
    text = plans.read_text(encoding="utf-8")
    try:
        plans.write_text(text.replace("gmv_completion,6", "gmv_completion,9"), encoding="utf-8")
        april = appraise(closed, "2025-04")
        again = appraise(
            closed, "2025-04", read_scheme("published").revise(name="other", unknown="renormalise")
        )
    finally:
        plans.write_text(text, encoding="utf-8")
    assert_alike(april.table, fresh[0].table)
    assert_alike(april.notes, fresh[0].notes)
    assert list(april.kept) == ["2025-04"]
    readings = april.grades.scores.readings
    assert len(readings.rows("p034", "host", "return_rate")) > 100
    assert again.kept == {}  # other rules: made anew, and from other plans
    assert not again.table["score"].equals(fresh[0].table["score"])


def test_what_was_amended_is_what_later_months_look_back_on(closed):
    low = "p003"
    amend(closed, "2025-04", low, "grade", "A", why="核对后更正", by="HR")
    amend(closed, "2025-04", low, "pay", "5000", why="核对后更正", by="HR")
    may = appraise(closed, "2025-05")
    assert may.table.loc[low, "grade_before"] == "A"
    april = appraise(closed, "2025-04")
    assert april.table.loc[low, "pay"] == Decimal("5000.00")
    assert review(may).payroll_before == april.payroll
    assert april.kept["2025-04"].amendments["field"].tolist() == ["grade", "pay"]


def test_orders_returned_late_change_the_pay_of_the_next_month(closed, fresh):
    """One of p034's April orders is refunded in an aftersales file of May."""
    april, may = fresh
    scheme = may.scheme.revise(name="carrying", pay={"late_returns": "carry"})
    orders = april.grades.scores.readings.rows("p034", "host", "return_rate")
    late = orders.loc[~orders["returned"].astype(bool), "suborder_id"].iloc[:5].tolist()
    (place,) = [
        p
        for p in (closed / "exports/2025-05").rglob("*.csv")
        if p.read_bytes().decode("utf-8-sig", "replace").startswith(('"售后单号', "售后单号"))
    ]
    before = place.read_bytes()
    head, *rows = csv.reader(io.StringIO(before.decode("utf-8-sig"), newline=""))
    like = next(row for row in rows if "同意退款，退款成功" in row)
    first, suborder = head.index("售后单号"), head.index("商品单号")
    for i, order in enumerate(late):
        row = list(like)
        row[first], row[suborder] = str(int(like[first]) + 10**9 + i), order
        rows.append(row)
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    try:
        place.write_bytes(out.getvalue().encode("utf-8-sig"))
        carried = appraise(closed, "2025-05", scheme)
    finally:
        place.write_bytes(before)
    note = carried.notes.query("kind == 'late_returns'")
    assert note["person"].tolist() == ["p034"]
    assert note["months"].tolist() == [("2025-04", "2025-05")]
    amount = carried.table.loc["p034", "late"]
    assert amount < 0
    assert carried.table.loc["p034", "pay"] == may.table.loc["p034", "pay"] + amount
    # five more of n orders, on one of four items that weigh alike, at a target of 10%
    n, base = len(orders), Decimal(str(april.table.loc["p034", "base_pay"]))
    points = 100 * (5 / n) / 0.10 / 4
    assert float(amount) == pytest.approx(-float(base) * points / 100, abs=0.02)


def run(*words: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output.splitlines()


def test_the_commands_close_verify_amend_and_forget(closed):
    """After the months above: verify, amend once more, damage, forget."""
    data = str(closed)
    code, said = run("verify", "--data", data)
    seal = said[0].rpartition("; ")[2]
    assert (code, said[-1]) == (0, "1 closed month: all as they were closed.")
    assert run("verify", "--data", data, "--seal", seal)[0] == 0
    assert run("verify", "--data", data, "--seal", "0")[0] == 1
    code, said = run(
        *("amend", "2025-04", "p001", "pay", "6000", "--data", data),
        *("--why", "补发", "--by", "HR"),
    )
    assert code == 0
    assert said[0].startswith("2025-04, amendment ")
    assert said[0].endswith("-> 6000.00.")
    code, said = run("forget", "p018", "--data", data)
    assert (code, said[-2]) == (0, "p018: forgotten.")
    assert "people.csv: written anew." in said
    code, said = run("forget", "p018", "--data", data)
    assert said[0] == "p018: nothing left to forget."
    assert run("verify", "--data", data)[0] == 0
    names = pd.read_csv(closed / "people.csv", dtype=str).set_index("person")["name"]
    assert names["p018"] == "p018"
    (place,) = (closed / "closed/2025-04").glob("points-*")
    whole = place.read_bytes()
    place.write_bytes(whole[:-1])
    code, said = run("verify", "--data", data)
    assert code == 1
    assert said[0].startswith(f"closed/2025-04/{place.name}: is not what was written")
    place.write_bytes(whole)
    signoff = closed / "signoff.csv"
    head = "month,person,state,when,who,witness,note\n"
    signoff.write_text(f"{head}2025-05,p001,self_reviewed,2025-06-16,p001,,\n", encoding="utf-8")
    with pytest.raises(KpiError, match=r"closing 2025-05: \d+ results are not final: p0"):
        run("close", "2025-05", "--data", data)
    signoff.unlink()
    code, said = run("close", "2025-05", "--data", data)
    assert code == 0, said
    assert said[0] == "There is no signoff.csv, so nobody's signature was looked at."
    assert said[1].endswith(" files.")
    assert read_closed(closed, "2025-05").manifest.signed == "elsewhere"
