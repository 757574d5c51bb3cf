"""How far a run has come, for whoever watches it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(n: int, what: str = "Pages") -> Iterator[Callable[[], None]]:
    """Show how many of n are done, if somebody is watching."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=n)
        yield lambda: bar.advance(task)
