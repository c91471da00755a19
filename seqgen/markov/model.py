"""Interpolated modified Kneser-Ney (Chen & Goodman 1999, §3) as a trie in flat arrays.

    P(w | context) = max(c - D(c), 0) / sum c  +  lambda(context) P(w | shorter context)

with counts c of the n-gram at the greatest length, and below that the number of distinct symbols seen before it; three
discounts per length, from the counts of counts; and 1 / V below the single symbols.

Node 0 is the empty context; the nodes of each length follow those of the length below, in lexicographic order. So the
continuations of a node are one range of nodes, and these ranges follow each other as well: `first[i] : first[i + 1]`.

Shape legend: N nodes, I inner nodes (all but those of the greatest length), V vocabulary.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import CheckpointError
from seqgen.markov.count import Counts, Level

# Discounts where the counts of counts are useless (a text so short or regular that one of them is zero): half of the
# least, as in absolute discounting, and what its formula gives for counts that halve from one to the next.
FALLBACK = (0.5, 1.0, 1.5)
# One, plus what rounding to float32 may add to it.
ALMOST_ONE = 1.0001


@dataclass(frozen=True)
class Markov:
    """A counted and smoothed model.

    `symbol` [N] and `prob` [N]: last symbol of a node, and its probability after the node without it; `first` [I + 1],
    `backoff` [I] (lambda) and `suffix` [I] (the node without its first symbol); `starts` [order + 2] the first node of
    each length; `count` [N] how often each node's n-gram occurs in the text (None in models saved without), which no
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
        """All arrays, to be saved."""
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
        """The inverse of arrays(). Raises CheckpointError for arrays that no counted text can have given."""
        for name, kinds in _KINDS.items():
            array = arrays.get(name)
            if array is None and name == "count":
                continue
            if array is None:
                raise CheckpointError(f"{where}: the Markov model lacks {name}", "the run is damaged; train anew")
            # Unsigned 64-bit numbers, which nothing here needs, do not mix with signed ones.
            if array.ndim != 1 or array.dtype.kind not in kinds or array.dtype == np.uint64:
                raise _unfit(where, f"{name} is of type {array.dtype} {list(array.shape)}")
        symbol, prob, first, backoff, suffix, starts, counted = (arrays[name] for name in list(_KINDS)[:7])
        symbols = int(counted.sum())  # of one number
        model = cls(symbol, prob, first, backoff, suffix, starts, vocab_size, symbols, arrays.get("count"))
        if found := _fault(model):
            raise _unfit(where, found)
        return model


# Array -> the kinds of its numbers: whole ones ("i", "u") or real ones ("f").
_KINDS = {"symbol": "iu", "prob": "f", "first": "iu", "backoff": "f", "suffix": "iu", "starts": "iu", "counted": "iu",
          "count": "iu"}  # fmt: skip
# The longest context that a file may have; far more than is useful for any text.
HIGHEST_ORDER = 100


def _unfit(where: str, what: str) -> CheckpointError:
    return CheckpointError(f"{where}: the Markov model's arrays do not fit together: {what}", "the run is damaged; train anew")


def _fault(model: Markov) -> str | None:
    """What is wrong with a model that was read, None where nothing is; a few checks of each array, whatever its size.

    Levels follow each other from `starts`; the continuations of a level are all of the next, and suffixes lie one level
    below, so no walk leaves the arrays or comes back to where it was.
    """
    nodes, inner, starts = len(model.symbol), len(model.backoff), model.starts.tolist()
    if not 2 <= len(starts) <= HIGHEST_ORDER + 2 or starts[:2] != [0, 1] or starts != sorted(starts) or starts[-1] != inner:
        return "its levels"
    if not (len(model.prob) == nodes and len(model.first) == inner + 1 and len(model.suffix) == inner):
        return "their lengths"
    if model.count is not None and len(model.count) != nodes:
        return "the length of count"
    if nodes < 2 or not 0 <= int(model.symbol.min()) <= int(model.symbol.max()) < model.vocab_size:
        return "symbols outside the vocabulary"
    # Comparisons with NaN are false.
    if not (model.prob.min() > 0 and model.prob.max() <= ALMOST_ONE):
        return "probabilities outside 0 to 1"
    if not (model.backoff.min() >= 0 and model.backoff.max() <= ALMOST_ONE):
        return "shares of the shorter context outside 0 to 1"
    ends = [*starts[1:], nodes]
    if not np.all(model.first[:-1] <= model.first[1:]) or model.first[starts].tolist() != ends:
        return "the places of continuations"
    below = [0, *starts]
    for level, (begin, end) in enumerate(itertools.pairwise(starts)):
        links = model.suffix[begin:end]
        if len(links) and not below[level] <= int(links.min()) <= int(links.max()) < max(1, begin):
            return "links to shorter contexts"
    return None


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
    # A context that nothing follows (the text's last symbols) passes all its probability to the shorter one.
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
    # No more may be taken than was seen, and something has to be left for the shorter context.
    return np.where((found > 0) & (found < [1, 2, 3]), found, FALLBACK)
