"""One document on its way from bytes to a text or pairs: strictly decoded, with a name for the errors in it.

Only "\\n" ends a line: U+2028, U+0085, vertical tabs and form feeds are characters like any other.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from seqgen.config import BINARY
from seqgen.data.content import is_binary, is_in, no_text, other_encoding, what_helps
from seqgen.data.encodings import guessed
from seqgen.data.mending import barely_mended, mended
from seqgen.draw.human import plural
from seqgen.errors import ConfigError, CorpusError, NoTextError

# Python's own notations, not encodings of files.
NO_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
# The sizes of what is read at once, and of what is looked into for the name of an encoding.
BLOCK = 1 << 20
HEAD = 1 << 12
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What latin-1 makes of bytes that are letters, dashes and quotes in Windows-1252.
_C1 = re.compile("[\x80-\x9f]")


class Way(NamedTuple):
    """How files are read. `mend`: what they have by accident is mended (marks, line ends, quoted fields, characters without
    width); `rows`: rows that are no pairs, such as headers, are left out; `all_files`: of folders, hidden files and duplicates
    too, but no Markdown, as versions before 0.5 read them."""

    mend: bool = True
    rows: bool = True
    all_files: bool = False


BEFORE = Way(mend=False, rows=False, all_files=True)


class Wanted(NamedTuple):
    """What is wanted of files that hold more than one thing: `columns` of source and target, the languages of `source` and
    `target` as codes (en, ko-KR), the one `column` that is a text, text with its markup, what awaits review too; lines of
    subtitles of at most `line_length` characters. `format` is that of files whose names do not say it."""

    columns: str | None = None
    source: str | None = None
    target: str | None = None
    column: str | None = None
    markup: bool = False
    review: bool = False
    line_length: int | None = None
    format: str | None = None


ANYTHING = Wanted()


class Record(NamedTuple):
    """A pair as it was found: `where` is the number of its line or unit, from 1, `name` what its file calls it, if it does."""

    source: str
    target: str
    where: int
    name: str = ""


@dataclass
class Document:
    """The content of a file: `name` as errors call it, what is `wanted` of it; notes for the user; how many characters its
    text has, once that was read; whether a character may be written as a reference (&#1234;).

    `exact`: its units will be edited, so they are to say where they stand; `before` is then the text that they stand in.
    The content can be taken once, so that it need not stay in memory beside what is made from it.
    """

    name: str
    content: bytes | bytearray | Iterator[bytes] = field(repr=False)
    encoding: str = "utf-8"
    wanted: Wanted = ANYTHING
    notes: list[str] = field(default_factory=list)
    way: Way = Way()
    characters: int = 0
    exact: bool = False
    mark: bytes = b""
    before: str = field(default="", repr=False)
    references: bool = False

    def __post_init__(self) -> None:
        # As text each byte is the character of its number.
        self.is_binary = self.encoding == BINARY
        if self.is_binary:
            self.encoding = "latin-1"

    @property
    def named(self) -> str | None:
        """The encoding that was asked for; None where it is UTF-8, as it is unless somebody asks for another."""
        return None if codecs.lookup(self.encoding).name == "utf-8" else self.encoding

    @property
    def head(self) -> str:
        """How the content begins, as far as it can be decoded."""
        if not isinstance(self.content, bytes | bytearray):
            first = next(self.content, b"")
            self.content = itertools.chain([first], self.content)
            return bytes(first[:200]).decode(self.encoding, "ignore").removeprefix("\ufeff")
        return bytes(self.content[:200]).decode(self.encoding, "ignore").removeprefix("\ufeff")

    def taken(self) -> bytes | bytearray:
        """The bytes, which are no longer kept here."""
        content, self.content = self.content, b""
        return content if isinstance(content, bytes | bytearray) else b"".join(content)

    def blocks(self) -> Iterator[bytes]:
        """The bytes piece by piece, as they are read: a file of any size needs the memory of one piece."""
        content, self.content = self.content, b""
        if isinstance(content, bytes | bytearray):
            yield from (bytes(content[start : start + BLOCK]) for start in range(0, len(content), BLOCK))
        else:
            yield from content

    def raw(
        self,
        declared: Callable[[bytes], str | None] = lambda head: None,
        otherwise: Callable[[bytes], str | None] = lambda data: None,
    ) -> str:
        """The content decoded, and nothing else changed, so that `written` gives its bytes again. The encoding is the one
        that was named, else that of a byte order mark, else that which the file itself names (`declared`, of its first
        bytes), else UTF-8; for what is not UTF-8 then, that which `otherwise` finds in all of it. Raises CorpusError for what
        is in no such encoding."""
        data = bytes(self.taken())
        named = self.named
        self.encoding, self.mark = encoding_of(data, named or declared(data[:HEAD]))
        if named is None and not self.mark and not data.isascii() and b"\0" not in data and is_in(data, "utf-8"):
            # What is UTF-8 throughout is hardly anything else by chance; headers are copied from file to file.
            if codecs.lookup(self.encoding).name not in ("utf-8", "utf-8-sig"):
                self.note(f"it says {self.encoding}, but is UTF-8, and is read and written so")
            self.encoding = "utf-8"
        elif named is None and self.encoding == "utf-8" and not is_in(data, "utf-8") and (found := otherwise(data)):
            self.note(f"it is not UTF-8, and is read and written as {found}")
            self.encoding = found
        text = _decoded(self.name, data[len(self.mark) :], self.encoding)
        self.characters = len(text)
        self.before = text if self.exact else ""
        return text

    def written(self, text: str) -> bytes:
        """A text in the encoding, and with the byte order mark, that the content had. Raises CorpusError for a character that
        this encoding has not."""
        try:
            return self.mark + text.encode(self.encoding, "xmlcharrefreplace" if self.references else "strict")
        except UnicodeEncodeError as error:
            found = text[error.start]
            raise CorpusError(
                f"{self.name}: {found!r} (U+{ord(found):04X}) cannot be written in {self.encoding.upper()}, as the file is",
                "convert the file to UTF-8 first, or name one that is",
            ) from None

    def text(self) -> str:
        """The content decoded, with "\\n" line ends; what was changed to get there is noted. Raises CorpusError."""
        data = self.taken()
        if self.is_binary:
            self.characters = len(data)
            self.note("read as bytes, not as text")
            return data.decode("latin-1")
        text = _decoded(self.name, data, self.encoding)
        if codecs.lookup(self.encoding).name != "utf-8":
            self._doubt(data, text)
        del data
        text, changes = (mended if self.way.mend else barely_mended)(text)
        if changes:
            self.note(", ".join(changes))
        self.characters = len(text)
        return text

    def _doubt(self, data: bytes | bytearray, text: str) -> None:
        """Note what speaks against the encoding that was named: some decode anything."""
        if text.isascii():
            return
        if codecs.lookup(self.encoding).name == "iso8859-1" and (count := len(_C1.findall(text))):
            found = guessed(data)
            better = f"it reads as {found}: --encoding {found}" if found else "is it the right encoding?"
            self.note(
                f"{plural(count, 'character is a control character', 'characters are control characters')} in latin-1; {better}"
            )
        is_wide = self.encoding.lower().startswith("utf-16")
        # Encodings of seven bits write everything in ASCII, UTF-16 nothing without zeros.
        if is_in(data, "utf-8") and b"\0" not in data and (is_wide or not data.isascii()):
            self.note(f"it is UTF-8, but read as {self.encoding}: leave --encoding out")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Number and content of each line of the text."""
        return lines_in(self.text())

    def note(self, what: str) -> None:
        """Something that the user should know about this document."""
        self.notes.append(f"{self.name}: {what}")

    def error(self, where: int, message: str, hint: str | None = None) -> CorpusError:
        """The error of a line or unit."""
        return CorpusError(f"{self.name}:{where}: {message}", hint)


def lines_in(text: str) -> Iterator[tuple[int, str]]:
    """Number, from 1, and content of each line of a text; only "\\n" ends one."""
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        number += 1
        yield number, text[start:end]
        start = end + 1


def check_encoding(name: str) -> None:
    """Raise ConfigError for what is not a text encoding."""
    if name == BINARY:
        return
    try:
        "".encode(name)
        known = codecs.lookup(name).name.replace("_", "-") not in NO_ENCODINGS
    except (LookupError, ValueError):  # UnicodeError, of "undefined" and of odd names, is a ValueError.
        known = False
    if not known:
        raise ConfigError(
            f"--encoding: expected a text encoding, found {name[:40]!r}", "common ones: utf-8, utf-16, latin-1, cp949"
        )


def encoding_of(data: bytes, named: str | None) -> tuple[str, bytes]:
    """The encoding of a content, and its byte order mark; an encoding that does not exist is none."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding, mark
    if named is not None:
        try:
            check_encoding(named)
        except ConfigError:
            return "utf-8", b""
        return named, b""
    return "utf-8", b""


def _decoded(name: str, data: bytes | bytearray, encoding: str) -> str:
    """The text of bytes, strictly; CorpusError names line and byte offset of what is not in the encoding."""
    other = no_text(data, name) or other_encoding(data, encoding)
    if other is not None:
        kind = NoTextError if other.is_binary else CorpusError
        raise kind(f"{name}: this is {other.what}, expected text in {encoding.upper()}", other.hint)
    try:
        return data.decode(encoding, "strict")
    except UnicodeDecodeError as error:
        line = bytes(data[: error.start]).decode(encoding, "ignore").count("\n") + 1
        found = " ".join(f"0x{byte:02X}" for byte in data[error.start : error.start + 1])
        kind = NoTextError if is_binary(data) else CorpusError
        raise kind(
            f"{name}:{line}: byte offset {error.start}: {found} is not {encoding.upper()} ({error.reason})",
            what_helps(data, error.start, encoding, name),
        ) from None
