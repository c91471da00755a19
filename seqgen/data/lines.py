"""Lines as they come: a reader that says what is there now, so that one line is answered at once and a million in batches.

A thread reads blocks of bytes into a short queue; whoever takes lines waits for the first only. At most a few blocks are
read ahead, so memory stays bounded however much is piped in.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

from seqgen.errors import CorpusError, SeqgenError

BLOCK = 1 << 16
BLOCKS_AHEAD = 8


class ByteStream(Protocol):
    """What can be read: a file, a pipe, bytes in memory."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Some bytes, none at the end."""
        ...


class LineReader:
    """The lines of streams, one behind the other, decoded as UTF-8; only "\\n" ends one.

    Raises CorpusError, naming stream and line, where bytes are no UTF-8: after the lines before it have been taken.
    """

    def __init__(self, streams: Iterable[tuple[str, ByteStream]]) -> None:
        self._blocks: queue.Queue[list[str] | SeqgenError | None] = queue.Queue(BLOCKS_AHEAD)
        self._lines: deque[str] = deque()
        self._error: SeqgenError | None = None
        self._ended = False
        threading.Thread(target=self._read, args=(streams,), daemon=True).start()

    @property
    def waiting(self) -> bool:
        """Whether there are lines, or an end, that can be taken without waiting."""
        return bool(self._lines) or self._ended or not self._blocks.empty()

    def take(self, most: int, characters: int) -> list[str]:
        """At least one line, waiting for it, and what else is there already: at most `most` lines or so many characters.

        An empty list is the end.
        """
        found: list[str] = []
        size = 0
        while len(found) < most and size < characters:
            if not self._lines and (self._ended or (found and self._blocks.empty())):
                break
            if not self._lines:
                self._receive()
                continue
            found.append(self._lines.popleft())
            size += len(found[-1])
        if not found and self._error is not None:
            raise self._error
        return found

    def _receive(self) -> None:
        block = self._blocks.get()
        if isinstance(block, list):
            self._lines.extend(block)
        else:
            self._ended, self._error = True, block

    def _read(self, streams: Iterable[tuple[str, ByteStream]]) -> None:
        """In the thread: blocks of whole lines, then None, or an error and nothing more."""
        try:
            for name, stream in streams:
                for lines in _blocks(name, stream):
                    self._blocks.put(lines)
            self._blocks.put(None)
        except SeqgenError as error:
            self._blocks.put(error)
        except OSError as error:
            self._blocks.put(CorpusError(f"{error.filename or 'input'}: cannot be read: {error.strerror}"))


def _blocks(name: str, stream: ByteStream) -> Iterator[list[str]]:
    """The lines of one stream, as many at a time as are there."""
    read = getattr(stream, "read1", stream.read)
    rest, number = b"", 0
    while data := read(BLOCK):
        whole, end, tail = data.rpartition(b"\n")
        if not end:
            rest += data
            continue
        lines = (rest + whole).split(b"\n")
        rest = tail
        yield from _decoded(name, lines, number)
        number += len(lines)
    if rest:
        yield from _decoded(name, [rest], number)


def _decoded(name: str, lines: list[bytes], before: int) -> Iterator[list[str]]:
    """Lines as text. Where one is no UTF-8, first those before it."""
    texts: list[str] = []
    for number, line in enumerate(lines, before + 1):
        try:
            texts.append(line.decode("utf-8").removesuffix("\r"))
        except UnicodeDecodeError as error:
            yield texts
            raise CorpusError(
                f"{name}:{number}: byte {error.start + 1} of the line, 0x{line[error.start]:02X}, is not UTF-8",
                "convert the input: iconv -f latin1 -t utf-8",
            ) from None
    yield texts
