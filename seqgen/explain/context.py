"""What a model that counts knew at each place of a text, and what a network beside it added.

In a hybrid, p = w p_network + (1 - w) p_counting: `share` is the part of p that is the network's.

Shape legend: T symbols of a text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.data.record_text import before_first
from seqgen.decode.mixture import MixtureScorer, mixed_log_probs
from seqgen.errors import CheckpointError
from seqgen.explain.subjects import has_counts
from seqgen.explain.surprise import shown_texts
from seqgen.markov import Lookups, MarkovScorer, look_up
from seqgen.metrics.likelihood import unknown_penalty
from seqgen.opening import open_markov, open_scorer
from seqgen.run import Run
from seqgen.tokenizers.base import REPLACEMENT, UNK, Tokenizer, normalise


@dataclass(frozen=True)
class Context:
    """A text symbol by symbol. `texts` [T] and `contexts` [T]: each symbol, and the context that knew it; `lookups`, arrays
    [T]; probabilities `counting`, `network` and `mix` [T], the last two of which are None without a network; `weight` is
    the network's in the mix, `order` the length of the longest possible context."""

    texts: tuple[str, ...]
    contexts: tuple[str, ...]
    lookups: Lookups
    counting: NDArray[np.float64]
    network: NDArray[np.float64] | None
    mix: NDArray[np.float64] | None
    weight: float
    order: int
    counted: bool

    @property
    def share(self) -> NDArray[np.float64]:
        """The network's part of each probability [T]; all zero without a network."""
        if self.network is None or self.mix is None:
            return np.zeros(len(self.texts))
        return np.minimum(1.0, self.weight * self.network / np.maximum(self.mix, 1e-300))


def context_of(run: Run, text: str) -> Context:
    """Read a text with a run's counts. Raises CheckpointError for a run that has none."""
    if not has_counts(run.info):
        raise CheckpointError(
            f"{run.path}: a {run.info.config.arch} run has no counts", "counts are those of --arch markov and hybrid"
        )
    tokenizer = run.tokenizer()
    text = normalise(text)
    ids = np.concatenate([tokenizer.encode(before_first(run.info.config.records))[-1:], tokenizer.encode(text)])
    counted = open_markov(run)
    assert isinstance(counted, MarkovScorer)
    lookups = look_up(counted.model, ids)
    # Within a character of several bytes, the name of the byte is shown.
    texts = tuple(
        text or tokenizer.symbol(id_) for text, id_ in zip(shown_texts(tokenizer, text, ids[1:]), ids[1:].tolist(), strict=True)
    )
    lengths = np.maximum(0, lookups.used).tolist()
    contexts = tuple(_spelt(tokenizer, ids[place + 1 - length : place + 1]) for place, length in enumerate(lengths))
    log_counting, _ = counted.score(ids, counted.start([ids[:1]]))
    network = mix = None
    weight = 0.0
    scorer = open_scorer(run)
    if isinstance(scorer, MixtureScorer):
        weight = float(scorer.weight)
        log_network, _ = scorer.a.score(ids, scorer.a.start([ids[:1]]))
        network = np.exp(log_network.astype(np.float64))
        mix = np.exp(mixed_log_probs(log_network, log_counting, weight).astype(np.float64))
    counting = np.exp(log_counting.astype(np.float64))
    # An unknown character is one of all that <unk> stands for, to counting and network alike.
    share = np.where(ids[1:] == UNK, math.exp(-unknown_penalty(len(tokenizer))), 1.0)  # [T]
    counting *= share
    if network is not None and mix is not None:
        network, mix = network * share, mix * share
    return Context(
        texts, contexts, lookups, counting, network, mix, weight, counted.model.order, counted.model.count is not None
    )


def _spelt(tokenizer: Tokenizer, ids: NDArray[Any]) -> str:
    """The text of a context, or the names of its symbols where it begins or ends within a character."""
    text = tokenizer.decode(ids)
    return "".join(tokenizer.symbol(id_) for id_ in ids.tolist()) if REPLACEMENT in text else text
