"""What attention over N positions costs against a recurrent step, in time and in bytes, measured here.

Attention is softmax(Q K^T / sqrt(d)) V (Vaswani et al. 2017, §3.2), for all heads at once as the formula is written:
each position has a score for each other, heads * N^2 in all. (Kernels that never hold all scores need less memory
and as many operations.) A recurrent layer takes N steps of one size, whatever N is, but one after the other. The same holds
when a model writes: for one more symbol attention looks at all N kept keys and values, an LSTM at its state.

Both are NumPy in float32: the growth with N is that of the method, the factors are those of this machine and
of NumPy, whose steps cost some microseconds each whatever they do.

Shape legend: N positions, D width, A heads, d = D / A width of a head.
"""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ConfigError
from seqgen.explain.gates import sigmoid

Array = NDArray[np.float32]

HEADS = 4
FIRST = 64  # positions
SPARE = 3  # the scores may take at most one part in so many of the free memory
# Seconds that a call is repeated for, at least and at most: on a busy machine, quiet moments are rare.
SHORTEST, LONGEST = 0.05, 1.5


@dataclass(frozen=True)
class AttentionLayer:
    """One layer of self-attention: queries, keys and values are x inputs [D, 3 D]; outputs [D, D] joins the heads."""

    inputs: Array
    outputs: Array

    def read(self, x: Array) -> Array:
        """All positions look at all positions: x [N, D] to [N, D]."""
        length, width = x.shape
        parts = (x @ self.inputs).reshape(length, 3, HEADS, width // HEADS)  # [N, 3 D] -> [N, 3, A, d]
        queries, keys, values = parts.transpose(1, 2, 0, 3)  # [A, N, d] each
        weights = _softmax(_scaled(queries @ keys.transpose(0, 2, 1), width))  # [A, N, N]
        mixed: Array = weights @ values  # [A, N, d]
        joined: Array = mixed.transpose(1, 0, 2).reshape(length, width) @ self.outputs  # [A, N, d] -> [N, D]
        return joined

    def step(self, x: Array, keys: Array, values: Array) -> Array:
        """One new position x [D] looks at N kept ones, keys and values [A, N, d], of which the last becomes its own."""
        width = len(x)
        query, key, value = (x @ self.inputs).reshape(3, HEADS, width // HEADS)  # [3 D] -> [3, A, d]
        keys[:, -1], values[:, -1] = key, value
        scores = _scaled(keys @ query[:, :, None], width)[:, :, 0]  # [A, N, d] [A, d, 1] -> [A, N]
        mixed: Array = _softmax(scores)[:, None, :] @ values  # [A, 1, N] [A, N, d] -> [A, 1, d]
        joined: Array = mixed.reshape(width) @ self.outputs  # [A, 1, d] -> [D]
        return joined


@dataclass(frozen=True)
class RecurrentLayer:
    """One LSTM layer (Hochreiter & Schmidhuber 1997): inputs and recurrent [D, 4 D], gates in the order i, f, g, o."""

    inputs: Array
    recurrent: Array

    def read(self, x: Array) -> Array:
        """All positions, one after the other: x [N, D] to the hidden states [N, D]."""
        h: Array = np.zeros(x.shape[1], np.float32)
        c = h
        parts = x @ self.inputs  # [N, 4 D]: the one product that need not wait
        states = np.empty_like(x)
        for t in range(len(x)):
            h, c = _lstm(parts[t] + h @ self.recurrent, c)
            states[t] = h
        return states

    def step(self, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
        """One new position x [D] and the state, [D] each, to the next state."""
        return _lstm(x @ self.inputs + h @ self.recurrent, c)


@dataclass(frozen=True)
class Cost:
    """Seconds (the least of all repetitions) and bytes for each N. For reading: the most that was allocated at one time
    during the call. For writing one symbol: what is kept from symbol to symbol."""

    seconds: tuple[float, ...]
    bytes: tuple[int, ...]


@dataclass(frozen=True)
class Costs:
    """All measurements over `positions`, powers of two; `wanted` is the largest that was asked for."""

    positions: tuple[int, ...]
    wanted: int
    width: int
    attention: Cost
    recurrence: Cost
    attention_step: Cost
    recurrence_step: Cost


def check_width(width: int) -> None:
    """Raise ConfigError for a width that the heads do not divide."""
    if width % HEADS:
        raise ConfigError(f"--width: expected a multiple of {HEADS}, the number of heads, found {width}")


def positions_up_to(largest: int, available: int | None) -> tuple[int, ...]:
    """The powers of two from FIRST to `largest`, as far as the scores fit SPARE times into `available` bytes of memory.

    `available` is None where it is unknown. The first two are always included.
    """
    sizes = [FIRST]
    while 2 * sizes[-1] <= largest:
        sizes.append(2 * sizes[-1])
    return tuple(n for n in sizes if n <= 2 * FIRST or available is None or SPARE * score_bytes(n) <= available)


def score_bytes(positions: int) -> int:
    """Bytes of all scores of all heads."""
    return HEADS * positions**2 * 4


def bytes_available(meminfo: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes available without swapping, as Linux reports it, and no more than the control group has left; None elsewhere."""
    limits = []
    try:
        found = [
            line.split()[1] for line in meminfo.read_text(encoding="ascii").splitlines() if line.startswith("MemAvailable:")
        ]
        limits += [int(kilobytes) * 1024 for kilobytes in found]
    except (OSError, ValueError, IndexError):
        pass
    try:
        # A container sees all of its host's memory, and is ended when it takes more than its share. "max" is not a number.
        most, taken = (int((cgroup / name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current"))
        limits.append(max(0, most - taken))
    except (OSError, ValueError):
        pass
    return min(limits, default=None)


def measure(
    width: int, positions: Sequence[int], wanted: int, repeats: int, tell: Callable[[float], None] = lambda share: None
) -> Costs:
    """Measure both for each N of `positions`. `tell` is called with the share done. Raises ConfigError as check_width does."""
    check_width(width)
    rng = np.random.default_rng(0)
    attention = AttentionLayer(_random(rng, width, 3 * width), _random(rng, width, width))
    recurrence = RecurrentLayer(_random(rng, width, 4 * width), _random(rng, width, 4 * width))
    rows = []
    whole = sum(n**2 for n in positions)
    for index, n in enumerate(positions):
        rows.append(_measured(attention, recurrence, _random(rng, n, width), repeats))
        tell(sum(m**2 for m in positions[: index + 1]) / whole)
    costs = [Cost(*(tuple(part) for part in zip(*column, strict=True))) for column in zip(*rows, strict=True)]
    return Costs(tuple(positions), wanted, width, *costs)


def _measured(attention: AttentionLayer, recurrence: RecurrentLayer, x: Array, repeats: int) -> list[tuple[float, int]]:
    """Seconds and bytes over x [N, D]: attention and recurrence reading, then each writing one more symbol."""
    length, width = x.shape
    keys = x.reshape(HEADS, length, width // HEADS).copy()  # [A, N, d]: any numbers will do
    values = keys.copy()
    h = c = np.zeros(width, np.float32)
    return [
        (seconds_of(lambda: attention.read(x), repeats), bytes_of(lambda: attention.read(x))),
        (seconds_of(lambda: recurrence.read(x), repeats), bytes_of(lambda: recurrence.read(x))),
        (seconds_of(lambda: attention.step(x[-1], keys, values), repeats), keys.nbytes + values.nbytes),
        (seconds_of(lambda: recurrence.step(x[-1], h, c), repeats), h.nbytes + c.nbytes),
    ]


def seconds_of(work: Callable[[], Any], repeats: int) -> float:
    """The shortest time of at least `repeats` calls: whatever disturbs a measurement makes it longer."""
    least, began, calls = math.inf, time.perf_counter(), 0
    while True:
        start = time.perf_counter()
        work()
        now = time.perf_counter()
        least, calls = min(least, now - start), calls + 1
        if now - began > LONGEST or (calls > repeats and now - began > SHORTEST):
            return least


def bytes_of(work: Callable[[], Any]) -> int:
    """The most bytes that NumPy and Python had allocated at one time during the work, its result included."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = work()
        peak = tracemalloc.get_traced_memory()[1]
        del result
    finally:
        tracemalloc.stop()
    return max(0, peak - before)


def larger_half(positions: Sequence[int]) -> Sequence[int]:
    """The sizes that growth is fitted to, at least two: at the smaller ones other costs matter."""
    return positions[-(len(positions) // 2 + 1) :]


def exponent(positions: Sequence[int], values: Sequence[float]) -> float:
    """The p of values ~ positions^p over the larger half, by least squares in logarithms."""
    sizes = larger_half(positions)
    return float(np.polyfit(np.log(sizes), np.log(values[-len(sizes) :]), 1)[0])


def crossover(positions: Sequence[int], first: Sequence[float], second: Sequence[float]) -> float | None:
    """The N above which `first` is larger than `second`; between measured N, by straight lines in logarithms.

    None where that holds from the start, or never, or where they cross more than once.
    """
    gaps = np.log(first) - np.log(second)
    changes = np.flatnonzero(np.diff(np.sign(gaps)))
    if len(changes) != 1 or gaps[0] >= 0:
        return None
    at = changes[0]
    share = -gaps[at] / (gaps[at + 1] - gaps[at])
    return float(positions[at] * (positions[at + 1] / positions[at]) ** share)


def _random(rng: np.random.Generator, *shape: int) -> Array:
    """Weights and inputs of ordinary size."""
    numbers: Array = (rng.standard_normal(shape) / shape[-1] ** 0.5).astype(np.float32)
    return numbers


def _scaled(scores: Array, width: int) -> Array:
    """Scores over sqrt(d), in place."""
    scores *= np.float32((width // HEADS) ** -0.5)
    return scores


def _softmax(scores: Array) -> Array:
    """Over the last axis, in place, so that all scores are held once and not four times."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def _lstm(gates: Array, c: Array) -> tuple[Array, Array]:
    """h and c [D] from the inputs of the gates [4 D] and c."""
    i, f, g, o = np.split(gates, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c
