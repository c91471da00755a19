"""The text to continue, wherever it comes from, read as the corpus was; input that is not UTF-8 is an error of one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from seqgen.commands.options import stdin_is_terminal
from seqgen.commands.texts import checked_text, file_bytes, file_text, option_text, unescaped
from seqgen.console import Console


def prompt_from(prompt: str | None, file: str | None) -> str:
    """The text of -p, of a file ("-" is stdin), or of what is piped in; "" where there is none of these.

    One trailing newline of a file or a pipe is the shell's, not the prompt's. Raises CorpusError for what cannot be read.
    """
    if prompt is not None:
        return option_text(prompt, "--prompt")
    if file is None and (stdin_is_terminal() or sys.__stdin__ is None):
        return ""
    return file_text("-" if file is None else str(file)).removesuffix("\n")


def bytes_from(prompt: str | None, file: str | None) -> str:
    """The same for a model of bytes that are no text: a character for each byte, \\xXX the byte of that number."""
    if prompt is not None:
        return unescaped(checked_text(prompt, "--prompt").encode().decode("latin-1"))
    if file is None and (stdin_is_terminal() or sys.__stdin__ is None):
        return ""
    return file_bytes("-" if file is None else str(file)).decode("latin-1")


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
