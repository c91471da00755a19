"""What there is to learn, as the trainer sees it."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from seqgen.config import Config


class Task(Protocol):
    """A model, and batches to learn from.

    `loss` of batch k is a pure function of the weights, the carried state, (seed, k) and torch's generator: so a run can be
    resumed at any step.
    """

    config: Config
    device: torch.device
    # Nats per symbol: a step whose loss is this much above the running mean has exploded. Noise between batches is far smaller.
    explosion: float

    def build_model(self) -> Any:
        """A network with the weights that training begins with; fresh ones are drawn from torch's generator."""
        ...

    def epoch_steps(self) -> int:
        """Optimiser steps in one pass."""
        ...

    def symbols_per_step(self) -> float:
        """Symbols that one optimiser step learns to predict, on average."""
        ...

    def carried_shapes(self, model: Any) -> list[tuple[int, ...]]:
        """The shapes of what is carried from one batch to the next."""
        ...

    def loss(self, model: Any, k: int, carried: tuple[Tensor, ...]) -> tuple[Tensor, int, tuple[Tensor, ...]]:
        """Summed loss in nats of the k-th batch, its number of symbols, and what to carry on to the next."""
        ...
