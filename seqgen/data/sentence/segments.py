"""A line cut into what a model takes: after each sentence; and where a sentence is too long, where a reader would pause.

Whatever the line is, the time is linear in its length: pieces are spans of it, and text that cannot fit is not measured.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from seqgen.data.sentence.ends import places, sentences

# Where a sentence that is too long is cut, the better places first; each pattern ends where the next piece begins. Repeats
# are possessive, and begin only after a different character, so that nothing is scanned twice.
_PLACES = (
    re.compile(r"[;:,]\s++|[，、；：]\s*+|(?<!\s)\s++[-–—]\s++"),
    re.compile(r"\s++"),
)
# A piece of a vocabulary has at most 16 characters, and normalisation joins four at most: a longer text has more tokens.
_CHARACTERS_A_TOKEN = 64

Length = Callable[[str], int]
_Span = tuple[int, int]


@dataclass(frozen=True)
class Limits:
    """Tokens of a piece: a sentence is cut inside where it has more than `longest`; neighbouring sentences are joined up to
    `joined`, where a model has learnt that (0: it has not)."""

    longest: int
    joined: int = 0


@dataclass(frozen=True)
class Segment:
    """A piece of a line, and the white space between it and the next one."""

    text: str
    space: str


def segments(line: str, limits: Limits, length: Length) -> list[Segment]:
    """Pieces of a line that keep the limits, nothing lost: pieces and spaces joined are the line, which has no white space
    at its ends.

    A single word longer than that is cut inside; a single character is left as it is.
    """
    spans: list[_Span] = []
    for span in sentences(line):
        spans += [span] if _fits(line, span, limits.longest, length) else _cut(line, span, limits.longest, length, 0)
    if limits.joined:
        spans = _joined(line, spans, limits.joined, length)
    ends = [start for start, _ in spans[1:]] + [len(line)]
    return [Segment(line[start:stop], line[stop:after]) for (start, stop), after in zip(spans, ends, strict=True)]


class Reason(NamedTuple):
    """Why a piece ends where it does: the name of a rule, "too long", or "end of line"; and the marks inside it that end no
    piece, each with the word in front of it and the rule that said so."""

    why: str
    kept: tuple[tuple[str, str], ...]


def reasons(line: str, pieces: Sequence[Segment]) -> list[Reason]:
    """For each of the pieces of a line, made by `segments`."""
    found, all_places, at = [], list(places(line)), 0
    for piece in pieces:
        stop = at + len(piece.text)
        inside = [place for place in all_places if at < place.stop < stop]
        ending = next((place.rule for place in all_places if place.stop == stop and place.ends), "too long")
        kept = tuple((line[at : place.stop].split()[-1], "joined" if place.ends else place.rule) for place in inside)
        at = stop + len(piece.space)
        found.append(Reason("end of line" if at == len(line) else ending, kept))
    return found


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
