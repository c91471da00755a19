"""Mirostat: cut so that what is written surprises as much as was asked for, on average.

Shape legend: N rows, V vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen.decode.rules.base import Rule
from seqgen.decode.rules.cuts import softmax

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.decode.rules.base import History, Logits, Rows

# Of the likeliest symbols so many say how steeply probabilities fall, as in the paper.
ZIPF = 100


def mirostat(version: int, mirostat_ent: float = 5.0, mirostat_lr: float = 0.1) -> Rule:
    """Keep the surprise of what is drawn near `mirostat_ent` bits a symbol: after each draw the greatest that is allowed, which
    begins at twice that, moves by `mirostat_lr` times the error.

    Basu et al. 2021, "Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity", algorithm 1 (version 1: by
    the exponent of Zipf's law, to a number of symbols) and its simpler form as version 2 (symbols of more surprise are cut).
    The surprise is that under the distribution that comes in, before the cut, as in the authors' programs.
    """
    import numpy as np

    cut = _by_zipf if version == 1 else _by_surprise
    # Of each row the surprise of each symbol at the last step [N, V], and the greatest that is allowed [N].
    surprise = np.zeros((0, 0))
    allowed = np.zeros(0)

    def apply(logits: Logits, history: History) -> Logits:
        nonlocal surprise, allowed
        if len(surprise) != len(logits):
            allowed = np.full(len(logits), 2.0 * mirostat_ent)
        else:
            taken = surprise[np.arange(len(logits)), history[:, -1]]
            allowed = allowed - mirostat_lr * (np.where(np.isfinite(taken), taken, mirostat_ent) - mirostat_ent)
        with np.errstate(divide="ignore"):
            surprise = -np.log2(softmax(logits))
        logits[cut(surprise, allowed)] = -np.inf
        return logits

    def reorder(rows: Rows) -> None:
        nonlocal surprise, allowed
        if len(surprise):
            surprise, allowed = surprise[rows], allowed[rows]

    return Rule(apply, window=1, reorder=reorder)


def _by_surprise(surprise: NDArray[np.float64], allowed: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Cut [N, V] what surprises more than is allowed; the likeliest symbol stays."""
    import numpy as np

    cut: NDArray[np.bool_] = surprise > np.maximum(allowed[:, None], surprise.min(axis=1, keepdims=True))
    return cut


def _by_zipf(surprise: NDArray[np.float64], allowed: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Cut [N, V] all but the k likeliest, where k follows from the exponent of Zipf's law (eq. 30 and algorithm 1)."""
    import numpy as np

    size = surprise.shape[1]
    order = np.argsort(surprise, axis=1, kind="stable")
    top = np.take_along_axis(surprise, order[:, :ZIPF], 1) * np.log(2)  # -log p
    # s = sum(t b) / sum(t t) with t = log((i + 1) / i) and b = log(p_i / p_(i + 1)); what the model never has counts as equal.
    t = np.log((np.arange(top.shape[1] - 1) + 2) / (np.arange(top.shape[1] - 1) + 1))
    with np.errstate(invalid="ignore"):
        b = np.diff(top, axis=1)
    exponent = np.maximum((np.where(np.isfinite(b), b, 0) * t).sum(axis=1) / max(float((t * t).sum()), 1e-9), 1e-3)
    epsilon = exponent - 1
    epsilon = np.where(np.abs(epsilon) < 1e-6, 1e-6, epsilon)
    with np.errstate(over="ignore", invalid="ignore"):
        k = (epsilon * 2.0**allowed / (1 - size ** (-epsilon))) ** (1 / exponent)
    kept = np.clip(np.where(np.isfinite(k), np.round(k), size), 1, size)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(size), order.shape), 1)
    cut: NDArray[np.bool_] = rank >= kept[:, None]
    return cut
