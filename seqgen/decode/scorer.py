"""What every model looks like to the search: ids in, log-probabilities out.

Shape legend: N rows decoded side by side, V vocabulary, T length of a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.integer[Any]]
LogProbs = NDArray[np.float32]
State = Any  # opaque to the search: made by start, threaded through step, permuted by reorder


class TextScorer(Protocol):
    """What reads a text from its beginning to its end, and says how likely each symbol was."""

    def start(self, prompts: Sequence[Ids]) -> State:
        """The state after reading all but the last id of each prompt (each of one id or more, of any length)."""
        ...

    def score(self, ids: Ids, state: State) -> tuple[LogProbs, State]:
        """Log-probability of each of ids[1:] given all before it [T - 1], for a state of one row.

        Reads ids[:-1]; so a long text may be scored in pieces that overlap by one id. `start([ids[:1]])` is the state
        to begin with.
        """
        ...


class Scorer(TextScorer, Protocol):
    """A language model that is queried one symbol at a time.

    A state sums up all ids read so far, for N rows at once. `step` may overwrite the state it was given: a caller who
    wants to come back to it copies it first, with `reorder(state, arange(N))`. Returned log-probabilities belong to the
    caller, who may change them in place; each row sums to one in probability, over all V ids, special ones included.
    """

    @property
    def vocab_size(self) -> int:
        """V: how many ids there are."""
        ...

    def step(self, state: State, last: Ids) -> tuple[LogProbs, State]:
        """Read `last` [N], one id per row; return log-probabilities of the next id [N, V] and the new state."""
        ...

    def reorder(self, state: State, rows: NDArray[np.intp]) -> State:
        """A copy of the state whose row i is row rows[i] of the old one; rows may repeat or drop out."""
        ...


class Joining(Scorer, Protocol):
    """A language model whose rows may come from several states, so that texts which begin at different times are written side
    by side."""

    def join(self, states: Sequence[State]) -> State:
        """One state with the rows of all states, in their order. It may be one of them, where that is the only one."""
        ...
