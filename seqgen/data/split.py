"""Splitting a corpus into a part to learn from and a part to measure on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from seqgen.errors import CorpusError

# More than half a million symbols would not make the figure more accurate.
VALID_LIMIT = 500_000
# Of a shorter text nothing is held out unless that is asked for.
SHORTEST_SPLIT = 1_000

Span = tuple[int, int]


@dataclass(frozen=True)
class Grown:
    """A text that begins with an `earlier` one of so many characters, of which the spans `out` (beginning, end) were held out;
    `learnt` counts those that were learnt from. Nothing of the kind by default."""

    earlier: int = 0
    out: tuple[Span, ...] = ()
    learnt: int = 0

    def learnt_of(self, text: str, cut: int) -> str:
        """The text up to a cut, without what is held out."""
        parts, place = [], 0
        for begin, end in self.out:
            parts.append(text[place : min(begin, cut)])
            place = min(end, cut)
        return "".join(parts) + text[place:cut]


def split_text(text: str, valid_fraction: float, limit: int = VALID_LIMIT) -> tuple[int, str, str | None]:
    """How many characters to train on, the part after them to validate on, a note where not all of it is used.

    `valid_fraction` of the text is held out, at most `limit` symbols of it: those right after the training part. Raises
    CorpusError where fewer than two symbols are left to train on.
    """
    cut = int(len(text) * (1 - valid_fraction))
    if cut < 2:
        raise CorpusError(
            f"{len(text)} symbols with {valid_fraction:g} held out leave {cut} to learn from, expected at least 2",
            "give more text, or --valid-frac 0",
        )
    rest = len(text) - cut
    note = f"held-out text: {limit:,} of {rest:,} symbols, those right after the training part" if rest > limit else None
    return cut, text[cut : cut + limit], note


def split_grown(text: str, valid_fraction: float, grown: Grown) -> tuple[int, Span, str | None]:
    """The same for a text that has grown: where learning ends, what is held out, and a note.

    What is held out is a share of what is new. Where too little is new, it is once more what was held out of the earlier text.
    """
    new = text[grown.earlier :]
    if grown.earlier and len(new) < SHORTEST_SPLIT:
        note = "too little is new to hold any of it out: measured on what was held out before" if grown.out else None
        return len(text), grown.out[-1] if grown.out else (len(text), len(text)), note
    cut, held_out, note = split_text(new, valid_fraction)
    begin = grown.earlier + cut
    return begin, (begin, begin + len(held_out)), note


def split_pairs(sources: Sequence[str], valid_fraction: float) -> list[bool]:
    """For each pair, whether it is held out: decided by a hash of its source alone.

    So a source is on one side only, however often and with whatever targets it occurs, whatever its capitals and
    spaces; and adding pairs to a file moves none of the others.
    """
    threshold = int(valid_fraction * 2**64)
    return [_hash(source) < threshold for source in sources]


def _hash(source: str) -> int:
    words = " ".join(source.casefold().split())
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "big")
