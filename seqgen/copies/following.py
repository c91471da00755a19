"""How long the end of what is being written stands in the training text already, and what follows there.

Shape legend: M places of the training text behind which the end of the written text stands.
"""

from __future__ import annotations

import copy
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seqgen.copies.index import BASE, MASK, CopyIndex, Places, codes_of


class Follower:
    """Reads a text character by character, and knows all stretches of `index.length` characters or more that end where it
    stands: the `places` [M] behind them in the training text, and how long they are."""

    def __init__(self, index: CopyIndex, text: str = "") -> None:
        self.index = index
        self.places: Places = np.zeros(0, dtype=np.int64)
        self._begins: Places = np.zeros(0, dtype=np.int64)  # [M], counted in characters that were read
        self._read: list[int] = []
        self._hashed = 0  # of the last k characters
        self._first = pow(BASE, index.size, 1 << 64)  # what the one before them counts in it
        for code in codes_of(text).tolist():
            self.push(code)

    def copy(self) -> Self:
        """One that reads on by itself."""
        made = copy.copy(self)
        made._read = self._read.copy()
        return made

    @property
    def lengths(self) -> Places:
        """Of the stretches that end here [M]."""
        return len(self._read) - self._begins

    @property
    def longest(self) -> int:
        """Characters of the longest stretch that ends here, 0 where none does."""
        return len(self._read) - int(self._begins.min()) if len(self._begins) else 0

    def push(self, code: int) -> None:
        """Read one more character."""
        index, read = self.index, self._read
        if len(self.places):
            goes_on = index.codes.take(self.places, mode="clip") == code
            goes_on &= self.places < len(index.codes)
            self.places, self._begins = self.places[goes_on] + 1, self._begins[goes_on]
        read.append(code)
        if len(read) > index.size:
            self._hashed = self._hashed * BASE + code - read[-index.size - 1] * self._first & MASK
        else:
            self._hashed = self._hashed * BASE + code & MASK
            if len(read) < index.size:
                return
        if len(found := index.find(self._hashed)):
            self._begin(found)

    def _begin(self, found: Places) -> None:
        """Follow the indexed places at which the last k characters may stand, but for those that are followed already."""
        size = self.index.size
        if len(self.places):
            # While a stretch is being copied, mostly all of them. A set is faster for a few.
            known = set((self.places - size).tolist())
            found = np.array([place for place in found.tolist() if place not in known], dtype=np.int64)
            if not len(found):
                return
        read = np.array(self._read[-self.index.length :][::-1], dtype=np.uint32)  # the last one first
        ends = found + size - 1
        back = ends[:, None] - np.arange(len(read))  # [M, length]
        same = self.index.codes.take(back, mode="clip") == read
        same &= back >= 0
        # What was longer than this would have held another indexed place, and would be followed already.
        lengths = same.cumprod(axis=1).sum(axis=1)
        is_there = lengths >= size
        found, lengths = found[is_there], lengths[is_there]
        self.places = np.concatenate([self.places, found + size])
        self._begins = np.concatenate([self._begins, len(self._read) - lengths])


def following(index: CopyIndex, places: NDArray[np.int64], length: int) -> list[str]:
    """The different stretches of `length` characters that stand at these places."""
    inside = places[places + length <= len(index.codes)]
    if not len(inside):
        return []
    if length == 1:  # of symbols that are characters: mostly a few places, and always the same few characters
        return list(map(chr, set(index.codes[inside].tolist())))
    rows = np.unique(index.codes[inside[:, None] + np.arange(length)], axis=0).astype("<u4")
    return [row.tobytes().decode("utf-32-le", "surrogatepass") for row in rows]
