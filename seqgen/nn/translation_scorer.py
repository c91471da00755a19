"""A Transformer as a Scorer of targets for given sources: the reference that every faster engine is held to.

Shape legend: N rows, V vocabulary, S source length, T target length.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqgen.decode.scorer import Ids, LogProbs
from seqgen.nn.transformer import Cache, TransformerModel


class TranslationScorer:
    """A Scorer of what follows each of `sources` (ids that end with <eos>); a state is the model's cache."""

    def __init__(self, model: TransformerModel, sources: Sequence[Ids]) -> None:
        self.model = model.eval()
        self.sources = sources
        self.vocab_size = model.shape.vocab_size
        self.device = model.output_bias.device

    @torch.inference_mode()
    def start(self, prompts: Sequence[Ids]) -> Cache:
        """The state after all but the last id of each prompt; prompt i belongs to source i, all have the same length."""
        assert len(prompts) == len(self.sources) and len({len(prompt) for prompt in prompts}) == 1
        cache = self.model.start(*self._padded())
        for column in np.stack([np.asarray(prompt) for prompt in prompts], axis=1)[:-1]:
            self.model.step(self._tensor(column), cache)
        return cache

    @torch.inference_mode()
    def step(self, state: Cache, last: Ids) -> tuple[LogProbs, Cache]:
        """Log-probabilities of the next id [N, V]."""
        return self._log_probs(self.model.step(self._tensor(last), state)), state

    @torch.inference_mode()
    def reorder(self, state: Cache, rows: NDArray[np.intp]) -> Cache:
        """A copy with other rows."""
        index = self._tensor(rows)
        memory = [(k.index_select(0, index), v.index_select(0, index)) for k, v in state.memory]
        written = [(k.index_select(0, index), v.index_select(0, index)) for k, v in state.written]
        return Cache(memory, state.memory_bias.index_select(0, index), written, state.length)

    @torch.inference_mode()
    def score(self, ids: Ids, state: Cache) -> tuple[LogProbs, Cache]:
        """Log-probability of each of ids[1:] [T - 1], for a state of one row."""
        found = []
        for id_, following in zip(ids[:-1], ids[1:], strict=True):
            log_probs, state = self.step(state, np.array([id_]))
            found.append(log_probs[0, following])
        return np.array(found, dtype=np.float32), state

    def _padded(self) -> tuple[Tensor, Tensor]:
        """Sources side by side [N, S], and where they have tokens."""
        lengths = np.array([len(source) for source in self.sources])
        table = np.zeros((len(lengths), lengths.max()), dtype=np.int64)
        for row, source in enumerate(self.sources):
            table[row, : len(source)] = source
        kept = np.arange(table.shape[1])[None, :] < lengths[:, None]
        return self._tensor(table), torch.from_numpy(kept).to(self.device)

    def _tensor(self, ids: Ids) -> Tensor:
        return torch.from_numpy(np.asarray(ids, dtype=np.int64)).to(self.device)

    def _log_probs(self, hidden: Tensor) -> LogProbs:
        logits = torch.nn.functional.linear(hidden, self.model.embedding.weight, self.model.output_bias)
        found: LogProbs = torch.log_softmax(logits, dim=-1).cpu().numpy()
        return found
