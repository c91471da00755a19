"""The rule that never lets more than so many characters in a row be written that stand in the training text.

A symbol is forbidden exactly if it would end, or go beyond, a stretch of `most` + 1 characters that stands there; what lies
wholly in the prompt does not count. Mostly the end of what has been written stands nowhere in the text: then nothing is
forbidden, and one look into an index has shown it.

Shape legend: N rows, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from seqgen.copies.following import Follower, following
from seqgen.copies.index import CopyIndex
from seqgen.copies.spans import spans_of
from seqgen.copies.symbols import LongSymbols, Symbols
from seqgen.decode.rules.base import Rule
from seqgen.tokenizers.base import BREAKS, begins_anew

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seqgen.decode.rules.base import History, Logits, Rows

# The shortest stretches that are followed where symbols have several characters: shorter ones stand everywhere.
SHORTEST = 11
LEAST = 5
BREAK_CODES = frozenset(map(ord, BREAKS))


class Never(Protocol):
    """What knows what would be copied."""

    @property
    def most(self) -> int:
        """Characters in a row that may be copied."""
        ...

    def rule(self, before: str = "", given: str = "") -> Rule:
        """For rows that begin with the text `before`; what comes first spells `given`, which belongs to the prompt as well."""
        ...


class NeverCopied:
    """What a vocabulary may not write after some text; made once, for many texts."""

    def __init__(
        self, codes: NDArray[np.unsignedinteger], spellings: Sequence[bytes], most: int, first: Sequence[bytes] | None = None
    ) -> None:
        """`codes` are those of the training text's characters, `spellings` [V] the bytes that each id writes, and `first` those
        where a line begins, if they are others."""
        self.most, self.symbols = most, Symbols(spellings, spellings if first is None else first)
        longest = self.symbols.longest
        # A stretch of this length has to be followed, so that a symbol of `longest` characters is seen to prolong it.
        followed = max(most + 1 - longest, min(SHORTEST, max(LEAST, most - 3))) if longest > 1 else most
        self.index = CopyIndex(codes, followed)
        self._least = most + 2 - followed  # of the symbols that bring more than that index sees
        self.has_long = longest >= self._least > 1
        self._long: dict[bool, LongSymbols] = {}

    def long(self, is_first: bool) -> LongSymbols:
        """Of the symbols that the index does not see through, where a line begins or elsewhere."""
        is_first = is_first and not self.symbols.are_alike
        if is_first not in self._long:
            written = self.symbols.behind(b"", is_first)
            self._long[is_first] = LongSymbols(self.index, written, self._least, self.most + 1)
        return self._long[is_first]

    def rule(self, before: str = "", given: str = "") -> Rule:
        """For rows that begin with the text `before`; what comes first spells `given`, which belongs to the prompt as well."""
        rows: list[_Row] = []

        def apply(logits: Logits, history: History) -> Logits:
            if len(rows) != len(logits):
                rows[:] = [_Row(self, before, given) for _ in range(len(logits))]
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
    """One text that is being written."""

    def __init__(self, never: NeverCopied, before: str, given: str) -> None:
        self.never, self.given, self.rest = never, given, b""
        self.is_first = begins_anew(before)
        self.written = never.symbols.behind(self.rest, self.is_first)  # what each symbol would write here
        # What stands further back cannot be part of a stretch that is forbidden.
        self.tail = before[-never.most :]
        self.follower = Follower(never.index, self.tail)

    def copy(self) -> _Row:
        made = _Row.__new__(_Row)
        made.never, made.given, made.rest, made.tail = self.never, self.given, self.rest, self.tail
        made.is_first, made.written = self.is_first, self.written
        made.follower = self.follower.copy()
        return made

    def took(self, id_: int) -> None:
        """One more symbol was written."""
        written, rest, is_first = self.written, self.rest, self.is_first
        self.rest = written.rests[id_]
        for code in written.codes[id_]:
            self.follower.push(code)
            self.is_first = code in BREAK_CODES
        if self.rest != rest or self.is_first != is_first:
            self.written = self.never.symbols.behind(self.rest, self.is_first)
        if self.given or self.never.has_long:
            text = written.texts[id_]
            self.given, self.tail = self.given[len(text) :], (self.tail + text)[-self.never.most :]

    def forbidden(self) -> list[int]:
        """The ids that may not come next."""
        never, follower = self.never, self.follower
        if self.given:
            return self._beyond_prompt()
        missing = never.most + 1 - follower.longest
        if missing > never.symbols.longest and not never.has_long:
            return []
        ids: set[int] = set()
        if missing <= never.symbols.longest:
            # What was spelt again of a prompt may be part of a longer stretch.
            each = np.maximum(never.most + 1 - follower.lengths, 1)
            counts = [1] if never.symbols.longest == 1 else np.unique(each[each <= never.symbols.longest]).tolist()
            for count in counts:
                for text in following(never.index, follower.places[each == count], count):
                    ids.update(self.written.starting.get(text, ()))
        if never.has_long:
            long = never.long(self.is_first)
            # Behind an unfinished character a symbol of characters is behind U+FFFD.
            ids.update(long.whole if self.rest else long.forbidden(self.tail))
        return sorted(ids)

    def _beyond_prompt(self) -> list[int]:
        """Of the symbols that spell the rest of the prompt and more, those that copy beyond it."""
        never, end = self.never, len(self.tail) + len(self.given)
        found = []
        for id_ in self.written.starting.get(self.given, ()):
            spans = spans_of(self.tail + self.written.texts[id_], never.index)
            if any(span.end > end and span.end - span.begin > never.most for span in spans):
                found.append(id_)
        return found
