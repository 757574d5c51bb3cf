"""Files that cannot be read whole: each refused in words, without harm."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpilib.errors import KpiError
from kpilib.exports import archives, delimited, extents, files, formats, read_team, taking
from tests.exports_made import ORDER, PERSON, SESSION, WORK, Folder, as_bytes, as_csv, made
from tests.exports_rows import RATING

AGAIN = "To mend: download it again from the platform."
# the commoner hanzi, in the order of their sounds
GB2312 = bytes(b for k in range(0xB0, 0xD7) for m in range(0xA1, 0xFF) for b in (k, m)).decode(
    "gbk"
)
HEADERS = formats()["compass_live_daily"].headers


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def refusal(folder: Folder) -> str:
    with pytest.raises(KpiError) as caught:
        read_team(folder.root, "2025-05")
    return str(caught.value)


def test_a_half_written_workbook_is_refused(folder):
    file = folder.xlsx("creator_works", "x.xlsx", WORK)
    whole = (folder.root / file).read_bytes()
    folder.text(file, whole[: len(whole) // 2])
    assert refusal(folder) == (
        f"{file}: the workbook cannot be opened: half-written, damaged or under a password. {AGAIN}"
    )


def test_a_workbook_that_is_some_other_archive_is_refused(folder):
    path = folder.root / "exports/2025-05/x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(folder) == (
        "exports/2025-05/x.xlsx: this archive is no xlsx workbook. "
        "To mend: unpack it, and put the files that are in it here."
    )


def sheet_with(folder, *cells):
    book = openpyxl.Workbook()
    for cell in cells:
        book.active[cell] = "x"
    book.save(folder.root / "exports/2025-05/x.xlsx")
    return "exports/2025-05/x.xlsx"


def test_a_sheet_that_is_nearly_all_empty_is_refused_before_it_fills_the_memory(folder):
    file = sheet_with(folder, "A1", "XFD1048576")
    assert refusal(folder) == (
        f"{file}: xl/worksheets/sheet1.xml spans 17179869184 cells and fills 2 of them. To mend: "
        "delete the empty rows and columns around the data, or download it again."
    )


def test_a_stray_cell_far_below_does_no_harm(folder):
    sheet_with(folder, "A1", "A90000")
    assert "no header of a known format" in refusal(folder)


def test_a_part_that_unpacks_to_too_much_is_refused(folder, monkeypatch):
    file = folder.xlsx("creator_works", "x.xlsx", WORK)
    monkeypatch.setattr("kpilib.exports.archives._LARGEST", 100)
    assert refusal(folder) == (
        f"{file}: the workbook unpacks to 0.0 GiB. To mend: "
        "delete the empty rows and columns around the data, or download it again."
    )


def test_places_are_found_across_the_pieces_in_which_a_sheet_is_looked_at():
    sheet = b"".join(b'<row r="%d"><c r="AB%d"><v>1</v></c></row>' % (n, n) for n in range(1, 99))
    for size in (64, 71, 1000):
        extent = extents.Extent()
        blocks = [sheet[start : start + size] for start in range(0, len(sheet), size)]
        for block in archives._whole_tags(blocks, "sheet1.xml", "x.xlsx"):
            extents.measure(block, extent)
        assert extent == extents.Extent(98, 98, 28)


def test_an_empty_workbook_is_refused(folder):
    file = folder.sheets("x.xlsx", [])
    assert refusal(folder) == f"{file}: the workbook is empty. {AGAIN}"


def test_a_half_written_csv_is_refused(folder):
    whole = as_csv(HEADERS, [SESSION, SESSION | {"日期": "2025-05-02"}])
    file = folder.text("exports/2025-05/x.csv", whole[:-60])
    assert refusal(folder) == (
        f"{file}, row 3: 24 cells in this row, 48 in the header. To mend: put cells that hold a "
        "comma in quotes; download a half-written file again."
    )


def test_a_row_with_a_comma_too_many_is_refused(folder):
    row = ["a,b" if h == "直播间名称" else SESSION.get(h, "-") for h in HEADERS]
    file = folder.text("exports/2025-05/x.csv", f"{','.join(HEADERS)}\n{','.join(row)}\n")
    assert refusal(folder).startswith(f"{file}, row 2: 49 cells in this row, 48 in the header.")


def test_trailing_commas_do_no_harm(folder):
    text = as_csv(HEADERS, [SESSION]).rstrip("\n") + ",,\n"
    folder.text("exports/2025-05/x.csv", text)
    assert len(read_team(folder.root, "2025-05").tables["sessions"]) == 1


def test_a_quote_that_never_ends_is_refused(folder):
    text = as_csv(HEADERS, [SESSION]) + '"晨光'
    file = folder.text("exports/2025-05/x.csv", text)
    assert refusal(folder) == f"{file}: this is not whole csv (unexpected end of data). {AGAIN}"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_text_with_nul_characters_is_refused(folder, encoding):
    file = folder.csv("compass_live_daily", "x.csv", SESSION, encoding=encoding)
    assert refusal(folder) == (
        f"{file}: the text holds NUL characters: it is damaged, or UTF-16. "
        "To mend: save it as csv in UTF-8, or download it again."
    )


def test_text_in_no_known_encoding_is_refused(folder):
    file = folder.text("exports/2025-05/x.csv", b"\x80\xff\xff")
    assert refusal(folder) == (
        f"{file}: the text is not utf-8 or gb18030. To mend: save it as csv in UTF-8."
    )
    folder.text(file, b"\xef\xbb\xbf\xff")
    assert (
        refusal(folder)
        == f"{file}: the text is UTF-8 as far as byte 3, where it is damaged or breaks off. {AGAIN}"
    )


def broken(file: str, place: int) -> str:
    return f"{file}: the text is UTF-8 as far as byte {place}, where it is damaged or breaks off."


def test_a_line_of_gbk_under_utf8_is_refused_though_every_byte_is_some_gbk(folder):
    """Their headers are plain letters: only the names tell, and those of two hanzi are even."""
    folder.csv("compass_live_daily", "x.csv", SESSION)
    whole = (folder.root / "people.csv").read_bytes()
    line = "p003,王五,,video,编导,晨光厨房,1,,\n".encode("gbk")
    file = folder.text("people.csv", whole + line)
    assert refusal(folder).startswith(broken(file, len(whole) + len("p003,")))
    folder.text(file, whole)
    ratings = as_csv(formats()["ratings"].headers, [RATING | {"comment": "不错"}], missing="")
    line = "2025-05,p003,p001,peer,x,2,很好\n".encode("gbk")
    file = folder.text("ratings/2025-05.csv", ratings.encode() + line)
    assert refusal(folder).startswith(f"{file}: the text is UTF-8 as far as byte ")


@given(st.lists(st.text(st.sampled_from(GB2312), min_size=1, max_size=4), min_size=4, max_size=9))
def test_gbk_is_read_as_gbk(names):
    raw = ("person,name\n" + "\n".join(f"p,{name}" for name in [*names, "七号工具间"])).encode(
        "gbk"
    )
    try:
        raw.decode()
    except UnicodeDecodeError:
        assert delimited.look(io.BytesIO(raw), "x.csv").encoding == "gb18030"


def test_a_name_that_lies_about_its_content_is_refused(folder):
    file = folder.text("exports/2025-05/x.xlsx", as_csv(HEADERS, [SESSION]))
    remedy = "To mend: download it again, or save it as what its name says."
    assert refusal(folder) == f"{file}: named .xlsx, but it holds text. {remedy}"
    (folder.root / file).unlink()
    book = folder.xlsx("creator_works", "y.xlsx", WORK)
    (folder.root / book).rename(folder.root / "exports/2025-05/y.csv")
    assert refusal(folder) == f"exports/2025-05/y.csv: named .csv, but it holds xlsx. {remedy}"


@pytest.mark.parametrize(
    ("name", "ending"), [("a.pdf", ".pdf"), ("a", "such"), ("a.yaml", ".yaml")]
)
def test_other_files_are_refused(folder, name, ending):
    file = folder.text(f"exports/2025-05/{name}", "x")
    assert refusal(folder) == (
        f"{file}: kpilib does not read {ending} files. To mend: give xlsx, xls, csv, tsv or json."
    )


def test_what_a_download_or_a_spreadsheet_leaves_behind_is_refused(folder):
    file = folder.text("exports/2025-05/~$x.xlsx", "x")
    assert refusal(folder) == (
        f"{file}: a workbook is open in another program, so it may not be saved whole. "
        "To mend: save and close it; delete this file if it stays."
    )
    (folder.root / file).unlink()
    file = folder.text("exports/2025-05/x.xlsx.crdownload", "x")
    assert refusal(folder) == f"{file}: an unfinished download. {AGAIN}"


def test_hidden_files_and_the_systems_litter_are_no_exports(folder):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", ".~lock.x.xlsx#"):
        folder.text(f"exports/2025-05/{name}", "x")
    folder.csv("compass_live_daily", "x.csv", SESSION)
    files = read_team(folder.root, "2025-05").receipt.files["file"]
    assert files.tolist() == ["exports/2025-05/x.csv", "people.csv"]


def test_a_file_that_may_not_be_read_is_refused(folder, monkeypatch):
    file = folder.csv("compass_live_daily", "x.csv", SESSION)

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", denied)
    assert f"{file}: the file cannot be opened (Permission denied). To mend: close it" in refusal(
        folder
    )


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.csv").write_text(as_csv(HEADERS, [SESSION]), encoding="utf-8")
    (folder.root / "exports/2025-05/x.csv").symlink_to(outside / "secret.csv")
    remedy = "To mend: copy the file itself here."
    problem = "this link leads out of the data folder or back into itself."
    assert refusal(folder) == f"exports/2025-05/x.csv: {problem} {remedy}"
    (folder.root / "exports/2025-05/x.csv").unlink()
    (folder.root / "exports/2025-05/more").symlink_to(outside, target_is_directory=True)
    assert refusal(folder) == f"exports/2025-05/more: {problem} {remedy}"
    (folder.root / "exports/2025-05/more").unlink()
    (folder.root / "exports/2025-05/loop").symlink_to(
        folder.root / "exports", target_is_directory=True
    )
    assert refusal(folder) == f"exports/2025-05/loop: {problem} {remedy}"
    (folder.root / "exports/2025-05/loop").unlink()
    (folder.root / "exports/2025-05/gone.csv").symlink_to(folder.root / "nowhere.csv")
    assert refusal(folder) == f"exports/2025-05/gone.csv: this link leads nowhere. {remedy}"


def test_people_csv_may_not_be_a_link_out_of_the_folder_either(folder, tmp_path_factory):
    folder.csv("compass_live_daily", "x.csv", SESSION)
    outside = tmp_path_factory.mktemp("outside") / "people.csv"
    (folder.root / "people.csv").replace(outside)
    (folder.root / "people.csv").symlink_to(outside)
    assert refusal(folder).startswith("people.csv: this link leads out of the data folder")


@pytest.mark.parametrize("name", ["exports", "exports/2025-05", "ratings"])
def test_no_folder_may_be_a_link_out_of_the_folder(folder, tmp_path_factory, name):
    folder.csv("compass_live_daily", "x.csv", SESSION)
    folder.own("ratings", "ratings/2025-05.csv", RATING)
    outside = tmp_path_factory.mktemp("outside") / "there"
    (folder.root / name).rename(outside)
    (folder.root / name).symlink_to(outside, target_is_directory=True)
    assert refusal(folder) == (
        f"{name}: this link leads out of the data folder or back into itself. "
        "To mend: copy the file itself here."
    )


def test_links_that_lead_round_are_followed_once(folder):
    """Twenty links each way would be 20 to the 40th paths before the system refuses the next."""
    folder.csv("compass_live_daily", "x.csv", SESSION)
    one, other = folder.root / "one", folder.root / "other"
    one.mkdir()
    other.mkdir()
    (folder.root / "exports/2025-05/a").symlink_to(one)
    for number in range(20):
        (one / f"x{number}").symlink_to(other)
        (other / f"y{number}").symlink_to(one)
    lines = refusal(folder).splitlines()
    assert lines[0] == "exports/2025-05: 39 faults:"
    assert lines[1] == (
        "- exports/2025-05/a/x0/y0: another link leads to the same folder. "
        "To mend: keep one of them."
    )


def test_folders_too_deep_or_locked_are_refused(folder, monkeypatch):
    folder.csv("compass_live_daily", "x.csv", SESSION)
    deep = "exports/2025-05" + "/d" * 21
    (folder.root / deep / "d").mkdir(parents=True)
    assert refusal(folder) == (
        f"{deep}: folders within folders, more than 20 deep. "
        "To mend: put the files into folders above."
    )

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", denied)
    assert refusal(folder) == (
        "exports/2025-05: this folder cannot be opened (Permission denied). "
        "To mend: allow reading it, or take it out."
    )


def test_a_link_within_the_folder_is_followed(folder):
    file = folder.text("downloads/x.csv", as_csv(HEADERS, [SESSION]))
    (folder.root / "exports/2025-05/x.csv").symlink_to(folder.root / file)
    assert len(read_team(folder.root, "2025-05").tables["sessions"]) == 1


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_refused_in_words_or_does_no_harm(tmp_path_factory, data):
    folder = Folder(tmp_path_factory.mktemp("team"))
    file = folder.csv("compass_live_daily", "x.csv", SESSION, SESSION | {"日期": "2025-05-02"})
    raw = bytearray((folder.root / file).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    folder.text(file, bytes(raw))
    try:
        files = read_team(folder.root, "2025-05").receipt.files
    except KpiError:
        return
    assert (files["rows_in"] == files["used"] + files["set_aside"]).all()


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xef\xbb\xbf"]),
    st.sampled_from([".csv", ".xlsx", ".xls"]),
)
def test_no_bytes_raise_anything_but_a_kpi_error(tmp_path_factory, raw, magic, ending):
    folder = Folder(tmp_path_factory.mktemp("team"))
    folder.text(f"exports/2025-05/x{ending}", magic + raw)
    with pytest.raises(KpiError):
        read_team(folder.root, "2025-05")


def test_a_folder_of_mixed_faults_is_answered_file_by_file_at_once(folder, tmp_path_factory):
    """Whatever kind they are of: a file's bytes, its header, its place, its cells, its rows."""
    people = [PERSON, PERSON | {"person": "p2", "account": "七号工具间"}]
    folder.own("people", "people.csv", *people)
    folder.csv("compass_live_daily", "a.csv", SESSION | {"成交金额": "多"})
    folder.text("exports/2025-05/b.xlsx", b"PK\x03\x04 half")
    folder.text("exports/2025-05/c.csv", "甲,乙\n1,2\n")
    folder.csv("shop_orders", "d.csv", ORDER, ORDER | {"订单应付金额": "1.00"})
    folder.csv("creator_works", "晨光厨房/e.csv", WORK | {"播放量": "多", "完播率": "36.7"})
    (folder.root / "exports/2025-05/f.csv").symlink_to(tmp_path_factory.mktemp("out"))
    folder.own("tasks", "tasks/2025-05.csv", {"task": "t1", "person": "p1", "kind": "nap"})
    lines = refusal(folder).splitlines()
    assert lines[0] == "exports/2025-05: 8 faults:"
    assert [line.split(":")[0].split(",")[0] for line in lines[1:-1]] == [
        *(f"- exports/2025-05/{name}" for name in ("a.csv", "b.xlsx", "c.csv", "d.csv", "f.csv")),
        *["- exports/2025-05/晨光厨房/e.csv"] * 2,
        "- tasks/2025-05.csv",
    ]
    assert lines[-1] == " To mend: mend each of them."


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
@pytest.mark.parametrize("ending", ["xlsx", "xls", "csv"])
def test_a_workbook_is_read_whatever_bytes_its_name_is_of(folder, ending):
    """As an archive packed on Windows leaves them: 直播 in GBK."""
    there = folder.root / "exports/2025-05"
    raw = as_bytes(made("compass_live_daily", 2), ending)
    Path(os.fsdecode(os.fsencode(there) + b"/\xd6\xb1\xb2\xa5." + ending.encode())).write_bytes(raw)
    assert len(read_team(folder.root, "2025-05").tables["sessions"]) == 2


def test_blank_lines_are_counted_and_not_laid_out(folder, monkeypatch):
    """A million of them are one megabyte: each took the time of a row of 48 cells."""
    laid_out: list[int] = []
    before = taking.Taking._cells

    def cells(self, rows, place):
        laid_out.append(len(rows))
        return before(self, rows, place)

    monkeypatch.setattr(taking.Taking, "_cells", cells)
    folder.text("exports/2025-05/x.csv", as_csv(HEADERS, [SESSION]) + "\n" * 9000 + ",\n" * 9000)
    month = read_team(folder.root, "2025-05")
    assert month.receipt.set_aside["rows"].tolist() == [18_000]
    assert set(laid_out) == {1}


def test_a_file_that_grows_while_it_is_read_is_refused(folder, monkeypatch):
    file = folder.csv("compass_live_daily", "x.csv", SESSION)
    before = files.cut_all

    def growing(*args, **kwargs):
        with (folder.root / file).open("a", encoding="utf-8") as handle:
            handle.write("\n")
        return before(*args, **kwargs)

    monkeypatch.setattr(files, "cut_all", growing)
    assert refusal(folder) == (
        f"{file}: the file changed while it was read: it is still being written. "
        "To mend: wait until the download is complete, then read again."
    )


def test_a_file_that_is_a_pipe_is_refused(folder):
    os.mkfifo(folder.root / "exports/2025-05/x.csv")
    assert refusal(folder) == (
        "exports/2025-05/x.csv: this is no ordinary file. "
        "To mend: put the exported file itself here."
    )
