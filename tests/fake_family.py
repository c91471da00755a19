"""A family that seqgen does not have: the last symbol alone decides, through an embedding. As small as one can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from seqgen.config import Config
from seqgen.decode.scorer import Ids, LogProbs
from seqgen.families.base import Arrays, Candidate, Facts, Family
from seqgen.run import Run
from seqgen.weights import check_weights, parameters


class Shape(NamedTuple):
    vocab_size: int
    hidden: int


class Module(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(*shape)
        self.output = nn.Linear(shape.hidden, shape.vocab_size)

    def forward(self, ids: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        return self.embedding(ids), state

    def zero_state(self, batch: int) -> tuple[Tensor, ...]:
        return ()

    def output_layer(self) -> tuple[Tensor, Tensor]:
        return self.output.weight, self.output.bias


class Engine:
    def __init__(self, arrays: Arrays) -> None:
        logits = arrays["embedding.weight"] @ arrays["output.weight"].T + arrays["output.bias"]
        self.log_probs = (logits - np.log(np.exp(logits).sum(1, keepdims=True))).astype(np.float32)
        self.vocab_size = len(logits)

    def start(self, prompts: Sequence[Ids]) -> NDArray[np.int64]:
        return np.zeros(len(prompts), dtype=np.int64)

    def step(self, state: NDArray[np.int64], last: Ids) -> tuple[LogProbs, NDArray[np.int64]]:
        return self.log_probs[np.asarray(last)], state

    def reorder(self, state: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.int64]:
        return state[rows]

    def score(self, ids: Ids, state: NDArray[np.int64]) -> tuple[LogProbs, NDArray[np.int64]]:
        return self.log_probs[np.asarray(ids[:-1]), np.asarray(ids[1:])], state


class Network:
    settings = frozenset({"batch_size", "bptt"})

    def shape(self, config: Config, vocab_size: int) -> Shape:
        return Shape(vocab_size, config.hidden or 1)

    def weights(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        return {"embedding.weight": tuple(shape), "output.weight": tuple(shape), "output.bias": (shape.vocab_size,)}

    def module(self, shape: Shape, dropout: float, precision: str) -> Module:
        return Module(shape)

    def engine(self, shape: Shape, arrays: Arrays, **how: Any) -> Engine:
        check_weights(self.weights(shape), {name: array.shape for name, array in arrays.items()}, "weights")
        return Engine(arrays)

    def opened(self, run: Run, **how: Any) -> Engine:
        return self.engine(self.shape(run.info.config, run.info.vocab_size), run.arrays("weights"))

    def reference(self, shape: Shape, arrays: Arrays, device: str) -> Engine:
        return Engine(arrays)

    def begin(self, config: Config, facts: Facts) -> Config:
        return config.planned(layers=1, warmup=0.0, clip=1.0, batch_size=4, bptt=16)

    def candidates(self, config: Config, facts: Facts) -> Sequence[Candidate]:
        return [Candidate(config.planned(hidden=hidden), hidden * facts.vocab_size) for hidden in (4, 8, 16)]

    def default(self, config: Config, facts: Facts) -> Config:
        return config.planned(hidden=16)

    def sized(self, config: Config, facts: Facts, passes: float | None) -> Config:
        return config.planned(dropout=0.0, lr=0.05)

    def memory(self, config: Config, facts: Facts) -> int:
        return 24 * parameters(self.weights(self.shape(config, facts.vocab_size)))

    def sentence(self, config: Config, facts: Facts) -> list[str]:
        return [f"lookup of {config.hidden}"]


LOOKUP = Family("language", "lookup", "a model of the last symbol", Network())
LOOKUP_COUNTED = Family("language", "lookup-counted", "the same beside a model that counts", Network(), counts=True)
