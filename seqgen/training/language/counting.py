"""The half of training that only counts: the Markov model, and the baselines that a network has to beat.

Torch-free; in a hybrid it runs in a thread of its own while torch is still being loaded.
"""

from __future__ import annotations

import lzma
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.config import Config
from seqgen.families import family_of
from seqgen.markov import Markov, MarkovScorer, fit
from seqgen.markov.count import LIMIT

# xz is slow and gains little from distant text: it gets only the end of a long training text, and less in a short run.
XZ_BYTES = 2_000_000
XZ_BYTES_A_MINUTE = 500_000
# Symbols counted per minute of budget: about three seconds of work.
COUNTED_A_MINUTE = 1_500_000


@dataclass(frozen=True)
class Counted:
    """A counted model, and the log-probability it gives each held-out symbol."""

    model: Markov
    valid: NDArray[np.float32]
    notes: tuple[str, ...] = ()

    def baselines(self, chars: int, xz: float) -> dict[str, float]:
        """What a network has to beat, in bits per character, for a held-out text of `chars` characters; empty without one."""
        if not len(self.valid):
            return {}
        return {"counting": -float(self.valid.sum(dtype=np.float64)) / chars / math.log(2), "xz": xz}


def count(train: NDArray[Any], valid: NDArray[Any], vocab_size: int, config: Config) -> Counted:
    """Count `train`; score `valid`, whose first id is only context. Where no order is set, held-out text chooses it.

    A network trained for few minutes leaves few seconds for counting.
    """
    minutes = config.minutes if config.timed and family_of(config).network else None
    limit = LIMIT if minutes is None else min(LIMIT, int(COUNTED_A_MINUTE * max(1.0, minutes)))
    model = fit(train, valid, vocab_size, config.order, limit)
    notes = []
    if model.counted < len(train):
        notes.append(f"counting used {model.counted:,} of {len(train):,} symbols, spread evenly over the text")
    scored = np.zeros(0, dtype=np.float32)
    if len(valid) > 1:
        scorer = MarkovScorer(model)
        scored, _ = scorer.score(valid, scorer.start([valid[:1]]))
    return Counted(model, scored, notes=tuple(notes))


def xz_bits(train: str, valid: str, config: Config) -> float:
    """Bits per character that xz needs for the held-out text after it has seen the end of the training text."""
    if not valid:
        return 0.0
    minutes = config.minutes if config.timed and family_of(config).network else None
    limit = XZ_BYTES if minutes is None else min(XZ_BYTES, int(XZ_BYTES_A_MINUTE * max(1.0, minutes)))
    before = train.encode()[-limit:]
    after = before + valid.encode()
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 23}]
    sizes = [len(lzma.compress(data, format=lzma.FORMAT_XZ, filters=filters)) for data in (before, after)]
    return (sizes[1] - sizes[0]) * 8 / max(1, len(valid))
