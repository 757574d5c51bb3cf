"""Measure how fast a million order lines are read, beside bare reads: ``make bench-exports``.

A bare read gives the cells as text and does nothing else. kpilib's also recognises the file, finds
each row's kind, checks and converts every cell that it uses, makes pseudonyms of buyers, looks for
orders that stand there twice and for earlier purchases, and keeps what is private out of memory.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from xml.sax.saxutils import escape

from peers import ROOT, environment, written

sys.path.insert(0, str(ROOT))

from kpilib.exports import formats
from tests.corpus.parts import letters, parts, row, sheet, text

CACHE = ROOT / ".cache/exports"
READERS = Path(__file__).with_name("readers.py")
START, END = "<!-- bench-exports:start -->", "<!-- bench-exports:end -->"
LINES = {
    "csv, GBK, 75 columns": (1_000_000, "csv"),
    "xlsx, 20 columns": (1_000_000, "xlsx"),
    "xlsx, 20 columns, texts shared": (1_000_000, "shared"),
}
_RELATIONS = "xl/_rels/workbook.xml.rels"
_SHARED = (
    '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
ONE_CORE = "polars, on one core"
TURNS = 3  # so that what else the machine does meets all readers alike
CHOSEN = 20  # columns of the workbook: a report whose columns the merchant chose
TEXTS = {
    "en": (
        "| A million order lines | Read by | Time | Lines a second | Memory | Ratio |",
        "Measured by `make bench-exports` on {cores} cores, best of three by turns; the ratio is "
        "to the fastest bare read, which gives text and nothing else. Of these, polars reads csv "
        "on all cores; kpilib on one, for pages are made by several processes at once.",
        "kpilib, read and checked",
    ),
    "zh": (
        "| 一百万行订单 | 读取方式 | 用时 | 每秒行数 | 内存 | 比值 |",
        "由 `make bench-exports` 在 {cores} 核上轮流测得，取三次中的最快者；"
        "比值相对于最快的裸读（只得到文本，不做任何检查）。其中 polars 读 csv 时用上所有核；"
        "kpilib 只用一核，因为页面由多个进程同时生成。",
        "kpilib，读取并核验",
    ),
}


def lines(number: int) -> Iterator[list[str]]:
    """Yield a header and order lines of May 2025 as the shop exports them, from a fixed seed."""
    headers = formats()["shop_orders"].headers
    rng = random.Random(0)
    yield list(headers)
    for place in range(number):
        second = rng.randrange(86400)
        clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        paid = f"2025-05-{1 + place * 31 // number:02d} {clock}"
        cells = {
            "主订单编号": f"69250501{place // 2:011d}\t",
            "子订单编号": f"69250501{place:011d}\t",
            "选购商品": "晨光家用空气炸锅大容量多功能",
            "商品ID": f"35200177612000{rng.randrange(300):05d}",
            "商品数量": "1",
            "订单应付金额": f"{rng.randrange(2000, 200000) / 100:,.2f}",
            "运费": "0.00",
            "订单提交时间": paid,
            "支付完成时间": paid,
            "订单完成时间": paid,
            "订单状态": "已完成",
            "订单类型": "普通订单",
            "收件人": "王**",
            "收件人手机号": f"138****{rng.randrange(10000):04d}",
            "省": "北京市",
            "市": "北京市",
            "详细地址": "**号",
            "达人昵称": "晨光好物间",
        }
        yield [cells.get(header, "-") for header in headers]


def made(kind: str, number: int) -> Path:
    """Return a team's folder with an export of so many lines, made once."""
    folder = CACHE / f"{kind}-{number}"
    file = folder / f"exports/2025-05/orders.{'csv' if kind == 'csv' else 'xlsx'}"
    if not (folder / "people.csv").exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        if kind == "csv":
            with file.open("w", encoding="gb18030", newline="") as handle:
                csv.writer(handle, lineterminator="\n").writerows(lines(number))
        else:
            _workbook(file, number, shared=kind == "shared")
        people = "person,name,team,role,account\np1,a,live,主播,晨光好物间\n"
        (folder / "people.csv").write_text(people, encoding="utf-8")
    return file


def _workbook(file: Path, number: int, *, shared: bool) -> None:
    """Write a workbook row by row; every cell is text, as the shop writes it.

    Some programs write each text into its cell, others once for all cells that hold it.
    """
    headers = formats()["shop_orders"].headers
    used = formats()["shop_orders"].columns
    chosen = sorted(range(len(headers)), key=lambda place: headers[place] not in used)[:CHOSEN]
    chosen = list(enumerate(chosen))
    mark = "<!-- rows -->"
    members = parts(sheet(mark))
    known: dict[str, int] = {}
    if shared:
        members[_RELATIONS] = members[_RELATIONS].replace("</Relationships>", _SHARED)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text_of in members.items():
            head, here, tail = text_of.partition(mark)
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(head.encode())
                for place, cells in enumerate(lines(number) if here else (), start=1):
                    kept = [
                        f'<c r="{letters(n)}{place}" t="s">'
                        f"<v>{known.setdefault(cells[c], len(known))}</v></c>"
                        if shared
                        else text(f"{letters(n)}{place}", cells[c])
                        for n, c in chosen
                    ]
                    part.write(row(place, *kept).encode())
                part.write(tail.encode())
        if shared:
            with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
                items = (f"<si><t>{escape(each)}</t></si>" for each in known)
                part.writelines(item.encode() for item in ("<sst>", *items, "</sst>"))


def measured() -> list[tuple[str, str, float, float, float]]:
    """Return file, reader, seconds, MiB and the ratio to the fastest bare read."""
    python = environment()
    found = []
    for title, (number, kind) in LINES.items():
        file = made(kind, number)
        other = (ONE_CORE, python) if kind == "csv" else ("python-calamine", sys.executable)
        mine = sys.executable
        readers = dict([("pandas", mine), ("polars", python), other, ("kpilib", mine)])
        turns = [{n: _read(by, n, file) for n, by in readers.items()} for _ in range(TURNS)]
        taken = {name: min(turn[name] for turn in turns) for name in readers}
        fastest = min(seconds for name, (seconds, _) in taken.items() if name != "kpilib")
        found += [(title, n, s, mib, s / fastest) for n, (s, mib) in taken.items()]
    return found


def _read(python: str, reader: str, file: Path) -> tuple[float, float]:
    """Read a file in a process of its own; return seconds and peak MiB."""
    settings = dict(os.environ)
    if reader == ONE_CORE:
        reader, settings["POLARS_MAX_THREADS"] = "polars", "1"
    command = [python, str(READERS), reader, str(file), str(ROOT)]
    start = perf_counter()
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{reader} failed after {perf_counter() - start:.0f} s:\n{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["seconds"], answer["mib"]


def table(found: list[tuple[str, str, float, float, float]], language: str) -> str:
    """Return the table as Markdown."""
    head, about, ours = TEXTS[language]
    rows = [head, "|---|---|---|---|---|---|"]
    for title, reader, seconds, mib, ratio in found:
        number = LINES[title][0]
        name = ours if reader == "kpilib" else reader
        rows.append(
            f"| {title} | {name} | {written(seconds)} | {number / seconds:,.0f} "
            f"| {mib:,.0f} MiB | {ratio:.2g} x |"
        )
    return "\n".join([*rows, "", about.format(cores=os.cpu_count())])


def main() -> None:
    """Print the table and put it between the marks in both READMEs."""
    found = measured()
    for name, language in (("README.md", "en"), ("README.zh-CN.md", "zh")):
        made_here = table(found, language)
        sys.stdout.write(made_here + "\n\n")
        readme = ROOT / name
        before, start, rest = readme.read_text(encoding="utf-8").partition(START)
        _, end, after = rest.partition(END)
        if not (start and end):
            sys.exit(f"{name} has no {START} and {END}. To mend: put them where the table belongs.")
        readme.write_text(f"{before}{start}\n{made_here}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
