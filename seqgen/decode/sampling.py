"""Sampling: the one loop behind streaming, batches and tests.

Shape legend: N rows, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.applied import AppliedRules
from seqgen.decode.rules import Rule
from seqgen.decode.scorer import Ids, LogProbs, Scorer

# Where less probability than this is left to draw from, float32 no longer says which symbols are likelier.
LEAST_TOTAL = 1e-20


class Sampling:
    """An endless draw of N rows side by side. Iterate for columns of ids; `keep` drops rows that are done.

    The id is -1 where rules leave a row nothing to draw: it has ended, and has to be dropped.

    The same generator, prompts and rules give the same ids. A row of a batch draws different ids than it would alone.
    `before` is what each row has read before its prompt; rules do not see it. Of the two one may be empty.
    """

    def __init__(
        self,
        scorer: Scorer,
        prompts: Sequence[Ids],
        rules: Sequence[Rule],
        rng: np.random.Generator,
        *,
        greedy: bool = False,
        before: Sequence[Ids] = (),
    ) -> None:
        self.scorer, self.rules, self.rng, self.greedy = scorer, AppliedRules(rules, prompts), rng, greedy
        read = [np.concatenate(both) for both in zip(before, prompts, strict=True)] if before else prompts
        self.state = scorer.start(read)
        self.last: Ids = np.array([ids[-1] for ids in read], dtype=np.int64)

    def __iter__(self) -> Iterator[tuple[NDArray[np.int64], LogProbs]]:
        """Yield ids [N] and their log-probabilities [N] under the model, before any rule."""
        while True:
            log_probs, self.state = self.scorer.step(self.state, self.last)
            if len(self.last) == 1 and not self.greedy:
                yield self._draw_one(log_probs)
                continue
            logits = self.rules(log_probs.copy())
            ids = self._likeliest(logits) if self.greedy else self._draw(logits)
            yield self._took(ids), log_probs[np.arange(len(ids)), ids]

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Continue with these rows only."""
        self.state = self.scorer.reorder(self.state, rows)
        self.last = self.last[rows]
        self.rules.reorder(rows)

    def _draw_one(self, log_probs: LogProbs) -> tuple[NDArray[np.int64], LogProbs]:
        """One row: the path of plain streaming, where every microsecond is a tenth of the model's."""
        logits = self.rules(log_probs.copy()) if self.rules.rules else log_probs
        chosen = draw_one(logits[0], self.rng)
        if chosen < 0:
            return self._took(np.array([-1])), np.array([-np.inf], dtype=np.float32)
        ids = np.array([chosen], dtype=np.int64)
        return self._took(ids), log_probs[0, chosen : chosen + 1]

    def _likeliest(self, logits: LogProbs) -> NDArray[np.int64]:
        """The likeliest id of each row."""
        ids: NDArray[np.int64] = logits.argmax(axis=1)
        if self.rules.banning:
            ids[logits[np.arange(len(ids)), ids] == -np.inf] = -1
        return ids

    def _draw(self, logits: LogProbs) -> NDArray[np.int64]:
        """One id per row, by inverting the cumulative distribution at one uniform number each."""
        top = logits.max(axis=1, keepdims=True)
        ended = top[:, 0] == -np.inf
        has_ended = bool(self.rules.banning and ended.any())
        if has_ended:
            top[ended] = 0
        weights = np.exp(logits - top, dtype=np.float64)
        cumulative = weights.cumsum(axis=1)  # [N, V]
        thresholds = self.rng.random(len(logits)) * cumulative[:, -1]
        drawn: NDArray[np.int64] = np.minimum((cumulative <= thresholds[:, None]).sum(axis=1), logits.shape[1] - 1)
        if has_ended:
            drawn[ended] = -1
        return drawn

    def _took(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        self.last = ids
        if self.rules.window != 0:
            self.rules.took(ids)
        return ids


def draw_one(logits: LogProbs, rng: np.random.Generator) -> int:
    """One id by logits [V]; -1 where all are -inf."""
    # In double precision: a threshold that rounds up to the total would always pick the last symbol.
    cumulative = np.exp(logits).cumsum(dtype=np.float64)
    total = float(cumulative[-1])
    if not total > LEAST_TOTAL:
        if logits.max() == -np.inf:
            return -1
        cumulative = np.exp(logits - logits.max(), dtype=np.float64).cumsum()
        total = float(cumulative[-1])
    chosen = int(cumulative.searchsorted(rng.random() * total, side="right"))
    return min(chosen, len(cumulative) - 1)
