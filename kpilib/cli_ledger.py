"""The commands on closed months: ``kpi close``, ``verify``, ``amend``, ``forget``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from kpilib.ledger import Verified
    from kpilib.outcomes import Outcomes

SIGNOFF = "signoff.*"  # in whatever container
commands = typer.Typer()

Data = Annotated[Path, typer.Option(help="A team's folder.")]
Month = Annotated[str, typer.Argument(help="YYYY-MM.")]


@commands.command()
def close(
    month: Month,
    data: Data,
    scheme: Annotated[str, typer.Option(help="A shipped scheme's name, or a file.")] = "published",
) -> None:
    """Freeze a month for ever; after that it can only be amended."""
    from kpilib.appraisal import appraise
    from kpilib.ledger import close as freeze

    outcomes = appraise(data, month, scheme)
    signed = any(data.glob(SIGNOFF))
    closed = freeze(outcomes, _still_open if signed else None)
    if not signed:
        typer.echo("There is no signoff.csv, so nobody's signature was looked at.")
    typer.echo(f"{closed.folder}: closed, {closed.people} people, {closed.files} files.")
    typer.echo(f"Seal {closed.seal}. Keep it elsewhere, such as on the signed list.")


def _still_open(outcomes: Outcomes) -> list[str]:
    """Return who may still sign, object or appeal today."""
    from kpilib.signoff import signoff
    from kpilib.workdays import read_workdays

    data = outcomes.grades.scores.readings.month.data
    return signoff(outcomes, read_workdays(data), datetime.now(UTC).date()).still_open


@commands.command()
def verify(
    data: Data,
    seal: Annotated[
        str | None, typer.Option(help="The seal that was kept of the last closed month.")
    ] = None,
) -> None:
    """Check closed months to the byte; exit code 1 if one changed."""
    from kpilib.ledger import verify as look

    seen = look(data)
    for line in _told(seen):
        typer.echo(line)
    known = [sound.seal for sound in seen.months]
    if seal and seal not in known:
        typer.echo(f"No closed month has the seal {seal}.")
    raise typer.Exit(1 if seen.faults or (seal and seal not in known) else 0)


def _told(seen: Verified) -> Iterator[str]:
    """Say what was found, what is wrong first."""
    for fault in seen.faults:
        yield str(fault)
    for month in seen.unfinished:
        yield f"closed/{month}: its closing was interrupted, so it is not closed; close it again."
    for file in seen.moved:
        yield f"{file}: differs from what its month was closed on; the closed figures stand."
    for sound in seen.months:
        more = f", {sound.amendments} amended" if sound.amendments else ""
        yield f"{sound.month}: closed {sound.closed[:10]} by {sound.scheme}{more}; {sound.seal}"
    n, faults = len(seen.months), len(seen.faults)
    months = f"{n} closed {'month' if n == 1 else 'months'}"
    yield f"{months}: {f'{faults} at fault.' if faults else 'all as they were closed.'}"


@commands.command()
def amend(
    month: Month,
    person: Annotated[str, typer.Argument(help="Id of people.csv.")],
    field: Annotated[Literal["score", "grade", "pay"], typer.Argument(help="What is corrected.")],
    to: Annotated[str, typer.Argument(help="What stands from now on.")],
    data: Data,
    why: Annotated[str, typer.Option(help="The reason; it is read years later.")],
    by: Annotated[str, typer.Option(help="Who decided.")],
    expected: Annotated[
        str | None, typer.Option("--from", help="What it replaces; refused if that is not there.")
    ] = None,
) -> None:
    """Correct a figure of a closed month, beside what was closed."""
    from kpilib.ledger import amend as correct

    made = correct(data, month, person, field, to, why=why, by=by, expected=expected)
    typer.echo(f"{month}, amendment {made.number}: {field} of {person}, {made.was} -> {made.now}.")


@commands.command()
def forget(
    person: Annotated[str, typer.Argument(help="Id of a person who has left.")],
    data: Data,
) -> None:
    """Take the name of a leaver out of all months; the id stays."""
    from kpilib.forgetting import forget as take_out

    done = take_out(data, person)
    for file in done.files:
        typer.echo(f"{file}: written anew.")
    typer.echo(f"{person}: {'forgotten' if done.files else 'nothing left to forget'}.")
    typer.echo("Exports stay as the platforms gave them; make pages and workbooks anew.")
