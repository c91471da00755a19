"""Lines as they come: from real pipes, as much as is there, nothing lost."""

from __future__ import annotations

import io
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.lines import LineReader
from seqgen.errors import CorpusError


def everything(reader: LineReader, most: int = 7) -> list[str]:
    found: list[str] = []
    while lines := reader.take(most, 10_000):
        assert len(lines) <= most
        found += [line.text for line in lines]
    return found


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=30), max_size=40), st.booleans())
def test_every_line_arrives_in_order(lines: list[str], ends: bool) -> None:
    text = "\n".join(lines) + ("\n" if ends and lines else "")
    expected = lines if (ends and lines) or not lines or lines[-1] else lines[:-1]
    assert everything(LineReader([("x", io.BytesIO(text.encode()))])) == expected


def test_a_line_is_there_as_soon_as_it_is_written() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb", buffering=0) as pipe:
        reader = LineReader([("x", stream)])
        pipe.write(b"one\ntwo\nthr")
        begin = time.monotonic()
        assert [line.text for line in reader.take(10, 1000)] == ["one", "two"] and time.monotonic() - begin < 1
        assert not reader.waiting
        pipe.write(b"ee\r\n")
        assert [line.text for line in reader.take(10, 1000)] == ["three"]
        pipe.close()
        assert reader.take(10, 1000) == [] and reader.waiting


def test_a_reader_reads_only_a_little_ahead() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            Endless.given += size
            return b"x" * (size - 1) + b"\n"

    reader = LineReader([("x", Endless())])  # type: ignore[list-item]
    assert len(reader.take(3, 10**9)) == 3
    time.sleep(0.1)
    assert Endless.given < 2_000_000


def test_streams_follow_each_other_and_errors_come_last() -> None:
    reader = LineReader([("a", io.BytesIO(b"1\n2")), ("b", io.BytesIO(b"3\n\xff4\n5\n"))])
    found: list[tuple[str, int, str]] = []
    with pytest.raises(CorpusError, match="b:2: byte 1 of the line, 0xFF"):
        while lines := reader.take(100, 1000):
            found += [(line.text, line.number, line.where) for line in lines]
    assert found == [("1", 1, "a:1"), ("2", 2, "a:2"), ("3", 3, "b:1")]
