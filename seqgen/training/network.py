"""The network's part of a run, whatever its task: prepare torch, build or restore, loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from seqgen.config import Config
from seqgen.errors import EngineError
from seqgen.run import Run
from seqgen.threads import available_cpus, default_threads, use_threads
from seqgen.training.budget import Budget, Ledger
from seqgen.training.loop import Loop
from seqgen.training.pace import Pace
from seqgen.training.progress import Progress
from seqgen.training.state import check_state
from seqgen.training.task import Task
from seqgen.training.trainer import Trainer
from seqgen.training.watch import Watch

# A network that gets less of its budget than this has learnt next to nothing at the end.
LEAST_SHARE = 0.1


def device_of(name: str) -> torch.device:
    """The device a user named. Raises EngineError where this machine has none of the kind."""
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if available[kind])
    if not available[name]:
        raise EngineError(f"--device {name}: not available here", "--device auto uses what there is")
    return torch.device(name)


def prepare(config: Config) -> torch.device:
    """The device of a config, with torch set up to train on it."""
    use_threads(min(config.threads or 1, available_cpus()))
    device = device_of(config.device)
    if device.type == "cpu":
        # A sum depends on its order: repeating a run bit for bit needs deterministic kernels. torch then also fills all
        # new memory, which costs time and changes nothing where unwritten memory is never read.
        # (use_deterministic_algorithms does the same, and loads a compiler, which takes a second.)
        torch.set_deterministic_debug_mode("error")
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return device


def steps_of(config: Config, task: Task) -> int | None:
    """The budget in steps, None for a budget in minutes."""
    if config.epochs:
        return config.epochs * task.epoch_steps()
    return config.steps


def _too_short(budget: Budget) -> str:
    """What a user should know before a training that is over as soon as it begins."""
    assert budget.total_seconds is not None
    total, left = budget.total_seconds, budget.remaining()
    # With the same time for all else, half of this would go into steps.
    enough = math.ceil(10 * 2 * (total - left) / 60) / 10
    return (
        f"--minutes {total / 60:g} is too short: {max(0.0, left):.1f} of {total:.0f} seconds are left to train the network, "
        f"which will have learnt next to nothing; try --minutes {enough:g} or more"
    )


@dataclass
class NetworkRun:
    """One sitting at a run whose config has no gaps; afterwards `interrupted` says whether the user stopped it."""

    run: Run
    task: Task
    watch: Watch
    ledger: Ledger
    stop: Callable[[], bool]
    interrupted: bool = False

    def train(self) -> Iterator[Progress]:
        """Build or restore, then loop."""
        config = self.run.info.config
        with self.ledger.phase("building"):
            trainer = Trainer(self.task)
            self._restore(trainer)
            minutes = config.minutes if config.timed else None
            budget = Budget(self.ledger, minutes=minutes, steps=steps_of(config, self.task))
            self.watch.begin(trainer, budget)
            if budget.total_seconds:
                budget.reserve = self.watch.reserve()
        if budget.total_seconds and not trainer.step_count and budget.remaining() < LEAST_SHARE * budget.total_seconds:
            yield Progress(phase="training", elapsed=self.ledger.total(), note=_too_short(budget))
        if config.sample_every and not trainer.step_count:
            yield self._untrained(trainer, budget)
        loop = Loop(trainer, budget, self.ledger, self.run, self.watch, self.stop, self._pace())
        yield from loop.steps()
        self.interrupted = loop.interrupted

    def _untrained(self, trainer: Trainer, budget: Budget) -> Progress:
        """The report of step 0, for comparison with all later ones: what the model makes before it has learnt anything."""
        with self.ledger.phase("samples"):
            sample = self.watch.sample(trainer.weights(), 0)
        elapsed = self.ledger.total()
        return Progress("training", elapsed, total=budget.total_seconds, steps=budget.steps, sample=sample, report=True)

    def _pace(self) -> Pace | None:
        """Where minutes count and the plan chose the threads, it may choose again."""
        config, most = self.run.info.config, default_threads()
        is_open = config.timed and config.set_by.get("threads") == "plan" and self.task.device.type == "cpu" and most > 1
        return Pace(min(config.threads or 1, most), most, (config.minutes or 0.0) * 60) if is_open else None

    def _restore(self, trainer: Trainer) -> None:
        """Continue from the last state; rows logged after it, or without any state, are dropped."""
        if not self.run.has("state"):
            self.run.rewind(-1)
            return
        arrays, notes = self.run.arrays_and_notes("state")
        check_state(trainer, arrays, notes, str(self.run.file_of("state")))
        trainer.restore(arrays, notes)
        self.run.rewind(trainer.step_count)
