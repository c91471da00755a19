"""From the log-probability of each symbol to nats, bits and perplexity.

A character outside the vocabulary is scored as <unk> and then as one of all the characters it might have been, all equally
likely: so figures stay comparable between vocabularies, and a smaller one cannot look better by knowing less. What such
characters cost is part of every figure, and is said beside it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Code points that a text can hold: all of Unicode's except the surrogates.
CHARACTERS = 0x110000 - 0x800


@dataclass(frozen=True)
class Scores:
    """Figures of a scored text; `tokens` is the number of symbols scored, `unknown` how many of them were <unk>, and
    `unknown_nats` the part of `nats` that these cost."""

    nats_per_char: float
    bits_per_char: float
    bits_per_byte: float
    perplexity: float
    nats: float
    tokens: int
    chars: int
    bytes: int
    unknown: int
    unknown_nats: float

    def to_json(self) -> dict[str, Any]:
        """Field -> value."""
        return asdict(self)


def unknown_penalty(vocab_size: int) -> float:
    """Nats added where <unk> stands for a character: one of all that are not in the vocabulary."""
    return math.log(max(1, CHARACTERS - vocab_size))


def unknown_nats(log_probs: NDArray[np.float32], ids: NDArray[Any], unk: int, vocab_size: int) -> float:
    """What the unknown characters among ids [T] cost under log_probs [T], in nats."""
    unknown = ids == unk
    seen_as_unk = -float(np.sum(log_probs[unknown], dtype=np.float64))
    return seen_as_unk + int(np.count_nonzero(unknown)) * unknown_penalty(vocab_size)


def total_nats(log_probs: NDArray[np.float32], ids: NDArray[Any], unk: int, vocab_size: int) -> float:
    """What ids [T] cost under log_probs [T], in nats, unknown characters included."""
    return -float(np.sum(log_probs, dtype=np.float64)) + int(np.count_nonzero(ids == unk)) * unknown_penalty(vocab_size)


def scores(log_probs: NDArray[np.float32], ids: NDArray[Any], unk: int, vocab_size: int, chars: int, size: int) -> Scores:
    """Sum up log_probs [T] of ids [T], which spell a text of `chars` characters and `size` bytes in UTF-8."""
    nats = total_nats(log_probs, ids, unk, vocab_size)
    bits = nats / math.log(2)
    tokens = len(ids)
    return Scores(
        nats_per_char=nats / max(1, chars),
        bits_per_char=bits / max(1, chars),
        bits_per_byte=bits / max(1, size),
        perplexity=math.exp(min(700.0, nats / max(1, tokens))),
        nats=nats,
        tokens=tokens,
        chars=chars,
        bytes=size,
        unknown=int(np.count_nonzero(ids == unk)),
        unknown_nats=unknown_nats(log_probs, ids, unk, vocab_size),
    )
