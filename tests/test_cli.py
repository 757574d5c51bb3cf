"""The command line: quick to answer, one clean message for bad input."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpilib import cli, report
from kpilib.cli import app
from kpilib.errors import KpiError
from kpilib.order import SAMPLE

ROOT = Path(__file__).parents[1]
HEAVY = ("pandas", "numpy", "matplotlib", "papermill", "nbconvert", "duckdb", "scipy", "yaml")


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the program itself."""
    code = "from kpilib.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_help_names_every_command():
    text = run("--help")
    for command in ("report", "read", "screen", "score", "lint", "formats", "sample"):
        assert f"\n  {command} " in text


def test_help_imports_nothing_heavy():
    """What keeps `kpi --help` under 0.3 s on any machine; timed runs would only be flaky."""
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom kpilib.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_bad_input_is_one_message_and_exit_code_2():
    done = asked("score", "--month", "2031-01")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kpi: ")
    assert "2031-01" in done.stderr
    assert "To mend:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_option_is_exit_code_2():
    done = asked("report", "--mont", "2025-05")
    assert done.returncode == 2
    assert "--mont" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_slow_grammar_is_left_out_where_it_is_installed(tmp_path):
    """Jsonschema would import it for two seconds; here it fails loudly if it is imported."""
    (tmp_path / "rfc3987_syntax.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from kpilib.cli import _leave_out_slow_imports\n_leave_out_slow_imports()\n"
        "import jsonschema, nbformat\nprint('done')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr


def test_score_prints_everyones_grade():
    rows = list(csv.DictReader(io.StringIO(run("score", "--month", "2025-05"))))
    assert len(rows) > 50
    assert {row["grade"] for row in rows} == {"A+", "A", "B", "C", ""}
    names = [row["name"] for row in rows]
    assert any(name.startswith("'=") for name in names), "a spreadsheet would run it"
    assert not any(name.startswith("=") for name in names)


def test_score_writes_a_file_that_spreadsheets_read(tmp_path):
    out = tmp_path / "may.csv"
    assert run("score", "--month", "2025-05", "--team", "live", "--out", str(out)).strip() == str(
        out
    )
    raw = out.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel takes it for another encoding without the mark"
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert {row["team"] for row in rows} == {"live"}


def test_read_prints_the_receipt():
    text = run("read", "data/sample", "2025-05")
    assert text.startswith("Files (")
    assert "creator_works" not in text  # no command takes it, so the reader gets the title
    assert "totals row" in text
    assert re.search(r"List of works +xlsx +2025-06-15.* 65 +62 +3 +[0-9a-f]{64}\n", text)


def test_screen_prints_flags_and_the_lines_that_would_take_them_out():
    text = run("screen", "--month", "2025-05")
    assert "Flagged (12)\n" in text
    lines = text[text.index("kind,name,at") :].splitlines()
    assert lines[0] == "kind,name,at,account,decided_by,decided,reason"
    assert lines[1] == "work,电钻选购｜新手也能一次成功 #日常,2025-05-12 09:34:26,七号工具间,,,"
    assert len(lines) == 4


def test_lint_prints_findings_and_tells_errors_by_the_exit_code(tmp_path):
    assert "G2" in run("lint", "published")
    assert "G2" in run("lint", "published", "--lang", "zh")
    assert "nobody can get M-" not in run("lint", "bytedance")
    assert "nobody can get M-" in run("lint", "bytedance", "--people", "4")
    with pytest.raises(KpiError, match="did you mean 'published'"):
        CliRunner().invoke(app, ["lint", "publised"], catch_exceptions=False)


def test_formats_are_listed_with_their_tables_containers_and_what_tells_them_apart():
    lines = run("formats").splitlines()
    start = lines.index("抖音创作者中心")
    assert lines[start + 1 : start + 6] == [
        "  creator_works -> works (xlsx)",
        "    作品列表: 审核状态, 5s完播率, 2s跳出率, 主页访问量, 粉丝增量 (one may lack)",
        "  creator_daily -> account_days (xlsx)",
        "    账号日数据: 日期, one of 播放量, 主页访问, 作品点赞, 作品分享, 作品评论,",
        "    封面点击率, 净增粉丝, 取关粉丝, 总粉丝量",
    ]
    assert "    TikTok Shop order export: take it out of the folder of this month." in lines


@pytest.fixture
def ordered(monkeypatch):
    """Collect what would be made."""
    orders = []

    def make(order, *, force):
        orders.append((order, force))
        return report.Report(Path("index.html"), (Path("a"),), ())

    monkeypatch.setattr(report, "make_pages", make)
    return orders


def test_report_makes_the_latest_month_of_the_sample_by_default(ordered):
    assert run("report") == "index.html  (1 page made, 0 unchanged)\n"
    order, force = ordered[0]
    assert (order.data.resolve(), list(order.months), force) == (SAMPLE, ["2025-05"], False)
    assert (list(order.teams), list(order.schemes), list(order.langs)) == (
        [""],
        ["published"],
        ["en"],
    )


def test_report_takes_teams_months_and_schemes(ordered):
    run(
        *("report", "--all-teams", "--months", "2025-03..2025-05", "--lang", "both"),
        *("--scheme", "published", "--scheme", "mature", "--notebook", "scorecard"),
        *("--audience", "analyst", "--set", "seed=7", "--force"),
    )
    order, force = ordered[0]
    assert force
    assert list(order.months) == ["2025-03", "2025-04", "2025-05"]
    assert list(order.teams) == ["", "live", "studio", "video"]
    assert list(order.schemes) == ["published", "mature"]
    assert list(order.langs) == ["en", "zh"]
    assert (order.audience, list(order.notebooks)) == ("analyst", ["scorecard"])
    assert order.settings == {"seed": "7"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--month", "2025-05", "--months", "2025-04..2025-05"],
            "kpi report: got --month and --months. To mend: give one of them.",
        ),
        (
            ["--team", "live", "--all-teams"],
            "kpi report: got --team and --all-teams. To mend: give one of them.",
        ),
        (["--set", "seed"], "--set seed: has no '='. To mend: write --set NAME=VALUE."),
    ],
)
def test_contradictions_are_refused(words, said):
    with pytest.raises(KpiError) as error:
        CliRunner().invoke(app, ["report", *words], catch_exceptions=False)
    assert str(error.value) == said


def test_a_team_that_nobody_is_in_is_refused(ordered):
    with pytest.raises(KpiError) as error:
        CliRunner().invoke(app, ["report", "--team", "liv"], catch_exceptions=False)
    assert str(error.value) == (
        f"{cli._data(None)}, team 'liv': there is no such team. To mend: did you mean 'live'? "
        "There are live, studio, video."
    )


def test_the_sample_is_written_where_one_says(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr("kpilib.sample.write", lambda folder: written.append(folder) or folder)
    run("sample", str(tmp_path / "company"))
    run("sample")
    assert written == [tmp_path / "company", SAMPLE]


def test_importing_the_package_costs_nothing():
    code = (
        "import sys, kpilib\n"
        f"print(*sorted(set({HEAVY!r}) & set(sys.modules)))\n"
        "assert 'appraise' in dir(kpilib)\n"
        "kpilib.KpiError\n"
        "assert all(getattr(kpilib, name) for name in kpilib.__all__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_an_unknown_public_name_is_an_attribute_error():
    import kpilib

    with pytest.raises(AttributeError, match="module 'kpilib' has no attribute 'apraise'"):
        _ = kpilib.apraise


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_compare_prints_the_one_table_within_80_columns(lang):
    """In a pipe: four schemes beside each other, no colour, no name of a person."""
    from rich.cells import cell_len
    from rich.console import Console

    from kpilib.appraisal import appraise
    from kpilib.audience import view
    from kpilib.cli_compare import print_comparison
    from kpilib.texts import lookup
    from kpilib.variants import compare, named

    held = appraise(SAMPLE, "2024-12")
    out = io.StringIO()
    seen = compare(held, named("published", "misprint, geometric, bytedance, unassigned"))
    print_comparison(seen, lookup(lang), view("hr"), Console(file=out, width=80))
    text = out.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    assert "nan" not in text
    assert f"{held.payroll:,.0f}" in text
    assert not any(name in text for name in held.table["name"])
