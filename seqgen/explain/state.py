"""How long a hidden state remembers: the same text read twice, once with another first symbol.

From the second symbol on both readings see the same, so that whatever differs between their states is what is left of the
first symbol. Each step multiplies the difference by about the same factor, which is why it falls or grows exponentially
(Bengio, Simard & Frasconi 1994).

Shape legend: T symbols, H hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.explain.gates import trace_gates
from seqgen.explain.recurrence import Reading
from seqgen.tokenizers.base import SPECIALS

# Symbols that are read a second time.
COMPARED = 1_000
# Less than this share of a difference counts as forgotten.
LEFT = 0.01

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Forgetting:
    """What is left of a first symbol after each one [T]: the Euclidean distance of the states h to those of the reading that
    begins with the id `instead`, and of an LSTM's memories c, each relative to the first symbol's.

    `first` is the distance of the states h after the first symbol; where it is zero, nothing is relative to it: all NaN.
    """

    instead: int
    first: float
    hidden: Numbers
    memory: Numbers | None


def forgetting(reading: Reading, number: int) -> Forgetting | None:
    """Read a text again in layer `number` (from 1) with another first symbol: the first in the text that differs from it,
    else the first of the vocabulary. None where there is no other, or only one symbol."""
    ids = reading.ids[: reading.before + COMPARED].copy()
    start = reading.before
    instead = _another(ids[start:], reading.shape.vocab_size)
    if instead is None or len(ids) - start < 2:
        return None
    ids[start] = instead
    other = trace_gates(reading.shape, reading.weights, ids).layers[number - 1].since(start)
    mine = reading.layer(number)
    hidden = _distances(mine.h[: len(other.h)], other.h)
    memory = None
    if mine.c is not None and other.c is not None:
        memory = _relative(_distances(mine.c[: len(other.c)], other.c))
    return Forgetting(instead, float(hidden[0]), _relative(hidden), memory)


def forgotten_after(relative: Numbers) -> int | None:
    """How many symbols after the first one less than LEFT remains for good; None where that is not reached."""
    large = np.flatnonzero(~(relative < LEFT))
    after = int(large[-1]) + 1 if len(large) else 0
    return after if after < len(relative) else None


def _another(ids: NDArray[np.int32], vocab_size: int) -> int | None:
    """An id that is not the first."""
    rest = ids[ids != ids[0]]
    if len(rest):
        return int(rest[0])
    return next((id_ for id_ in range(len(SPECIALS), vocab_size) if id_ != ids[0]), None)


def _distances(one: NDArray[np.float32], other: NDArray[np.float32]) -> Numbers:
    """Euclidean distance of states [T, H] at each symbol [T]."""
    found: Numbers = np.linalg.norm(one.astype(np.float64) - other.astype(np.float64), axis=1)
    return found


def _relative(distances: Numbers) -> Numbers:
    """To the first one [T]."""
    return distances / distances[0] if distances[0] > 0 else np.full(len(distances), np.nan)
