"""Splitting a corpus into a part to learn from and a part to measure on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from seqgen.errors import CorpusError

# More than half a million symbols would not make the figure more accurate.
VALID_LIMIT = 500_000


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
