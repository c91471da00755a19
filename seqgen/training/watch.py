"""What the loop watches while it trains: held-out material and samples. Each task has a watch of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqgen.training.budget import Budget
from seqgen.training.trainer import Trainer

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Validation:
    """The result of one validation. The weights with the lowest `judged` so far are kept for use.

    `valid` and `network` are nats per symbol: of what the run will be used as, and of the network alone; `unseen` is the part
    of `valid` that symbols cost which training has never seen. `scores` are other figures by name, in the order in which they
    are shown.
    """

    judged: float
    valid: float
    network: float
    scores: Mapping[str, float] = field(default_factory=dict)
    unseen: float = 0.0


class Watch(Protocol):
    """Held-out material, and how to validate on it."""

    def begin(self, trainer: Trainer, budget: Budget) -> None:
        """Decide, before the first step, how much each validation may use."""
        ...

    def validate(self, trainer: Trainer, weights: dict[str, NDArray[np.float32]]) -> Validation | None:
        """Score held-out material approximately; None where there is none."""
        ...

    def sample(self, weights: Weights, step: int) -> str:
        """A sample from a model with these weights; the same at the same step, whatever was drawn before."""
        ...

    def reserve(self) -> float:
        """Seconds that will be needed after the last step, measured afresh: the machine may be busier than before."""
        ...
