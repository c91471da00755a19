"""The network as it was trained, behind the Scorer protocol: the reference for the fast engine, and what runs on GPUs.

Shape legend: N rows, V vocabulary, T length, L layers, H hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from seqgen.decode.scorer import Ids, LogProbs
from seqgen.nn.decoder import DecoderModel
from seqgen.nn.rnn import RNNModel, State


class RNNModelScorer:
    """A Scorer over a torch module; a state is the module's own, each part [L, N, H]."""

    def __init__(self, model: RNNModel) -> None:
        self.model = model.eval()
        self.vocab_size = model.shape.vocab_size
        self.device = model.output.weight.device

    @torch.inference_mode()
    def start(self, prompts: Sequence[Ids]) -> State:
        """Each prompt is read on its own: lengths may differ."""
        states = []
        for prompt in prompts:
            state = self.model.zero_state(1)
            if len(prompt) > 1:
                _, state = self.model(self._column(prompt[:-1]), state)
            states.append(state)
        return tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))

    @torch.inference_mode()
    def step(self, state: State, last: Ids) -> tuple[LogProbs, State]:
        """Log-probabilities of the next id [N, V]."""
        ids = torch.from_numpy(np.asarray(last, dtype=np.int64)).to(self.device)[None, :]  # [1, N]
        hidden, state = self.model(ids, state)
        return self._log_probs(hidden[0]), state

    def reorder(self, state: State, rows: NDArray[np.intp]) -> State:
        """A copy with other rows."""
        index = torch.from_numpy(np.array(rows, dtype=np.int64)).to(self.device)
        return tuple(part.index_select(1, index) for part in state)

    @torch.inference_mode()
    def score(self, ids: Ids, state: State) -> tuple[LogProbs, State]:
        """Log-probability of each of ids[1:] [T - 1]."""
        hidden, state = self.model(self._column(ids[:-1]), state)
        log_probs = self._log_probs(hidden[:, 0])
        return log_probs[np.arange(len(ids) - 1), np.asarray(ids[1:])], state

    def _column(self, ids: Ids) -> Tensor:
        return torch.from_numpy(np.asarray(ids, dtype=np.int64)).to(self.device)[:, None]  # [T, 1]

    def _log_probs(self, hidden: Tensor) -> LogProbs:
        logits = self.model.output(hidden).float()
        found: LogProbs = torch.log_softmax(logits, dim=-1).cpu().numpy()
        return found


class DecoderModelScorer:
    """A Scorer over a Transformer that writes text; a state is the ids of each row's open window, which are read anew for each
    symbol: the reference has no cache."""

    def __init__(self, model: DecoderModel) -> None:
        self.model = model.eval()
        self.vocab_size = model.shape.vocab_size
        self.device = model.output_bias.device

    def start(self, prompts: Sequence[Ids]) -> list[Tensor]:
        """The open window [c, 1] after all but the last id of each prompt."""
        return [self._read(prompt[:-1], None)[1] for prompt in prompts]

    def step(self, state: list[Tensor], last: Ids) -> tuple[LogProbs, list[Tensor]]:
        """Log-probabilities of the next id [N, V]."""
        found = [self._read(last[row : row + 1], held) for row, held in enumerate(state)]
        return np.concatenate([log_probs for log_probs, _ in found]), [held for _, held in found]

    def reorder(self, state: list[Tensor], rows: NDArray[np.intp]) -> list[Tensor]:
        """A copy with other rows."""
        return [state[row] for row in rows.tolist()]

    def score(self, ids: Ids, state: list[Tensor]) -> tuple[LogProbs, list[Tensor]]:
        """Log-probability of each of ids[1:] [T - 1]."""
        log_probs, held = self._read(ids[:-1], state[0])
        return log_probs[np.arange(len(ids) - 1), np.asarray(ids[1:])], [held]

    @torch.inference_mode()
    def _read(self, ids: Ids, held: Tensor | None) -> tuple[LogProbs, Tensor]:
        """Log-probabilities of what follows each id [T, V], and the open window after them."""
        column = torch.from_numpy(np.asarray(ids, dtype=np.int64)).to(self.device)[:, None]  # [T, 1]
        if not len(column):
            return np.zeros((0, self.vocab_size), dtype=np.float32), column if held is None else held
        hidden, (held,) = self.model(column, () if held is None else (held,))
        logits = F.linear(hidden[:, 0], *self.model.output_layer()).float()  # [T, V]
        return torch.log_softmax(logits, dim=-1).cpu().numpy(), held
