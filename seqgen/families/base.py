"""What a family is: all that is specific to one architecture, so that no other code has to ask which one it is.

Shapes and arrays are the contract between the torch module, which is trained, and the engine, which is used. The planning
functions are pure: they give sizes to choose from and say what each needs; training/plan.py measures and chooses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqgen.config import Config
from seqgen.run import Run
from seqgen.weights import parameters

Arrays = Mapping[str, NDArray[np.float32]]

# Streams that a validation of a text reads side by side, and how many logits of theirs exist at once, each twice.
VALID_STREAMS = 64
VALID_NUMBERS = 1 << 22


@dataclass(frozen=True)
class Facts:
    """What a plan knows about a corpus: symbols to train on (for pairs, target tokens with <eos>), size of the vocabulary."""

    symbols: int
    vocab_size: int


@dataclass(frozen=True)
class Candidate:
    """A size to choose: a config with that size set, and how many symbols a network of that size should learn from."""

    config: Config
    symbols: float


class Network(Protocol):
    """The part of a family that is trained by gradients."""

    @property
    def settings(self) -> frozenset[str]:
        """The fields of Config that only this network uses; all networks use those of training."""
        ...

    def shape(self, config: Config, vocab_size: int) -> Any:
        """The shape of the network of a config without gaps. Raises CheckpointError where it describes no network."""
        ...

    def weights(self, shape: Any) -> dict[str, tuple[int, ...]]:
        """The arrays, name -> shape, in the order in which they are stored."""
        ...

    def module(self, shape: Any, dropout: float, precision: str) -> Any:
        """A torch module with fresh weights, drawn from torch's generator."""
        ...

    def engine(self, shape: Any, arrays: Arrays, **how: Any) -> Any:
        """The engine that uses the arrays without torch: a Scorer, or for translation a Translator (`precision`, `threads`).

        Raises CheckpointError where they do not fit the shape.
        """
        ...

    def opened(self, run: Run, **how: Any) -> Any:
        """The engine with a run's arrays; a copy in the engine's own format may be kept in the run."""
        ...

    def reference(self, shape: Any, arrays: Arrays, device: str) -> Any:
        """The same over the torch module: the reference for the engine, and what runs on a GPU."""
        ...

    def begin(self, config: Config, facts: Facts) -> Config:
        """Fill in what follows from the corpus alone."""
        ...

    def candidates(self, config: Config, facts: Facts) -> Sequence[Candidate]:
        """Sizes from the smallest to the largest, where the config leaves them open: at least one."""
        ...

    def default(self, config: Config, facts: Facts) -> Config:
        """The size where the speed of the machine does not decide."""
        ...

    def sized(self, config: Config, facts: Facts, passes: float | None) -> Config:
        """Fill in what depends on the size, and on how often the corpus will be read, where that is known."""
        ...

    def memory(self, config: Config, facts: Facts) -> int:
        """About how many bytes training takes: weights, gradients, two moments, the best weights, activations, the corpus."""
        ...

    def sentence(self, config: Config, facts: Facts) -> list[str]:
        """The choices made, in a few words each."""
        ...


# The settings of training by gradients, whatever the network.
TRAINED = frozenset(
    {"layers", "hidden", "dropout", "lr", "steps", "epochs", "warmup", "schedule", "clip", "weight_decay", "accumulate",
     "average", "precision", "patience", "sample_every", "sample_ids", "minutes", "device", "seed"}
)  # fmt: skip
# The settings of counting.
COUNTED = frozenset({"order"})
# The settings of both side by side.
MIXED = frozenset({"network"})


@dataclass(frozen=True)
class Family:
    """One architecture for one task. `counts` says whether a Markov model is part of it; `network` is the other part, None
    where there is none; `sentence` describes it in a few words."""

    task: str
    arch: str
    sentence: str
    network: Network | None = None
    counts: bool = False

    @property
    def settings(self) -> frozenset[str]:
        """The architecture-specific fields of Config that belong to this one."""
        trained = frozenset() if self.network is None else TRAINED | self.network.settings
        mixed = MIXED if self.network is not None and self.counts else frozenset()
        return trained | mixed | (COUNTED if self.counts else frozenset())

    def shape(self, config: Config, vocab_size: int) -> Any:
        """The shape of the network, None where there is none."""
        return None if self.network is None else self.network.shape(config, vocab_size)

    def weights(self, config: Config, vocab_size: int) -> dict[str, tuple[int, ...]]:
        """The arrays of the network, name -> shape; none for a model that only counts."""
        return {} if self.network is None else self.network.weights(self.network.shape(config, vocab_size))

    def parameters(self, config: Config, vocab_size: int) -> int:
        """The number of trained parameters."""
        return parameters(self.weights(config, vocab_size))
