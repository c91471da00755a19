"""How much of what a model writes stands in the text that it learnt from, character for character."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# A stretch of so many characters is about four words: fewer are often the same by chance, more hide what was changed a little.
LENGTH = 20
# Characters of the source that are read at once: their hashes take eight times as many bytes.
PIECE = 1 << 20
# Odd, so that no bit of a character is lost; its digits are those of the golden ratio.
_BASE = 0x9E3779B97F4A7C15


def copied(written: Sequence[str], source: str, length: int = LENGTH) -> list[tuple[int, int]]:
    """How many stretches of `length` characters of each written text stand in `source`, and how many stretches it has.

    Each place of a written text at which a stretch begins counts. A stretch is found by a hash of 64 bits.
    """
    begun = [_hashes(text, length) for text in written]
    places = np.concatenate(begun) if begun else np.zeros(0, dtype=np.uint64)
    if not len(places):
        return [(0, 0) for _ in written]
    sought, of_place = np.unique(places, return_inverse=True)
    found = np.zeros(len(sought), dtype=bool)
    for start in range(0, len(source), PIECE):
        there = _hashes(source[start : start + PIECE + length - 1], length)
        nearest = np.minimum(np.searchsorted(sought, there), len(sought) - 1)
        found[nearest[sought[nearest] == there]] = True
    ends = np.cumsum([len(part) for part in begun])[:-1]
    return [(int(np.count_nonzero(part)), len(part)) for part in np.split(found[of_place], ends)]


def _hashes(text: str, length: int) -> NDArray[np.uint64]:
    """A hash of each stretch of a text: the polynomial of its characters (Karp & Rabin 1987), modulo 2^64.

    That of two stretches in a row is made of theirs, so that twenty characters take five products instead of twenty.
    """
    block = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    if len(block) < length:
        return np.zeros(0, dtype=np.uint64)
    whole: NDArray[np.uint64] | None = None
    size, left = 1, length  # of a block, and what is still missing
    while left:
        if left & 1:
            whole = block if whole is None else _joined(block, whole, size, size - 1 & length)
        left >>= 1
        if left:
            block = _joined(block, block, size, size)
            size *= 2
    assert whole is not None
    return whole


def _joined(first: NDArray[np.uint64], second: NDArray[np.uint64], skip: int, size: int) -> NDArray[np.uint64]:
    """Hashes of stretches of `skip` characters that are followed by those of `size`."""
    count = min(len(first), len(second) - skip)
    return first[:count] * np.uint64(pow(_BASE, size, 1 << 64)) + second[skip : skip + count]
