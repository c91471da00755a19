"""Streams of bytes, read as they come; "nothing there yet" of a non-blocking stream is not its end."""

from __future__ import annotations

import select
import sys
from collections.abc import Iterator
from typing import BinaryIO

from seqgen.errors import CorpusError


def standard_input() -> BinaryIO:
    """The process's standard input as bytes. Raises CorpusError where it was closed from the beginning."""
    if sys.stdin is None or sys.stdin.closed:
        raise CorpusError("stdin is closed", "pipe something in, or name a file")
    return sys.stdin.buffer


def blocks(stream: BinaryIO, size: int = 1 << 20) -> Iterator[bytes]:
    """What a stream holds, at most `size` bytes at a time, waiting where there is nothing yet.

    A buffered stream must not have been read before: its buffer is passed by, as `read1` says b"" both at the end and
    where it would have to wait.
    """
    raw = getattr(stream, "raw", stream)
    while (data := raw.read(size)) != b"":
        if data is None:
            select.select([raw], [], [])
        else:
            yield data
