"""What is copied is what stands in the source, place for place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import copies
from seqgen.copies import copied


def counted(written: list[str], source: str, length: int) -> list[tuple[int, int]]:
    """The same, by looking."""
    texts = [[text[i : i + length] for i in range(len(text) - length + 1)] for text in written]
    return [(sum(stretch in source for stretch in stretches), len(stretches)) for stretches in texts]


TEXT = st.text(st.sampled_from("ab한👍\udc80"), max_size=60)


@given(written=st.lists(TEXT, max_size=3), source=TEXT, length=st.integers(1, 9))
def test_stretches_are_found_where_they_are(written: list[str], source: str, length: int) -> None:
    assert copied(written, source, length) == counted(written, source, length)


@pytest.mark.parametrize("piece", [1, 7, 64])
def test_pieces_hide_nothing(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "PIECE", piece)
    source = "".join(chr(97 + i * i % 23) for i in range(300))
    written = [source[50:120] + "?" + source[200:230], "x" * 40]
    assert copied(written, source) == counted(written, source, copies.LENGTH)
    assert copied(written, source)[0][0] == 51 + 11


def test_a_million_characters_take_less_than_a_second() -> None:
    source = "".join(map(str, range(180_000)))
    begin = time.perf_counter()
    assert len(source) > 950_000 and copied([source[1_000:2_000]], source) == [(981, 981)]
    assert time.perf_counter() - begin < 1
