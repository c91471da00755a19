"""A look at a translation model in training: loss, BLEU and chrF on held-out pairs, and one of them translated.

The current weights are converted in memory and translate as they will for users: in the fast engine, here greedily.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.translator import TranslateOptions, Translator
from seqgen.metrics.overlap import DEFAULT, corpus_scores
from seqgen.opening import encoder_of, limits_of
from seqgen.training.budget import EXIT_SECONDS, Budget
from seqgen.training.schedule import VALIDATION_SHARE, VALIDATIONS
from seqgen.training.trainer import Trainer
from seqgen.training.translation.material import Encoded, PairMaterial
from seqgen.training.translation.task import TranslationTask
from seqgen.training.watch import Validation, Weights
from seqgen.translation.lines import LineTranslator

# Conversion, saving and logging at the end of a run.
END_SECONDS = 1.5
# Pairs scored in a run that is counted in steps, and at least in any other.
STEPS_PAIRS, LEAST_PAIRS = 200, 50
# Validating a pair costs about this fraction of training on it.
COST = 0.7
# Beam search and scoring at the end, relative to a greedy translation of the same source.
FINAL_COST = 5.0
# A BLEU below this says nothing: hardly any four words in a row are right.
LEAST_BLEU = 1.0
# The largest share of a budget kept for the last scoring: a model that has learnt little takes long to translate.
LARGEST_RESERVE = 0.05


class TranslationWatch:
    """The Watch of a TranslationTask."""

    def __init__(
        self, task: TranslationTask, material: PairMaterial, encoded: Encoded, threads: int, tokenize: str = DEFAULT
    ) -> None:
        self.task, self.material, self.encoded, self.threads, self.tokenize = task, material, encoded, threads, tokenize
        self.pairs = 0
        self._each = 0.0  # seconds per source at the last validation
        self._most = math.inf  # seconds that may be kept for the last scoring
        self._opened: tuple[Weights, Translator] | None = None  # of the last validation: its sample is by the same weights
        longest = encoded.facts
        self.limits = limits_of(longest)
        self.encoder = encoder_of(encoded.tokenizer, task.config, material.facts)
        # A model that has learnt little repeats itself endlessly: it is cut off a little above the longest target.
        self.options = TranslateOptions(beam_size=1, max_length=longest["longest_target"] + 10)

    def begin(self, trainer: Trainer, budget: Budget) -> None:
        """Decide how many held-out pairs each validation may use."""
        held_out = len(self.encoded.valid)
        if budget.total_seconds is None:
            self.pairs = min(held_out, STEPS_PAIRS)
            return
        allowed = VALIDATION_SHARE * budget.total_seconds / VALIDATIONS
        step = _timed_step(trainer) / max(1.0, len(self.encoded.train) / self.task.epoch_steps())
        self.pairs = min(held_out, max(LEAST_PAIRS, int(allowed / (COST * step))))
        self._most = LARGEST_RESERVE * budget.total_seconds

    def validate(self, trainer: Trainer, weights: dict[str, NDArray[np.float32]]) -> Validation | None:
        """Loss by the network in training, figures by the engine."""
        if not self.pairs:
            return None
        with trainer.using(weights):
            nats = self.task.validate(trainer.model, self.pairs)
        translated = self._translate(weights, self.encoded.held_out.sources[: self.pairs])
        references = self.encoded.held_out.targets[: self.pairs]
        found = corpus_scores(translated, references, metrics=("BLEU", "chrF"), tokenize=self.tokenize)
        scores = {score.metric: score.value for score in found}
        return Validation(judged(scores["BLEU"], scores["chrF"], nats), nats, nats, scores)

    def sample(self, weights: Weights, step: int) -> str:
        """A held-out pair, chosen by the step: source, translation, reference."""
        pairs = self.encoded.held_out if len(self.encoded.held_out) else self.material.train
        place = int(np.random.default_rng([self.task.config.seed, step]).integers(len(pairs)))
        translated = self._translate(weights, [pairs.sources[place]])[0]
        return f"{pairs.sources[place]}\n→ {translated}\n= {pairs.targets[place]}"

    def reserve(self) -> float:
        """Seconds for the last scoring, as far as can be foreseen."""
        return EXIT_SECONDS + END_SECONDS + min(self._most, FINAL_COST * self._each * len(self.encoded.valid))

    def _translate(self, weights: Weights, lines: Sequence[str]) -> list[str]:
        """Translations by the current weights.

        In a thread of its own: the engine limits OpenMP's threads in the thread that opens it, and torch, which trains in
        ours, would be limited as well.
        """

        def work() -> list[str]:
            if self._opened is None or self._opened[0] is not weights:
                self._opened = weights, self.task.network.engine(self.task.shape, weights, threads=self.threads)
            translator = self._opened[1]
            begin = time.perf_counter()
            # A model that has learnt little loses much, and a second search would take longer than all the rest.
            greedy = LineTranslator(translator, self.encoder, self.options, self.limits, searched=0)
            translated = greedy.translate(lines)
            if len(lines) > 1:
                self._each = (time.perf_counter() - begin) / len(lines)
            return [found.text for found in translated]

        with ThreadPoolExecutor(max_workers=1) as beside:
            return beside.submit(work).result()


def judged(bleu: float, chrf: float, nats: float) -> float:
    """One number for a validation, the lower the better: by BLEU, where that says nothing by chrF, among equals by the loss.

    Any BLEU that counts is better than all that do not.
    """
    # chrF is at most 100: below the least BLEU all is above minus one.
    return (-bleu if bleu >= LEAST_BLEU else -LEAST_BLEU * chrf / 101) + 1e-6 * nats


def _timed_step(trainer: Trainer) -> float:
    """Seconds of a step without learning anything: forward, backward, no update."""
    begin = time.perf_counter()
    total, _, _ = trainer.task.loss(trainer.model, 0, ())
    total.backward()  # type: ignore[no-untyped-call]
    trainer.model.zero_grad(set_to_none=True)
    return time.perf_counter() - begin
