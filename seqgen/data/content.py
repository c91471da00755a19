"""What bytes are, told by the bytes rather than by a name: archives and documents, which hold a text but are none, and other
encodings than the one expected; with the option or the command that makes a text of them.
"""

from __future__ import annotations

import codecs
import io
import shlex
import zipfile
from typing import NamedTuple

from seqgen.data.encodings import guessed, wide
from seqgen.draw.human import plural

# As errors name what has no name.
STREAMS = ("stdin", "pipe")
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SHOWN = 24
AS_BYTES = "to learn its bytes as they are: train --tokenizer byte --encoding binary"


class Found(NamedTuple):
    """What content is, and what to do about it."""

    what: str
    hint: str
    is_binary: bool = False


class _Kind(NamedTuple):
    """Content that begins with `magic` at `offset`: its name and the command that writes its text to standard output."""

    magic: bytes
    what: str
    command: str
    offset: int = 0


# {} is the file.
_KINDS = (
    _Kind(b"\x1f\x8b", "compressed by gzip, twice", "zcat {}"),
    _Kind(b"\xfd7zXZ\0", "compressed by xz", "xz -dc {}"),
    _Kind(b"1AY&SY", "compressed by bzip2", "bzip2 -dc {}", offset=4),
    _Kind(b"\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc {}"),
    _Kind(b"7z\xbc\xaf\x27\x1c", "a 7z archive", "7z x -so {}"),
    _Kind(b"Rar!\x1a\x07", "a rar archive", "unrar p -inul {}"),
    _Kind(b"%PDF-", "a PDF", "pdftotext -enc UTF-8 {} -"),
    _Kind(b"{\\rtf", "RTF, a text with markup", "pandoc -f rtf -t plain --wrap=none {}"),
    _Kind(b"ustar", "a tar archive", "tar -xOf {}", offset=257),
    _Kind(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old Microsoft Office", "catdoc -d utf-8 {}"),
)
# Members by which documents in zip archives are known; the suffix of those that are read.
_ZIPPED = (
    ("word/document.xml", "a Word document (docx)", ".docx"),
    ("META-INF/container.xml", "an e-book (epub)", ".epub"),
    ("xl/workbook.xml", "a spreadsheet (xlsx)", ""),
    ("ppt/presentation.xml", "a presentation (pptx)", ""),
)
_OPEN = {
    "application/vnd.oasis.opendocument.text": ("a text document (odt)", ".odt"),
    "application/vnd.oasis.opendocument.spreadsheet": ("a spreadsheet (ods)", ""),
}


def no_text(data: bytes | bytearray, name: str) -> Found | None:
    """What kind of archive or document the content of a file is; None for what may be a text in some encoding.

    `name` is how the hint calls the file.
    """
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data, name)
    for kind in _KINDS:
        if data.startswith(kind.magic, kind.offset):
            return _found(kind.what, kind.command, name)
    return None


def _found(what: str, command: str, name: str) -> Found:
    if not command:
        return Found(what, "save it as tab-separated text in UTF-8 (.tsv), or as plain text")
    if command.startswith("."):
        named = f"give it a name that ends in {command}"
        return Found(what, f"train reads it: --format {command[1:]}; else {named}" if name in STREAMS else named)
    return Found(what, f"turn it into text on the way: {_piped(command, name)}")


def _piped(command: str, name: str) -> str:
    """What to type to have a file read through a command."""
    if name in STREAMS:
        stream = "-" if command.startswith("pdftotext") else "/dev/stdin"
        return f"... | {command.format(stream)} | seqgen ... -"
    return f"{command.format(shlex.quote(f'./{name}' if name.startswith('-') else name))} | seqgen ... -"


def _zipped(data: bytes | bytearray, name: str) -> Found:
    """What a zip archive holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.namelist()
            kind = archive.open("mimetype").read(100).decode("ascii", "ignore").strip() if "mimetype" in members else ""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return Found("a zip archive that is damaged", "was it cut off on the way here?")
    if kind in _OPEN:
        return _found(*_OPEN[kind], name)
    for member, what, command in _ZIPPED:
        if member in members:
            return _found(what, command, name)
    if name in STREAMS:
        return Found("a zip archive", "save it as a file, then: unzip -p FILE | seqgen ... -")
    return _found("a zip archive", "unzip -p {}", name)


def other_encoding(data: bytes | bytearray, encoding: str) -> Found | None:
    """Whether bytes say themselves, by a byte order mark or by zeros between the letters, that they are UTF-16 or UTF-32 where
    an encoding of single bytes is expected; or that they are no text at all."""
    known = codecs.lookup(encoding).name
    if known.startswith(("utf-16", "utf-32")):
        return None
    mark = next((found for mark, found in MARKS if data.startswith(mark)), None)
    if mark and is_in(data, mark):
        return Found(mark.upper(), f"say so: --encoding {mark}")
    if mark is None and known == "utf-8" and data.count(0) * 1_000 > len(data):
        found = wide(data)
        if found is None:
            return Found("binary, not text", f"{data.count(0):,} of its bytes are zero; {AS_BYTES}", is_binary=True)
        return Found(f"{found.upper()} without a byte order mark", f"say so: --encoding {found}")
    if known == "utf-8" and b"\x1b$" in data and data.isascii() and (found := guessed(data)) not in (None, "utf-8"):
        return Found(f"{found}, which switches alphabets", f"say so: --encoding {found}")
    return None


def what_helps(data: bytes | bytearray, bad: int, encoding: str, name: str) -> str:
    """The hint for bytes that are not in an encoding; `bad` is the offset of the first that is not."""
    if codecs.lookup(encoding).name == "utf-8" and (hint := _nearly(data, name)):
        return hint
    if is_binary(data):
        return f"it looks binary, not like text; {AS_BYTES}"
    found = guessed(data)
    if found is None:
        return "no usual encoding makes a text of it: is it one? Name its encoding with --encoding"
    return f"it reads as {found}: --encoding {found} makes {_shown(data, bad, found)!r} of this place"


def _nearly(data: bytes | bytearray, name: str) -> str | None:
    """The hint for what is UTF-8 but for some bytes."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(not character.isascii() for character in text[: 1 << 20]) - text.count("\ufffd", 0, 1 << 20)
    if right > 10 * wrong:
        places = plural(wrong, "place is not", "places are not")
        return f"all else is UTF-8, {places}; to drop them: {_piped('iconv -c -f utf-8 -t utf-8 {}', name)}"
    return None


def is_binary(data: bytes | bytearray) -> bool:
    """Whether bytes that no text has are frequent."""
    head = bytes(data[: 1 << 16])
    odd = len(head) - len(head.translate(None, bytes([*range(0x07), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])))
    return odd * 50 > len(head)


def _shown(data: bytes | bytearray, bad: int, encoding: str) -> str:
    """The words around a place, read in an encoding."""
    text = data.decode(encoding)
    place = len(bytes(data[:bad]).decode(encoding, "ignore"))
    start = max(text.rfind("\n", 0, place) + 1, place - SHOWN // 2)
    return text[start : start + SHOWN].split("\n")[0].strip()


def is_in(data: bytes | bytearray, encoding: str) -> bool:
    """Whether all of the bytes are in an encoding."""
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True
