"""Two models as one: p = w p_a + (1 - w) p_b, with one weight fitted on held-out text.

Shape legend: N rows, V vocabulary, T symbols of a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids, Joining, LogProbs, Scorer, State

# The mix of two probabilities is never zero; what float32 rounds to zero is raised to its smallest normal number.
TINY = np.float32(1e-38)


class MixtureScorer:
    """A Scorer made of two over the same vocabulary; `weight` is the share of the first."""

    def __init__(self, a: Scorer, b: Scorer, weight: float) -> None:
        assert a.vocab_size == b.vocab_size
        self.a, self.b = a, b
        self.weight = np.float32(weight)
        self.rest = np.float32(1 - weight)
        self.vocab_size = a.vocab_size

    def start(self, prompts: Sequence[Ids]) -> State:
        """Both states."""
        return self.a.start(prompts), self.b.start(prompts)

    def step(self, state: State, last: Ids) -> tuple[LogProbs, State]:
        """Log-probabilities of the next id [N, V]."""
        log_a, state_a = self.a.step(state[0], last)
        log_b, state_b = self.b.step(state[1], last)
        return self._mixed(log_a, log_b), (state_a, state_b)

    def reorder(self, state: State, rows: NDArray[np.intp]) -> State:
        """A copy with other rows."""
        return self.a.reorder(state[0], rows), self.b.reorder(state[1], rows)

    def join(self, states: Sequence[State]) -> State:
        """One state of several, where both models can."""
        a, b = cast(Joining, self.a), cast(Joining, self.b)
        return a.join([state[0] for state in states]), b.join([state[1] for state in states])

    def score(self, ids: Ids, state: State) -> tuple[LogProbs, State]:
        """Log-probability of each of ids[1:] [T - 1]."""
        log_a, state_a = self.a.score(ids, state[0])
        log_b, state_b = self.b.score(ids, state[1])
        # Single symbols can be too unlikely for a float32 probability, but not for its logarithm.
        return mixed_log_probs(log_a, log_b, float(self.weight)), (state_a, state_b)

    def _mixed(self, log_a: LogProbs, log_b: LogProbs) -> LogProbs:
        """In place: both arrays are ours."""
        np.exp(log_a, out=log_a)
        np.exp(log_b, out=log_b)
        log_a *= self.weight
        log_b *= self.rest
        log_a += log_b
        np.maximum(log_a, TINY, out=log_a)
        np.log(log_a, out=log_a)
        return log_a


def mixed_log_probs(log_a: LogProbs, log_b: LogProbs, weight: float) -> LogProbs:
    """log(w exp(a) + (1 - w) exp(b)) of each symbol [T], without leaving the logarithms."""
    with np.errstate(divide="ignore"):
        mixed: LogProbs = np.logaddexp(np.float32(np.log(weight)) + log_a, np.float32(np.log1p(-weight)) + log_b)
    return mixed


def fit_weight(log_a: LogProbs, log_b: LogProbs, tolerance: float = 1e-5) -> float:
    """The weight of `a` under which the symbols [T] are likeliest.

    Expectation maximisation for one mixing weight (Jelinek & Mercer 1980, "deleted interpolation"): the new weight is
    the mean share that `a` has in each symbol's probability. The likelihood is concave in it, so the maximum is found.
    """
    # p_b / p_a; where a symbol is all but impossible under `a`, the weight does not matter.
    ratio = np.exp(np.clip(log_b.astype(np.float64) - log_a, -80, 80))
    weight = 0.5
    for _ in range(1_000):
        new = float(np.mean(weight / (weight + (1 - weight) * ratio)))
        if abs(new - weight) < tolerance:
            return new
        weight = new
    return weight


def cross_fitted(log_a: LogProbs, log_b: LogProbs) -> LogProbs:
    """Log-probability of each symbol [T] under the mix, each half with the weight fitted on the other half."""
    middle = len(log_a) // 2
    halves = (slice(None, middle), slice(middle, None))
    if not middle:
        return mixed_log_probs(log_a, log_b, 0.5)
    scored = [
        mixed_log_probs(log_a[own], log_b[own], fit_weight(log_a[other], log_b[other])) for own, other in (halves, halves[::-1])
    ]
    return np.concatenate(scored)
