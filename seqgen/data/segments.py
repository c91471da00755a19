"""A line that is too long for a model, cut where a reader would pause: after sentences, else after other punctuation.

Whatever the line is, the time is linear in its length: pieces are spans of it, and text that cannot fit is not measured.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

_CLOSING = "[\"'”’»)\\]」』）]*+"
# Where a line may be cut, the better places first; each pattern ends where the next piece begins. Repeats are possessive,
# and begin only after a different character, so that nothing is scanned twice.
_PLACES = (
    re.compile(rf"[.!?…]{_CLOSING}\s++|[。！？]{_CLOSING}\s*+"),
    re.compile(r"[;:,]\s++|[，、；：]\s*+|(?<!\s)\s++[-–—]\s++"),
    re.compile(r"\s++"),
)
# A piece of a vocabulary has at most 16 characters, and normalisation joins four at most: a longer text has more tokens.
_CHARACTERS_A_TOKEN = 64

Length = Callable[[str], int]
_Span = tuple[int, int]


@dataclass(frozen=True)
class Segment:
    """A piece of a line, and the white space between it and the next one."""

    text: str
    space: str


def segments(line: str, limit: int, length: Length) -> list[Segment]:
    """Pieces of a line whose `length` is at most `limit`, nothing lost: pieces and spaces joined are the line.

    A single word longer than that is cut inside; a single character is left as it is. White space at the ends of
    a line that is cut belongs to no piece: if there is some in front, the first piece is empty.
    """
    if _fits(line, (0, len(line)), limit, length):
        return [Segment(line, "")]
    begin, end = len(line) - len(line.lstrip()), len(line.rstrip())
    spans = _cut(line, (min(begin, end), end), limit, length, 0)
    if begin:
        spans.insert(0, (0, 0))
    ends = [start for start, _ in spans[1:]] + [len(line)]
    return [Segment(line[start:stop], line[stop:after]) for (start, stop), after in zip(spans, ends, strict=True)]


def _fits(line: str, span: _Span, limit: int, length: Length) -> bool:
    start, stop = span
    return stop - start <= limit * _CHARACTERS_A_TOKEN and length(line[start:stop]) <= limit


def _cut(line: str, span: _Span, limit: int, length: Length, level: int) -> list[_Span]:
    """Spans that fit, of one that does not."""
    if level == len(_PLACES):
        return _chopped(line, span, limit, length)
    spans: list[_Span] = []
    for piece in _pieces(line, span, level):
        spans += [piece] if _fits(line, piece, limit, length) else _cut(line, piece, limit, length, level + 1)
    return _joined(line, spans, limit, length)


def _pieces(line: str, span: _Span, level: int) -> list[_Span]:
    """A span cut at every place of a level; each piece ends before the white space after it."""
    found = []
    start, stop = span
    for match in _PLACES[level].finditer(line, start, stop):
        if match.end() < stop:
            found.append((start, start + len(line[start : match.end()].rstrip())))
            start = match.end()
    return [*found, (start, stop)]


def _joined(line: str, spans: list[_Span], limit: int, length: Length) -> list[_Span]:
    """As many neighbours joined as fit.

    The sums of their lengths say how many that can be at most; white space between them counts too. Where the sums promised
    too much, the count that fitted last is tried first, so that little is measured that is far too long.
    """
    sums = [0, *accumulate(length(line[start:stop]) for start, stop in spans)]
    joined: list[_Span] = []
    first, guess = 0, len(spans)
    while first < len(spans):
        # Alone it fits, or cannot be cut.
        good = most = first + 1
        while most < len(spans) and sums[most + 1] - sums[first] <= limit:
            most += 1
        top, trial, step = most, min(most, first + guess), 1
        while good < most:
            if _fits(line, (spans[first][0], spans[trial - 1][1]), limit, length):
                good, trial, step = trial, min(most, trial + step), 2 * step
            else:
                most, trial = trial - 1, (good + trial) // 2
        joined.append((spans[first][0], spans[good - 1][1]))
        guess = len(spans) if good == top else good - first
        first = good
    return joined


def _chopped(line: str, span: _Span, limit: int, length: Length) -> list[_Span]:
    """A word in parts that fit, longer or shorter as its characters turn out to need fewer or more tokens."""
    start, stop = span
    spans = []
    size = limit
    while start < stop:
        while size > 1 and not _fits(line, (start, min(start + size, stop)), limit, length):
            size = (size + 1) // 2
        spans.append((start, min(start + size, stop)))
        start += size
        size = size * 3 // 2 + 1
    return spans
