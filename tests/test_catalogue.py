"""The catalogue: every indicator defined once, files checked whole, faults named by place."""

from __future__ import annotations

import pytest

from kpilib.catalogue import Catalogue, read_catalogue
from kpilib.errors import KpiError
from kpilib.exports import table_columns
from kpilib.formula import check

SHIPPED = read_catalogue()

# Key -> direction and unit, as the published scheme means them; the last twelve are for variants.
PUBLISHED = {
    "follower_growth": ("higher", "rate"),
    "hit_rate": ("higher", "rate"),
    "lead_conversion": ("higher", "rate"),
    "works_published": ("higher", "per_week"),
    "completion_rate": ("higher", "rate"),
    "ideas_adopted": ("higher", "rate"),
    "delivery_time": ("lower", "hours"),
    "editing_quality": ("higher", "score"),
    "topic_fit": ("higher", "score"),
    "screen_performance": ("higher", "score"),
    "cooperation": ("higher", "score"),
    "interaction_rate": ("higher", "rate"),
    "gmv_completion": ("higher", "rate"),
    "order_conversion": ("higher", "rate"),
    "watch_time": ("higher", "seconds"),
    "return_rate": ("lower", "rate"),
    "cpm": ("lower", "yuan"),
    "campaign_delivery": ("higher", "rate"),
    "live_views_growth": ("higher", "rate"),
    "response_time": ("lower", "seconds"),
    "bad_review_rate": ("lower", "rate"),
    "inquiry_conversion": ("higher", "rate"),
    "creative_ctr": ("higher", "rate"),
    "page_conversion": ("higher", "rate"),
    "roi": ("higher", "ratio"),
    "repurchase_rate": ("higher", "rate"),
    "preheat_leads": ("higher", "count"),
    "plays": ("higher", "count"),
    "host_gmv_per_hour": ("higher", "yuan"),
    "host_order_conversion": ("higher", "rate"),
    "host_follow_rate": ("higher", "rate"),
    "host_watch_time": ("higher", "seconds"),
    "host_roi": ("higher", "ratio"),
    "controller_gmv_per_hour": ("higher", "yuan"),
    "controller_order_conversion": ("higher", "rate"),
    "controller_roi": ("higher", "ratio"),
}


def test_catalogue_holds_the_24_indicators_of_the_scheme_and_twelve_for_variants():
    assert {d.key: (d.direction, d.unit) for d in SHIPPED} == PUBLISHED
    assert len(SHIPPED) == 36


def test_tables_of_the_catalogue_are_those_that_exports_are_read_into():
    """Every column that a formula may use is one that reading gives; shares come from credits."""
    for table, kinds in SHIPPED.tables.items():
        assert set(kinds) - {"share"} <= set(table_columns()[table]), table
    wanted = {"works", "account_days", "sessions", "orders", "service", "ads", "tasks", "ratings"}
    assert set(SHIPPED.tables) == wanted | {"hosts"}


@pytest.mark.parametrize("definition", SHIPPED, ids=lambda d: d.key)
def test_definition_says_what_is_counted_in_both_languages(definition):
    for words in (definition.title, definition.note):
        assert words["en"].replace("#直播预热", "").isascii()  # the tag is data, not a word
        assert any("一" <= character <= "鿿" for character in words["zh"])
    if definition.judged:
        assert definition.parsed is None
    else:
        check(definition.parsed, SHIPPED.tables[definition.table].keys())


def test_no_word_of_elimination_anywhere():
    text = " ".join(w for d in SHIPPED for words in (d.title, d.note) for w in (words.en, words.zh))
    assert "淘汰" not in text
    assert "eliminat" not in text.lower()


def test_rates_of_cases_carry_wilson_and_ratios_of_sums_carry_clusters():
    """Growth and plan figures are full counts, not samples: they carry no interval.

    Nor does a row of a ranking, whose sessions nobody knows.
    """
    kinds = {d.key: d.interval for d in SHIPPED if d.interval != "none"}
    wilson = {
        "hit_rate",
        "ideas_adopted",
        "return_rate",
        "campaign_delivery",
        "bad_review_rate",
        "inquiry_conversion",
        "repurchase_rate",
    }
    assert {key for key, kind in kinds.items() if kind == "wilson"} == wilson
    rates = {d.key for d in SHIPPED if d.unit == "rate" and d.table != "hosts"}
    assert all(d.interval == "none" for d in SHIPPED if d.table == "hosts")
    assert rates - kinds.keys() == {"follower_growth", "gmv_completion", "live_views_growth"}


def test_unknown_key_is_refused_with_its_neighbour():
    with pytest.raises(KpiError) as caught:
        SHIPPED["hitrate"]
    assert str(caught.value) == (
        "indicator 'hitrate': the catalogue has no such indicator; the nearest is 'hit_rate'. "
        f"To mend: use one of: {', '.join(PUBLISHED)}."
    )
    assert "hitrate" not in SHIPPED
    assert "hit_rate" in SHIPPED


OWN = """
indicators:
  share_rate:
    table: works
    formula: sum(shares) / sum(plays)
    unit: rate
    direction: higher
    dimension: engagement
    interval: cluster
    title: {en: Share rate, zh: 分享率}
    note: {en: Shares divided by plays., zh: 分享量 ÷ 播放量。}
"""


def own(tmp_path, text: str) -> Catalogue:
    """Read a company's own catalogue."""
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    return read_catalogue(path)


def complaint(tmp_path, text: str) -> str:
    with pytest.raises(KpiError) as caught:
        own(tmp_path, text)
    return str(caught.value)


def test_a_company_adds_an_indicator_and_redefines_another(tmp_path):
    hits = OWN.replace("share_rate", "hit_rate").replace(
        "sum(shares) / sum(plays)", "count(where=plays >= 50000) / count()"
    )
    book = own(tmp_path, OWN + hits.removeprefix("\nindicators:\n"))
    assert len(book) == 37
    assert book["share_rate"].parsed.columns == {"shares", "plays"}
    assert book["hit_rate"].formula == "count(where=plays >= 50000) / count()"
    assert SHIPPED["hit_rate"].formula == "count(where=plays >= 100000) / count()"


def test_all_faults_of_a_file_are_named_at_once(tmp_path):
    text = OWN.replace("sum(shares)", "sum(share_count)").replace("unit: rate", "unit: percent")
    text += """
  two:
    table: work
    formula: count()
    unit: count
    direction: up
    dimension: exposure
    title: {en: Two, zh: 二}
    note: {en: Two., zh: 二。}
  three: {table: works}
  four: sum(plays)
tables: {}
"""
    assert complaint(tmp_path, text) == (
        "own.yaml: 9 faults:\n"
        "  tables: a file has only 'indicators'\n"
        "  indicators.share_rate.unit: Input should be 'rate', 'count', 'per_week', 'hours', "
        "'seconds', 'yuan', 'score' or 'ratio'\n"
        "  indicators.two.direction: Input should be 'higher' or 'lower'\n"
        "  indicators.three.unit: Field required\n"
        "  indicators.three.direction: Field required\n"
        "  indicators.three.dimension: Field required\n"
        "  indicators.three.title: Field required\n"
        "  indicators.three.note: Field required\n"
        "  indicators.four: write table, formula, unit and so on under it\n"
        " To mend: correct these places; kpilib/catalogue.yaml shows the form."
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "sum(shares)",
            "sum(sharess)",
            "formula: no column 'sharess'; the nearest is 'shares'.\n"
            "    sum(sharess) / sum(plays)\n        ^^^^^^^\n"
            "    use one of: account, avg_play_s, bounce_2s, collects, comments, completion, "
            "completion_5s, cover_ctr, follower_gain, genre, likes, plays, preheat, "
            "profile_visits, published, share, shares, title, visible.",
        ),
        (
            "sum(shares) / sum(plays)",
            "median(shares)",
            "interval: cluster needs a formula that is a ratio of sums or counts",
        ),
        (
            "table: works",
            "table: work",
            "table: no table 'work'; the nearest is 'works'; there are works, account_days, "
            "sessions, orders, service, hosts, ads, tasks, ratings",
        ),
        ("formula: sum(shares) / sum(plays)\n", "\n", "formula: Field required"),
        ("    interval: cluster", "    relations: [peer]", "relations: only for the table ratings"),
        (
            "table: works",
            "table: ratings",
            "table: marks of ratings take no formula, plan or interval\n"
            "  indicators.share_rate.relations: say whose marks count: peer, manager, user",
        ),
    ],
)
def test_fault_between_the_parts_of_a_definition_is_named(tmp_path, old, new, fault):
    count = 1 + fault.count("\n  indicators")
    assert complaint(tmp_path, OWN.replace(old, new)) == (
        f"own.yaml: {count} fault{'s' * (count != 1)}:\n  indicators.share_rate.{fault}\n"
        " To mend: correct these places; kpilib/catalogue.yaml shows the form."
    )


def test_a_file_without_indicators_is_refused(tmp_path):
    assert complaint(tmp_path, "indicators: {}") == (
        "own.yaml: 1 fault:\n  indicators: the file defines none\n"
        " To mend: correct these places; kpilib/catalogue.yaml shows the form."
    )


def test_a_key_that_stands_twice_is_refused(tmp_path):
    assert complaint(tmp_path, OWN + OWN.removeprefix("\nindicators:\n")) == (
        "own.yaml, line 12: 'share_rate' stands twice. To mend: keep one of the two."
    )
