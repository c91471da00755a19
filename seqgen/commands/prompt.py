"""The text to continue, wherever it comes from; what is not UTF-8 there is an error of one line."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path

from seqgen.commands.options import stdin_is_terminal
from seqgen.console import Console
from seqgen.errors import CorpusError

BLOCK = 1 << 16


def prompt_from(prompt: str | None, file: str | None) -> str:
    """The text of -p, of a file ("-" is stdin), or of what is piped in; "" where there is none of them.

    One trailing newline of a file or a pipe is the shell's, not the prompt's. Raises CorpusError for what cannot be read.
    """
    if prompt is not None:
        return checked_text(prompt, "--prompt")
    if file is not None and file != "-":
        return _without_end(_decoded(_bytes_of(file), file))
    if file == "-" or not stdin_is_terminal():
        return _without_end(_decoded(b"".join(iter(_Stdin().some, b"")), "stdin"))
    return ""


def prompts_asked_for(console: Console) -> Iterator[str]:
    """A line of stdin after the other, asked for where a person types them. Raises CorpusError for one that is not UTF-8."""
    stdin, number = _Stdin(), 0
    while True:
        if stdin_is_terminal():
            console.err.write("> ")
            console.err.flush()
        line = stdin.line()
        if not line:
            return
        number += 1
        yield _without_end(_decoded(line, f"stdin:{number}"))


def checked_text(text: str, name: str) -> str:
    """An argument. Raises CorpusError for one that is not UTF-8: its bytes reach Python as lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        shown = f"0x{ord(text[error.start]) - 0xDC00:02X}" if 0xDC80 <= ord(text[error.start]) <= 0xDCFF else "a surrogate"
        raise CorpusError(f"{name}: character {error.start + 1}, {shown}, is not UTF-8") from None
    return text


class _Stdin:
    """The bytes of stdin, past all buffers: a stream that has nothing just now is not at its end."""

    def __init__(self) -> None:
        if sys.stdin is None:
            raise CorpusError("stdin is closed", "give the text with --prompt, or name a file")
        self._rest = b""

    def some(self) -> bytes:
        """What is there next; nothing at the end."""
        while True:
            try:
                return os.read(0, BLOCK)
            except BlockingIOError:
                select.select([0], [], [])
            except OSError as error:
                raise CorpusError(f"stdin: cannot be read: {error.strerror}") from None

    def line(self) -> bytes:
        """The next line with its newline; the last one may lack it, and behind it there is nothing."""
        parts = [self._rest]
        while b"\n" not in parts[-1] and (part := self.some()):
            parts.append(part)
        line, end, self._rest = b"".join(parts).partition(b"\n")
        return line + end


def _bytes_of(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except FileNotFoundError:
        raise CorpusError(f"{name}: no such file", "check the path; - reads stdin") from None
    except IsADirectoryError:
        raise CorpusError(f"{name}: is a folder, expected a text file") from None
    except (OSError, ValueError) as error:
        raise CorpusError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1:,}, 0x{data[error.start]:02X}, is not UTF-8"
        raise CorpusError(f"{name}: {place}", "convert it: iconv -f latin1 -t utf-8") from None


def _without_end(text: str) -> str:
    return text.removesuffix("\n")
