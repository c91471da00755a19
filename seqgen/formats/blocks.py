"""The bytes of files and streams, piece by piece; what is compressed by gzip is unpacked, whatever its name.

A stream can be read only once, so what was looked into first is kept (`Begun`) until it is read.
"""

from __future__ import annotations

import gzip
import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Any, cast

from seqgen.data.lines import ByteStream, standard_input
from seqgen.errors import CorpusError
from seqgen.formats.names import STDIN, storable

BLOCK = 1 << 20
GZIP = b"\x1f\x8b"

# Streams that were opened, by name: what was taken from them already, and then the rest.
Begun = dict[str, Iterator[bytes]]


def blocks(name: str, begun: Begun | None = None) -> Iterator[bytes]:
    """The bytes of stdin, of a file or of a stream that was begun. Raises CorpusError for what is no name, OSError, and what
    gzip raises."""
    if begun and name in begun:
        yield from begun.pop(name)
        return
    if name == STDIN:
        yield from _unpacked(standard_input())
        return
    try:
        file = open(name, "rb")
    except ValueError:  # A NUL or a lone surrogate: no command line can hold one, but a program can pass one.
        raise CorpusError(f"{storable(name)!r}: not the name of a file", "check the path") from None
    with file:
        yield from _unpacked(file)


def beginning(name: str, begun: Begun, size: int) -> bytes:
    """The first bytes of a file, about `size`; a stream, which cannot be read again, goes on in `begun`."""
    stream = blocks(name, begun)
    taken: list[bytes] = []
    for block in stream:
        taken.append(block)
        if sum(map(len, taken)) >= size:
            break
    if _is_stream(name):
        begun[name] = itertools.chain(taken, stream)
    return b"".join(taken)[:size]


def kept(names: Iterable[str], begun: Begun) -> Begun:
    """For what has to be read twice: the streams among these names once more. Until it is dropped, what is read of them by way
    of `begun` stays in memory."""
    again: Begun = {}
    for name in names:
        if _is_stream(name):
            stream = begun.pop(name) if name in begun else blocks(name)
            begun[name], again[name] = itertools.tee(stream)
    return again


def _is_stream(name: str) -> bool:
    """Whether what has this name can be read only once. What is not there, or has no name, fails where it is read."""
    try:
        return name == STDIN or not (os.path.isdir(name) or stat.S_ISREG(os.stat(name).st_mode))
    except (OSError, ValueError):
        return False


class _Begun:
    """A stream of which the first bytes were taken already; its end may be read more than once."""

    def __init__(self, head: bytes, stream: ByteStream) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int = -1, /) -> bytes | None:
        """Some bytes, none at the end."""
        head, self._head = self._head[:size], self._head[size:]
        return head or self._stream.read(size)


def _unpacked(stream: ByteStream) -> Iterator[bytes]:
    """What a stream holds, without the compression of gzip."""
    head = b""
    while len(head) < len(GZIP) and (more := stream.read(len(GZIP) - len(head))):
        head += more
    whole = _Begun(head, stream)
    if head != GZIP:
        yield from _read(whole)
        return
    with gzip.GzipFile(fileobj=cast(Any, whole), mode="rb") as file:
        yield from _read(file)


def _read(stream: ByteStream) -> Iterator[bytes]:
    """What a stream holds, one block at a time, however long it is."""
    while block := stream.read(BLOCK):
        yield block
