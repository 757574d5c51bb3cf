"""A leaver's name goes out of everything that the team wrote; no closed month breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kpilib.errors import KpiError
from kpilib.forgetting import forget
from kpilib.ledger import amend, close, read_closed, verify
from tests.ledgers import NOON, killed_at, month_at, team_at

DAY = date(2026, 1, 6)
GONE, LONGER = "林栖梧", "林栖梧月"  # one name is the beginning of another


@pytest.fixture(autouse=True)
def _commit_known(monkeypatch):
    """Ask git nothing: a closing asks once, and here there are hundreds."""
    monkeypatch.setenv("KPI_COMMIT", "0123456789")


@pytest.fixture
def folder(tmp_path):
    """Return a folder in which p3, who has left, is named wherever a name can stand."""
    root = tmp_path / "team"
    root.mkdir()
    team_at(root)
    with (root / "people.csv").open("a", encoding="utf-8") as file:
        file.write(f"p4,{LONGER},live,助理,,3000,,\n")
    write(root / "credits.csv", f"kind,name,person\nwork,{GONE}的一天,p3\n", "utf-8")
    write(
        root / "ratings/2025-03.csv",
        "month,rater,ratee,relation,item,score,comment\n"
        "2025-03,p1,p3,peer,cooperation,4,很可靠\n"
        "2025-03,p3,p1,peer,cooperation,5,\n"
        f'2025-03,p2,p1,peer,cooperation,3,"和{GONE}、{LONGER}一起, 很好"\n',
        "gb18030",
    )
    write(root / "calibrations.csv", f"month,person,reason\n2025-03,p1,{GONE}说明\n", "utf-8-sig")
    write(root / "interviews/2025-03/p3.yaml", f"opinion: {GONE}同意\n", "utf-8")
    march = month_at(root, "2025-03", {"p1": 105.0, "p2": 55.0, "p3": 90.0})
    close(decided(march), now=NOON)
    amend(root, "2025-03", "p3", "pay", "1", why="补发", by="HR", now=NOON)
    amend(root, "2025-03", "p1", "pay", "2", why="补发", by=GONE, now=NOON)
    return root


def write(place: Path, text: str, encoding: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text.encode(encoding))


def decided(outcomes):
    """Add calibrations about p3, about p1 with the name of p3, and about p2 without."""
    table = pd.DataFrame(
        {
            "person": ["p3", "p1", "p2"],
            "grade_from": ["A", "A+", "C"],
            "grade_to": ["A", "A", "A+"],
            "decided_by": ["HR", GONE, "HR"],
            "reason": ["按贡献", "见面谈", "另有说明"],
            "decided": pd.Timestamp("2025-04-18"),
            "file": "calibrations.csv",
            "row": [2, 3, 4],
        }
    ).set_index("person")
    return replace(outcomes, grades=replace(outcomes.grades, calibrations=table))


def texts_of(root: Path) -> dict[str, str]:
    """Return every file but exports and credits, decoded."""
    out = {}
    for place in sorted(root.rglob("*")):
        name = place.relative_to(root).as_posix()
        if place.is_file() and not name.startswith("exports/") and name != "credits.csv":
            raw = place.read_bytes()
            out[name] = raw.decode("gb18030" if name.startswith("ratings") else "utf-8")
    return out


def test_no_file_of_the_team_holds_the_name_and_the_chain_holds(folder):
    before, seal = texts_of(folder), read_closed(folder, "2025-03").seal
    assert sum(GONE in text for text in before.values()) > 4
    done = forget(folder, "p3", today=DAY)
    after = texts_of(folder)
    assert [name for name, text in after.items() if GONE in text.replace(LONGER, "")] == []
    assert verify(folder).faults == ()
    assert verify(folder).moved == ()
    assert read_closed(folder, "2025-03").seal == seal
    assert set(done.files) == {name for name in before if before[name] != after[name]}
    assert done.files[-1] == "people.csv"
    unchanged = {name for name in before if name.startswith("closed/2025-03/")} - set(done.files)
    assert any("manifest" in name for name in unchanged)
    assert any("/pay-" in name for name in unchanged)


def test_what_rankings_call_the_person_goes_with_the_name(folder):
    place = folder / "people.csv"
    head, *lines = place.read_text(encoding="utf-8").splitlines()
    lines = [f"{line},{'小三' if line.startswith('p3,') else '小一'}" for line in lines]
    write(place, "\n".join([f"{head},alias", *lines, ""]), "utf-8")
    forget(folder, "p3", today=DAY)
    after = place.read_text(encoding="utf-8")
    assert "小三" not in after
    assert after.count("小一") == len(lines) - 1


def test_what_is_written_anew_is_what_it_was_but_for_the_name(folder):
    before = texts_of(folder)
    forget(folder, "p3", today=DAY)
    after = texts_of(folder)
    assert after["people.csv"] == before["people.csv"].replace(f"p3,{GONE},", "p3,p3,")
    assert after["ratings/2025-03.csv"] == (
        "month,rater,ratee,relation,item,score,comment\n"
        "2025-03,p1,p3,peer,cooperation,4,\n"
        "2025-03,p3,p1,peer,cooperation,5,\n"
        f'2025-03,p2,p1,peer,cooperation,3,"和p3、{LONGER}一起, 很好"\n'
    )
    assert after["calibrations.csv"] == "\ufeffmonth,person,reason\n2025-03,p1,p3说明\n"
    assert after["interviews/2025-03/p3.yaml"] == "opinion: p3同意\n"
    assert f"work,{GONE}的一天,p3" in (folder / "credits.csv").read_text(encoding="utf-8")
    for name in ("people.csv", "ratings/2025-03.csv", "closed/2025-03/comments.json"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_words_beside_a_closed_month_are_erased_and_the_others_stay(folder):
    forget(folder, "p3", today=DAY)
    closed = read_closed(folder, "2025-03")
    assert closed.outcomes.table["name"].to_dict() == {"p1": "沈知微", "p2": "顾南乔", "p3": "p3"}
    calibrations = closed.outcomes.grades.calibrations[["decided_by", "reason"]]
    assert calibrations.astype(object).where(calibrations.notna(), None).to_dict("index") == {
        "p3": {"decided_by": None, "reason": None},
        "p1": {"decided_by": None, "reason": "见面谈"},
        "p2": {"decided_by": "HR", "reason": "另有说明"},
    }
    told = closed.kept.amendments[["why", "by"]].to_numpy().tolist()
    assert told == [[None, None], ["补发", None]]
    comments = texts_of(folder)["closed/2025-03/comments.json"]
    assert "另有说明" in comments
    assert "见面谈" in comments
    assert "按贡献" not in comments


def test_words_that_are_erased_without_anybody_forgotten_are_named(folder):
    forget(folder, "p3", today=DAY)
    (folder / "closed/forgotten.json").unlink()
    assert {fault.where for fault in verify(folder).faults} == {
        "closed/2025-03/amendment-001.json",
        "closed/2025-03/amendment-002.json",
        "closed/2025-03/comments.json",
    }


def test_forgetting_twice_changes_nothing(folder):
    forget(folder, "p3", today=DAY)
    before = texts_of(folder)
    assert forget(folder, "p3", today=DAY).files == ()
    assert texts_of(folder) == before


def test_forgetting_that_was_killed_can_be_done_again(folder, tmp_path):
    started = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    forget(folder, "p3", today=DAY)
    goal, step, done = texts_of(folder), 0, False
    while not done:
        step += 3  # each third touch of the disk: the same places come round again
        for place, content in started.items():
            place.write_bytes(content)
        (folder / "closed/forgotten.json").unlink(missing_ok=True)
        done = killed_at(step, lambda: forget(folder, "p3", today=DAY))
        assert verify(folder).faults == ()
        forget(folder, "p3", today=DAY)
        assert texts_of(folder) == goal
    assert step > 20


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("p9", "forgetting 'p9': is nobody of people.csv. To mend: give an id of it."),
        (
            "p1",
            "forgetting p1: has not left: people.csv has no day before 2026-01-06 under left. "
            "To mend: write the day there first; who works here keeps the name.",
        ),
    ],
)
def test_who_has_not_left_keeps_the_name(person, said, folder):
    before = texts_of(folder)
    with pytest.raises(KpiError) as error:
        forget(folder, person, today=DAY)
    assert str(error.value) == said
    assert texts_of(folder) == before


def test_who_leaves_later_keeps_the_name_until_then(folder):
    with pytest.raises(KpiError, match="has not left"):
        forget(folder, "p3", today=date(2025, 4, 20))


def test_nothing_is_forgotten_beside_a_broken_month(folder):
    (place,) = (folder / "closed/2025-03").glob("notes-*.csv")
    place.write_bytes(b"")
    with pytest.raises(KpiError) as error:
        forget(folder, "p3", today=DAY)
    assert str(error.value) == (
        f"forgetting p3: a closed month is not as it was: closed/2025-03/{place.name}. "
        "To mend: restore these files from a copy; `kpi verify` says what is wrong with each."
    )
