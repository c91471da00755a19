"""The task of a translation model: predict each token of a target from its source and the tokens before it.

The loss is smoothed cross-entropy (Vaswani et al. 2017, §5.4), summed over the tokens that are not padding.

Shape legend: B pairs, S source length, T target length, D width, V vocabulary.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqgen.config import Config
from seqgen.data.parallel import Batch, Batches, PairIds, batch_of, by_tokens
from seqgen.families import family_of
from seqgen.families.base import Network
from seqgen.tokenizers.base import PAD
from seqgen.training.loss import cross_entropy_sum


class TranslationModule(Protocol):
    """The interface of a torch module for pairs."""

    def __call__(self, source: Tensor, kept: Tensor, inputs: Tensor) -> Tensor:
        """Hidden states [B, T, D] after each of `inputs` [B, T], for sources [B, S] whose tokens are where `kept` is true."""
        ...

    def output_layer(self) -> tuple[Tensor, Tensor]:
        """Weight [V, D] and bias [V] that turn hidden states into logits."""
        ...

    def train(self, mode: bool = True) -> Any:
        """Switch dropout on."""
        ...

    def eval(self) -> Any:
        """Switch dropout off."""
        ...


class TranslationTask:
    """What to learn and how it is measured, whatever the network."""

    # A batch holds sentences of one length: a few long ones may well be harder than the last batch by a nat or two.
    explosion = 4.0

    def __init__(self, config: Config, vocab_size: int, train: PairIds, valid: PairIds, device: torch.device) -> None:
        assert config.max_tokens and config.precision and config.dropout is not None and config.label_smoothing is not None
        self.config, self.valid, self.device = config, valid, device
        network = family_of(config).network
        assert network is not None
        self.network: Network = network
        self.shape: Any = network.shape(config, vocab_size)
        self.batches = Batches(train, config.max_tokens, config.seed)
        self.smoothing, self.precision = config.label_smoothing, config.precision

    def build_model(self) -> Any:
        """A network with fresh weights, drawn from torch's generator."""
        return self.network.module(self.shape, self.config.dropout or 0.0, self.precision).to(self.device)

    def epoch_steps(self) -> int:
        """Optimiser steps in one pass over the pairs."""
        return max(1, len(self.batches) // self.config.accumulate)

    def symbols_per_step(self) -> float:
        """Target tokens per step on average, <eos> included."""
        pairs = self.batches.pairs
        return (len(pairs.target) + len(pairs)) / len(self.batches) * self.config.accumulate

    def carried_shapes(self, model: TranslationModule) -> list[tuple[int, ...]]:
        """Nothing is carried: batches are independent."""
        return []

    def loss(self, model: TranslationModule, k: int, carried: tuple[Tensor, ...]) -> tuple[Tensor, int, tuple[Tensor, ...]]:
        """Summed smoothed loss of the k-th batch, and its target tokens."""
        hidden, outputs = self._hidden(model, self.batches.batch(k))
        layer = model.output_layer()
        total = cross_entropy_sum(hidden, *layer, outputs, smoothing=self.smoothing, precision=self.precision)
        return total, len(outputs), ()

    @torch.no_grad()
    def validate(self, model: TranslationModule, pairs: int) -> float:
        """Nats per target token of the first `pairs` held-out pairs, without smoothing, in batches as large as those learnt."""
        model.eval()
        nats, tokens = 0.0, 0
        widths = np.maximum(self.valid.source_lengths, self.valid.target_lengths)[:pairs] + 1
        for rows in by_tokens(widths, self.batches.max_tokens):
            hidden, outputs = self._hidden(model, batch_of(self.valid, rows))
            nats += float(cross_entropy_sum(hidden, *model.output_layer(), outputs, precision=self.precision))
            tokens += len(outputs)
        model.train()
        return nats / tokens

    def _hidden(self, model: TranslationModule, batch: Batch) -> tuple[Tensor, Tensor]:
        """Hidden states [N, D] and target ids [N] of all N tokens of a batch that are not padding."""
        source, inputs, outputs = (self._tensor(array) for array in (batch.source, batch.inputs, batch.outputs))
        hidden = model(source, source != PAD, inputs)  # [B, T, D]
        places = (outputs != PAD).flatten().nonzero().squeeze(1)  # [N] of B * T
        return hidden.flatten(0, 1).index_select(0, places), outputs.flatten().index_select(0, places)

    def _tensor(self, array: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(array).to(self.device)
