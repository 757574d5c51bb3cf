"""Months become pages: run what is due on all processors, move it into place, list it."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kpilib import provenance
from kpilib.audience import view
from kpilib.errors import KpiError
from kpilib.index import INDEX, month_index, months_index, read_entry
from kpilib.kernel import check_parameters, read_notebook, run
from kpilib.labels import Labels
from kpilib.order import Order
from kpilib.output import PRIVATE, beside, clear_abandoned, make_private, write_whole
from kpilib.plan import Book, Plan, Spec
from kpilib.progress import progress
from kpilib.scheme import read_scheme
from kpilib.sheet import page_of
from kpilib.texts import lookup
from kpilib.what_if import PAGE, what_if_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORKERS: Final = 2  # a kernel takes a processor and 200 MB; more workers than that gain little


@dataclass(frozen=True)
class Report:
    """What a run made.

    Parameters
    ----------
    index : Path
        The list of pages to open first.
    made, kept : tuple of Path
        Pages written anew, and pages whose inputs are unchanged.
    """

    index: Path
    made: tuple[Path, ...]
    kept: tuple[Path, ...]


def make_pages(order: Order, *, force: bool = False) -> Report:
    """Make the pages that were asked for, as far as their inputs changed.

    Parameters
    ----------
    order : Order
        What to make.
    force : bool
        Make pages anew although their inputs are unchanged.

    Returns
    -------
    Report
        What was made and what was kept.

    Raises
    ------
    KpiError
        If a page cannot be made; the others are made all the same, and its last good page stays.
    """
    plan = Plan(order)
    pages = list(plan.pages())
    due = [spec for spec in pages if force or not _is_made(spec)]
    places = {spec.out.parent for spec in due}
    books = [b for b in plan.books() if b.out.parent in places or not b.out.exists()]
    make_private(order.root)
    clear_abandoned(order.root)
    if order.out.resolve() != Path.cwd():  # it may have been there, open to all
        order.out.chmod(PRIVATE)
    failed = _work([*books, *due])
    for month in order.months:
        _list_month(order, month)
    index = write_whole(order.root / INDEX, months_index(order.root, order.langs[0]))
    if failed:
        raise _as_one(failed, len(books) + len(due))
    made = tuple(spec.out for spec in due)
    first = order.root / order.months[0] / INDEX if len(order.months) == 1 else index
    return Report(first, made, tuple(s.out for s in pages if s.out not in made))


def run_notebook(spec: Spec) -> Path:
    """Run one notebook and write its page; the one place where a notebook becomes a page.

    The page is written whole beside its place and then moved there: whoever looks sees the last
    good page or the new one.

    Raises
    ------
    KpiError
        If a parameter is unknown or of another type, a cell fails or warns, or the page would
        load anything from elsewhere. The last good page stays.
    """
    notebook = read_notebook(spec.notebook)
    parameters = check_parameters(notebook, spec.parameters, spec.where)
    done = run(notebook, parameters, spec.where)
    return write_whole(spec.out, page_of(done, spec.where, spec.frame))


def write_what_if(spec: Spec) -> Path:
    """Write the page on which weights can be tried; no notebook makes it, for it calculates."""
    data, month, scheme = (str(spec.parameters[name]) for name in ("data", "month", "scheme"))
    return write_whole(spec.out, what_if_page(data, month, scheme, spec.frame))


def write_book(book: Book) -> Path:
    """Write the results of one month, team and scheme as a workbook."""
    from kpilib.appraisal import appraise
    from kpilib.workbook import write_workbook

    outcomes = appraise(book.data, book.month, book.scheme, team=book.team)
    with beside(book.out) as place:
        write_workbook(outcomes, place, book.lang)
    return book.out


def _is_made(spec: Spec) -> bool:
    entry = read_entry(spec.out) if spec.out.is_file() else None
    return entry is not None and entry.inputs == spec.frame.inputs


def _work(jobs: Sequence[Spec | Book]) -> list[KpiError]:
    """Do jobs in processes of their own, as many at a time as pay; return what failed."""
    if not jobs:
        return []
    workers = min(WORKERS, len(jobs), os.cpu_count() or 1)
    failed = []
    with _commit_known(), progress(len(jobs)) as step:
        for error in _done(jobs, workers):
            if error is not None:
                failed.append(error)
            step()
    return failed


def _done(jobs: Sequence[Spec | Book], workers: int) -> Iterator[KpiError | None]:
    if workers == 1:
        yield from map(_do, jobs)
        return
    # not forked: the parent may have threads, and Windows cannot
    method = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=method) as pool:
        for future in as_completed([pool.submit(_do, job) for job in jobs]):
            yield future.result()


def _do(job: Spec | Book) -> KpiError | None:
    try:
        if isinstance(job, Book):
            write_book(job)
        elif job.notebook == PAGE:
            write_what_if(job)
        else:
            run_notebook(job)
    except KpiError as error:
        return error
    return None


def _as_one(errors: Sequence[KpiError], n: int) -> KpiError:
    """Return one error for all that failed, in an order that does not hang on timing."""
    if len(errors) == 1:
        return errors[0]
    lines = sorted({str(error) for error in errors})
    return KpiError(
        f"{len(errors)} of {n} files",
        "could not be made.\n  " + "\n  ".join(lines),
        "mend these; what is made already is kept.",
    )


def _list_month(order: Order, month: str) -> None:
    folder = order.root / month
    if folder.is_dir():
        lang = order.langs[0]
        labels = Labels(lookup(lang), view(order.audience))
        labels.learn(read_scheme(order.schemes[0]))
        write_whole(folder / INDEX, month_index(folder, lang, labels))


@contextmanager
def _commit_known() -> Iterator[None]:
    """Ask git once for all kernels of a run."""
    if provenance.COMMIT_VARIABLE in os.environ:
        yield
        return
    os.environ[provenance.COMMIT_VARIABLE] = provenance.commit()
    try:
        yield
    finally:
        del os.environ[provenance.COMMIT_VARIABLE]
