"""From a text to a Markov model; where no order is given, held-out text chooses it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.markov.count import LIMIT, Counts, count
from seqgen.markov.model import Markov, smooth
from seqgen.markov.scorer import MarkovScorer

HIGHEST = 9
WITHOUT_HELD_OUT = 6
# A rough estimate is enough to choose: this many symbols of either text.
CHOSEN_ON = 20_000
COUNTED_TO_CHOOSE = 1_000_000


def fit(train: NDArray[Any], held_out: NDArray[Any], vocab_size: int, order: int | None = None, limit: int = LIMIT) -> Markov:
    """Count and smooth at most `limit` symbols; `held_out` begins with a symbol of context, or is empty."""
    if order is not None:
        return _smoothed(count(train, vocab_size, order, limit), order)
    if len(held_out) < 2:
        return _smoothed(count(train, vocab_size, WITHOUT_HELD_OUT, limit), WITHOUT_HELD_OUT)
    counts = count(train, vocab_size, HIGHEST, min(limit, COUNTED_TO_CHOOSE))
    best = _best_order(counts, held_out[: CHOSEN_ON + 1])
    if counts.symbols < min(limit, len(train)):
        counts = count(train, vocab_size, best, limit)
    return _smoothed(counts, best)


def _smoothed(counts: Counts, order: int) -> Markov:
    """A text shorter than the order has no n-grams of its length."""
    return smooth(counts, min(order, len(counts.levels) - 1))


def _best_order(counts: Counts, held_out: NDArray[Any]) -> int:
    """The order with the lowest held-out loss. Loss falls with the order and then rises: the first rise ends the search."""
    best, least = 0, np.inf
    for order in range(min(2, len(counts.levels) - 1), len(counts.levels)):
        scorer = MarkovScorer(smooth(counts, order))
        log_probs, _ = scorer.score(held_out, scorer.start([held_out[:1]]))
        loss = -float(log_probs.mean(dtype=np.float64))
        if loss >= least:
            break
        best, least = order, loss
    return best
