"""The task of a language model: predict each symbol of a text from those before it.

Training is truncated backpropagation through time over contiguous streams (Williams & Peng 1990): the text is cut into B
streams that are read side by side, T symbols a step, and the hidden state is carried from step to step but not
differentiated through.

Shape legend: T length of a stretch, B streams, H hidden.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqgen.config import Config
from seqgen.data.text import epoch_steps, fit_batch, streams
from seqgen.nn.rnn import RNNModel
from seqgen.training.loss import cross_entropy_sum
from seqgen.weights import RNNShape

VALID_STREAMS = 64
VALID_LENGTH = 256


class LanguageTask:
    """What to learn and how it is measured: the only place in training that knows about texts and recurrent networks."""

    explosion = 1.5

    def __init__(self, config: Config, shape: RNNShape, train: NDArray[Any], valid: NDArray[Any], device: torch.device) -> None:
        """`train` and `valid` are ids; `valid` begins with the symbol before the first one that is scored."""
        assert config.batch_size and config.bptt and config.precision and config.dropout is not None
        self.config, self.shape, self.train, self.valid, self.device = config, shape, train, valid, device
        self.batch_size, self.length = fit_batch(len(train), config.batch_size, config.bptt)

    def build_model(self) -> RNNModel:
        """A network with fresh weights, drawn from torch's generator."""
        config = self.config
        assert config.dropout is not None
        return RNNModel(self.shape, dropout=config.dropout, precision=config.precision or "fp32").to(self.device)

    def epoch_steps(self) -> int:
        """Optimiser steps in one pass over the text."""
        return max(1, epoch_steps(len(self.train), self.batch_size, self.length) // self.config.accumulate)

    def symbols_per_step(self) -> float:
        """Symbols that one optimiser step learns from."""
        return self.batch_size * self.length * self.config.accumulate

    def loss(self, model: RNNModel, k: int, carried: tuple[Tensor, ...]) -> tuple[Tensor, int, tuple[Tensor, ...]]:
        """Summed loss in nats of the k-th stretch, its number of symbols, and the state to carry on."""
        inputs, targets, fresh = streams(self.train, self.batch_size, self.length, step=k, seed=self.config.seed)
        if fresh or not carried:
            carried = model.zero_state(self.batch_size)
        x = torch.from_numpy(inputs.astype(np.int64)).to(self.device)  # [B, T]
        y = torch.from_numpy(targets.astype(np.int64)).to(self.device)  # [B, T]
        hidden, carried = model(x.t(), carried)  # [T, B, H]
        flat = hidden.reshape(-1, hidden.shape[-1])  # [T * B, H]
        total = cross_entropy_sum(flat, model.output.weight, model.output.bias, y.t().reshape(-1))
        return total, y.numel(), tuple(s.detach() for s in carried)

    @torch.no_grad()
    def validate(self, model: RNNModel, symbols: int) -> NDArray[np.float32]:
        """Log-probability of the first `symbols` held-out symbols, approximately: read as parallel streams.

        Each of the VALID_STREAMS streams starts without memory, which costs a little at its first symbols.
        """
        model.eval()
        count = min(symbols, len(self.valid) - 1)
        width = -(-count // VALID_STREAMS)
        # Streams as columns; the last one is filled up with symbols that are cut off again below.
        padded = np.zeros(VALID_STREAMS * width + 1, dtype=np.int64)
        padded[: count + 1] = self.valid[: count + 1]
        inputs = torch.from_numpy(padded[:-1].reshape(VALID_STREAMS, width).T.copy()).to(self.device)  # [width, streams]
        targets = torch.from_numpy(padded[1:].reshape(VALID_STREAMS, width).T.copy()).to(self.device)
        carried = model.zero_state(VALID_STREAMS)
        pieces = []
        for start in range(0, width, VALID_LENGTH):
            hidden, carried = model(inputs[start : start + VALID_LENGTH], carried)
            logits = model.output(hidden).float()  # [T, streams, V]
            chosen = targets[start : start + VALID_LENGTH].unsqueeze(-1)  # [T, streams, 1]
            pieces.append(torch.log_softmax(logits, -1).gather(-1, chosen).squeeze(-1))
        model.train()
        scores: NDArray[np.float32] = torch.cat(pieces).t().reshape(-1)[:count].cpu().numpy()  # [streams * width]
        return scores
