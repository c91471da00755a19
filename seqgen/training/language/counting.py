"""The half of training that only counts: the Markov model, and the baselines that a network has to beat.

Torch-free; in a hybrid it runs in a thread of its own while torch is still being loaded.
"""

from __future__ import annotations

import lzma
import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.config import BINARY, Config
from seqgen.families import family_of
from seqgen.markov import Markov, MarkovScorer, fit
from seqgen.markov.count import LIMIT
from seqgen.metrics.likelihood import total_nats
from seqgen.tokenizers.base import UNK

# xz is slow and gains little from distant text: it gets only the end of a long training text, and less in a short run.
XZ_BYTES = 2_000_000
# Share of a network's budget in minutes that counting may take, and xz beside it.
SHARE = 0.1
# Part of it that is planned with: a busy machine is slower the next moment.
PLANNED = 0.8
# Symbols and bytes that are enough to measure how fast this machine counts and packs just now.
MEASURED_SYMBOLS, MEASURED_BYTES = 100_000, 50_000


@dataclass(frozen=True)
class Counted:
    """A counted model, and the log-probability it gives each held-out symbol."""

    model: Markov
    valid: NDArray[np.float32]
    notes: tuple[str, ...] = ()

    def baselines(self, ids: NDArray[Any], chars: int, xz: float) -> dict[str, float]:
        """What a network has to beat, in bits per character, for held-out ids that spell `chars` characters; empty without.

        As in every score, a character that training has never seen costs what it takes to say which one it is; xz, which
        packs bytes, pays for it too.
        """
        if not len(self.valid):
            return {}
        nats = total_nats(self.valid, ids, UNK, self.model.vocab_size)
        return {"counting": nats / chars / math.log(2), "xz": xz}


def count(train: NDArray[Any], valid: NDArray[Any], vocab_size: int, config: Config) -> Counted:
    """Count `train`; score `valid`, whose first id is only context. Where no order is set, held-out text chooses it.

    Where a network is to be trained in minutes, a tenth of them is for counting: what does not fit is left out, and noted.
    """
    seconds = _allowed(config)
    limit = LIMIT if seconds is None else _countable(train, valid, vocab_size, config.order, seconds)
    model = fit(train, valid, vocab_size, config.order, limit)
    notes = []
    if model.counted < len(train):
        why = "" if limit == LIMIT else f": it may take {SHARE:.0%} of the time"
        notes.append(f"counting used {model.counted:,} of {len(train):,} symbols, spread evenly over the text{why}")
    return scored(model, valid, tuple(notes))


def scored(model: Markov, valid: NDArray[Any], notes: tuple[str, ...] = ()) -> Counted:
    """A counted model with what it says of `valid`, whose first id is only context."""
    log_probs = np.zeros(0, dtype=np.float32)
    if len(valid) > 1:
        scorer = MarkovScorer(model)
        log_probs, _ = scorer.score(valid, scorer.start([valid[:1]]))
    return Counted(model, log_probs, notes)


def xz_bits(train: str, valid: str, config: Config) -> float:
    """Bits per character that xz needs for the held-out text after it has seen the end of the training text."""
    if not valid:
        return 0.0
    encoding = "latin-1" if config.encoding == BINARY else "utf-8"
    before, held_out = train[-XZ_BYTES:].encode(encoding)[-XZ_BYTES:], valid.encode(encoding)
    seconds = _allowed(config)
    if seconds is not None:
        sample = held_out[:MEASURED_BYTES]
        begin = time.perf_counter()
        _packed(sample)
        # The training text is packed twice: once alone, once before the held-out text.
        size = max(1, int(PLANNED * seconds * len(sample) / (time.perf_counter() - begin)) // 3)
        before, held_out = before[-size:], held_out[:size]
    return (_packed(before + held_out) - _packed(before)) * 8 / max(1, len(held_out.decode(encoding, errors="ignore")))


def _packed(data: bytes) -> int:
    """Bytes that xz makes of them."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 23}]
    return len(lzma.compress(data, format=lzma.FORMAT_XZ, filters=filters))


def _allowed(config: Config) -> float | None:
    """Seconds for counting; None where nothing else waits for it, or steps are what counts."""
    return SHARE * config.minutes * 60 if config.timed and config.minutes and family_of(config).network else None


def _countable(train: NDArray[Any], valid: NDArray[Any], vocab_size: int, order: int | None, seconds: float) -> int:
    """How many symbols this machine counts in the seconds, and scores the held-out ones: each takes about as long."""
    if len(train) < 2 * MEASURED_SYMBOLS:
        return LIMIT
    begin = time.perf_counter()
    fit(train[:MEASURED_SYMBOLS], valid, vocab_size, order)
    measured = time.perf_counter() - begin
    fits = PLANNED * (seconds - measured) / measured * MEASURED_SYMBOLS
    return max(MEASURED_SYMBOLS, min(LIMIT, int(fits) - len(valid)))
