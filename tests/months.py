"""Months typed or drawn in a test: canonical tables without any file behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from kpilib.catalogue import read_catalogue
from kpilib.exports import formats, table_columns
from kpilib.exports.receipt import Month, Receipt, findings_frame, frame
from kpilib.scheme import Scheme, read_scheme
from kpilib.scheme.model import checked

TEXTS = {
    *("account", "title", "genre", "visible", "order_id", "suborder_id", "product_id", "state"),
    *("aftersale", "buyer", "aftersale_id", "type", "status", "reason", "agent", "material_id"),
    *("material", "material_type", "task", "person", "kind", "rater", "ratee", "relation", "item"),
    *("comment", "name", "team", "role", "month", "indicator", "file", "decided_by", "campaign"),
    *("objective", "contribution", "grade_from", "grade_to", "scheme"),
    *("who", "witness", "note", "alias", "duty"),
}
TIMES = {
    *("published", "day", "submitted", "paid", "completed", "applied", "due", "delivered"),
    *("joined", "left", "at", "decided", "first", "last", "when"),
}
FLAGS = {"preheat", "returned", "repeat", "adopted", "met"}

Rows = Sequence[Mapping[str, object]]


def table_of(table: str, rows: Rows) -> pd.DataFrame:
    """Return rows as reading gives them: all columns, each of its type, with file and row."""
    columns = [*table_columns()[table], "file", "row"]
    filled = [{"file": f"{table}.csv", "row": i + 2, **row} for i, row in enumerate(rows)]
    made = pd.DataFrame([[row.get(c) for c in columns] for row in filled], columns=columns)
    types = {
        c: "str"
        if c in TEXTS
        else "datetime64[us]"
        if c in TIMES
        else "boolean"
        if c in FLAGS
        else "int64"
        if c == "row"
        else "float64"
        for c in columns
    }
    return made.astype(types)


def month_of(month: str = "2025-05", *, read: Sequence[str] = (), **tables: Rows) -> Month:
    """Return a month of the given rows; tables in ``read`` had a file, but no row that counts."""
    made = {table: table_of(table, tables.get(table, ())) for table in table_columns()}
    given = [f for f in formats().values() if f.table in {*tables, *read}]
    files = frame(
        [[f"{f.table}.csv", f.key, 0, 0, 0] for f in given],
        ["file", "format", "rows_in", "used", "set_aside"],
    )
    receipt = Receipt(
        files,
        frame([], ["file", "reason", "rows"]),
        frame([], ["file", "column"]),
        frame([], ["file", "column"]),
        findings_frame([]),
    )
    return Month(Path(), month, made, receipt)


def scheme_with(roles: Mapping[str, Sequence[str]], shared: Sequence[str] = ()) -> Scheme:
    """Return the published scheme with other indicators in its roles, evenly weighted."""
    published = read_scheme("published").model_dump()
    book = read_catalogue()
    made = [
        {
            **role,
            "indicators": [
                {
                    "key": key,
                    "target": 1.0,
                    "shared": key in shared,
                    "definition": book[key].model_dump(),
                }
                for key in roles.get(role["key"], ())
            ],
        }
        for role in published["roles"]
    ]
    return checked({**published, "roles": made, "stages": {}}, "test")


EVERYTHING = scheme_with(
    {
        "operations_manager": ("follower_growth", "hit_rate", "lead_conversion", "plays"),
        "director": ("works_published", "completion_rate", "ideas_adopted", "preheat_leads"),
        "editor": ("delivery_time", "editing_quality", "topic_fit"),
        "actor": ("screen_performance", "cooperation", "interaction_rate"),
        "host": (
            *("gmv_completion", "order_conversion", "watch_time", "return_rate"),
            *("repurchase_rate", "preheat_leads", "host_gmv_per_hour", "host_order_conversion"),
            *("host_follow_rate", "host_watch_time", "host_roi", "controller_roi"),
        ),
        "live_operations": (
            *("cpm", "campaign_delivery", "live_views_growth", "roi"),
            *("controller_gmv_per_hour", "controller_order_conversion", "controller_roi"),
        ),
        "customer_service": ("response_time", "bad_review_rate", "inquiry_conversion"),
        "planner": ("creative_ctr", "page_conversion"),
    },
    shared=("preheat_leads",),
)
