"""What a rule is.

Shape legend: N rows, V vocabulary, T ids of history.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Logits = NDArray[np.float32]
    History = NDArray[np.int64]
    Rows = NDArray[np.intp]

# A value nearer to zero would turn float32 logits into infinity; this one already has the same effect.
LEAST = 1e-20


def stateless(rows: Rows) -> None:
    """The `reorder` of a rule that remembers nothing about its rows."""


class Rule(NamedTuple):
    """One rule of one search. `window`: how many of the last ids of each row it needs to see, None for all of them.

    Row i of the next logits will belong to what was row rows[i], after `reorder(rows)`; rows may repeat or drop out. `name` is
    what it is called where its work is shown: the name of its setting, where it has one. `bans`: it may leave a row nothing at
    all to draw, which ends that row; any other rule leaves at least one symbol of a row that has some.
    """

    apply: Callable[[Logits, History], Logits]
    window: int | None = 0
    reorder: Callable[[Rows], None] = stateless
    name: str = ""
    bans: bool = False
