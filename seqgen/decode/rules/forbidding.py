"""Rules that forbid: ids, beginnings, and repeated runs of ids.

Shape legend: N rows, V vocabulary, T ids of history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seqgen.decode.rules.base import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.decode.rules.base import History, Logits

# Symbols of an n-gram that are compared at once.
MOST_AT_ONCE = 64


def forbidden(ids: Sequence[int]) -> Rule:
    """Never these ids."""
    import numpy as np

    columns = np.array(ids, dtype=np.intp)

    def apply(logits: Logits, history: History) -> Logits:
        logits[:, columns] = -np.inf
        return logits

    return Rule(apply, name="forbidden")


def not_first(ids: Sequence[int]) -> Rule:
    """None of these ids where nothing has been written yet."""
    never = forbidden(ids)

    def apply(logits: Logits, history: History) -> Logits:
        return logits if history.shape[1] else never.apply(logits, history)

    return Rule(apply, window=1)


def no_repeat_ngram(n: int) -> Rule:
    """Never the same n ids in a row twice, unless nothing else is left.

    Paulus et al. 2017, "A Deep Reinforced Model for Abstractive Summarization", §2.5, for n = 3.
    """
    import numpy as np

    def apply(logits: Logits, history: History) -> Logits:
        length = history.shape[1]
        if length >= n:
            # Where n-grams begin, of which there are none before the beginning of a row.
            rows, places = np.nonzero(_begins(history, n))
            # From the last symbol but one backwards, more and more at a time: few places are left after the first of them.
            back, step = 2, 1
            while back < n and len(rows):
                backs = np.arange(back, min(back + step, n))
                here, newest = (rows[:, None], places[:, None] + n - 1 - backs), (rows[:, None], length - backs)
                same = (history[here] == history[newest]).all(axis=1)
                rows, places = rows[same], places[same]
                back, step = back + step, min(2 * step, MOST_AT_ONCE)
            banned = history[rows, places + n - 1]
            before = logits[rows, banned]
            logits[rows, banned] = -np.inf
            spent = (logits == -np.inf).all(axis=1)[rows]
            logits[rows[spent], banned[spent]] = before[spent]
        return logits

    return Rule(apply, window=None)


def _begins(history: History, n: int) -> NDArray[np.bool_]:
    """At which places [N, T - n + 1] an n-gram begins whose last symbol but one is the newest of all."""
    length = history.shape[1]
    begins = history[:, : length - n + 1] >= 0
    return begins if n == 1 else begins & (history[:, n - 2 : length - 1] == history[:, -1:])


def logit_bias(biases: Mapping[int, float]) -> Rule:
    """Add to the logits of ids what is given for each: their odds are multiplied by exp(bias); -inf forbids an id for good."""
    import numpy as np

    columns, added = np.array(list(biases), dtype=np.intp), np.array(list(biases.values()), dtype=np.float32)

    def apply(logits: Logits, history: History) -> Logits:
        logits[:, columns] += added
        return logits

    return Rule(apply, name="logit_bias", bans=True)
