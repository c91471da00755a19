"""The text to continue, wherever it comes from, read as the corpus was; input that is not UTF-8 is an error of one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from seqgen.commands.options import stdin_is_terminal
from seqgen.commands.texts import option_text
from seqgen.console import Console
from seqgen.errors import CorpusError


def prompt_from(prompt: str | None, file: str | None) -> str:
    """The text of -p, of a file ("-" is stdin), or of what is piped in; "" where there is none of these.

    One trailing newline of a file or a pipe is the shell's, not the prompt's. Raises CorpusError for what cannot be read.
    """
    if prompt is not None:
        return option_text(prompt, "--prompt")
    if file is None and (stdin_is_terminal() or sys.__stdin__ is None):
        return ""
    name, data = ("stdin", _stdin()) if file in (None, "-") else (str(file), _bytes_of(str(file)))
    from seqgen.data.lines import no_utf8
    from seqgen.formats.given import as_read

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise no_utf8(name, 1, data, data.rfind(b"\n", 0, error.start) + 1, error.start) from None
    return as_read(text).removesuffix("\n")


def prompts_asked_for(console: Console) -> Iterator[str]:
    """The lines of stdin, one after another, asked for where a person types them. Raises CorpusError where not UTF-8."""
    from seqgen.data.lines import LineReader, standard_input
    from seqgen.formats.given import as_read

    reader = LineReader([("stdin", standard_input())])
    while True:
        if stdin_is_terminal():
            console.err.write("> ")
            console.err.flush()
        lines = reader.take(1, 1)
        if not lines:
            return
        yield as_read(lines[0].text)


def _stdin() -> bytes:
    from seqgen.data.lines import standard_input

    return standard_input().readall()


def _bytes_of(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except FileNotFoundError:
        raise CorpusError(f"{name}: no such file", "check the path; - reads stdin") from None
    except IsADirectoryError:
        raise CorpusError(f"{name}: is a folder, expected a text file") from None
    except (OSError, ValueError) as error:
        raise CorpusError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
