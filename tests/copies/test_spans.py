"""What is copied is what stands in the source, place for place; spans are as long as can be, and exact."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.copies import index as index_module
from seqgen.copies import spans as spans_module
from seqgen.copies.index import CopyIndex, small_codes
from seqgen.copies.report import Copies
from seqgen.copies.spans import LENGTH, copied, covered, spans_of


def counted(written: list[str], source: str, length: int) -> list[tuple[int, int]]:
    """The same, by looking."""
    texts = [[text[i : i + length] for i in range(len(text) - length + 1)] for text in written]
    return [(sum(stretch in source for stretch in stretches), len(stretches)) for stretches in texts]


def looked_for(text: str, source: str, length: int) -> list[tuple[int, int]]:
    """Begin and end of all spans, by looking."""
    found: list[tuple[int, int]] = []
    for begin in range(len(text) - length + 1):
        end = begin + length
        while text[begin:end] in source and end <= len(text):
            end += 1
        if end > begin + length and (not found or end - 1 > found[-1][1]):
            found.append((begin, end - 1))
    return found


TEXT = st.text(st.sampled_from("ab한👍\udc80"), max_size=60)


@given(written=st.lists(TEXT, max_size=3), source=TEXT, length=st.integers(1, 9))
def test_stretches_are_found_where_they_are(written: list[str], source: str, length: int) -> None:
    assert copied(written, source, length) == counted(written, source, length)


@st.composite
def texts_that_copy(draw: st.DrawFn) -> tuple[str, str]:
    """A source, and a text that is put together of parts of it and of other characters."""
    source = draw(st.text(st.sampled_from("abé한"), max_size=80))
    places = st.integers(0, len(source))
    parts = st.tuples(places, st.integers(0, 40)).map(lambda part: source[part[0] : part[0] + part[1]])
    return source, "".join(draw(st.lists(parts | st.text(st.sampled_from("ab?"), max_size=3), max_size=6)))


@given(texts_that_copy(), st.integers(1, 30))
def test_spans_are_as_long_as_can_be(both: tuple[str, str], length: int) -> None:
    source, text = both
    found = spans_of(text, CopyIndex(small_codes([source[:9], source[9:]]), length))
    assert [(span.begin, span.end) for span in found] == looked_for(text, source, length)
    assert all(source[span.place : span.place + span.end - span.begin] == text[span.begin : span.end] for span in found)
    assert covered(found) == len({place for span in found for place in range(span.begin, span.end)})


@pytest.mark.parametrize("piece", [1, 7, 64])
def test_pieces_hide_nothing(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "PIECE", piece)
    monkeypatch.setattr(spans_module, "AT_ONCE", piece)
    source = "".join(chr(97 + i * i % 23) for i in range(300))
    written = [source[50:120] + "?" + source[200:230], "x" * 40]
    assert copied(written, source) == counted(written, source, LENGTH)
    assert copied(written, source)[0][0] == 51 + 11


def test_a_million_characters_take_less_than_a_second() -> None:
    source = "".join(map(str, range(180_000)))
    begin = time.perf_counter()
    assert len(source) > 950_000 and copied([source[1_000:2_000]], source) == [(981, 981)]
    assert time.perf_counter() - begin < 1


def test_a_report_says_where_in_both_texts() -> None:
    source = "one line\nanother line of it\nthe last line 한국\n"
    report = Copies.of_index(CopyIndex(small_codes([source]), 8)).of("see: other line of it\nthe l!\nlast line 한국")
    assert [one.text for one in report.stretches] == ["other line of it\nthe l", "last line 한국"]
    first, second = report.stretches
    assert (first.here.line, first.here.column, first.here.character) == (1, 6, 5)
    assert (first.there.line, first.there.column, first.there.character) == (2, 3, 11)
    assert (second.here.line, second.here.column, second.there.line, second.there.column) == (3, 1, 3, 5)
    assert report.copied == 22 + 12 and report.longest == first and "; the most, 22, at 1:6, in line 2" in report.sentence()
    assert report.record()["stretches"][1]["training"] == {"line": 3, "column": 5, "character": second.there.character}


def test_what_was_given_is_no_copy() -> None:
    copies = Copies.of_index(CopyIndex(small_codes(["the rain went on till nine"]), 8))
    assert copies.of("the rain went on", 16).copied == 0 and not copies.of("the rain went on", 16).stretches
    report = copies.of("the rain went on till nine", 16)
    assert (report.copied, report.characters) == (10, 10) and report.stretches[0].here.character == 0
    assert copies.of("").sentence().startswith("nothing is copied")
