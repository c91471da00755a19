"""The parts of a text that stand in the training text, as long as they are.

Where two texts lie on each other so that an indexed place lies on the same characters, all that they have in common around it
is found at once.

Shape legend: T characters of the text that is looked at, H indexed places that have something in common with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqgen.copies.index import CopyIndex, codes_of, hashes_of, small_codes

# A stretch of so many characters is about four words: fewer are often the same by chance, more hide what was changed a little.
LENGTH = 20
# Places that are compared at once: what a text has again and again could fill the memory.
AT_ONCE = 1 << 20


class Span(NamedTuple):
    """text[begin:end] stands in the training text from `place` on."""

    begin: int
    end: int
    place: int


def copied(written: Sequence[str], source: str, length: int = LENGTH) -> list[tuple[int, int]]:
    """How many stretches of `length` characters of each written text stand in `source`, and how many stretches it has.

    Each place of a written text at which a stretch begins counts.
    """
    index = CopyIndex(small_codes([source]), length)
    return [(copied_stretches(spans_of(text, index), length), max(0, len(text) - length + 1)) for text in written]


def copied_stretches(spans: Sequence[Span], length: int) -> int:
    """At how many places stretches of `length` characters begin that lie in one of the spans."""
    count = reached = 0
    for span in spans:
        last = span.end - length + 1
        count += max(0, last - max(reached, span.begin))
        reached = max(reached, last)
    return count


def covered(spans: Sequence[Span]) -> int:
    """How many characters lie in a span."""
    count = reached = 0
    for span in spans:
        count += max(0, span.end - max(reached, span.begin))
        reached = max(reached, span.end)
    return count


def spans_of(text: str, index: CopyIndex) -> list[Span]:
    """The spans of `index.length` characters or more that cannot be made longer and lie in no other one, in order."""
    codes = codes_of(text)
    found: list[Span] = []
    for begins, ends, places in _alike(codes, index):
        keep = ends - begins >= index.length
        found += map(Span, begins[keep].tolist(), ends[keep].tolist(), places[keep].tolist())
    found.sort(key=lambda span: (span.begin, -span.end, span.place))
    longest: list[Span] = []
    for span in found:
        if not longest or span.end > longest[-1].end:
            longest.append(span)
    return longest


def _alike(codes: NDArray[np.uint32], index: CopyIndex) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Begins, ends and places of all that both have in common and that holds an indexed place whole."""
    first, count = index.find_all(hashes_of(codes, index.size))
    at = np.flatnonzero(count)
    sums = np.cumsum(count[at])
    begin = 0
    while begin < len(at):
        before = int(sums[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(sums, before + AT_ONCE, side="right")))
        chosen = at[begin:end]
        heres = np.repeat(chosen, count[chosen])  # [H]
        ranks = np.arange(len(heres)) - np.repeat(np.cumsum(count[chosen]) - count[chosen], count[chosen])
        theres = index.places(np.repeat(first[chosen], count[chosen]) + ranks)
        yield _grown(codes, index, heres, theres)
        begin = end


def _grown(
    codes: NDArray[np.uint32], index: CopyIndex, heres: NDArray[np.int64], theres: NDArray[np.int64]
) -> tuple[NDArray[np.int64], ...]:
    """What lies at these places of both texts, joined where it follows each other, and grown to both sides."""
    same = np.ones(len(heres), dtype=np.bool_)
    for offset in range(index.size):
        same &= codes[heres + offset] == index.codes[theres + offset]
    order = np.lexsort((heres[same], theres[same] - heres[same]))
    heres, theres = heres[same][order], theres[same][order]
    # Indexed places follow each other by steps.
    goes_on = (np.diff(heres) == index.step) & (np.diff(theres) == index.step)
    firsts = np.flatnonzero(np.concatenate([[True], ~goes_on])) if len(heres) else np.zeros(0, dtype=np.int64)
    lasts = np.append(firsts[1:], len(heres)) - 1 if len(heres) else firsts
    begins, ends, places = heres[firsts], heres[lasts] + index.size, theres[firsts]
    # Anything longer would hold one more indexed place, unless that was compared at another time.
    back = _further(codes, index.codes, begins - 1, places - 1, -1)
    forth = _further(codes, index.codes, ends, places + ends - begins, 1)
    return begins - back, ends + forth, places - back


def _further(
    codes: NDArray[np.uint32],
    others: NDArray[np.unsignedinteger],
    heres: NDArray[np.int64],
    theres: NDArray[np.int64],
    direction: int,
) -> NDArray[np.int64]:
    """How many characters both have in common from these places on, to the right (1) or to the left (-1)."""
    count = np.zeros(len(heres), dtype=np.int64)
    left = np.arange(len(heres))
    while len(left):
        here, there = heres[left] + direction * count[left], theres[left] + direction * count[left]
        inside = (here >= 0) & (there >= 0) & (here < len(codes)) & (there < len(others))
        left, here, there = left[inside], here[inside], there[inside]
        left = left[codes[here] == others[there]]
        count[left] += 1
    return count
