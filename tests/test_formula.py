"""The closed language of formulas: what it reads, what it refuses, and in which words."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.formula import LONGEST, check, parse

KINDS = {
    "plays": "number",
    "likes": "number",
    "profile_visits": "number",
    "returned": "flag",
    "title": "text",
    "status": "text",
    "day": "day",
    "published": "day",
}
LANGUAGE = (
    "use columns, numbers, 'text', + - * /, comparisons, and/or/not, and "
    "count, sum, mean, wmean, median, min, max, nunique with where=."
)


@pytest.mark.parametrize(
    ("text", "columns", "names"),
    [
        ("mean(plays >= 100000)", {"plays"}, set()),
        ("wmean(completion, plays)", {"completion", "plays"}, set()),
        ("count(where=status == 'refunded') / count()", {"status"}, set()),
        (
            "sum(viewers, where=day >= week_now)\n"
            "  / sum(viewers, where=week_before <= day < week_now) - 1",
            {"viewers", "day"},
            {"week_now", "week_before"},
        ),
        ("median(first_reply_s)", {"first_reply_s"}, set()),
        ("count() / weeks", set(), {"weeks"}),
        ("max(a) - min(a) * -2 + nunique(b) / days", {"a", "b"}, {"days"}),
        ("sum(a + 1.5, where=not (b or c) and d != '公开')", {"a", "b", "c", "d"}, set()),
    ],
)
def test_columns_and_parameters_of_a_formula_are_those_it_names(text, columns, names):
    formula = parse(text)
    assert (formula.columns, formula.names) == (columns, names)


def refused(text: str, kinds: object = None) -> str:
    """Return what the language says to a formula that it refuses."""

    def read() -> None:
        check(parse(text, "indicator x"), KINDS if kinds is None else kinds)

    with pytest.raises(KpiError) as caught:
        read()
    return str(caught.value)


def caret(problem: str, text: str, mark: str, remedy: str = LANGUAGE) -> str:
    """Return an error text whose caret stands under a part of the formula."""
    begin = text.index(mark)
    # a Chinese character fills two cells of a terminal
    cells = sum(1 + ("一" <= c <= "鿿") for c in text[:begin])
    width = sum(1 + ("一" <= c <= "鿿") for c in mark)
    lines = f"{problem}.\n    {text}\n    {' ' * cells}{'^' * width}\n"
    return f"indicator x: {lines} To mend: {remedy}"


OUTSIDE = "reckon with aggregates outside them, e.g. sum(a) / sum(b)."
COMPARE = "compare it, e.g. plays >= 100000."


@pytest.mark.parametrize(
    ("text", "problem", "mark", "remedy"),
    [
        ("plays / 2", "column 'plays' stands outside an aggregate", "plays",
         "say what to make of its rows, e.g. sum(plays)."),
        ("count() + month_start", "a day stands outside an aggregate", "month_start",
         "compare it with a column inside where=."),
        ("sum(mean(plays))", "an aggregate cannot stand inside another", "mean(plays)", OUTSIDE),
        ("total(plays)", "no such aggregate", "total", LANGUAGE),
        ("summ(plays)", "no such aggregate; the nearest is 'sum'", "summ", LANGUAGE),
        ("count(plays)", "count takes 0 column expressions, not 1", "count(plays)",
         "write count(where=...) to count rows that fulfil a condition."),
        ("wmean(plays)", "wmean takes 2 column expressions, not 1", "wmean(plays)", LANGUAGE),
        ("sum(plays, when=likes > 1)", "sum takes one where= and no other name", "when=likes > 1",
         LANGUAGE),
        ("sum(plays, **likes)", "sum takes one where= and no other name", "**likes", LANGUAGE),
        ("sum(plays ** 2)", "this operator is not part of a formula", "plays ** 2", LANGUAGE),
        ("sum(plays) > 3", "a comparison cannot stand here", "sum(plays) > 3", LANGUAGE),
        ("not count()", "this sign cannot stand here", "not count()", LANGUAGE),
        ("'a' + count()", "a text cannot be reckoned with", "'a'", LANGUAGE),
        ("sum(title)", "sum needs a number, and this is a text", "title", LANGUAGE),
        ("sum(1 + day)", "a day cannot be reckoned with", "day", LANGUAGE),
        ("count(where=plays)", "this is a number, not a condition", "plays", COMPARE),
        ("count(where=plays > 1 and title)", "this is a text, not a condition", "title", COMPARE),
        ("count(where=title == 3)", "a text is compared with a number", "title == 3", LANGUAGE),
        ("count(where='一月' == plays)", "a text is compared with a number", "'一月' == plays",
         LANGUAGE),
        ("count(where=plays in likes)", "only == != < <= > >= compare", "plays in likes",
         LANGUAGE),
        ("sum(plays if likes else 1)", "this is not part of a formula", "plays if likes else 1",
         LANGUAGE),
        ("sum(plays.real)", "a dot is not part of a formula", "plays.real", LANGUAGE),
        ("sum(plays[0])", "a bracket is not part of a formula", "plays[0]", LANGUAGE),
        ("count(where=title == f'{plays}')", "this is not part of a formula", "f'{plays}'",
         LANGUAGE),
        ("count(where=returned == True)", "True is not a number or a text", "True", LANGUAGE),
        ("sum(plays * 1j)", "1j is not a number or a text", "1j", LANGUAGE),
        ("sum(plays * 1e999)", "a number above 1e+15 is not allowed", "1e999", LANGUAGE),
        ("count(where=title == \"it's\")", "a text holds a quote or a control character",
         "\"it's\"", LANGUAGE),
        ("sum(plays) # all", "# is not part of a formula", "#", LANGUAGE),
        ("count(where=title == 'a\\n')", "\\ is not part of a formula", "\\", LANGUAGE),
        ("sum(plays", "this cannot be read as a formula", "(", LANGUAGE),
        ("count(where=title == '公开') $ 2", "this cannot be read as a formula", "$", LANGUAGE),
        ("__import__('os').system('id')", "no such aggregate", "__import__('os').system",
         LANGUAGE),
    ],
)  # fmt: skip
def test_language_refuses_what_it_does_not_have(text, problem, mark, remedy):
    assert refused(text) == caret(problem, text, mark, remedy)


def test_misspelt_column_is_named_with_its_neighbour_and_a_caret():
    text = "sum(likes, where=title == '公开') / sum(play)"
    assert refused(text) == (
        "indicator x: no column 'play'; the nearest is 'plays'.\n"
        "    sum(likes, where=title == '公开') / sum(play)\n"
        "                                            ^^^^\n"
        " To mend: use one of: day, likes, plays, profile_visits, published, returned, status, "
        "title."
    )


def test_a_column_far_from_all_others_is_named_alone():
    assert refused("sum(zzz)", {"plays", "likes"}) == (
        "indicator x: no column 'zzz'.\n    sum(zzz)\n        ^^^\n"
        " To mend: use one of: likes, plays."
    )


def test_length_depth_and_emptiness_are_bounded():
    assert refused("  ") == f"indicator x: the formula is empty. To mend: {LANGUAGE}"
    assert refused("count() + " * 60 + "1") == (
        f"indicator x: the formula has 601 characters, more than {LONGEST}. To mend: split it into "
        "two indicators, or compute it outside and bring it as a table."
    )
    deep = "sum(" + "-" * 30 + "plays)"
    assert refused(deep) == (
        f"indicator x: the formula is nested 32 deep, more than 16. To mend: {LANGUAGE}"
    )


def test_what_python_only_warns_of_is_refused():
    """``0or 1`` is legal Python with a warning; where the caret stands depends on Python."""
    assert refused("sum(plays) / 0or 1").startswith(
        "indicator x: this cannot be read as a formula.\n    sum(plays) / 0or 1\n"
    )


def test_flags_count_as_numbers_and_as_conditions():
    for text in ("mean(returned)", "count(where=returned) / count()", "nunique(title)"):
        check(parse(text), KINDS)


def ratio(text: str) -> tuple[str, str, float] | None:
    """Return the kinds of both sides of a formula's ratio, and its shift."""
    found = parse(text).ratio
    return found and (found.numerator.name, found.denominator.name, found.shift)


@pytest.mark.parametrize(
    ("text", "sides", "spares"),
    [
        ("sum(a) / sum(b)", ("sum", "sum", 0.0), True),
        ("count(where=a > 1) / count()", ("count", "count", 0.0), True),
        ("count() / sum(b)", ("count", "sum", 0.0), True),
        ("nunique(a, where=b) / nunique(a)", ("nunique", "nunique", 0.0), True),
        ("mean(a, where=b)", ("sum", "count", 0.0), True),
        ("wmean(a, b)", ("sum", "sum", 0.0), True),
        ("median(a)", None, True),
        ("sum(a) / sum(b) - 1", ("sum", "sum", -1.0), False),
        ("sum(a) / sum(b) + 0.5 - 1", ("sum", "sum", -0.5), False),
        ("sum(a)", None, False),
        ("count() / weeks", None, False),
        ("max(a)", None, False),
        ("mean(a) / mean(b)", None, True),
        ("1 - sum(a) / sum(b)", None, False),
        ("1000 * sum(a) / sum(b)", None, False),
    ],
)
def test_ratio_and_tolerance_of_gaps_follow_from_the_shape(text, sides, spares):
    assert ratio(text) == sides
    assert parse(text).spares_rows is spares


SOUP = st.text(alphabet="abplays sumcontwhere=<>()+-*/,.'\"0123456789[]{}:@#公开\n\\_", max_size=60)


@given(SOUP)
def test_any_text_is_a_formula_or_a_kpi_error(text):
    """Nothing else comes out: no other error, no warning, and no crash of the parser."""
    with contextlib.suppress(KpiError):
        formula = parse(text)
        assert formula.aggregates or not formula.columns


@pytest.mark.parametrize("opening", ["(", "[", "-", "not ", "count("])
def test_nests_that_exhaust_pythons_parser_are_refused(opening):
    with pytest.raises(KpiError):
        parse(opening * (LONGEST // len(opening)))
