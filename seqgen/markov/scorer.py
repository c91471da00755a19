"""A Markov model as a Scorer: walk a trie of contexts, one symbol at a time.

A row's state is one number: the node of its longest known context. The distribution after it is built from
the shortest context to the longest: scale by lambda, then overwrite the symbols that were seen after the longer one.

Shape legend: R rows, V vocabulary, T length.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, LogProbs
from seqgen.markov.model import Markov

Nodes = NDArray[np.int64]

# Distributions after short contexts are cached, up to this many numbers in all.
CACHED_NUMBERS = 2**21
CACHED_LENGTH = 3


class MarkovScorer:
    """A Scorer over counts; a state is the node of each row's longest known context [R]."""

    def __init__(self, model: Markov) -> None:
        self.model = model
        self.vocab_size = model.vocab_size
        self._full = int(model.starts[-2]) if model.order else 0  # nodes from here on are as long as contexts get
        self._cache: OrderedDict[int, NDArray[np.float32]] = OrderedDict()
        self._capacity = max(64, CACHED_NUMBERS // model.vocab_size)
        self._cached_below = int(model.starts[min(CACHED_LENGTH + 1, model.order + 1)])
        self._keys: NDArray[np.int64] | None = None
        base = np.full(model.vocab_size, 1 / model.vocab_size, dtype=np.float32)
        self._root = self._overwritten(base, 0)

    def start(self, prompts: Sequence[Ids]) -> Nodes:
        """The node of the context before each prompt's last symbol. No more is read than the order looks back."""
        nodes = []
        for prompt in prompts:
            node = 0
            for id_ in np.asarray(prompt)[:-1][-self.model.order - 1 :].tolist():
                node = self._next(node, id_)
            nodes.append(node)
        return np.array(nodes, dtype=np.int64)

    def step(self, state: Nodes, last: Ids) -> tuple[LogProbs, Nodes]:
        """Log-probabilities of the next id [R, V]."""
        if len(state) == 1:
            node = self._next(int(state[0]), int(last[0]))
            return np.log(self._after(node))[None, :], np.array([node])
        nodes = self._advance(state, np.asarray(last, dtype=np.int64))
        return np.log(self._after_rows(nodes)), nodes

    def reorder(self, state: Nodes, rows: NDArray[np.intp]) -> Nodes:
        """A copy with other rows."""
        return state[rows]

    def join(self, states: Sequence[Nodes]) -> Nodes:
        """One state of several."""
        return np.concatenate(states)

    def score(self, ids: Ids, state: Nodes) -> tuple[LogProbs, Nodes]:
        """Log-probability of each of ids[1:] [T - 1], all positions at once."""
        text = np.asarray(ids, dtype=np.int64)
        model, count = self.model, len(text) - 1
        # Node of the n-gram of each length that ends at each symbol, -1 where the text has none; ancestors of the state
        # represent what was read before the first one.
        before = np.full(model.order + 1, -1, dtype=np.int64)
        before[0], node = 0, int(state[0])
        while node:
            before[self._length(node)] = node
            node = int(model.suffix[node])
        log_probs = np.zeros(count, dtype=np.float64)
        previous = np.zeros(len(text) + 1, dtype=np.int64)  # contexts of length 0 before each symbol, and after the last
        after = 0
        log_backoff = np.log(np.maximum(model.backoff, 1e-38), dtype=np.float64)
        for length in range(model.order + 1):
            after = int(previous[-2]) if previous[-2] >= 0 else after
            found = self._children(previous[:-1], text)  # [T], n-grams of length + 1
            seen = found[1:] >= 0
            contexts = previous[1:-1]
            # A longer match replaces what shorter ones said; a known context without the symbol costs its lambda.
            log_probs[seen] = np.log(model.prob[found[1:][seen]], dtype=np.float64)
            missed = ~seen & (contexts >= 0)
            if length == 0:
                log_probs[missed] = -np.log(model.vocab_size)
            log_probs[missed] += log_backoff[contexts[missed]]
            if length < model.order:
                previous = np.concatenate([before[length + 1 : length + 2], found])
        return log_probs.astype(np.float32), np.array([after])

    def _length(self, node: int) -> int:
        return int(np.searchsorted(self.model.starts, node, side="right")) - 1

    def _next(self, node: int, id_: int) -> int:
        """The longest known context after reading one more symbol."""
        model = self.model
        first, symbol, suffix = model.first, model.symbol, model.suffix
        if model.order == 0:
            return 0
        if node >= self._full:
            node = int(suffix[node])
        while True:
            begin, end = int(first[node]), int(first[node + 1])
            place = begin + int(symbol[begin:end].searchsorted(id_))
            if place < end and symbol[place] == id_:
                return place
            if node == 0:
                return 0
            node = int(suffix[node])

    def _after(self, node: int) -> NDArray[np.float32]:
        """The distribution after a context [V]; not to be changed, it may be a cached one."""
        kept = self._cache.get(node)
        if kept is not None:
            return kept
        if node == 0:
            return self._root
        found = self._overwritten(self._after(int(self.model.suffix[node])), node)
        if node < self._cached_below:
            self._cache[node] = found
            if len(self._cache) > self._capacity:
                self._cache.popitem(last=False)
        return found

    def _overwritten(self, shorter: NDArray[np.float32], node: int) -> NDArray[np.float32]:
        model = self.model
        begin, end = model.first[node], model.first[node + 1]
        found: NDArray[np.float32] = shorter * model.backoff[node]
        found[model.symbol[begin:end]] = model.prob[begin:end]
        return found

    def _children(self, nodes: Nodes, ids: Ids) -> Nodes:
        """The node of each context with one more symbol, -1 where there is no such n-gram or no such context."""
        if self._keys is None:
            parents = np.repeat(np.arange(len(self.model.backoff)), np.diff(self.model.first))
            self._keys = parents * self.vocab_size + self.model.symbol[1:]
        wanted = nodes * self.vocab_size + ids
        place = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        known = (self._keys[place] == wanted) & (nodes >= 0)
        return np.where(known, place + 1, -1)

    def _advance(self, nodes: Nodes, ids: Nodes) -> Nodes:
        """_next of many rows: those that find no continuation fall back together, a length at a time."""
        if self.model.order == 0:
            return np.zeros_like(nodes)
        nodes = np.where(nodes >= self._full, self.model.suffix[nodes], nodes).astype(np.int64)
        result = np.zeros_like(nodes)
        rows: Any = np.arange(len(nodes))
        while len(rows):
            found = self._children(nodes[rows], ids[rows])
            known = found >= 0
            result[rows[known]] = found[known]
            rows = rows[~known & (nodes[rows] != 0)]
            nodes[rows] = self.model.suffix[nodes[rows]]
        return result

    def _after_rows(self, nodes: Nodes) -> NDArray[np.float32]:
        """The distributions after many contexts [R, V]: one ragged write per length for all rows."""
        model = self.model
        chains = [nodes]
        while np.any(chains[-1] > 0):
            chains.append(model.suffix[chains[-1]].astype(np.int64))
        found = np.repeat(self._root[None, :], len(nodes), axis=0)
        # Rows with short contexts have reached the root before the others: they wait there.
        for chain in chains[-2::-1]:
            rows = np.flatnonzero(chain)
            contexts = chain[rows]
            begin = model.first[contexts].astype(np.int64)
            counts = model.first[contexts + 1] - begin
            # Places of all continuations of all rows: a range for each row, end to end.
            places = np.repeat(begin - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
            found[rows] *= model.backoff[contexts][:, None]
            found[np.repeat(rows, counts), model.symbol[places]] = model.prob[places]
        return found
