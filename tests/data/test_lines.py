"""Lines as they come: from real pipes, as much as is there, nothing lost."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data import lines as lines_module
from seqgen.data.lines import LineReader, WaitingStream, standard_input
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
    # Of three lines, as many at once as have been read by then.
    taken = 0
    while taken < 3:
        taken += len(reader.take(3 - taken, 10**9))
    time.sleep(0.1)
    assert Endless.given < 2_000_000


def test_streams_follow_each_other_and_errors_come_last() -> None:
    reader = LineReader([("a", io.BytesIO(b"1\n2")), ("b", io.BytesIO(b"3\n\xff4\n5\n"))])
    found: list[tuple[str, int, str]] = []
    with pytest.raises(CorpusError, match="b:2: byte 1 of the line, 0xFF"):
        while lines := reader.take(100, 1000):
            found += [(line.text, line.number, line.where) for line in lines]
    assert found == [("1", 1, "a:1"), ("2", 2, "a:2"), ("3", 3, "b:1")]


def test_a_non_blocking_pipe_is_waited_for() -> None:
    """Whoever is at the other end may have set the flag for both: "nothing there yet" is not the end."""
    read, write = os.pipe()
    os.set_blocking(read, False)

    def feed() -> None:
        with os.fdopen(write, "wb", buffering=0) as pipe:
            for piece in (b"on", b"e\ntwo", b"\n", b"three"):
                time.sleep(0.03)
                pipe.write(piece)

    threading.Thread(target=feed).start()
    assert everything(LineReader([("x", WaitingStream(read))])) == ["one", "two", "three"]
    os.close(read)


def test_reading_all_of_a_non_blocking_pipe_reads_all() -> None:
    read, write = os.pipe()
    os.set_blocking(read, False)
    threading.Timer(0.05, lambda: (os.write(write, b"late"), os.close(write))).start()
    assert WaitingStream(read).read() == b"late"
    os.close(read)


def test_a_stream_that_does_not_wait_is_an_error_and_not_an_end() -> None:
    class Impatient(io.RawIOBase):
        def read(self, size: int = -1) -> None:  # type: ignore[override]
            return None

    with pytest.raises(CorpusError, match="x: cannot be read: it is non-blocking"):
        LineReader([("x", Impatient())]).take(1, 1)


def test_a_mistake_of_our_own_ends_the_wait_too() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        LineReader([("x", Broken())]).take(1, 1)


def test_a_closed_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdin__", None)
    with pytest.raises(CorpusError, match="stdin is closed"):
        standard_input()


class Pieces(io.RawIOBase):
    """A stream that gives some bytes again and again, a few at a time."""

    def __init__(self, piece: bytes, times: int, end: bytes = b"") -> None:
        self.left, self.piece, self.end = times, piece, end
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        self.given += 1
        if self.left:
            self.left -= 1
            return self.piece
        self.end, last = b"", self.end
        return last


def test_a_long_line_takes_time_as_its_length() -> None:
    """16 MB in 8,000 pieces: copied each time that would be 64 GB."""
    begin = time.monotonic()
    reader = LineReader([("x", Pieces(b"x" * 2_000, 8_000, b"\nend\n"))])
    assert [len(line) for line in everything(reader)] == [16_000_000, 3]
    assert time.monotonic() - begin < 5


def test_a_line_without_an_end_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST_LINE", 1_000_000)
    stream = Pieces(b"x" * 1_000, 10**9)
    reader = LineReader([("a", io.BytesIO(b"1\n2\n")), ("b", stream)])
    assert [line.text for line in reader.take(10, 1000)] == ["1", "2"]
    with pytest.raises(CorpusError, match=r"b:1: the line is longer than"):
        reader.take(10, 1000)
    assert stream.given < 1_100


def test_a_byte_order_mark_belongs_to_no_line() -> None:
    text = "\ufeffone\n\ufefftwo\r\n"
    assert everything(LineReader([("x", io.BytesIO(text.encode())), ("y", io.BytesIO(text.encode()))])) == [
        "one", "\ufefftwo", "one", "\ufefftwo"
    ]  # fmt: skip
    # In as many pieces as there are bytes.
    pieces = iter([bytes([byte]) for byte in text.encode()] + [b""])
    single = io.RawIOBase()
    single.read = lambda size=-1: next(pieces)  # type: ignore[method-assign, assignment]
    assert everything(LineReader([("x", single)])) == ["one", "\ufefftwo"]


@pytest.mark.parametrize(
    ("data", "hint"), [("süß\n".encode("utf-16"), "iconv -f utf-16"), (b"\x1f\x8b\x08\0", "zcat"), (b"\xfc", "iconv -f latin1")]
)
def test_what_it_may_be_instead_is_said(data: bytes, hint: str) -> None:
    with pytest.raises(CorpusError) as caught:
        LineReader([("x", io.BytesIO(data))]).take(1, 1)
    assert caught.value.hint and hint in caught.value.hint and "x:1: byte " in caught.value.message


def test_a_descriptor_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, pytest.raises(CorpusError, match="cannot be read: Bad file descriptor"):
        WaitingStream(file.fileno()).read(10)
