"""Changes of a text at several places, and what becomes of its words by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Range = tuple[int, int]

_WORD = re.compile(r"\S+")


class Edit(NamedTuple):
    """text[start:stop] becomes `new`."""

    start: int
    stop: int
    new: str

    @property
    def growth(self) -> int:
        """By how much the text gets longer."""
        return len(self.new) - (self.stop - self.start)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits, in the order of their places; what is put inside a part that goes stands in its place."""
    parts, reached = [], 0
    for edit in edits:
        parts += [text[reached : edit.start], edit.new]
        reached = max(reached, edit.stop)
    return "".join(parts) + text[reached:]


def words(text: str) -> list[Range]:
    """The places of the words of a text: what white space separates."""
    return [match.span() for match in _WORD.finditer(text)]


def moved_words(old: str, new: str, edits: Sequence[Edit]) -> list[list[int]]:
    """For each word of a text, the numbers of the words of the edited text that have some of its place."""
    places, found = words(new), []
    moved = at = 0
    for start, stop in words(old):
        # What is put in front of a word with a space is a word of its own.
        while at < len(edits) and edits[at].stop <= start and (edits[at].start < start or edits[at].new[-1:].isspace()):
            moved, at = moved + edits[at].growth, at + 1
        # A word may begin or end inside of what is replaced: all that comes in its place counts.
        begin = (min(start, edits[at].start) if at < len(edits) else start) + moved
        inside, ahead, end = moved, at, stop
        while ahead < len(edits) and edits[ahead].start < stop:
            inside, end, ahead = inside + edits[ahead].growth, max(end, edits[ahead].stop), ahead + 1
        found.append([number for number, (left, right) in enumerate(places) if left < end + inside and right > begin])
    return found
