"""Lines as they come: a reader that says what is there now, so that one line is answered at once and a million in batches.

A thread reads blocks of bytes into a short queue; taking lines waits for the first only. Little is read ahead, and the length
of a line is limited, so memory stays bounded however much is piped in.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from seqgen.errors import CorpusError, SeqgenError

BLOCK = 1 << 16
# Bytes that may wait to be taken; one read may exceed this.
AHEAD = 8 * BLOCK
# Bytes of a line: far more than any sentence or document, and a sign that the input is not text in lines.
LONGEST_LINE = 64 << 20
BOM = "\ufeff"


class ByteStream(Protocol):
    """What can be read: a file, a pipe, bytes in memory. It has to wait for what is not there yet."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Some bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """A line to work on: its text, its number over all streams and its place in its own stream, both from 1.

    `raw` is the line as it was read, of which the text may be only a part.
    """

    text: str
    number: int
    stream: str
    place: int
    raw: str

    @property
    def where(self) -> str:
        """What a message calls it."""
        return f"{self.stream}:{self.place}"


class LineSource(Protocol):
    """What gives lines a few at a time."""

    @property
    def waiting(self) -> bool:
        """Whether there are lines, or an end, that can be taken without waiting."""
        ...

    def take(self, most: int, characters: int) -> list[Line]:
        """At least one line, waiting for it, and what else is already there: up to `most` lines or so many characters.

        An empty list is the end. Raises SeqgenError for a bad line or stream, after all before it have been taken.
        """
        ...


class WaitingStream(io.RawIOBase):
    """A file descriptor that is waited for even where it is non-blocking: "nothing there yet" is not the end of the input."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def readable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The descriptor, which stays open when this is closed."""
        return self._descriptor

    def readinto(self, buffer: Any) -> int:
        """Read what is there, waiting for the first byte; 0 is the end. Raises CorpusError for what cannot be read."""
        while True:
            try:
                data = os.read(self._descriptor, len(buffer))
            except BlockingIOError:
                select.select([self._descriptor], [], [])
                continue
            except OSError as error:  # opened for writing only, a folder, a terminal that is gone
                name = "stdin" if self._descriptor == 0 else f"file descriptor {self._descriptor}"
                raise CorpusError(f"{name}: cannot be read: {error.strerror}", "pipe something in, or name a FILE") from None
            buffer[: len(data)] = data
            return len(data)


def standard_input() -> WaitingStream:
    """The process's standard input as bytes. Unbuffered: a thread that waits in a buffered read holds a lock that the
    interpreter needs at exit.

    Raises CorpusError where it was closed from the beginning: its number may by now belong to another file.
    """
    if sys.__stdin__ is None:
        raise CorpusError("stdin is closed", "pipe something in, or name a FILE")
    return WaitingStream(0)


class LineReader:
    """The lines of streams, one stream after another, decoded as UTF-8; only "\\n" ends a line.

    Raises CorpusError, naming stream and line, where bytes are not UTF-8 or a line is too long: after the lines before it
    have been taken.
    """

    def __init__(self, streams: Iterable[tuple[str, ByteStream]]) -> None:
        self._changed = threading.Condition()
        # Guarded by the condition: blocks not yet taken, their size in bytes, and how reading ended.
        self._blocks: deque[_Block] = deque()
        self._ahead = 0
        self._ended = False
        self._error: Exception | None = None
        self._lines: deque[Line] = deque()
        self._number = 0
        threading.Thread(target=self._read, args=(streams,), daemon=True).start()

    @property
    def waiting(self) -> bool:
        """Whether there are lines, or an end, that can be taken without waiting."""
        with self._changed:
            return bool(self._lines or self._blocks) or self._ended

    def take(self, most: int, characters: int) -> list[Line]:
        """See LineSource."""
        found: list[Line] = []
        size = 0
        while len(found) < most and size < characters and (self._lines or self._receive(wait=not found)):
            found.append(self._lines.popleft())
            size += len(found[-1].text)
        if not found and self._error is not None:
            raise self._error
        return found

    def _receive(self, wait: bool) -> bool:
        """Move one block to the lines; whether there was one."""
        with self._changed:
            while wait and not self._blocks and not self._ended:
                self._changed.wait()
            if not self._blocks:
                return False
            block = self._blocks.popleft()
            self._ahead -= block.size
            self._changed.notify_all()
        for place, text in enumerate(block.texts, block.place):
            self._number += 1
            self._lines.append(Line(text, self._number, block.stream, place, text))
        return True

    def _read(self, streams: Iterable[tuple[str, ByteStream]]) -> None:
        """In the thread: blocks of whole lines, then the end, or an error and nothing more."""
        error: Exception | None = None
        try:
            for name, stream in streams:
                for block in _blocks(name, stream):
                    self._put(block)
        except SeqgenError as found:
            error = found
        except OSError as found:
            error = CorpusError(f"{found.filename or 'input'}: cannot be read: {found.strerror}")
        except Exception as found:  # A bug of ours must not leave the other thread waiting for ever.
            error = found
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify_all()

    def _put(self, block: _Block) -> None:
        with self._changed:
            while self._ahead >= AHEAD:
                self._changed.wait()
            self._blocks.append(block)
            self._ahead += block.size
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that came together, at least one: their stream, the place of the first, their size in bytes."""

    stream: str
    place: int
    texts: list[str]
    size: int


def _blocks(name: str, stream: ByteStream) -> Iterator[_Block]:
    """The lines of one stream, as many at a time as are there. Raises CorpusError for a line that is too long."""
    read = getattr(stream, "read1", stream.read)
    # The beginning of a line whose end has not come yet: joined once, since appending to bytes would copy them each time.
    parts: list[bytes] = []
    size, place = 0, 1
    while data := _some(read, name):
        whole, end, tail = data.rpartition(b"\n")
        if end:
            for block in _decoded(name, b"".join([*parts, whole]), place):
                yield block
                place += len(block.texts)
            parts, size = [], 0
        parts.append(tail)
        size += len(tail)
        if size > LONGEST_LINE:
            raise CorpusError(
                f"{name}:{place}: the line is longer than {LONGEST_LINE >> 20} MB",
                "is it text? Cut it into lines, one per sentence",
            )
    if size:
        yield from _decoded(name, b"".join(parts), place)


def _some(read: Any, name: str) -> bytes:
    data: bytes | None = read(BLOCK)
    if data is None:
        raise BlockingIOError(errno.EAGAIN, "it is non-blocking, and there is nothing yet", name)
    return data


def _decoded(name: str, data: bytes, place: int) -> Iterator[_Block]:
    """Lines as text. Where one is not UTF-8, first those before it."""
    try:
        text, error = data.decode("utf-8"), None
    except UnicodeDecodeError as found:
        start = data.rfind(b"\n", 0, found.start) + 1
        text, error = data[:start].decode("utf-8").removesuffix("\n"), no_utf8(name, place, data, start, found.start)
        if not start:
            raise error from None
    if place == 1:
        text = text.removeprefix(BOM)
    yield _Block(name, place, [line.removesuffix("\r") for line in text.split("\n")], len(data))
    if error is not None:
        raise error


def no_utf8(name: str, place: int, data: bytes, start: int, bad: int) -> CorpusError:
    """What is wrong with the byte at `bad` in the line that begins at `start`; `place` is the number of the first line."""
    line = place + data.count(b"\n", 0, start)
    hint = "convert the input to UTF-8: iconv -f ENCODING -t utf-8"
    if line == 1 and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "this is UTF-16; convert it: iconv -f utf-16 -t utf-8"
    elif line == 1 and data.startswith(b"\x1f\x8b"):
        hint = "this is gzip; unpack it: zcat FILE | seqgen ..."
    elif encoding := _guessed(data, bad):
        hint = f"it reads as {encoding}; convert it: iconv -f {encoding} -t utf-8"
    return CorpusError(f"{name}:{line}: byte {bad - start + 1} of the line, 0x{data[bad]:02X}, is not UTF-8", hint)


def _guessed(data: bytes, bad: int) -> str | None:
    """The encoding of the lines around a byte, as iconv calls it: a block may end inside a character."""
    from seqgen.data.encodings import guessed

    start, end = data.rfind(b"\n", 0, max(0, bad - 2_000)) + 1, data.find(b"\n", min(len(data), bad + 2_000))
    found = guessed(data[start : end if end >= 0 else len(data)])
    return {"latin-1": "latin1", "mac_roman": "macintosh"}.get(found, found.replace("_", "-")) if found else None
