"""Counts of two texts added: those that a model holds, and those of another text.

A model keeps how often each n-gram occurs, and the discounts need no more than that: so the sum is exactly what counting
both texts gives, without an n-gram that reaches from one into the other.

Shape legend: n_k distinct n-grams of length k, V vocabulary.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqgen.markov.count import Counts, Level
from seqgen.markov.model import Markov

Ranks = NDArray[np.int64]


def counts_of(model: Markov) -> Counts | None:
    """The counts that a model was made of; None for one that was saved without them. The inverse of `smooth`."""
    if model.count is None:
        return None
    ends = [*model.starts[1:].tolist(), len(model.symbol)]
    parents = np.concatenate([[0], np.repeat(np.arange(len(model.backoff)), np.diff(model.first))])  # [N]
    levels: list[Level] = []
    for length, (begin, end) in enumerate(zip(model.starts.tolist(), ends, strict=True)):
        if length == 0:
            continue
        prefix = parents[begin:end] - model.starts[length - 1]
        symbol = model.symbol[begin:end].astype(np.int64)
        inner = end <= len(model.suffix)
        suffix = (
            model.suffix[begin:end].astype(np.int64) - model.starts[length - 1]
            if inner
            else _suffixes(levels, prefix, symbol, model.vocab_size)
        )
        levels.append(_level(symbol, prefix, suffix, model.count[begin:end].astype(np.int64), model.vocab_size))
    return Counts(_with_left(levels), model.vocab_size, model.counted)


def added(one: Counts, other: Counts, vocab_size: int) -> Counts:
    """The counts of both, over V symbols: as many as either has, or more. The symbols of both have the same ids."""
    # The rank in the sum, of each n-gram of either of the length below: at first of the empty one.
    below = (np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    levels: list[Level] = []
    for k in range(max(len(one.levels), len(other.levels))):
        parts = tuple(counts.levels[k] if k < len(counts.levels) else _EMPTY for counts in (one, other))
        keys = [ranks[part.prefix] * vocab_size + part.symbol for ranks, part in zip(below, parts, strict=True)]
        distinct = np.union1d(*keys)  # [n_k]
        ranks = (np.searchsorted(distinct, keys[0]), np.searchsorted(distinct, keys[1]))
        count, suffix = np.zeros((2, len(distinct)), dtype=np.int64)
        for part, own, shorter in zip(parts, ranks, below, strict=True):
            count[own] += part.count
            suffix[own] = shorter[part.suffix]
        levels.append(_level(distinct % vocab_size, distinct // vocab_size, suffix, count, vocab_size))
        below = ranks
    return Counts(_with_left(levels), vocab_size, one.symbols + other.symbols)


_NONE = np.zeros(0, dtype=np.int32)
_EMPTY = Level(_NONE, _NONE, _NONE, _NONE, _NONE)


def _level(symbol: Ranks, prefix: Ranks, suffix: Ranks, count: Ranks, vocab_size: int) -> Level:
    """A level in the types that counting gives it; what stands before its n-grams is not known yet."""
    kind = np.uint16 if vocab_size <= 65_536 else np.int32
    return Level(symbol.astype(kind), prefix.astype(np.int32), suffix.astype(np.int32), count.astype(np.int32), _NONE)


def _suffixes(levels: list[Level], prefix: Ranks, symbol: Ranks, vocab_size: int) -> Ranks:
    """The ranks, in the last of the levels, of longer n-grams without their first symbol: of what their prefixes end with,
    and of their own last symbol."""
    if not levels:
        return np.zeros(len(symbol), dtype=np.int64)
    shorter = levels[-1]
    known = shorter.prefix.astype(np.int64) * vocab_size + shorter.symbol
    # The prefix is an n-gram of that level itself: without its first symbol it is the prefix of the suffix.
    return np.searchsorted(known, shorter.suffix[prefix].astype(np.int64) * vocab_size + symbol)


def _with_left(levels: list[Level]) -> tuple[Level, ...]:
    """The levels with the number of distinct symbols before each n-gram. One that occurs more often than all that is longer
    and ends with it stands at the beginning of a text, which counts as a symbol."""
    done = []
    for level, longer in zip(levels, [*levels[1:], None], strict=True):
        if longer is not None:
            size = len(level.symbol)
            before = np.bincount(longer.suffix, minlength=size)
            begins = level.count > np.bincount(longer.suffix, weights=longer.count, minlength=size)
            level = replace(level, left=(before + begins).astype(np.int32))
        done.append(level)
    return tuple(done)
