"""Files in the wrong place, of the wrong platform, beside others that say the same or otherwise."""

from __future__ import annotations

from collections.abc import Callable

from kpilib.exports import formats
from tests.corpus import MONTH, Case
from tests.corpus.damage import cell, good
from tests.exports_made import PERSON, Made, as_bytes, as_csv

WORKS, DAILY, ORDERS, LIVE = "creator_works", "creator_daily", "shop_orders", "compass_live_daily"
_PEOPLE = formats()["people"].headers
_OTHER = PERSON | {"person": "p002", "account": "七号工具间"}
_REFUSED = [key for key, fmt in formats().items() if fmt.refused]


def _csv(made: Made, **kwargs: object) -> Callable[[], bytes]:
    raw = as_bytes(made, "csv", **kwargs)  # type: ignore[arg-type]
    return lambda: raw


def _people(*rows: dict[str, str]) -> Callable[[], bytes]:
    return lambda: as_csv(_PEOPLE, rows, missing="").encode()


def _at(name: str, key: str, path: str, text: str | None = None, **more: object) -> Case:
    """Return the case of a good file at some place of the team's folder."""
    return Case(f"{key}: {name}", key, _csv(good(key)), path, text=text, **more)  # type: ignore[arg-type]


def _look_alike(key: str) -> Case:
    """Return the case of another platform's file beside a good one."""
    fmt = formats()[key]
    made = Made(list(fmt.headers), [["1"] * len(fmt.headers)])
    text = f"{{file}}: this is {fmt.name}, {fmt.because}. To mend: {fmt.remedy}"
    return Case(f"{key}: among the exports", LIVE, _csv(made), text=text)


def _notice(key: str) -> Case:
    fmt = formats()[key]
    made = Made(list(fmt.headers), [["1"] * len(fmt.headers)])
    text = f"{{file}}: this is {fmt.name}, {fmt.because}. To mend: {fmt.remedy}"
    return Case(f"{key}: under a notice", LIVE, _csv(made, above=[["最多导出前1000条"]]), text=text)


_MOVE = "To mend: put it into a folder named like its account, as "
_BOTH = {"people.csv": _people(PERSON, _OTHER)}
FOLDERS = [
    _at("in the account's folder", WORKS, f"{MONTH}/晨光厨房/x.csv"),
    _at("in a day's folder", WORKS, f"{MONTH}/2025-06-15/x.csv"),
    _at("in both", WORKS, f"{MONTH}/2025-06-15/晨光厨房/x.csv"),
    _at("in folders that say nothing", LIVE, f"{MONTH}/新建文件夹/下载/x.csv"),
    _at(
        "in no account's folder",
        WORKS,
        f"{MONTH}/x.csv",
        (
            "{file}: no column and no folder says of which account this "
            "is. To mend: put it into a folder named like its account, as "
            "七号工具间/x.csv."
        ),
        beside=_BOTH,
    ),
    _at(
        "in the folder of an account misspelt",
        WORKS,
        f"{MONTH}/晨光厨坊/x.csv",
        (
            "{file}: the folder 晨光厨坊 is no account of people.csv; the "
            "nearest is 晨光厨房. To mend: put it into a folder named like "
            "its account, as 晨光厨房/x.csv."
        ),
        beside=_BOTH,
    ),
    _at(
        "in the folder of another account than the only one",
        WORKS,
        f"{MONTH}/别的账号/x.csv",
        "{file}: the folder 别的账号 is no account of people.csv. " + _MOVE + "晨光厨房/x.csv.",
    ),
    _at(
        "in the folder of the only account misspelt",
        WORKS,
        f"{MONTH}/2025-06-15/晨光厨坊/x.csv",
        (
            "{file}: the folder 晨光厨坊 is no account of people.csv; the nearest is 晨光厨房. "
            + _MOVE
            + "晨光厨房/x.csv."
        ),
    ),
    _at(
        "in folders that say nothing of the account",
        WORKS,
        f"{MONTH}/新建文件夹/下载/x.csv",
        "{file}: the folder 下载 is no account of people.csv. " + _MOVE + "晨光厨房/x.csv.",
    ),
    _at(
        "in no account's folder, all other accounts being live rooms that are read",
        WORKS,
        f"{MONTH}/x.csv",
        (
            "{file}: no column and no folder says of which account this is. "
            + _MOVE
            + "晨光厨房/x.csv."
        ),
        beside={
            "people.csv": _people(PERSON, PERSON | {"person": "p002", "account": "晨光好物间"}),
            f"{MONTH}/l.csv": _csv(good(LIVE)),
        },
    ),
    _at(
        "in folders of two accounts",
        WORKS,
        f"{MONTH}/晨光厨房/七号工具间/x.csv",
        (
            "{file}: two folders state the account: 七号工具间 and 晨光厨房. To "
            "mend: keep the one that is right."
        ),
        beside=_BOTH,
    ),
    _at(
        "in folders of two days",
        WORKS,
        f"{MONTH}/2025-06-15/2025-06-14/x.csv",
        (
            "{file}: two folders state the as-of date: 2025-06-14 and "
            "2025-06-15. To mend: keep the one that is right."
        ),
    ),
    _at(
        "in the folder of no day",
        WORKS,
        f"{MONTH}/2025-06-31/x.csv",
        ("{file}: the folder 2025-06-31 is no day. To mend: name it like the day of the export."),
    ),
    _at(
        "locked by a spreadsheet",
        WORKS,
        f"{MONTH}/~$x.csv",
        (
            "{file}: a workbook is open in another program, so it may not "
            "be saved whole. To mend: save and close it; delete this file "
            "if it stays."
        ),
    ),
    _at(
        "beside hidden files",
        WORKS,
        f"{MONTH}/x.csv",
        beside={
            f"{MONTH}/.DS_Store": lambda: b"x",
            f"{MONTH}/Thumbs.db": lambda: b"x",
            f"{MONTH}/.~lock.x.csv#": lambda: b"x",
        },
    ),
    _at("with a name of blanks and signs", WORKS, f"{MONTH}/ 作品 列表 (1)[新]{{a}} 50%.csv"),
    _at("with a name like a formula", LIVE, f"{MONTH}/=1+1.csv"),
    Case(
        "people: among the exports",
        LIVE,
        _people(PERSON),
        text=("{file}: this is people.csv, among the exports. To mend: move it to people.csv."),
    ),
    Case(
        "credits: among the exports",
        LIVE,
        _csv(good("credits")),
        text=("{file}: this is credits.csv, among the exports. To mend: move it to credits.csv."),
    ),
    Case(
        "works where people should be",
        LIVE,
        _csv(good(WORKS)),
        "people.csv",
        text=(
            "{file}: this is 抖音创作者中心 作品列表, not {file}. To mend: write "
            "here the columns person, name, team, role, account, "
            "base_pay, joined, left."
        ),
        beside={f"{MONTH}/x.csv": _csv(good(LIVE))},
    ),
    Case(
        "people half-written",
        LIVE,
        lambda: _people(PERSON)()[:-20] + b"\xff",
        "people.csv",
        text=(
            "{file}: the text is UTF-8 as far as byte 88, where it is "
            "damaged or breaks off. To mend: download it again from the "
            "platform."
        ),
        beside={f"{MONTH}/x.csv": _csv(good(WORKS))},
    ),
]
_LATER = cell(good(WORKS), "播放量", "40000")
BESIDE = [
    _at(
        "downloaded twice",
        WORKS,
        f"{MONTH}/x.csv",
        beside={f"{MONTH}/x (1).csv": _csv(good(WORKS))},
        aside={"the same row again": 2},
    ),
    _at(
        "downloaded twice, the second with other plays",
        WORKS,
        f"{MONTH}/x.csv",
        (
            "exports/2025-05/x (1).csv, row 3 and {file}, row 3: account "
            "晨光厨房, title 鸡翅的误区 1, published 2025-05-03 18:17:25 stands "
            "there twice with other values: plays 40000 and 34606. To "
            "mend: keep the row that is right and take the other out."
        ),
        beside={f"{MONTH}/x (1).csv": _csv(_LATER)},
    ),
    _at(
        "as of two days, the as-of day decides",
        WORKS,
        f"{MONTH}/2025-06-15/x.csv",
        beside={f"{MONTH}/2025-06-20/x.csv": _csv(_LATER)},
        aside={"another as-of date is read": 2},
    ),
    _at(
        "as of two days, the later by the as-of day",
        WORKS,
        f"{MONTH}/2025-06-14/x.csv",
        beside={f"{MONTH}/2025-06-01/x.csv": _csv(_LATER)},
        aside={"another as-of date is read": 2},
    ),
    _at(
        "beside an empty file",
        LIVE,
        f"{MONTH}/y.csv",
        ("exports/2025-05/x.csv: the file is empty. To mend: download it again from the platform."),
        beside={f"{MONTH}/x.csv": lambda: b""},
    ),
]

CASES = [
    *FOLDERS,
    *BESIDE,
    *map(_look_alike, _REFUSED),
    *map(_notice, ["xiaohongshu_notes", "kuaishou_works"]),
]
