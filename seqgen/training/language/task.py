"""The task of a language model: predict each symbol of a text from those before it.

Training is truncated backpropagation through time over contiguous streams (Williams & Peng 1990): the text is cut into B
streams that are read side by side, T symbols per step, and the hidden state is carried from step to step without
backpropagating through it.

Shape legend: T length of a stretch, B streams, H hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from seqgen.config import Config
from seqgen.data.text import epoch_steps, fit_batch, streams
from seqgen.families import family_of
from seqgen.families.base import VALID_NUMBERS, VALID_STREAMS, Network
from seqgen.training.loss import cross_entropy_sum

State = tuple[Tensor, ...]

# Symbols of each stream that a validation reads at once; with a large vocabulary fewer.
VALID_LENGTH = 256


class LanguageModule(Protocol):
    """The interface of a torch module for text: ids [T, B] and a state to hidden states [T, B, H] and the next state."""

    def __call__(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Read a stretch of each stream."""
        ...

    def zero_state(self, batch: int) -> State:
        """The state of that many streams before anything is read: tensors, or none for a module that keeps no state."""
        ...

    def output_layer(self) -> tuple[Tensor, Tensor]:
        """Weight [V, H] and bias [V] that turn hidden states into logits."""
        ...

    def train(self, mode: bool = True) -> Any:
        """Switch dropout on."""
        ...

    def eval(self) -> Any:
        """Switch dropout off."""
        ...


class LanguageTask:
    """What to learn and how it is measured, whatever the network."""

    explosion = 1.5

    def __init__(
        self,
        config: Config,
        vocab_size: int,
        train: NDArray[Any],
        valid: NDArray[Any],
        device: torch.device,
        order: Callable[[int], NDArray[Any]] | None = None,
        begun: Mapping[str, NDArray[np.float32]] | None = None,
    ) -> None:
        """`train` and `valid` are ids; `valid` begins with the symbol before the first one that is scored. `order` gives those
        of `train` as a pass reads them; `begun` are the weights to begin with, fresh ones where there are none."""
        self.order, self.begun = order, begun
        assert config.batch_size and config.bptt and config.precision and config.dropout is not None
        self.config, self.train, self.valid, self.device = config, train, valid, device
        network = family_of(config).network
        assert network is not None
        self.network: Network = network
        self.shape: Any = network.shape(config, vocab_size)
        self.batch_size, self.length = fit_batch(len(train), config.batch_size, config.bptt)

    def build_model(self) -> Any:
        """A network with the weights to begin with, else with fresh ones, drawn from torch's generator."""
        config = self.config
        model = self.network.module(self.shape, config.dropout or 0.0, config.precision or "fp32")
        if self.begun:
            model.load_state_dict({name: torch.from_numpy(array) for name, array in self.begun.items()})
        return model.to(self.device)

    def epoch_steps(self) -> int:
        """Optimiser steps in one pass over the text."""
        return max(1, epoch_steps(len(self.train), self.batch_size, self.length) // self.config.accumulate)

    def symbols_per_step(self) -> float:
        """Symbols that one optimiser step learns from."""
        return self.batch_size * self.length * self.config.accumulate

    def carried_shapes(self, model: LanguageModule) -> list[tuple[int, ...]]:
        """The shapes of the state."""
        return [tuple(part.shape) for part in model.zero_state(self.batch_size)]

    def loss(self, model: LanguageModule, k: int, carried: tuple[Tensor, ...]) -> tuple[Tensor, int, tuple[Tensor, ...]]:
        """Summed loss in nats of the k-th stretch, its number of symbols, and the state to carry on."""
        size, seed = (self.batch_size, self.length), self.config.seed
        inputs, targets, fresh = streams(self.train, *size, step=k, seed=seed, order=self.order)
        if fresh or not carried:
            carried = model.zero_state(self.batch_size)
        x = torch.from_numpy(inputs.astype(np.int64)).to(self.device)  # [B, T]
        y = torch.from_numpy(targets.astype(np.int64)).to(self.device)  # [B, T]
        hidden, carried = model(x.t(), carried)  # [T, B, H]
        flat = hidden.reshape(-1, hidden.shape[-1])  # [T * B, H]
        total = cross_entropy_sum(flat, *model.output_layer(), y.t().reshape(-1))
        return total, y.numel(), tuple(s.detach() for s in carried)

    @torch.no_grad()
    def validate(self, model: LanguageModule, symbols: int) -> NDArray[np.float32]:
        """Log-probability of the first `symbols` held-out symbols, approximately: read as parallel streams.

        Each of the VALID_STREAMS streams starts without memory, which costs a little at its first symbols.
        """
        model.eval()
        count = min(symbols, len(self.valid) - 1)
        width = -(-count // VALID_STREAMS)
        # Streams as columns; the last one is padded with symbols that are cut off again below.
        padded = np.zeros(VALID_STREAMS * width + 1, dtype=np.int64)
        padded[: count + 1] = self.valid[: count + 1]
        inputs = torch.from_numpy(padded[:-1].reshape(VALID_STREAMS, width).T.copy()).to(self.device)  # [width, streams]
        targets = torch.from_numpy(padded[1:].reshape(VALID_STREAMS, width).T.copy()).to(self.device)
        carried = model.zero_state(VALID_STREAMS)
        layer = model.output_layer()
        length = max(1, min(VALID_LENGTH, VALID_NUMBERS // (VALID_STREAMS * len(layer[0]))))
        pieces = []
        for start in range(0, width, length):
            hidden, carried = model(inputs[start : start + length], carried)
            logits = F.linear(hidden, *layer).float()  # [T, streams, V]
            chosen = targets[start : start + length].unsqueeze(-1)  # [T, streams, 1]
            pieces.append(torch.log_softmax(logits, -1).gather(-1, chosen).squeeze(-1))
        model.train()
        scores: NDArray[np.float32] = torch.cat(pieces).t().reshape(-1)[:count].cpu().numpy()  # [streams * width]
        return scores
