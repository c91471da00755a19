"""How far back a language model looks: what becomes of its predictions when all but the last k symbols are left out.

Two distributions p and q of the next symbol differ by their total variation, half the sum of |p - q|: the share of the
probability that has moved, from 0 (the same) to 1.

Shape legend: P places of a text, V vocabulary, L lengths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, Scorer
from seqgen.metrics.likelihood import unknown_penalty
from seqgen.tokenizers.base import UNK

# Symbols that are read at most, and the places in the later half of them where predictions are compared.
LONGEST, PLACES = 400, 24
LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192)
# A prediction that moves less than this share of its probability has not changed.
UNCHANGED = 0.01
# Where less than this has moved, longer contexts are not tried.
SETTLED = 0.001

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Reach:
    """Predictions from the last `lengths` [L] symbols alone, the longest the first that changes next to nothing.

    Means over `places`: `change` [L], how much of the probability is elsewhere than with the whole text before, and `bits`
    [L] of the symbol that follows; `whole` are its bits with all.
    """

    lengths: tuple[int, ...]
    change: Numbers
    bits: Numbers
    whole: float
    places: int

    @property
    def enough(self) -> int | None:
        """The fewest symbols from which on nothing changes by UNCHANGED or more; None where more than any length matter."""
        late = np.flatnonzero(self.change >= UNCHANGED)
        first = int(late[-1]) + 1 if len(late) else 0
        return self.lengths[first] if first < len(self.lengths) else None


def reach_of(scorer: Scorer, ids: Ids) -> Reach | None:
    """Read a text, ids [T] that begin with the newline before it, whole and in pieces; None where it is too short."""
    ids = np.asarray(ids)[: LONGEST + 1]
    # Before place i stand the symbols 0 ... i - 1. In the later half each place has as many before it as is left out.
    first = (len(ids) + 1) // 2
    lengths = tuple(length for length in LENGTHS if length < first)
    if not lengths:
        return None
    count = min(PLACES, len(ids) - first)
    places = np.unique(np.linspace(first, len(ids) - 1, count).round().astype(int))
    whole = _whole(scorer, ids, places)  # [P, V]
    after = ids[places]
    change, bits = [], []
    for length in lengths:
        log_probs = _after(scorer, [ids[place - length : place] for place in places])
        change.append(float(np.abs(np.exp(log_probs) - np.exp(whole)).sum(axis=1).mean() / 2))
        bits.append(_bits(log_probs, after))
        if change[-1] < SETTLED:
            break
    return Reach(lengths[: len(change)], np.array(change), np.array(bits), _bits(whole, after), len(places))


def _whole(scorer: Scorer, ids: Ids, places: NDArray[np.int_]) -> Numbers:
    """Log-probabilities [P, V] at the places, each after all that stands before it, read once."""
    state = scorer.start([ids[:1]])
    wanted, rows = set(places.tolist()), []
    for place in range(1, int(places[-1]) + 1):
        log_probs, state = scorer.step(state, ids[place - 1 : place])
        if place in wanted:
            rows.append(log_probs[0].astype(np.float64))
    return np.stack(rows)


def _after(scorer: Scorer, contexts: list[Ids]) -> Numbers:
    """Log-probabilities [P, V] of what follows each context."""
    log_probs, _ = scorer.step(scorer.start(contexts), np.array([context[-1] for context in contexts]))
    return log_probs.astype(np.float64)


def _bits(log_probs: Numbers, ids: Ids) -> float:
    """Mean bits of the ids [P] under log-probabilities [P, V]; an unknown one is one of all that <unk> stands for."""
    nats = -log_probs[np.arange(len(ids)), ids] + (ids == UNK) * unknown_penalty(log_probs.shape[1])
    return float(nats.mean() / math.log(2))
