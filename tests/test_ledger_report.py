"""Pages that are killed while they are made: the last good page stays, or the new one is whole."""

from __future__ import annotations

import os
import random
import time

import pytest

from kpilib import report
from kpilib.report import make_pages
from tests.ledgers import killed_after, killed_at
from tests.test_report import FIRST, HEAD, TITLE, VERDICT, folder, order_of, put, shown

__all__ = ["folder"]  # a fixture
KILLS = int(os.environ.get("KPI_KILLS", "0"))
HOUR = 3600


@pytest.fixture
def alone(monkeypatch):
    """Work in this process, without workbooks and without asking git."""
    monkeypatch.setattr(report, "WORKERS", 1)
    monkeypatch.setattr(report, "write_book", lambda book: book.out)
    monkeypatch.setenv("KPI_COMMIT", "0123456789")


def whole_pages(out):
    """Return the pages that are there, after checking that each is whole."""
    found = {}
    for path in out.rglob("*.html"):
        if not path.parent.name.startswith("."):
            text = path.read_text(encoding="utf-8")
            assert text.startswith("<!DOCTYPE html>"), path
            assert text.rstrip().endswith("</html>"), path
            found[path.name] = text
    return found


def test_a_report_killed_at_any_touch_of_the_disk_leaves_whole_pages(folder, alone, monkeypatch):
    put(folder, FIRST, TITLE)
    monkeypatch.setattr(report, "run", lambda *_: shown(HEAD, VERDICT))
    order = order_of(folder)
    make_pages(order)
    before = whole_pages(order.out)
    monkeypatch.setattr(report, "run", lambda *_: shown(HEAD, VERDICT, VERDICT))
    make_pages(order, force=True)
    after = whole_pages(order.out)
    assert before["small.html"] != after["small.html"]
    step, done = 0, False
    while not done:
        step += 1
        (order.out / "2025-05/small.html").write_text(before["small.html"], encoding="utf-8")
        done = killed_at(step, lambda: make_pages(order, force=True))
        seen = whole_pages(order.out)
        assert seen["small.html"] in {before["small.html"], after["small.html"]}
        assert seen.keys() == after.keys()
    assert seen == after
    assert step > 15


def test_what_a_killed_report_left_behind_goes_with_the_next(folder, alone, monkeypatch):
    """Half-written pages hold names; they are taken away once nobody can be writing them."""
    put(folder, FIRST, TITLE)
    monkeypatch.setattr(report, "run", lambda *_: shown(HEAD, VERDICT))
    order = order_of(folder)
    make_pages(order)
    places = [order.out / name / ".partial-0" for name in ("", "2025-05")]
    for place in places:
        place.mkdir()
        (place / "small.html").write_text("half", encoding="utf-8")
    make_pages(order)
    assert all(place.exists() for place in places)  # another run may be writing them
    for place in places:
        os.utime(place, (time.time() - HOUR - 60,) * 2)
    make_pages(order)
    assert not any(place.exists() for place in places)


if KILLS:  # minutes long: `make crash` runs it

    def test_a_report_with_its_kernel_killed_at_random_moments_leaves_whole_pages(folder, alone):
        put(folder, FIRST, TITLE)
        order = order_of(folder)
        make_pages(order)
        good = whole_pages(order.out)
        started = time.monotonic()
        make_pages(order, force=True)
        takes = time.monotonic() - started
        rng = random.Random(7)
        finished = 0
        for _ in range(KILLS):
            moment = rng.uniform(0, 1.1 * takes)
            finished += killed_after(moment, lambda: make_pages(order, force=True))
            assert whole_pages(order.out) == good
        assert finished < KILLS
        make_pages(order, force=True)
        assert whole_pages(order.out) == good
