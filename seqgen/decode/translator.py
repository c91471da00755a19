"""What every translation engine looks like: source ids in, hypotheses of target ids out.

Shape legend: S source length, T target length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.rules import check_rules
from seqgen.decode.scorer import Ids
from seqgen.errors import ConfigError


@dataclass(frozen=True)
class Hypothesis:
    """A translation as ids, without <eos>; `score` is its log-probability divided by length^length_penalty, <eos> included.

    `whole` is False where the longest length allowed cut it off. `attention` [T, S + 1] are the shares of the source tokens
    (the last one is <eos>) at each target token, where they were asked for.
    """

    ids: Ids
    score: float
    whole: bool = True
    attention: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class TranslateOptions:
    """How to search; a beam of 1 is greedy. `length_penalty` is the power of the length that scores are divided by.

    `sample` draws tokens instead, which temperature, top_k (0 is off) and top_p (1 is off) shape. `prefix` are ids that each
    translation begins with. `max_length` counts target tokens. `rules` are settings of further rules of decode/rules.py by
    name, which only the readable search applies. Raises ConfigError for a value out of range.
    """

    beam_size: int = 5
    length_penalty: float = 1.0
    nbest: int = 1
    sample: bool = False
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int | None = None
    no_repeat_ngram: int = 0
    prefix: tuple[int, ...] = ()
    max_length: int = 256
    attention: bool = False
    rules: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_rules(self.rules)
        for name, good, expected in (
            ("beam_size", 1 <= self.beam_size <= 100, "1 to 100"),
            ("length_penalty", 0 <= self.length_penalty <= 10, "0 to 10"),
            ("nbest", 1 <= self.nbest, "1 or more"),
            ("temperature", self.temperature > 0, "above 0"),
            ("top_k", self.top_k >= 0, "0 or more"),
            ("top_p", 0 < self.top_p <= 1, "above 0 to 1"),
            ("no_repeat_ngram", self.no_repeat_ngram >= 0, "0 or more"),
            ("max_length", self.max_length >= 1, "1 or more"),
        ):
            if not good:
                raise ConfigError(f"--{name.replace('_', '-')}: expected {expected}, found {getattr(self, name)!r}")
        if not self.sample and self.nbest > self.beam_size:
            raise ConfigError(f"--nbest {self.nbest} wants a beam at least as wide, found --beam-size {self.beam_size}")


class Translator(Protocol):
    """An engine with a model in it."""

    def submit(self, sources: Sequence[Ids], options: TranslateOptions) -> Callable[[], list[list[Hypothesis]]]:
        """Begin to translate sources (ids without <eos>, none of them empty); the result waits for the end.

        For each source its hypotheses, the best first. A source gets the same ones whatever stands beside it.
        """
        ...

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[NDArray[np.float32]]:
        """Log-probability of each token of each target and of its <eos> [T + 1], given the source and the tokens before."""
        ...
