"""The loop: step, do what is due, stop when the budget is spent or the user asks.

A generator: it yields a Progress after every step, so that the display decides how often to draw.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from seqgen.draw.human import plural
from seqgen.run import Run
from seqgen.training.budget import Budget, Ledger
from seqgen.training.optim import rate
from seqgen.training.pace import Pace
from seqgen.training.progress import Progress
from seqgen.training.schedule import Schedule
from seqgen.training.trainer import Trainer
from seqgen.training.watch import Watch


class Loop:
    """One sitting of training a network; afterwards `interrupted` says how it ended."""

    def __init__(
        self,
        trainer: Trainer,
        budget: Budget,
        ledger: Ledger,
        run: Run,
        watch: Watch,
        stop: Callable[[], bool],
        pace: Pace | None = None,
    ) -> None:
        """`pace`, where there is one, looks at the number of threads again."""
        config = trainer.task.config
        self.trainer, self.budget, self.ledger, self.run = trainer, budget, ledger, run
        self.watch, self.stop, self.config, self.pace = watch, stop, config, pace
        self.schedule = Schedule(budget, sample_every=config.sample_every)
        self.interrupted = False
        self.lr = 0.0
        self._first = trainer.step_count
        self._before = budget.trained()
        self._looked = self._saved = 0.0  # seconds that the last validation with its sample, and the last save, took

    def steps(self) -> Iterator[Progress]:
        """Train until the budget is spent, patience runs out or a stop is asked for."""
        trainer = self.trainer
        assert self.config.lr and self.config.warmup is not None
        while not self.budget.spent(trainer.step_count):
            # Checked before a step: a run that is resumed may have run out of patience already.
            if self.config.patience and trainer.misses >= self.config.patience:
                yield self._progress(
                    note=f"no improvement in {plural(trainer.misses, 'validation')}: stopping early", report=True
                )
                break
            begin = time.perf_counter()
            with self.ledger.phase("training"):
                self.lr = rate(self._fraction(), self.config.lr, self.config.warmup, self.config.schedule or "cosine")
                went_well = trainer.step(self.lr)
            if self.pace:
                self.pace.stepped(trainer.step_count, time.perf_counter() - begin, trainer.symbols)
            self.budget.stepped()
            if not went_well:
                yield self._progress(note=self._went_back(), report=True)
            yield from self._look_up()
            if self.stop():
                self.interrupted = True
                break
        if not self.interrupted and trainer.validated_at != trainer.step_count:
            yield from self._validate()
        self.save()

    def save(self) -> None:
        """Write the state and what is derived from it, all at once."""
        begin = time.perf_counter()
        with self.ledger.phase("saving"):
            arrays, notes = self.trainer.state()
            weights = (self.trainer.best, {"step": self.trainer.best_step})
            self.run.commit(
                {"state": (arrays, notes), "weights": weights},
                step=self.trainer.step_count,
                seconds=dict(self.ledger.seconds),
            )
        self._saved = time.perf_counter() - begin

    def _fraction(self) -> float:
        """The next step's place on the schedule; the very first step must not have a rate of zero."""
        if self.budget.steps:
            return (self.trainer.step_count + 1) / (self.budget.steps + 1)
        return max(1e-3, self.budget.fraction(self.trainer.step_count))

    def _look_up(self) -> Iterator[Progress]:
        """Do what is due after this step and report it."""
        step = self.trainer.step_count
        sample = None
        if self.schedule.validation_due(step):
            yield from self._validate()
        elif self.schedule.sample_due(step):
            with self.ledger.phase("samples"):
                sample = self.watch.sample(self.trainer.weights(), step)
        yield self._progress(sample=sample, report=sample is not None)
        if self.schedule.save_due():
            self.save()

    def _validate(self) -> Iterator[Progress]:
        """Score held-out symbols approximately, keep the best weights, take a sample."""
        trainer, begin = self.trainer, time.perf_counter()
        trainer.validated_at = trainer.step_count
        weights = trainer.weights()
        with self.ledger.phase("validation"):
            found = self.watch.validate(trainer, weights)
            if found is None:
                trainer.judge(-float(trainer.step_count), weights)
            elif trainer.judge(found.judged, weights):
                trainer.best_valid = found.valid
        with self.ledger.phase("samples"):
            sample = self.watch.sample(weights, trainer.step_count)
        self._looked = time.perf_counter() - begin
        if self.budget.total_seconds:
            with self.ledger.phase("validation"):
                # After the last step the same is done once more, and takes as long as it does on this machine now.
                self.budget.reserve = self.watch.reserve() + self._looked + self._saved
        valid, network = (None, None) if found is None else (found.valid, found.network)
        scores, unseen = ({}, 0.0) if found is None else (dict(found.scores), found.unseen)
        progress = self._progress(valid=valid, network=network, unseen=unseen, scores=scores, sample=sample, report=True)
        self.run.log(
            {
                "step": trainer.step_count,
                "seconds": round(progress.elapsed, 2),
                "lr": self.lr,
                "train": progress.train,
                "valid_approximate": valid,
                "network_approximate": network,
                **scores,
                **({"threads": self.pace.threads, "threads_changed": self.pace.changes} if self.pace else {}),
                "sample": sample,
            }
        )
        yield progress

    def _went_back(self) -> str:
        trainer = self.trainer
        return (
            f"step {trainer.step_count}: the loss exploded; back to the weights of step {trainer.best_step}, "
            f"at {trainer.rate_scale:g} times the planned rate"
        )

    def _progress(
        self,
        *,
        valid: float | None = None,
        network: float | None = None,
        unseen: float = 0.0,
        scores: Mapping[str, float] | None = None,
        sample: str | None = None,
        note: str | None = None,
        report: bool = False,
    ) -> Progress:
        trainer, budget = self.trainer, self.budget
        elapsed = self.ledger.total()
        stepping = max(1e-9, budget.trained() - self._before)
        return Progress(
            phase="training",
            elapsed=elapsed,
            total=budget.total_seconds,
            step=trainer.step_count,
            steps=budget.steps,
            fraction=budget.fraction(trainer.step_count),
            eta=budget.eta(trainer.step_count),
            rate=(trainer.step_count - self._first) * trainer.task.symbols_per_step() / stepping,
            lr=self.lr * trainer.rate_scale,
            train=None if np.isnan(trainer.loss) else trainer.loss,
            valid=valid,
            network=network,
            unseen=unseen,
            best=trainer.best_valid if np.isfinite(trainer.best_valid) else None,
            scores=tuple((scores or {}).items()),
            sample=sample,
            note=note,
            report=report,
        )
