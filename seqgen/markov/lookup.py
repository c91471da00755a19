"""What a Markov model looked up at each place of a text: the longest known context, and the longest that saw the symbol.

Shape legend: T symbols of a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.markov.model import Markov


@dataclass(frozen=True)
class Lookups:
    """One entry for each symbol of a text but the first [T - 1].

    `known`: length of the longest context that the counted text has; `known_count`: how often it has it. `used`: length of
    the longest context after which this very symbol was seen, -1 where it never was; `used_count`: how often that context
    occurs in the counted text, and `followed`: how often the symbol follows it there. Counts are 0 where there are none,
    and everywhere in a model that was saved without counts.
    """

    known: NDArray[np.int64]
    known_count: NDArray[np.int64]
    used: NDArray[np.int64]
    used_count: NDArray[np.int64]
    followed: NDArray[np.int64]


def look_up(model: Markov, ids: NDArray[Any]) -> Lookups:
    """Walk a text; each symbol is looked up after the longest context before it that the model knows."""
    rows = []
    node = 0
    for before, id_ in zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True):
        node = _advance(model, node, before)
        context, found = node, _child(model, node, id_)
        while found < 0 and context:
            context = int(model.suffix[context])
            found = _child(model, context, id_)
        used = _length(model, context) if found >= 0 else -1
        counts = (_count(model, node), _count(model, context) if found >= 0 else 0, _count(model, found))
        rows.append((_length(model, node), counts[0], used, counts[1], counts[2]))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T  # [T - 1] rows of five -> [5, T - 1]
    return Lookups(*columns)


def _advance(model: Markov, node: int, id_: int) -> int:
    """The longest known context, of at most `order` symbols, after one more symbol."""
    while True:
        found = _child(model, node, id_)
        if 0 <= found < len(model.backoff):
            return found
        if node == 0:
            return 0
        node = int(model.suffix[node])


def _child(model: Markov, node: int, id_: int) -> int:
    """The node of a context with one more symbol, -1 where it was never seen."""
    begin, end = int(model.first[node]), int(model.first[node + 1])
    place = begin + int(np.searchsorted(model.symbol[begin:end], id_))
    return place if place < end and model.symbol[place] == id_ else -1


def _length(model: Markov, node: int) -> int:
    return int(np.searchsorted(model.starts, node, side="right")) - 1


def _count(model: Markov, node: int) -> int:
    return 0 if model.count is None or node < 0 else int(model.count[node])
