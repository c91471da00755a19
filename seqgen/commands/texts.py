"""Texts that are values of options, or in the files that these name: UTF-8, read as the corpus was.

Escapes are understood here only, where a shell makes other ways of writing a newline hard; a file, a pipe and lines that are
typed hold what they hold.
"""

from __future__ import annotations

import re
from pathlib import Path

from seqgen.errors import CorpusError

_PAIR = r"u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}"
_ESCAPE = re.compile(rf"\\(?:[\\ntr]|x[0-9A-Fa-f]{{2}}|{_PAIR}|u[0-9A-Fa-f]{{4}})")
_ESCAPED = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r"}


def option_text(text: str, name: str) -> str:
    """The text that an option's value stands for: UTF-8, with its escapes, read as the corpus was. Raises CorpusError."""
    from seqgen.formats.given import as_read

    return as_read(unescaped(checked_text(text, name)))


def unescaped(text: str) -> str:
    r"""A text with what its escapes stand for: \n, \t, \r, \\, \xXX and \uXXXX.

    Two of the last may write one character, as in UTF-16. Any other backslash stays as it is, and so does a lone half.
    """
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    """What one escape stands for."""
    escape = match[0]
    if escape[1] not in "ux":
        return _ESCAPED[escape[1]]
    units = [int(digits, 16) for digits in escape.replace("x", "u").split("\\u")[1:]]
    if len(units) == 2:
        return chr(0x10000 + (units[0] - 0xD800) * 0x400 + units[1] - 0xDC00)
    return escape if 0xD800 <= units[0] <= 0xDFFF else chr(units[0])


def checked_text(text: str, name: str) -> str:
    """An argument, checked. Raises CorpusError for one that is not UTF-8: its bytes reach Python as lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        point = ord(text[error.start])
        shown = f"0x{point - 0xDC00:02X}" if 0xDC80 <= point <= 0xDCFF else "half of a surrogate pair"
        raise CorpusError(f"{name}: character {error.start + 1}, {shown}, is not UTF-8") from None
    return text


def file_text(file: str) -> str:
    """The text of a file, "-" is stdin, read as the corpus was. Raises CorpusError for what cannot be read."""
    name, data = "stdin" if file == "-" else file, file_bytes(file)
    from seqgen.data.lines import no_utf8
    from seqgen.formats.given import as_read

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise no_utf8(name, 1, data, data.rfind(b"\n", 0, error.start) + 1, error.start) from None
    return as_read(text)


def file_bytes(file: str) -> bytes:
    """The content of a file, "-" is stdin. Raises CorpusError for what cannot be read."""
    return _stdin() if file == "-" else _bytes_of(file)


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
