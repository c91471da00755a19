"""Samples of what a network writes while it is being trained, for a reader to watch.

A short text is shown as in the textbook exercise: what the network expects after each of its symbols. For a longer one
the network writes freely.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seqgen.data.primers import TEXTBOOK_LENGTH, stretches_of
from seqgen.decode.mixture import MixtureScorer
from seqgen.decode.scorer import Scorer
from seqgen.generation import GenerateOptions, generate_text
from seqgen.training.language.exercise import Exercise
from seqgen.training.language.material import Material
from seqgen.training.language.task import LanguageTask

SAMPLE_LENGTH = 240


class Sampler:
    """Weights in, a sample out."""

    def __init__(self, task: LanguageTask, material: Material, counted: Scorer | None) -> None:
        """`counted` is the Markov model that the network is mixed with, None where it stands alone."""
        self.task, self.material, self.counted = task, material, counted
        self.stretches = stretches_of(material.train, material.tokenizer)
        is_short = len(material.train) <= TEXTBOOK_LENGTH
        ids = task.config.sample_ids
        self.exercise = Exercise(material.tokenizer, material.train, with_ids=ids) if is_short else None

    def __call__(self, weights: Mapping[str, NDArray[np.float32]], step: int) -> str:
        """A sample from the model with these weights; the same at the same step, whatever was drawn before."""
        network: Scorer = self.task.network.engine(self.task.shape, weights)
        if self.exercise is not None:
            return self.exercise.look(network, step)
        scorer = network if self.counted is None else MixtureScorer(network, self.counted, 0.5)
        options, rng = GenerateOptions(length=SAMPLE_LENGTH), np.random.default_rng([self.task.config.seed, step])
        pieces = generate_text(scorer, self.material.tokenizer, "", options, rng, stretches=self.stretches)
        return "".join(piece.text for piece in pieces)
