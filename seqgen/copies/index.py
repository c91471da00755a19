"""Where stretches of a text stand in the training text: exact, for stretches of `length` characters or more.

Each STEP-th place of the text is indexed, by a hash of the k characters that begin there. A stretch of k + step - 1 characters
holds such a place whole wherever it begins; so that is the shortest which is found, and an eighth of the places are enough for
stretches of 20. A hash only says where to look: all that is found is compared with the text.

Shape legend: N characters of the text, P places that are indexed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.tokenizers.base import SPECIALS, UNK, Tokenizer

Codes = NDArray[np.uint32]
Places = NDArray[np.int64]

# Odd, so that no bit of a character is lost; its digits are those of the golden ratio.
BASE = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
MOST_STEP = 16
# Bits of a hash that are looked at first, at most.
MOST_HEAD = 26
NOWHERE: Places = np.zeros(0, dtype=np.int64)
# Characters whose hashes are made at once.
PIECE = 1 << 22


class CopyIndex:
    """An index of a text for stretches of `length` characters or more, where they stand.

    `codes` [N] are the numbers of the text's characters, in as few bytes as they take; `step` and `size`, k, are chosen.
    """

    def __init__(self, codes: NDArray[np.unsignedinteger], length: int) -> None:
        """`codes` are those of the text."""
        self.codes, self.length = codes, length
        self.step = max(1, min(MOST_STEP, (length - 4) // 2))
        self.size = length - self.step + 1
        count = max(0, (len(self.codes) - self.size) // self.step + 1)
        # A place in the low bits, its hash above: sorted, both are found with one search.
        self._bits = max(1, int(count).bit_length())
        self._packed = np.sort(self._keys(count))  # [P]
        # Which beginnings of hashes there are: most of what is looked for is told apart by them, without a search.
        self._shift = 64 - min(MOST_HEAD, 3 + self._bits)
        heads = np.zeros(1 << 64 - self._shift, dtype=np.uint8)
        heads[self._packed >> np.uint64(self._shift)] = 1
        self._heads = heads.data

    def find(self, hashed: int) -> Places:
        """The indexed places at which stretches of k characters with this hash begin, and now and then others."""
        if not self._heads[hashed >> self._shift]:
            return NOWHERE
        key = hashed >> self._bits << self._bits
        first = int(self._packed.searchsorted(np.uint64(key)))
        if first == len(self._packed) or int(self._packed[first]) >> self._bits != hashed >> self._bits:
            return NOWHERE
        last = int(self._packed.searchsorted(np.uint64(key + (1 << self._bits) - 1), side="right"))
        return self._places(self._packed[first:last])

    def find_all(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of hashes [T], which begin and how many follow among the indexed places: first and count of `place`, [T] each."""
        shift = np.uint64(self._bits)
        keys = hashes >> shift << shift
        first = self._packed.searchsorted(keys)
        last = self._packed.searchsorted(keys | np.uint64((1 << self._bits) - 1), side="right")
        return first, last - first

    def places(self, ranks: NDArray[np.int64]) -> Places:
        """The places of these ranks among all hashes."""
        return self._places(self._packed[ranks])

    def _places(self, packed: NDArray[np.uint64]) -> Places:
        return (packed & np.uint64((1 << self._bits) - 1)).astype(np.int64) * self.step

    def _keys(self, count: int) -> NDArray[np.uint64]:
        keys = np.empty(count, dtype=np.uint64)
        a_piece = max(1, PIECE // self.step)
        for start in range(0, count, a_piece):
            end = min(count, start + a_piece)
            hashed = np.zeros(end - start, dtype=np.uint64)
            for offset in range(self.size):
                here = self.codes[start * self.step + offset : (end - 1) * self.step + offset + 1 : self.step]
                hashed = hashed * np.uint64(BASE) + here
            shift = np.uint64(self._bits)
            keys[start:end] = hashed >> shift << shift | np.arange(start, end, dtype=np.uint64)
        return keys


def codes_of(text: str) -> Codes:
    """The numbers of a text's characters in Unicode."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def small_codes(texts: Iterable[str]) -> NDArray[np.unsignedinteger]:
    """The numbers of the characters of a text in parts, in the smallest type that holds them."""
    parts = [codes_of(text) for text in texts]
    kind = np.min_scalar_type(max((int(part.max()) for part in parts if len(part)), default=0))
    return np.concatenate([part.astype(kind) for part in parts]) if parts else np.zeros(0, dtype=kind)


def codes_of_ids(ids: NDArray[Any], tokenizer: Tokenizer) -> NDArray[np.unsignedinteger]:
    """The characters of a text that is there as ids."""
    if tokenizer.kind != "char":
        return small_codes([tokenizer.decode(ids)])
    # An id is a character: a table is many times faster than a text. Special ids, but for <unk>, are in no text.
    known = tokenizer.decode([UNK, *range(len(SPECIALS), len(tokenizer))])
    codes: NDArray[np.unsignedinteger] = small_codes([known[:1] * len(SPECIALS) + known[1:]])[ids]
    return codes


def hashes_of(codes: NDArray[np.unsignedinteger], size: int) -> NDArray[np.uint64]:
    """A hash of each stretch of `size` characters: the polynomial of its characters (Karp & Rabin 1987), modulo 2^64."""
    count = max(0, len(codes) - size + 1)
    hashed = np.zeros(count, dtype=np.uint64)
    for offset in range(size):
        hashed = hashed * np.uint64(BASE) + codes[offset : offset + count]
    return hashed
