"""From a prompt to text, piece by piece as it comes; knows models only as Scorers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqgen.decode.rules import rules_for
from seqgen.decode.sampling import Sampling
from seqgen.decode.scorer import Scorer
from seqgen.errors import ConfigError
from seqgen.tokenizers.base import BOS, EOS, PAD, UNK, Tokenizer


@dataclass(frozen=True)
class GenerateOptions:
    """How to continue a prompt; the defaults change nothing about the model's distribution.

    `length` counts symbols, -1 is without end. `stop` are texts to end before. Raises ConfigError for a value out of
    range.
    """

    length: int = 500
    greedy: bool = False
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    line: bool = False
    num_samples: int = 1
    seed: int | None = None

    def __post_init__(self) -> None:
        for name, good, expected in (
            ("length", self.length >= -1, "-1 or more"),
            ("temperature", self.temperature > 0, "above 0 (--greedy takes the likeliest)"),
            ("top_k", self.top_k >= 0, "0 or more"),
            ("top_p", 0 < self.top_p <= 1, "above 0 to 1"),
            ("min_p", 0 <= self.min_p <= 1, "from 0 to 1"),
            ("repetition_penalty", self.repetition_penalty > 0, "above 0"),
            ("num_samples", self.num_samples >= 1, "1 or more"),
            ("stop", all(self.stop), "texts that are not empty"),
        ):
            if not good:
                raise ConfigError(f"--{name.replace('_', '-')}: expected {expected}, found {getattr(self, name)!r}")

    @property
    def stops(self) -> tuple[str, ...]:
        """Every text that ends a sample."""
        return (*self.stop, "\n") if self.line else self.stop


@dataclass(frozen=True)
class Piece:
    """Text that has become certain, and the id that was drawn for it.

    `text` may be empty while a character is incomplete or may be the beginning of a stop text; then it comes with a later
    piece. The last piece of a sample has no id: it is what was held back.
    """

    sample: int
    text: str
    id: int | None
    log_prob: float


class _Row:
    """One sample's way from ids to certain text."""

    def __init__(self, tokenizer: Tokenizer, stops: tuple[str, ...]) -> None:
        self.decoder = tokenizer.decoder()
        self.stops = stops
        self.held = ""
        self.done = False

    def push(self, id_: int) -> str:
        """The text that is certain now; sets `done` where a stop text is complete."""
        text = self.decoder.push(id_)
        if not self.stops:
            return text
        self.held += text
        found = [place for stop in self.stops if (place := self.held.find(stop)) >= 0]
        if found:
            self.done = True
            certain, self.held = self.held[: min(found)], ""
            return certain
        keep = max(_overlap(self.held, stop) for stop in self.stops)
        certain, self.held = self.held[: len(self.held) - keep], self.held[len(self.held) - keep :]
        return certain

    def flush(self) -> str:
        """What was held back, once nothing more comes."""
        if self.done:
            return ""
        rest, self.held = self.held + self.decoder.flush(), ""
        found = [place for stop in self.stops if (place := rest.find(stop)) >= 0]
        return rest[: min(found)] if found else rest


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that `stop` begins with."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0


def generate_text(
    scorer: Scorer, tokenizer: Tokenizer, prompt: str, options: GenerateOptions, rng: np.random.Generator
) -> Iterator[Piece]:
    """Continue a prompt, `num_samples` times side by side; an empty one is continued as if after a newline."""
    ids = tokenizer.encode(prompt or "\n")
    special = (PAD, UNK, BOS, EOS)
    sampling = Sampling(scorer, [ids] * options.num_samples, rules_for(options, special), rng, greedy=options.greedy)
    rows = [_Row(tokenizer, options.stops) for _ in range(options.num_samples)]
    alive = list(range(options.num_samples))
    columns = iter(sampling)
    made = 0
    while alive and made != options.length:
        drawn, log_probs = next(columns)
        made += 1
        for sample, id_, log_prob in zip(alive, drawn.tolist(), log_probs.tolist(), strict=True):
            yield Piece(sample, rows[sample].push(id_), id_, log_prob)
        if options.stops and any(rows[sample].done for sample in alive):
            kept = [place for place, sample in enumerate(alive) if not rows[sample].done]
            alive = [alive[place] for place in kept]
            if alive:
                sampling.keep(np.array(kept))
    for sample, row in enumerate(rows):
        rest = row.flush()
        if rest:
            yield Piece(sample, rest, None, 0.0)
