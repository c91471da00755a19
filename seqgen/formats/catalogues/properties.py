"""Java's .properties: keys and texts of one language.

Oracle, java.util.Properties.load: separators are =, : or white space, lines that end in a backslash go on, \\uXXXX is a letter.
Texts with {0} are patterns of java.text.MessageFormat, in which an apostrophe is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seqgen.formats.document import Document
from seqgen.formats.units import Edit, Unit

_LINE = re.compile(r"([^\r\n]*+)(?:\r?\n|\r|\Z)")
_COMMENT = re.compile(r"[ \t\f]*[#!](.*)")
# A line that ends in an odd number of backslashes goes on in the next one.
_GOES_ON = re.compile(r"(?:^|[^\\])(?:\\\\)*\\$")
_KEY = re.compile(r"[ \t\f]*((?:[^\\=: \t\f\r\n]|\\(?:\r\n|.))*+)[ \t\f]*([=:]?)(?:[ \t\f]|\\(?:\r\n|[\r\n])[ \t\f]*+)*", re.S)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(?:\r\n|\r|\n)[ \t\f]*|(.))", re.S)
_LETTER = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9A-Fa-f]{4}")
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_PATTERN = re.compile(r"\{\d")
_LONE_QUOTE = re.compile(r"(?<!')'(?!')")
# NetBeans marks what is not to be translated.
_KEPT = "NOI18N"


class Slot(NamedTuple):
    """Where a text stands: text[start:stop]; whether it is a pattern; `encoding` is that of characters written as they are;
    whether a sign stands before it, = or :, rather than white space alone."""

    start: int
    stop: int
    is_pattern: bool
    encoding: str
    is_signed: bool


def units(document: Document) -> Iterator[Unit]:
    """The texts; those without one, and those that NetBeans marks as not to be translated, are kept."""
    # The file's encoding was Latin-1 until Java 9, and UTF-8 since.
    text = document.raw(otherwise=lambda data: "latin-1")
    encoding = document.encoding if _has_letters(text) else "ascii"
    is_kept = False
    for line, start, stop in _logical(text):
        comment = _COMMENT.match(text, start, stop)
        if comment:
            is_kept = _KEPT in comment[1]
            continue
        key = _KEY.match(text, start, stop)
        assert key is not None  # it matches anything
        name, raw = _read(key[1]), text[key.end() : stop]
        is_signed = key[2] != ""
        yield _unit(line, name, raw, Slot(key.end(), stop, bool(_PATTERN.search(raw)), encoding, is_signed), is_kept)
        is_kept = False


def _has_letters(text: str) -> bool:
    """Whether characters beyond ASCII stand as they are: they do where none is an escape, which all versions of Java read, in a
    file that has some, if only in its comments; and where some do in its texts."""
    if text.isascii():
        return False
    said = [text[start:stop] for _, start, stop in _logical(text) if not _COMMENT.match(text, start, stop)]
    return any(not one.isascii() for one in said) or not any(_LETTER.search(one) for one in said)


def _unit(line: int, name: str, raw: str, slot: Slot, is_kept: bool) -> Unit:
    said = _read(raw)
    if is_kept or not said.strip():
        return Unit(line, name, said, state="kept", why="not to be translated" if is_kept else "without a text")
    if slot.is_pattern:
        if _LONE_QUOTE.search(said):
            return Unit(line, name, said, state="kept", why="a pattern with quotes in it")
        said = said.replace("''", "'")
    return Unit(line, name, said, slot=slot)


def _logical(text: str) -> Iterator[tuple[int, int, int]]:
    """Number, beginning and end of each logical line that is not blank."""
    place = number = 0
    while place < len(text):
        start, first = place, number + 1
        while True:
            line = _LINE.match(text, place)
            assert line is not None  # it matches anything
            place, number = line.end(), number + 1
            is_comment = start == line.start() and _COMMENT.match(line[1])
            if is_comment or place >= len(text) or not _GOES_ON.search(line[1]):
                break
        if text[start : line.end(1)].strip(" \t\f\\"):
            yield first, start, line.end(1)


def _read(raw: str) -> str:
    """What is meant by a key or a text; halves of a surrogate pair are one character."""

    def said(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return _NAMED.get(found[2], found[2]) if found[2] else ""

    text = _ESCAPE.sub(said, raw)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isascii() else text


def edits(unit: Unit, translation: str, review: bool = True) -> list[Edit]:
    """The translation in the place of the text: a file is one language's. It has no sign for what is to be reviewed."""
    slot: Slot = unit.slot
    if translation == unit.source:
        return []
    text = translation.replace("'", "''") if slot.is_pattern else translation
    text = re.sub(r"[\\\n\t\r\f]", lambda found: "\\" + {v: k for k, v in _NAMED.items()}.get(found[0], found[0]), text)
    if text[:1] == " " or (text[:1] in ("=", ":") and not slot.is_signed):
        text = "\\" + text
    return [Edit(slot.start, slot.stop, "".join(_written(character, slot.encoding) for character in text))]


def _written(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
        return character
    except UnicodeEncodeError:
        units = character.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[at] << 8 | units[at + 1]:04X}" for at in range(0, len(units), 2))
