"""Whether stretches of LENGTH characters stood in a text that is not there any more: the bits that their hashes set (Bloom
1970, "Space/time trade-offs in hash coding with allowable errors").

What is said not to stand there does not. Of what does not stand there, a small share is taken for a copy: `mistaken`.

Shape legend: N characters of the text, T characters of another one, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqgen.copies.index import BASE, PIECE, codes_of, hashes_of
from seqgen.copies.spans import Span
from seqgen.copies.symbols import Symbols
from seqgen.decode.rules.base import Rule

if TYPE_CHECKING:
    from seqgen.decode.rules.base import History, Logits, Rows

LENGTH = 20
# Bits for each stretch, at least, and bits that each sets.
BITS, PROBES = 16, 6
_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


class HashedText:
    """The bits [a power of two / 8] that the stretches of a text have set."""

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        self.bits = bits
        self._shift = np.uint64(64 - (8 * len(bits)).bit_length() + 1)

    @classmethod
    def of(cls, codes: NDArray[np.unsignedinteger]) -> HashedText:
        """Of the characters of a text [N]."""
        size = 1 << max(6, (BITS * max(1, len(codes)) - 1).bit_length())
        made = cls(np.zeros(size // 8, dtype=np.uint8))
        for start in range(0, len(codes), PIECE):
            hashes = hashes_of(codes[start : start + PIECE + LENGTH - 1].astype(np.uint32), LENGTH)
            for places in made._places(hashes):
                for bit in range(8):
                    # Bytes that are there twice get the same bit twice.
                    chosen = places[(places & np.uint64(7)) == bit] >> np.uint64(3)
                    made.bits[chosen] |= np.uint8(1 << bit)
        return made

    @property
    def mistaken(self) -> float:
        """Which share of other stretches is taken for a copy."""
        return float(np.unpackbits(self.bits[: 1 << 20]).mean()) ** PROBES

    def holds(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether stretches with these hashes [T] stood there."""
        found = np.ones(len(hashes), dtype=np.bool_)
        for places in self._places(hashes):
            found &= (self.bits[places >> np.uint64(3)] >> (places & np.uint64(7)).astype(np.uint8) & 1).astype(np.bool_)
        return found

    def spans(self, text: str) -> list[Span]:
        """The spans whose stretches all stood there, in order; where, nobody knows: -1."""
        found = self.holds(hashes_of(codes_of(text), LENGTH))
        edges = np.flatnonzero(np.diff(np.concatenate([[False], found, [False]]).astype(np.int8)))
        return [Span(begin, end + LENGTH - 1, -1) for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]

    def _places(self, hashes: NDArray[np.uint64]) -> list[NDArray[np.uint64]]:
        """The bits of each hash [T], PROBES times."""
        first, step = (hashes * np.uint64(multiplier) for multiplier in _MULTIPLIERS)
        step |= np.uint64(1)
        return [(first + np.uint64(probe) * step) >> self._shift for probe in range(PROBES)]


class NeverHashed:
    """What a vocabulary of characters or bytes may not write, by the hashes of the training text."""

    def __init__(self, hashed: HashedText, spellings: Sequence[bytes], most: int) -> None:
        assert most >= LENGTH
        self.hashed, self.most, self.symbols = hashed, most, Symbols(spellings, spellings)
        assert self.symbols.longest <= 1
        self._next: dict[bytes, tuple[NDArray[np.uint64], list[list[int]]]] = {}

    def next_codes(self, rest: bytes) -> tuple[NDArray[np.uint64], list[list[int]]]:
        """The characters that may come next behind unfinished bytes, and the ids that complete each."""
        if rest not in self._next:
            starting = self.symbols.behind(rest, False).starting
            codes = np.array([ord(character) for character in starting], dtype=np.uint64)
            self._next[rest] = codes, list(starting.values())
        return self._next[rest]

    def rule(self, before: str = "", given: str = "") -> Rule:
        """For rows that begin with the text `before`; symbols are whole characters, so that nothing has to be spelt again."""
        rows: list[_Row] = []

        def apply(logits: Logits, history: History) -> Logits:
            if len(rows) != len(logits):
                rows[:] = [_Row(self, before + given) for _ in range(len(logits))]
            else:
                for row, id_ in zip(rows, history[:, -1].tolist(), strict=True):
                    row.took(id_)
            for number, row in enumerate(rows):
                if forbidden := row.forbidden():
                    logits[number, forbidden] = -np.inf
            return logits

        def reorder(chosen: Rows) -> None:
            rows[:] = [rows[row].copy() for row in chosen.tolist()] if rows else []

        return Rule(apply, window=1, reorder=reorder, name="no_copy", bans=True)


class _Row:
    """One text that is being written: its last characters, and how many stretches in a row that end with them stood there."""

    def __init__(self, never: NeverHashed, before: str) -> None:
        self.never, self.rest = never, b""
        self.tail = codes_of(before[-never.most :]).tolist()
        held = never.hashed.holds(hashes_of(np.array(self.tail, dtype=np.uint32), LENGTH))
        self.in_a_row = next((count for count, one in enumerate(held[::-1].tolist()) if not one), len(held))

    def copy(self) -> _Row:
        made = _Row.__new__(_Row)
        made.never, made.rest, made.tail, made.in_a_row = self.never, self.rest, self.tail.copy(), self.in_a_row
        return made

    def took(self, id_: int) -> None:
        """One more symbol was written."""
        written = self.never.symbols.behind(self.rest, False)
        self.rest = written.rests[id_]
        for code in written.codes[id_]:
            self.tail = [*self.tail[-LENGTH + 1 :], code]
            hashes = hashes_of(np.array(self.tail, dtype=np.uint32), LENGTH)
            stands = len(hashes) > 0 and bool(self.never.hashed.holds(hashes)[0])
            self.in_a_row = self.in_a_row + 1 if stands else 0

    def forbidden(self) -> list[int]:
        """The ids that may not come next."""
        # With one more stretch in a row there would be so many characters.
        if self.in_a_row + LENGTH <= self.never.most or len(self.tail) < LENGTH - 1:
            return []
        codes, ids = self.never.next_codes(self.rest)
        before = int(hashes_of(np.array(self.tail[-LENGTH + 1 :], dtype=np.uint32), LENGTH - 1)[0])
        held = self.never.hashed.holds(np.uint64(before * BASE % (1 << 64)) + codes)
        return [id_ for place in np.flatnonzero(held).tolist() for id_ in ids[place]]
