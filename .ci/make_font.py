"""Cut the font of the pages out of the system's Noto Sans CJK: ``make font``.

The file is shipped, so nobody needs to run this to use the kit. It is renamed, because a machine
that has the whole Noto font must not lend its glyphs to a page that another machine cannot redraw.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")  # Debian: fonts-noto-cjk
FONTS = Path(__file__).parents[1] / "kpilib" / "fonts"
TARGET = FONTS / "NotoSansSC-subset.otf"
FAMILY = "Kpi Sans SC"
SIGNS = "≤≥±×÷−–—…·•→↑↓←▲▼●○✓★☆%‰¥€°²³σρμΣΔ≈≠∞√½“”‘’«»№℃™①②③④⑤⑥⑦⑧⑨⑩〇\u3000"
LAYOUT = ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]  # pages run left to right


def gb2312(first_row: int, last_row: int) -> set[str]:
    """Return the characters of some rows of GB2312 (rows 1-9 hold signs, 16-87 the hanzi)."""
    cells = [
        bytes([r + 0xA0, c + 0xA0]) for r in range(first_row, last_row + 1) for c in range(1, 95)
    ]
    return set("".join(cell.decode("gb2312", errors="ignore") for cell in cells))


def beyond_gb2312() -> set[str]:
    """Return the hanzi listed beside the font."""
    lines = (FONTS / "hanzi.txt").read_text(encoding="utf-8").splitlines()
    return {sign for line in lines if not line.startswith("#") for sign in line}


def characters() -> set[str]:
    """Return every character the font of the pages can draw."""
    ascii_and_latin = {chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x100))}
    # rows 1-5: punctuation, numerals, full-width forms and kana (の is common in account names)
    return ascii_and_latin | set(SIGNS) | gb2312(1, 5) | gb2312(16, 87) | beyond_gb2312()


def simplified_chinese(collection: TTCollection) -> TTFont:
    """Return the font of a collection whose shapes are those of mainland China."""
    names = {font["name"].getDebugName(6): font for font in collection.fonts}
    return names["NotoSansCJKsc-Regular"]


def cut(font: TTFont, wanted: set[str]) -> None:
    """Keep the wanted characters; drop layout features, hints and glyph names."""
    missing = sorted(wanted - {chr(c) for c in font.getBestCmap()})
    if missing:
        sys.exit(f"{SOURCE}: no glyph for {''.join(missing)}")
    options = subset.Options(
        hinting=False,
        desubroutinize=True,  # smaller as woff2, and quick to cut again for each page
        glyph_names=False,
        layout_features=[],
        drop_tables=[*subset.Options().drop_tables, *LAYOUT],
        notdef_outline=True,
        name_IDs=["*"],  # the licence stays inside; see rename
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(sign) for sign in wanted])
    cutter.subset(font)


def rename(font: TTFont) -> None:
    """Give the cut its own family name; copyright, trademark and licence stay as they were."""
    font["name"].names = [r for r in font["name"].names if r.nameID in {0, 5, 7, 13, 14}]
    postscript = FAMILY.replace(" ", "") + "-Regular"
    for number, text in {1: FAMILY, 2: "Regular", 3: postscript, 4: FAMILY, 6: postscript}.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    header = font["CFF "].cff
    header.fontNames = [postscript]
    header.topDictIndex[0].FullName = header.topDictIndex[0].FamilyName = FAMILY


def main() -> None:
    """Write the font and say how large it is."""
    if not SOURCE.exists():
        sys.exit(f"{SOURCE} is absent. To mend: install the system package fonts-noto-cjk.")
    font = simplified_chinese(TTCollection(SOURCE, lazy=True))
    font.recalcTimestamp = False  # same source, same bytes
    cut(font, characters())
    rename(font)
    font.save(TARGET)
    sys.stdout.write(
        f"{TARGET.name}: {len(characters())} characters, {TARGET.stat().st_size} bytes\n"
    )


if __name__ == "__main__":
    main()
