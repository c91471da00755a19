"""A Markov model that learns from what it has just read: counts of a text on top of those that it was made of.

All is as in model.py, with the discounts of the training text: after each symbol the counts are those of both texts. The model
itself is only read.

A new n-gram also is a new symbol before the shorter one that it ends with, so that there the count grows by one; below the
greatest length that is all that counts (Chen & Goodman 1999, §3).

Shape legend: N nodes, those of the model first; V vocabulary, T symbols of a text.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, LogProbs
from seqgen.markov.add import counts_of
from seqgen.markov.model import Markov, discounts


class Overlay:
    """A model that reads one text. Raises ValueError for a model without counts, as runs of versions before 0.5 have them."""

    def __init__(self, model: Markov) -> None:
        counts = counts_of(model)
        if counts is None:
            raise ValueError("the model keeps no counts")
        self.order, self.vocab_size = model.order, model.vocab_size
        self._symbols, self._first = np.ascontiguousarray(model.symbol).data, model.first.tolist()
        levels = [level.count if place == self.order else level.left for place, level in enumerate(counts.levels)]
        taken = [np.array([0.0, *discounts(level.astype(np.float64))]) for level in levels]
        self._discounts = [each.tolist() for each in taken]
        # What counts of each node, and of what follows it in all: how much, and how much is taken from it [N] each.
        self._counts = np.concatenate([np.zeros(1, dtype=np.int64), *levels])
        discounted = np.concatenate([[0.0], *(each[np.minimum(level, 3)] for each, level in zip(taken, levels, strict=True))])
        self._totals = _sums(self._counts, model.first)
        self._taken = _sums(discounted, model.first)
        self._used = len(self._counts)  # of the nodes' places
        self._made: dict[int, int] = {}  # new nodes, by the node before them and their symbol
        self._contexts = [0]  # the nodes of the contexts that end here, by their length

    def begin(self, id_: int) -> None:
        """What the first symbol stands behind: not counted."""
        self._contexts = [0]
        if self.order and (child := self._child(0, id_)) >= 0:
            self._contexts.append(child)

    def read(self, ids: Ids) -> tuple[LogProbs, NDArray[np.int64]]:
        """Log-probability of each of ids [T], each counted before the next is looked at, and how long its known context was."""
        found, lengths = np.empty(len(ids), dtype=np.float32), np.empty(len(ids), dtype=np.int64)
        for place, id_ in enumerate(np.asarray(ids).tolist()):
            prob, lengths[place] = self.probability(id_)
            found[place] = np.log(prob)
            self.observe(id_)
        return found, lengths

    def probability(self, id_: int) -> tuple[float, int]:
        """Of a symbol after what was read, and how long the longest context is that something is known to follow."""
        prob, length = 1 / self.vocab_size, -1
        for length, node in enumerate(self._contexts):
            total = self._totals[node]
            if not total:
                return prob, length - 1
            child = self._child(node, id_)
            count = int(self._counts[child]) if child >= 0 else 0
            prob = (count - self._discounts[length][min(count, 3)] + float(self._taken[node]) * prob) / float(total)
        return prob, length

    def observe(self, id_: int) -> None:
        """Read and count one more symbol."""
        counts = True  # at the greatest length each occurrence does, below it what is new above
        nodes = []
        for length in range(len(self._contexts) - 1, -1, -1):
            node = self._contexts[length]
            child = self._child(node, id_)
            is_new = child < 0
            if is_new:
                child = self._make(node, id_)
            nodes.append(child)
            if counts and (is_new or length == self.order or length < len(self._contexts) - 1):
                self._count(node, child, length)
            counts = is_new
        nodes.append(0)
        self._contexts = nodes[::-1][: self.order + 1]

    def _count(self, node: int, child: int, length: int) -> None:
        old = int(self._counts[child])
        taken = self._discounts[length]
        self._counts[child] = old + 1
        self._totals[node] += 1
        self._taken[node] += taken[min(old + 1, 3)] - taken[min(old, 3)]

    def _child(self, node: int, id_: int) -> int:
        """The node of a context with a symbol behind it, -1 where there is none."""
        if node + 1 < len(self._first):
            end = self._first[node + 1]
            place = bisect_left(self._symbols, id_, self._first[node], end)
            if place < end and self._symbols[place] == id_:
                return place
        return self._made.get(node * self.vocab_size + id_, -1)

    def _make(self, node: int, id_: int) -> int:
        """A new node."""
        if self._used == len(self._counts):
            self._counts, self._totals, self._taken = map(_with_room, (self._counts, self._totals, self._taken))
        self._made[node * self.vocab_size + id_] = self._used
        self._used += 1
        return self._used - 1


def _sums(values: NDArray[Any], first: NDArray[np.int32]) -> NDArray[np.float64]:
    """The sum over what follows each node [N], 0 for nodes of the greatest length."""
    ends = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    found = np.zeros(len(values))
    found[: len(first) - 1] = ends[first[1:]] - ends[first[:-1]]
    return found


def _with_room(array: NDArray[Any]) -> NDArray[Any]:
    """The same with as many places more, which are 0."""
    return np.concatenate([array, np.zeros_like(array)])
