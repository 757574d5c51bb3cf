"""Results as an auditor opens them: totals recomputed by a second program, harmless cells."""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from kpilib.errors import KpiError
from kpilib.exports import read_team
from kpilib.grading import grade
from kpilib.outcomes import settle
from kpilib.readings import measure
from kpilib.scheme import read_scheme
from kpilib.scoring import score
from kpilib.texts import LANGS, lookup
from kpilib.workbook import write_workbook
from kpilib.workbook.formulas import FIRST
from tests.company import NO_HITS, readings_of, seats_of
from tests.excel import Broken, Sheets
from tests.strategies import NASTY, names, schemes, values, weights

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
PAY = [lookup(lang)("workbook.pay") for lang in LANGS]
HOST = {"gmv_completion": 0.9, "order_conversion": 0.04, "watch_time": 150, "return_rate": 0.12}
DIRECTOR = {"works_published": 8, "completion_rate": 0.40, "ideas_adopted": 0.5}
PLANNER = {"creative_ctr": 0.048, "page_conversion": 0.03}


def settled(people, scheme=None, **more):
    return settle(grade(score(readings_of(scheme or read_scheme("published"), people, **more))))


def lines(sheets, title):
    """Return a sheet's lines as dictionaries by header, formulas computed."""
    heads = {c: v for (r, c), (_, v) in sheets.raw[title].items() if r == FIRST - 1}
    last = max((r for r, c in sheets.raw[title] if c == 1), default=FIRST - 1)
    return [
        {head: sheets.value(title, row, c) for c, head in heads.items()}
        for row in range(FIRST, last + 1)
    ]


def formulas(sheets):
    """Yield place and text of every formula."""
    for name, cells in sheets.raw.items():
        for (row, column), (is_formula, content) in cells.items():
            if is_formula:
                yield name, row, column, content


def alike(a, b, to=1.1e-6):
    """Whether two results agree; a tie in the sixth place may go either way when rounded."""
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return abs(a - b) <= to


def recomputed(path):
    """Compute every formula anew and hold it against the result that is shown beside it."""
    sheets, shown = Sheets(path), load_workbook(path, data_only=True)
    n = 0
    for name, row, column, _ in formulas(sheets):
        beside = shown[name].cell(row, column).value
        found = sheets.value(name, row, column)
        to = 0.0101 if shown[name].cell(FIRST - 1, column).value in PAY else 1.1e-6
        assert alike(found, "" if beside is None else beside, to), (
            name,
            row,
            column,
            found,
            beside,
        )
        n += 1
    return sheets, n


@pytest.fixture(scope="module")
def month():
    """Return the sample's May, without the months before."""
    return settle(grade(score(measure(read_team(SAMPLE, "2025-05"), read_scheme("published")))))


@pytest.mark.parametrize("lang", LANGS)
def test_every_total_of_the_sample_is_recomputed_by_another_program(month, lang, tmp_path):
    """Weights, totals, scores, grades, pay and sums: formula, shown result and ours agree."""
    sheets, n = recomputed(write_workbook(month, tmp_path / "results.xlsx", lang))
    t = lookup(lang)
    table = month.table
    points, roles = month.grades.scores.points, month.grades.scores.role_totals
    # three formulas a line of points, two a role, four a person; sums of pay and of rows
    assert n == 3 * len(points) + 2 * len(roles) + 4 * len(table) + 2 + 4
    for row, line in zip(
        table.reset_index().to_dict("records"),
        lines(sheets, t("workbook.sheet_people")),
        strict=False,
    ):
        assert line[t("workbook.person")] == row["person"]
        for key in ("total", "score", "grade", "pay"):
            found = line[t(f"workbook.{key}")]
            if row["status"] != "ok":
                assert found == ""
            elif key == "grade":
                assert found == row["grade"]
            else:
                assert alike(found, float(row[key]))
    last = lines(sheets, t("workbook.sheet_people"))[-1]
    assert last[t("workbook.person")] == t("words.total")
    assert last[t("workbook.pay")] == pytest.approx(float(month.payroll), abs=1e-6)


def test_a_person_in_two_roles_by_hand(tmp_path):
    """A quarter of the month at 100 points and three quarters at 60 make 70, a B, 700 yuan."""
    seats = seats_of({"a": {"director": 1, "planner": 3}})
    outcomes = settled({"a": {"director": DIRECTOR, "planner": PLANNER}}, seats=seats)
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    (line, _) = lines(sheets, "People")
    assert (line["Total"], line["Score"], line["Grade"]) == (70, 70, "B")
    assert line["Performance pay (yuan)"] == 700
    assert [row["Total"] for row in lines(sheets, "Roles")] == [100, 60]
    assert [row["Weight applied"] for row in lines(sheets, "Points")][3:] == [0.5, 0.5]


def test_what_does_not_apply_and_what_is_not_known(tmp_path):
    """An item that did not occur gives its weight away; an unknown one leaves all empty."""
    people = {
        "a": {"host": {**HOST, "watch_time": None}},
        "b": {"host": {**HOST, "watch_time": None}},
        "c": {"camera_operator": {}},
    }
    seats = seats_of({"a": {"host": 1}, "b": {"host": 1}, "c": {"camera_operator": 1}})
    status = {("b", "watch_time"): "unknown"}
    outcomes = settled(people, seats=seats, status=status)
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    known, unknown, none, _ = lines(sheets, "People")
    assert known["Total"] == pytest.approx((90 + 80 + 80) / 3, abs=1e-6)
    for line in (unknown, none):
        assert [line[k] for k in ("Total", "Score", "Grade", "Performance pay (yuan)")] == [""] * 4
    applied = [line["Weight applied"] for line in lines(sheets, "Points")]
    assert applied[:4] == pytest.approx([1 / 3, 1 / 3, "", 1 / 3])
    assert applied[4:] == pytest.approx([0.25] * 4)
    lenient = read_scheme("published").revise(unknown="renormalise")
    outcomes = settled(people, lenient, seats=seats, status=status)
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "b.xlsx"))
    assert lines(sheets, "People")[1]["Total"] == pytest.approx((90 + 80 + 80) / 3, abs=1e-6)


USES = [(), ("grade",), ("pay",), ("grade", "pay")]


@st.composite
def companies(draw):
    """Return outcomes of a made-up scheme: any method, grading, bonus and limits of pay."""
    scheme = draw(schemes(roles=(1, 3), indicators=(1, 4)))
    bonus = scheme.bonus and scheme.bonus.model_dump() | {"counts_for": draw(st.sampled_from(USES))}
    pay = {"floor": draw(st.sampled_from([0, 50])), "cap": draw(st.sampled_from([None, 60, 110]))}
    unknown = draw(st.sampled_from(["refuse", "renormalise"]))
    scheme = scheme.revise(unknown=unknown, pay=pay, bonus=bonus)
    people = draw(values(scheme, people=(1, 4)))
    seats = {person: dict.fromkeys(roles, 1) for person, roles in people.items()}
    if len(scheme.roles) > 1 and draw(st.booleans()):
        ((person, roles),) = list(people.items())[:1]
        other = next(role for role in scheme.roles if role.key not in roles)
        people[person] = {**roles, other.key: {rule.key: 1.0 for rule in other.indicators}}
        seats[person] = {key: draw(st.integers(1, 9)) for key in people[person]}
    status = {}
    for person, roles in people.items():
        for items in roles.values():
            for key, value in items.items():
                if value is None and draw(st.booleans()):
                    status[person, key] = "unknown"
    hits = pd.DataFrame(
        [("w", person, 1.0) for person in people], columns=["work", "person", "share"]
    )
    base = draw(st.integers(0, 10**6)) / 100
    made = {"seats": seats_of(seats, base_pay=base), "status": status}
    return settled(people, scheme, hits=draw(st.sampled_from([hits, NO_HITS])), **made)


@settings(max_examples=40)
@given(companies())
def test_any_scheme_and_company_is_recomputed(tmp_path_factory, outcomes):
    """Formula, shown result and our own figure agree for every total, score, grade and pay."""
    path = tmp_path_factory.mktemp("book") / "results.xlsx"
    sheets, _ = recomputed(write_workbook(outcomes, path))
    for row, line in zip(outcomes.table.to_dict("records"), lines(sheets, "People"), strict=False):
        if row["status"] != "ok":
            assert line["Total"] == line["Score"] == line["Performance pay (yuan)"] == ""
            continue
        assert line["Total"] == pytest.approx(row["total"], abs=2e-6)
        assert line["Score"] == pytest.approx(row["score"], abs=2e-6)
        assert line["Grade"] == row["grade"]
        assert line["Performance pay (yuan)"] == pytest.approx(float(row["pay"]), abs=0.0101)


@settings(max_examples=15)
@given(st.data())
def test_a_weight_changed_in_the_workbook_gives_what_the_scheme_with_that_weight_gives(
    tmp_path_factory, data
):
    """Weights stand once, in the sheet Indicators: all totals, grades and pay follow them."""
    people = {
        f"p{i}": {"host": {k: v * (0.6 + 0.1 * i) for k, v in HOST.items()}} for i in range(4)
    }
    outcomes = settled(people)
    path = write_workbook(outcomes, tmp_path_factory.mktemp("book") / "results.xlsx")
    sheets, wanted = Sheets(path), data.draw(weights(4))
    rows = [row for (row, c), (_, v) in sheets.raw["Indicators"].items() if c == 2 and v == "Host"]
    column = next(
        c for (r, c), (_, v) in sheets.raw["Indicators"].items() if (r, v) == (3, "Weight")
    )
    for row, share in zip(rows, wanted, strict=True):
        sheets.change("Indicators", row, column, share)
    other = settled(people, outcomes.scheme.reweigh({"host": dict(zip(HOST, wanted, strict=True))}))
    for row, line in zip(other.table.to_dict("records"), lines(sheets, "People"), strict=False):
        assert line["Total"] == pytest.approx(row["total"], abs=2e-6)
        assert line["Grade"] == row["grade"]
        assert line["Performance pay (yuan)"] == pytest.approx(float(row["pay"]), abs=0.0101)


def test_a_cut_changed_in_the_workbook_moves_the_grades(tmp_path):
    """The cuts stand in the sheet Rules; nobody is an A above 90 who was one at 83.3."""
    sheets = Sheets(write_workbook(settled({"a": {"host": HOST}}), tmp_path / "a.xlsx"))
    assert lines(sheets, "People")[0]["Grade"] == "A"
    row = next(r for (r, _), (_, v) in sheets.raw["Rules"].items() if v == "Grade A: above")
    sheets.change("Rules", row, 2, 90)
    assert lines(sheets, "People")[0]["Grade"] == "B"


def test_sheets_may_be_sorted(month, tmp_path):
    """No formula counts on the place of a line in another sheet: whole columns, or single rules."""
    sheets = Sheets(write_workbook(month, tmp_path / "results.xlsx"))
    for name, row, _, text in formulas(sheets):
        for sheet, ref in re.findall(r"'([^']+)'!([$A-Z0-9:]+)", text):
            if sheet != "Rules":
                data = [r for r, c in sheets.raw[sheet] if c == 2 and r >= FIRST]
                assert re.fullmatch(rf"\$([A-Z])\${FIRST}:\$\1\${max(data)}", ref)
        own = re.sub(r"'[^']+'![$A-Z0-9:]+|\"[^\"]*\"", "", text)
        if "SUBTOTAL" not in own:
            assert {int(r) for r in re.findall(r"\$[A-Z]+(\d+)", own)} <= {row}
        assert name in ("People", "Roles", "Points", "Files", "Set aside")


def test_grades_by_quota_stand_as_figures(tmp_path):
    """Ranks in a pool are no formula of one line: the grade is written, and the rest computed."""
    people = {
        f"p{i}": {"host": {k: v * (0.7 + 0.05 * i) for k, v in HOST.items()}} for i in range(10)
    }
    outcomes = settled(people, read_scheme("bytedance"))
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    assert [line["Grade"] for line in lines(sheets, "People")][:10] == list(outcomes.table["grade"])
    assert not any(name == "People" and column == 8 for name, _, column, _ in formulas(sheets))
    rules = {line["Rule"]: line["Figure"] for line in lines(sheets, "Rules")}
    assert rules["Share of people with M-"] == 0.1


@pytest.mark.parametrize(
    ("edge", "total", "letter"),
    [("upper_closed", 80.0, "B"), ("lower_closed", 80.0, "A"), ("rounded", 80.5, "A"),
     ("rounded", 80.49, "B"), ("floored", 80.99, "B"), ("floored", 81.0, "A")],
)  # fmt: skip
def test_the_edge_policy_is_in_the_formula(tmp_path, edge, total, letter):
    """80.5 rounds to 81 and passes the cut at 80; 80.99 without its decimals does not."""
    scheme = read_scheme("published")
    grading = {**scheme.grading.model_dump(), "edge": edge}
    items = dict.fromkeys(PLANNER, 0.0)
    items["creative_ctr"], items["page_conversion"] = 0.08 * total / 100, 0.05 * total / 100
    outcomes = settled({"a": {"planner": items}}, scheme.revise(grading=grading))
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    line = lines(sheets, "People")[0]
    assert (line["Total"], line["Grade"], outcomes.table.loc["a", "grade"]) == (
        total,
        letter,
        letter,
    )


# ---- cells ----


@settings(max_examples=30)
@given(st.lists(st.sampled_from(NASTY) | names(), min_size=1, max_size=4))
def test_no_name_ever_becomes_a_formula(tmp_path_factory, called):
    """Whatever people are called: text cells, quoted where a program might compute them."""
    people = {f"p{i}": {"host": HOST} for i in range(len(called))}
    seats = seats_of({person: {"host": 1} for person in people})
    seats["name"] = called
    path = tmp_path_factory.mktemp("book") / "results.xlsx"
    book = load_workbook(write_workbook(settled(people, seats=seats), path))
    for title in ("People", "Roles"):
        for row, name in enumerate(called, start=FIRST):
            cell = book[title].cell(row, 2)
            assert cell.data_type in ("s", "n")  # n: an empty name leaves the cell empty
            shown = "" if cell.value is None else cell.value
            plain = name.replace("\r\n", "\n").replace("\r", "\n")
            assert re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", plain) == shown
            assert cell.quotePrefix == (name[:1] in tuple("=+-@\t\r\n＝＋－＠"))
    names_of_functions = re.compile(r"=(IF|ROUND|SUMPRODUCT|SUBTOTAL)\(")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert names_of_functions.match(cell.value)
                    assert not any(len(n) > 3 and n in cell.value for n in called)


def test_ids_with_wildcards_and_signs_are_matched_as_they_stand(tmp_path):
    """`*`, `<1` or `P1` beside `p1` are ids like others, not patterns or comparisons."""
    ids = ["*", "p?", "<1", "=p1", "p1", "P1", "007"]
    people = {
        who: {"host": {k: v * (0.7 + 0.05 * i) for k, v in HOST.items()}}
        for i, who in enumerate(ids)
    }
    outcomes = settled(people)
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    found = {line["ID"]: line["Total"] for line in lines(sheets, "People")[:-1]}
    assert found == pytest.approx(outcomes.table["total"].to_dict())
    assert len(set(found.values())) == len(ids)


def test_titles_that_two_roles_share_are_told_apart(tmp_path):
    """Lines are matched by the titles shown, so an equal title carries its key."""
    scheme = read_scheme("published")
    roles = [role.model_dump() for role in scheme.roles]
    for role in roles:
        if role["key"] in ("director", "planner"):
            role["title"] = {"en": "Maker", "zh": "主创"}
    seats = seats_of({"a": {"director": 1, "planner": 3}})
    people = {"a": {"director": DIRECTOR, "planner": PLANNER}}
    outcomes = settled(people, scheme.revise(roles=roles), seats=seats)
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    assert [line["Role"] for line in lines(sheets, "Roles")] == [
        "Maker (director)",
        "Maker (planner)",
    ]
    assert lines(sheets, "People")[0]["Total"] == 70


def test_a_text_longer_than_a_cell_is_cut(tmp_path):
    """Excel refuses a file with more than 32,767 characters in a cell."""
    seats = seats_of({"a": {"host": 1}})
    seats["name"] = "长" * 40_000
    path = write_workbook(settled({"a": {"host": HOST}}, seats=seats), tmp_path / "a.xlsx")
    assert len(load_workbook(path)["People"].cell(FIRST, 2).value) == 32_767


# ---- what HR sees ----


@pytest.mark.parametrize("lang", LANGS)
def test_sheets_are_laid_out_to_be_read(month, lang, tmp_path):
    """Fixed names, header in sight, filters over all lines, one A4 page wide."""
    book = load_workbook(write_workbook(month, tmp_path / "results.xlsx", lang))
    keys = ["people", "roles", "points", "indicators", "rules", "files", "aside", "findings"]
    t = lookup(lang)
    assert book.sheetnames == [t(f"workbook.sheet_{key}") for key in keys]
    assert book.calculation.fullCalcOnLoad
    for key, sheet in zip(keys, book, strict=True):
        assert sheet["A2"].value == t(f"workbook.note_of_{key}")
        assert sheet.freeze_panes[-1] == str(FIRST)
        assert sheet.auto_filter.ref.startswith(f"A{FIRST - 1}:")
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
        assert sheet.print_title_rows == f"${FIRST - 1}:${FIRST - 1}"
        heads = [cell.value for cell in sheet[FIRST - 1]]
        assert len(set(heads)) == len(heads)
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert all(8 <= width <= 46 for width in widths)
    assert book.worksheets[0]["A1"].value == {
        "en": "People, May 2025, Published scheme", "zh": "人员结果（2025年5月，公开方案）"
    }[lang]  # fmt: skip


def test_readings_stand_in_the_unit_of_their_indicator(tmp_path):
    """A rate is a percentage, a time has its unit, in reading and target."""
    sheet = load_workbook(write_workbook(settled({"a": {"host": HOST}}), tmp_path / "a.xlsx"))[
        "Points"
    ]
    heads = [cell.value for cell in sheet[FIRST - 1]]
    for head in ("Reading", "Target"):
        column = heads.index(head) + 1
        forms = [sheet.cell(FIRST + i, column).number_format for i in range(4)]
        assert forms == ["0.00%", "0.00%", '0.0 "s"', "0.00%"]


def test_what_follows_is_said_per_person(tmp_path):
    """A C in May has its improvement month in July."""
    low = {k: v * 0.5 for k, v in HOST.items()} | {"return_rate": 0.19}
    sheets = Sheets(write_workbook(settled({"a": {"host": low}}), tmp_path / "a.xlsx"))
    line = lines(sheets, "People")[0]
    assert (line["Grade"], line["What follows"]) == ("C", "improvement plan (July 2025)")


def test_how_often_stands_beside_what_follows(tmp_path):
    """Three hits are one request for resources, counted; one is not counted."""
    hits = [(f"w{i}", "a", 1.0) for i in range(3)] + [("v", "b", 1.0)]
    hits = pd.DataFrame(hits, columns=["work", "person", "share"])
    outcomes = settled({"a": {"director": DIRECTOR}, "b": {"director": DIRECTOR}}, hits=hits)
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    first, second, _ = lines(sheets, "People")
    assert first["What follows"] == "resource request (3)"
    assert second["What follows"] == "resource request"
    assert (first["Total"], first["Bonus"], first["Score"]) == (100, 6, 106)
    assert (first["Grade"], first["Performance pay (yuan)"]) == ("A+", 1060)


def test_geometric_totals_are_in_the_formula(tmp_path):
    """60, 0 (counts as 4) and 90 at a third each: the cube root of 60 x 4 x 90."""
    data = read_scheme("published").revise(totals={"kind": "geometric", "floor": 4})
    items = {"works_published": 4.8, "completion_rate": 0.0, "ideas_adopted": 0.45}
    path = write_workbook(settled({"a": {"director": items}}, data), tmp_path / "r.xlsx")
    sheets, n = recomputed(path)
    assert n > 0
    assert lines(sheets, "Roles")[0]["Total"] == pytest.approx((60 * 4 * 90) ** (1 / 3), abs=1e-6)
    left_out = {**items, "ideas_adopted": None}
    path = write_workbook(settled({"a": {"director": left_out}}, data), tmp_path / "q.xlsx")
    assert lines(recomputed(path)[0], "Roles")[0]["Total"] == pytest.approx(240**0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("counts_for", "letter", "pay"),
    [((), "A", 1000), (("grade",), "A+", 1000), (("pay",), "A", 1060)],
)
def test_the_bonus_counts_for_what_the_scheme_says(tmp_path, counts_for, letter, pay):
    """Total 100 and 6 of bonus: an A without it, an A+ with it; pay with or without."""
    hits = pd.DataFrame(
        [(f"w{i}", "a", 1.0) for i in range(3)], columns=["work", "person", "share"]
    )
    scheme = read_scheme("published")
    scheme = scheme.revise(bonus={**scheme.bonus.model_dump(), "counts_for": counts_for})
    outcomes = settled({"a": {"director": DIRECTOR}}, scheme, hits=hits)
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    line = lines(sheets, "People")[0]
    assert (line["Grade"], line["Performance pay (yuan)"]) == (letter, pay)


@pytest.mark.parametrize(("limits", "pay"), [({"floor": 90}, 900), ({"cap": 60}, 600)])
def test_limits_of_pay_are_kept(tmp_path, limits, pay):
    """83.33 points pay 90% with a floor of 90, and 60% with a cap of 60."""
    outcomes = settled({"a": {"host": HOST}}, read_scheme("published").revise(pay=limits))
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    assert lines(sheets, "People")[0]["Performance pay (yuan)"] == pay


def test_figures_that_may_be_changed_are_blue_and_no_others(tmp_path):
    book = load_workbook(write_workbook(settled({"a": {"host": HOST}}), tmp_path / "a.xlsx"))
    blue = {
        (sheet.title, sheet.cell(FIRST - 1, cell.column).value)
        for sheet in book
        for cell in sheet[FIRST]
        if cell.font.color is not None and cell.font.color.rgb == "001D4ED8"
    }
    assert blue == {
        ("People", "Bonus"),
        ("People", "Base pay (yuan)"),
        ("Roles", "Share of time"),
        ("Points", "Points"),
        ("Indicators", "Weight"),
    }


def test_days_are_days_and_long_texts_wrap(month, tmp_path):
    """An as-of date sorts as a date; a path does not run over its neighbours."""
    sheet = load_workbook(write_workbook(month, tmp_path / "results.xlsx"))["Files"]
    heads = [cell.value for cell in sheet[FIRST - 1]]
    day, path = heads.index("Exported on") + 1, heads.index("File") + 1
    cells = [(sheet.cell(row, day), sheet.cell(row, path)) for row in range(FIRST, sheet.max_row)]
    dated = [cell for cell, file in cells if file.value.startswith("exports/2025-05/2025-06-15")]
    assert {cell.value for cell in dated} == {dt.datetime(2025, 6, 15)}
    assert {cell.number_format for cell in dated} == {"yyyy-mm-dd"}
    assert {bool(f.alignment.wrap_text) == (columns_of(f.value) > 30) for _, f in cells} == {True}


def columns_of(text):
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "the export lacks a column"), ("zh", "导出文件缺少一列")]
)
def test_readings_that_are_missing_say_why(tmp_path, lang, words):
    """In the language of the workbook, beside the status."""
    people = {"a": {"host": {**HOST, "watch_time": None}}}
    readings = readings_of(
        read_scheme("published"), people, status={("a", "watch_time"): "unknown"}
    )
    readings.table.loc[readings.table["status"] == "unknown", "reason"] = "no_column"
    path = write_workbook(settle(grade(score(readings))), tmp_path / "a.xlsx", lang)
    t = lookup(lang)
    found = lines(Sheets(path), t("workbook.sheet_points"))
    said = [(line[t("workbook.status")], line[t("workbook.remark")]) for line in found]
    ok = (t("words.ok"), None)
    assert said == [ok, ok, (t("words.unknown"), words), ok]


def test_shared_indicators_are_marked(tmp_path):
    director = {**DIRECTOR, "preheat_leads": 20_000}
    outcomes = settled({"a": {"director": director}}, read_scheme("shared-indicator"))
    sheets = Sheets(write_workbook(outcomes, tmp_path / "a.xlsx"))
    marked = {line["Indicator"] for line in lines(sheets, "Indicators") if line["Shared"] == "yes"}
    assert marked == {"Leads from live previews"}


def test_the_scheme_stands_in_the_workbook_with_what_is_assumed(tmp_path):
    """Weights, targets, methods, cuts and marks can be read without the scheme's file."""
    outcomes = settled({"a": {"host": HOST}})
    sheets = Sheets(write_workbook(outcomes, tmp_path / "a.xlsx"))
    indicators = {line["Indicator"]: line for line in lines(sheets, "Indicators")}
    assert len(indicators) == 24
    assert indicators["Return rate"] | {} == {
        "Team": "Live team", "Role": "Host", "Weight of the role": 0.35,
        "Indicator": "Return rate", "Dimension": "service", "Weight": 0.25, "Target": 0.1,
        "Points from the reading": "100 × (2 − reading / target), from 0 to 120",
        "Shared": None, "Assumed": "weight",
    }  # fmt: skip
    assert indicators["Cooperation"]["Points from the reading"] == (
        "Marks to points, straight in between: 1 → 25; 2 → 50; 3 → 75; 4 → 100; 5 → 120"
    )
    rules = {line["Rule"]: (line["Figure"], line["Remark"]) for line in lines(sheets, "Rules")}
    assert rules["Hash of the scheme"][0] == outcomes.scheme.hash
    assert rules["Grade A+: above"] == (100, None)
    assert rules["Bonus points in a month at most"] == (10, "assumed")


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ({"kind": "steps", "table": [{"at": 0.05, "points": 100}, {"at": 0.03, "points": 60}],
          "otherwise": 20}, "≥ 5.00% → 100; ≥ 3.00% → 60; else 20"),
        ({"kind": "deduct", "unit": 0.01, "points": 5, "floor": 10},
         "100 less 5 for each started 1.00% past the target, at least 10"),
        ({"kind": "switch", "met": 100, "missed": 40}, "100 if the target is met, else 40"),
    ],
)  # fmt: skip
def test_each_method_is_said_in_words(tmp_path, method, words):
    scheme = read_scheme("published")
    roles = [role.model_dump() for role in scheme.roles]
    host = next(role for role in roles if role["key"] == "host")
    host["indicators"][1]["method"] = method
    outcomes = settled({"a": {"host": HOST}}, scheme.revise(roles=roles))
    sheets, _ = recomputed(write_workbook(outcomes, tmp_path / "a.xlsx"))
    said = {
        line["Indicator"]: line["Points from the reading"] for line in lines(sheets, "Indicators")
    }
    assert said["Order conversion"] == words


def test_the_receipt_adds_up(month, tmp_path):
    """Rows = used + set aside, per file and in all; findings are told in Chinese too."""
    sheets = Sheets(write_workbook(month, tmp_path / "results.xlsx"))
    files = lines(sheets, "Files")
    assert len(files) == len(month.grades.scores.readings.month.receipt.files) + 1
    assert all(line["Rows"] == line["Used"] + line["Set aside"] for line in files)
    assert files[-1]["Rows"] == sum(line["Rows"] for line in files[:-1])
    assert files[-1]["Set aside"] == lines(sheets, "Set aside")[-1]["Rows"]
    assert {"List of works", "Shop orders"} <= {line["Format"] for line in files}
    known = month.grades.scores.readings
    n = len(known.findings) + len(known.month.receipt.findings)
    assert len(lines(sheets, "Findings")) == n > 0


def test_a_finding_without_words_of_its_own_stands_as_its_reader_said_it(tmp_path):
    """A new kind of finding is never lost for want of a translation."""
    found = pd.DataFrame(
        [("new_kind", "a.csv, row 3", "is odd.", "look at it.", 1, {})],
        columns=["kind", "where", "problem", "remedy", "rows", "values"],
    )
    readings = readings_of(read_scheme("published"), {"a": {"host": HOST}})
    empty = pd.DataFrame(columns=["file", "reason", "rows", "format", "encoding", "as_of",
                                  "rows_in", "used", "set_aside", "sha256"])  # fmt: skip
    receipt = SimpleNamespace(files=empty, set_aside=empty, findings=found)
    readings.month, readings.findings = SimpleNamespace(month="2025-05", receipt=receipt), found[:0]
    path = write_workbook(settle(grade(score(readings))), tmp_path / "a.xlsx", "zh")
    sheets = Sheets(path)
    assert list(lines(sheets, "数据疑点")[0].values()) == [
        "a.csv，第3行",
        "is odd.",
        1,
        "look at it.",
    ]


# ---- the file ----


def test_the_same_results_give_the_same_bytes(month, tmp_path):
    """No time of writing, no chance order: a page that did not change has not changed."""
    first = write_workbook(month, tmp_path / "one.xlsx").read_bytes()
    assert write_workbook(month, tmp_path / "two.xlsx").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "one.xlsx") as package:
        assert {entry.date_time for entry in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        core = package.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core) == ["2000-01-01T00:00:00Z"] * 2


def test_only_its_owner_may_read_it_even_where_an_older_file_was_open_to_all(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o666)
    write_workbook(settled({"a": {"host": HOST}}), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_last_good_file_and_nothing_else(tmp_path, monkeypatch):
    """The disk fills up while writing."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"the last good one")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KpiError) as error:
        write_workbook(settled({"a": {"host": HOST}}), path)
    assert str(error.value) == (
        f"{path}: cannot be written: No space left on device. To mend: name a file in a folder "
        "that exists and is yours; close it where it is open."
    )
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]
    assert path.read_bytes() == b"the last good one"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(KpiError) as error:
        write_workbook(settled({"a": {"host": HOST}}), tmp_path / "nowhere" / "a.xlsx")
    assert error.value.problem == "cannot be written: No such file or directory."


def test_nobody_at_all_is_a_workbook_too(tmp_path):
    """A month in which nobody was employed has empty sheets, and formulas that hold."""
    seats = seats_of({"a": {"host": 1}}).iloc[:0]
    outcomes = settled({"a": {"host": HOST}})
    readings = outcomes.grades.scores.readings
    readings.table, readings.seats = readings.table.iloc[:0], seats
    empty = settle(grade(score(readings)))
    sheets, n = recomputed(write_workbook(empty, tmp_path / "a.xlsx"))
    assert n == 0
    assert len(lines(sheets, "Indicators")) == 24


# ---- the second opinion itself ----


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ('=IF(A1>1,"a","b")', "a"),
        ('=IF(A9>1,"a","b")', "b"),
        ("=ROUND(2.5,0)", 3),
        ("=ROUND(1.005,2)", 1.01),
        ("=2+3*4-6/3", 12),
        ("=SUMPRODUCT(A1:A3,B1:B3)", 2 * 5 + 3 * 7),
        ("=SUMPRODUCT(EXACT(C1:C3,C1)*ISNUMBER(A1:A3),B1:B3)", 5),
        ("=SUBTOTAL(109,B1:B3)", 18),
        ("=MIN(MAX(A1,2.5),10)", 2.5),
        ('=IF(AND(OR(A1>5,A3>=3),ISNUMBER(A1)),1,"no ""yes""")', 1),
        ('=IF(EXACT("a","A"),1,"no ""yes""")', 'no "yes"'),
    ],
)
def test_the_second_opinion_knows_known_answers(tmp_path, formula, result):
    """Worked by hand; texts count as 0 in SUMPRODUCT, an empty cell as 0 in a comparison."""
    from openpyxl import Workbook

    book = Workbook()
    for row in ((2, 5, "p1"), ("x", 6, "P1"), (3, 7, "p1 ")):
        book.active.append(row)
    book.active["E5"] = formula
    book.save(tmp_path / "a.xlsx")
    assert Sheets(tmp_path / "a.xlsx").value("Sheet", 5, 5) == result


@pytest.mark.parametrize("formula", ["=A2+1", "=A1/A9"])
def test_the_second_opinion_sees_errors(tmp_path, formula):
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"], book.active["A2"], book.active["E5"] = 2, "x", formula
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(Broken):
        Sheets(tmp_path / "a.xlsx").value("Sheet", 5, 5)


COEFFICIENTS = {"A+": 1.5, "A": 1.2, "B": 1.0, "C": 0.6}


@pytest.mark.parametrize("basis", ["grade", "score_times_grade"])
def test_pay_by_coefficients_is_a_formula_over_the_rules(basis, tmp_path):
    pay = {"basis": basis, "coefficients": COEFFICIENTS, "floor": 50, "cap": 130}
    scheme = read_scheme("published").revise(pay=pay)
    people = {
        f"p{n}": {"planner": {"creative_ctr": 0.0008 * n, "page_conversion": 0.0005 * n}}
        for n in (30, 60, 61, 81, 101, 119)
    }
    path = write_workbook(settled(people, scheme), tmp_path / "pay.xlsx")
    assert recomputed(path)[1] > 10
    assert all("IF(EXACT(" in cell for cell in pay_formulas(path))


@pytest.mark.parametrize(
    "pay",
    [{"pool": {}}, {"late_returns": "carry"}, {"prorate": "days"}],
    ids=lambda p: next(iter(p)),
)
def test_pay_that_a_line_does_not_tell_stands_as_amounts(pay, tmp_path):
    scheme = read_scheme("published").revise(pay=pay)
    seats = seats_of({"a": {"planner": 1.0}, "b": {"planner": 1.0}}).assign(
        joined=pd.NaT, left=pd.NaT
    )
    people = {who: {"planner": PLANNER} for who in ("a", "b")}
    path = write_workbook(settled(people, scheme, seats=seats), tmp_path / "pay.xlsx")
    assert pay_formulas(path) == []
    remark = lookup("en")("workbook.remark_amounts")
    assert remark in [cell.value for row in load_workbook(path)["Rules"] for cell in row]


def pay_formulas(path):
    """Return the formulas of the column of pay, its sum left out."""
    sheet = load_workbook(path)["People"]
    (column,) = [c for c in range(1, 30) if sheet.cell(FIRST - 1, c).value == PAY[0]]
    cells = [sheet.cell(row, column).value for row in range(FIRST, sheet.max_row)]
    return [cell for cell in cells if isinstance(cell, str)]
