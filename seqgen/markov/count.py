"""Which n-grams a text has, and how often: sorted, numbered, linked.

An n-gram is known by its rank among those of its length. The key of the one that ends at position t is made of the rank
of the shorter one that ends before it and of the symbol at t, so keys stay below (number of n-grams) * V however long the
n-grams are; V^n would overflow 64 bits with the syllables of Hangul at n = 5.

Shape legend: M symbols of text, V vocabulary, n_k distinct n-grams of length k.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# No more symbols than this are counted: the n-grams would take gigabytes.
LIMIT = 8_000_000
PIECES = 64


@dataclass(frozen=True)
class Level:
    """All n-grams of one length k in lexicographic order, arrays [n_k].

    `prefix` and `suffix` are ranks in the level below, of the n-gram without its last and without its first symbol;
    `left` counts the distinct symbols that occur before it, the beginning of the text being one.
    """

    symbol: NDArray[Any]
    prefix: NDArray[np.int32]
    suffix: NDArray[np.int32]
    count: NDArray[np.int32]
    left: NDArray[np.int32]


@dataclass(frozen=True)
class Counts:
    """The levels 1 to order + 1 of a text over V symbols, of which `symbols` were counted."""

    levels: tuple[Level, ...]
    vocab_size: int
    symbols: int


def count(ids: NDArray[Any], vocab_size: int, order: int, limit: int = LIMIT) -> Counts:
    """Count the n-grams up to length order + 1; of more than `limit` symbols, pieces spread evenly over the text."""
    ids = spread(ids, limit).astype(np.int64)
    levels: list[Level] = []
    rank = np.zeros(len(ids), dtype=np.int64)  # of the n-gram that ends at each position; of length 0 there is one
    for length in range(1, min(order + 1, len(ids)) + 1):
        # Position t of `ids` is place t - length + 1 here: shorter n-grams end at more positions than longer ones.
        key = rank[: len(rank) - (length > 1)] * vocab_size + ids[length - 1 :]
        below, rank, level = _rank(key, rank, vocab_size, length)
        if levels:
            levels[-1] = _with_left(levels[-1], level, below)
        levels.append(level)
    return Counts(tuple(levels), vocab_size, len(ids))


def spread(ids: NDArray[Any], limit: int) -> NDArray[Any]:
    """All of a text, or `limit` symbols of it in PIECES equal pieces from its beginning to its end."""
    if len(ids) <= limit:
        return ids
    size = limit // PIECES
    starts = np.linspace(0, len(ids) - size, PIECES).astype(np.int64)
    return np.concatenate([ids[start : start + size] for start in starts])


def _rank(
    key: NDArray[np.int64], rank: NDArray[np.int64], vocab_size: int, length: int
) -> tuple[int, NDArray[np.int64], Level]:
    """Rank keys [M]; return the rank of the first shorter n-gram, the ranks, and the level they make."""
    order = np.argsort(key)
    ordered = key[order]
    first = np.empty(len(key), dtype=bool)  # whether a key differs from the one before it
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    new = np.empty(len(key), dtype=np.int64)
    new[order] = np.cumsum(first) - 1
    places = np.flatnonzero(first)
    distinct = ordered[places]
    # The suffix ends where the n-gram ends: one place further in the ranks of the level below.
    suffix = rank[order[places] + 1] if length > 1 else np.zeros(len(places), dtype=np.int64)
    level = Level(
        symbol=(distinct % vocab_size).astype(np.uint16 if vocab_size <= 65_536 else np.int32),
        prefix=(distinct // vocab_size).astype(np.int32),
        suffix=suffix.astype(np.int32),
        count=np.diff(places, append=len(key)).astype(np.int32),
        left=np.zeros(0, dtype=np.int32),
    )
    return int(rank[0]), new, level


def _with_left(level: Level, longer: Level, first: int) -> Level:
    """Each distinct longer n-gram adds one symbol before its suffix; the text's first n-gram has the beginning before it."""
    left = np.bincount(longer.suffix, minlength=len(level.symbol)).astype(np.int32)
    left[first] += 1
    return Level(level.symbol, level.prefix, level.suffix, level.count, left)
