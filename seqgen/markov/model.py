"""Interpolated modified Kneser-Ney (Chen & Goodman 1999, §3) as a trie in flat arrays.

    P(w | context) = max(c - D(c), 0) / sum c  +  lambda(context) P(w | shorter context)

with counts c of the n-gram at the longest length, and below it the number of distinct symbols seen before it; three
discounts a length, from the counts of counts; and 1 / V below the single symbols.

Node 0 is the empty context; the nodes of each length follow those of the length below, in lexicographic order. So the
continuations of a node are one range of nodes, and these ranges follow each other as well: `first[i] : first[i + 1]`.

Shape legend: N nodes, I inner nodes (all but those of the greatest length), V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError
from seqgen.markov.count import Counts, Level

# Discounts where the counts of counts say nothing (a text so short or regular that one of them is zero): half of the
# least, as absolute discounting has it, and what its formula gives for counts that fall by half from one to the next.
FALLBACK = (0.5, 1.0, 1.5)


@dataclass(frozen=True)
class Markov:
    """A counted and smoothed model.

    `symbol` [N] and `prob` [N]: last symbol of a node, and its probability after the node without it; `first` [I + 1],
    `backoff` [I] (lambda) and `suffix` [I] (the node without its first symbol); `starts` [order + 2] the first node of
    each length; `count` [N] how often each node's n-gram stands in the text (None in models saved without), which no
    probability needs.
    """

    symbol: NDArray[Any]
    prob: NDArray[np.float32]
    first: NDArray[np.int32]
    backoff: NDArray[np.float32]
    suffix: NDArray[np.int32]
    starts: NDArray[np.int64]
    vocab_size: int
    counted: int
    count: NDArray[Any] | None = None

    @property
    def order(self) -> int:
        """How many symbols back it looks."""
        return len(self.starts) - 2

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, for a file."""
        arrays = {
            "symbol": self.symbol,
            "prob": self.prob,
            "first": self.first,
            "backoff": self.backoff,
            "suffix": self.suffix,
            "starts": self.starts,
            "counted": np.array([self.counted], dtype=np.int64),
        }
        return arrays if self.count is None else arrays | {"count": self.count}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], vocab_size: int, where: str = "markov") -> Markov:
        """The inverse of arrays(). Raises CheckpointError where they do not fit together."""
        names = ("symbol", "prob", "first", "backoff", "suffix", "starts", "counted")
        for name in names:
            if name not in arrays:
                raise CheckpointError(f"{where}: the Markov model lacks {name}", "the run is damaged; train anew")
        symbol, prob, first, backoff, suffix, starts, counted = (arrays[name] for name in names)
        inner = len(backoff)
        whole = len(starts) >= 2 and len(symbol) == len(prob) and len(first) == inner + 1 and len(suffix) == inner
        if not (whole and inner == starts[-1] and int(first[-1]) == len(symbol) and int(symbol.max()) < vocab_size):
            raise CheckpointError(f"{where}: the Markov model's arrays do not fit together", "the run is damaged; train anew")
        count = arrays.get("count")
        if count is not None and len(count) != len(symbol):
            raise CheckpointError(f"{where}: the Markov model's arrays do not fit together", "the run is damaged; train anew")
        return cls(symbol, prob, first, backoff, suffix, starts, vocab_size, int(counted[0]), count)


def smooth(counts: Counts, order: int) -> Markov:
    """The model of an order up to that of the counts."""
    levels = counts.levels[: order + 1]
    vocab_size = counts.vocab_size
    sizes = [1, *(len(level.symbol) for level in levels)]
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64)
    probs, backoffs = [np.ones(1, dtype=np.float32)], []
    below = np.full(1, 1 / vocab_size)  # P of the n-grams without their first symbol, by rank
    for index, level in enumerate(levels):
        c = (level.count if index + 1 == len(levels) else level.left).astype(np.float64)
        prob, backoff = _interpolate(c, level, below, contexts=sizes[index])
        probs.append(prob.astype(np.float32))
        backoffs.append(backoff.astype(np.float32))
        below = prob
    firsts = [starts[i + 1] + np.searchsorted(level.prefix, np.arange(sizes[i])) for i, level in enumerate(levels)]
    suffixes = [starts[i] + level.suffix for i, level in enumerate(levels[:-1])]
    return Markov(
        symbol=np.concatenate([np.zeros(1, dtype=levels[0].symbol.dtype), *(level.symbol for level in levels)]).astype(
            np.uint8 if vocab_size <= 256 else levels[0].symbol.dtype
        ),
        prob=np.concatenate(probs),
        first=np.concatenate([*firsts, [sum(sizes)]]).astype(np.int32),
        backoff=np.concatenate(backoffs),
        suffix=np.concatenate([np.zeros(1), *suffixes]).astype(np.int32),
        starts=starts,
        vocab_size=vocab_size,
        counted=counts.symbols,
        count=np.concatenate([[counts.symbols], *(level.count for level in levels)]).astype(
            np.min_scalar_type(max(1, counts.symbols))
        ),
    )


def _interpolate(
    c: NDArray[np.float64], level: Level, below: NDArray[np.float64], contexts: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probability of each n-gram of a level, and lambda of each context one symbol shorter."""
    discount = np.concatenate([[0.0], discounts(c)])[np.minimum(c, 3).astype(np.int64)]
    total = np.bincount(level.prefix, weights=c, minlength=contexts)
    taken = np.bincount(level.prefix, weights=discount, minlength=contexts)
    # A context that nothing follows (the text's last symbols) hands everything to the shorter one.
    backoff = np.divide(taken, total, out=np.ones(contexts), where=total > 0)
    shorter = below[level.suffix] if len(below) > 1 or len(c) == 0 else np.full(len(c), below[0])
    return (c - discount) / total[level.prefix] + backoff[level.prefix] * shorter, backoff


def discounts(c: NDArray[np.float64]) -> NDArray[np.float64]:
    """D1, D2 and D3+ of counts c (Chen & Goodman 1999, equation 26)."""
    n1, n2, n3, n4 = (int(np.count_nonzero(c == k)) for k in (1, 2, 3, 4))
    if not (n1 and n2 and n3 and n4):
        return np.array(FALLBACK)
    y = n1 / (n1 + 2 * n2)
    found = np.array([1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    # Nothing may be taken from what was not seen that often, and something has to be left for the shorter context.
    return np.where((found > 0) & (found < [1, 2, 3]), found, FALLBACK)
