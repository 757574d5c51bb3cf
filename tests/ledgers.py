"""Months of a small company that can be closed, and processes that are killed while they write."""

from __future__ import annotations

import io
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import pandas as pd

from kpilib.exports.receipt import Month, Receipt, findings_frame, frame
from kpilib.grading import Grades, grade
from kpilib.outcomes import Outcomes, settle
from kpilib.readings import from_frame
from kpilib.scheme import read_scheme
from kpilib.scoring import score

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
NAMES = {"p1": "沈知微", "p2": "顾南乔", "p3": "林栖梧"}
PEOPLE = """\
person,name,team,role,account,base_pay,joined,left
p1,沈知微,live,美工/策划,,5000,,
p2,顾南乔,live,美工/策划,,4000,,
p3,林栖梧,live,美工/策划,,3000.5,,2025-04-20
"""
_FILES = ["file", "format", "encoding", "sha256", "as_of", "rows_in", "used", "set_aside"]


def team_at(folder: Path) -> Path:
    """Write the folder of a team of three with three months of exports."""
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    for month in ("2025-03", "2025-04", "2025-05"):
        place = folder / "exports" / month / "works.csv"
        place.parent.mkdir(parents=True)
        place.write_text(f"作品,播放量\n{month},1\n", encoding="utf-8")
    return folder


def month_at(folder: Path, month: str, totals, before=()) -> Outcomes:
    """Return the outcomes of a month: planners whose two indicators both earn the total."""
    graded = _graded(month, tuple(totals.items()))
    read = Month(folder, month, {}, receipt_of(folder, month))
    readings = replace(graded.scores.readings, month=read)
    graded = replace(graded, scores=replace(graded.scores, readings=readings))
    return settle(graded, [each.grades for each in before])


@cache
def _graded(month: str, totals) -> Grades:
    who = [person for person, _ in totals]
    values = pd.DataFrame(
        {
            "creative_ctr": {person: 0.0008 * total for person, total in totals},
            "page_conversion": {person: 0.0005 * total for person, total in totals},
        }
    ).rename_axis("person")
    bases = {"p1": 5000.0, "p2": 4000.0, "p3": 3000.5}
    seats = pd.DataFrame(
        {
            "person": who,
            "role": "planner",
            "name": [NAMES[person] for person in who],
            "base_pay": [bases[person] for person in who],
        }
    )
    return grade(score(from_frame(values, read_scheme("published"), seats, month=month)))


def receipt_of(folder: Path, month: str) -> Receipt:
    place = f"exports/{month}/works.csv"
    digest = sha256((folder / place).read_bytes()).hexdigest()
    day = pd.Timestamp("2025-06-15")
    files = frame([[place, "creator_works", "utf-8", digest, day, 1, 1, 0]], _FILES)
    return Receipt(
        files,
        frame([], ["file", "reason", "rows"]),
        frame([], ["file", "column"]),
        frame([], ["file", "column"]),
        findings_frame([]),
    )


TOUCHING = ("open", "write", "fsync", "link", "unlink", "replace", "rename", "mkdir", "rmdir")


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do some work in a process that is killed before its so-manieth touch of the disk.

    Returns
    -------
    bool
        Whether the work was done before it came to that.
    """
    child = os.fork()
    if child == 0:
        _counted(step)
        _end(work)
    return _ended(child)


def killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Do some work in a process that is killed after so many seconds."""
    ready, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(said, b"!")
        _end(work)
    os.read(ready, 1)
    os.close(ready)
    os.close(said)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return _ended(child)


def _counted(step: int) -> None:
    """Let the process kill itself at its so-manieth call of a function that touches the disk.

    Waiting for the disk is left out: what a killed process wrote is with the system already.
    """
    left = [step]

    def deadly(call):
        def counted(*args, **options):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **options)

        return counted

    os.fsync = lambda _: None
    for name in TOUCHING:
        setattr(os, name, deadly(getattr(os, name)))
    plain, counted_open = io.open, deadly(io.open)  # what paths open files with

    def opened(file, mode="r", *args, **options):
        call = plain if set(mode) <= {"r", "b", "t"} else counted_open
        return call(file, mode, *args, **options)

    io.open = opened


def _end(work: Callable[[], object]) -> None:
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _ended(child: int) -> bool:
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return True
