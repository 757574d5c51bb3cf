"""Files that are locked, linked, unfinished or another thing than their name says."""

from __future__ import annotations

from tests.corpus.live import AGAIN, BOOK, CSV, LIES, NO_BOOK, ROWS, XLS, case
from tests.corpus.parts import packed, parts, sheet

CASES = [
    case("xlsx named csv", "csv", BOOK, ("{file}: named .csv, but it holds xlsx. " + LIES)),
    case("xlsx named xls", "xls", BOOK, ("{file}: named .xls, but it holds xlsx. " + LIES)),
    case("csv named xlsx", "xlsx", CSV, ("{file}: named .xlsx, but it holds text. " + LIES)),
    case("csv named xls", "xls", CSV, ("{file}: named .xls, but it holds text. " + LIES)),
    case(
        "csv named json",
        "json",
        CSV,
        ("{file}: this is not whole json (Expecting value: line 1 column 1 (char 0)). " + AGAIN),
    ),
    case("xls named xlsx", "xlsx", XLS, ("{file}: named .xlsx, but it holds xls. " + LIES)),
    case(
        "a web page named csv",
        "csv",
        b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>login</body></html>",
        (
            "{file}: this is a web page or another marked-up text, not a table. To mend: log "
            "in to the platform and download the export again."
        ),
    ),
    case(
        "a web page named xls",
        "xls",
        b"<html><table><tr><td>1</td></tr></table></html>",
        (
            "{file}: this is a web page or another marked-up text, not a table. To mend: log "
            "in to the platform and download the export again."
        ),
    ),
    case(
        "a PDF named xlsx",
        "xlsx",
        b"%PDF-1.7 ...",
        ("{file}: named .xlsx, but it holds a PDF. " + LIES),
    ),
    case(
        "a picture named csv",
        "csv",
        b"\x89PNG\r\n\x1a\n....",
        ("{file}: named .csv, but it holds a picture. " + LIES),
    ),
    case(
        "a gzip archive named csv",
        "csv",
        b"\x1f\x8b\x08\0....",
        ("{file}: named .csv, but it holds a gzip archive. " + LIES),
    ),
    case(
        "an archive of csv files",
        "zip",
        packed({"x.csv": CSV}),
        ("{file}: kpilib does not read .zip files. To mend: give xlsx, xls, csv, tsv or json."),
    ),
    case("an archive of csv files named xlsx", "xlsx", packed({"x.csv": CSV}), (NO_BOOK)),
    case(
        "an empty archive named xlsx",
        "xlsx",
        b"PK\x05\x06" + bytes(18),
        ("{file}: named .xlsx, but it holds an empty archive. " + LIES),
    ),
    case(
        "an ods named xlsx",
        "xlsx",
        packed({**parts(sheet(ROWS)), "content.xml": "<x/>"}),
        (NO_BOOK),
    ),
    case("a binary workbook named xlsx", "xlsx", packed({"xl/workbook.bin": "x"}), (NO_BOOK)),
    case(
        "no ending",
        "",
        CSV,
        ("{file}: kpilib does not read such files. To mend: give xlsx, xls, csv, tsv or json."),
    ),
    case(
        "a download not finished",
        "xlsx.crdownload",
        BOOK,
        ("{file}: an unfinished download. " + AGAIN),
    ),
    case("a temporary file", "csv.tmp", CSV, ("{file}: an unfinished download. " + AGAIN)),
]
