"""The process's three streams, so that a closed, full or slow one does no harm.

Text is UTF-8 whatever the locale says. What has no UTF-8 form (a lone surrogate: a byte of a file name, a broken escape
of JSON) is written as a backslash escape, which in a JSON string is the very same character again.

Nothing is kept after a failed write, so the interpreter's own flush at exit has nothing to complain about.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any, TextIO, cast

from seqgen.errors import SeqgenError

BUFFER = 1 << 13  # characters that are buffered before they are written, as in other programs


class ClosedPipeError(Exception):
    """Nobody reads the results any more: not a failure, but the end. (click would turn an OSError into exit code 1.)"""


def open_missing() -> None:
    """Put /dev/null where descriptor 0, 1 or 2 was closed at start (`>&-`), and a stream where sys has None.

    The next file opened would get that number otherwise, and a library that prints a warning would write it into a lock
    or into weights. Standard output is opened for reading only: writing to it stays the error that it is.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is used, which is this one: those below are open by now.
            os.open(os.devnull, flags)


def take_over() -> None:
    """Replace sys.stdout and sys.stderr by a Results and a Messages, and let stdin read UTF-8; streams that are not the
    process's own (a test's, a notebook's) stay."""
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)
    elif sys.stdin is sys.__stdin__ and isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    if sys.stdout is sys.__stdout__:
        sys.stdout = cast(TextIO, Results(1, eager=_eager(sys.stdout)))
    if sys.stderr is sys.__stderr__:
        sys.stderr = cast(TextIO, Messages(2))


def _eager(stream: Any) -> bool:
    """Whether each line is to be written at once: on a terminal, or because Python was told so; the stream is flushed."""
    if stream is None:
        return False
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
    return bool(stream.line_buffering or stream.write_through)


class Results(io.TextIOBase):
    """Text to a file descriptor. Writing raises ClosedPipeError where nobody reads, SeqgenError where it fails otherwise."""

    def __init__(self, descriptor: int, eager: bool = False) -> None:
        self._descriptor, self._eager = descriptor, eager
        self._parts: list[str] = []
        self._size = 0

    # What io.TextIOBase leaves open; click, rich and input() ask for these.
    encoding = "utf-8"
    errors = "backslashreplace"

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        """It is, or writing says why not."""
        return True

    def write(self, text: str) -> int:
        """Buffer text; write it once there is enough."""
        if not isinstance(text, str):
            raise TypeError(f"expected text, found {type(text).__name__}")
        self._parts.append(text)
        self._size += len(text)
        if self._size >= BUFFER or (self._eager and "\n" in text):
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Write all that was buffered; what cannot be written is gone."""
        if not self._parts:
            return
        parts, self._parts, self._size = self._parts, [], 0
        try:
            _write_whole(self._descriptor, "".join(parts).encode("utf-8", "backslashreplace"))
        except BrokenPipeError:
            raise ClosedPipeError from None
        except OSError as error:
            raise _unwritable(error) from None

    def write_bytes(self, data: bytes) -> None:
        """Write bytes as they are, behind the text before them. Raises as writing text does."""
        self.flush()
        try:
            _write_whole(self._descriptor, data)
        except BrokenPipeError:
            raise ClosedPipeError from None
        except OSError as error:
            raise _unwritable(error) from None

    def finish(self) -> None:
        """Flush, and learn what a file system says only when a file is closed (a quota on a network drive)."""
        self.flush()
        with contextlib.suppress(OSError):  # no descriptor to spare, or none at all: then there is nothing to learn
            copy = os.dup(self._descriptor)
            try:
                os.close(copy)
            except OSError as error:
                raise _unwritable(error) from None


class Messages(Results):
    """Text to stderr that nothing depends on: what cannot be written is left out, and reported once writing works again."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, eager=True)
        self._lost, self._reason = 0, ""

    def flush(self) -> None:
        """Write what was buffered, or count it as lost; never raises."""
        if not self._parts:
            return
        parts, self._parts, self._size = self._parts, [], 0
        before = f"{self._lost:,} message{'s' * (self._lost > 1)} could not be written: {self._reason}\n" if self._lost else ""
        try:
            _write_whole(self._descriptor, (before + "".join(parts)).encode("utf-8", "backslashreplace"))
            self._lost = 0
        except OSError as error:
            self._lost, self._reason = self._lost + 1, error.strerror or str(error)


def _write_whole(descriptor: int, data: bytes) -> None:
    """Write all bytes, waiting where the descriptor does not block (a pipe or terminal that another program has set so)."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            import select

            select.select([], [descriptor], [])


def _unwritable(error: OSError) -> SeqgenError:
    """Results that are lost, as one line."""
    reason = "it is not open for writing" if error.errno == errno.EBADF else error.strerror or str(error)
    return SeqgenError(f"stdout: cannot be written: {reason}")
