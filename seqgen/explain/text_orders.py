"""What a Transformer that writes text makes of two orders of the same symbols, with positions and without.

Attention has no order of its own: without positions, the first layer's state of a symbol depends on which symbols stand before
it, not on where. The mask gives some of it away to the layers above: a symbol that stood early was read with less before it.

Shape legend: L layers, T symbols, D width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.infer.decoder import DecoderScorer
from seqgen.tokenizers.base import SPECIALS, Tokenizer

# Symbols that the model expects next, the likeliest first, each with its probability.
Expected = tuple[tuple[str, float], ...]
NAMED = 3


@dataclass(frozen=True)
class TextOrders:
    """`differences` [L] say how far apart the states of the last symbol are behind each layer, |a - b| / |a|; `apart` is the
    total variation distance of what is expected next, 0 for the same and 1 for nothing in common."""

    name: str
    positions: bool
    differences: NDArray[np.float64]
    apart: float
    expected: tuple[Expected, Expected]


def text_orders(name: str, scorer: DecoderScorer, tokenizer: Tokenizer, orders: tuple[Ids, Ids]) -> TextOrders:
    """Read two orders of the same symbols, the last of which is the same."""
    first, second = (scorer.look(order)[1][:, -1] for order in orders)  # [L, D] each
    distance = np.linalg.norm(first - second, axis=1) / np.linalg.norm(first, axis=1)  # [L]
    found = []
    for order in orders:
        log_probs, _ = scorer.step(scorer.start([order]), order[-1:])
        found.append(np.exp(log_probs[0].astype(np.float64)))
    apart = float(np.abs(found[0] - found[1]).sum() / 2)
    likeliest = [_expected(tokenizer, probs) for probs in found]
    return TextOrders(name, scorer.shape.positions, distance.astype(np.float64), apart, (likeliest[0], likeliest[1]))


def _expected(tokenizer: Tokenizer, probs: NDArray[np.float64]) -> Expected:
    best = (np.argsort(-probs[len(SPECIALS) :], kind="stable")[:NAMED] + len(SPECIALS)).tolist()
    return tuple((tokenizer.symbol(id_), float(probs[id_])) for id_ in best)
