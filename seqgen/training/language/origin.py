"""What a language model takes over from the run that it begins from: weights, counts, and how well that one knew its own
held-out text."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.config import Config
from seqgen.decode.mixture import mixed_log_probs
from seqgen.evaluation import Scoring
from seqgen.families import family_of
from seqgen.families.base import Arrays
from seqgen.markov import Markov, MarkovScorer
from seqgen.markov.add import added, counts_of
from seqgen.markov.count import LIMIT, Counts, count
from seqgen.markov.model import smooth
from seqgen.metrics.likelihood import scores
from seqgen.opening import UNFITTED
from seqgen.run import Run
from seqgen.threads import blas_threads
from seqgen.tokenizers.base import UNK, Tokenizer
from seqgen.training.language.counting import Counted, scored
from seqgen.training.language.final import plan_scoring
from seqgen.training.language.material import Material
from seqgen.weights import check_weights, with_more_symbols

# Share of a budget in minutes in which the earlier run's held-out text is scored, before the training and once more after it;
# and the most symbols of it that are.
SHARE, MOST_SYMBOLS = 0.02, 20_000


@dataclass(frozen=True)
class Model:
    """The parts of a model: the arrays of its network, for V symbols, and its counts; {} and None where it has none; the share
    of the network in the mix of both, as the run has fitted it."""

    config: Config
    vocab_size: int
    weights: Arrays
    markov: Markov | None
    mix_weight: float

    @classmethod
    def of(cls, run: Run) -> Model:
        """Of a run. Raises CheckpointError where its files are missing or damaged."""
        config, vocab_size, family = run.info.config, run.info.vocab_size, family_of(run.info.config)
        weights: Arrays = {}
        if family.network is not None:
            weights = run.arrays(
                "weights", lambda shapes: check_weights(family.weights(config, vocab_size), shapes, str(run.path))
            )
        markov = Markov.from_arrays(run.arrays("markov"), vocab_size, str(run.path)) if family.counts else None
        weight = run.info.mix_weight
        return cls(config, vocab_size, weights, markov, UNFITTED if weight is None else weight)

    def begun(self, material: Material, config: Config) -> dict[str, NDArray[np.float32]]:
        """The weights with which a training on the material begins."""
        return with_more_symbols(self.weights, family_of(config).weights(config, len(material.tokenizer)))


def count_more(before: Markov, kept: NDArray[Any] | None, material: Material, uncounted: NDArray[Any]) -> Counted:
    """The counts of an earlier run with those of what it has not counted; of one that has saved none, those of the text that
    it `kept`; the held-out text scored with both.

    What is new is counted as far as the earlier run looks back, and at most LIMIT symbols of it.
    """
    vocab_size, notes = len(material.tokenizer), []
    counts = counts_of(before)
    if counts is None and kept is not None:
        counts = count(kept, vocab_size, before.order)
    if counts is None:
        counts = Counts((), vocab_size, 0)
        notes.append("the earlier run keeps neither counts nor text: only what is new is counted")
        uncounted = material.train
    total = added(counts, count(uncounted, vocab_size, before.order, LIMIT), vocab_size)
    notes.append(f"counting: {counts.symbols:,} symbols of the earlier run, {total.symbols - counts.symbols:,} new ones")
    model = smooth(total, min(before.order, len(total.levels) - 1))
    return scored(model, material.valid, tuple(notes))


@dataclass(frozen=True)
class Retained:
    """The held-out text of an earlier run as ids, whose first is only context; over how many symbols that run had, in how many
    streams it is scored, how many seconds that took, and what it cost `before` the training."""

    ids: NDArray[Any]
    vocab_size: int
    streams: int
    seconds: float
    before: Mapping[str, float]

    @classmethod
    def measured(cls, model: Model, ids: NDArray[Any], tokenizer: Tokenizer, minutes: float | None) -> Retained | None:
        """Score the text with the model as it is before the training, in a share of the minutes; None without a text."""
        ids = ids[: MOST_SYMBOLS + 1]
        if len(ids) < 2:
            return None
        streams, family = 1, family_of(model.config)
        if family.network is not None:
            engine = family.network.engine(family.shape(model.config, model.vocab_size), model.weights)
            plan = plan_scoring(engine, ids, SHARE * 60 * minutes if minutes else None)
            streams, ids = plan.streams, ids[: plan.symbols + 1]
        begin = time.perf_counter()
        found = cls(ids, model.vocab_size, streams, 0.0, {})
        before = found.cost(model, tokenizer)
        return cls(ids, model.vocab_size, streams, time.perf_counter() - begin, before)

    @classmethod
    def of(cls, run: Run) -> Retained | None:
        """As a run keeps it."""
        if not run.has("origin"):
            return None
        arrays, notes = run.arrays_and_notes("origin")
        if len(arrays["valid"]) < 2:
            return None
        return cls(arrays["valid"], notes["vocab_size"], notes["streams"], notes["seconds"], notes["before"])

    def cost(self, model: Model, tokenizer: Tokenizer) -> dict[str, float]:
        """Figures of the text under a model, as those of any held-out text."""
        family, parts = family_of(model.config), []
        places: NDArray[np.intp] | slice = slice(None)
        if family.network is not None:
            engine = family.network.engine(family.shape(model.config, model.vocab_size), model.weights)
            scoring = Scoring(engine, self.ids, self.streams)
            for _ in scoring.run():
                pass
            places, network = scoring.found()
            parts.append(network)
        if model.markov is not None:
            with blas_threads(1):
                markov = MarkovScorer(model.markov)
                log_probs, _ = markov.score(self.ids, markov.start([self.ids[:1]]))
            parts.append(log_probs[places])
        # Not a weight that suits this text: what is used is that of the run.
        mixed = parts[0] if len(parts) == 1 else mixed_log_probs(parts[0], parts[1], model.mix_weight)
        ids = self.ids[1:][places]
        text = tokenizer.decode(ids)
        # What was unknown to the earlier run costs the same before and after, however many characters are known since.
        return scores(mixed, ids, UNK, self.vocab_size, len(text), len(text.encode())).to_json()

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """To be kept by the new run: arrays and notes."""
        notes = {"vocab_size": self.vocab_size, "streams": self.streams, "seconds": self.seconds, "before": dict(self.before)}
        return {"valid": self.ids.astype(np.min_scalar_type(self.vocab_size - 1))}, notes


NOTHING: tuple[dict[str, NDArray[Any]], dict[str, Any]] = ({"valid": np.zeros(0, dtype=np.uint8)}, {})
