"""The reference engine: the readable search over the network as it was trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.beam import beam_search
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import Hypothesis, TranslateOptions
from seqgen.errors import EngineError
from seqgen.nn.transformer import TransformerModel
from seqgen.nn.translation_scorer import TranslationScorer
from seqgen.tokenizers.base import BOS, EOS

BATCH = 32


class ReferenceTranslator:
    """A Translator over a torch module, one batch after the other."""

    aligns = False
    by_length = False

    def __init__(self, model: TransformerModel) -> None:
        self.model = model.eval()

    def submit(
        self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
    ) -> Callable[[], list[list[Hypothesis]]]:
        """Translate; see the Protocol. Raises EngineError for options that only the fast engine has."""
        for name, wanted in (("--sample", options.sample), ("--alignment", options.attention)):
            if wanted:
                raise EngineError(f"{name} is not in the reference engine", "leave out --engine reference")
        found: list[list[Hypothesis]] = [[] for _ in sources]
        order = sorted(range(len(sources)), key=lambda row: -len(sources[row]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            scorer = TranslationScorer(self.model, [_ended(sources[row]) for row in rows])
            for row, hypotheses in zip(rows, beam_search(scorer, len(rows), options, bos=BOS, eos=EOS), strict=True):
                found[row] = hypotheses
        return lambda: found

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[NDArray[np.float32]]:
        """Log-probabilities of given targets; see the Protocol."""
        scores = []
        for source, target in zip(sources, targets, strict=True):
            scorer = TranslationScorer(self.model, [_ended(source)])
            ids = np.concatenate([[BOS], target, [EOS]])
            scores.append(scorer.score(ids, scorer.start([ids[:1]]))[0])
        return scores


def _ended(source: Ids) -> Ids:
    return np.append(source, EOS)
