"""The command line: ``kpi report``, ``compare``, ``lint``, ``screen``, ``score`` and so on.

Those on interviews and signatures stand in :mod:`kpilib.cli_records`, those on closed months in
:mod:`kpilib.cli_ledger`.

Nothing heavy is imported before a command needs it, so that ``kpi --help`` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from kpilib import cli_ledger, cli_records
from kpilib.errors import KpiError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    help="From a month of platform exports to grades, pay and pages that say how sure they are.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (cli_records, cli_ledger):
    app.add_typer(part.commands)  # without a name of its own: its commands stand beside these

Data = Annotated[
    Path | None,
    typer.Option(help="A team's folder.", show_default="the made-up company, data/sample"),
]
Scheme = Annotated[str, typer.Option(help="A shipped scheme's name, or a file.")]
Month = Annotated[
    str, typer.Option(help="YYYY-MM.", show_default="the latest that the folder has exports for")
]


@app.command()
def report(
    data: Data = None,
    month: Month = "",
    months: Annotated[str, typer.Option(help="Several: 2024-12..2025-05.")] = "",
    team: Annotated[str, typer.Option(help="Key of one team.", show_default="all together")] = "",
    all_teams: Annotated[
        bool, typer.Option("--all-teams", help="All together, and each team by itself.")
    ] = False,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            help="A shipped scheme's name, or a file; give it again for more.",
            show_default="published",
        ),
    ] = None,
    lang: Annotated[
        Literal["en", "zh", "both"], typer.Option(help="Language of the pages.")
    ] = "en",
    audience: Annotated[
        Literal["hr", "leadership", "analyst"],
        typer.Option(help="hr: names and pay; analyst: ids; leadership: no single person."),
    ] = "hr",
    notebook: Annotated[
        list[str] | None,
        typer.Option(help="A notebook's name; give it again for more.", show_default="all"),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A further parameter of the notebook: NAME=VALUE."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the pages.")] = Path("reports"),
    force: Annotated[
        bool, typer.Option("--force", help="Make pages anew although nothing changed.")
    ] = False,
) -> None:
    """Make the pages of a month."""
    from kpilib.order import Order, months_between, teams_of
    from kpilib.report import make_pages

    folder = _data(data)
    if month and months:
        raise KpiError("kpi report", "got --month and --months.", "give one of them.")
    if team and all_teams:
        raise KpiError("kpi report", "got --team and --all-teams.", "give one of them.")
    chosen = months_between(folder, months) if months else [month] if month else []
    order = Order(
        data=folder,
        months=chosen,
        teams=[team],
        schemes=scheme or ["published"],
        langs=["en", "zh"] if lang == "both" else [lang],
        audience=audience,
        notebooks=notebook or [],
        settings=_settings(set_ or []),
        out=out,
    )
    if all_teams:
        order = order.with_teams(["", *teams_of(folder, order.months[-1])])
    done = make_pages(order, force=force)
    made, kept = len(done.made), len(done.kept)
    typer.echo(f"{done.index}  ({made} {'page' if made == 1 else 'pages'} made, {kept} unchanged)")


@app.command()
def read(
    data: Annotated[Path, typer.Argument(help="A team's folder.")],
    month: Annotated[str, typer.Argument(help="YYYY-MM.")],
) -> None:
    """Read a month's exports and print the receipt: what was used, and what was not and why."""
    from kpilib.exports import read_team
    from kpilib.exports.listing import title_of

    receipt = read_team(data, month).receipt
    titles = [title_of(key, "en") for key in receipt.files["format"]]
    last = receipt.files.pop("sha256")  # it is the widest
    _print("Files", receipt.files.assign(format=titles, sha256=last))
    _print("Set aside", receipt.set_aside)
    _print("Excluded by a decision", receipt.excluded)
    _print("Columns not understood", receipt.unknown_columns)
    _print("Columns that lack", receipt.absent)
    _print("Findings", receipt.findings.drop(columns="values", errors="ignore"))


@app.command()
def screen(data: Data = None, month: Month = "") -> None:
    """Print figures that look bought, why, and lines for exclusions.csv; excludes nothing."""
    from kpilib.appraisal import months_on_disk
    from kpilib.authenticity import screen as look
    from kpilib.exclusions import entries_for
    from kpilib.exports import read_team

    folder = _data(data)
    chosen = month or months_on_disk(folder)[-1]
    before = [m for m in months_on_disk(folder) if m < chosen][-3:]
    seen = look(read_team(folder, chosen), [read_team(folder, m) for m in before])
    _print("Screened", seen.screened)
    columns = ["kind", "name", "at", "signal", "value", "usual", "z", "file", "row"]
    _print("Flagged", seen.evidence[columns])
    _print("Single signals, no flag", seen.single[columns])
    _print("Sources that disagree", seen.sources)
    lines = entries_for(seen.flags)
    if len(lines):
        typer.echo("Lines for exclusions.csv; add who decides, when and why")
        typer.echo(lines.to_csv(index=False, lineterminator="\n"), nl=False)


@app.command()
def score(
    data: Data = None,
    month: Month = "",
    team: Annotated[str, typer.Option(help="Key of one team.", show_default="all")] = "",
    scheme: Scheme = "published",
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write.", show_default="printed")
    ] = None,
) -> None:
    """Print totals, grades and pay as CSV; it holds names and pay."""
    from kpilib.appraisal import appraise, months_on_disk
    from kpilib.output import put

    folder = _data(data)
    outcomes = appraise(folder, month or months_on_disk(folder)[-1], scheme, team=team)
    text = _as_csv(outcomes.table)
    if out is None:
        typer.echo(text, nl=False)
    else:
        put(out, text.encode("utf-8-sig"), private=True)
        typer.echo(str(out))


@app.command()
def lint(
    scheme: Annotated[str, typer.Argument(help="A shipped scheme's name, or a file.")],
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Language of the findings.")] = "en",
    people: Annotated[
        int | None, typer.Option(min=1, help="People of one team, to look at its quota.")
    ] = None,
) -> None:
    """Print what is doubtful about a scheme; exit code 1 where scoring would fail or mislead."""
    from kpilib.lint import lint as look_over
    from kpilib.scheme import read_scheme
    from kpilib.texts import lookup

    rules = read_scheme(scheme)
    counted = None if people is None else {next(iter(rules.teams), rules.roles[0].team): people}
    found = look_over(rules, n_people=counted)
    for row in found.told(lookup(lang)).itertuples(index=False):
        typer.echo(f"{row.code} {row.level}: {row.finding} {row.remedy}")
    raise typer.Exit(1 if found.errors else 0)


@app.command()
def compare(
    schemes: Annotated[
        list[str],
        typer.Argument(help="Names of shipped schemes, or files; the first is in force."),
    ],
    data: Data = None,
    month: Month = "",
    team: Annotated[str, typer.Option(help="Key of one team.", show_default="all")] = "",
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Language of the table.")] = "en",
    audience: Annotated[
        Literal["hr", "leadership"],
        typer.Option(help="leadership: no figure of fewer than five people."),
    ] = "hr",
) -> None:
    """Print what several schemes make of the same people, side by side."""
    from kpilib.appraisal import appraise, months_on_disk
    from kpilib.audience import view
    from kpilib.cli_compare import print_comparison
    from kpilib.texts import lookup
    from kpilib.variants import compare as put_together
    from kpilib.variants import named

    rules = named(schemes[0], ",".join(schemes[1:]))
    folder = _data(data)
    if team and audience == "leadership":
        raise KpiError(
            "kpi compare",
            "got --team for leadership.",
            "leave it out: beside the table of all teams, one team would tell of few people.",
        )
    outcomes = appraise(folder, month or months_on_disk(folder)[-1], rules[0])
    print_comparison(put_together(outcomes, rules, team=team), lookup(lang), view(audience))


@app.command()
def formats() -> None:
    """List the exports that are understood: tables, containers, and what tells them apart."""
    import shutil

    from kpilib.exports.listing import listed

    typer.echo(listed(min(shutil.get_terminal_size().columns, 100)))


@app.command()
def sample(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to write.", show_default="data/sample")
    ] = None,
) -> None:
    """Write the made-up company."""
    from kpilib.order import SAMPLE
    from kpilib.sample import write

    typer.echo(str(write(folder or SAMPLE)))


def main() -> NoReturn:
    """Run the command line; bad input is one message and exit code 2."""
    _leave_out_slow_imports()
    try:
        app()
    except KpiError as error:
        typer.echo(f"kpi: {error}", err=True)
        sys.exit(2)
    sys.exit(0)


def _leave_out_slow_imports() -> None:
    """Keep jsonschema from importing a grammar of addresses that takes two seconds.

    nbformat checks notebooks with jsonschema, which uses the package where it is installed; a
    notebook holds nothing of that kind. A module that is None in `sys.modules` is not found.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def _data(data: Path | None) -> Path:
    from kpilib.order import SAMPLE

    if data is not None:
        return data
    here = Path("data") / "sample"
    return here if here.resolve() == SAMPLE else SAMPLE


def _settings(pairs: list[str]) -> dict[str, str]:
    out = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark:
            raise KpiError(f"--set {pair}", "has no '='.", "write --set NAME=VALUE.")
        out[name] = value
    return out


def _as_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV; texts that a spreadsheet would run as a formula are made harmless."""
    flat = table.reset_index().round(6)
    for column in flat.select_dtypes(exclude="number").columns:
        flat[column] = flat[column].map(_harmless)
    return flat.to_csv(index=False, lineterminator="\n")


def _harmless(value: object) -> object:
    text = "+".join(value) if isinstance(value, tuple) else value
    risky = isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if risky else text


def _print(title: str, frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    typer.echo(f"{title} ({len(frame)})")
    shown = frame.astype(object).where(frame.notna(), "")
    typer.echo(shown.to_string(index=False))
    typer.echo("")
