"""A look at a language model in training: held-out text in parallel streams, and a sample of what it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.mixture import fit_weight
from seqgen.decode.scorer import Scorer
from seqgen.metrics.likelihood import total_nats, unknown_nats
from seqgen.tokenizers.base import UNK
from seqgen.training.budget import EXIT_SECONDS, Budget
from seqgen.training.language.exercise import LEGEND
from seqgen.training.language.final import END_SECONDS, SHARE, plan_scoring
from seqgen.training.language.material import Material
from seqgen.training.language.plan import validation_seconds
from seqgen.training.language.samples import Sampler
from seqgen.training.language.task import LanguageTask
from seqgen.training.progress import Progress
from seqgen.training.schedule import validated_symbols
from seqgen.training.trainer import Trainer
from seqgen.training.watch import Validation, Weights


class LanguageWatch:
    """The Watch of a LanguageTask."""

    def __init__(
        self,
        task: LanguageTask,
        material: Material,
        counted: NDArray[np.float32] | None,
        markov: Scorer | None,
        afterwards: float = 0.0,
    ) -> None:
        """`counted` are log-probabilities of the held-out symbols under the Markov model, and `markov` is that model, where
        the network will be mixed with it. `afterwards` are seconds that will be needed besides those of the exact scoring."""
        self.task, self.material, self.counted = task, material, counted
        self.sample_of = Sampler(task, material, markov)
        self.symbols, self.afterwards = 0, afterwards
        self._allowed = self._scoring = 0.0  # seconds that the exact scoring may take, and will
        self._scorer = _random_scorer(task)

    def begin(self, trainer: Trainer, budget: Budget) -> None:
        """Decide how many held-out symbols each validation may score, and how long the exact scoring may take."""
        self._allowed = SHARE * (budget.total_seconds or 0.0)
        held_out = self.material.held_out
        cost = validation_seconds(trainer.model, self.task) if budget.total_seconds and held_out else None
        self.symbols = validated_symbols(budget, held_out, cost)

    def validate(self, trainer: Trainer, weights: dict[str, NDArray[np.float32]]) -> Validation | None:
        """Score in parallel streams, with the mix if the run is a hybrid.

        Characters that training has never seen cost what they do in the final score. What is added for them is the same for
        all weights: the choice among these does without it.
        """
        if not self.symbols:
            return None
        with trainer.using(weights):
            log_probs = self.task.validate(trainer.model, self.symbols)
        network, mixed = self._nats(log_probs), log_probs
        if self.counted is not None:
            counted = self.counted[: len(log_probs)]
            weight = fit_weight(log_probs, counted)
            mixed = np.logaddexp(np.log(max(weight, 1e-12)) + log_probs, np.log(max(1 - weight, 1e-12)) + counted)
        judged = -float(mixed.mean(dtype=np.float64))
        return Validation(judged, self._nats(mixed), network, unseen=self._nats(mixed, unknown_nats))

    def _nats(self, log_probs: NDArray[np.float32], measure: Callable[..., float] = total_nats) -> float:
        """Nats per symbol of the first held-out symbols, or of what the `measure` counts of them."""
        ids = self.material.valid[1 : len(log_probs) + 1]
        return measure(log_probs, ids, UNK, len(self.material.tokenizer)) / len(ids)

    def sample(self, weights: Weights, step: int) -> str:
        """A sample of text."""
        return self.sample_of(weights, step)

    def told(self, reports: Iterator[Progress]) -> Iterator[Progress]:
        """The reports of a training; where the text is as short as the textbook exercise, with its lines, and at the end since
        when it is solved."""
        exercise, elapsed = self.sample_of.exercise, 0.0
        for told in reports:
            yield self._with_line(told)
            elapsed = told.elapsed
        if exercise is not None and (verdict := exercise.verdict()):
            yield Progress("trained", elapsed, note=verdict)

    def _with_line(self, told: Progress) -> Progress:
        """A report of the exercise as one line; one that was validated has more to say."""
        exercise = self.sample_of.exercise
        if exercise is None or told.sample is None or told.valid is not None:
            return told
        # Step 0 comes first.
        return replace(told, line=exercise.line(told.step), note=told.note if told.step else LEGEND)

    def reserve(self) -> float:
        """Seconds that the exact scoring, and what goes with it, will take."""
        if not self.material.held_out:
            return EXIT_SECONDS + END_SECONDS + self.afterwards
        now = plan_scoring(self._scorer, self.material.valid, self._allowed).seconds
        # A busy machine has quick moments: what was found before is forgotten slowly.
        self._scoring = max(now, (now + self._scoring) / 2)
        return EXIT_SECONDS + END_SECONDS + self.afterwards + self._scoring


def _random_scorer(task: LanguageTask) -> Scorer:
    """A network of the task's shape, for measuring: its speed does not depend on what it has learnt."""
    rng = np.random.default_rng(0)
    arrays = {name: rng.uniform(-0.1, 0.1, size).astype(np.float32) for name, size in task.network.weights(task.shape).items()}
    scorer: Scorer = task.network.engine(task.shape, arrays)
    return scorer
