"""Inline elements of a unit as marks in its text: what a translation must carry to its right place and may not change.

A mark looks like a tag (<g1> ... </g1> around words, <x2/> alone), which is what translation keeps whatever the order of
words becomes. What a text holds in such a form itself is told apart: its marks get another name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

_TAGS = re.compile(r"</?([A-Za-z]+)[0-9]+/?>")


class Marked(NamedTuple):
    """A text with marks, and what each mark stands for in the file."""

    text: str
    marks: Mapping[str, str]


class Marker:
    """Builds a marked text from left to right."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._marks: dict[str, str] = {}  # by the names that they have unless the text itself has such a one
        self._at: list[int] = []  # which of the parts are marks
        self._open: dict[Hashable, int] = {}
        self._count = 0
        self._has_tags = False

    def text(self, text: str) -> None:
        """What people read."""
        self._parts.append(text)
        if "<" in text:
            self._has_tags = True

    def single(self, raw: str) -> None:
        """An element without words of its own: `raw` as it is in the file."""
        self._count += 1
        self._mark(f"<x{self._count}/>", raw)

    def open(self, raw: str, key: Hashable) -> None:
        """The beginning of an element around words; its end has the same key."""
        self._count += 1
        self._open[key] = self._count
        self._mark(f"<g{self._count}>", raw)

    def close(self, raw: str, key: Hashable) -> None:
        """The end of an element; where it was not begun in this text, it stands alone."""
        number = self._open.pop(key, None)
        if number is None:
            self.single(raw)
        else:
            self._mark(f"</g{number}>", raw)

    def done(self) -> Marked:
        """The text and its marks; an element that was not ended stands alone."""
        if (self._open or self._has_tags) and self._at:
            self._rename()
        return Marked("".join(self._parts), self._marks)

    def _mark(self, mark: str, raw: str) -> None:
        self._at.append(len(self._parts))
        self._parts.append(mark)
        self._marks[mark] = raw

    def _rename(self) -> None:
        """Name marks otherwise where the text itself has what looks like one, or where they have no end."""
        marks, self._marks = self._marks, {}
        unended = {f"<g{number}>": f"<x{number}/>" for number in self._open.values()}
        are_marks = set(self._at)
        literal = "".join(part for place, part in enumerate(self._parts) if place not in are_marks)
        taken = {found[1] for found in _TAGS.finditer(literal)}
        letters = next("z" * size for size in range(len(taken) + 1) if not {"g" + "z" * size, "x" + "z" * size} & taken)
        for place in self._at:
            mark = self._parts[place]
            name = unended.get(mark, mark)
            begin = 2 + name.startswith("</")
            self._parts[place] = name[:begin] + letters + name[begin:]
            self._marks[self._parts[place]] = marks[mark]


def unmarked(text: str, marks: Mapping[str, str], escaped: Callable[[str], str] = lambda text: text) -> str:
    """The text with what its marks stand for, and all between them `escaped` as the file has it."""
    return "".join(marks[part] if is_mark else escaped(part) for part, is_mark in parted(text, marks))


def parted(text: str, marks: Mapping[str, str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a mark."""
    if not marks:
        return [(text, False)]
    parts = re.split("(" + "|".join(map(re.escape, marks)) + ")", text)
    return [(part, bool(place % 2)) for place, part in enumerate(parts)]


def without_marks(text: str, marks: Mapping[str, str]) -> str:
    """The words alone; of the spaces around a mark that stood by itself one is enough."""
    if not marks:
        return text
    words = ""
    for part in re.split("|".join(map(re.escape, marks)), text):
        words += part[1:] if words.endswith(" ") and part.startswith(" ") else part
    return words


def keeps(text: str, marks: Mapping[str, str]) -> bool:
    """Whether a translation has each mark once, and elements that end after they begin and do not cross."""
    if not marks:
        return True
    found = re.findall("|".join(map(re.escape, marks)), text)
    if Counter(found) != Counter(marks.keys()):
        return False
    opened: list[str] = []
    for mark in found:
        if mark.startswith("</"):
            if not opened or opened.pop() != "<" + mark[2:]:
                return False
        elif not mark.endswith("/>"):
            opened.append(mark)
    return True
