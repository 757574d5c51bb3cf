"""One month from HR's chair: calibrated, recorded, objected to, closed, verified, amended.

Everything by the commands that HR types and the few lines of CSV that HR writes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpilib.appraisal import appraise
from kpilib.cli import app
from kpilib.errors import KpiError

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
MONTH = "2025-04"
STEPS = {
    "self_reviewed": "2025-05-16",
    "rated": "2025-05-19",
    "calibrated": "2025-05-20",
    "interviewed": "2025-05-21",
}


def kpi(*words, fails=""):
    """Type a command; return what it prints, or the error that it should end in."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    if fails:
        assert isinstance(done.exception, KpiError), done.output
        assert fails in str(done.exception)
    elif done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Return a copy of the made-up company with April and May 2025."""
    folder = tmp_path_factory.mktemp("company")
    others = shutil.ignore_patterns("2024-12", "2025-01", "2025-02", "2025-03")
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True, ignore=others)
    return folder


def add(path, *lines):
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def test_a_month_goes_from_review_to_a_seal_and_the_next_month_knows(company, tmp_path):
    # the meeting: one grade is changed, with a reason
    computed = appraise(company, MONTH).table
    assert computed.loc["p004", "grade"] == "B"
    add(
        company / "calibrations.csv",
        "month,person,from,to,who,why,when",
        f"{MONTH},p004,B,A,hr,stood in for two teams,2025-05-20",
    )
    # the interviews
    (company / "interviews" / MONTH).mkdir(parents=True)
    (company / "interviews" / MONTH / "p003.yaml").write_text("opinion: objects\n", "utf-8")
    printed = kpi("records", "--month", MONTH, "--data", company, "--lang", "zh", "--out", tmp_path)
    assert "50 records" in printed
    record = (tmp_path / "records" / MONTH / "p004.zh.html").read_text(encoding="utf-8")
    assert "计算等级B，校准为A：stood in for two teams。" in record
    # the signatures: all but one sign, and that one objects
    signed = company / "signoff.csv"
    add(signed, "month,person,state,when,who,witness,note")
    scored = list(computed.index[computed["status"] != "no_score"])
    for person in scored:
        add(signed, *(f"{MONTH},{person},{step},{day},hr,," for step, day in STEPS.items()))
        last = "objection" if person == "p003" else "signed"
        add(signed, f"{MONTH},{person},{last},2025-05-22,{person},,")
    here = ("--month", MONTH, "--data", company, "--on", "2025-06-10")
    assert "p003  objection  since 2025-05-22  due 2025-06-03  OVERDUE" in kpi("signoff", *here)
    kpi("close", MONTH, "--data", company, fails="1 result is not final: p003.")
    assert not (company / "closed" / MONTH / "manifest.json").exists()
    add(signed, f"{MONTH},p003,appeal,2025-05-26,director,,")
    add(signed, f"{MONTH},p003,final,2025-05-28,director,,")
    # the month is closed, once
    assert "closed, 57 people" in kpi("close", MONTH, "--data", company)
    kpi("close", MONTH, "--data", company, fails="a closed month never changes")
    assert "all as they were closed" in kpi("verify", "--data", company)
    # whoever changes it is found out
    results = next((company / "closed" / MONTH).glob("grades-*.csv"))
    was = results.read_bytes()
    results.chmod(0o600)
    results.write_bytes(was.replace(b"A", b"B", 1))
    assert results.name in kpi("verify", "--data", company)
    results.write_bytes(was)
    assert "all as they were closed" in kpi("verify", "--data", company)
    # a mistake is amended, with its reason, beside what was closed
    why = ("--why", "the appeal was granted", "--by", "director")
    grade = ("grade", "B", "--from", "C", "--data", company)
    assert "C -> B" in kpi("amend", MONTH, "p003", *grade, *why)
    # the next month sees the month as it was closed and amended
    may = appraise(company, "2025-05").table
    assert may.loc["p004", "grade_before"] == "A"
    assert may.loc["p003", "grade_before"] == "B"
    assert (
        may["score_before"].dropna().equals(computed["score"].dropna().reindex(may.index).dropna())
    )


def test_after_closing_a_late_export_changes_nothing_that_was_closed(company):
    """Runs after the month above was closed: its exports are gone, its figures stand."""
    before = appraise(company, "2025-05").table
    for file in (company / "ratings" / f"{MONTH}.csv", company / "tasks" / f"{MONTH}.csv"):
        file.unlink()
    assert appraise(company, "2025-05").table["score_before"].equals(before["score_before"])
    assert MONTH in kpi("verify", "--data", company)
