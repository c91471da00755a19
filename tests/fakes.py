"""A Scorer with a fixed table: what follows depends on the last id alone, so that everything can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, LogProbs


class FakeScorer:
    """The distribution after an id is a row of `table` [V, V] (probabilities). The state counts the ids read, by row."""

    def __init__(self, table: Sequence[Sequence[float]]) -> None:
        rows = np.array(table, dtype=np.float64)
        with np.errstate(divide="ignore"):
            self.log_table = np.log(rows / rows.sum(1, keepdims=True)).astype(np.float32)
        self.vocab_size = len(rows)

    def start(self, prompts: Sequence[Ids]) -> NDArray[np.int64]:
        return np.array([len(prompt) - 1 for prompt in prompts])

    def step(self, state: NDArray[np.int64], last: Ids) -> tuple[LogProbs, NDArray[np.int64]]:
        return self.log_table[np.asarray(last)], state + 1

    def reorder(self, state: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.int64]:
        return state[rows]

    def score(self, ids: Ids, state: NDArray[np.int64]) -> tuple[LogProbs, NDArray[np.int64]]:
        ids = np.asarray(ids)
        return self.log_table[ids[:-1], ids[1:]], state + len(ids) - 1


def chain(vocab_size: int) -> FakeScorer:
    """After i always comes i + 1, but for special ids; the last goes back to the first real symbol."""
    table = np.zeros((vocab_size, vocab_size))
    for i in range(vocab_size):
        table[i, i + 1 if 4 <= i + 1 < vocab_size else 4] = 1
    return FakeScorer(table.tolist())
