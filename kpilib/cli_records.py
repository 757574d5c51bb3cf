"""The commands on interviews and signatures: ``kpi records``, ``signoff``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

commands = typer.Typer()

Data = Annotated[Path, typer.Option(help="A team's folder.")]
Month = Annotated[str, typer.Option(help="YYYY-MM.")]
Scheme = Annotated[str, typer.Option(help="A shipped scheme's name, or a file.")]


@commands.command()
def records(
    month: Month,
    data: Data,
    team: Annotated[str, typer.Option(help="Key of one team.", show_default="all")] = "",
    scheme: Scheme = "published",
    lang: Annotated[
        Literal["en", "zh", "both"], typer.Option(help="Language of the forms.")
    ] = "en",
    out: Annotated[Path, typer.Option(help="Folder of the reports.")] = Path("reports"),
) -> None:
    """Write the interview record of everybody, and one file to print for each team."""
    from kpilib.appraisal import appraise
    from kpilib.records import make_records

    outcomes = appraise(data, month, scheme, team=team)
    for each in ("en", "zh") if lang == "both" else (lang,):
        made = make_records(outcomes, out, each)
        typer.echo(f"{made.folder}: {len(made.people)} records; to print:")
        for path in made.teams:
            typer.echo(f"  {path}")


@commands.command()
def signoff(
    month: Month,
    data: Data,
    scheme: Scheme = "published",
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day to look at.", show_default="today"),
    ] = None,
) -> None:
    """Print who is where on the way to a signature, what may follow and what is overdue."""
    from kpilib.appraisal import appraise
    from kpilib.signoff import signoff as follow
    from kpilib.workdays import read_workdays

    day = (on or datetime.now()).date()
    found = follow(appraise(data, month, scheme), read_workdays(data), day)
    for row in found.table.reset_index().to_dict("records"):
        parts = [row["person"], row["state"]]
        parts += [f"since {row['since']}"] if row["since"] else []
        parts += [f"due {row['due']}"] if row["due"] else []
        parts += ["OVERDUE"] if row["overdue"] else []
        parts += [f"next: {', '.join(row['next'])}"] if row["next"] else []
        typer.echo("  ".join(parts))
    typer.echo(", ".join(f"{state} {n}" for state, n in found.counts.items()))
