"""Subwords of texts: byte pairs (Sennrich et al. 2016) or a unigram model (Kudo 2018), learnt by the SentencePiece library.

As in seqgen/tokenizers/sentencepiece.py, but a text is made of lines: a newline is a symbol, and so are the marks that end a
record and its label. The word that begins a line is the same piece as elsewhere, and the ids of lines one after another are
those of the text.

A prompt may end within what the model has learnt as one piece. Whoever goes on from it takes back the pieces that
`open_end` counts, and lets the model choose again among those that spell the same.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seqgen.tokenizers.base import BREAKS, normalise
from seqgen.tokenizers.sentencepiece import LEARNT_LINES, SentencePieceTokenizer, learnt

# The library leaves out longer lines when it learns: here they are learnt in parts.
PART = 4_000
# Characters to learn from: more hardly improve the vocabulary, and learning takes memory and time.
LEARNT_CHARACTERS = 5_000_000
# Lines below which threads cost more than they gain.
FEW_LINES = 64
_BREAK = re.compile(f"([{BREAKS}])")
# Pieces at the end of a prompt that may be the beginning of one.
MOST_TAKEN_BACK = 8


class BytePairTokenizer(SentencePieceTokenizer):
    """Pieces made by joining the most frequent pairs."""

    kind = "bpe"
    model_type = "bpe"

    @classmethod
    def train(cls, texts: Iterable[str], size: int | None = None) -> Self:
        """Learn at most `size` pieces from the lines of the texts: fewer where there are not that many.

        Raises ConfigError where the characters of the texts, the bytes and the special pieces alone exceed it.
        """
        parts = list(_parts(texts))
        every = max(1, len(parts) // LEARNT_LINES, sum(map(len, parts)) // LEARNT_CHARACTERS)
        return cls(learnt(parts[::every], size, cls.model_type, allow_whitespace_only_pieces=True))

    def encode(self, text: str) -> NDArray[np.int32]:
        """The ids of a text."""
        parts = _BREAK.split(normalise(text))
        lines, breaks = parts[::2], [*parts[1::2], ""]
        if len(lines) <= FEW_LINES:
            found = [super(BytePairTokenizer, self).encode(line) for line in lines]
        else:
            found = super().encode_all(lines)
        marks = [np.array([self._first_byte + ord(mark) for mark in one], dtype=np.int32) for one in breaks]
        return np.concatenate([part for pair in zip(found, marks, strict=True) for part in pair]).astype(np.int32)

    def encode_all(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """encode of many texts at once."""
        if any(_BREAK.search(text) for text in texts):
            return [self.encode(text) for text in texts]
        return super().encode_all(texts)

    def decoder(self) -> LineDecoder:
        """Holds bytes back until they make a character."""
        return LineDecoder(self._table())

    def symbol(self, id_: int) -> str:
        """The piece, a space shown as U+2581, what cannot be seen escaped."""
        return "\\n" if id_ == self._first_byte + ord("\n") else super().symbol(id_)

    def open_end(self, ids: NDArray[np.int32]) -> int:
        """How many of the last ids spell what a longer piece begins with, so that the model may have learnt that piece."""
        table, tail, found = self._table(), b"", 0
        for count, id_ in enumerate(ids[::-1][:MOST_TAKEN_BACK].tolist(), start=1):
            if id_ <= self._last_byte:
                break
            tail = table[id_] + tail
            place = bisect_right(self._sorted, tail)
            if place < len(self._sorted) and self._sorted[place].startswith(tail):
                found = count
        return found

    def spellings(self) -> Sequence[bytes]:
        """The bytes of each id."""
        return self._table()

    def first_spellings(self) -> Sequence[bytes]:
        """The word that begins a line is the same piece as elsewhere."""
        return [spelt.removeprefix(b" ") for spelt in self._table()]

    @cached_property
    def _first_byte(self) -> int:
        """The id of the byte 0; those of the others follow."""
        return self._table().index(b"\x00")

    @property
    def _last_byte(self) -> int:
        """The last of the ids that are no pieces of a text, but special or single bytes."""
        return self._first_byte + 255

    @cached_property
    def _sorted(self) -> list[bytes]:
        return sorted(self._table()[self._last_byte + 1 :])


class UnigramTokenizer(BytePairTokenizer):
    """Pieces chosen so that the text is most likely as a row of independent ones."""

    kind = "unigram"
    model_type = "unigram"


def _parts(texts: Iterable[str]) -> Iterator[str]:
    """The lines of texts, long ones in parts."""
    for text in texts:
        for line in _BREAK.split(normalise(text))[::2]:
            for start in range(0, len(line), PART):
                yield line[start : start + PART]


class LineDecoder:
    """Ids to text, one at a time."""

    def __init__(self, table: list[bytes]) -> None:
        self._table = table
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at_start = True

    def push(self, id_: int) -> str:
        """The characters that this piece completes, without the space that was put before a line."""
        text = self._decoder.decode(self._table[id_])
        if text:
            text, self._at_start = text.removeprefix(" ") if self._at_start else text, text[-1] in BREAKS
        return text

    def flush(self) -> str:
        """U+FFFD for what was never completed."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest
