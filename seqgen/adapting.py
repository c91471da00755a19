"""Learning while reading: each symbol is scored first, and learnt from after.

Counts of what was read are added to those of the training text (markov/overlay.py), a network takes small steps
(nn/dynamic.py), and how much each of the two is trusted is learnt as well, apart for each length of known context. Nothing is
fitted on what has not been scored yet.

Shape legend: T symbols of a text, K lengths of known context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.mixture import fit_weight
from seqgen.decode.scorer import Ids, LogProbs
from seqgen.markov.overlay import Overlay

# A trained weight counts as much as so many symbols; no symbol counts less than this share, so that trust can change.
BEFORE, LEAST = 20, 0.005


class Network(Protocol):
    """A network that learns from what it reads."""

    def begin(self, id_: int) -> None:
        """What the first symbol stands behind."""
        ...

    def read(self, ids: Ids) -> LogProbs:
        """Log-probability of each of ids [T]."""
        ...

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The weights as they are now."""
        ...


class Adapting:
    """A TextScorer that learns from the one text that it reads. `weight` is the share of the network at first."""

    def __init__(self, network: Network | None, counts: Overlay | None, weight: float = 0.5) -> None:
        assert network is not None or counts is not None
        self.network, self.counts, self.weight = network, counts, weight
        lengths = 0 if counts is None else counts.order + 2
        self._weights, self._seen = [weight] * lengths, [float(BEFORE)] * lengths  # [K], of -1 known symbols and more
        self._both: list[tuple[LogProbs, LogProbs]] = []

    @property
    def name(self) -> str:
        """What learns, for the signature of a figure."""
        parts = [name for name, part in (("counts", self.counts), ("network", self.network)) if part is not None]
        return "+".join(parts)

    def start(self, prompts: Sequence[Ids]) -> None:
        """The one text begins behind this symbol."""
        (prompt,) = prompts
        for part in (self.network, self.counts):
            if part is not None:
                part.begin(int(prompt[-1]))

    def score(self, ids: Ids, state: None) -> tuple[LogProbs, None]:
        """Log-probability of each of ids[1:] [T - 1]."""
        network = None if self.network is None else self.network.read(ids[1:])
        if self.counts is None:
            assert network is not None
            return network, None
        counted, lengths = self.counts.read(ids[1:])
        if network is None:
            return counted, None
        self._both.append((network, counted))
        return self._mixed(network, counted, lengths), None

    def mixed_by(self) -> float:
        """The one share of the network that suits what was read best."""
        if not self._both:
            return self.weight
        network, counted = (np.concatenate(parts) for parts in zip(*self._both, strict=True))
        return fit_weight(network, counted)

    def _mixed(self, network: LogProbs, counted: LogProbs, lengths: NDArray[np.int64]) -> LogProbs:
        """Log-probabilities [T] under a mix whose weights follow each symbol: expectation maximisation, one symbol at a time
        (Cappe & Moulines 2009, "On-line expectation-maximization algorithm for latent data models")."""
        weights, seen = self._weights, self._seen
        found = np.empty(len(network))
        # Relative to the likelier one, so that nothing underflows.
        best = np.maximum(network, counted).astype(np.float64)
        pairs = zip(np.exp(network - best).tolist(), np.exp(counted - best).tolist(), (lengths + 1).tolist(), strict=True)
        for place, (one, other, length) in enumerate(pairs):
            weight = weights[length]
            share = weight * one
            total = share + (1 - weight) * other
            found[place] = total
            seen[length] += 1
            weights[length] = weight + max(LEAST, 1 / seen[length]) * (share / total - weight)
        mixed: LogProbs = (np.log(found) + best).astype(np.float32)
        return mixed
