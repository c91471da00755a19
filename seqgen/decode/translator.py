"""What every translation engine looks like: source ids in, hypotheses of target ids out.

Shape legend: S source length, T target length.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.ranges import check_number, shown
from seqgen.decode.rules import check_rules
from seqgen.decode.scorer import Ids
from seqgen.draw.human import plural
from seqgen.errors import ConfigError


@dataclass(frozen=True)
class Hypothesis:
    """A translation as ids, without <eos>; `score` is its log-probability divided by length^length_penalty, <eos> included.

    `whole` is False where the maximum length cut it off. `attention` [T, S + 1] holds the shares of the source tokens (the
    last one is <eos>) at each target token, if asked for.
    """

    ids: Ids
    score: float
    whole: bool = True
    attention: NDArray[np.float32] | None = None


# Tokens of the longest side that engines take: more than any sentence has. Attention costs the square of it.
LONGEST_SIDE = 2_047


# What each number may be: its kind, the least and the most.
RANGES: dict[str, tuple[type, float, float]] = {
    "beam_size": (int, 1, 100),
    "length_penalty": (float, 0, 10),
    "nbest": (int, 1, 1_000),
    # Beyond these a float32 distribution has one certain symbol, or is uniform.
    "temperature": (float, 0.001, 1_000),
    "top_k": (int, 0, 1_000_000),
    # A share below this leaves the likeliest token alone, which is what --top-k 1 is for.
    "top_p": (float, 0.000_001, 1),
    "seed": (int, 0, 2**64 - 1),
    "no_repeat_ngram": (int, 0, 1_000),
    "max_length": (int, 1, 100_000),
}


@dataclass(frozen=True)
class TranslateOptions:
    """How to search; a beam of 1 is greedy. `length_penalty` is the power of the length that scores are divided by.

    `sample` draws tokens instead, which temperature, top_k (0 is off) and top_p (1 is off) shape. `prefix` are ids that each
    translation begins with. `max_length` counts target tokens. `rules` are settings of further rules of decode/rules.py by
    name, which only the readable search applies. Raises ConfigError, naming the option, for a value of the wrong kind or out
    of range.
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
        for name, (kind, least, most) in RANGES.items():
            if name != "seed" or self.seed is not None:
                check_number(name, getattr(self, name), kind, least, most)
        if not self.sample and self.nbest > self.beam_size:
            raise ConfigError(f"--nbest {self.nbest} needs a beam at least as wide, found --beam-size {self.beam_size}")
        for name in ("sample", "attention"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name}: expected True or False, found {shown(getattr(self, name))}")
        if not isinstance(self.prefix, tuple | list) or not all(isinstance(id_, numbers.Integral) for id_ in self.prefix):
            raise ConfigError(f"prefix: expected ids, found {shown(self.prefix)}", "encode the text with the run's tokenizer")
        if len(self.prefix) >= self.max_length:
            raise ConfigError(
                f"--max-length {self.max_length} leaves no room after a --prefix of {plural(len(self.prefix), 'token')}",
                "raise --max-length, or shorten the prefix",
            )


def seed_of(seed: int, line: int, part: int = 0) -> int:
    """The 32-bit seed of a part of a line: the same whatever else is translated, and however the input was divided."""
    return int(np.random.SeedSequence([seed, line, part]).generate_state(1)[0])


class Translator(Protocol):
    """An engine with a model in it. `aligns` says that its hypotheses can have their attention, `by_length` that only sources
    of one length are computed side by side."""

    @property
    def aligns(self) -> bool:
        """Whether `options.attention` is understood."""
        ...

    @property
    def by_length(self) -> bool:
        """Whether sources of several lengths given together gain nothing from it."""
        ...

    def submit(
        self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
    ) -> Callable[[], list[list[Hypothesis]]]:
        """Begin to translate sources (ids without <eos>, none of them empty); the result waits for the end.

        For each source its hypotheses, the best first. A source gets the same ones whatever is beside it; where they are
        drawn (`options.sample`) that holds with 32-bit `seeds`, one per source. Without these, seeds are made from the places
        in `sources` and `options.seed`; without that either, each draw is different.
        """
        ...

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[NDArray[np.float32]]:
        """Log-probability of each token of each target and of its <eos> [T + 1], given the source and the tokens before.

        No side is longer than LONGEST_SIDE.
        """
        ...
