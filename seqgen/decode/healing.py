"""A prompt that ends within a piece: the model chooses again how its end is spelt, and goes on within the piece.

A model of pieces has learnt " hello" as one of them, and hardly ever what follows " hel" and nothing more. So the end of such
a prompt is taken back, and whatever comes first has to spell it ("token healing", as in the library guidance).

Shape legend: N rows, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqgen.decode.rules import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def spelling(end: bytes, table: Sequence[bytes], rows: int) -> Rule:
    """Until `end` is spelt, only ids whose bytes, in `table` [V], begin with the rest of it, or the rest with them."""
    import numpy as np

    rests = [end] * rows
    allowed: dict[bytes, NDArray[np.bool_]] = {}
    begun = False

    def mask(rest: bytes) -> NDArray[np.bool_]:
        if rest not in allowed:
            allowed[rest] = np.array([bool(data) and (data.startswith(rest) or rest.startswith(data)) for data in table])
        return allowed[rest]

    def apply(logits: NDArray[np.float32], history: NDArray[np.int64]) -> NDArray[np.float32]:
        nonlocal begun
        for row, rest in enumerate(rests):
            if rest and begun:
                rests[row] = rest[len(table[int(history[row, -1])]) :]
            if rests[row]:
                logits[row, ~mask(rests[row])] = -np.inf
        begun = True
        return logits

    def reorder(chosen: NDArray[np.intp]) -> None:
        rests[:] = [rests[row] for row in chosen.tolist()]

    return Rule(apply, window=1, reorder=reorder, name="prompt")
