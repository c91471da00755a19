"""The state of training and its one step; all of it can be saved and resumed bit for bit.

Nothing here depends on the past except through this state: the batch is a function of (seed, step), and so is the
generator, which is seeded afresh for each step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqgen.training.optim import Optimizer
from seqgen.training.task import Task

SMOOTHING = 0.98

# The plain values of the state, each with its value before it is known.
_NOTES = {
    "step_count": 0,
    "loss": math.nan,
    "rate_scale": 1.0,
    "best_score": math.inf,
    "best_valid": math.inf,
    "best_step": 0,
    "misses": 0,
    "validated_at": -1,
}


class Trainer:
    """Model, optimiser, carried state, best weights so far."""

    def __init__(self, task: Task) -> None:
        config = task.config
        self.task = task
        self.carried: tuple[Tensor, ...] = ()
        self.step_count = 0
        self.symbols = 0  # learnt from in the last step
        self.loss = math.nan  # smoothed nats per symbol
        self.rate_scale = 1.0
        self.best_score = math.inf
        self.best_valid = math.inf  # nats per symbol of the best weights
        self.best_step = 0
        self.misses = 0  # validations since the best one
        self.validated_at = -1  # the step at which held-out material was last looked at
        _seed(config.seed, -1)
        self.model = task.build_model()
        self.optimizer = Optimizer(
            self.model,
            weight_decay=config.weight_decay,
            clip=config.clip,
            average=config.average,
            matrices=self.model.matrices() if config.optimizer == "muon" else None,
        )
        self.best: dict[str, NDArray[np.float32]] = self.weights()

    def step(self, lr: float) -> bool:
        """Learn from the next batch at rate lr; if the loss is not a number or exploded, undo it and return False."""
        config = self.task.config
        _seed(config.seed, self.step_count)
        nats, symbols = 0.0, 0
        for part in range(config.accumulate):
            k = self.step_count * config.accumulate + part
            total, count, self.carried = self.task.loss(self.model, k, self.carried)
            (total / (count * config.accumulate)).backward()  # type: ignore[no-untyped-call]
            nats += float(total.detach())
            symbols += count
        self.symbols = symbols
        loss = nats / symbols
        if not math.isfinite(loss) or loss > self.loss + self.task.explosion:
            self._go_back()
            return False
        self.optimizer.step(lr * self.rate_scale)
        self.step_count += 1
        weight = max(1 - SMOOTHING, 1 / self.step_count)
        self.loss = loss if self.step_count == 1 else self.loss + weight * (loss - self.loss)
        return True

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """The weights as they would be used now: averaged where averaging is on."""
        averaged = self.optimizer.averaged() if self.step_count else {}
        state = self.model.state_dict()
        return {name: averaged.get(name, value).detach().float().cpu().numpy().copy() for name, value in state.items()}

    def load(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Put weights into the model."""
        self.model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in weights.items()})

    @contextmanager
    def using(self, weights: Mapping[str, NDArray[np.float32]]) -> Iterator[None]:
        """Inside the block the model has these weights, those of `weights()`: its own where averaging is off."""
        if not self.task.config.average:
            yield
            return
        own = {name: value.detach().cpu().numpy().copy() for name, value in self.model.state_dict().items()}
        self.load(weights)
        try:
            yield
        finally:
            self.load(own)

    def judge(self, score: float, weights: dict[str, NDArray[np.float32]]) -> bool:
        """Record a validation score (lower is better); keep the weights where it is the best so far."""
        if score < self.best_score:
            self.best, self.best_score, self.best_step, self.misses = weights, score, self.step_count, 0
            return True
        self.misses += 1
        return False

    def _go_back(self) -> None:
        """Return to the best weights at half the rate."""
        self.load(self.best)
        self.optimizer.forget()
        self.model.zero_grad(set_to_none=True)
        self.carried = ()
        self.rate_scale /= 2
        # The batch that caused it is skipped: the next attempt reads the one after it.
        self.step_count += 1

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything that the next steps depend on: arrays, and plain values."""
        arrays: dict[str, NDArray[Any]] = {
            f"weights.{n}": v.detach().cpu().numpy().copy() for n, v in self.model.state_dict().items()
        }
        arrays |= {f"best.{name}": value for name, value in self.best.items()}
        arrays |= {f"carried.{i}": value.detach().float().cpu().numpy().copy() for i, value in enumerate(self.carried)}
        arrays |= self.optimizer.state()
        # JSON has neither NaN nor infinity, which mean "none yet" here.
        notes = {name: getattr(self, name) for name in _NOTES}
        return arrays, {name: value if math.isfinite(value) else None for name, value in notes.items()}

    def restore(self, arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any]) -> None:
        """The inverse of state()."""
        self.load({name.removeprefix("weights."): a for name, a in arrays.items() if name.startswith("weights.")})
        self.best = {name.removeprefix("best."): a for name, a in arrays.items() if name.startswith("best.")}
        count = sum(name.startswith("carried.") for name in arrays)
        stored = (torch.from_numpy(arrays[f"carried.{i}"].copy()) for i in range(count))
        self.carried = tuple(value.to(self.task.device) for value in stored)
        self.optimizer.restore(arrays)
        for name, none_yet in _NOTES.items():
            value = notes.get(name)
            setattr(self, name, none_yet if value is None else value)


def _seed(seed: int, step: int) -> None:
    """Seed torch's generator for one step of one run, with 63 bits made from both numbers.

    The generator itself, not torch.manual_seed: that also records a call stack for each device not yet initialised.
    """
    state = np.random.SeedSequence([seed, step + 1]).generate_state(1, np.uint64)[0]
    torch.default_generator.manual_seed(int(state >> np.uint64(1)))
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(int(state >> np.uint64(1)))
