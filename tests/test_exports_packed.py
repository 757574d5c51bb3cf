"""Packed cells are the texts that they stand for, in all that is asked of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.exports.cells import WIDEST
from kpilib.exports.columns import parse
from kpilib.exports.formats import Column
from kpilib.exports.packed import Packed, Parts, any_of, at, concatenated, distinct

signs = st.sampled_from("019.,-: aZ~\t\x1c\x0b\x01")
cells = st.lists(st.text(signs, max_size=WIDEST), min_size=1, max_size=30)
few = st.lists(
    st.sampled_from(["", "-", "7", "1234567", "12345678", "123456789", "a" * 40, "b" * 40])
)


def packed(texts: list[str]) -> Packed:
    found = Packed.of(texts)
    assert found is not None
    return found


@given(cells)
def test_cells_cut_from_a_text_are_its_cells_without_blanks(texts):
    signs, first, last = b"", [], []
    for text in texts:
        first.append(len(signs))
        signs += text.encode()
        last.append(len(signs))
        signs += b","
    places = np.array(first), np.array(last)
    found = Packed.cut(np.frombuffer(signs + b"x" * WIDEST, dtype=np.uint8), *places)
    assert found is not None
    assert list(found) == [text.strip() for text in texts]


@pytest.mark.parametrize("cell", ["x" * (WIDEST + 1), "王", "1万", " " * (WIDEST + 1)])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_too_wide_or_not_ascii_is_not_packed(cell, place):
    raw = [b"12", b"12"]
    raw[place] = cell.encode()
    first = np.array([0, len(raw[0]) + 1])
    last = np.array([len(raw[0]), len(raw[0]) + 1 + len(raw[1])])
    text = np.frombuffer(b",".join(raw) + bytes(1 + WIDEST), dtype=np.uint8)
    assert Packed.cut(text, first, last) is None


@pytest.mark.parametrize("cell", ["x" * (WIDEST + 1), "王", "a\0", "\0"])
def test_no_text_is_packed_that_would_come_out_another(cell):
    assert Packed.of(["12", cell]) is None


@given(st.one_of(cells, few))
def test_packed_cells_are_a_sequence_of_texts(texts):
    found = packed(texts)
    assert list(found) == texts
    assert len(found) == len(texts)
    assert found[1:-1] == texts[1:-1]
    for place in range(-len(texts), len(texts)):
        assert found[place] == texts[place]
    for text in {*texts, "", "nowhere", "王"}:
        assert (text in found, found.count(text)) == (text in texts, texts.count(text))
    assert any_of(found, {"王", "nowhere"}) is False
    assert any_of(found, {"王", *texts[:1]}) is bool(texts)
    assert list(at(found, list(range(0, len(texts), 2)))) == texts[::2]


@given(st.one_of(cells, few))
def test_the_cells_that_differ_give_all_of_them_back(texts):
    for column in (texts, packed(texts)):
        some, which = distinct(column)
        assert list(some) == list(dict.fromkeys(texts))
        assert [some[place] for place in which] == texts


@given(few)
def test_a_shape_has_a_nought_for_each_digit(texts):
    shaped = {"".join("0" if sign.isdigit() else sign for sign in text) for text in texts}
    assert packed(texts).shapes() == shaped
    assert packed(texts).lines().decode() == "".join(f"{text}\n" for text in texts)


@given(st.lists(few, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_parts_one_under_the_other_are_one_column(lists, packing):
    parts = [packed(part) if pack else part for part, pack in zip(lists, packing, strict=False)]
    texts = [text for part in lists for text in part]
    halves = [concatenated(parts[:3]), concatenated(parts[3:])]
    for found in (concatenated(parts), concatenated(halves)):
        assert list(found) == texts
        assert len(found) == len(texts)
        assert found[1:-1] == texts[1:-1]
        assert [found[place] for place in range(-len(texts), 0)] == texts
        kinds = Counter(map(type, found.parts)) if isinstance(found, Parts) else Counter()
        assert kinds[list] <= kinds[Packed] + 1


@pytest.mark.parametrize(
    ("kind", "usual", "odd", "faults"),
    [
        ("yuan", "1,081.50", "1.2万", 0),
        ("yuan", "1,081.50", "10,81.50", 1),
        ("count", "12", "12.5", 1),
        ("datetime", "2025-05-01 10:00:00", "2025/05/01 10:00", 0),
        ("datetime", "2025-05-01 10:00:00", "2025-05-41 10:00:00", 1),
        ("id", "6925050100000005421", "'6925050100000005421", 0),
        ("id", "6925050100000005421", "6.9250501e18", 1),
    ],
)
@pytest.mark.parametrize("numbered", [False, True])
def test_one_odd_cell_of_a_long_column_is_read_or_found_wherever_it_stands(
    kind, usual, odd, faults, numbered
):
    """Few cells differ, and each is read once; or many do."""
    column = Column(name="x", kind=kind)
    texts = [usual] * 3000
    if numbered and kind in ("yuan", "count"):
        texts = [f"{place:,}" for place in range(3000)]
    plain = parse(concatenated([packed(texts), packed(texts)]), column)
    expected = parse([*texts, *texts], column)
    assert plain.values.tolist() == expected.values.tolist()
    for place in (0, 1500, 2999):
        changed = [*texts[:place], odd, *texts[place + 1 :]]
        second = Packed.of(changed) or changed
        parsed = parse(concatenated([packed(texts), second, texts]), column)
        assert [where for where, _ in parsed.faults] == [3000 + place] * faults
        if not faults:
            (value,) = parse([odd], column).values.tolist()
            wanted = expected.values.tolist()[:3000]
            assert parsed.values.tolist()[3000 : 3001 + place] == [*wanted[:place], value]
