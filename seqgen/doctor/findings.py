"""What the looks have found: for each pair its kinds, and the worst of each kind with what is wrong with them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqgen.doctor.kinds import BITS, KINDS


class Example(NamedTuple):
    """One of the worst pairs of a kind: how bad it is, the negative of its number (of equals the first counts), and what is
    wrong with it."""

    badness: float
    minus: int
    detail: str

    @property
    def place(self) -> int:
        """The pair's number, from 0."""
        return -self.minus


class Findings:
    """Flags of N pairs, and examples. Looks add to it in any order."""

    def __init__(self, pairs: int, shown: int) -> None:
        """`shown` is how many of each kind are kept as examples."""
        self.flags: NDArray[np.uint32] = np.zeros(pairs, np.uint32)
        self.shown = shown
        self._worst: dict[str, list[Example]] = {name: [] for name in KINDS}

    def __len__(self) -> int:
        return len(self.flags)

    def grow(self, pairs: int) -> None:
        """There are more pairs, of no kind yet."""
        self.flags = np.concatenate([self.flags, np.zeros(pairs, np.uint32)])

    def add(self, kind: str, place: int, badness: float, detail: str) -> None:
        """A pair is of a kind."""
        self.flags[place] |= BITS[kind]
        self._keep(kind, Example(badness, -place, detail))

    def add_all(self, kind: str, places: NDArray[np.int64], badness: NDArray[np.float64], detail: Callable[[int], str]) -> None:
        """Many pairs are; `detail` of a place among `places` is asked for the worst only."""
        self.flags[places] |= BITS[kind]
        for at in np.lexsort((places, -badness))[: self.shown].tolist():
            self._keep(kind, Example(float(badness[at]), -int(places[at]), detail(at)))

    def of(self, kind: str) -> NDArray[np.bool_]:
        """Which pairs are of a kind [N]."""
        return np.asarray((self.flags & BITS[kind]) != 0, np.bool_)

    def count(self, kind: str) -> int:
        """How many are."""
        return int(np.count_nonzero(self.of(kind)))

    def of_any(self, kinds: Iterable[str]) -> NDArray[np.bool_]:
        """Which are of one of these kinds [N]."""
        return np.asarray((self.flags & sum({BITS[kind] for kind in kinds})) != 0, np.bool_)

    def worst(self, kind: str) -> list[Example]:
        """The worst pairs of a kind, the worst first."""
        return sorted(self._worst[kind], reverse=True)

    def _keep(self, kind: str, example: Example) -> None:
        heap = self._worst[kind]
        if len(heap) < self.shown:
            heapq.heappush(heap, example)
        else:
            heapq.heappushpop(heap, example)
