"""JSON read with the places of its texts, so that one can be replaced and all else stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from seqgen.formats.document import Document

DEEPEST = 200
_SPACE = re.compile(r"[ \t\r\n]*")
_OTHER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
# Line ends inside quotes are an error by the letter, and often there.
_DECODER = json.JSONDecoder(strict=False)
# The keys under which data sets have their records; other lists of objects are parts of a catalogue.
_LISTS = re.compile(
    r'"(?:data|rows|records|items|examples|entries|pairs|sentences|translations|train|test|validation)"\s*:\s*\Z'
)
_ESCAPED = re.compile(r"\\u[0-9A-Fa-f]{4}")


class Text(NamedTuple):
    """A text in JSON: the keys (and numbers in lists) on the way to it; its place with its quotes, text[start:stop]."""

    path: tuple[str, ...]
    value: str
    start: int
    stop: int


class Object(NamedTuple):
    """An object in a list: its number, from 1, and its place, text[start:stop]."""

    number: int
    record: Any
    start: int
    stop: int


def texts_in(document: Document, text: str) -> Iterator[Text]:
    """All texts of a document that is one value, in their order. Raises CorpusError naming the line of what is not JSON."""
    yield from _Walk(document, text).whole()


def objects_in(document: Document, text: str) -> Iterator[Object]:
    """The objects of a list: the whole document, or the list under a key such as data or rows in the object that it is. Raises
    CorpusError naming the line of what is no such thing."""
    place = list_at(text)
    if place is None:
        raise document.error(1, "not a list of JSON objects", "expected [{...}, ...] or one object a line")
    number = 0
    place = _after(text, place + 1)
    while not text.startswith("]", place):
        try:
            record, stop = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise not_json(document, text, error, place) from None
        number += 1
        yield Object(number, record, place, stop)
        place = _after(text, stop)
        if text.startswith(",", place):
            place = _after(text, place + 1)
        elif not text.startswith("]", place):
            raise not_json(document, text, ValueError("expected , or ]"), place)


def list_at(text: str) -> int | None:
    """Where the list of objects begins that a document is, or that the object which it is has under a key such as data or
    rows; None where there is none."""
    place = _after(text, 0)
    if text.startswith("[", place):
        return place if text.startswith("{", _after(text, place + 1)) else None
    found = re.compile(r'\[[ \t\r\n]*\{[ \t\r\n]*"').search(text, place, place + (1 << 16))
    if found is None or not text.startswith("{", place) or not _LISTS.search(text[max(0, found.start() - 100) : found.start()]):
        return None
    # Only keys with simple values may stand before it.
    before = text[place : found.start()]
    return (
        found.start()
        if re.fullmatch(r'\{(?:\s*"(?:[^"\\]|\\.)*+"\s*:\s*(?:"(?:[^"\\]|\\.)*+"|[-\w.+]+)?\s*,?)*+\s*', before)
        else None
    )


def escapes_letters(text: str) -> bool:
    r"""Whether a document writes letters beyond ASCII as \uXXXX."""
    return text.isascii() and _ESCAPED.search(text) is not None


def written(text: str, escapes: bool) -> str:
    """A text in quotes, with letters as escapes or as they are."""
    return json.dumps(text, ensure_ascii=escapes)


def line_of(text: str, place: int) -> int:
    """The line of a place."""
    return text.count("\n", 0, place) + 1


def not_json(document: Document, text: str, error: Exception, place: int) -> Exception:
    """The error of a document that is no JSON."""
    place = error.pos if isinstance(error, json.JSONDecodeError) else place
    what = error.msg if isinstance(error, json.JSONDecodeError) else str(error) or "nested too deeply"
    return document.error(line_of(text, min(place, len(text))), f"not JSON: {what}", "correct that line")


def _after(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


class _Walk:
    """One pass over a document."""

    def __init__(self, document: Document, text: str) -> None:
        self.document, self.text, self.place = document, text, 0

    def whole(self) -> Iterator[Text]:
        """The texts, and nothing behind them."""
        yield from self._value((), 0)
        if self._next() != "":
            where = line_of(self.text, self.place)
            raise self.document.error(where, "not JSON: more behind its end", "one object a line is JSON lines: name it .jsonl")

    def _value(self, path: tuple[str, ...], depth: int) -> Iterator[Text]:
        sign = self._next()
        if depth > DEEPEST:
            raise self._error("nested too deeply")
        if sign == '"':
            start = self.place
            yield Text(path, self._string(), start, self.place)
        elif sign == "{":
            yield from self._members("}", path, depth)
        elif sign == "[":
            yield from self._members("]", path, depth)
        elif found := _OTHER.match(self.text, self.place):
            self.place = found.end()
        else:
            raise self._error("expected a value")

    def _members(self, end: str, path: tuple[str, ...], depth: int) -> Iterator[Text]:
        self.place += 1
        number = 0
        while self._next() != end:
            if number and not self._took(","):
                raise self._error(f"expected , or {end}")
            if number and self._next() == end:
                raise self._error("a comma without a value behind it")
            key = str(number)
            if end == "}":
                if self._next() != '"':
                    raise self._error("expected a key in quotes")
                key = self._string()
                if not self._took(":"):
                    raise self._error("expected :")
            yield from self._value((*path, key), depth + 1)
            number += 1
        self.place += 1

    def _string(self) -> str:
        try:
            value, self.place = _DECODER.raw_decode(self.text, self.place)
        except ValueError as error:
            raise not_json(self.document, self.text, error, self.place) from None
        return str(value)

    def _next(self) -> str:
        self.place = _after(self.text, self.place)
        return self.text[self.place : self.place + 1]

    def _took(self, sign: str) -> bool:
        if self._next() != sign:
            return False
        self.place += 1
        return True

    def _error(self, what: str) -> Exception:
        return not_json(self.document, self.text, ValueError(what), self.place)
