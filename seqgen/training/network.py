"""The network's part of a run: load torch, plan, build or restore, loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from seqgen.backend import network_scorer
from seqgen.config import Config
from seqgen.decode.scorer import Scorer
from seqgen.errors import EngineError
from seqgen.run import Run
from seqgen.threads import available_cpus
from seqgen.training.budget import EXIT_SECONDS, Budget, Ledger
from seqgen.training.counting import Counted
from seqgen.training.language import LanguageTask
from seqgen.training.loop import Loop
from seqgen.training.material import Material
from seqgen.training.measure import has_bf16, symbols_per_second, validation_seconds
from seqgen.training.plan import Facts, Plan, plan_network
from seqgen.training.progress import Progress
from seqgen.training.samples import Sampler
from seqgen.training.schedule import validated_symbols
from seqgen.training.trainer import Trainer
from seqgen.weights import GATES, RNNShape, parameters, rnn_shape, rnn_weights

# Saving, logging and the mix at the end of a run, beside the exact scoring that is measured.
END_SECONDS = 0.6
MEASURED_SCORES = 1_000
# What a device that is busy elsewhere may cost the exact scoring, over what was measured.
SLACK = 1.05


def device_of(name: str) -> torch.device:
    """The device a user named. Raises EngineError where this machine has none of the kind."""
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if available[kind])
    if not available[name]:
        raise EngineError(f"--device {name}: not available here", "--device auto takes what there is")
    return torch.device(name)


def make_plan(config: Config, facts: Facts, threads: int, ledger: Ledger) -> Plan:
    """Fill in the config; in a timed run by measuring this machine."""
    device = device_of(config.device)
    bf16 = has_bf16() if device.type == "cpu" else device.type == "cuda" and torch.cuda.is_bf16_supported()
    if not config.timed:
        torch.set_num_threads(config.threads or threads)
        return plan_network(config, facts, has_bf16=bf16, threads=threads)
    speed = _remembering(facts.vocab_size, device)
    if config.threads is None:
        config = config.planned(threads=_faster_threads(config, facts, bf16, threads, speed))
    # What is left when torch is there, less what comes after the steps: an estimate that the loop corrects as it goes.
    seconds = max(1.0, ((config.minutes or 0.0) * 60 - ledger.total()) * 0.93)
    return plan_network(config, facts, has_bf16=bf16, threads=threads, seconds=seconds, measured=speed)


def _remembering(vocab_size: int, device: torch.device) -> Callable[[Config], float]:
    """Symbols a second of a config, measured once for each size and number of threads."""
    known: dict[tuple[int | None, int | None], float] = {}

    def speed(trial: Config) -> float:
        key = (trial.hidden, trial.threads)
        if key not in known:
            torch.set_num_threads(trial.threads or 1)
            known[key] = symbols_per_second(trial, vocab_size, device)
        return known[key]

    return speed


def _faster_threads(config: Config, facts: Facts, bf16: bool, most: int, speed: Callable[[Config], float]) -> int:
    """All processors, or one: threads that wait for each other lose more than they bring where others are at work too."""
    trial = plan_network(config, facts, has_bf16=bf16, threads=most).config
    speeds = {threads: speed(replace(trial, threads=threads)) for threads in sorted({1, most})}
    return max(speeds, key=speeds.__getitem__)


@dataclass
class NetworkRun:
    """One sitting: everything the loop needs, made from a run whose config has no gaps."""

    run: Run
    material: Material
    counted: Counted | None
    ledger: Ledger
    stop: Callable[[], bool]
    interrupted: bool = False

    def train(self, markov: Scorer | None) -> Iterator[Progress]:
        """Build or restore, then loop. `markov` is the scorer to mix samples with."""
        config = self.run.info.config
        torch.set_num_threads(min(config.threads or 1, available_cpus()))
        device = device_of(config.device)
        if device.type == "cpu":
            # Sums in another order are other sums: repeating a run bit for bit needs one way to compute. What torch also
            # does then, filling all new memory, costs time and changes nothing where nobody reads what he has not written.
            torch.use_deterministic_algorithms(True)
            torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        shape = rnn_shape(config, len(self.material.tokenizer))
        with self.ledger.phase("building"):
            task = LanguageTask(config, shape, self.material.train, self.material.valid, device)
            trainer = Trainer(task)
            self._restore(trainer)
            minutes = config.minutes if config.timed else None
            budget = Budget(self.ledger, minutes=minutes, steps=_steps(config, task))
            reserve = self._reserve(shape)
            budget.reserve = reserve()
            cost = validation_seconds(trainer) if minutes and self.material.held_out else None
        loop = Loop(
            trainer,
            budget,
            self.ledger,
            self.run,
            validated=validated_symbols(budget, self.material.held_out, cost),
            counted=self.counted.valid if self.counted and config.arch == "hybrid" else None,
            sampler=Sampler(shape, self.material, markov if config.arch == "hybrid" else None, config.seed),
            reserve=reserve,
            stop=self.stop,
        )
        yield from loop.steps()
        self.interrupted = loop.interrupted

    def _restore(self, trainer: Trainer) -> None:
        if not self.run.has("state"):
            return
        arrays, notes = self.run.arrays_and_notes("state")
        trainer.restore(arrays, notes)
        self.run.rewind(trainer.step_count)

    def _reserve(self, shape: RNNShape) -> Callable[[], float]:
        """Seconds to keep for what follows the steps, measured anew each time: the machine may be busier than before."""
        rng = np.random.default_rng(0)
        names = rnn_weights(shape).items()
        scorer = network_scorer(shape, {name: rng.uniform(-0.1, 0.1, size).astype(np.float32) for name, size in names})
        ids = self.material.valid[: MEASURED_SCORES + 1]

        def seconds() -> float:
            if len(ids) < 2:
                return EXIT_SECONDS + END_SECONDS
            begin = time.perf_counter()
            scorer.score(ids, scorer.start([ids[:1]]))
            each = (time.perf_counter() - begin) / (len(ids) - 1)
            return EXIT_SECONDS + END_SECONDS + SLACK * each * self.material.held_out

        return seconds


def _steps(config: Config, task: LanguageTask) -> int | None:
    """The budget in steps, None for a budget in minutes."""
    if config.epochs:
        return config.epochs * task.epoch_steps()
    return config.steps


def memory_bytes(plan: Plan, symbols: int) -> int:
    """About what training takes: weights, gradients, two moments, the best weights, activations, the text."""
    shape, config = plan.shape, plan.config
    assert config.batch_size and config.bptt
    count = parameters(rnn_weights(shape))
    positions = config.batch_size * config.bptt
    activations = positions * (shape.layers * (GATES[shape.cell] + 4) * shape.hidden + 3 * shape.vocab_size)
    return 4 * (6 * count + activations) + 8 * symbols


def steps_sentence(plan: Plan, material: Material) -> str:
    """How many steps a run counted in steps or epochs will make."""
    task = LanguageTask(plan.config, plan.shape, material.train, material.valid, torch.device("cpu"))
    steps = _steps(plan.config, task)
    return f"{steps:,} steps of {task.symbols_per_step():,} symbols"
