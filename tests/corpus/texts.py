"""Text files that are damaged, cut off or in another encoding."""

from __future__ import annotations

from tests.corpus.live import AGAIN, CSV, GOOD, LACKING, LONG, NUL, TEXT, case
from tests.exports_made import as_bytes

CASES = [
    case("line ends of old Macs", "csv", CSV.replace(b"\r\n", b"\r")),
    case("line ends of Unix", "csv", CSV.replace(b"\r\n", b"\n")),
    case("mixed line ends", "csv", CSV.replace(b"\r\n", b"\n", 1)),
    case("no line end at the end", "csv", CSV.rstrip()),
    case(
        "every cell in quotes",
        "csv",
        "\n".join('"' + line.replace(",", '","') + '"' for line in TEXT.splitlines()).encode(),
    ),
    case("tabs, and named txt", "txt", as_bytes(GOOD, "tsv")),
    case("tabs, and named csv", "csv", as_bytes(GOOD, "tsv")),
    case("an ending in capitals", "CSV", CSV),
    case(
        "semicolons",
        "csv",
        CSV.replace(b",", b";"),
        ("{file}: no header of a known format stands in the first five rows. " + LACKING),
    ),
    case("trailing commas", "csv", CSV.replace(b"\r\n", b",,\r\n")),
    case("blank lines at the end", "csv", CSV + b"\r\n\r\n", aside={"blank row": 2}),
    case(
        "cut off within a row",
        "csv",
        CSV[:-60],
        (
            "{file}, row 3: 32 cells in this row, 48 in the header. To mend: put cells that "
            "hold a comma in quotes; download a half-written file again."
        ),
    ),
    case(
        "cut off within the header",
        "csv",
        CSV[:300],
        (
            "{file}: no known format has these columns; the nearest is 抖店罗盘 "
            "直播概览数据（日）; it "
            "would need 直播间观看人数, 直播间观看人次; it does not know 成交金额(订单. " + LACKING
        ),
    ),
    case(
        "cut off within a character",
        "csv",
        CSV[: CSV.rindex("晨".encode()) + 1],
        (
            "{file}: the text is UTF-8 as far as byte 1,112, where it is damaged or breaks "
            "off. " + AGAIN
        ),
    ),
    case(
        "cut off within quotes",
        "csv",
        CSV + '"晨光'.encode(),
        ("{file}: this is not whole csv (unexpected end of data). " + AGAIN),
    ),
    case(
        "a quote that opens and never ends",
        "csv",
        CSV + b'"' + b"a\n" * 100_000,
        ("{file}: this is not whole csv (field larger than field limit (131072)). " + AGAIN),
    ),
    case(
        "a quote within a cell",
        "csv",
        CSV.replace("晨光好物间".encode(), '晨光"好物间'.encode()),
        values={"account": ['晨光"好物间'] * 2},
    ),
    case("a NUL", "csv", CSV + b"\0", (NUL)),
    case("UTF-16", "csv", TEXT.encode("utf-16"), (NUL)),
    case("UTF-32", "csv", TEXT.encode("utf-32"), (NUL)),
    case(
        "Big5 bytes",
        "csv",
        "直播間名稱,日期\n".encode("big5"),
        ("{file}: no header of a known format stands in the first five rows. " + LACKING),
    ),
    case(
        "a stray byte",
        "csv",
        CSV[:-30] + b"\xff" + CSV[-30:],
        (
            "{file}: the text is UTF-8 as far as byte 1,268, where it is damaged or breaks "
            "off. " + AGAIN
        ),
    ),
    case(
        "a BOM and a stray byte",
        "csv",
        b"\xef\xbb\xbf" + CSV[:-30] + b"\xff" + CSV[-30:],
        (
            "{file}: the text is UTF-8 as far as byte 1,271, where it is damaged or breaks "
            "off. " + AGAIN
        ),
    ),
    case("a line without an end", "csv", b"x" * 9_000_000, LONG),
    case("a line of commas without an end", "csv", CSV + b"," * 9_000_000, LONG),
    case("a row of quoted lines without an end", "csv", b'"\n",' * 1_000_000, LONG),
    case(
        "a cell of 200,000 letters",
        "csv",
        CSV + b"a" * 200_000 + b"\n",
        ("{file}: this is not whole csv (field larger than field limit (131072)). " + AGAIN),
    ),
    case(
        "a row with a comma too many",
        "csv",
        CSV.replace("晨光好物间".encode(), "晨光,好物间".encode()),
        (
            "{file}, row 2: 49 cells in this row, 48 in the header. To mend: put cells that "
            "hold a comma in quotes; download a half-written file again."
        ),
    ),
    case("empty", "csv", b"", ("{file}: the file is empty. " + AGAIN)),
    case(
        "a BOM only",
        "csv",
        b"\xef\xbb\xbf",
        ("{file}: no header of a known format stands in the first five rows. " + LACKING),
    ),
    case(
        "blank lines only",
        "csv",
        b"\n\n\n",
        ("{file}: no header of a known format stands in the first five rows. " + LACKING),
    ),
]
