"""A line that is too long for a model, cut where a reader would pause: behind sentences, else behind other punctuation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# Where a line may be cut, the better places first; each pattern ends where the next piece begins.
_PLACES = (
    re.compile(r"[.!?…。！？][\"'”’»)\]]*(?:\s+|(?<=[。！？]))"),
    re.compile(r"[;:,，、；：](?:\s+|(?<=[，、；：]))|\s+[-–—]\s+"),
    re.compile(r"\s+"),
)


@dataclass(frozen=True)
class Segment:
    """A piece of a line, and the white space between it and the next one."""

    text: str
    space: str


def segments(line: str, limit: int, length: Callable[[str], int]) -> list[Segment]:
    """Pieces of a line whose `length` is at most `limit`, nothing lost: pieces and spaces joined are the line.

    A word that is longer than that by itself is cut inside.
    """
    if length(line) <= limit:
        return [Segment(line, "")]
    return _cut(line, limit, length, 0)


def _cut(text: str, limit: int, length: Callable[[str], int], level: int) -> list[Segment]:
    if level == len(_PLACES):
        size = max(1, len(text) * limit // (2 * length(text)))
        return [Segment(text[start : start + size], "") for start in range(0, len(text), size)]
    pieces: list[Segment] = []
    for piece in _pieces(text, level):
        joined = pieces[-1].text + pieces[-1].space + piece.text if pieces else ""
        if pieces and length(joined) <= limit:
            pieces[-1] = Segment(joined, piece.space)
        elif length(piece.text) <= limit:
            pieces.append(piece)
        else:
            parts = _cut(piece.text, limit, length, level + 1)
            pieces += [*parts[:-1], Segment(parts[-1].text, piece.space)]
    return pieces


def _pieces(text: str, level: int) -> list[Segment]:
    """The text cut at every place of a level."""
    found = []
    start = 0
    for match in _PLACES[level].finditer(text):
        whole = text[start : match.end()]
        kept = whole.rstrip()
        if kept and match.end() < len(text):
            found.append(Segment(kept, whole[len(kept) :]))
            start = match.end()
    return [*found, Segment(text[start:], "")]
