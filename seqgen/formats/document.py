"""One document on its way from bytes to a text or pairs: strictly decoded, with a name for the errors in it.

Only "\\n" ends a line: U+2028, U+0085, vertical tabs and form feeds are characters like any other.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from seqgen.errors import ConfigError, CorpusError

# Python's own notations, not encodings of files.
NO_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Record(NamedTuple):
    """A pair as it was found: `where` is the number of its line or unit, from 1."""

    source: str
    target: str
    where: int


@dataclass
class Document:
    """The content of a file: `name` as errors call it, `columns` as the user named them; notes for the user.

    The content can be taken once, so that it need not stay in memory beside what is made from it.
    """

    name: str
    content: bytes | bytearray = field(repr=False)
    encoding: str = "utf-8"
    columns: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def head(self) -> str:
        """How the content begins, as far as it can be decoded."""
        return bytes(self.content[:200]).decode(self.encoding, "ignore").removeprefix("\ufeff")

    def taken(self) -> bytes | bytearray:
        """The bytes, which are no longer kept here."""
        content, self.content = self.content, b""
        return content

    def text(self) -> str:
        """The content decoded, with "\\n" line ends; what was changed to get there is noted. Raises CorpusError."""
        text, changes = mended(_decoded(self.name, self.taken(), self.encoding))
        if changes:
            self.note(", ".join(changes))
        return text

    def lines(self) -> Iterator[tuple[int, str]]:
        """Number and content of each line of the text."""
        text = self.text()
        start, number = 0, 0
        while start < len(text):
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            number += 1
            yield number, text[start:end]
            start = end + 1

    def note(self, what: str) -> None:
        """Something that the user should know about this document."""
        self.notes.append(f"{self.name}: {what}")

    def error(self, where: int, message: str, hint: str | None = None) -> CorpusError:
        """The error of a line or unit."""
        return CorpusError(f"{self.name}:{where}: {message}", hint)


def mended(text: str) -> tuple[str, list[str]]:
    """A text with "\\n" line ends and without a byte order mark, and what was changed to get there, in words."""
    changes = []
    if text.startswith("\ufeff"):
        text = text[1:]
        changes.append("a byte order mark was removed")
    if count := text.count("\r\n"):
        text = text.replace("\r\n", "\n")
        changes.append(f"{count:,} CRLF line endings became LF")
    return text, changes


def check_encoding(name: str) -> None:
    """Raise ConfigError for what is not a text encoding."""
    try:
        "".encode(name)
        known = codecs.lookup(name).name.replace("_", "-") not in NO_ENCODINGS
    except (LookupError, ValueError):  # UnicodeError, of "undefined" and of odd names, is a ValueError.
        known = False
    if not known:
        raise ConfigError(
            f"--encoding: expected a text encoding, found {name[:40]!r}", "common ones: utf-8, utf-16, latin-1, cp949"
        )


def _decoded(name: str, data: bytes | bytearray, encoding: str) -> str:
    """The text of bytes, strictly; CorpusError names line and byte offset of what is not in the encoding."""
    if data.startswith(b"\x1f\x8b"):
        raise CorpusError(f"{name}: compressed by gzip, expected text", "name it *.gz, or unpack it: zcat FILE | seqgen ... -")
    if codecs.lookup(encoding).name == "utf-8":
        for mark, found in BYTE_ORDER_MARKS:
            if data.startswith(mark):
                raise CorpusError(f"{name}: this is {found.upper()}, expected UTF-8", f"say so: --encoding {found}")
    try:
        return data.decode(encoding, "strict")
    except UnicodeDecodeError as error:
        line = bytes(data[: error.start]).decode(encoding, "ignore").count("\n") + 1
        found = " ".join(f"0x{byte:02X}" for byte in data[error.start : error.start + 1])
        raise CorpusError(
            f"{name}:{line}: byte offset {error.start}: {found} is not {encoding.upper()} ({error.reason})",
            "name the file's encoding, e.g. --encoding latin-1 or --encoding cp949",
        ) from None
