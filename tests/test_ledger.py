"""Closed months: frozen whole or not at all, chained, checked to the byte, amended in the open."""

from __future__ import annotations

import json
import os
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.ledger import amend, close, closed_months, read_closed, verify
from kpilib.ledger.canonical import csv_bytes, frame_of, kinds_of
from kpilib.ledger.files import locked
from kpilib.ledger.manifest import Commitment
from kpilib.output import put_new
from tests.ledgers import NAMES, NOON, killed_after, killed_at, month_at, team_at

MARCH = {"p1": 105.0, "p2": 55.0, "p3": 90.0}
APRIL = {"p1": 105.0, "p2": 70.0, "p3": 80.0}
MAY = {"p1": 101.0, "p2": 75.5}


@pytest.fixture(autouse=True)
def _commit_known(monkeypatch):
    """Ask git nothing: a closing asks once, and here there are hundreds."""
    monkeypatch.setenv("KPI_COMMIT", "0123456789")


@pytest.fixture
def folder(tmp_path):
    return team_at(tmp_path / "team") if (tmp_path / "team").mkdir() is None else tmp_path


@pytest.fixture
def months(folder):
    march = month_at(folder, "2025-03", MARCH)
    april = month_at(folder, "2025-04", APRIL, [march])
    return march, april, month_at(folder, "2025-05", MAY, [march, april])


@pytest.fixture
def two(folder, months):
    """Return a folder with two closed months, the first of them amended."""
    close(months[0], now=NOON)
    amend(folder, "2025-03", "p2", "grade", "B", why="少计一笔订单", by="HR", now=NOON)
    close(months[1], now=NOON)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    closed = folder / "closed"
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(closed.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def refused(call, *args, **options) -> str:
    with pytest.raises(KpiError) as error:
        call(*args, **options)
    return str(error.value)


def assert_alike(read: pd.DataFrame, made: pd.DataFrame) -> None:
    """Hold two tables to the same cells; nothing is nothing, however it is written."""
    plain = (table.astype(object).where(table.notna(), None) for table in (read, made))
    pd.testing.assert_frame_equal(*plain, check_dtype=False)


# What is frozen


def test_a_closed_month_is_read_as_it_was(folder, months):
    march = months[0]
    close(march, now=NOON)
    again = read_closed(folder, "2025-03").outcomes
    pairs = [
        (again.table, march.table),
        (again.notes, march.notes),
        (again.grades.table, march.grades.table),
        (again.grades.scores.points, march.grades.scores.points),
        (again.grades.scores.role_totals, march.grades.scores.role_totals),
        (again.grades.scores.table, march.grades.scores.table),
        (again.grades.scores.readings.table, march.grades.scores.readings.table),
        (again.grades.scores.readings.seats, march.grades.scores.readings.seats),
        (
            again.grades.scores.readings.month.receipt.files,
            march.grades.scores.readings.month.receipt.files,
        ),
    ]
    for read, made in pairs:
        assert_alike(read, made)
    assert again.scheme == march.scheme
    assert again.payroll == Decimal("5250.00") + Decimal("2200.00") + Decimal("2700.45")


def test_a_closed_month_holds_ids_and_pay_stands_apart(folder, months):
    close(months[0], now=NOON)
    for name, content in files_of(folder).items():
        assert not any(called.encode() in content for called in NAMES.values()), name
        if "/pay-" not in name and "/scheme-" not in name:
            assert b"3000.5" not in content
            assert b"2700.45" not in content
    modes = {p.name: p.stat().st_mode & 0o777 for p in (folder / "closed/2025-03").iterdir()}
    assert [mode for name, mode in modes.items() if name.startswith("pay-")] == [0o600]
    assert (folder / "closed").stat().st_mode & 0o777 == 0o700


def test_a_file_is_named_by_its_content_and_the_manifest_chains_the_months(two):
    march, april = (read_closed(two, month) for month in ("2025-03", "2025-04"))
    for month, closed in (("2025-03", march), ("2025-04", april)):
        for file in closed.manifest.files.values():
            assert file.file.rpartition(".")[0].endswith(f"-{file.sha256[:16]}")
            assert (two / "closed" / month / file.file).is_file()
    assert march.manifest.before is None
    assert april.manifest.before.sha256 == march.seal
    assert [s.file for s in april.manifest.amended] == ["amendment-001.json"]
    assert {"kpilib", "python", "pandas", "duckdb"} <= set(april.manifest.versions)


def test_the_same_month_closes_to_the_same_bytes(folder, months, tmp_path):
    close(months[0], now=NOON)
    first = files_of(folder)
    shutil.rmtree(folder / "closed")
    close(months[0], now=NOON)
    assert files_of(folder) == first


def test_tables_come_back_from_their_bytes():
    frame = pd.DataFrame(
        {
            "text": ["a,b", 'say "so"', "two\nlines"],
            "maybe": ["x", None, "y"],
            "marked": ["", None, "z"],
            "whole": [1, 2, 3],
            "number": [0.1, float("nan"), 1e-17],
            "flag": [True, False, True],
            "day": pd.to_datetime(["2025-05-01", None, "2025-05-02"]) + pd.Timedelta("3h"),
            "money": [Decimal("0.10"), None, Decimal("12.00")],
            "several": [("a", "b"), (), ("c",)],
        }
    ).astype({"maybe": object, "marked": object})
    kinds = kinds_of(frame)
    assert list(kinds.values()) == [
        *("text", "maybe", "marked", "int", "float", "flag", "time", "money", "list")
    ]
    content = csv_bytes(frame, kinds)
    assert_alike(frame_of(content, kinds), frame)
    assert csv_bytes(frame_of(content, kinds), kinds) == content
    empty = frame.iloc[:0]
    assert frame_of(csv_bytes(empty, kinds), kinds).empty


# What is refused


def test_closing_twice_is_refused(folder, months):
    close(months[0], now=NOON)
    before = files_of(folder)
    assert refused(close, months[0], now=NOON) == (
        "closing 2025-03: it is closed, since 2026-01-05; a closed month never changes. "
        "To mend: correct it with `kpi amend`, which keeps what stood."
    )
    assert files_of(folder) == before


def test_closing_out_of_turn_is_refused(folder, months):
    march, april, may = months
    close(march, now=NOON)
    assert refused(close, may, now=NOON) == (
        "closing 2025-05: 2025-04 comes first: it is not closed yet. "
        "To mend: close 2025-04, then 2025-05."
    )
    shutil.rmtree(folder / "closed")
    close(april, now=NOON)
    assert refused(close, march, now=NOON) == (
        "closing 2025-03: 2025-04 is closed already, and an earlier month cannot follow it. "
        "To mend: leave it open: its figures are made anew from its exports."
    )
    close(may, now=NOON)
    assert closed_months(folder) == ["2025-04", "2025-05"]


def test_closing_before_the_figures_are_due_is_refused(folder, months):
    early = datetime(2025, 4, 14, 23, tzinfo=UTC)
    assert refused(close, months[0], now=early) == (
        "closing 2025-03: its figures are those of 2025-04-15, and today is 2025-04-14. "
        "To mend: close it on 2025-04-15 or later."
    )


def test_closing_while_results_are_open_to_objection_is_refused(folder, months):
    asked = []

    def open_people(outcomes):
        asked.append(outcomes)
        return [f"p{i}" for i in range(9, 2, -1)]

    assert refused(close, months[0], open_people, now=NOON) == (
        "closing 2025-03: 7 results are not final: p3, p4, p5, p6, p7 and 2 more. Each may still "
        "be signed, objected to or appealed. "
        "To mend: close when signoff.csv has a final state for everybody."
    )
    assert refused(close, months[0], lambda _: ["p1"], now=NOON) == (
        "closing 2025-03: 1 result is not final: p1. Each may still be signed, objected to or "
        "appealed. To mend: close when signoff.csv has a final state for everybody."
    )
    assert asked == [months[0]]
    assert closed_months(folder) == []


def test_ids_that_are_names_are_refused(folder, months):
    march = months[0]
    named = replace(march, table=march.table.assign(name=["p1", "x", "p3"]))
    assert refused(close, named, now=NOON) == (
        "closing 2025-03: 2 people have their name for an id in people.csv; a closed month "
        "holds ids for ever. To mend: give ids that say nothing of the person, such as p001."
    )


def test_readings_that_came_ready_cannot_be_closed(months):
    scores = months[0].grades.scores
    month = replace(scores.readings.month, data=Path())
    readings = replace(scores.readings, month=month)
    ready = replace(months[0].grades, scores=replace(scores, readings=readings))
    assert refused(close, replace(months[0], grades=ready), now=NOON) == (
        "closing 2025-03: its readings came from no team's folder. "
        "To mend: close what `appraise` returns for a folder with people.csv."
    )


def test_two_closings_do_not_meet(folder, months):
    with locked(folder / "closed"):
        assert not_both(folder) == (
            "closed/: another command is writing here. "
            "To mend: wait until it has ended, and start again."
        )
    close(months[0], now=NOON)


def not_both(folder):
    with pytest.raises(KpiError) as error, locked(folder / "closed"):
        pass
    return str(error.value)


def test_a_killed_process_holds_no_lock(folder, months):
    def hold_and_wait():
        with locked(folder / "closed"):
            os.read(os.pipe()[0], 1)

    assert not killed_after(0.05, hold_and_wait)
    close(months[0], now=NOON)


def test_a_foreign_file_is_not_taken_away(folder, months):
    place = folder / "closed/2025-03/notes.txt"
    place.parent.mkdir(parents=True)
    place.write_text("mine", encoding="utf-8")
    assert refused(close, months[0], now=NOON) == (
        "closed/2025-03/notes.txt: no closing wrote this file. "
        "To mend: move it elsewhere; this folder is for closed months only."
    )
    assert place.read_text(encoding="utf-8") == "mine"


def test_a_file_that_is_there_is_not_written_again(tmp_path):
    place = tmp_path / "manifest.json"
    put_new(place, b"first")
    with pytest.raises(FileExistsError):
        put_new(place, b"second")
    assert place.read_bytes() == b"first"
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.json"]


# Killed at any moment


def test_a_closing_killed_at_any_touch_of_the_disk_leaves_no_month_or_a_whole_one(folder, months):
    march, april, _ = months
    close(march, now=NOON)
    whole, step, seen = None, 0, set()
    while True:
        step += 1
        done = killed_at(step, lambda: close(april, now=NOON))
        state = verify(folder)
        assert state.faults == ()
        seen.add((tuple(closed_months(folder)), state.unfinished))
        if "2025-04" in closed_months(folder):
            read_closed(folder, "2025-04")
            there = {k: v for k, v in files_of(folder).items() if "/2025-04/" in k}
            whole = whole or {k: v for k, v in there.items() if "/.partial-" not in k}
            assert whole.items() <= files_of(folder).items()
            shutil.rmtree(folder / "closed/2025-04")
            seals = folder / "closed/seals.json"
            seals.unlink()  # as after the first closing: the newest seal may lack
        if done:
            break
    assert step > 40
    assert seen == {
        (("2025-03",), ()),
        (("2025-03",), ("2025-04",)),
        (("2025-03", "2025-04"), ()),
    }


def test_a_closing_killed_at_random_moments_can_be_done_again(folder, months):
    kills = int(os.environ.get("KPI_KILLS", "15"))
    rng = random.Random(5)
    for _ in range(kills):
        killed_after(rng.uniform(0, 0.04), lambda: close(months[0], now=NOON))
        assert verify(folder).faults == ()
        if closed_months(folder):
            read_closed(folder, "2025-03")
            shutil.rmtree(folder / "closed")
    if not closed_months(folder):
        close(months[0], now=NOON)
    names = {p.name for p in (folder / "closed/2025-03").iterdir()}
    manifest = read_closed(folder, "2025-03").manifest
    assert names == {"manifest.json", *(file.file for file in manifest.files.values())}


def test_an_amendment_killed_at_any_touch_of_the_disk_is_there_whole_or_not_at_all(two):
    before, step, done = files_of(two), 0, False
    while not done:
        step += 1
        done = killed_at(
            step, lambda: amend(two, "2025-04", "p1", "pay", "1", why="x", by="y", now=NOON)
        )
        state = verify(two)
        assert state.faults == ()
        assert [sound.amendments for sound in state.months] in ([1, 0], [1, 1])
        for name in files_of(two).keys() - before.keys():
            (two / name).unlink()
        for name, content in before.items():
            (two / name).write_bytes(content)
    assert step > 5


# What was changed is named

DAMAGES = {
    "flip": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "first": lambda content: bytes([content[0] ^ 1]) + content[1:],
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "longer": lambda content: content + b"\n",
}


def test_every_file_that_is_damaged_or_gone_is_named(two):
    assert verify(two).faults == ()
    for name, content in files_of(two).items():
        for damage in (*DAMAGES, None):
            if damage is None:
                (two / name).unlink()
            else:
                (two / name).write_bytes(DAMAGES[damage](content))
            named = [fault.where for fault in verify(two).faults]
            assert name in named, (name, damage, named)
            assert len(named) <= 2, (name, damage, named)
            mode = 0o600 if "/pay-" in name or "amendment" in name else 0o644
            (two / name).write_bytes(content)
            (two / name).chmod(mode)
    assert verify(two).faults == ()


def test_a_file_that_was_added_is_named(two):
    for name in ("closed/2025-03/extra.csv", "closed/2025-04/notes.txt", "closed/stray.csv"):
        (two / name).write_text("x", encoding="utf-8")
        assert [str(fault) for fault in verify(two).faults] == [
            f"{name}: was not there when the month was closed. "
            "To mend: move it elsewhere; what is closed takes no further files."
        ]
        (two / name).unlink()


def test_a_month_that_is_gone_is_named(two):
    for month in ("2025-03", "2025-04"):
        shutil.move(two / "closed" / month, two / "elsewhere")
        assert f"closed/{month}/manifest.json" in [f.where for f in verify(two).faults]
        shutil.move(two / "elsewhere", two / "closed" / month)
    assert verify(two).faults == ()


def test_a_month_closed_anew_in_the_place_of_another_is_named(two, months):
    """All hashes inside fit, but neither the next month nor the list of seals knows it."""
    aside = two / "aside"
    shutil.move(two / "closed", aside)
    other = month_at(two, "2025-03", {**MARCH, "p2": 61.0})
    close(other, now=NOON)
    shutil.rmtree(aside / "2025-03")
    shutil.move(two / "closed/2025-03", aside / "2025-03")
    shutil.rmtree(two / "closed")
    shutil.move(aside, two / "closed")
    named = ["closed/2025-03/manifest.json", "closed/2025-03/amendment-001.json"]
    assert [f.where for f in verify(two).faults] == named
    (two / "closed/seals.json").unlink()  # the next month knows by itself
    assert [f.where for f in verify(two).faults] == [*named, "closed/seals.json"]


def test_pay_that_others_can_read_is_named(two):
    (place,) = (two / "closed/2025-03").glob("pay-*.csv")
    place.chmod(0o644)
    assert [str(fault) for fault in verify(two).faults] == [
        f"closed/2025-03/{place.name}: others can read it, and it holds pay. To mend: chmod 600 it."
    ]


def test_exports_that_changed_since_are_told_and_are_no_fault(two):
    (two / "exports/2025-03/works.csv").write_text("later", encoding="utf-8")
    (two / "exports/2025-04/works.csv").unlink()
    state = verify(two)
    assert state.faults == ()
    assert state.moved == ("exports/2025-03/works.csv", "exports/2025-04/works.csv")


def test_nothing_is_closed_on_a_broken_chain(two, months):
    (place,) = (two / "closed/2025-03").glob("points-*.csv")
    place.write_bytes(b"")
    assert refused(close, months[2], now=NOON) == (
        "closing 2025-05: a month that was closed before is not as it was: "
        f"closed/2025-03/{place.name}. To mend: restore these files from a copy; "
        "`kpi verify` says what is wrong with each."
    )
    assert refused(read_closed, two, "2025-03") == (
        f"closed/2025-03/{place.name}: is not what was written when the month was closed. "
        "To mend: restore it from a copy; `kpi verify` lists all that changed."
    )


# Amendments


def test_an_amendment_stands_beside_what_was_closed(folder, months):
    close(months[0], now=NOON)
    before = files_of(folder)
    amend(folder, "2025-03", "p2", "grade", "B", why="少计一笔订单", by="HR", now=NOON)
    amend(folder, "2025-03", "p2", "pay", "2480", why="same", by="HR", now=NOON)
    made = amend(folder, "2025-03", "p2", "pay", "2500", why="again", by="CFO", now=NOON)
    assert (made.number, made.was, made.now) == (3, "2480.00", "2500.00")
    assert {k: v for k, v in files_of(folder).items() if k in before and "seals" not in k} == {
        k: v for k, v in before.items() if "seals" not in k
    }
    closed = read_closed(folder, "2025-03")
    assert closed.outcomes.table.loc["p2", ["grade", "pay"]].tolist() == ["C", Decimal("2200.00")]
    amended = closed.amended
    assert amended.table.loc["p2", ["grade", "pay"]].tolist() == ["B", Decimal("2500.00")]
    assert amended.grades.table.loc["p2", "grade"] == "B"
    assert amended.table.loc["p1"].equals(closed.outcomes.table.loc["p1"])
    kept = amended.kept["2025-03"]
    assert kept.amendments["why"].tolist() == ["少计一笔订单", "same", "again"]
    assert kept.pay["p2"] == Decimal("2500.00")
    assert verify(folder).faults == ()


def test_a_plan_follows_the_amended_grade(folder, months):
    """The C of March was corrected: in May there is no plan to look back on."""
    close(months[0], now=NOON)
    assert "improved" in set(months[2].notes["kind"])
    amend(folder, "2025-03", "p2", "grade", "B", why="少计一笔订单", by="HR", now=NOON)
    march = read_closed(folder, "2025-03").amended
    april = month_at(folder, "2025-04", APRIL, [march])
    assert "improved" not in set(month_at(folder, "2025-05", MAY, [march, april]).notes["kind"])


@pytest.mark.parametrize(
    ("month", "person", "field", "to", "options", "said"),
    [
        (
            *("2025-05", "p1", "pay", "1", {}),
            "amending 2025-05: it is not closed. To mend: correct its exports or "
            "calibrations.csv, and make the pages anew.",
        ),
        (
            *("2025-03", "p9", "pay", "1", {}),
            "amending 2025-03, person 'p9': is none of the 3 people of the month. "
            "To mend: give an id of people.csv.",
        ),
        (
            *("2025-03", "p1", "name", "1", {}),
            "amending 2025-03, field 'name': cannot be amended. "
            "To mend: take one of score, grade, pay.",
        ),
        (
            *("2025-03", "p1", "grade", "E", {}),
            "amending 2025-03, grade 'E': is none of the scheme. To mend: take one of A+, A, B, C.",
        ),
        (
            *("2025-03", "p1", "pay", "12元", {}),
            "amending 2025-03, pay '12元': is no number. To mend: write it as 1780.00.",
        ),
        (
            *("2025-03", "p1", "score", "nan", {}),
            "amending 2025-03, score 'nan': is no number. To mend: write it as 1780.00.",
        ),
        (
            *("2025-03", "p1", "pay", "5250", {}),
            "amending 2025-03, pay of p1: that stands there already. To mend: leave it.",
        ),
        (
            *("2025-03", "p1", "grade", "A", {"why": " "}),
            "amending 2025-03: it has no reason. "
            "To mend: give one: an amendment is read years later.",
        ),
        (
            *("2025-03", "p1", "grade", "A", {"by": ""}),
            "amending 2025-03: it has no name of who decided. "
            "To mend: give one: an amendment is read years later.",
        ),
        (
            *("2025-03", "p1", "grade", "A", {"expected": "B"}),
            "amending 2025-03, grade of p1: what stands there is not what the amendment is to "
            "replace. To mend: look at the month's page, and amend what stands there.",
        ),
    ],
)
def test_what_cannot_be_amended_is_refused(month, person, field, to, options, said, folder, months):
    close(months[0], now=NOON)
    before = files_of(folder)
    given = {"why": "reason", "by": "HR"} | options
    assert refused(amend, folder, month, person, field, to, **given, now=NOON) == said
    assert files_of(folder) == before


def test_a_reason_is_sealed_by_its_hash_and_may_be_erased():
    words = Commitment.of("p1", "少计一笔订单", "salt")
    assert words.holds
    assert words.erased("p1").holds
    assert words.erased("p1").sha256 == words.sha256
    assert not words.model_copy(update={"text": "别的"}).holds
    assert not words.model_copy(update={"salt": None}).holds
    assert not words.model_copy(update={"person": "p2"}).holds


def test_an_amendment_whose_reason_was_rewritten_is_named(two):
    place = two / "closed/2025-03/amendment-001.json"
    data = json.loads(place.read_bytes())
    data["why"]["text"] = "别的"
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1)
    place.write_text(f"{text}\n", encoding="utf-8")
    assert [f.where for f in verify(two).faults] == ["closed/2025-03/amendment-001.json"]
