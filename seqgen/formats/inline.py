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
        self._parts: list[tuple[str, str]] = []  # a text, or the name of a mark with its number; what it stands for
        self._open: dict[Hashable, int] = {}
        self._count = 0

    def text(self, text: str) -> None:
        """What people read."""
        self._parts.append(("", text))

    def single(self, raw: str) -> None:
        """An element without words of its own: `raw` as it is in the file."""
        self._count += 1
        self._parts.append((f"x{self._count}/", raw))

    def open(self, raw: str, key: Hashable) -> None:
        """The beginning of an element around words; its end has the same key."""
        self._count += 1
        self._open[key] = self._count
        self._parts.append((f"g{self._count}", raw))

    def close(self, raw: str, key: Hashable) -> None:
        """The end of an element; where it was not begun in this text, it stands alone."""
        number = self._open.pop(key, None)
        if number is None:
            self.single(raw)
            return
        self._parts.append((f"/g{number}", raw))

    def done(self) -> Marked:
        """The text and its marks; an element that was not ended stands alone."""
        if not self._count:
            return Marked("".join(raw for _, raw in self._parts), {})
        unended = {f"g{number}": f"x{number}/" for number in self._open.values()}
        letters = self._letters()
        marks: dict[str, str] = {}
        text: list[str] = []
        for name, raw in self._parts:
            if not name:
                text.append(raw)
                continue
            name = unended.get(name, name)
            mark = f"<{name}>" if letters is None else f"<{_renamed(name, letters)}>"
            marks[mark] = raw
            text.append(mark)
        return Marked("".join(text), marks)

    def _letters(self) -> str | None:
        """What marks have behind their letter where the text itself has what looks like one; else None."""
        literal = "".join(raw for name, raw in self._parts if not name)
        if "<" not in literal:
            return None
        taken = {found[1] for found in _TAGS.finditer(literal)}
        more = next(size for size in range(len(taken) + 1) if not {"g" + "z" * size, "x" + "z" * size} & taken)
        return "z" * more or None


def _renamed(name: str, letters: str) -> str:
    place = name.startswith("/") + 1
    return name[:place] + letters + name[place:]


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
