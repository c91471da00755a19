"""The trained network behind the Scorer protocol, in torch: the reference engine, and the one for GPUs.

Shape legend: N rows, T length of a text, V vocabulary, L layers, H hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqgen.decode.scorer import Ids, LogProbs
from seqgen.nn.rnn import RNNModel, State

# A long text is scored in stretches, so that its hidden states need never stand in memory all at once.
STRETCH = 1024


class RNNModelScorer:
    """seqgen.decode.scorer.Scorer over an RNNModel in eval mode, on the model's device."""

    def __init__(self, model: RNNModel) -> None:
        self.model = model

    @property
    def vocab_size(self) -> int:
        """V: how many ids there are."""
        return self.model.shape.vocab_size

    @torch.no_grad()
    def start(self, prompts: Sequence[Ids]) -> State:
        """The state after reading all but the last id of each prompt; rows of different lengths are read one by one."""
        states = []
        for prompt in prompts:
            state = self.model.zero_state(1)
            for begin in range(0, len(prompt) - 1, STRETCH):
                state = self.model(self._ids(prompt[:-1][begin : begin + STRETCH]).unsqueeze(1), state)[1]
            states.append(state)
        return tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))  # [L, N, H] each

    @torch.no_grad()
    def step(self, state: State, last: Ids) -> tuple[LogProbs, State]:
        """Read `last` [N]; return log-probabilities of the next id [N, V] and the new state."""
        hidden, state = self.model(self._ids(last).unsqueeze(0), state)  # [1, N, H]
        return self._log_probs(hidden[0]).cpu().numpy(), state

    def reorder(self, state: State, rows: NDArray[np.intp]) -> State:
        """A copy of the state whose row i is row rows[i] of the old one."""
        return tuple(part[:, self._ids(rows)] for part in state)

    @torch.no_grad()
    def score(self, ids: Ids, state: State) -> tuple[LogProbs, State]:
        """Log-probability of each of ids[1:] given all before it [T - 1], for a state of one row."""
        scores = [np.zeros(0, dtype=np.float32)]
        for begin in range(0, len(ids) - 1, STRETCH):
            piece = self._ids(ids[begin : begin + STRETCH + 1])
            hidden, state = self.model(piece[:-1].unsqueeze(1), state)  # [T, 1, H]
            log_probs = self._log_probs(hidden[:, 0])
            scores.append(log_probs.gather(1, piece[1:].unsqueeze(1))[:, 0].cpu().numpy())
        return np.concatenate(scores), state

    def _ids(self, ids: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.asarray(ids, dtype=np.int64)).to(self.model.output.weight.device)

    def _log_probs(self, hidden: Tensor) -> Tensor:
        return torch.log_softmax(self.model.output(hidden).float(), dim=-1)
